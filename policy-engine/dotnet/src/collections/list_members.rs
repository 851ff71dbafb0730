//! Members of `List<T>`.
use super::comparer::Order;
use super::enumerator::{enumerate, get_enumerator, to_vec};
use super::interfaces::{copy_into, copy_to};
use super::list::{self, ListObject, index_out_of_range, new_list};
use super::search::{self, Indexed, delegate, index, non_negative, span, test};
use super::{array, cast, read_only};
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::types::ids;
use crate::value::{Enumerator, Value};

/// The receiver, held apart from the call so that the call can be used meanwhile.
struct Me(Value);

impl Me {
    fn of(c: &Call<'_>) -> Me {
        Me(c.arg(0).clone())
    }

    fn list(&self) -> Result<&ListObject> {
        list::list(&self.0).ok_or_else(Exception::null_reference)
    }
}

fn new_empty(c: &mut Call<'_>) -> Result<Value> {
    Ok(new_list(c.ty(0), Vec::new()))
}

fn new_with_capacity(c: &mut Call<'_>) -> Result<Value> {
    let capacity = non_negative(c.int(0)?, "capacity")?;
    Ok(list::with_capacity(c.ty(0), capacity))
}

fn new_from(c: &mut Call<'_>) -> Result<Value> {
    let items = sequence(c, 0, "collection")?;
    Ok(new_list(c.ty(0), items))
}

/// Items of a sequence argument that must not be null.
pub(crate) fn sequence(c: &mut Call<'_>, n: usize, parameter: &str) -> Result<Vec<Value>> {
    let source = c.arg(n).clone();
    if source.is_null() {
        return Err(Exception::argument_null(parameter));
    }
    to_vec(c.cx, &source)
}

pub(super) fn count(c: &mut Call<'_>) -> Result<Value> {
    Ok(index(Me::of(c).list()?.len()))
}

pub(super) fn capacity(c: &mut Call<'_>) -> Result<Value> {
    Ok(index(Me::of(c).list()?.capacity()))
}

pub(super) fn set_capacity(c: &mut Call<'_>) -> Result<Value> {
    let (me, wanted) = (Me::of(c), c.int(1)?);
    let list = me.list()?;
    let wanted = usize::try_from(wanted).ok().filter(|n| *n >= list.len());
    let too_small = || Exception::argument_range("capacity was less than the current size.", "value");
    list.set_capacity(wanted.ok_or_else(too_small)?);
    Ok(Value::Null)
}

fn ensure_capacity(c: &mut Call<'_>) -> Result<Value> {
    let wanted = non_negative(c.int(1)?, "capacity")?;
    let me = Me::of(c);
    let list = me.list()?;
    if wanted > list.capacity() {
        list.set_capacity(wanted.max(list.capacity().saturating_mul(2)));
    }
    Ok(index(list.capacity()))
}

pub(super) fn trim_excess(c: &mut Call<'_>) -> Result<Value> {
    let me = Me::of(c);
    let list = me.list()?;
    list.set_capacity(list.len());
    Ok(Value::Null)
}

pub(super) fn get(c: &mut Call<'_>) -> Result<Value> {
    let found = usize::try_from(c.int(1)?).ok();
    let list = c.arg(0).as_object::<ListObject>().ok_or_else(Exception::null_reference)?;
    found.and_then(|i| list.at(i)).ok_or_else(index_out_of_range)
}

pub(super) fn set(c: &mut Call<'_>) -> Result<Value> {
    let (me, at, item) = (Me::of(c), c.int(1)?, c.take(2));
    let mut items = me.list()?.write();
    let slot = usize::try_from(at).ok().and_then(|i| items.get_mut(i)).ok_or_else(index_out_of_range)?;
    *slot = item;
    Ok(Value::Null)
}

fn add(c: &mut Call<'_>) -> Result<Value> {
    let (me, item) = (Me::of(c), c.take(1));
    me.list()?.push(c.cx, item)?;
    Ok(Value::Null)
}

