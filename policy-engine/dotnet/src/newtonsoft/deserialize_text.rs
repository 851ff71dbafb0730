//! Reading a text for a type: what comes before and after the mapping of its values.
use std::sync::Arc;

use super::deserialize::{is_token_type, map_text};
use super::load::{Builder, charge};
use super::reader::{Event, Mode, Reader};
use super::scalar::{Digits, Kind, Scalar};
use super::token::Payload;
use super::{conversion, dates, position};
use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::types::{Shape, Type, TypeId};
use crate::value::Value;

/// `JsonConvert.DeserializeObject<T>(text)`; no target is the form without a type.
pub(super) fn text_to(cx: &mut dyn Ambient, text: &str, target: Option<&Type>, dates: bool) -> Result<Value> {
    charge(cx, text)?;
    let target = target.cloned().unwrap_or(Type::OBJECT);
    let is_token = is_token_type(&target);
    let untyped = is_token || target == Type::OBJECT;
    let mode = if dates && untyped { Mode::Tokens } else { Mode::Typed };
    let mut reader = Reader::new(text, mode);
    let payload = match first(&mut reader)? {
        None => return no_content(cx, &reader, &target),
        Some(Event::Scalar(s)) => Payload::Scalar(s),
        Some(event) => {
            refuse_container(&reader, &event, &target)?;
            // Trees of unknown type are taken as far as they go.
            let lenient = is_token || (target == Type::OBJECT && matches!(event, Event::StartArray));
            read_container(&mut reader, event, (text, lenient))?
        }
    };
    if is_token {
        // The rest of the text is looked at before the type of the tree.
        while reader.next()?.is_some() {}
    }
    let value = map_text(cx, text, dates, &payload, &target)?;
    while reader.next()?.is_some() {}
    Ok(value)
}

/// A container where the type wants a scalar is refused before it is read.
fn refuse_container(reader: &Reader<'_>, event: &Event, target: &Type) -> Result<()> {
    let inner = target.nullable_of().unwrap_or(target);
    if !conversion::has_operator(inner) || matches!(inner, Type::Array(_)) {
        return Ok(());
    }
    let c = if matches!(event, Event::StartArray) { '[' } else { '{' };
    Err(reader.error(&format!("Unexpected character encountered while parsing value: {c}.")))
}

fn first(reader: &mut Reader<'_>) -> Result<Option<Event>> {
    loop {
        match reader.next()? {
            Some(Event::Comment(_)) => {}
            other => return Ok(other),
        }
    }
}

/// Does the text end after a comma or a colon, so that a value is missing?
fn lacks_value(text: &str) -> bool {
    let mut rest = text.trim_end();
    while let Some(at) = rest.strip_suffix("*/").and_then(|r| r.rfind("/*")) {
        rest = rest.get(..at).unwrap_or_default().trim_end();
    }
    match rest.strip_suffix(',') {
        // After a container that ended, the library does not look for what is missing.
        Some(before) => !before.trim_end().ends_with([']', '}']),
        None => rest.ends_with(':'),
    }
}

/// The path of what holds the token of a path.
fn holder(path: &str) -> &str {
    let end = if path.ends_with(']') { path.rfind('[') } else { path.rfind('.') };
    path.get(..end.unwrap_or(0)).unwrap_or_default()
}

fn read_container(reader: &mut Reader<'_>, first: Event, (text, lenient): (&str, bool)) -> Result<Payload> {
    let mut builder = Builder::default();
    let mut event = Some(first);
    while let Some(e) = event {
        if let Some(done) = builder.take(e) {
            return Ok(done);
        }
        event = reader.next()?;
    }
    let path = reader.path();
    let is_nested = !holder(&path).is_empty();
    if lacks_value(text) && (lenient || is_nested) {
        let message = position::message("Unexpected end when reading token.", holder(&path), None);
        return Err(Exception::new(TypeId("Newtonsoft.Json.JsonWriterException"), message));
    }
    match builder.close_all() {
        Some(partial) if lenient => Ok(partial),
        _ => {
            let place = reader.line_position();
            Err(Exception::json_serialization(position::message(
                "Unexpected end when reading JSON.",
                &path,
                Some(place),
            )))
        }
    }
}

fn no_content(cx: &mut dyn Ambient, reader: &Reader<'_>, target: &Type) -> Result<Value> {
    if !cx.types().is_value_type(target) {
        return Ok(Value::Null);
    }
    let text = format!("No JSON content found and type '{}' is not nullable.", target.clr_name());
    Err(Exception::json_serialization(position::message(&text, &reader.path(), Some(reader.line_position()))))
}

/// `DeserializeAnonymousType`: the shape says what to read.
pub(super) fn to_anonymous(cx: &mut dyn Ambient, text: &str, shape: &Arc<Shape>) -> Result<Value> {
    text_to(cx, text, Some(&Type::Anonymous(shape.clone())), true)
}

/// A scalar of no particular type: fractions are doubles, and texts that are dates become dates.
pub(super) fn settled(s: &Scalar, dates: bool) -> Scalar {
    if let Some(digits) = s.value.as_object::<Digits>() {
        return Scalar::new(Kind::Float, Value::Double(digits.value));
    }
    match (s.kind, s.value.as_str().filter(|_| dates).and_then(dates::read)) {
        (Kind::String, Some(date)) => Scalar::new(Kind::Date, Value::DateTime(date)),
        _ => s.clone(),
    }
}

/// The same for all scalars in a tree that nobody else holds yet.
pub(super) fn settle(payload: &Payload, dates: bool) {
    let mut open = vec![payload.clone()];
    while let Some(payload) = open.pop() {
        let mut visit = |p: &mut Payload| match p {
            Payload::Scalar(s) => *s = settled(s, dates),
            container => open.push(container.clone()),
        };
        match &payload {
            Payload::Object(data) => data.0.write().list.iter_mut().for_each(|m| visit(&mut m.slot.payload)),
            Payload::Array(data) => data.0.write().list.iter_mut().for_each(|s| visit(&mut s.payload)),
            Payload::Scalar(_) => {}
        }
    }
}

/// Where the value of a path stands in a text.
pub(super) fn locate(text: &str, path: &str) -> Option<(usize, usize)> {
    let mut reader = Reader::new(text, Mode::Typed);
    while let Ok(Some(event)) = reader.next() {
        let is_value = matches!(event, Event::Scalar(_) | Event::StartArray | Event::StartObject);
        if is_value && reader.path() == path {
            return Some(reader.line_position());
        }
    }
    None
}
