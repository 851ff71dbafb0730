//! Numbers as text: .NET's standard and custom numeric formats, and parsing with `NumberStyles`.
//!
//! All kinds of numbers become [`Digits`] first, as .NET's own formatter does; the formats then work on digits alone.
mod custom;
mod digits;
pub(crate) mod parse;
mod standard;
pub(crate) mod whole;

use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::value::{Str, Value};
use digits::Digits;

pub(crate) const BAD_SPECIFIER: &str = "Format specifier was invalid.";

/// Most digits that `1E+308` and a precision of 99 can ask for; charged before the text is made.
const CHARGE_PER_DIGIT: usize = 2;

/// `ToString(format)` of a number; what is no number gives an empty text (the caller sorts those out).
pub(crate) fn format(cx: &mut dyn Ambient, value: &Value, format: &str) -> Result<Str> {
    if format.is_empty()
        && let Some(plain) = plain(value)
    {
        return Ok(plain.into());
    }
    let specifier = Specifier::read(format);
    if let (Value::Single(_) | Value::Double(_), Some(special)) = (value, special(value)) {
        return Ok(special.into());
    }
    let digits = match specifier {
        Some(s) => {
            if let Some(text) = standard::integer(value, s)? {
                return Ok(text.into());
            }
            cx.charge_bytes(s.precision.unwrap_or(0).saturating_mul(CHARGE_PER_DIGIT))?;
            Digits::for_standard(value, s)?
        }
        None => {
            cx.charge_bytes(format.len())?;
            Digits::for_custom(value)
        }
    };
    let Some(digits) = digits else { return Ok("".into()) };
    Ok(match specifier {
        Some(s) => standard::format(digits, s)?,
        None => custom::format(digits, format),
    }
    .into())
}

/// The text without a format, by the short way.
fn plain(value: &Value) -> Option<String> {
    Some(match value {
        Value::SByte(v) => v.to_string(),
        Value::Byte(v) => v.to_string(),
        Value::Int16(v) => v.to_string(),
        Value::UInt16(v) => v.to_string(),
        Value::Int32(v) => v.to_string(),
        Value::UInt32(v) => v.to_string(),
        Value::Int64(v) => v.to_string(),
        Value::UInt64(v) => v.to_string(),
        Value::Decimal(v) if v.is_zero() => v.abs().to_string(),
        Value::Decimal(v) => v.to_string(),
        Value::Single(v) => single_text(*v),
        Value::Double(v) => double_text(*v),
        _ => return None,
    })
}

/// `double.ToString()`: the shortest text that reads back as the same number.
pub(crate) fn double_text(v: f64) -> String {
    special(&Value::Double(v)).map_or_else(|| standard::shortest(Digits::shortest_double(v), 17), str::to_owned)
}

/// `float.ToString()`.
pub(crate) fn single_text(v: f32) -> String {
    special(&Value::Single(v)).map_or_else(|| standard::shortest(Digits::shortest_single(v), 9), str::to_owned)
}

fn special(value: &Value) -> Option<&'static str> {
    let v = match value {
        Value::Single(v) => f64::from(*v),
        Value::Double(v) => *v,
        _ => return None,
    };
    if v.is_nan() {
        Some("NaN")
    } else if v.is_infinite() {
        Some(if v > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        None
    }
}

/// A standard format: one letter and an optional precision below one hundred.
#[derive(Clone, Copy)]
struct Specifier {
    letter: char,
    precision: Option<usize>,
}

impl Specifier {
    /// `None` if the text is a custom format. The empty format is `G`.
    fn read(format: &str) -> Option<Specifier> {
        let mut chars = format.chars();
        let Some(letter) = chars.next() else { return Some(Specifier { letter: 'G', precision: None }) };
        let digits = chars.as_str();
        let significant = digits.trim_start_matches('0');
        if !letter.is_ascii_alphabetic() || significant.len() > 2 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let precision = if digits.is_empty() { None } else { Some(significant.parse().unwrap_or(0)) };
        Some(Specifier { letter, precision })
    }

    fn upper(self) -> char {
        self.letter.to_ascii_uppercase()
    }

    /// `E` or `e`, following the case of the letter.
    fn exponent_mark(self) -> char {
        if self.letter.is_ascii_lowercase() { 'e' } else { 'E' }
    }
}

fn bad_specifier() -> Exception {
    Exception::format(BAD_SPECIFIER)
}
