//! Numbers on run-time values as C# computes them: conversions, arithmetic, comparison. The binder folds constants with it, the lowering
//! uses it wherever a faster typed path does not exist.
use std::cmp::Ordering;

use dotnet::{Exception, Result, Type, TypeId, Value, ids};
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

use crate::ast::BinaryOp;
use crate::binder::tree::Num;

/// A number widened to one of four shapes.
#[derive(Clone, Copy, Debug)]
enum Wide {
    Integer(i128),
    Single(f32),
    Double(f64),
    Decimal(Decimal),
}

fn wide(v: &Value) -> Option<Wide> {
    Some(match v {
        Value::Char(n) | Value::UInt16(n) => Wide::Integer(i128::from(*n)),
        Value::SByte(n) => Wide::Integer(i128::from(*n)),
        Value::Byte(n) => Wide::Integer(i128::from(*n)),
        Value::Int16(n) => Wide::Integer(i128::from(*n)),
        Value::Int32(n) | Value::Enum(_, n) => Wide::Integer(i128::from(*n)),
        Value::UInt32(n) => Wide::Integer(i128::from(*n)),
        Value::Int64(n) => Wide::Integer(i128::from(*n)),
        Value::UInt64(n) => Wide::Integer(i128::from(*n)),
        Value::Single(n) => Wide::Single(*n),
        Value::Double(n) => Wide::Double(*n),
        Value::Decimal(n) => Wide::Decimal(*n),
        _ => return None,
    })
}

/// An integral value (also `char` and enums).
pub(crate) fn integer(v: &Value) -> Option<i128> {
    match wide(v)? {
        Wide::Integer(n) => Some(n),
        _ => None,
    }
}

/// Range of an integral type.
pub(crate) fn range(id: TypeId) -> Option<(i128, i128)> {
    Some(match id {
        ids::SBYTE => (i128::from(i8::MIN), i128::from(i8::MAX)),
        ids::BYTE => (0, i128::from(u8::MAX)),
        ids::INT16 => (i128::from(i16::MIN), i128::from(i16::MAX)),
        ids::UINT16 | ids::CHAR => (0, i128::from(u16::MAX)),
        ids::INT32 => (i128::from(i32::MIN), i128::from(i32::MAX)),
        ids::UINT32 => (0, i128::from(u32::MAX)),
        ids::INT64 => (i128::from(i64::MIN), i128::from(i64::MAX)),
        ids::UINT64 => (0, i128::from(u64::MAX)),
        _ => return None,
    })
}

/// Makes an integral value of type `id` out of the low bits.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "keeping the low bits is what an unchecked C# conversion does"
)]
fn wrap(n: i128, id: TypeId) -> Value {
    match id {
        ids::SBYTE => Value::SByte(n as i8),
        ids::BYTE => Value::Byte(n as u8),
        ids::INT16 => Value::Int16(n as i16),
        ids::UINT16 => Value::UInt16(n as u16),
        ids::CHAR => Value::Char(n as u16),
        ids::INT32 => Value::Int32(n as i32),
        ids::UINT32 => Value::UInt32(n as u32),
        ids::INT64 => Value::Int64(n as i64),
        ids::UINT64 => Value::UInt64(n as u64),
        other => Value::Enum(other, n as i32),
    }
}

/// Converts a number, `char` or enum to the type named by `id` (an unknown id is an enum).
pub(crate) fn convert(v: &Value, id: TypeId, checked: bool) -> Result<Value> {
    let Some(from) = wide(v) else { return Err(Exception::invalid_cast(&v.net_type(), &Type::Simple(id))) };
    Ok(match id {
        ids::SINGLE => Value::Single(to_single(from)),
        ids::DOUBLE => Value::Double(to_double(from)),
        ids::DECIMAL => Value::Decimal(to_decimal(from)?),
        _ => {
            let (min, max) = range(id).unwrap_or((i128::from(i32::MIN), i128::from(i32::MAX)));
            match from {
                Wide::Integer(n) if checked && (n < min || n > max) => return Err(Exception::overflow()),
                Wide::Integer(n) => wrap(n, id),
                Wide::Decimal(d) => {
                    let n = d.trunc().to_i128().ok_or_else(Exception::overflow)?;
                    if n < min || n > max {
                        return Err(Exception::overflow_message(decimal_overflow(id)));
                    }
                    wrap(n, id)
                }
                Wide::Single(f) => from_float(f64::from(f), id, min, max, checked)?,
                Wide::Double(f) => from_float(f, id, min, max, checked)?,
            }
        }
    })
}

