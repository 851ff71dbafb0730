//! Standard numeric formats: `C D E F G N P R X` with precision, invariant culture.
use super::digits::{Digits, Kind, signed};
use super::{Specifier, bad_specifier};
use crate::exception::Result;
use crate::value::Value;

const GROUP: usize = 3;
const EXPONENT_DIGITS: usize = 3;
const GENERAL_EXPONENT_DIGITS: usize = 2;

/// The formats that only integers know (`D`, `X`, plain `G`); `None` for all else.
pub(super) fn integer(value: &Value, s: Specifier) -> Result<Option<String>> {
    let (bits, number): (u64, i128) = match value {
        Value::SByte(v) => (u64::from(v.cast_unsigned()), i128::from(*v)),
        Value::Byte(v) => (u64::from(*v), i128::from(*v)),
        Value::Int16(v) => (u64::from(v.cast_unsigned()), i128::from(*v)),
        Value::UInt16(v) => (u64::from(*v), i128::from(*v)),
        Value::Int32(v) => (u64::from(v.cast_unsigned()), i128::from(*v)),
        Value::UInt32(v) => (u64::from(*v), i128::from(*v)),
        Value::Int64(v) => (v.cast_unsigned(), i128::from(*v)),
        Value::UInt64(v) => (*v, i128::from(*v)),
        _ => return Ok(None),
    };
    let width = s.precision.unwrap_or(0);
    Ok(Some(match s.upper() {
        'D' => format!("{}{:0width$}", if number < 0 { "-" } else { "" }, number.unsigned_abs()),
        'G' if width == 0 => number.to_string(),
        'X' if s.letter == 'x' => format!("{bits:0width$x}"),
        'X' => format!("{bits:0width$X}"),
        'R' => return Err(bad_specifier()),
        _ => return Ok(None),
    }))
}

/// All other standard formats.
pub(super) fn format(mut n: Digits, s: Specifier) -> Result<String> {
    let rounded = n.kind == Kind::Float;
    let places = s.precision.unwrap_or(2);
    let mut body = String::new();
    Ok(match s.upper() {
        'C' => {
            round_places(&mut n, places, rounded);
            fixed(&mut body, &n, places, true);
            if n.negative { format!("(¤{body})") } else { format!("¤{body}") }
        }
        'F' | 'N' => {
            round_places(&mut n, places, rounded);
            sign(&mut body, &n);
            fixed(&mut body, &n, places, s.upper() == 'N');
            body
        }
        'P' => {
            n.scale = if n.is_zero() { n.scale } else { n.scale.saturating_add(2) };
            round_places(&mut n, places, rounded);
            sign(&mut body, &n);
            fixed(&mut body, &n, places, true);
            body.push_str(" %");
            body
        }
        'E' => {
            let keep = s.precision.unwrap_or(6).saturating_add(1);
            n.round(signed(keep), rounded);
            sign(&mut body, &n);
            scientific(&mut body, &n, keep, s.exponent_mark());
            body
        }
        'G' => general(n, s, rounded),
        'R' if rounded => general(n, s, rounded),
        _ => return Err(bad_specifier()),
    })
}

/// `G` of a float without precision.
pub(super) fn shortest(n: Digits, round_trip: usize) -> String {
    general(Digits { round_trip, ..n }, Specifier { letter: 'G', precision: None }, true)
}

fn general(mut n: Digits, s: Specifier, rounded: bool) -> String {
    let mut body = String::new();
    if n.kind == Kind::Decimal && s.precision.is_none() {
        // A decimal keeps its trailing zeros, and zero has no sign.
        if n.is_zero() {
            return "0".into();
        }
        sign(&mut body, &n);
        general_digits(&mut body, &n, i32::MAX, s.exponent_mark());
        return body;
    }
    let keep = match s.precision.filter(|p| *p > 0) {
        _ if n.shortest => n.round_trip.max(n.digits.len()),
        Some(p) => p,
        None if n.kind == Kind::Decimal => n.digits.len().max(1),
        None => n.digits.len(),
    };
    n.round(signed(keep), rounded);
    sign(&mut body, &n);
    general_digits(&mut body, &n, signed(keep), s.exponent_mark());
    body
}

fn general_digits(out: &mut String, n: &Digits, limit: i32, mark: char) {
    let is_scientific = limit != i32::MAX && (n.scale > limit || n.scale < -3);
    let whole = if is_scientific { 1 } else { n.scale };
    whole_digits(out, n, whole);
    let used = usize::try_from(whole).unwrap_or(0);
    if n.digits.len() > used {
        out.push('.');
        (whole..0).for_each(|_| out.push('0'));
        out.extend(n.digits.iter().skip(used).map(|d| char::from(*d)));
    }
    if is_scientific {
        exponent(out, n.scale.saturating_sub(1), mark, GENERAL_EXPONENT_DIGITS, true);
    }
}

fn whole_digits(out: &mut String, n: &Digits, whole: i32) {
    if whole <= 0 {
        out.push('0');
    }
    (0..whole).for_each(|i| out.push(digit(n, i)));
}

fn digit(n: &Digits, at: i32) -> char {
    usize::try_from(at).ok().and_then(|at| n.digits.get(at)).map_or('0', |d| char::from(*d))
}

fn round_places(n: &mut Digits, places: usize, rounded: bool) {
    let keep = n.scale.saturating_add(signed(places));
    n.round(keep, rounded);
}

fn sign(out: &mut String, n: &Digits) {
    if n.negative {
        out.push('-');
    }
}

/// `1,234.50`: whole part, grouped if asked for, and exactly `places` decimals.
fn fixed(out: &mut String, n: &Digits, places: usize, grouped: bool) {
    if n.scale <= 0 {
        out.push('0');
    }
    for i in 0..n.scale {
        let left = usize::try_from(n.scale.saturating_sub(i)).unwrap_or(0);
        if grouped && i > 0 && left.is_multiple_of(GROUP) {
            out.push(',');
        }
        out.push(digit(n, i));
    }
    if places > 0 {
        out.push('.');
        (0..signed(places)).for_each(|i| out.push(digit(n, n.scale.saturating_add(i))));
    }
}

fn scientific(out: &mut String, n: &Digits, keep: usize, mark: char) {
    out.push(digit(n, 0));
    if keep > 1 {
        out.push('.');
        (1..signed(keep)).for_each(|i| out.push(digit(n, i)));
    }
    let e = if n.is_zero() { 0 } else { n.scale.saturating_sub(1) };
    exponent(out, e, mark, EXPONENT_DIGITS, true);
}

/// `E+005`
pub(super) fn exponent(out: &mut String, e: i32, mark: char, width: usize, plus: bool) {
    out.push(mark);
    if e < 0 {
        out.push('-');
    } else if plus {
        out.push('+');
    }
    out.push_str(&format!("{:0width$}", e.unsigned_abs()));
}
