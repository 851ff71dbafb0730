//! `OrderBy`, `ThenBy` and their descending forms: stable, by all keys at once, when the first item is asked for.
use std::any::Any;
use std::cmp::Ordering;
use std::sync::Arc;

use super::{all, call, chain_depth, delegate, source};
use crate::ambient::Ambient;
use crate::collections::comparer::Order;
use crate::collections::names::ENUMERABLE_CLASS;
use crate::collections::sorting;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::{Type, ids};
use crate::value::{Enumerator, Object, Str, Value};

/// An ordered query: its source and its keys, most important first.
pub(crate) struct Ordered {
    item: Type,
    key_type: Type,
    depth: usize,
    recipe: Arc<Recipe>,
}

struct Recipe {
    source: Value,
    keys: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    /// `None` orders by the item itself.
    selector: Option<Value>,
    order: Order,
    descending: bool,
}

impl Ordered {
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    /// What is ordered: counting needs no order.
    pub(crate) fn source(&self) -> &Value {
        &self.recipe.source
    }
}

impl Object for Ordered {
    fn net_type(&self) -> Type {
        Type::generic(ids::ORDERED_ENUMERABLE_T, [self.item.clone()])
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, _: &mut dyn Ambient) -> Result<Str> {
        Ok(format!("System.Linq.OrderedEnumerable`2[{},{}]", self.item.clr_name(), self.key_type.clr_name()).into())
    }
    fn enumerate(&self, _: &Arc<dyn Object>) -> Option<Box<dyn Enumerator>> {
        Some(Box::new(Walk { recipe: self.recipe.clone(), sorted: None }))
    }
}

struct Walk {
    recipe: Arc<Recipe>,
    sorted: Option<std::vec::IntoIter<Value>>,
}

impl Enumerator for Walk {
    fn next(&mut self, cx: &mut dyn Ambient) -> Result<Option<Value>> {
        if let Some(sorted) = &mut self.sorted {
            return Ok(sorted.next());
        }
        let items = self.recipe.sort(cx)?;
        Ok(self.sorted.insert(items.into_iter()).next())
    }
}

impl Recipe {
    /// Keys are computed once an item, the first key of all items before the second of any.
    fn sort(&self, cx: &mut dyn Ambient) -> Result<Vec<Value>> {
        let items = all(cx, &self.source)?;
        let mut rows: Vec<(Vec<Value>, Value)> = items.into_iter().map(|item| (Vec::new(), item)).collect();
        for key in &self.keys {
            cx.charge_bytes(rows.len().saturating_mul(size_of::<Value>().saturating_mul(2)))?;
            for (keys, item) in &mut rows {
                cx.charge_steps(1)?;
                keys.push(match &key.selector {
                    Some(f) => call(cx, f, &mut [item.clone()])?,
                    None => item.clone(),
                });
            }
        }
        let sorted = sorting::sort_by(cx, rows, &mut |cx, a, b| self.compare(cx, &a.0, &b.0));
        let sorted = sorted.map_err(sorting::failed_comparison)?;
        Ok(sorted.into_iter().map(|(_, item)| item).collect())
    }

    fn compare(&self, cx: &mut dyn Ambient, a: &[Value], b: &[Value]) -> Result<Ordering> {
        for ((key, x), y) in self.keys.iter().zip(a).zip(b) {
            let order = key.order.compare(cx, x, y)?;
            if order != Ordering::Equal {
                return Ok(if key.descending { order.reverse() } else { order });
            }
        }
        Ok(Ordering::Equal)
    }
}

/// `OrderBy(source, keySelector[, comparer])`.
fn order_by(c: &mut Call<'_>, descending: bool) -> Result<Value> {
    let (from, f) = (source(c)?, delegate(c, 1, "keySelector")?);
    let key = Key { selector: Some(f), order: Order::of(c.arg(2))?, descending };
    ordered(c.ty(0), c.ty(1), chain_depth(&[&from])?, from, vec![key])
}

/// `Order(source[, comparer])`.
fn order(c: &mut Call<'_>, descending: bool) -> Result<Value> {
    let from = source(c)?;
    let key = Key { selector: None, order: Order::of(c.arg(1))?, descending };
    ordered(c.ty(0), c.ty(0), chain_depth(&[&from])?, from, vec![key])
}

fn ordered(item: Type, key_type: Type, depth: usize, source: Value, keys: Vec<Key>) -> Result<Value> {
    Ok(Value::object(Ordered { item, key_type, depth, recipe: Arc::new(Recipe { source, keys }) }))
}

/// `ThenBy(source, keySelector[, comparer])`: the source's keys and one more.
fn then_by(c: &mut Call<'_>, descending: bool) -> Result<Value> {
    let (from, f) = (source(c)?, delegate(c, 1, "keySelector")?);
    let Some(parent) = from.as_object::<Ordered>() else {
        return Err(Exception::invalid_cast(&from.net_type(), &Type::generic(ids::ORDERED_ENUMERABLE_T, [c.ty(0)])));
    };
    let mut keys = parent.recipe.keys.clone();
    keys.push(Key { selector: Some(f), order: Order::of(c.arg(2))?, descending });
    let depth = chain_depth(&[&from])?;
    ordered(c.ty(0), c.ty(1), depth, parent.recipe.source.clone(), keys)
}

pub(super) fn define(b: &mut Builder) {
    b.static_class(ENUMERABLE_CLASS)
        .def("static IOrderedEnumerable<T> OrderBy<T, K>(this IEnumerable<T> source, Func<T, K> keySelector)", |c| {
            order_by(c, false)
        })
        .def(
            "static IOrderedEnumerable<T> OrderBy<T, K>(this IEnumerable<T> source, Func<T, K> keySelector, IComparer<K> comparer)",
            |c| order_by(c, false),
        )
        .def(
            "static IOrderedEnumerable<T> OrderByDescending<T, K>(this IEnumerable<T> source, Func<T, K> keySelector)",
            |c| order_by(c, true),
        )
        .def(
            "static IOrderedEnumerable<T> OrderByDescending<T, K>(this IEnumerable<T> source, Func<T, K> keySelector, \
             IComparer<K> comparer)",
            |c| order_by(c, true),
        )
        .def("static IOrderedEnumerable<T> ThenBy<T, K>(this IOrderedEnumerable<T> source, Func<T, K> keySelector)", |c| {
            then_by(c, false)
        })
        .def(
            "static IOrderedEnumerable<T> ThenBy<T, K>(this IOrderedEnumerable<T> source, Func<T, K> keySelector, \
             IComparer<K> comparer)",
            |c| then_by(c, false),
        )
        .def(
            "static IOrderedEnumerable<T> ThenByDescending<T, K>(this IOrderedEnumerable<T> source, Func<T, K> keySelector)",
            |c| then_by(c, true),
        )
        .def(
            "static IOrderedEnumerable<T> ThenByDescending<T, K>(this IOrderedEnumerable<T> source, Func<T, K> keySelector, \
             IComparer<K> comparer)",
            |c| then_by(c, true),
        )
        .def("static IOrderedEnumerable<T> Order<T>(this IEnumerable<T> source)", |c| order(c, false))
        .def("static IOrderedEnumerable<T> Order<T>(this IEnumerable<T> source, IComparer<T> comparer)", |c| order(c, false))
        .def("static IOrderedEnumerable<T> OrderDescending<T>(this IEnumerable<T> source)", |c| order(c, true))
        .def("static IOrderedEnumerable<T> OrderDescending<T>(this IEnumerable<T> source, IComparer<T> comparer)", |c| {
            order(c, true)
        });
}
