//! What the requests of one worker thread share: connections to backends, resolved peers, the buffer of the access log; and
//! behind it what all workers share.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use pingora::connectors::ConnectorOptions;
use pingora::connectors::http::Connector;
use pingora::protocols::http::ServerSession;
use tokio::sync::OnceCell;

use super::pool::Pool;
use crate::backends::Peers;
use crate::egress::UnderWay;
use crate::stores::Memory;
use crate::telemetry::{AccessLog, LogFormat, Metrics};
use crate::world::World;

/// What all workers share. The world is swapped; everything else lives as long as the process.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) world: ArcSwapOption<World>,
    pub(crate) memory: Memory,
    /// Requests of policies that nobody waits for.
    pub(crate) one_way: Arc<UnderWay>,
    pub(crate) metrics: Arc<Metrics>,
    /// No new requests are wanted.
    pub(crate) draining: AtomicBool,
    /// Whether `X-Forwarded-Proto` is believed.
    pub(crate) believe_forwarded_proto: bool,
}

impl Shared {
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}

/// A file with a certificate that the system trusts anyway.
///
/// Pingora's connectors read the system's bundle twice, 20 ms each time; with a file named they read that one instead the
/// second time. Where the operator chose what to trust, the choice is left alone.
pub(crate) fn small_trust_file() -> Option<String> {
    const SYSTEM: &str = "/etc/ssl/certs";
    if std::env::var_os("SSL_CERT_FILE").is_some() || std::env::var_os("SSL_CERT_DIR").is_some() {
        return None;
    }
    let bundle = std::fs::metadata("/etc/ssl/certs/ca-certificates.crt").ok()?;
    let files = std::fs::read_dir(SYSTEM).ok()?;
    let paths = files.filter_map(|file| Some(file.ok()?.path()));
    let mut single = paths.filter(|path| path.extension().is_some_and(|extension| extension == "pem"));
    // A single certificate, and one that OpenSSL can read: Pingora would not survive another.
    let path = single.find(|path| {
        let text =
            std::fs::read(path).ok().filter(|text| u64::try_from(text.len()).is_ok_and(|size| size < bundle.len()));
        text.is_some_and(|text| openssl::x509::X509::stack_from_pem(&text).is_ok_and(|stack| stack.len() == 1))
    })?;
    path.to_str().map(str::to_owned)
}

/// One worker's own.
pub(crate) struct Worker {
    pub(crate) shared: Arc<Shared>,
    /// Plain HTTP/1 connections to backends.
    pub(crate) pool: Pool,
    /// All others. Made when the first is needed: reading the system's certificates takes tens of milliseconds and a megabyte.
    connector: OnceCell<Connector>,
    kept_connections: usize,
    pub(crate) peers: Peers,
    pub(crate) access_log: AccessLog,
    /// Patience between two pieces of a response body.
    pub(crate) body_idle: Duration,
}

thread_local! {
    static CURRENT: std::cell::OnceCell<Arc<Worker>> = const { std::cell::OnceCell::new() };
}

/// Makes a worker that of the current thread.
pub(crate) fn enter(worker: &Arc<Worker>) {
    CURRENT.with(|current| {
        let _ = current.set(Arc::clone(worker));
    });
}

/// The worker of the current thread.
pub(crate) fn current() -> Option<Arc<Worker>> {
    CURRENT.with(|current| current.get().cloned())
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker").finish_non_exhaustive()
    }
}

impl Worker {
    pub(crate) fn new(shared: Arc<Shared>, pool: usize, log: LogFormat, body_idle: Duration) -> Self {
        Self {
            shared,
            pool: Pool::new(pool),
            connector: OnceCell::new(),
            kept_connections: pool,
            peers: Peers::default(),
            access_log: AccessLog::new(log),
            body_idle,
        }
    }

    /// The connector for TLS and HTTP/2.
    pub(crate) async fn connector(&self) -> &Connector {
        let make = || async {
            let options =
                ConnectorOptions { ca_file: small_trust_file(), ..ConnectorOptions::new(self.kept_connections) };
            let again = options.clone();
            let made = tokio::task::spawn_blocking(move || Connector::new(Some(options))).await;
            made.unwrap_or_else(|_| Connector::new(Some(again)))
        };
        self.connector.get_or_init(make).await
    }

    /// The caller's address: the peer of the connection, because no proxy in front is trusted.
    pub(crate) fn client_ip(&self, session: &ServerSession) -> Option<IpAddr> {
        session.client_addr().and_then(|address| address.as_inet()).map(|address| address.ip())
    }
}
