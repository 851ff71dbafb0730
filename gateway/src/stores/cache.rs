//! Cached values in memory, bounded by their bytes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use moka::Expiry;
use moka::sync::Cache as Moka;
use policy_engine::{Cache, Eventually};

/// What an entry costs besides its bytes.
const ENTRY_COST: usize = 128;

/// The cache of a process.
#[derive(Debug)]
pub struct MemoryCache {
    entries: Moka<Arc<str>, Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    value: Bytes,
    life: Duration,
}

struct OwnLife;

impl Expiry<Arc<str>, Entry> for OwnLife {
    fn expire_after_create(&self, _: &Arc<str>, entry: &Entry, _: Instant) -> Option<Duration> {
        Some(entry.life)
    }

    fn expire_after_update(&self, _: &Arc<str>, entry: &Entry, _: Instant, _: Option<Duration>) -> Option<Duration> {
        Some(entry.life)
    }
}

impl MemoryCache {
    /// A cache of up to `bytes`.
    pub fn new(bytes: u64) -> Self {
        let entries = Moka::builder()
            .max_capacity(bytes)
            .weigher(|key: &Arc<str>, entry: &Entry| {
                u32::try_from(key.len() + entry.value.len() + ENTRY_COST).unwrap_or(u32::MAX)
            })
            .expire_after(OwnLife)
            .build();
        Self { entries }
    }
}

impl Cache for MemoryCache {
    fn get<'a>(&'a self, key: &'a str) -> Eventually<'a, Option<Bytes>> {
        Eventually::Ready(self.entries.get(key).map(|entry| entry.value))
    }

    fn put<'a>(&'a self, key: &'a str, value: Bytes, time: Duration) -> Eventually<'a, ()> {
        self.entries.insert(key.into(), Entry { value, life: time });
        Eventually::Ready(())
    }

    fn remove<'a>(&'a self, key: &'a str) -> Eventually<'a, ()> {
        self.entries.invalidate(key);
        Eventually::Ready(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(cache: &MemoryCache, key: &str) -> Option<Bytes> {
        match cache.get(key) {
            Eventually::Ready(value) => value,
            Eventually::Pending(_) => panic!("memory never waits"),
        }
    }

    #[test]
    fn values_come_back_until_removed() {
        let cache = MemoryCache::new(1 << 20);
        let _ = cache.put("a", Bytes::from_static(b"1"), Duration::from_secs(60));
        let _ = cache.put("a", Bytes::from_static(b"2"), Duration::from_secs(60));
        assert_eq!(get(&cache, "a").as_deref(), Some(&b"2"[..]));
        let _ = cache.remove("a");
        assert_eq!(get(&cache, "a"), None);
    }

    #[test]
    fn values_end_with_their_time() {
        let cache = MemoryCache::new(1 << 20);
        let _ = cache.put("a", Bytes::from_static(b"1"), Duration::ZERO);
        assert_eq!(get(&cache, "a"), None);
    }
}
