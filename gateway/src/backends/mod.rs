//! Where requests go: addresses of backends, what Pingora needs to know to connect to them, and what backend entities add,
//! which of them may be called, and which member of a pool is next.

mod breaker;
mod peer;
mod pool;
mod rules;
mod states;

pub(crate) use breaker::{Breaker, Outcome};
pub(crate) use peer::{Address, Peer, PeerKey, Peers};
pub(crate) use pool::{Pool, TieKey};
pub(crate) use rules::BackendRules;
pub(crate) use states::States;
