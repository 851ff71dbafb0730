//! A snapshot as a file: the frames of the feed - manifest, blobs, commit - and last the digest of all bytes before it.

use crate::{
    Bundle, Digest, SnapshotError,
    feed::{
        frame::{self, FrameError, MAX_AGENT_FRAME},
        message::{AgentMessage, Blob, Commit},
    },
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    io::{Read, Write},
};

/// The first bytes of a backup file.
pub const MAGIC: &[u8; 16] = b"gatewright-snap\n";

/// The largest file that is read.
pub const MAX_BACKUP_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// The last frame.
#[derive(Debug, Serialize, Deserialize)]
struct Seal {
    sha256: Digest,
}

/// Why a file is not a backup that can be used.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Another kind of file.
    #[error("not a snapshot file")]
    NotASnapshot,
    /// Larger than is read.
    #[error("snapshot file is larger than {MAX_BACKUP_BYTES} bytes")]
    TooLarge,
    /// Changed or cut short.
    #[error("snapshot file is damaged: its bytes do not match the digest at its end")]
    Damaged,
    /// Frames that are not in order.
    #[error("snapshot file is damaged: {0}")]
    OutOfOrder(&'static str),
    /// A frame that cannot be read.
    #[error("snapshot file is damaged: {0}")]
    Frame(#[from] FrameError),
    /// Content that does not fit.
    #[error("snapshot file cannot be used: {0}")]
    Snapshot(#[from] SnapshotError),
    /// The file cannot be read.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Writes a bundle.
pub fn write(bundle: &Bundle, out: &mut impl Write) -> Result<(), BackupError> {
    let mut bytes = MAGIC.to_vec();
    let mut put = |message: &AgentMessage| -> Result<(), BackupError> {
        bytes.extend(frame::encode(message, MAX_AGENT_FRAME)?);
        Ok(())
    };
    put(&AgentMessage::Manifest(bundle.manifest.clone()))?;
    for (digest, text) in &bundle.blobs {
        put(&AgentMessage::Blob(Blob { digest: *digest, text: text.clone() }))?;
    }
    put(&AgentMessage::Commit(Commit { revision: bundle.manifest.revision }))?;
    let seal = frame::encode(&Seal { sha256: Digest::of(&bytes) }, MAX_AGENT_FRAME)?;
    out.write_all(&bytes)?;
    out.write_all(&seal)?;
    Ok(())
}

/// Reads a bundle; every digest is verified.
pub fn read(from: impl Read) -> Result<Bundle, BackupError> {
    let mut bytes = Vec::new();
    from.take(MAX_BACKUP_BYTES.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BACKUP_BYTES {
        return Err(BackupError::TooLarge);
    }
    let mut rest = bytes.strip_prefix(MAGIC.as_slice()).ok_or(BackupError::NotASnapshot)?;
    let truncated = || BackupError::Frame(FrameError::Truncated);
    let Some((AgentMessage::Manifest(manifest), after)) = frame::decode(rest, MAX_AGENT_FRAME)? else {
        return Err(BackupError::OutOfOrder("no manifest in front"));
    };
    rest = after;
    let mut blobs = BTreeMap::new();
    loop {
        let (message, after) = frame::decode(rest, MAX_AGENT_FRAME)?.ok_or_else(truncated)?;
        rest = after;
        match message {
            AgentMessage::Blob(blob) => {
                blobs.insert(blob.digest, blob.text);
            }
            AgentMessage::Commit(commit) if commit.revision == manifest.revision => break,
            _ => return Err(BackupError::OutOfOrder("a frame that does not belong there")),
        }
    }
    let sealed = bytes.len().saturating_sub(rest.len());
    let (seal, after) = frame::decode::<Seal>(rest, MAX_AGENT_FRAME)?.ok_or_else(truncated)?;
    if !after.is_empty() || bytes.get(..sealed).map(Digest::of) != Some(seal.sha256) {
        return Err(BackupError::Damaged);
    }
    let bundle = Bundle { manifest, blobs };
    bundle.to_snapshot()?;
    Ok(bundle)
}
