//! `SortedDictionary<K, V>`, `SortedList<K, V>` and `SortedSet<T>`: one object, a vector in the order of its comparer.
use std::any::Any;
use std::cmp::Ordering;
use std::sync::Arc;

use parking_lot::Mutex;

use super::comparer::Order;
use super::dictionary::key_not_found;
use super::enumerator::{get_enumerator, to_vec};
use super::interfaces::{copy_into, copy_to};
use super::key_value_pair::{self, new_pair, pair_type};
use super::list_members::sequence;
use super::search::{delegate, index, index_or_minus_one, test};
use super::{array, cast, list, names, nesting};
use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::table::{Builder, TypeBuilder};
use crate::types::{Type, TypeId};
use crate::value::{Enumerator, Object, Value};

/// A sorted collection; sets hold `null` values.
pub(crate) struct SortedObject {
    id: TypeId,
    key: Type,
    value: Type,
    pair: Type,
    order: Order,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    entries: Vec<(Value, Value)>,
    version: u32,
}

impl SortedObject {
    fn is_set(&self) -> bool {
        self.id == names::SORTED_SET_T
    }

    fn len(&self) -> usize {
        self.state.lock().entries.len()
    }

    fn at(&self, index: usize) -> Option<(Value, Value)> {
        self.state.lock().entries.get(index).cloned()
    }

    /// Position of a key, or where it would stand. The comparer may run user code, so no lock is held meanwhile.
    fn search(&self, cx: &mut dyn Ambient, key: &Value) -> Result<Result<usize, usize>> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            cx.charge_steps(1)?;
            let middle = low.midpoint(high);
            let Some((here, _)) = self.at(middle) else { break };
            match self.order.compare(cx, &here, key)? {
                Ordering::Equal => return Ok(Ok(middle)),
                Ordering::Less => low = middle.saturating_add(1),
                Ordering::Greater => high = middle,
            }
        }
        Ok(Err(low))
    }

    fn insert_at(&self, cx: &mut dyn Ambient, at: usize, key: Value, value: Value) -> Result<()> {
        cx.charge_bytes(size_of::<(Value, Value)>())?;
        let mut state = self.state.lock();
        let at = at.min(state.entries.len());
        cx.charge_steps(u64::try_from(state.entries.len().saturating_sub(at) / 16).unwrap_or(u64::MAX))?;
        state.entries.insert(at, (key, value));
        state.version = state.version.wrapping_add(1);
        Ok(())
    }

    /// Adds unless the key is there; says whether it added.
    fn try_add(&self, cx: &mut dyn Ambient, key: Value, value: Value) -> Result<bool> {
        match self.search(cx, &key)? {
            Ok(_) => Ok(false),
            Err(at) => self.insert_at(cx, at, key, value).map(|()| true),
        }
    }

    fn set(&self, cx: &mut dyn Ambient, key: Value, value: Value) -> Result<()> {
        match self.search(cx, &key)? {
            Ok(at) => {
                let mut state = self.state.lock();
                state.version = state.version.wrapping_add(1);
                if let Some(entry) = state.entries.get_mut(at) {
                    entry.1 = value;
                }
                Ok(())
            }
            Err(at) => self.insert_at(cx, at, key, value),
        }
    }

    fn get(&self, cx: &mut dyn Ambient, key: &Value) -> Result<Option<Value>> {
        Ok(self.search(cx, key)?.ok().and_then(|at| self.at(at)).map(|(_, v)| v))
    }

    fn remove(&self, cx: &mut dyn Ambient, key: &Value) -> Result<bool> {
        let Ok(at) = self.search(cx, key)? else { return Ok(false) };
        self.remove_at(at);
        Ok(true)
    }

    fn remove_at(&self, at: usize) -> bool {
        let mut state = self.state.lock();
        if at >= state.entries.len() {
            return false;
        }
        state.version = state.version.wrapping_add(1);
        state.entries.remove(at);
        true
    }

    fn duplicate(&self, cx: &mut dyn Ambient, key: &Value, value: &Value) -> Exception {
        let shown = match object::text(cx, key).and_then(|k| object::text(cx, value).map(|v| (k, v))) {
            Ok((k, _)) if self.id == names::SORTED_LIST_T => {
                let text = format!("An item with the same key has already been added. Key: {k}");
                return Exception::argument(&text, "key");
            }
            Ok((k, v)) => format!("[{k}, {v}]"),
            Err(e) => return e,
        };
        Exception::argument_message(format!("An item with the same key has already been added. Key: {shown}"))
    }

    fn keys(&self) -> Vec<Value> {
        self.state.lock().entries.iter().map(|(k, _)| k.clone()).collect()
    }

    fn values(&self) -> Vec<Value> {
        self.state.lock().entries.iter().map(|(_, v)| v.clone()).collect()
    }
}

