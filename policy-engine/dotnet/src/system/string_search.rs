//! Searching in strings: `IndexOf`, `LastIndexOf`, `IndexOfAny`, `Contains`, `StartsWith`, `EndsWith`.
//!
//! Culture-bound searches find the same places as ordinal ones in plain texts; others are compared part by part ([`culture::search`]).
use super::arg::{self, Comparison};
use super::string_prepare;
use super::string_type::units_of;
use crate::ambient::Ambient;
use crate::culture;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::ids;
use crate::utf16;
use crate::value::{Str, Value};

const BAD_INDEX: &str = "Index was out of range. Must be non-negative and less than the size of the collection.";
const BAD_COUNT: &str = "Count must be positive and count must refer to a location within the string/array/collection.";

/// Adds the members.
pub(super) fn define(b: &mut Builder) {
    index_of(b);
    last_index_of(b);
    b.class(ids::STRING)
        .pure("bool Contains(string value)", |c| contains(c, Comparison::Ordinal))
        .prepare(|k| string_prepare::test(k, Comparison::Ordinal, has))
        .pure("bool Contains(char value)", |c| contains(c, Comparison::Ordinal))
        .prepare(|k| string_prepare::test(k, Comparison::Ordinal, has))
        .pure("bool Contains(string value, StringComparison comparisonType)", |c| {
            let by = arg::comparison(c, 2)?;
            contains(c, by)
        })
        .prepare(|k| string_prepare::test(k, Comparison::Ordinal, has))
        .pure("bool Contains(char value, StringComparison comparisonType)", |c| {
            let by = arg::comparison(c, 2)?;
            contains(c, by)
        })
        .pure("bool StartsWith(string value)", |c| starts_with(c, Comparison::Culture))
        .prepare(|k| string_prepare::test(k, Comparison::Culture, begins))
        .pure("bool StartsWith(char value)", |c| starts_with(c, Comparison::Ordinal))
        .prepare(|k| string_prepare::test(k, Comparison::Culture, begins))
        .pure("bool StartsWith(string value, StringComparison comparisonType)", |c| {
            let by = arg::comparison(c, 2)?;
            starts_with(c, by)
        })
        .prepare(|k| string_prepare::test(k, Comparison::Culture, begins))
        .pure("bool StartsWith(string value, bool ignoreCase, CultureInfo culture)", |c| {
            let by = by_case(c)?;
            starts_with(c, by)
        })
        .pure("bool EndsWith(string value)", |c| ends_with(c, Comparison::Culture))
        .prepare(|k| string_prepare::test(k, Comparison::Culture, ends))
        .pure("bool EndsWith(char value)", |c| ends_with(c, Comparison::Ordinal))
        .prepare(|k| string_prepare::test(k, Comparison::Culture, ends))
        .pure("bool EndsWith(string value, StringComparison comparisonType)", |c| {
            let by = arg::comparison(c, 2)?;
            ends_with(c, by)
        })
        .prepare(|k| string_prepare::test(k, Comparison::Culture, ends))
        .pure("bool EndsWith(string value, bool ignoreCase, CultureInfo culture)", |c| {
            let by = by_case(c)?;
            ends_with(c, by)
        })
        .def("int IndexOfAny(char[] anyOf)", |c| any_of(c, false))
        .def("int IndexOfAny(char[] anyOf, int startIndex)", |c| any_of(c, false))
        .def("int IndexOfAny(char[] anyOf, int startIndex, int count)", |c| any_of(c, false))
        .def("int LastIndexOfAny(char[] anyOf)", |c| any_of(c, true))
        .def("int LastIndexOfAny(char[] anyOf, int startIndex)", |c| any_of(c, true))
        .def("int LastIndexOfAny(char[] anyOf, int startIndex, int count)", |c| any_of(c, true));
}

