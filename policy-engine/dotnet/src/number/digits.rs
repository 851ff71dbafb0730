//! A number as decimal digits, scale and sign: the form that the formats work on.
use super::{Specifier, bad_specifier};
use crate::exception::Result;
use crate::value::Value;

/// Digits of a double that a custom format sees.
const CUSTOM_DOUBLE_DIGITS: usize = 15;
/// The same for a float.
const CUSTOM_SINGLE_DIGITS: usize = 7;

/// What the digits came from; rounding and negative zero differ.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Decimal,
    Float,
}

/// `0.d1d2d3... * 10^scale`; digits are ASCII, without leading zeros; empty for zero.
#[derive(Clone)]
pub(super) struct Digits {
    pub(super) digits: Vec<u8>,
    pub(super) scale: i32,
    pub(super) negative: bool,
    pub(super) kind: Kind,
    /// Was the shortest round-trip form asked for?
    pub(super) shortest: bool,
    /// Digits beyond which the shortest form becomes scientific.
    pub(super) round_trip: usize,
}

impl Digits {
    /// From `d.ddde-xx`, Rust's scientific form.
    pub(super) fn shortest(scientific: &str, negative: bool) -> Digits {
        let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
        let mut digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        let exponent: i32 = exponent.parse().unwrap_or(0);
        let scale = if digits.is_empty() { 0 } else { exponent.saturating_add(1) };
        Digits { digits, scale, negative, kind: Kind::Float, shortest: true, round_trip: 17 }
    }

    /// The shortest digits of a float. .NET takes none that lie exactly between two floats, Rust does.
    pub(super) fn shortest_single(v: f32) -> Digits {
        let text = format!("{:e}", v.abs());
        let half_gap = (f64::from(v.abs().next_up()) - f64::from(v.abs())) / 2.0;
        let low_gap = (f64::from(v.abs()) - f64::from(v.abs().next_down())) / 2.0;
        let off = text.parse::<f64>().map_or(0.0, |c| c - f64::from(v.abs()));
        let tie = off != 0.0 && (off == half_gap || off == -low_gap);
        let text = if tie { one_more(&text, |places| format!("{:.places$e}", v.abs())) } else { text };
        Digits::shortest(&text, v.is_sign_negative())
    }

    /// The same for doubles, where such ties are whole numbers.
    pub(super) fn shortest_double(v: f64) -> Digits {
        const EXACT: f64 = 1e37;
        let (a, text) = (v.abs(), format!("{:e}", v.abs()));
        let mut tie = false;
        if (9_007_199_254_740_992.0..EXACT).contains(&a) {
            #[expect(clippy::cast_possible_truncation, reason = "whole numbers below 1e37 fit")]
            let whole = |x: f64| x as i128;
            let candidate = format!("{a}").parse::<i128>().unwrap_or_else(|_| whole(a));
            let off = candidate.saturating_sub(whole(a));
            let (up, down) =
                (whole(a.next_up()).saturating_sub(whole(a)), whole(a).saturating_sub(whole(a.next_down())));
            tie = off != 0 && (off.saturating_mul(2) == up || off.saturating_mul(-2) == down);
        }
        let text = if tie { one_more(&text, |places| format!("{a:.places$e}")) } else { half_to_even(text, a) };
        Digits::shortest(&text, v.is_sign_negative())
    }

    /// From digits with a decimal point at a fixed place (`ddd.ddd`).
    fn fixed(text: &str, negative: bool) -> Digits {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let all: Vec<u8> = whole.bytes().chain(fraction.bytes()).filter(u8::is_ascii_digit).collect();
        let zeros = all.iter().take_while(|b| **b == b'0').count();
        let digits: Vec<u8> = all.into_iter().skip(zeros).collect();
        let scale = if digits.is_empty() { 0 } else { signed(whole.len()).saturating_sub(signed(zeros)) };
        Digits { digits, scale, negative, kind: Kind::Float, shortest: false, round_trip: 17 }
    }

    fn exact(value: f64, single: Option<f32>, significant: usize) -> Digits {
        let places = significant.saturating_sub(1);
        let text = match single {
            Some(v) => format!("{:.places$e}", v.abs()),
            None => format!("{:.places$e}", value.abs()),
        };
        Digits { shortest: false, ..Digits::shortest(&text, value.is_sign_negative()) }
    }

    /// Digits as a standard format wants them; `None` if `value` is no number.
    pub(super) fn for_standard(value: &Value, s: Specifier) -> Result<Option<Digits>> {
        let (v, single, round_trip) = match value {
            Value::Double(v) => (*v, None, 17),
            Value::Single(v) => (f64::from(*v), Some(*v), 9),
            other => return Ok(Digits::for_custom(other)),
        };
        let fixed = |places: usize| match single {
            Some(v) => Digits::fixed(&format!("{:.places$}", v.abs()), v.is_sign_negative()),
            None => Digits::fixed(&format!("{:.places$}", v.abs()), v.is_sign_negative()),
        };
        let digits = match (s.upper(), s.precision) {
            ('C' | 'F' | 'N', p) => fixed(p.unwrap_or(2)),
            ('P', p) => fixed(p.unwrap_or(2).saturating_add(2)),
            ('E', p) => Digits::exact(v, single, p.unwrap_or(6).saturating_add(1)),
            ('G', Some(p)) if p > 0 => Digits::exact(v, single, p),
            ('G' | 'R', _) => match single {
                Some(v) => Digits::shortest_single(v),
                None => Digits::shortest_double(v),
            },
            _ => return Err(bad_specifier()),
        };
        Ok(Some(Digits { round_trip, ..digits }))
    }

