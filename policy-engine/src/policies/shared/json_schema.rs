//! JSON Schemas of API definitions, made ready for validation and kept.
//!
//! OpenAPI 2.0 and 3.0 have a dialect of their own (`nullable`, `exclusiveMinimum: true`); it is rewritten into that of JSON
//! Schema, and only what a schema refers to is taken along from the document it stands in. What was made of a schema is
//! found again by its text and the place of its document, and dropped with the policy that made it.
use std::collections::HashMap;
use std::sync::Arc;

use jsonschema::{Draft, PatternOptions, Validator};
use parking_lot::RwLock;
use serde_json::{Map, Value};

use super::json_place;

/// Schemas that one policy keeps ready.
const MAX_KEPT: usize = 2048;
/// Definitions that one schema may lead to.
const MAX_DEFINITIONS: usize = 5000;
/// Findings of one document.
const MAX_ERRORS: usize = 20;
/// Steps back that a `pattern` may make on one text.
const MAX_BACKTRACKS: usize = 100_000;
/// Members whose values are schemas by name.
const MAPS: [&str; 6] = ["properties", "patternProperties", "definitions", "$defs", "schemas", "dependentSchemas"];
/// Members that only newer schemas have.
const NEWER: [&str; 5] =
    ["prefixItems", "unevaluatedProperties", "unevaluatedItems", "dependentRequired", "dependentSchemas"];

/// How a schema is changed before it is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::policies) struct Changes {
    /// Overrides `additionalProperties` of every object.
    pub(in crate::policies) additional_properties: Option<bool>,
    /// Names of properties are compared without regard to case.
    pub(in crate::policies) ignore_case: bool,
}

/// A schema, and the document that its `$ref`s point into.
#[derive(Clone, Debug)]
pub(in crate::policies) struct Given {
    pub(in crate::policies) schema: Arc<str>,
    pub(in crate::policies) document: Option<Arc<str>>,
}

/// A schema that is ready.
#[derive(Debug)]
pub(in crate::policies) struct Ready {
    validator: Validator,
    ignore_case: bool,
}

/// Why a schema cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::policies) enum Unusable {
    /// A definition that it refers to is not there; its name.
    Missing(String),
    /// It is no schema.
    Broken(String),
}

impl From<serde_json::Error> for Unusable {
    fn from(error: serde_json::Error) -> Unusable {
        Unusable::Broken(error.to_string())
    }
}

/// Text of the schema, place of the document, changes.
type Key = (Arc<str>, usize, Changes);
/// The texts, so that their places stay theirs, and what was made of them.
type Kept = (Given, Result<Arc<Ready>, Unusable>);

/// Ready schemas of one policy.
#[derive(Debug, Default)]
pub(in crate::policies) struct Schemas {
    kept: RwLock<HashMap<Key, Kept>>,
}

impl Schemas {
    /// The schema made ready; an error where it is none.
    pub(in crate::policies) fn ready(&self, given: &Given, changes: Changes) -> Result<Arc<Ready>, Unusable> {
        let document = given.document.as_ref().map_or(0, |text| text.as_ptr().addr());
        let key = (Arc::clone(&given.schema), document, changes);
        if let Some((_, ready)) = self.kept.read().get(&key) {
            return ready.clone();
        }
        let ready = Ready::new(given, changes).map(Arc::new);
        let mut kept = self.kept.write();
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        kept.insert(key, (given.clone(), ready.clone()));
        ready
    }
}

impl Ready {
    fn new(given: &Given, changes: Changes) -> Result<Ready, Unusable> {
        let schema: Value = serde_json::from_str(&given.schema)?;
        let document: Value = given.document.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
        let mut root = with_references(schema, &document)?;
        let draft = if rewrite(&mut root, changes) { Draft::Draft202012 } else { Draft::Draft7 };
        let patterns = PatternOptions::fancy_regex().backtrack_limit(MAX_BACKTRACKS);
        let options = jsonschema::options().with_draft(draft).should_validate_formats(true).offline();
        let validator = options.with_pattern_options(patterns).build(&root);
        let validator = validator.map_err(|e| Unusable::Broken(e.masked().to_string()))?;
        Ok(Ready { validator, ignore_case: changes.ignore_case })
    }