fn index_of(b: &mut Builder) {
    b.class(ids::STRING)
        .pure("int IndexOf(char value)", |c| forward(c, Comparison::Ordinal))
        .prepare(string_prepare::index_of)
        .pure("int IndexOf(char value, int startIndex)", |c| forward(c, Comparison::Ordinal))
        .pure("int IndexOf(char value, int startIndex, int count)", |c| forward(c, Comparison::Ordinal))
        .pure("int IndexOf(char value, StringComparison comparisonType)", |c| forward_by(c, 2))
        .pure("int IndexOf(string value)", |c| forward(c, Comparison::Culture))
        .prepare(string_prepare::index_of)
        .pure("int IndexOf(string value, int startIndex)", |c| forward(c, Comparison::Culture))
        .pure("int IndexOf(string value, int startIndex, int count)", |c| forward(c, Comparison::Culture))
        .pure("int IndexOf(string value, StringComparison comparisonType)", |c| forward_by(c, 2))
        .prepare(string_prepare::index_of)
        .pure("int IndexOf(string value, int startIndex, StringComparison comparisonType)", |c| forward_by(c, 3))
        .pure("int IndexOf(string value, int startIndex, int count, StringComparison comparisonType)", |c| {
            forward_by(c, 4)
        });
}

fn last_index_of(b: &mut Builder) {
    b.class(ids::STRING)
        .pure("int LastIndexOf(char value)", |c| backward(c, Comparison::Ordinal))
        .pure("int LastIndexOf(char value, int startIndex)", |c| backward(c, Comparison::Ordinal))
        .pure("int LastIndexOf(char value, int startIndex, int count)", |c| backward(c, Comparison::Ordinal))
        .pure("int LastIndexOf(string value)", |c| backward(c, Comparison::Culture))
        .pure("int LastIndexOf(string value, int startIndex)", |c| backward(c, Comparison::Culture))
        .pure("int LastIndexOf(string value, int startIndex, int count)", |c| backward(c, Comparison::Culture))
        .pure("int LastIndexOf(string value, StringComparison comparisonType)", |c| backward_by(c, 2))
        .pure("int LastIndexOf(string value, int startIndex, StringComparison comparisonType)", |c| backward_by(c, 3))
        .pure("int LastIndexOf(string value, int startIndex, int count, StringComparison comparisonType)", |c| {
            backward_by(c, 4)
        });
}

/// `IsPrefix` and `IsSuffix` of `CompareInfo`: arguments one further on than those of the string's own methods.
pub(super) fn affix(c: &mut Call<'_>, by: Comparison, end: bool) -> Result<Value> {
    let (text, wanted) = (c.str_arg(1, "source")?, c.str_arg(2, if end { "suffix" } else { "prefix" })?);
    let mut args = [Value::Str(text), Value::Str(wanted)];
    let mut call = Call { cx: &mut *c.cx, types: &[], args: &mut args };
    if end { ends_with(&mut call, by) } else { starts_with(&mut call, by) }
}

fn by_case(c: &Call<'_>) -> Result<Comparison> {
    Ok(if c.bool(2)? { Comparison::CultureIgnoreCase } else { Comparison::Culture })
}

/// The text to look for: a string, or one character.
fn needle(c: &Call<'_>) -> Result<Str> {
    match c.arg(1) {
        Value::Char(_) => arg::char(c, 1).map(|letter| Str::from(&*letter.encode_utf8(&mut [0; 4]))),
        _ => c.str_arg(1, "value"),
    }
}

fn this(c: &Call<'_>) -> Result<Str> {
    arg::text(c, 0)?;
    Ok(c.str_or_null(0).unwrap_or_default())
}

fn answer(at: Option<usize>) -> Value {
    Value::Int32(at.map_or(-1, super::to_int))
}

fn folded(text: &str, by: Comparison) -> Vec<u16> {
    if by.ignores_case() {
        utf16::units(&text.chars().map(culture::to_upper).collect::<String>())
    } else {
        utf16::units(text)
    }
}

