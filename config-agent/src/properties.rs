//! Typed access to the `properties` of a resource. What has the wrong type is reported with its place and read as absent.
//!
//! Lenient where the tools are: names match without letter case, `null` is absent, numbers and booleans may be written as text.

use crate::text::{self, TextFile};
use config_model::{Finding, codes};
use serde_json::{Map, Value};
use std::{cell::RefCell, time::Duration};

/// Findings made while properties are read.
pub(crate) type Sink = RefCell<Vec<Finding>>;

/// An object of a body.
#[derive(Debug, Clone)]
pub(crate) struct Properties<'a> {
    map: &'a Map<String, Value>,
    file: Option<&'a TextFile>,
    path: String,
    sink: &'a Sink,
}

impl<'a> Properties<'a> {
    pub(crate) fn new(map: &'a Map<String, Value>, file: Option<&'a TextFile>, sink: &'a Sink) -> Self {
        Self { map, file, path: String::new(), sink }
    }

    /// The value of a property, unless absent or `null`.
    pub(crate) fn value(&self, name: &str) -> Option<&'a Value> {
        let by_case = || self.map.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        self.map.get(name).or_else(by_case).filter(|value| !value.is_null())
    }

    fn field(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// Reports something about a property.
    pub(crate) fn report(&self, name: &str, finding: Finding) {
        let finding = finding.on_field(self.field(name));
        let finding = match self.file {
            Some(file) => text::place(finding, file),
            None => finding,
        };
        self.sink.borrow_mut().push(finding);
    }

    fn wrong(&self, name: &str, expected: &str) {
        let message = format!("`{}` must be {expected}", self.field(name));
        self.report(name, Finding::error(codes::BAD_PROPERTY, message));
    }

    /// Text; numbers and booleans count as text.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.value(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            _ => {
                self.wrong(name, "text");
                None
            }
        }
    }

    /// Text that is not empty.
    pub(crate) fn filled(&self, name: &str) -> Option<String> {
        self.text(name).filter(|text| !text.trim().is_empty())
    }

    /// True or false.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        match self.value(name)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => {
                self.wrong(name, "true or false");
                None
            }
        }
    }

    /// A whole number between two bounds.
    pub(crate) fn number(&self, name: &str, min: u32, max: u32) -> Option<u32> {
        let value = match self.value(name)? {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let value = value.and_then(|value| u32::try_from(value).ok()).filter(|value| (min..=max).contains(value));
        if value.is_none() {
            self.wrong(name, &format!("a whole number from {min} to {max}"));
        }
        value
    }

    /// One of some texts; letter case does not count.
    pub(crate) fn one_of<T: Copy>(&self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text(name)?;
        let found = choices.iter().find(|(own, _)| own.eq_ignore_ascii_case(&text)).map(|(_, value)| *value);
        if found.is_none() {
            let names: Vec<_> = choices.iter().map(|(own, _)| format!("`{own}`")).collect();
            let message = format!("`{text}` is not allowed for `{}`: expected {}", self.field(name), names.join(", "));
            self.report(name, Finding::error(codes::BAD_PROPERTY, message));
        }
        found
    }

    /// An object.
    pub(crate) fn object(&self, name: &str) -> Option<Properties<'a>> {
        match self.value(name)? {
            Value::Object(map) => Some(Properties { map, path: self.field(name), ..self.clone() }),
            _ => {
                self.wrong(name, "an object");
                None
            }
        }
    }

    /// A list; absent is empty.
    pub(crate) fn list(&self, name: &str) -> &'a [Value] {
        match self.value(name) {
            None => &[],
            Some(Value::Array(items)) => items,
            Some(_) => {
                self.wrong(name, "a list");
                &[]
            }
        }
    }

    /// A list of objects.
    pub(crate) fn objects(&self, name: &str) -> Vec<Properties<'a>> {
        let mut objects = Vec::new();
        for item in self.list(name) {
            match item {
                Value::Object(map) => objects.push(Properties { map, path: self.field(name), ..self.clone() }),
                _ => self.wrong(name, "a list of objects"),
            }
        }
        objects
    }

    /// A list of texts.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for item in self.list(name) {
            match item {
                Value::String(text) => texts.push(text.clone()),
                Value::Number(number) => texts.push(number.to_string()),
                _ => self.wrong(name, "a list of texts"),
            }
        }
        texts
    }

    /// Names and values of an object of texts or lists of texts.
    pub(crate) fn text_lists(&self, name: &str) -> Vec<(String, Vec<String>)> {
        let Some(object) = self.object(name) else { return Vec::new() };
        let mut pairs = Vec::new();
        for (key, value) in object.map {
            let values = match value {
                Value::Null => continue,
                Value::Array(_) => object.texts(key),
                _ => object.text(key).into_iter().collect(),
            };
            pairs.push((key.clone(), values));
        }
        pairs
    }

    /// The name at the end of a resource id such as `/subscriptions/../backends/x`, `/backends/x` or `x`.
    pub(crate) fn reference(&self, name: &str) -> Option<String> {
        let id = self.filled(name)?;
        id.trim_end_matches('/').rsplit('/').next().map(str::to_owned)
    }

    /// A duration such as `PT1H`.
    pub(crate) fn duration(&self, name: &str) -> Option<Duration> {
        let text = self.text(name)?;
        let duration = parse_duration(&text);
        if duration.is_none() {
            self.wrong(name, "an ISO 8601 duration such as `PT1H`");
        }
        duration
    }
}

/// An ISO 8601 duration of weeks, days, hours, minutes and seconds.
pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
    let rest = text.trim().strip_prefix('P')?;
    let (date, time) = rest.split_once('T').unwrap_or((rest, ""));
    if date.is_empty() && time.is_empty() {
        return None;
    }
    let mut total = Duration::ZERO;
    for (part, units) in
        [(date, [('W', 604_800), ('D', 86_400), ('D', 86_400)]), (time, [('H', 3_600), ('M', 60), ('S', 1)])]
    {
        let mut digits = String::new();
        for c in part.chars() {
            if c.is_ascii_digit() || c == '.' {
                digits.push(c);
                continue;
            }
            let (_, seconds) = units.iter().find(|(unit, _)| *unit == c)?;
            let amount: f64 = digits.parse().ok()?;
            total = total.checked_add(Duration::try_from_secs_f64(amount * f64::from(*seconds)).ok()?)?;
            digits.clear();
        }
        if !digits.is_empty() {
            return None;
        }
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn durations() {
        for (text, seconds) in [("PT1H", 3600), ("P1D", 86_400), ("PT1M30S", 90), ("P1W", 604_800), ("P1DT1H", 90_000)]
        {
            assert_eq!(parse_duration(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(parse_duration("PT0.5S"), Some(Duration::from_millis(500)));
        for text in ["", "P", "1H", "PT1X", "PT5", "P1H", "PT99999999999999999999999999H"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn wrong_types_are_reported_with_their_place_and_read_as_absent() {
        let file =
            TextFile { path: "b.json".into(), text: "{\"properties\":\n {\"weight\": \"x\", \"Url\": null}}".into() };
        let body = json!({"weight": "x", "url": null, "count": "7", "on": "True"});
        let sink = Sink::default();
        let properties = Properties::new(body.as_object().unwrap(), Some(&file), &sink);
        assert_eq!(properties.number("weight", 0, 100), None);
        assert_eq!(properties.number("count", 0, 100), Some(7));
        assert_eq!((properties.flag("ON"), properties.text("url")), (Some(true), None));
        let findings = sink.take();
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].to_string(), "b.json:2:3: error[GW1003]: `weight` must be a whole number from 0 to 100");
    }
}
