//! Iterations as objects (`IEnumerator<T>`), and the one way of this library to walk a sequence.
use std::any::Any;
use std::cell::Cell;

use parking_lot::Mutex;

use super::array::ArrayObject;
use super::dispatch;
use super::list::ListObject;
use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::{Type, ids};
use crate::value::{Enumerator, Object, Value};

/// `IEnumerator<T>`: what `GetEnumerator()` answers.
pub struct EnumeratorObject {
    item: Type,
    state: Mutex<State>,
}

struct State {
    source: Option<Box<dyn Enumerator>>,
    current: Value,
}

/// An `IEnumerator<item>` over a running iteration.
pub fn new_enumerator(item: Type, source: Box<dyn Enumerator>) -> Value {
    Value::object(EnumeratorObject { item, state: Mutex::new(State { source: Some(source), current: Value::Null }) })
}

impl EnumeratorObject {
    /// The source is out of the lock while it runs: it may call delegates.
    fn move_next(&self, cx: &mut dyn Ambient) -> Result<bool> {
        let Some(mut source) = self.state.lock().source.take() else { return Ok(false) };
        let next = source.next(cx)?;
        let found = next.is_some();
        let mut state = self.state.lock();
        state.current = next.unwrap_or_default();
        if found {
            state.source = Some(source);
        }
        Ok(found)
    }
}

thread_local! {
    static ABANDONED: Cell<bool> = const { Cell::new(false) };
}

/// Is a walk being dropped because an `IEnumerator` is no longer held, which nobody disposed of? Then no code of the walk may run.
pub fn is_abandoned() -> bool {
    ABANDONED.get()
}

impl Drop for EnumeratorObject {
    fn drop(&mut self) {
        let Some(source) = self.state.get_mut().source.take() else { return };
        let outer = ABANDONED.replace(true);
        drop(source);
        ABANDONED.set(outer);
    }
}

