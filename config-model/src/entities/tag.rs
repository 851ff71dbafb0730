//! A tag.

use crate::TagId;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A tag.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tag {
    /// Resource name.
    pub id: TagId,
    /// Name for people.
    pub display_name: String,
    /// The file it came from.
    pub origin: Option<Arc<str>>,
}