/// Position of `needle` in the `count` units from `start`, the range being inside the text.
pub(crate) fn find(
    cx: &mut dyn Ambient,
    (text, needle): (&str, &str),
    start: usize,
    count: usize,
    by: Comparison,
    last: bool,
) -> Result<Option<usize>> {
    if let Some(ignore) = by.searches(text, needle) {
        let part = utf16::slice(text, start, count).unwrap_or_default();
        let found = culture::search::find(cx, &part, needle, ignore, last)?;
        return Ok(found.map(|(at, _)| start + utf16::unit_index(&part, at)));
    }
    Ok(find_units(text, needle, (start, count), by, last))
}

fn find_units(text: &str, needle: &str, (start, count): (usize, usize), by: Comparison, last: bool) -> Option<usize> {
    if text.is_ascii() && !by.ignores_case() {
        let part = text.get(start..start + count)?;
        let found = if last { part.rfind(needle) } else { part.find(needle) };
        return found.map(|at| at + start);
    }
    let (text, needle) = (folded(text, by), folded(needle, by));
    let part = text.get(start..start + count)?;
    if needle.is_empty() {
        return Some(if last { start + count } else { start });
    }
    let mut windows = part.windows(needle.len());
    let found = if last { windows.rposition(|w| w == needle) } else { windows.position(|w| w == needle) };
    found.map(|at| at + start)
}

/// `startIndex` and `count` of a forward search: arguments 2 and 3 where they are numbers.
fn forward_range(c: &Call<'_>, length: usize) -> Result<(usize, usize)> {
    let start = match c.arg(2) {
        Value::Int32(n) => usize::try_from(*n).ok().filter(|n| *n <= length),
        _ => Some(0),
    };
    let start = start.ok_or_else(|| Exception::argument_range(BAD_INDEX, "startIndex"))?;
    let count = match c.arg(3) {
        Value::Int32(n) => usize::try_from(*n).ok().filter(|n| *n <= length - start),
        _ => Some(length - start),
    };
    Ok((start, count.ok_or_else(|| Exception::argument_range(BAD_COUNT, "count"))?))
}

fn forward_by(c: &mut Call<'_>, n: usize) -> Result<Value> {
    let by = arg::comparison(c, n)?;
    forward(c, by)
}

fn forward(c: &mut Call<'_>, by: Comparison) -> Result<Value> {
    let (needle, text) = (needle(c)?, this(c)?);
    let (start, count) = forward_range(c, utf16::len(&text))?;
    Ok(answer(find(c.cx, (&text, &needle), start, count, by, false)?))
}

fn backward_by(c: &mut Call<'_>, n: usize) -> Result<Value> {
    let by = arg::comparison(c, n)?;
    backward(c, by)
}

/// A backward search covers `count` units that end at `startIndex`.
fn backward(c: &mut Call<'_>, by: Comparison) -> Result<Value> {
    let (needle, text) = (needle(c)?, this(c)?);
    let length = utf16::len(&text);
    let one_char = matches!(c.arg(1), Value::Char(_));
    let start = match c.arg(2) {
        Value::Int32(n) => Some(*n),
        _ => None,
    };
    if length == 0 {
        return match start {
            _ if one_char => Ok(answer(None)),
            None | Some(-1 | 0) => Ok(answer(needle.is_empty().then_some(0))),
            Some(_) => Err(Exception::argument_range(BAD_INDEX, "startIndex")),
        };
    }
    let bad_start = || Exception::argument_range(BAD_INDEX, "startIndex");
    let mut at = match start {
        None => length - 1,
        Some(n) => {
            usize::try_from(n).ok().filter(|n| *n < length || (*n == length && !one_char)).ok_or_else(bad_start)?
        }
    };
    let mut count = match c.arg(3) {
        Value::Int32(n) => usize::try_from(*n).map_err(|_| Exception::argument_range(BAD_COUNT, "count"))?,
        _ => at + 1,
    };
    if at == length {
        at -= 1;
        count = count.saturating_sub(1);
    }
    if count > at + 1 {
        return Err(Exception::argument_range(BAD_COUNT, "count"));
    }
    if needle.is_empty() {
        return Ok(answer(Some(at)));
    }
    Ok(answer(find(c.cx, (&text, &needle), at + 1 - count, count, by, true)?))
}

