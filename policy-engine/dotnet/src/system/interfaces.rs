//! Interfaces of `System` that values implement: disposing, comparing, formatting, cloning.
use crate::format;
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::types::{TypeId, ids};
use crate::{Exception, Result, Value};

/// `IFormatProvider`
pub(crate) const FORMAT_PROVIDER: TypeId = TypeId("System.IFormatProvider");

/// Adds the interfaces.
pub(crate) fn define(b: &mut Builder) {
    b.interface(ids::DISPOSABLE).def("void Dispose()", dispose);
    b.interface(ids::COMPARABLE).def("int CompareTo(object obj)", compare_to);
    b.interface(ids::COMPARABLE_T).params(&["T"]).def("int CompareTo(T other)", compare_to);
    b.interface(ids::EQUATABLE_T).params(&["T"]).def("bool Equals(T other)", equals);
    b.interface(ids::FORMATTABLE).def("string ToString(string format, IFormatProvider formatProvider)", to_string);
    b.interface(TypeId("System.ICloneable")).def("object Clone()", clone);
    b.interface(FORMAT_PROVIDER);
}

fn dispose(c: &mut Call<'_>) -> Result<Value> {
    if let Value::Object(o) = c.arg(0) {
        o.dispose();
    }
    Ok(Value::Null)
}

fn compare_to(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::Int32(object::compare(c.arg(0), c.arg(1))? as i32))
}

fn equals(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::Bool(object::equals(c.arg(0), c.arg(1))))
}

fn to_string(c: &mut Call<'_>) -> Result<Value> {
    let (value, format) = (c.take(0), c.str_or_null(1).unwrap_or_default());
    format::format_value(c.cx, &value, &format).map(Value::Str)
}

/// Immutable values are their own copy; mutable ones override the member.
fn clone(c: &mut Call<'_>) -> Result<Value> {
    match c.take(0) {
        Value::Object(o) => {
            Err(Exception::not_supported(format!("Cloning `{}` through ICloneable is not supported.", o.net_type())))
        }
        value => Ok(value),
    }
}
