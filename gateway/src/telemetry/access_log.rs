//! The access log: one line a request, with the cause of every reply that the gateway made itself.
//!
//! Each worker collects lines in a buffer of its own and hands it over when it is full or a moment has passed. The query is
//! never written, because keys stand there.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;

use super::log::{timestamp, writer};

/// A buffer of this size is handed over at once.
const FULL: usize = 32 * 1024;

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// `key=value`, for people.
    Text,
    /// One JSON object a line.
    Json,
    /// Not at all.
    None,
}

/// The access log of one worker.
#[derive(Debug)]
pub struct AccessLog {
    format: LogFormat,
    buffer: Mutex<Buffer>,
}

#[derive(Debug, Default)]
struct Buffer {
    text: String,
    /// The second that `stamp` was made for.
    second: u64,
    stamp: String,
}

/// What is told about a request. Empty texts are left out.
#[derive(Debug, Default)]
pub struct Line<'a> {
    /// Request id.
    pub id: &'a str,
    /// Caller's address.
    pub client: &'a str,
    /// Method.
    pub method: &'a str,
    /// Path without query.
    pub path: &'a str,
    /// Host as the client named it.
    pub host: &'a str,
    /// Status sent; 0 when nobody was answered.
    pub status: u16,
    /// Whole time.
    pub took: Duration,
    /// API id.
    pub api: &'a str,
    /// Operation id.
    pub operation: &'a str,
    /// Product id.
    pub product: &'a str,
    /// Subscription id.
    pub subscription: &'a str,
    /// Authority of the backend.
    pub backend: &'a str,
    /// Its status.
    pub backend_status: Option<u16>,
    /// Time spent waiting for it.
    pub waited: Option<Duration>,
    /// Body bytes sent.
    pub bytes: u64,
    /// Attempts that were repeated.
    pub repeated: u32,
    /// Where the fault came from.
    pub source: &'a str,
    /// Its reason.
    pub reason: &'a str,
    /// What it says.
    pub message: &'a str,
    /// Where in the policies.
    pub place: &'a str,
    /// Further detail: the nearest API of a 404, what was cut short.
    pub detail: &'a str,
}

impl AccessLog {
    /// A log in a format.
    pub fn new(format: LogFormat) -> Self {
        Self { format, buffer: Mutex::default() }
    }

    /// Whether lines are written at all.
    pub fn is_on(&self) -> bool {
        self.format != LogFormat::None
    }

    /// Writes a line.
    pub fn write(&self, line: &Line<'_>) {
        if !self.is_on() {
            return;
        }
        let mut buffer = self.buffer.lock();
        let now = SystemTime::now();
        let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        if since.as_secs() != buffer.second || buffer.stamp.is_empty() {
            buffer.second = since.as_secs();
            buffer.stamp = timestamp(now).get(..20).unwrap_or_default().to_owned();
        }
        let Buffer { text, stamp, .. } = &mut *buffer;
        let millis = since.subsec_millis();
        match self.format {
            LogFormat::Json => json(text, stamp, millis, line),
            _ => plain(text, stamp, millis, line),
        }
        if buffer.text.len() >= FULL {
            hand_over(&mut buffer);
        }
    }

    /// Hands over what has been collected.
    pub fn flush(&self) {
        let mut buffer = self.buffer.lock();
        if !buffer.text.is_empty() {
            hand_over(&mut buffer);
        }
    }
}

fn hand_over(buffer: &mut Buffer) {
    let text = std::mem::replace(&mut buffer.text, String::with_capacity(FULL / 8));
    writer().write(text.into_bytes());
}

fn texts<'a>(line: &'a Line<'a>) -> [(&'static str, &'a str); 15] {
    [
        ("id", line.id),
        ("client", line.client),
        ("method", line.method),
        ("path", line.path),
        ("host", line.host),
        ("api", line.api),
        ("operation", line.operation),
        ("product", line.product),
        ("subscription", line.subscription),
        ("backend", line.backend),
        ("source", line.source),
        ("reason", line.reason),
        ("message", line.message),
        ("place", line.place),
        ("detail", line.detail),
    ]
}

