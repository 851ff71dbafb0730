//! `DateTime` and `DateTimeOffset` as text: standard and custom formats of the invariant culture. The local zone is UTC.
//!
//! A format is read into a [`Plan`] first, which can be kept; nothing that depends on the time can fail.
use super::calendar::{self, DAYS, Fields, MONTHS};
use crate::exception::{Exception, Result};
use crate::format::collect;
use crate::object;
use crate::value::{DateTime, DateTimeOffset, Str};

const BAD: &str = "Input string was not in a correct format.";
const UTC: u8 = 1;
const FRACTION_DIGITS: usize = 7;

/// `DateTime.ToString(format)`.
pub(crate) fn date_time(v: DateTime, format: &str) -> Result<Str> {
    let plan = Plan::read(format)?;
    collect(|out| {
        plan.write(v, out);
        Ok(())
    })
}

/// `DateTimeOffset.ToString(format)`.
pub(crate) fn date_time_offset(v: DateTimeOffset, format: &str) -> Result<Str> {
    let plan = Plan::read_with_offset(format)?;
    collect(|out| {
        plan.write_with_offset(v, out);
        Ok(())
    })
}

/// The custom format that a standard one stands for.
pub(crate) fn standard(format: &str, with_offset: bool) -> Result<&str> {
    if format.chars().count() > 1 {
        return Ok(format);
    }
    Ok(match format {
        "" | "G" => "MM/dd/yyyy HH:mm:ss",
        "d" => "MM/dd/yyyy",
        "D" => "dddd, dd MMMM yyyy",
        "f" => "dddd, dd MMMM yyyy HH:mm",
        "F" => "dddd, dd MMMM yyyy HH:mm:ss",
        "U" if !with_offset => "dddd, dd MMMM yyyy HH:mm:ss",
        "g" => "MM/dd/yyyy HH:mm",
        "m" | "M" => "MMMM dd",
        "o" | "O" => "yyyy-MM-ddTHH:mm:ss.fffffffK",
        "r" | "R" => "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'",
        "s" => "yyyy-MM-ddTHH:mm:ss",
        "t" => "HH:mm",
        "T" => "HH:mm:ss",
        "u" => "yyyy-MM-dd HH:mm:ss'Z'",
        "y" | "Y" => "yyyy MMMM",
        _ => return Err(Exception::format(BAD)),
    })
}

/// A format that was read.
#[derive(Debug)]
pub(crate) struct Plan {
    parts: Vec<Part>,
    /// Of a time with an offset, the time in UTC is written.
    to_utc: bool,
}

#[derive(Debug)]
enum Part {
    Text(Box<str>),
    /// A letter and how often it stood there.
    Field(char, usize),
}

/// What a format can ask for.
struct Clock {
    ticks: i64,
    /// Minutes east of UTC, for `z`.
    offset: i32,
    zone: Zone,
}

/// `K`.
enum Zone {
    Nothing,
    Utc,
    Offset,
}

impl Plan {
    /// For `DateTime`.
    pub(crate) fn read(format: &str) -> Result<Plan> {
        Ok(Plan { parts: parts(standard(format, false)?)?, to_utc: false })
    }

    /// For `DateTimeOffset`.
    pub(crate) fn read_with_offset(format: &str) -> Result<Plan> {
        let to_utc = matches!(format, "r" | "R" | "u");
        let format = if format.is_empty() { "MM/dd/yyyy HH:mm:ss zzz" } else { standard(format, true)? };
        Ok(Plan { parts: parts(format)?, to_utc })
    }

    /// Writes a `DateTime`.
    pub(crate) fn write(&self, v: DateTime, out: &mut String) {
        let zone = match v.kind {
            0 => Zone::Nothing,
            UTC => Zone::Utc,
            _ => Zone::Offset,
        };
        self.write_clock(&Clock { ticks: v.ticks, offset: 0, zone }, out);
    }

    /// Writes a `DateTimeOffset`.
    pub(crate) fn write_with_offset(&self, v: DateTimeOffset, out: &mut String) {
        let (ticks, offset) =
            if self.to_utc { (object::utc_ticks(v), 0) } else { (v.ticks, i32::from(v.offset_minutes)) };
        self.write_clock(&Clock { ticks, offset, zone: Zone::Offset }, out);
    }

    fn write_clock(&self, clock: &Clock, out: &mut String) {
        let start = out.len();
        let f = Fields::of(clock.ticks);
        for part in &self.parts {
            match part {
                Part::Text(s) => out.push_str(s),
                Part::Field(c, run) => field(out, start, clock, &f, *c, *run),
            }
        }
    }
}

