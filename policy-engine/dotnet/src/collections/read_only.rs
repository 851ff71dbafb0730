//! `System.Collections.ObjectModel.ReadOnlyCollection<T>`: a live view of a list or array that cannot be changed.
use std::any::Any;
use std::sync::Arc;

use super::enumerator::get_enumerator;
use super::interfaces::copy_to;
use super::search::{self, Indexed, index};
use super::{list, names};
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::types::Type;
use crate::value::{Enumerator, Object, Value};

/// The view.
pub(crate) struct ReadOnlyObject {
    item: Type,
    inner: Value,
}

/// A read-only view of a list or array.
pub(crate) fn new_read_only(item: Type, inner: Value) -> Value {
    Value::object(ReadOnlyObject { item, inner })
}

impl Object for ReadOnlyObject {
    fn net_type(&self) -> Type {
        Type::generic(names::READ_ONLY_COLLECTION_OBJECT_T, [self.item.clone()])
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn enumerate(&self, _: &Arc<dyn Object>) -> Option<Box<dyn Enumerator>> {
        self.inner.enumerate().ok()
    }
    fn count(&self) -> Option<usize> {
        match &self.inner {
            Value::Object(o) => o.count(),
            _ => None,
        }
    }
}

/// The list behind the receiver.
fn inner(c: &Call<'_>) -> Result<Value> {
    c.arg(0).as_object::<ReadOnlyObject>().map(|r| r.inner.clone()).ok_or_else(Exception::null_reference)
}

fn new_view(c: &mut Call<'_>) -> Result<Value> {
    if c.arg(0).is_null() {
        return Err(Exception::argument_null("list"));
    }
    Ok(new_read_only(c.ty(0), c.take(0)))
}

fn count(c: &mut Call<'_>) -> Result<Value> {
    let inner = inner(c)?;
    Ok(index(Indexed::of(&inner)?.len()))
}

fn get(c: &mut Call<'_>) -> Result<Value> {
    let (inner, at) = (inner(c)?, c.int(1)?);
    let items = Indexed::of(&inner)?;
    usize::try_from(at).ok().and_then(|i| items.at(i)).ok_or_else(list::index_out_of_range)
}

fn contains(c: &mut Call<'_>) -> Result<Value> {
    let inner = inner(c)?;
    let items = Indexed::of(&inner)?.to_vec();
    Ok(Value::Bool(items.iter().any(|i| object::equals(i, c.arg(1)))))
}

fn index_of(c: &mut Call<'_>) -> Result<Value> {
    let inner = inner(c)?;
    c.set(0, inner);
    search::index_of(c)
}

fn refuse(_: &mut Call<'_>) -> Result<Value> {
    Err(Exception::not_supported("Collection is read-only."))
}

pub(crate) fn define(b: &mut Builder) {
    b.class(names::READ_ONLY_COLLECTION_OBJECT_T)
        .params(&["T"])
        .implements(&[
            "IList<T>",
            "ICollection<T>",
            "IReadOnlyList<T>",
            "IReadOnlyCollection<T>",
            "IEnumerable<T>",
            "System.Collections.ICollection",
            "IEnumerable",
        ])
        .def("new(IList<T> list)", new_view)
        .def("int Count", count)
        .def("T this[int index]", get)
        .def("bool Contains(T value)", contains)
        .def("void CopyTo(T[] array, int index)", copy_to)
        .def("IEnumerator<T> GetEnumerator()", get_enumerator)
        .def("int IndexOf(T value)", index_of);
}

/// What a write through `IList<T>` or `ICollection<T>` answers for this object; `None` for others.
pub(crate) fn refusal(c: &mut Call<'_>) -> Option<Result<Value>> {
    c.arg(0).as_object::<ReadOnlyObject>().is_some().then(|| refuse(c))
}