impl Drop for SortedObject {
    fn drop(&mut self) {
        let entries = std::mem::take(&mut self.state.get_mut().entries);
        super::graveyard::bury(entries.into_iter().flat_map(|(k, v)| [k, v]).collect());
    }
}

impl Object for SortedObject {
    fn net_type(&self) -> Type {
        if self.is_set() {
            Type::generic(self.id, [self.key.clone()])
        } else {
            Type::generic(self.id, [self.key.clone(), self.value.clone()])
        }
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn enumerate(&self, this: &Arc<dyn Object>) -> Option<Box<dyn Enumerator>> {
        let version = self.state.lock().version;
        Some(Box::new(Walk { source: this.clone(), at: 0, version }))
    }
    fn count(&self) -> Option<usize> {
        Some(self.len())
    }
}

struct Walk {
    source: Arc<dyn Object>,
    at: usize,
    version: u32,
}

impl Enumerator for Walk {
    fn next(&mut self, cx: &mut dyn Ambient) -> Result<Option<Value>> {
        let Some(source) = self.source.as_any().downcast_ref::<SortedObject>() else { return Ok(None) };
        if source.state.lock().version != self.version {
            return Err(list::modified());
        }
        let found = source.at(self.at);
        self.at = self.at.saturating_add(1);
        match found {
            Some((k, v)) if !source.is_set() => nesting::charge(cx, new_pair(&source.pair, k, v)).map(Some),
            other => Ok(other.map(|(k, _)| k)),
        }
    }
}

// === members ===

struct Me(Value);

impl Me {
    fn of(c: &Call<'_>) -> Me {
        Me(c.arg(0).clone())
    }

