//! `System.Convert`: conversions between the basic types, rounding to even and checked.
use rust_decimal::Decimal;

use super::arg;
use super::char_type;
use super::integers::{self, Bounds};
use crate::decimal;
use crate::exception::{Exception, Result};
use crate::format;
use crate::member::{Call, Native};
use crate::number::parse::{self, Fault, style};
use crate::object;
use crate::system::date_parse;
use crate::table::Builder;
use crate::types::{PRIMITIVES, Type, TypeId, ids};
use crate::value::{DateTime, Value};

const CONVERT: TypeId = TypeId("System.Convert");

/// Source types that `ToX` takes, beside `object` and `string`.
macro_rules! from_all {
    ($t:expr, $result:literal, $name:literal, $f:expr) => {
        from_all!($t, $result, $name, $f, $f)
    };
    ($t:expr, $result:literal, $name:literal, $f:expr, $text:expr) => {
        $t.pure(concat!("static ", $result, " ", $name, "(object value)"), |c| of_object(c, $result, $f))
            .pure(concat!("static ", $result, " ", $name, "(object value, IFormatProvider provider)"), |c| {
                of_object(c, $result, $f)
            })
            .pure(concat!("static ", $result, " ", $name, "(bool value)"), $f)
            .pure(concat!("static ", $result, " ", $name, "(char value)"), $f)
            .pure(concat!("static ", $result, " ", $name, "(sbyte value)"), $f)
            .pure(concat!("static ", $result, " ", $name, "(byte value)"), $f)
            .pure(concat!("static ", $result, " ", $name, "(short value)"), $f)
            .pure(concat!("static ", $result, " ", $name, "(ushort value)"), $f)
            .pure(concat!("static ", $result, " ", $name, "(int value)"), $f)
            .pure(concat!("static ", $result, " ", $name, "(uint value)"), $f)
            .pure(concat!("static ", $result, " ", $name, "(long value)"), $f)
            .pure(concat!("static ", $result, " ", $name, "(ulong value)"), $f)
            .pure(concat!("static ", $result, " ", $name, "(float value)"), $f)
            .pure(concat!("static ", $result, " ", $name, "(double value)"), $f)
            .pure(concat!("static ", $result, " ", $name, "(decimal value)"), $f)
            .pure(concat!("static ", $result, " ", $name, "(DateTime value)"), $f)
            .pure(concat!("static ", $result, " ", $name, "(string value)"), $text)
            .pure(concat!("static ", $result, " ", $name, "(string value, IFormatProvider provider)"), $text)
    };
}

/// `ToString(value, provider)`: there is one culture.
macro_rules! text_by_provider {
    ($t:expr, $($kind:literal)*) => {
        $t$(.pure(concat!("static string ToString(", $kind, " value, IFormatProvider provider)"), text))*
    };
}

macro_rules! to_integer {
    ($b:ident, $result:literal, $name:literal, $ty:ident, $variant:ident, $target:literal) => {
        from_all!($b.static_class(CONVERT), $result, $name, |c| integer::<$ty>(c.arg(0), $target).map(Value::$variant))
            .pure(concat!("static ", $result, " ", $name, "(string value, int fromBase)"), |c| {
                super::convert_text::from_base::<$ty>(c, $target).map(Value::$variant)
            })
    };
}

