//! `LinkedList<T>` and its nodes. A node knows its list weakly and is found in it by identity.
use std::any::Any;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::enumerator::get_enumerator;
use super::interfaces::copy_to;
use super::list_members::sequence;
use super::search::index;
use super::{list, names};
use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::types::Type;
use crate::value::{Enumerator, Object, Value};

/// The list.
pub(crate) struct LinkedListObject {
    item: Type,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    nodes: Vec<Arc<Node>>,
    version: u32,
}

/// A node, in a list or alone.
pub(crate) struct Node {
    item: Type,
    value: Mutex<Value>,
    list: Mutex<Weak<dyn Object>>,
}

impl Drop for Node {
    fn drop(&mut self) {
        super::graveyard::bury(vec![std::mem::take(self.value.get_mut())]);
    }
}

impl Object for LinkedListObject {
    fn net_type(&self) -> Type {
        Type::generic(names::LINKED_LIST_T, [self.item.clone()])
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn enumerate(&self, this: &Arc<dyn Object>) -> Option<Box<dyn Enumerator>> {
        let version = self.state.lock().version;
        Some(Box::new(Walk { list: this.clone(), at: 0, version }))
    }
    fn count(&self) -> Option<usize> {
        Some(self.state.lock().nodes.len())
    }
}

impl Object for Node {
    fn net_type(&self) -> Type {
        Type::generic(names::LINKED_LIST_NODE_T, [self.item.clone()])
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct Walk {
    list: Arc<dyn Object>,
    at: usize,
    version: u32,
}

impl Enumerator for Walk {
    fn next(&mut self, _: &mut dyn Ambient) -> Result<Option<Value>> {
        let Some(list) = self.list.as_any().downcast_ref::<LinkedListObject>() else { return Ok(None) };
        let state = list.state.lock();
        if state.version != self.version {
            return Err(list::modified());
        }
        let item = state.nodes.get(self.at).map(|n| n.value.lock().clone());
        self.at = self.at.saturating_add(1);
        Ok(item)
    }
}

struct Me(Arc<dyn Object>);

impl Me {
    fn of(c: &Call<'_>) -> Result<Me> {
        match c.arg(0) {
            Value::Object(o) if o.as_any().is::<LinkedListObject>() => Ok(Me(o.clone())),
            _ => Err(Exception::null_reference()),
        }
    }

    fn list(&self) -> Result<&LinkedListObject> {
        self.0.as_any().downcast_ref().ok_or_else(Exception::null_reference)
    }

    fn insert(&self, cx: &mut dyn Ambient, at: usize, node: Arc<Node>) -> Result<Value> {
        cx.charge_bytes(size_of::<Node>())?;
        *node.list.lock() = Arc::downgrade(&self.0);
        let mut state = self.list()?.state.lock();
        let at = at.min(state.nodes.len());
        state.nodes.insert(at, node.clone());
        state.version = state.version.wrapping_add(1);
        Ok(Value::Object(node))
    }

    fn new_node(&self, value: Value) -> Result<Arc<Node>> {
        Ok(Arc::new(Node { item: self.list()?.item.clone(), value: Mutex::new(value), list: Mutex::new(no_list()) }))
    }

    fn position(&self, node: &Value) -> Result<usize> {
        let Value::Object(wanted) = node else { return Err(Exception::argument_null("node")) };
        let state = self.list()?.state.lock();
        let found = state.nodes.iter().position(|n| std::ptr::addr_eq(Arc::as_ptr(n), Arc::as_ptr(wanted)));
        found.ok_or_else(|| Exception::invalid_operation("The LinkedList node does not belong to current LinkedList."))
    }

    fn remove(&self, at: usize) -> Result<bool> {
        let mut state = self.list()?.state.lock();
        if at >= state.nodes.len() {
            return Ok(false);
        }
        state.version = state.version.wrapping_add(1);
        let node = state.nodes.remove(at);
        *node.list.lock() = no_list();
        Ok(true)
    }

    fn find(&self, value: &Value, from_end: bool) -> Result<Option<usize>> {
        let nodes = self.list()?.state.lock().nodes.clone();
        let equal = |n: &Arc<Node>| object::equals(&n.value.lock(), value);
        Ok(if from_end { nodes.iter().rposition(equal) } else { nodes.iter().position(equal) })
    }

    fn node_at(&self, at: Option<usize>) -> Result<Value> {
        let state = self.list()?.state.lock();
        Ok(at.and_then(|at| state.nodes.get(at)).map_or(Value::Null, |n| Value::Object(n.clone())))
    }

    fn len(&self) -> Result<usize> {
        Ok(self.list()?.state.lock().nodes.len())
    }
}

fn no_list() -> Weak<dyn Object> {
    Weak::<LinkedListObject>::new()
}

fn new_from(c: &mut Call<'_>) -> Result<Value> {
    let items = if c.args.is_empty() { Vec::new() } else { sequence(c, 0, "collection")? };
    let me = Me(Arc::new(LinkedListObject { item: c.ty(0), state: Mutex::default() }));
    for item in items {
        let node = me.new_node(item)?;
        me.insert(c.cx, usize::MAX, node)?;
    }
    Ok(Value::Object(me.0))
}

/// A new node for a value, or the node that was given.
fn node_arg(c: &mut Call<'_>, me: &Me, n: usize) -> Result<Arc<Node>> {
    let value = c.take(n);
    if let Value::Object(o) = &value
        && o.as_any().is::<Node>()
    {
        let any: Arc<dyn Any + Send + Sync> = o.clone();
        if let Ok(node) = any.downcast::<Node>() {
            if node.list.lock().strong_count() > 0 {
                return Err(Exception::invalid_operation("The LinkedList node already belongs to a LinkedList."));
            }
            return Ok(node);
        }
    }
    me.new_node(value)
}

fn add_at(c: &mut Call<'_>, at: usize) -> Result<Value> {
    let me = Me::of(c)?;
    let node = node_arg(c, &me, 1)?;
    me.insert(c.cx, at, node)
}

fn add_beside(c: &mut Call<'_>, after: bool) -> Result<Value> {
    let me = Me::of(c)?;
    let at = me.position(c.arg(1))?.saturating_add(usize::from(after));
    let node = node_arg(c, &me, 2)?;
    me.insert(c.cx, at, node)
}

fn remove_edge(c: &mut Call<'_>, last: bool) -> Result<Value> {
    let me = Me::of(c)?;
    let at = me.len()?.checked_sub(1).ok_or_else(|| Exception::invalid_operation("The LinkedList is empty."))?;
    me.remove(if last { at } else { 0 })?;
    Ok(Value::Null)
}

fn remove_value(c: &mut Call<'_>) -> Result<Value> {
    let me = Me::of(c)?;
    match me.find(c.arg(1), false)? {
        Some(at) => me.remove(at).map(Value::Bool),
        None => Ok(Value::Bool(false)),
    }
}

fn remove_node(c: &mut Call<'_>) -> Result<Value> {
    let me = Me::of(c)?;
    let at = me.position(c.arg(1))?;
    me.remove(at).map(|_| Value::Null)
}

fn clear(c: &mut Call<'_>) -> Result<Value> {
    let me = Me::of(c)?;
    while me.remove(0)? {}
    Ok(Value::Null)
}

/// Node beside a node.
fn neighbour(c: &mut Call<'_>, next: bool) -> Result<Value> {
    let node = c.arg(0).as_object::<Node>().ok_or_else(Exception::null_reference)?;
    let Some(list) = node.list.lock().upgrade() else { return Ok(Value::Null) };
    let me = Me(list);
    let at = me.position(c.arg(0))?;
    me.node_at(if next { at.checked_add(1) } else { at.checked_sub(1) })
}

pub(crate) fn define(b: &mut Builder) {
    b.class(names::LINKED_LIST_T)
        .params(&["T"])
        .implements(&[
            "ICollection<T>",
            "IReadOnlyCollection<T>",
            "IEnumerable<T>",
            "System.Collections.ICollection",
            "IEnumerable",
        ])
        .def("new()", new_from)
        .def("new(IEnumerable<T> collection)", new_from)
        .def("int Count", |c| Ok(index(Me::of(c)?.len()?)))
        .def("LinkedListNode<T> First", |c| Me::of(c)?.node_at(Some(0)))
        .def("LinkedListNode<T> Last", |c| {
            let me = Me::of(c)?;
            me.node_at(me.len()?.checked_sub(1))
        })
        .def("LinkedListNode<T> AddFirst(T value)", |c| add_at(c, 0))
        .def("LinkedListNode<T> AddLast(T value)", |c| add_at(c, usize::MAX))
        .def("void AddFirst(LinkedListNode<T> node)", |c| add_at(c, 0))
        .def("void AddLast(LinkedListNode<T> node)", |c| add_at(c, usize::MAX))
        .def("LinkedListNode<T> AddAfter(LinkedListNode<T> node, T value)", |c| add_beside(c, true))
        .def("LinkedListNode<T> AddBefore(LinkedListNode<T> node, T value)", |c| add_beside(c, false))
        .def("void explicit.Add(T item)", |c| add_at(c, usize::MAX))
        .def("void Clear()", clear)
        .def("bool Contains(T value)", |c| Ok(Value::Bool(Me::of(c)?.find(c.arg(1), false)?.is_some())))
        .def("LinkedListNode<T> Find(T value)", |c| {
            let me = Me::of(c)?;
            me.node_at(me.find(c.arg(1), false)?)
        })
        .def("LinkedListNode<T> FindLast(T value)", |c| {
            let me = Me::of(c)?;
            me.node_at(me.find(c.arg(1), true)?)
        })
        .def("bool Remove(T value)", remove_value)
        .def("void Remove(LinkedListNode<T> node)", remove_node)
        .def("void RemoveFirst()", |c| remove_edge(c, false))
        .def("void RemoveLast()", |c| remove_edge(c, true))
        .def("void CopyTo(T[] array, int index)", copy_to)
        .def("IEnumerator<T> GetEnumerator()", get_enumerator);
    b.class(names::LINKED_LIST_NODE_T)
        .params(&["T"])
        .def("new(T value)", |c| {
            let value = Mutex::new(c.take(0));
            Ok(Value::object(Node { item: c.ty(0), value, list: Mutex::new(no_list()) }))
        })
        .get_set(
            "T Value",
            |c| c.arg(0).as_object::<Node>().map(|n| n.value.lock().clone()).ok_or_else(Exception::null_reference),
            |c| {
                let value = c.take(1);
                if let Some(node) = c.arg(0).as_object::<Node>() {
                    *node.value.lock() = value;
                }
                Ok(Value::Null)
            },
        )
        .def("LinkedListNode<T> Next", |c| neighbour(c, true))
        .def("LinkedListNode<T> Previous", |c| neighbour(c, false))
        .def("LinkedList<T> List", |c| {
            let node = c.arg(0).as_object::<Node>().ok_or_else(Exception::null_reference)?;
            Ok(node.list.lock().upgrade().map_or(Value::Null, Value::Object))
        });
}