/// Reads a custom format.
fn parts(format: &str) -> Result<Vec<Part>> {
    let bad = || Exception::format(BAD);
    let format: Vec<char> = format.chars().collect();
    let (mut parts, mut text, mut at) = (Vec::new(), String::new(), 0_usize);
    while let Some(&c) = format.get(at) {
        let run = format.iter().skip(at).take_while(|x| **x == c).count();
        match c {
            '\'' | '"' => {
                at = quoted(&mut text, &format, at, c)?;
                continue;
            }
            '%' => match format.get(at + 1) {
                Some(next) if *next != '%' => {
                    at += 1;
                    continue;
                }
                _ => return Err(bad()),
            },
            '\\' => {
                text.push(*format.get(at + 1).ok_or_else(bad)?);
                at += 2;
                continue;
            }
            'f' | 'F' if run > FRACTION_DIGITS => return Err(bad()),
            'd' | 'f' | 'F' | 'g' | 'h' | 'H' | 'K' | 'm' | 'M' | 's' | 't' | 'y' | 'z' => {}
            _ => {
                text.extend(format.iter().skip(at).take(run));
                at += run;
                continue;
            }
        }
        if !text.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut text).into()));
        }
        parts.push(Part::Field(c, run));
        at += run;
    }
    if !text.is_empty() {
        parts.push(Part::Text(text.into()));
    }
    Ok(parts)
}

/// Reads a quoted part; a backslash escapes inside.
fn quoted(out: &mut String, format: &[char], start: usize, quote: char) -> Result<usize> {
    let bad = || Exception::format(BAD);
    let mut at = start + 1;
    loop {
        match format.get(at).ok_or_else(bad)? {
            c if *c == quote => return Ok(at + 1),
            '\\' => {
                out.push(*format.get(at + 1).ok_or_else(bad)?);
                at += 2;
            }
            c => {
                out.push(*c);
                at += 1;
            }
        }
    }
}

/// Writes one field; the text began at byte `start`.
fn field(out: &mut String, start: usize, clock: &Clock, f: &Fields, c: char, run: usize) {
    let name =
        |names: &[&'static str], n: i32| usize::try_from(n).ok().and_then(|n| names.get(n).copied()).unwrap_or("");
    let short = |name: &'static str| name.get(..3).unwrap_or(name);
    let day = || name(&DAYS, calendar::day_of_week(clock.ticks));
    let month = || name(&MONTHS, f.month - 1);
    match (c, run) {
        ('d', 1 | 2) => number(out, f.day, run),
        ('d', 3) => out.push_str(short(day())),
        ('d', _) => out.push_str(day()),
        ('M', 1 | 2) => number(out, f.month, run),
        ('M', 3) => out.push_str(short(month())),
        ('M', _) => out.push_str(month()),
        ('y', 1 | 2) => number(out, f.year % 100, run),
        ('y', _) => number(out, f.year, run),
        ('g', _) => out.push_str("A.D."),
        ('h', _) => number(out, (f.hour + 11) % 12 + 1, run.min(2)),
        ('H', _) => number(out, f.hour, run.min(2)),
        ('m', _) => number(out, f.minute, run.min(2)),
        ('s', _) => number(out, f.second, run.min(2)),
        ('t', 1) => out.push_str(if f.hour < 12 { "A" } else { "P" }),
        ('t', _) => out.push_str(if f.hour < 12 { "AM" } else { "PM" }),
        ('z', _) => offset(out, clock.offset, run),
        ('f' | 'F', _) => fraction(out, start, f.fraction, c, run),
        ('K', _) => (0..run).for_each(|_| match clock.zone {
            Zone::Nothing => {}
            Zone::Utc => out.push('Z'),
            Zone::Offset => offset(out, clock.offset, 3),
        }),
        _ => {}
    }
}

/// A number of a clock or calendar, which is never negative, with at least `width` digits.
fn number(out: &mut String, n: i32, width: usize) {
    let digit = |n: i32| char::from_digit(n.unsigned_abs() % 10, 10).unwrap_or('0');
    let size = match n {
        ..10 => 1,
        10..100 => 2,
        100..1000 => 3,
        _ => 4,
    };
    out.extend(std::iter::repeat_n('0', width.saturating_sub(size)));
    if size > 3 {
        out.push(digit(n / 1000));
    }
    if size > 2 {
        out.push(digit(n / 100));
    }
    if size > 1 {
        out.push(digit(n / 10));
    }
    out.push(digit(n));
}

/// `z`, `zz`, `zzz`.
fn offset(out: &mut String, minutes: i32, width: usize) {
    out.push(if minutes < 0 { '-' } else { '+' });
    number(out, minutes.abs() / 60, width.min(2));
    if width > 2 {
        out.push(':');
        number(out, minutes.abs() % 60, 2);
    }
}

/// `f` writes all digits, `F` none that are trailing zeros, and then not even the point before them.
fn fraction(out: &mut String, start: usize, mut ticks: i32, c: char, run: usize) {
    let from = out.len();
    let mut unit = 1_000_000;
    for _ in 0..run {
        out.push(char::from_digit((ticks / unit).unsigned_abs() % 10, 10).unwrap_or('0'));
        ticks %= unit;
        unit = (unit / 10).max(1);
    }
    if c == 'f' {
        return;
    }
    while out.len() > from && out.ends_with('0') {
        out.pop();
    }
    if out.len() == from && from > start && out.ends_with('.') {
        out.pop();
    }
}
