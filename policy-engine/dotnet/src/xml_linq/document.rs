//! `XDocument`, `XDeclaration`, `XDocumentType` and the static `Parse` methods.
use std::any::Any;

use super::members::{self, receiver};
use super::node::{Kind, Node};
use super::{content, parse, write};
use crate::ambient::Ambient;
use crate::collections::array;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::text::{encoding, io};
use crate::types::{Type, TypeId};
use crate::value::{Object, Str, Value};

const X_DECLARATION: TypeId = TypeId("System.Xml.Linq.XDeclaration");

/// `<?xml version encoding standalone?>`
struct XDeclaration {
    parts: parking_lot::Mutex<[Option<Str>; 3]>,
}

impl Object for XDeclaration {
    fn net_type(&self) -> Type {
        Type::Simple(X_DECLARATION)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, _: &mut dyn Ambient) -> Result<Str> {
        let mut out = "<?xml".to_owned();
        for (name, part) in ["version", "encoding", "standalone"].iter().zip(self.parts.lock().iter()) {
            if let Some(part) = part {
                out.push_str(&format!(" {name}=\"{part}\""));
            }
        }
        out.push_str("?>");
        Ok(out.into())
    }
}

/// A declaration as a value.
pub(super) fn declaration(version: Option<&str>, encoding: Option<&str>, standalone: Option<&str>) -> Value {
    let parts = [version, encoding, standalone].map(|p| p.map(Str::from));
    Value::object(XDeclaration { parts: parking_lot::Mutex::new(parts) })
}

pub(super) fn is_declaration(value: &Value) -> bool {
    value.as_object::<XDeclaration>().is_some()
}

pub(super) fn standalone(value: &Value) -> Option<Str> {
    value.as_object::<XDeclaration>()?.parts.lock().get(2).cloned().flatten()
}

fn part(c: &Call<'_>, n: usize) -> Result<Value> {
    let d = c.arg(0).as_object::<XDeclaration>().ok_or_else(Exception::null_reference)?;
    let part = d.parts.lock().get(n).cloned().flatten();
    Ok(part.map_or(Value::Null, Value::Str))
}

fn set_part(c: &Call<'_>, n: usize) -> Result<Value> {
    let d = c.arg(0).as_object::<XDeclaration>().ok_or_else(Exception::null_reference)?;
    if let Some(slot) = d.parts.lock().get_mut(n) {
        *slot = c.str_or_null(1);
    }
    Ok(Value::Null)
}

fn parse_document(c: &mut Call<'_>) -> Result<Value> {
    let text = c.str_arg(0, "text")?;
    let options = if c.args.len() > 1 { c.int(1)? } else { 0 };
    Ok(parse::document(c.cx, &text, options)?.value_of())
}

fn parse_element(c: &mut Call<'_>) -> Result<Value> {
    let text = c.str_arg(0, "text")?;
    let options = if c.args.len() > 1 { c.int(1)? } else { 0 };
    Ok(parse::element(c.cx, &text, options)?.value_of())
}

/// `Load(TextReader)` and `Load(Stream)`: from memory only.
fn loaded(c: &mut Call<'_>) -> Result<Str> {
    let source = c.take(0);
    if source.is_null() {
        return Err(Exception::argument_null("input"));
    }
    if source.net_type() != Type::Simple(io::MEMORY_STREAM) {
        return io::read_to_end(&source);
    }
    let bytes = io::rest_of_stream(&source)?;
    c.cx.charge_bytes(bytes.len().saturating_mul(2))?;
    encoding::decode_stream(&bytes, None).map(Into::into)
}

fn load_element(c: &mut Call<'_>) -> Result<Value> {
    let text = loaded(c)?;
    let options = if c.args.len() > 1 { c.int(1)? } else { 0 };
    Ok(parse::element(c.cx, &text, options)?.value_of())
}

fn load_document(c: &mut Call<'_>) -> Result<Value> {
    let text = loaded(c)?;
    let options = if c.args.len() > 1 { c.int(1)? } else { 0 };
    Ok(parse::document(c.cx, &text, options)?.value_of())
}

/// `Save(Stream)`: UTF-8 with its mark.
fn save_bytes(c: &mut Call<'_>) -> Result<Value> {
    let options = if c.args.len() > 2 { c.int(2)? } else { 0 };
    let n = receiver(c)?;
    let text = write::saved(c.cx, &n, options & members::DISABLE_FORMATTING == 0, "utf-8")?;
    let target = c.arg(1).clone();
    io::append_bytes(c.cx, &target, format!("\u{feff}{text}").as_bytes())?;
    Ok(Value::Null)
}

fn construct(c: &mut Call<'_>) -> Result<Value> {
    let document = Node::document();
    let args: Vec<Value> = c.args.to_vec();
    for arg in &args {
        if is_declaration(arg) {
            document.set_declaration(Some(arg.clone()));
        } else if let Some(other) = content::node_of(arg).filter(|n| n.kind == Kind::Document) {
            return Ok(other.copy(c.cx)?.value_of());
        } else {
            let items = array::array(arg).map_or_else(|| vec![arg.clone()], array::ArrayObject::to_vec);
            for item in items {
                content::add(c.cx, &document, None, &item)?;
            }
        }
    }
    Ok(document.value_of())
}

