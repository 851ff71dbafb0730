//! The string members that policies use most, prepared: they look at their text where it is, and know their constant arguments.
use std::borrow::Cow;
use std::sync::Arc;

use super::arg::Comparison;
use super::{string_edit, string_join, string_search, string_type};
use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::member::{Known, Ready};
use crate::types::Type;
use crate::value::{Str, Value};

/// The receiver.
fn text<'a>(args: &[&'a Value]) -> Result<&'a Str> {
    match args.first().copied() {
        Some(Value::Str(s)) => Ok(s),
        Some(Value::Null) | None => Err(Exception::null_reference()),
        Some(other) => Err(Exception::invalid_cast(&other.net_type(), &Type::STRING)),
    }
}

/// A constant text or character that is looked for, and how; `usual` where the call does not say.
fn needle(known: &Known<'_>, usual: Comparison) -> Option<(Str, Comparison)> {
    let by = match known.arg(2) {
        Some(Value::Enum(_, n)) => Comparison::of(*n)?,
        None if known.args.len() == 2 => usual,
        _ => return None,
    };
    if known.arg(0).is_some() {
        return None;
    }
    match known.arg(1)? {
        Value::Str(s) => Some((s.clone(), by)),
        Value::Char(u) if known.args.len() == 2 => {
            let letter = crate::utf16::char_of(*u);
            Some((Str::from(&*letter.encode_utf8(&mut [0; 4])), Comparison::Ordinal))
        }
        _ => None,
    }
}

/// A search that answers with yes or no.
type Test = fn(&mut dyn Ambient, &str, &str, Comparison) -> Result<bool>;

/// `text.Contains("constant")`, `StartsWith`, `EndsWith`.
pub(super) fn test(known: &Known<'_>, usual: Comparison, test: Test) -> Option<Ready> {
    let (needle, by) = needle(known, usual)?;
    Some(Ready::bool(move |cx, args| test(cx, text(args)?, &needle, by)))
}

/// `text.IndexOf("constant")`
pub(super) fn index_of(known: &Known<'_>) -> Option<Ready> {
    let (needle, by) = needle(known, Comparison::Culture)?;
    Some(Ready::int(move |cx, args| {
        let found = string_search::position(cx, text(args)?, &needle, by)?;
        Ok(found.map_or(-1, super::to_int))
    }))
}

/// `string.IsNullOrEmpty(text)`
pub(super) fn is_null_or_empty(_: &Known<'_>) -> Option<Ready> {
    Some(Ready::bool(|_, args| Ok(args.first().and_then(|v| v.as_str()).is_none_or(str::is_empty))))
}

/// `string.IsNullOrWhiteSpace(text)`
pub(super) fn is_null_or_white_space(_: &Known<'_>) -> Option<Ready> {
    let is_white = |s: &str| s.chars().all(char::is_whitespace);
    Some(Ready::bool(move |_, args| Ok(args.first().and_then(|v| v.as_str()).is_none_or(is_white))))
}

/// `text.ToUpperInvariant()` and its like.
pub(super) fn cased(known: &Known<'_>, f: fn(char) -> char) -> Option<Ready> {
    if known.arg(0).is_some() {
        return None;
    }
    Some(Ready::text(
        move |_, args| Ok(string_type::cased_text(text(args)?, f)),
        move |_, args, out| {
            string_type::append_cased(text(args)?, f, out);
            Ok(())
        },
    ))
}

/// `text.Substring(2)`, `text.Substring(2, 3)`
pub(super) fn substring(known: &Known<'_>) -> Option<Ready> {
    let number = |n: usize| match known.arg(n) {
        Some(Value::Int32(v)) => Some(*v),
        _ => None,
    };
    let start = number(1).filter(|_| known.arg(0).is_none())?;
    if known.args.len() == 2 {
        return Some(part(move |text| string_edit::part_from(text, start)));
    }
    let length = number(2)?;
    Some(part(move |text| string_edit::part(text, start, length)))
}

fn part(part_of: impl Fn(&str) -> Result<Cow<'_, str>> + Send + Sync + 'static) -> Ready {
    let give = Arc::new(part_of);
    let write = give.clone();
    Ready::text(
        move |_, args| Ok(Value::str(&*give(text(args)?)?)),
        move |_, args, out| {
            out.push_str(&write(text(args)?)?);
            Ok(())
        },
    )
}

/// `text.Split('/')`
pub(super) fn split(known: &Known<'_>) -> Option<Ready> {
    let is_plain = match known.args.len() {
        2 => true,
        3 => matches!(known.arg(2), Some(Value::Enum(_, 0))),
        _ => false,
    };
    let separator = string_join::single(known.arg(1)?).filter(|_| is_plain && known.arg(0).is_none())?;
    Some(Ready::new(move |cx, args| string_join::split_plainly(cx, text(args)?, separator)))
}

/// `string.Join(",", items)`
pub(super) fn join(known: &Known<'_>) -> Option<Ready> {
    let separator = string_join::separator(known.arg(0)?);
    if known.args.len() != 2 || known.arg(1).is_some() {
        return None;
    }
    Some(Ready::new(move |cx, args| match args.first() {
        Some(items) if !items.is_null() => string_join::join_items(cx, &separator, items),
        _ => Err(Exception::argument_null("values")),
    }))
}
