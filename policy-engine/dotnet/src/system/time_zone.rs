//! `System.TimeZoneInfo`: zones by IANA or Windows name. The local zone is UTC.
use std::any::Any;
use std::sync::LazyLock;

use jiff::tz::TimeZone;

use super::calendar::{MAX_TICKS, TICKS_PER_SECOND};
use super::time_zone_clock::{Clock, Doubt};
use super::time_zone_rules::RULE;
use super::{arg, windows_zones};
use crate::ambient::Ambient;
use crate::collections::array;
use crate::collections::read_only::new_read_only;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::value::{DateTime, DateTimeOffset, Object, Str, Value};

pub(super) const ID: TypeId = TypeId("System.TimeZoneInfo");
const UTC: u8 = 1;
const LOCAL: u8 = 2;
const SECONDS_PER_MINUTE: i64 = 60;
const SECONDS_PER_HOUR: i64 = 3600;
/// What a rule takes in an array, about.
const RULE_BYTES: usize = 256;
/// Names in the database that are no places.
const NO_PLACES: [&str; 5] = ["Etc/", "SystemV/", "posix/", "right/", "US/"];

/// A zone under the name it was asked for.
#[derive(Clone)]
pub(super) struct Zone {
    pub(super) id: Str,
    pub(super) clock: Clock,
    /// The names of a zone that the expression made.
    pub(super) own: Option<Names>,
}

#[derive(Clone)]
pub(super) struct Names {
    pub(super) display: Str,
    pub(super) standard: Str,
    pub(super) daylight: Str,
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
    let name = Str::from("Coordinated Universal Time");
    let names = Names { display: format!("(UTC) {name}").into(), standard: name.clone(), daylight: name };
    Zone { id: "UTC".into(), clock: Clock::Known(TimeZone::UTC), own: Some(names) }
}

impl Zone {
    fn find(id: &str) -> Result<Zone> {
        if id.eq_ignore_ascii_case("UTC") {
            return Ok(utc());
        }
        let iana = windows_zones::iana(id).unwrap_or(id);
        TimeZone::get(iana).map(|tz| Zone { id: id.into(), clock: Clock::Known(tz), own: None }).map_err(|_| {
            Exception::time_zone_not_found(format!("The time zone ID '{id}' was not found on the local computer."))
        })
    }

    pub(super) fn display_name(&self) -> String {
        if let Some(own) = &self.own {
            return own.display.to_string();
        }
        let minutes = self.clock.base_seconds() / SECONDS_PER_MINUTE;
        if minutes == 0 {
            return format!("(UTC) {}", self.id);
        }
        let sign = if minutes < 0 { '-' } else { '+' };
        format!("(UTC{sign}{:02}:{:02}) {}", minutes.abs() / 60, minutes.abs() % 60, self.id)
    }
}

