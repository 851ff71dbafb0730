//! `set-status`: changes status code and reason of the response; headers and body stay. Every section, every scope.
//!
//! Before there is a response it sets the status of the response to be; `forward-request` replaces that.
use super::shared::message_edit::{STATUS_ATTRIBUTES, StatusEdit};
use super::shared::places::{EVERY_SCOPE, EVERY_SECTION};
use crate::compile::{Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::{Op, Step};
use crate::run::{Cx, Flow, StepResult};

pub(super) struct SetStatus;

const SPEC: Spec = Spec {
    element: "set-status",
    summary: "changes the status of the response",
    sections: EVERY_SECTION,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: STATUS_ATTRIBUTES,
    content: Content::Empty,
    example: r#"<set-status code="401" reason="Unauthorized" />"#,
};

impl Policy for SetStatus {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        StatusEdit::compile(node).map(|edit| Op::step(Compiled(edit)))
    }
}

struct Compiled(StatusEdit);

impl Step for Compiled {
    fn run(&self, cx: &mut Cx<'_>) -> StepResult {
        let (status, reason) = self.0.evaluate(cx)?;
        let response = cx.state.response_mut();
        (response.status, response.reason) = (status, reason);
        Ok(Flow::Continue)
    }
}
