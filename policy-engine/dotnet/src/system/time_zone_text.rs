//! `TimeZoneInfo.ToSerializedString` and `FromSerializedString`: fields that end with `;`, rules and changes of clocks in brackets.
use super::calendar::Fields;
use super::time_zone::{ID, Names, Zone, of};
use super::time_zone_clock::Clock;
use super::time_zone_rules::{RULE, Rule, Transition, chosen};
use crate::collections::array;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::value::{DateTime, Str, Value};

const SERIALIZATION: TypeId = TypeId("System.Runtime.Serialization.SerializationException");
const SECONDS_PER_MINUTE: i64 = 60;
const TICKS_PER_MILLISECOND: i64 = 10_000;
const TICKS_PER_SECOND: i64 = 10_000_000;
const TICKS_PER_MINUTE: i64 = 600_000_000;
const TICKS_PER_DAY: i64 = 864_000_000_000;
const MOST_MINUTES: i64 = 14 * 60;
/// What a rule takes as text, about.
const RULE_BYTES: usize = 128;
/// More rules than any zone has.
const MOST_RULES: usize = 1_000;

/// Adds the members.
pub(super) fn define(b: &mut Builder) {
    b.class(ID).def("string ToSerializedString()", serialized).def(
        "static TimeZoneInfo FromSerializedString(string source)",
        |c| {
            let source = c.str_arg(0, "source")?;
            if source.is_empty() {
                let text = "The specified serialized string '' is not supported.";
                return Err(Exception::argument(text, "source"));
            }
            c.cx.charge_bytes(source.len().saturating_mul(2))?;
            Reader { rest: &source }.zone().map(Value::object)
        },
    );
    b.class(SERIALIZATION).base("SystemException");
}

// === writing ===

fn serialized(c: &mut Call<'_>) -> Result<Value> {
    let rules = of(c, 0, "this")?.clock.rules();
    c.cx.charge_bytes(rules.len().saturating_mul(RULE_BYTES))?;
    let zone = of(c, 0, "this")?;
    let shown = zone.display_name();
    let own = zone.own.as_ref();
    let (standard, daylight) = own.map_or((&zone.id, &zone.id), |own| (&own.standard, &own.daylight));
    let mut out = String::new();
    field(&mut out, &zone.id);
    field(&mut out, &(zone.clock.base_seconds() / SECONDS_PER_MINUTE).to_string());
    for name in [shown.as_str(), standard, daylight] {
        field(&mut out, name);
    }
    for rule in &rules {
        out.push('[');
        for date in [rule.from, rule.to] {
            let f = Fields::of(date.ticks);
            out.push_str(&format!("{:02}:{:02}:{:04};", f.month, f.day, f.year));
        }
        field(&mut out, &(rule.delta / TICKS_PER_MINUTE).to_string());
        for change in [&rule.start, &rule.end] {
            write_change(&mut out, change);
        }
        out.push(']');
    }
    out.push(';');
    Ok(Value::str(out))
}

/// A text with its end; what has a meaning is escaped.
fn field(out: &mut String, text: &str) {
    for c in text.chars() {
        if matches!(c, '\\' | '[' | ']' | ';') {
            out.push('\\');
        }
        crate::utf16::push_char(out, c);
    }
    out.push(';');
}

fn write_change(out: &mut String, change: &Transition) {
    let seconds = change.time_of_day / TICKS_PER_SECOND;
    let thousandths = change.time_of_day % TICKS_PER_SECOND / TICKS_PER_MILLISECOND;
    let mut time = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if thousandths != 0 {
        time.push_str(format!(".{thousandths:03}").trim_end_matches('0'));
    }
    let place = if change.is_fixed {
        format!("{};{}", change.month, change.day)
    } else {
        format!("{};{};{}", change.month, change.week, change.weekday)
    };
    out.push_str(&format!("[{};{time};{place};];", i32::from(change.is_fixed)));
}

// === reading ===

