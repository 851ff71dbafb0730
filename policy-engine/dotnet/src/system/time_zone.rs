//! `System.TimeZoneInfo`: zones by IANA or Windows name. The local zone is UTC.
use std::any::Any;

use jiff::Timestamp;
use jiff::civil::DateTime as Civil;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

use super::arg;
use super::calendar::{Fields, MAX_TICKS, TICKS_PER_SECOND, UNIX_EPOCH_TICKS};
use super::windows_zones;
use crate::ambient::Ambient;
use crate::collections::array;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::value::{DateTime, DateTimeOffset, Object, Str, Value};

const ID: TypeId = TypeId("System.TimeZoneInfo");
const UTC: u8 = 1;
const LOCAL: u8 = 2;
const SECONDS_PER_MINUTE: i64 = 60;
const SECONDS_PER_HOUR: i64 = 3600;

/// A zone under the name it was asked for.
#[derive(Clone)]
struct Zone {
    id: Str,
    tz: TimeZone,
    /// Display name and standard name of a zone that the expression made.
    own: Option<(Str, Str)>,
}

impl Object for Zone {
    fn net_type(&self) -> Type {
        Type::Simple(ID)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, _: &mut dyn Ambient) -> Result<Str> {
        Ok(self.display_name().into())
    }
    fn equals(&self, other: &Value) -> bool {
        other.as_object::<Zone>().is_some_and(|o| o.id.eq_ignore_ascii_case(&self.id))
    }
    fn hash_code(&self) -> i32 {
        object::text_hash(self.id.to_ascii_uppercase().bytes())
    }
}

fn utc() -> Zone {
    Zone { id: "UTC".into(), tz: TimeZone::UTC, own: None }
}

impl Zone {
    fn find(id: &str) -> Result<Zone> {
        if id.eq_ignore_ascii_case("UTC") {
            return Ok(utc());
        }
        let iana = windows_zones::iana(id).unwrap_or(id);
        TimeZone::get(iana).map(|tz| Zone { id: id.into(), tz, own: None }).map_err(|_| {
            Exception::time_zone_not_found(format!("The time zone ID '{id}' was not found on the local computer."))
        })
    }

    fn display_name(&self) -> String {
        if let Some((display, _)) = &self.own {
            return display.to_string();
        }
        let minutes = self.base_seconds() / SECONDS_PER_MINUTE;
        if minutes == 0 {
            return format!("(UTC) {}", self.id);
        }
        let sign = if minutes < 0 { '-' } else { '+' };
        format!("(UTC{sign}{:02}:{:02}) {}", minutes.abs() / 60, minutes.abs() % 60, self.id)
    }

    /// Offset of an instant, and whether summer time rules.
    fn at_utc(&self, utc_ticks: i64) -> (i64, bool) {
        let Ok(at) = Timestamp::from_second((utc_ticks - UNIX_EPOCH_TICKS).div_euclid(TICKS_PER_SECOND)) else {
            return (0, false);
        };
        let info = self.tz.to_offset_info(at);
        (i64::from(info.offset().seconds()), info.dst().is_dst())
    }

    /// Offset of a clock reading: ambiguous readings are standard time, as in .NET.
    fn at_clock(&self, ticks: i64) -> (i64, Doubt) {
        let f = Fields::of(ticks);
        let small = |n: i32| i8::try_from(n).unwrap_or(0);
        let year = i16::try_from(f.year).unwrap_or(1);
        let Ok(civil) =
            Civil::new(year, small(f.month), small(f.day), small(f.hour), small(f.minute), small(f.second), 0)
        else {
            return (0, Doubt::None);
        };
        match self.tz.to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Unambiguous { offset } => (i64::from(offset.seconds()), Doubt::None),
            AmbiguousOffset::Fold { after, .. } => (i64::from(after.seconds()), Doubt::Ambiguous),
            AmbiguousOffset::Gap { before, .. } => (i64::from(before.seconds()), Doubt::Invalid),
        }
    }

    /// Standard offset: that of the zone's latest rule outside summer time.
    fn base_seconds(&self) -> i64 {
        const YEAR_2024: i64 = 1_704_067_200;
        const HALF_YEAR: i64 = 15_724_800;
        let at = |seconds: i64| self.at_utc(seconds * TICKS_PER_SECOND + UNIX_EPOCH_TICKS);
        let (winter, summer) = (at(YEAR_2024), at(YEAR_2024 + HALF_YEAR));
        if winter.1 { summer.0 } else { winter.0 }
    }

    fn has_summer_time(&self) -> bool {
        self.tz.following(Timestamp::UNIX_EPOCH).take(SCAN_LIMIT).any(|t| t.dst().is_dst())
    }
}

