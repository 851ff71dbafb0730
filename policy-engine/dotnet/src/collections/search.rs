//! Finding in arrays and lists: `Array.Exists(array, match)` and `list.Exists(match)` have the same arguments, so one function
//! serves both.
use std::ops::Range;

use super::array::{self, ArrayObject};
use super::comparer::Order;
use super::list::{self, ListObject};
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::types::{Type, ids};
use crate::value::Value;

/// An array or a list.
pub(crate) enum Indexed<'a> {
    Array(&'a ArrayObject),
    List(&'a ListObject),
}

impl Indexed<'_> {
    /// The receiver; a missing array is an argument error.
    pub(crate) fn of(value: &Value) -> Result<Indexed<'_>> {
        if let Some(list) = list::list(value) {
            return Ok(Indexed::List(list));
        }
        match array::array(value) {
            Some(a) => Ok(Indexed::Array(a)),
            None if value.is_null() => Err(Exception::argument_null("array")),
            None => Err(super::array_general::refused(value)
                .unwrap_or_else(|| Exception::invalid_cast(&value.net_type(), &Type::Simple(ids::ARRAY)))),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Indexed::Array(a) => a.len(),
            Indexed::List(l) => l.len(),
        }
    }

    /// `None` at the end; a list may have become shorter.
    pub(crate) fn at(&self, index: usize) -> Option<Value> {
        match self {
            Indexed::Array(a) => (index < a.len()).then(|| a.at(index)),
            Indexed::List(l) => l.at(index),
        }
    }

    pub(crate) fn to_vec(&self) -> Vec<Value> {
        match self {
            Indexed::Array(a) => a.to_vec(),
            Indexed::List(l) => l.to_vec(),
        }
    }

    /// Replaces all items by as many others.
    pub(crate) fn replace(&self, items: Vec<Value>) {
        match self {
            Indexed::Array(a) => a.replace(items),
            Indexed::List(l) => *l.write() = items,
        }
    }

    pub(crate) fn item(&self) -> &Type {
        match self {
            Indexed::Array(a) => a.item(),
            Indexed::List(l) => l.item(),
        }
    }

    /// A new sequence of the same kind.
    fn like(&self, item: Type, items: Vec<Value>) -> Value {
        match self {
            Indexed::Array(_) => array::new_array(item, items),
            Indexed::List(_) => list::new_list(item, items),
        }
    }
}

pub(crate) fn index(n: usize) -> Value {
    Value::Int32(i32::try_from(n).unwrap_or(i32::MAX))
}

pub(crate) fn index_or_minus_one(n: Option<usize>) -> Value {
    n.map_or(Value::Int32(-1), index)
}

pub(crate) fn non_negative(n: i32, parameter: &str) -> Result<usize> {
    usize::try_from(n).map_err(|_| Exception::argument_range("Non-negative number required.", parameter))
}

/// A delegate argument that must not be null.
pub(crate) fn delegate(c: &mut Call<'_>, n: usize, parameter: &str) -> Result<Value> {
    match c.take(n) {
        Value::Null => Err(Exception::argument_null(parameter)),
        f => Ok(f),
    }
}

/// Calls a predicate.
pub(crate) fn test(c: &mut Call<'_>, predicate: &Value, item: Value) -> Result<bool> {
    c.cx.charge_steps(1)?;
    Ok(matches!(c.invoke(predicate, &mut [item])?, Value::Bool(true)))
}

/// Index and count that must lie inside: `GetRange`, `Reverse`, `Sort`.
pub(crate) fn span(c: &Call<'_>, first: usize, len: usize) -> Result<Range<usize>> {
    let (start, count) =
        (non_negative(c.int(first)?, "index")?, non_negative(c.int(first.saturating_add(1))?, "count")?);
    if start.saturating_add(count) > len {
        return Err(Exception::argument_message(
            "Offset and length were out of bounds for the array or count is greater than the number of elements from index to \
             the end of the source collection.",
        ));
    }
    Ok(start..start.saturating_add(count))
}

fn out_of_range(parameter: &str) -> Exception {
    Exception::argument_range(
        "Index was out of range. Must be non-negative and less than the size of the collection.",
        parameter,
    )
}

fn bad_count() -> Exception {
    Exception::argument_range(
        "Count must be positive and count must refer to a location within the string/array/collection.",
        "count",
    )
}

/// Start and optional count of a forward search.
fn forward(start: i32, count: Option<i32>, len: usize, parameter: &str) -> Result<Range<usize>> {
    let start = usize::try_from(start).ok().filter(|s| *s <= len).ok_or_else(|| out_of_range(parameter))?;
    let end = match count {
        None => len,
        Some(n) => {
            let end = usize::try_from(n).ok().and_then(|n| start.checked_add(n));
            end.filter(|e| *e <= len).ok_or_else(bad_count)?
        }
    };
    Ok(start..end)
}

