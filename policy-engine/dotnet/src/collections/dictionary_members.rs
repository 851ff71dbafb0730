//! Members of `Dictionary<K, V>`, of its key and value collections, and the extension methods for any dictionary.
use super::comparer::Equality;
use super::dictionary::{self, DictionaryObject, Part, ViewObject, key_not_found, view, with_equality};
use super::enumerator::{get_enumerator, walk};
use super::interfaces::copy_to;
use super::search::index;
use super::{capacity, cast, dispatch, key_value_pair, names};
use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::member::{Call, Known, Ready};
use crate::object;
use crate::table::Builder;
use crate::types::ids;
use crate::value::Value;

struct Me(Value);

impl Me {
    fn of(c: &Call<'_>) -> Me {
        Me(c.arg(0).clone())
    }

    fn dictionary(&self) -> Result<&DictionaryObject> {
        dictionary::dictionary(&self.0).ok_or_else(Exception::null_reference)
    }
}

/// The key argument; `null` is not one.
fn key(c: &mut Call<'_>) -> Result<Value> {
    match c.take(1) {
        Value::Null => Err(Exception::argument_null("key")),
        key => Ok(key),
    }
}

fn new_with(c: &Call<'_>, comparer: usize) -> Result<DictionaryObject> {
    Ok(with_equality(c.ty(0), c.ty(1), Equality::of(c.arg(comparer))?))
}

/// `new()`, `new(comparer)`.
fn new_empty(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::object(new_with(c, 0)?))
}

/// `new(capacity)`, `new(capacity, comparer)`.
fn new_with_capacity(c: &mut Call<'_>) -> Result<Value> {
    if c.int(0)? < 0 {
        return Err(Exception::argument_range("Specified argument was out of the range of valid values.", "capacity"));
    }
    Ok(Value::object(new_with(c, 1)?))
}

/// `new(dictionary)`, `new(collection)`, each with a comparer or without.
fn new_from(c: &mut Call<'_>, parameter: &str) -> Result<Value> {
    let (made, source) = (new_with(c, 1)?, c.take(0));
    if source.is_null() {
        return Err(Exception::argument_null(parameter));
    }
    walk(c.cx, &source, |cx, item| {
        let Some((k, v)) = key_value_pair::parts(&item) else { return Ok(true) };
        if k.is_null() {
            return Err(Exception::argument_null("key"));
        }
        made.add(cx, k.clone(), v.clone())?;
        Ok(true)
    })?;
    Ok(Value::object(made))
}

fn get(c: &mut Call<'_>) -> Result<Value> {
    if c.arg(1).is_null() {
        return Err(Exception::argument_null("key"));
    }
    item(c.cx, c.args.first(), c.args.get(1).unwrap_or(&Value::Null))
}

fn item(cx: &mut dyn Ambient, dictionary: Option<&Value>, key: &Value) -> Result<Value> {
    match dictionary.and_then(Value::as_object::<DictionaryObject>) {
        Some(dictionary) => dictionary.item(cx, key),
        None => Err(key_not_found(cx, key)),
    }
}

/// `d["key"]`
fn prepare_get(known: &Known<'_>) -> Option<Ready> {
    let key = known.arg(1).filter(|k| !k.is_null() && known.arg(0).is_none())?.clone();
    Some(Ready::new(move |cx, args| item(cx, args.first().copied(), &key)))
}

fn set(c: &mut Call<'_>) -> Result<Value> {
    let (me, key, value) = (Me::of(c), key(c)?, c.take(2));
    me.dictionary()?.set(c.cx, key, value)?;
    Ok(Value::Null)
}

fn add(c: &mut Call<'_>) -> Result<Value> {
    let (me, key, value) = (Me::of(c), key(c)?, c.take(2));
    me.dictionary()?.add(c.cx, key, value)?;
    Ok(Value::Null)
}

fn try_add(c: &mut Call<'_>) -> Result<Value> {
    let (me, key, value) = (Me::of(c), key(c)?, c.take(2));
    Ok(Value::Bool(me.dictionary()?.try_add(c.cx, key, value)?))
}

fn contains_key(c: &mut Call<'_>) -> Result<Value> {
    let (me, key) = (Me::of(c), key(c)?);
    Ok(Value::Bool(me.dictionary()?.contains_key(&key)))
}

