//! The host names a gateway answers to.

use std::collections::HashSet;

/// Configured host names, lower case and without a port. Empty means any host.
#[derive(Debug, Clone, Default)]
pub struct HostSet {
    names: HashSet<String>,
}

impl HostSet {
    /// A set of the given names.
    pub fn new<I: IntoIterator<Item = String>>(names: I) -> Self {
        Self { names: names.into_iter().map(|name| name.to_ascii_lowercase()).collect() }
    }

    /// Whether a request for `authority` (`host` or `host:port`) is ours.
    pub fn accepts(&self, authority: &str) -> bool {
        if self.names.is_empty() {
            return true;
        }
        let host = without_port(authority);
        self.names.contains(host) || self.names.contains(&host.to_ascii_lowercase())
    }
}

fn without_port(authority: &str) -> &str {
    if authority.starts_with('[') {
        return authority.split_inclusive(']').next().unwrap_or(authority);
    }
    authority.split_once(':').map_or(authority, |(host, _)| host)
}
