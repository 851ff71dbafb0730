//! `System.BitConverter`, little-endian as on all machines that we run on.
use super::arg;
use super::convert::bytes_arg;
use crate::collections::array;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::TypeId;
use crate::value::Value;

const BAD_INDEX: &str = "Index was out of range. Must be non-negative and less than the size of the collection.";

macro_rules! numbers {
    ($b:ident, $($name:literal $method:literal $variant:ident $ty:ident),*) => {
        $($b.static_class(TypeId("System.BitConverter"))
            .def(concat!("static byte[] GetBytes(", $name, " value)"), |c| match c.arg(0) {
                Value::$variant(v) => Ok(array::from_bytes(v.to_le_bytes())),
                _ => Err(Exception::null_reference()),
            })
            .def(concat!("static ", $name, " ", $method, "(byte[] value, int startIndex)"), |c| {
                part::<{ size_of::<$ty>() }>(c).map(|b| Value::$variant($ty::from_le_bytes(b)))
            });)*
    };
}

/// Adds the class.
pub(crate) fn define(b: &mut Builder) {
    numbers!(b, "short" "ToInt16" Int16 i16, "ushort" "ToUInt16" UInt16 u16, "int" "ToInt32" Int32 i32, "uint" "ToUInt32" UInt32 u32,
        "long" "ToInt64" Int64 i64, "ulong" "ToUInt64" UInt64 u64, "float" "ToSingle" Single f32, "double" "ToDouble" Double f64,
        "char" "ToChar" Char u16);
    b.static_class(TypeId("System.BitConverter"))
        .pure("static bool IsLittleEndian", |_| Ok(Value::Bool(true)))
        .def("static byte[] GetBytes(bool value)", |c| Ok(array::from_bytes([u8::from(c.bool(0)?)])))
        .def("static bool ToBoolean(byte[] value, int startIndex)", |c| part::<1>(c).map(|[b]| Value::Bool(b != 0)))
        .def("static string ToString(byte[] value)", |c| dashed(c, 0))
        .def("static string ToString(byte[] value, int startIndex)", |c| dashed(c, 1))
        .def("static string ToString(byte[] value, int startIndex, int length)", |c| dashed(c, 2))
        .pure("static long DoubleToInt64Bits(double value)", |c| Ok(Value::Int64(c.double(0)?.to_bits().cast_signed())))
        .pure("static double Int64BitsToDouble(long value)", |c| {
            Ok(Value::Double(f64::from_bits(c.long(0)?.cast_unsigned())))
        })
        .pure("static int SingleToInt32Bits(float value)", |c| {
            Ok(Value::Int32(arg::single(c, 0)?.to_bits().cast_signed()))
        })
        .pure("static float Int32BitsToSingle(int value)", |c| {
            Ok(Value::Single(f32::from_bits(c.int(0)?.cast_unsigned())))
        });
}

fn part<const N: usize>(c: &Call<'_>) -> Result<[u8; N]> {
    let bytes = bytes_arg(c, 0, "value")?;
    let start = usize::try_from(c.int(1)?).ok().filter(|s| *s < bytes.len());
    let start = start.ok_or_else(|| Exception::argument_range(BAD_INDEX, "startIndex"))?;
    bytes.get(start..start + N).and_then(|p| p.try_into().ok()).ok_or_else(|| {
        Exception::argument(
            "Destination array is not long enough to copy all the items in the collection. Check array index and length.",
            "value",
        )
    })
}

/// `01-AB-FF`
fn dashed(c: &mut Call<'_>, given: usize) -> Result<Value> {
    let bytes = bytes_arg(c, 0, "value")?;
    let start = if given > 0 { usize::try_from(c.int(1)?).ok() } else { Some(0) };
    let start = start
        .filter(|s| *s < bytes.len() || *s == 0)
        .ok_or_else(|| Exception::argument_range("StartIndex cannot be less than zero.", "startIndex"))?;
    let length = if given > 1 { usize::try_from(c.int(2)?).ok() } else { Some(bytes.len() - start) };
    let length = length.ok_or_else(|| Exception::argument_range("Value must be positive.", "length"))?;
    let part = start.checked_add(length).and_then(|end| bytes.get(start..end)).ok_or_else(|| {
        Exception::argument_message("Destination array is not long enough to copy all the items in the collection. Check array index and length.")
    })?;
    c.cx.charge_bytes(part.len().saturating_mul(3))?;
    Ok(Value::str(part.iter().map(|b| format!("{b:02X}")).collect::<Vec<_>>().join("-")))
}
