//! `cache-value`: a value from the cache, made by the policies inside when it is not there or due. Every section, every scope.
//!
//! Up to `refresh-after` the cached value is used and nothing inside runs. After that the policies run to set the variable anew; if
//! they leave it unset the cached value is used until `expires-after`. A value that is set and not `null` is stored; both times are
//! evaluated again then. Without any value the variable gets `default-value`. Known from the policy toolkit only.
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use dotnet::Value;

use super::shared::cached::{CACHING_TYPE, decode, encode, read_caching_type};
use super::shared::places::{EVERY_SCOPE, EVERY_SECTION};
use crate::compile::{AttributeSpec, ChildSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::diagnostics::codes;
use crate::program::{AsyncStep, Attr, Block, Op};
use crate::run::{Cx, Eventually, Flow, PolicyError, StepResult};

pub(super) struct CacheValue;

/// Without `expires-after`, as the toolkit's emulator does.
const EXPIRES_AFTER: i64 = 28_800;
const TICKS_PER_SECOND: i64 = 10_000_000;

const SPEC: Spec = Spec {
    element: "cache-value",
    summary: "a value from the cache, made anew by the policies inside when it is due",
    sections: EVERY_SECTION,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[
        AttributeSpec::required("key", "key of the value"),
        AttributeSpec::required("variable-name", "variable that gets the value, and that the policies inside set")
            .literal(),
        AttributeSpec::optional("expires-after", "seconds the value is kept (default 28800)"),
        AttributeSpec::optional(
            "refresh-after",
            "seconds until it is made anew; 0 is always (default `expires-after`)",
        ),
        AttributeSpec::optional("default-value", "value where there is none and the policies inside set none"),
        CACHING_TYPE,
    ],
    content: Content::Children(&[ChildSpec::maybe("value", &[], Content::Policies).at_least(1)]),
    example: r#"<cache-value key="greeting" variable-name="greeting" expires-after="60"><value><set-variable name="greeting" value="hello" /></value></cache-value>"#,
};

impl Policy for CacheValue {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let key = node.required("key");
        let variable = node.literal("variable-name");
        let expires = node.or("expires-after", EXPIRES_AFTER);
        let refresh = node.optional("refresh-after");
        let default = node.optional("default-value");
        let cached = read_caching_type(node);
        let Some(block) = node.child("value", |value| value.block())? else {
            return node.fail(codes::MISSING_CHILD, "`cache-value` needs a child `value`", None);
        };
        Ok(Op::async_step(Compiled {
            key: key?,
            variable: variable?,
            expires: expires?,
            refresh: refresh?,
            default: default?,
            cached: cached?,
            block,
        }))
    }
}

struct Compiled {
    key: Attr<String>,
    variable: Arc<str>,
    expires: Attr<i64>,
    refresh: Option<Attr<i64>>,
    default: Option<Attr<Value>>,
    cached: bool,
    block: Block,
}

impl AsyncStep for Compiled {
    fn run<'r>(&'r self, cx: &'r mut Cx<'_>) -> Eventually<'r, StepResult> {
        Eventually::pending(self.value(cx))
    }
}

impl Compiled {
    async fn value(&self, cx: &mut Cx<'_>) -> StepResult {
        let key = format!("block\u{1f}{}", self.key.text(cx)?.unwrap_or_default());
        let found = if self.cached { cx.host.cache().get(&key).get().await } else { None };
        let found = found.and_then(|bytes| read(cx, bytes));
        if let Some((stored, value)) = &found {
            let refresh = match &self.refresh {
                Some(refresh) => *refresh.get(cx)?,
                None => *self.expires.get(cx)?,
            };
            if cx.host.utc_ticks().saturating_sub(*stored) < refresh.saturating_mul(TICKS_PER_SECOND) {
                cx.state.variables.set(&self.variable, value.clone());
                return Ok(Flow::Continue);
            }
        }
        let before = cx.state.variables.remove(&self.variable);
        let flow = cx.run_block(&self.block).await?;
        if flow != Flow::Continue {
            return Ok(flow);
        }
        if let Some(value) = cx.state.variables.get(&self.variable).cloned() {
            self.store(cx, &key, &value).await?;
            return Ok(Flow::Continue);
        }
        let value = match (found, &self.default) {
            (Some((_, stale)), _) => Some(stale),
            (None, Some(default)) => Some(default.get(cx)?.into_owned()),
            (None, None) => before,
        };
        if let Some(value) = value {
            cx.state.variables.set(&self.variable, value);
        }
        Ok(Flow::Continue)
    }

    async fn store(&self, cx: &mut Cx<'_>, key: &str, value: &Value) -> Result<(), PolicyError> {
        let seconds = u64::try_from(*self.expires.get(cx)?).unwrap_or(0);
        let Some(bytes) = encode(cx, value)?.filter(|_| self.cached && seconds > 0) else { return Ok(()) };
        let mut entry = BytesMut::new();
        entry.put_i64(cx.host.utc_ticks());
        entry.put(bytes);
        cx.host.cache().put(key, entry.freeze(), Duration::from_secs(seconds)).get().await;
        Ok(())
    }
}

/// When it was stored, and the value.
fn read(cx: &mut Cx<'_>, mut bytes: Bytes) -> Option<(i64, Value)> {
    let stored = bytes.try_get_i64().ok()?;
    Some((stored, decode(cx, &bytes)?))
}
