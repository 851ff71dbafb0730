//! Values of parameters and headers against what the definition says about them.
//!
//! A value comes as text and is read as its type says before its schema looks at it: arrays by `style` and `explode`, objects as
//! `name[member]` or as JSON. A parameter without a schema has at least its type and its list of values.
use std::sync::Arc;

use config_model::{Api, Parameter};
use serde_json::{Map, Value};

use super::definition;
use super::findings::{Finding, Public};
use super::json_schema::{Changes, Given, Ready, Schemas, Unusable};

/// Items of one array; more are one error of their own.
const MAX_ITEMS: usize = 1000;

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::policies) enum Place {
    Query,
    Path,
    RequestHeader,
    ResponseHeader,
}

impl Place {
    /// `Type` of the record.
    pub(in crate::policies) fn kind(self) -> &'static str {
        match self {
            Place::Query => "QueryParameter",
            Place::Path => "PathParameter",
            Place::RequestHeader => "RequestHeader",
            Place::ResponseHeader => "ResponseHeader",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Place::Query => "query parameter",
            Place::Path => "path parameter",
            Place::RequestHeader | Place::ResponseHeader => "header",
        }
    }

    fn public(self, text: Public) -> Public {
        if self == Place::ResponseHeader { Public::Internal } else { text }
    }

    fn finding(self, name: &str, rule: &'static str, details: String, public: Public) -> Finding {
        Finding { name: name.to_owned(), kind: self.kind(), rule, details, public: self.public(public) }
    }
}

/// Something that the definition does not have.
pub(in crate::policies) fn unspecified(place: Place, name: &str) -> Finding {
    let details = format!("Unspecified {} {name} is not allowed.", place.words());
    place.finding(name, "Unspecified", details, Public::Details)
}

/// Something that must be there and is not.
pub(in crate::policies) fn missing(place: Place, name: &str) -> Finding {
    let details = format!("The required {} {name} is missing.", place.words());
    place.finding(name, "IncorrectMessage", details, Public::Details)
}

/// What is wrong with the values of a parameter: those of one name, in order; with a member's name for `name[member]`.
pub(in crate::policies) fn check(
    place: Place,
    parameter: &Parameter,
    values: &[(Option<&str>, &str)],
    api: Option<&Api>,
    schemas: &Schemas,
) -> Vec<Finding> {
    let (name, words) = (parameter.name.as_str(), place.words());
    let missing = |definition: &str| {
        let details = format!(
            "API's schema does not contain definition {definition}, which is associated with the {words} {name}."
        );
        vec![place.finding(name, "MissingDefinition", details, Public::Internal)]
    };
    let Some(given) = given(parameter, api) else { return missing(parameter.type_name.as_deref().unwrap_or_default()) };
    let ready = match schemas.ready(&given, Changes::default()) {
        Ok(ready) => ready,
        Err(Unusable::Missing(definition)) => return missing(&definition),
        Err(Unusable::Broken(error)) => {
            let details = format!("{} {name} cannot be validated. {error}", capital(words));
            return vec![place.finding(name, "ValidationError", details, Public::Internal)];
        }
    };
    let read = match read(parameter, values) {
        Ok(candidates) => candidates,
        Err(Unreadable::Several) => {
            let details = format!("{} cannot contain multiple values for the {words} {name}.", message(place));
            return vec![place.finding(name, "IncorrectMessage", details, Public::Details)];
        }
        Err(Unreadable::Malformed(error)) => {
            let details = format!("Value of the {words} {name} cannot be parsed according to the definition. {error}");
            let public = format!("The value of the {words} {name} couldn't be parsed according to the definition.");
            return vec![place.finding(name, "IncorrectMessage", details, Public::Text(public))];
        }
    };
    let Some(errors) = fewest_errors(&ready, &read) else { return Vec::new() };
    let finding = |error: String| {
        let details = format!("Value of the {words} {name} does not conform to the definition. {error}");
        let public = format!("The value of the {words} {name} does not conform to the definition. {error}");
        place.finding(name, "IncorrectMessage", details, Public::Text(public))
    };
    errors.into_iter().map(finding).collect()
}