    fn sorted(&self) -> Result<&SortedObject> {
        self.0.as_object::<SortedObject>().ok_or_else(Exception::null_reference)
    }
}

fn make(c: &Call<'_>, id: TypeId, order: Order) -> SortedObject {
    let (key, value) = (c.ty(0), if id == names::SORTED_SET_T { c.ty(0) } else { c.ty(1) });
    let pair = pair_type(key.clone(), value.clone());
    SortedObject { id, key, value, pair, order, state: Mutex::default() }
}

/// `new()`, `new(comparer)`.
fn new_empty(c: &mut Call<'_>, id: TypeId) -> Result<Value> {
    Ok(Value::object(make(c, id, Order::of(c.arg(0))?)))
}

/// `new(dictionary[, comparer])`
fn new_from_dictionary(c: &mut Call<'_>, id: TypeId) -> Result<Value> {
    let items = sequence(c, 0, "dictionary")?;
    let made = make(c, id, Order::of(c.arg(1))?);
    for item in &items {
        if let Some((k, v)) = key_value_pair::parts(item)
            && !made.try_add(c.cx, k.clone(), v.clone())?
        {
            return Err(made.duplicate(c.cx, k, v));
        }
    }
    Ok(Value::object(made))
}

/// `new(collection[, comparer])` of a set.
fn new_set_from(c: &mut Call<'_>) -> Result<Value> {
    let items = sequence(c, 0, "collection")?;
    let made = make(c, names::SORTED_SET_T, Order::of(c.arg(1))?);
    for item in items {
        made.try_add(c.cx, item, Value::Null)?;
    }
    Ok(Value::object(made))
}

fn key(c: &mut Call<'_>) -> Result<Value> {
    match c.take(1) {
        Value::Null => Err(Exception::argument_null("key")),
        key => Ok(key),
    }
}

fn get(c: &mut Call<'_>) -> Result<Value> {
    let (me, key) = (Me::of(c), key(c)?);
    match me.sorted()?.get(c.cx, &key)? {
        Some(value) => Ok(value),
        None => Err(key_not_found(c.cx, &key)),
    }
}

fn set(c: &mut Call<'_>) -> Result<Value> {
    let (me, key, value) = (Me::of(c), key(c)?, c.take(2));
    me.sorted()?.set(c.cx, key, value)?;
    Ok(Value::Null)
}

fn add(c: &mut Call<'_>) -> Result<Value> {
    let (me, key, value) = (Me::of(c), key(c)?, c.take(2));
    let sorted = me.sorted()?;
    if sorted.try_add(c.cx, key.clone(), value.clone())? {
        Ok(Value::Null)
    } else {
        Err(sorted.duplicate(c.cx, &key, &value))
    }
}

fn contains_key(c: &mut Call<'_>) -> Result<Value> {
    let (me, key) = (Me::of(c), key(c)?);
    Ok(Value::Bool(me.sorted()?.search(c.cx, &key)?.is_ok()))
}

fn contains_value(c: &mut Call<'_>) -> Result<Value> {
    let values = Me::of(c).sorted()?.values();
    Ok(Value::Bool(values.iter().any(|v| object::equals(v, c.arg(1)))))
}

fn remove(c: &mut Call<'_>) -> Result<Value> {
    let (me, key) = (Me::of(c), key(c)?);
    me.sorted()?.remove(c.cx, &key).map(Value::Bool)
}

fn try_get_value(c: &mut Call<'_>) -> Result<Value> {
    let (me, key) = (Me::of(c), key(c)?);
    let found = me.sorted()?.get(c.cx, &key)?;
    let answer = Value::Bool(found.is_some());
    let missing = cast::default_value(c.cx.types(), &c.ty(1));
    c.set(2, found.unwrap_or(missing));
    Ok(answer)
}

fn clear(c: &mut Call<'_>) -> Result<Value> {
    let me = Me::of(c);
    let mut state = me.sorted()?.state.lock();
    state.entries.clear();
    state.version = state.version.wrapping_add(1);
    Ok(Value::Null)
}

fn count(c: &mut Call<'_>) -> Result<Value> {
    Ok(index(Me::of(c).sorted()?.len()))
}

fn pairs(c: &mut Call<'_>) -> Result<Value> {
    let pair = pair_type(c.ty(0), c.ty(1));
    get_enumerator(&mut Call { cx: c.cx, types: &[pair], args: c.args })
}

/// Keys in their order, as a copy: a read-only list.
fn keys(c: &mut Call<'_>) -> Result<Value> {
    let keys = Me::of(c).sorted()?.keys();
    Ok(super::read_only::new_read_only(c.ty(0), array::new_array(c.ty(0), keys)))
}

fn values(c: &mut Call<'_>) -> Result<Value> {
    let values = Me::of(c).sorted()?.values();
    Ok(super::read_only::new_read_only(c.ty(1), array::new_array(c.ty(1), values)))
}

fn define_dictionary(b: &mut Builder, id: TypeId) -> TypeBuilder<'_> {
    b.class(id)
        .params(&["K", "V"])
        .implements(&[
            "IDictionary<K, V>",
            "ICollection<KeyValuePair<K, V>>",
            "IReadOnlyDictionary<K, V>",
            "IReadOnlyCollection<KeyValuePair<K, V>>",
            "IEnumerable<KeyValuePair<K, V>>",
            "IEnumerable",
        ])
        .get_set("V this[K key]", get, set)
        .def("int Count", count)
        .def("IComparer<K> Comparer", |c| Ok(Me::of(c).sorted()?.order.to_value(c.ty(0))))
        .def("void Add(K key, V value)", add)
        .def("void Clear()", clear)
        .def("bool ContainsKey(K key)", contains_key)
        .def("bool ContainsValue(V value)", contains_value)
        .def("bool Remove(K key)", remove)
        .def("bool TryGetValue(K key, out V value)", try_get_value)
        .def("IEnumerator<KeyValuePair<K, V>> GetEnumerator()", pairs)
}

