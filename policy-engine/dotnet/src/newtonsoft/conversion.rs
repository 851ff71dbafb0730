//! Conversions between tokens and .NET values: the explicit and implicit operators, `Value<T>()`.
use std::sync::Arc;

use base64::Engine as _;

use super::content::type_of;
use super::names;
use super::scalar::{BigInteger, Kind, Scalar};
use super::token::{Body, Token};
use crate::ambient::Ambient;
use crate::collections::{array, cast};
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::system::{convert, date_parse, guid, time_span};
use crate::types::{Type, TypeId, ids};
use crate::value::{DateTime, DateTimeOffset, Value};

const URI: TypeId = TypeId("System.Uri");

/// What kinds of value an operator takes.
const NUMBERS: &[Kind] = &[Kind::Integer, Kind::Float, Kind::String, Kind::Comment, Kind::Raw, Kind::Boolean];
const STRINGS: &[Kind] = &[
    Kind::Date,
    Kind::Integer,
    Kind::Float,
    Kind::String,
    Kind::Comment,
    Kind::Raw,
    Kind::Boolean,
    Kind::Bytes,
    Kind::Guid,
    Kind::TimeSpan,
    Kind::Uri,
];
const DATES: &[Kind] = &[Kind::Date, Kind::String, Kind::Comment, Kind::Raw];
const GUIDS: &[Kind] = &[Kind::String, Kind::Comment, Kind::Raw, Kind::Guid, Kind::Bytes];
const TIME_SPANS: &[Kind] = &[Kind::String, Kind::Comment, Kind::Raw, Kind::TimeSpan];
const URIS: &[Kind] = &[Kind::String, Kind::Comment, Kind::Raw, Kind::Uri];
const BYTES: &[Kind] = &[Kind::Bytes, Kind::String, Kind::Comment, Kind::Raw, Kind::Integer];
const CHARS: &[Kind] = &[Kind::Integer, Kind::Float, Kind::String, Kind::Comment, Kind::Raw];

/// Name of the target in messages, and what it takes.
fn rule(target: &Type) -> Option<(&'static str, &'static [Kind])> {
    Some(match target.id() {
        Some(ids::STRING) => ("String", STRINGS),
        Some(ids::BOOLEAN) => ("Boolean", NUMBERS),
        Some(ids::CHAR) => ("Char", CHARS),
        Some(ids::SBYTE) => ("SByte", NUMBERS),
        Some(ids::BYTE) => ("Byte", NUMBERS),
        Some(ids::INT16) => ("Int16", NUMBERS),
        Some(ids::UINT16) => ("UInt16", NUMBERS),
        Some(ids::INT32) => ("Int32", NUMBERS),
        Some(ids::UINT32) => ("UInt32", NUMBERS),
        Some(ids::INT64) => ("Int64", NUMBERS),
        Some(ids::UINT64) => ("UInt64", NUMBERS),
        Some(ids::SINGLE) => ("Single", NUMBERS),
        Some(ids::DOUBLE) => ("Double", NUMBERS),
        Some(ids::DECIMAL) => ("Decimal", NUMBERS),
        Some(ids::DATE_TIME) => ("DateTime", DATES),
        Some(ids::DATE_TIME_OFFSET) => ("DateTimeOffset", DATES),
        Some(ids::GUID) => ("Guid", GUIDS),
        Some(ids::TIME_SPAN) => ("TimeSpan", TIME_SPANS),
        Some(URI) => ("Uri", URIS),
        _ if *target == Type::array(Type::BYTE) => ("byte array", BYTES),
        _ => return None,
    })
}

/// Is there an explicit operator to that type?
pub(super) fn has_operator(target: &Type) -> bool {
    rule(target).is_some()
}