fn decimal_overflow(id: TypeId) -> String {
    let name = match id {
        ids::SBYTE => "a signed byte",
        ids::BYTE => "an unsigned byte",
        ids::INT16 => "an Int16",
        ids::UINT16 => "a UInt16",
        ids::CHAR => "a character",
        ids::UINT32 => "a UInt32",
        ids::INT64 => "an Int64",
        ids::UINT64 => "a UInt64",
        _ => "an Int32",
    };
    format!("Value was either too large or too small for {name}.")
}

#[expect(clippy::cast_possible_truncation, reason = "the value was truncated and found in range")]
fn from_float(f: f64, id: TypeId, min: i128, max: i128, checked: bool) -> Result<Value> {
    let t = f.trunc();
    // 2^64 is exact in f64, so comparing in f64 is exact at the upper ends too.
    let whole = if t.is_finite() && t.abs() < 1e30 { Some(t as i128) } else { None };
    match whole {
        Some(n) if n >= min && n <= max => Ok(wrap(n, id)),
        _ if checked => Err(Exception::overflow()),
        // Unspecified in C#; the answer of x64 hardware is the smallest number of the 32 or 64 bit register.
        Some(n) if max <= i128::from(u16::MAX) && n >= i128::from(i32::MIN) && n <= i128::from(i32::MAX) => {
            Ok(wrap(n, id))
        }
        Some(n) if max == i128::from(u32::MAX) && n >= i128::from(i64::MIN) && n <= i128::from(i64::MAX) => {
            Ok(wrap(n, id))
        }
        _ if id == ids::UINT64 || id == ids::INT64 => Ok(wrap(i128::from(i64::MIN), id)),
        _ if max <= i128::from(u16::MAX) || id == ids::UINT32 => Ok(wrap(0, id)),
        _ => Ok(wrap(i128::from(i32::MIN), id)),
    }
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "C# rounds here too")]
fn to_single(v: Wide) -> f32 {
    match v {
        Wide::Integer(n) => n as f32,
        Wide::Single(f) => f,
        Wide::Double(f) => f as f32,
        Wide::Decimal(d) => dotnet::decimal::to_f32(d),
    }
}

#[expect(clippy::cast_precision_loss, reason = "C# rounds here too")]
fn to_double(v: Wide) -> f64 {
    match v {
        Wide::Integer(n) => n as f64,
        Wide::Single(f) => f64::from(f),
        Wide::Double(f) => f,
        Wide::Decimal(d) => dotnet::decimal::to_f64(d),
    }
}

fn to_decimal(v: Wide) -> Result<Decimal> {
    let bad = || Exception::overflow_message("Value was either too large or too small for a Decimal.");
    match v {
        Wide::Integer(n) => Decimal::from_i128(n).ok_or_else(bad),
        Wide::Decimal(d) => Ok(d),
        Wide::Single(f) => dotnet::decimal::from_f32(f),
        Wide::Double(f) => dotnet::decimal::from_f64(f),
    }
}

/// The id of the type that a kind of arithmetic works on.
pub(crate) fn num_type(num: Num) -> Type {
    match num {
        Num::Int => Type::INT,
        Num::UInt => Type::UINT,
        Num::Long => Type::LONG,
        Num::ULong => Type::ULONG,
        Num::Float => Type::FLOAT,
        Num::Double => Type::DOUBLE,
        Num::Decimal => Type::DECIMAL,
    }
}