    /// Digits as a custom format wants them.
    pub(super) fn for_custom(value: &Value) -> Option<Digits> {
        let integer = |magnitude: u64, negative: bool| {
            let mut digits = magnitude.to_string().into_bytes();
            if magnitude == 0 {
                digits.clear();
            }
            let scale = signed(digits.len());
            Digits { digits, scale, negative, kind: Kind::Integer, shortest: false, round_trip: 17 }
        };
        let signed_integer = |v: i64| integer(v.unsigned_abs(), v < 0);
        Some(match value {
            Value::SByte(v) => signed_integer(i64::from(*v)),
            Value::Int16(v) => signed_integer(i64::from(*v)),
            Value::Int32(v) => signed_integer(i64::from(*v)),
            Value::Int64(v) => signed_integer(*v),
            Value::Byte(v) => integer(u64::from(*v), false),
            Value::UInt16(v) => integer(u64::from(*v), false),
            Value::UInt32(v) => integer(u64::from(*v), false),
            Value::UInt64(v) => integer(*v, false),
            Value::Decimal(v) => {
                let mut digits = v.mantissa().unsigned_abs().to_string().into_bytes();
                if v.is_zero() {
                    digits.clear();
                }
                let scale = signed(digits.len()).saturating_sub(v.scale().cast_signed());
                Digits {
                    digits,
                    scale,
                    negative: v.is_sign_negative(),
                    kind: Kind::Decimal,
                    shortest: false,
                    round_trip: 17,
                }
            }
            Value::Double(v) => Digits::exact(*v, None, CUSTOM_DOUBLE_DIGITS),
            Value::Single(v) => Digits::exact(f64::from(*v), Some(*v), CUSTOM_SINGLE_DIGITS),
            _ => return None,
        })
    }

    pub(super) fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// Keeps `keep` digits. Floats for standard formats were rounded exactly already (`rounded`), others round half away from zero.
    pub(super) fn round(&mut self, keep: i32, rounded: bool) {
        let at = usize::try_from(keep).unwrap_or(0);
        let up = keep >= 0 && !rounded && self.digits.get(at).is_some_and(|d| *d >= b'5');
        self.digits.truncate(at);
        if up {
            while self.digits.last() == Some(&b'9') {
                self.digits.pop();
            }
            match self.digits.last_mut() {
                Some(d) => *d = d.saturating_add(1),
                None => {
                    self.scale = self.scale.saturating_add(1);
                    self.digits.push(b'1');
                }
            }
        } else {
            while self.digits.last() == Some(&b'0') {
                self.digits.pop();
            }
        }
        if self.digits.is_empty() {
            if self.kind != Kind::Float {
                self.negative = false;
            }
            self.scale = 0;
        }
    }
}

/// Shortest digits that lie as near below the float as others above it: .NET takes the even ones, Rust those above.
fn half_to_even(text: String, value: f64) -> String {
    // Fewer digits never lie so: the float itself would have one more, and be told from its neighbours by it.
    const LONG: usize = 16;
    // Zeros after a 5 that leave no doubt that it is the last digit.
    const ZEROS: usize = 40;
    let count = text.bytes().take_while(|b| *b != b'e').filter(u8::is_ascii_digit).count();
    if count < LONG {
        return text;
    }
    let places = count.saturating_add(ZEROS);
    let exact = format!("{value:.places$e}");
    let end = count.saturating_add(1);
    let Some((kept, rest)) = exact.split_at_checked(end) else { return text };
    let Some((rest, exponent)) = rest.split_once('e') else { return text };
    let is_half = rest.strip_prefix('5').is_some_and(|zeros| zeros.bytes().all(|b| b == b'0'));
    let is_even = kept.bytes().next_back().is_some_and(|digit| digit % 2 == 0);
    if is_half && is_even { format!("{kept}e{exponent}") } else { text }
}

/// The number with so many digits more than `scientific` has that it is another one.
fn one_more(scientific: &str, write: impl Fn(usize) -> String) -> String {
    /// Places behind the point that tell any double from all others.
    const ALL: usize = 16;
    let mantissa = |text: &str| text.split('e').next().unwrap_or_default().to_owned();
    let digits = mantissa(scientific).bytes().filter(u8::is_ascii_digit).count();
    (digits..ALL).map(&write).find(|longer| !mantissa(longer).ends_with('0')).unwrap_or_else(|| write(ALL.max(digits)))
}

/// Lengths here are far below `i32::MAX`.
pub(super) fn signed(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}
