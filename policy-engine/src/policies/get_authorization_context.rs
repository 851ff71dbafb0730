//! `get-authorization-context`: a token of the credential manager. Inbound, backend, outbound; global, product, API, operation scope.
//!
//! The credential manager is a cloud service that no gateway outside of it reaches: the policy loads with a warning, and at run
//! time gives `null` where errors are ignored, else a fault. Follows the public page `get-authorization-context-policy`.
use std::sync::Arc;

use dotnet::Value;

use crate::compile::{AttributeSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::diagnostics::codes;
use crate::program::{Attr, Op, Scope, Section, Step};
use crate::run::{Cx, Flow, PolicyError, StepResult, keywords};

pub(super) struct GetAuthorizationContext;

const SPEC: Spec = Spec {
    element: "get-authorization-context",
    summary: "asks the credential manager for a token; here it always fails, since there is none",
    sections: &[Section::Inbound, Section::Backend, Section::Outbound],
    scopes: &[Scope::Global, Scope::Product, Scope::Api, Scope::Operation],
    repeat: Repeat::Many,
    attributes: &[
        AttributeSpec::required("provider-id", "credential provider"),
        AttributeSpec::required("authorization-id", "connection"),
        AttributeSpec::required("context-variable-name", "variable that gets the authorization, or `null`"),
        AttributeSpec::optional("identity-type", "`managed` (default) or `jwt`"),
        AttributeSpec::optional("identity", "token to ask with, where `identity-type` is `jwt`"),
        AttributeSpec::optional("ignore-error", "is a failure `null` instead of a fault (default `false`)?"),
    ],
    content: Content::Empty,
    example: r#"<get-authorization-context provider-id="github" authorization-id="auth" context-variable-name="auth" ignore-error="true" />"#,
};

keywords! {
    enum IdentityType {
        Managed = "managed",
        Jwt = "jwt",
    }
}

impl Policy for GetAuthorizationContext {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let provider = node.required("provider-id");
        let authorization = node.required("authorization-id");
        let variable = node.required("context-variable-name");
        let kind = node.or("identity-type", IdentityType::Managed);
        let identity: Result<Option<Attr<String>>, Refused> = node.optional("identity");
        let ignore_error = node.or("ignore-error", false);
        let (kind, identity) = (kind?, identity?);
        if kind.constant() == Some(&IdentityType::Jwt) && identity.is_none() {
            let message = "`identity-type` is `jwt`, so `identity` must be there";
            return node.fail(codes::MISSING_ATTRIBUTE, message, None);
        }
        let help = "with `ignore-error=\"true\"` the variable is `null`, otherwise every call is a fault";
        node.warn(codes::NO_EFFECT, "no credential manager is configured, there is never a token", help);
        Ok(Op::step(Compiled {
            provider: provider?,
            authorization: authorization?,
            variable: variable?,
            ignore_error: ignore_error?,
        }))
    }
}

struct Compiled {
    provider: Attr<String>,
    authorization: Attr<String>,
    variable: Attr<Arc<str>>,
    ignore_error: Attr<bool>,
}

impl Step for Compiled {
    fn run(&self, cx: &mut Cx<'_>) -> StepResult {
        if *self.ignore_error.get(cx)? {
            let variable = self.variable.get(cx)?.into_owned();
            cx.state.variables.set(&variable, Value::Null);
            return Ok(Flow::Continue);
        }
        let provider = self.provider.text(cx)?.unwrap_or_default();
        let authorization = self.authorization.text(cx)?.unwrap_or_default();
        let text = format!("No credential manager is configured to give `{authorization}` of `{provider}`.");
        Err(PolicyError::internal("AuthorizationContextUnavailable", text))
    }
}
