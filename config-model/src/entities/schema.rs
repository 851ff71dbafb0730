//! A schema document: what `validate-content` and `mock-response` look into.

use crate::SchemaId;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A schema document, of the service or of one API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Schema {
    /// Resource name; unique in its API, or in the service for global schemas.
    pub id: SchemaId,
    /// Such as `application/vnd.oai.openapi.components+json` (text `{"components": {...}}`),
    /// `application/vnd.ms-azure-apim.swagger.definitions+json` (text `{"definitions": {...}}`), `application/vnd.ms-azure-apim.xsd+xml`,
    /// `application/vnd.ms-azure-apim.graphql.schema`; global ones have `json` or `xml`.
    pub content_type: String,
    /// The document.
    pub text: Arc<str>,
    /// The file it came from.
    pub origin: Option<Arc<str>>,
}
