//! `cache-lookup-value`: gets a value from the cache into a variable. Every section, every scope; also inside of `wait`.
//!
//! On a miss the variable gets `default-value`; without one it stays as it was, so that `ContainsKey` tells a hit (the public page
//! contradicts itself there; samples rely on this). The value comes back with the type it was stored with. Follows the public
//! page `cache-lookup-value-policy`.
use std::sync::Arc;

use bytes::Bytes;
use dotnet::Value;

use super::shared::cached::{CACHING_TYPE, decode, read_caching_type, value_key};
use super::shared::places::{EVERY_SCOPE, EVERY_SECTION};
use crate::compile::{AttributeSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::{AsyncStep, Attr, Op};
use crate::run::{Cx, Eventually, Flow, StepResult};

pub(super) struct CacheLookupValue;

const SPEC: Spec = Spec {
    element: "cache-lookup-value",
    summary: "gets a value from the cache into a variable",
    sections: EVERY_SECTION,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[
        AttributeSpec::required("key", "key of the value"),
        AttributeSpec::required("variable-name", "variable that gets the value").literal(),
        AttributeSpec::optional("default-value", "value on a miss; without it the variable is not set"),
        CACHING_TYPE,
    ],
    content: Content::Empty,
    example: r#"<cache-lookup-value key="@("token-" + context.Subscription.Id)" variable-name="token" />"#,
};

impl Policy for CacheLookupValue {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let key = node.required("key");
        let variable = node.literal("variable-name");
        let default = node.optional("default-value");
        let cached = read_caching_type(node);
        Ok(Op::async_step(Compiled { key: key?, variable: variable?, default: default?, cached: cached? }))
    }
}

struct Compiled {
    key: Attr<String>,
    variable: Arc<str>,
    default: Option<Attr<Value>>,
    cached: bool,
}

impl AsyncStep for Compiled {
    fn run<'r>(&'r self, cx: &'r mut Cx<'_>) -> Eventually<'r, StepResult> {
        let key = match self.key.text(cx) {
            Ok(key) => value_key(&key.unwrap_or_default()),
            Err(error) => return Eventually::Ready(Err(error)),
        };
        if !self.cached {
            return Eventually::Ready(self.conclude(cx, None));
        }
        if let Some(found) = cx.host.cache().get(&key).now() {
            return Eventually::Ready(self.conclude(cx, found));
        }
        Eventually::pending(async move {
            let found = cx.host.cache().get(&key).get().await;
            self.conclude(cx, found)
        })
    }
}

impl Compiled {
    fn conclude(&self, cx: &mut Cx<'_>, found: Option<Bytes>) -> StepResult {
        let value = match (found.and_then(|bytes| decode(cx, &bytes)), &self.default) {
            (Some(value), _) => value,
            (None, Some(default)) => default.get(cx)?.into_owned(),
            (None, None) => return Ok(Flow::Continue),
        };
        cx.state.variables.set(&self.variable, value);
        Ok(Flow::Continue)
    }
}
