//! What every value can do: text, equality, hash and order, as `System.Object`, `EqualityComparer<T>.Default` and `Comparer<T>.Default` define them.
use std::cmp::Ordering;
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::system::object_members::TypeObject;
use crate::types::Type;
use crate::value::{DateTimeOffset, Str, Value};
use crate::{culture, format};

const TICKS_PER_MINUTE: i64 = 600_000_000;

/// `Object.ToString()`; `null` gives the empty text, as concatenation wants it.
pub fn text(cx: &mut dyn Ambient, value: &Value) -> Result<Str> {
    match value {
        Value::Null => Ok("".into()),
        Value::Str(s) => Ok(s.clone()),
        Value::Object(o) => o.to_text(cx),
        Value::Func(f) => Ok(f.net_type().clr_name().into()),
        Value::Handle(id, _) => {
            let own = cx
                .types()
                .get(*id)
                .and_then(|def| def.named("ToString").find(|m| m.params.is_empty()).and_then(|m| m.native));
            match own {
                Some(native) => {
                    let mut args = [value.clone()];
                    let written = native(&mut Call { cx: &mut *cx, types: &[], args: &mut args })?;
                    Ok(written.as_str().unwrap_or_default().into())
                }
                None => Ok(id.0.into()),
            }
        }
        scalar => format::format_value(cx, scalar, ""),
    }
}

/// `Object.Equals(a, b)`: same run-time type and same value; never converts.
pub fn equals(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::Null, _) | (_, Value::Null) => false,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Char(a), Value::Char(b)) => a == b,
        (Value::SByte(a), Value::SByte(b)) => a == b,
        (Value::Byte(a), Value::Byte(b)) => a == b,
        (Value::Int16(a), Value::Int16(b)) => a == b,
        (Value::UInt16(a), Value::UInt16(b)) => a == b,
        (Value::Int32(a), Value::Int32(b)) => a == b,
        (Value::UInt32(a), Value::UInt32(b)) => a == b,
        (Value::Int64(a), Value::Int64(b)) => a == b,
        (Value::UInt64(a), Value::UInt64(b)) => a == b,
        // `Equals` differs from `==`: NaN equals itself.
        (Value::Single(a), Value::Single(b)) => a == b || (a.is_nan() && b.is_nan()),
        (Value::Double(a), Value::Double(b)) => a == b || (a.is_nan() && b.is_nan()),
        (Value::Decimal(a), Value::Decimal(b)) => a == b,
        (Value::Str(a), Value::Str(b)) => a == b,
        // The kind takes no part.
        (Value::DateTime(a), Value::DateTime(b)) => a.ticks == b.ticks,
        (Value::DateTimeOffset(a), Value::DateTimeOffset(b)) => utc_ticks(*a) == utc_ticks(*b),
        (Value::TimeSpan(a), Value::TimeSpan(b)) => a == b,
        (Value::Guid(a), Value::Guid(b)) => a == b,
        (Value::Enum(ta, a), Value::Enum(tb, b)) => ta == tb && a == b,
        (Value::Handle(ta, a), Value::Handle(tb, b)) => ta == tb && a == b,
        (Value::Func(a), Value::Func(b)) => Arc::ptr_eq(a, b),
        (Value::Object(o), other) => o.equals(other),
        _ => false,
    }
}

/// `Object.ReferenceEquals`: boxed values are never the same object; texts are when one allocation holds them, and empty texts always.
pub fn same_reference(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::Object(a), Value::Object(b)) => std::ptr::addr_eq(Arc::as_ptr(a), Arc::as_ptr(b)),
        (Value::Func(a), Value::Func(b)) => Arc::ptr_eq(a, b),
        (Value::Str(a), Value::Str(b)) => Arc::ptr_eq(a, b) || (a.is_empty() && b.is_empty()),
        (Value::Handle(ta, a), Value::Handle(tb, b)) => ta == tb && a == b,
        _ => false,
    }
}

/// `GetHashCode()`, .NET's own numbers for primitive types. Text hashes are stable here (.NET randomises them per process).
pub fn hash_code(value: &Value) -> i32 {
    match value {
        Value::Null => 0,
        Value::Bool(v) => i32::from(*v),
        Value::Char(v) => i32::from(*v) | (i32::from(*v) << 16),
        Value::SByte(v) => i32::from(*v) ^ (i32::from(*v) << 8),
        Value::Byte(v) => i32::from(*v),
        Value::Int16(v) => i32::from(v.cast_unsigned()) | (i32::from(*v) << 16),
        Value::UInt16(v) => i32::from(*v),
        Value::Int32(v) | Value::Enum(_, v) => *v,
        Value::UInt32(v) => v.cast_signed(),
        Value::Int64(v) => fold(v.cast_unsigned()),
        Value::UInt64(v) => fold(*v),
        Value::Single(v) => (if *v == 0.0 { 0 } else { v.to_bits() }).cast_signed(),
        Value::Double(v) => fold(if *v == 0.0 { 0 } else { v.to_bits() }),
        Value::Decimal(v) => decimal_hash(*v),
        Value::Str(s) => text_hash(s.bytes()),
        Value::DateTime(v) => fold(v.ticks.cast_unsigned()),
        Value::DateTimeOffset(v) => fold(utc_ticks(*v).cast_unsigned()),
        Value::TimeSpan(v) => fold(v.cast_unsigned()),
        Value::Guid(bytes) => guid_hash(bytes),
        Value::Handle(id, n) => text_hash(id.0.bytes()) ^ n.cast_signed(),
        Value::Func(f) => fold(u64::try_from(Arc::as_ptr(f).cast::<()>().addr() >> 4).unwrap_or(0)),
        Value::Object(o) => o.hash_code(),
    }
}