impl Object for EnumeratorObject {
    fn net_type(&self) -> Type {
        Type::generic(ids::ENUMERATOR_T, [self.item.clone()])
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn dispose(&self) {
        self.state.lock().source = None;
    }
}

/// Starts an iteration over any sequence: objects, texts, and host objects whose type has `GetEnumerator`.
pub fn enumerate(cx: &mut dyn Ambient, sequence: &Value) -> Result<Box<dyn Enumerator>> {
    if let Value::Handle(..) = sequence {
        let mut args = [sequence.clone()];
        let found = dispatch::call(cx, &mut args, "GetEnumerator");
        let made = found.ok_or_else(|| not_a_sequence(sequence))??;
        let inner = made.as_object::<EnumeratorObject>().and_then(|e| e.state.lock().source.take());
        return inner.ok_or_else(|| not_a_sequence(sequence));
    }
    sequence.enumerate()
}

/// The same where the static type decides which sequence is meant: a `JObject` is one of tokens and one of pairs.
pub fn enumerate_as(cx: &mut dyn Ambient, sequence: &Value, static_type: &Type) -> Result<Box<dyn Enumerator>> {
    let wants_pairs = match static_type {
        Type::Generic(ids::IDICTIONARY_T, _) => true,
        Type::Generic(_, args) => args.first().is_some_and(|t| t.id() == Some(ids::KEY_VALUE_PAIR_T)),
        Type::Simple(id) => *id == crate::newtonsoft::names::JOBJECT,
        _ => false,
    };
    match wants_pairs.then(|| crate::newtonsoft::as_pairs(sequence)).flatten() {
        Some(pairs) => pairs.enumerate(),
        None => enumerate(cx, sequence),
    }
}

fn not_a_sequence(value: &Value) -> Exception {
    Exception::invalid_cast(&value.net_type(), &Type::Simple(ids::ENUMERABLE))
}

/// All items of a sequence, charged for.
pub fn to_vec(cx: &mut dyn Ambient, sequence: &Value) -> Result<Vec<Value>> {
    if let Some(known) = known_len(sequence) {
        cx.charge_steps(u64::try_from(known).unwrap_or(u64::MAX))?;
        cx.charge_bytes(known.saturating_mul(size_of::<Value>()))?;
    }
    if let Some(array) = sequence.as_object::<ArrayObject>() {
        return Ok(array.to_vec());
    }
    if let Some(list) = sequence.as_object::<ListObject>() {
        return Ok(list.to_vec());
    }
    let mut source = enumerate(cx, sequence)?;
    collect(cx, source.as_mut())
}

fn known_len(sequence: &Value) -> Option<usize> {
    match sequence {
        Value::Object(o) if o.as_any().is::<ArrayObject>() || o.as_any().is::<ListObject>() => o.count(),
        _ => None,
    }
}

/// The rest of an iteration, charged for.
pub fn collect(cx: &mut dyn Ambient, source: &mut dyn Enumerator) -> Result<Vec<Value>> {
    let mut items = Vec::new();
    while let Some(item) = source.next(cx)? {
        cx.charge_steps(1)?;
        if items.len() == items.capacity() {
            cx.charge_bytes(items.capacity().max(4).saturating_mul(size_of::<Value>()))?;
        }
        items.push(item);
    }
    Ok(items)
}

/// Calls `visit` for each item until it answers `false`.
pub fn walk(
    cx: &mut dyn Ambient,
    sequence: &Value,
    mut visit: impl FnMut(&mut dyn Ambient, Value) -> Result<bool>,
) -> Result<()> {
    let mut source = enumerate(cx, sequence)?;
    while let Some(item) = source.next(cx)? {
        cx.charge_steps(1)?;
        if !visit(cx, item)? {
            break;
        }
    }
    Ok(())
}

/// Items that are already at hand, as an iteration.
pub(crate) struct Items(pub(crate) std::vec::IntoIter<Value>);

impl Items {
    pub(crate) fn boxed(items: Vec<Value>) -> Box<dyn Enumerator> {
        Box::new(Items(items.into_iter()))
    }
}

impl Enumerator for Items {
    fn next(&mut self, _: &mut dyn Ambient) -> Result<Option<Value>> {
        Ok(self.0.next())
    }
}

fn of_receiver(args: &[Value]) -> Result<&EnumeratorObject> {
    args.first().and_then(Value::as_object::<EnumeratorObject>).ok_or_else(Exception::null_reference)
}

fn move_next(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::Bool(of_receiver(c.args)?.move_next(c.cx)?))
}

fn current(c: &mut Call<'_>) -> Result<Value> {
    Ok(of_receiver(c.args)?.state.lock().current.clone())
}

fn reset(_: &mut Call<'_>) -> Result<Value> {
    Err(Exception::not_supported("Specified method is not supported."))
}

fn dispose(c: &mut Call<'_>) -> Result<Value> {
    of_receiver(c.args)?.dispose();
    Ok(Value::Null)
}

/// `GetEnumerator()` of every sequence type.
pub(crate) fn get_enumerator(c: &mut Call<'_>) -> Result<Value> {
    let sequence = c.take(0);
    let source = enumerate(c.cx, &sequence)?;
    let item = c.ty(0);
    // `Current` before the first `MoveNext`.
    let current = super::cast::default_value(c.cx.types(), &item);
    Ok(Value::object(EnumeratorObject { item, state: Mutex::new(State { source: Some(source), current }) }))
}

pub(crate) fn define(b: &mut Builder) {
    b.interface(ids::ENUMERABLE).def("IEnumerator GetEnumerator()", get_enumerator);
    b.interface(ids::ENUMERABLE_T)
        .params(&["out T"])
        .implements(&["IEnumerable"])
        .def("IEnumerator<T> GetEnumerator()", get_enumerator);
    b.interface(ids::ENUMERATOR)
        .def("bool MoveNext()", move_next)
        .def("object Current", current)
        .def("void Reset()", reset);
    b.interface(ids::ENUMERATOR_T)
        .params(&["out T"])
        .implements(&["IEnumerator", "IDisposable"])
        .def("T Current", current)
        .def("bool MoveNext()", move_next)
        .def("void Reset()", reset)
        .def("void Dispose()", dispose);
}