/// Adds the class.
pub(crate) fn define(b: &mut Builder) {
    to_integer!(b, "sbyte", "ToSByte", i8, SByte, "a signed byte");
    to_integer!(b, "byte", "ToByte", u8, Byte, "an unsigned byte");
    to_integer!(b, "short", "ToInt16", i16, Int16, "an Int16");
    to_integer!(b, "ushort", "ToUInt16", u16, UInt16, "a UInt16");
    to_integer!(b, "int", "ToInt32", i32, Int32, "an Int32");
    to_integer!(b, "uint", "ToUInt32", u32, UInt32, "a UInt32");
    to_integer!(b, "long", "ToInt64", i64, Int64, "an Int64");
    to_integer!(b, "ulong", "ToUInt64", u64, UInt64, "a UInt64");
    from_all!(b.static_class(CONVERT), "bool", "ToBoolean", |c| boolean(c.arg(0)).map(Value::Bool));
    from_all!(b.static_class(CONVERT), "char", "ToChar", |c| character(c.arg(0)).map(Value::Char), |c| {
        c.str_arg(0, "value")?;
        character(c.arg(0)).map(Value::Char)
    });
    from_all!(b.static_class(CONVERT), "float", "ToSingle", |c| single(c.arg(0)).map(Value::Single));
    from_all!(b.static_class(CONVERT), "double", "ToDouble", |c| double(c.arg(0)).map(Value::Double));
    from_all!(b.static_class(CONVERT), "decimal", "ToDecimal", |c| to_decimal(c.arg(0)).map(Value::Decimal));
    from_all!(b.static_class(CONVERT), "DateTime", "ToDateTime", |c| date(c).map(Value::DateTime));
    from_all!(b.static_class(CONVERT), "string", "ToString", text, same_text);
    text_by_provider!(b.static_class(CONVERT), "bool" "char" "sbyte" "byte" "short" "ushort" "int" "uint" "long" "ulong" "float"
        "double" "decimal" "DateTime");
    b.static_class(CONVERT)
        .pure("static string ToString(byte value, int toBase)", super::convert_text::to_base)
        .pure("static string ToString(short value, int toBase)", super::convert_text::to_base)
        .pure("static string ToString(int value, int toBase)", super::convert_text::to_base)
        .pure("static string ToString(long value, int toBase)", super::convert_text::to_base)
        .def("static object ChangeType(object value, Type conversionType)", change_type)
        .def("static object ChangeType(object value, Type conversionType, IFormatProvider provider)", change_type)
        .def("static object ChangeType(object value, TypeCode typeCode)", change_type)
        .def("static object ChangeType(object value, TypeCode typeCode, IFormatProvider provider)", change_type)
        .pure("static bool IsDBNull(object value)", |_| Ok(Value::Bool(false)))
        .pure("static TypeCode GetTypeCode(object value)", |c| {
            Ok(Value::Enum(TypeId("System.TypeCode"), type_code(c.arg(0))))
        });
    super::convert_text::define(b);
}

/// A value whose type is only known now: what JSON values hold is converted as their own operators do it.
fn of_object(c: &mut Call<'_>, to: &str, plain: Native) -> Result<Value> {
    let ty = match to {
        "bool" => Type::BOOL,
        "char" => Type::CHAR,
        "sbyte" => Type::SBYTE,
        "byte" => Type::BYTE,
        "short" => Type::SHORT,
        "ushort" => Type::USHORT,
        "int" => Type::INT,
        "uint" => Type::UINT,
        "long" => Type::LONG,
        "ulong" => Type::ULONG,
        "float" => Type::FLOAT,
        "double" => Type::DOUBLE,
        "decimal" => Type::DECIMAL,
        "DateTime" => Type::DATE_TIME,
        _ => return plain(c),
    };
    let value = c.arg(0).clone();
    crate::newtonsoft::convertible(c.cx, &value, &ty).unwrap_or_else(|| plain(c))
}

fn invalid(value: &Value, to: &str) -> Exception {
    match value {
        Value::Object(_)
        | Value::Func(_)
        | Value::Handle(..)
        | Value::TimeSpan(_)
        | Value::Guid(_)
        | Value::DateTimeOffset(_) => Exception::invalid_cast_message(format!(
            "Unable to cast object of type '{}' to type 'System.IConvertible'.",
            value.net_type().clr_name()
        )),
        _ => Exception::invalid_cast_message(format!(
            "Invalid cast from '{}' to '{to}'.",
            object::short_name(&value.net_type())
        )),
    }
}

