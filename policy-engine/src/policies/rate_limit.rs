//! `rate-limit`: at most so many calls of a subscription in any window. Inbound; product, API and operation scope; once a document.
//!
//! Children set further limits for an API or an operation; each limit is a counter of its own, and a request must pass all that
//! match it. Without a subscription the policy does nothing. A refused request is not counted. Two definitions (say, of a product
//! and of an API) count apart. Follows the public page `rate-limit-policy`.
use std::time::Duration;

use super::shared::limits::Name;
use super::shared::places::{INBOUND, NARROW_SCOPES};
use super::shared::rate::{
    REMAINING_HEADER, REMAINING_VARIABLE, RETRY_AFTER_HEADER, RETRY_AFTER_VARIABLE, TOTAL_HEADER, Telling, check_period,
};
use crate::compile::{AttributeSpec, ChildSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::diagnostics::codes;
use crate::host::{Count, Window};
use crate::program::{AsyncStep, Op, Scope};
use crate::run::{Cx, EvalState, Eventually, Flow, StepResult};

pub(super) struct RateLimit;

const CHILD: &[AttributeSpec] = &[
    AttributeSpec::optional("name", "display name").literal(),
    AttributeSpec::optional("id", "resource name; wins over `name`").literal(),
    AttributeSpec::required("calls", "calls in the window").literal(),
    AttributeSpec::optional("renewal-period", "length of the window in seconds").literal(),
];

const SPEC: Spec = Spec {
    element: "rate-limit",
    summary: "limits the calls of a subscription in a sliding window",
    sections: INBOUND,
    scopes: NARROW_SCOPES,
    repeat: Repeat::OncePerDocument,
    attributes: &[
        AttributeSpec::required("calls", "calls in the window").literal(),
        AttributeSpec::required("renewal-period", "length of the window in seconds, at most 300").literal(),
        RETRY_AFTER_HEADER,
        RETRY_AFTER_VARIABLE,
        REMAINING_HEADER,
        REMAINING_VARIABLE,
        TOTAL_HEADER,
    ],
    content: Content::Children(&[ChildSpec::many(
        "api",
        CHILD,
        Content::Children(&[ChildSpec::many("operation", CHILD, Content::Empty)]),
    )]),
    example: r#"<rate-limit calls="20" renewal-period="90" remaining-calls-header-name="X-Remaining" />"#,
};

impl Policy for RateLimit {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let own = limit(node, None);
        let period = own.as_ref().ok().map(|l| l.period);
        let apis = node.each("api", |api| {
            let (name, own) = (Name::read(api), limit(api, period));
            let outer = own.as_ref().ok().map(|l| l.period);
            let operations = api.each("operation", |operation| {
                let (name, own) = (Name::read(operation), limit(operation, outer));
                Ok((name?, own?))
            });
            Ok(ApiLimit { name: name?, own: own?, operations: operations? })
        });
        let telling = Telling::read(node);
        Ok(Op::async_step(Compiled { scope: node.scope(), own: own?, apis: apis?, telling: telling? }))
    }
}

/// Calls and period of the element; a child without a period takes that around it.
fn limit(node: &mut Node<'_, '_>, around: Option<Duration>) -> Result<Limit, Refused> {
    let calls: Result<u64, Refused> = node.literal("calls");
    let period: Result<Option<u64>, Refused> = node.literal_or_none("renewal-period");
    let calls = calls?;
    if calls == 0 {
        return node.fail_attribute(
            codes::BAD_VALUE,
            "calls",
            "attribute `calls` is 0, expected at least 1".into(),
            None,
        );
    }
    let period = match (period?, around) {
        (Some(seconds), _) => check_period(node, seconds)?,
        (None, Some(around)) => {
            let help = "write `renewal-period`; the documentation requires it here too";
            node.warn(
                codes::MISSING_ATTRIBUTE,
                "`renewal-period` is missing, that of the element around is taken",
                help,
            );
            around
        }
        (None, None) => return Err(Refused),
    };
    Ok(Limit { calls, period })
}

struct Limit {
    calls: u64,
    period: Duration,
}

struct ApiLimit {
    name: Name,
    own: Limit,
    operations: Vec<(Name, Limit)>,
}

struct Compiled {
    scope: Scope,
    own: Limit,
    apis: Vec<ApiLimit>,
    telling: Telling,
}

impl AsyncStep for Compiled {
    fn run<'r>(&'r self, cx: &'r mut Cx<'_>) -> Eventually<'r, StepResult> {
        let windows = self.windows(cx.state);
        let now = cx.host.utc_ticks();
        if let [(key, limit)] = windows.as_slice() {
            // One limit in memory is counted in one step, without a future.
            if let Some(count) = cx.host.counters().take(limit.window(key), 1, now).now() {
                return Eventually::Ready(self.telling.conclude(cx, count, limit.calls));
            }
        }
        if windows.is_empty() {
            return Eventually::Ready(Ok(Flow::Continue));
        }
        Eventually::pending(self.take_all(cx, windows, now))
    }
}

impl Limit {
    fn window<'k>(&self, key: &'k str) -> Window<'k> {
        Window { key, calls: self.calls, period: self.period }
    }
}

impl Compiled {
    /// The counters that this request must pass, with their keys.
    fn windows<'s>(&'s self, state: &EvalState) -> Vec<(String, &'s Limit)> {
        let facts = &state.facts;
        let Some(subscription) = &facts.subscription else { return Vec::new() };
        let (api, operation) = (facts.api.as_deref(), facts.operation.as_deref());
        let api_id = api.map_or("", |a| a.id.as_str());
        let operation_id = operation.map_or("", |o| o.id.as_str());
        let entity = match self.scope {
            Scope::Product => facts.product.as_ref().map_or("", |p| p.id.as_str()).to_owned(),
            Scope::Api => api_id.to_owned(),
            _ => format!("{api_id}/{operation_id}"),
        };
        let base = format!("rate-limit\u{1f}{}\u{1f}{}\u{1f}{entity}", subscription.id.as_str(), self.scope.as_str());
        let mut all = vec![(base.clone(), &self.own)];
        for limits in self.apis.iter().filter(|l| api.is_some_and(|a| l.name.fits(api_id, &a.display_name))) {
            all.push((format!("{base}\u{1f}{api_id}"), &limits.own));
            for (name, limit) in &limits.operations {
                if operation.is_some_and(|o| name.fits(operation_id, &o.display_name)) {
                    all.push((format!("{base}\u{1f}{api_id}\u{1f}{operation_id}"), limit));
                }
            }
        }
        all
    }

    /// Looks at all, then counts all; what another request takes in between errs on the strict side.
    async fn take_all(&self, cx: &mut Cx<'_>, windows: Vec<(String, &Limit)>, now: i64) -> StepResult {
        let mut tightest: Option<(Count, u64)> = None;
        for amount in [0, 1] {
            tightest = None;
            for (key, limit) in &windows {
                let count = cx.host.counters().take(limit.window(key), amount, now).get().await;
                if !count.allowed {
                    return self.telling.conclude(cx, count, limit.calls);
                }
                if tightest.is_none_or(|(t, _)| count.remaining < t.remaining) {
                    tightest = Some((count, limit.calls));
                }
            }
        }
        match tightest {
            Some((count, calls)) => self.telling.conclude(cx, count, calls),
            None => Ok(Flow::Continue),
        }
    }
}
