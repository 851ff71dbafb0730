//! `mock-response`: answers from the examples or schemas of the operation and ends the pipeline. Inbound, outbound, on-error;
//! every scope.
//!
//! Order of preference: an example of the status and media type; a sample made from the schema; no body. Of several named
//! examples the one called `default` is taken, else the first. `index` picks a representation by its number. Samples hold fixed
//! values, so the answer is the same each time.
use bytes::Bytes;
use config_model::{Api, Representation};
use http::{HeaderValue, header};

use super::shared::definition;
use super::shared::media::media_type;
use super::shared::places::EVERY_SCOPE;
use super::shared::sample;
use crate::compile::{AttributeSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::{Attr, Op, Section, Step};
use crate::run::{Cx, EvalState, Flow, Response, StatusCode, StepResult};

pub(super) struct MockResponse;

const SPEC: Spec = Spec {
    element: "mock-response",
    summary: "answers from the examples of the operation",
    sections: &[Section::Inbound, Section::Outbound, Section::OnError],
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[
        AttributeSpec::optional("status-code", "status to answer with (default 200)"),
        AttributeSpec::optional("content-type", "media type to look for; the first one found without it"),
        AttributeSpec::optional("index", "number of the representation, from 0").literal(),
    ],
    content: Content::Empty,
    example: r#"<mock-response status-code="200" content-type="application/json" />"#,
};

impl Policy for MockResponse {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let status = node.or("status-code", StatusCode(200));
        let content_type = node.optional("content-type");
        let index = node.literal_or_none("index");
        Ok(Op::step(Compiled { status: status?, content_type: content_type?, index: index? }))
    }
}

struct Compiled {
    status: Attr<StatusCode>,
    content_type: Option<Attr<String>>,
    index: Option<u32>,
}

impl Step for Compiled {
    fn run(&self, cx: &mut Cx<'_>) -> StepResult {
        let status = self.status.get(cx)?.0;
        let content_type = match &self.content_type {
            Some(wanted) => wanted.text(cx)?.map(std::borrow::Cow::into_owned),
            None => None,
        };
        let found = representation(cx.state, status, content_type.as_deref(), self.index);
        let body = found.and_then(|r| body_of(r, cx.state.facts.api.as_deref()));
        let mut response = Response::new(status);
        let shown = found.map(|r| r.content_type.as_str()).filter(|_| body.is_some()).or(content_type.as_deref());
        if let Some(value) = shown.and_then(|t| HeaderValue::from_str(t).ok()) {
            response.headers.insert(header::CONTENT_TYPE, value);
        }
        response.set_body(body.map(Bytes::from).unwrap_or_default());
        cx.state.response = Some(response);
        Ok(Flow::Respond)
    }
}

/// The representation to answer with: by number, by status and media type, or the first one of the status.
fn representation<'s>(
    state: &'s EvalState,
    status: u16,
    content_type: Option<&str>,
    index: Option<u32>,
) -> Option<&'s Representation> {
    let operation = state.facts.operation.as_ref()?;
    let all = &definition::response(operation, status)?.representations;
    if let Some(found) = index.and_then(|n| all.get(n as usize)) {
        return Some(found);
    }
    match content_type {
        Some(wanted) => all.iter().find(|r| media_type(&r.content_type).eq_ignore_ascii_case(media_type(wanted))),
        None => all.first(),
    }
}

/// The example, or a sample of the schema.
fn body_of(representation: &Representation, api: Option<&Api>) -> Option<String> {
    let named = representation.examples.iter().find(|e| e.name.eq_ignore_ascii_case("default"));
    if let Some(example) = named.or_else(|| representation.examples.first()) {
        return Some(example.value.as_ref().to_owned());
    }
    let document = representation.schema_id.as_ref().and_then(|id| definition::document(api?, id));
    let document: Option<serde_json::Value> = document.and_then(|text| serde_json::from_str(text).ok());
    let schema: Option<serde_json::Value> =
        representation.schema.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let named = || definition::named(document.as_ref()?, representation.type_name.as_deref()?).cloned();
    let schema = schema.or_else(named)?;
    Some(sample::of(&schema, document.as_ref()).to_string())
}
