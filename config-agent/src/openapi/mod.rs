//! OpenAPI 2.0, 3.0 and 3.1 to typed operations, as the management plane does on import.
//!
//! Only what a gateway needs is read, and leniently: what tools in the field write must load. `servers`, `host` and `basePath` are never read,
//! because exported files name the gateway itself there. References are resolved within the document; schemas keep theirs and travel as JSON
//! text beside the document they point into.

mod messages;
mod names;
mod parameters;
mod reference;

use crate::text::TextFile;
use config_model::{Finding, Operation, OperationId, Parameter, Schema, codes};
pub(crate) use names::{normalise_id, unique_id};
use reference::Document;
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, sync::Arc};

/// How many operations one API may have.
const MAX_OPERATIONS: usize = 20_000;

/// Members of a path item that are operations, in the order in which they are read.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Id of the schema document made from a specification.
const SCHEMA_ID: &str = "specification";

/// What a specification says.
#[derive(Debug, Default)]
pub(crate) struct Definition {
    pub(crate) operations: Vec<Operation>,
    pub(crate) schemas: Vec<Schema>,
    /// Things that were not understood, with their place in the document.
    pub(crate) notes: Vec<(String, String)>,
}

/// Whether required query parameters take part in matching.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum RequiredQuery {
    /// They become part of the template.
    #[default]
    Template,
    /// They stay query parameters.
    Query,
}

/// Reads a specification.
pub(crate) fn read(body: &Value, required_query: RequiredQuery) -> Result<Definition, String> {
    let version =
        |name: &str| body.get(name).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    let is_v2 = match (version("swagger"), version("openapi")) {
        (Some(version), _) if version.starts_with('2') => true,
        (_, Some(version)) if version.starts_with("3.") => false,
        (Some(other), _) | (_, Some(other)) => {
            return Err(format!("version `{other}` is not supported: expected 2.0, 3.0 or 3.1"));
        }
        (None, None) => return Err("it says neither `openapi` nor `swagger`".to_owned()),
    };
    let mut reader = Reader {
        document: Document::new(body, is_v2),
        required_query,
        definition: Definition::default(),
        ids: BTreeSet::new(),
    };
    reader.read_paths("paths")?;
    reader.read_paths("x-ms-paths")?;
    reader.read_schemas();
    let notes = reader.document.take_notes();
    reader.definition.notes.extend(notes);
    Ok(reader.definition)
}

/// Turns a failure to read a specification into a finding.
pub(crate) fn refuse(file: &TextFile, reason: &str) -> Finding {
    Finding::error(codes::BAD_SPECIFICATION, format!("not a specification that can be read: {reason}"))
        .in_file(&file.path)
        .at(1, 1)
}

struct Reader<'a> {
    document: Document<'a>,
    required_query: RequiredQuery,
    definition: Definition,
    ids: BTreeSet<String>,
}

impl<'a> Reader<'a> {
    fn read_paths(&mut self, member: &str) -> Result<(), String> {
        let paths = match self.document.root.get(member) {
            None | Some(Value::Null) => return Ok(()),
            Some(Value::Object(paths)) => paths,
            Some(_) => return Err(format!("`{member}` is no object")),
        };
        for (path, item) in paths.iter().filter(|(path, _)| !path.starts_with("x-")) {
            let Some(Value::Object(item)) = self.document.resolve(item, path) else {
                self.document.note(path, "a path item must be an object");
                continue;
            };
            for method in METHODS {
                if let Some(Value::Object(operation)) = item.get(method) {
                    if self.definition.operations.len() >= MAX_OPERATIONS {
                        return Err(format!("more than {MAX_OPERATIONS} operations"));
                    }
                    self.read_operation(path, method, item, operation);
                }
            }
        }
        Ok(())
    }

    fn read_operation(&mut self, path: &str, method: &str, item: &'a Map<String, Value>, body: &'a Map<String, Value>) {
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
        let wanted = match text("operationId") {
            Some(id) => id.to_owned(),
            None => normalise_id(&format!("{method}-{path}")),
        };
        let id = unique_id(wanted, &mut self.ids);
        let place = format!("{path}.{method}");
        let found = parameters::read(&self.document, item, body, &place);
        let path = path.split('#').next().unwrap_or(path);
        let mut operation = Operation {
            display_name: text("summary").unwrap_or(&id).to_owned(),
            description: text("description").map(str::to_owned),
            method: method.to_ascii_uppercase(),
            url_template: if path.starts_with('/') { path.to_owned() } else { format!("/{path}") },
            request: messages::read_request(&self.document, body, &found, &place),
            responses: messages::read_responses(&self.document, body, &place),
            id: OperationId::from(id),
            ..Operation::default()
        };
        operation.request.headers = found.headers;
        operation.template_parameters = found.path;
        self.place_query(&mut operation, &found.query);
        add_undeclared(&mut operation);
        operation.request.query_parameters = found.query;
        self.definition.operations.push(operation);
    }

