//! The receiving end of the feed as a state machine: messages of the agent in, answers and complete snapshots out.
//!
//! It keeps the entities of the revision it has, by digest, so that only new blobs are asked for and unchanged entities stay the same `Arc`.
//! `Ack` and `Nack` are the caller's: only it knows whether the policies compile.

use super::message::{AgentMessage, AgentStatus, Blob, GatewayMessage, Want};
use crate::{Digest, Entity, Manifest, ManifestEntry, Revision, Snapshot, SnapshotError};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What the caller has to do.
#[derive(Clone, Debug)]
pub enum Step {
    /// Nothing; wait for the next message.
    Wait,
    /// Send this.
    Send(GatewayMessage),
    /// Use this snapshot, then answer `Ack` or `Nack`.
    Ready(Received),
    /// The agent told how it is.
    Status(AgentStatus),
    /// The agent will close for this reason.
    Refused(String),
}

/// A complete revision.
#[derive(Clone, Debug)]
pub struct Received {
    /// Which.
    pub revision: Revision,
    /// Its content.
    pub snapshot: Arc<Snapshot>,
}

/// Why the conversation cannot go on. The caller closes, keeps what it has, and connects anew.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// Bytes that do not fit.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// A blob nobody asked for.
    #[error("blob {0} was not asked for")]
    Unasked(Digest),
    /// A commit without its manifest.
    #[error("commit of {0} without its manifest")]
    NoManifest(Revision),
}

/// The receiving end.
#[derive(Debug, Default)]
pub struct Receiver {
    have: BTreeMap<Digest, Entity>,
    pending: Option<Pending>,
}

#[derive(Debug)]
struct Pending {
    manifest: Manifest,
    wanted: BTreeMap<Digest, ManifestEntry>,
    came: BTreeMap<Digest, Entity>,
}

impl Receiver {
    /// A receiver that has nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// A receiver that has a snapshot already, for instance from a backup.
    pub fn with(snapshot: &Snapshot) -> Result<Self, SnapshotError> {
        let mut have = BTreeMap::new();
        for entity in snapshot.entities() {
            have.insert(Digest::of(entity.encode()?), entity);
        }
        Ok(Self { have, pending: None })
    }

    /// Forgets a conversation that broke off; what was complete is kept.
    pub fn disconnected(&mut self) {
        self.pending = None;
    }

    /// Takes one message of the agent.
    pub fn take(&mut self, message: AgentMessage) -> Result<Step, FeedError> {
        match message {
            AgentMessage::Manifest(manifest) => self.take_manifest(manifest),
            AgentMessage::Blob(blob) => self.take_blob(&blob),
            AgentMessage::Commit(commit) => self.take_commit(commit.revision),
            AgentMessage::Status(status) => Ok(Step::Status(status)),
            AgentMessage::Refused(refused) => Ok(Step::Refused(refused.reason)),
        }
    }

    fn take_manifest(&mut self, manifest: Manifest) -> Result<Step, FeedError> {
        manifest.verify()?;
        let missing = manifest.entries.iter().filter(|entry| !self.have.contains_key(&entry.digest));
        let wanted: BTreeMap<_, _> = missing.map(|entry| (entry.digest, entry.clone())).collect();
        let want = Want { revision: manifest.revision, digests: wanted.keys().copied().collect() };
        self.pending = Some(Pending { manifest, wanted, came: BTreeMap::new() });
        Ok(Step::Send(GatewayMessage::Want(want)))
    }

    fn take_blob(&mut self, blob: &Blob) -> Result<Step, FeedError> {
        // A blob of a revision that a newer manifest has overtaken is not an error of the agent, but there is nothing it belongs to either.
        let Some(pending) = &mut self.pending else { return Err(FeedError::Unasked(blob.digest)) };
        if let Some(entry) = pending.wanted.get(&blob.digest) {
            pending.came.insert(blob.digest, Entity::from_blob(entry, &blob.text)?);
        }
        Ok(Step::Wait)
    }

    fn take_commit(&mut self, revision: Revision) -> Result<Step, FeedError> {
        let Some(mut pending) = self.pending.take() else { return Err(FeedError::NoManifest(revision)) };
        if pending.manifest.revision != revision {
            // The commit of a revision that was overtaken.
            self.pending = Some(pending);
            return Ok(Step::Wait);
        }
        let have = &self.have;
        let look_up =
            |entry: &ManifestEntry| pending.came.get(&entry.digest).or_else(|| have.get(&entry.digest)).cloned();
        let snapshot = Arc::new(Snapshot::from_entities(&pending.manifest, look_up)?);
        self.have.append(&mut pending.came);
        let live: BTreeSet<_> = pending.manifest.entries.iter().map(|entry| entry.digest).collect();
        self.have.retain(|digest, _| live.contains(digest));
        Ok(Step::Ready(Received { revision, snapshot }))
    }
}