/// An integer of any width, from an integer value.
fn whole(value: &Value) -> Option<i128> {
    Some(match value {
        Value::Bool(v) => i128::from(*v),
        Value::Char(v) | Value::UInt16(v) => i128::from(*v),
        Value::SByte(v) => i128::from(*v),
        Value::Byte(v) => i128::from(*v),
        Value::Int16(v) => i128::from(*v),
        Value::Int32(v) | Value::Enum(_, v) => i128::from(*v),
        Value::UInt32(v) => i128::from(*v),
        Value::Int64(v) => i128::from(*v),
        Value::UInt64(v) => i128::from(*v),
        _ => return None,
    })
}

fn integer<T: Bounds>(value: &Value, target: &str) -> Result<T> {
    let overflow = || Fault::Overflow.exception(target);
    let n = match value {
        Value::Null => 0,
        Value::Str(s) => return integers::parse_as::<T>(s, style::INTEGER).map_err(|f| f.exception(target)),
        Value::Single(v) => rounded(f64::from(*v)).ok_or_else(overflow)?,
        Value::Double(v) => rounded(*v).ok_or_else(overflow)?,
        Value::Decimal(v) => v.round_dp(0).mantissa(),
        // There is no conversion to a character's like of a date.
        Value::DateTime(_) => return Err(invalid(value, target_name::<T>())),
        other => whole(other).ok_or_else(|| invalid(other, target_name::<T>()))?,
    };
    T::try_from(n).map_err(|_| overflow())
}

fn target_name<T: Bounds>() -> &'static str {
    match (T::LOW < 0, T::HIGH) {
        (true, 127) => "SByte",
        (false, 255) => "Byte",
        (true, 32_767) => "Int16",
        (false, 65_535) => "UInt16",
        (true, 2_147_483_647) => "Int32",
        (false, 4_294_967_295) => "UInt32",
        (true, _) => "Int64",
        _ => "UInt64",
    }
}

/// Half to even; `None` far outside of all integers.
fn rounded(v: f64) -> Option<i128> {
    let r = v.round_ties_even();
    #[expect(clippy::cast_possible_truncation, reason = "the range was just checked")]
    (r.abs() < 1e20).then_some(r as i128)
}

fn boolean(value: &Value) -> Result<bool> {
    Ok(match value {
        Value::Null => false,
        Value::Bool(v) => *v,
        Value::Str(s) => char_type::parse_bool(s).ok_or_else(|| char_type::not_boolean(s))?,
        Value::Single(v) => *v != 0.0,
        Value::Double(v) => *v != 0.0,
        Value::Decimal(v) => !v.is_zero(),
        Value::Char(_) | Value::DateTime(_) => return Err(invalid(value, "Boolean")),
        other => whole(other).ok_or_else(|| invalid(other, "Boolean"))? != 0,
    })
}

fn character(value: &Value) -> Result<u16> {
    match value {
        Value::Null => Ok(0),
        Value::Char(v) => Ok(*v),
        Value::Str(s) => {
            let mut units = crate::utf16::iter(s);
            let first = units.next().filter(|_| units.next().is_none());
            first.ok_or_else(|| Exception::format("String must be exactly one character long."))
        }
        Value::Bool(_) | Value::Single(_) | Value::Double(_) | Value::Decimal(_) | Value::DateTime(_) => {
            Err(invalid(value, "Char"))
        }
        other => {
            let n = whole(other).ok_or_else(|| invalid(other, "Char"))?;
            u16::try_from(n).map_err(|_| Fault::Overflow.exception("a character"))
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "conversions to floats round")]
fn double(value: &Value) -> Result<f64> {
    Ok(match value {
        Value::Null => 0.0,
        Value::Double(v) => *v,
        Value::Single(v) => f64::from(*v),
        Value::Decimal(v) => decimal::to_f64(*v),
        Value::Str(s) => {
            parse::float(s, style::FLOAT | style::THOUSANDS, |v| v).ok_or_else(|| Fault::Format.exception(""))?
        }
        Value::Char(_) | Value::DateTime(_) => return Err(invalid(value, "Double")),
        other => whole(other).ok_or_else(|| invalid(other, "Double"))? as f64,
    })
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "conversions to floats round")]
fn single(value: &Value) -> Result<f32> {
    Ok(match value {
        Value::Single(v) => *v,
        Value::Str(s) => {
            parse::float(s, style::FLOAT | style::THOUSANDS, |v| v as f32).ok_or_else(|| Fault::Format.exception(""))?
        }
        Value::Decimal(v) => decimal::to_f32(*v),
        Value::Char(_) | Value::DateTime(_) => return Err(invalid(value, "Single")),
        Value::Null | Value::Double(_) => double(value)? as f32,
        other => whole(other).ok_or_else(|| invalid(other, "Single"))? as f32,
    })
}

