//! Settings of the binary: each key declared once, with its default; raw text in, checked types out.
//!
//! A value comes from a flag, from `--set name=value`, from the environment (the dotted name itself, or in upper case with every other character
//! as `_`), from a settings file (`name = "value"` in TOML, nested or dotted), in this order. A wrong value ends the program with status 64 before
//! anything is opened.

use crate::{backup, feed::SocketSettings, load::LoadOptions, logging::Format, poll::Pace};
use log::LevelFilter;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    time::Duration,
};

/// The largest settings file that is read.
const MAX_SETTINGS_BYTES: u64 = 1024 * 1024;

/// A key: its name, its default, what it is for.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) default: &'static str,
    pub(crate) help: &'static str,
}

macro_rules! keys {
    ($($id:ident = $name:literal, $default:literal, $help:literal;)*) => {
        $(pub(crate) const $id: &str = $name;)*

        /// All keys.
        pub(crate) const KEYS: &[Key] = &[$(Key { name: $name, default: $default, help: $help }),*];
    };
}

keys! {
    FOLDER = "config.folder", "", "folder in one of the APIOps layouts";
    SOCKET = "config.socket", "", "path of the Unix socket for gateways";
    SOCKET_GROUP = "config.socket.group", "", "name or number of a group that may connect too (mode 0660)";
    SOCKET_UIDS = "config.socket.allowed-uids", "", "further users that may connect, by number";
    SOCKET_GIDS = "config.socket.allowed-gids", "", "further groups that may connect, by number";
    BACKUP = "config.backup.folder", "", "folder for the last good revisions; empty for none";
    BACKUP_COUNT = "config.backup.count", "3", "how many revisions are kept";
    GATEWAY = "gateway.name", "", "serve only the APIs linked to this gateway";
    SECRETS = "config.secrets", "", "files and directories of secrets";
    OVERRIDE = "config.override", "", "the publisher's configuration.<environment>.yaml";
    ALLOW_SKIP = "config.allow-skip", "", "policies that are left out on purpose";
    BACKENDS = "config.backends", "", "backends with another URL: ID=URL";
    POLL = "config.poll.seconds", "10", "how often the folder is looked at";
    DEBOUNCE = "config.debounce.milliseconds", "75", "how long a burst of changes may pause";
    HEARTBEAT = "heartbeat.seconds", "60", "how often the state is logged";
    STATUS_FILE = "status.file", "", "file that tells the state as JSON";
    LOG_LEVEL = "log.level", "info", "off, error, warn, info, debug or trace";
    LOG_FORMAT = "log.format", "auto", "text, json, or auto: text to a terminal";
}

/// Checked settings.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) folder: PathBuf,
    pub(crate) socket: SocketSettings,
    pub(crate) backup: Option<PathBuf>,
    pub(crate) backup_count: usize,
    pub(crate) load: LoadOptions,
    pub(crate) pace: Pace,
    pub(crate) heartbeat: Duration,
    pub(crate) status_file: Option<PathBuf>,
    pub(crate) log_level: LevelFilter,
    pub(crate) log_format: Format,
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum SettingError {
    #[error("`{0}` is no setting; known are {1}")]
    Unknown(String, String),
    #[error("`{0}` is not `name=value`")]
    NotAPair(String),
    #[error("setting `{name}`: `{value}` is not {expected}")]
    Bad { name: &'static str, value: String, expected: &'static str },
    #[error("setting `{0}` is missing: {1}")]
    Missing(&'static str, &'static str),
    #[error("settings file `{0}`: {1}")]
    File(String, String),
}

/// Values as text, by name of the key; several values of one key lie behind each other.
#[derive(Debug, Default, Clone)]
pub(crate) struct Raw {
    values: BTreeMap<&'static str, Vec<String>>,
    /// Keys whose values came from flags: one flag is one value, so commas in URLs and paths do not part it.
    whole: BTreeSet<&'static str>,
}

impl Raw {
    /// Puts values from a weaker source beside those that are there; what is there wins.
    fn add_weaker(&mut self, weaker: Self) {
        for (name, values) in weaker.values {
            self.values.entry(name).or_insert(values);
        }
    }

