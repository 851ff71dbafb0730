//! `find-and-replace`: replaces a text in the body: of the request in inbound and backend, of the response in outbound and
//! on-error. Every section, every scope.
//!
//! All occurrences, to the letter. The body is held in memory, so that an occurrence may straddle chunks; a compressed one is
//! decoded. A body that is not UTF-8 text or does not hold the text stays as it came, as does one that is not there; headers and
//! URL are not touched. Follows the public page `find-and-replace-policy`.
use bytes::Bytes;

use super::shared::places::{EVERY_SCOPE, EVERY_SECTION};
use crate::compile::{AttributeSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::diagnostics::codes;
use crate::program::{AsyncStep, Attr, Op};
use crate::run::{Cx, Eventually, Flow, MAX_HELD_BODY, PolicyError, StepResult};

pub(super) struct FindAndReplace;

const SPEC: Spec = Spec {
    element: "find-and-replace",
    summary: "replaces a text in the body of the request or the response",
    sections: EVERY_SECTION,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[
        AttributeSpec::required("from", "text to look for"),
        AttributeSpec::required("to", "text to put in its place, possibly empty"),
    ],
    content: Content::Empty,
    example: r#"<find-and-replace from="http://internal" to="https://api.example" />"#,
};

impl Policy for FindAndReplace {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let from = node.required::<String>("from");
        let to = node.required("to");
        let from = from?;
        if from.constant().is_some_and(String::is_empty) {
            let message = "attribute `from` is empty, there is nothing to look for".into();
            return node.fail_attribute(codes::BAD_VALUE, "from", message, None);
        }
        Ok(Op::async_step(Compiled { from, to: to? }))
    }
}

struct Compiled {
    from: Attr<String>,
    to: Attr<String>,
}

impl AsyncStep for Compiled {
    fn run<'r>(&'r self, cx: &'r mut Cx<'_>) -> Eventually<'r, StepResult> {
        if !cx.is_streaming() {
            return Eventually::Ready(self.replace(cx));
        }
        Eventually::pending(async move {
            cx.hold_body().await?;
            self.replace(cx)
        })
    }
}

impl Compiled {
    fn replace(&self, cx: &mut Cx<'_>) -> StepResult {
        let from = self.from.text(cx)?.unwrap_or_default();
        let to = self.to.text(cx)?.unwrap_or_default();
        if from.is_empty() {
            return Err(PolicyError::evaluation("There is nothing to look for, `from` is empty."));
        }
        let Some(bytes) = cx.plain_body()? else { return Ok(Flow::Continue) };
        if let Some(text) = std::str::from_utf8(&bytes).ok().filter(|text| text.contains(&*from)) {
            cx.set_body(replaced(text, &from, &to)?);
        }
        Ok(Flow::Continue)
    }
}

/// Counted first, so that a short text cannot grow into one that fills the memory.
fn replaced(text: &str, from: &str, to: &str) -> Result<Bytes, PolicyError> {
    let found = text.matches(from).count();
    let size = text.len().saturating_add(found.saturating_mul(to.len()));
    if size.saturating_sub(found.saturating_mul(from.len())) > MAX_HELD_BODY {
        let text = format!("the replaced body would be larger than {MAX_HELD_BODY} bytes");
        return Err(PolicyError::internal("BodyTooLarge", text));
    }
    Ok(Bytes::from(text.replace(from, to)))
}
