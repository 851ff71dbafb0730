//! `DateTime.Parse` and `DateTimeOffset.Parse`: the loose reading of dates in the invariant culture (month before day).
//! The reading by format stands in `date_parse_exact`.
use super::calendar::{self, DAYS, Fields, MONTHS, TICKS_PER_MINUTE};
use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::value::{DateTime, DateTimeOffset};

/// `DateTimeStyles`.
pub(crate) mod style {
    pub(crate) const NO_CURRENT_DATE: i32 = 8;
    pub(crate) const ADJUST_TO_UNIVERSAL: i32 = 16;
    pub(crate) const ASSUME_LOCAL: i32 = 32;
    pub(crate) const ASSUME_UNIVERSAL: i32 = 64;
    pub(crate) const ROUNDTRIP_KIND: i32 = 128;
}

const UTC: u8 = 1;
const LOCAL: u8 = 2;
/// Two-digit years up to this one belong to the current century.
const TWO_DIGIT_MAX: i32 = 29;
const MAX_OFFSET_MINUTES: i32 = 14 * 60;
/// Longer texts are no dates.
const LENGTH_LIMIT: usize = 200;

/// What a text said; the missing parts are filled in later.
#[derive(Clone, Default, Debug)]
pub(crate) struct Parts {
    pub(crate) year: Option<i32>,
    pub(crate) month: Option<i32>,
    pub(crate) day: Option<i32>,
    pub(crate) hour: i32,
    pub(crate) minute: i32,
    pub(crate) second: i32,
    pub(crate) fraction: i64,
    pub(crate) week_day: Option<i32>,
    /// Minutes east of UTC.
    pub(crate) offset: Option<i32>,
    /// The zone was written as `Z` or `GMT`.
    pub(crate) is_utc: bool,
}

pub(crate) fn unrecognized(text: &str) -> Exception {
    Exception::format(format!("String '{text}' was not recognized as a valid DateTime."))
}

/// `DateTime.Parse`.
pub(crate) fn date_time(cx: &mut dyn Ambient, text: &str, styles: i32) -> Result<DateTime> {
    let parts = read(text)?;
    to_date_time(cx, &parts, text, styles)
}

/// `DateTimeOffset.Parse`.
pub(crate) fn date_time_offset(cx: &mut dyn Ambient, text: &str, styles: i32) -> Result<DateTimeOffset> {
    if styles & style::NO_CURRENT_DATE != 0 {
        return Err(Exception::argument(
            "The DateTimeStyles value 'NoCurrentDateDefault' is not allowed when parsing DateTimeOffset.",
            "styles",
        ));
    }
    let parts = read(text)?;
    to_offset(cx, &parts, text, styles)
}

fn far_offset(text: &str) -> Exception {
    Exception::format(format!("The time zone offset of string '{text}' must be within plus or minus 14 hours."))
}

/// Clock ticks of the parts, missing ones filled from today.
fn clock_ticks(cx: &mut dyn Ambient, p: &Parts, text: &str, styles: i32) -> Result<i64> {
    let (year, month, day) = match (p.year, p.month, p.day) {
        (Some(y), Some(m), Some(d)) => (y, m, d),
        (None, None, None) if styles & style::NO_CURRENT_DATE != 0 => (1, 1, 1),
        (None, None, None) => {
            let f = Fields::of(cx.utc_now_ticks());
            (f.year, f.month, f.day)
        }
        (y, m, d) => {
            let year = y.unwrap_or_else(|| Fields::of(cx.utc_now_ticks()).year);
            (year, m.unwrap_or(1), d.unwrap_or(1))
        }
    };
    let date = calendar::date_ticks(year, month, day);
    let time = calendar::time_ticks(p.hour, p.minute, p.second);
    let ticks = date.zip(time).map(|(d, t)| d + t + p.fraction).ok_or_else(|| {
        Exception::format(format!(
            "The DateTime represented by the string '{text}' is not supported in calendar 'System.Globalization.GregorianCalendar'."
        ))
    })?;
    if p.week_day.is_some_and(|w| w != calendar::day_of_week(ticks)) {
        return Err(Exception::format(format!(
            "String '{text}' was not recognized as a valid DateTime because the day of week was incorrect."
        )));
    }
    Ok(ticks)
}