fn contains(c: &mut Call<'_>, by: Comparison) -> Result<Value> {
    let (needle, text) = (needle(c)?, this(c)?);
    has(c.cx, &text, &needle, by).map(Value::Bool)
}

fn starts_with(c: &mut Call<'_>, by: Comparison) -> Result<Value> {
    let (needle, text) = (needle(c)?, this(c)?);
    begins(c.cx, &text, &needle, by).map(Value::Bool)
}

fn ends_with(c: &mut Call<'_>, by: Comparison) -> Result<Value> {
    let (needle, text) = (needle(c)?, this(c)?);
    ends(c.cx, &text, &needle, by).map(Value::Bool)
}

/// `text.Contains(needle)`
pub(super) fn has(cx: &mut dyn Ambient, text: &str, needle: &str, by: Comparison) -> Result<bool> {
    if by == Comparison::Ordinal && !utf16::is_ragged(needle) {
        return Ok(text.contains(needle));
    }
    Ok(position(cx, text, needle, by)?.is_some())
}

/// `text.IndexOf(needle)`
pub(super) fn position(cx: &mut dyn Ambient, text: &str, needle: &str, by: Comparison) -> Result<Option<usize>> {
    find(cx, (text, needle), 0, utf16::len(text), by, false)
}

/// `text.StartsWith(needle)`
pub(super) fn begins(cx: &mut dyn Ambient, text: &str, needle: &str, by: Comparison) -> Result<bool> {
    // What comes later cannot matter, but for marks on the last character that is compared.
    let head = text.get(..needle.len().saturating_add(1)).unwrap_or(text);
    if by.searches(head, needle).is_some()
        && let Some(ignore) = by.searches(text, needle)
    {
        return culture::search::starts_with(cx, text, needle, ignore);
    }
    Ok(if in_units(needle, by) { folded(text, by).starts_with(&folded(needle, by)) } else { text.starts_with(needle) })
}

/// `text.EndsWith(needle)`
pub(super) fn ends(cx: &mut dyn Ambient, text: &str, needle: &str, by: Comparison) -> Result<bool> {
    let tail = text.len().checked_sub(needle.len()).and_then(|start| text.get(start..)).unwrap_or(text);
    if by.searches(tail, needle).is_some()
        && let Some(ignore) = by.searches(text, needle)
    {
        return culture::search::ends_with(cx, text, needle, ignore);
    }
    Ok(if in_units(needle, by) { folded(text, by).ends_with(&folded(needle, by)) } else { text.ends_with(needle) })
}

/// Must it be compared unit by unit?
fn in_units(needle: &str, by: Comparison) -> bool {
    by.ignores_case() || utf16::is_ragged(needle)
}

fn any_of(c: &mut Call<'_>, last: bool) -> Result<Value> {
    if c.arg(1).is_null() {
        return Err(Exception::argument_null("anyOf"));
    }
    let wanted = units_of(c.arg(1));
    let units = utf16::units(arg::text(c, 0)?);
    let is_wanted = |u: &u16| wanted.contains(u);
    if !last {
        let (start, count) = forward_range(c, units.len())?;
        let found = units.iter().skip(start).take(count).position(is_wanted);
        return Ok(answer(found.map(|at| at + start)));
    }
    if units.is_empty() {
        return Ok(answer(None));
    }
    let at = match c.arg(2) {
        Value::Int32(n) => usize::try_from(*n).ok().filter(|n| *n < units.len()),
        _ => Some(units.len() - 1),
    };
    let at = at.ok_or_else(|| Exception::argument_range(BAD_INDEX, "startIndex"))?;
    let count = match c.arg(3) {
        Value::Int32(n) => usize::try_from(*n).ok().filter(|n| *n <= at + 1),
        _ => Some(at + 1),
    };
    let count = count.ok_or_else(|| Exception::argument_range(BAD_COUNT, "count"))?;
    let from = at + 1 - count;
    let found = units.get(from..=at).and_then(|part| part.iter().rposition(is_wanted));
    Ok(answer(found.map(|i| i + from)))
}
