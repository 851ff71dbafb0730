//! The Unix socket on which gateways fetch revisions: one task for each gateway, none of which can hold up another.
//!
//! `socket` opens it safely, `peers` says who may connect and remembers who did, `conversation` is what one task says and hears.

mod conversation;
mod peers;
mod socket;
#[cfg(test)]
mod tests;

use config_model::{Bundle, feed::message::AgentStatus};
use conversation::Conversation;
pub(crate) use peers::{Allowed, Registry};
pub(crate) use socket::{BindError, SocketSettings};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::{
    net::{UnixListener, UnixStream},
    sync::{Semaphore, watch},
};

/// How many gateways may be connected at a time.
const MAX_GATEWAYS: usize = 256;

/// Pause after the system refused a connection (out of descriptors), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long a gateway may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// For its first message, and for the rest of a message that has begun.
    pub(crate) message: Duration,
    /// For reading one frame that is sent to it.
    pub(crate) write: Duration,
    /// Without any message; it tells its health each minute.
    pub(crate) silence: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { message: Duration::from_secs(10), write: Duration::from_secs(30), silence: Duration::from_secs(200) }
    }
}

/// What gateways are to have.
#[derive(Debug, Clone, Default)]
pub(crate) struct Offer {
    /// The good revision.
    pub(crate) bundle: Option<Arc<Bundle>>,
    /// How the agent is.
    pub(crate) status: AgentStatus,
}

/// The socket, open.
#[derive(Debug)]
pub(crate) struct Feed {
    listener: UnixListener,
    path: PathBuf,
    allowed: Allowed,
    patience: Patience,
    registry: Arc<Registry>,
}

impl Feed {
    /// Opens the socket.
    pub(crate) fn bind(settings: &SocketSettings, patience: Patience) -> Result<Self, BindError> {
        let (listener, allowed) = socket::bind(settings)?;
        Ok(Self { listener, path: settings.path.clone(), allowed, patience, registry: Arc::default() })
    }

    /// Who is connected.
    pub(crate) fn registry(&self) -> Arc<Registry> {
        self.registry.clone()
    }

    /// Serves for ever. What is wrong with one connection ends that one.
    pub(crate) async fn serve(&self, offers: watch::Receiver<Arc<Offer>>) {
        let places = Arc::new(Semaphore::new(MAX_GATEWAYS));
        loop {
            let stream = match self.listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    log::warn!("a connection could not be accepted: {error}");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let Ok(place) = places.clone().try_acquire_owned() else {
                log::warn!("a gateway was turned away: {MAX_GATEWAYS} are connected already");
                continue;
            };
            if let Some(conversation) = self.admit(stream, offers.clone()) {
                tokio::spawn(async move {
                    conversation.run().await;
                    drop(place);
                });
            }
        }
    }

    fn admit(&self, stream: UnixStream, offers: watch::Receiver<Arc<Offer>>) -> Option<Conversation> {
        let peer = match stream.peer_cred() {
            Ok(peer) => peer,
            Err(error) => {
                log::warn!("a connection was closed, because its owner is not known: {error}");
                return None;
            }
        };
        if !self.allowed.contains(peer.uid(), peer.gid()) {
            log::warn!(uid = peer.uid(), gid = peer.gid(); "a connection was closed, because its owner is not on the list");
            return None;
        }
        let pid = peer.pid().and_then(|pid| u32::try_from(pid).ok()).unwrap_or_default();
        Some(Conversation::new(stream, offers, self.patience, self.registry.enter(pid)))
    }
}

// === impl Drop for Feed ===

impl Drop for Feed {
    fn drop(&mut self) {
        // A socket file without a listener only puzzles people; failing to remove it harms nobody.
        let _ = std::fs::remove_file(&self.path);
    }
}
