//! `List<T>`: the object, its constructors' face for the compiler, and its iteration. Members stand in [`super::list_members`].
use std::any::Any;
use std::sync::Arc;

use parking_lot::{MappedMutexGuard, Mutex, MutexGuard};

use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::types::{Type, TypeId, ids};
use crate::value::{Enumerator, Object, Value};

/// `System.Collections.ArrayList`
pub(crate) const ARRAY_LIST: TypeId = TypeId("System.Collections.ArrayList");

/// A growing list.
pub struct ListObject {
    item: Type,
    /// An `ArrayList`, which is a list of objects under another name.
    untyped: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    items: Vec<Value>,
    version: u32,
    /// What `Capacity` answers; the real one is the vector's own business.
    capacity: usize,
}

/// A `List<item>`.
pub fn new_list(item: Type, items: Vec<Value>) -> Value {
    let capacity = items.len();
    Value::object(ListObject { item, untyped: false, state: Mutex::new(State { items, version: 0, capacity }) })
}

/// An `ArrayList`.
pub(crate) fn new_array_list(items: Vec<Value>) -> Value {
    let capacity = items.len();
    Value::object(ListObject {
        item: Type::OBJECT,
        untyped: true,
        state: Mutex::new(State { items, version: 0, capacity }),
    })
}

/// An empty `List<item>` that was asked for room.
pub(crate) fn with_capacity(item: Type, capacity: usize) -> Value {
    Value::object(ListObject { item, untyped: false, state: Mutex::new(State { capacity, ..State::default() }) })
}

/// The list behind a value.
pub fn list(value: &Value) -> Option<&ListObject> {
    value.as_object::<ListObject>()
}

/// `InvalidOperationException` of an iteration whose collection changed.
pub(crate) fn modified() -> Exception {
    Exception::invalid_operation("Collection was modified; enumeration operation may not execute.")
}

/// `ArgumentOutOfRangeException` of an index outside a list.
pub(crate) fn index_out_of_range() -> Exception {
    Exception::argument_range(
        "Index was out of range. Must be non-negative and less than the size of the collection.",
        "index",
    )
}

impl ListObject {
    /// Element type.
    pub fn item(&self) -> &Type {
        &self.item
    }

    /// Number of items.
    pub fn len(&self) -> usize {
        self.state.lock().items.len()
    }

    /// Has it no items?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Item at a position.
    pub fn at(&self, index: usize) -> Option<Value> {
        self.state.lock().items.get(index).cloned()
    }

    /// Copy of all items.
    pub fn to_vec(&self) -> Vec<Value> {
        self.state.lock().items.clone()
    }

    /// Adds at the end; charges for growth.
    pub fn push(&self, cx: &mut dyn Ambient, item: Value) -> Result<()> {
        let mut state = self.state.lock();
        if state.items.len() == state.items.capacity() {
            cx.charge_bytes(state.items.capacity().max(4).saturating_mul(size_of::<Value>()))?;
        }
        state.items.push(item);
        state.version = state.version.wrapping_add(1);
        Ok(())
    }

    /// The items, to read. Do not hold across calls.
    pub(crate) fn read(&self) -> MappedMutexGuard<'_, Vec<Value>> {
        MutexGuard::map(self.state.lock(), |s| &mut s.items)
    }

    /// The items, to change: running iterations will notice. Do not hold across calls.
    pub(crate) fn write(&self) -> MappedMutexGuard<'_, Vec<Value>> {
        MutexGuard::map(self.state.lock(), |s| {
            s.version = s.version.wrapping_add(1);
            &mut s.items
        })
    }

    /// `Capacity`: doubles from 4 when it is too small.
    pub(crate) fn capacity(&self) -> usize {
        let mut state = self.state.lock();
        while state.capacity < state.items.len() {
            state.capacity = state.capacity.saturating_mul(2).max(4);
        }
        state.capacity
    }

    pub(crate) fn set_capacity(&self, capacity: usize) {
        self.state.lock().capacity = capacity;
    }

    /// Counts the changes.
    pub(crate) fn version(&self) -> u32 {
        self.state.lock().version
    }
}

impl Drop for ListObject {
    fn drop(&mut self) {
        super::graveyard::bury(std::mem::take(&mut self.state.get_mut().items));
    }
}

impl Object for ListObject {
    fn net_type(&self) -> Type {
        if self.untyped { Type::Simple(ARRAY_LIST) } else { Type::generic(ids::LIST_T, [self.item.clone()]) }
    }
    fn is_exactly(&self, ty: &Type) -> bool {
        if self.untyped {
            return *ty == Type::Simple(ARRAY_LIST);
        }
        matches!(ty, Type::Generic(ids::LIST_T, args) if matches!(&**args, [item] if *item == self.item))
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn enumerate(&self, this: &Arc<dyn Object>) -> Option<Box<dyn Enumerator>> {
        Some(Box::new(ListEnumerator { list: this.clone(), at: 0, version: self.version() }))
    }
    fn count(&self) -> Option<usize> {
        Some(self.len())
    }
}

struct ListEnumerator {
    list: Arc<dyn Object>,
    at: usize,
    version: u32,
}

impl Enumerator for ListEnumerator {
    fn next(&mut self, _: &mut dyn Ambient) -> Result<Option<Value>> {
        let Some(list) = self.list.as_any().downcast_ref::<ListObject>() else { return Ok(None) };
        let state = list.state.lock();
        if state.version != self.version {
            return Err(modified());
        }
        let item = state.items.get(self.at).cloned();
        self.at = self.at.saturating_add(1);
        Ok(item)
    }
}
