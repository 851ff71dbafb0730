//! Frames: four bytes of length, most significant first, then so many bytes of JSON.
//!
//! The ceiling is checked before anything is allocated, and memory grows only with bytes that came, so an announced length costs nothing.

use serde::{Serialize, de::DeserializeOwned};
use std::io::{self, Read, Write};

/// The longest frame that an agent sends: one blob or one manifest (100,000 entries need about 15 MB).
pub const MAX_AGENT_FRAME: usize = 64 * 1024 * 1024;

/// The longest frame that a gateway sends: `Want` with 100,000 digests needs about 7 MB.
pub const MAX_GATEWAY_FRAME: usize = 16 * 1024 * 1024;

/// Bytes of the length in front of each frame.
pub const HEADER_BYTES: usize = 4;

/// How much a reader asks for at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// Why bytes are not a frame.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// Longer than allowed.
    #[error("frame of {length} bytes is longer than the {ceiling} allowed")]
    TooLong {
        /// Announced or real length.
        length: usize,
        /// The ceiling.
        ceiling: usize,
    },
    /// Not the JSON of a message. The text is not quoted, because it may hold secrets.
    #[error("frame is not a message: line {line}, column {column}")]
    Malformed {
        /// Line in the JSON.
        line: usize,
        /// Column in the JSON.
        column: usize,
    },
    /// The stream ended inside a frame.
    #[error("stream ended inside a frame")]
    Truncated,
    /// The stream failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<serde_json::Error> for FrameError {
    fn from(error: serde_json::Error) -> Self {
        Self::Malformed { line: error.line(), column: error.column() }
    }
}

/// The frame of a message.
pub fn encode<T: Serialize>(message: &T, ceiling: usize) -> Result<Vec<u8>, FrameError> {
    let mut bytes = vec![0; HEADER_BYTES];
    serde_json::to_writer(&mut bytes, message)?;
    let length = bytes.len().saturating_sub(HEADER_BYTES);
    let header = u32::try_from(length).ok().filter(|_| length <= ceiling);
    let header = header.ok_or(FrameError::TooLong { length, ceiling })?;
    for (byte, part) in bytes.iter_mut().zip(header.to_be_bytes()) {
        *byte = part;
    }
    Ok(bytes)
}

/// The length that a header announces, if it is within the ceiling.
pub fn payload_length(header: [u8; HEADER_BYTES], ceiling: usize) -> Result<usize, FrameError> {
    let length = usize::try_from(u32::from_be_bytes(header)).unwrap_or(usize::MAX);
    if length > ceiling { Err(FrameError::TooLong { length, ceiling }) } else { Ok(length) }
}

/// The message in the bytes behind a header.
pub fn decode_payload<T: DeserializeOwned>(payload: &[u8]) -> Result<T, FrameError> {
    Ok(serde_json::from_slice(payload)?)
}

/// The first message in `bytes` and the bytes behind it; `None` if more bytes are needed.
pub fn decode<T: DeserializeOwned>(bytes: &[u8], ceiling: usize) -> Result<Option<(T, &[u8])>, FrameError> {
    let Some((header, rest)) = bytes.split_first_chunk::<HEADER_BYTES>() else { return Ok(None) };
    let length = payload_length(*header, ceiling)?;
    match rest.split_at_checked(length) {
        Some((payload, rest)) => Ok(Some((decode_payload(payload)?, rest))),
        None => Ok(None),
    }
}

/// Writes the frame of a message.
pub fn write<T: Serialize>(out: &mut impl Write, message: &T, ceiling: usize) -> Result<(), FrameError> {
    Ok(out.write_all(&encode(message, ceiling)?)?)
}

/// Reads one frame's payload; `None` at the end of the stream.
pub fn read_payload(from: &mut impl Read, ceiling: usize) -> Result<Option<Vec<u8>>, FrameError> {
    let mut header = Vec::with_capacity(HEADER_BYTES);
    from.take(HEADER_BYTES as u64).read_to_end(&mut header)?;
    if header.is_empty() {
        return Ok(None);
    }
    let header = header.first_chunk::<HEADER_BYTES>().ok_or(FrameError::Truncated)?;
    let length = payload_length(*header, ceiling)?;
    let mut payload = Vec::with_capacity(length.min(CHUNK_BYTES));
    from.take(length as u64).read_to_end(&mut payload)?;
    if payload.len() == length { Ok(Some(payload)) } else { Err(FrameError::Truncated) }
}

/// Reads one message; `None` at the end of the stream.
pub fn read<T: DeserializeOwned>(from: &mut impl Read, ceiling: usize) -> Result<Option<T>, FrameError> {
    read_payload(from, ceiling)?.map(|payload| decode_payload(&payload)).transpose()
}
