//! The collection interfaces. Each member goes to the receiver's run-time type; arrays answer here, because they implement
//! `IList<T>` without having its members.
use super::array::{self, ArrayObject};
use super::dictionary::DictionaryObject;
use super::dictionary_members::get_value_or_default;
use super::enumerator;
use super::key_value_pair;
use super::list::{self, ListObject};
use super::{dispatch, names, read_only};
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::types::ids;
use crate::value::Value;

fn fixed_size() -> Exception {
    Exception::not_supported("Collection was of a fixed size.")
}

fn unsupported() -> Exception {
    Exception::not_supported("Specified method is not supported.")
}

/// The member `name` of the run-time type. An entry given as one pair reaches members that take key and value.
fn forward(c: &mut Call<'_>, name: &str) -> Result<Value> {
    if let Some(answer) = dispatch::call(c.cx, c.args, name) {
        return answer;
    }
    if let Some((key, value)) = key_value_pair::parts(c.arg(1)).map(|(k, v)| (k.clone(), v.clone())) {
        let mut args = vec![c.arg(0).clone(), key];
        if name == "Add" {
            args.push(value);
        }
        if let Some(answer) = dispatch::call(c.cx, &mut args, name) {
            return answer;
        }
    }
    Err(unsupported())
}

fn forward_set(c: &mut Call<'_>, name: &str) -> Result<Value> {
    dispatch::set(c.cx, c.args, name).unwrap_or_else(|| Err(unsupported()))
}

/// A member that changes the number of items: arrays and read-only views refuse.
fn forward_unless_array(c: &mut Call<'_>, name: &str) -> Result<Value> {
    if array::array(c.arg(0)).is_some() {
        return Err(fixed_size());
    }
    read_only::refusal(c).unwrap_or_else(|| forward(c, name))
}

fn as_int(n: usize) -> Value {
    Value::Int32(i32::try_from(n).unwrap_or(i32::MAX))
}

fn count(c: &mut Call<'_>) -> Result<Value> {
    if let Value::Object(o) = c.arg(0)
        && let Some(n) = o.count()
    {
        return Ok(as_int(n));
    }
    forward(c, "Count")
}

fn is_read_only(c: &mut Call<'_>) -> Result<Value> {
    if array::array(c.arg(0)).is_some() {
        return Ok(Value::Bool(true));
    }
    Ok(dispatch::call(c.cx, c.args, "IsReadOnly").transpose()?.unwrap_or(Value::Bool(false)))
}

fn contains(c: &mut Call<'_>) -> Result<Value> {
    if key_value_pair::parts(c.arg(1)).is_none()
        && let Some(answer) = dispatch::call(c.cx, c.args, "Contains")
    {
        return answer;
    }
    let (wanted, mut found) = (c.take(1), false);
    let source = c.take(0);
    enumerator::walk(c.cx, &source, |_, item| {
        found = object::equals(&item, &wanted);
        Ok(!found)
    })?;
    Ok(Value::Bool(found))
}

/// `CopyTo(array, index)` of any sequence.
pub(crate) fn copy_to(c: &mut Call<'_>) -> Result<Value> {
    let source = c.take(0);
    let items = enumerator::to_vec(c.cx, &source)?;
    let (target, at) = (c.take(1), c.int(2)?);
    copy_into(c, items, &target, at)
}

/// Writes items into an array from an index on, with .NET's checks.
pub(crate) fn copy_into(c: &mut Call<'_>, items: Vec<Value>, target: &Value, at: i32) -> Result<Value> {
    let Some(target) = array::array(target) else { return Err(Exception::argument_null("array")) };
    let Ok(at) = usize::try_from(at) else {
        return Err(Exception::argument_range("Non-negative number required.", "arrayIndex"));
    };
    if at.saturating_add(items.len()) > target.len() {
        return Err(Exception::argument_message(
            "Destination array was not long enough. Check the destination index, length, and the array's lower bounds. \
             (Parameter 'destinationArray')",
        )
        .with_parameter("destinationArray"));
    }
    for (i, item) in items.into_iter().enumerate() {
        let index = i64::try_from(at.saturating_add(i)).unwrap_or(i64::MAX);
        target.set(c.cx.types(), index, item)?;
    }
    Ok(Value::Null)
}

fn item_at(c: &mut Call<'_>) -> Result<Value> {
    if let Some(items) = c.arg(0).as_object::<ListObject>() {
        let found = usize::try_from(c.int(1)?).ok().and_then(|i| items.at(i));
        return found.ok_or_else(list::index_out_of_range);
    }
    if let Some(array) = c.arg(0).as_object::<ArrayObject>() {
        let found = usize::try_from(c.int(1)?).ok().filter(|i| *i < array.len());
        return found.map(|i| array.at(i)).ok_or_else(list::index_out_of_range);
    }
    forward(c, "this[]")
}

fn set_item_at(c: &mut Call<'_>) -> Result<Value> {
    if let Some(target) = array::array(c.arg(0)) {
        let (index, item) = (c.int(1)?, c.arg(2).clone());
        if usize::try_from(index).ok().is_none_or(|i| i >= target.len()) {
            return Err(list::index_out_of_range());
        }
        target.set(c.cx.types(), i64::from(index), item)?;
        return Ok(Value::Null);
    }
    read_only::refusal(c).unwrap_or_else(|| forward_set(c, "this[]"))
}

fn index_of(c: &mut Call<'_>) -> Result<Value> {
    if let Some(array) = array::array(c.arg(0)) {
        let at = (0..array.len()).position(|i| object::equals(&array.at(i), c.arg(1)));
        return Ok(at.map_or(Value::Int32(-1), as_int));
    }
    forward(c, "IndexOf")
}

