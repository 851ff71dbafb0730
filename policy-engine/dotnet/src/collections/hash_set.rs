//! `HashSet<T>`.
use std::any::Any;
use std::sync::Arc;

use parking_lot::Mutex;

use super::comparer::Equality;
use super::enumerator::{get_enumerator, to_vec};
use super::hash::HashTableOf;
use super::interfaces::copy_to;
use super::list_members::{deferred, sequence};
use super::search::{delegate, index, test};
use super::{capacity, list, names, set_comparer};
use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::Type;
use crate::value::{Enumerator, Object, Value};

/// A set; iterates in the order of insertion as .NET's does.
pub struct HashSetObject {
    item: Type,
    state: Mutex<State>,
}

struct State {
    table: HashTableOf<()>,
    version: u32,
}

/// A `HashSet<item>` by the given rules.
pub(crate) fn new_set(cx: &mut dyn Ambient, item: Type, items: Vec<Value>, equality: Equality) -> Result<Value> {
    let set = HashSetObject { item, state: Mutex::new(State { table: HashTableOf::new(equality), version: 0 }) };
    for item in items {
        set.add(cx, item)?;
    }
    Ok(Value::object(set))
}

impl HashSetObject {
    /// Adds; says whether it was new.
    pub fn add(&self, cx: &mut dyn Ambient, item: Value) -> Result<bool> {
        let mut state = self.state.lock();
        cx.charge_bytes(state.table.growth())?;
        let added = state.table.try_insert(item, ());
        if added {
            state.version = state.version.wrapping_add(1);
        }
        Ok(added)
    }

    /// Is it in the set?
    pub fn contains(&self, item: &Value) -> bool {
        self.state.lock().table.contains(item)
    }

    fn remove(&self, item: &Value) -> bool {
        self.state.lock().table.remove(item).is_some()
    }

    pub(super) fn len(&self) -> usize {
        self.state.lock().table.len()
    }

    pub(super) fn items(&self) -> Vec<Value> {
        self.state.lock().table.iter().map(|(k, ())| k.clone()).collect()
    }

    /// Do both sets compare their items alike?
    pub(super) fn has_rules_of(&self, other: &HashSetObject) -> bool {
        self.equality().is_same(&other.equality())
    }

    fn equality(&self) -> Equality {
        self.state.lock().table.equality.clone()
    }
}

impl Drop for HashSetObject {
    fn drop(&mut self) {
        super::graveyard::bury(self.state.get_mut().table.take_keys());
    }
}

impl Object for HashSetObject {
    fn net_type(&self) -> Type {
        Type::generic(names::HASH_SET_T, [self.item.clone()])
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn enumerate(&self, this: &Arc<dyn Object>) -> Option<Box<dyn Enumerator>> {
        let version = self.state.lock().version;
        Some(Box::new(Walk { set: this.clone(), at: 0, version }))
    }
    fn count(&self) -> Option<usize> {
        Some(self.len())
    }
}

struct Walk {
    set: Arc<dyn Object>,
    at: usize,
    version: u32,
}

impl Enumerator for Walk {
    fn next(&mut self, _: &mut dyn Ambient) -> Result<Option<Value>> {
        let Some(set) = self.set.as_any().downcast_ref::<HashSetObject>() else { return Ok(None) };
        let state = set.state.lock();
        if state.version != self.version {
            return Err(list::modified());
        }
        let Some((at, item, ())) = state.table.next_from(self.at) else { return Ok(None) };
        self.at = at.saturating_add(1);
        Ok(Some(item.clone()))
    }
}

struct Me(Value);

impl Me {
    fn of(c: &Call<'_>) -> Me {
        Me(c.arg(0).clone())
    }