    /// What is wrong with a value. The texts do not quote it: they reach logs.
    pub(in crate::policies) fn errors(&self, value: &Value) -> Vec<String> {
        self.found(value).into_iter().map(|(text, _)| text).collect()
    }

    /// What is wrong with a JSON text, each with its line and position; an error where it is no JSON.
    pub(in crate::policies) fn errors_of_text(&self, text: &str) -> Result<Vec<String>, String> {
        let value: Value = serde_json::from_str(text).map_err(|e| e.to_string())?;
        let placed = |(error, path): (String, String)| {
            let (line, position) = json_place::of(text, &path);
            format!("{error} Line: {line}, Position: {position}")
        };
        Ok(self.found(&value).into_iter().map(placed).collect())
    }

    fn found(&self, value: &Value) -> Vec<(String, String)> {
        let lowered;
        let value = if self.ignore_case {
            lowered = lower_names(value);
            &lowered
        } else {
            value
        };
        let told = |error: jsonschema::ValidationError<'_>| {
            let path = error.instance_path().as_str().to_owned();
            let at = if path.is_empty() { String::new() } else { format!(" Path '{path}'.") };
            (format!("{}.{at}", error.masked()), path)
        };
        self.validator.iter_errors(value).take(MAX_ERRORS).map(told).collect()
    }
}

/// The schema with the definitions that it leads to, in the places where its `$ref`s look for them.
fn with_references(schema: Value, document: &Value) -> Result<Value, Unusable> {
    let mut root = Map::new();
    let mut wanted = references(&schema);
    root.insert("allOf".into(), Value::Array(vec![schema]));
    let mut root = Value::Object(root);
    let mut count: usize = 0;
    while let Some(pointer) = wanted.pop() {
        // Whole definitions are taken, also where a part of one is named.
        let depth = if pointer.starts_with("/components/") { 3 } else { 2 };
        let parts: Vec<&str> = pointer.split('/').skip(1).take(depth).collect();
        let pointer = format!("/{}", parts.join("/"));
        if root.pointer(&pointer).is_some() {
            continue;
        }
        count = count.saturating_add(1);
        let missing = || Unusable::Missing(parts.last().map(|name| unescaped(name)).unwrap_or_default());
        let definition = document.pointer(&pointer).ok_or_else(missing)?;
        if count > MAX_DEFINITIONS {
            return Err(Unusable::Broken(format!("the schema leads to more than {MAX_DEFINITIONS} definitions")));
        }
        wanted.extend(references(definition));
        insert(&mut root, &parts, definition.clone());
    }
    Ok(root)
}

fn insert(root: &mut Value, parts: &[&str], definition: Value) {
    let Some((last, before)) = parts.split_last() else { return };
    let mut at = root;
    for part in before {
        let Value::Object(map) = at else { return };
        at = map.entry(unescaped(part)).or_insert_with(|| Value::Object(Map::new()));
    }
    if let Value::Object(map) = at {
        map.insert(unescaped(last), definition);
    }
}

