//! An external cache.

use crate::{CacheId, Secret};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A cache.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cache {
    /// Resource name.
    pub id: CacheId,
    /// Where it is; named values are filled in.
    pub connection_string: Option<Secret<String>>,
    /// `default`, or the region whose gateways use it.
    pub use_from_location: String,
    /// Text for people.
    pub description: Option<String>,
    /// The file it came from.
    pub origin: Option<Arc<str>>,
}
