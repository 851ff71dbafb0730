//! Strings made from one string: `Substring`, `Replace`, `Trim`, `Pad`, `Insert`, `Remove`.
use std::borrow::Cow;

use super::arg::{self, Comparison};
use super::string_prepare;
use super::string_type::units_of;
use crate::culture;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::ids;
use crate::utf16;
use crate::value::Value;

/// Adds the members.
pub(super) fn define(b: &mut Builder) {
    b.class(ids::STRING)
        .pure("string Substring(int startIndex)", substring_from)
        .prepare(string_prepare::substring)
        .pure("string Substring(int startIndex, int length)", substring)
        .prepare(string_prepare::substring)
        .pure("string Replace(char oldChar, char newChar)", replace_char)
        .pure("string Replace(string oldValue, string newValue)", |c| replace(c, Comparison::Ordinal))
        .pure("string Replace(string oldValue, string newValue, StringComparison comparisonType)", |c| {
            let by = arg::comparison(c, 3)?;
            replace(c, by)
        })
        .pure("string Replace(string oldValue, string newValue, bool ignoreCase, CultureInfo culture)", |c| {
            let by = if c.bool(3)? { Comparison::CultureIgnoreCase } else { Comparison::Culture };
            replace(c, by)
        })
        .pure("string Trim()", |c| trim(c, true, true))
        .pure("string Trim(char trimChar)", |c| trim(c, true, true))
        .def("string Trim(params char[] trimChars)", |c| trim(c, true, true))
        .pure("string TrimStart()", |c| trim(c, true, false))
        .pure("string TrimStart(char trimChar)", |c| trim(c, true, false))
        .def("string TrimStart(params char[] trimChars)", |c| trim(c, true, false))
        .pure("string TrimEnd()", |c| trim(c, false, true))
        .pure("string TrimEnd(char trimChar)", |c| trim(c, false, true))
        .def("string TrimEnd(params char[] trimChars)", |c| trim(c, false, true))
        .pure("string PadLeft(int totalWidth)", |c| pad(c, true))
        .pure("string PadLeft(int totalWidth, char paddingChar)", |c| pad(c, true))
        .pure("string PadRight(int totalWidth)", |c| pad(c, false))
        .pure("string PadRight(int totalWidth, char paddingChar)", |c| pad(c, false))
        .pure("string Insert(int startIndex, string value)", insert)
        .pure("string Remove(int startIndex)", remove_from)
        .pure("string Remove(int startIndex, int count)", remove);
}

fn range_error(message: &str, parameter: &str) -> Exception {
    Exception::argument_range(message, parameter)
}

fn substring_from(c: &mut Call<'_>) -> Result<Value> {
    part_from(arg::text(c, 0)?, c.int(1)?).map(|part| Value::str(&*part))
}

fn substring(c: &mut Call<'_>) -> Result<Value> {
    part(arg::text(c, 0)?, c.int(1)?, c.int(2)?).map(|part| Value::str(&*part))
}

/// The text from a position on.
pub(super) fn part_from(text: &str, start: i32) -> Result<Cow<'_, str>> {
    let (start, left) = rest(text, start)?;
    Ok(utf16::slice(text, start, left).unwrap_or_default())
}

/// So many units from a position on.
pub(super) fn part(text: &str, start: i32, length: i32) -> Result<Cow<'_, str>> {
    let (start, left) = rest(text, start)?;
    let length = usize::try_from(length).map_err(|_| range_error("Length cannot be less than zero.", "length"))?;
    if length > left {
        return Err(range_error("Index and length must refer to a location within the string.", "length"));
    }
    Ok(utf16::slice(text, start, length).unwrap_or_default())
}

/// A position, and the number of units from there on.
fn rest(text: &str, start: i32) -> Result<(usize, usize)> {
    let start =
        usize::try_from(start).map_err(|_| range_error("StartIndex cannot be less than zero.", "startIndex"))?;
    let left = utf16::len(text).checked_sub(start);
    let left = left.ok_or_else(|| range_error("startIndex cannot be larger than length of string.", "startIndex"))?;
    Ok((start, left))
}