fn corrupt() -> Exception {
    Exception::new(SERIALIZATION, "An error occurred while deserializing the object.  The serialized data is corrupt.")
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn zone(&mut self) -> Result<Zone> {
        let id = self.text()?;
        let minutes: i64 = self.number()?;
        if id.is_empty() || minutes.abs() > MOST_MINUTES {
            return Err(corrupt());
        }
        let names = Names { display: self.text()?, standard: self.text()?, daylight: self.text()? };
        let mut rules = Vec::new();
        while self.eat('[') {
            if rules.len() >= MOST_RULES {
                return Err(corrupt());
            }
            rules.push(Value::object(self.rule()?));
        }
        if !self.eat(';') {
            return Err(corrupt());
        }
        let rules = array::new_array(Type::Simple(RULE), rules);
        let rules = chosen(&rules, minutes.saturating_mul(TICKS_PER_MINUTE)).map_err(|_| corrupt())?;
        let clock = Clock::Rules { base: minutes.saturating_mul(SECONDS_PER_MINUTE), rules: rules.into() };
        Ok(Zone { id, clock, own: Some(names) })
    }

    /// A rule, after its bracket.
    fn rule(&mut self) -> Result<Rule> {
        let (from, to, minutes): (DateTime, DateTime, i64) = (self.date()?, self.date()?, self.number()?);
        let (start, end) = (self.change()?, self.change()?);
        if from.ticks > to.ticks || minutes.abs() > MOST_MINUTES {
            return Err(corrupt());
        }
        if !self.eat(']') {
            return Err(Exception::not_supported("rules that move the base offset of a time zone are not supported"));
        }
        Ok(Rule { from, to, delta: minutes.saturating_mul(TICKS_PER_MINUTE), start, end })
    }

    fn change(&mut self) -> Result<Transition> {
        if !self.eat('[') {
            return Err(corrupt());
        }
        let is_fixed = self.number::<i32>()? == 1;
        let time_of_day = self.time()?;
        let month = self.number()?;
        let (week, day, weekday) = if is_fixed { (1, self.number()?, 0) } else { (self.number()?, 1, self.number()?) };
        let is_valid = (1..=12).contains(&month)
            && (1..=5).contains(&week)
            && (1..=31).contains(&day)
            && (0..=6).contains(&weekday);
        if !is_valid || !self.eat(']') || !self.eat(';') {
            return Err(corrupt());
        }
        Ok(Transition { time_of_day, month, week, day, weekday, is_fixed })
    }

    /// `MM:dd:yyyy`
    fn date(&mut self) -> Result<DateTime> {
        let text = self.text()?;
        let date = jiff::civil::Date::strptime("%m:%d:%Y", &*text).map_err(|_| corrupt())?;
        let first = jiff::civil::date(1, 1, 1);
        let days = date.since((jiff::Unit::Day, first)).map_err(|_| corrupt())?.get_days();
        Ok(DateTime { ticks: i64::from(days).saturating_mul(TICKS_PER_DAY), kind: 0 })
    }

    /// `HH:mm:ss` with up to three decimals.
    fn time(&mut self) -> Result<i64> {
        let text = self.text()?;
        let (clock, decimals) = text.split_once('.').unwrap_or((&text, ""));
        let numbers: Vec<i64> = clock.split(':').map(|n| n.parse().map_err(|_| corrupt())).collect::<Result<_>>()?;
        let &[hours @ 0..24, minutes @ 0..60, seconds @ 0..60] = numbers.as_slice() else { return Err(corrupt()) };
        let thousandths: i64 = match decimals.len() {
            0 => 0,
            1..=3 => format!("{decimals:0<3}").parse().map_err(|_| corrupt())?,
            _ => return Err(corrupt()),
        };
        Ok((hours * 3600 + minutes * 60 + seconds) * TICKS_PER_SECOND + thousandths * TICKS_PER_MILLISECOND)
    }

    fn number<T: std::str::FromStr>(&mut self) -> Result<T> {
        self.text()?.parse().map_err(|_| corrupt())
    }

    /// A text up to its `;`.
    fn text(&mut self) -> Result<Str> {
        let mut out = String::new();
        let mut chars = self.rest.chars();
        loop {
            match chars.next() {
                Some(';') => break,
                Some('\\') => match chars.next() {
                    Some(c @ ('\\' | '[' | ']' | ';')) => out.push(c),
                    _ => return Err(corrupt()),
                },
                None | Some('[' | ']') => return Err(corrupt()),
                Some(c) => crate::utf16::push_char(&mut out, c),
            }
        }
        self.rest = chars.as_str();
        Ok(out.into())
    }

    fn eat(&mut self, c: char) -> bool {
        let rest = self.rest.strip_prefix(c);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}
