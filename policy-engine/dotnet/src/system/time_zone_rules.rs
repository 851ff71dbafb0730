//! `TimeZoneInfo.TransitionTime`, `TimeZoneInfo.AdjustmentRule`, and the older `TimeZone`, whose one zone is that of the machine: UTC.
//!
//! Zones made of rules read their clock in [`super::time_zone_clock`].
use std::any::Any;

use super::arg;
use super::calendar::Fields;
use crate::ambient::Ambient;
use crate::collections::array;
use crate::collections::tuple::combine;
use crate::exception::{Exception, Result};
use crate::format;
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::value::{DateTime, Object, Str, Value};

const TRANSITION: TypeId = TypeId("System.TimeZoneInfo+TransitionTime");
pub(super) const RULE: TypeId = TypeId("System.TimeZoneInfo+AdjustmentRule");
const TIME_ZONE: TypeId = TypeId("System.TimeZone");
const DAYLIGHT_TIME: TypeId = TypeId("System.Globalization.DaylightTime");
const DAY_OF_WEEK: TypeId = TypeId("System.DayOfWeek");

const TICKS_PER_MILLISECOND: i64 = 10_000;
const TICKS_PER_MINUTE: i64 = 600_000_000;
const TICKS_PER_DAY: i64 = 864_000_000_000;
const MOST_HOURS: i64 = 14;
const UTC: u8 = 1;
const LOCAL: u8 = 2;
const TOO_PRECISE: &str = "The TimeSpan parameter cannot be specified more precisely than whole minutes.";

/// When the clocks change: a date, or a weekday of a week of a month.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Transition {
    pub(super) time_of_day: i64,
    pub(super) month: i32,
    pub(super) week: i32,
    pub(super) day: i32,
    pub(super) weekday: i32,
    pub(super) is_fixed: bool,
}

impl Object for Transition {
    fn net_type(&self) -> Type {
        Type::Simple(TRANSITION)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, _: &mut dyn Ambient) -> Result<Str> {
        Ok(TRANSITION.0.into())
    }
    fn equals(&self, other: &Value) -> bool {
        // What a rule does not use takes no part.
        other.as_object::<Transition>().is_some_and(|o| {
            let same = o.is_fixed == self.is_fixed && o.time_of_day == self.time_of_day && o.month == self.month;
            same && if o.is_fixed { o.day == self.day } else { o.week == self.week && o.weekday == self.weekday }
        })
    }
    fn hash_code(&self) -> i32 {
        self.month ^ self.week << 8
    }
}

/// A span of dates with their change of clocks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) from: DateTime,
    pub(super) to: DateTime,
    pub(super) delta: i64,
    pub(super) start: Transition,
    pub(super) end: Transition,
}

impl Rule {
    /// The rule of the time between two clock readings.
    pub(super) fn between(start: i64, end: i64, delta: i64) -> Rule {
        let day = |ticks: i64| DateTime { ticks: ticks - ticks.rem_euclid(TICKS_PER_DAY), kind: 0 };
        let change = |ticks: i64| {
            let f = Fields::of(ticks);
            let time_of_day = ticks.rem_euclid(TICKS_PER_DAY);
            Transition { time_of_day, month: f.month, week: 1, day: f.day, weekday: 0, is_fixed: true }
        };
        Rule { from: day(start), to: day(end), delta, start: change(start), end: change(end) }
    }
}