fn json(out: &mut String, stamp: &str, millis: u32, line: &Line<'_>) {
    out.push_str("{\"time\":\"");
    push_time(out, stamp, millis);
    out.push_str("\",\"event\":\"request\",\"status\":");
    push_number(out, line.status.into(), 1);
    out.push_str(",\"duration_ms\":");
    push_millis(out, line.took);
    out.push_str(",\"bytes\":");
    push_number(out, line.bytes, 1);
    for (name, value) in texts(line).into_iter().filter(|(_, value)| !value.is_empty()) {
        out.push_str(",\"");
        out.push_str(name);
        out.push_str("\":\"");
        escape(out, value);
        out.push('"');
    }
    if let Some(status) = line.backend_status {
        out.push_str(",\"backend_status\":");
        push_number(out, status.into(), 1);
    }
    if let Some(waited) = line.waited {
        out.push_str(",\"backend_ms\":");
        push_millis(out, waited);
    }
    if line.repeated > 0 {
        out.push_str(",\"repeated\":");
        push_number(out, line.repeated.into(), 1);
    }
    out.push_str("}\n");
}

fn plain(out: &mut String, stamp: &str, millis: u32, line: &Line<'_>) {
    push_time(out, stamp, millis);
    out.push_str(" request status=");
    push_number(out, line.status.into(), 1);
    out.push_str(" duration_ms=");
    push_millis(out, line.took);
    for (name, value) in texts(line).into_iter().filter(|(_, value)| !value.is_empty()) {
        out.push(' ');
        out.push_str(name);
        out.push('=');
        if !value.bytes().any(needs_quotes) {
            out.push_str(value);
        } else {
            out.push('"');
            escape(out, value);
            out.push('"');
        }
    }
    if let Some(status) = line.backend_status {
        out.push_str(" backend_status=");
        push_number(out, status.into(), 1);
    }
    if let Some(waited) = line.waited {
        out.push_str(" backend_ms=");
        push_millis(out, waited);
    }
    out.push('\n');
}

/// What is not plain ASCII text without spaces is quoted.
fn needs_quotes(byte: u8) -> bool {
    byte <= b' ' || byte >= 0x7f || byte == b'"' || byte == b'='
}

fn push_time(out: &mut String, stamp: &str, millis: u32) {
    out.push_str(stamp);
    push_number(out, millis.into(), 3);
    out.push('Z');
}

/// Milliseconds with three decimals. Formatting floating-point numbers was the dearest part of a line.
fn push_millis(out: &mut String, time: Duration) {
    let micros = (time.as_nanos() + 500) / 1000;
    let micros = u64::try_from(micros).unwrap_or(u64::MAX);
    push_number(out, micros / 1000, 1);
    out.push('.');
    push_number(out, micros % 1000, 3);
}

/// A number with at least so many digits.
fn push_number(out: &mut String, mut number: u64, digits: usize) {
    let mut text = [b'0'; 20];
    let mut at = text.len();
    for place in text.iter_mut().rev() {
        *place = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
        at -= 1;
        if number == 0 && text_len(at) >= digits {
            break;
        }
    }
    out.push_str(std::str::from_utf8(text.get(at..).unwrap_or_default()).unwrap_or_default());
}

/// Digits from a place in a number's text to its end.
const fn text_len(at: usize) -> usize {
    20 - at
}

/// Text inside JSON quotes.
fn escape(out: &mut String, text: &str) {
    if !text.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\' || byte == 0x7f) {
        out.push_str(text);
        return;
    }
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if control.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_json_whatever_they_hold() {
        let line = Line {
            path: "/a\"b\\c\n",
            message: "\u{7f}é",
            status: 404,
            backend_status: Some(502),
            waited: Some(Duration::from_micros(1500)),
            repeated: 1,
            ..Line::default()
        };
        let mut out = String::new();
        json(&mut out, "2026-01-02T03:04:05.", 7, &line);
        let value: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(value["path"], "/a\"b\\c\n");
        assert_eq!(value["message"], "\u{7f}é");
        assert_eq!(value["time"], "2026-01-02T03:04:05.007Z");
        assert_eq!((&value["status"], &value["backend_ms"]), (&404.into(), &1.5.into()));
        assert!(value.get("api").is_none());
        let mut out = String::new();
        plain(&mut out, "2026-01-02T03:04:05.", 7, &line);
        assert_eq!(out.lines().count(), 1);
    }
}
