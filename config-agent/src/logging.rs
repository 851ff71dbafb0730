//! The log: one event, one line; text for people at a terminal, JSON for everything else. Fields come as the key-values of the `log` facade.

use env_logger::{Builder, Target};
use log::{
    LevelFilter, Record,
    kv::{Key, Value, VisitSource},
};
use serde_json::{Map, Value as Json};
use std::io::{IsTerminal, Write};

/// Target of findings: their text says everything already, so the text form leaves their fields out.
pub(crate) const FINDING: &str = "finding";

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Json,
}

impl Format {
    /// Text to a terminal, JSON otherwise.
    pub(crate) fn automatic() -> Self {
        if std::io::stderr().is_terminal() { Self::Text } else { Self::Json }
    }
}

/// Installs the log on standard error. A second call changes nothing.
pub(crate) fn install(format: Format, level: LevelFilter) {
    let mut builder = Builder::new();
    builder
        .filter_level(LevelFilter::Warn)
        .filter_module("config_agent", level)
        .filter_module(FINDING, level)
        .target(Target::Stderr);
    builder.format(move |out, record| {
        let time = out.timestamp_millis().to_string();
        match format {
            Format::Text => writeln!(out, "{}", text(&time, record)),
            Format::Json => writeln!(out, "{}", json(&time, record)),
        }
    });
    // Only a second call fails.
    let _ = builder.try_init();
}

fn text(time: &str, record: &Record<'_>) -> String {
    let mut line = format!("{time} {:5} {}", record.level(), one_line(&record.args().to_string()));
    let mut fields = Fields::default();
    let _ = record.key_values().visit(&mut fields);
    for (name, value) in fields.0.iter().filter(|(name, _)| record.target() != FINDING || name.as_str() == "help") {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        line.push_str(&format!(" {name}={}", one_line(&value)));
    }
    line
}

fn json(time: &str, record: &Record<'_>) -> String {
    let mut object = Map::new();
    object.insert("time".into(), time.into());
    object.insert("level".into(), record.level().as_str().to_ascii_lowercase().into());
    object.insert("event".into(), record.args().to_string().into());
    let mut fields = Fields::default();
    let _ = record.key_values().visit(&mut fields);
    object.extend(fields.0);
    Json::Object(object).to_string()
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

#[derive(Default)]
struct Fields(Map<String, Json>);

// === impl VisitSource for Fields ===

impl<'kvs> VisitSource<'kvs> for Fields {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), log::kv::Error> {
        let value = match (value.to_u64(), value.to_bool()) {
            (Some(number), _) => Json::from(number),
            (None, Some(flag)) => Json::from(flag),
            (None, None) => Json::from(value.to_string()),
        };
        self.0.insert(key.to_string(), value);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use log::Level;

    #[test]
    fn one_event_is_one_line_in_both_forms() {
        let fields = [("gateways", 2), ("age_secs", 7)];
        let args = format_args!("two\nlines");
        let record = Record::builder().args(args).level(Level::Info).target("config_agent").key_values(&fields).build();
        assert_eq!(text("T", &record), "T INFO  two lines gateways=2 age_secs=7");
        assert_eq!(json("T", &record), r#"{"time":"T","level":"info","event":"two\nlines","gateways":2,"age_secs":7}"#);
    }
}
