//! `json-to-xml`: turns a JSON body into XML: of the request in inbound and backend, of the response in outbound and on-error.
//! Every section, every scope.
//!
//! The shapes are Newtonsoft's as observed: several properties at the top stand in `<Document>`, lists repeat their element, an
//! empty list is one empty element, `null` has `xsi:nil`, truth values are `True` and `False`. Names that XML does not allow are
//! written `_x0020_`. A prefix counts only where a property declares it, so that `order_id` stays one name under the default
//! separator `_`. Runs only where the body is JSON (or `apply` is `always`) and the request's `Accept` names XML. Follows the
//! public page `json-to-xml-policy`.
use std::fmt::Write;

use serde_json::{Map, Value};

use super::shared::convert::{CONSIDER_ACCEPT, Gate, on_body, put, unreadable};
use super::shared::dates;
use super::shared::media::{is_json, is_xml};
use super::shared::places::{EVERY_SCOPE, EVERY_SECTION};
use crate::compile::{AttributeSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::{AsyncStep, Attr, Op};
use crate::run::{Cx, Eventually, Flow, MAX_HELD_BODY, PolicyError, StepResult, keywords};

pub(super) struct JsonToXml;

const SPEC: Spec = Spec {
    element: "json-to-xml",
    summary: "turns a JSON body into XML",
    sections: EVERY_SECTION,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[
        AttributeSpec::required("apply", "`always`, or `content-type-json`: only to bodies that say so"),
        CONSIDER_ACCEPT,
        AttributeSpec::optional("parse-date", "are texts that look like dates written as ISO 8601 (default `true`)?"),
        AttributeSpec::optional("namespace-separator", "character between prefix and name (default `_`)"),
        AttributeSpec::optional("namespace-prefix", "prefix of properties that declare namespaces, usually `xmlns`"),
        AttributeSpec::optional("attribute-block-name", "property whose members become attributes"),
    ],
    content: Content::Empty,
    example: r##"<json-to-xml apply="always" consider-accept-header="false" namespace-separator=":" namespace-prefix="xmlns" attribute-block-name="#attrs" />"##,
};

keywords! {
    enum Apply {
        Always = "always",
        ContentTypeJson = "content-type-json",
    }
}

impl Policy for JsonToXml {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let (apply, gate, parse_date) = (node.required("apply"), Gate::compile(node), node.or("parse-date", true));
        let separator = node.or("namespace-separator", "_".to_owned());
        let (prefix, block) = (node.optional("namespace-prefix"), node.optional("attribute-block-name"));
        Ok(Op::async_step(Compiled {
            apply: apply?,
            gate: gate?,
            parse_date: parse_date?,
            separator: separator?,
            prefix: prefix?,
            block: block?,
        }))
    }
}

struct Compiled {
    apply: Attr<Apply>,
    gate: Gate,
    parse_date: Attr<bool>,
    separator: Attr<String>,
    prefix: Option<Attr<String>>,
    block: Option<Attr<String>>,
}

impl AsyncStep for Compiled {
    fn run<'r>(&'r self, cx: &'r mut Cx<'_>) -> Eventually<'r, StepResult> {
        let open = self.is_open(cx);
        on_body(cx, open, |cx| self.convert(cx))
    }
}

impl Compiled {
    fn is_open(&self, cx: &mut Cx<'_>) -> Result<bool, PolicyError> {
        let any_type = *self.apply.get(cx)? == Apply::Always;
        self.gate.is_open(cx, any_type, is_json, is_xml)
    }

