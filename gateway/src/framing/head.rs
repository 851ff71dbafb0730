//! The head of a request: found, measured and judged.

use super::{Limits, MAX_METHOD, Refusal};

/// How the body behind a head is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// This many bytes.
    Length(u64),
    /// Chunks.
    Chunked,
    /// The request asks for another protocol: what follows may not be HTTP.
    Upgrade,
}

/// A head that may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its length with the empty line.
    pub length: usize,
    /// What follows.
    pub body: Body,
    /// Whether it asks for another protocol, whatever follows.
    pub upgrade: bool,
}

/// What has been found so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scan {
    /// The head goes on.
    Partial,
    /// The head is complete and fine.
    Complete(Head),
}

/// Judges a head that may come in pieces; each byte is looked for line ends once.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scanner {
    limits: Limits,
    /// Bytes in which line ends have been looked for.
    seen: usize,
    /// Where the current line began.
    line: usize,
    /// Where the request line ended, with its line end.
    first: usize,
}

impl Scanner {
    /// A scanner with limits.
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Looks at everything that has come of a head: `bytes` begins where the head begins and grows from call to call.
    pub fn scan(&mut self, bytes: &[u8]) -> Result<Scan, Refusal> {
        while let Some(at) = bytes.get(self.seen..).and_then(|rest| memchr::memchr(b'\n', rest)) {
            let end = self.seen + at;
            let line = bytes.get(self.line..end).unwrap_or_default();
            let Some(line) = line.strip_suffix(b"\r") else { return Err(self.bare(bytes)) };
            if line.contains(&b'\r') {
                return Err(self.bare(bytes));
            }
            self.seen = end + 1;
            self.line = end + 1;
            if !line.is_empty() && self.first == 0 {
                self.first = self.seen;
                self.limit(bytes)?;
            } else if line.is_empty() && self.first == 0 {
                // One empty line in front is tolerated, as RFC 9112 2.2 asks; another is not.
                if end > 1 {
                    return Err(Refusal::RequestLine);
                }
            } else if line.is_empty() {
                self.limit(bytes)?;
                return self.judge(bytes.get(..self.seen).unwrap_or_default());
            }
        }
        self.seen = bytes.len();
        self.limit(bytes)?;
        Ok(Scan::Partial)
    }

    fn bare(&self, bytes: &[u8]) -> Refusal {
        self.limit(bytes).err().unwrap_or(Refusal::BareLineEnd)
    }

    fn limit(&self, bytes: &[u8]) -> Result<(), Refusal> {
        let (request_line, fields) = match self.first {
            0 => (bytes.len(), 0),
            first => (first, self.seen.saturating_sub(first)),
        };
        if request_line > self.limits.target + MAX_METHOD + b"  HTTP/1.1\r\n\r\n".len() {
            return Err(Refusal::TargetTooLong);
        }
        if fields > self.limits.header_block {
            return Err(Refusal::HeadersTooLarge);
        }
        Ok(())
    }

    fn judge(&self, head: &[u8]) -> Result<Scan, Refusal> {
        let length = head.len();
        let mut lines = lines(head);
        let first = lines.find(|line| !line.is_empty()).ok_or(Refusal::RequestLine)?;
        let new_version = self.request_line(first)?;
        let mut facts = Facts::default();
        let mut fields = 0_usize;
        for line in lines.take_while(|line| !line.is_empty()) {
            fields += 1;
            if fields > self.limits.fields {
                return Err(Refusal::TooManyFields);
            }
            facts.field(line)?;
        }
        Ok(Scan::Complete(Head { length, body: facts.body(new_version)?, upgrade: facts.upgrade }))
    }

    /// Whether the version is 1.1.
    fn request_line(&self, line: &[u8]) -> Result<bool, Refusal> {
        let mut parts = line.split(|byte| *byte == b' ');
        let (Some(method), Some(target), Some(version), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Refusal::RequestLine);
        };
        if target.len() > self.limits.target {
            return Err(Refusal::TargetTooLong);
        }
        if method.is_empty() || method.len() > MAX_METHOD || target.is_empty() {
            return Err(Refusal::RequestLine);
        }
        if !all(method, is_token) {
            return Err(Refusal::RequestLineCharacter);
        }
        let mut in_query = false;
        for byte in target {
            in_query |= *byte == b'?';
            if !is_target(*byte, in_query) {
                return Err(Refusal::RequestLineCharacter);
            }
        }
        let new_version = match version {
            b"HTTP/1.1" => true,
            b"HTTP/1.0" => false,
            _ if version.starts_with(b"HTTP/") => return Err(Refusal::Version),
            _ => return Err(Refusal::RequestLine),
        };
        if method == b"CONNECT" {
            return Err(Refusal::Connect);
        }
        Ok(new_version)
    }
}