fn contains_value(c: &mut Call<'_>) -> Result<Value> {
    let me = Me::of(c);
    let entries = me.dictionary()?.entries();
    c.cx.charge_steps(u64::try_from(entries.len()).unwrap_or(u64::MAX))?;
    Ok(Value::Bool(entries.iter().any(|(_, v)| object::equals(v, c.arg(1)))))
}

/// `Remove(key)` and `Remove(key, out value)`.
fn remove(c: &mut Call<'_>) -> Result<Value> {
    let (me, key) = (Me::of(c), key(c)?);
    let removed = me.dictionary()?.remove(&key);
    let found = removed.is_some();
    let missing = if found { Value::Null } else { cast::default_value(c.cx.types(), &c.ty(1)) };
    c.set(2, removed.unwrap_or(missing));
    Ok(Value::Bool(found))
}

fn try_get_value(c: &mut Call<'_>) -> Result<Value> {
    let (me, key) = (Me::of(c), key(c)?);
    let value = me.dictionary()?.get(&key);
    let found = value.is_some();
    let missing = if found { Value::Null } else { cast::default_value(c.cx.types(), &c.ty(1)) };
    c.set(2, value.unwrap_or(missing));
    Ok(Value::Bool(found))
}

fn clear(c: &mut Call<'_>) -> Result<Value> {
    Me::of(c).dictionary()?.clear();
    Ok(Value::Null)
}

fn count(c: &mut Call<'_>) -> Result<Value> {
    Ok(index(Me::of(c).dictionary()?.len()))
}

fn comparer(c: &mut Call<'_>) -> Result<Value> {
    Ok(Me::of(c).dictionary()?.equality().to_value(c.ty(0)))
}

fn view_of<'a>(c: &'a Call<'_>) -> Result<&'a ViewObject> {
    c.arg(0).as_object::<ViewObject>().ok_or_else(Exception::null_reference)
}

fn view_count(c: &mut Call<'_>) -> Result<Value> {
    Ok(index(view_of(c)?.source().map_or(0, DictionaryObject::len)))
}

fn view_contains(c: &mut Call<'_>) -> Result<Value> {
    let view = view_of(c)?;
    let Some(source) = view.source() else { return Ok(Value::Bool(false)) };
    Ok(Value::Bool(match view.is_keys() {
        true => source.contains_key(c.arg(1)),
        false => source.entries().iter().any(|(_, v)| object::equals(v, c.arg(1))),
    }))
}

/// Answer of any dictionary's `TryGetValue`: the value if the key is there.
pub(crate) fn try_get(c: &mut Call<'_>, key: Value) -> Result<Option<Value>> {
    let receiver = c.arg(0).clone();
    if let Some(d) = receiver.as_object::<DictionaryObject>() {
        return Ok(d.get(&key));
    }
    let mut args = [receiver, key, Value::Null];
    let found = dispatch::call(c.cx, &mut args, "TryGetValue")
        .unwrap_or_else(|| Err(Exception::not_supported("Specified method is not supported.")))?;
    let [_, _, value] = args;
    Ok(matches!(found, Value::Bool(true)).then_some(value))
}

/// `GetValueOrDefault(key)` and `GetValueOrDefault(key, defaultValue)` on any dictionary.
pub(crate) fn get_value_or_default(c: &mut Call<'_>) -> Result<Value> {
    if c.arg(0).is_null() {
        return Err(Exception::argument_null("dictionary"));
    }
    let key = key(c)?;
    if let Some(value) = try_get(c, key)? {
        return Ok(value);
    }
    if c.args.len() > 2 { Ok(c.take(2)) } else { Ok(cast::default_value(c.cx.types(), &c.ty(1))) }
}

/// `TryAdd` on any `IDictionary<K, V>`.
fn try_add_any(c: &mut Call<'_>) -> Result<Value> {
    if c.arg(0).is_null() {
        return Err(Exception::argument_null("dictionary"));
    }
    let key = key(c)?;
    if try_get(c, key.clone())?.is_some() {
        return Ok(Value::Bool(false));
    }
    let mut args = [c.arg(0).clone(), key, c.take(2)];
    dispatch::call(c.cx, &mut args, "Add")
        .unwrap_or_else(|| Err(Exception::not_supported("Specified method is not supported.")))?;
    Ok(Value::Bool(true))
}

