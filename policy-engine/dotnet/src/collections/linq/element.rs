//! One item or one answer: `First`, `Last`, `Single`, `ElementAt` and their `OrDefault` forms, `Any`, `All`, `Contains`,
//! `Count`, `SequenceEqual`.
use super::order::Ordered;
use super::{Source, call, delegate, holds, known_count, no_elements, no_match, selected, sequence, source};
use crate::collections::comparer::Equality;
use crate::collections::hash_set::HashSetObject;
use crate::collections::list::{self, ListObject};
use crate::collections::names::ENUMERABLE_CLASS;
use crate::collections::search::{Indexed, index};
use crate::collections::{array, cast, dispatch};
use crate::exception::{Exception, Result};
use crate::member::{Call, QueryOperator};
use crate::table::Builder;
use crate::value::Value;

/// The predicate, if this overload has one. A delegate in second place is one; anything else is a default value.
fn predicate(c: &mut Call<'_>) -> Result<Option<Value>> {
    delegate(c, 1, "predicate").map(Some)
}

fn default_item(c: &Call<'_>) -> Value {
    cast::default_value(c.cx.types(), &c.ty(0))
}

fn find_first(c: &mut Call<'_>, from: &Value, f: Option<&Value>) -> Result<Option<Value>> {
    let mut from = Source::of(from);
    while let Some(item) = from.next(c.cx)? {
        match f {
            Some(f) if !holds(c.cx, f, &item)? => {}
            _ => return Ok(Some(item)),
        }
    }
    Ok(None)
}

/// The last fitting item. Indexed sequences are walked from their end, as .NET does.
fn find_last(c: &mut Call<'_>, from: &Value, f: Option<&Value>) -> Result<Option<Value>> {
    if let Ok(items) = Indexed::of(from) {
        for at in (0..items.len()).rev() {
            c.cx.charge_steps(1)?;
            match (items.at(at), f) {
                (Some(item), Some(f)) if !holds(c.cx, f, &item)? => {}
                (found, _) => return Ok(found),
            }
        }
        return Ok(None);
    }
    if let (Some((inner, select)), None) = (selected(from), f) {
        let last = find_last(c, &inner, None)?;
        return last.map(|item| call(c.cx, &select, &mut [item])).transpose();
    }
    let (mut source, mut last) = (Source::of(from), None);
    while let Some(item) = source.next(c.cx)? {
        match f {
            Some(f) if !holds(c.cx, f, &item)? => {}
            _ => last = Some(item),
        }
    }
    Ok(last)
}

/// The only fitting item. Without a predicate a second item ends the search; with one all items are looked at only until then too.
fn find_single(c: &mut Call<'_>, from: &Value, f: Option<&Value>) -> Result<Option<Value>> {
    let (mut source, mut found) = (Source::of(from), None);
    while let Some(item) = source.next(c.cx)? {
        match f {
            Some(f) if !holds(c.cx, f, &item)? => {}
            _ if found.is_some() => {
                let text = match f {
                    Some(_) => "Sequence contains more than one matching element",
                    None => "Sequence contains more than one element",
                };
                return Err(Exception::invalid_operation(text));
            }
            _ => found = Some(item),
        }
    }
    Ok(found)
}