fn to_decimal(value: &Value) -> Result<Decimal> {
    match value {
        Value::Null => Ok(Decimal::ZERO),
        Value::Decimal(v) => Ok(*v),
        Value::Double(v) => decimal::from_f64(*v),
        Value::Single(v) => decimal::from_f32(*v),
        Value::Str(s) => parse::decimal(s, style::NUMBER).map_err(|f| f.exception("a Decimal")),
        Value::Char(_) | Value::DateTime(_) => Err(invalid(value, "Decimal")),
        other => {
            let n = whole(other).ok_or_else(|| invalid(other, "Decimal"))?;
            Decimal::try_from_i128_with_scale(n, 0).map_err(|_| Fault::Overflow.exception("a Decimal"))
        }
    }
}

fn date(c: &mut Call<'_>) -> Result<DateTime> {
    match c.arg(0) {
        Value::Null => Ok(DateTime { ticks: 0, kind: 0 }),
        Value::DateTime(v) => Ok(*v),
        Value::Str(s) => {
            let s = s.clone();
            date_parse::date_time(c.cx, &s, 0)
        }
        other => Err(invalid(other, "DateTime")),
    }
}

/// Numbers and dates by the invariant culture; null gives an empty text, but a null string stays null.
fn text(c: &mut Call<'_>) -> Result<Value> {
    match c.take(0) {
        // `Convert.ToString((object)null)` is the empty text.
        Value::Null => Ok(Value::str("")),
        value => object::text(c.cx, &value).map(Value::Str),
    }
}

/// A null text stays null.
fn same_text(c: &mut Call<'_>) -> Result<Value> {
    Ok(c.take(0))
}

pub(super) fn type_code(value: &Value) -> i32 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 3,
        Value::Char(_) => 4,
        Value::SByte(_) => 5,
        Value::Byte(_) => 6,
        Value::Int16(_) => 7,
        Value::UInt16(_) => 8,
        Value::Int32(_) | Value::Enum(..) => 9,
        Value::UInt32(_) => 10,
        Value::Int64(_) => 11,
        Value::UInt64(_) => 12,
        Value::Single(_) => 13,
        Value::Double(_) => 14,
        Value::Decimal(_) => 15,
        Value::DateTime(_) => 16,
        Value::Str(_) => 18,
        _ => 1,
    }
}

fn change_type(c: &mut Call<'_>) -> Result<Value> {
    let ty = match c.arg(1) {
        Value::Enum(_, code) => {
            let code = *code;
            if c.arg(0).is_null() && matches!(code, 0 | 1 | STRING_CODE) {
                return Ok(Value::Null);
            }
            type_of_code(code)?
        }
        other => object::as_type(other).ok_or_else(|| Exception::argument_null("conversionType"))?,
    };
    let value = c.take(0);
    to_type(c.cx, value, &ty)
}

/// `TypeCode.String`
const STRING_CODE: i32 = 18;

