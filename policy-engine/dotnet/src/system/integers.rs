//! The eight integer types: `Parse`, `TryParse`, `ToString`, comparing, `MinValue`, `MaxValue`.
use super::arg;
use crate::exception::{Exception, Result};
use crate::format::{self, prepare_to_string};
use crate::member::Call;
use crate::number::parse::{self, Fault, style};
use crate::object;
use crate::table::Builder;
use crate::types::ids;
use crate::value::Value;

macro_rules! integer {
    ($b:ident, $id:ident, $name:literal, $variant:ident, $ty:ident, $target:literal) => {
        $b.structure(ids::$id)
            .implements(&[
                "IComparable",
                "IFormattable",
                concat!("IComparable<", $name, ">"),
                concat!("IEquatable<", $name, ">"),
            ])
            .pure(concat!("static ", $name, " MinValue"), |_| Ok(Value::$variant($ty::MIN)))
            .pure(concat!("static ", $name, " MaxValue"), |_| Ok(Value::$variant($ty::MAX)))
            .pure(concat!("static ", $name, " Parse(string s)"), |c| {
                read::<$ty>(c, style::INTEGER, $target).map(Value::$variant)
            })
            .pure(concat!("static ", $name, " Parse(string s, NumberStyles style)"), |c| {
                let style = arg::number_or(c, 1, style::INTEGER);
                read::<$ty>(c, style, $target).map(Value::$variant)
            })
            .pure(concat!("static ", $name, " Parse(string s, IFormatProvider provider)"), |c| {
                read::<$ty>(c, style::INTEGER, $target).map(Value::$variant)
            })
            .pure(concat!("static ", $name, " Parse(string s, NumberStyles style, IFormatProvider provider)"), |c| {
                let style = arg::number_or(c, 1, style::INTEGER);
                read::<$ty>(c, style, $target).map(Value::$variant)
            })
            .def(concat!("static bool TryParse(string s, out ", $name, " result)"), |c| {
                let n = try_read::<$ty>(c, style::INTEGER)?;
                c.set(1, Value::$variant(n.unwrap_or(0)));
                Ok(Value::Bool(n.is_some()))
            })
            .def(
                concat!(
                    "static bool TryParse(string s, NumberStyles style, IFormatProvider provider, out ",
                    $name,
                    " result)"
                ),
                |c| {
                    let style = arg::number_or(c, 1, style::INTEGER);
                    let n = try_read::<$ty>(c, style)?;
                    c.set(3, Value::$variant(n.unwrap_or(0)));
                    Ok(Value::Bool(n.is_some()))
                },
            )
            .pure("string ToString()", to_string)
            .prepare(prepare_to_string)
            .pure("string ToString(string format)", to_string)
            .prepare(prepare_to_string)
            .pure("string ToString(IFormatProvider provider)", to_string)
            .prepare(prepare_to_string)
            .pure("string ToString(string format, IFormatProvider provider)", to_string)
            .prepare(prepare_to_string)
            .pure(concat!("bool Equals(", $name, " obj)"), equals)
            .pure("bool Equals(object obj)", equals)
            .pure("int GetHashCode()", |c| Ok(Value::Int32(object::hash_code(c.arg(0)))))
            .pure(concat!("int CompareTo(", $name, " value)"), |c| match (c.arg(0), c.arg(1)) {
                (Value::$variant(a), Value::$variant(b)) => Ok(Value::Int32(if $ty::BITS < 32 {
                    // The narrow types answer with the difference.
                    i32::try_from(i128::from(*a) - i128::from(*b)).unwrap_or(0)
                } else {
                    a.cmp(b) as i32
                })),
                _ => compare_objects(c, stringify!($variant)),
            })
            .pure("int CompareTo(object value)", |c| compare_objects(c, stringify!($variant)))
    };
}

/// Adds the types.
pub(crate) fn define(b: &mut Builder) {
    integer!(b, SBYTE, "sbyte", SByte, i8, "a signed byte");
    integer!(b, BYTE, "byte", Byte, u8, "an unsigned byte");
    integer!(b, INT16, "short", Int16, i16, "an Int16");
    integer!(b, UINT16, "ushort", UInt16, u16, "a UInt16");
    integer!(b, INT32, "int", Int32, i32, "an Int32");
    integer!(b, UINT32, "uint", UInt32, u32, "a UInt32");
    integer!(b, INT64, "long", Int64, i64, "an Int64");
    integer!(b, UINT64, "ulong", UInt64, u64, "a UInt64");
}

/// Range of an integer type.
pub(crate) trait Bounds: TryFrom<i128> {
    const LOW: i128;
    const HIGH: i128;
}

macro_rules! bounds {
    ($($ty:ident)*) => { $(impl Bounds for $ty { const LOW: i128 = $ty::MIN as i128; const HIGH: i128 = $ty::MAX as i128; })* };
}
bounds!(i8 u8 i16 u16 i32 u32 i64 u64);

/// Reads a text as `T`.
pub(crate) fn parse_as<T: Bounds>(text: &str, style: i32) -> Result<T, Fault> {
    let n = parse::integer(text, style, T::LOW, T::HIGH)?;
    T::try_from(n).map_err(|_| Fault::Overflow)
}

fn read<T: Bounds>(c: &Call<'_>, style: i32, target: &str) -> Result<T> {
    check_style(style)?;
    let text = c.str_arg(0, "s")?;
    parse_as(&text, style).map_err(|f| f.exception(target))
}

fn try_read<T: Bounds>(c: &Call<'_>, style: i32) -> Result<Option<T>> {
    check_style(style)?;
    Ok(c.arg(0).as_str().and_then(|s| parse_as(s, style).ok()))
}

fn check_style(style: i32) -> Result<()> {
    if !(0..1024).contains(&style) {
        return Err(Exception::argument("An undefined NumberStyles value is being used.", "style"));
    }
    if style & style::HEX != 0 && style & !style::HEX_NUMBER != 0 {
        return Err(Exception::argument(
            "With the AllowHexSpecifier bit set in the enum bit field, the only other valid bits that can be combined into the enum value must be a subset of those in HexNumber.",
            "style",
        ));
    }
    Ok(())
}

/// `ToString` of every formattable value: the format is the first argument if that is a text.
pub(crate) fn to_string(c: &mut Call<'_>) -> Result<Value> {
    let (value, format) = (c.take(0), c.str_or_null(1).unwrap_or_default());
    format::format_value(c.cx, &value, &format).map(Value::Str)
}

/// `Equals` of values.
pub(crate) fn equals(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::Bool(object::equals(c.arg(0), c.arg(1))))
}

/// `CompareTo(object)`: null is smaller than all, another type is an `ArgumentException`.
pub(crate) fn compare_objects(c: &Call<'_>, name: &str) -> Result<Value> {
    match (c.arg(0), c.arg(1)) {
        (_, Value::Null) => Ok(Value::Int32(1)),
        // The small types answer the difference.
        (Value::Byte(a), Value::Byte(b)) => Ok(Value::Int32(i32::from(*a) - i32::from(*b))),
        (Value::SByte(a), Value::SByte(b)) => Ok(Value::Int32(i32::from(*a) - i32::from(*b))),
        (Value::Int16(a), Value::Int16(b)) => Ok(Value::Int32(i32::from(*a) - i32::from(*b))),
        (Value::UInt16(a), Value::UInt16(b)) => Ok(Value::Int32(i32::from(*a) - i32::from(*b))),
        (a, b) if a.net_type() == b.net_type() => Ok(Value::Int32(object::compare(a, b)? as i32)),
        _ => Err(Exception::argument_message(format!("Object must be of type {name}."))),
    }
}
