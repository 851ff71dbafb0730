//! What the definition of an operation says: the response for a status, schemas by name.
use std::sync::Arc;

use config_model::{Api, Operation, OperationResponse, ResponseStatus};
use serde_json::Value;

/// The response that describes a status: of the code itself, of its class, or the default one.
pub(in crate::policies) fn response(operation: &Operation, status: u16) -> Option<&OperationResponse> {
    let all = &operation.responses;
    let exact = all.iter().find(|r| r.status == ResponseStatus::Code(status));
    let class = || all.iter().find(|r| matches!(r.status, ResponseStatus::Class(_)) && r.status.covers(status));
    exact.or_else(class).or_else(|| all.iter().find(|r| r.status == ResponseStatus::Default))
}

/// The text of a schema document of an API.
pub(in crate::policies) fn document<'a>(api: &'a Api, id: &config_model::SchemaId) -> Option<&'a Arc<str>> {
    api.schemas.iter().find(|s| s.id == *id).map(|s| &s.text)
}

/// A schema that is one of a document's by its name.
pub(in crate::policies) fn reference(name: &str, document: &str) -> Arc<str> {
    // Documents are `{"components": ...}` or `{"definitions": ...}`; which of them is told by their first name.
    let first = document.split('"').nth(1);
    let place = if first == Some("components") { "components/schemas" } else { "definitions" };
    serde_json::json!({ "$ref": format!("#/{place}/{}", name.replace('~', "~0").replace('/', "~1")) })
        .to_string()
        .into()
}

/// A named schema of a document.
pub(in crate::policies) fn named<'d>(document: &'d Value, name: &str) -> Option<&'d Value> {
    let in_components = document.get("components").and_then(|c| c.get("schemas")).and_then(|s| s.get(name));
    in_components.or_else(|| document.get("definitions").and_then(|d| d.get(name)))
}
