//! Settings: raw text from a file, the environment and `--set`, checked once into types. Every name, default and environment
//! form is declared here and nowhere else; the vendor's names are kept.
//!
//! Later sources win: file, environment, `--set`. In the environment a name stands as it is or in upper case with every other
//! character as an underscore. A name nobody knows is an error in the file and in `--set`; in the environment it is not ours.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::framing::Limits;
use crate::telemetry::{Level, LogFormat};

/// What the gateway does with a vendor's setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// It is honoured here.
    Here,
    /// It concerns the configuration service; accepted so that one file serves both programs.
    Agent,
    /// Not supported: only the value that asks for nothing is accepted.
    Only(&'static str),
}

/// Name, default and use of each setting.
const TABLE: &[(&str, &str, Use)] = &[
    ("gateway.name", "", Use::Here),
    ("net.server.http.forwarded.proto.enabled", "false", Use::Here),
    ("telemetry.logs.std", "text", Use::Here),
    ("telemetry.logs.std.level", "info", Use::Here),
    ("telemetry.logs.std.color", "false", Use::Only("false")),
    ("telemetry.logs.local", "none", Use::Only("none")),
    ("telemetry.metrics.local", "none", Use::Only("none")),
    ("telemetry.metrics.cloud", "false", Use::Only("false")),
    ("observability.opentelemetry.enabled", "false", Use::Only("false")),
    ("certificates.local.ca.enabled", "false", Use::Only("false")),
    ("security.certificate-revocation.validation.enabled", "false", Use::Only("false")),
    ("neighborhood.host", "", Use::Only("")),
    ("k8s.ingress.enabled", "false", Use::Only("false")),
    ("config.service.endpoint", "", Use::Agent),
    ("config.service.auth", "", Use::Agent),
    ("config.service.auth.key", "", Use::Agent),
    ("config.service.integration.timeout", "", Use::Agent),
    ("gatewright.listen", "", Use::Here),
    ("gatewright.admin.listen", "", Use::Here),
    ("gatewright.tls.listen", "", Use::Here),
    ("gatewright.tls.certificate", "", Use::Here),
    ("gatewright.tls.key", "", Use::Here),
    ("gatewright.socket", "", Use::Here),
    ("gatewright.backup.directory", "", Use::Here),
    ("gatewright.workers", "0", Use::Here),
    ("gatewright.upstream.pool-size", "1024", Use::Here),
    ("gatewright.upstream.body-idle-seconds", "300", Use::Here),
    ("gatewright.routing.enforce-protocols", "true", Use::Here),
    ("gatewright.http2.cleartext", "true", Use::Here),
    ("gatewright.logs.access", "true", Use::Here),
    ("gatewright.limits.url-bytes", "16384", Use::Here),
    ("gatewright.limits.header-bytes", "32768", Use::Here),
    ("gatewright.limits.header-fields", "100", Use::Here),
    ("gatewright.limits.requests-per-connection", "100000", Use::Here),
    ("gatewright.client.header-seconds", "10", Use::Here),
    ("gatewright.client.idle-seconds", "75", Use::Here),
    ("gatewright.client.body-bytes-per-second", "240", Use::Here),
    ("gatewright.client.write-seconds", "60", Use::Here),
    ("gatewright.shutdown.drain-seconds", "25", Use::Here),
    ("gatewright.cache.bytes", "67108864", Use::Here),
];

/// Checked settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// `gateway.name`
    pub gateway: Option<String>,
    /// Plain listener.
    pub listen: Option<SocketAddr>,
    /// Metrics and probes.
    pub admin: Option<SocketAddr>,
    /// TLS listener with its files.
    pub tls: Option<TlsFiles>,
    /// Socket of the configuration service.
    pub socket: Option<PathBuf>,
    /// Where good revisions are kept.
    pub backup: Option<PathBuf>,
    /// Worker threads.
    pub workers: usize,
    /// Idle connections to backends kept by each worker.
    pub pool: usize,
    /// Patience between two pieces of a response body.
    pub body_idle: Duration,
    /// Whether the scheme takes part in matching.
    pub enforce_protocols: bool,
    /// Whether HTTP/2 is taken without TLS.
    pub cleartext_http2: bool,
    /// Whether `X-Forwarded-Proto` is believed.
    pub believe_forwarded_proto: bool,
    /// Program log.
    pub log: LogFormat,
    /// Its level.
    pub level: Level,
    /// Access log.
    pub access_log: bool,
    /// Limits on request heads.
    pub limits: Limits,
    /// Requests on one connection.
    pub requests_per_connection: u32,
    /// For a whole request head.
    pub head_time: Duration,
    /// Between requests.
    pub idle_time: Duration,
    /// Bytes a second that a request body must bring.
    pub body_rate: u64,
    /// For a write to make progress.
    pub write_time: Duration,
    /// For requests in progress when the gateway is told to end.
    pub drain: Duration,
    /// Bytes of the cache in memory.
    pub cache_bytes: u64,
}

