//! `System.DateTime`. The local zone is UTC.
use super::arg;
use super::calendar::{
    self, Fields, MAX_TICKS, TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MILLISECOND, TICKS_PER_MINUTE, TICKS_PER_SECOND,
    UNIX_EPOCH_TICKS,
};
use super::integers::{compare_objects, equals, to_string};
use super::{date_format, date_parse, date_parse_exact};
use crate::collections::array;
use crate::exception::{Exception, Result};
use crate::format::prepare_to_string;
use crate::member::Call;
use crate::object;
use crate::table::{Builder, TypeBuilder};
use crate::types::{TypeId, ids};
use crate::value::{DateTime, Value};

const UTC: u8 = 1;
const LOCAL: u8 = 2;
const DAY_OF_WEEK: TypeId = TypeId("System.DayOfWeek");
const KIND: TypeId = TypeId("System.DateTimeKind");
const BAD_DATE: &str = "Year, Month, and Day parameters describe an un-representable DateTime.";
const BAD_TIME: &str = "Hour, Minute, and Second parameters describe an un-representable DateTime.";
pub(super) const BAD_SUM: &str = "The added or subtracted value results in an un-representable DateTime.";
const MAX_MONTHS: i32 = 120_000;
/// Milliseconds that `AddX` accepts in either direction.
const MAX_MILLIS: f64 = 315_537_897_600_000.0;
const FILE_TIME_EPOCH: i64 = 504_911_232_000_000_000;

/// Adds the type.
pub(crate) fn define(b: &mut Builder) {
    let t = b
        .structure(ids::DATE_TIME)
        .implements(&["IComparable", "IFormattable", "IComparable<DateTime>", "IEquatable<DateTime>"])
        .pure("static DateTime MinValue", |_| Ok(value(0, 0)))
        .pure("static DateTime MaxValue", |_| Ok(value(MAX_TICKS, 0)))
        .pure("static DateTime UnixEpoch", |_| Ok(value(UNIX_EPOCH_TICKS, UTC)))
        .def("static DateTime UtcNow", |c| Ok(value(c.cx.utc_now_ticks(), UTC)))
        .def("static DateTime Now", |c| Ok(value(c.cx.utc_now_ticks(), LOCAL)))
        .def("static DateTime Today", |c| {
            let now = c.cx.utc_now_ticks();
            Ok(value(now - now.rem_euclid(TICKS_PER_DAY), LOCAL))
        });
    constructors(t);
    parts(b);
    arithmetic(b);
    comparing(b);
    parsing(b);
}

fn value(ticks: i64, kind: u8) -> Value {
    Value::DateTime(DateTime { ticks, kind })
}

fn constructors(t: TypeBuilder<'_>) {
    t.pure("new()", |_| Ok(value(0, 0)))
        .pure("new(long ticks)", |c| from_ticks(c, None))
        .pure("new(long ticks, DateTimeKind kind)", |c| from_ticks(c, Some(1)))
        .pure("new(int year, int month, int day)", |c| from_fields(c, 3, None))
        .pure("new(int year, int month, int day, int hour, int minute, int second)", |c| from_fields(c, 6, None))
        .pure("new(int year, int month, int day, int hour, int minute, int second, DateTimeKind kind)", |c| from_fields(c, 6, Some(6)))
        .pure("new(int year, int month, int day, int hour, int minute, int second, int millisecond)", |c| from_fields(c, 7, None))
        .pure("new(int year, int month, int day, int hour, int minute, int second, int millisecond, DateTimeKind kind)", |c| {
            from_fields(c, 7, Some(7))
        })
        .pure("static DateTime FromBinary(long dateData)", |c| {
            let data = c.long(0)?.cast_unsigned();
            let kind = if data >> 62 >= 2 { LOCAL } else { u8::try_from(data >> 62).unwrap_or(0) };
            in_range((data & 0x3fff_ffff_ffff_ffff).cast_signed(), kind, "dateData", "The binary data must result in a DateTime with ticks between DateTime.MinValue.Ticks and DateTime.MaxValue.Ticks.")
        })
        .pure("long ToBinary()", |c| {
            let d = arg::date(c, 0)?;
            Ok(Value::Int64((d.ticks.cast_unsigned() | u64::from(d.kind) << 62).cast_signed()))
        })
        .pure("static DateTime FromFileTime(long fileTime)", |c| Ok(value(c.long(0)?.saturating_add(FILE_TIME_EPOCH), LOCAL)))
        .pure("static DateTime FromFileTimeUtc(long fileTime)", |c| Ok(value(c.long(0)?.saturating_add(FILE_TIME_EPOCH), UTC)))
        .pure("long ToFileTime()", |c| Ok(Value::Int64(arg::date(c, 0)?.ticks - FILE_TIME_EPOCH)))
        .pure("long ToFileTimeUtc()", |c| Ok(Value::Int64(arg::date(c, 0)?.ticks - FILE_TIME_EPOCH)))
        .pure("static DateTime SpecifyKind(DateTime value, DateTimeKind kind)", |c| {
            Ok(value(arg::date(c, 0)?.ticks, kind_of(c, 1)?))
        })
        .pure("static int DaysInMonth(int year, int month)", |c| {
            let (y, m) = (c.int(0)?, c.int(1)?);
            if !(1..=12).contains(&m) {
                return Err(Exception::argument_range("Month must be between one and twelve.", "month"));
            }
            year(y)?;
            Ok(Value::Int32(calendar::days_in_month(y, m)))
        })
        .pure("static bool IsLeapYear(int year)", |c| {
            let y = c.int(0)?;
            year(y)?;
            Ok(Value::Bool(calendar::is_leap_year(y)))
        });
}