fn define_dictionaries(b: &mut Builder) {
    define_dictionary(b, names::SORTED_DICTIONARY_T)
        .def("new()", |c| new_empty(c, names::SORTED_DICTIONARY_T))
        .def("new(IComparer<K> comparer)", |c| new_empty(c, names::SORTED_DICTIONARY_T))
        .def("new(IDictionary<K, V> dictionary)", |c| new_from_dictionary(c, names::SORTED_DICTIONARY_T))
        .def("new(IDictionary<K, V> dictionary, IComparer<K> comparer)", |c| {
            new_from_dictionary(c, names::SORTED_DICTIONARY_T)
        })
        .def("ICollection<K> Keys", keys)
        .def("ICollection<V> Values", values);
    define_dictionary(b, names::SORTED_LIST_T)
        .def("new()", |c| new_empty(c, names::SORTED_LIST_T))
        .def("new(IComparer<K> comparer)", |c| new_empty(c, names::SORTED_LIST_T))
        .def("new(IDictionary<K, V> dictionary)", |c| new_from_dictionary(c, names::SORTED_LIST_T))
        .def("new(IDictionary<K, V> dictionary, IComparer<K> comparer)", |c| {
            new_from_dictionary(c, names::SORTED_LIST_T)
        })
        .def("IList<K> Keys", keys)
        .def("IList<V> Values", values)
        .def("int IndexOfKey(K key)", |c| {
            let (me, key) = (Me::of(c), key(c)?);
            Ok(index_or_minus_one(me.sorted()?.search(c.cx, &key)?.ok()))
        })
        .def("int IndexOfValue(V value)", |c| {
            let values = Me::of(c).sorted()?.values();
            Ok(index_or_minus_one(values.iter().position(|v| object::equals(v, c.arg(1)))))
        })
        .def("void RemoveAt(int index)", |c| {
            let (me, at) = (Me::of(c), c.int(1)?);
            let removed = usize::try_from(at).ok().is_some_and(|at| me.sorted().is_ok_and(|s| s.remove_at(at)));
            if removed { Ok(Value::Null) } else { Err(list::index_out_of_range()) }
        });
}

// === sets ===

fn set_add(c: &mut Call<'_>) -> Result<Value> {
    let (me, item) = (Me::of(c), c.take(1));
    me.sorted()?.try_add(c.cx, item, Value::Null).map(Value::Bool)
}

fn set_contains(c: &mut Call<'_>) -> Result<Value> {
    let (me, item) = (Me::of(c), c.take(1));
    Ok(Value::Bool(me.sorted()?.search(c.cx, &item)?.is_ok()))
}

fn set_remove(c: &mut Call<'_>) -> Result<Value> {
    let (me, item) = (Me::of(c), c.take(1));
    me.sorted()?.remove(c.cx, &item).map(Value::Bool)
}

/// `Min` and `Max`: the default of an empty set.
fn set_edge(c: &mut Call<'_>, last: bool) -> Result<Value> {
    let me = Me::of(c);
    let sorted = me.sorted()?;
    let at = if last { sorted.len().checked_sub(1) } else { Some(0) };
    let missing = cast::default_value(c.cx.types(), &c.ty(0));
    Ok(at.and_then(|at| sorted.at(at)).map_or(missing, |(k, _)| k))
}

/// The argument as a sorted set by the receiver's rules.
fn other_set(c: &mut Call<'_>, me: &Me) -> Result<SortedObject> {
    let items = sequence(c, 1, "other")?;
    let other = make(c, names::SORTED_SET_T, me.sorted()?.order.clone());
    for item in items {
        other.try_add(c.cx, item, Value::Null)?;
    }
    Ok(other)
}

fn union_with(c: &mut Call<'_>) -> Result<Value> {
    let (me, items) = (Me::of(c), sequence(c, 1, "other")?);
    for item in items {
        me.sorted()?.try_add(c.cx, item, Value::Null)?;
    }
    Ok(Value::Null)
}

fn except_with(c: &mut Call<'_>) -> Result<Value> {
    let (me, items) = (Me::of(c), sequence(c, 1, "other")?);
    for item in &items {
        me.sorted()?.remove(c.cx, item)?;
    }
    Ok(Value::Null)
}

fn intersect_with(c: &mut Call<'_>) -> Result<Value> {
    let me = Me::of(c);
    let other = other_set(c, &me)?;
    for item in me.sorted()?.keys() {
        if other.search(c.cx, &item)?.is_err() {
            me.sorted()?.remove(c.cx, &item)?;
        }
    }
    Ok(Value::Null)
}