    /// Adds a value of a flag.
    pub(crate) fn flag(&mut self, name: &'static str, values: impl IntoIterator<Item = String>) {
        let values: Vec<_> = values.into_iter().collect();
        if !values.is_empty() {
            self.values.entry(name).or_default().extend(values);
            self.whole.insert(name);
        }
    }

    /// Adds `name=value` pairs.
    pub(crate) fn set(&mut self, pairs: &[String]) -> Result<(), SettingError> {
        let mut set = Self::default();
        for pair in pairs {
            let (name, value) = pair.split_once('=').ok_or_else(|| SettingError::NotAPair(pair.clone()))?;
            set.values.entry(known(name.trim())?).or_default().push(value.to_owned());
        }
        self.add_weaker(set);
        Ok(())
    }

    /// Adds what the environment says.
    pub(crate) fn environment(&mut self, variables: &[(String, String)]) {
        for key in KEYS {
            let form = environment_name(key.name);
            let found = variables
                .iter()
                .find(|(name, _)| *name == key.name)
                .or_else(|| variables.iter().find(|(name, _)| *name == form));
            if let Some((_, value)) = found.filter(|(_, value)| !value.is_empty()) {
                self.values.entry(key.name).or_insert_with(|| vec![value.clone()]);
            }
        }
    }

    /// Adds what a settings file says.
    pub(crate) fn file(&mut self, path: &Path) -> Result<(), SettingError> {
        let shown = path.display().to_string();
        let failed = |problem: String| SettingError::File(shown.clone(), problem);
        let file =
            crate::text::read_text(path, &shown, MAX_SETTINGS_BYTES).map_err(|finding| failed(finding.message))?;
        let table = file.text.parse::<toml::Table>().map_err(|error| failed(error.message().to_owned()))?;
        let mut read = Self::default();
        flatten("", &toml::Value::Table(table), &mut read)?;
        self.add_weaker(read);
        Ok(())
    }

    fn text(&self, name: &'static str) -> String {
        let given = self.values.get(name).and_then(|values| values.last()).filter(|value| !value.is_empty());
        let default = || KEYS.iter().find(|key| key.name == name).map(|key| key.default).unwrap_or_default();
        given.map_or_else(|| default().to_owned(), Clone::clone)
    }

    fn optional(&self, name: &'static str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    fn required(&self, name: &'static str) -> Result<String, SettingError> {
        let help = || KEYS.iter().find(|key| key.name == name).map(|key| key.help).unwrap_or_default();
        self.optional(name).ok_or_else(|| SettingError::Missing(name, help()))
    }

    /// All values of a key; one value may hold several, separated by commas.
    fn list(&self, name: &'static str) -> Vec<String> {
        let values = self.values.get(name).into_iter().flatten();
        if self.whole.contains(name) {
            return values.filter(|value| !value.is_empty()).cloned().collect();
        }
        values
            .flat_map(|value| value.split(','))
            .map(|item| item.trim().to_owned())
            .filter(|item| !item.is_empty())
            .collect()
    }

    fn number(&self, name: &'static str, min: u32, max: u32, expected: &'static str) -> Result<u32, SettingError> {
        let value = self.text(name);
        value.parse().ok().filter(|number| (min..=max).contains(number)).ok_or(SettingError::Bad {
            name,
            value,
            expected,
        })
    }

    fn numbers(&self, name: &'static str) -> Result<Vec<u32>, SettingError> {
        let number = |value: String| value.parse().map_err(|_| SettingError::Bad { name, value, expected: "a number" });
        self.list(name).into_iter().map(number).collect()
    }
}

fn known(name: &str) -> Result<&'static str, SettingError> {
    KEYS.iter().find(|key| key.name == name || environment_name(key.name) == name).map(|key| key.name).ok_or_else(
        || {
            let names: Vec<_> = KEYS.iter().map(|key| format!("`{}`", key.name)).collect();
            SettingError::Unknown(name.to_owned(), names.join(", "))
        },
    )
}

