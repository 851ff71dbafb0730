//! `emit-metric`: counts a value under a name and dimensions. Every section, every scope.
//!
//! The value goes to the gateway's own metrics (number and sum of the values). A dimension without a value is one of the default
//! ones, read from the request; what a request does not have is empty text. Follows the public page `emit-metric-policy`.
use std::sync::Arc;

use super::shared::places::{EVERY_SCOPE, EVERY_SECTION};
use crate::compile::{AttributeSpec, ChildSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::diagnostics::codes;
use crate::host::Metric;
use crate::program::{Attr, Op, Step};
use crate::run::{Cx, EvalState, Flow, PolicyError, StepResult};

pub(super) struct EmitMetric;

const SPEC: Spec = Spec {
    element: "emit-metric",
    summary: "counts a value under a name and dimensions",
    sections: EVERY_SECTION,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[
        AttributeSpec::required("name", "name of the metric").literal(),
        AttributeSpec::optional("namespace", "namespace of the metric (default `API Management`)").literal(),
        AttributeSpec::optional("value", "the value (default 1)"),
    ],
    content: Content::Children(&[ChildSpec::many(
        "dimension",
        &[
            AttributeSpec::required("name", "name of the dimension"),
            AttributeSpec::optional("value", "its value; only default dimensions go without"),
        ],
        Content::Empty,
    )
    .at_least(1)]),
    example: r#"<emit-metric name="Requests" namespace="orders" value="1"><dimension name="API ID" /><dimension name="Client" value="@(context.Request.IpAddress)" /></emit-metric>"#,
};

/// Dimensions of the author's own (documented).
const MAX_OWN: usize = 10;
/// Dimensions that need no value.
const DEFAULTS: [&str; 7] =
    ["API ID", "Operation ID", "Product ID", "User ID", "Subscription ID", "Location", "Gateway ID"];

impl Policy for EmitMetric {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let name = node.literal("name");
        let namespace = node.literal_or("namespace", Arc::from("API Management"));
        let value = node.or("value", 1.0);
        let dimensions = node.each("dimension", |dimension| {
            let (name, value): (Attr<String>, _) = (dimension.required("name")?, dimension.optional("value"));
            let value: Option<Attr<String>> = value?;
            if value.is_none() && name.constant().is_some_and(|name| !DEFAULTS.contains(&name.as_str())) {
                let help = format!("only these go without a value: {}", DEFAULTS.join(", "));
                return dimension.fail(
                    codes::MISSING_ATTRIBUTE,
                    "this dimension needs the attribute `value`",
                    Some(&help),
                );
            }
            Ok((name, value))
        });
        let dimensions = dimensions?;
        if dimensions.iter().filter(|(_, value)| value.is_some()).count() > MAX_OWN {
            return node.fail(codes::REPEATED_CHILD, format!("more than {MAX_OWN} dimensions of its own"), None);
        }
        Ok(Op::step(Compiled { name: name?, namespace: namespace?, value: value?, dimensions }))
    }
}

struct Compiled {
    name: Arc<str>,
    namespace: Arc<str>,
    value: Attr<f64>,
    dimensions: Vec<(Attr<String>, Option<Attr<String>>)>,
}

impl Step for Compiled {
    fn run(&self, cx: &mut Cx<'_>) -> StepResult {
        let value = *self.value.get(cx)?;
        let mut dimensions = Vec::with_capacity(self.dimensions.len());
        for (name, value) in &self.dimensions {
            let name = name.text(cx)?.unwrap_or_default().into_owned();
            let value = match value {
                Some(value) => value.text(cx)?.unwrap_or_default().into_owned(),
                None => default(cx.state, &name)
                    .ok_or_else(|| PolicyError::evaluation(&format!("The dimension {name} needs a value.")))?,
            };
            dimensions.push((name, value));
        }
        cx.host.measure(&Metric { namespace: &self.namespace, name: &self.name, value, dimensions: &dimensions });
        Ok(Flow::Continue)
    }
}

/// The value of a default dimension; `None` where it is none.
fn default(state: &EvalState, name: &str) -> Option<String> {
    let facts = &state.facts;
    let text = match name {
        "API ID" => facts.api.as_ref().map(|api| api.id.as_str()),
        "Operation ID" => facts.operation.as_ref().map(|operation| operation.id.as_str()),
        "Product ID" => facts.product.as_ref().map(|product| product.id.as_str()),
        "User ID" => facts.user.as_ref().map(|user| user.id.as_str()),
        "Subscription ID" => facts.subscription.as_ref().map(|subscription| subscription.id.as_str()),
        "Location" => Some(facts.deployment.region.as_str()),
        "Gateway ID" => Some(facts.deployment.gateway_id.as_str()),
        _ => return None,
    };
    Some(text.unwrap_or_default().to_owned())
}
