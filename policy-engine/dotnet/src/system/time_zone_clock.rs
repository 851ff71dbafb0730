//! How a time zone reads its clock: by the zone database, or by rules that an expression made.
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::DateTime as Civil;
use jiff::tz::{AmbiguousOffset, TimeZone};

use super::calendar::{
    Fields, TICKS_PER_DAY, TICKS_PER_SECOND, UNIX_EPOCH_TICKS, date_ticks, day_of_week, days_in_month,
};
use super::time_zone_rules::{Rule, Transition};

/// Transitions that are looked through for summer time.
const SCAN_LIMIT: usize = 400;
/// The last year whose changes of clocks are rules of their own.
const LAST_RULE_YEAR: i32 = 2037;
/// Changes of clocks that show what a zone does every year.
const SAMPLE: usize = 24;
/// Ticks of 9999-12-31.
const LAST_DAY: i64 = 3_155_378_112_000_000_000;

/// Is a clock reading sure?
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    None,
    Ambiguous,
    Invalid,
}

/// Where a zone's offsets come from. All offsets are in seconds.
#[derive(Clone, PartialEq)]
pub(super) enum Clock {
    Known(TimeZone),
    Rules { base: i64, rules: Arc<[Rule]> },
}

impl Clock {
    pub(super) fn is_utc(&self) -> bool {
        *self == Clock::Known(TimeZone::UTC)
    }

    /// Offset of an instant, and whether summer time rules.
    pub(super) fn at_utc(&self, utc_ticks: i64) -> (i64, bool) {
        let tz = match self {
            Clock::Known(tz) => tz,
            Clock::Rules { base, rules } => return rules_at_utc(*base, rules, utc_ticks),
        };
        let Ok(at) = Timestamp::from_second((utc_ticks - UNIX_EPOCH_TICKS).div_euclid(TICKS_PER_SECOND)) else {
            return (0, false);
        };
        let info = tz.to_offset_info(at);
        (i64::from(info.offset().seconds()), info.dst().is_dst())
    }

    /// Offset of a clock reading: ambiguous readings are standard time, as in .NET.
    pub(super) fn at_clock(&self, ticks: i64) -> (i64, Doubt) {
        let tz = match self {
            Clock::Known(tz) => tz,
            Clock::Rules { base, rules } => return rules_at_clock(*base, rules, ticks),
        };
        let f = Fields::of(ticks);
        let small = |n: i32| i8::try_from(n).unwrap_or(0);
        let year = i16::try_from(f.year).unwrap_or(1);
        let Ok(civil) =
            Civil::new(year, small(f.month), small(f.day), small(f.hour), small(f.minute), small(f.second), 0)
        else {
            return (0, Doubt::None);
        };
        match tz.to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Unambiguous { offset } => (i64::from(offset.seconds()), Doubt::None),
            AmbiguousOffset::Fold { after, .. } => (i64::from(after.seconds()), Doubt::Ambiguous),
            AmbiguousOffset::Gap { before, .. } => (i64::from(before.seconds()), Doubt::Invalid),
        }
    }

    /// Standard offset: that of the zone's latest rule outside summer time.
    pub(super) fn base_seconds(&self) -> i64 {
        const YEAR_2024: i64 = 1_704_067_200;
        const HALF_YEAR: i64 = 15_724_800;
        if let Clock::Rules { base, .. } = self {
            return *base;
        }
        let at = |seconds: i64| self.at_utc(seconds * TICKS_PER_SECOND + UNIX_EPOCH_TICKS);
        let (winter, summer) = (at(YEAR_2024), at(YEAR_2024 + HALF_YEAR));
        if winter.1 { summer.0 } else { winter.0 }
    }

    pub(super) fn has_summer_time(&self) -> bool {
        match self {
            Clock::Known(tz) => tz.following(Timestamp::UNIX_EPOCH).take(SCAN_LIMIT).any(|t| t.dst().is_dst()),
            Clock::Rules { rules, .. } => rules.iter().any(|r| r.delta != 0),
        }
    }

    /// `GetAdjustmentRules`: one for each stretch between changes of clocks, the last to the end of time.
    pub(super) fn rules(&self) -> Vec<Rule> {
        match self {
            Clock::Known(tz) => known_rules(tz),
            Clock::Rules { rules, .. } => rules.to_vec(),
        }
    }
}

/// A stretch in which a zone's offset does not change.
struct Stretch {
    from: i64,
    offset: i64,
    delta: i64,
}

fn known_rules(tz: &TimeZone) -> Vec<Rule> {
    let stretches: Vec<Stretch> = tz
        .following(Timestamp::MIN)
        .take(SCAN_LIMIT)
        .map(|t| {
            let from = t.timestamp().as_second() * TICKS_PER_SECOND + UNIX_EPOCH_TICKS;
            let offset = i64::from(t.offset().seconds()) * TICKS_PER_SECOND;
            let before = tz.to_offset_info(t.timestamp() - jiff::SignedDuration::from_secs(1)).offset();
            let gained = offset - i64::from(before.seconds()) * TICKS_PER_SECOND;
            Stretch { from, offset, delta: if t.dst().is_dst() { gained.max(0) } else { 0 } }
        })
        .take_while(|s| Fields::of(s.from).year <= LAST_RULE_YEAR)
        .collect();
    let mut ends = stretches.iter().skip(1).map(|s| s.from);
    let mut rules: Vec<Rule> = stretches.iter().map(|s| stretch_rule(s, ends.next())).collect();
    if let Some((last, forever)) = rules.last_mut().zip(yearly_rule(tz)) {
        *last = Rule { from: last.from, to: last.to, ..forever };
    }
    rules
}