fn message(place: Place) -> &'static str {
    if place == Place::ResponseHeader { "Response" } else { "Request" }
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

/// `None` where one reading of the value fits.
fn fewest_errors(ready: &Ready, readings: &[Value]) -> Option<Vec<String>> {
    let mut fewest: Option<Vec<String>> = None;
    for value in readings {
        let errors = ready.errors(value);
        if errors.is_empty() {
            return None;
        }
        fewest.get_or_insert(errors);
    }
    fewest
}

/// The schema of a parameter; `None` where it names a document or a definition that is not there.
fn given(parameter: &Parameter, api: Option<&Api>) -> Option<Given> {
    let document = match &parameter.schema_id {
        None => None,
        Some(id) => Some(definition::document(api?, id)),
    };
    if let Some(schema) = &parameter.schema {
        return Some(Given { schema: Arc::clone(schema), document: document.flatten().cloned() });
    }
    if let (Some(name), Some(document)) = (&parameter.type_name, document) {
        let document = document?;
        return Some(Given { schema: definition::reference(name, document), document: Some(Arc::clone(document)) });
    }
    let mut schema = Map::new();
    if matches!(parameter.kind.as_str(), "string" | "integer" | "number" | "boolean" | "array" | "object") {
        schema.insert("type".into(), parameter.kind.as_str().into());
    }
    if !parameter.values.is_empty() && parameter.kind != "array" {
        let values =
            parameter.values.iter().map(|text| scalar(text, &parameter.kind).unwrap_or_else(|_| text.as_str().into()));
        schema.insert("enum".into(), values.collect());
    }
    Some(Given { schema: Value::Object(schema).to_string().into(), document: None })
}

enum Unreadable {
    Several,
    Malformed(String),
}

/// What the text may mean: one value, or several where the definition says no type.
fn read(parameter: &Parameter, values: &[(Option<&str>, &str)]) -> Result<Vec<Value>, Unreadable> {
    let texts = || values.iter().map(|(_, text)| *text);
    match parameter.kind.as_str() {
        "array" => array(parameter, &texts().collect::<Vec<_>>()).map(|value| vec![value]),
        "object" if values.iter().any(|(member, _)| member.is_some()) => {
            let members = values.iter().filter_map(|(member, text)| Some(((*member)?.to_owned(), *text)));
            // The type of a member is its schema's to say: each may be text, or what it reads as.
            let plain = members.clone().map(|(name, text)| (name, Value::from(text))).collect();
            let typed = members.map(|(name, text)| (name, any_scalar(text))).collect();
            Ok(vec![Value::Object(typed), Value::Object(plain)])
        }
        kind => {
            let mut texts = texts();
            let text = texts.next().unwrap_or_default();
            if texts.next().is_some() {
                return Err(Unreadable::Several);
            }
            if kind == "object" {
                let value = serde_json::from_str(text).map_err(|e| Unreadable::Malformed(e.to_string()))?;
                return Ok(vec![value]);
            }
            if kind.is_empty() {
                return Ok(vec![text.into(), any_scalar(text)]);
            }
            scalar(text, kind).map(|value| vec![value])
        }
    }
}

fn array(parameter: &Parameter, texts: &[&str]) -> Result<Value, Unreadable> {
    let separator = match parameter.style.as_str() {
        "spaceDelimited" | "ssv" => ' ',
        "pipeDelimited" | "pipes" => '|',
        "tsv" => '\t',
        _ => ',',
    };
    let repeated = parameter.explode && matches!(parameter.style.as_str(), "" | "form" | "multi");
    let items: Vec<&str> = match texts {
        [one] if !repeated => one.split(separator).map(str::trim).collect(),
        // Lines of a header are one list.
        several => several
            .iter()
            .flat_map(|text| if repeated { vec![*text] } else { text.split(separator).collect() })
            .collect(),
    };
    if items.len() > MAX_ITEMS {
        return Err(Unreadable::Malformed(format!("There are more than {MAX_ITEMS} items.")));
    }
    let kind = parameter.schema.as_deref().and_then(item_kind).unwrap_or_default();
    let read = |text: &&str| if kind.is_empty() { Ok(any_scalar(text)) } else { scalar(text, &kind) };
    items.iter().map(read).collect::<Result<Vec<_>, _>>().map(Value::Array)
}

