//! Run-time type tests, defaults and array element conversions: what `is`, `OfType<T>`, `default(T)` and stores into arrays need.
use super::{key_value_pair, tuple};
use crate::exception::{Exception, Result};
use crate::table::{TypeKind, TypeTable};
use crate::types::{Type, ids};
use crate::value::{DateTime, DateTimeOffset, Value};
use rust_decimal::Decimal;

/// Deepest nesting of type arguments that is looked through.
const MAX_TYPE_DEPTH: usize = 16;

/// Is it a scalar of exactly that type? Fast, for the common element types.
pub(crate) fn is_scalar(value: &Value, ty: &Type) -> bool {
    let Type::Simple(id) = ty else { return false };
    match value {
        Value::Str(_) => *id == ids::STRING,
        Value::Int32(_) => *id == ids::INT32,
        Value::Bool(_) => *id == ids::BOOLEAN,
        Value::Int64(_) => *id == ids::INT64,
        Value::Double(_) => *id == ids::DOUBLE,
        Value::Char(_) => *id == ids::CHAR,
        _ => false,
    }
}

/// `value is T`: false for `null`.
pub fn is_instance(table: &TypeTable, value: &Value, ty: &Type) -> bool {
    if value.is_null() {
        return false;
    }
    if is_scalar(value, ty) || *ty == Type::OBJECT {
        return true;
    }
    let target = ty.nullable_of().unwrap_or(ty);
    matches!(value, Value::Object(o) if o.is_exactly(target)) || is_assignable(table, &value.net_type(), target, 0)
}

/// Is an object of type `from` also one of type `to`: same, base class, interface, or along covariance.
pub fn is_subtype(table: &TypeTable, from: &Type, to: &Type) -> bool {
    is_assignable(table, from, to, 0)
}

fn is_assignable(table: &TypeTable, from: &Type, to: &Type, depth: usize) -> bool {
    if from == to || *to == Type::OBJECT || matches!(to, Type::Error) {
        return true;
    }
    if depth > MAX_TYPE_DEPTH {
        return false;
    }
    if let (Type::Array(a), Type::Array(b)) = (from, to) {
        return reference_assignable(table, a, b, depth);
    }
    if matches_variant(table, from, to, depth) {
        return true;
    }
    let mut at = table.base_of(from);
    while let Some(base) = at {
        if base == *to {
            return true;
        }
        at = table.base_of(&base);
    }
    table.interfaces_of(from).iter().any(|i| i == to || matches_variant(table, i, to, depth))
}

/// `IEnumerable<string>` is an `IEnumerable<object>`, but `IEnumerable<int>` is not: only references vary.
fn matches_variant(table: &TypeTable, from: &Type, to: &Type, depth: usize) -> bool {
    let (Type::Generic(a, from_args), Type::Generic(b, to_args)) = (from, to) else { return false };
    let Some(def) = (a == b).then(|| table.get(*a)).flatten() else { return false };
    from_args
        .iter()
        .zip(to_args.iter())
        .enumerate()
        .all(|(i, (x, y))| x == y || (def.covariant.get(i) == Some(&true) && reference_assignable(table, x, y, depth)))
}

fn reference_assignable(table: &TypeTable, from: &Type, to: &Type, depth: usize) -> bool {
    from == to
        || (!table.is_value_type(from)
            && from.nullable_of().is_none()
            && !table.is_value_type(to)
            && is_assignable(table, from, to, depth.saturating_add(1)))
}

/// `(T)(object)value`: unboxing and reference casts, no conversions. `InvalidCastException` or `NullReferenceException` as .NET.
pub fn unbox(table: &TypeTable, value: Value, ty: &Type) -> Result<Value> {
    if value.is_null() {
        return if table.is_value_type(ty) { Err(Exception::null_reference()) } else { Ok(Value::Null) };
    }
    if is_instance(table, &value, ty) {
        return Ok(value);
    }
    Err(Exception::invalid_cast(&value.net_type(), ty.nullable_of().unwrap_or(ty)))
}

/// `default(T)`.
pub fn default_value(table: &TypeTable, ty: &Type) -> Value {
    match ty {
        Type::Simple(id) => match *id {
            ids::STRING | ids::OBJECT => Value::Null,
            ids::BOOLEAN => Value::Bool(false),
            ids::CHAR => Value::Char(0),
            ids::SBYTE => Value::SByte(0),
            ids::BYTE => Value::Byte(0),
            ids::INT16 => Value::Int16(0),
            ids::UINT16 => Value::UInt16(0),
            ids::INT32 => Value::Int32(0),
            ids::UINT32 => Value::UInt32(0),
            ids::INT64 => Value::Int64(0),
            ids::UINT64 => Value::UInt64(0),
            ids::SINGLE => Value::Single(0.0),
            ids::DOUBLE => Value::Double(0.0),
            ids::DECIMAL => Value::Decimal(Decimal::ZERO),
            ids::DATE_TIME => Value::DateTime(DateTime { ticks: 0, kind: 0 }),
            ids::DATE_TIME_OFFSET => Value::DateTimeOffset(DateTimeOffset { ticks: 0, offset_minutes: 0 }),
            ids::TIME_SPAN => Value::TimeSpan(0),
            ids::GUID => Value::Guid([0; 16]),
            id => match table.get(id).map(|d| d.kind) {
                Some(TypeKind::Enum { .. }) => Value::Enum(id, 0),
                _ => Value::Null,
            },
        },
        Type::Tuple(t) => tuple::new_tuple(t.items.iter().map(|i| default_value(table, i)).collect(), t.items.clone()),
        Type::Generic(id, args) if *id == ids::KEY_VALUE_PAIR_T => {
            let part = |n: usize| args.get(n).map_or(Value::Null, |t| default_value(table, t));
            key_value_pair::new_pair(ty, part(0), part(1))
        }
        _ => Value::Null,
    }
}
