//! Puts everything together: binds the listeners, starts the workers, the feed and the admin listener, and ends them again.
//!
//! One thread each worker, with a runtime, connections and access-log buffer of its own; accepted connections are dealt out
//! to the worker that has the fewest. So a request never waits for a lock that another worker holds, and work stealing is
//! not missed. Everything else - accepting, the feed, building worlds - happens on other threads.

mod drain;
mod flow;
mod guard;
mod listen;
mod plain;
mod reaper;
mod serve;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use arc_swap::ArcSwapOption;
use config_model::Snapshot;
use config_model::backup::BackupError;
use policy_engine::{Deployment, Engine};

use crate::backends::States;
use crate::cli::Arguments;
use crate::feed::backup;
use crate::feed::client::FeedClient;
use crate::feed::keeper::Keeper;
use crate::proxy::worker::Shared;
use crate::settings::Settings;
use crate::stores::Memory;
use crate::telemetry::{self, Metrics};
use crate::tls::{self, TlsError};
use crate::world::Builder;

pub(crate) use guard::{Guard, GuardRules, Patience};
pub(crate) use plain::Plain;
pub(crate) use reaper::Reaper;

/// Threads of the runtime that accepts, feeds and answers the admin listener.
const CONTROL_THREADS: usize = 2;

/// Why the gateway could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken, or not ours.
    #[error("cannot listen on {0}: {1}")]
    Bind(SocketAddr, io::Error),
    /// The snapshot named on the command line.
    #[error("snapshot file `{0}` cannot be used: {1}")]
    Snapshot(PathBuf, BackupError),
    /// Certificate or key.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Metrics could not be registered.
    #[error("metrics cannot be set up: {0}")]
    Metrics(#[from] prometheus::Error),
    /// A thread, a runtime, a file.
    #[error("cannot start: {0}")]
    Io(#[from] io::Error),
}

/// The sockets, bound before anything else happens.
pub(crate) struct Sockets {
    pub(crate) plain: Option<TcpListener>,
    pub(crate) tls: Option<TcpListener>,
    pub(crate) admin: Option<TcpListener>,
}

/// Runs until told to end.
pub fn run(settings: &Settings, arguments: &Arguments) -> Result<(), StartError> {
    telemetry::install(settings.log, settings.level);
    refuse_huge_pages();
    let sockets = Sockets::bind(settings)?;
    let acceptor = settings.tls.as_ref().map(tls::acceptor).transpose()?;
    let metrics = Arc::new(Metrics::new()?);
    let shared = Arc::new(Shared {
        world: ArcSwapOption::empty(),
        memory: Memory::new(settings.cache_bytes),
        one_way: Arc::default(),
        metrics: Arc::clone(&metrics),
        draining: AtomicBool::new(false),
        believe_forwarded_proto: settings.believe_forwarded_proto,
    });
    let keeper = Arc::new(Keeper {
        builder: Builder {
            engine: Engine::new(),
            states: States::default(),
            metrics,
            enforce_protocols: settings.enforce_protocols,
            deployment: Deployment {
                gateway_id: settings.gateway.clone().unwrap_or_default(),
                instance_id: format!("{:016x}", fastrand::u64(..)),
                ..Deployment::default()
            },
        },
        shared: Arc::clone(&shared),
        backup: settings.backup.clone(),
    });
    let start = first_snapshot(&keeper, settings, arguments)?;
    let control = tokio::runtime::Builder::new_multi_thread().worker_threads(CONTROL_THREADS).enable_all().build()?;
    let workers = serve::Workers::start(settings, &shared, acceptor)?;
    let result = control.block_on(drain::govern(settings, arguments, sockets, &workers, &keeper, async {
        if let Some(socket) = settings.socket.clone() {
            let client = FeedClient { socket, keeper: Arc::clone(&keeper), gateway: settings.gateway.clone() };
            tokio::spawn(client.run(start));
        }
    }));
    workers.end();
    control.shutdown_background();
    telemetry::writer().flush();
    result
}

/// A page of two megabytes behind a few kilobytes in use is most of the memory of a gateway at rest. The allocator asks for
/// none; where the system gives them unasked, this says no.
fn refuse_huge_pages() {
    if let Err(error) = rustix::thread::disable_transparent_huge_pages(true) {
        log::debug!(error = error.to_string(); "huge pages cannot be switched off");
    }
}

/// What is served before the configuration service has said anything.
fn first_snapshot(
    keeper: &Keeper,
    settings: &Settings,
    arguments: &Arguments,
) -> Result<Option<Arc<Snapshot>>, StartError> {
    let bundle = match (&arguments.snapshot, &settings.backup) {
        (Some(path), _) => {
            let unusable = |error| StartError::Snapshot(path.clone(), error);
            match backup::read(path) {
                Ok(bundle) => Some(bundle),
                // With a service to ask, a missing file is a first start.
                Err(BackupError::Io(error)) if error.kind() == io::ErrorKind::NotFound && settings.socket.is_some() => {
                    None
                }
                Err(error) => return Err(unusable(error)),
            }
        }
        (None, Some(directory)) => backup::newest(directory),
        (None, None) => None,
    };
    let Some(bundle) = bundle else { return Ok(None) };
    let snapshot = bundle.to_snapshot().map_err(|error| {
        StartError::Snapshot(arguments.snapshot.clone().unwrap_or_default(), BackupError::Snapshot(error))
    })?;
    let snapshot = Arc::new(snapshot);
    keeper.install(bundle.manifest.revision, Arc::clone(&snapshot), false);
    Ok(Some(snapshot))
}

impl Sockets {
    fn bind(settings: &Settings) -> Result<Self, StartError> {
        let bind = |address: Option<SocketAddr>| address.map(listen::bind).transpose();
        Ok(Self {
            plain: bind(settings.listen)?,
            tls: bind(settings.tls.as_ref().map(|tls| tls.listen))?,
            admin: bind(settings.admin)?,
        })
    }
}
