//! Requests and responses: content types, schemas, examples, headers.

use super::{
    SCHEMA_ID,
    parameters::{self, Found, plain_text},
    reference::Document,
};
use config_model::{Example, OperationRequest, OperationResponse, Parameter, Representation, ResponseStatus};
use serde_json::{Map, Value};
use std::sync::Arc;

/// How many examples of one body are kept.
const MAX_EXAMPLES: usize = 50;

/// Reads what is said about requests, but for query and headers.
pub(super) fn read_request<'a>(
    document: &Document<'a>,
    operation: &'a Map<String, Value>,
    found: &Found<'a>,
    place: &str,
) -> OperationRequest {
    // The management plane drops these bodies on import.
    if [".get", ".head", ".options"].iter().any(|method| place.ends_with(method)) {
        return OperationRequest::default();
    }
    if document.is_v2 {
        return read_request_v2(document, operation, found);
    }
    let Some(Value::Object(body)) = operation.get("requestBody").and_then(|body| document.resolve(body, place)) else {
        return OperationRequest::default();
    };
    OperationRequest {
        description: body.get("description").and_then(Value::as_str).map(str::to_owned),
        body_required: body.get("required").and_then(Value::as_bool).unwrap_or(false),
        representations: read_content(document, body, place),
        ..OperationRequest::default()
    }
}

fn read_request_v2<'a>(
    document: &Document<'a>,
    operation: &'a Map<String, Value>,
    found: &Found<'a>,
) -> OperationRequest {
    let consumes = media_types(document, operation, "consumes");
    if let Some(body) = found.body {
        let schema = body.get("schema");
        let representation = |content_type| Representation { content_type, ..described(schema) };
        return OperationRequest {
            description: body.get("description").and_then(Value::as_str).map(str::to_owned),
            body_required: body.get("required").and_then(Value::as_bool).unwrap_or(false),
            representations: consumes.into_iter().map(representation).collect(),
            ..OperationRequest::default()
        };
    }
    if found.form.is_empty() {
        return OperationRequest::default();
    }
    let is_form = |content_type: &String| content_type.contains("form");
    let content_type = consumes.into_iter().find(is_form).unwrap_or_else(|| "application/x-www-form-urlencoded".into());
    let form = Representation { content_type, form_parameters: found.form.clone(), ..Representation::default() };
    let body_required = found.form.iter().any(|parameter| parameter.required);
    OperationRequest { body_required, representations: vec![form], ..OperationRequest::default() }
}

/// Reads the responses in the order of the document.
pub(super) fn read_responses<'a>(
    document: &Document<'a>,
    operation: &'a Map<String, Value>,
    place: &str,
) -> Vec<OperationResponse> {
    let mut responses = Vec::new();
    let Some(Value::Object(bodies)) = operation.get("responses") else { return responses };
    for (status, body) in bodies.iter().filter(|(status, _)| !status.starts_with("x-")) {
        let status: ResponseStatus = match status.parse() {
            Ok(status) => status,
            Err(problem) => {
                document.note(place, problem);
                continue;
            }
        };
        let Some(Value::Object(body)) = document.resolve(body, place) else { continue };
        let representations = if document.is_v2 {
            read_response_v2(document, operation, body)
        } else {
            read_content(document, body, place)
        };
        responses.push(OperationResponse {
            status,
            description: body.get("description").and_then(Value::as_str).map(str::to_owned),
            headers: read_headers(document, body, place),
            representations,
        });
    }
    responses
}

fn read_response_v2(
    document: &Document<'_>,
    operation: &Map<String, Value>,
    body: &Map<String, Value>,
) -> Vec<Representation> {
    let schema = body.get("schema");
    let examples = body.get("examples").and_then(Value::as_object);
    let mut types = match schema {
        Some(_) => media_types(document, operation, "produces"),
        None => Vec::new(),
    };
    types.extend(examples.into_iter().flatten().map(|(name, _)| name.clone()).filter(|name| name.contains('/')));
    let mut seen = std::collections::BTreeSet::new();
    types.retain(|name| seen.insert(name.to_ascii_lowercase()));
    let representation = |content_type: String| {
        let example = examples.and_then(|examples| examples.get(&content_type));
        let examples = example.map(|value| example_of("default", None, value)).into_iter().collect();
        Representation { examples, content_type, ..described(schema) }
    };
    types.into_iter().map(representation).collect()
}

fn media_types(document: &Document<'_>, operation: &Map<String, Value>, member: &str) -> Vec<String> {
    let listed = operation.get(member).or_else(|| document.root.get(member)).and_then(Value::as_array);
    let types: Vec<_> = listed.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    if types.is_empty() { vec!["application/json".into()] } else { types }
}

fn read_headers<'a>(document: &Document<'a>, body: &'a Map<String, Value>, place: &str) -> Vec<Parameter> {
    let headers = body.get("headers").and_then(Value::as_object).into_iter().flatten();
    let read = headers.filter_map(|(name, header)| {
        let header = document.resolve(header, place)?.as_object()?;
        Some(parameters::read_one(document, name, header, place))
    });
    read.collect()
}

/// `content` of version 3.
fn read_content<'a>(document: &Document<'a>, body: &'a Map<String, Value>, place: &str) -> Vec<Representation> {
    let mut representations = Vec::new();
    for (content_type, media) in body.get("content").and_then(Value::as_object).into_iter().flatten() {
        let schema = media.get("schema");
        let mut examples = Vec::new();
        if let Some(value) = media.get("example") {
            examples.push(example_of("default", None, value));
        }
        for (name, example) in media.get("examples").and_then(Value::as_object).into_iter().flatten().take(MAX_EXAMPLES)
        {
            let Some(example) = document.resolve(example, place) else { continue };
            let summary = example.get("summary").and_then(Value::as_str);
            match example.get("value") {
                Some(value) => examples.push(example_of(name, summary, value)),
                None => document.note(place, format!("example `{name}` has no `value`")),
            }
        }
        representations.push(Representation { content_type: content_type.clone(), examples, ..described(schema) });
    }
    representations
}

fn example_of(name: &str, summary: Option<&str>, value: &Value) -> Example {
    Example { name: name.to_owned(), summary: summary.map(str::to_owned), value: Arc::from(plain_text(value)) }
}

fn described(schema: Option<&Value>) -> Representation {
    Representation {
        schema: schema.map(|schema| Arc::from(schema.to_string())),
        schema_id: schema.map(|_| SCHEMA_ID.into()),
        type_name: schema.and_then(parameters::type_name),
        ..Representation::default()
    }
}
