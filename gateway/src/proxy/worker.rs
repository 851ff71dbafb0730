//! What the requests of one worker thread share: connections to backends, resolved peers, the buffer of the access log; and
//! behind it what all workers share.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use pingora::connectors::ConnectorOptions;
use pingora::connectors::http::Connector;
use pingora::proxy::Session;

use crate::backends::Peers;
use crate::stores::Memory;
use crate::telemetry::{AccessLog, LogFormat, Metrics};
use crate::world::World;

/// What all workers share. The world is swapped; everything else lives as long as the process.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) world: ArcSwapOption<World>,
    pub(crate) memory: Memory,
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

/// One worker's own.
pub(crate) struct Worker {
    pub(crate) shared: Arc<Shared>,
    pub(crate) connector: Connector,
    pub(crate) peers: Peers,
    pub(crate) access_log: AccessLog,
    /// Patience between two pieces of a response body.
    pub(crate) body_idle: Duration,
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
            connector: Connector::new(Some(ConnectorOptions::new(pool))),
            peers: Peers::default(),
            access_log: AccessLog::new(log),
            body_idle,
        }
    }

    /// The caller's address: the peer of the connection, because no proxy in front is trusted.
    pub(crate) fn client_ip(&self, session: &Session) -> Option<IpAddr> {
        session.client_addr().and_then(|address| address.as_inet()).map(|address| address.ip())
    }
}
