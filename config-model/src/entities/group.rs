//! A group of users.

use crate::GroupId;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Group {
    /// Resource name.
    pub id: GroupId,
    /// Name for people.
    pub display_name: String,
    /// Text for people.
    pub description: Option<String>,
    /// `custom`, `system` or `external`.
    pub kind: String,
    /// Id in a directory, for external groups.
    pub external_id: Option<String>,
    /// The file it came from.
    pub origin: Option<Arc<str>>,
}
