//! Documents that were fetched and parsed once: key sets, discovery documents. What they are is the policy's business.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;
use policy_engine::Documents;

/// Documents kept; more would mean that names are made by requests.
const MAX_DOCUMENTS: usize = 1024;

type Kept = (Arc<dyn Any + Send + Sync>, i64);

/// The documents of a process.
#[derive(Default)]
pub struct MemoryDocuments {
    kept: RwLock<HashMap<Box<str>, Kept>>,
}

impl std::fmt::Debug for MemoryDocuments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryDocuments").finish_non_exhaustive()
    }
}

impl Documents for MemoryDocuments {
    fn get(&self, name: &str) -> Option<Kept> {
        self.kept.read().get(name).cloned()
    }

    fn put(&self, name: &str, document: Arc<dyn Any + Send + Sync>, now: i64) {
        let mut kept = self.kept.write();
        if kept.len() >= MAX_DOCUMENTS && !kept.contains_key(name) {
            kept.clear();
        }
        kept.insert(name.into(), (document, now));
    }
}
