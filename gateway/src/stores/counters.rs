//! Sliding windows in memory: never more than the allowed number of calls in any window, whatever thread asks.
//!
//! A window with few calls keeps the time of each call and is exact. One with many keeps sub-buckets; the oldest bucket that
//! the window still touches counts whole, so that it errs on the strict side, by one bucket at most. Keys are spread over
//! shards, each behind its own short lock; two keys seldom meet and one key must be serial to be right.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use parking_lot::Mutex;
use policy_engine::{Count, Counters, Eventually, Window};

const SHARDS: usize = 64;
/// Windows with up to this many calls keep each call.
const EXACT_CALLS: u64 = 128;
/// Sub-buckets of a window.
const BUCKETS: i64 = 60;
/// A shard is searched for stale windows after so many calls.
const SWEEP_EVERY: u32 = 4096;
/// Windows kept in a shard; beyond it the stalest go.
const MAX_WINDOWS: usize = 65_536;
/// .NET ticks in a microsecond.
const TICKS_PER_MICRO: i64 = 10;

/// The counters of a process.
#[derive(Debug)]
pub struct MemoryCounters {
    hasher: RandomState,
    shards: Box<[Mutex<Shard>]>,
}

#[derive(Debug, Default)]
struct Shard {
    windows: HashMap<Box<str>, Vec<Sliding>>,
    calls: u32,
}

#[derive(Debug)]
struct Sliding {
    period: i64,
    /// Width of a bucket; 0 keeps each call.
    width: i64,
    /// Start (or time) and count, oldest first.
    entries: VecDeque<(i64, u64)>,
    total: u64,
    last: i64,
}

impl Default for MemoryCounters {
    fn default() -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { hasher: RandomState::new(), shards }
    }
}

impl MemoryCounters {
    fn with<T>(&self, window: &Window<'_>, now: i64, work: impl FnOnce(&mut Sliding, i64) -> T) -> Option<T> {
        let hash = usize::try_from(self.hasher.hash_one(window.key) % SHARDS as u64).unwrap_or(0);
        let mut shard = self.shards.get(hash)?.lock();
        shard.calls = shard.calls.wrapping_add(1);
        if shard.calls.is_multiple_of(SWEEP_EVERY) || shard.windows.len() > MAX_WINDOWS {
            shard.sweep(now);
        }
        let period = ticks(window.period).max(1);
        if !shard.windows.contains_key(window.key) {
            shard.windows.insert(window.key.into(), Vec::new());
        }
        let windows = shard.windows.get_mut(window.key)?;
        let at = match windows.iter().position(|known| known.period == period) {
            Some(at) => at,
            None => {
                windows.push(Sliding::new(period, window.calls));
                windows.len() - 1
            }
        };
        let sliding = windows.get_mut(at)?;
        // A clock that is set back must not open the window again.
        let now = now.max(sliding.last);
        sliding.last = now;
        sliding.forget(now);
        Some(work(sliding, now))
    }
}

impl Shard {
    fn sweep(&mut self, now: i64) {
        self.windows.retain(|_, windows| {
            windows.retain(|window| now.saturating_sub(window.last) <= window.period + window.width);
            !windows.is_empty()
        });
        if self.windows.len() > MAX_WINDOWS {
            let mut ages: Vec<i64> = self.windows.values().flatten().map(|window| window.last).collect();
            ages.sort_unstable();
            let cut = ages.get(ages.len() / 4).copied().unwrap_or(now);
            self.windows.retain(|_, windows| windows.iter().any(|window| window.last > cut));
        }
    }
}

impl Sliding {
    fn new(period: i64, calls: u64) -> Self {
        let width = if calls <= EXACT_CALLS { 0 } else { (period / BUCKETS).max(1) };
        Self { period, width, entries: VecDeque::new(), total: 0, last: i64::MIN }
    }

    /// Drops what no window that ends now can touch.
    fn forget(&mut self, now: i64) {
        while let Some((start, count)) = self.entries.front().copied() {
            if now.saturating_sub(self.period) < start.saturating_add(self.width) {
                break;
            }
            self.entries.pop_front();
            self.total = self.total.saturating_sub(count);
        }
    }

    fn add(&mut self, amount: u64, now: i64) {
        let start = if self.width == 0 { now } else { now - now.rem_euclid(self.width) };
        self.total = self.total.saturating_add(amount);
        match self.entries.back_mut() {
            Some((last, count)) if *last == start => *count = count.saturating_add(amount),
            _ => self.entries.push_back((start, amount)),
        }
    }

