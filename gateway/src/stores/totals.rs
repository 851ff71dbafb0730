//! Totals over fixed spans of time (quotas) and permits, in memory. Both are counted by this process alone and start at zero
//! with it.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use policy_engine::{Eventually, Permit, Total, Totals};

/// Totals are searched for ended spans after so many calls.
const SWEEP_EVERY: u32 = 4096;
/// Totals kept; beyond it those that end soonest go.
const MAX_TOTALS: usize = 1 << 20;

/// The totals and permits of a process.
#[derive(Debug, Default)]
pub struct MemoryTotals {
    spans: Mutex<Spans>,
    permits: Arc<Mutex<HashMap<Box<str>, u64>>>,
}

#[derive(Debug, Default)]
struct Spans {
    /// What was counted, and until when.
    totals: HashMap<Box<str>, (u64, i64)>,
    calls: u32,
}

impl Spans {
    fn of(&mut self, total: &Total, now: i64) -> &mut u64 {
        self.calls = self.calls.wrapping_add(1);
        if self.calls.is_multiple_of(SWEEP_EVERY) || self.totals.len() >= MAX_TOTALS {
            self.sweep(now);
        }
        &mut self.totals.entry(total.key.as_str().into()).or_insert((0, total.ends)).0
    }

    fn sweep(&mut self, now: i64) {
        self.totals.retain(|_, (_, ends)| *ends > now);
        if self.totals.len() >= MAX_TOTALS {
            let mut ends: Vec<i64> = self.totals.values().map(|(_, ends)| *ends).collect();
            ends.sort_unstable();
            let cut = ends.get(ends.len() / 4).copied().unwrap_or(now);
            self.totals.retain(|_, (_, ends)| *ends > cut);
        }
    }
}

impl Totals for MemoryTotals {
    fn spend<'a>(&'a self, total: &'a Total, most: u64, amount: u64, now: i64) -> Eventually<'a, bool> {
        let mut spans = self.spans.lock();
        let used = spans.of(total, now);
        let fits = used.saturating_add(amount.max(1)) <= most;
        if fits {
            *used = used.saturating_add(amount);
        }
        Eventually::Ready(fits)
    }

    fn tally<'a>(&'a self, total: &'a Total, amount: u64, now: i64) -> Eventually<'a, ()> {
        let mut spans = self.spans.lock();
        let used = spans.of(total, now);
        *used = used.saturating_add(amount);
        Eventually::Ready(())
    }

    fn permit(&self, key: &str, most: u64) -> Option<Permit> {
        let mut held = self.permits.lock();
        let count = held.get(key).copied().unwrap_or(0);
        if count >= most {
            return None;
        }
        held.insert(key.into(), count.saturating_add(1));
        Some(Box::new(Held { permits: Arc::clone(&self.permits), key: key.into() }))
    }
}

/// A permit; dropping gives it back.
struct Held {
    permits: Arc<Mutex<HashMap<Box<str>, u64>>>,
    key: Box<str>,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut held = self.permits.lock();
        match held.get_mut(&self.key) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(held.remove(&self.key)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spend(totals: &MemoryTotals, key: &str, most: u64, amount: u64, now: i64) -> bool {
        let total = Total { key: key.into(), ends: 100 };
        totals.spend(&total, most, amount, now).now().unwrap()
    }

    #[test]
    fn totals_stay_within_their_limit() {
        let totals = MemoryTotals::default();
        assert!(spend(&totals, "a", 2, 1, 0));
        assert!(spend(&totals, "a", 2, 1, 0));
        assert!(!spend(&totals, "a", 2, 1, 0));
        assert!(!spend(&totals, "a", 2, 0, 0));
        assert!(spend(&totals, "b", 2, 0, 0));
        let _ = totals.tally(&Total { key: "b".into(), ends: 100 }, 5, 0);
        assert!(!spend(&totals, "b", 5, 0, 0));
        assert!(spend(&totals, "b", 6, 0, 0));
    }

    #[test]
    fn ended_spans_are_forgotten() {
        let totals = MemoryTotals::default();
        assert!(spend(&totals, "a", 2, 1, 0));
        totals.spans.lock().sweep(100);
        assert!(totals.spans.lock().totals.is_empty());
    }

    #[test]
    fn permits_come_back() {
        let totals = MemoryTotals::default();
        let (first, second) = (totals.permit("k", 2).unwrap(), totals.permit("k", 2).unwrap());
        assert!(totals.permit("k", 2).is_none());
        drop(first);
        let third = totals.permit("k", 2).unwrap();
        drop((second, third));
        assert!(totals.permits.lock().is_empty());
        assert!(totals.permit("k", 0).is_none());
    }
}