fn year(y: i32) -> Result<()> {
    if (1..=9999).contains(&y) {
        Ok(())
    } else {
        Err(Exception::argument_range("Year must be between 1 and 9999.", "year"))
    }
}

fn kind_of(c: &Call<'_>, n: usize) -> Result<u8> {
    u8::try_from(arg::number_or(c, n, 0))
        .ok()
        .filter(|k| *k <= LOCAL)
        .ok_or_else(|| Exception::argument("Invalid DateTimeKind value.", "kind"))
}

fn in_range(ticks: i64, kind: u8, parameter: &str, message: &str) -> Result<Value> {
    if (0..=MAX_TICKS).contains(&ticks) {
        Ok(value(ticks, kind))
    } else {
        Err(Exception::argument_range(message, parameter))
    }
}

fn from_ticks(c: &Call<'_>, kind: Option<usize>) -> Result<Value> {
    let message = "Ticks must be between DateTime.MinValue.Ticks and DateTime.MaxValue.Ticks.";
    in_range(c.long(0)?, kind.map_or(Ok(0), |n| kind_of(c, n))?, "ticks", message)
}

/// Ticks of `count` numeric arguments: a date, then time, then milliseconds.
pub(super) fn ticks_of_fields(c: &Call<'_>, count: usize) -> Result<i64> {
    let date = calendar::date_ticks(c.int(0)?, c.int(1)?, c.int(2)?)
        .ok_or_else(|| Exception::argument_range_message(BAD_DATE))?;
    if count == 3 {
        return Ok(date);
    }
    let time = calendar::time_ticks(c.int(3)?, c.int(4)?, c.int(5)?)
        .ok_or_else(|| Exception::argument_range_message(BAD_TIME))?;
    let millis = if count > 6 { c.int(6)? } else { 0 };
    if !(0..1000).contains(&millis) {
        return Err(Exception::argument_range("Valid values are between 0 and 999, inclusive.", "millisecond"));
    }
    Ok(date + time + i64::from(millis) * TICKS_PER_MILLISECOND)
}

fn from_fields(c: &Call<'_>, count: usize, kind: Option<usize>) -> Result<Value> {
    let ticks = ticks_of_fields(c, count)?;
    Ok(value(ticks, kind.map_or(Ok(0), |n| kind_of(c, n))?))
}

fn int_part(c: &Call<'_>, f: fn(Fields) -> i32) -> Result<Value> {
    Ok(Value::Int32(f(Fields::of(arg::date(c, 0)?.ticks))))
}

