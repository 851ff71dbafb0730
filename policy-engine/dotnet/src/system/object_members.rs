//! `System.Object`, `System.ValueType` and `System.Type`.
use std::any::Any;

use crate::ambient::Ambient;
use crate::exception::Result;
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::types::{Type, ids};
use crate::value::{Object, Str, Value};

/// Adds the roots.
pub(crate) fn define(b: &mut Builder) {
    b.class(ids::OBJECT)
        .def("new()", |_| Ok(Value::object(Plain)))
        .def("string ToString()", to_string)
        .def("bool Equals(object obj)", equals)
        .def("int GetHashCode()", |c| Ok(Value::Int32(object::hash_code(c.arg(0)))))
        .def("Type GetType()", |c| Ok(object::type_object(c.arg(0).net_type())))
        .def("static bool Equals(object objA, object objB)", equals)
        .def("static bool ReferenceEquals(object objA, object objB)", |c| {
            Ok(Value::Bool(object::same_reference(c.arg(0), c.arg(1))))
        });
    b.class(ids::VALUE_TYPE);
    b.class(ids::TYPE)
        .pure("string Name", |c| Ok(named(c, object::short_name)))
        .pure("string FullName", |c| Ok(named(c, Type::clr_name)))
        .pure("string Namespace", |c| {
            let ty = object::as_type(c.arg(0));
            Ok(ty.and_then(|t| t.id()).map_or(Value::str("System"), |id| Value::str(id.namespace())))
        })
        .def("static bool operator ==(Type left, Type right)", equals)
        .def("static bool operator !=(Type left, Type right)", |c| {
            Ok(Value::Bool(!object::equals(c.arg(0), c.arg(1))))
        });
}

fn named(c: &Call<'_>, name: fn(&Type) -> String) -> Value {
    object::as_type(c.arg(0)).map_or(Value::Null, |t| Value::str(name(&t)))
}

fn to_string(c: &mut Call<'_>) -> Result<Value> {
    let value = c.take(0);
    object::text(c.cx, &value).map(Value::Str)
}

fn equals(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::Bool(object::equals(c.arg(0), c.arg(1))))
}

/// `new object()`.
struct Plain;

impl Object for Plain {
    fn net_type(&self) -> Type {
        Type::OBJECT
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `System.Type` as an object.
pub(crate) struct TypeObject(pub(crate) Type);

impl Object for TypeObject {
    fn net_type(&self) -> Type {
        Type::Simple(ids::TYPE)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, _: &mut dyn Ambient) -> Result<Str> {
        Ok(self.0.clr_name().into())
    }
    fn equals(&self, other: &Value) -> bool {
        other.as_object::<TypeObject>().is_some_and(|o| o.0 == self.0)
    }
    fn hash_code(&self) -> i32 {
        object::text_hash(self.0.clr_name().bytes())
    }
}
