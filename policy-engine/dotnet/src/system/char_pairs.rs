//! The members of `System.Char` that look at code units: halves of characters and characters by their numbers.
use super::arg;
use super::char_type::{UNICODE_CATEGORY, category};
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::ids;
use crate::utf16;
use crate::value::Value;

const HIGH: std::ops::RangeInclusive<u16> = 0xD800..=0xDBFF;
const LOW: std::ops::RangeInclusive<u16> = 0xDC00..=0xDFFF;

/// Adds the members.
pub(super) fn define(b: &mut Builder) {
    b.structure(ids::CHAR)
        .pure("static bool IsSurrogate(char c)", |c| one(c, is_half))
        .pure("static bool IsSurrogate(string s, int index)", |c| at(c, is_half))
        .pure("static bool IsHighSurrogate(char c)", |c| one(c, |u| HIGH.contains(&u)))
        .pure("static bool IsHighSurrogate(string s, int index)", |c| at(c, |u| HIGH.contains(&u)))
        .pure("static bool IsLowSurrogate(char c)", |c| one(c, |u| LOW.contains(&u)))
        .pure("static bool IsLowSurrogate(string s, int index)", |c| at(c, |u| LOW.contains(&u)))
        .pure("static bool IsSurrogatePair(char highSurrogate, char lowSurrogate)", |c| {
            Ok(Value::Bool(HIGH.contains(&arg::unit(c, 0)?) && LOW.contains(&arg::unit(c, 1)?)))
        })
        .pure("static bool IsSurrogatePair(string s, int index)", |c| {
            let (first, second) = units_at(c, true)?;
            Ok(Value::Bool(HIGH.contains(&first) && second.is_some_and(|u| LOW.contains(&u))))
        })
        .pure("static string ConvertFromUtf32(int utf32)", from_utf32)
        .pure("static int ConvertToUtf32(char highSurrogate, char lowSurrogate)", to_utf32)
        .pure("static int ConvertToUtf32(string s, int index)", to_utf32_at)
        .pure("static UnicodeCategory GetUnicodeCategory(string s, int index)", |c| {
            let (first, second) = units_at(c, true)?;
            let whole = second.and_then(|low| char::decode_utf16([first, low]).next()?.ok());
            Ok(Value::Enum(UNICODE_CATEGORY, category(whole.unwrap_or_else(|| utf16::char_of(first)))))
        });
}

fn is_half(unit: u16) -> bool {
    HIGH.contains(&unit) || LOW.contains(&unit)
}

fn one(c: &mut Call<'_>, test: fn(u16) -> bool) -> Result<Value> {
    Ok(Value::Bool(test(arg::unit(c, 0)?)))
}

fn at(c: &mut Call<'_>, test: fn(u16) -> bool) -> Result<Value> {
    units_at(c, false).map(|(unit, _)| Value::Bool(test(unit)))
}

/// The unit at a position, and the next if that is wanted and there is one.
fn units_at(c: &Call<'_>, next: bool) -> Result<(u16, Option<u16>)> {
    let text = c.str_arg(0, "s")?;
    let place = usize::try_from(c.int(1)?).ok();
    let mut units = place.map(|at| utf16::iter(&text).skip(at)).into_iter().flatten();
    let first = units.next().ok_or_else(|| {
        Exception::argument_range(
            "Index was out of range. Must be non-negative and less than the size of the collection.",
            "index",
        )
    })?;
    Ok((first, units.next().filter(|_| next)))
}

fn from_utf32(c: &mut Call<'_>) -> Result<Value> {
    let found = u32::try_from(c.int(0)?).ok().and_then(char::from_u32);
    found.map(|c| Value::str(utf16::arriving(c.to_string()))).ok_or_else(|| {
        Exception::argument_range(
            "A valid UTF32 value is between 0x000000 and 0x10ffff, inclusive, and should not include surrogate codepoint values (0x00d800 ~ 0x00dfff).",
            "utf32",
        )
    })
}

fn to_utf32(c: &mut Call<'_>) -> Result<Value> {
    let (high, low) = (arg::unit(c, 0)?, arg::unit(c, 1)?);
    let bad = |kind: &str, range: &str| {
        let text = format!("A valid {kind} surrogate character is between {range}, inclusive.");
        Exception::argument_range(&text, &format!("{kind}Surrogate"))
    };
    if !HIGH.contains(&high) {
        return Err(bad("high", "0xd800 and 0xdbff"));
    }
    if !LOW.contains(&low) {
        return Err(bad("low", "0xdc00 and 0xdfff"));
    }
    Ok(Value::Int32(code_of(high, low)))
}

/// The number of the character of two halves.
fn code_of(high: u16, low: u16) -> i32 {
    0x1_0000 + ((i32::from(high) - 0xD800) << 10) + (i32::from(low) - 0xDC00)
}

fn to_utf32_at(c: &mut Call<'_>) -> Result<Value> {
    let (first, second) = units_at(c, true)?;
    let at = c.int(1)?;
    let lone = |what: &str| {
        let text = format!(
            "Found a {what} surrogate at index: {at}. The input may not be in this encoding, or may not contain valid Unicode (UTF-16) characters."
        );
        Exception::argument(&text, "s")
    };
    match second {
        _ if LOW.contains(&first) => Err(lone("low surrogate char without a preceding high")),
        Some(low) if HIGH.contains(&first) && LOW.contains(&low) => Ok(Value::Int32(code_of(first, low))),
        _ if HIGH.contains(&first) => Err(lone("high surrogate char without a following low")),
        _ => Ok(Value::Int32(i32::from(first))),
    }
}
