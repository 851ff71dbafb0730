//! A named value: text that policies quote as `{{display name}}`.

use crate::{NamedValueId, Secret, TagId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A secret that lives in a Key Vault.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeyVaultReference {
    /// URL of the secret.
    pub secret_identifier: String,
    /// Identity that may read it.
    pub identity_client_id: Option<String>,
}

/// A named value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NamedValue {
    /// Resource name; policies do not use it.
    pub id: NamedValueId,
    /// The name that policies use, compared without letter case.
    pub display_name: String,
    /// True if its text must never be shown.
    pub secret: bool,
    /// The text; absent if no source had it.
    pub value: Option<Secret<String>>,
    /// Where it lives, if in a Key Vault.
    pub key_vault: Option<KeyVaultReference>,
    /// Tags.
    pub tags: Vec<TagId>,
    /// The file it came from.
    pub origin: Option<Arc<str>>,
}