/// `(T)token` for the types that have an operator. `T?` and references take null, missing tokens and null values.
pub(super) fn explicit(cx: &mut dyn Ambient, token: &Value, target: &Type) -> Result<Value> {
    let (inner, nullable) = match target.nullable_of() {
        Some(inner) => (inner, true),
        None => (target, !cx.types().is_value_type(target)),
    };
    let Some((name, kinds)) = rule(inner) else {
        return Err(Exception::invalid_cast(&token.net_type(), target));
    };
    let Some(token) = Token::of(token) else {
        return if nullable { Ok(Value::Null) } else { Err(Exception::argument_null("value")) };
    };
    let token = if let Body::Property { .. } = token.body { token.property_value().unwrap_or(token) } else { token };
    let takes_null = nullable && kinds != BYTES;
    let fits = |s: &Scalar| kinds.contains(&s.kind) || (takes_null && matches!(s.kind, Kind::Null | Kind::Undefined));
    let Some(scalar) = token.as_scalar().filter(fits) else {
        let kind = token.kind().name();
        return Err(Exception::argument_message(format!("Can not convert {kind} to {name}.")));
    };
    let is_bytes = *inner == Type::array(Type::BYTE);
    if is_bytes && (scalar.value.is_null() || (scalar.kind == Kind::Integer)) {
        return Err(Exception::argument_message(format!("Can not convert {} to byte array.", scalar.kind.name())));
    }
    if scalar.value.is_null() {
        return match inner.id() {
            _ if nullable => Ok(Value::Null),
            // A text that is null is read as an empty one.
            Some(ids::GUID) => read_guid(""),
            Some(ids::TIME_SPAN) => time_span::parse("").map(Value::TimeSpan),
            _ => Ok(cast::default_value(cx.types(), inner)),
        };
    }
    of_scalar(cx, scalar.value, inner)
}

/// A value that is not null, converted as the operators do it.
fn of_scalar(cx: &mut dyn Ambient, value: Value, target: &Type) -> Result<Value> {
    let text = || value.as_str().map(str::to_owned);
    match target.id() {
        Some(ids::STRING) => match array::bytes(&value) {
            Some(bytes) => Ok(Value::str(base64::engine::general_purpose::STANDARD.encode(bytes))),
            None => object::text(cx, &value).map(Value::Str),
        },
        Some(ids::DATE_TIME) => match &value {
            // The local time of an instant; the zone of this library is UTC.
            Value::DateTimeOffset(v) => Ok(Value::DateTime(DateTime { ticks: object::utc_ticks(*v), kind: 0 })),
            _ => convert::to_type(cx, value, target),
        },
        Some(ids::DATE_TIME_OFFSET) => match &value {
            Value::DateTimeOffset(_) => Ok(value),
            Value::DateTime(v) => Ok(Value::DateTimeOffset(DateTimeOffset { ticks: v.ticks, offset_minutes: 0 })),
            _ => date_parse::date_time_offset(cx, &text().unwrap_or_default(), 0).map(Value::DateTimeOffset),
        },
        Some(ids::GUID) => match (&value, array::bytes(&value)) {
            (Value::Guid(_), _) => Ok(value),
            (_, Some(bytes)) => from_guid_bytes(&bytes),
            _ => read_guid(&text().unwrap_or_default()),
        },
        Some(ids::TIME_SPAN) => match &value {
            Value::TimeSpan(_) => Ok(value),
            _ => time_span::parse(&text().unwrap_or_default()).map(Value::TimeSpan),
        },
        Some(URI) if value.net_type() == *target => Ok(value),
        Some(URI) => new_uri(cx, value),
        _ if *target == Type::array(Type::BYTE) => to_bytes(value),
        _ => match value.as_object::<BigInteger>() {
            Some(big) => from_big_integer(cx, big, target),
            None => convert::to_type(cx, value, target),
        },
    }
}

fn read_guid(text: &str) -> Result<Value> {
    if text.trim().is_empty() {
        return Err(Exception::format("Unrecognized Guid format."));
    }
    guid::parse(text).map(Value::Guid).ok_or_else(|| {
        Exception::format("Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx).")
    })
}