type Find = fn(&mut Call<'_>, &Value, Option<&Value>) -> Result<Option<Value>>;

fn plain(c: &mut Call<'_>, find: Find) -> Result<Value> {
    let from = source(c)?;
    find(c, &from, None)?.ok_or_else(no_elements)
}

fn matching(c: &mut Call<'_>, find: Find) -> Result<Value> {
    let (from, f) = (source(c)?, predicate(c)?);
    find(c, &from, f.as_ref())?.ok_or_else(no_match)
}

/// `FirstOrDefault(source)` and `FirstOrDefault(source, defaultValue)`.
fn or_default(c: &mut Call<'_>, find: Find) -> Result<Value> {
    let from = source(c)?;
    let missing = if c.args.len() > 1 { c.take(1) } else { default_item(c) };
    Ok(find(c, &from, None)?.unwrap_or(missing))
}

/// `FirstOrDefault(source, predicate)` and `FirstOrDefault(source, predicate, defaultValue)`.
fn matching_or_default(c: &mut Call<'_>, find: Find) -> Result<Value> {
    let (from, f) = (source(c)?, predicate(c)?);
    let missing = if c.args.len() > 2 { c.take(2) } else { default_item(c) };
    Ok(find(c, &from, f.as_ref())?.unwrap_or(missing))
}

fn item_at(c: &mut Call<'_>, from: &Value, at: i32) -> Result<Option<Value>> {
    let Ok(at) = usize::try_from(at) else { return Ok(None) };
    if let Ok(items) = Indexed::of(from) {
        return Ok(items.at(at));
    }
    if let Some((inner, select)) = selected(from) {
        let found = item_at(c, &inner, i32::try_from(at).unwrap_or(i32::MAX))?;
        return found.map(|item| call(c.cx, &select, &mut [item])).transpose();
    }
    let (mut source, mut left) = (Source::of(from), at);
    while let Some(item) = source.next(c.cx)? {
        if left == 0 {
            return Ok(Some(item));
        }
        left = left.saturating_sub(1);
    }
    Ok(None)
}

fn element_at(c: &mut Call<'_>) -> Result<Value> {
    let (from, at) = (source(c)?, c.int(1)?);
    item_at(c, &from, at)?.ok_or_else(|| match Indexed::of(&from) {
        Ok(_) => list::index_out_of_range(),
        Err(_) => Exception::argument_range("Specified argument was out of the range of valid values.", "index"),
    })
}

fn element_at_or_default(c: &mut Call<'_>) -> Result<Value> {
    let (from, at) = (source(c)?, c.int(1)?);
    let missing = default_item(c);
    Ok(item_at(c, &from, at)?.unwrap_or(missing))
}

fn any(c: &mut Call<'_>) -> Result<Value> {
    let from = source(c)?;
    Ok(Value::Bool(find_first(c, &from, None)?.is_some()))
}

fn any_matching(c: &mut Call<'_>) -> Result<Value> {
    let (from, f) = (source(c)?, predicate(c)?);
    Ok(Value::Bool(find_first(c, &from, f.as_ref())?.is_some()))
}

fn every(c: &mut Call<'_>) -> Result<Value> {
    let (from, f) = (source(c)?, delegate(c, 1, "predicate")?);
    let mut from = Source::of(&from);
    while let Some(item) = from.next(c.cx)? {
        if !holds(c.cx, &f, &item)? {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(true))
}

/// Number of items, of those that fit if there is a predicate; known sizes are not walked.
fn tally(c: &mut Call<'_>) -> Result<usize> {
    let mut from = source(c)?;
    let f = if c.args.len() > 1 { predicate(c)? } else { None };
    while let Some(unordered) = from.as_object::<Ordered>().filter(|_| f.is_none()).map(|o| o.source().clone()) {
        from = unordered;
    }
    if f.is_none()
        && let Some(n) = known_count(&from)
    {
        return Ok(n);
    }
    let (mut from, mut n) = (Source::of(&from), 0_usize);
    while let Some(item) = from.next(c.cx)? {
        match &f {
            Some(f) if !holds(c.cx, f, &item)? => {}
            _ => n = n.saturating_add(1),
        }
    }
    Ok(n)
}

fn count(c: &mut Call<'_>) -> Result<Value> {
    tally(c).map(index)
}

fn long_count(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::Int64(i64::try_from(tally(c)?).unwrap_or(i64::MAX)))
}

fn try_get_non_enumerated_count(c: &mut Call<'_>) -> Result<Value> {
    let from = source(c)?;
    let n = known_count(&from);
    c.set(1, index(n.unwrap_or(0)));
    Ok(Value::Bool(n.is_some()))
}

/// `Contains(source, value)`: a set or dictionary answers by its own rules.
fn contains(c: &mut Call<'_>) -> Result<Value> {
    let own_rules = match c.arg(0) {
        Value::Object(o) => {
            let any = o.as_any();
            !any.is::<ListObject>()
                && !any.is::<array::ArrayObject>()
                && (any.is::<HashSetObject>() || o.count().is_some())
        }
        _ => false,
    };
    if own_rules && let Some(answer) = dispatch::call(c.cx, c.args, "Contains") {
        return answer;
    }
    contains_by(c)
}

fn contains_by(c: &mut Call<'_>) -> Result<Value> {
    let (from, wanted) = (source(c)?, c.take(1));
    let equality = Equality::of(c.arg(2))?;
    let mut from = Source::of(&from);
    while let Some(item) = from.next(c.cx)? {
        if equality.equals(&item, &wanted) {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn sequence_equal(c: &mut Call<'_>) -> Result<Value> {
    let (first, second) = (sequence(c, 0, "first")?, sequence(c, 1, "second")?);
    let equality = Equality::of(c.arg(2))?;
    let (mut a, mut b) = (Source::of(&first), Source::of(&second));
    loop {
        match (a.next(c.cx)?, b.next(c.cx)?) {
            (Some(x), Some(y)) if equality.equals(&x, &y) => {}
            (None, None) => return Ok(Value::Bool(true)),
            _ => return Ok(Value::Bool(false)),
        }
    }
}

macro_rules! finders {
    ($b:expr, $($name:literal => $find:ident, $in_query:expr, $or_default_in_query:expr;)*) => {
        $b.static_class(ENUMERABLE_CLASS)$(
            .def(concat!("static T ", $name, "<T>(this IEnumerable<T> source)"), |c| plain(c, $find))
            .query($in_query)
            .def(concat!("static T ", $name, "<T>(this IEnumerable<T> source, Func<T, bool> predicate)"), |c| matching(c, $find))
            .query($in_query)
            .def(concat!("static T ", $name, "OrDefault<T>(this IEnumerable<T> source)"), |c| or_default(c, $find))
            .query($or_default_in_query)
            .def(concat!("static T ", $name, "OrDefault<T>(this IEnumerable<T> source, T defaultValue)"), |c| or_default(c, $find))
            .def(concat!("static T ", $name, "OrDefault<T>(this IEnumerable<T> source, Func<T, bool> predicate)"), |c| {
                matching_or_default(c, $find)
            })
            .query($or_default_in_query)
            .def(
                concat!("static T ", $name, "OrDefault<T>(this IEnumerable<T> source, Func<T, bool> predicate, T defaultValue)"),
                |c| matching_or_default(c, $find),
            )
        )*
    };
}

pub(super) fn define(b: &mut Builder) {
    finders!(b,
        "First" => find_first, QueryOperator::First, QueryOperator::FirstOrDefault;
        "Last" => find_last, None, None;
        "Single" => find_single, None, None;
    );
    b.static_class(ENUMERABLE_CLASS)
        .def("static T ElementAt<T>(this IEnumerable<T> source, int index)", element_at)
        .def("static T ElementAtOrDefault<T>(this IEnumerable<T> source, int index)", element_at_or_default)
        .def("static bool Any<T>(this IEnumerable<T> source)", any)
        .query(QueryOperator::Any)
        .def("static bool Any<T>(this IEnumerable<T> source, Func<T, bool> predicate)", any_matching)
        .query(QueryOperator::Any)
        .def("static bool All<T>(this IEnumerable<T> source, Func<T, bool> predicate)", every)
        .query(QueryOperator::All)
        .def("static int Count<T>(this IEnumerable<T> source)", count)
        .query(QueryOperator::Count)
        .def("static int Count<T>(this IEnumerable<T> source, Func<T, bool> predicate)", count)
        .query(QueryOperator::Count)
        .def("static long LongCount<T>(this IEnumerable<T> source)", long_count)
        .def("static long LongCount<T>(this IEnumerable<T> source, Func<T, bool> predicate)", long_count)
        .def(
            "static bool TryGetNonEnumeratedCount<T>(this IEnumerable<T> source, out int count)",
            try_get_non_enumerated_count,
        )
        .def("static bool Contains<T>(this IEnumerable<T> source, T value)", contains)
        .def("static bool Contains<T>(this IEnumerable<T> source, T value, IEqualityComparer<T> comparer)", contains_by)
        .def("static bool SequenceEqual<T>(this IEnumerable<T> first, IEnumerable<T> second)", sequence_equal)
        .def(
            "static bool SequenceEqual<T>(this IEnumerable<T> first, IEnumerable<T> second, IEqualityComparer<T> comparer)",
            sequence_equal,
        );
}
