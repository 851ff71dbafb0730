//! `System.TimeSpan`: arithmetic and parsing. Its formats stand in `time_span_format`.
use super::arg;
use super::calendar::{TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MILLISECOND, TICKS_PER_MINUTE, TICKS_PER_SECOND};
use super::integers::{compare_objects, equals, to_string};
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::table::{Builder, TypeBuilder};
use crate::types::ids;
use crate::value::Value;

pub(crate) const TOO_LONG: &str = "TimeSpan overflowed because the duration is too long.";
const NEGATE_MIN: &str = "Negating the minimum value of a twos complement number is invalid.";
const MOST_MILLISECONDS: f64 = 922_337_203_685_477.0;
const MAX_DAYS: i64 = 10_675_199;
pub(super) const FRACTION_DIGITS: usize = 7;

/// Adds the type.
pub(crate) fn define(b: &mut Builder) {
    let t = b
        .structure(ids::TIME_SPAN)
        .implements(&["IComparable", "IFormattable", "IComparable<TimeSpan>", "IEquatable<TimeSpan>"])
        .pure("static TimeSpan Zero", |_| Ok(Value::TimeSpan(0)))
        .pure("static TimeSpan MinValue", |_| Ok(Value::TimeSpan(i64::MIN)))
        .pure("static TimeSpan MaxValue", |_| Ok(Value::TimeSpan(i64::MAX)))
        .pure("static long TicksPerDay", |_| Ok(Value::Int64(TICKS_PER_DAY)))
        .pure("static long TicksPerHour", |_| Ok(Value::Int64(TICKS_PER_HOUR)))
        .pure("static long TicksPerMinute", |_| Ok(Value::Int64(TICKS_PER_MINUTE)))
        .pure("static long TicksPerSecond", |_| Ok(Value::Int64(TICKS_PER_SECOND)))
        .pure("static long TicksPerMillisecond", |_| Ok(Value::Int64(TICKS_PER_MILLISECOND)))
        .pure("new(long ticks)", |c| Ok(Value::TimeSpan(c.long(0)?)))
        .pure("new(int hours, int minutes, int seconds)", |c| make([0, c.int(0)?, c.int(1)?, c.int(2)?, 0]))
        .pure("new(int days, int hours, int minutes, int seconds)", |c| {
            make([c.int(0)?, c.int(1)?, c.int(2)?, c.int(3)?, 0])
        })
        .pure("new(int days, int hours, int minutes, int seconds, int milliseconds)", |c| {
            make([c.int(0)?, c.int(1)?, c.int(2)?, c.int(3)?, c.int(4)?])
        })
        .pure("long Ticks", |c| Ok(Value::Int64(arg::span(c, 0)?)))
        .pure("int Days", |c| part(c, TICKS_PER_DAY, i64::MAX))
        .pure("int Hours", |c| part(c, TICKS_PER_HOUR, 24))
        .pure("int Minutes", |c| part(c, TICKS_PER_MINUTE, 60))
        .pure("int Seconds", |c| part(c, TICKS_PER_SECOND, 60))
        .pure("int Milliseconds", |c| part(c, TICKS_PER_MILLISECOND, 1000))
        .pure("double TotalDays", |c| total(c, TICKS_PER_DAY))
        .pure("double TotalHours", |c| total(c, TICKS_PER_HOUR))
        .pure("double TotalMinutes", |c| total(c, TICKS_PER_MINUTE))
        .pure("double TotalSeconds", |c| total(c, TICKS_PER_SECOND))
        .pure("double TotalMilliseconds", |c| match total(c, TICKS_PER_MILLISECOND)? {
            // The range of whole milliseconds.
            Value::Double(v) => Ok(Value::Double(v.clamp(-MOST_MILLISECONDS, MOST_MILLISECONDS))),
            other => Ok(other),
        })
        .pure("static TimeSpan FromDays(double value)", |c| from(c, TICKS_PER_DAY))
        .pure("static TimeSpan FromHours(double value)", |c| from(c, TICKS_PER_HOUR))
        .pure("static TimeSpan FromMinutes(double value)", |c| from(c, TICKS_PER_MINUTE))
        .pure("static TimeSpan FromSeconds(double value)", |c| from(c, TICKS_PER_SECOND))
        .pure("static TimeSpan FromMilliseconds(double value)", |c| from(c, TICKS_PER_MILLISECOND))
        .pure("static TimeSpan FromTicks(long value)", |c| Ok(Value::TimeSpan(c.long(0)?)));
    arithmetic(t);
    comparing(b);
    parsing(b);
}

