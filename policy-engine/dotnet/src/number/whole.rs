//! Whole numbers by the formats that are simple for them, written without anything in between: `000`, `D3`, `X8`, `N2`, `F1`, `G`.
use super::Specifier;
use crate::value::Value;

const GROUP: usize = 3;
/// Digits of the largest `ulong`.
const MAX_DIGITS: usize = 20;

/// A format as whole numbers understand it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    /// At least so many digits: `D3`, and `000` (which is `custom`).
    Decimal { width: usize, custom: bool },
    /// `X8`, of the bits of the type.
    Hexadecimal { width: usize, upper: bool },
    /// So many zeros behind the point: `F1`, and `N2` with commas between the thousands.
    Fixed { places: usize, grouped: bool },
}

/// A whole number: sign and magnitude, and its bits in the width of its type.
#[derive(Clone, Copy)]
pub(crate) struct Whole {
    negative: bool,
    magnitude: u64,
    bits: u64,
}

impl Whole {
    /// `None` for what is no whole number.
    pub(crate) fn of(value: &Value) -> Option<Whole> {
        let signed = |v: i64, bits: u64| Whole { negative: v < 0, magnitude: v.unsigned_abs(), bits };
        let plain = |v: u64| Whole { negative: false, magnitude: v, bits: v };
        Some(match value {
            Value::Int32(v) => signed(i64::from(*v), u64::from(v.cast_unsigned())),
            Value::Int64(v) => signed(*v, v.cast_unsigned()),
            Value::SByte(v) => signed(i64::from(*v), u64::from(v.cast_unsigned())),
            Value::Int16(v) => signed(i64::from(*v), u64::from(v.cast_unsigned())),
            Value::Byte(v) => plain(u64::from(*v)),
            Value::UInt16(v) => plain(u64::from(*v)),
            Value::UInt32(v) => plain(u64::from(*v)),
            Value::UInt64(v) => plain(*v),
            _ => return None,
        })
    }
}

impl Form {
    /// `None` for formats that need the long way.
    pub(crate) fn read(spec: &str) -> Option<Form> {
        if !spec.is_empty() && spec.bytes().all(|b| b == b'0') {
            return Some(Form::Decimal { width: spec.len(), custom: true });
        }
        let s = Specifier::read(spec)?;
        let width = s.precision.unwrap_or(0);
        Some(match s.upper() {
            'D' => Form::Decimal { width, custom: false },
            'G' if width == 0 => Form::Decimal { width, custom: false },
            'X' => Form::Hexadecimal { width, upper: s.letter == 'X' },
            'F' | 'N' => Form::Fixed { places: s.precision.unwrap_or(2), grouped: s.upper() == 'N' },
            _ => return None,
        })
    }

    /// What a text may take beyond the digits of the number; the rest is bounded by the type. Standard formats are bounded too.
    pub(crate) fn width(self) -> usize {
        match self {
            Form::Decimal { width, custom: true } => width,
            _ => 0,
        }
    }

    /// Writes the number.
    pub(crate) fn write(self, n: Whole, out: &mut String) {
        let mut buffer = [0u8; MAX_DIGITS];
        match self {
            Form::Decimal { width, .. } => {
                let digits = digits(&mut buffer, n.magnitude, 10, b'a');
                sign(n, out);
                zeros(width.saturating_sub(digits.len()), out);
                out.push_str(digits);
            }
            Form::Hexadecimal { width, upper } => {
                let digits = digits(&mut buffer, n.bits, 16, if upper { b'A' } else { b'a' });
                zeros(width.saturating_sub(digits.len()), out);
                out.push_str(digits);
            }
            Form::Fixed { places, grouped } => {
                let digits = digits(&mut buffer, n.magnitude, 10, b'a');
                sign(n, out);
                for (left, digit) in (1..=digits.len()).rev().zip(digits.chars()) {
                    out.push(digit);
                    if grouped && left > 1 && left % GROUP == 1 {
                        out.push(',');
                    }
                }
                if places > 0 {
                    out.push('.');
                    zeros(places, out);
                }
            }
        }
    }
}

fn sign(n: Whole, out: &mut String) {
    if n.negative {
        out.push('-');
    }
}

fn zeros(count: usize, out: &mut String) {
    out.extend(std::iter::repeat_n('0', count));
}

/// The digits of a number, at the end of the buffer.
fn digits(buffer: &mut [u8; MAX_DIGITS], mut n: u64, base: u64, ten: u8) -> &str {
    let mut start = MAX_DIGITS;
    for slot in buffer.iter_mut().rev() {
        let digit = u8::try_from(n % base).unwrap_or(0);
        *slot = if digit < 10 { b'0' + digit } else { ten + (digit - 10) };
        start -= 1;
        n /= base;
        if n == 0 {
            break;
        }
    }
    buffer.get(start..).and_then(|d| std::str::from_utf8(d).ok()).unwrap_or_default()
}
