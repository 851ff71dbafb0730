//! `validate-status-code`: the status of the response against the definition of the operation. Outbound, on-error; every scope.
//!
//! A code is specified when the definition has a response for it, for its class (`5XX`) or a default one. `status-code` decides
//! on single codes, but only on those that are not specified. Follows the public page `validate-status-code-policy`; the vendor's
//! toolkit writes `error-variable-name`, which is taken too.
use std::sync::Arc;

use super::shared::findings::{Action, ERRORS_VARIABLE, Finding, Findings, Public};
use super::shared::places::{EVERY_SCOPE, RESPONSE_SECTIONS};
use crate::compile::{AttributeSpec, ChildSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::{Attr, Op, Step};
use crate::run::{Cx, Flow, StatusCode, StepResult};

pub(super) struct ValidateStatusCode;

const SPEC: Spec = Spec {
    element: "validate-status-code",
    summary: "checks the status of the response against the definition of the operation",
    sections: RESPONSE_SECTIONS,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[
        AttributeSpec::required(
            "unspecified-status-code-action",
            "`ignore`, `prevent` or `detect`: codes that the definition does not have",
        ),
        ERRORS_VARIABLE,
        AttributeSpec::optional("error-variable-name", "the same").literal(),
    ],
    content: Content::Children(&[ChildSpec::many(
        "status-code",
        &[
            AttributeSpec::required("code", "a code that the definition does not have").literal(),
            AttributeSpec::required("action", "what is done about it"),
        ],
        Content::Empty,
    )]),
    example: r#"<validate-status-code unspecified-status-code-action="prevent" errors-variable-name="errors"><status-code code="404" action="detect" /></validate-status-code>"#,
};

impl Policy for ValidateStatusCode {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let unspecified = node.required("unspecified-status-code-action");
        let (variable, other) =
            (node.literal_or_none(ERRORS_VARIABLE.name), node.literal_or_none("error-variable-name"));
        let codes = node.each("status-code", |code| {
            let (number, action) = (code.literal::<StatusCode>("code"), code.required("action"));
            Ok((number?.0, action?))
        });
        Ok(Op::step(Compiled { unspecified: unspecified?, variable: variable?.or(other?), codes: codes? }))
    }
}

struct Compiled {
    unspecified: Attr<Action>,
    variable: Option<Arc<str>>,
    codes: Vec<(u16, Attr<Action>)>,
}

impl Step for Compiled {
    fn run(&self, cx: &mut Cx<'_>) -> StepResult {
        let Some(operation) = cx.state.facts.operation.clone() else { return Ok(Flow::Continue) };
        let status = cx.state.response_mut().status;
        if operation.responses.iter().any(|response| response.status.covers(status)) {
            return Ok(Flow::Continue);
        }
        let own = self.codes.iter().find(|(code, _)| *code == status).map(|(_, action)| action);
        let action = *own.unwrap_or(&self.unspecified).get(cx)?;
        let mut findings = Findings::new(self.variable.as_ref());
        let finding = Finding {
            name: status.to_string(),
            kind: "StatusCode",
            rule: "Unspecified",
            details: format!("Response status code {status} is not allowed."),
            public: Public::Internal,
        };
        findings.add(cx, action, vec![finding]);
        findings.finish(cx)
    }
}
