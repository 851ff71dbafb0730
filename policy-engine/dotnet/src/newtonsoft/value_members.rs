//! Members of `JValue` and `JRaw`.
use super::content::new_value;
use super::names;
use super::scalar::{Kind, Scalar};
use super::token::Token;
use super::token_members::me;
use crate::exception::{Exception, Result};
use crate::format;
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::value::Value;

fn construct(c: &mut Call<'_>) -> Result<Value> {
    new_value(c.arg(0)).map(Token::value)
}

/// Constructors whose static type fixes the kind, even of null.
fn of_kind(c: &mut Call<'_>, kind: Kind) -> Value {
    Token::scalar(Scalar::new(kind, c.take(0))).value()
}

fn copy(c: &mut Call<'_>) -> Result<Value> {
    match Token::of(c.arg(0)).and_then(|t| t.as_scalar()) {
        Some(scalar) => Ok(Token::scalar(scalar).value()),
        None => Err(Exception::argument_null("other")),
    }
}

fn get(c: &mut Call<'_>) -> Result<Value> {
    Ok(me(c)?.as_scalar().map(|s| s.value).unwrap_or_default())
}

/// A text keeps the kinds that are texts too.
fn set(c: &mut Call<'_>) -> Result<Value> {
    let (token, value) = (me(c)?, c.take(1));
    let before = token.kind();
    let mut scalar = match new_value(&value)?.as_scalar() {
        Some(s) => s,
        None => return Ok(Value::Null),
    };
    if scalar.kind == Kind::String && matches!(before, Kind::Comment | Kind::String | Kind::Raw) {
        scalar.kind = before;
    }
    token.set_scalar(scalar);
    Ok(Value::Null)
}

fn formatted(c: &mut Call<'_>) -> Result<Value> {
    let value = get(c)?;
    if value.is_null() {
        return Ok(Value::str(""));
    }
    match c.str_or_null(1) {
        Some(f) => format::format_value(c.cx, &value, &f).map(Value::Str),
        None => object::text(c.cx, &value).map(Value::Str),
    }
}

fn compare_to(c: &mut Call<'_>) -> Result<Value> {
    let Some(mine) = me(c)?.as_scalar() else { return Err(Exception::null_reference()) };
    if c.arg(1).is_null() {
        return Ok(Value::Int32(1));
    }
    let theirs = match Token::of(c.arg(1)) {
        Some(t) => t.as_scalar(),
        None => Scalar::of(c.arg(1).clone()),
    };
    match theirs {
        Some(theirs) => Ok(Value::Int32(mine.compare(&theirs)? as i32)),
        None => Err(Exception::argument_message("Object must be of type JValue.")),
    }
}

fn equals(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::Bool(object::equals(c.arg(0), c.arg(1))))
}

pub(super) fn define(b: &mut Builder) {
    b.class(names::JVALUE)
        .base("JToken")
        .implements(&["IComparable", "IComparable<JValue>", "IEquatable<JValue>", "IFormattable", "IConvertible"])
        .def("new(JValue other)", copy)
        .def("new(long value)", construct)
        .def("new(ulong value)", construct)
        .def("new(decimal value)", construct)
        .def("new(double value)", construct)
        .def("new(float value)", construct)
        .def("new(char value)", construct)
        .def("new(bool value)", construct)
        .def("new(DateTime value)", construct)
        .def("new(DateTimeOffset value)", construct)
        .def("new(TimeSpan value)", construct)
        .def("new(Guid value)", construct)
        .def("new(string value)", |c| Ok(of_kind(c, Kind::String)))
        .def("new(Uri value)", |c| Ok(if c.arg(0).is_null() { of_kind(c, Kind::Null) } else { of_kind(c, Kind::Uri) }))
        .def("new(object value)", construct)
        .get_set("object Value", get, set)
        .def("string ToString(string format)", formatted)
        .def("string ToString(string format, IFormatProvider formatProvider)", formatted)
        .def("string ToString(IFormatProvider formatProvider)", |c| {
            c.set(1, Value::Null);
            formatted(c)
        })
        .def("int CompareTo(JValue obj)", compare_to)
        .def("bool Equals(JValue other)", equals)
        .def("static JValue CreateNull()", |_| Ok(Token::scalar(Scalar::NULL).value()))
        .def("static JValue CreateUndefined()", |_| Ok(Token::scalar(Scalar::UNDEFINED).value()))
        .def("static JValue CreateString(string value)", |c| Ok(of_kind(c, Kind::String)))
        .def("static JValue CreateComment(string value)", |c| Ok(of_kind(c, Kind::Comment)));
    b.class(names::JRAW)
        .base("JValue")
        .def("new(object rawJson)", |c| {
            let text = c.take(0);
            let text = object::text(c.cx, &text)?;
            Ok(Token::scalar(Scalar::new(Kind::Raw, Value::Str(text))).value())
        })
        .def("new(JRaw other)", |c| {
            let other = Token::of(c.arg(0)).and_then(|t| t.as_scalar()).ok_or_else(Exception::null_reference)?;
            Ok(Token::scalar(other).value())
        });
}