fn define_views(b: &mut Builder) {
    b.class(names::KEY_COLLECTION_T)
        .params(&["K", "V"])
        .implements(&[
            "ICollection<K>",
            "IReadOnlyCollection<K>",
            "IEnumerable<K>",
            "System.Collections.ICollection",
            "IEnumerable",
        ])
        .def("int Count", view_count)
        .def("bool Contains(K item)", view_contains)
        .def("void CopyTo(K[] array, int index)", copy_to)
        .def("IEnumerator<K> GetEnumerator()", get_enumerator);
    b.class(names::VALUE_COLLECTION_T)
        .params(&["K", "V"])
        .implements(&[
            "ICollection<V>",
            "IReadOnlyCollection<V>",
            "IEnumerable<V>",
            "System.Collections.ICollection",
            "IEnumerable",
        ])
        .def("int Count", view_count)
        .def("bool Contains(V item)", view_contains)
        .def("void CopyTo(V[] array, int index)", copy_to)
        .def("IEnumerator<V> GetEnumerator()", |c| {
            let value = c.ty(1);
            get_enumerator(&mut Call { cx: c.cx, types: &[value], args: c.args })
        });
}

pub(crate) fn define(b: &mut Builder) {
    b.class(ids::DICTIONARY_T)
        .params(&["K", "V"])
        .implements(&[
            "IDictionary<K, V>",
            "ICollection<KeyValuePair<K, V>>",
            "IReadOnlyDictionary<K, V>",
            "IReadOnlyCollection<KeyValuePair<K, V>>",
            "IEnumerable<KeyValuePair<K, V>>",
            "System.Collections.ICollection",
            "IEnumerable",
        ])
        .def("new()", new_empty)
        .def("new(int capacity)", new_with_capacity)
        .def("new(IEqualityComparer<K> comparer)", new_empty)
        .def("new(int capacity, IEqualityComparer<K> comparer)", new_with_capacity)
        .def("new(IDictionary<K, V> dictionary)", |c| new_from(c, "dictionary"))
        .def("new(IDictionary<K, V> dictionary, IEqualityComparer<K> comparer)", |c| new_from(c, "dictionary"))
        .def("new(IEnumerable<KeyValuePair<K, V>> collection)", |c| new_from(c, "collection"))
        .def("new(IEnumerable<KeyValuePair<K, V>> collection, IEqualityComparer<K> comparer)", |c| {
            new_from(c, "collection")
        })
        .get_set("V this[K key]", get, set)
        .prepare(prepare_get)
        .def("int Count", count)
        .def("KeyCollection<K, V> Keys", |c| Ok(view(c.arg(0), Part::Keys)))
        .def("ValueCollection<K, V> Values", |c| Ok(view(c.arg(0), Part::Values)))
        .def("IEqualityComparer<K> Comparer", comparer)
        .def("void Add(K key, V value)", add)
        .def("bool TryAdd(K key, V value)", try_add)
        .def("void Clear()", clear)
        .def("bool ContainsKey(K key)", contains_key)
        .def("bool ContainsValue(V value)", contains_value)
        .def("bool Remove(K key)", remove)
        .def("bool Remove(K key, out V value)", remove)
        .def("bool TryGetValue(K key, out V value)", try_get_value)
        .def("int EnsureCapacity(int capacity)", |c| {
            let count = Me::of(c).dictionary()?.len();
            capacity::ensured(c, count)
        })
        .def("void OnDeserialization(object sender)", |_| Ok(Value::Null))
        .def("void TrimExcess()", |_| Ok(Value::Null))
        .def("void TrimExcess(int capacity)", |c| {
            let count = Me::of(c).dictionary()?.len();
            capacity::trimmed(c, count)
        })
        .def("IEnumerator<KeyValuePair<K, V>> GetEnumerator()", |c| {
            let pair = key_value_pair::pair_type(c.ty(0), c.ty(1));
            get_enumerator(&mut Call { cx: c.cx, types: &[pair], args: c.args })
        });
    define_views(b);
    b.static_class(names::COLLECTION_EXTENSIONS)
        .def("static V GetValueOrDefault<K, V>(this IReadOnlyDictionary<K, V> dictionary, K key)", get_value_or_default)
        .def(
            "static V GetValueOrDefault<K, V>(this IReadOnlyDictionary<K, V> dictionary, K key, V defaultValue)",
            get_value_or_default,
        )
        .def("static bool TryAdd<K, V>(this IDictionary<K, V> dictionary, K key, V value)", try_add_any);
}
