//! `cache-store-value`: keeps a value in the cache for a time. Every section, every scope.
//!
//! Numbers, texts, dates, JSON, XML, bytes and responses keep their type; values of other types cannot be cached and are a fault.
//! `null` is not stored and removes nothing; a duration of 0 or less stores nothing. Follows the public page
//! `cache-store-value-policy`; its notes "GET only" and "once" belong to another policy and are not followed.
use std::time::Duration;

use bytes::Bytes;
use dotnet::Value;

use super::shared::cached::{CACHING_TYPE, encode, read_caching_type, value_key};
use super::shared::places::{EVERY_SCOPE, EVERY_SECTION};
use crate::compile::{AttributeSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::{AsyncStep, Attr, Op};
use crate::run::{Cx, Eventually, Flow, PolicyError, StepResult};

pub(super) struct CacheStoreValue;

const SPEC: Spec = Spec {
    element: "cache-store-value",
    summary: "keeps a value in the cache",
    sections: EVERY_SECTION,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[
        AttributeSpec::required("key", "key of the value"),
        AttributeSpec::required("value", "the value"),
        AttributeSpec::required("duration", "seconds to keep it"),
        CACHING_TYPE,
    ],
    content: Content::Empty,
    example: r#"<cache-store-value key="greeting" value="@(context.Request.Method)" duration="60" />"#,
};

impl Policy for CacheStoreValue {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let key = node.required("key");
        let value = node.required("value");
        let duration = node.required("duration");
        let cached = read_caching_type(node);
        Ok(Op::async_step(Compiled { key: key?, value: value?, duration: duration?, cached: cached? }))
    }
}

struct Compiled {
    key: Attr<String>,
    value: Attr<Value>,
    duration: Attr<i64>,
    cached: bool,
}

impl AsyncStep for Compiled {
    fn run<'r>(&'r self, cx: &'r mut Cx<'_>) -> Eventually<'r, StepResult> {
        let (key, bytes, time) = match self.entry(cx) {
            Ok(Some(entry)) => entry,
            Ok(None) => return Eventually::Ready(Ok(Flow::Continue)),
            Err(error) => return Eventually::Ready(Err(error)),
        };
        if cx.host.cache().put(&key, bytes.clone(), time).now().is_some() {
            return Eventually::Ready(Ok(Flow::Continue));
        }
        Eventually::pending(async move {
            cx.host.cache().put(&key, bytes, time).get().await;
            Ok(Flow::Continue)
        })
    }
}

impl Compiled {
    fn entry(&self, cx: &mut Cx<'_>) -> Result<Option<(String, Bytes, Duration)>, PolicyError> {
        let key = value_key(&self.key.text(cx)?.unwrap_or_default());
        let value = self.value.get(cx)?.into_owned();
        let seconds = u64::try_from(*self.duration.get(cx)?).unwrap_or(0);
        let bytes = encode(cx, &value)?.filter(|_| self.cached && seconds > 0);
        Ok(bytes.map(|bytes| (key, bytes, Duration::from_secs(seconds))))
    }
}
