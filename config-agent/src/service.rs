//! `run`: joins folder, check, backup and feed, and keeps going whatever the folder holds.

use crate::{
    backup::{Backups, write_private},
    check::{Checked, Checker},
    feed::{BindError, Feed, Offer, Patience, Registry},
    heartbeat,
    load::{LoadOptions, Loaded, load_folder},
    logging::FINDING,
    poll::Changes,
    settings::Settings,
    sources::folder::fingerprint,
    status::{Change, Good, Keeper},
};
use config_model::{Bundle, Finding, Severity};
use serde_json::json;
use std::{
    collections::BTreeSet,
    future::Future,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval_at},
};

/// How often a folder that changes while it is read is read again before what was read counts.
const MAX_READS: usize = 3;

/// How many findings of one reading are logged.
const MAX_LOGGED: usize = 100;

/// The agent at work.
pub(crate) struct Service {
    settings: Settings,
    options: LoadOptions,
    checker: Arc<Checker>,
    keeper: Keeper,
    since: Instant,
    backups: Option<Backups>,
    offers: watch::Sender<Arc<Offer>>,
    registry: Arc<Registry>,
    feed: Arc<Feed>,
    /// Warnings told already, so that each is told once and not at every change.
    told: BTreeSet<Finding>,
}

impl Service {
    /// Opens the socket and takes the backup, if there is one. Must be called within a runtime.
    pub(crate) fn start(settings: Settings) -> Result<Self, BindError> {
        let feed = Arc::new(Feed::bind(&settings.socket, Patience::default())?);
        let backups = settings.backup.clone().map(|folder| Backups::new(folder, settings.backup_count));
        let mut service = Self {
            options: settings.load.clone(),
            registry: feed.registry(),
            feed,
            settings,
            checker: Arc::default(),
            keeper: Keeper::default(),
            since: Instant::now(),
            backups,
            offers: watch::channel(Arc::default()).0,
            told: BTreeSet::new(),
        };
        log::info!(socket = service.settings.socket.path.display().to_string().as_str(); "the feed is open");
        service.restore();
        Ok(service)
    }

    /// Serves until `stop` is done; `again` asks for a fresh reading.
    pub(crate) async fn run(mut self, stop: impl Future<Output = ()>, mut again: impl AsyncFnMut()) {
        let feed = self.feed.clone();
        let serving = tokio::spawn({
            let offers = self.offers.subscribe();
            async move { feed.serve(offers).await }
        });
        let mut changes = Changes::watch(self.watched(), self.settings.pace);
        let first = Instant::now().checked_add(self.settings.heartbeat).unwrap_or_else(Instant::now);
        let mut beats = interval_at(first, self.settings.heartbeat);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let work = async {
            self.reload().await;
            loop {
                tokio::select! {
                    () = changes.next() => self.reload().await,
                    () = again() => self.reload().await,
                    _ = beats.tick() => heartbeat::beat(&self.keeper, self.since.elapsed(), &self.registry),
                }
            }
        };
        tokio::select! {
            () = stop => {}
            () = work => {}
        }
        serving.abort();
        // The feed removes its socket file when the last hold on it is gone.
        let _ = serving.await;
        log::info!("the agent ends");
    }

    fn watched(&self) -> Vec<PathBuf> {
        let mut paths = vec![self.settings.folder.clone()];
        paths.extend(self.options.override_file.clone());
        paths.extend(self.options.secrets.iter().cloned());
        paths
    }

    fn restore(&mut self) {
        let Some(backups) = &self.backups else { return };
        let (bundle, problems) = backups.load();
        for problem in problems {
            log::warn!("a backup is passed over: {problem}");
        }
        match bundle.map(|bundle| bundle.to_snapshot().map(|snapshot| (bundle, snapshot))) {
            None => log::info!("there is no backup to start from"),
            Some(Err(error)) => log::warn!("the backup cannot be used: {error}"),
            Some(Ok((bundle, snapshot))) => {
                log::info!(revision = bundle.manifest.revision.short().as_str(); "the backup is served until the folder was read");
                self.keeper.restore(Good { bundle: Arc::new(bundle), snapshot: Arc::new(snapshot) });
                self.publish();
            }
        }
    }

    /// Reads, checks, and serves what is good.
    async fn reload(&mut self) {
        let start = Instant::now();
        let mut options = self.options.clone();
        options.previous = self.keeper.good().map(|good| good.snapshot.clone());
        let (checker, folder, watched) = (self.checker.clone(), self.settings.folder.clone(), self.watched());
        let read = tokio::task::spawn_blocking(move || read_quietly(&folder, &watched, &options, &checker)).await;
        match read {
            Ok((loaded, checked)) => self.judge(loaded, &checked, start.elapsed()).await,
            // A panic in a reader is a fault of ours; what is served is not touched by it.
            Err(error) => log::error!("the folder could not be read: {error}"),
        }
    }

