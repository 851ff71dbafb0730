//! `HashSet<T>.CreateSetComparer()`: sets are equal if they have the same items, whatever their order.
use std::cmp::Ordering;

use super::comparer::{Rules, new_comparer};
use super::hash_set::HashSetObject;
use crate::ambient::Ambient;
use crate::exception::Result;
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::value::Value;

const SET_COMPARER_T: TypeId = TypeId("System.Collections.Generic.HashSetEqualityComparer`1");

/// The rules; the items themselves compare by the rules of their sets where those agree, else by default.
struct SetRules;

impl Rules for SetRules {
    fn equals(&self, a: &Value, b: &Value) -> bool {
        match (a.as_object::<HashSetObject>(), b.as_object::<HashSetObject>()) {
            (None, None) => a.is_null() && b.is_null(),
            (Some(a), Some(b)) if a.has_rules_of(b) => a.len() == b.len() && b.items().iter().all(|i| a.contains(i)),
            // .NET compares each with each here; only whether every item of the second is in the first counts.
            (Some(a), Some(b)) => {
                let mine = a.items();
                b.items().iter().all(|theirs| mine.iter().any(|own| object::equals(own, theirs)))
            }
            _ => false,
        }
    }
    fn hash(&self, value: &Value) -> i32 {
        let items = value.as_object::<HashSetObject>().map(HashSetObject::items).unwrap_or_default();
        items.iter().fold(0, |hash, item| hash ^ (object::hash_code(item) & i32::MAX))
    }
    fn hashes_null(&self) -> bool {
        true
    }
    fn compare(&self, _: &mut dyn Ambient, a: &Value, b: &Value) -> Result<Ordering> {
        object::compare(a, b)
    }
}

/// `HashSet<T>.CreateSetComparer()`
pub(super) fn create(c: &mut Call<'_>) -> Result<Value> {
    Ok(new_comparer(Type::generic(SET_COMPARER_T, [c.ty(0)]), SetRules))
}

/// Adds the type.
pub(super) fn define(b: &mut Builder) {
    b.class(SET_COMPARER_T)
        .params(&["T"])
        .implements(&["IEqualityComparer<HashSet<T>>"])
        .def("bool Equals(HashSet<T> x, HashSet<T> y)", super::comparer::equals)
        .def("int GetHashCode(HashSet<T> obj)", super::comparer::hash);
}
