//! `Exception.Data`: a small `IDictionary` in the order of insertion, and the `DictionaryEntry` that a walk over it gives.
use std::any::Any;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::ambient::Ambient;
use crate::collections::enumerator::Items;
use crate::collections::{graveyard, new_list};
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::value::{Enumerator, Object, Str, Value};

const DICTIONARY: TypeId = TypeId("System.Collections.IDictionary");
const ENTRY: TypeId = TypeId("System.Collections.DictionaryEntry");
/// What .NET's own exceptions hold, by its internal name.
const DATA: TypeId = TypeId("System.Collections.ListDictionaryInternal");
/// What an item takes, about.
const ITEM_BYTES: usize = 64;

/// Keys and values. There are few, so they are looked for one by one.
#[derive(Default)]
struct Data(Mutex<Vec<(Value, Value)>>);

impl Drop for Data {
    fn drop(&mut self) {
        graveyard::bury(self.0.get_mut().drain(..).flat_map(|(key, value)| [key, value]).collect());
    }
}

impl Object for Data {
    fn net_type(&self) -> Type {
        Type::Simple(DATA)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn enumerate(&self, _: &Arc<dyn Object>) -> Option<Box<dyn Enumerator>> {
        Some(Items::boxed(self.0.lock().iter().map(|(k, v)| entry(k.clone(), v.clone())).collect()))
    }
    fn count(&self) -> Option<usize> {
        Some(self.0.lock().len())
    }
}

/// A key with its value.
struct Entry(Value, Value);

impl Object for Entry {
    fn net_type(&self) -> Type {
        Type::Simple(ENTRY)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, _: &mut dyn Ambient) -> Result<Str> {
        Ok(ENTRY.0.into())
    }
    fn equals(&self, other: &Value) -> bool {
        let other = other.as_object::<Entry>();
        other.is_some_and(|o| object::equals(&o.0, &self.0) && object::equals(&o.1, &self.1))
    }
    fn hash_code(&self) -> i32 {
        object::hash_code(&self.0) ^ object::hash_code(&self.1)
    }
}

fn entry(key: Value, value: Value) -> Value {
    Value::object(Entry(key, value))
}

/// The dictionary of an exception that has none yet.
pub(super) fn made() -> Value {
    Value::object(Data::default())
}

fn this<'a>(c: &'a Call<'_>) -> Result<&'a Data> {
    c.arg(0).as_object().ok_or_else(Exception::null_reference)
}

/// The key of a call.
fn key(c: &mut Call<'_>) -> Result<Value> {
    let key = c.take(1);
    if key.is_null() {
        let text = "Key cannot be null. (Parameter 'key')";
        return Err(Exception::argument_null_message(text).with_parameter("key"));
    }
    let count = this(c)?.0.lock().len();
    c.cx.charge_steps(u64::try_from(count).unwrap_or(u64::MAX))?;
    Ok(key)
}

/// Where a key stands. Equality may run far, so the lock is not held meanwhile.
fn find(data: &Data, key: &Value) -> Option<usize> {
    let keys: Vec<Value> = data.0.lock().iter().map(|(k, _)| k.clone()).collect();
    keys.iter().position(|k| object::equals(k, key))
}

fn get(c: &mut Call<'_>) -> Result<Value> {
    let key = key(c)?;
    let data = this(c)?;
    let found = find(data, &key).and_then(|at| data.0.lock().get(at).map(|(_, v)| v.clone()));
    Ok(found.unwrap_or_default())
}

fn put(c: &mut Call<'_>, replaces: bool) -> Result<Value> {
    let (key, value) = (key(c)?, c.take(2));
    c.cx.charge_bytes(ITEM_BYTES)?;
    let data = this(c)?;
    match find(data, &key) {
        Some(at) if replaces => {
            if let Some(slot) = data.0.lock().get_mut(at) {
                slot.1 = value;
            }
        }
        Some(_) => {
            let shown = object::text(c.cx, &key)?;
            return Err(Exception::argument_message(format!(
                "Item has already been added. Key in dictionary: '{shown}'  Key being added: '{shown}'"
            )));
        }
        None => data.0.lock().push((key, value)),
    }
    Ok(Value::Null)
}

fn remove(c: &mut Call<'_>) -> Result<Value> {
    let key = key(c)?;
    let data = this(c)?;
    if let Some(at) = find(data, &key) {
        data.0.lock().remove(at);
    }
    Ok(Value::Null)
}

/// The keys or the values, as they are now.
fn parts(c: &mut Call<'_>, part: fn(&(Value, Value)) -> &Value) -> Result<Value> {
    let items: Vec<Value> = this(c)?.0.lock().iter().map(|item| part(item).clone()).collect();
    c.cx.charge_bytes(items.len().saturating_mul(size_of::<Value>()))?;
    Ok(new_list(Type::OBJECT, items))
}

/// Adds the types.
pub(crate) fn define(b: &mut Builder) {
    b.interface(DICTIONARY)
        .implements(&["System.Collections.ICollection", "IEnumerable"])
        .get_set("object this[object key]", get, |c| put(c, true))
        .def("System.Collections.ICollection Keys", |c| parts(c, |(k, _)| k))
        .def("System.Collections.ICollection Values", |c| parts(c, |(_, v)| v))
        .def("bool IsReadOnly", |_| Ok(Value::Bool(false)))
        .def("bool IsFixedSize", |_| Ok(Value::Bool(false)))
        .def("void Add(object key, object value)", |c| put(c, false))
        .def("void Clear()", |c| {
            let old = std::mem::take(&mut *this(c)?.0.lock());
            drop(old);
            Ok(Value::Null)
        })
        .def("bool Contains(object key)", |c| {
            let key = key(c)?;
            Ok(Value::Bool(find(this(c)?, &key).is_some()))
        })
        .def("void Remove(object key)", remove);
    b.class(DATA).implements(&["System.Collections.IDictionary", "System.Collections.ICollection", "IEnumerable"]);
    b.structure(ENTRY)
        .def("new(object key, object value)", |c| Ok(entry(c.take(0), c.take(1))))
        .def("object Key", |c| part(c).map(|e| e.0.clone()))
        .def("object Value", |c| part(c).map(|e| e.1.clone()));
}

fn part<'a>(c: &'a Call<'_>) -> Result<&'a Entry> {
    c.arg(0).as_object().ok_or_else(Exception::null_reference)
}