    fn convert(&self, cx: &mut Cx<'_>) -> StepResult {
        let Some(bytes) = cx.plain_body()? else { return Ok(Flow::Continue) };
        let text = |attr: &Option<Attr<String>>, cx: &mut Cx<'_>| match attr {
            Some(attr) => {
                Ok::<_, PolicyError>(attr.text(cx)?.map(std::borrow::Cow::into_owned).filter(|t| !t.is_empty()))
            }
            None => Ok(None),
        };
        let mut writer = Writer {
            separator: self.separator.text(cx)?.and_then(|t| t.chars().next()).unwrap_or('_'),
            prefix: text(&self.prefix, cx)?,
            block: text(&self.block, cx)?,
            parse_date: *self.parse_date.get(cx)?,
            declared: Vec::new(),
            out: String::new(),
        };
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
        let value: Value =
            serde_json::from_slice(bytes).map_err(|error| unreadable(cx, &format!("The body is no JSON: {error}.")))?;
        writer.document(cx, &value)?;
        let out = writer.out;
        put(cx, out, "application/xml")
    }
}

struct Writer {
    separator: char,
    prefix: Option<String>,
    block: Option<String>,
    parse_date: bool,
    /// Prefixes that open elements declare.
    declared: Vec<String>,
    out: String,
}

/// What wraps a body that is not one property.
const DOCUMENT: &str = "Document";

impl Writer {
    fn document(&mut self, cx: &mut Cx<'_>, value: &Value) -> Result<(), PolicyError> {
        match value {
            Value::Object(map) => match map.iter().next() {
                Some((name, value)) if map.len() == 1 && !value.is_array() => self.element(cx, name, value),
                _ => self.element(cx, DOCUMENT, value),
            },
            Value::Array(items) => {
                self.out.push_str("<Document>");
                items.iter().try_for_each(|item| self.element(cx, "item", item))?;
                self.out.push_str("</Document>");
                Ok(())
            }
            _ => {
                let what = "XML can only be made of JSON that begins with an object or an array.";
                Err(unreadable(cx, what))
            }
        }
    }

