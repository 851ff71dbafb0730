//! `set-body`: a new body for the request (inbound, backend) or the response (outbound, on-error). Every section, every scope.
//!
//! The whole text is built in memory; `Content-Length` follows, `Content-Type` stays as it is. Literal text is kept to the letter,
//! markup included; white space around an expression is not part of it; `null` is an empty body. Liquid templates are refused.
use super::shared::message_edit::{BODY_ATTRIBUTES, BodyEdit};
use super::shared::places::{EVERY_SCOPE, EVERY_SECTION};
use crate::compile::{Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::{Op, Step};
use crate::run::{Cx, Flow, StepResult};

pub(super) struct SetBody;

const SPEC: Spec = Spec {
    element: "set-body",
    summary: "replaces the body of the request or the response",
    sections: EVERY_SECTION,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: BODY_ATTRIBUTES,
    content: Content::Verbatim,
    example: r#"<set-body>@(context.Response.Body.As<string>().ToUpper())</set-body>"#,
};

impl Policy for SetBody {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        BodyEdit::compile(node).map(|edit| Op::step(Compiled(edit)))
    }
}

struct Compiled(BodyEdit);

impl Step for Compiled {
    fn run(&self, cx: &mut Cx<'_>) -> StepResult {
        let body = self.0.evaluate(cx)?;
        cx.set_body(body);
        Ok(Flow::Continue)
    }
}
