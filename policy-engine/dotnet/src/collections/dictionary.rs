//! `Dictionary<K, V>`: the object, its face for other packages, its iteration, and its key and value collections.
//! Members stand in [`super::dictionary_members`].
use std::any::Any;
use std::sync::{Arc, OnceLock};

use parking_lot::RwLockWriteGuard;

use super::comparer::Equality;
use super::hash::HashTableOf;
use super::key_value_pair::{new_pair, pair_type};
use super::settled::{Seen, Settled};
use super::{array, list, names, nesting};
use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::object;
use crate::types::{Type, ids};
use crate::value::{Enumerator, Object, Value};

/// A dictionary; iterates in the order of insertion as .NET's does.
pub struct DictionaryObject {
    key: Type,
    value: Type,
    pair: OnceLock<Type>,
    state: Settled<State>,
}

#[derive(Clone, Default)]
struct State {
    table: HashTableOf<Value>,
    version: u32,
    /// Where the entries come from when somebody wants more of them than single texts.
    pending: Option<Arc<dyn Pending>>,
}

/// Entries that a dictionary of string arrays gets when it is first looked into.
pub trait Pending: Send + Sync {
    /// All entries; a later equal key wins.
    fn entries(&self) -> Vec<(Value, Value)>;
    /// The texts of one entry, joined with commas.
    fn joined(&self, key: &str) -> Option<Value>;
}

/// A `Dictionary<key, value>` whose entries are made when they are needed.
pub fn pending_dictionary(key: Type, value: Type, pending: Arc<dyn Pending>) -> Value {
    let state = Settled::open(State { pending: Some(pending), ..State::default() });
    Value::object(DictionaryObject { key, value, pair: OnceLock::new(), state })
}

/// A `Dictionary<key, value>` of these entries; a later equal key wins.
pub fn new_dictionary(key: Type, value: Type, entries: Vec<(Value, Value)>) -> Value {
    let mut state = State::default();
    for (k, v) in entries {
        state.table.set(k, v);
    }
    Value::object(DictionaryObject { key, value, pair: OnceLock::new(), state: Settled::new(state) })
}

pub(crate) fn with_equality(key: Type, value: Type, equality: Equality) -> DictionaryObject {
    let state = State { table: HashTableOf::new(equality), version: 0, pending: None };
    DictionaryObject { key, value, pair: OnceLock::new(), state: Settled::open(state) }
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
    /// The state with its entries in place.
    /// The entries, to look at.
    fn state(&self) -> Seen<'_, State> {
        let state = self.state.read();
        if state.pending.is_none() {
            return state;
        }
        drop(state);
        drop(self.state_mut());
        self.state.read()
    }

    /// The entries, to change.
    fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        let mut state = self.state.write();
        if let Some(pending) = state.pending.take() {
            for (key, value) in pending.entries() {
                state.table.set(key, value);
            }
        }
        state
    }

    /// The texts of an entry joined with commas, for dictionaries of string arrays; does not make pending entries.
    pub fn joined(&self, key: &str) -> Option<Value> {
        let pending = self.state.read().pending.clone();
        if let Some(pending) = pending {
            return pending.joined(key);
        }
        let found = self.get(&Value::str(key))?;
        let Some(items) = array::array(&found) else { return Some(found) };
        if items.len() == 1 {
            return Some(items.at(0));
        }
        Some(Value::str(items.to_vec().iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")))
    }

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
        self.state().table.len()
    }

    /// Has it no entries?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Value of a key.
    pub fn get(&self, key: &Value) -> Option<Value> {
        self.state().table.get(key).cloned()
    }

    /// `d[key]`
    pub(crate) fn item(&self, cx: &mut dyn Ambient, key: &Value) -> Result<Value> {
        match self.state().table.get(key) {
            Some(value) => Ok(value.clone()),
            None => Err(key_not_found(cx, key)),
        }
    }

    /// Is the key there?
    pub fn contains_key(&self, key: &Value) -> bool {
        self.state().table.contains(key)
    }

    /// `d[key] = value`; charges for growth. Replacing a value does not disturb running iterations (.NET 5 and later).
    pub fn set(&self, cx: &mut dyn Ambient, key: Value, value: Value) -> Result<()> {
        let mut state = self.state_mut();
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
        let mut state = self.state_mut();
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
        self.state_mut().table.remove(key).map(|(_, v)| v)
    }

    /// Removes all entries. Running iterations just end.
    pub fn clear(&self) {
        self.state_mut().table.clear();
    }

    /// Copy of all entries in order.
    pub fn entries(&self) -> Vec<(Value, Value)> {
        self.state().table.iter().map(|(k, v)| (k.clone(), v.clone())).collect()
    }

    pub(crate) fn equality(&self) -> Equality {
        self.state().table.equality.clone()
    }

    pub(crate) fn make_pair(&self, key: Value, value: Value) -> Value {
        new_pair(self.pair.get_or_init(|| pair_type(self.key.clone(), self.value.clone())), key, value)
    }
}

impl Drop for DictionaryObject {
    fn drop(&mut self) {
        for state in self.state.contents_mut() {
            super::graveyard::bury(state.table.take_values());
        }
    }
}

impl Object for DictionaryObject {
    fn net_type(&self) -> Type {
        Type::generic(ids::DICTIONARY_T, [self.key.clone(), self.value.clone()])
    }
    fn is_exactly(&self, ty: &Type) -> bool {
        matches!(ty, Type::Generic(ids::DICTIONARY_T, args) if matches!(&**args, [k, v] if *k == self.key && *v == self.value))
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
        let version = source.as_any().downcast_ref::<DictionaryObject>().map_or(0, |d| d.state().version);
        Box::new(Walk { source, part, at: 0, version })
    }
}

impl Enumerator for Walk {
    fn next(&mut self, cx: &mut dyn Ambient) -> Result<Option<Value>> {
        let Some(d) = self.source.as_any().downcast_ref::<DictionaryObject>() else { return Ok(None) };
        let state = d.state();
        if state.version != self.version {
            return Err(list::modified());
        }
        let Some((at, key, value)) = state.table.next_from(self.at) else { return Ok(None) };
        self.at = at.saturating_add(1);
        Ok(Some(match self.part {
            Part::Pairs => nesting::charge(cx, d.make_pair(key.clone(), value.clone()))?,
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
