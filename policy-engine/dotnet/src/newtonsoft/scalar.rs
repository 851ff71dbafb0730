//! What a JSON value is made of: its `JTokenType` and its .NET value; `JValue`'s equality and order.
use std::any::Any;
use std::cmp::Ordering;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::ambient::Ambient;
use crate::collections::array;
use crate::decimal;
use crate::exception::{Exception, Result};
use crate::object;
use crate::types::{Type, TypeId};
use crate::utf16;
use crate::value::{Object, Str, Value};

/// `Newtonsoft.Json.Linq.JTokenType`
pub(super) const JTOKEN_TYPE: TypeId = TypeId("Newtonsoft.Json.Linq.JTokenType");
/// Integers beyond 64 bits.
pub(crate) const BIG_INTEGER: TypeId = TypeId("System.Numerics.BigInteger");
const URI: TypeId = TypeId("System.Uri");

/// Kinds of token with Newtonsoft's numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    /// `JObject`
    Object = 1,
    /// `JArray`
    Array = 2,
    /// `JConstructor`
    Constructor = 3,
    /// `JProperty`
    Property = 4,
    /// A comment
    Comment = 5,
    /// A whole number
    Integer = 6,
    /// A number with a fraction or exponent
    Float = 7,
    /// A text; also a null `string`
    String = 8,
    /// `true` or `false`
    Boolean = 9,
    /// `null`
    Null = 10,
    /// `undefined`
    Undefined = 11,
    /// A date
    Date = 12,
    /// Text that is written as it is
    Raw = 13,
    /// `byte[]`
    Bytes = 14,
    /// `Guid`
    Guid = 15,
    /// `Uri`
    Uri = 16,
    /// `TimeSpan`
    TimeSpan = 17,
}

/// Members of the enum, for the table.
pub(crate) const KIND_NAMES: &[(&str, i32)] = &[
    ("None", 0),
    ("Object", 1),
    ("Array", 2),
    ("Constructor", 3),
    ("Property", 4),
    ("Comment", 5),
    ("Integer", 6),
    ("Float", 7),
    ("String", 8),
    ("Boolean", 9),
    ("Null", 10),
    ("Undefined", 11),
    ("Date", 12),
    ("Raw", 13),
    ("Bytes", 14),
    ("Guid", 15),
    ("Uri", 16),
    ("TimeSpan", 17),
];

impl Kind {
    /// Name as the enum writes it.
    pub fn name(self) -> &'static str {
        KIND_NAMES.iter().find(|(_, n)| *n == self as i32).map_or("None", |(name, _)| name)
    }
}

/// Content of a `JValue`.
#[derive(Clone)]
pub struct Scalar {
    /// Its `Type`
    pub kind: Kind,
    /// Its `Value`
    pub value: Value,
}

impl Scalar {
    pub(crate) const NULL: Scalar = Scalar { kind: Kind::Null, value: Value::Null };
    pub(crate) const UNDEFINED: Scalar = Scalar { kind: Kind::Undefined, value: Value::Null };

    pub(crate) fn new(kind: Kind, value: Value) -> Scalar {
        Scalar { kind, value }
    }

    pub(crate) fn string(text: impl Into<Str>) -> Scalar {
        Scalar::new(Kind::String, Value::Str(text.into()))
    }

    /// `new JValue(object)`: the kind follows from the value; `None` for what is no JSON value.
    pub(crate) fn of(value: Value) -> Option<Scalar> {
        let kind = kind_of(&value)?;
        Some(Scalar { kind, value })
    }

    /// `JValue.Equals(JValue)`
    pub(crate) fn equals(&self, other: &Scalar) -> bool {
        self.kind == other.kind && matches!(compare_as(self.kind, &self.value, &other.value), Ok(Ordering::Equal))
    }