/// `left op right` for operands of one numeric type (a shift's right operand is an `int`). Comparisons give `Bool`.
pub(crate) fn binary(op: BinaryOp, num: Num, left: &Value, right: &Value, checked: bool) -> Result<Value> {
    use BinaryOp as B;
    if let B::Less | B::LessOrEqual | B::Greater | B::GreaterOrEqual | B::Equal | B::NotEqual = op {
        return Ok(Value::Bool(compare(op, left, right)));
    }
    match (left, right) {
        (Value::Int32(a), Value::Int32(b)) if num == Num::Int => int(op, *a, *b, checked).map(Value::Int32),
        (Value::Int64(a), Value::Int64(b)) if num == Num::Long => long(op, *a, *b, checked).map(Value::Int64),
        (Value::Double(a), Value::Double(b)) => Ok(Value::Double(double(op, *a, *b))),
        (Value::Single(a), Value::Single(b)) => Ok(Value::Single(single(op, *a, *b))),
        (Value::Decimal(a), Value::Decimal(b)) => decimal(op, *a, *b).map(Value::Decimal),
        _ => whole(op, num, left, right, checked),
    }
}

/// Ordering and equality of two numbers of one type; NaN compares false with everything.
pub(crate) fn compare(op: BinaryOp, left: &Value, right: &Value) -> bool {
    let order = match (wide(left), wide(right)) {
        (Some(Wide::Integer(a)), Some(Wide::Integer(b))) => Some(a.cmp(&b)),
        (Some(Wide::Decimal(a)), Some(Wide::Decimal(b))) => Some(a.cmp(&b)),
        (Some(Wide::Single(a)), Some(Wide::Single(b))) => a.partial_cmp(&b),
        (Some(Wide::Double(a)), Some(Wide::Double(b))) => a.partial_cmp(&b),
        _ => None,
    };
    ordered(op, order)
}

/// What a comparison operator says of an order; `None` is NaN.
pub(crate) fn ordered(op: BinaryOp, order: Option<Ordering>) -> bool {
    match op {
        BinaryOp::Less => order == Some(Ordering::Less),
        BinaryOp::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        BinaryOp::Greater => order == Some(Ordering::Greater),
        BinaryOp::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        BinaryOp::Equal => order == Some(Ordering::Equal),
        BinaryOp::NotEqual => order != Some(Ordering::Equal),
        _ => false,
    }
}

macro_rules! signed {
    ($name:ident, $t:ty, $mask:literal, $u:ty) => {
        /// Integer arithmetic of this width.
        #[expect(clippy::cast_sign_loss, reason = "a shift count is masked first")]
        pub(crate) fn $name(op: BinaryOp, a: $t, b: $t, checked: bool) -> Result<$t> {
            use BinaryOp as B;
            let made = |plain: $t, checked_result: Option<$t>| {
                if checked { checked_result.ok_or_else(Exception::overflow) } else { Ok(plain) }
            };
            match op {
                B::Add => made(a.wrapping_add(b), a.checked_add(b)),
                B::Subtract => made(a.wrapping_sub(b), a.checked_sub(b)),
                B::Multiply => made(a.wrapping_mul(b), a.checked_mul(b)),
                B::Divide | B::Remainder if b == 0 => Err(Exception::divide_by_zero()),
                B::Divide => a.checked_div(b).ok_or_else(Exception::overflow),
                B::Remainder => a.checked_rem(b).ok_or_else(Exception::overflow),
                B::BitAnd => Ok(a & b),
                B::BitOr => Ok(a | b),
                B::BitXor => Ok(a ^ b),
                B::ShiftLeft => Ok(a.wrapping_shl((b & $mask) as u32)),
                B::ShiftRight => Ok(a.wrapping_shr((b & $mask) as u32)),
                B::UnsignedShiftRight => Ok((a.cast_unsigned() >> ((b & $mask) as u32)).cast_signed()),
                _ => Err(Exception::not_supported("operator")),
            }
        }
    };
}
signed!(int, i32, 31, u32);
signed!(long, i64, 63, u64);

