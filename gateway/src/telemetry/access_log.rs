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
    let _ = write!(out, "{{\"time\":\"{stamp}{millis:03}Z\",\"event\":\"request\",\"status\":{}", line.status);
    let _ = write!(out, ",\"duration_ms\":{:.3},\"bytes\":{}", millis_of(line.took), line.bytes);
    for (name, value) in texts(line).into_iter().filter(|(_, value)| !value.is_empty()) {
        let _ = write!(out, ",\"{name}\":\"");
        escape(out, value);
        out.push('"');
    }
    if let Some(status) = line.backend_status {
        let _ = write!(out, ",\"backend_status\":{status}");
    }
    if let Some(waited) = line.waited {
        let _ = write!(out, ",\"backend_ms\":{:.3}", millis_of(waited));
    }
    if line.repeated > 0 {
        let _ = write!(out, ",\"repeated\":{}", line.repeated);
    }
    out.push_str("}\n");
}

fn plain(out: &mut String, stamp: &str, millis: u32, line: &Line<'_>) {
    let _ = write!(out, "{stamp}{millis:03}Z request status={} duration_ms={:.3}", line.status, millis_of(line.took));
    for (name, value) in texts(line).into_iter().filter(|(_, value)| !value.is_empty()) {
        let _ = write!(out, " {name}=");
        if value.contains([' ', '"', '=']) || value.contains(char::is_control) {
            out.push('"');
            escape(out, value);
            out.push('"');
        } else {
            out.push_str(value);
        }
    }
    if let Some(status) = line.backend_status {
        let _ = write!(out, " backend_status={status}");
    }
    if let Some(waited) = line.waited {
        let _ = write!(out, " backend_ms={:.3}", millis_of(waited));
    }
    out.push('\n');
}

fn millis_of(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
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
