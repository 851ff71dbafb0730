//! `System.Collections.Generic.KeyValuePair<K, V>` and the static class that creates it.
use std::any::Any;
use std::sync::Arc;

use super::nesting::{self, Nesting};
use super::tuple::{combine, nested_text};
use crate::ambient::Ambient;
use crate::exception::Result;
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::types::{Type, TypeId, ids};
use crate::value::{Object, Str, Value};

/// A key with its value.
pub struct PairObject {
    ty: Type,
    key: Value,
    value: Value,
    nesting: Nesting,
}

/// A pair of the constructed type `ty` (`KeyValuePair<string, int>`).
pub fn new_pair(ty: &Type, key: Value, value: Value) -> Value {
    let nesting = Nesting::over([&key, &value]);
    Value::object(PairObject { ty: ty.clone(), key, value, nesting })
}

/// The constructed pair type.
pub fn pair_type(key: Type, value: Type) -> Type {
    Type::generic(ids::KEY_VALUE_PAIR_T, [key, value])
}

/// Key and value of a pair.
pub fn parts(value: &Value) -> Option<(&Value, &Value)> {
    value.as_object::<PairObject>().map(|p| (&p.key, &p.value))
}

impl Drop for PairObject {
    fn drop(&mut self) {
        super::graveyard::bury(vec![std::mem::take(&mut self.key), std::mem::take(&mut self.value)]);
    }
}

impl Object for PairObject {
    fn net_type(&self) -> Type {
        self.ty.clone()
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, cx: &mut dyn Ambient) -> Result<Str> {
        let (key, value) = (nested_text(cx, &self.key)?, nested_text(cx, &self.value)?);
        cx.charge_bytes(key.len().saturating_add(value.len()))?;
        Ok(format!("[{key}, {value}]").into())
    }
    fn equals(&self, other: &Value) -> bool {
        other.as_object::<PairObject>().is_some_and(|o| {
            o.ty == self.ty && object::equals(&self.key, &o.key) && object::equals(&self.value, &o.value)
        })
    }
    fn hash_code(&self) -> i32 {
        combine([object::hash_code(&self.key), object::hash_code(&self.value)].into_iter())
    }
    fn nesting(&self) -> Nesting {
        self.nesting
    }
    fn fields(&self) -> Option<Vec<(Arc<str>, Value)>> {
        Some(vec![("Key".into(), self.key.clone()), ("Value".into(), self.value.clone())])
    }
}

fn create(c: &mut Call<'_>) -> Result<Value> {
    let ty = pair_type(c.ty(0), c.ty(1));
    let (key, value) = (c.take(0), c.take(1));
    nesting::charge(c.cx, new_pair(&ty, key, value))
}

fn deconstruct(c: &mut Call<'_>) -> Result<Value> {
    if let Some((key, value)) = parts(c.arg(0)).map(|(k, v)| (k.clone(), v.clone())) {
        c.set(1, key);
        c.set(2, value);
    }
    Ok(Value::Null)
}

pub(crate) fn define(b: &mut Builder) {
    b.structure(ids::KEY_VALUE_PAIR_T)
        .params(&["K", "V"])
        .def("new(K key, V value)", create)
        .def("K Key", |c| Ok(parts(c.arg(0)).map(|p| p.0.clone()).unwrap_or_default()))
        .def("V Value", |c| Ok(parts(c.arg(0)).map(|p| p.1.clone()).unwrap_or_default()))
        .def("void Deconstruct(out K key, out V value)", deconstruct);
    b.static_class(TypeId("System.Collections.Generic.KeyValuePair"))
        .def("static KeyValuePair<K, V> Create<K, V>(K key, V value)", create);
}
