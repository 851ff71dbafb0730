//! `set-variable`: gives a value to a variable of the request. Every section, every scope.
//!
//! A literal is stored as a string, an expression's value as it is, `null` too. Variables live for the whole request, on-error
//! included; their names are case-sensitive.
use std::sync::Arc;

use dotnet::Value;

use super::shared::places::{EVERY_SCOPE, EVERY_SECTION};
use crate::compile::{AttributeSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::{Attr, Op, Step};
use crate::run::{Cx, Flow, StepResult};

pub(super) struct SetVariable;

const SPEC: Spec = Spec {
    element: "set-variable",
    summary: "sets a variable",
    sections: EVERY_SECTION,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[
        AttributeSpec::required("name", "name of the variable").literal(),
        AttributeSpec::required("value", "its value"),
    ],
    content: Content::Empty,
    example: r#"<set-variable name="caller" value="@(context.Request.IpAddress)" />"#,
};

impl Policy for SetVariable {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let name = node.literal("name");
        let value = node.required("value");
        Ok(Op::step(Compiled { name: name?, value: value? }))
    }
}

struct Compiled {
    name: Arc<str>,
    value: Attr<Value>,
}

impl Step for Compiled {
    fn run(&self, cx: &mut Cx<'_>) -> StepResult {
        let value = self.value.get(cx)?.into_owned();
        cx.state.variables.set(&self.name, value);
        Ok(Flow::Continue)
    }
}