fn parts(b: &mut Builder) {
    b.structure(ids::DATE_TIME)
        .pure("long Ticks", |c| Ok(Value::Int64(arg::date(c, 0)?.ticks)))
        .pure("DateTimeKind Kind", |c| Ok(Value::Enum(KIND, i32::from(arg::date(c, 0)?.kind))))
        .pure("int Year", |c| int_part(c, |f| f.year))
        .pure("int Month", |c| int_part(c, |f| f.month))
        .pure("int Day", |c| int_part(c, |f| f.day))
        .pure("int Hour", |c| int_part(c, |f| f.hour))
        .pure("int Minute", |c| int_part(c, |f| f.minute))
        .pure("int Second", |c| int_part(c, |f| f.second))
        .pure("int Millisecond", |c| int_part(c, |f| f.fraction / 10_000))
        .pure("DayOfWeek DayOfWeek", |c| Ok(Value::Enum(DAY_OF_WEEK, calendar::day_of_week(arg::date(c, 0)?.ticks))))
        .pure("int DayOfYear", |c| Ok(Value::Int32(calendar::day_of_year(arg::date(c, 0)?.ticks))))
        .pure("TimeSpan TimeOfDay", |c| Ok(Value::TimeSpan(arg::date(c, 0)?.ticks.rem_euclid(TICKS_PER_DAY))))
        .pure("DateTime Date", |c| {
            let d = arg::date(c, 0)?;
            Ok(value(d.ticks - d.ticks.rem_euclid(TICKS_PER_DAY), d.kind))
        })
        .pure("bool IsDaylightSavingTime()", |_| Ok(Value::Bool(false)))
        .pure("DateTime ToUniversalTime()", |c| Ok(value(arg::date(c, 0)?.ticks, UTC)))
        .pure("DateTime ToLocalTime()", |c| Ok(value(arg::date(c, 0)?.ticks, LOCAL)))
        .pure("double ToOADate()", |c| Ok(Value::Double(oa_date(arg::date(c, 0)?.ticks))))
        .pure("string ToString()", to_string)
        .prepare(prepare_to_string)
        .pure("string ToString(string format)", to_string)
        .prepare(prepare_to_string)
        .pure("string ToString(IFormatProvider provider)", to_string)
        .prepare(prepare_to_string)
        .pure("string ToString(string format, IFormatProvider provider)", to_string)
        .prepare(prepare_to_string)
        .pure("string ToLongDateString()", |c| formatted(c, "D"))
        .pure("string ToShortDateString()", |c| formatted(c, "d"))
        .pure("string ToLongTimeString()", |c| formatted(c, "T"))
        .pure("string ToShortTimeString()", |c| formatted(c, "t"));
}

#[expect(clippy::cast_precision_loss, reason = "days with fraction are doubles by definition")]
fn oa_date(ticks: i64) -> f64 {
    const OA_EPOCH: i64 = 599_264_352_000_000_000;
    if ticks < TICKS_PER_DAY {
        return if ticks == 0 { 0.0 } else { (ticks as f64) / TICKS_PER_DAY as f64 };
    }
    let mut millis = (ticks - OA_EPOCH) / TICKS_PER_MILLISECOND;
    if millis < 0 {
        let fraction = millis % (TICKS_PER_DAY / TICKS_PER_MILLISECOND);
        if fraction != 0 {
            millis -= (TICKS_PER_DAY / TICKS_PER_MILLISECOND + fraction) * 2;
        }
    }
    millis as f64 / (TICKS_PER_DAY / TICKS_PER_MILLISECOND) as f64
}

fn formatted(c: &Call<'_>, format: &str) -> Result<Value> {
    date_format::date_time(arg::date(c, 0)?, format).map(Value::Str)
}

