//! `Queue<T>` and `Stack<T>`: one object, two ends.
use std::any::Any;
use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;

use super::enumerator::{get_enumerator, to_vec};
use super::interfaces::copy_to;
use super::list_members::sequence;
use super::search::{index, non_negative};
use super::{array, cast, list, names};
use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::table::{Builder, TypeBuilder};
use crate::types::{Type, TypeId};
use crate::value::{Enumerator, Object, Value};

/// A queue or a stack. Items stand in the order in which they come out.
pub(crate) struct QueueObject {
    id: TypeId,
    item: Type,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    items: VecDeque<Value>,
    version: u32,
}

impl QueueObject {
    fn is_stack(&self) -> bool {
        self.id == names::STACK_T
    }

    fn empty(&self) -> Exception {
        Exception::invalid_operation(if self.is_stack() { "Stack empty." } else { "Queue empty." })
    }

    fn add(&self, cx: &mut dyn Ambient, item: Value) -> Result<()> {
        let mut state = self.state.lock();
        if state.items.len() == state.items.capacity() {
            cx.charge_bytes(state.items.capacity().max(4).saturating_mul(size_of::<Value>()))?;
        }
        if self.is_stack() {
            state.items.push_front(item);
        } else {
            state.items.push_back(item);
        }
        state.version = state.version.wrapping_add(1);
        Ok(())
    }

    fn take(&self) -> Option<Value> {
        let mut state = self.state.lock();
        state.version = state.version.wrapping_add(1);
        state.items.pop_front()
    }

    fn peek(&self) -> Option<Value> {
        self.state.lock().items.front().cloned()
    }
}

impl Drop for QueueObject {
    fn drop(&mut self) {
        super::graveyard::bury(std::mem::take(&mut self.state.get_mut().items).into());
    }
}

impl Object for QueueObject {
    fn net_type(&self) -> Type {
        Type::generic(self.id, [self.item.clone()])
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn enumerate(&self, this: &Arc<dyn Object>) -> Option<Box<dyn Enumerator>> {
        let version = self.state.lock().version;
        Some(Box::new(Walk { queue: this.clone(), at: 0, version }))
    }
    fn count(&self) -> Option<usize> {
        Some(self.state.lock().items.len())
    }
}

struct Walk {
    queue: Arc<dyn Object>,
    at: usize,
    version: u32,
}

impl Enumerator for Walk {
    fn next(&mut self, _: &mut dyn Ambient) -> Result<Option<Value>> {
        let Some(queue) = self.queue.as_any().downcast_ref::<QueueObject>() else { return Ok(None) };
        let state = queue.state.lock();
        if state.version != self.version {
            return Err(list::modified());
        }
        let item = state.items.get(self.at).cloned();
        self.at = self.at.saturating_add(1);
        Ok(item)
    }
}

fn make(c: &mut Call<'_>, id: TypeId, items: Vec<Value>) -> Result<Value> {
    let made = QueueObject { id, item: c.ty(0), state: Mutex::default() };
    for item in items {
        made.add(c.cx, item)?;
    }
    Ok(Value::object(made))
}

fn new_with_capacity(c: &mut Call<'_>, id: TypeId) -> Result<Value> {
    non_negative(c.int(0)?, "capacity")?;
    make(c, id, Vec::new())
}

fn new_from(c: &mut Call<'_>, id: TypeId) -> Result<Value> {
    let items = sequence(c, 0, "collection")?;
    make(c, id, items)
}

fn me(args: &[Value]) -> Result<&QueueObject> {
    args.first().and_then(Value::as_object::<QueueObject>).ok_or_else(Exception::null_reference)
}

fn add(c: &mut Call<'_>) -> Result<Value> {
    let item = c.take(1);
    me(c.args)?.add(c.cx, item)?;
    Ok(Value::Null)
}

fn take(c: &mut Call<'_>) -> Result<Value> {
    let me = me(c.args)?;
    me.take().ok_or_else(|| me.empty())
}

fn peek(c: &mut Call<'_>) -> Result<Value> {
    let me = me(c.args)?;
    me.peek().ok_or_else(|| me.empty())
}

/// `TryDequeue`, `TryPop`, `TryPeek`.
fn try_with(c: &mut Call<'_>, get: fn(&QueueObject) -> Option<Value>) -> Result<Value> {
    let found = get(me(c.args)?);
    let answer = Value::Bool(found.is_some());
    let missing = cast::default_value(c.cx.types(), &c.ty(0));
    c.set(1, found.unwrap_or(missing));
    Ok(answer)
}

fn clear(c: &mut Call<'_>) -> Result<Value> {
    let mut state = me(c.args)?.state.lock();
    state.items.clear();
    state.version = state.version.wrapping_add(1);
    Ok(Value::Null)
}

fn contains(c: &mut Call<'_>) -> Result<Value> {
    let state = me(c.args)?.state.lock();
    Ok(Value::Bool(state.items.iter().any(|i| object::equals(i, c.arg(1)))))
}

fn to_array(c: &mut Call<'_>) -> Result<Value> {
    let source = c.take(0);
    let items = to_vec(c.cx, &source)?;
    Ok(array::new_array(c.ty(0), items))
}

fn common(b: &mut Builder, id: TypeId) -> TypeBuilder<'_> {
    b.class(id)
        .params(&["T"])
        .implements(&["IReadOnlyCollection<T>", "IEnumerable<T>", "System.Collections.ICollection", "IEnumerable"])
        .def("int Count", |c| Ok(index(me(c.args)?.state.lock().items.len())))
        .def("T Peek()", peek)
        .def("bool TryPeek(out T result)", |c| try_with(c, QueueObject::peek))
        .def("void Clear()", clear)
        .def("bool Contains(T item)", contains)
        .def("void CopyTo(T[] array, int arrayIndex)", copy_to)
        .def("T[] ToArray()", to_array)
        .def("void TrimExcess()", |_| Ok(Value::Null))
        .def("IEnumerator<T> GetEnumerator()", get_enumerator)
}

pub(crate) fn define(b: &mut Builder) {
    common(b, names::QUEUE_T)
        .def("new()", |c| make(c, names::QUEUE_T, Vec::new()))
        .def("new(int capacity)", |c| new_with_capacity(c, names::QUEUE_T))
        .def("new(IEnumerable<T> collection)", |c| new_from(c, names::QUEUE_T))
        .def("void Enqueue(T item)", add)
        .def("T Dequeue()", take)
        .def("bool TryDequeue(out T result)", |c| try_with(c, QueueObject::take));
    common(b, names::STACK_T)
        .def("new()", |c| make(c, names::STACK_T, Vec::new()))
        .def("new(int capacity)", |c| new_with_capacity(c, names::STACK_T))
        .def("new(IEnumerable<T> collection)", |c| new_from(c, names::STACK_T))
        .def("void Push(T item)", add)
        .def("T Pop()", take)
        .def("bool TryPop(out T result)", |c| try_with(c, QueueObject::take));
}