/// The name of a key in the environment.
pub(crate) fn environment_name(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

fn flatten(at: &str, value: &toml::Value, read: &mut Raw) -> Result<(), SettingError> {
    let values = match value {
        toml::Value::Table(table) => {
            for (name, value) in table {
                let name = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                flatten(&name, value, read)?;
            }
            return Ok(());
        }
        toml::Value::Array(items) => items.iter().map(plain).collect(),
        other => vec![plain(other)],
    };
    read.values.insert(known(at)?, values);
    Ok(())
}

fn plain(value: &toml::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// How a configuration is to be loaded: what `run` and `check` share.
pub(crate) fn load_options(raw: &Raw, environment: Vec<(String, String)>) -> Result<LoadOptions, SettingError> {
    let mut backends = BTreeMap::new();
    for pair in raw.list(BACKENDS) {
        let (id, url) = pair.split_once('=').ok_or(SettingError::Bad {
            name: BACKENDS,
            value: pair.clone(),
            expected: "ID=URL",
        })?;
        backends.insert(id.trim().to_owned(), url.trim().to_owned());
    }
    let mut secrets: Vec<PathBuf> = raw.list(SECRETS).into_iter().map(Into::into).collect();
    secrets
        .extend(environment.iter().find(|(name, _)| name == "CREDENTIALS_DIRECTORY").map(|(_, folder)| folder.into()));
    Ok(LoadOptions {
        gateway: raw.optional(GATEWAY),
        secrets,
        override_file: raw.optional(OVERRIDE).map(Into::into),
        allow_skip: raw.list(ALLOW_SKIP).into_iter().collect::<BTreeSet<_>>(),
        backends,
        named_values: BTreeMap::new(),
        environment,
        previous: None,
    })
}

/// Checks the settings of `check`.
pub(crate) fn for_check(raw: &Raw, environment: Vec<(String, String)>) -> Result<(PathBuf, LoadOptions), SettingError> {
    Ok((raw.required(FOLDER)?.into(), load_options(raw, environment)?))
}

/// Checks all settings of `run`.
pub(crate) fn check(raw: &Raw, environment: Vec<(String, String)>) -> Result<Settings, SettingError> {
    let seconds = |name| {
        raw.number(name, 1, 86_400, "a number of seconds from 1 to 86400").map(|n| Duration::from_secs(n.into()))
    };
    let debounce = raw.number(DEBOUNCE, 0, 10_000, "a number of milliseconds from 0 to 10000")?;
    let group = raw.optional(SOCKET_GROUP).map(|value| {
        group_number(&value).ok_or(SettingError::Bad { name: SOCKET_GROUP, value, expected: "a group of this machine" })
    });
    Ok(Settings {
        folder: raw.required(FOLDER)?.into(),
        socket: SocketSettings {
            path: raw.required(SOCKET)?.into(),
            group: group.transpose()?,
            uids: raw.numbers(SOCKET_UIDS)?,
            gids: raw.numbers(SOCKET_GIDS)?,
        },
        backup: raw.optional(BACKUP).map(Into::into),
        backup_count: usize::try_from(raw.number(BACKUP_COUNT, 1, 100, "a number from 1 to 100")?)
            .unwrap_or(backup::DEFAULT_COUNT),
        load: load_options(raw, environment)?,
        pace: Pace { poll: seconds(POLL)?, debounce: Duration::from_millis(debounce.into()) },
        heartbeat: seconds(HEARTBEAT)?,
        status_file: raw.optional(STATUS_FILE).map(Into::into),
        log_level: log_level(raw)?,
        log_format: log_format(raw)?,
    })
}

fn log_level(raw: &Raw) -> Result<LevelFilter, SettingError> {
    let value = raw.text(LOG_LEVEL);
    value.parse().map_err(|_| SettingError::Bad {
        name: LOG_LEVEL,
        value,
        expected: "off, error, warn, info, debug or trace",
    })
}

fn log_format(raw: &Raw) -> Result<Format, SettingError> {
    match raw.text(LOG_FORMAT).as_str() {
        "auto" => Ok(Format::automatic()),
        "text" => Ok(Format::Text),
        "json" => Ok(Format::Json),
        other => Err(SettingError::Bad { name: LOG_FORMAT, value: other.to_owned(), expected: "auto, text or json" }),
    }
}

/// The number of a group: itself, or looked up in the machine's list.
fn group_number(value: &str) -> Option<u32> {
    if let Ok(number) = value.parse() {
        return Some(number);
    }
    let groups = std::fs::read_to_string("/etc/group").ok()?;
    let line = groups.lines().find(|line| line.split(':').next() == Some(value))?;
    line.split(':').nth(2)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(pairs: &[&str]) -> Raw {
        let mut raw = Raw::default();
        raw.set(&pairs.iter().map(|pair| (*pair).to_owned()).collect::<Vec<_>>()).unwrap();
        raw
    }

    #[test]
    fn names_in_the_environment_do_not_collide() {
        let names: BTreeSet<_> = KEYS.iter().map(|key| environment_name(key.name)).collect();
        assert_eq!(names.len(), KEYS.len());
        assert!(names.contains("CONFIG_SOCKET_ALLOWED_UIDS"));
    }

    #[test]
    fn stronger_sources_win() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("agent.toml");
        std::fs::write(
            &file,
            "config.folder = 'file'\nlog.level = 'warn'\n[config.poll]\nseconds = 5\n[config.backup]\nfolder = 'b'",
        )
        .unwrap();
        let mut raw = Raw::default();
        raw.flag(FOLDER, ["flag".to_owned()]);
        raw.set(&["config.folder=set".into(), "config.socket=set".into()]).unwrap();
        let environment =
            vec![("CONFIG_SOCKET".to_owned(), "env".to_owned()), ("log.level".to_owned(), "debug".to_owned())];
        raw.environment(&environment);
        raw.file(&file).unwrap();
        let settings = check(&raw, environment).unwrap();
        assert_eq!((settings.folder, settings.socket.path), ("flag".into(), "set".into()));
        assert_eq!((settings.log_level, settings.pace.poll), (LevelFilter::Debug, Duration::from_secs(5)));
        assert_eq!(settings.backup, Some("b".into()));
        std::fs::write(&file, "nonsense.key = 1").unwrap();
        assert!(matches!(Raw::default().file(&file), Err(SettingError::Unknown(..))));
    }

    #[test]
    fn wrong_values_are_told_by_name() {
        let with =
            |pair: &str| check(&raw(&["config.folder=f", "config.socket=s", pair]), vec![]).unwrap_err().to_string();
        assert!(
            with("config.poll.seconds=0").starts_with("setting `config.poll.seconds`: `0` is not a number of seconds")
        );
        assert!(with("log.format=xml").contains("auto, text or json"));
        assert!(with("log.level=loud").contains("off, error"));
        assert!(with("config.backends=x").contains("ID=URL"));
        assert!(with("config.socket.group=no-such-group").contains("group of this machine"));
        assert!(with("config.socket.allowed-uids=1,x").contains("`x` is not a number"));
        assert!(
            check(&raw(&["config.folder=f"]), vec![]).unwrap_err().to_string().contains("`config.socket` is missing")
        );
        assert!(matches!(Raw::default().set(&["x=1".into()]), Err(SettingError::Unknown(..))));
        assert!(matches!(Raw::default().set(&["x".into()]), Err(SettingError::NotAPair(_))));
    }

    #[test]
    fn lists() {
        let raw = raw(&["config.backends=a=http://h/?x=1, b=http://i", "config.allow-skip=x", "config.allow-skip=y,z"]);
        let options = load_options(&raw, vec![]).unwrap();
        assert_eq!(options.backends.get("a").map(String::as_str), Some("http://h/?x=1"));
        assert_eq!(options.allow_skip.len(), 3);
        let mut raw = Raw::default();
        raw.flag(BACKENDS, ["a=http://h/x,y".to_owned()]);
        let options = load_options(&raw, vec![]).unwrap();
        assert_eq!(options.backends.get("a").map(String::as_str), Some("http://h/x,y"));
    }
}
