//! State that outlives requests and revisions, kept beside the world and keyed by name: counters, cached values, documents.

mod cache;
mod counters;
mod documents;
mod totals;

pub use cache::MemoryCache;
pub use counters::MemoryCounters;
pub use documents::MemoryDocuments;
pub use totals::MemoryTotals;

/// All stores of one process, in memory.
#[derive(Debug)]
pub struct Memory {
    /// Sliding windows.
    pub counters: MemoryCounters,
    /// Quotas and permits.
    pub totals: MemoryTotals,
    /// Cached values.
    pub cache: MemoryCache,
    /// Fetched and parsed documents.
    pub documents: MemoryDocuments,
}

impl Memory {
    /// Empty stores; the cache holds up to `cache_bytes`.
    pub fn new(cache_bytes: u64) -> Self {
        Self {
            counters: MemoryCounters::default(),
            totals: MemoryTotals::default(),
            cache: MemoryCache::new(cache_bytes),
            documents: MemoryDocuments::default(),
        }
    }
}
