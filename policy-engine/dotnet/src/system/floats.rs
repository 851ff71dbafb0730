//! `System.Single`, `System.Double` and `System.Decimal`.
use rust_decimal::{Decimal, RoundingStrategy};

use super::arg;
use super::integers::{compare_objects, equals, to_string};
use crate::decimal;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::number::parse::{self, Fault, style};
use crate::object;
use crate::table::Builder;
use crate::types::ids;
use crate::value::Value;

const FLOAT_STYLE: i32 = style::FLOAT | style::THOUSANDS;

macro_rules! float {
    ($b:ident, $id:ident, $name:literal, $variant:ident, $ty:ident) => {
        $b.structure(ids::$id)
            .implements(&[
                "IComparable",
                "IFormattable",
                concat!("IComparable<", $name, ">"),
                concat!("IEquatable<", $name, ">"),
            ])
            .pure(concat!("static ", $name, " MinValue"), |_| Ok(Value::$variant($ty::MIN)))
            .pure(concat!("static ", $name, " MaxValue"), |_| Ok(Value::$variant($ty::MAX)))
            .pure(concat!("static ", $name, " Epsilon"), |_| Ok(Value::$variant($ty::from_bits(1))))
            .pure(concat!("static ", $name, " NaN"), |_| Ok(Value::$variant($ty::NAN)))
            .pure(concat!("static ", $name, " PositiveInfinity"), |_| Ok(Value::$variant($ty::INFINITY)))
            .pure(concat!("static ", $name, " NegativeInfinity"), |_| Ok(Value::$variant($ty::NEG_INFINITY)))
            .pure(concat!("static bool IsNaN(", $name, " v)"), |c| test(c, |v| v.is_nan()))
            .pure(concat!("static bool IsInfinity(", $name, " v)"), |c| test(c, |v| v.is_infinite()))
            .pure(concat!("static bool IsFinite(", $name, " v)"), |c| test(c, |v| v.is_finite()))
            .pure(concat!("static bool IsNegative(", $name, " v)"), |c| test(c, |v| v.is_sign_negative()))
            .pure(concat!("static bool IsPositiveInfinity(", $name, " v)"), |c| test(c, |v| v == f64::INFINITY))
            .pure(concat!("static bool IsNegativeInfinity(", $name, " v)"), |c| test(c, |v| v == f64::NEG_INFINITY))
            .pure(concat!("static ", $name, " Parse(string s)"), |c| read::<$ty>(c, FLOAT_STYLE).map(Value::$variant))
            .pure(concat!("static ", $name, " Parse(string s, NumberStyles style)"), |c| {
                let style = arg::number_or(c, 1, FLOAT_STYLE);
                read::<$ty>(c, style).map(Value::$variant)
            })
            .pure(concat!("static ", $name, " Parse(string s, IFormatProvider provider)"), |c| {
                read::<$ty>(c, FLOAT_STYLE).map(Value::$variant)
            })
            .pure(concat!("static ", $name, " Parse(string s, NumberStyles style, IFormatProvider provider)"), |c| {
                let style = arg::number_or(c, 1, FLOAT_STYLE);
                read::<$ty>(c, style).map(Value::$variant)
            })
            .def(concat!("static bool TryParse(string s, out ", $name, " result)"), |c| {
                let v = try_read::<$ty>(c, FLOAT_STYLE)?;
                c.set(1, Value::$variant(v.unwrap_or(0.0)));
                Ok(Value::Bool(v.is_some()))
            })
            .def(
                concat!(
                    "static bool TryParse(string s, NumberStyles style, IFormatProvider provider, out ",
                    $name,
                    " result)"
                ),
                |c| {
                    let style = arg::number_or(c, 1, FLOAT_STYLE);
                    let v = try_read::<$ty>(c, style)?;
                    c.set(3, Value::$variant(v.unwrap_or(0.0)));
                    Ok(Value::Bool(v.is_some()))
                },
            )
            .pure("string ToString()", to_string)
            .pure("string ToString(string format)", to_string)
            .pure("string ToString(IFormatProvider provider)", to_string)
            .pure("string ToString(string format, IFormatProvider provider)", to_string)
            .pure(concat!("bool Equals(", $name, " obj)"), equals)
            .pure("bool Equals(object obj)", equals)
            .pure("int GetHashCode()", |c| Ok(Value::Int32(object::hash_code(c.arg(0)))))
            .pure(concat!("int CompareTo(", $name, " value)"), |c| compare_objects(c, stringify!($variant)))
            .pure("int CompareTo(object value)", |c| compare_objects(c, stringify!($variant)))
    };
}

