//! When to read the folder again: at once when the kernel tells of a change, and every ten seconds by looking, where it cannot tell.

use crate::sources::folder::fingerprint;
use config_model::Digest;
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout_at},
};

/// Longest wait for a burst of changes to end.
const MAX_BURST: Duration = Duration::from_millis(500);

/// How often the folder is looked at, and how long a burst may pause.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) poll: Duration,
    pub(crate) debounce: Duration,
}

/// Tells of changes below some paths.
pub(crate) struct Changes {
    paths: Vec<PathBuf>,
    pace: Pace,
    seen: Digest,
    events: mpsc::Receiver<()>,
    poll: tokio::time::Interval,
    /// Kept alive; `None` where the kernel refused, which leaves the poll.
    _watcher: Option<RecommendedWatcher>,
}

impl Changes {
    /// Starts to watch. The first [`Changes::next`] tells only of what happens from now on.
    pub(crate) fn watch(paths: Vec<PathBuf>, pace: Pace) -> Self {
        // One waiting event is as good as a thousand.
        let (sender, events) = mpsc::channel(1);
        let watcher = start(&paths, sender).inspect_err(|error| {
            log::warn!("changes are only found by looking every {} s: {error}", pace.poll.as_secs());
        });
        let mut poll = interval_at(Instant::now().checked_add(pace.poll).unwrap_or_else(Instant::now), pace.poll);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { seen: fingerprint(&paths), paths, pace, events, poll, _watcher: watcher.ok() }
    }

    /// Waits for the next change.
    pub(crate) async fn next(&mut self) {
        loop {
            tokio::select! {
                Some(()) = self.events.recv() => self.settle().await,
                _ = self.poll.tick() => {}
            }
            if self.look().await {
                return;
            }
        }
    }

    /// Waits until a burst of events pauses.
    async fn settle(&mut self) {
        let start = Instant::now();
        let last = start.checked_add(MAX_BURST).unwrap_or(start);
        loop {
            let pause = Instant::now().checked_add(self.pace.debounce).unwrap_or(last).min(last);
            match timeout_at(pause, self.events.recv()).await {
                Ok(Some(())) if pause < last => {}
                Ok(Some(())) | Err(_) => return,
                Ok(None) => return sleep_until(pause).await,
            }
        }
    }

    /// True if anything below the paths differs from what was seen last.
    pub(crate) async fn look(&mut self) -> bool {
        let paths = self.paths.clone();
        let Ok(now) = tokio::task::spawn_blocking(move || fingerprint(&paths)).await else { return false };
        std::mem::replace(&mut self.seen, now) != now
    }
}

fn start(paths: &[PathBuf], sender: mpsc::Sender<()>) -> notify::Result<RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Reading is no change; everything else, and every failure of the watch, is a reason to look.
        if !event.is_ok_and(|event| event.kind.is_access()) {
            let _ = sender.try_send(());
        }
    })?;
    for path in paths {
        if path.is_dir() {
            watcher.watch(path, RecursiveMode::Recursive)?;
        } else {
            // A file may be replaced by renaming, which only its folder tells.
            watcher.watch(
                path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")),
                RecursiveMode::NonRecursive,
            )?;
        }
    }
    Ok(watcher)
}