    /// Required query parameters become part of the template, so a call without them does not match.
    fn place_query(&self, operation: &mut Operation, query: &[Parameter]) {
        let written = operation.url_template.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default();
        let is_written = |name: &str| written.split('&').any(|pair| pair.split('=').next() == Some(name));
        let placed = |parameter: &&Parameter| written.contains(&format!("{{{}}}", parameter.name));
        operation.template_parameters.extend(query.iter().filter(placed).cloned());
        if self.required_query == RequiredQuery::Query {
            return;
        }
        for parameter in query.iter().filter(|parameter| parameter.required && !is_written(&parameter.name)) {
            let separator = if operation.url_template.contains('?') { '&' } else { '?' };
            operation.url_template.push_str(&format!("{separator}{0}={{{0}}}", parameter.name));
            operation.template_parameters.push(parameter.clone());
        }
    }

    /// Schemas of the document, as the management plane would keep them.
    fn read_schemas(&mut self) {
        let (schemas, content_type) = if self.document.is_v2 {
            let definitions = self.document.root.get("definitions").filter(|value| value.is_object());
            (
                definitions.map(|value| json!({ "definitions": value })),
                "application/vnd.ms-azure-apim.swagger.definitions+json",
            )
        } else {
            let schemas = self.document.root.pointer("/components/schemas").filter(|value| value.is_object());
            (
                schemas.map(|value| json!({"components": {"schemas": value}})),
                "application/vnd.oai.openapi.components+json",
            )
        };
        if let Some(schemas) = schemas {
            let text = Arc::from(schemas.to_string());
            let schema = Schema { id: SCHEMA_ID.into(), content_type: content_type.into(), text, origin: None };
            self.definition.schemas.push(schema);
        }
    }
}

/// Parameters that stand in the template but were never declared are text.
fn add_undeclared(operation: &mut Operation) {
    let names: Vec<_> = operation
        .url_template
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split('}').next())
        .map(str::to_owned)
        .collect();
    for name in names {
        if !operation.template_parameters.iter().any(|parameter| parameter.name == name) {
            let parameter = Parameter { name, kind: "string".into(), required: true, ..Parameter::default() };
            operation.template_parameters.push(parameter);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_in_a_circle_are_noted() {
        let body = json!({
            "openapi": "3.0.1",
            "paths": {"/a": {"get": {"parameters": [{"$ref": "#/components/parameters/A"}], "responses": {}}}, "/b": {"$ref": "#/paths/~1b"}},
            "components": {"parameters": {"A": {"$ref": "#/components/parameters/B"}, "B": {"$ref": "#/components/parameters/A"}}}
        });
        let definition = read(&body, RequiredQuery::Template).unwrap();
        assert_eq!(definition.operations.len(), 1);
        assert!(
            definition.notes.iter().filter(|(_, note)| note.contains("circle")).count() >= 2,
            "{:?}",
            definition.notes
        );
    }

    #[test]
    fn any_value_is_answered() {
        // Every value of a sound document replaced by something that does not belong there.
        let sound = json!({"openapi": "3.0.1", "paths": {"/a/{b}": {"parameters": [{"name": "b", "in": "path"}], "post": {
            "operationId": "x", "parameters": [{"name": "q", "in": "query", "required": true, "schema": {"type": ["null"], "enum": [1]}}],
            "requestBody": {"content": {"a/b": {"schema": {"$ref": "#/x"}, "examples": {"e": {"value": 1}}}}},
            "responses": {"200": {"headers": {"h": {}}, "content": {"a/b": {}}}}}}}, "components": {"schemas": {}}});
        let mut pointers = vec![String::new()];
        let mut at = 0;
        while let Some(pointer) = pointers.get(at).cloned() {
            at += 1;
            let children: Vec<String> = match sound.pointer(&pointer).unwrap() {
                Value::Object(map) => map.keys().map(|key| key.replace('~', "~0").replace('/', "~1")).collect(),
                Value::Array(items) => (0..items.len()).map(|index| index.to_string()).collect(),
                _ => Vec::new(),
            };
            pointers.extend(children.into_iter().map(|child| format!("{pointer}/{child}")));
        }
        for pointer in pointers {
            for odd in [Value::Null, json!(1), json!("x"), json!([]), json!({}), json!([[]]), json!({"$ref": 1})] {
                let mut body = sound.clone();
                *body.pointer_mut(&pointer).unwrap() = odd;
                for required_query in [RequiredQuery::Template, RequiredQuery::Query] {
                    if let Ok(definition) = read(&body, required_query) {
                        assert!(definition.operations.iter().all(|operation| operation.url_template.starts_with('/')));
                    }
                }
                if let Value::Object(map) = &mut body {
                    map.insert("swagger".into(), json!("2.0"));
                }
                let _ = read(&body, RequiredQuery::Template);
            }
        }
    }
}