/// The rule that a zone follows every year after the last one that is listed, if its changes of clocks fall on weekdays.
fn yearly_rule(tz: &TimeZone) -> Option<Rule> {
    let first = date_ticks(LAST_RULE_YEAR + 1, 1, 1)?;
    let start = Timestamp::from_second((first - UNIX_EPOCH_TICKS) / TICKS_PER_SECOND).ok()?;
    let (mut into, mut out, mut delta) = (Vec::new(), Vec::new(), 0);
    for t in tz.following(start).take(SAMPLE) {
        let before = tz.to_offset_info(t.timestamp() - jiff::SignedDuration::from_secs(1)).offset();
        let clock = t.timestamp().as_second() + i64::from(before.seconds());
        if t.dst().is_dst() {
            delta = i64::from(t.offset().seconds() - before.seconds()) * TICKS_PER_SECOND;
        }
        if t.dst().is_dst() { &mut into } else { &mut out }.push(clock * TICKS_PER_SECOND + UNIX_EPOCH_TICKS);
    }
    Some(Rule { delta, start: floating(&into)?, end: floating(&out)?, ..Rule::between(first, first, 0) })
}

/// The weekday of a week of a month that all these readings are.
fn floating(readings: &[i64]) -> Option<Transition> {
    let first = *readings.first()?;
    let f = Fields::of(first);
    let (weekday, time_of_day) = (day_of_week(first), first.rem_euclid(TICKS_PER_DAY));
    let days: Vec<i32> = readings.iter().map(|r| Fields::of(*r).day).collect();
    let same = |r: &i64| {
        Fields::of(*r).month == f.month && day_of_week(*r) == weekday && r.rem_euclid(TICKS_PER_DAY) == time_of_day
    };
    let week = |day: i32| (day - 1) / 7 + 1;
    let is_last = days.iter().any(|d| *d > 28);
    let known = is_last || days.iter().all(|d| week(*d) == week(f.day));
    (readings.iter().all(same) && known).then_some(Transition {
        time_of_day,
        month: f.month,
        week: if is_last { 5 } else { week(f.day) },
        day: 1,
        weekday,
        is_fixed: false,
    })
}

/// In .NET the rule begins at the standard reading of its first instant, and ends a second before that of the next.
fn stretch_rule(stretch: &Stretch, end: Option<i64>) -> Rule {
    let start = stretch.from + stretch.offset - stretch.delta;
    let last = end.map_or(LAST_DAY + TICKS_PER_DAY - TICKS_PER_SECOND, |end| end + stretch.offset - TICKS_PER_SECOND);
    Rule::between(start, last, stretch.delta)
}

/// The rule of a day.
fn rule_of(rules: &[Rule], ticks: i64) -> Option<&Rule> {
    let day = ticks - ticks.rem_euclid(TICKS_PER_DAY);
    rules.iter().find(|r| r.from.ticks <= day && day <= r.to.ticks)
}

/// The instant of a change of clocks in a year, as the clock reads before it.
fn moment(year: i32, t: &Transition) -> i64 {
    let length = days_in_month(year, t.month);
    let first = date_ticks(year, t.month, 1).unwrap_or(0);
    let day = if t.is_fixed {
        t.day.min(length)
    } else {
        let ahead = (t.weekday - day_of_week(first)).rem_euclid(7);
        let day = 1 + ahead + (t.week - 1) * 7;
        if day > length { day - 7 } else { day }
    };
    first + i64::from(day - 1) * TICKS_PER_DAY + t.time_of_day
}

/// Is it between two moments of the year? South of the equator the end comes first.
fn is_between(start: i64, at: i64, end: i64) -> bool {
    if start > end { at < end || at >= start } else { at >= start && at < end }
}

fn rules_at_clock(base: i64, rules: &[Rule], ticks: i64) -> (i64, Doubt) {
    let Some(rule) = rule_of(rules, ticks).filter(|r| r.delta != 0) else { return (base, Doubt::None) };
    let year = Fields::of(ticks).year;
    let (start, end) = (moment(year, &rule.start), moment(year, &rule.end));
    // Summer time that is ahead skips readings when it begins and repeats some when it ends; one that is behind does the reverse.
    let (skipped, repeated) = if rule.delta > 0 {
        ((start, start + rule.delta), (end - rule.delta, end))
    } else {
        ((end, end - rule.delta), (start + rule.delta, start))
    };
    let within = |(from, to): (i64, i64)| ticks >= from && ticks < to;
    let (start, end) = if rule.delta > 0 { (start + rule.delta, end - rule.delta) } else { (start, end) };
    let summer = is_between(start, ticks, end);
    let offset = base + if summer { rule.delta / TICKS_PER_SECOND } else { 0 };
    let doubt = match () {
        () if within(skipped) => Doubt::Invalid,
        () if within(repeated) => Doubt::Ambiguous,
        () => Doubt::None,
    };
    (offset, doubt)
}

fn rules_at_utc(base: i64, rules: &[Rule], utc_ticks: i64) -> (i64, bool) {
    let standard = utc_ticks + base * TICKS_PER_SECOND;
    let Some(rule) = rule_of(rules, standard).filter(|r| r.delta != 0) else { return (base, false) };
    let year = Fields::of(standard.max(0)).year;
    let (start, end) = (moment(year, &rule.start), moment(year, &rule.end) - rule.delta);
    let summer = is_between(start, standard, end);
    (base + if summer { rule.delta / TICKS_PER_SECOND } else { 0 }, summer)
}