fn replace_char(c: &mut Call<'_>) -> Result<Value> {
    let (from, to) = (arg::char(c, 1)?, arg::char(c, 2)?);
    let text = arg::text(c, 0)?;
    let grown = text.len().saturating_mul(to.len_utf8());
    let swapped = |text: &str| text.chars().map(|x| if x == from { to } else { x }).collect::<String>();
    let replaced = if utf16::is_half(from) || utf16::is_half(to) {
        utf16::mend(swapped(&utf16::apart(text)))
    } else {
        swapped(text)
    };
    c.cx.charge_bytes(grown)?;
    Ok(Value::str(replaced))
}

fn replace(c: &mut Call<'_>, by: Comparison) -> Result<Value> {
    let old = c.str_arg(1, "oldValue")?;
    if old.is_empty() {
        return Err(Exception::argument("String cannot be of zero length.", "oldValue"));
    }
    let new = c.str_or_null(2).unwrap_or_default();
    let text = c.str_arg(0, "this")?;
    if let Some(ignore) = by.searches(&text, &old) {
        return replace_equal(c, &text, &old, &new, ignore);
    }
    let replaced = replaced(c, &text, &old, &new, by)?;
    Ok(replaced.map_or(Value::Str(text), Value::str))
}

/// The text with every `old`, which is not empty, replaced; `None` if there is none.
pub(crate) fn replaced(c: &mut Call<'_>, text: &str, old: &str, new: &str, by: Comparison) -> Result<Option<String>> {
    if utf16::is_ragged(old) || utf16::is_ragged(new) || utf16::has_halves(text) {
        let replaced = replace_plain(c, &utf16::apart(text), &utf16::apart(old), &utf16::apart(new), by)?;
        return Ok(replaced.map(utf16::mend));
    }
    replace_plain(c, text, old, new, by)
}

/// Replaces what is the same unit by unit, or but for case; `None` if nothing is.
fn replace_plain(c: &mut Call<'_>, text: &str, old: &str, new: &str, by: Comparison) -> Result<Option<String>> {
    if !by.ignores_case() {
        let found = text.matches(old).count();
        if found == 0 {
            return Ok(None);
        }
        c.cx.charge_bytes(text.len().saturating_add(found.saturating_mul(new.len())))?;
        return Ok(Some(text.replace(old, new)));
    }
    c.cx.charge_bytes(text.len())?;
    // Simple case mapping is one to one, so positions in the folded text are positions in the text.
    let chars: Vec<char> = text.chars().collect();
    let folded: Vec<char> = chars.iter().map(|x| culture::to_upper(*x)).collect();
    let wanted: Vec<char> = old.chars().map(culture::to_upper).collect();
    let (mut out, mut at) = (String::new(), 0_usize);
    while let Some(x) = chars.get(at) {
        if folded.get(at..).is_some_and(|rest| rest.starts_with(&wanted)) {
            c.cx.charge_bytes(new.len())?;
            out.push_str(new);
            at += wanted.len();
        } else {
            out.push(*x);
            at += 1;
        }
    }
    Ok(Some(out))
}

/// Replaces what a culture takes for equal.
fn replace_equal(c: &mut Call<'_>, text: &str, old: &str, new: &str, ignore: culture::Ignore) -> Result<Value> {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((start, end)) = culture::search::find(c.cx, rest, old, ignore, false)? {
        if start == end {
            break;
        }
        let (before, after) = (rest.get(..start).unwrap_or_default(), rest.get(end..).unwrap_or_default());
        c.cx.charge_bytes(before.len().saturating_add(new.len()))?;
        utf16::push(&mut out, before);
        utf16::push(&mut out, new);
        rest = after;
    }
    c.cx.charge_bytes(rest.len())?;
    utf16::push(&mut out, rest);
    Ok(Value::str(out))
}

