//! Sample documents from JSON Schemas: fixed values by type, so that a mock answers the same each time.
use serde_json::{Map, Value};

/// Deepest nesting of a sample; recursive schemas end here.
const MAX_DEPTH: usize = 12;
/// Most properties of one object that are shown.
const MAX_PROPERTIES: usize = 500;

/// A sample of a schema. `$ref`s point into `document`.
pub(in crate::policies) fn of(schema: &Value, document: Option<&Value>) -> Value {
    value(schema, document, 0)
}

fn value(schema: &Value, document: Option<&Value>, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return Value::Null;
    }
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let found = target.strip_prefix('#').and_then(|pointer| document?.pointer(pointer));
        return found.map_or(Value::Null, |schema| value(schema, document, depth.saturating_add(1)));
    }
    let given = ["example", "default", "const"].iter().find_map(|key| schema.get(key));
    let first = |key: &str| schema.get(key).and_then(Value::as_array).and_then(|all| all.first());
    if let Some(given) = given.or_else(|| first("examples")).or_else(|| first("enum")) {
        return given.clone();
    }
    if let Some(all) = schema.get("allOf").and_then(Value::as_array) {
        return merged(schema, all, document, depth);
    }
    if let Some(one) = first("oneOf").or_else(|| first("anyOf")) {
        return value(one, document, depth.saturating_add(1));
    }
    match type_of(schema) {
        Some("object") => object(schema, document, depth),
        Some("array") => Value::Array(
            schema.get("items").map(|items| value(items, document, depth.saturating_add(1))).into_iter().collect(),
        ),
        Some("integer") => schema.get("minimum").and_then(Value::as_i64).unwrap_or(0).into(),
        Some("number") => schema.get("minimum").and_then(Value::as_f64).unwrap_or(0.0).into(),
        Some("boolean") => Value::Bool(true),
        Some("string") => text(schema).into(),
        _ => Value::Null,
    }
}

fn type_of(schema: &Value) -> Option<&str> {
    match schema.get("type") {
        Some(Value::String(name)) => Some(name),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).find(|name| *name != "null"),
        _ if schema.get("properties").is_some() => Some("object"),
        _ if schema.get("items").is_some() => Some("array"),
        _ => None,
    }
}

fn object(schema: &Value, document: Option<&Value>, depth: usize) -> Value {
    let properties = schema.get("properties").and_then(Value::as_object);
    let sample = |(name, schema): (&String, &Value)| (name.clone(), value(schema, document, depth.saturating_add(1)));
    Value::Object(properties.into_iter().flatten().take(MAX_PROPERTIES).map(sample).collect())
}

fn merged(schema: &Value, all: &[Value], document: Option<&Value>, depth: usize) -> Value {
    let mut out = Map::new();
    let own = object(schema, document, depth);
    for part in all.iter().map(|part| value(part, document, depth.saturating_add(1))).chain([own]) {
        if let Value::Object(part) = part {
            out.extend(part);
        }
    }
    Value::Object(out)
}

fn text(schema: &Value) -> &'static str {
    match schema.get("format").and_then(Value::as_str) {
        Some("date-time") => "2020-01-01T00:00:00Z",
        Some("date") => "2020-01-01",
        Some("time") => "00:00:00Z",
        Some("uuid") => "00000000-0000-0000-0000-000000000000",
        Some("email") => "user@example.com",
        Some("uri" | "url") => "https://example.com",
        Some("ipv4") => "192.0.2.1",
        Some("byte") => "c3RyaW5n",
        _ => "string",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn samples() {
        let document = json!({"components": {"schemas": {"Pet": {"type": "object", "properties": {
            "id": {"type": "integer"}, "name": {"type": "string"}, "kind": {"enum": ["cat", "dog"]}, "mate": {"$ref": "#/components/schemas/Pet"}}}}}});
        let sample = of(&json!({"type": "array", "items": {"$ref": "#/components/schemas/Pet"}}), Some(&document));
        assert_eq!(sample[0]["id"], 0);
        assert_eq!(sample[0]["kind"], "cat");
        assert!(sample[0]["mate"]["mate"].is_object());
        assert_eq!(of(&json!({"type": ["null", "boolean"]}), None), true);
        assert_eq!(
            of(&json!({"allOf": [{"properties": {"a": {"const": 1}}}], "properties": {"b": {"default": 2}}}), None),
            json!({"a": 1, "b": 2})
        );
    }
}
