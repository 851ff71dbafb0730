//! `authentication-managed-identity`: a token of the gateway's identity for the backend. Inbound and outbound, every scope.
//!
//! No identity provider is configured here: the policy loads with a warning. At run time it is a fault, or, where errors are
//! ignored, goes on without a token: the variable is the empty text and `Authorization` stays as it is. Follows the public page
//! `authentication-managed-identity-policy`.
use std::sync::Arc;

use dotnet::Value;

use super::shared::places::EVERY_SCOPE;
use crate::compile::{AttributeSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::diagnostics::codes;
use crate::program::{Attr, Op, Section, Step};
use crate::run::{Cx, Flow, PolicyError, StepResult};

pub(super) struct AuthenticationManagedIdentity;

const SPEC: Spec = Spec {
    element: "authentication-managed-identity",
    summary: "shows the backend a token of the gateway's identity; here it always fails, since there is none",
    // The public page names inbound alone; the service takes it in outbound too, where the token goes to a variable.
    sections: &[Section::Inbound, Section::Outbound],
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[
        AttributeSpec::required("resource", "application the token is for"),
        AttributeSpec::optional("client-id", "identity that the user assigned"),
        AttributeSpec::optional("output-token-variable-name", "variable that gets the token instead of the header")
            .literal(),
        AttributeSpec::optional("ignore-error", "is a failure passed over (default `false`)?").literal(),
    ],
    content: Content::Empty,
    example: r#"<authentication-managed-identity resource="https://vault.example" ignore-error="true" />"#,
};

impl Policy for AuthenticationManagedIdentity {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let resource = node.required("resource");
        let client: Result<Option<Attr<String>>, Refused> = node.optional("client-id");
        let variable = node.literal_or_none("output-token-variable-name");
        let ignore_error = node.literal_or("ignore-error", false);
        client?;
        let help = "with `ignore-error=\"true\"` calls go on without a token, otherwise every call is a fault";
        node.warn(codes::NO_EFFECT, "no identity provider is configured, there is never a token", help);
        Ok(Op::step(Compiled { resource: resource?, variable: variable?, ignore_error: ignore_error? }))
    }
}

struct Compiled {
    resource: Attr<String>,
    variable: Option<Arc<str>>,
    ignore_error: bool,
}

impl Step for Compiled {
    fn run(&self, cx: &mut Cx<'_>) -> StepResult {
        let resource = self.resource.text(cx)?.unwrap_or_default();
        if !self.ignore_error {
            let text = format!("No identity provider is configured to give a token for `{resource}`.");
            return Err(PolicyError::internal("ManagedIdentityUnavailable", text));
        }
        if let Some(variable) = &self.variable {
            cx.state.variables.set(variable, Value::str(""));
        }
        Ok(Flow::Continue)
    }
}