fn trim(c: &mut Call<'_>, start: bool, end: bool) -> Result<Value> {
    let set: Vec<char> = match c.arg(1) {
        Value::Char(_) => vec![arg::char(c, 1)?],
        chars => units_of(chars).into_iter().map(utf16::char_of).collect(),
    };
    let text = arg::text(c, 0)?;
    // A half may go from a whole character.
    if set.iter().any(|x| utf16::is_half(*x)) && !text.is_ascii() {
        return Ok(Value::str(utf16::mend(trimmed(&utf16::apart(text), &set, start, end).to_owned())));
    }
    let kept = trimmed(text, &set, start, end);
    if kept.len() == text.len() {
        return Ok(c.take(0));
    }
    Ok(Value::str(kept))
}

fn trimmed<'a>(mut text: &'a str, set: &[char], start: bool, end: bool) -> &'a str {
    let drop = |x: char| if set.is_empty() { x.is_whitespace() } else { set.contains(&x) };
    if start {
        text = text.trim_start_matches(drop);
    }
    if end {
        text = text.trim_end_matches(drop);
    }
    text
}

fn pad(c: &mut Call<'_>, left: bool) -> Result<Value> {
    let width = usize::try_from(c.int(1)?).map_err(|_| range_error("Non-negative number required.", "totalWidth"))?;
    let fill = if c.args.len() > 2 { arg::char(c, 2)? } else { ' ' };
    let missing = width.saturating_sub(utf16::len(arg::text(c, 0)?));
    if missing == 0 {
        return Ok(c.take(0));
    }
    c.cx.charge_bytes(missing.saturating_mul(fill.len_utf8()))?;
    let filling: String = std::iter::repeat_n(fill, missing).collect();
    let text = arg::text(c, 0)?;
    Ok(Value::str(utf16::concat(&if left { [&filling, text] } else { [text, &filling] })))
}

fn insert(c: &mut Call<'_>) -> Result<Value> {
    let value = c.str_arg(2, "value")?;
    let text = c.str_arg(0, "this")?;
    let at = usize::try_from(c.int(1)?).ok().filter(|at| *at <= utf16::len(&text));
    let at = at.ok_or_else(|| range_error("Specified argument was out of the range of valid values.", "startIndex"))?;
    c.cx.charge_bytes(text.len().saturating_add(value.len()))?;
    let head = utf16::slice(&text, 0, at).unwrap_or_default();
    let tail = utf16::slice(&text, at, utf16::len(&text) - at).unwrap_or_default();
    Ok(Value::str(utf16::concat(&[&head, &value, &tail])))
}

fn remove_from(c: &mut Call<'_>) -> Result<Value> {
    let text = arg::text(c, 0)?;
    let start =
        usize::try_from(c.int(1)?).map_err(|_| range_error("StartIndex cannot be less than zero.", "startIndex"))?;
    if start >= utf16::len(text) {
        return Err(range_error("startIndex must be less than length of string.", "startIndex"));
    }
    Ok(Value::str(&*utf16::slice(text, 0, start).unwrap_or_default()))
}

fn remove(c: &mut Call<'_>) -> Result<Value> {
    let text = arg::text(c, 0)?;
    let start =
        usize::try_from(c.int(1)?).map_err(|_| range_error("StartIndex cannot be less than zero.", "startIndex"))?;
    let count = usize::try_from(c.int(2)?).map_err(|_| range_error("Count cannot be less than zero.", "count"))?;
    let length = utf16::len(text);
    let end = start.saturating_add(count);
    if end > length {
        return Err(range_error("Index and count must refer to a location within the string.", "count"));
    }
    let head = utf16::slice(text, 0, start).unwrap_or_default();
    let tail = utf16::slice(text, end, length - end).unwrap_or_default();
    Ok(Value::str(utf16::concat(&[&head, &tail])))
}
