//! `Dictionary<K, V>`: the object, its face for other packages, its iteration, and its key and value collections.
//! Members stand in [`super::dictionary_members`].
use std::any::Any;
use std::sync::Arc;

use parking_lot::Mutex;

use super::comparer::Equality;
use super::hash::HashTableOf;
use super::key_value_pair::{new_pair, pair_type};
use super::{list, names};
use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::object;
use crate::types::{Type, ids};
use crate::value::{Enumerator, Object, Value};

/// A dictionary; iterates in the order of insertion as .NET's does.
pub struct DictionaryObject {
    key: Type,
    value: Type,
    pair: Type,
    state: Mutex<State>,
}

struct State {
    table: HashTableOf<Value>,
    version: u32,
}

/// A `Dictionary<key, value>` of these entries; a later equal key wins.
pub fn new_dictionary(key: Type, value: Type, entries: Vec<(Value, Value)>) -> Value {
    let made = with_equality(key, value, Equality::default());
    {
        let mut state = made.state.lock();
        for (k, v) in entries {
            state.table.set(k, v);
        }
    }
    Value::object(made)
}

pub(crate) fn with_equality(key: Type, value: Type, equality: Equality) -> DictionaryObject {
    let pair = pair_type(key.clone(), value.clone());
    DictionaryObject { key, value, pair, state: Mutex::new(State { table: HashTableOf::new(equality), version: 0 }) }
}

/// The dictionary behind a value.
pub fn dictionary(value: &Value) -> Option<&DictionaryObject> {
    value.as_object::<DictionaryObject>()
}

/// `KeyNotFoundException` with .NET's text.
pub fn key_not_found(cx: &mut dyn Ambient, key: &Value) -> Exception {
    match object::text(cx, key) {
        Ok(text) => Exception::key_not_found(format!("The given key '{text}' was not present in the dictionary.")),
        Err(e) => e,
    }
}

/// `ArgumentException` of a key that is already there.
pub(crate) fn duplicate_key(cx: &mut dyn Ambient, key: &Value) -> Exception {
    match object::text(cx, key) {
        Ok(text) => {
            Exception::argument_message(format!("An item with the same key has already been added. Key: {text}"))
        }
        Err(e) => e,
    }
}

impl DictionaryObject {
    /// Type of the keys.
    pub fn key_type(&self) -> &Type {
        &self.key
    }

    /// Type of the values.
    pub fn value_type(&self) -> &Type {
        &self.value
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.state.lock().table.len()
    }

    /// Has it no entries?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Value of a key.
    pub fn get(&self, key: &Value) -> Option<Value> {
        self.state.lock().table.get(key).cloned()
    }

    /// Is the key there?
    pub fn contains_key(&self, key: &Value) -> bool {
        self.state.lock().table.contains(key)
    }

    /// `d[key] = value`; charges for growth. Replacing a value does not disturb running iterations (.NET 5 and later).
    pub fn set(&self, cx: &mut dyn Ambient, key: Value, value: Value) -> Result<()> {
        let mut state = self.state.lock();
        cx.charge_bytes(state.table.growth())?;
        let before = state.table.len();
        state.table.set(key, value);
        if state.table.len() != before {
            state.version = state.version.wrapping_add(1);
        }
        Ok(())
    }

    /// Adds unless the key is there; says whether it added.
    pub fn try_add(&self, cx: &mut dyn Ambient, key: Value, value: Value) -> Result<bool> {
        let mut state = self.state.lock();
        cx.charge_bytes(state.table.growth())?;
        let added = state.table.try_insert(key, value);
        if added {
            state.version = state.version.wrapping_add(1);
        }
        Ok(added)
    }

    /// Adds; `ArgumentException` if the key is there.
    pub fn add(&self, cx: &mut dyn Ambient, key: Value, value: Value) -> Result<()> {
        if self.try_add(cx, key.clone(), value)? { Ok(()) } else { Err(duplicate_key(cx, &key)) }
    }

    /// Removes an entry. Running iterations go on, as in .NET Core 3.0 and later.
    pub fn remove(&self, key: &Value) -> Option<Value> {
        self.state.lock().table.remove(key).map(|(_, v)| v)
    }