/// What the header lines say about framing.
#[derive(Default)]
struct Facts {
    length: Option<u64>,
    chunked: bool,
    hosts: usize,
    upgrade: bool,
}

impl Facts {
    fn field(&mut self, line: &[u8]) -> Result<(), Refusal> {
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            return Err(Refusal::ObsoleteFold);
        }
        let colon = memchr::memchr(b':', line).ok_or(Refusal::HeaderLine)?;
        let (name, value) = line.split_at_checked(colon).ok_or(Refusal::HeaderLine)?;
        if name.last().is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
            return Err(Refusal::SpaceBeforeColon);
        }
        if name.is_empty() || !all(name, is_token) {
            return Err(Refusal::HeaderLine);
        }
        let value = value.get(1..).unwrap_or_default();
        if !all(value, |byte| (byte >= b' ' || byte == b'\t') && byte != 0x7f) {
            return Err(Refusal::HeaderValue);
        }
        // Only names of these lengths matter for framing.
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => self.hosts += 1,
            7 if name.eq_ignore_ascii_case(b"upgrade") => self.upgrade = true,
            14 if name.eq_ignore_ascii_case(b"content-length") => self.content_length(value.trim_ascii())?,
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => self.transfer_encoding(value.trim_ascii())?,
            _ => {}
        }
        Ok(())
    }

    fn content_length(&mut self, value: &[u8]) -> Result<(), Refusal> {
        if self.length.is_some() || value.contains(&b',') {
            return Err(Refusal::SeveralLengths);
        }
        if value.is_empty() || value.len() > 18 || !value.iter().all(u8::is_ascii_digit) {
            return Err(Refusal::Length);
        }
        self.length = Some(value.iter().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')));
        Ok(())
    }

    fn transfer_encoding(&mut self, value: &[u8]) -> Result<(), Refusal> {
        if self.chunked || !value.eq_ignore_ascii_case(b"chunked") {
            return Err(Refusal::Encoding);
        }
        self.chunked = true;
        Ok(())
    }

    fn body(&self, new_version: bool) -> Result<Body, Refusal> {
        if self.chunked && self.length.is_some() {
            return Err(Refusal::LengthAndEncoding);
        }
        if self.chunked && !new_version {
            return Err(Refusal::EncodingOnOldVersion);
        }
        if self.hosts > 1 || (self.hosts == 0 && new_version) {
            return Err(Refusal::Host);
        }
        Ok(match (self.chunked, self.length) {
            (true, _) => Body::Chunked,
            (false, Some(length)) if length > 0 => Body::Length(length),
            _ if self.upgrade && new_version => Body::Upgrade,
            _ => Body::Length(0),
        })
    }
}

/// The lines of a head without their ends.
fn lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut from = 0;
    memchr::memchr_iter(b'\n', head).map(move |end| {
        let line = head.get(from..end).unwrap_or_default();
        from = end + 1;
        line.strip_suffix(b"\r").unwrap_or(line)
    })
}

/// Whether all bytes are of a kind. Looks at every byte, so that the compiler can look at many at once.
fn all(bytes: &[u8], is: impl Fn(u8) -> bool) -> bool {
    bytes.iter().fold(true, |fine, byte| fine & is(*byte))
}

/// The characters of an RFC 9110 token.
fn is_token(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

/// What may stand in a request target. In the query the characters that browsers send unencoded are let through
/// (`{`, `|`, `}`, `^`, the backtick and the backslash); a fragment never is.
fn is_target(byte: u8, in_query: bool) -> bool {
    match byte {
        b'"' | b'<' | b'>' | b'#' => false,
        b'\\' | b'^' | b'`' | b'{' | b'}' => in_query,
        0x21..=0x7e => true,
        _ => false,
    }
}
