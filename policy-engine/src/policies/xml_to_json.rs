//! `xml-to-json`: turns an XML body into JSON: of the request in inbound and backend, of the response in outbound and on-error.
//! Every section, every scope.
//!
//! `direct` keeps everything: attributes as `@name`, the colon of a prefix as `$`, the version of the declaration as `version`.
//! `javascript-friendly` drops prefixes, namespaces and the `@`. All values are text. Runs only where the body is XML (or `apply`
//! is `always`) and the request's `Accept` names JSON, which `*/*` does not (observed). Follows the public page
//! `xml-to-json-policy`.
use serde_json::{Map, Value};

use super::shared::convert::{CONSIDER_ACCEPT, Gate, on_body, put, unreadable};
use super::shared::media::{is_json, is_xml};
use super::shared::places::{EVERY_SCOPE, EVERY_SECTION};
use super::shared::xml_tree::{self, Content as Piece, Element};
use crate::compile::{AttributeSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::{AsyncStep, Attr, Op};
use crate::run::{Cx, Eventually, Flow, PolicyError, StepResult, keywords};

pub(super) struct XmlToJson;

const SPEC: Spec = Spec {
    element: "xml-to-json",
    summary: "turns an XML body into JSON",
    sections: EVERY_SECTION,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[
        AttributeSpec::required("kind", "`direct` keeps attributes and prefixes, `javascript-friendly` simplifies"),
        AttributeSpec::required("apply", "`always`, or `content-type-xml`: only to bodies that say so"),
        CONSIDER_ACCEPT,
        AttributeSpec::optional(
            "always-array-child-elements",
            "is a single child element a list too (default `false`)?",
        ),
    ],
    content: Content::Empty,
    example: r#"<xml-to-json kind="direct" apply="always" consider-accept-header="false" />"#,
};

keywords! {
    enum Kind {
        JavascriptFriendly = "javascript-friendly",
        Direct = "direct",
    }
}

keywords! {
    enum Apply {
        Always = "always",
        ContentTypeXml = "content-type-xml",
    }
}

impl Policy for XmlToJson {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let (kind, apply, gate) = (node.required("kind"), node.required("apply"), Gate::compile(node));
        let arrays = node.or("always-array-child-elements", false);
        Ok(Op::async_step(Compiled { kind: kind?, apply: apply?, gate: gate?, arrays: arrays? }))
    }
}

struct Compiled {
    kind: Attr<Kind>,
    apply: Attr<Apply>,
    gate: Gate,
    arrays: Attr<bool>,
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
        self.gate.is_open(cx, any_type, is_xml, is_json)
    }

    fn convert(&self, cx: &mut Cx<'_>) -> StepResult {
        let Some(bytes) = cx.plain_body()? else { return Ok(Flow::Continue) };
        let shape = Shape { friendly: *self.kind.get(cx)? == Kind::JavascriptFriendly, arrays: *self.arrays.get(cx)? };
        let text = String::from_utf8_lossy(&bytes);
        let document =
            xml_tree::read(&text).map_err(|error| unreadable(cx, &format!("The body is no XML. {error}")))?;
        let mut out = Map::new();
        if let Some(version) = document.version.filter(|_| !shape.friendly) {
            out.insert("version".into(), version.into());
        }
        out.insert(shape.name(&document.root.name), shape.value(&document.root));
        put(cx, Value::Object(out).to_string(), "application/json")
    }
}

/// How names and values come out.
struct Shape {
    friendly: bool,
    arrays: bool,
}

impl Shape {
    fn name(&self, written: &str) -> String {
        if self.friendly { xml_tree::local(written).to_owned() } else { written.replace(':', "$") }
    }

    /// The reader bounds how deep elements nest.
    fn value(&self, element: &Element) -> Value {
        let mut out = Map::new();
        if self.friendly {
            for (name, value) in element.plain_attributes() {
                out.insert(self.name(name), value.as_str().into());
            }
        } else {
            for (name, value) in &element.attributes {
                out.insert(format!("@{}", self.name(name)), value.as_str().into());
            }
        }
        let is_text = element.elements().next().is_none();
        if out.is_empty() && is_text {
            let text = element.text();
            let is_null = text.is_empty() && (element.is_closed || self.friendly);
            return if is_null { Value::Null } else { text.into() };
        }
        for piece in &element.content {
            match piece {
                Piece::Element(child) => self.add(&mut out, self.name(&child.name), self.value(child), self.arrays),
                Piece::Text(text) => {
                    let name = if self.friendly { "value" } else { "#text" };
                    self.add(&mut out, name.to_owned(), text.as_str().into(), false);
                }
            }
        }
        Value::Object(out)
    }

    /// Names that repeat are lists, in the place of the first.
    fn add(&self, out: &mut Map<String, Value>, name: String, value: Value, always: bool) {
        match out.get_mut(&name) {
            Some(Value::Array(list)) => list.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
            None if always => drop(out.insert(name, Value::Array(vec![value]))),
            None => drop(out.insert(name, value)),
        }
    }
}
