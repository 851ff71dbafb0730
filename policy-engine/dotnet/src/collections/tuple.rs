//! `System.ValueTuple`: the object behind `(1, "a")`. The compiler makes it and reads its items by number.
use std::any::Any;
use std::cmp::Ordering;
use std::sync::Arc;

use super::nesting::Nesting;
use crate::ambient::Ambient;
use crate::exception::Result;
use crate::object;
use crate::types::{TupleType, Type};
use crate::value::{Object, Str, Value};

/// A value tuple; immutable (an assignment to an item makes a new one).
pub struct TupleObject {
    ty: Arc<TupleType>,
    items: Vec<Value>,
    nesting: Nesting,
}

/// A tuple of these items and their static types.
pub fn new_tuple(items: Vec<Value>, types: Vec<Type>) -> Value {
    let names = vec![None; types.len()];
    of_type(Arc::new(TupleType { items: types, names }), items)
}

/// A tuple of a known type.
pub fn of_type(ty: Arc<TupleType>, items: Vec<Value>) -> Value {
    let nesting = Nesting::over(&items);
    Value::object(TupleObject { ty, items, nesting })
}

/// Item `n`, from 0.
pub fn item(value: &Value, n: usize) -> Option<Value> {
    value.as_object::<TupleObject>()?.items.get(n).cloned()
}

/// All items.
pub fn items(value: &Value) -> Option<&[Value]> {
    value.as_object::<TupleObject>().map(|t| t.items.as_slice())
}

/// The same tuple with item `n` replaced.
pub fn with_item(value: &Value, n: usize, item: Value) -> Option<Value> {
    let tuple = value.as_object::<TupleObject>()?;
    let mut items = tuple.items.clone();
    *items.get_mut(n)? = item;
    Some(of_type(tuple.ty.clone(), items))
}

/// Text of a part, one level deeper.
pub(crate) fn nested_text(cx: &mut dyn Ambient, part: &Value) -> Result<Str> {
    if !matches!(part, Value::Object(_)) {
        return object::text(cx, part);
    }
    cx.enter()?;
    let text = object::text(cx, part);
    cx.leave();
    text
}

/// Combines hashes in order.
pub(crate) fn combine(hashes: impl Iterator<Item = i32>) -> i32 {
    hashes.fold(17, |all, h| all.wrapping_mul(-1_521_134_295).wrapping_add(h))
}

impl Drop for TupleObject {
    fn drop(&mut self) {
        super::graveyard::bury(std::mem::take(&mut self.items));
    }
}

impl Object for TupleObject {
    fn net_type(&self) -> Type {
        Type::Tuple(self.ty.clone())
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, cx: &mut dyn Ambient) -> Result<Str> {
        let mut text = String::from("(");
        for (i, item) in self.items.iter().enumerate() {
            if i > 0 {
                text.push_str(", ");
            }
            text.push_str(&nested_text(cx, item)?);
        }
        text.push(')');
        cx.charge_bytes(text.len())?;
        Ok(text.into())
    }
    fn equals(&self, other: &Value) -> bool {
        other.as_object::<TupleObject>().is_some_and(|o| {
            o.ty == self.ty
                && o.items.len() == self.items.len()
                && self.items.iter().zip(&o.items).all(|(a, b)| object::equals(a, b))
        })
    }
    fn hash_code(&self) -> i32 {
        combine(self.items.iter().map(object::hash_code))
    }
    fn nesting(&self) -> Nesting {
        self.nesting
    }
    fn compare(&self, other: &Value) -> Option<Ordering> {
        let other = other.as_object::<TupleObject>()?;
        for (a, b) in self.items.iter().zip(&other.items) {
            match object::compare(a, b).ok()? {
                Ordering::Equal => {}
                unequal => return Some(unequal),
            }
        }
        Some(Ordering::Equal)
    }
    fn fields(&self) -> Option<Vec<(Arc<str>, Value)>> {
        let name = |i: usize| Str::from(format!("Item{}", i.saturating_add(1)));
        Some(self.items.iter().enumerate().map(|(i, v)| (name(i), v.clone())).collect())
    }
}