    async fn judge(&mut self, loaded: Loaded, checked: &Checked, took: Duration) {
        self.tell_findings(&loaded, checked);
        let good = match checked.refused {
            true => None,
            false => cut(loaded.snapshot).await,
        };
        let change = match good {
            Some(good) => self.keeper.accept(good),
            None => self.keeper.refuse(&checked.findings),
        };
        self.publish();
        let (millis, errors, warnings) =
            (u64::try_from(took.as_millis()).unwrap_or(u64::MAX), checked.errors(), checked.warnings());
        let serving = self.keeper.good().map(|good| good.revision().short());
        let serving = serving.as_deref().unwrap_or("nothing");
        match change {
            Change::New(_) => {
                self.since = Instant::now();
                log::info!(revision = serving, millis = millis, warnings = warnings; "a new revision is served");
                self.store().await;
            }
            Change::Same => {
                log::info!(revision = serving, millis = millis; "the configuration was read; nothing changed")
            }
            Change::Refused => log::error!(errors = errors, serving = serving; "the configuration is refused"),
        }
    }

    fn tell_findings(&mut self, loaded: &Loaded, checked: &Checked) {
        let fresh = |finding: &&Finding| finding.is_error() || !self.told.contains(*finding);
        for finding in checked.findings.iter().filter(fresh).take(MAX_LOGGED) {
            log_finding(finding, Some(&loaded.root));
        }
        self.told = checked.findings.iter().filter(|finding| !finding.is_error()).cloned().collect();
        for (api, reason) in &loaded.disabled {
            match loaded.kept.contains(api) {
                true => {
                    log::error!(api = api.as_str(); "an API cannot be read; its last good form is served: {reason}")
                }
                false => log::error!(api = api.as_str(); "an API cannot be read and is not served: {reason}"),
            }
        }
    }

    async fn store(&self) {
        let (Some(backups), Some(good)) = (self.backups.clone(), self.keeper.good()) else { return };
        let bundle = good.bundle.clone();
        let stored = tokio::task::spawn_blocking(move || backups.store(&bundle)).await;
        match stored {
            Ok(Ok(())) => log::debug!("the backup is written"),
            Ok(Err(error)) => log::error!("the backup was not written: {error}"),
            Err(error) => log::error!("the backup was not written: {error}"),
        }
    }

    /// Tells gateways, and whoever reads the status file.
    fn publish(&self) {
        let bundle: Option<Arc<Bundle>> = self.keeper.good().map(|good| good.bundle.clone());
        let status = self.keeper.told();
        if let Some(path) = &self.settings.status_file {
            let findings: Vec<_> = status.findings.iter().map(ToString::to_string).collect();
            let body = json!({"state": self.keeper.state().as_str(), "revision": status.good, "findings": findings});
            if let Err(error) = replace_file(path, &format!("{body}\n")) {
                log::warn!("the status file `{}` cannot be written: {error}", path.display());
            }
        }
        self.offers.send_replace(Arc::new(Offer { bundle, status }));
    }
}

/// Reads a folder that holds still; one that never does counts as it was read last, because its next change will be told anyway.
fn read_quietly(folder: &Path, watched: &[PathBuf], options: &LoadOptions, checker: &Checker) -> (Loaded, Checked) {
    let mut loaded = Loaded::default();
    for _ in 0..MAX_READS {
        let before = fingerprint(watched);
        loaded = load_folder(folder, options);
        if fingerprint(watched) == before {
            break;
        }
    }
    let checked = checker.check(&loaded);
    (loaded, checked)
}

/// Cuts a snapshot into blobs away from the threads that serve.
async fn cut(snapshot: config_model::Snapshot) -> Option<Good> {
    let cut = tokio::task::spawn_blocking(move || {
        let bundle = snapshot.to_bundle()?;
        Ok::<_, config_model::SnapshotError>(Good { bundle: Arc::new(bundle), snapshot: Arc::new(snapshot) })
    });
    match cut.await {
        Ok(Ok(good)) => Some(good),
        Ok(Err(error)) => {
            log::error!("the configuration cannot be cut into blobs: {error}");
            None
        }
        Err(error) => {
            log::error!("the configuration cannot be cut into blobs: {error}");
            None
        }
    }
}

fn replace_file(path: &Path, text: &str) -> std::io::Result<()> {
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    write_private(Path::new(&fresh), text.as_bytes())?;
    std::fs::rename(&fresh, path)
}

/// Logs a finding as one event; its text alone says where and what.
pub(crate) fn log_finding(finding: &Finding, root: Option<&Path>) {
    let level = match finding.severity {
        Severity::Error => log::Level::Error,
        Severity::Warning => log::Level::Warn,
        Severity::Note => log::Level::Info,
    };
    let path = finding
        .path
        .as_deref()
        .map(|path| root.map_or_else(|| PathBuf::from(path), |root| root.join(path)).display().to_string());
    let shown = Finding { path: path.as_deref().map(Arc::from), ..finding.clone() };
    let (path, code, line, column) = (path.unwrap_or_default(), finding.code.as_str(), finding.line, finding.column);
    match finding.help.as_deref() {
        Some(help) => {
            log::log!(target: FINDING, level, code = code, path = path.as_str(), line = line, column = column, help = help; "{shown}");
        }
        None => {
            log::log!(target: FINDING, level, code = code, path = path.as_str(), line = line, column = column; "{shown}")
        }
    }
}
