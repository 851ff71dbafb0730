//! `TimeSpan.ParseExact` and its kin: reading a text by formats.
use super::arg;
use super::calendar::TICKS_PER_SECOND;
use super::time_span::{FRACTION_DIGITS, digits, parse, ticks_from, too_large, unrecognized};
use crate::collections::array;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::ids;
use crate::value::Value;

/// `TimeSpanStyles.AssumeNegative`
const ASSUME_NEGATIVE: i32 = 1;
const BAD_FORMAT: &str = "Input string was not in a correct format.";

/// Adds the members.
pub(super) fn define(b: &mut Builder) {
    b.structure(ids::TIME_SPAN)
        .pure("static TimeSpan ParseExact(string input, string format, IFormatProvider formatProvider)", |c| exact(c, None))
        .pure("static TimeSpan ParseExact(string input, string format, IFormatProvider formatProvider, TimeSpanStyles styles)", |c| exact(c, Some(3)))
        .def("static TimeSpan ParseExact(string input, string[] formats, IFormatProvider formatProvider)", |c| exact(c, None))
        .def("static TimeSpan ParseExact(string input, string[] formats, IFormatProvider formatProvider, TimeSpanStyles styles)", |c| exact(c, Some(3)))
        .def("static bool TryParseExact(string input, string format, IFormatProvider formatProvider, out TimeSpan result)", |c| try_exact(c, None, 3))
        .def("static bool TryParseExact(string input, string format, IFormatProvider formatProvider, TimeSpanStyles styles, out TimeSpan result)", |c| try_exact(c, Some(3), 4))
        .def("static bool TryParseExact(string input, string[] formats, IFormatProvider formatProvider, out TimeSpan result)", |c| try_exact(c, None, 3))
        .def("static bool TryParseExact(string input, string[] formats, IFormatProvider formatProvider, TimeSpanStyles styles, out TimeSpan result)", |c| try_exact(c, Some(3), 4));
}

/// By the first format that fits; with one format, its own error.
fn exact(c: &mut Call<'_>, styles: Option<usize>) -> Result<Value> {
    let text = c.str_arg(0, "input")?;
    let negative = negative(c, styles)?;
    if let Some(formats) = array::array(c.arg(1)) {
        let formats = formats.to_vec();
        c.cx.charge_steps(u64::try_from(formats.len()).unwrap_or(u64::MAX))?;
        let found = formats.iter().filter_map(Value::as_str).find_map(|f| parse_exact(&text, f, negative).ok());
        return found.map(Value::TimeSpan).ok_or_else(|| unrecognized(&text));
    }
    let format = c.str_arg(1, if c.arg(1).is_null() { "format" } else { "formats" })?;
    parse_exact(&text, &format, negative).map(Value::TimeSpan)
}

fn try_exact(c: &mut Call<'_>, styles: Option<usize>, out: usize) -> Result<Value> {
    negative(c, styles)?;
    let found = if c.arg(0).is_null() || c.arg(1).is_null() { None } else { exact(c, styles).ok() };
    let is_found = found.is_some();
    c.set(out, found.unwrap_or(Value::TimeSpan(0)));
    Ok(Value::Bool(is_found))
}

fn negative(c: &Call<'_>, styles: Option<usize>) -> Result<bool> {
    let styles = styles.map_or(0, |n| arg::number_or(c, n, 0));
    if styles & !ASSUME_NEGATIVE != 0 {
        return Err(Exception::argument("An undefined TimeSpanStyles value is being used.", "styles"));
    }
    Ok(styles == ASSUME_NEGATIVE)
}

/// A standard or custom format, exactly.
fn parse_exact(text: &str, format: &str, negative: bool) -> Result<i64> {
    match format {
        "c" | "t" | "T" | "g" | "G" => {
            return parse(text).and_then(|ticks| if text.contains(':') { Ok(ticks) } else { Err(unrecognized(text)) });
        }
        one if one.chars().count() < 2 => return Err(Exception::format(BAD_FORMAT)),
        _ => {}
    }
    let (fields, fraction) = by_custom(text, format).ok_or_else(|| unrecognized(text))?;
    ticks_from(fields, fraction, negative).ok_or_else(|| too_large(text))
}

/// Days, hours, minutes, seconds, and the fraction in ticks.
fn by_custom(text: &str, format: &str) -> Option<([i64; 4], i64)> {
    let format: Vec<char> = format.chars().collect();
    let (mut rest, mut at, mut fields, mut fraction) = (text, 0_usize, [0_i64; 4], 0_i64);
    while let Some(&c) = format.get(at) {
        let run = format.iter().skip(at).take_while(|x| **x == c).count();
        match c {
            'd' | 'h' | 'm' | 's' => {
                let max = if c == 'd' { 8 } else { 2 };
                let (n, _) = digits(&mut rest, run, max.max(run))?;
                *fields.get_mut("dhms".find(c)?)? = n;
                at += run;
            }
            'f' | 'F' => {
                let (n, used) = digits(&mut rest, if c == 'f' { run } else { 0 }, run)?;
                fraction = n * 10_i64.pow(u32::try_from(FRACTION_DIGITS.checked_sub(used)?).ok()?);
                at += run;
            }
            '%' => at += 1,
            '\'' | '"' => {
                let length = format.iter().skip(at + 1).position(|x| *x == c)?;
                let quoted: String = format.iter().skip(at + 1).take(length).collect();
                rest = rest.strip_prefix(&*quoted)?;
                at += length + 2;
            }
            '\\' => {
                rest = rest.strip_prefix(*format.get(at + 1)?)?;
                at += 2;
            }
            _ => return None,
        }
    }
    rest.is_empty().then_some((fields, fraction)).filter(|(_, f)| *f < TICKS_PER_SECOND)
}
