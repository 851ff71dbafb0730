//! Which API and operation a request belongs to: pure functions over an immutable table.
//!
//! The table knows paths, versions, revisions and templates, nothing of HTTP machinery, policies or configuration
//! entities: `world` translates a snapshot into [`ApiRoute`]s and gets indices back. Matching the plain path of a request
//! allocates nothing. Rules: literal text compares without case, percent-encoded octets are decoded for comparison only,
//! the longest API path wins, and then segment by segment literal > literal with parameter > parameter > wildcard.

mod host;
mod query;
mod segment;
mod select;
mod table;
mod template;

pub use host::HostSet;
pub use query::{QueryPairs, decode_component};
pub use select::{Matched, NoMatch, Request, find};
pub use table::{ApiRoute, OperationRoute, Protocols, RouteTable, VersionRule};
pub use template::{Template, TemplateError};

/// A path segment (or several) with its percent-encoded octets decoded.
pub fn decode_segment(raw: &str) -> String {
    segment::decode(raw).into_owned()
}

#[cfg(test)]
mod tests;