impl Object for Rule {
    fn net_type(&self) -> Type {
        Type::Simple(RULE)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn equals(&self, other: &Value) -> bool {
        other.as_object::<Rule>().is_some_and(|o| o == self)
    }
    fn hash_code(&self) -> i32 {
        object::hash_code(&Value::DateTime(self.from))
    }
}

/// The one `TimeZone`.
struct Plain;

impl Object for Plain {
    fn net_type(&self) -> Type {
        Type::Simple(TIME_ZONE)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn equals(&self, other: &Value) -> bool {
        other.as_object::<Plain>().is_some()
    }
    fn hash_code(&self) -> i32 {
        combine(std::iter::once(object::text_hash(TIME_ZONE.0.bytes())))
    }
}

/// `DaylightTime`: when the clocks change, and by how much.
struct Daylight {
    start: DateTime,
    end: DateTime,
    delta: i64,
}

impl Object for Daylight {
    fn net_type(&self) -> Type {
        Type::Simple(DAYLIGHT_TIME)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Daylight {
    /// Is it summer by the clock? The hour that is there twice is winter's.
    fn covers(&self, time: DateTime) -> bool {
        let (start, end) = (self.start.ticks.saturating_add(self.delta), self.end.ticks);
        let after_start = time.ticks >= start;
        let inside = if start > end { after_start || time.ticks < end } else { after_start && time.ticks < end };
        let twice = if self.delta > 0 {
            self.end.ticks.saturating_sub(self.delta)..self.end.ticks
        } else {
            self.start.ticks..self.start.ticks.saturating_sub(self.delta)
        };
        inside && !twice.contains(&time.ticks) && self.delta != 0 && time.kind != UTC
    }
}

fn daylight<'a>(c: &'a Call<'_>, n: usize) -> Result<&'a Daylight> {
    c.arg(n).as_object().ok_or_else(Exception::null_reference)
}

/// Adds the types.
pub(crate) fn define(b: &mut Builder) {
    transition(b);
    b.class(RULE)
        .def(
            "static AdjustmentRule CreateAdjustmentRule(DateTime dateStart, DateTime dateEnd, TimeSpan daylightDelta, TransitionTime daylightTransitionStart, TransitionTime daylightTransitionEnd)",
            new_rule,
        )
        .def("DateTime DateStart", |c| rule(c).map(|r| Value::DateTime(r.from)))
        .def("DateTime DateEnd", |c| rule(c).map(|r| Value::DateTime(r.to)))
        .def("TimeSpan DaylightDelta", |c| rule(c).map(|r| Value::TimeSpan(r.delta)))
        .def("TransitionTime DaylightTransitionStart", |c| rule(c).map(|r| Value::object(r.start)))
        .def("TransitionTime DaylightTransitionEnd", |c| rule(c).map(|r| Value::object(r.end)))
        .def("bool Equals(AdjustmentRule other)", |c| {
            Ok(Value::Bool(object::equals(c.arg(0), c.arg(1))))
        });
    b.class(TIME_ZONE)
        .def("static TimeZone CurrentTimeZone", |_| Ok(Value::object(Plain)))
        .def("string StandardName", |_| Ok(Value::str("GMT")))
        .def("string DaylightName", |_| Ok(Value::str("GMT")))
        .def("TimeSpan GetUtcOffset(DateTime time)", |_| Ok(Value::TimeSpan(0)))
        .def("bool IsDaylightSavingTime(DateTime time)", |_| Ok(Value::Bool(false)))
        .def("DateTime ToLocalTime(DateTime time)", |c| {
            let d = arg::date(c, 1)?;
            Ok(Value::DateTime(DateTime { kind: LOCAL, ..d }))
        })
        .def("DateTime ToUniversalTime(DateTime time)", |c| {
            let d = arg::date(c, 1)?;
            Ok(Value::DateTime(DateTime { kind: UTC, ..d }))
        })
        .def("System.Globalization.DaylightTime GetDaylightChanges(int year)", |c| {
            if !(1..=9999).contains(&c.int(1)?) {
                return Err(Exception::argument_range("Valid values are between 1 and 9999, inclusive.", "year"));
            }
            let never = DateTime { ticks: 0, kind: 0 };
            Ok(Value::object(Daylight { start: never, end: never, delta: 0 }))
        })
        .def("static bool IsDaylightSavingTime(DateTime time, System.Globalization.DaylightTime daylightTimes)", |c| {
            let time = arg::date(c, 0)?;
            Ok(Value::Bool(!c.arg(1).is_null() && daylight(c, 1)?.covers(time)))
        });
    b.class(DAYLIGHT_TIME)
        .def("new(DateTime start, DateTime end, TimeSpan delta)", |c| {
            Ok(Value::object(Daylight { start: arg::date(c, 0)?, end: arg::date(c, 1)?, delta: arg::span(c, 2)? }))
        })
        .def("DateTime Start", |c| daylight(c, 0).map(|d| Value::DateTime(d.start)))
        .def("DateTime End", |c| daylight(c, 0).map(|d| Value::DateTime(d.end)))
        .def("TimeSpan Delta", |c| daylight(c, 0).map(|d| Value::TimeSpan(d.delta)));
}

fn transition(b: &mut Builder) {
    b.structure(TRANSITION)
        .def(
            "static TransitionTime CreateFixedDateRule(DateTime timeOfDay, int month, int day)",
            |c| {
                let t = Transition {
                    time_of_day: arg::date(c, 0)?.ticks,
                    month: c.int(1)?,
                    week: 1,
                    day: c.int(2)?,
                    weekday: 0,
                    is_fixed: true,
                };
                checked(c, t)
            },
        )
        .def(
            "static TransitionTime CreateFloatingDateRule(DateTime timeOfDay, int month, int week, DayOfWeek dayOfWeek)",
            |c| {
                let t = Transition {
                    time_of_day: arg::date(c, 0)?.ticks,
                    month: c.int(1)?,
                    week: c.int(2)?,
                    day: 1,
                    weekday: c.int(3)?,
                    is_fixed: false,
                };
                checked(c, t)
            },
        )
        .def("DateTime TimeOfDay", |c| {
            of(c, 0).map(|t| Value::DateTime(DateTime { ticks: t.time_of_day, kind: 0 }))
        })
        .def("int Month", |c| of(c, 0).map(|t| Value::Int32(t.month)))
        .def("int Week", |c| of(c, 0).map(|t| Value::Int32(t.week)))
        .def("int Day", |c| of(c, 0).map(|t| Value::Int32(t.day)))
        .def("DayOfWeek DayOfWeek", |c| of(c, 0).map(|t| Value::Enum(DAY_OF_WEEK, t.weekday)))
        .def("bool IsFixedDateRule", |c| of(c, 0).map(|t| Value::Bool(t.is_fixed)))
        .def("bool Equals(TransitionTime other)", equals)
        .def("bool Equals(object obj)", equals)
        .def("static bool operator ==(TransitionTime t1, TransitionTime t2)", equals)
        .def("static bool operator !=(TransitionTime t1, TransitionTime t2)", |c| {
            Ok(Value::Bool(!object::equals(c.arg(0), c.arg(1))))
        });
}

fn equals(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::Bool(object::equals(c.arg(0), c.arg(1))))
}

fn of<'a>(c: &'a Call<'_>, n: usize) -> Result<&'a Transition> {
    c.arg(n).as_object().ok_or_else(Exception::null_reference)
}

fn rule<'a>(c: &'a Call<'_>) -> Result<&'a Rule> {
    c.arg(0).as_object().ok_or_else(Exception::null_reference)
}

fn checked(c: &Call<'_>, t: Transition) -> Result<Value> {
    if arg::date(c, 0)?.kind != 0 {
        let text = "The supplied DateTime must have the Kind property set to DateTimeKind.Unspecified.";
        return Err(Exception::argument(text, "timeOfDay"));
    }
    if !(1..=12).contains(&t.month) {
        return Err(Exception::argument_range("The Month parameter must be in the range 1 through 12.", "month"));
    }
    if !(1..=31).contains(&t.day) {
        return Err(Exception::argument_range("The Day parameter must be in the range 1 through 31.", "day"));
    }
    if !(1..=5).contains(&t.week) {
        return Err(Exception::argument_range("The Week parameter must be in the range 1 through 5.", "week"));
    }
    if !(0..=6).contains(&t.weekday) {
        return Err(Exception::argument_range(
            "The DayOfWeek enumeration must be in the range 0 through 6.",
            "dayOfWeek",
        ));
    }
    let day = Fields::of(t.time_of_day);
    if (day.year, day.month, day.day) != (1, 1, 1) || t.time_of_day % TICKS_PER_MILLISECOND != 0 {
        return Err(Exception::argument(
            "The supplied DateTime must have the Year, Month, and Day properties set to 1.  The time cannot be specified more precisely than whole milliseconds.",
            "timeOfDay",
        ));
    }
    Ok(Value::object(t))
}

/// An offset or a change of clocks: within 14 hours, in whole minutes.
pub(super) fn check_span(c: &mut Call<'_>, ticks: i64, parameter: &str) -> Result<()> {
    if ticks.abs() > MOST_HOURS * 60 * TICKS_PER_MINUTE {
        let shown = format::format_value(c.cx, &Value::TimeSpan(ticks), "")?;
        let text = format!(
            "The TimeSpan parameter must be within plus or minus 14.0 hours. (Parameter '{parameter}')\nActual value was {shown}."
        );
        return Err(Exception::argument_range_message(text).with_parameter(parameter));
    }
    if ticks % TICKS_PER_MINUTE != 0 {
        return Err(Exception::argument(TOO_PRECISE, parameter));
    }
    Ok(())
}

/// The rules of a zone that an expression makes, checked; `null` is none.
pub(super) fn chosen(rules: &Value, base: i64) -> Result<Vec<Rule>> {
    let bad = |text: &str| Exception::new(TypeId("System.InvalidTimeZoneException"), text);
    let mut out: Vec<Rule> = Vec::new();
    for value in array::array(rules).map(array::ArrayObject::to_vec).unwrap_or_default() {
        let rule =
            value.as_object::<Rule>().ok_or_else(|| bad("The AdjustmentRule array cannot contain null elements."))?;
        if (base + rule.delta).abs() > MOST_HOURS * 60 * TICKS_PER_MINUTE {
            return Err(bad(
                "The sum of the BaseUtcOffset and DaylightDelta properties must within plus or minus 14.0 hours.",
            ));
        }
        if out.last().is_some_and(|before| rule.from.ticks <= before.to.ticks) {
            return Err(bad(
                "The elements of the AdjustmentRule array must be in chronological order and must not overlap.",
            ));
        }
        out.push(*rule);
    }
    Ok(out)
}

fn new_rule(c: &mut Call<'_>) -> Result<Value> {
    let (from, to, delta) = (arg::date(c, 0)?, arg::date(c, 1)?, arg::span(c, 2)?);
    let (start, end) = (*of(c, 3)?, *of(c, 4)?);
    let rule = Rule { from, to, delta, start, end };
    if from.kind == LOCAL || to.kind == LOCAL {
        let text =
            "The supplied DateTime must have the Kind property set to DateTimeKind.Unspecified or DateTimeKind.Utc.";
        return Err(Exception::argument(text, if from.kind == LOCAL { "dateStart" } else { "dateEnd" }));
    }
    if object::equals(c.arg(3), c.arg(4)) {
        let text = "The DaylightTransitionStart property must not equal the DaylightTransitionEnd property.";
        return Err(Exception::argument(text, "daylightTransitionEnd"));
    }
    if from.ticks > to.ticks {
        return Err(Exception::argument("The DateStart property must come before the DateEnd property.", "dateStart"));
    }
    check_span(c, delta, "daylightDelta")?;
    for (date, name) in [(from, "dateStart"), (to, "dateEnd")] {
        if date.kind == 0 && date.ticks % TICKS_PER_DAY != 0 {
            let text = "The supplied DateTime includes a TimeOfDay setting.   This is not supported.";
            return Err(Exception::argument(text, name));
        }
    }
    Ok(Value::object(rule))
}
