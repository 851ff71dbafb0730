//! Where requests go: addresses of backends, what Pingora needs to know to connect to them, and what backend entities add.

mod peer;
mod rules;

pub(crate) use peer::{Address, Peer, PeerKey, Peers};
pub(crate) use rules::BackendRules;