    /// `JValue.CompareTo`: a string takes the kind of the other side.
    pub(crate) fn compare(&self, other: &Scalar) -> Result<Ordering> {
        let kind = if self.kind == Kind::String && other.kind != self.kind { other.kind } else { self.kind };
        compare_as(kind, &self.value, &other.value)
    }

    /// For messages.
    pub(crate) fn shown(&self) -> String {
        match &self.value {
            Value::Double(v) => crate::number::double_text(*v),
            Value::DateTime(_) | Value::DateTimeOffset(_) | Value::Guid(_) | Value::TimeSpan(_) => {
                invariant(&self.value)
            }
            v => match whole(v) {
                Some(n) if !matches!(v, Value::Bool(_)) => n.to_string(),
                _ => plain_text(v).to_string(),
            },
        }
    }

    /// Agrees with `equals`.
    pub(crate) fn hash_code(&self) -> i32 {
        match whole(&self.value) {
            Some(n) => object::hash_code(&Value::Decimal(n)),
            None => match number(&self.value) {
                Some(n) => object::hash_code(&Value::Double(n)),
                None => object::hash_code(&self.value),
            },
        }
    }
}

fn kind_of(value: &Value) -> Option<Kind> {
    Some(match value {
        Value::Null => Kind::Null,
        Value::Str(_) | Value::Char(_) => Kind::String,
        Value::SByte(_) | Value::Byte(_) | Value::Int16(_) | Value::UInt16(_) | Value::Int32(_) | Value::UInt32(_) => {
            Kind::Integer
        }
        Value::Int64(_) | Value::UInt64(_) | Value::Enum(..) => Kind::Integer,
        Value::Single(_) | Value::Double(_) | Value::Decimal(_) => Kind::Float,
        Value::Bool(_) => Kind::Boolean,
        Value::DateTime(_) | Value::DateTimeOffset(_) => Kind::Date,
        Value::TimeSpan(_) => Kind::TimeSpan,
        Value::Guid(_) => Kind::Guid,
        Value::Object(o) if o.as_any().is::<BigInteger>() => Kind::Integer,
        Value::Object(o) if o.net_type().id() == Some(URI) => Kind::Uri,
        v if array::bytes(v).is_some() => Kind::Bytes,
        _ => return None,
    })
}

/// A whole number as a decimal.
pub(crate) fn whole(value: &Value) -> Option<Decimal> {
    Some(match value {
        Value::SByte(v) => Decimal::from(*v),
        Value::Byte(v) => Decimal::from(*v),
        Value::Int16(v) => Decimal::from(*v),
        Value::UInt16(v) => Decimal::from(*v),
        Value::Int32(v) | Value::Enum(_, v) => Decimal::from(*v),
        Value::UInt32(v) => Decimal::from(*v),
        Value::Int64(v) => Decimal::from(*v),
        Value::UInt64(v) => Decimal::from(*v),
        Value::Decimal(v) => *v,
        Value::Bool(v) => Decimal::from(u8::from(*v)),
        _ => return None,
    })
}

/// Any number as a double.
pub(crate) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Double(v) => Some(*v),
        Value::Single(v) => Some(f64::from(*v)),
        Value::Decimal(v) => Some(decimal::to_f64(*v)),
        Value::Object(_) => value.as_object::<BigInteger>().and_then(|b| b.0.parse().ok()),
        other => whole(other).and_then(|d| d.to_f64()),
    }
}

fn cannot(value: &Value, to: &Type) -> Exception {
    Exception::invalid_cast(&value.net_type(), to)
}

/// A text on one side of a comparison of numbers is read as one, as `Convert` does.
fn as_number(value: &Value) -> Result<f64> {
    match value {
        Value::Str(s) => s.trim().parse().map_err(|_| Exception::format("Input string was not in a correct format.")),
        v => number(v).ok_or_else(|| cannot(v, &Type::DOUBLE)),
    }
}

