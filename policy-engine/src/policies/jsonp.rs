//! `jsonp`: wraps a JSON response in the call of a function whose name the caller gives in the query. Outbound, once a section;
//! every scope.
//!
//! Without the parameter nothing happens. A name that is no JavaScript identifier (dots may join several) is a fault, so that the
//! reply cannot be made to run anything else. Follows the public page `jsonp-policy`.
use super::shared::convert::put;
use super::shared::media;
use super::shared::places::EVERY_SCOPE;
use crate::compile::{AttributeSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::context::url::pairs;
use crate::program::{AsyncStep, Attr, Op, Section};
use crate::run::{Cx, Eventually, Flow, PolicyError, StepResult};

pub(super) struct Jsonp;

const SPEC: Spec = Spec {
    element: "jsonp",
    summary: "wraps a JSON response in a call of the caller's function",
    sections: &[Section::Outbound],
    scopes: EVERY_SCOPE,
    repeat: Repeat::OncePerSection,
    attributes: &[AttributeSpec::required("callback-parameter-name", "query parameter that holds the function's name")],
    content: Content::Empty,
    example: r#"<jsonp callback-parameter-name="cb" />"#,
};

impl Policy for Jsonp {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        Ok(Op::async_step(Compiled { parameter: node.required("callback-parameter-name")? }))
    }
}

struct Compiled {
    parameter: Attr<String>,
}

impl AsyncStep for Compiled {
    fn run<'r>(&'r self, cx: &'r mut Cx<'_>) -> Eventually<'r, StepResult> {
        let function = match self.function(cx) {
            Ok(Some(function)) => function,
            Ok(None) => return Eventually::Ready(Ok(Flow::Continue)),
            Err(error) => return Eventually::Ready(Err(error)),
        };
        Eventually::pending(async move {
            cx.hold_body().await?;
            let Some(bytes) = cx.plain_body()? else { return Ok(Flow::Continue) };
            let text = format!("{function}({});", String::from_utf8_lossy(&bytes));
            put(cx, text, "application/javascript")
        })
    }
}

impl Compiled {
    /// The function to call; none where nobody asks for one or the response is no JSON.
    fn function(&self, cx: &mut Cx<'_>) -> Result<Option<String>, PolicyError> {
        let parameter = self.parameter.text(cx)?.unwrap_or_default();
        let given = pairs(&cx.state.original.query).find(|(name, _)| *name == parameter).map(|(_, v)| v.into_owned());
        let is_json = cx.headers().is_some_and(|headers| media::is_json(media::of(headers)));
        let Some(function) = given.filter(|_| is_json) else { return Ok(None) };
        if function.split('.').all(is_identifier) {
            return Ok(Some(function));
        }
        let message = format!("Value of callback parameter {parameter} is not a valid JavaScript identifier.");
        Err(PolicyError::refusal(400, "CallbackParameterInvalid", message))
    }
}

fn is_identifier(text: &str) -> bool {
    let fits = |letter: char| letter == '_' || letter == '$' || letter.is_alphanumeric();
    text.chars().all(fits) && text.chars().next().is_some_and(|first| !first.is_numeric())
}
