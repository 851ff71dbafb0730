//! `TimeSpan` as text: `c g G` and custom formats.
use std::fmt::Write;

use crate::exception::{Exception, Result};
use crate::value::Str;

const TICKS_PER_SECOND: u64 = 10_000_000;
const TICKS_PER_DAY: u64 = 864_000_000_000;
const BAD: &str = "Input string was not in a correct format.";

/// The parts of a time span's magnitude.
struct Parts {
    negative: bool,
    days: u64,
    hours: u64,
    minutes: u64,
    seconds: u64,
    fraction: u64,
}

impl Parts {
    fn new(ticks: i64) -> Parts {
        let all = ticks.unsigned_abs();
        let seconds = all / TICKS_PER_SECOND;
        Parts {
            negative: ticks < 0,
            days: all / TICKS_PER_DAY,
            hours: seconds / 3600 % 24,
            minutes: seconds / 60 % 60,
            seconds: seconds % 60,
            fraction: all % TICKS_PER_SECOND,
        }
    }
}

/// `TimeSpan.ToString(format)`.
pub(crate) fn format(ticks: i64, format: &str) -> Result<Str> {
    let p = Parts::new(ticks);
    let sign = if p.negative { "-" } else { "" };
    let (d, h, m, s, f) = (p.days, p.hours, p.minutes, p.seconds, p.fraction);
    Ok(match format {
        "" | "c" | "t" | "T" => {
            let days = if d == 0 { String::new() } else { format!("{d}.") };
            let fraction = if f == 0 { String::new() } else { format!(".{f:07}") };
            format!("{sign}{days}{h:02}:{m:02}:{s:02}{fraction}").into()
        }
        "g" => {
            let days = if d == 0 { String::new() } else { format!("{d}:") };
            let fraction = if f == 0 { String::new() } else { format!(".{}", format!("{f:07}").trim_end_matches('0')) };
            format!("{sign}{days}{h}:{m:02}:{s:02}{fraction}").into()
        }
        "G" => format!("{sign}{d}:{h:02}:{m:02}:{s:02}.{f:07}").into(),
        one if one.chars().count() == 1 => return Err(Exception::format(BAD)),
        custom => custom_format(&p, custom)?.into(),
    })
}

fn custom_format(p: &Parts, format: &str) -> Result<String> {
    let bad = || Exception::format(BAD);
    let format: Vec<char> = format.chars().collect();
    let (mut out, mut at) = (String::new(), 0_usize);
    while let Some(&c) = format.get(at) {
        let run = format.iter().skip(at).take_while(|x| **x == c).count();
        match c {
            'd' | 'h' | 'm' | 's' => {
                let (value, limit) = match c {
                    'd' => (p.days, 8),
                    'h' => (p.hours, 2),
                    'm' => (p.minutes, 2),
                    _ => (p.seconds, 2),
                };
                if run > limit {
                    return Err(bad());
                }
                let _ = write!(out, "{value:0run$}");
                at += run;
            }
            'f' | 'F' => {
                if run > 7 {
                    return Err(bad());
                }
                let digits: String = format!("{:07}", p.fraction).chars().take(run).collect();
                out.push_str(if c == 'F' { digits.trim_end_matches('0') } else { &digits });
                at += run;
            }
            '\'' | '"' => {
                let length = format.iter().skip(at + 1).position(|x| *x == c).ok_or_else(bad)?;
                out.extend(format.iter().skip(at + 1).take(length));
                at += length + 2;
            }
            '%' => match format.get(at + 1) {
                Some(next) if *next != '%' => at += 1,
                _ => return Err(bad()),
            },
            '\\' => {
                out.push(*format.get(at + 1).ok_or_else(bad)?);
                at += 2;
            }
            _ => return Err(bad()),
        }
    }
    Ok(out)
}
