//! Names of things. Every kind of entity has its own type, so that an API id can never stand where a product id is meant.
//!
//! An id is the resource name of the management plane with its letter case kept. Two ids are equal only if they are spelled alike; whoever
//! builds a snapshot turns references into the spelling of the entity they name.

use serde::{Deserialize, Serialize};
use std::{borrow::Borrow, fmt, sync::Arc};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id with this text.
            pub fn new(text: impl AsRef<str>) -> Self {
                Self(Arc::from(text.as_ref()))
            }

            /// The text of the id.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new("")
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(Arc::from(text))
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }
    )*};
}

ids! {
    /// An API; a revision that is not current is `<api>;rev=<n>`.
    ApiId
    /// An operation of one API.
    OperationId
    /// A version set.
    VersionSetId
    /// A product.
    ProductId
    /// A subscription.
    SubscriptionId
    /// A backend or a pool of backends.
    BackendId
    /// A named value (the resource name, not the display name that policies use).
    NamedValueId
    /// A policy fragment.
    FragmentId
    /// A certificate.
    CertificateId
    /// A host name configuration of a gateway.
    HostnameId
    /// A logger.
    LoggerId
    /// A self-hosted gateway.
    GatewayId
    /// An external cache.
    CacheId
    /// A group of users.
    GroupId
    /// A user.
    UserId
    /// A tag.
    TagId
    /// A diagnostic.
    DiagnosticId
    /// A schema document.
    SchemaId
    /// An authorization server or OpenID provider.
    IdentityProviderId
    /// A workspace.
    WorkspaceId
}