/// FNV-1a over bytes; used for texts here and by comparers that fold case.
pub fn text_hash(bytes: impl Iterator<Item = u8>) -> i32 {
    bytes.fold(0x811c_9dc5_u32, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193)).cast_signed()
}

/// `Comparer<T>.Default`: `null` first; texts in the order of the invariant culture; `ArgumentException` for what has no order.
pub fn compare(a: &Value, b: &Value) -> Result<Ordering> {
    Ok(match (a, b) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Char(a), Value::Char(b)) => a.cmp(b),
        (Value::SByte(a), Value::SByte(b)) => a.cmp(b),
        (Value::Byte(a), Value::Byte(b)) => a.cmp(b),
        (Value::Int16(a), Value::Int16(b)) => a.cmp(b),
        (Value::UInt16(a), Value::UInt16(b)) => a.cmp(b),
        (Value::Int32(a), Value::Int32(b)) => a.cmp(b),
        (Value::UInt32(a), Value::UInt32(b)) => a.cmp(b),
        (Value::Int64(a), Value::Int64(b)) => a.cmp(b),
        (Value::UInt64(a), Value::UInt64(b)) => a.cmp(b),
        (Value::Single(a), Value::Single(b)) => compare_floats(f64::from(*a), f64::from(*b)),
        (Value::Double(a), Value::Double(b)) => compare_floats(*a, *b),
        (Value::Decimal(a), Value::Decimal(b)) => a.cmp(b),
        (Value::Str(a), Value::Str(b)) => culture::compare(a, b, false),
        (Value::DateTime(a), Value::DateTime(b)) => a.ticks.cmp(&b.ticks),
        (Value::DateTimeOffset(a), Value::DateTimeOffset(b)) => utc_ticks(*a).cmp(&utc_ticks(*b)),
        (Value::TimeSpan(a), Value::TimeSpan(b)) => a.cmp(b),
        (Value::Guid(a), Value::Guid(b)) => a.cmp(b),
        (Value::Enum(ta, a), Value::Enum(tb, b)) if ta == tb => a.cmp(b),
        (Value::Object(o), other) if o.compare(other).is_some() => o.compare(other).unwrap_or(Ordering::Equal),
        (Value::Object(_) | Value::Func(_) | Value::Handle(..), _) => {
            return Err(Exception::argument_message("At least one object must implement IComparable."));
        }
        (a, _) => {
            return Err(Exception::argument_message(format!("Object must be of type {}.", short_name(&a.net_type()))));
        }
    })
}

/// Order of `Double.CompareTo`: NaN before everything, equal to itself.
pub fn compare_floats(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| b.is_nan().cmp(&a.is_nan()))
}

/// The instant of a `DateTimeOffset` in UTC ticks.
pub fn utc_ticks(v: DateTimeOffset) -> i64 {
    v.ticks.saturating_sub(i64::from(v.offset_minutes).saturating_mul(TICKS_PER_MINUTE))
}

/// `Type.Name`: the metadata name without namespace.
pub fn short_name(ty: &Type) -> String {
    match ty {
        Type::Simple(id) | Type::Generic(id, _) => id.0.rsplit(['.', '+']).next().unwrap_or(id.0).to_owned(),
        Type::Array(item) => format!("{}[]", short_name(item)),
        Type::Void => "Void".to_owned(),
        Type::Tuple(t) => format!("ValueTuple`{}", t.items.len()),
        Type::Anonymous(s) => format!("<>f__AnonymousType0`{}", s.fields.len()),
        other => other.clr_name(),
    }
}

fn fold(bits: u64) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "the two halves are mixed on purpose")]
    let mixed = (bits ^ (bits >> 32)) as u32;
    mixed.cast_signed()
}

/// Equal numbers of different scale must agree, so trailing zeros go first.
fn decimal_hash(v: Decimal) -> i32 {
    let n = v.normalize();
    let m = n.mantissa().unsigned_abs();
    #[expect(clippy::cast_possible_truncation, reason = "all parts of the mantissa are mixed on purpose")]
    let mixed = (m as u32) ^ ((m >> 32) as u32) ^ ((m >> 64) as u32);
    let flags = (n.scale() << 16) | if n.is_sign_negative() && !n.is_zero() { 0x8000_0000 } else { 0 };
    (mixed ^ flags).cast_signed()
}

/// The four words in memory order (the first three fields are little-endian there), combined by xor.
fn guid_hash(b: &[u8; 16]) -> i32 {
    let [b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15] = *b;
    i32::from_be_bytes([b0, b1, b2, b3])
        ^ i32::from_le_bytes([b5, b4, b7, b6])
        ^ i32::from_le_bytes([b8, b9, b10, b11])
        ^ i32::from_le_bytes([b12, b13, b14, b15])
}

/// `typeof(T)` and `GetType()` as a value.
pub fn type_object(ty: Type) -> Value {
    Value::object(TypeObject(ty))
}

/// The type behind a `System.Type` value.
pub fn as_type(value: &Value) -> Option<Type> {
    value.as_object::<TypeObject>().map(|t| t.0.clone())
}
