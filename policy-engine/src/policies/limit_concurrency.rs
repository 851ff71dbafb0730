//! `limit-concurrency`: runs what it holds while fewer than so many requests are inside. Every section, every scope, any policies
//! inside.
//!
//! Nobody queues: where no place is free the request is refused at once. The place is given back on every way out, also when the
//! client goes away. The same key of two APIs is two limits, as observed; counting is by process. Follows the public page
//! `limit-concurrency-policy`.
use super::shared::places::{EVERY_SCOPE, EVERY_SECTION};
use crate::compile::{AttributeSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::{AsyncStep, Attr, Block, Op};
use crate::run::{Cx, Eventually, PolicyError, StepResult};

pub(super) struct LimitConcurrency;

const SPEC: Spec = Spec {
    element: "limit-concurrency",
    summary: "limits how many requests are inside at once",
    sections: EVERY_SECTION,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[
        AttributeSpec::required("key", "whose requests are counted together"),
        AttributeSpec::required("max-count", "requests that may be inside").literal(),
    ],
    content: Content::Policies,
    example: r#"<limit-concurrency key="orders" max-count="3"><forward-request timeout="20" /></limit-concurrency>"#,
};

impl Policy for LimitConcurrency {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let key = node.required("key");
        let most = node.literal("max-count");
        let block = node.block();
        Ok(Op::async_step(Compiled { key: key?, most: most?, block: block? }))
    }
}

struct Compiled {
    key: Attr<String>,
    most: u64,
    block: Block,
}

impl AsyncStep for Compiled {
    fn run<'r>(&'r self, cx: &'r mut Cx<'_>) -> Eventually<'r, StepResult> {
        Eventually::pending(self.within(cx))
    }
}

impl Compiled {
    async fn within(&self, cx: &mut Cx<'_>) -> StepResult {
        let key = self.key.text(cx)?.unwrap_or_default();
        let api = cx.state.facts.api.as_ref().map_or("", |api| api.id.as_str());
        let key = format!("limit-concurrency\u{1f}{api}\u{1f}{key}");
        let Some(permit) = cx.host.totals().permit(&key, self.most) else {
            return Err(PolicyError::refusal(429, "ConcurrencyLimitExceeded", "Concurrency limit exceeded"));
        };
        let result = cx.run_block(&self.block).await;
        drop(permit);
        result
    }
}
