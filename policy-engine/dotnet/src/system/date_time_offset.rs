//! `System.DateTimeOffset`. The local offset is zero.
use super::arg;
use super::calendar::{
    self, Fields, MAX_TICKS, TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MILLISECOND, TICKS_PER_MINUTE, TICKS_PER_SECOND,
    UNIX_EPOCH_TICKS,
};
use super::date_time::{self, BAD_SUM};
use super::integers::{compare_objects, equals, to_string};
use super::{date_parse, date_parse_exact};
use crate::exception::{Exception, Result};
use crate::format::prepare_to_string;
use crate::member::Call;
use crate::object::{self, utc_ticks};
use crate::table::{Builder, TypeBuilder};
use crate::types::{TypeId, ids};
use crate::value::{DateTime, DateTimeOffset, Value};

const UTC: u8 = 1;
const LOCAL: u8 = 2;
const MAX_OFFSET_MINUTES: i64 = 14 * 60;
const MIN_UNIX_SECONDS: i64 = -62_135_596_800;
const MAX_UNIX_SECONDS: i64 = 253_402_300_799;

/// Adds the type.
pub(crate) fn define(b: &mut Builder) {
    let t = b
        .structure(ids::DATE_TIME_OFFSET)
        .implements(&["IComparable", "IFormattable", "IComparable<DateTimeOffset>", "IEquatable<DateTimeOffset>"])
        .pure("static DateTimeOffset MinValue", |_| Ok(value(0, 0)))
        .pure("static DateTimeOffset MaxValue", |_| Ok(value(MAX_TICKS, 0)))
        .pure("static DateTimeOffset UnixEpoch", |_| Ok(value(UNIX_EPOCH_TICKS, 0)))
        .def("static DateTimeOffset UtcNow", |c| Ok(value(c.cx.utc_now_ticks(), 0)))
        .def("static DateTimeOffset Now", |c| Ok(value(c.cx.utc_now_ticks(), 0)))
        .pure("new()", |_| Ok(value(0, 0)))
        .pure("new(DateTime dateTime)", |c| Ok(value(arg::date(c, 0)?.ticks, 0)))
        .pure("new(DateTime dateTime, TimeSpan offset)", |c| {
            let (d, offset) = (arg::date(c, 0)?, offset_arg(c, 1)?);
            if d.kind == UTC && offset != 0 {
                return Err(Exception::argument("The UTC Offset for Utc DateTime instances must be 0.", "offset"));
            }
            if d.kind == LOCAL && offset != 0 {
                return Err(Exception::argument(
                    "The UTC Offset of the local dateTime parameter does not match the offset argument.",
                    "offset",
                ));
            }
            checked(d.ticks, offset, "offset", BAD_UTC)
        })
        .pure("new(long ticks, TimeSpan offset)", |c| checked(c.long(0)?, offset_arg(c, 1)?, "offset", BAD_UTC))
        .pure("new(int year, int month, int day, int hour, int minute, int second, TimeSpan offset)", |c| {
            checked(date_time::ticks_of_fields(c, 6)?, offset_arg(c, 6)?, "offset", BAD_UTC)
        })
        .pure(
            "new(int year, int month, int day, int hour, int minute, int second, int millisecond, TimeSpan offset)",
            |c| checked(date_time::ticks_of_fields(c, 7)?, offset_arg(c, 7)?, "offset", BAD_UTC),
        )
        .pure("static implicit operator DateTimeOffset(DateTime dateTime)", |c| Ok(value(arg::date(c, 0)?.ticks, 0)))
        .pure("static DateTimeOffset FromUnixTimeSeconds(long seconds)", |c| {
            from_unix(c.long(0)?, 1, TICKS_PER_SECOND, "seconds")
        })
        .pure("static DateTimeOffset FromUnixTimeMilliseconds(long milliseconds)", |c| {
            from_unix(c.long(0)?, 1000, TICKS_PER_MILLISECOND, "milliseconds")
        })
        .pure("long ToUnixTimeSeconds()", |c| {
            Ok(Value::Int64((utc_ticks(arg::offset(c, 0)?) - UNIX_EPOCH_TICKS).div_euclid(TICKS_PER_SECOND)))
        })
        .pure("long ToUnixTimeMilliseconds()", |c| {
            Ok(Value::Int64((utc_ticks(arg::offset(c, 0)?) - UNIX_EPOCH_TICKS).div_euclid(TICKS_PER_MILLISECOND)))
        });
    parts(t);
    arithmetic(b);
    comparing(b);
    parsing(b);
}

