//! `send-one-way-request`: tells another service something and goes on at once. Every section, every scope.
//!
//! URL, headers and body are evaluated before the next policy runs; what becomes of the request never reaches on-error. Follows
//! the public page `send-one-way-request-policy`.
use super::shared::outgoing::{CHILDREN, MODE, Outgoing, TIMEOUT_ATTRIBUTE};
use super::shared::places::{EVERY_SCOPE, EVERY_SECTION};
use crate::compile::{Node, Policy, Refused, Repeat, Spec};
use crate::program::{AsyncStep, Op};
use crate::run::{Cx, Eventually, Flow, StepResult};

pub(super) struct SendOneWayRequest;

const SPEC: Spec = Spec {
    element: "send-one-way-request",
    summary: "sends a request and does not wait for its response",
    sections: EVERY_SECTION,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[MODE, TIMEOUT_ATTRIBUTE],
    content: CHILDREN,
    example: r#"<send-one-way-request mode="new"><set-url>https://audit.example/calls</set-url><set-method>POST</set-method><set-body>@(context.RequestId.ToString())</set-body></send-one-way-request>"#,
};

impl Policy for SendOneWayRequest {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        Outgoing::compile(node).map(|outgoing| Op::async_step(Compiled(outgoing)))
    }
}

struct Compiled(Outgoing);

impl AsyncStep for Compiled {
    fn run<'r>(&'r self, cx: &'r mut Cx<'_>) -> Eventually<'r, StepResult> {
        Eventually::pending(async move {
            let request = self.0.prepare(cx).await?;
            cx.host.send_and_forget(request);
            Ok(Flow::Continue)
        })
    }
}
