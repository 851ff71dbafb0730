//! Where a chunked body ends, and whether it is one.

use super::Refusal;

/// The longest chunk extension, and the largest trailer, in bytes.
const MAX_EXTRA: usize = 8 * 1024;
/// Hexadecimal digits of a chunk size.
const MAX_SIZE_DIGITS: usize = 15;

/// How far a piece of the body was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the piece that belong to the body.
    pub taken: usize,
    /// Whether the body ends there.
    pub done: bool,
}

/// Follows a chunked body piece by piece; data is skipped, not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunked {
    state: State,
    size: u64,
    digits: usize,
    extra: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Size,
    Extension,
    SizeEnd,
    Data,
    DataReturn,
    DataFeed,
    TrailerStart,
    Trailer,
    TrailerFeed,
    LastFeed,
    Done,
}

impl Default for Chunked {
    fn default() -> Self {
        Self { state: State::Size, size: 0, digits: 0, extra: 0 }
    }
}

impl Chunked {
    /// Takes the next piece.
    pub fn feed(&mut self, piece: &[u8]) -> Result<Progress, Refusal> {
        let mut taken = 0;
        while let Some(byte) = piece.get(taken) {
            if self.state == State::Done {
                break;
            }
            if self.state == State::Data {
                let here = u64::try_from(piece.len() - taken).unwrap_or(u64::MAX).min(self.size);
                self.size -= here;
                taken += usize::try_from(here).unwrap_or(usize::MAX);
                if self.size == 0 {
                    self.state = State::DataReturn;
                }
                continue;
            }
            self.state = self.step(*byte)?;
            taken += 1;
        }
        Ok(Progress { taken, done: self.state == State::Done })
    }

    fn step(&mut self, byte: u8) -> Result<State, Refusal> {
        Ok(match (self.state, byte) {
            (State::Size, b'\r') if self.digits > 0 => State::SizeEnd,
            (State::Size, b';') if self.digits > 0 => State::Extension,
            (State::Size, _) => return self.digit(byte),
            (State::Extension, b'\r') => State::SizeEnd,
            (State::Extension, _) => return self.extra(byte, State::Extension),
            (State::SizeEnd, b'\n') => {
                self.digits = 0;
                if self.size == 0 { State::TrailerStart } else { State::Data }
            }
            (State::DataReturn, b'\r') => State::DataFeed,
            (State::DataFeed, b'\n') => State::Size,
            (State::TrailerStart, b'\r') => State::LastFeed,
            (State::Trailer, b'\r') => State::TrailerFeed,
            (State::TrailerStart | State::Trailer, _) => return self.extra(byte, State::Trailer),
            (State::TrailerFeed, b'\n') => State::TrailerStart,
            (State::LastFeed, b'\n') => State::Done,
            _ => return Err(Refusal::Chunk),
        })
    }

    fn digit(&mut self, byte: u8) -> Result<State, Refusal> {
        let digit = char::from(byte).to_digit(16).ok_or(Refusal::Chunk)?;
        if self.digits == 0 {
            self.size = 0;
        }
        self.digits += 1;
        if self.digits > MAX_SIZE_DIGITS {
            return Err(Refusal::Chunk);
        }
        self.size = self.size << 4 | u64::from(digit);
        Ok(State::Size)
    }

    fn extra(&mut self, byte: u8, state: State) -> Result<State, Refusal> {
        self.extra += 1;
        if self.extra > MAX_EXTRA || byte == b'\n' || byte == 0 {
            return Err(Refusal::Chunk);
        }
        Ok(state)
    }
}