/// Applies zone and styles; the local zone is UTC.
pub(crate) fn to_date_time(cx: &mut dyn Ambient, p: &Parts, text: &str, styles: i32) -> Result<DateTime> {
    let ticks = clock_ticks(cx, p, text, styles)?;
    let adjust = styles & style::ADJUST_TO_UNIVERSAL != 0;
    let Some(offset) = p.offset else {
        let kind = if styles & (style::ASSUME_LOCAL | style::ASSUME_UNIVERSAL) == 0 {
            0
        } else if adjust {
            UTC
        } else {
            LOCAL
        };
        return Ok(DateTime { ticks, kind });
    };
    if offset.abs() > MAX_OFFSET_MINUTES {
        return Err(far_offset(text));
    }
    let utc = ticks - i64::from(offset) * TICKS_PER_MINUTE;
    if !(0..=calendar::MAX_TICKS).contains(&utc) {
        return Err(Exception::format(format!(
            "The DateTime represented by the string '{text}' is not supported in calendar 'System.Globalization.GregorianCalendar'."
        )));
    }
    let stays_utc = adjust || (p.is_utc && styles & style::ROUNDTRIP_KIND != 0);
    Ok(DateTime { ticks: utc, kind: if stays_utc { UTC } else { LOCAL } })
}

/// The same with its offset; without one the local offset, which is zero.
pub(crate) fn to_offset(cx: &mut dyn Ambient, p: &Parts, text: &str, styles: i32) -> Result<DateTimeOffset> {
    let ticks = clock_ticks(cx, p, text, styles)?;
    let offset = p.offset.unwrap_or(0);
    let utc = ticks - i64::from(offset) * TICKS_PER_MINUTE;
    if offset.abs() > MAX_OFFSET_MINUTES {
        return Err(far_offset(text));
    }
    if !(0..=calendar::MAX_TICKS).contains(&utc) {
        return Err(Exception::format(format!(
            "The UTC representation of the date '{text}' falls outside the year range 1-9999."
        )));
    }
    if styles & style::ADJUST_TO_UNIVERSAL != 0 {
        return Ok(DateTimeOffset { ticks: utc, offset_minutes: 0 });
    }
    Ok(DateTimeOffset { ticks, offset_minutes: i16::try_from(offset).unwrap_or(0) })
}

/// Full year of a written one with so many digits.
pub(crate) fn full_year(year: i32, digits: usize) -> i32 {
    match digits {
        1 | 2 if year <= TWO_DIGIT_MAX => 2000 + year,
        1 | 2 => 1900 + year,
        _ => year,
    }
}

/// Number of the name that `word` is, whole or its first three letters; any case.
pub(crate) fn name_index(names: &[&'static str], word: &str) -> Option<i32> {
    let is = |name: &&str| {
        name.eq_ignore_ascii_case(word) || name.get(..3).is_some_and(|short| short.eq_ignore_ascii_case(word))
    };
    names.iter().position(is).and_then(|n| i32::try_from(n).ok())
}

/// The kind of what was read last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Nothing,
    /// A number or a month of the date.
    Date,
    /// `/`, `-` or `.` after one: another must follow.
    Separator,
    Time,
}

struct Reader<'a> {
    text: &'a str,
    rest: &'a str,
    parts: Parts,
    /// Date numbers with their digit counts.
    numbers: Vec<(i32, usize)>,
    /// Numbers that stand before the name of the month.
    before_month: usize,
    has_time: bool,
    /// The time follows a `T`.
    is_iso: bool,
    last: Last,
}

/// Reads a date in any of the forms that `Parse` takes.
pub(crate) fn read(text: &str) -> Result<Parts> {
    let mut r = Reader {
        text,
        rest: text.trim_end_matches('\0').trim(),
        parts: Parts::default(),
        numbers: Vec::new(),
        before_month: 0,
        has_time: false,
        is_iso: false,
        last: Last::Nothing,
    };
    if r.rest.is_empty() || r.rest.len() > LENGTH_LIMIT {
        return Err(unrecognized(text));
    }
    while let Some(c) = r.rest.chars().next() {
        match c {
            '0'..='9' => r.number()?,
            '+' => r.offset()?,
            '-' if r.last != Last::Date || r.date_elements() == DATE_ELEMENTS => r.offset()?,
            '-' | '/' | '.' if r.last == Last::Date => {
                r.skip(1);
                r.last = Last::Separator;
            }
            c if c.is_alphabetic() => r.word()?,
            c if c == ',' || c.is_whitespace() => r.skip(c.len_utf8()),
            _ => return Err(unrecognized(text)),
        }
    }
    r.combine()
}

/// Year, month, day.
const DATE_ELEMENTS: usize = 3;

