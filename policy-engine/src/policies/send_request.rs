//! `send-request`: asks another service and keeps its response in a variable. Every section, every scope.
//!
//! The variable holds an `IResponse`; any status is a response, not an error. Where none comes, `ignore-error` decides between a
//! fault and `null`. The body is read whole before the next policy runs; redirects are not followed. All responses that one
//! request keeps share one limit. Client certificates, managed identities and proxies are refused at load. Follows the public
//! page `send-request-policy`.
use std::sync::Arc;

use dotnet::Value;

use super::shared::outgoing::{CHILDREN, MODE, Outgoing, TIMEOUT_ATTRIBUTE};
use super::shared::places::{EVERY_SCOPE, EVERY_SECTION};
use crate::compile::{AttributeSpec, Node, Policy, Refused, Repeat, Spec};
use crate::host::IoError;
use crate::program::{AsyncStep, Op};
use crate::run::{Cx, Eventually, Flow, MAX_HELD_BODY, PolicyError, StepResult, response_fault};

pub(super) struct SendRequest;

const SPEC: Spec = Spec {
    element: "send-request",
    summary: "asks another service and keeps its response in a variable",
    sections: EVERY_SECTION,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[
        MODE,
        AttributeSpec::required("response-variable-name", "variable that gets the response").literal(),
        TIMEOUT_ATTRIBUTE,
        AttributeSpec::optional("ignore-error", "is a failure `null` instead of a fault (default `false`)?").literal(),
    ],
    content: CHILDREN,
    example: r#"<send-request mode="new" response-variable-name="token" timeout="20"><set-url>https://login.example/token</set-url><set-method>POST</set-method><set-body>grant_type=client_credentials</set-body></send-request>"#,
};

impl Policy for SendRequest {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let variable = node.literal("response-variable-name");
        let ignore_error = node.literal_or("ignore-error", false);
        let outgoing = Outgoing::compile(node);
        Ok(Op::async_step(Compiled { variable: variable?, ignore_error: ignore_error?, outgoing: outgoing? }))
    }
}

struct Compiled {
    variable: Arc<str>,
    ignore_error: bool,
    outgoing: Outgoing,
}

impl AsyncStep for Compiled {
    fn run<'r>(&'r self, cx: &'r mut Cx<'_>) -> Eventually<'r, StepResult> {
        Eventually::pending(self.send(cx))
    }
}

impl Compiled {
    async fn send(&self, cx: &mut Cx<'_>) -> StepResult {
        let mut request = self.outgoing.prepare(cx).await?;
        request.max_body = MAX_HELD_BODY.saturating_sub(cx.state.kept_bytes());
        let value = match cx.host.send(&request).await {
            Ok(response) => cx.state.keep_response(response),
            Err(IoError::ClientGone) => return Err(PolicyError::client_gone()),
            Err(_) if self.ignore_error => Value::Null,
            Err(error) => return Err(response_fault(&error)),
        };
        cx.state.variables.set(&self.variable, value);
        Ok(Flow::Continue)
    }
}