/// Adds the types.
pub(crate) fn define(b: &mut Builder) {
    float!(b, SINGLE, "float", Single, f32);
    float!(b, DOUBLE, "double", Double, f64);
    define_decimal(b);
    define_decimal_conversions(b);
}

/// The two float types, so that one body serves both.
trait Float: std::str::FromStr + std::ops::Neg<Output = Self> + Sized {
    fn special(v: f64) -> Self;
}
impl Float for f64 {
    fn special(v: f64) -> f64 {
        v
    }
}
impl Float for f32 {
    #[expect(clippy::cast_possible_truncation, reason = "only infinities and NaN come here")]
    fn special(v: f64) -> f32 {
        v as f32
    }
}

fn test(c: &mut Call<'_>, f: fn(f64) -> bool) -> Result<Value> {
    Ok(Value::Bool(match c.arg(0) {
        Value::Single(v) => f(f64::from(*v)),
        _ => f(c.double(0)?),
    }))
}

fn check_style(style: i32) -> Result<()> {
    if style & style::HEX != 0 {
        return Err(Exception::argument(
            "The number style AllowHexSpecifier is not supported on floating point data types.",
            "style",
        ));
    }
    Ok(())
}

fn read<T: Float>(c: &Call<'_>, style: i32) -> Result<T> {
    check_style(style)?;
    let text = c.str_arg(0, "s")?;
    parse::float(&text, style, T::special).ok_or_else(|| Fault::Format.exception(""))
}

fn try_read<T: Float>(c: &Call<'_>, style: i32) -> Result<Option<T>> {
    check_style(style)?;
    Ok(c.arg(0).as_str().and_then(|s| parse::float(s, style, T::special)))
}