    fn set(&self) -> Result<&HashSetObject> {
        self.0.as_object::<HashSetObject>().ok_or_else(Exception::null_reference)
    }
}

/// `new()`, `new(comparer)`.
fn new_empty(c: &mut Call<'_>) -> Result<Value> {
    let (item, equality) = (c.ty(0), Equality::of(c.arg(0))?);
    new_set(c.cx, item, Vec::new(), equality)
}

fn new_with_capacity(c: &mut Call<'_>) -> Result<Value> {
    if c.int(0)? < 0 {
        return Err(Exception::argument_range("Specified argument was out of the range of valid values.", "capacity"));
    }
    let (item, equality) = (c.ty(0), Equality::of(c.arg(1))?);
    new_set(c.cx, item, Vec::new(), equality)
}

/// `new(collection)`, `new(collection, comparer)`.
fn new_from(c: &mut Call<'_>) -> Result<Value> {
    let items = sequence(c, 0, "collection")?;
    let (item, equality) = (c.ty(0), Equality::of(c.arg(1))?);
    new_set(c.cx, item, items, equality)
}

fn add(c: &mut Call<'_>) -> Result<Value> {
    let (me, item) = (Me::of(c), c.take(1));
    Ok(Value::Bool(me.set()?.add(c.cx, item)?))
}

fn union_with(c: &mut Call<'_>) -> Result<Value> {
    let me = Me::of(c);
    if let Some(mut items) = deferred(c, 1)? {
        while let Some(item) = items.next(c.cx)? {
            c.cx.charge_steps(1)?;
            me.set()?.add(c.cx, item)?;
        }
        return Ok(Value::Null);
    }
    for item in sequence(c, 1, "other")? {
        me.set()?.add(c.cx, item)?;
    }
    Ok(Value::Null)
}

/// The argument as a set by the receiver's rules.
fn other_set(c: &mut Call<'_>, me: &Me) -> Result<Value> {
    let items = sequence(c, 1, "other")?;
    new_set(c.cx, Type::OBJECT, items, me.set()?.equality())
}

fn intersect_with(c: &mut Call<'_>) -> Result<Value> {
    let me = Me::of(c);
    let other = Me(other_set(c, &me)?);
    for item in me.set()?.items() {
        if !other.set()?.contains(&item) {
            me.set()?.remove(&item);
        }
    }
    Ok(Value::Null)
}

fn except_with(c: &mut Call<'_>) -> Result<Value> {
    let (me, items) = (Me::of(c), sequence(c, 1, "other")?);
    for item in &items {
        me.set()?.remove(item);
    }
    Ok(Value::Null)
}

/// Another set is gone through item by item; of any other sequence the new items come in before the known ones go. The order
/// of a set shows the difference.
fn symmetric_except_with(c: &mut Call<'_>) -> Result<Value> {
    let me = Me::of(c);
    let one_by_one = c.arg(1).as_object::<HashSetObject>().is_some();
    let other = Me(other_set(c, &me)?);
    let (known, new): (Vec<Value>, Vec<Value>) =
        other.set()?.items().into_iter().partition(|i| me.set().is_ok_and(|s| s.contains(i)));
    if one_by_one {
        for item in other.set()?.items() {
            if !me.set()?.remove(&item) {
                me.set()?.add(c.cx, item)?;
            }
        }
        return Ok(Value::Null);
    }
    for item in new {
        me.set()?.add(c.cx, item)?;
    }
    known.iter().for_each(|item| drop(me.set().map(|s| s.remove(item))));
    Ok(Value::Null)
}

/// Sizes of this set, of the other as a set, and of what they share.
fn overlap(c: &mut Call<'_>) -> Result<(usize, usize, usize)> {
    let me = Me::of(c);
    let other = Me(other_set(c, &me)?);
    let (mine, theirs) = (me.set()?, other.set()?);
    let shared = mine.items().iter().filter(|i| theirs.contains(i)).count();
    Ok((mine.len(), theirs.len(), shared))
}

fn remove_where(c: &mut Call<'_>) -> Result<Value> {
    let f = delegate(c, 1, "match")?;
    let me = Me::of(c);
    let mut removed = 0_usize;
    for item in me.set()?.items() {
        if test(c, &f, item.clone())? && me.set()?.remove(&item) {
            removed = removed.saturating_add(1);
        }
    }
    Ok(index(removed))
}

fn try_get_value(c: &mut Call<'_>) -> Result<Value> {
    let me = Me::of(c);
    let found = {
        let state = me.set()?.state.lock();
        state.table.position(c.arg(1)).and_then(|at| state.table.at(at)).map(|(k, ())| k.clone())
    };
    let answer = Value::Bool(found.is_some());
    let missing = super::cast::default_value(c.cx.types(), &c.ty(0));
    c.set(2, found.unwrap_or(missing));
    Ok(answer)
}

fn copy_all(c: &mut Call<'_>) -> Result<Value> {
    let (me, target) = (Me::of(c), c.take(1));
    let items = to_vec(c.cx, &me.0)?;
    super::interfaces::copy_into(c, items, &target, 0)
}

fn copy_some(c: &mut Call<'_>) -> Result<Value> {
    let (me, target) = (Me::of(c), c.take(1));
    let Some(room) = super::array::array(&target).map(super::array::ArrayObject::len) else {
        return Err(Exception::argument_null("array"));
    };
    let number = |n: usize, name: &str| {
        let given = c.int(n)?;
        usize::try_from(given).map_err(|_| {
            let text = format!("Non-negative number required. (Parameter '{name}')\nActual value was {given}.");
            Exception::argument_range_message(text).with_parameter(name)
        })
    };
    let (at, count) = (number(2, "arrayIndex")?, number(3, "count")?);
    if at > room || count > room.saturating_sub(at) {
        return Err(Exception::argument_message(
            "Destination array is not long enough to copy all the items in the collection. Check array index and length.",
        ));
    }
    let mut items = to_vec(c.cx, &me.0)?;
    items.truncate(count);
    let at = c.int(2)?;
    super::interfaces::copy_into(c, items, &target, at)
}

pub(crate) fn define(b: &mut Builder) {
    b.class(names::HASH_SET_T)
        .params(&["T"])
        .implements(&["ISet<T>", "ICollection<T>", "IReadOnlyCollection<T>", "IEnumerable<T>", "IEnumerable"])
        .def("new()", new_empty)
        .def("new(int capacity)", new_with_capacity)
        .def("new(IEqualityComparer<T> comparer)", new_empty)
        .def("new(int capacity, IEqualityComparer<T> comparer)", new_with_capacity)
        .def("new(IEnumerable<T> collection)", new_from)
        .def("new(IEnumerable<T> collection, IEqualityComparer<T> comparer)", new_from)
        .def("int Count", |c| Ok(index(Me::of(c).set()?.len())))
        .def("IEqualityComparer<T> Comparer", |c| Ok(Me::of(c).set()?.equality().to_value(c.ty(0))))
        .def("bool Add(T item)", add)
        .def("void Clear()", |c| {
            Me::of(c).set()?.state.lock().table.clear();
            Ok(Value::Null)
        })
        .def("bool Contains(T item)", |c| Ok(Value::Bool(Me::of(c).set()?.contains(c.arg(1)))))
        .def("bool Remove(T item)", |c| Ok(Value::Bool(Me::of(c).set()?.remove(c.arg(1)))))
        .def("int RemoveWhere(Predicate<T> match)", remove_where)
        .def("bool TryGetValue(T equalValue, out T actualValue)", try_get_value)
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
        .def("void CopyTo(T[] array, int arrayIndex)", copy_to)
        .def("void CopyTo(T[] array, int arrayIndex, int count)", copy_some)
        .def("int EnsureCapacity(int capacity)", |c| {
            let count = Me::of(c).set()?.len();
            capacity::ensured(c, count)
        })
        .def("static IEqualityComparer<HashSet<T>> CreateSetComparer()", set_comparer::create)
        .def("void OnDeserialization(object sender)", |_| Ok(Value::Null))
        .def("void TrimExcess()", |_| Ok(Value::Null))
        .def("IEnumerator<T> GetEnumerator()", get_enumerator);
}
