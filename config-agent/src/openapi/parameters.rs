//! Parameters in path, query, headers and forms.

use super::{SCHEMA_ID, reference::Document};
use config_model::Parameter;
use serde_json::{Map, Value};
use std::sync::Arc;

/// How many parameters one operation may have.
const MAX_PARAMETERS: usize = 500;

/// The parameters of an operation, by place.
#[derive(Debug, Default)]
pub(super) struct Found<'a> {
    pub(super) path: Vec<Parameter>,
    pub(super) query: Vec<Parameter>,
    pub(super) headers: Vec<Parameter>,
    pub(super) form: Vec<Parameter>,
    /// The body parameter of version 2.
    pub(super) body: Option<&'a Map<String, Value>>,
}

/// Reads the parameters of an operation and those of its path item, which the operation's own replace.
pub(super) fn read<'a>(
    document: &Document<'a>,
    item: &'a Map<String, Value>,
    operation: &'a Map<String, Value>,
    place: &str,
) -> Found<'a> {
    let mut bodies: Vec<(&str, &str, &Map<String, Value>)> = Vec::new();
    for source in [item, operation] {
        for value in source.get("parameters").and_then(Value::as_array).into_iter().flatten().take(MAX_PARAMETERS) {
            let Some(Value::Object(body)) = document.resolve(value, place) else { continue };
            let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
            let (name, kind) = (text("name"), text("in"));
            match bodies.iter_mut().find(|(own, of, _)| (*own, *of) == (name, kind)) {
                Some(known) => *known = (name, kind, body),
                None => bodies.push((name, kind, body)),
            }
        }
    }
    let mut found = Found::default();
    for (name, kind, body) in bodies {
        let parameter = || read_one(document, name, body, place);
        match kind {
            "path" => found.path.push(Parameter { required: true, ..parameter() }),
            "query" => found.query.push(parameter()),
            "header" => found.headers.push(parameter()),
            "formData" => found.form.push(parameter()),
            "body" => found.body = Some(body),
            "cookie" => {}
            other => document.note(place, format!("parameter `{name}` stands in `{other}`, which is not known")),
        }
    }
    found
}

/// Reads one parameter or header.
pub(super) fn read_one(document: &Document<'_>, name: &str, body: &Map<String, Value>, place: &str) -> Parameter {
    let own = Value::Object(body.clone());
    let schema = if document.is_v2 { Some(&own) } else { parameter_schema(body) };
    let resolved = schema.and_then(|schema| document_resolve(document, schema, place));
    let facts = resolved.as_ref().unwrap_or(&Value::Null);
    let style = body.get("style").or_else(|| body.get("collectionFormat")).and_then(Value::as_str).unwrap_or_default();
    let explode =
        body.get("explode").and_then(Value::as_bool).unwrap_or(style == "form" || style == "multi" || style.is_empty());
    Parameter {
        name: name.to_owned(),
        kind: type_of(facts),
        description: body.get("description").and_then(Value::as_str).map(str::to_owned),
        required: body.get("required").and_then(Value::as_bool).unwrap_or(false),
        default_value: facts.get("default").map(plain_text),
        values: facts.get("enum").and_then(Value::as_array).into_iter().flatten().map(plain_text).collect(),
        schema: schema.map(|schema| schema_text(document, schema)),
        schema_id: schema.map(|_| SCHEMA_ID.into()),
        type_name: schema.and_then(type_name),
        explode: if document.is_v2 { style == "multi" } else { explode },
        style: style.to_owned(),
    }
}

/// The schema of a parameter of version 3: its own, or that of its only content.
fn parameter_schema(body: &Map<String, Value>) -> Option<&Value> {
    let content = || body.get("content")?.as_object()?.values().next()?.get("schema");
    body.get("schema").or_else(content)
}

fn document_resolve(document: &Document<'_>, schema: &Value, place: &str) -> Option<Value> {
    // The schema may be a copy that does not live as long as the document, so the reference is looked up from its text.
    match schema.get("$ref") {
        None => Some(schema.clone()),
        Some(reference) => {
            let shell = serde_json::json!({ "$ref": reference });
            Document::new(document.root, document.is_v2).resolve(&shell, place).cloned()
        }
    }
}

/// The schema as text. A parameter of version 2 is its own schema, with members that no schema has.
fn schema_text(document: &Document<'_>, schema: &Value) -> Arc<str> {
    match schema {
        Value::Object(map) if document.is_v2 && map.contains_key("in") => {
            let members = map.iter().filter(|(name, _)| {
                !matches!(name.as_str(), "name" | "in" | "required" | "description" | "collectionFormat")
            });
            Arc::from(Value::Object(members.map(|(name, value)| (name.clone(), value.clone())).collect()).to_string())
        }
        other => Arc::from(other.to_string()),
    }
}

/// The name of the schema that this one is a bare reference to.
pub(super) fn type_name(schema: &Value) -> Option<String> {
    let reference = schema.get("$ref")?.as_str()?;
    ["#/components/schemas/", "#/definitions/"]
        .iter()
        .find_map(|prefix| reference.strip_prefix(prefix))
        .map(str::to_owned)
}

/// `type`; of several (version 3.1), the first that is not `null`.
fn type_of(schema: &Value) -> String {
    match schema.get("type") {
        Some(Value::String(kind)) => kind.clone(),
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or_default().to_owned()
        }
        _ => String::new(),
    }
}

/// Text as it is, anything else as JSON.
pub(super) fn plain_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