fn arithmetic(t: TypeBuilder<'_>) {
    t.pure("TimeSpan Add(TimeSpan ts)", |c| sum(c, i64::checked_add))
        .pure("TimeSpan Subtract(TimeSpan ts)", |c| sum(c, i64::checked_sub))
        .pure("TimeSpan Negate()", negate)
        .pure("TimeSpan Duration()", |c| {
            let v = arg::span(c, 0)?.checked_abs();
            v.map(Value::TimeSpan).ok_or_else(|| {
                Exception::overflow_message("The duration cannot be returned for TimeSpan.MinValue because the absolute value of TimeSpan.MinValue exceeds the value of TimeSpan.MaxValue.")
            })
        })
        .pure("TimeSpan Multiply(double factor)", |c| scaled(c, 0, 1))
        .pure("TimeSpan Divide(double divisor)", divided)
        .pure("double Divide(TimeSpan ts)", ratio)
        .pure("static TimeSpan operator +(TimeSpan t1, TimeSpan t2)", |c| sum(c, i64::checked_add))
        .pure("static TimeSpan operator -(TimeSpan t1, TimeSpan t2)", |c| sum(c, i64::checked_sub))
        .pure("static TimeSpan operator -(TimeSpan t)", negate)
        .pure("static TimeSpan operator +(TimeSpan t)", |c| Ok(c.take(0)))
        .pure("static TimeSpan operator *(TimeSpan timeSpan, double factor)", |c| scaled(c, 0, 1))
        .pure("static TimeSpan operator *(double factor, TimeSpan timeSpan)", |c| scaled(c, 1, 0))
        .pure("static TimeSpan operator /(TimeSpan timeSpan, double divisor)", divided)
        .pure("static double operator /(TimeSpan t1, TimeSpan t2)", ratio);
}

fn comparing(b: &mut Builder) {
    b.structure(ids::TIME_SPAN)
        .pure("static bool operator ==(TimeSpan t1, TimeSpan t2)", |c| {
            Ok(Value::Bool(arg::span(c, 0)? == arg::span(c, 1)?))
        })
        .pure("static bool operator !=(TimeSpan t1, TimeSpan t2)", |c| {
            Ok(Value::Bool(arg::span(c, 0)? != arg::span(c, 1)?))
        })
        .pure("static bool operator <(TimeSpan t1, TimeSpan t2)", |c| {
            Ok(Value::Bool(arg::span(c, 0)? < arg::span(c, 1)?))
        })
        .pure("static bool operator >(TimeSpan t1, TimeSpan t2)", |c| {
            Ok(Value::Bool(arg::span(c, 0)? > arg::span(c, 1)?))
        })
        .pure("static bool operator <=(TimeSpan t1, TimeSpan t2)", |c| {
            Ok(Value::Bool(arg::span(c, 0)? <= arg::span(c, 1)?))
        })
        .pure("static bool operator >=(TimeSpan t1, TimeSpan t2)", |c| {
            Ok(Value::Bool(arg::span(c, 0)? >= arg::span(c, 1)?))
        })
        .pure("static int Compare(TimeSpan t1, TimeSpan t2)", |c| compare_objects(c, "TimeSpan"))
        .pure("int CompareTo(TimeSpan value)", |c| compare_objects(c, "TimeSpan"))
        .pure("int CompareTo(object value)", |c| compare_objects(c, "TimeSpan"))
        .pure("bool Equals(TimeSpan obj)", equals)
        .pure("bool Equals(object value)", equals)
        .pure("static bool Equals(TimeSpan t1, TimeSpan t2)", equals)
        .pure("int GetHashCode()", |c| Ok(Value::Int32(object::hash_code(c.arg(0)))))
        .pure("string ToString()", to_string)
        .pure("string ToString(string format)", to_string)
        .pure("string ToString(string format, IFormatProvider formatProvider)", to_string);
}

