//! `IMessageBody`: a body read as text, bytes, JSON, XML or a form.
//!
//! The run loads a body before a section whose expressions touch it, so reading never waits. A read without `preserveContent`
//! consumes the body: nothing is left to forward (`docs: api-management-policy-expressions`, "Body"). A compressed body is decoded
//! by the first read.
use std::any::Any;
use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use dotnet::collections::array;
use dotnet::{Builder, Call, Exception, Object, Result, Type, TypeId, Value};
use http::{HeaderMap, header};

use super::{ids, messages, state};
use crate::run::coding::{self, Undecodable};
use crate::run::error::TOO_LARGE;
use crate::run::message::{Body, MAX_HELD_BODY, describe_anew};
use crate::run::state::EvalState;

/// What .NET's own decoders throw at bytes that they cannot read.
const INVALID_DATA: TypeId = TypeId("System.IO.InvalidDataException");

/// Which message the body belongs to.
struct BodyView {
    /// `None` for the request, the number of the response otherwise.
    response: Option<u32>,
}

impl Object for BodyView {
    fn net_type(&self) -> Type {
        Type::Simple(ids::BODY)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The body of the request.
pub(super) fn request() -> Value {
    static REQUEST: LazyLock<Arc<dyn Object>> = LazyLock::new(|| Arc::new(BodyView { response: None }));
    Value::Object(REQUEST.clone())
}

/// The body of a response.
pub(super) fn response(n: u32) -> Value {
    static CURRENT: LazyLock<Arc<dyn Object>> = LazyLock::new(|| Arc::new(BodyView { response: Some(0) }));
    if n == 0 { Value::Object(CURRENT.clone()) } else { Value::object(BodyView { response: Some(n) }) }
}

/// Takes the bytes, leaving them in place only if asked. What is read is plain: its content coding is undone for good.
fn read(c: &mut Call<'_>, preserve: bool) -> Result<Bytes> {
    let response = c.arg(0).as_object::<BodyView>().and_then(|b| b.response);
    let (headers, body) = message(state(c.cx)?, response)?;
    let bytes = match body {
        Body::Bytes(bytes) => bytes.clone(),
        Body::Empty => Bytes::new(),
        Body::Consumed | Body::Sent => {
            return Err(Exception::invalid_operation("The message body was already consumed."));
        }
        Body::Stream(_) => return Err(Exception::invalid_operation("The message body is not in memory.")),
    };
    let plain = if headers.contains_key(header::CONTENT_ENCODING) {
        let headers = headers.clone();
        plain(c, &headers, &bytes, response)?
    } else {
        None
    };
    if plain.is_none() {
        c.cx.charge_bytes(bytes.len())?;
    }
    let (headers, body) = message(state(c.cx)?, response)?;
    if let Some(plain) = &plain {
        describe_anew(headers);
        *body = Body::from_bytes(plain.clone());
    }
    if !preserve {
        *body = Body::Consumed;
    }
    Ok(plain.unwrap_or(bytes))
}

fn message(state: &mut EvalState, response: Option<u32>) -> Result<(&mut HeaderMap, &mut Body)> {
    Ok(match response {
        None => (&mut state.request.headers, &mut state.request.body),
        Some(n) => {
            let response = messages::response_at(state, n)?;
            (&mut response.headers, &mut response.body)
        }
    })
}

/// The body without its content coding. Its size counts as memory of the evaluation while it grows; past the bound it is a body
/// that is too large, which no `catch` sees.
fn plain(c: &mut Call<'_>, headers: &HeaderMap, bytes: &Bytes, response: Option<u32>) -> Result<Option<Bytes>> {
    let room = MAX_HELD_BODY.saturating_sub(if response > Some(0) { state(c.cx)?.kept_bytes() } else { 0 });
    let mut size: usize = 0;
    let decoded = coding::decoded(headers, bytes, &mut |count| {
        size = size.saturating_add(count);
        if size > room || c.cx.charge_bytes(count).is_err() { Err(size) } else { Ok(()) }
    });
    decoded.map_err(|why| match why {
        Undecodable::Malformed(coding) => Exception::new(INVALID_DATA, coding::malformed(coding)),
        Undecodable::Refused(size) => {
            let text = format!("The decoded message body has {size} bytes or more, which is larger than can be read.");
            Exception::limit(text).with(TOO_LARGE, Value::Bool(response.is_none()))
        }
    })
}

/// The text of a body, in place where it is UTF-8.
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    let bytes = bytes.strip_prefix(MARK).unwrap_or(bytes);
    dotnet::utf16::arriving(std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed))
}

const JOBJECT: TypeId = TypeId("Newtonsoft.Json.Linq.JObject");
const JARRAY: TypeId = TypeId("Newtonsoft.Json.Linq.JArray");
const JTOKEN: TypeId = TypeId("Newtonsoft.Json.Linq.JToken");
const XELEMENT: TypeId = TypeId("System.Xml.Linq.XElement");
const XDOCUMENT: TypeId = TypeId("System.Xml.Linq.XDocument");
const XNODE: TypeId = TypeId("System.Xml.Linq.XNode");

fn read_as(c: &mut Call<'_>) -> Result<Value> {
    let preserve = c.bool(1)?;
    let wanted = c.ty(0);
    let bytes = read(c, preserve)?;
    if wanted == Type::array(Type::BYTE) {
        return Ok(array::from_bytes(bytes.to_vec()));
    }
    let text = decode(&bytes);
    match wanted.id() {
        Some(dotnet::ids::STRING) => Ok(Value::str(&*text)),
        Some(JOBJECT) => dotnet::newtonsoft::parse_object(c.cx, &text),
        Some(JARRAY) => dotnet::newtonsoft::parse_array(c.cx, &text),
        Some(JTOKEN) => dotnet::newtonsoft::parse(c.cx, &text),
        Some(XELEMENT | XNODE) => dotnet::xml_linq::parse_element(c.cx, &text),
        Some(XDOCUMENT) => dotnet::xml_linq::parse_document(c.cx, &text),
        _ => Err(Exception::not_supported(format!("A message body cannot be read as {wanted}."))),
    }
}

fn read_form(c: &mut Call<'_>) -> Result<Value> {
    let preserve = c.bool(1)?;
    let bytes = read(c, preserve)?;
    let text = decode(&bytes);
    let mut map: Vec<(String, Vec<Value>)> = Vec::new();
    for (name, value) in super::url::pairs(&text) {
        let (name, value) = (name.into_owned(), Value::str(value.into_owned()));
        match map.iter_mut().find(|(n, _)| *n == name) {
            Some((_, values)) => values.push(value),
            None => map.push((name, vec![value])),
        }
    }
    let list = Type::generic(dotnet::ids::ILIST_T, [Type::STRING]);
    let pairs =
        map.into_iter().map(|(n, v)| (Value::str(n), dotnet::collections::list::new_list(Type::STRING, v))).collect();
    Ok(dotnet::collections::dictionary::new_dictionary(Type::STRING, list, pairs))
}

pub(super) fn define(b: &mut Builder) {
    b.interface(ids::BODY)
        .def("T As<T>(bool preserveContent = false)", read_as)
        .only(&["string", "byte[]", "JObject", "JArray", "JToken", "XElement", "XDocument", "XNode"])
        .def("IDictionary<string, IList<string>> AsFormUrlEncodedContent(bool preserveContent = false)", read_form);
}
