//! Who may connect, and who is connected.

use config_model::{GatewayId, Revision, feed::message::Health};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Owners of processes that may connect.
#[derive(Debug, Clone, Default)]
pub(crate) struct Allowed {
    pub(super) uids: BTreeSet<u32>,
    pub(super) gids: BTreeSet<u32>,
}

impl Allowed {
    pub(super) fn contains(&self, uid: u32, gid: u32) -> bool {
        self.uids.contains(&uid) || self.gids.contains(&gid)
    }
}

/// What is known about a connected gateway.
#[derive(Debug, Clone, Default)]
pub(crate) struct Peer {
    pub(crate) pid: u32,
    pub(crate) gateway: Option<GatewayId>,
    /// The revision that it said it serves.
    pub(crate) live: Option<Revision>,
    /// The revision that it refused last.
    pub(crate) refused: Option<Revision>,
    pub(crate) health: Option<Health>,
}

/// All connected gateways.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    inner: Mutex<(u64, BTreeMap<u64, Peer>)>,
}

impl Registry {
    fn lock(&self) -> MutexGuard<'_, (u64, BTreeMap<u64, Peer>)> {
        // The map is whole after every statement, so a panic elsewhere cannot have left it broken.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a new connection.
    pub(super) fn enter(self: &Arc<Self>, pid: u32) -> Place {
        let mut inner = self.lock();
        inner.0 = inner.0.wrapping_add(1);
        let number = inner.0;
        inner.1.insert(number, Peer { pid, ..Peer::default() });
        Place { registry: self.clone(), number, pid }
    }

    /// Everybody who is connected now.
    pub(crate) fn peers(&self) -> Vec<Peer> {
        self.lock().1.values().cloned().collect()
    }
}

/// The place of one connection; given back when dropped.
#[derive(Debug)]
pub(super) struct Place {
    registry: Arc<Registry>,
    number: u64,
    pub(super) pid: u32,
}

impl Place {
    pub(super) fn note(&self, change: impl FnOnce(&mut Peer)) {
        if let Some(peer) = self.registry.lock().1.get_mut(&self.number) {
            change(peer);
        }
    }
}

// === impl Drop for Place ===

impl Drop for Place {
    fn drop(&mut self) {
        self.registry.lock().1.remove(&self.number);
    }
}
