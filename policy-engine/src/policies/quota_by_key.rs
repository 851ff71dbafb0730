//! `quota-by-key`: so many calls or kilobytes of a key in a period. Inbound, every scope, any number.
//!
//! Keys count across all APIs; a period of another length or start is another total. A key is counted once a request, however many
//! policies name it. An increment whose condition or amount looks at `context.Response` is counted when the final status is known;
//! the check still happens here. Totals live in memory. Follows the public page `quota-by-key-policy`.
use super::shared::increment::{INCREMENT_CONDITION, INCREMENT_COUNT, Increment};
use super::shared::places::{EVERY_SCOPE, INBOUND};
use super::shared::quota::{Amounts, BANDWIDTH, CALLS, Span, meter, pass, ticks_of};
use crate::compile::{AttributeSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::diagnostics::codes;
use crate::host::Total;
use crate::program::{AsyncStep, Attr, Op};
use crate::run::{AfterResponse, Cx, Eventually, Flow, PolicyError, StepResult};

pub(super) struct QuotaByKey;

/// Shortest period in seconds (documented).
const MIN_PERIOD: u64 = 300;

const SPEC: Spec = Spec {
    element: "quota-by-key",
    summary: "limits calls or bandwidth of a key in a fixed period",
    sections: INBOUND,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[
        CALLS,
        BANDWIDTH,
        AttributeSpec::required("renewal-period", "length of the period in seconds, at least 300; 0 never ends")
            .literal(),
        AttributeSpec::required("counter-key", "whose calls are counted"),
        INCREMENT_CONDITION,
        INCREMENT_COUNT,
        AttributeSpec::optional("first-period-start", "when the first period starts, such as `2024-01-01T00:00:00Z`")
            .literal(),
    ],
    content: Content::Empty,
    example: r#"<quota-by-key calls="10000" bandwidth="40000" renewal-period="3600" counter-key="@(context.Request.IpAddress)" />"#,
};

impl Policy for QuotaByKey {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let amounts = Amounts::read(node);
        let period = node.literal::<u64>("renewal-period");
        let key = node.required("counter-key");
        let increment = Increment::compile(node);
        let start = start(node);
        let period = period?;
        if (1..MIN_PERIOD).contains(&period) {
            let message =
                format!("attribute `renewal-period` is {period}, expected 0 or at least {MIN_PERIOD} seconds");
            return node.fail_attribute(
                codes::BAD_VALUE,
                "renewal-period",
                message,
                Some("rate limits have shorter periods"),
            );
        }
        let increment = increment?;
        let deferred = increment.reads_response();
        Ok(Op::async_step(Compiled { amounts: amounts?, period, key: key?, increment, deferred, start: start? }))
    }
}

/// Ticks of `first-period-start`.
fn start(node: &mut Node<'_, '_>) -> Result<i64, Refused> {
    let Some(text) = node.literal_or_none::<String>("first-period-start")? else { return Ok(0) };
    if let Some(ticks) = ticks_of(text.trim()) {
        return Ok(ticks);
    }
    let message = format!("attribute `first-period-start` is `{text}`, expected a time such as `2024-01-01T00:00:00Z`");
    node.fail_attribute(codes::BAD_VALUE, "first-period-start", message, None)
}

struct Compiled {
    amounts: Amounts,
    period: u64,
    key: Attr<String>,
    increment: Increment,
    deferred: bool,
    start: i64,
}

impl AsyncStep for Compiled {
    fn run<'r>(&'r self, cx: &'r mut Cx<'_>) -> Eventually<'r, StepResult> {
        Eventually::pending(self.check(cx))
    }
}

impl Compiled {
    async fn check(&self, cx: &mut Cx<'_>) -> StepResult {
        let now = cx.host.utc_ticks();
        let key = format!("quota-by-key\u{1f}{}", self.key.text(cx)?.unwrap_or_default());
        let span = Span::around(now, &key, self.start, self.period);
        let total = span.calls();
        if cx.state.counted.contains(&total.key) {
            pass(cx.host.totals(), &span, self.amounts.counted_already(), 0, now).await?;
            meter(cx, &span, self.amounts);
            return Ok(Flow::Continue);
        }
        let amount = if self.deferred { 0 } else { self.increment.evaluate(cx)? };
        pass(cx.host.totals(), &span, self.amounts, amount, now).await?;
        meter(cx, &span, self.amounts);
        if self.deferred {
            cx.state.after.push(Box::new(Later { total, increment: self.increment.clone() }));
        } else if amount > 0 {
            cx.state.counted.push(total.key);
        }
        Ok(Flow::Continue)
    }
}

/// The increment that waits for the final status.
struct Later {
    total: Total,
    increment: Increment,
}

impl AfterResponse for Later {
    fn run<'c>(self: Box<Self>, cx: &'c mut Cx<'_>) -> Eventually<'c, Result<(), PolicyError>>
    where
        Self: 'c,
    {
        let amount = match self.increment.evaluate(cx) {
            Ok(amount) if amount > 0 && !cx.state.counted.contains(&self.total.key) => amount,
            Ok(_) => return Eventually::Ready(Ok(())),
            Err(error) => return Eventually::Ready(Err(error)),
        };
        cx.state.counted.push(self.total.key.clone());
        Eventually::pending(async move {
            let now = cx.host.utc_ticks();
            cx.host.totals().tally(&self.total, amount, now).get().await;
            Ok(())
        })
    }
}