const BAD_UTC: &str = "The UTC time represented when the offset is applied must be between year 0 and 10,000.";

fn value(ticks: i64, offset_minutes: i16) -> Value {
    Value::DateTimeOffset(DateTimeOffset { ticks, offset_minutes })
}

/// Whole minutes within fourteen hours.
fn offset_arg(c: &Call<'_>, n: usize) -> Result<i16> {
    let ticks = arg::span(c, n)?;
    if ticks % TICKS_PER_MINUTE != 0 {
        return Err(Exception::argument("Offset must be specified in whole minutes.", "offset"));
    }
    let minutes = ticks / TICKS_PER_MINUTE;
    i16::try_from(minutes)
        .ok()
        .filter(|_| minutes.abs() <= MAX_OFFSET_MINUTES)
        .ok_or_else(|| Exception::argument_range("Offset must be within plus or minus 14 hours.", "offset"))
}

fn checked(ticks: i64, offset_minutes: i16, parameter: &str, message: &str) -> Result<Value> {
    let v = DateTimeOffset { ticks, offset_minutes };
    let range = 0..=MAX_TICKS;
    if range.contains(&ticks) && range.contains(&utc_ticks(v)) {
        Ok(Value::DateTimeOffset(v))
    } else {
        Err(Exception::argument_range(message, parameter))
    }
}

fn from_unix(n: i64, per_second: i64, unit: i64, parameter: &str) -> Result<Value> {
    let (min, max) = (MIN_UNIX_SECONDS * per_second, MAX_UNIX_SECONDS * per_second + per_second - 1);
    if !(min..=max).contains(&n) {
        let message = format!("Valid values are between {min} and {max}, inclusive.");
        return Err(Exception::argument_range(&message, parameter));
    }
    Ok(value(n * unit + UNIX_EPOCH_TICKS, 0))
}

fn int_part(c: &Call<'_>, f: fn(Fields) -> i32) -> Result<Value> {
    Ok(Value::Int32(f(Fields::of(arg::offset(c, 0)?.ticks))))
}

fn date(ticks: i64, kind: u8) -> Value {
    Value::DateTime(DateTime { ticks, kind })
}

fn parts(t: TypeBuilder<'_>) {
    t.pure("long Ticks", |c| Ok(Value::Int64(arg::offset(c, 0)?.ticks)))
        .pure("long UtcTicks", |c| Ok(Value::Int64(utc_ticks(arg::offset(c, 0)?))))
        .pure("TimeSpan Offset", |c| {
            Ok(Value::TimeSpan(i64::from(arg::offset(c, 0)?.offset_minutes) * TICKS_PER_MINUTE))
        })
        .pure("DateTime DateTime", |c| Ok(date(arg::offset(c, 0)?.ticks, 0)))
        .pure("DateTime UtcDateTime", |c| Ok(date(utc_ticks(arg::offset(c, 0)?), UTC)))
        .pure("DateTime LocalDateTime", |c| Ok(date(utc_ticks(arg::offset(c, 0)?), LOCAL)))
        .pure("DateTime Date", |c| {
            let ticks = arg::offset(c, 0)?.ticks;
            Ok(date(ticks - ticks.rem_euclid(TICKS_PER_DAY), 0))
        })
        .pure("TimeSpan TimeOfDay", |c| Ok(Value::TimeSpan(arg::offset(c, 0)?.ticks.rem_euclid(TICKS_PER_DAY))))
        .pure("int Year", |c| int_part(c, |f| f.year))
        .pure("int Month", |c| int_part(c, |f| f.month))
        .pure("int Day", |c| int_part(c, |f| f.day))
        .pure("int Hour", |c| int_part(c, |f| f.hour))
        .pure("int Minute", |c| int_part(c, |f| f.minute))
        .pure("int Second", |c| int_part(c, |f| f.second))
        .pure("int Millisecond", |c| int_part(c, |f| f.fraction / 10_000))
        .pure("DayOfWeek DayOfWeek", |c| {
            Ok(Value::Enum(TypeId("System.DayOfWeek"), calendar::day_of_week(arg::offset(c, 0)?.ticks)))
        })
        .pure("int DayOfYear", |c| Ok(Value::Int32(calendar::day_of_year(arg::offset(c, 0)?.ticks))))
        .pure("DateTimeOffset ToUniversalTime()", |c| Ok(value(utc_ticks(arg::offset(c, 0)?), 0)))
        .pure("DateTimeOffset ToLocalTime()", |c| Ok(value(utc_ticks(arg::offset(c, 0)?), 0)))
        .pure("DateTimeOffset ToOffset(TimeSpan offset)", |c| {
            let (v, offset) = (arg::offset(c, 0)?, offset_arg(c, 1)?);
            checked(utc_ticks(v) + i64::from(offset) * TICKS_PER_MINUTE, offset, "offset", BAD_UTC)
        })
        .pure("string ToString()", to_string)
        .prepare(prepare_to_string)
        .pure("string ToString(string format)", to_string)
        .prepare(prepare_to_string)
        .pure("string ToString(IFormatProvider formatProvider)", to_string)
        .prepare(prepare_to_string)
        .pure("string ToString(string format, IFormatProvider formatProvider)", to_string)
        .prepare(prepare_to_string);
}