fn define_decimal(b: &mut Builder) {
    b.structure(ids::DECIMAL)
        .implements(&["IComparable", "IFormattable", "IComparable<decimal>", "IEquatable<decimal>"])
        .pure("static decimal MinValue", |_| Ok(Value::Decimal(Decimal::MIN)))
        .pure("static decimal MaxValue", |_| Ok(Value::Decimal(Decimal::MAX)))
        .pure("static decimal Zero", |_| Ok(Value::Decimal(Decimal::ZERO)))
        .pure("static decimal One", |_| Ok(Value::Decimal(Decimal::ONE)))
        .pure("static decimal MinusOne", |_| Ok(Value::Decimal(Decimal::NEGATIVE_ONE)))
        .pure("new(int value)", |c| Ok(Value::Decimal(Decimal::from(c.int(0)?))))
        .pure("new(long value)", |c| Ok(Value::Decimal(Decimal::from(c.long(0)?))))
        .pure("new(double value)", |c| decimal::from_f64(c.double(0)?).map(Value::Decimal))
        .pure("new(int lo, int mid, int hi, bool isNegative, byte scale)", from_parts)
        .pure("static decimal Parse(string s)", |c| read_decimal(c, style::NUMBER))
        .pure("static decimal Parse(string s, NumberStyles style)", |c| {
            let style = arg::number_or(c, 1, style::NUMBER);
            read_decimal(c, style)
        })
        .pure("static decimal Parse(string s, IFormatProvider provider)", |c| read_decimal(c, style::NUMBER))
        .pure("static decimal Parse(string s, NumberStyles style, IFormatProvider provider)", |c| {
            let style = arg::number_or(c, 1, style::NUMBER);
            read_decimal(c, style)
        })
        .def("static bool TryParse(string s, out decimal result)", |c| try_read_decimal(c, style::NUMBER, 1))
        .def("static bool TryParse(string s, NumberStyles style, IFormatProvider provider, out decimal result)", |c| {
            let style = arg::number_or(c, 1, style::NUMBER);
            try_read_decimal(c, style, 3)
        })
        .pure("string ToString()", to_string)
        .pure("string ToString(string format)", to_string)
        .pure("string ToString(IFormatProvider provider)", to_string)
        .pure("string ToString(string format, IFormatProvider provider)", to_string)
        .pure("bool Equals(decimal value)", equals)
        .pure("bool Equals(object value)", equals)
        .pure("static bool Equals(decimal d1, decimal d2)", equals)
        .pure("int GetHashCode()", |c| Ok(Value::Int32(object::hash_code(c.arg(0)))))
        .pure("int CompareTo(decimal value)", |c| compare_objects(c, "Decimal"))
        .pure("int CompareTo(object value)", |c| compare_objects(c, "Decimal"))
        .pure("static int Compare(decimal d1, decimal d2)", |c| compare_objects(c, "Decimal"))
        .pure("static decimal Add(decimal d1, decimal d2)", |c| two(c, decimal::add))
        .pure("static decimal Subtract(decimal d1, decimal d2)", |c| two(c, decimal::subtract))
        .pure("static decimal Multiply(decimal d1, decimal d2)", |c| two(c, decimal::multiply))
        .pure("static decimal Divide(decimal d1, decimal d2)", |c| two(c, decimal::divide))
        .pure("static decimal Remainder(decimal d1, decimal d2)", |c| two(c, decimal::remainder))
        .pure("static decimal Negate(decimal d)", |c| Ok(Value::Decimal(-arg::decimal(c, 0)?)))
        .pure("static decimal Floor(decimal d)", |c| Ok(Value::Decimal(arg::decimal(c, 0)?.floor())))
        .pure("static decimal Ceiling(decimal d)", |c| Ok(Value::Decimal(arg::decimal(c, 0)?.ceil())))
        .pure("static decimal Truncate(decimal d)", |c| Ok(Value::Decimal(arg::decimal(c, 0)?.trunc())))
        .pure("static decimal Round(decimal d)", |c| round(c, None, None))
        .pure("static decimal Round(decimal d, int decimals)", |c| round(c, Some(1), None))
        .pure("static decimal Round(decimal d, MidpointRounding mode)", |c| round(c, None, Some(1)))
        .pure("static decimal Round(decimal d, int decimals, MidpointRounding mode)", |c| round(c, Some(1), Some(2)))
        .def("static int[] GetBits(decimal d)", get_bits);
}

fn define_decimal_conversions(b: &mut Builder) {
    b.structure(ids::DECIMAL)
        .pure("static byte ToByte(decimal value)", |c| whole::<u8>(c, "an unsigned byte").map(Value::Byte))
        .pure("static sbyte ToSByte(decimal value)", |c| whole::<i8>(c, "a signed byte").map(Value::SByte))
        .pure("static short ToInt16(decimal value)", |c| whole::<i16>(c, "an Int16").map(Value::Int16))
        .pure("static ushort ToUInt16(decimal value)", |c| whole::<u16>(c, "a UInt16").map(Value::UInt16))
        .pure("static int ToInt32(decimal d)", |c| whole::<i32>(c, "an Int32").map(Value::Int32))
        .pure("static uint ToUInt32(decimal d)", |c| whole::<u32>(c, "a UInt32").map(Value::UInt32))
        .pure("static long ToInt64(decimal d)", |c| whole::<i64>(c, "an Int64").map(Value::Int64))
        .pure("static ulong ToUInt64(decimal d)", |c| whole::<u64>(c, "a UInt64").map(Value::UInt64))
        .pure("static double ToDouble(decimal d)", |c| Ok(Value::Double(decimal::to_f64(arg::decimal(c, 0)?))))
        .pure("static float ToSingle(decimal d)", |c| Ok(Value::Single(decimal::to_f32(arg::decimal(c, 0)?))))
        .pure("static decimal FromOACurrency(long cy)", |c| {
            Ok(Value::Decimal(Decimal::new(c.long(0)?, 4).normalize()))
        });
}

