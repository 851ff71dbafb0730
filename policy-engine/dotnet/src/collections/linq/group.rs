//! `GroupBy` and `ToLookup`: groups in the order in which their keys appear.
use std::any::Any;
use std::sync::Arc;

use super::{Source, call, delegate, query, source};
use crate::ambient::Ambient;
use crate::collections::comparer::Equality;
use crate::collections::enumerator::{Items, get_enumerator};
use crate::collections::graveyard;
use crate::collections::hash::HashTableOf;
use crate::collections::list::new_list;
use crate::collections::names::{self, ENUMERABLE_CLASS};
use crate::collections::search::index;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::{Type, TypeId, ids};
use crate::value::{Enumerator, Object, Str, Value};

const LOOKUP_CLASS: TypeId = TypeId("System.Linq.Lookup`2");

/// A key and the items under it.
pub(crate) struct Grouping {
    key_type: Type,
    item_type: Type,
    key: Value,
    items: Vec<Value>,
}

impl Drop for Grouping {
    fn drop(&mut self) {
        self.items.push(std::mem::take(&mut self.key));
        graveyard::bury(std::mem::take(&mut self.items));
    }
}

impl Object for Grouping {
    fn net_type(&self) -> Type {
        Type::generic(ids::GROUPING_T, [self.key_type.clone(), self.item_type.clone()])
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, _: &mut dyn Ambient) -> Result<Str> {
        Ok(format!("System.Linq.Grouping`2[{},{}]", self.key_type.clr_name(), self.item_type.clr_name()).into())
    }
    fn enumerate(&self, this: &Arc<dyn Object>) -> Option<Box<dyn Enumerator>> {
        Some(Box::new(GroupWalk { group: this.clone(), at: 0 }))
    }
    fn count(&self) -> Option<usize> {
        Some(self.items.len())
    }
    fn fields(&self) -> Option<Vec<(Arc<str>, Value)>> {
        let items = new_list(self.item_type.clone(), self.items.clone());
        Some(vec![("Key".into(), self.key.clone()), ("Items".into(), items)])
    }
}

struct GroupWalk {
    group: Arc<dyn Object>,
    at: usize,
}

impl Enumerator for GroupWalk {
    fn next(&mut self, _: &mut dyn Ambient) -> Result<Option<Value>> {
        let item = self.group.as_any().downcast_ref::<Grouping>().and_then(|g| g.items.get(self.at)).cloned();
        self.at = self.at.saturating_add(1);
        Ok(item)
    }
}

/// `group.Key`
pub(super) fn key(c: &mut Call<'_>) -> Result<Value> {
    c.arg(0).as_object::<Grouping>().map(|g| g.key.clone()).ok_or_else(Exception::null_reference)
}

/// How items are put under keys.
#[derive(Clone)]
pub(super) struct Recipe {
    pub(super) source: Value,
    pub(super) key: Value,
    pub(super) element: Option<Value>,
    pub(super) equality: Equality,
    /// Items without a key are left out (joins do so).
    pub(super) skip_null: bool,
}

pub(super) type Groups = HashTableOf<Vec<Value>>;

impl Recipe {
    pub(super) fn run(&self, cx: &mut dyn Ambient) -> Result<Groups> {
        let (mut groups, mut from) = (Groups::new(self.equality.clone()), Source::of(&self.source));
        while let Some(item) = from.next(cx)? {
            let key = call(cx, &self.key, &mut [item.clone()])?;
            let element = match &self.element {
                Some(f) => call(cx, f, &mut [item])?,
                None => item,
            };
            if key.is_null() && self.skip_null {
                continue;
            }
            cx.charge_bytes(size_of::<Value>())?;
            match groups.get_mut(&key) {
                Some(items) => items.push(element),
                None => {
                    cx.charge_bytes(groups.growth())?;
                    groups.try_insert(key, vec![element]);
                }
            }
        }
        Ok(groups)
    }
}

fn as_groups(groups: Groups, key_type: &Type, item_type: &Type) -> Vec<Value> {
    let group =
        |(key, items)| Value::object(Grouping { key_type: key_type.clone(), item_type: item_type.clone(), key, items });
    groups.into_entries().map(group).collect()
}

/// Arguments after the key selector, by kind of overload.
struct Shape {
    element: bool,
    result: bool,
}

fn recipe(c: &mut Call<'_>, shape: &Shape) -> Result<(Recipe, Option<Value>)> {
    let (from, key) = (source(c)?, delegate(c, 1, "keySelector")?);
    let mut at = 2;
    let mut next = |c: &mut Call<'_>, wanted: bool, name: &str| {
        if !wanted {
            return Ok(None);
        }
        let f = delegate(c, at, name)?;
        at = at.saturating_add(1);
        Ok(Some(f))
    };
    let element = next(c, shape.element, "elementSelector")?;
    let result = next(c, shape.result, "resultSelector")?;
    let equality = Equality::of(c.arg(at))?;
    Ok((Recipe { source: from, key, element, equality, skip_null: false }, result))
}

fn group_by(c: &mut Call<'_>, shape: &Shape) -> Result<Value> {
    let (recipe, result) = recipe(c, shape)?;
    let (key_type, item_type) = (c.ty(1), if shape.element { c.ty(2) } else { c.ty(0) });
    let group_type = Type::generic(ids::GROUPING_T, [key_type.clone(), item_type.clone()]);
    let yields = if shape.result { c.types.last().cloned().unwrap_or(Type::OBJECT) } else { group_type };
    query("GroupedEnumerable", yields, &[&recipe.source.clone()], move || {
        let (recipe, result) = (recipe.clone(), result.clone());
        let (key_type, item_type) = (key_type.clone(), item_type.clone());
        let mut groups: Option<std::vec::IntoIter<Value>> = None;
        move |cx| {
            let groups = match &mut groups {
                Some(groups) => groups,
                None => groups.insert(as_groups(recipe.run(cx)?, &key_type, &item_type).into_iter()),
            };
            let Some(group) = groups.next() else { return Ok(None) };
            match (&result, group.as_object::<Grouping>()) {
                (Some(f), Some(g)) => call(cx, f, &mut [g.key.clone(), group.clone()]).map(Some),
                _ => Ok(Some(group)),
            }
        }
    })
}