/// `items.type` of a schema. One behind a reference is not looked up: its items are what they read as.
fn item_kind(schema: &str) -> Option<String> {
    let schema: Value = serde_json::from_str(schema).ok()?;
    Some(schema.get("items")?.get("type")?.as_str()?.to_owned())
}

/// A text as a value of a type.
fn scalar(text: &str, kind: &str) -> Result<Value, Unreadable> {
    let malformed = || Unreadable::Malformed(format!("Expected a value of the type {kind}."));
    match kind {
        "integer" | "number" => match serde_json::from_str(text) {
            Ok(value @ Value::Number(_)) => Ok(value),
            _ => Err(malformed()),
        },
        "boolean" => match text {
            "true" => Ok(true.into()),
            "false" => Ok(false.into()),
            _ => Err(malformed()),
        },
        "null" => {
            if text.is_empty() {
                Ok(Value::Null)
            } else {
                Err(malformed())
            }
        }
        _ => Ok(text.into()),
    }
}

/// A number or a truth value where the text is one, else the text.
fn any_scalar(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value @ (Value::Number(_) | Value::Bool(_))) => value,
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parameter(kind: &str, schema: Value, style: &str, explode: bool) -> Parameter {
        Parameter {
            name: "p".into(),
            kind: kind.into(),
            schema: Some(schema.to_string().into()),
            style: style.into(),
            explode,
            ..Parameter::default()
        }
    }

    fn rules(parameter: &Parameter, values: &[&str]) -> usize {
        let values: Vec<_> = values.iter().map(|text| (None, *text)).collect();
        check(Place::Query, parameter, &values, None, &Schemas::default()).len()
    }

    #[test]
    fn arrays_follow_their_style() {
        let schema = json!({"type": "array", "items": {"type": "integer"}, "maxItems": 2});
        let repeated = parameter("array", schema.clone(), "form", true);
        assert_eq!(
            (rules(&repeated, &["1", "2"]), rules(&repeated, &["1", "2", "3"]), rules(&repeated, &["1,2"])),
            (0, 1, 1)
        );
        let commas = parameter("array", schema.clone(), "form", false);
        assert_eq!((rules(&commas, &["1,2"]), rules(&commas, &["1,2,3"]), rules(&commas, &["1,x"])), (0, 1, 1));
        let pipes = parameter("array", schema, "pipeDelimited", false);
        assert_eq!((rules(&pipes, &["1|2"]), rules(&pipes, &["1|2|3"])), (0, 1));
    }

    #[test]
    fn values_without_a_type_may_be_anything_that_fits() {
        let any = parameter("", json!({"anyOf": [{"type": "integer"}, {"enum": ["all"]}]}), "", true);
        assert_eq!((rules(&any, &["7"]), rules(&any, &["all"]), rules(&any, &["none"]).min(1)), (0, 0, 1));
    }

    #[test]
    fn objects_are_members_or_json() {
        let schema = json!({"type": "object", "properties": {"min": {"type": "integer"}, "name": {"type": "string"}}, "additionalProperties": false});
        let deep = parameter("object", schema, "deepObject", true);
        let members = |all: &[(&str, &str)]| {
            let all: Vec<_> = all.iter().map(|(name, text)| (Some(*name), *text)).collect();
            check(Place::Query, &deep, &all, None, &Schemas::default()).len()
        };
        assert_eq!((members(&[("min", "1"), ("name", "a")]), members(&[("max", "1")]).min(1)), (0, 1));
        assert_eq!((rules(&deep, &[r#"{"min": 1}"#]), rules(&deep, &["{"])), (0, 1));
    }

    #[test]
    fn listed_values_count_without_a_schema() {
        let listed = Parameter {
            name: "p".into(),
            kind: "integer".into(),
            values: vec!["1".into(), "2".into()],
            ..Parameter::default()
        };
        assert_eq!((rules(&listed, &["2"]), rules(&listed, &["3"]), rules(&listed, &["x"])), (0, 1, 1));
    }
}
