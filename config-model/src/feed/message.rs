//! What the two ends say to each other. JSON; unknown fields are ignored, so neighbours may be one version apart.
//!
//! The gateway opens with [`GatewayMessage::Hello`]. The agent answers with the [`Manifest`] of its good revision, again whenever there is a new
//! one. The gateway asks for the blobs it lacks ([`GatewayMessage::Want`]), the agent sends them and then [`AgentMessage::Commit`]; the gateway
//! answers `Ack` or `Nack`. A gateway that has the revision already asks for nothing and gets the commit at once. Any message may be repeated.

use crate::{Digest, Finding, GatewayId, Manifest, Revision};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The version of this conversation.
pub const PROTOCOL: u32 = 1;

/// What a gateway says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GatewayMessage {
    /// The first message.
    Hello(Hello),
    /// Blobs the gateway lacks for the manifest it was sent last; empty if it lacks none.
    Want(Want),
    /// The revision is live.
    Ack(Ack),
    /// The revision cannot be used; the old one stays.
    Nack(Nack),
    /// How the gateway is, each minute.
    Health(Health),
}

/// What an agent says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentMessage {
    /// The table of contents of the good revision.
    Manifest(Manifest),
    /// One blob that was asked for.
    Blob(Blob),
    /// All blobs were sent; the revision is to be used.
    Commit(Commit),
    /// How the agent is: sent after `Hello` and whenever it changes, so that a gateway without a configuration can say why.
    Status(AgentStatus),
    /// The agent closes, and says why.
    Refused(Refused),
}

/// First words of a gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hello {
    /// [`PROTOCOL`] of the gateway.
    pub protocol: u32,
    /// Version of its policy engine.
    pub engine: String,
    /// Policies it can run.
    pub policies: Vec<String>,
    /// Which gateway it is, if it was told.
    pub gateway: Option<GatewayId>,
    /// The revision it serves.
    pub have: Option<Revision>,
}

/// Blobs asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Want {
    /// The revision they belong to; an agent that has moved on ignores the question, because the next manifest is on its way.
    pub revision: Revision,
    /// Their digests.
    pub digests: Vec<Digest>,
}

/// The revision is live.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// Which.
    pub revision: Revision,
}

/// The revision is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nack {
    /// Which.
    pub revision: Revision,
    /// Why.
    #[serde(default)]
    pub diagnostics: Vec<Finding>,
}

/// How a gateway is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Health {
    /// The revision it serves.
    pub revision: Option<Revision>,
    /// Seconds since it started.
    pub uptime_secs: u64,
    /// Seconds since the revision went live.
    pub revision_age_secs: u64,
    /// Requests answered since it started.
    pub requests: u64,
    /// Of these, how many with a 5xx of its own making.
    pub failures: u64,
    /// Requests in progress.
    pub in_flight: u64,
}

/// One blob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blob {
    /// Its address.
    pub digest: Digest,
    /// Its bytes, canonical JSON.
    pub text: Arc<str>,
}

/// The revision is complete.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// Which.
    pub revision: Revision,
}

/// How the agent is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AgentStatus {
    /// The good revision, if there is one.
    pub good: Option<Revision>,
    /// True if the newest configuration was refused, so that an older one is served (or none).
    pub stale: bool,
    /// What the newest configuration was refused for: the first few findings.
    pub findings: Vec<Finding>,
}

/// Last words of an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Why.
    pub reason: String,
}