fn parsing(b: &mut Builder) {
    b.structure(ids::TIME_SPAN)
        .pure("static TimeSpan Parse(string s)", |c| parsed(c, "s"))
        .pure("static TimeSpan Parse(string input, IFormatProvider formatProvider)", |c| parsed(c, "input"))
        .def("static bool TryParse(string s, out TimeSpan result)", |c| {
            let found = c.arg(0).as_str().and_then(|s| parse(s).ok());
            c.set(1, Value::TimeSpan(found.unwrap_or(0)));
            Ok(Value::Bool(found.is_some()))
        })
        .def("static bool TryParse(string input, IFormatProvider formatProvider, out TimeSpan result)", |c| {
            let found = c.arg(0).as_str().and_then(|s| parse(s).ok());
            c.set(2, Value::TimeSpan(found.unwrap_or(0)));
            Ok(Value::Bool(found.is_some()))
        });
    super::time_span_exact::define(b);
}

fn make(parts: [i32; 5]) -> Result<Value> {
    let [d, h, m, s, ms] = parts.map(i64::from);
    let millis = (((d * 24 + h) * 60 + m) * 60 + s) * 1000 + ms;
    millis
        .checked_mul(TICKS_PER_MILLISECOND)
        .map(Value::TimeSpan)
        .ok_or_else(|| Exception::argument_range_message(TOO_LONG))
}

fn part(c: &Call<'_>, unit: i64, modulus: i64) -> Result<Value> {
    let n = arg::span(c, 0)? / unit % modulus;
    Ok(Value::Int32(i32::try_from(n).unwrap_or(0)))
}

#[expect(clippy::cast_precision_loss, reason = "this is what .NET does")]
fn total(c: &Call<'_>, unit: i64) -> Result<Value> {
    let ticks = arg::span(c, 0)? as f64;
    Ok(Value::Double(ticks / unit as f64))
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "the range is checked first")]
pub(crate) fn ticks_of(v: f64) -> Result<i64> {
    if v.is_nan() {
        return Err(Exception::argument_message("TimeSpan does not accept floating point Not-a-Number values."));
    }
    if v > i64::MAX as f64 || v < i64::MIN as f64 {
        return Err(Exception::overflow_message(TOO_LONG));
    }
    Ok(if v == i64::MAX as f64 { i64::MAX } else { v as i64 })
}

#[expect(clippy::cast_precision_loss, reason = "this is what .NET does")]
fn from(c: &Call<'_>, unit: i64) -> Result<Value> {
    ticks_of(c.double(0)? * unit as f64).map(Value::TimeSpan)
}

fn sum(c: &Call<'_>, f: fn(i64, i64) -> Option<i64>) -> Result<Value> {
    f(arg::span(c, 0)?, arg::span(c, 1)?).map(Value::TimeSpan).ok_or_else(|| Exception::overflow_message(TOO_LONG))
}

fn negate(c: &mut Call<'_>) -> Result<Value> {
    arg::span(c, 0)?.checked_neg().map(Value::TimeSpan).ok_or_else(|| Exception::overflow_message(NEGATE_MIN))
}

#[expect(clippy::cast_precision_loss, reason = "this is what .NET does")]
fn scaled(c: &Call<'_>, span: usize, factor: usize) -> Result<Value> {
    let factor = c.double(factor)?;
    if factor.is_nan() {
        return Err(Exception::argument("TimeSpan does not accept floating point Not-a-Number values.", "factor"));
    }
    ticks_of((arg::span(c, span)? as f64 * factor).round_ties_even()).map(Value::TimeSpan)
}

#[expect(clippy::cast_precision_loss, reason = "this is what .NET does")]
fn divided(c: &mut Call<'_>) -> Result<Value> {
    let divisor = c.double(1)?;
    if divisor.is_nan() {
        return Err(Exception::argument("TimeSpan does not accept floating point Not-a-Number values.", "divisor"));
    }
    ticks_of((arg::span(c, 0)? as f64 / divisor).round_ties_even()).map(Value::TimeSpan)
}

