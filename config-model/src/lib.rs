//! The nouns that both binaries share, and the bytes between them.
//!
//! A [`Snapshot`] is one whole configuration: entities, policy documents (text, opaque here), fragments, named values. It is cut into blobs
//! addressed by digest; the same bytes travel on the socket ([`feed`]) and lie in backup files ([`backup`]). [`crosscheck`] finds what is
//! wrong without knowing what a policy means. This package does no I/O of its own and knows no async runtime.

pub mod backup;
pub mod codes;
mod crosscheck;
mod digest;
pub mod entities;
pub mod feed;
mod finding;
mod ids;
mod policy_source;
mod secret;
mod snapshot;
#[cfg(feature = "testkit")]
pub mod testkit;

pub use crosscheck::{crosscheck, template_problem};
pub use digest::{BadDigest, Digest, Revision};
pub use entities::*;
pub use finding::{FieldPath, Finding, Severity};
pub use ids::*;
pub use policy_source::{PolicyFormat, PolicyScope, PolicySource};
pub use secret::Secret;
pub use snapshot::{Bundle, Entity, Kind, MANIFEST_FORMAT, Manifest, ManifestEntry, Settings, Snapshot, SnapshotError};
