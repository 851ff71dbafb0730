//! Strict HTTP/1 framing, judged before any parser sees the bytes: request heads, and where the bodies behind them end.
//!
//! Lenience in this place is how requests are smuggled: two programs that disagree on where a request ends read different
//! requests. So every form that RFC 9112 lets a server refuse is refused here, with a reason that is logged and counted.
//! Plain functions over bytes; `server::guard` applies them to streams.

mod chunked;
mod head;

pub use chunked::{Chunked, Progress};
pub use head::{Body, Head, Scan, Scanner};

/// The longest request target, in bytes.
pub const MAX_TARGET: usize = 16 * 1024;
/// The largest block of header lines, in bytes.
pub const MAX_HEADER_BLOCK: usize = 32 * 1024;
/// The most header lines.
pub const MAX_FIELDS: usize = 100;
/// The longest method.
pub const MAX_METHOD: usize = 64;

/// Limits that an operator may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the request target.
    pub target: usize,
    /// Bytes of all header lines together.
    pub header_block: usize,
    /// Header lines.
    pub fields: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { target: MAX_TARGET, header_block: MAX_HEADER_BLOCK, fields: MAX_FIELDS }
    }
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $variant:ident $name:literal $status:literal $text:literal;)*) => {
        /// Why a request is not read any further.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Refusal {
            $($(#[$doc])* $variant,)*
        }

        impl Refusal {
            /// All of them, for metrics that start at zero.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name in logs and metrics.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The status of the answer.
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// What the client is told.
            pub fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

refusals! {
    /// The request line is not `METHOD target HTTP/1.x`.
    RequestLine "request_line" 400 "The request line is malformed.";
    /// A byte that may not stand in a request line.
    RequestLineCharacter "request_line_character" 400 "The request line has an illegal character.";
    /// Neither HTTP/1.0 nor HTTP/1.1.
    Version "version" 400 "The HTTP version is not supported.";
    /// CONNECT is not served.
    Connect "connect" 405 "The method CONNECT is not served.";
    /// The target is too long.
    TargetTooLong "target_too_long" 414 "The URL is too long.";
    /// The header block is too large.
    HeadersTooLarge "headers_too_large" 431 "The request header is too large.";
    /// Too many header lines.
    TooManyFields "too_many_fields" 431 "The request has too many header fields.";
    /// A line feed without its carriage return, or the other way round.
    BareLineEnd "bare_line_end" 400 "A line does not end in CRLF.";
    /// A header line that continues the one before.
    ObsoleteFold "obsolete_fold" 400 "A header line is folded.";
    /// Blanks between a header name and its colon.
    SpaceBeforeColon "space_before_colon" 400 "There is white space before the colon of a header field.";
    /// A header line that is none.
    HeaderLine "header_line" 400 "A header field is malformed.";
    /// A control character in a header value.
    HeaderValue "header_value" 400 "A header field has an illegal character.";
    /// Content-Length beside Transfer-Encoding.
    LengthAndEncoding "length_and_encoding" 400 "The request has both Content-Length and Transfer-Encoding.";
    /// Several Content-Length values.
    SeveralLengths "several_lengths" 400 "The request has several Content-Length values.";
    /// A Content-Length that is no number.
    Length "length" 400 "The Content-Length is malformed.";
    /// Any transfer coding but `chunked`.
    Encoding "encoding" 400 "The Transfer-Encoding is not supported.";
    /// A transfer coding on HTTP/1.0.
    EncodingOnOldVersion "encoding_on_old_version" 400 "HTTP/1.0 has no Transfer-Encoding.";
    /// No Host on HTTP/1.1, or several.
    Host "host" 400 "The request needs exactly one Host header field.";
    /// A chunk that cannot be read.
    Chunk "chunk" 400 "The chunked body is malformed.";
    /// The head did not arrive in time.
    SlowHead "slow_head" 408 "The request header did not arrive in time.";
    /// The body arrives too slowly.
    SlowBody "slow_body" 408 "The request body did not arrive in time.";
}

#[cfg(test)]
mod tests;
