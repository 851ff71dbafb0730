//! An API: a path below which operations live. Every version and every revision is an API of its own.

use super::{Operation, Schema};
use crate::{ApiId, IdentityProviderId, TagId, VersionSetId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What an API speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ApiKind {
    /// Plain HTTP.
    #[default]
    Http,
    /// SOAP over HTTP.
    Soap,
    /// WebSocket.
    Websocket,
    /// GraphQL, passed through or synthetic.
    Graphql,
    /// gRPC.
    Grpc,
    /// OData.
    Odata,
    /// Model Context Protocol.
    Mcp,
}

/// A scheme that callers may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// `http`
    Http,
    /// `https`
    Https,
    /// `ws`
    Ws,
    /// `wss`
    Wss,
}

/// Where callers put the subscription key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SubscriptionKeyNames {
    /// Name of the header.
    pub header: String,
    /// Name of the query parameter, read only if the header is absent.
    pub query: String,
}

impl Default for SubscriptionKeyNames {
    fn default() -> Self {
        Self { header: "Ocp-Apim-Subscription-Key".into(), query: "subscription-key".into() }
    }
}

/// An OAuth 2 setting of an API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OAuth2Setting {
    /// The authorization server.
    pub server: IdentityProviderId,
    /// The scope asked for.
    pub scope: Option<String>,
}

/// An OpenID setting of an API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OpenIdSetting {
    /// The provider.
    pub provider: IdentityProviderId,
    /// `authorizationHeader`, `query`.
    pub bearer_token_sending_methods: Vec<String>,
}

/// What an API declares about authentication. It informs callers; policies enforce.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApiAuthentication {
    /// OAuth 2 settings.
    pub oauth2: Vec<OAuth2Setting>,
    /// OpenID settings.
    pub openid: Vec<OpenIdSetting>,
}

/// One API (one version, one revision).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Api {
    /// Resource name; `<root>;rev=<n>` for a revision that is not current.
    pub id: ApiId,
    /// The current revision's API; equal to `id` for it. Products, keys and gateways name this one.
    pub root: ApiId,
    /// Name for people.
    pub display_name: String,
    /// Text for people.
    pub description: Option<String>,
    /// The URL part in front of the operations, without slashes at the ends; may be empty or hold several segments.
    pub path: String,
    /// Schemes that callers may use.
    pub protocols: Vec<Protocol>,
    /// Base URL of the backend, if a policy does not set another.
    pub service_url: Option<String>,
    /// What it speaks.
    pub kind: ApiKind,
    /// Revision number as text; `1` if nothing else is said.
    pub revision: String,
    /// True for the revision that answers without a marker.
    pub is_current: bool,
    /// False for a revision that nobody may call.
    pub is_online: bool,
    /// Text of the revision.
    pub revision_description: Option<String>,
    /// Version identifier; `None` in a set is the unversioned original.
    pub version: Option<String>,
    /// The set that says where the version identifier stands.
    pub version_set: Option<VersionSetId>,
    /// Text of the version.
    pub version_description: Option<String>,
    /// True if calls without a key are refused.
    pub subscription_required: bool,
    /// Where the key stands.
    pub subscription_key: SubscriptionKeyNames,
    /// Declared authentication.
    pub authentication: ApiAuthentication,
    /// Operations in the order of the definition.
    pub operations: Vec<Operation>,
    /// Schema documents of the definition, which `schema_id` of parameters and representations names.
    pub schemas: Vec<Schema>,
    /// Tags.
    pub tags: Vec<TagId>,
    /// Terms of service.
    pub terms_of_service_url: Option<String>,
    /// The file it came from.
    pub origin: Option<Arc<str>>,
}

impl Default for Api {
    fn default() -> Self {
        Self {
            id: ApiId::default(),
            root: ApiId::default(),
            display_name: String::new(),
            description: None,
            path: String::new(),
            protocols: vec![Protocol::Https],
            service_url: None,
            kind: ApiKind::Http,
            revision: "1".into(),
            is_current: true,
            is_online: true,
            revision_description: None,
            version: None,
            version_set: None,
            version_description: None,
            subscription_required: true,
            subscription_key: SubscriptionKeyNames::default(),
            authentication: ApiAuthentication::default(),
            operations: Vec::new(),
            schemas: Vec::new(),
            tags: Vec::new(),
            terms_of_service_url: None,
            origin: None,
        }
    }
}