/// Transitions that are looked through for summer time.
const SCAN_LIMIT: usize = 400;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Doubt {
    None,
    Ambiguous,
    Invalid,
}

fn of<'a>(c: &'a Call<'_>, n: usize, parameter: &str) -> Result<&'a Zone> {
    c.arg(n).as_object::<Zone>().ok_or_else(|| Exception::argument_null(parameter))
}

fn date(ticks: i64, kind: u8) -> Value {
    Value::DateTime(DateTime { ticks: ticks.clamp(0, MAX_TICKS), kind })
}

/// Adds the class.
pub(crate) fn define(b: &mut Builder) {
    b.class(ID)
        .implements(&["IEquatable<TimeZoneInfo>"])
        .def("static TimeZoneInfo Utc", |_| Ok(Value::object(utc())))
        .def("static TimeZoneInfo Local", |_| Ok(Value::object(utc())))
        .def("static TimeZoneInfo FindSystemTimeZoneById(string id)", |c| {
            Zone::find(&c.str_arg(0, "id")?).map(Value::object)
        })
        .def("string Id", |c| Ok(Value::Str(of(c, 0, "this")?.id.clone())))
        .def("string DisplayName", |c| {
            let zone = of(c, 0, "this")?;
            Ok(zone.own.as_ref().map_or_else(|| Value::str(zone.display_name()), |(display, _)| Value::Str(display.clone())))
        })
        .def("string StandardName", standard_name)
        .def("string DaylightName", standard_name)
        .def("static TimeZoneInfo CreateCustomTimeZone(string id, TimeSpan baseUtcOffset, string displayName, string standardDisplayName)", custom)
        .def("TimeSpan[] GetAmbiguousTimeOffsets(DateTime dateTime)", ambiguous_offsets)
        .def("TimeSpan BaseUtcOffset", |c| Ok(Value::TimeSpan(of(c, 0, "this")?.base_seconds() * TICKS_PER_SECOND)))
        .def("bool SupportsDaylightSavingTime", |c| Ok(Value::Bool(of(c, 0, "this")?.has_summer_time())))
        .def("TimeSpan GetUtcOffset(DateTime dateTime)", |c| {
            let zone = of(c, 0, "this")?;
            let d = arg::date(c, 1)?;
            let seconds = if d.kind == 0 { zone.at_clock(d.ticks).0 } else { zone.at_utc(d.ticks).0 };
            Ok(Value::TimeSpan(seconds * TICKS_PER_SECOND))
        })
        .def("TimeSpan GetUtcOffset(DateTimeOffset dateTimeOffset)", |c| {
            let seconds = of(c, 0, "this")?.at_utc(object::utc_ticks(arg::offset(c, 1)?)).0;
            Ok(Value::TimeSpan(seconds * TICKS_PER_SECOND))
        })
        .def("bool IsDaylightSavingTime(DateTime dateTime)", |c| {
            let zone = of(c, 0, "this")?;
            let d = arg::date(c, 1)?;
            let utc = if d.kind == 0 { d.ticks - zone.at_clock(d.ticks).0 * TICKS_PER_SECOND } else { d.ticks };
            Ok(Value::Bool(zone.at_utc(utc).1))
        })
        .def("bool IsDaylightSavingTime(DateTimeOffset dateTimeOffset)", |c| {
            Ok(Value::Bool(of(c, 0, "this")?.at_utc(object::utc_ticks(arg::offset(c, 1)?)).1))
        })
        .def("bool IsAmbiguousTime(DateTime dateTime)", |c| doubt(c, Doubt::Ambiguous))
        .def("bool IsInvalidTime(DateTime dateTime)", |c| doubt(c, Doubt::Invalid))
        .def("static DateTime ConvertTimeToUtc(DateTime dateTime)", |c| Ok(date(arg::date(c, 0)?.ticks, UTC)))
        .def("static DateTime ConvertTimeToUtc(DateTime dateTime, TimeZoneInfo sourceTimeZone)", |c| {
            let d = arg::date(c, 0)?;
            let zone = of(c, 1, "sourceTimeZone")?;
            Ok(date(to_utc(d, zone)?, UTC))
        })
        .def("static DateTime ConvertTimeFromUtc(DateTime dateTime, TimeZoneInfo destinationTimeZone)", |c| {
            let d = arg::date(c, 0)?;
            if d.kind == LOCAL {
                return Err(mismatch("dateTime"));
            }
            let zone = of(c, 1, "destinationTimeZone")?;
            Ok(from_utc(d.ticks, zone))
        })
        .def("static DateTime ConvertTime(DateTime dateTime, TimeZoneInfo destinationTimeZone)", |c| {
            let d = arg::date(c, 0)?;
            let zone = of(c, 1, "destinationTimeZone")?;
            Ok(from_utc(d.ticks, zone))
        })
        .def("static DateTime ConvertTime(DateTime dateTime, TimeZoneInfo sourceTimeZone, TimeZoneInfo destinationTimeZone)", |c| {
            let d = arg::date(c, 0)?;
            let utc = to_utc(d, of(c, 1, "sourceTimeZone")?)?;
            Ok(from_utc(utc, of(c, 2, "destinationTimeZone")?))
        })
        .def("static DateTimeOffset ConvertTime(DateTimeOffset dateTimeOffset, TimeZoneInfo destinationTimeZone)", |c| {
            let utc = object::utc_ticks(arg::offset(c, 0)?);
            Ok(offset_from_utc(utc, of(c, 1, "destinationTimeZone")?))
        })
        .def("static DateTime ConvertTimeBySystemTimeZoneId(DateTime dateTime, string destinationTimeZoneId)", |c| {
            let zone = Zone::find(&c.str_arg(1, "id")?)?;
            Ok(from_utc(arg::date(c, 0)?.ticks, &zone))
        })
        .def("static DateTime ConvertTimeBySystemTimeZoneId(DateTime dateTime, string sourceTimeZoneId, string destinationTimeZoneId)", |c| {
            let (source, target) = (Zone::find(&c.str_arg(1, "id")?)?, Zone::find(&c.str_arg(2, "id")?)?);
            Ok(from_utc(to_utc(arg::date(c, 0)?, &source)?, &target))
        })
        .def("static DateTimeOffset ConvertTimeBySystemTimeZoneId(DateTimeOffset dateTimeOffset, string destinationTimeZoneId)", |c| {
            let zone = Zone::find(&c.str_arg(1, "id")?)?;
            Ok(offset_from_utc(object::utc_ticks(arg::offset(c, 0)?), &zone))
        })
        .def("bool Equals(TimeZoneInfo other)", |c| Ok(Value::Bool(object::equals(c.arg(0), c.arg(1)))))
        .def("bool HasSameRules(TimeZoneInfo other)", |c| {
            Ok(Value::Bool(of(c, 0, "this")?.tz == of(c, 1, "other")?.tz))
        })
        .def("string ToString()", |c| Ok(Value::str(of(c, 0, "this")?.display_name())));
}

