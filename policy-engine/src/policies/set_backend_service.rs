//! `set-backend-service`: the base that the request is sent to. Every section, every scope (the page lists inbound and backend).
//!
//! Only the base changes: path below the API and query stay. The last one wins, with one exception: a `base-url` of a narrower
//! scope does not win over a `backend-id` that an inherited document set. Service Fabric and Dapr targets are refused.
use std::sync::Arc;

use super::shared::places::{EVERY_SCOPE, EVERY_SECTION};
use crate::compile::{AttributeSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::diagnostics::codes;
use crate::program::{Attr, AttrValue, Op, Step};
use crate::run::{Base, Cx, Flow, PolicyError, StepResult};

pub(super) struct SetBackendService;

/// Attributes of targets that are not run.
const FOREIGN: [&str; 8] = [
    "sf-resolve-condition",
    "sf-service-instance-name",
    "sf-partition-key",
    "sf-listener-name",
    "sf-replica-type",
    "dapr-app-id",
    "dapr-method",
    "dapr-namespace",
];

const SPEC: Spec = Spec {
    element: "set-backend-service",
    summary: "changes where the request is sent",
    sections: EVERY_SECTION,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[
        AttributeSpec::optional("base-url", "absolute URL; either this or `backend-id`"),
        AttributeSpec::optional("backend-id", "id of a backend or pool"),
        AttributeSpec::optional("sf-resolve-condition", "Service Fabric; not supported"),
        AttributeSpec::optional("sf-service-instance-name", "Service Fabric; not supported"),
        AttributeSpec::optional("sf-partition-key", "Service Fabric; not supported"),
        AttributeSpec::optional("sf-listener-name", "Service Fabric; not supported"),
        AttributeSpec::optional("sf-replica-type", "Service Fabric; not supported"),
        AttributeSpec::optional("dapr-app-id", "Dapr; not supported"),
        AttributeSpec::optional("dapr-method", "Dapr; not supported"),
        AttributeSpec::optional("dapr-namespace", "Dapr; not supported"),
    ],
    content: Content::Empty,
    example: r#"<set-backend-service base-url="https://orders.internal.example/v2" />"#,
};

impl Policy for SetBackendService {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        if let Some(name) = FOREIGN.into_iter().find(|name| node.has(name)) {
            return node.fail_attribute(
                codes::UNSUPPORTED_FORM,
                name,
                format!("attribute `{name}` is not supported yet"),
                None,
            );
        }
        let url = node.optional("base-url")?;
        let id: Option<Attr<String>> = node.optional("backend-id")?;
        match (url, id) {
            (Some(url), None) => Ok(Op::step(ToUrl(url))),
            (None, Some(id)) => {
                // An id that an expression puts together is judged when the request runs, even where its value is known now.
                if let Some(id) = id.constant().filter(|_| !node.is_expression("backend-id")) {
                    node.check_backend("backend-id", id)?;
                }
                Ok(Op::step(ToBackend(id)))
            }
            (Some(_), Some(_)) => node.fail(
                codes::CONFLICTING_ATTRIBUTES,
                "`base-url` and `backend-id` exclude each other",
                Some("keep one of them"),
            ),
            (None, None) => {
                node.fail(codes::MISSING_ATTRIBUTE, "`set-backend-service` needs `base-url` or `backend-id`", None)
            }
        }
    }
}

/// A base as an attribute value.
impl AttrValue for Arc<Base> {
    fn expects() -> String {
        "an absolute URL with http or https".into()
    }
    fn from_text(text: &str) -> Option<Self> {
        Base::parse(text).ok().map(Arc::new)
    }
}

struct ToUrl(Attr<Arc<Base>>);

impl Step for ToUrl {
    fn run(&self, cx: &mut Cx<'_>) -> StepResult {
        let base = self.0.get(cx)?.into_owned();
        let target = &mut cx.state.request.target;
        if target.backend_level.is_none_or(|level| level <= cx.level) {
            target.base = Some(base);
            target.backend_level = None;
        }
        Ok(Flow::Continue)
    }
}

struct ToBackend(Attr<String>);

impl Step for ToBackend {
    fn run(&self, cx: &mut Cx<'_>) -> StepResult {
        let id = self.0.get(cx)?;
        let Some(base) = cx.host.backend(id.trim()) else {
            return Err(PolicyError::internal("BackendNotFound", format!("Backend '{}' does not exist.", id.trim())));
        };
        cx.state.request.target.base = Some(base);
        cx.state.request.target.backend_level = Some(cx.level);
        Ok(Flow::Continue)
    }
}
