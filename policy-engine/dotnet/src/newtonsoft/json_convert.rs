//! `Newtonsoft.Json.JsonConvert` and the writing and reading members of `JsonSerializer`.
use super::settings::Settings;
use super::{deserialize_text, names, serialize};
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::Type;
use crate::value::{Str, Value};

/// `SerializeObject(value)`, `(value, formatting)`, `(value, settings)`, `(value, formatting, settings)`.
fn serialize_object(c: &mut Call<'_>) -> Result<Value> {
    let value = c.take(0);
    let indented = matches!(c.arg(1), Value::Enum(_, 1));
    let settings = if Settings::of(c.arg(1)).is_some() { c.take(1) } else { c.take(2) };
    serialize::to_text(c.cx, &value, indented, &settings).map(Value::Str)
}

fn text_arg(c: &Call<'_>) -> Result<Str> {
    c.str_arg(0, "value")
}

fn reads_dates(c: &Call<'_>, n: usize) -> bool {
    Settings::of(c.arg(n)).and_then(|s| s.get("DateParseHandling")).is_none_or(|v| !matches!(v, Value::Enum(_, 0)))
}

/// `DeserializeObject(text[, settings])`
fn deserialize_untyped(c: &mut Call<'_>) -> Result<Value> {
    let text = text_arg(c)?;
    let dates = reads_dates(c, 1);
    deserialize_text::text_to(c.cx, &text, None, dates)
}

/// `DeserializeObject<T>(text[, settings])`
fn deserialize_typed(c: &mut Call<'_>) -> Result<Value> {
    let (text, target) = (text_arg(c)?, c.ty(0));
    let dates = reads_dates(c, 1);
    deserialize_text::text_to(c.cx, &text, Some(&target), dates)
}

/// `DeserializeObject(text, typeof(T)[, settings])`
fn deserialize_by_type(c: &mut Call<'_>) -> Result<Value> {
    let text = text_arg(c)?;
    let target = crate::object::as_type(c.arg(1));
    let dates = reads_dates(c, 2);
    deserialize_text::text_to(c.cx, &text, target.as_ref(), dates)
}

/// The forms with the static type of the value: it only matters where type names are written, which they are not.
fn serialize_as(c: &mut Call<'_>) -> Result<Value> {
    let (value, settings) = (c.take(0), c.take(c.args.len().saturating_sub(1)));
    let indented = matches!(c.arg(2), Value::Enum(_, 1));
    serialize::to_text(c.cx, &value, indented, &settings).map(Value::Str)
}

fn deserialize_anonymous(c: &mut Call<'_>) -> Result<Value> {
    let (text, target) = (text_arg(c)?, c.ty(0));
    match &target {
        Type::Anonymous(shape) => deserialize_text::to_anonymous(c.cx, &text, shape),
        other => deserialize_text::text_to(c.cx, &text, Some(other), true),
    }
}

/// `JsonConvert.ToString(value)`: one value as JSON text.
fn to_json_text(c: &mut Call<'_>) -> Result<Value> {
    let value = c.take(0);
    if !matches!(value, Value::Null) && super::scalar::Scalar::of(value.clone()).is_none() {
        return Err(Exception::argument_message(format!(
            "Unsupported type: {}. Use the JsonSerializer class to get the object's JSON representation.",
            value.net_type().clr_name()
        )));
    }
    serialize::to_text(c.cx, &value, false, &Value::Null).map(Value::Str)
}

pub(super) fn define(b: &mut Builder) {
    b.static_class(names::JSON_CONVERT)
        .def("static string SerializeObject(object value)", serialize_object)
        .def("static string SerializeObject(object value, Formatting formatting)", serialize_object)
        .def("static string SerializeObject(object value, JsonSerializerSettings settings)", serialize_object)
        .def(
            "static string SerializeObject(object value, Formatting formatting, JsonSerializerSettings settings)",
            serialize_object,
        )
        .def("static string SerializeObject(object value, Type type, JsonSerializerSettings settings)", serialize_as)
        .def(
            "static string SerializeObject(object value, Type type, Formatting formatting, JsonSerializerSettings settings)",
            serialize_as,
        )
        .def("static object DeserializeObject(string value)", deserialize_untyped)
        .def("static object DeserializeObject(string value, JsonSerializerSettings settings)", deserialize_untyped)
        .def("static object DeserializeObject(string value, Type type)", deserialize_by_type)
        .def(
            "static object DeserializeObject(string value, Type type, JsonSerializerSettings settings)",
            deserialize_by_type,
        )
        .def("static T DeserializeObject<T>(string value)", deserialize_typed)
        .def("static T DeserializeObject<T>(string value, JsonSerializerSettings settings)", deserialize_typed)
        .def("static T DeserializeAnonymousType<T>(string value, T anonymousTypeObject)", deserialize_anonymous)
        .def("static string ToString(object value)", to_json_text)
        .def("static string ToString(string value)", |c| {
            if c.arg(0).is_null() { Ok(Value::str("\"\"")) } else { to_json_text(c) }
        })
        .def("static string ToString(bool value)", to_json_text)
        .def("static string ToString(char value)", to_json_text)
        .def("static string ToString(int value)", to_json_text)
        .def("static string ToString(long value)", to_json_text)
        .def("static string ToString(uint value)", to_json_text)
        .def("static string ToString(ulong value)", to_json_text)
        .def("static string ToString(short value)", to_json_text)
        .def("static string ToString(ushort value)", to_json_text)
        .def("static string ToString(byte value)", to_json_text)
        .def("static string ToString(sbyte value)", to_json_text)
        .def("static string ToString(float value)", to_json_text)
        .def("static string ToString(double value)", to_json_text)
        .def("static string ToString(decimal value)", to_json_text)
        .def("static string ToString(DateTime value)", to_json_text)
        .def("static string ToString(Guid value)", to_json_text);
}
