//! `retry`: runs what it holds, and again as long as the condition is true. Every section, every scope, any policies inside.
//!
//! `count` is the number of retries: at most `count` + 1 runs. The condition is evaluated after each run, also after a run that
//! failed: if it is true and retries are left, the fault is forgotten; otherwise it goes on. The wait before retry n is
//! `interval`; with `delta` it grows linearly; with `max-interval` too it grows exponentially up to that. The exponent counts
//! from zero, as the figures of the documentation's page need.
use std::time::Duration;

use super::shared::places::{EVERY_SCOPE, EVERY_SECTION};
use crate::compile::{AttributeSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::diagnostics::codes;
use crate::program::{AsyncStep, Attr, Block, Op};
use crate::run::{Cx, Eventually, Flow, PolicyError, Seconds, StepResult, io_fault};

pub(super) struct Retry;

/// Bounds of `count`.
const COUNT: std::ops::RangeInclusive<i64> = 1..=50;

const SPEC: Spec = Spec {
    element: "retry",
    summary: "runs policies again as long as a condition holds",
    sections: EVERY_SECTION,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[
        AttributeSpec::required("condition", "`true` means: once more"),
        AttributeSpec::required("count", "retries, 1 to 50"),
        AttributeSpec::required("interval", "seconds between runs"),
        AttributeSpec::optional("max-interval", "longest wait in seconds; with `delta` the wait grows exponentially"),
        AttributeSpec::optional("delta", "growth of the wait in seconds"),
        AttributeSpec::optional("first-fast-retry", "does the first retry come at once (default `false`)?"),
    ],
    content: Content::Policies,
    example: r#"<retry condition="@(context.Response.StatusCode == 503)" count="3" interval="1"><forward-request buffer-request-body="true" /></retry>"#,
};

impl Policy for Retry {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let condition = node.required("condition");
        let count: Result<Attr<i64>, Refused> = node.required("count");
        let interval = node.required("interval");
        let max_interval = node.optional("max-interval");
        let delta = node.optional("delta");
        let fast = node.or("first-fast-retry", false);
        let block = node.block();
        let count = count?;
        if let Some(bad) = count.constant().filter(|count| !COUNT.contains(count)) {
            return node.fail_attribute(
                codes::BAD_VALUE,
                "count",
                format!("attribute `count` is {bad}, expected 1 to 50"),
                None,
            );
        }
        let waits = Waits { interval: interval?, max_interval: max_interval?, delta: delta?, fast: fast? };
        Ok(Op::async_step(Compiled { condition: condition?, count, waits, block: block? }))
    }
}

struct Compiled {
    condition: Attr<bool>,
    count: Attr<i64>,
    waits: Waits,
    block: Block,
}

struct Waits {
    interval: Attr<Seconds>,
    max_interval: Option<Attr<Seconds>>,
    delta: Option<Attr<Seconds>>,
    fast: Attr<bool>,
}

impl AsyncStep for Compiled {
    fn run<'r>(&'r self, cx: &'r mut Cx<'_>) -> Eventually<'r, StepResult> {
        Eventually::pending(self.repeat(cx))
    }
}

impl Compiled {
    async fn repeat(&self, cx: &mut Cx<'_>) -> StepResult {
        let series = self.waits.evaluate(cx)?;
        let count = (*self.count.get(cx)?).clamp(*COUNT.start(), *COUNT.end());
        let mut retry = 0;
        loop {
            let result = cx.run_block(&self.block).await;
            match &result {
                Ok(Flow::Continue) => {}
                Ok(_) => return result,
                Err(error) if error.is_client_gone() => return result,
                Err(error) => cx.state.last_error = Some(error.last_error()),
            }
            let again = self.condition.get(cx).map(|again| *again);
            match (&result, again) {
                (_, Ok(true)) if retry < count => {}
                (Err(_), _) => return result,
                (Ok(_), Err(error)) => return Err(error),
                (Ok(_), Ok(_)) => return Ok(Flow::Continue),
            }
            cx.state.last_error = None;
            retry = retry.saturating_add(1);
            let wait = series.before(retry, cx.host.random());
            if !wait.is_zero() {
                cx.host.sleep(wait).await.map_err(|e| io_fault(&e))?;
            }
        }
    }
}

impl Waits {
    fn evaluate(&self, cx: &mut Cx<'_>) -> Result<Series, PolicyError> {
        let mut optional = |attr: &Option<Attr<Seconds>>| attr.as_ref().map(|a| a.get(cx).map(|s| s.0)).transpose();
        let (max_interval, delta) = (optional(&self.max_interval)?, optional(&self.delta)?);
        Ok(Series { interval: self.interval.get(cx)?.0, max_interval, delta, fast: *self.fast.get(cx)? })
    }
}

struct Series {
    interval: Duration,
    max_interval: Option<Duration>,
    delta: Option<Duration>,
    fast: bool,
}

impl Series {
    /// Wait before retry `n` (counted from 1). `chance` spreads the exponential growth by a fifth to both sides.
    fn before(&self, n: i64, chance: u64) -> Duration {
        if self.fast && n == 1 {
            return Duration::ZERO;
        }
        let steps = u32::try_from(n.saturating_sub(1)).unwrap_or(0);
        match (self.delta, self.max_interval) {
            (None, None) => self.interval,
            (None, Some(max)) => self.interval.min(max),
            (Some(delta), None) => self.interval.saturating_add(delta.saturating_mul(steps)),
            (Some(delta), Some(max)) => {
                let spread = 0.8 + 0.4 * ((chance >> 11) as f64 / (1_u64 << 53) as f64);
                let growth = (2_f64.powi(steps.try_into().unwrap_or(0)) - 1.0) * delta.as_secs_f64() * spread;
                self.interval.saturating_add(Duration::try_from_secs_f64(growth).unwrap_or(max)).min(max)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(interval: u64, max: Option<u64>, delta: Option<u64>) -> Series {
        Series {
            interval: Duration::from_secs(interval),
            max_interval: max.map(Duration::from_secs),
            delta: delta.map(Duration::from_secs),
            fast: false,
        }
    }

    #[test]
    fn waits_follow_the_documentation() {
        let seconds =
            |s: &Series| (1..=6).map(|n| s.before(n, u64::MAX / 2).as_secs_f64().round() as u64).collect::<Vec<_>>();
        assert_eq!(seconds(&series(10, None, None)), [10; 6]);
        assert_eq!(seconds(&series(10, None, Some(5))), [10, 15, 20, 25, 30, 35]);
        assert_eq!(seconds(&series(10, Some(100), Some(10))), [10, 20, 40, 80, 100, 100]);
        assert_eq!(seconds(&series(10, Some(4), None)), [4; 6]);
        let fast = Series { fast: true, ..series(3, None, None) };
        assert_eq!((fast.before(1, 0), fast.before(2, 0)), (Duration::ZERO, Duration::from_secs(3)));
    }

    #[test]
    fn spread_stays_within_a_fifth() {
        let s = series(0, Some(1000), Some(10));
        assert_eq!(s.before(2, 0), Duration::from_secs(8));
        assert!(s.before(2, u64::MAX) <= Duration::from_secs(12));
    }
}
