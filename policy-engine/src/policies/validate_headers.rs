//! `validate-headers`: headers of the response against the definition of the operation. Outbound, on-error; every scope.
//!
//! The definition is the response for the status, else the default one. Headers of the connection and of framing are never
//! unspecified. A `header` child decides on a header by its name, whatever the definition says. Follows the public page
//! `validate-headers-policy`.
use std::sync::Arc;

use http::{HeaderName, header};

use super::shared::definition;
use super::shared::findings::{Action, ERRORS_VARIABLE, Finding, Findings};
use super::shared::json_schema::Schemas;
use super::shared::parameter_value::{self, Place};
use super::shared::places::{EVERY_SCOPE, RESPONSE_SECTIONS};
use crate::compile::{AttributeSpec, ChildSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::{Attr, Op, Step};
use crate::run::{Cx, Flow, StepResult, written_name};

pub(super) struct ValidateHeaders;

const SPEC: Spec = Spec {
    element: "validate-headers",
    summary: "checks the headers of the response against the definition of the operation",
    sections: RESPONSE_SECTIONS,
    scopes: EVERY_SCOPE,
    repeat: Repeat::OncePerSection,
    attributes: &[
        AttributeSpec::required(
            "specified-header-action",
            "`ignore`, `prevent` or `detect`: headers that the definition has",
        ),
        AttributeSpec::required("unspecified-header-action", "the same for headers that it does not have"),
        ERRORS_VARIABLE,
    ],
    content: Content::Children(&[ChildSpec::many(
        "header",
        &[
            AttributeSpec::required("name", "a header").literal(),
            AttributeSpec::required("action", "what is done about it"),
        ],
        Content::Empty,
    )]),
    example: r#"<validate-headers specified-header-action="ignore" unspecified-header-action="prevent" errors-variable-name="errors"><header name="Content-Type" action="ignore" /></validate-headers>"#,
};

/// Headers that belong to the connection, to framing, or to every response.
const EXEMPT: [HeaderName; 4] = [header::DATE, header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION];

impl Policy for ValidateHeaders {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let (specified, unspecified) =
            (node.required("specified-header-action"), node.required("unspecified-header-action"));
        let variable = node.literal_or_none(ERRORS_VARIABLE.name);
        let headers = node.each("header", |header| {
            let (name, action) = (header.literal("name"), header.required("action"));
            Ok((name?, action?))
        });
        Ok(Op::step(Compiled {
            specified: specified?,
            unspecified: unspecified?,
            variable: variable?,
            headers: headers?,
            schemas: Schemas::default(),
        }))
    }
}

struct Compiled {
    specified: Attr<Action>,
    unspecified: Attr<Action>,
    variable: Option<Arc<str>>,
    headers: Vec<(HeaderName, Attr<Action>)>,
    schemas: Schemas,
}

impl Step for Compiled {
    fn run(&self, cx: &mut Cx<'_>) -> StepResult {
        let Some(operation) = cx.state.facts.operation.clone() else { return Ok(Flow::Continue) };
        let response = cx.state.response_mut();
        let (status, headers) = (response.status, response.headers.clone());
        let known = definition::response(&operation, status).map(|r| r.headers.as_slice()).unwrap_or_default();
        let api = cx.state.facts.api.clone();
        let mut findings = Findings::new(self.variable.as_ref());
        for name in headers.keys() {
            let specified = known.iter().find(|known| name.as_str().eq_ignore_ascii_case(&known.name));
            if specified.is_none() && EXEMPT.contains(name) {
                continue;
            }
            let action = self.action(cx, name, specified.is_some())?;
            if action == Action::Ignore {
                continue;
            }
            let found: Vec<Finding> = match specified {
                None => vec![parameter_value::unspecified(Place::ResponseHeader, &written_name(name.as_str()))],
                Some(known) => {
                    let values: Vec<_> =
                        headers.get_all(name).iter().map(|v| (None, v.to_str().unwrap_or("\u{fffd}"))).collect();
                    parameter_value::check(Place::ResponseHeader, known, &values, api.as_deref(), &self.schemas)
                }
            };
            if !findings.add(cx, action, found) {
                return findings.finish(cx);
            }
        }
        for absent in known.iter().filter(|known| known.required && !headers.contains_key(&known.name)) {
            let Ok(name) = HeaderName::from_bytes(absent.name.as_bytes()) else { continue };
            let action = self.action(cx, &name, true)?;
            if !findings.add(cx, action, vec![parameter_value::missing(Place::ResponseHeader, &absent.name)]) {
                break;
            }
        }
        findings.finish(cx)
    }
}

impl Compiled {
    fn action(&self, cx: &mut Cx<'_>, name: &HeaderName, specified: bool) -> Result<Action, crate::run::PolicyError> {
        let own = self.headers.iter().find(|(own, _)| own == name).map(|(_, action)| action);
        let general = if specified { &self.specified } else { &self.unspecified };
        Ok(*own.unwrap_or(general).get(cx)?)
    }
}
