//! Deadlines of client connections, checked four times a second by one task a worker.
//!
//! A request then costs two atomic stores instead of arming and disarming timers, and a connection that waits costs
//! nothing. The price is a quarter of a second of tolerance.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Weak};
use std::task::Waker;
use std::time::Duration;

use parking_lot::Mutex;

/// How often deadlines are looked at.
pub(crate) const TICK: Duration = Duration::from_millis(250);
/// No deadline.
const NEVER: u32 = 0;

/// The connections of one worker.
#[derive(Debug)]
pub(crate) struct Reaper {
    now: AtomicU32,
    draining: AtomicBool,
    watched: Mutex<Vec<Weak<Watch>>>,
}

/// One connection's deadlines.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    read: AtomicU32,
    write: AtomicU32,
    waker: Mutex<Option<Waker>>,
}

impl Reaper {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { now: AtomicU32::new(1), draining: AtomicBool::new(false), watched: Mutex::new(Vec::new()) })
    }

    /// The current tick.
    pub(crate) fn now(&self) -> u32 {
        self.now.load(Ordering::Relaxed)
    }

    /// The number of ticks in a time, at least one.
    pub(crate) fn ticks(time: Duration) -> u32 {
        u32::try_from(time.as_millis() / TICK.as_millis()).unwrap_or(u32::MAX / 2).max(1)
    }

    /// Watches a new connection.
    pub(crate) fn watch(&self) -> Arc<Watch> {
        let watch = Arc::new(Watch::default());
        self.watched.lock().push(Arc::downgrade(&watch));
        watch
    }

    /// Counts a tick, wakes what is late and forgets what is gone.
    pub(crate) fn tick(&self) {
        let now = self.now.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        self.watched.lock().retain(|watch| {
            let Some(watch) = watch.upgrade() else { return false };
            if watch.is_late(now)
                && let Some(waker) = watch.waker.lock().take()
            {
                waker.wake();
            }
            true
        });
    }

    /// Connections that wait for a request are to end: wakes them all.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
        for watch in self.watched.lock().iter().filter_map(Weak::upgrade) {
            if let Some(waker) = watch.waker.lock().take() {
                waker.wake();
            }
        }
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Ticks for ever.
    pub(crate) async fn run(self: Arc<Self>) {
        let mut interval = tokio::time::interval(TICK);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            interval.tick().await;
            self.tick();
        }
    }
}

impl Watch {
    pub(crate) fn set_read(&self, at: u32) {
        self.read.store(at.max(1), Ordering::Relaxed);
    }

    pub(crate) fn clear_read(&self) {
        self.read.store(NEVER, Ordering::Relaxed);
    }

    /// Sets the deadline for writing if there is none.
    pub(crate) fn set_write_once(&self, at: u32) {
        let _ = self.write.compare_exchange(NEVER, at.max(1), Ordering::Relaxed, Ordering::Relaxed);
    }

    pub(crate) fn clear_write(&self) {
        self.write.store(NEVER, Ordering::Relaxed);
    }

    pub(crate) fn read_is_late(&self, now: u32) -> bool {
        let read = self.read.load(Ordering::Relaxed);
        read != NEVER && now >= read
    }

    pub(crate) fn write_is_late(&self, now: u32) -> bool {
        let write = self.write.load(Ordering::Relaxed);
        write != NEVER && now >= write
    }

    fn is_late(&self, now: u32) -> bool {
        self.read_is_late(now) || self.write_is_late(now)
    }

    /// Remembers whom to wake. One task owns a connection, so its reads and writes share the place.
    pub(crate) fn remember(&self, waker: &Waker) {
        let mut kept = self.waker.lock();
        if !kept.as_ref().is_some_and(|kept| kept.will_wake(waker)) {
            *kept = Some(waker.clone());
        }
    }
}
