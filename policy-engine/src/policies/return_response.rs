//! `return-response`: ends the pipeline and answers the caller. Every section, every scope.
//!
//! The answer starts as the response that a variable holds, or as an empty 200, and is then changed by `set-status`,
//! `set-header` and `set-body`, in that order whatever the order of the text. No further policy runs, outbound included. It is
//! not an error: on-error is not entered.
use std::sync::Arc;

use dotnet::Value;

use super::shared::message_edit::{
    BODY_ATTRIBUTES, BodyEdit, HEADER_ATTRIBUTES, HEADER_CONTENT, HeaderEdit, STATUS_ATTRIBUTES, StatusEdit,
};
use super::shared::places::{EVERY_SCOPE, EVERY_SECTION};
use crate::compile::{AttributeSpec, ChildSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::{Op, Step};
use crate::run::{Body, Cx, Flow, PolicyError, Response, StepResult};

pub(super) struct ReturnResponse;

const SPEC: Spec = Spec {
    element: "return-response",
    summary: "ends the pipeline and answers the caller",
    sections: EVERY_SECTION,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[
        AttributeSpec::optional("response-variable-name", "variable that holds a response to start from").literal()
    ],
    content: Content::Children(&[
        ChildSpec::maybe("set-status", STATUS_ATTRIBUTES, Content::Empty),
        ChildSpec::many("set-header", HEADER_ATTRIBUTES, HEADER_CONTENT),
        ChildSpec::maybe("set-body", BODY_ATTRIBUTES, Content::Verbatim),
    ]),
    example: r#"<return-response><set-status code="401" reason="Unauthorized" /><set-body>no</set-body></return-response>"#,
};

impl Policy for ReturnResponse {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let variable = node.literal_or_none("response-variable-name");
        let status = node.child("set-status", StatusEdit::compile);
        let headers = node.each("set-header", HeaderEdit::compile);
        let body = node.child("set-body", BodyEdit::compile);
        Ok(Op::step(Compiled { variable: variable?, status: status?, headers: headers?, body: body? }))
    }
}

struct Compiled {
    variable: Option<Arc<str>>,
    status: Option<StatusEdit>,
    headers: Vec<HeaderEdit>,
    body: Option<BodyEdit>,
}

impl Step for Compiled {
    fn run(&self, cx: &mut Cx<'_>) -> StepResult {
        let mut response = match &self.variable {
            Some(name) => from_variable(cx, name)?,
            None => Response::default(),
        };
        if let Some(status) = &self.status {
            (response.status, response.reason) = status.evaluate(cx)?;
        }
        for header in &self.headers {
            header.evaluate(cx)?.apply(&mut response.headers);
        }
        if let Some(body) = &self.body {
            response.set_body(body.evaluate(cx)?);
        }
        cx.state.response = Some(response);
        Ok(Flow::Respond)
    }
}

/// The response that a variable refers to. One whose body was read is sent without a body.
fn from_variable(cx: &Cx<'_>, name: &str) -> Result<Response, PolicyError> {
    let held = match cx.state.variables.get(name) {
        Some(Value::Handle(id, index)) => cx.state.response_of(*id, *index),
        _ => None,
    };
    let mut response = held
        .cloned()
        .ok_or_else(|| PolicyError::evaluation(&format!("Variable '{name}' does not hold a response.")))?;
    if matches!(response.body, Body::Consumed | Body::Sent) {
        response.set_body(bytes::Bytes::new());
    }
    Ok(response)
}
