//! `IMessageBody`: a body read as text, bytes, JSON, XML or a form.
//!
//! The run loads a body before a section whose expressions touch it, so reading never waits. A read without `preserveContent`
//! consumes the body: nothing is left to forward (`docs: api-management-policy-expressions`, "Body").
use std::any::Any;
use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use dotnet::collections::array;
use dotnet::{Builder, Call, Exception, Object, Result, Type, TypeId, Value};

use super::{ids, messages, state};
use crate::run::message::Body;

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

/// Takes the bytes, leaving them in place only if asked.
fn read(c: &mut Call<'_>, preserve: bool) -> Result<Bytes> {
    let response = c.arg(0).as_object::<BodyView>().and_then(|b| b.response);
    let state = state(c.cx)?;
    let body = match response {
        None => &mut state.request.body,
        Some(n) => &mut messages::response_at(state, n)?.body,
    };
    let bytes = match body {
        Body::Bytes(bytes) => bytes.clone(),
        Body::Empty => Bytes::new(),
        Body::Consumed | Body::Sent => {
            return Err(Exception::invalid_operation("The message body was already consumed."));
        }
        Body::Stream(_) => return Err(Exception::invalid_operation("The message body is not in memory.")),
    };
    if !preserve {
        *body = Body::Consumed;
    }
    c.cx.charge_bytes(bytes.len())?;
    Ok(bytes)
}

/// The text of a body, in place where it is UTF-8.
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    let bytes = bytes.strip_prefix(MARK).unwrap_or(bytes);
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
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
        .def("IDictionary<string, IList<string>> AsFormUrlEncodedContent(bool preserveContent = false)", read_form);
}