/// `JValue.Compare`.
pub(crate) fn compare_as(kind: Kind, a: &Value, b: &Value) -> Result<Ordering> {
    match (a, b) {
        (Value::Null, Value::Null) => return Ok(Ordering::Equal),
        (Value::Null, _) => return Ok(Ordering::Less),
        (_, Value::Null) => return Ok(Ordering::Greater),
        _ => {}
    }
    Ok(match kind {
        Kind::Integer => match (whole(a), whole(b)) {
            (Some(x), Some(y)) => x.cmp(&y),
            _ => compare_numbers(as_number(a)?, as_number(b)?),
        },
        Kind::Float => match (a, b) {
            (Value::Decimal(x), Value::Decimal(y)) => x.cmp(y),
            _ => compare_numbers(as_number(a)?, as_number(b)?),
        },
        Kind::Comment | Kind::String | Kind::Raw => utf16::iter(&plain_text(a)).cmp(utf16::iter(&plain_text(b))),
        Kind::Bytes => array::bytes(a).cmp(&array::bytes(b)),
        Kind::Guid | Kind::Uri | Kind::TimeSpan if a.net_type() != b.net_type() => {
            return Err(Exception::argument_message(format!("Object must be of type {}.", kind.name())));
        }
        Kind::Uri => object::hash_code(a).cmp(&object::hash_code(b)),
        _ => object::compare(a, b)?,
    })
}

/// Numbers that differ only by rounding are equal, as in Newtonsoft.
fn compare_numbers(a: f64, b: f64) -> Ordering {
    let tolerance = (a.abs() + b.abs() + 10.0) * f64::EPSILON;
    let difference = a - b;
    if difference.abs() < tolerance { Ordering::Equal } else { object::compare_floats(a, b) }
}

/// As `ToString()` writes it.
fn invariant(value: &Value) -> String {
    let text = match value {
        Value::DateTime(v) => crate::system::date_format::date_time(*v, "G"),
        Value::DateTimeOffset(v) => crate::system::date_format::date_time_offset(*v, ""),
        Value::Guid(v) => crate::system::guid::format(v, "D"),
        Value::TimeSpan(v) => crate::system::time_span_format::format(*v, "c"),
        _ => return plain_text(value).to_string(),
    };
    text.map(|t| t.to_string()).unwrap_or_default()
}

fn plain_text(value: &Value) -> Str {
    match value {
        Value::Str(s) => s.clone(),
        Value::Char(c) => utf16::text(&[*c]).into(),
        Value::Object(o) if o.as_any().is::<BigInteger>() => {
            value.as_object::<BigInteger>().map(|b| b.0.clone()).unwrap_or_default()
        }
        Value::Bool(v) => (if *v { "True" } else { "False" }).into(),
        other => format!("{other:?}").into(),
    }
}

/// A whole number that needs more than 64 bits, by its digits.
pub(crate) struct BigInteger(pub(crate) Str);

impl Object for BigInteger {
    fn net_type(&self) -> Type {
        Type::Simple(BIG_INTEGER)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, _: &mut dyn Ambient) -> Result<Str> {
        Ok(self.0.clone())
    }
    fn equals(&self, other: &Value) -> bool {
        other.as_object::<BigInteger>().is_some_and(|o| o.0 == self.0)
    }
    fn hash_code(&self) -> i32 {
        object::text_hash(self.0.bytes())
    }
    fn compare(&self, other: &Value) -> Option<Ordering> {
        let (a, b): (f64, f64) = (self.0.parse().ok()?, other.as_object::<BigInteger>()?.0.parse().ok()?);
        Some(object::compare_floats(a, b))
    }
}

/// A fraction as it stands in the text, while its target type decides what it becomes. Never leaves this folder.
pub(crate) struct Digits {
    pub(crate) text: Str,
    pub(crate) value: f64,
}

impl Object for Digits {
    fn net_type(&self) -> Type {
        Type::DOUBLE
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Is it a `Uri`?
pub(crate) fn is_uri(value: &Value) -> bool {
    matches!(value.net_type(), Type::Simple(id) if id == URI)
}