pub(super) fn add_range(c: &mut Call<'_>) -> Result<Value> {
    let me = Me::of(c);
    if let Some(mut items) = deferred(c, 1)? {
        while let Some(item) = items.next(c.cx)? {
            c.cx.charge_steps(1)?;
            me.list()?.push(c.cx, item)?;
        }
        return Ok(Value::Null);
    }
    let items = sequence(c, 1, "collection")?;
    me.list()?.write().extend(items);
    Ok(Value::Null)
}

/// The walk through an argument that is no collection. What it gives is added item by item, as .NET does: the walk may look at the
/// receiver itself, and what it gave before it throws stays.
pub(crate) fn deferred(c: &mut Call<'_>, n: usize) -> Result<Option<Box<dyn Enumerator>>> {
    match c.arg(n).clone() {
        Value::Object(o) if o.count().is_none() => enumerate(c.cx, &Value::Object(o)).map(Some),
        _ => Ok(None),
    }
}

pub(super) fn insert(c: &mut Call<'_>) -> Result<Value> {
    let (me, at, item) = (Me::of(c), c.int(1)?, c.take(2));
    let list = me.list()?;
    let at = insertion_point(at, list.len())?;
    let moved = list.len().saturating_sub(at);
    c.cx.charge_bytes(size_of::<Value>())?;
    c.cx.charge_steps(u64::try_from(moved / 16).unwrap_or(u64::MAX))?;
    list.write().insert(at, item);
    Ok(Value::Null)
}

fn insertion_point(at: i32, len: usize) -> Result<usize> {
    usize::try_from(at)
        .ok()
        .filter(|i| *i <= len)
        .ok_or_else(|| Exception::argument_range("Index must be within the bounds of the List.", "index"))
}

pub(super) fn insert_range(c: &mut Call<'_>) -> Result<Value> {
    let (me, at) = (Me::of(c), c.int(1)?);
    if c.arg(2).is_null() {
        return Err(Exception::argument_null("collection"));
    }
    let list = me.list()?;
    let mut at = usize::try_from(at).ok().filter(|i| *i <= list.len()).ok_or_else(index_out_of_range)?;
    if let Some(mut items) = deferred(c, 2)? {
        while let Some(item) = items.next(c.cx)? {
            c.cx.charge_steps(u64::try_from(list.len() / 16).unwrap_or(u64::MAX).saturating_add(1))?;
            c.cx.charge_bytes(size_of::<Value>())?;
            let end = list.len();
            list.write().insert(at.min(end), item);
            at = at.saturating_add(1);
        }
        return Ok(Value::Null);
    }
    let items = sequence(c, 2, "collection")?;
    list.write().splice(at..at, items);
    Ok(Value::Null)
}

pub(super) fn clear(c: &mut Call<'_>) -> Result<Value> {
    Me::of(c).list()?.write().clear();
    Ok(Value::Null)
}

pub(super) fn contains(c: &mut Call<'_>) -> Result<Value> {
    let me = Me::of(c);
    let items = me.list()?.read();
    c.cx.charge_steps(u64::try_from(items.len()).unwrap_or(u64::MAX))?;
    Ok(Value::Bool(items.iter().any(|i| object::equals(i, c.arg(1)))))
}

pub(super) fn remove(c: &mut Call<'_>) -> Result<Value> {
    let me = Me::of(c);
    let list = me.list()?;
    c.cx.charge_steps(u64::try_from(list.len()).unwrap_or(u64::MAX))?;
    let at = list.read().iter().position(|i| object::equals(i, c.arg(1)));
    if let Some(at) = at {
        list.write().remove(at);
    }
    Ok(Value::Bool(at.is_some()))
}

pub(super) fn remove_at(c: &mut Call<'_>) -> Result<Value> {
    let (me, at) = (Me::of(c), c.int(1)?);
    let list = me.list()?;
    let at = usize::try_from(at).ok().filter(|i| *i < list.len()).ok_or_else(index_out_of_range)?;
    let moved = list.len().saturating_sub(at);
    c.cx.charge_steps(u64::try_from(moved / 16).unwrap_or(u64::MAX))?;
    list.write().remove(at);
    Ok(Value::Null)
}

pub(super) fn remove_range(c: &mut Call<'_>) -> Result<Value> {
    let me = Me::of(c);
    let range = span(c, 1, me.list()?.len())?;
    me.list()?.write().drain(range);
    Ok(Value::Null)
}