fn symmetric_except_with(c: &mut Call<'_>) -> Result<Value> {
    let me = Me::of(c);
    for item in other_set(c, &me)?.keys() {
        if !me.sorted()?.remove(c.cx, &item)? {
            me.sorted()?.try_add(c.cx, item, Value::Null)?;
        }
    }
    Ok(Value::Null)
}

/// Sizes of this set, of the other, and of what they share.
fn overlap(c: &mut Call<'_>) -> Result<(usize, usize, usize)> {
    let me = Me::of(c);
    let other = other_set(c, &me)?;
    let mut shared = 0_usize;
    for item in me.sorted()?.keys() {
        if other.search(c.cx, &item)?.is_ok() {
            shared = shared.saturating_add(1);
        }
    }
    Ok((me.sorted()?.len(), other.len(), shared))
}

fn remove_where(c: &mut Call<'_>) -> Result<Value> {
    let f = delegate(c, 1, "match")?;
    let me = Me::of(c);
    let mut removed = 0_usize;
    for item in me.sorted()?.keys() {
        if test(c, &f, item.clone())? && me.sorted()?.remove(c.cx, &item)? {
            removed = removed.saturating_add(1);
        }
    }
    Ok(index(removed))
}

fn reversed(c: &mut Call<'_>) -> Result<Value> {
    let mut items = Me::of(c).sorted()?.keys();
    items.reverse();
    Ok(array::new_array(c.ty(0), items))
}

fn copy_all(c: &mut Call<'_>) -> Result<Value> {
    let (me, target) = (Me::of(c), c.take(1));
    let items = to_vec(c.cx, &me.0)?;
    copy_into(c, items, &target, 0)
}

fn define_set(b: &mut Builder) {
    b.class(names::SORTED_SET_T)
        .params(&["T"])
        .implements(&["ISet<T>", "ICollection<T>", "IReadOnlyCollection<T>", "IEnumerable<T>", "IEnumerable"])
        .def("new()", |c| new_empty(c, names::SORTED_SET_T))
        .def("new(IComparer<T> comparer)", |c| new_empty(c, names::SORTED_SET_T))
        .def("new(IEnumerable<T> collection)", new_set_from)
        .def("new(IEnumerable<T> collection, IComparer<T> comparer)", new_set_from)
        .def("int Count", count)
        .def("T Min", |c| set_edge(c, false))
        .def("T Max", |c| set_edge(c, true))
        .def("bool Add(T item)", set_add)
        .def("void Clear()", clear)
        .def("bool Contains(T item)", set_contains)
        .def("bool Remove(T item)", set_remove)
        .def("int RemoveWhere(Predicate<T> match)", remove_where)
        .def("IEnumerable<T> Reverse()", reversed)
        .def("void UnionWith(IEnumerable<T> other)", union_with)
        .def("void IntersectWith(IEnumerable<T> other)", intersect_with)
        .def("void ExceptWith(IEnumerable<T> other)", except_with)
        .def("void SymmetricExceptWith(IEnumerable<T> other)", symmetric_except_with)
        .def("bool IsSubsetOf(IEnumerable<T> other)", |c| overlap(c).map(|(a, _, s)| Value::Bool(s == a)))
        .def("bool IsSupersetOf(IEnumerable<T> other)", |c| overlap(c).map(|(_, b, s)| Value::Bool(s == b)))
        .def("bool IsProperSubsetOf(IEnumerable<T> other)", |c| {
            overlap(c).map(|(a, b, s)| Value::Bool(s == a && a < b))
        })
        .def("bool IsProperSupersetOf(IEnumerable<T> other)", |c| {
            overlap(c).map(|(a, b, s)| Value::Bool(s == b && b < a))
        })
        .def("bool Overlaps(IEnumerable<T> other)", |c| overlap(c).map(|(_, _, s)| Value::Bool(s > 0)))
        .def("bool SetEquals(IEnumerable<T> other)", |c| overlap(c).map(|(a, b, s)| Value::Bool(s == a && s == b)))
        .def("void CopyTo(T[] array)", copy_all)
        .def("void CopyTo(T[] array, int index)", copy_to)
        .def("IEnumerator<T> GetEnumerator()", get_enumerator);
}

pub(crate) fn define(b: &mut Builder) {
    define_dictionaries(b);
    define_set(b);
}
