//! The hash table under `Dictionary`, `HashSet`, `Lookup` and LINQ's set operations.
//!
//! Order is .NET's: items stand in the order of insertion, and a new item takes the place that was freed last.
use hashbrown::HashTable;

use super::comparer::Equality;
use crate::value::Value;

/// Keys with one payload each.
#[derive(Clone, Default)]
pub(crate) struct HashTableOf<V> {
    slots: Vec<Option<Slot<V>>>,
    free: Vec<usize>,
    index: HashTable<usize>,
    pub(crate) equality: Equality,
}

#[derive(Clone)]
struct Slot<V> {
    /// Known once the table has an index.
    hash: u64,
    key: Value,
    value: V,
}

/// At most this many slots are searched without the index; their keys are not even hashed.
const LINEAR: usize = 8;

impl HashTableOf<Value> {
    /// The keys and values that may own others, when the table ends.
    pub(crate) fn take_values(&mut self) -> Vec<Value> {
        owners(self.slots.iter_mut().flatten().flat_map(|s| [&mut s.key, &mut s.value]))
    }
}

fn owners<'v>(values: impl Iterator<Item = &'v mut Value>) -> Vec<Value> {
    values.filter(|v| matches!(v, Value::Object(_) | Value::Func(_))).map(std::mem::take).collect()
}

impl<V> HashTableOf<V> {
    /// The keys that may own others, when the table ends.
    pub(crate) fn take_keys(&mut self) -> Vec<Value> {
        owners(self.slots.iter_mut().flatten().map(|s| &mut s.key))
    }

    pub(crate) fn new(equality: Equality) -> Self {
        HashTableOf { slots: Vec::new(), free: Vec::new(), index: HashTable::new(), equality }
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len().saturating_sub(self.free.len())
    }

    /// Bytes that the next insertion will allocate; to be charged before.
    pub(crate) fn growth(&self) -> usize {
        if !self.free.is_empty() || self.slots.len() < self.slots.capacity() {
            return 0;
        }
        self.slots
            .capacity()
            .max(LINEAR)
            .saturating_mul(size_of::<Option<Slot<V>>>().saturating_add(size_of::<usize>()))
    }

    /// Hash of a key, if the table goes by hashes already.
    fn hash(&self, key: &Value) -> u64 {
        if self.index.is_empty() { 0 } else { self.equality.hash(key) }
    }

    fn find(&self, hash: u64, key: &Value) -> Option<usize> {
        let is = |s: &Option<Slot<V>>| s.as_ref().is_some_and(|s| self.equality.equals(&s.key, key));
        if self.index.is_empty() {
            return self.slots.iter().position(is);
        }
        let matches =
            |at: &usize| self.slots.get(*at).is_some_and(|s| s.as_ref().is_some_and(|s| s.hash == hash) && is(s));
        self.index.find(hash, matches).copied()
    }

    pub(crate) fn position(&self, key: &Value) -> Option<usize> {
        if self.slots.is_empty() { None } else { self.find(self.hash(key), key) }
    }

    pub(crate) fn contains(&self, key: &Value) -> bool {
        self.position(key).is_some()
    }

    pub(crate) fn get(&self, key: &Value) -> Option<&V> {
        self.at(self.position(key)?).map(|(_, v)| v)
    }

    pub(crate) fn get_mut(&mut self, key: &Value) -> Option<&mut V> {
        let at = self.position(key)?;
        self.slots.get_mut(at)?.as_mut().map(|s| &mut s.value)
    }

    pub(crate) fn at(&self, slot: usize) -> Option<(&Value, &V)> {
        self.slots.get(slot)?.as_ref().map(|s| (&s.key, &s.value))
    }

    /// First occupied slot at or after `slot`, for iterations that outlive a borrow.
    pub(crate) fn next_from(&self, slot: usize) -> Option<(usize, &Value, &V)> {
        let tail = self.slots.get(slot..)?;
        let (n, s) = tail.iter().enumerate().find_map(|(n, s)| s.as_ref().map(|s| (n, s)))?;
        Some((slot.saturating_add(n), &s.key, &s.value))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Value, &V)> {
        self.slots.iter().flatten().map(|s| (&s.key, &s.value))
    }

    pub(crate) fn into_entries(self) -> impl Iterator<Item = (Value, V)> {
        self.slots.into_iter().flatten().map(|s| (s.key, s.value))
    }

    /// Adds unless the key is there; says whether it added.
    pub(crate) fn try_insert(&mut self, key: Value, value: V) -> bool {
        let hash = self.hash(&key);
        if self.find(hash, &key).is_some() {
            return false;
        }
        self.push(hash, key, value);
        true
    }

    /// Sets the value; an existing key object stays.
    pub(crate) fn set(&mut self, key: Value, value: V) {
        let hash = self.hash(&key);
        match self.find(hash, &key).and_then(|at| self.slots.get_mut(at)?.as_mut()) {
            Some(slot) => slot.value = value,
            None => self.push(hash, key, value),
        }
    }

    fn push(&mut self, hash: u64, key: Value, value: V) {
        let slot = Some(Slot { hash, key, value });
        let at = match self.free.pop() {
            Some(at) => {
                if let Some(place) = self.slots.get_mut(at) {
                    *place = slot;
                }
                at
            }
            None => {
                self.slots.push(slot);
                self.slots.len().saturating_sub(1)
            }
        };
        if !self.index.is_empty() {
            let slots = &self.slots;
            self.index.insert_unique(hash, at, |i| hash_of(slots, *i));
        } else if self.slots.len() > LINEAR {
            self.reindex();
        }
    }

    fn reindex(&mut self) {
        for slot in self.slots.iter_mut().flatten() {
            slot.hash = self.equality.hash(&slot.key);
        }
        let slots = &self.slots;
        for (i, slot) in slots.iter().enumerate() {
            if let Some(s) = slot {
                self.index.insert_unique(s.hash, i, |i| hash_of(slots, *i));
            }
        }
    }

    pub(crate) fn remove(&mut self, key: &Value) -> Option<(Value, V)> {
        let at = self.position(key)?;
        let slot = self.slots.get_mut(at)?.take()?;
        if let Ok(found) = self.index.find_entry(slot.hash, |i| *i == at) {
            found.remove();
        }
        self.free.push(at);
        Some((slot.key, slot.value))
    }

    pub(crate) fn clear(&mut self) {
        self.slots.clear();
        self.free.clear();
        self.index.clear();
    }
}

fn hash_of<V>(slots: &[Option<Slot<V>>], at: usize) -> u64 {
    slots.get(at).and_then(Option::as_ref).map_or(0, |s| s.hash)
}