fn arithmetic(b: &mut Builder) {
    b.structure(ids::DATE_TIME_OFFSET)
        .pure("DateTimeOffset Add(TimeSpan timeSpan)", |c| plus(c, arg::span(c, 1)?, 1))
        .pure("DateTimeOffset AddTicks(long ticks)", |c| plus(c, c.long(1)?, 1))
        .pure("DateTimeOffset AddMilliseconds(double milliseconds)", |c| add_units(c, TICKS_PER_MILLISECOND))
        .pure("DateTimeOffset AddSeconds(double seconds)", |c| add_units(c, TICKS_PER_SECOND))
        .pure("DateTimeOffset AddMinutes(double minutes)", |c| add_units(c, TICKS_PER_MINUTE))
        .pure("DateTimeOffset AddHours(double hours)", |c| add_units(c, TICKS_PER_HOUR))
        .pure("DateTimeOffset AddDays(double days)", |c| add_units(c, TICKS_PER_DAY))
        .pure("DateTimeOffset AddMonths(int months)", |c| {
            let v = arg::offset(c, 0)?;
            checked(date_time::add_months(v.ticks, c.int(1)?)?, v.offset_minutes, "months", BAD_SUM)
        })
        .pure("DateTimeOffset AddYears(int years)", |c| {
            let v = arg::offset(c, 0)?;
            checked(date_time::add_years(v.ticks, c.int(1)?)?, v.offset_minutes, "years", BAD_SUM)
        })
        .pure("TimeSpan Subtract(DateTimeOffset value)", minus)
        .pure("DateTimeOffset Subtract(TimeSpan value)", |c| plus(c, arg::span(c, 1)?, -1))
        .pure("static DateTimeOffset operator +(DateTimeOffset dateTimeOffset, TimeSpan timeSpan)", |c| {
            sum(c, arg::span(c, 1)?, 1, "t")
        })
        .pure("static DateTimeOffset operator -(DateTimeOffset dateTimeOffset, TimeSpan timeSpan)", |c| {
            sum(c, arg::span(c, 1)?, -1, "t")
        })
        .pure("static TimeSpan operator -(DateTimeOffset left, DateTimeOffset right)", minus);
}

fn plus(c: &Call<'_>, ticks: i64, sign: i64) -> Result<Value> {
    sum(c, ticks, sign, "value")
}

fn sum(c: &Call<'_>, ticks: i64, sign: i64, parameter: &str) -> Result<Value> {
    let v = arg::offset(c, 0)?;
    let sum = ticks.checked_mul(sign).and_then(|t| v.ticks.checked_add(t));
    checked(sum.unwrap_or(-1), v.offset_minutes, parameter, BAD_SUM)
}

fn add_units(c: &Call<'_>, unit: i64) -> Result<Value> {
    plus(c, date_time::rounded_ticks(c.double(1)?, unit)?, 1)
}

fn minus(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::TimeSpan(utc_ticks(arg::offset(c, 0)?) - utc_ticks(arg::offset(c, 1)?)))
}

fn by_instant(c: &Call<'_>, f: fn(&i64, &i64) -> bool) -> Result<Value> {
    Ok(Value::Bool(f(&utc_ticks(arg::offset(c, 0)?), &utc_ticks(arg::offset(c, 1)?))))
}

