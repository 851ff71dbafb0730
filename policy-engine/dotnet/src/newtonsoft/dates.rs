//! Dates in JSON: which texts are dates, and how dates are written.
use crate::system::calendar::{self, Fields};
use crate::value::DateTime;

const UTC: u8 = 1;
const LOCAL: u8 = 2;
const FRACTION_DIGITS: usize = 7;
const EPOCH_MILLISECONDS: i64 = calendar::UNIX_EPOCH_TICKS / calendar::TICKS_PER_MILLISECOND;

/// A text that Newtonsoft reads as a date: ISO 8601 with `T` and seconds, or `/Date(...)/`.
pub(super) fn read(text: &str) -> Option<DateTime> {
    let bytes = text.as_bytes();
    match bytes.first()? {
        b'/' if bytes.len() >= 9 => microsoft(text),
        b'0'..=b'9' if (19..=40).contains(&bytes.len()) && bytes.get(10) == Some(&b'T') => iso(text),
        _ => None,
    }
}

struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn digits(&mut self, count: usize) -> Option<i32> {
        let (head, tail) = self.0.split_at_checked(count)?;
        let mut n = 0_i32;
        for b in head {
            n = n.checked_mul(10)?.checked_add(i32::from(b.checked_sub(b'0').filter(|d| *d <= 9)?))?;
        }
        self.0 = tail;
        Some(n)
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        self.0 = self.0.strip_prefix(&[byte])?;
        Some(())
    }

    /// Up to seven digits after the point; a further one makes it no date.
    fn fraction(&mut self) -> Option<i64> {
        if self.eat(b'.').is_none() {
            return Some(0);
        }
        let (mut ticks, mut count) = (0_i64, 0_usize);
        while count < FRACTION_DIGITS
            && let Some(digit) = self.0.first().filter(|b| b.is_ascii_digit())
        {
            ticks = ticks.checked_mul(10)?.checked_add(i64::from(digit.checked_sub(b'0')?))?;
            self.0 = self.0.get(1..)?;
            count = count.checked_add(1)?;
        }
        if count == 0 {
            return None;
        }
        (count..FRACTION_DIGITS).try_fold(ticks, |t, _| t.checked_mul(10))
    }

    /// Kind and offset in minutes.
    fn zone(&mut self) -> Option<(u8, i64)> {
        let Some(first) = self.0.first().copied() else { return Some((0, 0)) };
        self.0 = self.0.get(1..)?;
        let sign = match first {
            b'Z' | b'z' => return self.0.is_empty().then_some((UTC, 0)),
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        let hours = i64::from(self.digits(2)?);
        let _ = self.eat(b':');
        let minutes = if self.0.is_empty() { 0 } else { i64::from(self.digits(2)?) };
        self.0.is_empty().then(|| (LOCAL, hours.saturating_mul(60).saturating_add(minutes).saturating_mul(sign)))
    }
}

fn iso(text: &str) -> Option<DateTime> {
    let mut c = Cursor(text.as_bytes());
    let year = c.digits(4)?;
    c.eat(b'-')?;
    let month = c.digits(2)?;
    c.eat(b'-')?;
    let day = c.digits(2)?;
    c.eat(b'T')?;
    let hour = c.digits(2)?;
    c.eat(b':')?;
    let minute = c.digits(2)?;
    c.eat(b':')?;
    let second = c.digits(2)?;
    let fraction = c.fraction()?;
    let midnight = hour == 24;
    if midnight && (minute != 0 || second != 0 || fraction != 0) {
        return None;
    }
    let (kind, offset) = c.zone()?;
    let time = calendar::time_ticks(if midnight { 0 } else { hour }, minute, second)?;
    let date = calendar::date_ticks(year, month, day)?;
    let next_day = if midnight { calendar::TICKS_PER_DAY } else { 0 };
    let ticks = date.checked_add(time)?.checked_add(fraction)?.checked_add(next_day)?;
    // The zone of this library is UTC, so local time is the instant itself.
    let ticks = ticks.checked_sub(offset.checked_mul(calendar::TICKS_PER_MINUTE)?)?;
    in_range(ticks).map(|ticks| DateTime { ticks, kind })
}

fn in_range(ticks: i64) -> Option<i64> {
    (0..=calendar::MAX_TICKS).contains(&ticks).then_some(ticks)
}

/// `/Date(milliseconds)/`, with an offset it is local.
fn microsoft(text: &str) -> Option<DateTime> {
    let inner = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
    let sign = inner.get(1..)?.find(['+', '-']).map(|at| at.saturating_add(1));
    let (number, kind) = match sign {
        Some(at) => (inner.get(..at)?, LOCAL),
        None => (inner, UTC),
    };
    let milliseconds: i64 = number.parse().ok()?;
    let ticks = milliseconds.checked_add(EPOCH_MILLISECONDS)?.checked_mul(calendar::TICKS_PER_MILLISECOND)?;
    in_range(ticks).map(|ticks| DateTime { ticks, kind })
}

/// ISO 8601 as Newtonsoft writes it: no fraction if there is none, no zone if the kind is unspecified.
pub(super) fn write(ticks: i64, zone: Option<i16>) -> String {
    let f = Fields::of(ticks);
    let mut text = format!("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", f.year, f.month, f.day, f.hour, f.minute, f.second);
    if f.fraction != 0 {
        let digits = format!("{:07}", f.fraction);
        text.push('.');
        text.push_str(digits.trim_end_matches('0'));
    }
    if let Some(minutes) = zone {
        let m = minutes.unsigned_abs();
        text.push(if minutes < 0 { '-' } else { '+' });
        text.push_str(&format!("{:02}:{:02}", m / 60, m % 60));
    }
    text
}

/// The same for a `DateTime` by its kind.
pub(super) fn write_date_time(v: DateTime) -> String {
    match v.kind {
        UTC => write(v.ticks, None) + "Z",
        LOCAL => write(v.ticks, Some(0)),
        _ => write(v.ticks, None),
    }
}

/// `"\/Date(milliseconds)\/"` in quotes, with the offset of local time.
pub(super) fn write_microsoft(v: DateTime) -> String {
    let milliseconds = (v.ticks / calendar::TICKS_PER_MILLISECOND).saturating_sub(EPOCH_MILLISECONDS);
    let zone = if v.kind == UTC { "" } else { "+0000" };
    format!("\"\\/Date({milliseconds}{zone})\\/\"")
}