impl Reader<'_> {
    fn bad(&self) -> Exception {
        unrecognized(self.text)
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// Parts of the date so far.
    fn date_elements(&self) -> usize {
        self.numbers.len() + usize::from(self.parts.month.is_some())
    }

    /// May what follows be a time? Not after a date that lacks only its day, nor after one part of a date.
    fn is_time_due(&self) -> bool {
        let has_year = self.numbers.iter().any(|n| is_year(*n));
        self.last != Last::Separator
            && (matches!(self.date_elements(), 0 | DATE_ELEMENTS) || self.date_elements() == 2 && !has_year)
    }

    fn take_number(&mut self) -> Result<(i32, usize)> {
        let n = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.rest.split_at(n);
        self.rest = rest;
        digits.parse().map(|v| (v, n)).map_err(|_| self.bad())
    }

    fn number(&mut self) -> Result<()> {
        let (n, digits) = self.take_number()?;
        if self.rest.starts_with(':') {
            return self.time(n, digits);
        }
        let after = self.rest.trim_start();
        let word: String = after.chars().take_while(|c| c.is_alphabetic()).collect();
        let has_half = word.eq_ignore_ascii_case("AM") || word.eq_ignore_ascii_case("PM");
        if !self.has_time && has_half {
            // `2024 2 12 AM`: the number is still the day, and the hour is none.
            let is_day = self.date_elements() == 2
                && (self.last == Last::Separator || self.parts.month.is_some() || !self.is_time_due());
            if !is_day && !self.is_time_due() {
                return Err(self.bad());
            }
            if is_day {
                self.numbers.push((n, digits));
            } else {
                self.parts.hour = n;
            }
            self.has_time = true;
            self.last = Last::Time;
            self.rest = after;
            return Ok(());
        }
        if self.date_elements() >= DATE_ELEMENTS || digits > 4 {
            return Err(self.bad());
        }
        self.numbers.push((n, digits));
        self.last = Last::Date;
        Ok(())
    }

    /// `h:m[:s[.f]]` after the hour.
    fn time(&mut self, hour: i32, digits: usize) -> Result<()> {
        if self.has_time || digits > 2 || !self.is_time_due() {
            return Err(self.bad());
        }
        self.has_time = true;
        self.last = Last::Time;
        self.parts.hour = hour;
        self.skip(1);
        self.parts.minute = self.take_number()?.0;
        if self.rest.starts_with(':') {
            self.skip(1);
            self.parts.second = self.take_number()?.0;
            if self.rest.starts_with('.') {
                self.skip(1);
                let n = self.rest.bytes().take_while(u8::is_ascii_digit).count();
                let (digits, rest) = self.rest.split_at(n);
                self.parts.fraction = match fraction_ticks(digits) {
                    None if self.is_iso => return Err(self.bad()),
                    found => found.unwrap_or(0),
                };
                self.rest = rest;
            }
        }
        if self.parts.hour > 24 || self.parts.minute > 59 || self.parts.second > 59 {
            return Err(self.bad());
        }
        Ok(())
    }

    /// `T` between a date in the order of ISO 8601 and a time of two digits each; the day of the week is not checked then.
    fn iso_time(&mut self) -> Result<()> {
        let is_iso = self.last == Last::Date
            && self.parts.month.is_none()
            && self.numbers.len() == DATE_ELEMENTS
            && self.numbers.first().is_some_and(|n| is_year(*n));
        let two = |at: usize| self.rest.get(at..at + 2).is_some_and(|d| d.bytes().all(|b| b.is_ascii_digit()));
        if !is_iso || !two(0) || !two(3) || self.rest.get(2..3) != Some(":") {
            return Err(self.bad());
        }
        self.parts.week_day = None;
        self.is_iso = true;
        Ok(())
    }

    fn word(&mut self) -> Result<()> {
        let end = self.rest.find(|c: char| !c.is_alphabetic()).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        let at = self.text.len().saturating_sub(self.rest.len());
        self.rest = rest;
        if let Some(m) = name_index(&MONTHS, word).filter(|_| self.parts.month.is_none()) {
            self.parts.month = Some(m + 1);
            self.before_month = self.numbers.len();
            self.last = Last::Date;
        } else if let Some(d) = name_index(&DAYS, word).filter(|_| self.parts.week_day.is_none()) {
            self.parts.week_day = Some(d);
        } else {
            match &*word.to_ascii_uppercase() {
                "AM" | "PM" | "GMT" if self.is_iso => return Err(self.bad()),
                "Z" | "GMT" if self.parts.offset.is_none() && (self.has_time || self.date_elements() >= 2) => {
                    self.parts.offset = Some(0);
                    self.parts.is_utc = true;
                    self.last = Last::Nothing;
                }
                "T" if !self.numbers.is_empty() => self.iso_time()?,
                "AM" if self.has_time && (0..=12).contains(&self.parts.hour) => self.parts.hour %= 12,
                "PM" if self.has_time => {
                    if self.parts.hour < 12 {
                        self.parts.hour += 12;
                    }
                }
                "AM" | "PM" | "Z" | "GMT" => return Err(self.bad()),
                _ => {
                    return Err(Exception::format(format!(
                        "The string '{}' was not recognized as a valid DateTime. There is an unknown word starting at index '{at}'.",
                        self.text
                    )));
                }
            }
        }
        Ok(())
    }

    fn offset(&mut self) -> Result<()> {
        if !self.has_time && self.date_elements() < 2 || self.last == Last::Separator {
            return Err(self.bad());
        }
        let sign = if self.rest.starts_with('-') { -1 } else { 1 };
        self.skip(1);
        let (n, digits) = self.take_number()?;
        let (hours, minutes) = match digits {
            1 | 2 if self.rest.starts_with(':') => {
                self.skip(1);
                (n, self.take_number()?.0)
            }
            1 | 2 => (n, 0),
            3 | 4 => (n / 100, n % 100),
            _ => return Err(self.bad()),
        };
        if self.parts.offset.is_some() || minutes > 59 || hours > 23 {
            return Err(self.bad());
        }
        self.last = Last::Nothing;
        self.parts.offset = Some(sign * (hours * 60 + minutes));
        Ok(())
    }

    /// Decides which number is what.
    fn combine(mut self) -> Result<Parts> {
        if self.last == Last::Separator {
            return Err(self.bad());
        }
        let (mut year, mut month, mut day) = (None, self.parts.month, None);
        match (month, self.numbers.as_slice()) {
            (None, []) if self.has_time => {}
            (Some(_), [n]) if is_year(*n) => year = Some(*n),
            // The month's name comes first in the invariant culture, so a number before it is the year.
            (Some(_), [n]) if self.before_month == 1 => year = Some(*n),
            (Some(_), [n]) => day = Some(n.0),
            (Some(_), [y, d]) if is_year(*y) => (year, day) = (Some(*y), Some(d.0)),
            (Some(m), [d, y]) if is_year(*y) || exists(*y, m, d.0) => (day, year) = (Some(d.0), Some(*y)),
            (Some(_), [y, d]) => (year, day) = (Some(*y), Some(d.0)),
            (None, [y, m]) if is_year(*y) => (year, month) = (Some(*y), Some(m.0)),
            (None, [m, y]) if is_year(*y) => (month, year) = (Some(m.0), Some(*y)),
            (None, [m, d]) => (month, day) = (Some(m.0), Some(d.0)),
            (None, [y, m, d]) if is_year(*y) => (year, month, day) = (Some(*y), Some(m.0), Some(d.0)),
            (None, [m, y, d]) if is_year(*y) => (month, year, day) = (Some(m.0), Some(*y), Some(d.0)),
            (None, [m, d, y]) => (month, day, year) = (Some(m.0), Some(d.0), Some(*y)),
            _ => return Err(self.bad()),
        }
        self.parts.year = year.map(|(n, digits)| full_year(n, digits));
        (self.parts.month, self.parts.day) = (month, day);
        let month_exists = month.is_none_or(|m| (1..=12).contains(&m));
        let day_exists = match (self.parts.year, month, day) {
            (Some(y), Some(m), Some(d)) => calendar::date_ticks(y, m, d).is_some(),
            (_, _, d) => d.is_none_or(|d| (1..=31).contains(&d)),
        };
        if month_exists && day_exists { Ok(self.parts) } else { Err(self.bad()) }
    }
}

/// Is a written number of so many digits a year?
fn is_year(number: (i32, usize)) -> bool {
    number.1 >= 3
}

/// Has the month of a written year this day?
fn exists(year: (i32, usize), month: i32, day: i32) -> bool {
    calendar::date_ticks(full_year(year.0, year.1), month, day).is_some()
}

/// Ticks of the digits after a point; more than seven are rounded.
pub(crate) fn fraction_ticks(digits: &str) -> Option<i64> {
    if digits.is_empty() {
        return None;
    }
    let seven: String = format!("{digits:0<7}").chars().take(7).collect();
    let up = digits.as_bytes().get(7).is_some_and(|d| *d >= b'5');
    seven.parse::<i64>().ok().map(|n| n + i64::from(up))
}
