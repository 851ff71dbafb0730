//! Run-time values. Scalars are inline (no boxing); everything with identity is an [`Object`] behind an `Arc`.
//!
//! INVARIANT: a value's run-time type is [`Value::net_type`]; the binder only converts where C# does, so a member may trust
//! the static type of its arguments up to `null`.
use std::any::Any;
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::ambient::Ambient;
use crate::collections::array::ArrayObject;
use crate::collections::nesting::Nesting;
use crate::exception::{Exception, Result};
use crate::types::{Type, TypeId, ids};

/// A .NET string. Held as UTF-8; indices and lengths are in UTF-16 code units as in .NET, with a fast path for ASCII.
/// Half a character (a lone surrogate) has a stand-in: see [`crate::utf16`].
pub type Str = Arc<str>;

/// Ticks (100 ns since 0001-01-01) and kind of a `DateTime`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct DateTime {
    /// 0 ..= 3155378975999999999.
    pub ticks: i64,
    /// 0 unspecified, 1 UTC, 2 local.
    pub kind: u8,
}

/// Clock ticks in its own offset, and that offset in minutes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct DateTimeOffset {
    /// Local clock reading in ticks.
    pub ticks: i64,
    /// Minutes east of UTC, within 14 hours.
    pub offset_minutes: i16,
}

/// A run-time value.
#[derive(Clone, Default)]
pub enum Value {
    /// `null` (also of a nullable value type). A `void` call gives it too.
    #[default]
    Null,
    /// `bool`
    Bool(bool),
    /// `char`, one UTF-16 code unit
    Char(u16),
    /// `sbyte`
    SByte(i8),
    /// `byte`
    Byte(u8),
    /// `short`
    Int16(i16),
    /// `ushort`
    UInt16(u16),
    /// `int`
    Int32(i32),
    /// `uint`
    UInt32(u32),
    /// `long`
    Int64(i64),
    /// `ulong`
    UInt64(u64),
    /// `float`
    Single(f32),
    /// `double`
    Double(f64),
    /// `decimal`
    Decimal(Decimal),
    /// `string`
    Str(Str),
    /// `System.DateTime`
    DateTime(DateTime),
    /// `System.DateTimeOffset`
    DateTimeOffset(DateTimeOffset),
    /// `System.TimeSpan` in ticks
    TimeSpan(i64),
    /// `System.Guid`, bytes in the order of `Guid.ToString("N")` (big-endian fields)
    Guid([u8; 16]),
    /// An enum value: its type and number
    Enum(TypeId, i32),
    /// Reference into per-request state that the host of the evaluation owns (such as `context.Request`): its type, and which of
    /// several by the host's own numbering. No allocation, no count.
    Handle(TypeId, u32),
    /// A delegate
    Func(Arc<dyn Callable>),
    /// Everything else
    Object(Arc<dyn Object>),
}

/// Something that can be called: a lambda, a method group, a local function.
pub trait Callable: Send + Sync {
    /// Calls it; `args` may be changed by `ref`/`out` parameters.
    fn call(&self, cx: &mut dyn Ambient, args: &mut [Value]) -> Result<Value>;
    /// The delegate type it was converted to.
    fn net_type(&self) -> Type;
    /// Does it leave its arguments as they are?
    fn keeps_args(&self) -> bool {
        false
    }
    /// The delegates that it is combined of; none for a plain one.
    fn targets(&self) -> &[Arc<dyn Callable>] {
        &[]
    }
}

/// A reference object (or a struct that is not one of the inline ones; those must be immutable).
pub trait Object: Any + Send + Sync {
    /// Run-time type.
    fn net_type(&self) -> Type;
    /// Is that the run-time type? Where the type is put together for the answer, comparing its parts is cheaper.
    fn is_exactly(&self, ty: &Type) -> bool {
        self.net_type() == *ty
    }
    /// For downcasts; return `self`.
    fn as_any(&self) -> &dyn Any;
    /// The array, if it is one. The language itself indexes arrays, in loops: this asks with one call where a downcast takes two.
    fn as_array(&self) -> Option<&ArrayObject> {
        None
    }
    /// `Object.ToString()`; .NET's default is the type name.
    fn to_text(&self, cx: &mut dyn Ambient) -> Result<Str> {
        let _ = cx;
        Ok(self.net_type().clr_name().into())
    }
    /// `IFormattable.ToString(format)`; what is not formattable ignores the format.
    fn format_text(&self, cx: &mut dyn Ambient, format: &str) -> Result<Str> {
        let _ = format;
        self.to_text(cx)
    }
    /// `Object.Equals`; the default is identity.
    fn equals(&self, other: &Value) -> bool {
        match other {
            Value::Object(o) => std::ptr::addr_eq(std::ptr::from_ref(self), Arc::as_ptr(o)),
            _ => false,
        }
    }
    /// `Object.GetHashCode`; must agree with `equals`. The default hashes the identity.
    fn hash_code(&self) -> i32 {
        let address = std::ptr::from_ref(self).cast::<()>().addr();
        #[expect(clippy::cast_possible_truncation, reason = "any 32 bits of the address will do")]
        let hash = (address >> 4) as u32;
        hash.cast_signed()
    }
    /// `IComparable.CompareTo`, if it has one.
    fn compare(&self, other: &Value) -> Option<std::cmp::Ordering> {
        let _ = other;
        None
    }
    /// `IEnumerable.GetEnumerator`, if it is a sequence. `this` is the counted reference to `self`.
    fn enumerate(&self, this: &Arc<dyn Object>) -> Option<Box<dyn Enumerator>> {
        let _ = this;
        None
    }
    /// Number of items where known without walking (lists, arrays, dictionaries).
    fn count(&self) -> Option<usize> {
        None
    }
    /// How deep and how large a walk through its parts is, where equality and hash make such walks.
    fn nesting(&self) -> Nesting {
        Nesting::default()
    }
    /// `IDisposable.Dispose`.
    fn dispose(&self) {}
    /// Fields in order for canonical output of anonymous types, tuples and groups; `None` for others.
    fn fields(&self) -> Option<Vec<(Arc<str>, Value)>> {
        None
    }
}