fn comparing(b: &mut Builder) {
    b.structure(ids::DATE_TIME_OFFSET)
        .pure("static bool operator ==(DateTimeOffset left, DateTimeOffset right)", |c| by_instant(c, i64::eq))
        .pure("static bool operator !=(DateTimeOffset left, DateTimeOffset right)", |c| by_instant(c, i64::ne))
        .pure("static bool operator <(DateTimeOffset left, DateTimeOffset right)", |c| by_instant(c, i64::lt))
        .pure("static bool operator >(DateTimeOffset left, DateTimeOffset right)", |c| by_instant(c, i64::gt))
        .pure("static bool operator <=(DateTimeOffset left, DateTimeOffset right)", |c| by_instant(c, i64::le))
        .pure("static bool operator >=(DateTimeOffset left, DateTimeOffset right)", |c| by_instant(c, i64::ge))
        .pure("static int Compare(DateTimeOffset first, DateTimeOffset second)", |c| {
            compare_objects(c, "DateTimeOffset")
        })
        .pure("int CompareTo(DateTimeOffset other)", |c| compare_objects(c, "DateTimeOffset"))
        .pure("bool Equals(DateTimeOffset other)", equals)
        .pure("bool Equals(object obj)", equals)
        .pure("static bool Equals(DateTimeOffset first, DateTimeOffset second)", equals)
        .pure("bool EqualsExact(DateTimeOffset other)", |c| Ok(Value::Bool(arg::offset(c, 0)? == arg::offset(c, 1)?)))
        .pure("int GetHashCode()", |c| Ok(Value::Int32(object::hash_code(c.arg(0)))));
}

fn parsing(b: &mut Builder) {
    b.structure(ids::DATE_TIME_OFFSET)
        .def("static DateTimeOffset Parse(string input)", |c| parse(c, 0))
        .def("static DateTimeOffset Parse(string input, IFormatProvider formatProvider)", |c| parse(c, 0))
        .def("static DateTimeOffset Parse(string input, IFormatProvider formatProvider, DateTimeStyles styles)", |c| {
            let styles = arg::number_or(c, 2, 0);
            parse(c, styles)
        })
        .def("static DateTimeOffset ParseExact(string input, string format, IFormatProvider formatProvider)", parse_exact)
        .def("static DateTimeOffset ParseExact(string input, string format, IFormatProvider formatProvider, DateTimeStyles styles)", parse_exact)
        .def("static DateTimeOffset ParseExact(string input, string[] formats, IFormatProvider formatProvider, DateTimeStyles styles)", parse_exact)
        .def("static bool TryParse(string input, out DateTimeOffset result)", |c| {
            let found = parse(c, 0);
            tried(c, 1, found)
        })
        .def("static bool TryParse(string input, IFormatProvider formatProvider, DateTimeStyles styles, out DateTimeOffset result)", |c| {
            let styles = arg::number_or(c, 2, 0);
            let found = parse(c, styles);
            tried(c, 3, found)
        })
        .def("static bool TryParseExact(string input, string format, IFormatProvider formatProvider, DateTimeStyles styles, out DateTimeOffset result)", |c| {
            let found = parse_exact(c);
            tried(c, 4, found)
        })
        .def("static bool TryParseExact(string input, string[] formats, IFormatProvider formatProvider, DateTimeStyles styles, out DateTimeOffset result)", |c| {
            let found = parse_exact(c);
            tried(c, 4, found)
        });
}

fn tried(c: &mut Call<'_>, out: usize, found: Result<Value>) -> Result<Value> {
    let ok = found.is_ok();
    c.set(out, found.unwrap_or(value(0, 0)));
    Ok(Value::Bool(ok))
}

fn parse(c: &mut Call<'_>, styles: i32) -> Result<Value> {
    let text = c.str_arg(0, "input")?;
    date_parse::date_time_offset(c.cx, &text, styles).map(Value::DateTimeOffset)
}

fn parse_exact(c: &mut Call<'_>) -> Result<Value> {
    let text = c.str_arg(0, "input")?;
    let styles = arg::number_or(c, 3, 0);
    for format in date_time::formats(c, 1)? {
        if let Some(parts) = date_parse_exact::read(&text, &format, styles, true)
            && let Ok(found) = date_parse::to_offset(c.cx, &parts, &text, styles)
        {
            return Ok(Value::DateTimeOffset(found));
        }
    }
    Err(date_parse::unrecognized(&text))
}
