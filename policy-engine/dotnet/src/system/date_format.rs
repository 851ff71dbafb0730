//! `DateTime` and `DateTimeOffset` as text: standard and custom formats of the invariant culture. The local zone is UTC.
use std::fmt::Write;

use super::calendar::{self, DAYS, Fields, MONTHS};
use crate::exception::{Exception, Result};
use crate::object;
use crate::value::{DateTime, DateTimeOffset, Str};

const BAD: &str = "Input string was not in a correct format.";
const UTC: u8 = 1;
const FRACTION_DIGITS: usize = 7;

/// What a format can ask for.
struct Clock {
    ticks: i64,
    /// Minutes east of UTC, for `z`.
    offset: i32,
    /// `K`.
    zone: String,
}

/// `DateTime.ToString(format)`.
pub(crate) fn date_time(v: DateTime, format: &str) -> Result<Str> {
    let zone = match v.kind {
        0 => String::new(),
        UTC => "Z".to_owned(),
        _ => "+00:00".to_owned(),
    };
    let clock = Clock { ticks: v.ticks, offset: 0, zone };
    write_format(&clock, standard(format, false)?).map(Into::into)
}

/// `DateTimeOffset.ToString(format)`.
pub(crate) fn date_time_offset(v: DateTimeOffset, format: &str) -> Result<Str> {
    let is_utc_format = matches!(format, "r" | "R" | "u");
    let (ticks, offset) =
        if is_utc_format { (object::utc_ticks(v), 0) } else { (v.ticks, i32::from(v.offset_minutes)) };
    let clock = Clock { ticks, offset, zone: offset_text(offset, 3) };
    let format = if format.is_empty() { "MM/dd/yyyy HH:mm:ss zzz" } else { standard(format, true)? };
    write_format(&clock, format).map(Into::into)
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

/// `z`, `zz`, `zzz`.
pub(crate) fn offset_text(minutes: i32, width: usize) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    let (h, m) = (minutes.abs() / 60, minutes.abs() % 60);
    match width {
        1 => format!("{sign}{h}"),
        2 => format!("{sign}{h:02}"),
        _ => format!("{sign}{h:02}:{m:02}"),
    }
}

fn write_format(clock: &Clock, format: &str) -> Result<String> {
    let bad = || Exception::format(BAD);
    let f = Fields::of(clock.ticks);
    let format: Vec<char> = format.chars().collect();
    let (mut out, mut at) = (String::new(), 0_usize);
    while let Some(&c) = format.get(at) {
        let run = format.iter().skip(at).take_while(|x| **x == c).count();
        match c {
            '\'' | '"' => {
                at = quoted(&mut out, &format, at, c)?;
                continue;
            }
            '%' => {
                match format.get(at + 1) {
                    Some(next) if *next != '%' => at += 1,
                    _ => return Err(bad()),
                }
                continue;
            }
            '\\' => {
                out.push(*format.get(at + 1).ok_or_else(bad)?);
                at += 2;
                continue;
            }
            'f' | 'F' if run > FRACTION_DIGITS => return Err(bad()),
            _ => {}
        }
        at += field(&mut out, clock, &f, c, run);
    }
    Ok(out)
}

/// Writes a quoted part; a backslash escapes inside.
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

/// Writes one field; gives how many letters of the format it used.
fn field(out: &mut String, clock: &Clock, f: &Fields, c: char, run: usize) -> usize {
    let name =
        |names: &[&'static str], n: i32| usize::try_from(n).ok().and_then(|n| names.get(n).copied()).unwrap_or("");
    let short = |name: &'static str| name.get(..3).unwrap_or(name);
    let day = || name(&DAYS, calendar::day_of_week(clock.ticks));
    let month = || name(&MONTHS, f.month - 1);
    let two = run.min(2);
    let _ = match (c, run) {
        ('d', 1 | 2) => write!(out, "{:0two$}", f.day),
        ('d', 3) => write!(out, "{}", short(day())),
        ('d', _) => write!(out, "{}", day()),
        ('M', 1 | 2) => write!(out, "{:0two$}", f.month),
        ('M', 3) => write!(out, "{}", short(month())),
        ('M', _) => write!(out, "{}", month()),
        ('y', 1 | 2) => write!(out, "{:0two$}", f.year % 100),
        ('y', _) => write!(out, "{:0run$}", f.year),
        ('g', _) => write!(out, "A.D."),
        ('h', _) => write!(out, "{:0two$}", (f.hour + 11) % 12 + 1),
        ('H', _) => write!(out, "{:0two$}", f.hour),
        ('m', _) => write!(out, "{:0two$}", f.minute),
        ('s', _) => write!(out, "{:0two$}", f.second),
        ('t', 1) => write!(out, "{}", if f.hour < 12 { "A" } else { "P" }),
        ('t', _) => write!(out, "{}", if f.hour < 12 { "AM" } else { "PM" }),
        ('z', _) => write!(out, "{}", offset_text(clock.offset, run)),
        ('f' | 'F', _) => {
            fraction(out, f.fraction, c, run);
            Ok(())
        }
        ('K', _) => {
            out.push_str(&clock.zone);
            return 1;
        }
        _ => {
            out.push(c);
            return 1;
        }
    };
    run
}

/// `f` writes all digits, `F` none that are trailing zeros, and then not even the point before them.
fn fraction(out: &mut String, fraction: i32, c: char, run: usize) {
    let digits: String = format!("{fraction:07}").chars().take(run).collect();
    if c == 'f' {
        out.push_str(&digits);
        return;
    }
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() && out.ends_with('.') {
        out.pop();
    }
    out.push_str(digits);
}
