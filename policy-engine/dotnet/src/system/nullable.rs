//! `System.Nullable<T>` and the static class `System.Nullable`. At run time a nullable is its value or null.
use crate::collections::cast;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::types::{Type, TypeId, ids};
use crate::value::Value;

/// Adds both.
pub(crate) fn define(b: &mut Builder) {
    b.structure(ids::NULLABLE)
        .params(&["T"])
        .pure("new(T value)", |c| Ok(c.take(0)))
        .pure("bool HasValue", |c| Ok(Value::Bool(!c.arg(0).is_null())))
        .pure("T Value", |c| match c.take(0) {
            Value::Null => Err(Exception::invalid_operation("Nullable object must have a value.")),
            v => Ok(v),
        })
        .pure("T GetValueOrDefault()", |c| match c.take(0) {
            Value::Null => {
                let item = c.ty(0);
                Ok(cast::default_value(c.cx.types(), &item))
            }
            v => Ok(v),
        })
        .pure("T GetValueOrDefault(T defaultValue)", |c| match c.take(0) {
            Value::Null => Ok(c.take(1)),
            v => Ok(v),
        })
        .pure("string ToString()", |c| {
            let v = c.take(0);
            object::text(c.cx, &v).map(Value::Str)
        })
        .pure("bool Equals(object other)", |c| Ok(Value::Bool(object::equals(c.arg(0), c.arg(1)))))
        .pure("int GetHashCode()", |c| Ok(Value::Int32(object::hash_code(c.arg(0)))));
    b.static_class(TypeId("System.Nullable"))
        .pure("static int Compare<T>(T? n1, T? n2)", |c| Ok(Value::Int32(object::compare(c.arg(0), c.arg(1))? as i32)))
        .pure("static bool Equals<T>(T? n1, T? n2)", |c| Ok(Value::Bool(object::equals(c.arg(0), c.arg(1)))))
        .def("static Type GetUnderlyingType(Type nullableType)", underlying);
}

fn underlying(c: &mut Call<'_>) -> Result<Value> {
    let ty = object::as_type(c.arg(0)).ok_or_else(|| Exception::argument_null("nullableType"))?;
    Ok(ty.nullable_of().cloned().map_or(Value::Null, |t: Type| object::type_object(t)))
}
