//! `rate-limit-by-key`: at most so many calls for a key in any window. Inbound, every scope, repeatable.
//!
//! One counter per key value for the whole gateway: the same value at two places shares it; different periods are different
//! windows. An increment whose condition or amount looks at `context.Response` is counted when the final status is known; the
//! check still happens here, so bursts can pass meanwhile (documented). A `null` key is the empty key.
//! Follows the public page `rate-limit-by-key-policy`.
use std::time::Duration;

use super::shared::increment::{INCREMENT_CONDITION, INCREMENT_COUNT, Increment};
use super::shared::places::{EVERY_SCOPE, INBOUND};
use super::shared::rate::{
    MAX_PERIOD, REMAINING_HEADER, REMAINING_VARIABLE, RETRY_AFTER_HEADER, RETRY_AFTER_VARIABLE, TOTAL_HEADER, Telling,
    check_period,
};
use crate::compile::{AttributeSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::diagnostics::codes;
use crate::host::{Count, Window};
use crate::program::{AsyncStep, Attr, Op};
use crate::run::{AfterResponse, Cx, Eventually, PolicyError, StepResult};

pub(super) struct RateLimitByKey;

const SPEC: Spec = Spec {
    element: "rate-limit-by-key",
    summary: "limits the calls for a key in a sliding window",
    sections: INBOUND,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[
        AttributeSpec::required("calls", "calls in the window"),
        AttributeSpec::required("renewal-period", "length of the window in seconds, at most 300"),
        AttributeSpec::required("counter-key", "whose calls are counted"),
        INCREMENT_CONDITION,
        INCREMENT_COUNT,
        AttributeSpec::optional("increment-after-response", "count when the response is known?").literal(),
        AttributeSpec::optional("flexible-retry-window", "accepted, without effect").literal(),
        RETRY_AFTER_HEADER,
        RETRY_AFTER_VARIABLE,
        REMAINING_HEADER,
        REMAINING_VARIABLE,
        TOTAL_HEADER,
    ],
    content: Content::Empty,
    example: r#"<rate-limit-by-key calls="10" renewal-period="60" counter-key="@(context.Request.IpAddress)" />"#,
};

impl Policy for RateLimitByKey {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let calls = node.required::<i64>("calls");
        let period = node.required::<u64>("renewal-period");
        let key = node.required("counter-key");
        let increment = Increment::compile(node);
        let late = node.literal_or("increment-after-response", false);
        let flexible = node.literal_or("flexible-retry-window", false);
        let telling = Telling::read(node);
        let (calls, period) = (calls?, period?);
        if calls.constant().is_some_and(|calls| *calls < 1) {
            let message = "attribute `calls` is below 1, nothing would ever pass".into();
            return node.fail_attribute(codes::BAD_VALUE, "calls", message, None);
        }
        if let Some(seconds) = period.constant() {
            check_period(node, *seconds)?;
        }
        flexible?;
        let increment = increment?;
        let deferred = late? || increment.reads_response();
        Ok(Op::async_step(Compiled { calls, period, key: key?, increment, deferred, telling: telling? }))
    }
}

struct Compiled {
    calls: Attr<i64>,
    period: Attr<u64>,
    key: Attr<String>,
    increment: Increment,
    deferred: bool,
    telling: Telling,
}

/// A counter and what is asked of it.
struct Asked {
    key: String,
    calls: u64,
    period: Duration,
    amount: u64,
}

impl Asked {
    fn window(&self) -> Window<'_> {
        Window { key: &self.key, calls: self.calls, period: self.period }
    }
}

impl AsyncStep for Compiled {
    fn run<'r>(&'r self, cx: &'r mut Cx<'_>) -> Eventually<'r, StepResult> {
        let asked = match self.ask(cx) {
            Ok(asked) => asked,
            Err(error) => return Eventually::Ready(Err(error)),
        };
        let now = cx.host.utc_ticks();
        if let Some(count) = cx.host.counters().take(asked.window(), asked.amount, now).now() {
            return Eventually::Ready(self.conclude(cx, asked, count));
        }
        Eventually::pending(async move {
            let count = cx.host.counters().take(asked.window(), asked.amount, now).get().await;
            self.conclude(cx, asked, count)
        })
    }
}

impl Compiled {
    fn ask(&self, cx: &mut Cx<'_>) -> Result<Asked, PolicyError> {
        let calls = u64::try_from(*self.calls.get(cx)?).unwrap_or(0);
        let period = *self.period.get(cx)?;
        if !(1..=MAX_PERIOD).contains(&period) {
            let text = format!("The renewal period is {period}, expected 1 to {MAX_PERIOD} seconds.");
            return Err(PolicyError::evaluation(&text));
        }
        let key = self.key.text(cx)?.unwrap_or_default();
        let key = format!("rate-limit-by-key\u{1f}{key}");
        let amount = if self.deferred { 0 } else { self.increment.evaluate(cx)? };
        Ok(Asked { key, calls, period: Duration::from_secs(period), amount })
    }

    fn conclude(&self, cx: &mut Cx<'_>, asked: Asked, count: Count) -> StepResult {
        let calls = asked.calls;
        if count.allowed && self.deferred {
            cx.state.after.push(Box::new(Later { asked, increment: self.increment.clone() }));
        }
        self.telling.conclude(cx, count, calls)
    }
}

/// The increment that waits for the final status.
struct Later {
    asked: Asked,
    increment: Increment,
}

impl AfterResponse for Later {
    fn run<'c>(self: Box<Self>, cx: &'c mut Cx<'_>) -> Eventually<'c, Result<(), PolicyError>>
    where
        Self: 'c,
    {
        let amount = match self.increment.evaluate(cx) {
            Ok(0) => return Eventually::Ready(Ok(())),
            Ok(amount) => amount,
            Err(error) => return Eventually::Ready(Err(error)),
        };
        let now = cx.host.utc_ticks();
        if cx.host.counters().add(self.asked.window(), amount, now).now().is_some() {
            return Eventually::Ready(Ok(()));
        }
        Eventually::pending(async move {
            cx.host.counters().add(self.asked.window(), amount, now).get().await;
            Ok(())
        })
    }
}
