//! Sequences from nothing, and into collections: `Range`, `Repeat`, `Empty`, `ToArray`, `ToList`, `AsEnumerable`.
use super::{all, query, source};
use crate::collections::array::new_array;
use crate::collections::list::new_list;
use crate::collections::names::ENUMERABLE_CLASS;
use crate::exception::{Exception, Result};
use crate::member::{Call, QueryOperator};
use crate::table::Builder;
use crate::types::Type;
use crate::value::Value;

fn bad_count() -> Exception {
    Exception::argument_range("Specified argument was out of the range of valid values.", "count")
}

fn range(c: &mut Call<'_>) -> Result<Value> {
    let (start, count) = (c.int(0)?, c.int(1)?);
    if count < 0 || i64::from(start).saturating_add(i64::from(count)).saturating_sub(1) > i64::from(i32::MAX) {
        return Err(bad_count());
    }
    query("RangeIterator", Type::INT, &[], move || {
        let mut at = 0_i32;
        move |cx| {
            if at >= count {
                return Ok(None);
            }
            cx.charge_steps(1)?;
            let item = start.saturating_add(at);
            at = at.saturating_add(1);
            Ok(Some(Value::Int32(item)))
        }
    })
}

fn repeat(c: &mut Call<'_>) -> Result<Value> {
    let (item, count) = (c.take(0), c.int(1)?);
    if count < 0 {
        return Err(bad_count());
    }
    query("RepeatIterator", c.ty(0), &[], move || {
        let (item, mut left) = (item.clone(), count);
        move |cx| {
            if left == 0 {
                return Ok(None);
            }
            cx.charge_steps(1)?;
            left = left.saturating_sub(1);
            Ok(Some(item.clone()))
        }
    })
}

fn empty(c: &mut Call<'_>) -> Result<Value> {
    query("EmptyPartition", c.ty(0), &[], || |_| Ok(None))
}

fn to_array(c: &mut Call<'_>) -> Result<Value> {
    let from = source(c)?;
    let items = all(c.cx, &from)?;
    Ok(new_array(c.ty(0), items))
}

fn to_list(c: &mut Call<'_>) -> Result<Value> {
    let from = source(c)?;
    let items = all(c.cx, &from)?;
    Ok(new_list(c.ty(0), items))
}

pub(super) fn define(b: &mut Builder) {
    b.static_class(ENUMERABLE_CLASS)
        .def("static IEnumerable<int> Range(int start, int count)", range)
        .def("static IEnumerable<T> Repeat<T>(T element, int count)", repeat)
        .def("static IEnumerable<T> Empty<T>()", empty)
        .def("static T[] ToArray<T>(this IEnumerable<T> source)", to_array)
        .query(QueryOperator::ToArray)
        .def("static List<T> ToList<T>(this IEnumerable<T> source)", to_list)
        .query(QueryOperator::ToList)
        .def("static IEnumerable<T> AsEnumerable<T>(this IEnumerable<T> source)", |c| Ok(c.take(0)));
}