    fn take(&mut self, calls: u64, amount: u64, now: i64) -> Count {
        let allowed = self.total.saturating_add(amount.max(1)) <= calls;
        if allowed {
            if amount > 0 {
                self.add(amount, now);
            }
            return Count { allowed, remaining: calls - self.total, retry_after: Duration::ZERO };
        }
        let retry_after = self.retry_after(calls, amount.max(1), now);
        Count { allowed, remaining: calls.saturating_sub(self.total), retry_after }
    }

    /// Until enough old calls have left the window.
    fn retry_after(&self, calls: u64, amount: u64, now: i64) -> Duration {
        let mut left = self.total;
        for (start, count) in &self.entries {
            left = left.saturating_sub(*count);
            if left.saturating_add(amount) <= calls {
                let leaves = start.saturating_add(self.width).saturating_add(self.period);
                return duration(leaves.saturating_sub(now));
            }
        }
        duration(self.period)
    }
}

impl Counters for MemoryCounters {
    fn take<'a>(&'a self, window: Window<'a>, amount: u64, now: i64) -> Eventually<'a, Count> {
        let refused = Count { allowed: false, remaining: 0, retry_after: window.period };
        let calls = window.calls;
        Eventually::Ready(self.with(&window, now, |sliding, now| sliding.take(calls, amount, now)).unwrap_or(refused))
    }

    fn add<'a>(&'a self, window: Window<'a>, amount: u64, now: i64) -> Eventually<'a, ()> {
        self.with(&window, now, |sliding, now| sliding.add(amount, now));
        Eventually::Ready(())
    }
}

fn ticks(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX / TICKS_PER_MICRO / 2).saturating_mul(TICKS_PER_MICRO)
}

fn duration(ticks: i64) -> Duration {
    Duration::from_micros(u64::try_from(ticks.max(0) / TICKS_PER_MICRO).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: i64 = 10_000_000;

    fn take(counters: &MemoryCounters, key: &str, calls: u64, now: i64) -> Count {
        let window = Window { key, calls, period: Duration::from_secs(10) };
        match counters.take(window, 1, now) {
            Eventually::Ready(count) => count,
            Eventually::Pending(_) => panic!("memory never waits"),
        }
    }

    #[test]
    fn small_windows_are_exact() {
        let counters = MemoryCounters::default();
        assert_eq!(take(&counters, "k", 2, 0), Count { allowed: true, remaining: 1, retry_after: Duration::ZERO });
        assert!(take(&counters, "k", 2, 4 * SECOND).allowed);
        let refused = take(&counters, "k", 2, 5 * SECOND);
        assert_eq!(refused, Count { allowed: false, remaining: 0, retry_after: Duration::from_secs(5) });
        assert!(take(&counters, "other", 2, 5 * SECOND).allowed);
        assert!(!take(&counters, "k", 2, 10 * SECOND - 1).allowed);
        assert!(take(&counters, "k", 2, 10 * SECOND).allowed);
        assert!(!take(&counters, "k", 2, 9 * SECOND).allowed, "a clock set back opens nothing");
    }

    #[test]
    fn threads_never_pass_more_than_allowed() {
        let counters = MemoryCounters::default();
        let passed = std::sync::atomic::AtomicU64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..500 {
                        if take(&counters, "k", 1000, 0).allowed {
                            passed.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        assert_eq!(passed.into_inner(), 1000);
    }

    proptest! {
        /// In no window of the period do more than the allowed calls pass; with room nothing is refused needlessly.
        #[test]
        fn never_lax(calls in prop_oneof![1_u64..6, 129_u64..140], steps in proptest::collection::vec(0_i64..SECOND, 1..600)) {
            let counters = MemoryCounters::default();
            let (mut now, mut passed) = (0, Vec::new());
            let period = 10 * SECOND;
            let slack = if calls <= EXACT_CALLS { 0 } else { period / BUCKETS };
            for step in steps {
                now += step / 40;
                let touched = |reach: i64| passed.iter().filter(|at| **at > now - reach).count() as u64;
                if take(&counters, "k", calls, now).allowed {
                    prop_assert!(touched(period) < calls);
                    passed.push(now);
                } else {
                    prop_assert!(touched(period + slack + 1) >= calls);
                }
            }
        }
    }
}