/// The predicate runs on a copy, so that it may look at the list.
fn remove_all(c: &mut Call<'_>) -> Result<Value> {
    let f = delegate(c, 1, "match")?;
    let me = Me::of(c);
    let before = to_vec(c.cx, &me.0)?;
    let mut kept = Vec::new();
    for item in &before {
        if !test(c, &f, item.clone())? {
            kept.push(item.clone());
        }
    }
    let removed = before.len().saturating_sub(kept.len());
    if removed > 0 {
        *me.list()?.write() = kept;
    }
    Ok(index(removed))
}

fn get_range(c: &mut Call<'_>) -> Result<Value> {
    let me = Me::of(c);
    let range = span(c, 1, me.list()?.len())?;
    c.cx.charge_bytes(range.len().saturating_mul(size_of::<Value>()))?;
    let part = me.list()?.read().get(range).unwrap_or_default().to_vec();
    Ok(new_list(c.ty(0), part))
}

pub(super) fn reverse(c: &mut Call<'_>) -> Result<Value> {
    Me::of(c).list()?.write().reverse();
    Ok(Value::Null)
}

pub(super) fn reverse_range(c: &mut Call<'_>) -> Result<Value> {
    let range = span(c, 1, Me::of(c).list()?.len())?;
    search::reverse_part(c, range)
}

pub(super) fn sort(c: &mut Call<'_>) -> Result<Value> {
    let order = match c.arg(1) {
        f @ Value::Func(_) => Order::of_delegate(f, c.ty(0)),
        other => Order::of(other)?,
    };
    let all = 0..Me::of(c).list()?.len();
    search::sort_part(c, all, &order)
}

fn sort_by_comparison(c: &mut Call<'_>) -> Result<Value> {
    if c.arg(1).is_null() {
        return Err(Exception::argument_null("comparison"));
    }
    sort(c)
}

pub(super) fn sort_range(c: &mut Call<'_>) -> Result<Value> {
    let range = span(c, 1, Me::of(c).list()?.len())?;
    let order = Order::of(c.arg(3))?;
    search::sort_part(c, range, &order)
}

pub(super) fn binary_search(c: &mut Call<'_>) -> Result<Value> {
    let (all, order, wanted) = (0..Me::of(c).list()?.len(), Order::of(c.arg(2))?, c.take(1));
    search::binary_search(c, all, &wanted, &order)
}

pub(super) fn binary_search_range(c: &mut Call<'_>) -> Result<Value> {
    let range = span(c, 1, Me::of(c).list()?.len())?;
    let (order, wanted) = (Order::of(c.arg(4))?, c.take(3));
    search::binary_search(c, range, &wanted, &order)
}

fn to_array(c: &mut Call<'_>) -> Result<Value> {
    let me = Me::of(c);
    let items = to_vec(c.cx, &me.0)?;
    Ok(array::new_array(c.ty(0), items))
}

fn copy_from_start(c: &mut Call<'_>) -> Result<Value> {
    let me = Me::of(c);
    let (items, target) = (to_vec(c.cx, &me.0)?, c.take(1));
    copy_into(c, items, &target, 0)
}

fn copy_range(c: &mut Call<'_>) -> Result<Value> {
    let me = Me::of(c);
    let (from, at, n) = (non_negative(c.int(1)?, "index")?, c.int(3)?, non_negative(c.int(4)?, "count")?);
    let end = from.saturating_add(n);
    let Some(part) = me.list()?.read().get(from..end).map(<[Value]>::to_vec) else {
        return Err(Exception::argument_message(
            "Offset and length were out of bounds for the array or count is greater than the number of elements from index to \
             the end of the source collection.",
        ));
    };
    let target = c.take(2);
    copy_into(c, part, &target, at)
}

fn as_read_only(c: &mut Call<'_>) -> Result<Value> {
    Ok(read_only::new_read_only(c.ty(0), c.take(0)))
}

