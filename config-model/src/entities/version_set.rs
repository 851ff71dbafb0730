//! A version set: where callers say which version of an API they want.

use crate::VersionSetId;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Where the version identifier stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VersioningScheme {
    /// A path segment behind the API's path.
    #[default]
    Segment,
    /// A query parameter.
    Query,
    /// A header.
    Header,
}

/// A version set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VersionSet {
    /// Resource name.
    pub id: VersionSetId,
    /// Name for people.
    pub display_name: String,
    /// Text for people.
    pub description: Option<String>,
    /// Where the identifier stands.
    pub scheme: VersioningScheme,
    /// The header, for `Header`.
    pub header_name: Option<String>,
    /// The query parameter, for `Query`.
    pub query_name: Option<String>,
    /// The file it came from.
    pub origin: Option<Arc<str>>,
}