    /// Removes all entries. Running iterations just end.
    pub fn clear(&self) {
        self.state.lock().table.clear();
    }

    /// Copy of all entries in order.
    pub fn entries(&self) -> Vec<(Value, Value)> {
        self.state.lock().table.iter().map(|(k, v)| (k.clone(), v.clone())).collect()
    }

    pub(crate) fn equality(&self) -> Equality {
        self.state.lock().table.equality.clone()
    }

    pub(crate) fn make_pair(&self, key: Value, value: Value) -> Value {
        new_pair(&self.pair, key, value)
    }
}

impl Drop for DictionaryObject {
    fn drop(&mut self) {
        super::graveyard::bury(self.state.get_mut().table.take_values());
    }
}

impl Object for DictionaryObject {
    fn net_type(&self) -> Type {
        Type::generic(ids::DICTIONARY_T, [self.key.clone(), self.value.clone()])
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn enumerate(&self, this: &Arc<dyn Object>) -> Option<Box<dyn Enumerator>> {
        Some(Walk::over(this.clone(), Part::Pairs))
    }
    fn count(&self) -> Option<usize> {
        Some(self.len())
    }
}

/// What of an entry a sequence shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Pairs,
    Keys,
    Values,
}

struct Walk {
    source: Arc<dyn Object>,
    part: Part,
    at: usize,
    version: u32,
}

impl Walk {
    fn over(source: Arc<dyn Object>, part: Part) -> Box<dyn Enumerator> {
        let version = source.as_any().downcast_ref::<DictionaryObject>().map_or(0, |d| d.state.lock().version);
        Box::new(Walk { source, part, at: 0, version })
    }
}

impl Enumerator for Walk {
    fn next(&mut self, _: &mut dyn Ambient) -> Result<Option<Value>> {
        let Some(d) = self.source.as_any().downcast_ref::<DictionaryObject>() else { return Ok(None) };
        let state = d.state.lock();
        if state.version != self.version {
            return Err(list::modified());
        }
        let Some((at, key, value)) = state.table.next_from(self.at) else { return Ok(None) };
        self.at = at.saturating_add(1);
        Ok(Some(match self.part {
            Part::Pairs => d.make_pair(key.clone(), value.clone()),
            Part::Keys => key.clone(),
            Part::Values => value.clone(),
        }))
    }
}

/// `d.Keys` or `d.Values`: a live view.
pub(crate) struct ViewObject {
    source: Arc<dyn Object>,
    part: Part,
}

/// The live view of a dictionary's keys or values.
pub(crate) fn view(dictionary: &Value, part: Part) -> Value {
    match dictionary {
        Value::Object(source) => Value::object(ViewObject { source: source.clone(), part }),
        _ => Value::Null,
    }
}

impl ViewObject {
    pub(crate) fn source(&self) -> Option<&DictionaryObject> {
        self.source.as_any().downcast_ref()
    }

    pub(crate) fn is_keys(&self) -> bool {
        self.part == Part::Keys
    }
}

impl Object for ViewObject {
    fn net_type(&self) -> Type {
        let id = if self.is_keys() { names::KEY_COLLECTION_T } else { names::VALUE_COLLECTION_T };
        let args = self.source().map_or([Type::OBJECT, Type::OBJECT], |d| [d.key.clone(), d.value.clone()]);
        Type::generic(id, args)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, _: &mut dyn Ambient) -> Result<crate::Str> {
        let part = if self.is_keys() { "Key" } else { "Value" };
        let args = self.source().map(|d| format!("{},{}", d.key.clr_name(), d.value.clr_name())).unwrap_or_default();
        Ok(format!("System.Collections.Generic.Dictionary`2+{part}Collection[{args}]").into())
    }
    fn enumerate(&self, _: &Arc<dyn Object>) -> Option<Box<dyn Enumerator>> {
        Some(Walk::over(self.source.clone(), self.part))
    }
    fn count(&self) -> Option<usize> {
        self.source().map(DictionaryObject::len)
    }
}
