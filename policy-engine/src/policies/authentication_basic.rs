//! `authentication-basic`: name and password for the backend. Inbound, every scope; also a child of `send-request`.
//!
//! Replaces `Authorization` of the request at once: what follows in the text sees it and may replace it again. Both parts are
//! UTF-8. Follows the public page `authentication-basic-policy`.
use http::header;

use super::shared::basic::{BASIC_ATTRIBUTES, Basic};
use super::shared::places::{EVERY_SCOPE, INBOUND};
use crate::compile::{Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::{Op, Step};
use crate::run::{Cx, Flow, StepResult};

pub(super) struct AuthenticationBasic;

const SPEC: Spec = Spec {
    element: "authentication-basic",
    summary: "shows the backend a name and a password",
    sections: INBOUND,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: BASIC_ATTRIBUTES,
    content: Content::Empty,
    example: r#"<authentication-basic username="gateway" password="{{backend-password}}" />"#,
};

impl Policy for AuthenticationBasic {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        Basic::compile(node).map(|basic| Op::step(Compiled(basic)))
    }
}

struct Compiled(Basic);

impl Step for Compiled {
    fn run(&self, cx: &mut Cx<'_>) -> StepResult {
        let value = self.0.evaluate(cx)?;
        cx.state.request.headers.insert(header::AUTHORIZATION, value);
        Ok(Flow::Continue)
    }
}