/// Start and optional count of a backward search; the range is walked from its end.
fn backward(start: i32, count: Option<i32>, len: usize, parameter: &str) -> Result<Range<usize>> {
    if len == 0 {
        return if start == -1 || start == 0 { Ok(0..0) } else { Err(out_of_range(parameter)) };
    }
    let last = usize::try_from(start).ok().filter(|s| *s < len).ok_or_else(|| out_of_range(parameter))?;
    let end = last.saturating_add(1);
    let first = match count {
        None => 0,
        Some(n) => usize::try_from(n).ok().and_then(|n| end.checked_sub(n)).ok_or_else(bad_count)?,
    };
    Ok(first..end)
}

fn walk(c: &mut Call<'_>, predicate: usize, wanted: bool) -> Result<Option<(usize, Value)>> {
    let f = delegate(c, predicate, "match")?;
    let me = c.take(0);
    let items = Indexed::of(&me)?;
    let mut at = 0;
    while let Some(item) = items.at(at) {
        if test(c, &f, item.clone())? == wanted {
            return Ok(Some((at, item)));
        }
        at = at.saturating_add(1);
    }
    Ok(None)
}

fn receiver_first(c: &Call<'_>) -> Result<()> {
    Indexed::of(c.arg(0)).map(drop)
}

pub(crate) fn exists(c: &mut Call<'_>) -> Result<Value> {
    receiver_first(c)?;
    Ok(Value::Bool(walk(c, 1, true)?.is_some()))
}

pub(crate) fn true_for_all(c: &mut Call<'_>) -> Result<Value> {
    receiver_first(c)?;
    Ok(Value::Bool(walk(c, 1, false)?.is_none()))
}

fn default_item(c: &Call<'_>) -> Result<Value> {
    let item = Indexed::of(c.arg(0))?.item().clone();
    Ok(super::cast::default_value(c.cx.types(), &item))
}

pub(crate) fn find(c: &mut Call<'_>) -> Result<Value> {
    let missing = default_item(c)?;
    Ok(walk(c, 1, true)?.map_or(missing, |(_, item)| item))
}

pub(crate) fn find_last(c: &mut Call<'_>) -> Result<Value> {
    let missing = default_item(c)?;
    let f = delegate(c, 1, "match")?;
    let me = c.take(0);
    let items = Indexed::of(&me)?;
    for at in (0..items.len()).rev() {
        if let Some(item) = items.at(at)
            && test(c, &f, item.clone())?
        {
            return Ok(item);
        }
    }
    Ok(missing)
}

pub(crate) fn find_all(c: &mut Call<'_>) -> Result<Value> {
    receiver_first(c)?;
    let f = delegate(c, 1, "match")?;
    let me = c.take(0);
    let items = Indexed::of(&me)?;
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(item) = items.at(at) {
        if test(c, &f, item.clone())? {
            c.cx.charge_bytes(size_of::<Value>())?;
            found.push(item);
        }
        at = at.saturating_add(1);
    }
    Ok(items.like(items.item().clone(), found))
}

/// `ConvertAll`; the last type argument is the result's.
pub(crate) fn convert_all(c: &mut Call<'_>) -> Result<Value> {
    receiver_first(c)?;
    let f = delegate(c, 1, "converter")?;
    let me = c.take(0);
    let items = Indexed::of(&me)?;
    let (mut made, mut at) = (Vec::new(), 0);
    while let Some(item) = items.at(at) {
        c.cx.charge_steps(1)?;
        c.cx.charge_bytes(size_of::<Value>())?;
        made.push(c.invoke(&f, &mut [item])?);
        at = at.saturating_add(1);
    }
    Ok(items.like(c.types.last().cloned().unwrap_or(Type::OBJECT), made))
}

/// `ForEach`; a list must not change meanwhile.
pub(crate) fn for_each(c: &mut Call<'_>) -> Result<Value> {
    receiver_first(c)?;
    let f = delegate(c, 1, "action")?;
    let me = c.take(0);
    let items = Indexed::of(&me)?;
    let version = list::list(&me).map(ListObject::version);
    let mut at = 0;
    while let Some(item) = items.at(at) {
        if list::list(&me).map(ListObject::version) != version {
            break;
        }
        c.cx.charge_steps(1)?;
        c.invoke(&f, &mut [item])?;
        at = at.saturating_add(1);
    }
    if list::list(&me).map(ListObject::version) != version {
        return Err(list::modified());
    }
    Ok(Value::Null)
}

/// `FindIndex(match)`, `FindIndex(start, match)`, `FindIndex(start, count, match)`, for lists and with the array before.
pub(crate) fn find_index(c: &mut Call<'_>) -> Result<Value> {
    find_index_in(c, forward, false)
}

