//! An authorization server or OpenID provider that APIs refer to.

use crate::{IdentityProviderId, Secret};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Which of the two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityProviderKind {
    /// OAuth 2 authorization server.
    #[default]
    AuthorizationServer,
    /// OpenID Connect provider.
    OpenIdProvider,
}

/// An authorization server or OpenID provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IdentityProvider {
    /// Resource name.
    pub id: IdentityProviderId,
    /// Which of the two.
    pub kind: IdentityProviderKind,
    /// Name for people.
    pub display_name: String,
    /// Where tokens are made.
    pub token_endpoint: Option<String>,
    /// Where consent is asked for.
    pub authorization_endpoint: Option<String>,
    /// OpenID metadata.
    pub metadata_endpoint: Option<String>,
    /// Client id.
    pub client_id: Option<String>,
    /// Client secret.
    pub client_secret: Option<Secret<String>>,
    /// The file it came from.
    pub origin: Option<Arc<str>>,
}
