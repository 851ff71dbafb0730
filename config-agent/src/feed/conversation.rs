//! What one gateway is told, and what is heard from it.

use super::{Offer, Patience, peers::Place};
use config_model::{
    Bundle, Revision,
    feed::{
        frame::{self, FrameError, MAX_AGENT_FRAME, MAX_GATEWAY_FRAME},
        message::{AgentMessage, Blob, Commit, GatewayMessage, Hello, Nack, PROTOCOL, Refused, Want},
    },
};
use std::{io, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    sync::watch,
    time::{Instant, timeout},
};

/// How much is read at a time.
const READ_BYTES: usize = 16 * 1024;

/// How many findings of a refusal are logged.
const MAX_LOGGED: usize = 20;

/// Why a conversation ended.
#[derive(Debug, thiserror::Error)]
enum End {
    #[error("it closed")]
    Closed,
    #[error("it said nothing for {0} s")]
    Silent(u64),
    #[error("it did not finish a message in time")]
    Unfinished,
    #[error("it did not read what it was sent in time")]
    Slow,
    #[error("{0}")]
    Frame(#[from] FrameError),
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Misbehaved(String),
    #[error("the agent ends")]
    AgentEnds,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Conversation {
    stream: UnixStream,
    offers: watch::Receiver<Arc<Offer>>,
    patience: Patience,
    place: Place,
    greeted: bool,
    /// The revision whose manifest was sent last.
    offered: Option<Arc<Bundle>>,
}

impl Conversation {
    pub(super) fn new(
        stream: UnixStream,
        offers: watch::Receiver<Arc<Offer>>,
        patience: Patience,
        place: Place,
    ) -> Self {
        Self { stream, offers, patience, place, greeted: false, offered: None }
    }

    /// Talks until one of the two ends it.
    pub(super) async fn run(mut self) {
        let pid = self.place.pid;
        log::debug!(pid = pid; "a gateway connected");
        match self.talk().await {
            End::Closed | End::AgentEnds => log::info!(pid = pid; "a gateway disconnected"),
            End::Misbehaved(reason) => {
                // The other end may not read; the reason is logged in any case.
                let _ = self.send(&AgentMessage::Refused(Refused { reason: reason.clone() })).await;
                log::warn!(pid = pid; "a gateway was dropped: {reason}");
            }
            end => log::warn!(pid = pid; "a gateway was dropped: {end}"),
        }
    }

    async fn talk(&mut self) -> End {
        let mut bytes = Vec::new();
        // When the last whole message came, or the one that is coming began.
        let mut heard = Instant::now();
        loop {
            let begun = !self.greeted || !bytes.is_empty();
            let patience = if begun { self.patience.message } else { self.patience.silence };
            let deadline = heard.checked_add(patience).unwrap_or(heard);
            let was_empty = bytes.is_empty();
            bytes.reserve(READ_BYTES);
            let step = tokio::select! {
                changed = self.offers.changed(), if self.greeted => match changed {
                    Ok(()) => self.announce().await,
                    Err(_) => Err(End::AgentEnds),
                },
                read = self.stream.read_buf(&mut bytes) => match read {
                    Ok(0) => Err(End::Closed),
                    Ok(_) => self.hear(&mut bytes).await.map(|whole| {
                        if whole > 0 || was_empty {
                            heard = Instant::now();
                        }
                    }),
                    Err(error) => Err(error.into()),
                },
                () = tokio::time::sleep_until(deadline) => Err(if begun { End::Unfinished } else { End::Silent(patience.as_secs()) }),
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    /// Takes all whole messages off the front of the bytes. Returns how many.
    async fn hear(&mut self, bytes: &mut Vec<u8>) -> Result<usize, End> {
        let mut count = 0_usize;
        while let Some((message, rest)) = frame::decode::<GatewayMessage>(bytes, MAX_GATEWAY_FRAME)? {
            let used = bytes.len().saturating_sub(rest.len());
            bytes.drain(..used);
            count = count.saturating_add(1);
            self.answer(message).await?;
        }
        if bytes.is_empty() {
            // A long message must not hold its memory for as long as the connection lives.
            bytes.shrink_to(4096);
        }
        Ok(count)
    }

    async fn answer(&mut self, message: GatewayMessage) -> Result<(), End> {
        match message {
            GatewayMessage::Hello(hello) => self.greet(hello).await,
            _ if !self.greeted => Err(End::Misbehaved("its first message was not `hello`".into())),
            GatewayMessage::Want(want) => self.give(&want).await,
            GatewayMessage::Ack(ack) => {
                self.place.note(|peer| (peer.live, peer.refused) = (Some(ack.revision), None));
                log::info!(pid = self.place.pid, revision = ack.revision.short().as_str(); "a gateway serves the revision");
                Ok(())
            }
            GatewayMessage::Nack(nack) => {
                self.note_refusal(&nack);
                Ok(())
            }
            GatewayMessage::Health(health) => {
                self.place.note(|peer| {
                    peer.live = health.revision.or(peer.live);
                    peer.health = Some(health);
                });
                Ok(())
            }
        }
    }

    fn note_refusal(&self, nack: &Nack) {
        self.place.note(|peer| peer.refused = Some(nack.revision));
        let (pid, findings) = (self.place.pid, nack.diagnostics.len());
        log::error!(pid = pid, revision = nack.revision.short().as_str(), findings = findings; "a gateway refused the revision");
        for finding in nack.diagnostics.iter().take(MAX_LOGGED) {
            crate::service::log_finding(finding, None);
        }
    }

    async fn greet(&mut self, hello: Hello) -> Result<(), End> {
        // Neighbours may be one version apart.
        if hello.protocol == 0 || hello.protocol > PROTOCOL.saturating_add(1) {
            return Err(End::Misbehaved(format!(
                "it speaks protocol {}, this agent speaks {PROTOCOL}",
                hello.protocol
            )));
        }
        let have = hello.have.map_or_else(|| "nothing".to_owned(), |revision| revision.short());
        log::info!(pid = self.place.pid, engine = hello.engine.as_str(), has = have.as_str(); "a gateway connected");
        self.place.note(|peer| (peer.gateway, peer.live) = (hello.gateway.clone(), hello.have));
        self.greeted = true;
        self.offers.mark_changed();
        Ok(())
    }

    /// Tells how the agent is, and of the good revision if it was not told yet.
    async fn announce(&mut self) -> Result<(), End> {
        let offer = self.offers.borrow_and_update().clone();
        self.send(&AgentMessage::Status(offer.status.clone())).await?;
        let Some(bundle) = &offer.bundle else { return Ok(()) };
        if self.offered.as_ref().map(|old| old.manifest.revision) == Some(bundle.manifest.revision) {
            return Ok(());
        }
        self.offered = Some(bundle.clone());
        self.send(&AgentMessage::Manifest(bundle.manifest.clone())).await
    }

    async fn give(&mut self, want: &Want) -> Result<(), End> {
        let Some(bundle) = self.offered.clone().filter(|bundle| bundle.manifest.revision == want.revision) else {
            // Overtaken: the manifest of the newer revision is on its way, or the gateway asks for what was never offered.
            return if self.offered.is_some() { Ok(()) } else { Err(unknown_revision(want.revision)) };
        };
        if want.digests.len() > bundle.blobs.len() {
            return Err(End::Misbehaved("it asked for more blobs than there are".into()));
        }
        for digest in &want.digests {
            let text = bundle
                .blobs
                .get(digest)
                .ok_or_else(|| End::Misbehaved(format!("it asked for blob {digest}, which is not offered")))?;
            self.send(&AgentMessage::Blob(Blob { digest: *digest, text: text.clone() })).await?;
        }
        self.send(&AgentMessage::Commit(Commit { revision: want.revision })).await
    }

    async fn send(&mut self, message: &AgentMessage) -> Result<(), End> {
        let bytes = frame::encode(message, MAX_AGENT_FRAME)?;
        match timeout(self.patience.write, self.stream.write_all(&bytes)).await {
            Ok(written) => Ok(written?),
            Err(_) => Err(End::Slow),
        }
    }
}

fn unknown_revision(revision: Revision) -> End {
    End::Misbehaved(format!("it asked for revision {}, which was not offered", revision.short()))
}