#[expect(clippy::cast_precision_loss, reason = "this is what .NET does")]
fn ratio(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::Double(arg::span(c, 0)? as f64 / arg::span(c, 1)? as f64))
}

pub(super) fn unrecognized(text: &str) -> Exception {
    Exception::format(format!("String '{text}' was not recognized as a valid TimeSpan."))
}

pub(super) fn too_large(text: &str) -> Exception {
    Exception::overflow_message(format!(
        "The TimeSpan string '{text}' could not be parsed because at least one of the numeric components is out of range or contains too many digits."
    ))
}

fn parsed(c: &Call<'_>, parameter: &str) -> Result<Value> {
    parse(&c.str_arg(0, parameter)?).map(Value::TimeSpan)
}

/// `[-][d.]hh:mm[:ss[.fffffff]]`, `d`, `d:hh:mm:ss[.f]`; white space around.
pub(crate) fn parse(text: &str) -> Result<i64> {
    let bad = || unrecognized(text);
    let trimmed = text.trim();
    let (negative, body) = trimmed.strip_prefix('-').map_or((false, trimmed), |rest| (true, rest));
    let mut pieces: Vec<&str> = body.split(':').collect();
    let days = match (pieces.len(), pieces.first().and_then(|p| p.split_once('.'))) {
        (2.., Some((d, h))) => {
            if let Some(first) = pieces.first_mut() {
                *first = h;
            }
            Some(d)
        }
        _ => None,
    };
    let (fraction, count) = match (pieces.len(), pieces.last().and_then(|p| p.split_once('.'))) {
        (3.., Some((s, f))) => {
            if let Some(last) = pieces.last_mut() {
                *last = s;
            }
            (Some(f), pieces.len())
        }
        (n, _) => (None, n),
    };
    let number = |t: &str| -> Result<i64> {
        if t.is_empty() || !t.bytes().all(|b| b.is_ascii_digit()) {
            return Err(bad());
        }
        t.trim_start_matches('0').parse().or(if t.bytes().all(|b| b == b'0') { Ok(0) } else { Err(too_large(text)) })
    };
    let mut n = Vec::new();
    for piece in days.iter().chain(pieces.iter()) {
        n.push(number(piece)?);
    }
    let fields = match (count, days.is_some(), n.as_slice()) {
        (1, _, [d]) => [*d, 0, 0, 0],
        (2, false, [h, m]) => [0, *h, *m, 0],
        (2, true, [d, h, m]) => [*d, *h, *m, 0],
        (3, false, [d, h, m]) if *d > 23 && fraction.is_none() => [*d, *h, *m, 0],
        (3, false, [h, m, s]) => [0, *h, *m, *s],
        (3, true, [d, h, m, s]) | (4, false, [d, h, m, s]) => [*d, *h, *m, *s],
        _ => return Err(bad()),
    };
    let fraction = match fraction {
        Some(f) if f.is_empty() || !f.bytes().all(|b| b.is_ascii_digit()) => return Err(bad()),
        Some(f) if f.len() > FRACTION_DIGITS => return Err(too_large(text)),
        Some(f) => format!("{f:0<7}").parse().unwrap_or(0),
        None => 0,
    };
    ticks_from(fields, fraction, negative).ok_or_else(|| too_large(text))
}

pub(super) fn ticks_from([d, h, m, s]: [i64; 4], fraction: i64, negative: bool) -> Option<i64> {
    if d > MAX_DAYS || h > 23 || m > 59 || s > 59 {
        return None;
    }
    let seconds = ((d * 24 + h) * 60 + m) * 60 + s;
    let ticks = i128::from(seconds) * i128::from(TICKS_PER_SECOND) + i128::from(fraction);
    i64::try_from(if negative { -ticks } else { ticks }).ok()
}

/// Between `min` and `max` digits at the beginning: the number and how many there were.
pub(super) fn digits(rest: &mut &str, min: usize, max: usize) -> Option<(i64, usize)> {
    let n = rest.bytes().take(max).take_while(u8::is_ascii_digit).count();
    let (number, after) = rest.split_at(n);
    *rest = after;
    (n >= min).then(|| (number.parse().unwrap_or(0), n))
}
