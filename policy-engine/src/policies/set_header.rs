//! `set-header`: adds, replaces or removes a header: of the request in inbound and backend, of the response in outbound and
//! on-error. Every section, every scope.
//!
//! Several values make one comma-separated line, except for headers whose lines must stay apart (`Set-Cookie`, dates ...).
//! `Connection`, `Content-Length`, `Keep-Alive` and `Transfer-Encoding` are the gateway's own: no effect, with a warning.
//! `override` without a value removes the header.
use super::shared::message_edit::{HEADER_ATTRIBUTES, HEADER_CONTENT, HeaderEdit};
use super::shared::places::{EVERY_SCOPE, EVERY_SECTION};
use crate::compile::{Node, Policy, Refused, Repeat, Spec};
use crate::program::{Op, Step};
use crate::run::{Cx, Flow, StepResult};

pub(super) struct SetHeader;

const SPEC: Spec = Spec {
    element: "set-header",
    summary: "changes a header of the request or the response",
    sections: EVERY_SECTION,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: HEADER_ATTRIBUTES,
    content: HEADER_CONTENT,
    example: r#"<set-header name="X-Trail" exists-action="append"><value>edge</value></set-header>"#,
};

impl Policy for SetHeader {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        HeaderEdit::compile(node).map(|edit| Op::step(Compiled(edit)))
    }
}

struct Compiled(HeaderEdit);

impl Step for Compiled {
    fn run(&self, cx: &mut Cx<'_>) -> StepResult {
        let change = self.0.evaluate(cx)?;
        if cx.on_request() {
            cx.state.request.keep_host |= change.name == http::header::HOST;
            change.apply(&mut cx.state.request.headers);
        } else {
            change.apply(&mut cx.state.response_mut().headers);
        }
        Ok(Flow::Continue)
    }
}
