//! The program log: one event, one line, as text or JSON, written by a thread of its own so that no worker waits for a pipe.

use std::io::Write;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use log::kv::{Key, Value, VisitSource};
use log::{LevelFilter, Log, Metadata, Record};

use super::LogFormat;

pub use log::LevelFilter as Level;

/// Buffers on their way to the writer; beyond it lines are lost and counted.
const QUEUE: usize = 1024;

/// Where lines go.
#[derive(Debug)]
pub struct Writer {
    sender: SyncSender<Job>,
    lost: AtomicU64,
}

#[derive(Debug)]
enum Job {
    Write(Vec<u8>),
    Flush(SyncSender<()>),
}

impl Writer {
    fn start() -> Self {
        let (sender, receiver) = sync_channel(QUEUE);
        // Without the thread lines are lost and counted; there is nobody to tell.
        let _ = std::thread::Builder::new().name("log".to_owned()).spawn(move || run(&receiver));
        Self { sender, lost: AtomicU64::new(0) }
    }

    /// Hands over whole lines.
    pub fn write(&self, lines: Vec<u8>) {
        let count = u64::try_from(memchr::memchr_iter(b'\n', &lines).count()).unwrap_or(1);
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) = self.sender.try_send(Job::Write(lines)) {
            self.lost.fetch_add(count, Ordering::Relaxed);
        }
    }

    /// Lines lost since the last call.
    pub fn take_lost(&self) -> u64 {
        self.lost.swap(0, Ordering::Relaxed)
    }

    /// Waits until everything handed over before has been written, or a second has passed.
    pub fn flush(&self) {
        let (done, wait) = sync_channel(1);
        if self.sender.send(Job::Flush(done)).is_ok() {
            let _ = wait.recv_timeout(Duration::from_secs(1));
        }
    }
}

fn run(jobs: &Receiver<Job>) {
    let mut out = std::io::stdout().lock();
    while let Ok(job) = jobs.recv() {
        match job {
            // A closed pipe is no reason to stop serving.
            Job::Write(lines) => drop(out.write_all(&lines)),
            Job::Flush(done) => {
                let _ = out.flush();
                let _ = done.send(());
            }
        }
    }
}

/// The process's writer.
pub fn writer() -> &'static Writer {
    static WRITER: OnceLock<Writer> = OnceLock::new();
    WRITER.get_or_init(Writer::start)
}

struct Lines {
    format: LogFormat,
    level: LevelFilter,
}

/// Installs the log. A second call changes nothing.
pub fn install(format: LogFormat, level: LevelFilter) {
    let level = if format == LogFormat::None { LevelFilter::Off } else { level };
    if log::set_boxed_logger(Box::new(Lines { format, level })).is_ok() {
        log::set_max_level(level);
    }
}

impl Log for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // Pingora's own messages are for its developers; errors of connections are told in our own lines.
        let ceiling =
            if metadata.target().starts_with("pingora") { LevelFilter::Error.min(self.level) } else { self.level };
        metadata.level() <= ceiling
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let mut line = Vec::with_capacity(256);
        match self.format {
            LogFormat::Json => json(&mut line, record),
            _ => text(&mut line, record),
        }
        line.push(b'\n');
        writer().write(line);
    }

    fn flush(&self) {
        writer().flush();
    }
}

fn json(line: &mut Vec<u8>, record: &Record<'_>) {
    let mut fields = Fields(Vec::new());
    let _ = record.key_values().visit(&mut fields);
    let level = record.level().as_str().to_ascii_lowercase();
    let _ = write!(line, "{{\"time\":\"{}\",\"level\":\"{level}\",\"event\":", timestamp(SystemTime::now()));
    let _ = serde_json::to_writer(&mut *line, &record.args().to_string());
    for (name, value) in &fields.0 {
        line.push(b',');
        let _ = serde_json::to_writer(&mut *line, name);
        line.push(b':');
        let _ = serde_json::to_writer(&mut *line, value);
    }
    line.push(b'}');
}

fn text(line: &mut Vec<u8>, record: &Record<'_>) {
    let message = record.args().to_string().replace(['\n', '\r'], " ");
    let _ = write!(line, "{} {:5} {message}", timestamp(SystemTime::now()), record.level());
    let mut fields = Fields(Vec::new());
    let _ = record.key_values().visit(&mut fields);
    for (name, value) in &fields.0 {
        let _ = write!(line, " {name}={}", value.replace(['\n', '\r'], " "));
    }
}

struct Fields(Vec<(String, String)>);

impl<'kvs> VisitSource<'kvs> for Fields {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), log::kv::Error> {
        self.0.push((key.to_string(), value.to_string()));
        Ok(())
    }
}

/// `2026-01-02T03:04:05.678Z`.
pub(super) fn timestamp(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (days, rest) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    let (year, month, day) = civil(i64::try_from(days).unwrap_or(0));
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z",
        rest / 3600,
        rest / 60 % 60,
        rest % 60,
        since.subsec_millis()
    )
}

/// Days since 1970 as a date of the Gregorian calendar (Howard Hinnant's algorithm).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted_month + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc() {
        let at = |seconds| timestamp(UNIX_EPOCH + Duration::from_millis(seconds));
        assert_eq!(at(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(at(951_782_400_123), "2000-02-29T00:00:00.123Z");
        assert_eq!(at(1_795_255_199_999), "2026-11-21T09:59:59.999Z");
    }
}