/// `FindLastIndex` in its three forms.
pub(crate) fn find_last_index(c: &mut Call<'_>) -> Result<Value> {
    find_index_in(c, backward, true)
}

type Bounds = fn(i32, Option<i32>, usize, &str) -> Result<Range<usize>>;

fn find_index_in(c: &mut Call<'_>, bounds: Bounds, from_end: bool) -> Result<Value> {
    let last = c.args.len().saturating_sub(1);
    let len = Indexed::of(c.arg(0))?.len();
    let from = if from_end { i32::try_from(len).unwrap_or(i32::MAX).saturating_sub(1) } else { 0 };
    let start = if last > 1 { c.int(1)? } else { from };
    let count = if last > 2 { Some(c.int(2)?) } else { None };
    let range = bounds(start, count, len, "startIndex")?;
    let f = delegate(c, last, "match")?;
    let me = c.take(0);
    let items = Indexed::of(&me)?;
    search(range, from_end, &mut |at| match items.at(at) {
        Some(item) => test(c, &f, item),
        None => Ok(false),
    })
}

fn search(range: Range<usize>, from_end: bool, fits: &mut dyn FnMut(usize) -> Result<bool>) -> Result<Value> {
    let mut positions: Box<dyn Iterator<Item = usize>> = if from_end { Box::new(range.rev()) } else { Box::new(range) };
    for at in &mut *positions {
        if fits(at)? {
            return Ok(index(at));
        }
    }
    Ok(Value::Int32(-1))
}

/// `IndexOf(item)`, `(item, start)`, `(item, start, count)`.
pub(crate) fn index_of(c: &mut Call<'_>) -> Result<Value> {
    index_of_in(c, forward, false)
}

/// `LastIndexOf` in its three forms.
pub(crate) fn last_index_of(c: &mut Call<'_>) -> Result<Value> {
    index_of_in(c, backward, true)
}

fn index_of_in(c: &mut Call<'_>, bounds: Bounds, from_end: bool) -> Result<Value> {
    let me = c.arg(0).clone();
    let items = Indexed::of(&me)?;
    let len = items.len();
    let from = if from_end { i32::try_from(len).unwrap_or(i32::MAX).saturating_sub(1) } else { 0 };
    let start = if c.args.len() > 2 { c.int(2)? } else { from };
    let count = if c.args.len() > 3 { Some(c.int(3)?) } else { None };
    let parameter = if matches!(items, Indexed::List(_)) { "index" } else { "startIndex" };
    let range = bounds(start, count, len, parameter)?;
    c.cx.charge_steps(u64::try_from(range.len()).unwrap_or(u64::MAX))?;
    let wanted = c.arg(1);
    search(range, from_end, &mut |at| Ok(items.at(at).is_some_and(|item| object::equals(&item, wanted))))
}

/// Binary search by a comparer in a part of the items: the position, or the complement of where it would stand.
pub(crate) fn binary_search(c: &mut Call<'_>, range: Range<usize>, wanted: &Value, order: &Order) -> Result<Value> {
    let me = c.take(0);
    let items = Indexed::of(&me)?;
    let (mut low, mut high) = (range.start, range.end);
    while low < high {
        let middle = low.midpoint(high);
        let item = items.at(middle).unwrap_or_default();
        match order.compare(c.cx, &item, wanted).map_err(super::sorting::failed_comparison)? {
            std::cmp::Ordering::Equal => return Ok(index(middle)),
            std::cmp::Ordering::Less => low = middle.saturating_add(1),
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    let low = i32::try_from(low).unwrap_or(i32::MAX);
    Ok(Value::Int32(!low))
}

/// Sorts a part of an array or list in place.
pub(crate) fn sort_part(c: &mut Call<'_>, range: Range<usize>, order: &Order) -> Result<Value> {
    let me = c.take(0);
    let items = Indexed::of(&me)?;
    let all = items.to_vec();
    let part = all.get(range.clone()).unwrap_or_default().to_vec();
    let sorted = super::sorting::sort(c.cx, part, order)?;
    items.replace(spliced(all, range, sorted));
    Ok(Value::Null)
}

/// Reverses a part in place.
pub(crate) fn reverse_part(c: &mut Call<'_>, range: Range<usize>) -> Result<Value> {
    let me = c.take(0);
    let items = Indexed::of(&me)?;
    let mut all = items.to_vec();
    if let Some(part) = all.get_mut(range) {
        part.reverse();
    }
    items.replace(all);
    Ok(Value::Null)
}

fn spliced(mut all: Vec<Value>, range: Range<usize>, part: Vec<Value>) -> Vec<Value> {
    if let Some(target) = all.get_mut(range) {
        for (slot, item) in target.iter_mut().zip(part) {
            *slot = item;
        }
    }
    all
}