fn two(c: &mut Call<'_>, f: fn(Decimal, Decimal) -> Result<Decimal>) -> Result<Value> {
    f(arg::decimal(c, 0)?, arg::decimal(c, 1)?).map(Value::Decimal)
}

/// Whole part in the range of `T`.
fn whole<T: TryFrom<i128>>(c: &Call<'_>, target: &str) -> Result<T> {
    let n = arg::decimal(c, 0)?.trunc().normalize();
    let n = n.mantissa();
    T::try_from(n).map_err(|_| Fault::Overflow.exception(target))
}

fn from_parts(c: &mut Call<'_>) -> Result<Value> {
    let Value::Byte(scale) = *c.arg(4) else { return Err(Exception::null_reference()) };
    if scale > 28 {
        return Err(Exception::argument_range("Decimal's scale value must be between 0 and 28, inclusive.", "scale"));
    }
    let part = |n: usize| c.int(n).map(i32::cast_unsigned);
    Ok(Value::Decimal(Decimal::from_parts(part(0)?, part(1)?, part(2)?, c.bool(3)?, u32::from(scale))))
}

fn get_bits(c: &mut Call<'_>) -> Result<Value> {
    let d = arg::decimal(c, 0)?;
    let bytes = d.serialize();
    let word = |n: usize| {
        let four = bytes.get(n..n.saturating_add(4)).and_then(|b| <[u8; 4]>::try_from(b).ok()).unwrap_or_default();
        Value::Int32(i32::from_le_bytes(four))
    };
    let items = vec![word(4), word(8), word(12), word(0)];
    Ok(crate::collections::array::new_array(crate::Type::INT, items))
}

fn read_decimal(c: &Call<'_>, style: i32) -> Result<Value> {
    check_style(style)?;
    let text = c.str_arg(0, "s")?;
    parse::decimal(&text, style).map(Value::Decimal).map_err(|f| f.exception("a Decimal"))
}

fn try_read_decimal(c: &mut Call<'_>, style: i32, out: usize) -> Result<Value> {
    check_style(style)?;
    let v = c.arg(0).as_str().and_then(|s| parse::decimal(s, style).ok());
    c.set(out, Value::Decimal(v.unwrap_or_default()));
    Ok(Value::Bool(v.is_some()))
}

/// Rounding by the arguments at these places.
pub(super) fn round(c: &Call<'_>, decimals: Option<usize>, mode: Option<usize>) -> Result<Value> {
    let places = decimals.map_or(Ok(0), |n| c.int(n))?;
    let Some(places) = u32::try_from(places).ok().filter(|p| *p <= 28) else {
        return Err(Exception::argument_range(
            "Decimal can only round to between 0 and 28 digits of precision.",
            "decimals",
        ));
    };
    let strategy = strategy(mode.map_or(0, |n| arg::number_or(c, n, 0)))?;
    Ok(Value::Decimal(arg::decimal(c, 0)?.round_dp_with_strategy(places, strategy)))
}

fn strategy(mode: i32) -> Result<RoundingStrategy> {
    Ok(match mode {
        0 => RoundingStrategy::MidpointNearestEven,
        1 => RoundingStrategy::MidpointAwayFromZero,
        2 => RoundingStrategy::ToZero,
        3 => RoundingStrategy::ToNegativeInfinity,
        4 => RoundingStrategy::ToPositiveInfinity,
        _ => return Err(undefined_rounding(mode)),
    })
}

/// `ArgumentException` for a number that is no `MidpointRounding`.
pub(super) fn undefined_rounding(mode: i32) -> Exception {
    Exception::argument(
        &format!("The value '{mode}' is not valid for this usage of the type MidpointRounding."),
        "mode",
    )
}