fn standard_name(c: &mut Call<'_>) -> Result<Value> {
    let zone = of(c, 0, "this")?;
    Ok(zone.own.as_ref().map_or_else(|| Value::Str(zone.id.clone()), |(_, standard)| Value::Str(standard.clone())))
}

/// A zone without changes of clocks.
fn custom(c: &mut Call<'_>) -> Result<Value> {
    let id = c.str_arg(0, "id")?;
    if id.is_empty() {
        return Err(Exception::argument("The specified ID parameter '' is not supported.", "id"));
    }
    let ticks = arg::span(c, 1)?;
    super::time_zone_rules::check_span(c, ticks, "baseUtcOffset")?;
    let seconds = i32::try_from(ticks / TICKS_PER_SECOND).unwrap_or(0);
    let offset = Offset::from_seconds(seconds).map_err(|_| Exception::overflow())?;
    Ok(Value::object(Zone {
        id,
        tz: TimeZone::fixed(offset),
        own: Some((c.str_or_null(2).unwrap_or_default(), c.str_or_null(3).unwrap_or_default())),
    }))
}

/// Both offsets that an ambiguous reading may have, the smaller first.
fn ambiguous_offsets(c: &mut Call<'_>) -> Result<Value> {
    let zone = of(c, 0, "this")?;
    let d = arg::date(c, 1)?;
    let (seconds, doubt) = zone.at_clock(d.ticks);
    if d.kind != 0 || doubt != Doubt::Ambiguous {
        return Err(Exception::argument("The supplied DateTime is not in an ambiguous time range.", "dateTime"));
    }
    // The other reading is that of the instant before the clocks went back.
    let earlier = zone.at_utc(d.ticks - seconds * TICKS_PER_SECOND - SECONDS_PER_HOUR * 3 * TICKS_PER_SECOND).0;
    let mut both = [seconds, earlier];
    both.sort_unstable();
    let spans = both.map(|s| Value::TimeSpan(s * TICKS_PER_SECOND)).to_vec();
    Ok(array::new_array(Type::TIME_SPAN, spans))
}