    /// The JSON reader bounds how deep values nest.
    fn element(&mut self, cx: &mut Cx<'_>, name: &str, value: &Value) -> Result<(), PolicyError> {
        if self.out.len() > MAX_HELD_BODY {
            let text = format!("the converted body would be larger than {MAX_HELD_BODY} bytes");
            return Err(PolicyError::internal("BodyTooLarge", text));
        }
        if let Value::Array(items) = value {
            return match items.is_empty() {
                true => self.element(cx, name, &Value::Object(Map::new())),
                false => items.iter().try_for_each(|item| self.element(cx, name, item)),
            };
        }
        let outer = self.declared.len();
        let attributes = match value {
            Value::Object(map) => self.attributes(cx, map)?,
            _ => Vec::new(),
        };
        let name = self.name(name);
        self.out.push('<');
        self.out.push_str(&name);
        for (name, value) in &attributes {
            let _ = write!(self.out, " {}=\"", self.name(name));
            escape(&mut self.out, value, true);
            self.out.push('"');
        }
        let start = self.out.len();
        match value {
            Value::Null => {
                self.out.push_str(" xsi:nil=\"true\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" />");
                return Ok(());
            }
            Value::Object(map) => {
                self.out.push('>');
                for (name, value) in map {
                    match name.as_str() {
                        _ if self.is_attribute(name, value) => {}
                        "#text" | "#cdata-section" => {
                            let text = self.scalar(cx, value)?;
                            escape(&mut self.out, &text, false);
                        }
                        _ => self.element(cx, name, value)?,
                    }
                }
            }
            scalar => {
                self.out.push('>');
                let text = self.scalar(cx, scalar)?;
                escape(&mut self.out, &text, false);
            }
        }
        if self.out.len() == start.saturating_add(1) {
            self.out.truncate(start);
            self.out.push_str(" />");
        } else {
            let _ = write!(self.out, "</{name}>");
        }
        self.declared.truncate(outer);
        Ok(())
    }

    /// Attributes of the element that an object becomes; prefixes that it declares count from here on.
    fn attributes(&mut self, cx: &mut Cx<'_>, map: &Map<String, Value>) -> Result<Vec<(String, String)>, PolicyError> {
        let mut all = Vec::new();
        for (name, value) in map {
            if let Some(prefix) = self.declaration(name) {
                let name = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
                self.declared.push(prefix.to_owned());
                all.push((name, self.scalar(cx, value)?));
            } else if self.is_block(name)
                && let Value::Object(members) = value
            {
                for (name, value) in members {
                    all.push((name.clone(), self.scalar(cx, value)?));
                }
            } else if self.is_attribute(name, value) {
                all.push((name.trim_start_matches('@').to_owned(), self.scalar(cx, value)?));
            }
        }
        Ok(all)
    }

    /// The prefix that a property declares: `xmlns:a` declares `a`, `xmlns` the empty one.
    fn declaration<'n>(&self, name: &'n str) -> Option<&'n str> {
        let rest = name.strip_prefix(self.prefix.as_deref()?)?;
        if rest.is_empty() { Some(rest) } else { rest.strip_prefix(self.separator) }
    }

    fn is_block(&self, name: &str) -> bool {
        self.block.as_deref() == Some(name)
    }

    fn is_attribute(&self, name: &str, value: &Value) -> bool {
        let marked = self.block.is_none() && name.len() > 1 && name.starts_with('@');
        (marked && !value.is_object() && !value.is_array())
            || (self.is_block(name) && value.is_object())
            || self.declaration(name).is_some()
    }

    /// A name on the wire, with its prefix where that is declared.
    fn name(&self, name: &str) -> String {
        if name == "xmlns" || name.starts_with("xmlns:") {
            return name.to_owned();
        }
        match name.split_once(self.separator) {
            Some((prefix, local)) if !local.is_empty() && self.declared.iter().any(|known| known == prefix) => {
                format!("{prefix}:{}", encoded(local))
            }
            _ => encoded(name),
        }
    }

    fn scalar(&self, cx: &mut Cx<'_>, value: &Value) -> Result<String, PolicyError> {
        let text = match value {
            Value::Null => String::new(),
            Value::Bool(true) => "True".to_owned(),
            Value::Bool(false) => "False".to_owned(),
            Value::String(text) => match self.parse_date.then(|| dates::read(cx, text)).flatten() {
                Some(date) => dates::iso(cx, date)?,
                None => text.clone(),
            },
            other => other.to_string(),
        };
        match text.chars().find(|c| !is_xml_char(*c)) {
            Some(bad) => {
                let what = format!("A character of the code 0x{:02X} cannot stand in XML.", u32::from(bad));
                Err(unreadable(cx, &what))
            }
            None => Ok(text),
        }
    }
}

/// Characters that XML 1.0 allows (2.2).
fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

fn escape(out: &mut String, text: &str, in_attribute: bool) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if in_attribute => out.push_str("&quot;"),
            '\r' => out.push_str("&#xD;"),
            '\n' if in_attribute => out.push_str("&#xA;"),
            '\t' if in_attribute => out.push_str("&#x9;"),
            other => out.push(other),
        }
    }
}

/// A local name as .NET's `XmlConvert` encodes it: what a name cannot hold becomes `_x0020_`.
fn encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for (at, letter) in name.char_indices() {
        let fits = letter == '_'
            || letter.is_alphabetic()
            || (at > 0 && (letter.is_alphanumeric() || matches!(letter, '-' | '.' | '\u{b7}')));
        let looks_encoded = letter == '_' && is_escape(name.get(at..).unwrap_or_default());
        if fits && !looks_encoded {
            out.push(letter);
        } else {
            let _ = write!(out, "_x{:04X}_", u32::from(letter));
        }
    }
    out
}

fn is_escape(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("_x") else { return false };
    rest.get(..4).is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit())) && rest.get(4..5) == Some("_")
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn names() {
        for (name, wanted) in [
            ("order_id", "order_id"),
            ("two words", "two_x0020_words"),
            ("1st", "_x0031_st"),
            ("a:b", "a_x003A_b"),
            ("_x0020_", "_x005F_x0020_"),
            ("größe", "größe"),
        ] {
            assert_eq!(encoded(name), wanted);
        }
    }
}
