//! Policy documents as text. What the text means is the policy engine's business; here it is opaque.

use crate::{ApiId, Digest, OperationId, ProductId, WorkspaceId};
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};

/// Where a policy document applies. The order is the order of nesting.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyScope {
    /// All requests.
    Global,
    /// All requests to a workspace.
    Workspace(WorkspaceId),
    /// Requests that run in the context of a product.
    Product(ProductId),
    /// Requests to an API.
    Api(ApiId),
    /// Requests to one operation of an API.
    Operation(ApiId, OperationId),
}

impl fmt::Display for PolicyScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Global => f.write_str("global"),
            Self::Workspace(id) => write!(f, "workspaces/{id}"),
            Self::Product(id) => write!(f, "products/{id}"),
            Self::Api(id) => write!(f, "apis/{id}"),
            Self::Operation(api, id) => write!(f, "apis/{api}/operations/{id}"),
        }
    }
}

/// How expressions stand in the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyFormat {
    /// Not known; the reader tells by looking (files do not say which form they have).
    #[default]
    Auto,
    /// `rawxml`: expressions stand unescaped, so the text need not be XML.
    Raw,
    /// `xml`: expressions are escaped as XML asks.
    Xml,
}

/// One policy document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicySource {
    /// Where it applies.
    pub scope: PolicyScope,
    /// The text, as its author wrote it, without a byte order mark.
    pub text: Arc<str>,
    /// The digest of the text alone.
    pub digest: Digest,
    /// The file it came from, relative to the configuration folder, for diagnostics.
    #[serde(default)]
    pub origin: Option<Arc<str>>,
    /// How expressions stand in it.
    #[serde(default)]
    pub format: PolicyFormat,
}

impl PolicySource {
    /// A document of unknown origin.
    pub fn new(scope: PolicyScope, text: impl AsRef<str>) -> Self {
        let text: Arc<str> = Arc::from(text.as_ref());
        Self { scope, digest: Digest::of(text.as_bytes()), text, origin: None, format: PolicyFormat::Auto }
    }

    /// Names the file it came from.
    #[must_use]
    pub fn from_file(mut self, path: impl AsRef<str>) -> Self {
        self.origin = Some(Arc::from(path.as_ref()));
        self
    }
}
