//! `quota`: so many calls or kilobytes of a subscription in a period. Inbound; product scope; once a document.
//!
//! Periods follow each other from the subscription's start (its creation, else year 1); a period of 0 never ends. Children set
//! further quotas for an API or an operation; each is a total of its own and a request must pass all that match it. Without a
//! subscription the policy does nothing. Totals live in memory. Follows the public page `quota-policy`.
use super::shared::limits::Name;
use super::shared::places::INBOUND;
use super::shared::quota::{Amounts, BANDWIDTH, CALLS, Span, meter, pass, ticks_of};
use crate::compile::{AttributeSpec, ChildSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::{AsyncStep, Op, Scope};
use crate::run::{Cx, EvalState, Eventually, Flow, StepResult};

pub(super) struct Quota;

const CHILD: &[AttributeSpec] = &[
    AttributeSpec::optional("name", "display name").literal(),
    AttributeSpec::optional("id", "resource name; wins over `name`").literal(),
    CALLS,
    BANDWIDTH,
    AttributeSpec::optional("renewal-period", "length of the period in seconds; else that of the element around")
        .literal(),
];

const SPEC: Spec = Spec {
    element: "quota",
    summary: "limits calls or bandwidth of a subscription in a fixed period",
    sections: INBOUND,
    scopes: &[Scope::Product],
    repeat: Repeat::OncePerDocument,
    attributes: &[
        CALLS,
        BANDWIDTH,
        AttributeSpec::required("renewal-period", "length of the period in seconds; 0 never ends").literal(),
    ],
    content: Content::Children(&[ChildSpec::many(
        "api",
        CHILD,
        Content::Children(&[ChildSpec::many("operation", CHILD, Content::Empty)]),
    )]),
    example: r#"<quota calls="10000" bandwidth="40000" renewal-period="3600" />"#,
};

impl Policy for Quota {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let own = limit(node, 0);
        let period = own.as_ref().map_or(0, |l| l.period);
        let apis = node.each("api", |api| {
            let (name, own) = (Name::read(api), limit(api, period));
            let outer = own.as_ref().map_or(period, |l| l.period);
            let operations = api.each("operation", |operation| {
                let (name, own) = (Name::read(operation), limit(operation, outer));
                Ok((name?, own?))
            });
            Ok(ApiLimit { name: name?, own: own?, operations: operations? })
        });
        Ok(Op::async_step(Compiled { own: own?, apis: apis? }))
    }
}

fn limit(node: &mut Node<'_, '_>, around: u64) -> Result<Limit, Refused> {
    let amounts = Amounts::read(node);
    let period = node.literal_or("renewal-period", around);
    Ok(Limit { amounts: amounts?, period: period? })
}

struct Limit {
    amounts: Amounts,
    period: u64,
}

struct ApiLimit {
    name: Name,
    own: Limit,
    operations: Vec<(Name, Limit)>,
}

struct Compiled {
    own: Limit,
    apis: Vec<ApiLimit>,
}

impl AsyncStep for Compiled {
    fn run<'r>(&'r self, cx: &'r mut Cx<'_>) -> Eventually<'r, StepResult> {
        let now = cx.host.utc_ticks();
        let spans = self.spans(cx.state, now);
        if spans.is_empty() {
            return Eventually::Ready(Ok(Flow::Continue));
        }
        Eventually::pending(async move {
            // Looks at all, then counts all; what another request takes in between errs on the strict side.
            for calls in [0, 1] {
                for (span, limit) in &spans {
                    pass(cx.host.totals(), span, limit.amounts, calls, now).await?;
                }
            }
            for (span, limit) in &spans {
                meter(cx, span, limit.amounts);
            }
            Ok(Flow::Continue)
        })
    }
}

impl Compiled {
    /// The spans whose quotas this request must pass.
    fn spans(&self, state: &EvalState, now: i64) -> Vec<(Span, &Limit)> {
        let facts = &state.facts;
        let Some(subscription) = &facts.subscription else { return Vec::new() };
        let dates = [&subscription.start_date, &subscription.created_date];
        let start = dates.into_iter().flatten().find_map(|text| ticks_of(text)).unwrap_or(0);
        let (api, operation) = (facts.api.as_deref(), facts.operation.as_deref());
        let api_id = api.map_or("", |a| a.id.as_str());
        let operation_id = operation.map_or("", |o| o.id.as_str());
        let product = facts.product.as_ref().map_or("", |p| p.id.as_str());
        let base = format!("quota\u{1f}{}\u{1f}{product}", subscription.id.as_str());
        let mut all = vec![(Span::around(now, &base, start, self.own.period), &self.own)];
        for limits in self.apis.iter().filter(|l| api.is_some_and(|a| l.name.fits(api_id, &a.display_name))) {
            let key = format!("{base}\u{1f}{api_id}");
            all.push((Span::around(now, &key, start, limits.own.period), &limits.own));
            for (name, limit) in &limits.operations {
                if operation.is_some_and(|o| name.fits(operation_id, &o.display_name)) {
                    let key = format!("{base}\u{1f}{api_id}\u{1f}{operation_id}");
                    all.push((Span::around(now, &key, start, limit.period), limit));
                }
            }
        }
        all
    }
}
