//! `find-and-replace`: replaces a text in the body: of the request in inbound and backend, of the response in outbound and
//! on-error. Every section, every scope.
//!
//! All occurrences, to the letter. The body is held in memory, so that an occurrence may straddle chunks. A body that is not
//! UTF-8 text or is compressed stays as it is, as does one that is not there; headers and URL are not touched. Follows the public
//! page `find-and-replace-policy`.
use bytes::Bytes;
use http::{HeaderMap, header};

use super::shared::places::{EVERY_SCOPE, EVERY_SECTION};
use crate::compile::{AttributeSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::diagnostics::codes;
use crate::host::IoError;
use crate::program::{AsyncStep, Attr, Op};
use crate::run::{Body, Cx, Eventually, Flow, MAX_HELD_BODY, PolicyError, StepResult, io_fault};

pub(super) struct FindAndReplace;

const SPEC: Spec = Spec {
    element: "find-and-replace",
    summary: "replaces a text in the body of the request or the response",
    sections: EVERY_SECTION,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[
        AttributeSpec::required("from", "text to look for"),
        AttributeSpec::required("to", "text to put in its place, possibly empty"),
    ],
    content: Content::Empty,
    example: r#"<find-and-replace from="http://internal" to="https://api.example" />"#,
};

impl Policy for FindAndReplace {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let from = node.required::<String>("from");
        let to = node.required("to");
        let from = from?;
        if from.constant().is_some_and(String::is_empty) {
            let message = "attribute `from` is empty, there is nothing to look for".into();
            return node.fail_attribute(codes::BAD_VALUE, "from", message, None);
        }
        Ok(Op::async_step(Compiled { from, to: to? }))
    }
}

struct Compiled {
    from: Attr<String>,
    to: Attr<String>,
}

impl AsyncStep for Compiled {
    fn run<'r>(&'r self, cx: &'r mut Cx<'_>) -> Eventually<'r, StepResult> {
        let stream = match body(cx) {
            Some(Body::Stream(stream)) => *stream,
            _ => return Eventually::Ready(self.replace(cx)),
        };
        Eventually::pending(async move {
            let on_request = cx.on_request();
            let bytes = cx.host.read_body(stream, MAX_HELD_BODY).await.map_err(|e| match e {
                IoError::TooLarge(_) if !on_request => PolicyError::internal("ResponseBodyTooLarge", e.to_string()),
                other => io_fault(&other),
            })?;
            let held = Body::from_bytes(bytes);
            if on_request {
                cx.state.request.body = held;
            } else {
                cx.state.response_mut().body = held;
            }
            self.replace(cx)
        })
    }
}

fn body<'s>(cx: &'s Cx<'_>) -> Option<&'s Body> {
    if cx.on_request() { Some(&cx.state.request.body) } else { cx.state.response.as_ref().map(|r| &r.body) }
}

impl Compiled {
    fn replace(&self, cx: &mut Cx<'_>) -> StepResult {
        let from = self.from.text(cx)?.unwrap_or_default();
        let to = self.to.text(cx)?.unwrap_or_default();
        if from.is_empty() {
            return Err(PolicyError::evaluation("There is nothing to look for, `from` is empty."));
        }
        let headers = if cx.on_request() { Some(&cx.state.request.headers) } else { response_headers(cx) };
        let encoded = headers.is_some_and(is_encoded);
        let Some(Body::Bytes(bytes)) = body(cx) else { return Ok(Flow::Continue) };
        let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| !encoded && text.contains(&*from)) else {
            return Ok(Flow::Continue);
        };
        let replaced = replaced(text, &from, &to)?;
        if cx.on_request() {
            cx.state.request.set_body(replaced);
        } else {
            cx.state.response_mut().set_body(replaced);
        }
        Ok(Flow::Continue)
    }
}

fn response_headers<'s>(cx: &'s Cx<'_>) -> Option<&'s HeaderMap> {
    cx.state.response.as_ref().map(|r| &r.headers)
}

fn is_encoded(headers: &HeaderMap) -> bool {
    headers.get_all(header::CONTENT_ENCODING).iter().any(|v| !v.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// Counted first, so that a short text cannot grow into one that fills the memory.
fn replaced(text: &str, from: &str, to: &str) -> Result<Bytes, PolicyError> {
    let found = text.matches(from).count();
    let size = text.len().saturating_add(found.saturating_mul(to.len()));
    if size.saturating_sub(found.saturating_mul(from.len())) > MAX_HELD_BODY {
        let text = format!("the replaced body would be larger than {MAX_HELD_BODY} bytes");
        return Err(PolicyError::internal("BodyTooLarge", text));
    }
    Ok(Bytes::from(text.replace(from, to)))
}
