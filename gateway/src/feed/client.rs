//! The gateway's end of the feed: connects to the configuration service and again when it is gone, and serves on meanwhile.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use config_model::feed::frame::{self, FrameError, HEADER_BYTES, MAX_AGENT_FRAME, MAX_GATEWAY_FRAME};
use config_model::feed::message::{Ack, AgentMessage, GatewayMessage, Health, Hello, Nack, PROTOCOL};
use config_model::feed::receive::{FeedError, Received, Receiver, Step};
use config_model::{GatewayId, Snapshot};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use super::keeper::{Keeper, Verdict};

/// First pause after a failure; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// How often the agent is told how the gateway is.
const HEALTH_EVERY: Duration = Duration::from_secs(60);
/// For a message to be written.
const WRITE_TIME: Duration = Duration::from_secs(30);
/// Bytes read at a time, so that an announced length costs nothing.
const CHUNK: usize = 64 * 1024;

/// Why a conversation ended.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error("the configuration service closed the connection")]
    Closed,
    #[error("the configuration service refused: {0}")]
    Refused(String),
    #[error("what the configuration service sent cannot be used: {0}")]
    Frame(#[from] FrameError),
    #[error("what the configuration service sent cannot be used: {0}")]
    Feed(#[from] FeedError),
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("the configuration service does not read")]
    Stuck,
}

/// The client.
pub(crate) struct FeedClient {
    pub(crate) socket: PathBuf,
    pub(crate) keeper: Arc<Keeper>,
    pub(crate) gateway: Option<String>,
}

