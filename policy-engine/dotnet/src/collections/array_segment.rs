//! `System.ArraySegment<T>`: a window on an array.
use std::any::Any;
use std::sync::Arc;

use super::array::{self, ArrayObject};
use super::enumerator::get_enumerator;
use super::interfaces::copy_into;
use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::value::{Enumerator, Object, Value};

const ARRAY_SEGMENT: TypeId = TypeId("System.ArraySegment`1");

/// An array with the place of a part of it.
struct Segment {
    item: Type,
    /// Null in the default value.
    array: Value,
    offset: usize,
    count: usize,
}

impl Segment {
    fn items(&self) -> Result<Vec<Value>> {
        let a = self.expect()?;
        Ok((self.offset..self.offset.saturating_add(self.count)).map(|i| a.at(i)).collect())
    }

    fn expect(&self) -> Result<&ArrayObject> {
        array::array(&self.array).ok_or_else(|| Exception::invalid_operation("The underlying array is null."))
    }
}

impl Object for Segment {
    fn net_type(&self) -> Type {
        Type::generic(ARRAY_SEGMENT, [self.item.clone()])
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn equals(&self, other: &Value) -> bool {
        other.as_object::<Segment>().is_some_and(|o| {
            object::same_reference(&o.array, &self.array) && o.offset == self.offset && o.count == self.count
        })
    }
    fn hash_code(&self) -> i32 {
        object::hash_code(&self.array) ^ super::tuple::combine([self.offset, self.count].map(to_int).into_iter())
    }
    fn enumerate(&self, this: &Arc<dyn Object>) -> Option<Box<dyn Enumerator>> {
        Some(Box::new(Items { segment: this.clone(), at: 0 }))
    }
    fn count(&self) -> Option<usize> {
        Some(self.count)
    }
}

struct Items {
    segment: Arc<dyn Object>,
    at: usize,
}

impl Enumerator for Items {
    fn next(&mut self, _: &mut dyn Ambient) -> Result<Option<Value>> {
        let Some(segment) = self.segment.as_any().downcast_ref::<Segment>() else { return Ok(None) };
        let array = segment.expect()?;
        if self.at >= segment.count {
            return Ok(None);
        }
        let item = array.at(segment.offset.saturating_add(self.at));
        self.at = self.at.saturating_add(1);
        Ok(Some(item))
    }
}

fn to_int(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

fn make(c: &Call<'_>, array: Value, offset: usize, count: usize) -> Value {
    Value::object(Segment { item: c.ty(0), array, offset, count })
}

/// The receiver; the default value of the type is null here.
fn of(c: &mut Call<'_>) -> Value {
    match c.take(0) {
        Value::Null => make(c, Value::Null, 0, 0),
        value => value,
    }
}

fn segment(value: &Value) -> Result<&Segment> {
    value.as_object().ok_or_else(Exception::null_reference)
}

fn new_part(c: &mut Call<'_>) -> Result<Value> {
    let array = c.take(0);
    let len = array::array(&array).map(ArrayObject::len).ok_or_else(|| Exception::argument_null("array"))?;
    let number = |n: usize, name: &str| {
        usize::try_from(c.int(n)?).map_err(|_| Exception::argument_range("Non-negative number required.", name))
    };
    let (offset, count) = (number(1, "offset")?, number(2, "count")?);
    if offset.checked_add(count).is_none_or(|end| end > len) {
        return Err(Exception::argument_message(
            "Offset and length were out of bounds for the array or count is greater than the number of elements from \
             index to the end of the source collection.",
        ));
    }
    Ok(make(c, array, offset, count))
}

fn whole(c: &mut Call<'_>) -> Result<Value> {
    let array = c.take(0);
    let len = array::array(&array).map(ArrayObject::len).ok_or_else(|| Exception::argument_null("array"))?;
    Ok(make(c, array, 0, len))
}

fn out_of_range() -> Exception {
    Exception::argument_range(
        "Index was out of range. Must be non-negative and less than the size of the collection.",
        "index",
    )
}

/// Place in the array of the item at the index that is argument 1.
fn place(c: &Call<'_>, s: &Segment) -> Result<i64> {
    let at = usize::try_from(c.int(1)?).ok().filter(|i| *i < s.count).ok_or_else(out_of_range)?;
    Ok(i64::try_from(s.offset.saturating_add(at)).unwrap_or(i64::MAX))
}

fn slice(c: &mut Call<'_>, given: usize) -> Result<Value> {
    let this = of(c);
    let s = segment(&this)?;
    s.expect()?;
    let index = usize::try_from(c.int(1)?).ok().filter(|i| *i <= s.count).ok_or_else(out_of_range)?;
    let rest = s.count.saturating_sub(index);
    let count = if given > 1 { usize::try_from(c.int(2)?).ok().filter(|n| *n <= rest) } else { Some(rest) };
    let count = count.ok_or_else(out_of_range)?;
    Ok(make(c, s.array.clone(), s.offset.saturating_add(index), count))
}

fn copy(c: &mut Call<'_>, at: i32) -> Result<Value> {
    let this = of(c);
    let items = segment(&this)?.items()?;
    let target = c.take(1);
    copy_into(c, items, &target, at)
}

fn same(c: &mut Call<'_>) -> Result<bool> {
    let (a, b) = (of(c), c.take(1));
    let b = if b.is_null() { make(c, Value::Null, 0, 0) } else { b };
    Ok(object::equals(&a, &b))
}

/// Adds the type.
pub(crate) fn define(b: &mut Builder) {
    b.structure(ARRAY_SEGMENT)
        .params(&["T"])
        .implements(&["ICollection<T>", "IReadOnlyList<T>", "IReadOnlyCollection<T>", "IEnumerable<T>", "IEnumerable"])
        .def("new(T[] array)", whole)
        .def("new(T[] array, int offset, int count)", new_part)
        .def("static implicit operator ArraySegment<T>(T[] array)", |c| {
            if c.arg(0).is_null() { Ok(make(c, Value::Null, 0, 0)) } else { whole(c) }
        })
        .def("static ArraySegment<T> Empty", |c| Ok(make(c, array::new_array(c.ty(0), Vec::new()), 0, 0)))
        .def("T[] Array", |c| segment(&of(c)).map(|s| s.array.clone()))
        .def("int Offset", |c| segment(&of(c)).map(|s| Value::Int32(to_int(s.offset))))
        .def("int Count", |c| segment(&of(c)).map(|s| Value::Int32(to_int(s.count))))
        .get_set(
            "T this[int index]",
            |c| {
                let this = of(c);
                let s = segment(&this)?;
                let at = place(c, s)?;
                s.expect()?.get(at)
            },
            |c| {
                let (this, item) = (of(c), c.take(2));
                let s = segment(&this)?;
                let at = place(c, s)?;
                s.expect()?.set(c.cx.types(), at, item)?;
                Ok(Value::Null)
            },
        )
        .def("ArraySegment<T> Slice(int index)", |c| slice(c, 1))
        .def("ArraySegment<T> Slice(int index, int count)", |c| slice(c, 2))
        .def("T[] ToArray()", |c| {
            let this = of(c);
            let items = segment(&this)?.items()?;
            c.cx.charge_bytes(items.len().saturating_mul(size_of::<Value>()))?;
            Ok(array::new_array(c.ty(0), items))
        })
        .def("void CopyTo(T[] destination)", |c| copy(c, 0))
        .def("void CopyTo(T[] destination, int destinationIndex)", |c| {
            let at = c.int(2)?;
            copy(c, at)
        })
        .def("IEnumerator<T> GetEnumerator()", get_enumerator)
        .def("bool Equals(ArraySegment<T> obj)", |c| same(c).map(Value::Bool))
        .def("bool Equals(object obj)", |c| Ok(Value::Bool(object::equals(c.arg(0), c.arg(1)))))
        .def("static bool operator ==(ArraySegment<T> a, ArraySegment<T> b)", |c| same(c).map(Value::Bool))
        .def("static bool operator !=(ArraySegment<T> a, ArraySegment<T> b)", |c| Ok(Value::Bool(!same(c)?)));
}