/// A TLS listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// Address.
    pub listen: SocketAddr,
    /// Certificate chain, PEM.
    pub certificate: PathBuf,
    /// Private key, PEM.
    pub key: PathBuf,
}

/// Settings that cannot be used; exit code 64.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SettingsError {
    /// The file.
    #[error("settings file `{0}` cannot be read: {1}")]
    Unreadable(String, String),
    /// A line that is no setting.
    #[error("settings file `{0}`, line {1}: expected `name=value`")]
    Line(String, usize),
    /// `--set` without an equals sign.
    #[error("`--set {0}`: expected `name=value`")]
    NoValue(String),
    /// A name nobody knows.
    #[error("unknown setting `{0}`{1}")]
    Unknown(String, String),
    /// A value of the wrong kind.
    #[error("setting `{0}`: `{1}` is not {2}")]
    Bad(&'static str, String, &'static str),
    /// A setting of the vendor's that is not supported yet.
    #[error("setting `{0}`: `{1}` is not supported yet")]
    Unsupported(&'static str, String),
    /// Settings that need each other.
    #[error("{0}")]
    Incomplete(&'static str),
}

/// Texts by name, from all sources.
#[derive(Debug, Default, Clone)]
pub struct Raw {
    values: BTreeMap<&'static str, String>,
}

impl Raw {
    /// Reads a file of `name=value` lines; `#` begins a comment.
    pub fn add_file(&mut self, path: &str, text: &str) -> Result<(), SettingsError> {
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, value) = line.split_once('=').ok_or_else(|| SettingsError::Line(path.to_owned(), at + 1))?;
            self.set(name.trim(), value.trim().trim_matches('"'))?;
        }
        Ok(())
    }

    /// Takes what is ours from the environment.
    pub fn add_environment(&mut self, variables: impl Iterator<Item = (String, String)>) {
        for (variable, value) in variables {
            let named =
                |(name, _, _): &&(&'static str, &str, Use)| variable == *name || variable == environment_name(name);
            if let Some((name, _, _)) = TABLE.iter().find(named) {
                self.values.insert(name, value);
            }
        }
    }

    /// Takes `name=value`.
    pub fn add_assignment(&mut self, text: &str) -> Result<(), SettingsError> {
        let (name, value) = text.split_once('=').ok_or_else(|| SettingsError::NoValue(text.to_owned()))?;
        self.set(name.trim(), value.trim())
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), SettingsError> {
        let known =
            |(own, _, _): &&(&'static str, &str, Use)| name.eq_ignore_ascii_case(own) || name == environment_name(own);
        let Some((own, _, _)) = TABLE.iter().find(known) else {
            return Err(SettingsError::Unknown(name.to_owned(), nearest(name)));
        };
        self.values.insert(own, value.to_owned());
        Ok(())
    }

    fn text(&self, name: &'static str) -> &str {
        let default = || TABLE.iter().find(|(own, _, _)| *own == name).map_or("", |(_, default, _)| default);
        self.values.get(name).map_or_else(default, String::as_str)
    }

    fn optional<T>(
        &self,
        name: &'static str,
        what: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, SettingsError> {
        match self.text(name) {
            "" => Ok(None),
            text => read(text).map(Some).ok_or_else(|| SettingsError::Bad(name, text.to_owned(), what)),
        }
    }

    fn required<T>(
        &self,
        name: &'static str,
        what: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, SettingsError> {
        let text = self.text(name);
        read(text).ok_or_else(|| SettingsError::Bad(name, text.to_owned(), what))
    }

    fn number<T: std::str::FromStr>(&self, name: &'static str) -> Result<T, SettingsError> {
        self.required(name, "a whole number in range", |text| text.parse().ok())
    }

    fn flag(&self, name: &'static str) -> Result<bool, SettingsError> {
        self.required(name, "`true` or `false`", |text| match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" => Some(true),
            "false" | "0" | "no" => Some(false),
            _ => None,
        })
    }

    fn seconds(&self, name: &'static str) -> Result<Duration, SettingsError> {
        let read = |text: &str| text.parse::<f64>().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        self.required(name, "a number of seconds", read)
    }

    fn address(&self, name: &'static str) -> Result<Option<SocketAddr>, SettingsError> {
        self.optional(name, "an address such as `127.0.0.1:8080`", |text| text.parse().ok())
    }

    /// Checks everything.
    pub fn check(&self) -> Result<Settings, SettingsError> {
        for (name, _, usage) in TABLE {
            if let (Use::Only(only), text) = (usage, self.text(name))
                && !text.eq_ignore_ascii_case(only)
                && !text.is_empty()
            {
                return Err(SettingsError::Unsupported(name, text.to_owned()));
            }
        }
        let path = |name| self.optional(name, "a path", |text| Some(PathBuf::from(text)));
        let tls = match (
            self.address("gatewright.tls.listen")?,
            path("gatewright.tls.certificate")?,
            path("gatewright.tls.key")?,
        ) {
            (None, None, None) => None,
            (Some(listen), Some(certificate), Some(key)) => Some(TlsFiles { listen, certificate, key }),
            _ => {
                let text = "`gatewright.tls.listen`, `gatewright.tls.certificate` and `gatewright.tls.key` go together";
                return Err(SettingsError::Incomplete(text));
            }
        };
        let workers = match self.number("gatewright.workers")? {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            count => count,
        };
        Ok(Settings {
            gateway: self.optional("gateway.name", "a name", |text| Some(text.to_owned()))?,
            listen: self.address("gatewright.listen")?,
            admin: self.address("gatewright.admin.listen")?,
            tls,
            socket: path("gatewright.socket")?,
            backup: path("gatewright.backup.directory")?,
            workers,
            pool: self.number("gatewright.upstream.pool-size")?,
            body_idle: self.seconds("gatewright.upstream.body-idle-seconds")?,
            enforce_protocols: self.flag("gatewright.routing.enforce-protocols")?,
            cleartext_http2: self.flag("gatewright.http2.cleartext")?,
            believe_forwarded_proto: self.flag("net.server.http.forwarded.proto.enabled")?,
            log: self.required("telemetry.logs.std", "`text`, `json` or `none`", |text| match text {
                "text" => Some(LogFormat::Text),
                "json" => Some(LogFormat::Json),
                "none" => Some(LogFormat::None),
                _ => None,
            })?,
            level: self.required("telemetry.logs.std.level", "a log level", level)?,
            access_log: self.flag("gatewright.logs.access")?,
            limits: Limits {
                target: self.number("gatewright.limits.url-bytes")?,
                header_block: self.number("gatewright.limits.header-bytes")?,
                fields: self.number("gatewright.limits.header-fields")?,
            },
            requests_per_connection: self.number("gatewright.limits.requests-per-connection")?,
            head_time: self.seconds("gatewright.client.header-seconds")?,
            idle_time: self.seconds("gatewright.client.idle-seconds")?,
            body_rate: self.number("gatewright.client.body-bytes-per-second")?,
            write_time: self.seconds("gatewright.client.write-seconds")?,
            drain: self.seconds("gatewright.shutdown.drain-seconds")?,
            cache_bytes: self.number("gatewright.cache.bytes")?,
        })
    }
}

fn level(text: &str) -> Option<Level> {
    Some(match text {
        "all" => Level::Trace,
        "debug" => Level::Debug,
        "info" => Level::Info,
        "warn" => Level::Warn,
        "error" | "fatal" => Level::Error,
        _ => return None,
    })
}

/// The environment form of a name.
fn environment_name(name: &str) -> String {
    let form = |character: char| if character.is_ascii_alphanumeric() { character.to_ascii_uppercase() } else { '_' };
    name.chars().map(form).collect()
}

fn nearest(name: &str) -> String {
    let last = name.rsplit('.').next().unwrap_or(name);
    let like = TABLE.iter().find(|(own, _, _)| own.ends_with(last) || own.contains(name));
    like.map_or_else(String::new, |(own, _, _)| format!("; did you mean `{own}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_sources_win() {
        let mut raw = Raw::default();
        raw.add_file("f", "# comment\ngatewright.workers=3\ntelemetry.logs.std = json\ngatewright.cache.bytes=\"5\"\n")
            .unwrap();
        let variables = [("GATEWRIGHT_WORKERS", "4"), ("PATH", "/bin"), ("telemetry.logs.std.level", "warn")];
        raw.add_environment(variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
        raw.add_assignment("gatewright.workers=5").unwrap();
        let settings = raw.check().unwrap();
        assert_eq!((settings.workers, settings.log, settings.level), (5, LogFormat::Json, Level::Warn));
        assert_eq!(settings.cache_bytes, 5);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let error = |text: &str| {
            let mut raw = Raw::default();
            raw.add_assignment(text).and_then(|()| raw.check()).unwrap_err().to_string()
        };
        assert_eq!(error("gatewright.workers=x"), "setting `gatewright.workers`: `x` is not a whole number in range");
        assert_eq!(error("workers=1"), "unknown setting `workers`; did you mean `gatewright.workers`?");
        assert_eq!(error("nothing"), "`--set nothing`: expected `name=value`");
        assert_eq!(
            error("telemetry.metrics.local=statsd"),
            "setting `telemetry.metrics.local`: `statsd` is not supported yet"
        );
        assert!(error("gatewright.tls.key=/k").contains("go together"));
        assert_eq!(Raw::default().add_file("f", "\nx").unwrap_err(), SettingsError::Line("f".into(), 2));
    }

    #[test]
    fn environment_names_do_not_collide() {
        let mut names: Vec<String> = TABLE.iter().map(|(name, _, _)| environment_name(name)).collect();
        assert_eq!(environment_name("telemetry.logs.std"), "TELEMETRY_LOGS_STD");
        names.sort();
        names.dedup();
        assert_eq!(names.len(), TABLE.len());
        Raw::default().check().unwrap();
    }
}