/// `uint` and `ulong`, and shifts of `long` by `int`.
fn whole(op: BinaryOp, num: Num, left: &Value, right: &Value, checked: bool) -> Result<Value> {
    use BinaryOp as B;
    let (Some(a), Some(b)) = (integer(left), integer(right)) else {
        return Err(Exception::invalid_cast(&left.net_type(), &num_type(num)));
    };
    let id = match num {
        Num::Int => ids::INT32,
        Num::UInt => ids::UINT32,
        Num::Long => ids::INT64,
        _ => ids::UINT64,
    };
    let (min, max) = range(id).unwrap_or((0, 0));
    let bits: u32 = if matches!(num, Num::Int | Num::UInt) { 32 } else { 64 };
    let count = u32::try_from(b & i128::from(bits.saturating_sub(1))).unwrap_or(0);
    let n = match op {
        B::Add => a.wrapping_add(b),
        B::Subtract => a.wrapping_sub(b),
        B::Multiply => a.wrapping_mul(b),
        B::Divide | B::Remainder if b == 0 => return Err(Exception::divide_by_zero()),
        B::Divide => a.wrapping_div(b),
        B::Remainder => a.wrapping_rem(b),
        B::BitAnd => a & b,
        B::BitOr => a | b,
        B::BitXor => a ^ b,
        B::ShiftLeft => return Ok(wrap(a.wrapping_shl(count), id)),
        B::ShiftRight => return Ok(wrap(a >> count, id)),
        B::UnsignedShiftRight => {
            let mask = (1_i128 << bits).wrapping_sub(1);
            return Ok(wrap((a & mask) >> count, id));
        }
        _ => return Err(Exception::not_supported("operator")),
    };
    if checked && (n < min || n > max) { Err(Exception::overflow()) } else { Ok(wrap(n, id)) }
}

/// `double` arithmetic.
pub(crate) fn double(op: BinaryOp, a: f64, b: f64) -> f64 {
    match op {
        BinaryOp::Add => a + b,
        BinaryOp::Subtract => a - b,
        BinaryOp::Multiply => a * b,
        BinaryOp::Divide => a / b,
        _ => a % b,
    }
}

fn single(op: BinaryOp, a: f32, b: f32) -> f32 {
    match op {
        BinaryOp::Add => a + b,
        BinaryOp::Subtract => a - b,
        BinaryOp::Multiply => a * b,
        BinaryOp::Divide => a / b,
        _ => a % b,
    }
}

fn decimal(op: BinaryOp, a: Decimal, b: Decimal) -> Result<Decimal> {
    match op {
        BinaryOp::Add => dotnet::decimal::add(a, b),
        BinaryOp::Subtract => dotnet::decimal::subtract(a, b),
        BinaryOp::Multiply => dotnet::decimal::multiply(a, b),
        BinaryOp::Divide => dotnet::decimal::divide(a, b),
        _ => dotnet::decimal::remainder(a, b),
    }
}

/// `-v` for a value of arithmetic type.
pub(crate) fn negate(v: &Value, checked: bool) -> Result<Value> {
    Ok(match v {
        Value::Int32(n) if checked => Value::Int32(n.checked_neg().ok_or_else(Exception::overflow)?),
        Value::Int64(n) if checked => Value::Int64(n.checked_neg().ok_or_else(Exception::overflow)?),
        Value::Int32(n) => Value::Int32(n.wrapping_neg()),
        Value::Int64(n) => Value::Int64(n.wrapping_neg()),
        Value::Single(n) => Value::Single(-n),
        Value::Double(n) => Value::Double(-n),
        Value::Decimal(n) => Value::Decimal(-*n),
        other => return Err(Exception::invalid_cast(&other.net_type(), &Type::INT)),
    })
}

/// `~v`, also of enums.
pub(crate) fn complement(v: &Value) -> Result<Value> {
    Ok(match v {
        Value::Int32(n) => Value::Int32(!n),
        Value::UInt32(n) => Value::UInt32(!n),
        Value::Int64(n) => Value::Int64(!n),
        Value::UInt64(n) => Value::UInt64(!n),
        Value::Enum(id, n) => Value::Enum(*id, !n),
        other => return Err(Exception::invalid_cast(&other.net_type(), &Type::INT)),
    })
}