fn arithmetic(b: &mut Builder) {
    b.structure(ids::DATE_TIME)
        .pure("DateTime Add(TimeSpan value)", |c| plus(c, arg::span(c, 1)?, 1))
        .pure("DateTime AddTicks(long value)", |c| plus(c, c.long(1)?, 1))
        .pure("DateTime AddMilliseconds(double value)", |c| add_units(c, TICKS_PER_MILLISECOND))
        .pure("DateTime AddSeconds(double value)", |c| add_units(c, TICKS_PER_SECOND))
        .pure("DateTime AddMinutes(double value)", |c| add_units(c, TICKS_PER_MINUTE))
        .pure("DateTime AddHours(double value)", |c| add_units(c, TICKS_PER_HOUR))
        .pure("DateTime AddDays(double value)", |c| add_units(c, TICKS_PER_DAY))
        .pure("DateTime AddMonths(int months)", |c| {
            let d = arg::date(c, 0)?;
            Ok(value(add_months(d.ticks, c.int(1)?)?, d.kind))
        })
        .pure("DateTime AddYears(int value)", |c| {
            let (d, years) = (arg::date(c, 0)?, c.int(1)?);
            Ok(value(add_years(d.ticks, years)?, d.kind))
        })
        .pure("TimeSpan Subtract(DateTime value)", minus)
        .pure("DateTime Subtract(TimeSpan value)", |c| plus(c, arg::span(c, 1)?, -1))
        .pure("static DateTime operator +(DateTime d, TimeSpan t)", |c| sum(c, arg::span(c, 1)?, 1, "t"))
        .pure("static DateTime operator -(DateTime d, TimeSpan t)", |c| sum(c, arg::span(c, 1)?, -1, "t"))
        .pure("static TimeSpan operator -(DateTime d1, DateTime d2)", minus);
}

fn comparing(b: &mut Builder) {
    b.structure(ids::DATE_TIME)
        .pure("static bool operator ==(DateTime d1, DateTime d2)", |c| {
            Ok(Value::Bool(arg::date(c, 0)?.ticks == arg::date(c, 1)?.ticks))
        })
        .pure("static bool operator !=(DateTime d1, DateTime d2)", |c| {
            Ok(Value::Bool(arg::date(c, 0)?.ticks != arg::date(c, 1)?.ticks))
        })
        .pure("static bool operator <(DateTime t1, DateTime t2)", |c| {
            Ok(Value::Bool(arg::date(c, 0)?.ticks < arg::date(c, 1)?.ticks))
        })
        .pure("static bool operator >(DateTime t1, DateTime t2)", |c| {
            Ok(Value::Bool(arg::date(c, 0)?.ticks > arg::date(c, 1)?.ticks))
        })
        .pure("static bool operator <=(DateTime t1, DateTime t2)", |c| {
            Ok(Value::Bool(arg::date(c, 0)?.ticks <= arg::date(c, 1)?.ticks))
        })
        .pure("static bool operator >=(DateTime t1, DateTime t2)", |c| {
            Ok(Value::Bool(arg::date(c, 0)?.ticks >= arg::date(c, 1)?.ticks))
        })
        .pure("static int Compare(DateTime t1, DateTime t2)", |c| compare_objects(c, "DateTime"))
        .pure("int CompareTo(DateTime value)", |c| compare_objects(c, "DateTime"))
        .pure("int CompareTo(object value)", |c| compare_objects(c, "DateTime"))
        .pure("bool Equals(DateTime value)", equals)
        .pure("bool Equals(object value)", equals)
        .pure("static bool Equals(DateTime t1, DateTime t2)", equals)
        .pure("int GetHashCode()", |c| Ok(Value::Int32(object::hash_code(c.arg(0)))));
}

fn plus(c: &Call<'_>, ticks: i64, sign: i64) -> Result<Value> {
    sum(c, ticks, sign, "value")
}

fn sum(c: &Call<'_>, ticks: i64, sign: i64, parameter: &str) -> Result<Value> {
    let d = arg::date(c, 0)?;
    let sum = ticks.checked_mul(sign).and_then(|t| d.ticks.checked_add(t));
    in_range(sum.unwrap_or(-1), d.kind, parameter, BAD_SUM)
}

fn minus(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::TimeSpan(arg::date(c, 0)?.ticks - arg::date(c, 1)?.ticks))
}

/// .NET rounds what is added to whole milliseconds.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "the range is checked first")]
pub(super) fn rounded_ticks(v: f64, unit: i64) -> Result<i64> {
    let scaled = v * (unit / TICKS_PER_MILLISECOND) as f64;
    let millis = scaled + if v >= 0.0 { 0.5 } else { -0.5 };
    if millis.is_nan() || millis <= -MAX_MILLIS || millis >= MAX_MILLIS {
        return Err(Exception::argument_range("Value to add was out of range.", "value"));
    }
    Ok(millis as i64 * TICKS_PER_MILLISECOND)
}

fn add_units(c: &Call<'_>, unit: i64) -> Result<Value> {
    plus(c, rounded_ticks(c.double(1)?, unit)?, 1)
}

