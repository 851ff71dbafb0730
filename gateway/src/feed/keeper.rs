//! The way of a snapshot into service: build, judge, swap, keep. Runs on threads of its own, never on a request worker.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use config_model::{Finding, Revision, Snapshot};

use super::backup;
use crate::proxy::worker::Shared;
use crate::world::{Builder, World};

/// The most findings that are reported back.
const MAX_FINDINGS: usize = 100;
/// How often and how long the requests of an old world are waited for.
const LOOK_EVERY: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Puts snapshots into service.
#[derive(Debug)]
pub(crate) struct Keeper {
    pub(crate) builder: Builder,
    pub(crate) shared: Arc<Shared>,
    /// Where good revisions are kept.
    pub(crate) backup: Option<PathBuf>,
}

/// What became of a snapshot.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It is served.
    Live,
    /// It has errors. What was served before still is; with nothing before, the sound parts of this one are.
    Refused(Vec<Finding>),
}

impl Keeper {
    /// The revision in service.
    pub(crate) fn revision(&self) -> Option<Revision> {
        self.shared.world.load().as_ref().map(|world| world.revision)
    }

    /// Builds and swaps. `keep` writes a good revision to disk.
    pub(crate) fn install(&self, revision: Revision, snapshot: Arc<Snapshot>, keep: bool) -> Verdict {
        let started = std::time::Instant::now();
        let built = self.builder.build(revision, Arc::clone(&snapshot));
        let broken = built.is_broken();
        for finding in &built.findings {
            let text = finding.to_string();
            match finding.severity {
                config_model::Severity::Error => log::error!(revision = revision.short(); "{text}"),
                _ => log::warn!(revision = revision.short(); "{text}"),
            }
        }
        let first = self.shared.world.load().is_none();
        if broken && !first {
            self.shared.metrics.reload("refused");
            log::error!(revision = revision.short(); "the revision has errors and is not served");
            return Verdict::Refused(some(built.findings));
        }
        let apis = built.world.apis.len();
        if let Some(old) = self.shared.world.swap(Some(Arc::new(built.world))) {
            free_later(old);
        }
        self.shared.metrics.live(revision);
        log::info!(
            revision = revision.short(), apis = apis, took_ms = millis(started.elapsed());
            "the revision is live"
        );
        if broken {
            self.shared.metrics.reload("refused");
            log::error!(revision = revision.short(); "the revision has errors; its sound parts are served because there is nothing else");
            return Verdict::Refused(some(built.findings));
        }
        self.shared.metrics.reload("live");
        if keep {
            self.keep(&snapshot);
        }
        Verdict::Live
    }

    fn keep(&self, snapshot: &Snapshot) {
        let Some(directory) = &self.backup else { return };
        if let Err(error) = backup::keep(directory, snapshot) {
            log::warn!(directory = directory.display().to_string(), error = error.to_string(); "the revision could not be kept");
        }
    }
}

/// Frees a world once its last request has ended, here and not on a request worker: a large one takes milliseconds.
fn free_later(old: Arc<World>) {
    let free = move || {
        let started = std::time::Instant::now();
        while Arc::strong_count(&old) > 1 && started.elapsed() < LONGEST_WAIT {
            std::thread::sleep(LOOK_EVERY);
        }
    };
    // Without a thread it is freed at once, or by its last request.
    let _ = std::thread::Builder::new().name("old-world".to_owned()).spawn(free);
}

fn some(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.truncate(MAX_FINDINGS);
    findings
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