impl FeedClient {
    /// Converses for ever. `start` is what is served already.
    pub(crate) async fn run(self, start: Option<Arc<Snapshot>>) {
        let mut receiver = start.and_then(|snapshot| Receiver::with(&snapshot).ok()).unwrap_or_default();
        let (mut pause, mut told) = (FIRST_PAUSE, String::new());
        loop {
            let mut greeted = false;
            let ended = self.converse(&mut receiver, &mut greeted).await;
            self.keeper.shared.metrics.connected(false);
            receiver.disconnected();
            let text = ended.to_string();
            // The same complaint once, not every few seconds for weeks.
            if text != told || greeted {
                log::warn!(socket = self.socket.display().to_string(); "{text}; serving what is there");
                told = text;
            }
            if greeted {
                pause = FIRST_PAUSE;
            }
            tokio::time::sleep(pause.mul_f64(0.75 + fastrand::f64() / 2.0)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn converse(&self, receiver: &mut Receiver, greeted: &mut bool) -> Ended {
        match self.try_converse(receiver, greeted).await {
            Ok(never) => match never {},
            Err(ended) => ended,
        }
    }

    async fn try_converse(
        &self,
        receiver: &mut Receiver,
        greeted: &mut bool,
    ) -> Result<std::convert::Infallible, Ended> {
        let (mut input, mut output) = connect(&self.socket).await?.into_split();
        send(&mut output, &GatewayMessage::Hello(self.hello())).await?;
        let mut health = tokio::time::interval_at(tokio::time::Instant::now() + HEALTH_EVERY, HEALTH_EVERY);
        let mut reader = FrameReader::default();
        loop {
            let message = tokio::select! {
                message = reader.read(&mut input) => message?,
                _ = health.tick() => {
                    send(&mut output, &GatewayMessage::Health(self.health())).await?;
                    continue;
                }
            };
            if !*greeted {
                *greeted = true;
                self.keeper.shared.metrics.connected(true);
                log::info!(socket = self.socket.display().to_string(); "connected to the configuration service");
            }
            match receiver.take(message)? {
                Step::Wait => {}
                Step::Send(answer) => send(&mut output, &answer).await?,
                Step::Ready(received) => {
                    let answer = self.install(received).await;
                    send(&mut output, &answer).await?;
                }
                Step::Status(status) => {
                    for finding in &status.findings {
                        log::warn!("the configuration service holds back its newest configuration: {finding}");
                    }
                }
                Step::Refused(reason) => return Err(Ended::Refused(reason)),
            }
        }
    }

    /// Builds on a thread of its own; messages wait meanwhile.
    async fn install(&self, received: Received) -> GatewayMessage {
        let revision = received.revision;
        if self.keeper.revision() == Some(revision) {
            return GatewayMessage::Ack(Ack { revision });
        }
        let keeper = Arc::clone(&self.keeper);
        let built = tokio::task::spawn_blocking(move || keeper.install(revision, received.snapshot, true)).await;
        match built {
            Ok(Verdict::Live) => GatewayMessage::Ack(Ack { revision }),
            Ok(Verdict::Refused(diagnostics)) => GatewayMessage::Nack(Nack { revision, diagnostics }),
            Err(error) => {
                self.keeper.shared.metrics.reload("failed");
                log::error!(revision = revision.short(), error = error.to_string(); "building the revision failed");
                GatewayMessage::Nack(Nack { revision, diagnostics: Vec::new() })
            }
        }
    }

    fn hello(&self) -> Hello {
        Hello {
            protocol: PROTOCOL,
            engine: env!("CARGO_PKG_VERSION").to_owned(),
            policies: policy_engine::specs().map(|spec| spec.element.to_owned()).collect(),
            gateway: self.gateway.as_deref().map(GatewayId::from),
            have: self.keeper.revision(),
        }
    }

    fn health(&self) -> Health {
        let metrics = &self.keeper.shared.metrics;
        let (requests, failures) = metrics.totals();
        Health {
            revision: self.keeper.revision(),
            uptime_secs: metrics.uptime().as_secs(),
            revision_age_secs: metrics.revision_age().unwrap_or_default().as_secs(),
            requests,
            failures,
            in_flight: metrics.in_flight(),
        }
    }
}

async fn connect(socket: &Path) -> Result<UnixStream, Ended> {
    UnixStream::connect(socket).await.map_err(|error| {
        io::Error::new(error.kind(), format!("the configuration service cannot be reached: {error}")).into()
    })
}

async fn send(output: &mut tokio::net::unix::OwnedWriteHalf, message: &GatewayMessage) -> Result<(), Ended> {
    let bytes = frame::encode(message, MAX_GATEWAY_FRAME)?;
    match tokio::time::timeout(WRITE_TIME, output.write_all(&bytes)).await {
        Ok(written) => Ok(written?),
        Err(_) => Err(Ended::Stuck),
    }
}

/// Reads frames; may be dropped between any two reads and go on later.
#[derive(Default)]
struct FrameReader {
    bytes: Vec<u8>,
}

impl FrameReader {
    async fn read(&mut self, input: &mut tokio::net::unix::OwnedReadHalf) -> Result<AgentMessage, Ended> {
        loop {
            if let Some(message) = self.take()? {
                return Ok(message);
            }
            let mut chunk = [0; CHUNK];
            let count = input.read(&mut chunk).await?;
            if count == 0 {
                let cut = !self.bytes.is_empty();
                return Err(if cut { FrameError::Truncated.into() } else { Ended::Closed });
            }
            self.bytes.extend_from_slice(chunk.get(..count).unwrap_or_default());
        }
    }

    fn take(&mut self) -> Result<Option<AgentMessage>, Ended> {
        let Some(header) = self.bytes.first_chunk::<HEADER_BYTES>() else { return Ok(None) };
        let length = frame::payload_length(*header, MAX_AGENT_FRAME)?;
        let Some(payload) = self.bytes.get(HEADER_BYTES..HEADER_BYTES + length) else { return Ok(None) };
        let message = frame::decode_payload(payload)?;
        self.bytes.drain(..HEADER_BYTES + length);
        if self.bytes.is_empty() {
            self.bytes = Vec::new();
        }
        Ok(Some(message))
    }
}
