//! What is known about backends beyond a revision: breakers and turns of pools, by id. They go on while their rules stay the same.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use config_model::{Backend, BackendId, Snapshot};
use parking_lot::Mutex;

use super::breaker::Breaker;
use super::pool::Turns;

/// The states of one process.
#[derive(Debug, Default)]
pub(crate) struct States {
    breakers: Mutex<HashMap<BackendId, Arc<Breaker>>>,
    turns: Mutex<HashMap<BackendId, Arc<Turns>>>,
}

impl States {
    /// The breaker of a backend that has one.
    pub(crate) fn breaker(&self, backend: &Backend) -> Option<Arc<Breaker>> {
        let rules = &backend.circuit_breaker;
        if rules.is_empty() {
            return None;
        }
        let mut breakers = self.breakers.lock();
        if let Some(known) = breakers.get(&backend.id).filter(|known| known.has_rules(rules)) {
            return Some(Arc::clone(known));
        }
        let breaker = Arc::new(Breaker::new(rules, Instant::now()));
        breakers.insert(backend.id.clone(), Arc::clone(&breaker));
        Some(breaker)
    }

    /// Whose turn it is in a pool.
    pub(crate) fn turns(&self, id: &BackendId, pool: &config_model::Pool) -> Arc<Turns> {
        let mut turns = self.turns.lock();
        if let Some(known) = turns.get(id).filter(|known| known.is_of(&pool.members)) {
            return Arc::clone(known);
        }
        let fresh = Arc::new(Turns::new(&pool.members));
        turns.insert(id.clone(), Arc::clone(&fresh));
        fresh
    }

    /// Forgets backends that are gone.
    pub(crate) fn keep(&self, snapshot: &Snapshot) {
        self.breakers.lock().retain(|id, _| snapshot.backends.contains_key(id));
        self.turns.lock().retain(|id, _| snapshot.backends.contains_key(id));
    }
}
