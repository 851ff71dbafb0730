//! `set-method`: changes the method of the request; the body is kept. Every section, every scope.
//!
//! The name is written in capitals. One that is no HTTP token is a load error, or a fault where it comes from an expression.
use http::Method;

use super::shared::places::{EVERY_SCOPE, EVERY_SECTION};
use crate::compile::{Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::{Attr, Op, Step};
use crate::run::{Cx, Flow, StepResult};

pub(super) struct SetMethod;

const SPEC: Spec = Spec {
    element: "set-method",
    summary: "changes the method of the request",
    sections: EVERY_SECTION,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[],
    content: Content::Text,
    example: "<set-method>POST</set-method>",
};

impl Policy for SetMethod {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        Ok(Op::step(Compiled(node.text()?)))
    }
}

struct Compiled(Attr<Method>);

impl Step for Compiled {
    fn run(&self, cx: &mut Cx<'_>) -> StepResult {
        cx.state.request.method = self.0.get(cx)?.into_owned();
        Ok(Flow::Continue)
    }
}