/// A part of a JSON pointer as a name (RFC 6901, 4).
fn unescaped(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

/// Pointers of the `$ref`s into the own document, as written behind `#`.
fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(map) => {
            let own = map.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix("#/"));
            let own = own.map(|rest| format!("/{}", percent_encoding::percent_decode_str(rest).decode_utf8_lossy()));
            own.into_iter().chain(map.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// Rewrites the dialect of OpenAPI, and what the policy changes. True if the schema has members of newer drafts.
fn rewrite(schema: &mut Value, changes: Changes) -> bool {
    let Value::Object(map) = schema else { return false };
    let mut newer = NEWER.iter().any(|name| map.contains_key(*name));
    for (name, value) in map.iter_mut() {
        newer |= match value {
            Value::Object(schemas) if MAPS.contains(&name.as_str()) => rewrite_all(schemas.values_mut(), changes),
            Value::Array(schemas) if name != "enum" && name != "examples" && name != "required" => {
                rewrite_all(schemas.iter_mut(), changes)
            }
            Value::Object(_) if !matches!(name.as_str(), "const" | "default" | "example" | "enum") => {
                rewrite(value, changes)
            }
            _ => false,
        };
    }
    exclusive(map, "exclusiveMinimum", "minimum");
    exclusive(map, "exclusiveMaximum", "maximum");
    if changes.ignore_case {
        lower_schema(map);
    }
    if let Some(allowed) = changes.additional_properties
        && (map.contains_key("properties") || map.contains_key("additionalProperties") || is_object(map))
    {
        map.insert("additionalProperties".into(), Value::Bool(allowed));
    }
    let nullable = ["nullable", "x-nullable"].iter().any(|name| map.get(*name) == Some(&Value::Bool(true)));
    if nullable && !map.contains_key("$ref") {
        let own = std::mem::take(map);
        map.insert("anyOf".into(), serde_json::json!([{ "type": "null" }, own]));
    }
    newer
}

/// Rewrites each; true if one of them has members of newer drafts.
fn rewrite_all<'s>(schemas: impl Iterator<Item = &'s mut Value>, changes: Changes) -> bool {
    let mut newer = false;
    for schema in schemas {
        newer |= rewrite(schema, changes);
    }
    newer
}

fn is_object(map: &Map<String, Value>) -> bool {
    map.get("type").is_some_and(|kind| kind == "object")
}

/// `exclusiveMinimum: true` of the older drafts.
fn exclusive(map: &mut Map<String, Value>, name: &str, bound: &str) {
    let Some(Value::Bool(is_exclusive)) = map.get(name) else { return };
    let is_exclusive = *is_exclusive;
    map.remove(name);
    if is_exclusive && let Some(limit) = map.remove(bound) {
        map.insert(name.to_owned(), limit);
    }
}

fn lower_schema(map: &mut Map<String, Value>) {
    if let Some(Value::Object(properties)) = map.get_mut("properties") {
        *properties =
            std::mem::take(properties).into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect();
    }
    if let Some(Value::Array(names)) = map.get_mut("required") {
        for name in names {
            if let Value::String(text) = name {
                *text = text.to_lowercase();
            }
        }
    }
}

fn lower_names(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            Value::Object(map.iter().map(|(name, value)| (name.to_lowercase(), lower_names(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(lower_names).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn errors(schema: &Value, document: Option<Value>, changes: Changes, text: &str) -> Vec<String> {
        let given =
            Given { schema: schema.to_string().into(), document: document.map(|document| document.to_string().into()) };
        Schemas::default().ready(&given, changes).unwrap().errors_of_text(text).unwrap()
    }

    fn plain(schema: &Value, text: &str) -> Vec<String> {
        errors(schema, None, Changes::default(), text)
    }

    #[test]
    fn the_dialect_of_openapi() {
        let nullable = json!({"type": "string", "nullable": true, "maxLength": 1});
        assert!(plain(&nullable, "null").is_empty() && plain(&nullable, "\"a\"").is_empty());
        assert_eq!(plain(&nullable, "\"ab\"").len(), 1);
        let above = json!({"type": "integer", "minimum": 1, "exclusiveMinimum": true, "format": "int32"});
        assert!(plain(&above, "2").is_empty());
        assert_eq!(plain(&above, "1").len(), 1);
        assert_eq!(plain(&json!({"minimum": 1, "exclusiveMinimum": false}), "1"), Vec::<String>::new());
        let date = json!({"type": "string", "format": "date-time"});
        assert!(plain(&date, "\"2024-01-02T03:04:05Z\"").is_empty());
        assert_eq!(plain(&date, "\"yesterday\"").len(), 1);
        assert_eq!(plain(&json!({"prefixItems": [{"type": "string"}]}), "[1]").len(), 1);
        // A property may be called like a keyword.
        let named =
            json!({"properties": {"nullable": {"type": "boolean"}, "enum": {"type": "string", "nullable": true}}});
        assert!(plain(&named, r#"{"nullable": true, "enum": null}"#).is_empty());
    }

    #[test]
    fn errors_have_places_and_no_values() {
        let schema = json!({"type": "object", "required": ["a"], "properties": {"b": {"type": "array", "items": {"type": "integer"}}}});
        let found = plain(&schema, "{\n  \"b\": [1, \"secret\"]\n}");
        assert_eq!(found.len(), 2);
        assert!(found.iter().any(|error| error.contains("Path '/b/1'. Line: 2, Position: 12")), "{found:?}");
        assert!(found.iter().any(|error| error.contains("Line: 1, Position: 1")), "{found:?}");
        assert!(found.iter().all(|error| !error.contains("secret")), "{found:?}");
    }

    #[test]
    fn references_are_followed_and_may_return() {
        let document = json!({"components": {"schemas": {
            "Node": {"type": "object", "required": ["id"], "properties": {"next": {"$ref": "#/components/schemas/Node"}, "id": {"$ref": "#/components/schemas/Ids/properties/one"}}},
            "Ids": {"properties": {"one": {"type": "integer"}}},
            "Other": {"$ref": "#/components/schemas/Missing"}}}});
        let schema = json!({"$ref": "#/components/schemas/Node"});
        let found = |text| errors(&schema, Some(document.clone()), Changes::default(), text);
        assert!(found(r#"{"id": 1, "next": {"id": 2}}"#).is_empty());
        assert_eq!(found(r#"{"id": 1, "next": {"id": "x"}}"#).len(), 1);
        assert_eq!(found(r#"{"id": 1, "next": {}}"#).len(), 1);
        let given = Given {
            schema: json!({"$ref": "#/components/schemas/Other"}).to_string().into(),
            document: Some(document.to_string().into()),
        };
        assert_eq!(
            Schemas::default().ready(&given, Changes::default()).unwrap_err(),
            Unusable::Missing("Missing".into())
        );
    }

    #[test]
    fn changes_of_the_policy() {
        let schema = json!({"type": "object", "required": ["Name"], "additionalProperties": false, "properties": {"Name": {}, "In": {"type": "object"}}});
        let more = r#"{"Name": 1, "more": 2, "In": {"x": 1}}"#;
        let with = |additional, ignore_case, text| {
            errors(&schema, None, Changes { additional_properties: additional, ignore_case }, text).len()
        };
        assert_eq!((with(None, false, more), with(Some(true), false, more), with(Some(false), false, more)), (1, 0, 2));
        assert_eq!((with(None, false, r#"{"name": 1}"#), with(None, true, r#"{"name": 1}"#)), (2, 0));
    }

    #[test]
    fn what_is_no_schema_is_told_and_kept() {
        let given = |text: &str| Given { schema: text.into(), document: None };
        for text in
            ["{", r#"{"type": "nope"}"#, r#"{"$ref": "http://elsewhere.example/schema"}"#, r#"{"pattern": "("}"#]
        {
            assert!(Schemas::default().ready(&given(text), Changes::default()).is_err(), "{text}");
        }
        let schemas = Schemas::default();
        let one = given("{}");
        let first = schemas.ready(&one, Changes::default()).unwrap();
        // The same text again, also where it was made anew.
        assert!(Arc::ptr_eq(&first, &schemas.ready(&given("{}"), Changes::default()).unwrap()));
        assert!(first.errors_of_text("{,}").is_err());
    }
}
