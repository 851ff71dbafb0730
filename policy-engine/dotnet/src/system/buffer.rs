//! `System.Buffer`: the bytes of arrays of primitive types, little-endian.
use std::ops::Range;

use crate::collections::array::{self, ArrayObject};
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::{Type, TypeId, ids};
use crate::value::Value;

const NO_ROOM: &str = "Offset and length were out of bounds for the array or count is greater than the number of elements from \
                       index to the end of the source collection.";

/// Adds the class.
pub(crate) fn define(b: &mut Builder) {
    b.static_class(TypeId("System.Buffer"))
        .def("static void BlockCopy(Array src, int srcOffset, Array dst, int dstOffset, int count)", block_copy)
        .def("static int ByteLength(Array array)", |c| {
            let (a, width) = primitive(c, 0, "array")?;
            Ok(Value::Int32(super::to_int(a.len().saturating_mul(width))))
        })
        .def("static byte GetByte(Array array, int index)", |c| {
            let (a, width) = primitive(c, 0, "array")?;
            let at = place(c, 1, "index", a.len().saturating_mul(width))?;
            Ok(Value::Byte(element_bytes(&a.at(at / width)).get(at % width).copied().unwrap_or(0)))
        })
        .def("static void SetByte(Array array, int index, byte value)", |c| {
            let (a, width) = primitive(c, 0, "array")?;
            let at = place(c, 1, "index", a.len().saturating_mul(width))?;
            let byte = if let Value::Byte(b) = c.arg(2) { *b } else { 0 };
            put_bytes(a, width, at, &[byte]);
            Ok(Value::Null)
        });
}

/// Bytes of one element, for the types that `Buffer` takes.
fn width_of(item: &Type) -> Option<usize> {
    Some(match item.id()? {
        ids::BOOLEAN | ids::BYTE | ids::SBYTE => 1,
        ids::CHAR | ids::INT16 | ids::UINT16 => 2,
        ids::INT32 | ids::UINT32 | ids::SINGLE => 4,
        ids::INT64 | ids::UINT64 | ids::DOUBLE => 8,
        _ => return None,
    })
}

fn primitive<'a>(c: &'a Call<'_>, n: usize, name: &str) -> Result<(&'a ArrayObject, usize)> {
    let Some(found) = array::array(c.arg(n)) else { return Err(Exception::argument_null(name)) };
    match width_of(found.item()) {
        Some(width) => Ok((found, width)),
        None => Err(Exception::argument("Object must be an array of primitives.", name)),
    }
}

fn place(c: &Call<'_>, n: usize, name: &str, len: usize) -> Result<usize> {
    usize::try_from(c.int(n)?).ok().filter(|at| *at < len).ok_or_else(|| {
        Exception::argument_range(
            "Index was out of range. Must be non-negative and less than the size of the collection.",
            name,
        )
    })
}

fn element_bytes(value: &Value) -> Vec<u8> {
    match value {
        Value::Bool(v) => vec![u8::from(*v)],
        Value::Byte(v) => vec![*v],
        Value::SByte(v) => v.to_le_bytes().into(),
        Value::Char(v) | Value::UInt16(v) => v.to_le_bytes().into(),
        Value::Int16(v) => v.to_le_bytes().into(),
        Value::Int32(v) => v.to_le_bytes().into(),
        Value::UInt32(v) => v.to_le_bytes().into(),
        Value::Int64(v) => v.to_le_bytes().into(),
        Value::UInt64(v) => v.to_le_bytes().into(),
        Value::Single(v) => v.to_le_bytes().into(),
        Value::Double(v) => v.to_le_bytes().into(),
        _ => Vec::new(),
    }
}

/// The element of that type with these bytes.
fn element(item: &Type, bytes: &[u8]) -> Option<Value> {
    Some(match item.id()? {
        ids::BOOLEAN => Value::Bool(bytes != [0]),
        ids::BYTE => Value::Byte(*bytes.first()?),
        ids::SBYTE => Value::SByte(i8::from_le_bytes(bytes.try_into().ok()?)),
        ids::CHAR => Value::Char(u16::from_le_bytes(bytes.try_into().ok()?)),
        ids::UINT16 => Value::UInt16(u16::from_le_bytes(bytes.try_into().ok()?)),
        ids::INT16 => Value::Int16(i16::from_le_bytes(bytes.try_into().ok()?)),
        ids::INT32 => Value::Int32(i32::from_le_bytes(bytes.try_into().ok()?)),
        ids::UINT32 => Value::UInt32(u32::from_le_bytes(bytes.try_into().ok()?)),
        ids::INT64 => Value::Int64(i64::from_le_bytes(bytes.try_into().ok()?)),
        ids::UINT64 => Value::UInt64(u64::from_le_bytes(bytes.try_into().ok()?)),
        ids::SINGLE => Value::Single(f32::from_le_bytes(bytes.try_into().ok()?)),
        ids::DOUBLE => Value::Double(f64::from_le_bytes(bytes.try_into().ok()?)),
        _ => return None,
    })
}

/// Elements that hold these bytes.
fn elements(at: usize, len: usize, width: usize) -> Range<usize> {
    at / width..at.saturating_add(len).div_ceil(width)
}

fn take_bytes(a: &ArrayObject, width: usize, at: usize, len: usize) -> Vec<u8> {
    elements(at, len, width).flat_map(|i| element_bytes(&a.at(i))).skip(at % width).take(len).collect()
}

fn put_bytes(a: &ArrayObject, width: usize, at: usize, bytes: &[u8]) {
    let mut new = bytes.iter().copied();
    let mut from = at % width;
    for i in elements(at, bytes.len(), width) {
        let mut old = element_bytes(&a.at(i));
        for (slot, byte) in old.iter_mut().skip(from).zip(new.by_ref()) {
            *slot = byte;
        }
        from = 0;
        if let Some(value) = element(a.item(), &old) {
            a.put(i, value);
        }
    }
}

fn block_copy(c: &mut Call<'_>) -> Result<Value> {
    let (source, from_width) = primitive(c, 0, "src")?;
    let (target, to_width) = primitive(c, 2, "dst")?;
    let number = |n: usize, name: &str| {
        usize::try_from(c.int(n)?).map_err(|_| Exception::argument_range("Non-negative number required.", name))
    };
    let (from, to, count) = (number(1, "srcOffset")?, number(3, "dstOffset")?, number(4, "count")?);
    let fits = |at: usize, a: &ArrayObject, width: usize| {
        at.checked_add(count).is_some_and(|end| end <= a.len().saturating_mul(width))
    };
    if !fits(from, source, from_width) || !fits(to, target, to_width) {
        return Err(Exception::argument_message(NO_ROOM));
    }
    let bytes = take_bytes(source, from_width, from, count);
    put_bytes(target, to_width, to, &bytes);
    c.cx.charge_steps(u64::try_from(count / 16).unwrap_or(u64::MAX))?;
    Ok(Value::Null)
}