/// The type of a `TypeCode`.
fn type_of_code(code: i32) -> Result<Type> {
    match code {
        1 => Ok(Type::OBJECT),
        15 => Ok(Type::DECIMAL),
        16 => Ok(Type::DATE_TIME),
        STRING_CODE => Ok(Type::STRING),
        0 => Err(Exception::invalid_cast_message("Object cannot be cast to Empty.")),
        2 => Err(Exception::invalid_cast_message("Object cannot be cast to DBNull.")),
        n => usize::try_from(n - 3)
            .ok()
            .and_then(|at| PRIMITIVES.get(at).cloned())
            .ok_or_else(|| Exception::argument_message("Unknown TypeCode value.")),
    }
}

/// `Convert.ChangeType` for other parts of this package.
pub(crate) fn to_type(cx: &mut dyn crate::ambient::Ambient, value: Value, ty: &Type) -> Result<Value> {
    if value.is_null() {
        return if cx.types().is_value_type(ty) {
            Err(Exception::invalid_cast_message("Null object cannot be converted to a value type."))
        } else {
            Ok(Value::Null)
        };
    }
    if value.net_type() == *ty || *ty == Type::OBJECT {
        return Ok(value);
    }
    if let Some(converted) = crate::newtonsoft::convertible(cx, &value, ty) {
        return converted;
    }
    let v = &value;
    Ok(match ty.id() {
        Some(ids::BOOLEAN) => Value::Bool(boolean(v)?),
        Some(ids::CHAR) => Value::Char(character(v)?),
        Some(ids::SBYTE) => Value::SByte(integer(v, "a signed byte")?),
        Some(ids::BYTE) => Value::Byte(integer(v, "an unsigned byte")?),
        Some(ids::INT16) => Value::Int16(integer(v, "an Int16")?),
        Some(ids::UINT16) => Value::UInt16(integer(v, "a UInt16")?),
        Some(ids::INT32) => Value::Int32(integer(v, "an Int32")?),
        Some(ids::UINT32) => Value::UInt32(integer(v, "a UInt32")?),
        Some(ids::INT64) => Value::Int64(integer(v, "an Int64")?),
        Some(ids::UINT64) => Value::UInt64(integer(v, "a UInt64")?),
        Some(ids::SINGLE) => Value::Single(single(v)?),
        Some(ids::DOUBLE) => Value::Double(double(v)?),
        Some(ids::DECIMAL) => Value::Decimal(to_decimal(v)?),
        Some(ids::STRING) if type_code(v) != 1 => Value::Str(format::format_value(cx, v, "")?),
        Some(ids::DATE_TIME) => {
            let mut args = [value];
            Value::DateTime(date(&mut Call { cx, types: &[], args: &mut args })?)
        }
        _ if type_code(v) == 1 => {
            return Err(Exception::invalid_cast_message("Object must implement IConvertible."));
        }
        _ => {
            return Err(Exception::invalid_cast_message(format!(
                "Invalid cast from '{}' to '{}'.",
                v.net_type().clr_name(),
                ty.clr_name()
            )));
        }
    })
}

/// A `byte[]` argument that must not be null.
pub(super) fn bytes_arg(c: &Call<'_>, n: usize, parameter: &str) -> Result<Vec<u8>> {
    match c.arg(n) {
        Value::Null => Err(Exception::argument_null(parameter)),
        other => crate::collections::array::bytes(other)
            .ok_or_else(|| Exception::invalid_cast(&other.net_type(), &Type::array(Type::BYTE))),
    }
}

/// Number of the argument for `toBase`, sign-extended to its own width.
pub(super) fn bits(c: &Call<'_>, n: usize) -> u64 {
    match c.arg(n) {
        Value::Byte(v) => u64::from(*v),
        Value::Int16(v) => u64::from(v.cast_unsigned()),
        Value::Int32(v) => u64::from(v.cast_unsigned()),
        Value::Int64(v) => v.cast_unsigned(),
        _ => arg::number_or(c, n, 0).unsigned_abs().into(),
    }
}
