//! `cache-remove-value`: removes a value from the cache; one that is not there is no error. Every section, every scope.
//!
//! Responses of `cache-store` have other keys and cannot be removed. Follows the public page `cache-remove-value-policy`.
use super::shared::cached::{CACHING_TYPE, read_caching_type, value_key};
use super::shared::places::{EVERY_SCOPE, EVERY_SECTION};
use crate::compile::{AttributeSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::{AsyncStep, Attr, Op};
use crate::run::{Cx, Eventually, Flow, StepResult};

pub(super) struct CacheRemoveValue;

const SPEC: Spec = Spec {
    element: "cache-remove-value",
    summary: "removes a value from the cache",
    sections: EVERY_SECTION,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[AttributeSpec::required("key", "key of the value"), CACHING_TYPE],
    content: Content::Empty,
    example: r#"<cache-remove-value key="greeting" />"#,
};

impl Policy for CacheRemoveValue {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let key = node.required("key");
        let cached = read_caching_type(node);
        Ok(Op::async_step(Compiled { key: key?, cached: cached? }))
    }
}

struct Compiled {
    key: Attr<String>,
    cached: bool,
}

impl AsyncStep for Compiled {
    fn run<'r>(&'r self, cx: &'r mut Cx<'_>) -> Eventually<'r, StepResult> {
        let key = match self.key.text(cx) {
            Ok(key) => value_key(&key.unwrap_or_default()),
            Err(error) => return Eventually::Ready(Err(error)),
        };
        if !self.cached || cx.host.cache().remove(&key).now().is_some() {
            return Eventually::Ready(Ok(Flow::Continue));
        }
        Eventually::pending(async move {
            cx.host.cache().remove(&key).get().await;
            Ok(Flow::Continue)
        })
    }
}