/// `Find` of an empty list needs the default of the static type, which `search` takes from the list.
fn find(c: &mut Call<'_>) -> Result<Value> {
    if matches!(Indexed::of(c.arg(0))?.len(), 0) && !c.arg(1).is_null() {
        return Ok(cast::default_value(c.cx.types(), &c.ty(0)));
    }
    search::find(c)
}

pub(crate) fn define(b: &mut Builder) {
    b.class(ids::LIST_T)
        .params(&["T"])
        .implements(&[
            "IList<T>",
            "ICollection<T>",
            "IReadOnlyList<T>",
            "IReadOnlyCollection<T>",
            "IEnumerable<T>",
            "System.Collections.ICollection",
            "IEnumerable",
        ])
        .def("new()", new_empty)
        .def("new(int capacity)", new_with_capacity)
        .def("new(IEnumerable<T> collection)", new_from)
        .def("int Count", count)
        .get_set("int Capacity", capacity, set_capacity)
        .get_set("T this[int index]", get, set)
        .def("void Add(T item)", add)
        .def("void AddRange(IEnumerable<T> collection)", add_range)
        .def("System.Collections.ObjectModel.ReadOnlyCollection<T> AsReadOnly()", as_read_only)
        .def("int BinarySearch(T item)", binary_search)
        .def("int BinarySearch(T item, IComparer<T> comparer)", binary_search)
        .def("int BinarySearch(int index, int count, T item, IComparer<T> comparer)", binary_search_range)
        .def("void Clear()", clear)
        .def("bool Contains(T item)", contains)
        .def("List<TOutput> ConvertAll<TOutput>(Converter<T, TOutput> converter)", search::convert_all)
        .def("void CopyTo(T[] array)", copy_from_start)
        .def("void CopyTo(T[] array, int arrayIndex)", copy_to)
        .def("void CopyTo(int index, T[] array, int arrayIndex, int count)", copy_range)
        .def("int EnsureCapacity(int capacity)", ensure_capacity)
        .def("bool Exists(Predicate<T> match)", search::exists)
        .def("T Find(Predicate<T> match)", find)
        .def("List<T> FindAll(Predicate<T> match)", search::find_all)
        .def("int FindIndex(Predicate<T> match)", search::find_index)
        .def("int FindIndex(int startIndex, Predicate<T> match)", search::find_index)
        .def("int FindIndex(int startIndex, int count, Predicate<T> match)", search::find_index)
        .def("T FindLast(Predicate<T> match)", search::find_last)
        .def("int FindLastIndex(Predicate<T> match)", search::find_last_index)
        .def("int FindLastIndex(int startIndex, Predicate<T> match)", search::find_last_index)
        .def("int FindLastIndex(int startIndex, int count, Predicate<T> match)", search::find_last_index)
        .def("void ForEach(Action<T> action)", search::for_each)
        .def("IEnumerator<T> GetEnumerator()", get_enumerator)
        .def("List<T> GetRange(int index, int count)", get_range)
        .def("int IndexOf(T item)", search::index_of)
        .def("int IndexOf(T item, int index)", search::index_of)
        .def("int IndexOf(T item, int index, int count)", search::index_of)
        .def("void Insert(int index, T item)", insert)
        .def("void InsertRange(int index, IEnumerable<T> collection)", insert_range)
        .def("int LastIndexOf(T item)", search::last_index_of)
        .def("int LastIndexOf(T item, int index)", search::last_index_of)
        .def("int LastIndexOf(T item, int index, int count)", search::last_index_of)
        .def("bool Remove(T item)", remove)
        .def("int RemoveAll(Predicate<T> match)", remove_all)
        .def("void RemoveAt(int index)", remove_at)
        .def("void RemoveRange(int index, int count)", remove_range)
        .def("void Reverse()", reverse)
        .def("void Reverse(int index, int count)", reverse_range)
        .def("void Sort()", sort)
        .def("void Sort(IComparer<T> comparer)", sort)
        .def("void Sort(Comparison<T> comparison)", sort_by_comparison)
        .def("void Sort(int index, int count, IComparer<T> comparer)", sort_range)
        .def("T[] ToArray()", to_array)
        .def("void TrimExcess()", trim_excess)
        .def("bool TrueForAll(Predicate<T> match)", search::true_for_all);
}