fn get_by_key(c: &mut Call<'_>) -> Result<Value> {
    if let Some(d) = c.arg(0).as_object::<DictionaryObject>()
        && let Some(found) = d.get(c.arg(1))
    {
        return Ok(found);
    }
    forward(c, "this[]")
}

fn define_lists(b: &mut Builder) {
    b.interface(names::COLLECTION)
        .implements(&["IEnumerable"])
        .def("int Count", count)
        .def("void CopyTo(Array array, int index)", copy_to);
    b.interface(ids::COLLECTION_T)
        .params(&["T"])
        .implements(&["IEnumerable<T>", "IEnumerable"])
        .def("int Count", count)
        .def("bool IsReadOnly", is_read_only)
        .def("void Add(T item)", |c| forward_unless_array(c, "Add"))
        .def("void Clear()", |c| match array::array(c.arg(0)) {
            Some(_) => Err(Exception::not_supported("Collection is read-only.")),
            None => forward_unless_array(c, "Clear"),
        })
        .def("bool Contains(T item)", contains)
        .def("void CopyTo(T[] array, int arrayIndex)", copy_to)
        .def("bool Remove(T item)", |c| forward_unless_array(c, "Remove"));
    b.interface(ids::ILIST_T)
        .params(&["T"])
        .implements(&["ICollection<T>", "IEnumerable<T>", "IEnumerable"])
        .get_set("T this[int index]", item_at, set_item_at)
        .def("int IndexOf(T item)", index_of)
        .def("void Insert(int index, T item)", |c| forward_unless_array(c, "Insert"))
        .def("void RemoveAt(int index)", |c| forward_unless_array(c, "RemoveAt"));
    b.interface(ids::READ_ONLY_COLLECTION_T)
        .params(&["out T"])
        .implements(&["IEnumerable<T>", "IEnumerable"])
        .def("int Count", count);
    b.interface(ids::READ_ONLY_LIST_T)
        .params(&["out T"])
        .implements(&["IReadOnlyCollection<T>", "IEnumerable<T>", "IEnumerable"])
        .def("T this[int index]", item_at);
}

fn define_dictionaries(b: &mut Builder) {
    b.interface(ids::IDICTIONARY_T)
        .params(&["K", "V"])
        .implements(&["ICollection<KeyValuePair<K, V>>", "IEnumerable<KeyValuePair<K, V>>", "IEnumerable"])
        .get_set("V this[K key]", get_by_key, |c| forward_set(c, "this[]"))
        .def("ICollection<K> Keys", |c| forward(c, "Keys"))
        .def("ICollection<V> Values", |c| forward(c, "Values"))
        .def("bool ContainsKey(K key)", |c| forward(c, "ContainsKey"))
        .def("void Add(K key, V value)", |c| forward(c, "Add"))
        .def("bool Remove(K key)", |c| forward(c, "Remove"))
        .def("bool TryGetValue(K key, out V value)", |c| forward(c, "TryGetValue"))
        // .NET has these for read-only dictionaries alone; the policy runtime takes them here too, and running policies do
        // so. As members, not extensions, they leave no choice open on classes that are both.
        .def("V GetValueOrDefault(K key)", get_value_or_default)
        .def("V GetValueOrDefault(K key, V defaultValue)", get_value_or_default);
    b.interface(ids::READ_ONLY_DICTIONARY_T)
        .params(&["K", "V"])
        .implements(&["IReadOnlyCollection<KeyValuePair<K, V>>", "IEnumerable<KeyValuePair<K, V>>", "IEnumerable"])
        .def("V this[K key]", get_by_key)
        .def("IEnumerable<K> Keys", |c| forward(c, "Keys"))
        .def("IEnumerable<V> Values", |c| forward(c, "Values"))
        .def("bool ContainsKey(K key)", |c| forward(c, "ContainsKey"))
        .def("bool TryGetValue(K key, out V value)", |c| forward(c, "TryGetValue"));
}

fn define_sets(b: &mut Builder) {
    b.interface(names::ISET_T)
        .params(&["T"])
        .implements(&["ICollection<T>", "IEnumerable<T>", "IEnumerable"])
        .def("bool Add(T item)", |c| forward(c, "Add"))
        .def("void UnionWith(IEnumerable<T> other)", |c| forward(c, "UnionWith"))
        .def("void IntersectWith(IEnumerable<T> other)", |c| forward(c, "IntersectWith"))
        .def("void ExceptWith(IEnumerable<T> other)", |c| forward(c, "ExceptWith"))
        .def("void SymmetricExceptWith(IEnumerable<T> other)", |c| forward(c, "SymmetricExceptWith"))
        .def("bool IsSubsetOf(IEnumerable<T> other)", |c| forward(c, "IsSubsetOf"))
        .def("bool IsSupersetOf(IEnumerable<T> other)", |c| forward(c, "IsSupersetOf"))
        .def("bool IsProperSubsetOf(IEnumerable<T> other)", |c| forward(c, "IsProperSubsetOf"))
        .def("bool IsProperSupersetOf(IEnumerable<T> other)", |c| forward(c, "IsProperSupersetOf"))
        .def("bool Overlaps(IEnumerable<T> other)", |c| forward(c, "Overlaps"))
        .def("bool SetEquals(IEnumerable<T> other)", |c| forward(c, "SetEquals"));
}

pub(crate) fn define(b: &mut Builder) {
    define_lists(b);
    define_dictionaries(b);
    define_sets(b);
}