pub(super) fn of<'a>(c: &'a Call<'_>, n: usize, parameter: &str) -> Result<&'a Zone> {
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
            Ok(zone.own.as_ref().map_or_else(|| Value::str(zone.display_name()), |own| Value::Str(own.display.clone())))
        })
        .def("string StandardName", |c| named(c, |own| &own.standard))
        .def("string DaylightName", |c| named(c, |own| &own.daylight))
        .def("static TimeZoneInfo CreateCustomTimeZone(string id, TimeSpan baseUtcOffset, string displayName, string standardDisplayName)", custom)
        .def("static TimeZoneInfo CreateCustomTimeZone(string id, TimeSpan baseUtcOffset, string displayName, string standardDisplayName, string daylightDisplayName, AdjustmentRule[] adjustmentRules)", custom)
        .def("static TimeZoneInfo CreateCustomTimeZone(string id, TimeSpan baseUtcOffset, string displayName, string standardDisplayName, string daylightDisplayName, AdjustmentRule[] adjustmentRules, bool disableDaylightSavingTime)", custom)
        .def("static ReadOnlyCollection<TimeZoneInfo> GetSystemTimeZones()", system_zones)
        .def("static void ClearCachedData()", |_| Ok(Value::Null))
        .def("AdjustmentRule[] GetAdjustmentRules()", |c| {
            let rules = of(c, 0, "this")?.clock.rules();
            c.cx.charge_bytes(rules.len().saturating_mul(RULE_BYTES))?;
            Ok(array::new_array(Type::Simple(RULE), rules.into_iter().map(Value::object).collect()))
        })
        .def("TimeSpan[] GetAmbiguousTimeOffsets(DateTime dateTime)", ambiguous_offsets)
        .def("TimeSpan[] GetAmbiguousTimeOffsets(DateTimeOffset dateTimeOffset)", ambiguous_offsets)
        .def("TimeSpan BaseUtcOffset", |c| Ok(Value::TimeSpan(of(c, 0, "this")?.clock.base_seconds() * TICKS_PER_SECOND)))
        .def("bool SupportsDaylightSavingTime", |c| Ok(Value::Bool(of(c, 0, "this")?.clock.has_summer_time())))
        .def("TimeSpan GetUtcOffset(DateTime dateTime)", |c| {
            let zone = of(c, 0, "this")?;
            let d = arg::date(c, 1)?;
            let seconds = if d.kind == 0 { zone.clock.at_clock(d.ticks).0 } else { zone.clock.at_utc(d.ticks).0 };
            Ok(Value::TimeSpan(seconds * TICKS_PER_SECOND))
        })
        .def("TimeSpan GetUtcOffset(DateTimeOffset dateTimeOffset)", |c| {
            let seconds = of(c, 0, "this")?.clock.at_utc(object::utc_ticks(arg::offset(c, 1)?)).0;
            Ok(Value::TimeSpan(seconds * TICKS_PER_SECOND))
        })
        .def("bool IsDaylightSavingTime(DateTime dateTime)", |c| {
            let zone = of(c, 0, "this")?;
            let d = arg::date(c, 1)?;
            if d.kind != 0 {
                return Ok(Value::Bool(zone.clock.at_utc(d.ticks).1));
            }
            let (seconds, doubt) = zone.clock.at_clock(d.ticks);
            Ok(Value::Bool(doubt != Doubt::Invalid && zone.clock.at_utc(d.ticks - seconds * TICKS_PER_SECOND).1))
        })
        .def("bool IsDaylightSavingTime(DateTimeOffset dateTimeOffset)", |c| {
            Ok(Value::Bool(of(c, 0, "this")?.clock.at_utc(object::utc_ticks(arg::offset(c, 1)?)).1))
        })
        .def("bool IsAmbiguousTime(DateTime dateTime)", |c| doubt(c, Doubt::Ambiguous))
        .def("bool IsAmbiguousTime(DateTimeOffset dateTimeOffset)", |c| {
            let zone = of(c, 0, "this")?;
            Ok(Value::Bool(zone.clock.at_clock(reading(c)?).1 == Doubt::Ambiguous))
        })
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
            Ok(Value::Bool(of(c, 0, "this")?.clock == of(c, 1, "other")?.clock))
        })
        .def("string ToString()", |c| Ok(Value::str(of(c, 0, "this")?.display_name())));
}

/// A name of a zone; those of the database are known by their id alone.
fn named(c: &mut Call<'_>, name: fn(&Names) -> &Str) -> Result<Value> {
    let zone = of(c, 0, "this")?;
    Ok(Value::Str(zone.own.as_ref().map_or_else(|| zone.id.clone(), |own| name(own).clone())))
}

/// A zone that the expression makes, with or without changes of clocks.
fn custom(c: &mut Call<'_>) -> Result<Value> {
    let id = c.str_arg(0, "id")?;
    if id.is_empty() {
        return Err(Exception::argument("The specified ID parameter '' is not supported.", "id"));
    }
    let ticks = arg::span(c, 1)?;
    super::time_zone_rules::check_span(c, ticks, "baseUtcOffset")?;
    let rules = super::time_zone_rules::chosen(c.arg(5), ticks)?;
    let disabled = matches!(c.arg(6), Value::Bool(true));
    let name = |n: usize| c.str_or_null(n).unwrap_or_default();
    let (display, standard) = (name(2), name(3));
    let daylight = match c.args.len() {
        4 => standard.clone(),
        _ if disabled => "".into(),
        _ => name(4),
    };
    let rules = if disabled { Vec::new() } else { rules };
    Ok(Value::object(Zone {
        id,
        clock: Clock::Rules { base: ticks / TICKS_PER_SECOND, rules: rules.into() },
        own: Some(Names { display, standard, daylight }),
    }))
}