pub(super) fn add_months(ticks: i64, months: i32) -> Result<i64> {
    if !(-MAX_MONTHS..=MAX_MONTHS).contains(&months) {
        return Err(Exception::argument_range("Months value must be between +/-120000.", "months"));
    }
    let f = Fields::of(ticks);
    let total = f.year * 12 + f.month - 1 + months;
    let (year, month) = (total.div_euclid(12), total.rem_euclid(12) + 1);
    let day = if (1..=9999).contains(&year) { f.day.min(calendar::days_in_month(year, month)) } else { 0 };
    calendar::date_ticks(year, month, day)
        .map(|date| date + ticks.rem_euclid(TICKS_PER_DAY))
        .ok_or_else(|| Exception::argument_range(BAD_SUM, "months"))
}

pub(super) fn add_years(ticks: i64, years: i32) -> Result<i64> {
    if !(-10_000..=10_000).contains(&years) {
        return Err(Exception::argument_range("Years value must be between +/-10000.", "years"));
    }
    add_months(ticks, years * 12)
}

fn parsing(b: &mut Builder) {
    b.structure(ids::DATE_TIME)
        .def("static DateTime Parse(string s)", |c| parse(c, 0))
        .def("static DateTime Parse(string s, IFormatProvider provider)", |c| parse(c, 0))
        .def("static DateTime Parse(string s, IFormatProvider provider, DateTimeStyles styles)", |c| {
            let styles = arg::number_or(c, 2, 0);
            parse(c, styles)
        })
        .def("static DateTime ParseExact(string s, string format, IFormatProvider provider)", parse_exact)
        .def("static DateTime ParseExact(string s, string format, IFormatProvider provider, DateTimeStyles style)", parse_exact)
        .def("static DateTime ParseExact(string s, string[] formats, IFormatProvider provider, DateTimeStyles style)", parse_exact)
        .def("static bool TryParse(string s, out DateTime result)", |c| {
            let found = parse(c, 0);
            tried(c, 1, found)
        })
        .def("static bool TryParse(string s, IFormatProvider provider, DateTimeStyles styles, out DateTime result)", |c| {
            let styles = arg::number_or(c, 2, 0);
            let found = parse(c, styles);
            tried(c, 3, found)
        })
        .def("static bool TryParseExact(string s, string format, IFormatProvider provider, DateTimeStyles style, out DateTime result)", |c| {
            let found = parse_exact(c);
            tried(c, 4, found)
        })
        .def("static bool TryParseExact(string s, string[] formats, IFormatProvider provider, DateTimeStyles style, out DateTime result)", |c| {
            let found = parse_exact(c);
            tried(c, 4, found)
        });
}

/// Answer of a `TryX`: failures of any kind but limits are `false`.
fn tried(c: &mut Call<'_>, out: usize, found: Result<Value>) -> Result<Value> {
    let ok = found.is_ok();
    c.set(out, found.unwrap_or(value(0, 0)));
    Ok(Value::Bool(ok))
}

fn parse(c: &mut Call<'_>, styles: i32) -> Result<Value> {
    let text = c.str_arg(0, "s")?;
    date_parse::date_time(c.cx, &text, styles).map(Value::DateTime)
}

/// The formats of argument 1: one, or an array of them.
pub(super) fn formats(c: &Call<'_>, n: usize) -> Result<Vec<crate::Str>> {
    match c.arg(n) {
        Value::Null => Err(Exception::argument_null("format")),
        Value::Str(s) => Ok(vec![s.clone()]),
        list => Ok(array::expect_array(list)?.to_vec().iter().filter_map(|v| v.as_str().map(Into::into)).collect()),
    }
}

fn parse_exact(c: &mut Call<'_>) -> Result<Value> {
    let text = c.str_arg(0, "s")?;
    let styles = arg::number_or(c, 3, 0);
    for format in formats(c, 1)? {
        // The round-trip format keeps the kind only if asked to.
        if let Some(parts) = date_parse_exact::read(&text, &format, styles, false)
            && let Ok(found) = date_parse::to_date_time(c.cx, &parts, &text, styles)
        {
            return Ok(Value::DateTime(found));
        }
    }
    Err(date_parse::unrecognized(&text))
}