/// `new Guid(byte[])`: the first three fields are little-endian.
fn from_guid_bytes(bytes: &[u8]) -> Result<Value> {
    let Ok([a, b, c, d, e, f, g, h, rest @ ..]) = <[u8; 16]>::try_from(bytes) else {
        return Err(Exception::argument("Byte array for GUID must be exactly 16 bytes long.", "b"));
    };
    let [i, j, k, l, m, n, o, p] = rest;
    Ok(Value::Guid([d, c, b, a, f, e, h, g, i, j, k, l, m, n, o, p]))
}

fn to_bytes(value: Value) -> Result<Value> {
    if array::bytes(&value).is_some() {
        return Ok(value);
    }
    match &value {
        Value::Str(s) => crate::system::convert_text::from_base64(s).map(array::from_bytes),
        other => Err(Exception::invalid_cast(&other.net_type(), &Type::array(Type::BYTE))),
    }
}

/// `new Uri(text)` by the table, so that there is one reader of URIs.
fn new_uri(cx: &mut dyn Ambient, value: Value) -> Result<Value> {
    let made = cx.types().get(URI).and_then(|def| {
        def.named(".ctor")
            .find(|m| m.params.len() == 1 && m.params.iter().all(|p| p.ty == Type::STRING))
            .and_then(|m| m.native)
    });
    match made {
        Some(native) => native(&mut Call { cx, types: &[], args: &mut [value] }),
        None => Err(Exception::not_supported("System.Uri is not available.")),
    }
}

/// Small targets go through `int`, as the casts in Newtonsoft do.
fn from_big_integer(cx: &mut dyn Ambient, big: &BigInteger, target: &Type) -> Result<Value> {
    let name = match target.id() {
        Some(ids::DOUBLE | ids::SINGLE | ids::DECIMAL) => {
            return convert::to_type(cx, Value::Str(big.0.clone()), target);
        }
        Some(ids::UINT64) => match big.0.parse() {
            Ok(n) => return Ok(Value::UInt64(n)),
            Err(_) => "a UInt64",
        },
        Some(ids::UINT32) => "a UInt32",
        Some(ids::INT64) => "an Int64",
        _ => "an Int32",
    };
    Err(Exception::overflow_message(format!("Value was either too large or too small for {name}.")))
}

/// `token.Value<T>()`: the token itself if it is a `T`, else its value converted.
pub(super) fn value_as(cx: &mut dyn Ambient, token: &Arc<Token>, target: &Type) -> Result<Value> {
    let held = token.clone().value();
    if cast::is_instance(cx.types(), &held, target) {
        return Ok(held);
    }
    let Some(scalar) = token.as_scalar() else {
        return Err(Exception::invalid_cast_message(format!(
            "Cannot cast {} to Newtonsoft.Json.Linq.JToken.",
            type_of(token).clr_name()
        )));
    };
    if cast::is_instance(cx.types(), &scalar.value, target) {
        return Ok(scalar.value);
    }
    match target.nullable_of() {
        Some(_) if scalar.value.is_null() => Ok(Value::Null),
        Some(inner) => convert::to_type(cx, scalar.value, inner),
        // Integers past `long` do not convert this way, only by the operators.
        None if scalar.value.as_object::<BigInteger>().is_some() && *target != Type::STRING => {
            Err(Exception::invalid_cast_message("Object must implement IConvertible."))
        }
        None => convert::to_type(cx, scalar.value, target),
    }
}

/// `implicit operator JToken(T)`
pub(super) fn implicit(c: &mut Call<'_>) -> Result<Value> {
    let value = c.take(0);
    // A null text stays of kind String, as `new JValue((string)null)` is.
    super::content::new_value(&value).map(Token::value)
}

/// `implicit operator JToken(string)`, `JToken(byte[])`, `JToken(Uri)`: null keeps the kind.
pub(super) fn implicit_reference(c: &mut Call<'_>, kind: Kind) -> Value {
    Token::scalar(Scalar::new(kind, c.take(0))).value()
}

pub(super) const JTOKEN: Type = Type::Simple(names::JTOKEN);