/// A running iteration. Send, so that it may live in a variable of a request.
pub trait Enumerator: Send + Sync {
    /// Next item, `None` at the end. Must charge `cx` if it can be endless.
    fn next(&mut self, cx: &mut dyn Ambient) -> Result<Option<Value>>;
}

impl Value {
    /// A string value.
    pub fn str(text: impl Into<Str>) -> Value {
        Value::Str(text.into())
    }

    /// Wraps an object.
    pub fn object(object: impl Object) -> Value {
        Value::Object(Arc::new(object))
    }

    /// Is it `null`?
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// Run-time type; [`Type::Null`] for `null`.
    pub fn net_type(&self) -> Type {
        match self {
            Value::Null => Type::Null,
            Value::Bool(_) => Type::BOOL,
            Value::Char(_) => Type::CHAR,
            Value::SByte(_) => Type::SBYTE,
            Value::Byte(_) => Type::BYTE,
            Value::Int16(_) => Type::SHORT,
            Value::UInt16(_) => Type::USHORT,
            Value::Int32(_) => Type::INT,
            Value::UInt32(_) => Type::UINT,
            Value::Int64(_) => Type::LONG,
            Value::UInt64(_) => Type::ULONG,
            Value::Single(_) => Type::FLOAT,
            Value::Double(_) => Type::DOUBLE,
            Value::Decimal(_) => Type::DECIMAL,
            Value::Str(_) => Type::STRING,
            Value::DateTime(_) => Type::DATE_TIME,
            Value::DateTimeOffset(_) => Type::DATE_TIME_OFFSET,
            Value::TimeSpan(_) => Type::TIME_SPAN,
            Value::Guid(_) => Type::GUID,
            Value::Enum(id, _) => Type::Simple(*id),
            Value::Handle(id, _) => Type::Simple(*id),
            Value::Func(f) => f.net_type(),
            Value::Object(o) => o.net_type(),
        }
    }

    /// Downcast to a concrete object type.
    pub fn as_object<T: Object>(&self) -> Option<&T> {
        match self {
            Value::Object(o) => o.as_any().downcast_ref(),
            _ => None,
        }
    }

    /// Text of a string value.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Str(s) => Some(s),
            _ => None,
        }
    }

    /// Starts an iteration over a sequence; `NullReferenceException` on `null`, `InvalidCastException` on what is no sequence.
    pub fn enumerate(&self) -> Result<Box<dyn Enumerator>> {
        match self {
            Value::Null => Err(Exception::null_reference()),
            Value::Object(o) => {
                o.enumerate(o).ok_or_else(|| Exception::invalid_cast(&self.net_type(), &Type::Simple(ids::ENUMERABLE)))
            }
            Value::Str(s) => Ok(Box::new(Chars { units: crate::utf16::units(s).into_iter() })),
            other => Err(Exception::invalid_cast(&other.net_type(), &Type::Simple(ids::ENUMERABLE))),
        }
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Bool(v) => write!(f, "{v}"),
            Value::Int32(v) => write!(f, "{v}"),
            Value::Str(v) => write!(f, "{v:?}"),
            other => write!(f, "{}", other.net_type()),
        }
    }
}

struct Chars {
    units: std::vec::IntoIter<u16>,
}

impl Enumerator for Chars {
    fn next(&mut self, _: &mut dyn Ambient) -> Result<Option<Value>> {
        Ok(self.units.next().map(Value::Char))
    }
}

#[cfg(test)]
mod tests {
    use super::Value;

    /// A larger value makes every slot, argument list and result larger: growth is a decision.
    #[test]
    fn values_are_three_words() {
        assert_eq!(size_of::<Value>(), 24);
    }
}