fn mismatch(parameter: &str) -> Exception {
    Exception::argument(
        "The conversion could not be completed because the supplied DateTime did not have the Kind property set correctly.  For example, when the Kind property is DateTimeKind.Local, the source time zone must be TimeZoneInfo.Local.",
        parameter,
    )
}

fn doubt(c: &Call<'_>, wanted: Doubt) -> Result<Value> {
    let zone = of(c, 0, "this")?;
    let d = arg::date(c, 1)?;
    Ok(Value::Bool(d.kind == 0 && zone.at_clock(d.ticks).1 == wanted))
}

/// UTC ticks of a reading in a zone; a reading that the clocks skip is an `ArgumentException`.
fn to_utc(d: DateTime, zone: &Zone) -> Result<i64> {
    let is_utc = zone.tz == TimeZone::UTC;
    if d.kind != 0 {
        return if is_utc { Ok(d.ticks) } else { Err(mismatch("sourceTimeZone")) };
    }
    let (seconds, doubt) = zone.at_clock(d.ticks);
    if doubt == Doubt::Invalid {
        return Err(Exception::argument(
            "The supplied DateTime represents an invalid time.  For example, when the clock is adjusted forward, any time in the period that is skipped is invalid.",
            "dateTime",
        ));
    }
    Ok(d.ticks - seconds * TICKS_PER_SECOND)
}

fn from_utc(utc_ticks: i64, zone: &Zone) -> Value {
    let kind = if zone.tz == TimeZone::UTC { UTC } else { 0 };
    date(utc_ticks.saturating_add(zone.at_utc(utc_ticks).0 * TICKS_PER_SECOND), kind)
}

fn offset_from_utc(utc_ticks: i64, zone: &Zone) -> Value {
    let seconds = zone.at_utc(utc_ticks).0;
    let offset_minutes = i16::try_from(seconds / SECONDS_PER_MINUTE).unwrap_or(0);
    let ticks = utc_ticks.saturating_add(seconds * TICKS_PER_SECOND).clamp(0, MAX_TICKS);
    Value::DateTimeOffset(DateTimeOffset { ticks, offset_minutes })
}