/// The result of `ToLookup`.
pub(crate) struct Lookup {
    key_type: Type,
    item_type: Type,
    groups: HashTableOf<Value>,
}

impl Drop for Lookup {
    fn drop(&mut self) {
        graveyard::bury(self.groups.take_values());
    }
}

impl Object for Lookup {
    fn net_type(&self) -> Type {
        Type::generic(LOOKUP_CLASS, [self.key_type.clone(), self.item_type.clone()])
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn enumerate(&self, _: &Arc<dyn Object>) -> Option<Box<dyn Enumerator>> {
        Some(Items::boxed(self.groups.iter().map(|(_, g)| g.clone()).collect()))
    }
    fn count(&self) -> Option<usize> {
        Some(self.groups.len())
    }
}

fn to_lookup(c: &mut Call<'_>, shape: &Shape) -> Result<Value> {
    let (recipe, _) = recipe(c, shape)?;
    let (key_type, item_type) = (c.ty(1), if shape.element { c.ty(2) } else { c.ty(0) });
    let mut groups = HashTableOf::new(recipe.equality.clone());
    for group in as_groups(recipe.run(c.cx)?, &key_type, &item_type) {
        if let Some(key) = group.as_object::<Grouping>().map(|g| g.key.clone()) {
            groups.try_insert(key, group);
        }
    }
    Ok(Value::object(Lookup { key_type, item_type, groups }))
}

fn lookup<'a>(c: &'a Call<'_>) -> Result<&'a Lookup> {
    c.arg(0).as_object::<Lookup>().ok_or_else(Exception::null_reference)
}

/// `lookup[key]`: an empty sequence if the key is missing.
fn lookup_get(c: &mut Call<'_>) -> Result<Value> {
    let lookup = lookup(c)?;
    match lookup.groups.get(c.arg(1)) {
        Some(group) => Ok(group.clone()),
        None => query("EmptyPartition", lookup.item_type.clone(), &[], || |_| Ok(None)),
    }
}

pub(super) fn define_lookup(b: &mut Builder) {
    let interfaces: &[&str] = &["IEnumerable<IGrouping<K, T>>", "IEnumerable"];
    b.interface(names::LOOKUP_T)
        .params(&["K", "T"])
        .implements(interfaces)
        .def("int Count", |c| Ok(index(lookup(c)?.groups.len())))
        .def("bool Contains(K key)", |c| Ok(Value::Bool(lookup(c)?.groups.contains(c.arg(1)))))
        .def("IEnumerable<T> this[K key]", lookup_get);
    b.class(LOOKUP_CLASS)
        .params(&["K", "T"])
        .implements(&["ILookup<K, T>"])
        .implements(interfaces)
        .def("int Count", |c| Ok(index(lookup(c)?.groups.len())))
        .def("bool Contains(K key)", |c| Ok(Value::Bool(lookup(c)?.groups.contains(c.arg(1)))))
        .def("IEnumerable<T> this[K key]", lookup_get)
        .def("IEnumerator<IGrouping<K, T>> GetEnumerator()", get_enumerator);
}

const PLAIN: Shape = Shape { element: false, result: false };
const ELEMENT: Shape = Shape { element: true, result: false };
const RESULT: Shape = Shape { element: false, result: true };
const BOTH: Shape = Shape { element: true, result: true };

/// One overload without comparer and one with.
macro_rules! with_comparer {
    ($b:ident, $head:literal, $f:expr) => {
        $b.static_class(ENUMERABLE_CLASS)
            .def(concat!($head, ")"), $f)
            .def(concat!($head, ", IEqualityComparer<K> comparer)"), $f);
    };
}

pub(super) fn define(b: &mut Builder) {
    with_comparer!(
        b,
        "static IEnumerable<IGrouping<K, T>> GroupBy<T, K>(this IEnumerable<T> source, Func<T, K> keySelector",
        |c| group_by(c, &PLAIN)
    );
    with_comparer!(
        b,
        "static IEnumerable<IGrouping<K, E>> GroupBy<T, K, E>(this IEnumerable<T> source, Func<T, K> keySelector, \
         Func<T, E> elementSelector",
        |c| group_by(c, &ELEMENT)
    );
    with_comparer!(
        b,
        "static IEnumerable<R> GroupBy<T, K, R>(this IEnumerable<T> source, Func<T, K> keySelector, \
         Func<K, IEnumerable<T>, R> resultSelector",
        |c| group_by(c, &RESULT)
    );
    with_comparer!(
        b,
        "static IEnumerable<R> GroupBy<T, K, E, R>(this IEnumerable<T> source, Func<T, K> keySelector, \
         Func<T, E> elementSelector, Func<K, IEnumerable<E>, R> resultSelector",
        |c| group_by(c, &BOTH)
    );
    with_comparer!(b, "static ILookup<K, T> ToLookup<T, K>(this IEnumerable<T> source, Func<T, K> keySelector", |c| {
        to_lookup(c, &PLAIN)
    });
    with_comparer!(
        b,
        "static ILookup<K, E> ToLookup<T, K, E>(this IEnumerable<T> source, Func<T, K> keySelector, Func<T, E> elementSelector",
        |c| to_lookup(c, &ELEMENT)
    );
}
