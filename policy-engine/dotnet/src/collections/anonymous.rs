//! Objects of anonymous types: `new { A = 1, B = "x" }`.
use std::any::Any;
use std::sync::Arc;

use super::nesting::Nesting;
use super::tuple::{combine, nested_text};
use crate::ambient::Ambient;
use crate::exception::Result;
use crate::object;
use crate::types::{Shape, Type};
use crate::value::{Object, Str, Value};

/// An object of an anonymous type; immutable.
pub struct AnonymousObject {
    shape: Arc<Shape>,
    values: Vec<Value>,
    nesting: Nesting,
}

/// An object of that shape; `values` in the order of its fields.
pub fn new_anonymous(shape: Arc<Shape>, values: Vec<Value>) -> Value {
    let nesting = Nesting::over(&values);
    Value::object(AnonymousObject { shape, values, nesting })
}

/// Value of field `n`, from 0.
pub fn field(value: &Value, n: usize) -> Option<Value> {
    value.as_object::<AnonymousObject>()?.values.get(n).cloned()
}

impl AnonymousObject {
    /// Its fields' names and types.
    pub fn shape(&self) -> &Arc<Shape> {
        &self.shape
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&Str, &Value)> {
        self.shape.fields.iter().map(|(name, _)| name).zip(&self.values)
    }
}

impl Drop for AnonymousObject {
    fn drop(&mut self) {
        super::graveyard::bury(std::mem::take(&mut self.values));
    }
}

impl Object for AnonymousObject {
    fn net_type(&self) -> Type {
        Type::Anonymous(self.shape.clone())
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, cx: &mut dyn Ambient) -> Result<Str> {
        let mut text = String::from("{ ");
        for (i, (name, value)) in self.iter().enumerate() {
            if i > 0 {
                text.push_str(", ");
            }
            text.push_str(name);
            text.push_str(" = ");
            text.push_str(&nested_text(cx, value)?);
        }
        text.push_str(if self.values.is_empty() { "}" } else { " }" });
        cx.charge_bytes(text.len())?;
        Ok(text.into())
    }
    fn equals(&self, other: &Value) -> bool {
        other.as_object::<AnonymousObject>().is_some_and(|o| {
            o.shape == self.shape && self.values.iter().zip(&o.values).all(|(a, b)| object::equals(a, b))
        })
    }
    fn hash_code(&self) -> i32 {
        combine(self.values.iter().map(object::hash_code))
    }
    fn nesting(&self) -> Nesting {
        self.nesting
    }
    fn fields(&self) -> Option<Vec<(Arc<str>, Value)>> {
        Some(self.iter().map(|(n, v)| (n.clone(), v.clone())).collect())
    }
}
