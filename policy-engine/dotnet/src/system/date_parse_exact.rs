//! `ParseExact`: dates read by a format.
use super::calendar::{DAYS, MONTHS};
use super::date_format;
use super::date_parse::{self, Parts};
use super::time_span::digits;

const INNER_WHITE: i32 = 4;
const LEADING_WHITE: i32 = 1;
const TRAILING_WHITE: i32 = 2;

struct Reader<'a> {
    rest: &'a str,
    parts: Parts,
    /// Written as twelve hours, and which half.
    twelve: bool,
    half: Option<bool>,
}

/// Reads `text` by one format; `None` if they do not fit. `with_offset`: some formats then mean UTC.
pub(crate) fn read(text: &str, format: &str, styles: i32, with_offset: bool) -> Option<Parts> {
    let utc_format = with_offset && matches!(format, "r" | "R" | "u");
    let format = date_format::standard(format, with_offset).ok()?;
    let mut text = text.trim_end_matches('\0');
    if styles & LEADING_WHITE != 0 {
        text = text.trim_start();
    }
    if styles & TRAILING_WHITE != 0 {
        text = text.trim_end();
    }
    let format: Vec<char> = format.chars().collect();
    let mut r = Reader { rest: text, parts: Parts::default(), twelve: false, half: None };
    let mut at = 0;
    while let Some(&c) = format.get(at) {
        if styles & INNER_WHITE != 0 {
            r.rest = r.rest.trim_start();
        }
        let run = format.iter().skip(at).take_while(|x| **x == c).count();
        at += match c {
            '\'' | '"' => r.quoted(&format, at, c)?,
            '%' if run == 1 => 1,
            '\\' => {
                r.literal(*format.get(at + 1)?)?;
                2
            }
            '.' => {
                let next = format.get(at + 1);
                if r.literal('.').is_none() && next != Some(&'F') {
                    return None;
                }
                // No point, no optional fraction.
                1
            }
            ' ' if styles & INNER_WHITE != 0 => 1,
            c => r.field(c, run)?,
        };
    }
    if !r.rest.is_empty() {
        return None;
    }
    if utc_format {
        r.parts.offset = Some(0);
        r.parts.is_utc = true;
    }
    r.finish()
}

impl Reader<'_> {
    fn literal(&mut self, c: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(c)?;
        Some(())
    }

    fn quoted(&mut self, format: &[char], start: usize, quote: char) -> Option<usize> {
        let mut at = start + 1;
        loop {
            match format.get(at)? {
                c if *c == quote => return Some(at + 1 - start),
                '\\' => {
                    self.literal(*format.get(at + 1)?)?;
                    at += 2;
                }
                c => {
                    self.literal(*c)?;
                    at += 1;
                }
            }
        }
    }

    /// One field of `run` letters; gives how many letters it used.
    fn field(&mut self, c: char, run: usize) -> Option<usize> {
        let two = |r: &mut Self| digits(&mut r.rest, run.min(2), 2).and_then(|(n, _)| i32::try_from(n).ok());
        match (c, run) {
            ('d', 1 | 2) => self.parts.day = Some(two(self)?),
            ('d', _) => self.parts.week_day = Some(self.name(&DAYS, run)?),
            ('M', 1 | 2) => self.parts.month = Some(two(self)?),
            ('M', _) => self.parts.month = Some(self.name(&MONTHS, run)? + 1),
            ('y', 1 | 2) => self.parts.year = Some(date_parse::full_year(two(self)?, 2)),
            ('y', _) => {
                let (n, _) = digits(&mut self.rest, run, run.max(4))?;
                self.parts.year = i32::try_from(n).ok();
            }
            ('h' | 'H', _) => {
                self.parts.hour = two(self)?;
                self.twelve |= c == 'h';
            }
            ('m', _) => self.parts.minute = two(self)?,
            ('s', _) => self.parts.second = two(self)?,
            ('f' | 'F', 1..=7) => {
                let n = self.rest.bytes().take(run).take_while(u8::is_ascii_digit).count();
                let (fraction, rest) = self.rest.split_at(n);
                if c == 'f' && n < run {
                    return None;
                }
                self.parts.fraction = date_parse::fraction_ticks(fraction).unwrap_or(0);
                self.rest = rest;
            }
            ('t', _) => {
                let upper = self.rest.get(..run.min(2))?.to_ascii_uppercase();
                self.half = Some(match &*upper {
                    "AM" | "A" => false,
                    "PM" | "P" => true,
                    _ => return None,
                });
                self.rest = self.rest.get(upper.len()..)?;
            }
            ('z', _) => self.offset(run >= 3)?,
            ('K', _) => {
                if self.rest.starts_with(['Z', 'z']) {
                    self.utc(1);
                } else if self.rest.starts_with(['+', '-']) {
                    self.offset(true)?;
                }
                return Some(1);
            }
            ('Z', _) => {
                if self.rest.starts_with(['Z', 'z']) {
                    self.utc(1);
                } else if self.rest.get(..3).is_some_and(|w| w.eq_ignore_ascii_case("GMT")) {
                    self.utc(3);
                } else {
                    return None;
                }
                return Some(1);
            }
            _ => {
                self.literal(c)?;
                return Some(1);
            }
        }
        Some(run)
    }

    fn utc(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
        self.parts.offset = Some(0);
        self.parts.is_utc = true;
    }

    fn name(&mut self, names: &[&'static str], run: usize) -> Option<i32> {
        let end = self.rest.find(|c: char| !c.is_alphabetic()).unwrap_or(self.rest.len());
        let word = self.rest.get(..if run == 3 { end.min(3) } else { end })?;
        let n = date_parse::name_index(names, word)?;
        let whole = names.get(usize::try_from(n).ok()?)?;
        if run > 3 && !whole.eq_ignore_ascii_case(word) {
            return None;
        }
        self.rest = self.rest.get(word.len()..)?;
        Some(n)
    }

    fn offset(&mut self, with_minutes: bool) -> Option<()> {
        if self.rest.starts_with(['Z', 'z']) {
            self.utc(1);
            return Some(());
        }
        let sign = if self.rest.starts_with('-') { -1 } else { 1 };
        self.rest = self.rest.strip_prefix(['+', '-'])?;
        let (hours, used) = digits(&mut self.rest, 1, 2)?;
        let mut minutes = 0;
        if with_minutes {
            if let Some(after) = self.rest.strip_prefix(':') {
                self.rest = after;
            } else if used < 2 {
                return None;
            }
            minutes = digits(&mut self.rest, 2, 2)?.0;
        }
        if hours > 23 || minutes > 59 {
            return None;
        }
        self.parts.offset = Some(sign * i32::try_from(hours * 60 + minutes).ok()?);
        Some(())
    }

    fn finish(mut self) -> Option<Parts> {
        let p = &mut self.parts;
        if self.twelve || self.half.is_some() {
            if self.twelve && p.hour > 12 {
                return None;
            }
            match self.half {
                Some(true) if p.hour < 12 => p.hour += 12,
                Some(false) if p.hour == 12 => p.hour = 0,
                None if p.hour == 12 => p.hour = 0,
                _ => {}
            }
        }
        Some(self.parts)
    }
}