/// The zones of places, by offset and name. Reading all of the database takes a while, so that is done once.
static PLACES: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let names: Vec<String> = jiff::tz::db().available().map(|n| n.to_string()).collect();
    let is_place = |n: &str| n.contains('/') && !NO_PLACES.iter().any(|p| n.starts_with(p));
    let mut zones: Vec<(i64, Zone)> = names
        .iter()
        .filter(|n| is_place(n))
        .filter_map(|n| Zone::find(n).ok())
        .chain([utc()])
        .map(|z| (z.clock.base_seconds(), z))
        .collect();
    zones.sort_by(|(a, x), (b, y)| a.cmp(b).then_with(|| x.id.cmp(&y.id)));
    zones.into_iter().map(|(_, z)| Value::object(z)).collect()
});

fn system_zones(c: &mut Call<'_>) -> Result<Value> {
    let zones = PLACES.clone();
    c.cx.charge_bytes(zones.len().saturating_mul(size_of::<Value>()))?;
    Ok(new_read_only(Type::Simple(ID), array::new_array(Type::Simple(ID), zones)))
}

/// The zone's clock at the instant of a `DateTimeOffset`.
fn reading(c: &Call<'_>) -> Result<i64> {
    let utc = object::utc_ticks(arg::offset(c, 1)?);
    Ok(utc.saturating_add(of(c, 0, "this")?.clock.at_utc(utc).0 * TICKS_PER_SECOND))
}

/// Both offsets that an ambiguous reading may have, the smaller first.
fn ambiguous_offsets(c: &mut Call<'_>) -> Result<Value> {
    let zone = of(c, 0, "this")?;
    let (d, parameter) = match c.arg(1) {
        Value::DateTimeOffset(_) => (DateTime { ticks: reading(c)?, kind: 0 }, "dateTimeOffset"),
        _ => (arg::date(c, 1)?, "dateTime"),
    };
    let (seconds, doubt) = zone.clock.at_clock(d.ticks);
    if d.kind != 0 || doubt != Doubt::Ambiguous {
        return Err(Exception::argument("The supplied DateTime is not in an ambiguous time range.", parameter));
    }
    // The other reading is that of the instant before the clocks went back.
    let earlier = zone.clock.at_utc(d.ticks - seconds * TICKS_PER_SECOND - SECONDS_PER_HOUR * 3 * TICKS_PER_SECOND).0;
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
    Ok(Value::Bool(d.kind == 0 && zone.clock.at_clock(d.ticks).1 == wanted))
}

/// UTC ticks of a reading in a zone; a reading that the clocks skip is an `ArgumentException`.
fn to_utc(d: DateTime, zone: &Zone) -> Result<i64> {
    let is_utc = zone.clock.is_utc();
    if d.kind != 0 {
        return if is_utc { Ok(d.ticks) } else { Err(mismatch("sourceTimeZone")) };
    }
    let (seconds, doubt) = zone.clock.at_clock(d.ticks);
    if doubt == Doubt::Invalid {
        return Err(Exception::argument(
            "The supplied DateTime represents an invalid time.  For example, when the clock is adjusted forward, any time in the period that is skipped is invalid.",
            "dateTime",
        ));
    }
    Ok(d.ticks - seconds * TICKS_PER_SECOND)
}

fn from_utc(utc_ticks: i64, zone: &Zone) -> Value {
    let kind = if zone.clock.is_utc() { UTC } else { 0 };
    date(utc_ticks.saturating_add(zone.clock.at_utc(utc_ticks).0 * TICKS_PER_SECOND), kind)
}

fn offset_from_utc(utc_ticks: i64, zone: &Zone) -> Value {
    let seconds = zone.clock.at_utc(utc_ticks).0;
    let offset_minutes = i16::try_from(seconds / SECONDS_PER_MINUTE).unwrap_or(0);
    let ticks = utc_ticks.saturating_add(seconds * TICKS_PER_SECOND).clamp(0, MAX_TICKS);
    Value::DateTimeOffset(DateTimeOffset { ticks, offset_minutes })
}