fn first_of(c: &Call<'_>, kind: Kind) -> Result<Value> {
    let found = receiver(c)?.children().into_iter().find(|n| n.kind == kind);
    Ok(found.map_or(Value::Null, |n| n.value_of()))
}

/// `Save(TextWriter)`
fn save(c: &mut Call<'_>) -> Result<Value> {
    let options = if c.args.len() > 2 { c.int(2)? } else { 0 };
    let n = receiver(c)?;
    // A StringWriter says that its encoding is UTF-16.
    let text = write::saved(c.cx, &n, options & members::DISABLE_FORMATTING == 0, "utf-16")?;
    let target = c.arg(1).clone();
    io::append(c.cx, &target, &text)?;
    Ok(Value::Null)
}

fn new_doctype(c: &mut Call<'_>) -> Result<Value> {
    let name = c.str_arg(0, "name")?;
    let parts = [c.str_or_null(1), c.str_or_null(2), c.str_or_null(3)];
    Ok(Node::doctype(&name, parts).value_of())
}

fn optional(text: Option<Str>) -> Value {
    text.map_or(Value::Null, Value::Str)
}

/// Adds the types, and what `XElement` shares with `XDocument`.
pub(super) fn define(b: &mut Builder) {
    b.class(X_DECLARATION)
        .def("new(string version, string encoding, string standalone)", |c| {
            let parts = [c.str_or_null(0), c.str_or_null(1), c.str_or_null(2)];
            Ok(Value::object(XDeclaration { parts: parking_lot::Mutex::new(parts) }))
        })
        .def("new(XDeclaration other)", |c| {
            let other = c.arg(0).as_object::<XDeclaration>().ok_or_else(|| Exception::argument_null("other"))?;
            Ok(Value::object(XDeclaration { parts: parking_lot::Mutex::new(other.parts.lock().clone()) }))
        })
        .get_set("string Version", |c| part(c, 0), |c| set_part(c, 0))
        .get_set("string Encoding", |c| part(c, 1), |c| set_part(c, 1))
        .get_set("string Standalone", |c| part(c, 2), |c| set_part(c, 2));
    b.class(TypeId("System.Xml.Linq.XDocumentType"))
        .base("XNode")
        .def("new(string name, string publicId, string systemId, string internalSubset)", new_doctype)
        .def("new(XDocumentType other)", |c| {
            let other = members::node(c, 0, "other")?;
            Ok(other.copy(c.cx)?.value_of())
        })
        .def("string Name", |c| Ok(Value::Str(receiver(c)?.name().local)))
        .def("string PublicId", |c| Ok(optional(receiver(c)?.doctype_part(0))))
        .def("string SystemId", |c| Ok(optional(receiver(c)?.doctype_part(1))))
        .def("string InternalSubset", |c| Ok(optional(receiver(c)?.doctype_part(2))));
    b.class(TypeId("System.Xml.Linq.XDocument"))
        .base("XContainer")
        .def("new()", construct)
        .def("new(XDocument other)", construct)
        .def("new(params object[] content)", construct)
        .def("new(XDeclaration declaration, params object[] content)", construct)
        .def("static XDocument Parse(string text)", parse_document)
        .def("static XDocument Parse(string text, LoadOptions options)", parse_document)
        .def("static XDocument Load(TextReader textReader)", load_document)
        .def("static XDocument Load(TextReader textReader, LoadOptions options)", load_document)
        .def("static XDocument Load(System.IO.Stream stream)", load_document)
        .def("static XDocument Load(System.IO.Stream stream, LoadOptions options)", load_document)
        .def("void Save(System.IO.Stream stream)", save_bytes)
        .def("void Save(System.IO.Stream stream, SaveOptions options)", save_bytes)
        .def("XElement Root", |c| first_of(c, Kind::Element))
        .def("XDocumentType DocumentType", |c| first_of(c, Kind::DocumentType))
        .def("void Save(TextWriter textWriter)", save)
        .def("void Save(TextWriter textWriter, SaveOptions options)", save)
        .get_set(
            "XDeclaration Declaration",
            |c| Ok(receiver(c)?.declaration().unwrap_or_default()),
            |c| {
                let value = c.arg(1).clone();
                receiver(c)?.set_declaration(Some(value).filter(is_declaration));
                Ok(Value::Null)
            },
        );
    b.class(members::X_ELEMENT)
        .def("static XElement Parse(string text)", parse_element)
        .def("static XElement Parse(string text, LoadOptions options)", parse_element)
        .def("static XElement Load(System.IO.Stream stream)", load_element)
        .def("static XElement Load(System.IO.Stream stream, LoadOptions options)", load_element)
        .def("void Save(System.IO.Stream stream)", save_bytes)
        .def("void Save(System.IO.Stream stream, SaveOptions options)", save_bytes)
        .def("static IEnumerable<XElement> EmptySequence", |_| {
            Ok(array::new_array(Type::Simple(members::X_ELEMENT), Vec::new()))
        })
        .def("static XElement Load(TextReader textReader)", load_element)
        .def("static XElement Load(TextReader textReader, LoadOptions options)", load_element)
        .def("void Save(TextWriter textWriter)", save)
        .def("void Save(TextWriter textWriter, SaveOptions options)", save);
}
