//! Numbers from text, by `NumberStyles`. One scanner reads all kinds into digits, as .NET's own parser does.
use rust_decimal::Decimal;

use crate::exception::Exception;

/// `NumberStyles`.
pub(crate) mod style {
    pub(crate) const LEADING_WHITE: i32 = 1;
    pub(crate) const TRAILING_WHITE: i32 = 2;
    pub(crate) const LEADING_SIGN: i32 = 4;
    pub(crate) const TRAILING_SIGN: i32 = 8;
    pub(crate) const PARENTHESES: i32 = 16;
    pub(crate) const DECIMAL_POINT: i32 = 32;
    pub(crate) const THOUSANDS: i32 = 64;
    pub(crate) const EXPONENT: i32 = 128;
    pub(crate) const CURRENCY_SYMBOL: i32 = 256;
    pub(crate) const HEX: i32 = 512;
    pub(crate) const INTEGER: i32 = 7;
    pub(crate) const NUMBER: i32 = 111;
    pub(crate) const FLOAT: i32 = 167;
    pub(crate) const HEX_NUMBER: i32 = 515;
}

const EXPONENT_LIMIT: i32 = 9999;
/// Digits that a decimal can use, and a few for rounding.
const MAX_DECIMAL_SCALE: i32 = 28;
const MAX_DECIMAL_MANTISSA: u128 = (1 << 96) - 1;
const CURRENCY: char = '¤';

/// Why a text is no number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    Format,
    Overflow,
}

impl Fault {
    /// The exception of `Parse`; `target` is such as `an Int32`.
    pub(crate) fn exception(self, target: &str) -> Exception {
        match self {
            Fault::Format => Exception::format("Input string was not in a correct format."),
            Fault::Overflow => {
                Exception::overflow_message(format!("Value was either too large or too small for {target}."))
            }
        }
    }
}

/// Digits as they stand in a text: `0.ddd * 10^scale`.
struct Scanned {
    digits: Vec<u8>,
    scale: i32,
    negative: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Integer,
    Decimal,
    Float,
}

struct Scanner<'a> {
    rest: std::str::Chars<'a>,
    style: i32,
    negative: bool,
    signed: bool,
    open: bool,
    currency_seen: bool,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    fn has(&self, flag: i32) -> bool {
        self.style & flag != 0
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        if found {
            self.rest.next();
        }
        found
    }

    fn eat_sign(&mut self, flag: i32) -> bool {
        if !self.has(flag) || self.signed {
            return false;
        }
        let minus = self.eat('-');
        self.signed = minus || self.eat('+');
        self.negative |= minus;
        self.signed
    }

    fn eat_currency(&mut self) -> bool {
        let found = self.has(style::CURRENCY_SYMBOL) && !self.currency_seen && self.eat(CURRENCY);
        self.currency_seen |= found;
        found
    }

    fn leading(&mut self) {
        loop {
            let sign_blocks = self.signed && !self.currency_seen;
            if self.has(style::LEADING_WHITE) && !sign_blocks && self.peek().is_some_and(is_white) {
                self.rest.next();
            } else if self.eat_sign(style::LEADING_SIGN) || self.eat_currency() {
            } else if self.has(style::PARENTHESES) && !self.signed && self.eat('(') {
                (self.signed, self.open, self.negative) = (true, true, true);
            } else {
                return;
            }
        }
    }

    fn trailing(&mut self) {
        loop {
            if self.has(style::TRAILING_WHITE) && self.peek().is_some_and(is_white) {
                self.rest.next();
            } else if self.eat_sign(style::TRAILING_SIGN) || self.eat_currency() {
            } else if self.open && self.eat(')') {
                self.open = false;
            } else {
                return;
            }
        }
    }

    fn exponent(&mut self) -> i32 {
        let before = self.rest.clone();
        if !self.has(style::EXPONENT) || !(self.eat('E') || self.eat('e')) {
            return 0;
        }
        let negative = self.eat('-');
        if !negative {
            self.eat('+');
        }
        let (mut e, mut any) = (0_i32, false);
        while let Some(d) = self.peek().and_then(|c| c.to_digit(10)) {
            any = true;
            e = e.saturating_mul(10).saturating_add(d.cast_signed()).min(EXPONENT_LIMIT);
            self.rest.next();
        }
        if !any {
            self.rest = before;
            return 0;
        }
        if negative { -e } else { e }
    }
}

fn is_white(c: char) -> bool {
    c == ' ' || ('\t'..='\r').contains(&c)
}

fn scan(text: &str, style: i32, kind: Kind) -> Option<Scanned> {
    let mut s =
        Scanner { rest: text.chars(), style, negative: false, signed: false, open: false, currency_seen: false };
    s.leading();
    let (mut digits, mut scale, mut any, mut point) = (Vec::new(), 0_i32, false, false);
    loop {
        match s.peek() {
            Some(c) if c.is_ascii_digit() => {
                any = true;
                if c != '0' || !digits.is_empty() {
                    digits.push(u8::try_from(c).unwrap_or(b'0'));
                    scale = scale.saturating_add(i32::from(!point));
                } else if point {
                    scale = scale.saturating_sub(1);
                }
            }
            Some('.') if s.has(style::DECIMAL_POINT) && !point => point = true,
            Some(',') if s.has(style::THOUSANDS) && any && !point => {}
            _ => break,
        }
        s.rest.next();
    }
    if !any {
        return None;
    }
    scale = scale.saturating_add(s.exponent());
    s.trailing();
    if s.open || s.rest.any(|c| c != '\0') {
        return None;
    }
    if kind == Kind::Integer {
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
    }
    if digits.is_empty() && kind != Kind::Decimal {
        scale = 0;
        s.negative &= kind == Kind::Float || point;
    }
    Some(Scanned { digits, scale, negative: s.negative })
}

/// An integer between `min` and `max`.
pub(crate) fn integer(text: &str, style: i32, min: i128, max: i128) -> Result<i128, Fault> {
    if style & style::HEX != 0 {
        return hexadecimal(text, style, min, max);
    }
    let s = scan(text, style, Kind::Integer).ok_or(Fault::Format)?;
    let length = i32::try_from(s.digits.len()).unwrap_or(i32::MAX);
    if s.scale > 20 || s.scale < length {
        return Err(Fault::Overflow);
    }
    let padding = (length..s.scale).map(|_| b'0');
    let magnitude = s.digits.iter().copied().chain(padding).fold(0_i128, |n, d| n * 10 + i128::from(d - b'0'));
    let n = if s.negative { -magnitude } else { magnitude };
    if (min..=max).contains(&n) { Ok(n) } else { Err(Fault::Overflow) }
}

fn hexadecimal(text: &str, style: i32, min: i128, max: i128) -> Result<i128, Fault> {
    let mut text = text.trim_end_matches('\0');
    if style & style::LEADING_WHITE != 0 {
        text = text.trim_start_matches(is_white);
    }
    if style & style::TRAILING_WHITE != 0 {
        text = text.trim_end_matches(is_white);
    }
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Fault::Format);
    }
    let significant = text.trim_start_matches('0');
    let n =
        if significant.is_empty() { 0 } else { u64::from_str_radix(significant, 16).map_err(|_| Fault::Overflow)? };
    let width = max - min + 1;
    let n = i128::from(n);
    if n >= width {
        return Err(Fault::Overflow);
    }
    Ok(if n > max { n - width } else { n })
}

/// `double.Parse`; `f` reads plain digits with exponent, so that floats round once.
pub(crate) fn float<F: std::str::FromStr + std::ops::Neg<Output = F>>(
    text: &str,
    style: i32,
    special: fn(f64) -> F,
) -> Option<F> {
    let Some(s) = scan(text, style, Kind::Float) else {
        let word = text.trim_matches(is_white);
        let is = |name: &str| word.eq_ignore_ascii_case(name);
        return if is("Infinity") || is("+Infinity") {
            Some(special(f64::INFINITY))
        } else if is("-Infinity") {
            Some(special(f64::NEG_INFINITY))
        } else if is("NaN") || is("-NaN") || is("+NaN") {
            Some(special(f64::NAN))
        } else {
            None
        };
    };
    let digits = String::from_utf8(s.digits).ok()?;
    let plain = if digits.is_empty() { "0".to_owned() } else { format!("0.{digits}e{}", s.scale) };
    let v: F = plain.parse().ok()?;
    Some(if s.negative { -v } else { v })
}

/// `decimal.Parse`: keeps the zeros that stand in the text; rounds half to even past 28 decimals.
pub(crate) fn decimal(text: &str, style: i32) -> Result<Decimal, Fault> {
    let s = scan(text, style, Kind::Decimal).ok_or(Fault::Format)?;
    decimal_of(&s.digits, s.scale, s.negative).ok_or(Fault::Overflow)
}

/// A decimal from digits; `None` if it is too large.
pub(crate) fn decimal_of(digits: &[u8], scale: i32, negative: bool) -> Option<Decimal> {
    let (mut mantissa, mut left) = (0_u128, scale);
    let mut rest = digits.iter().copied();
    if digits.is_empty() {
        let places = u32::try_from(scale.min(0).saturating_neg().min(MAX_DECIMAL_SCALE)).ok()?;
        let mut zero = Decimal::new(0, places);
        zero.set_sign_negative(negative);
        return Some(zero);
    }
    if scale > MAX_DECIMAL_SCALE + 1 {
        return None;
    }
    // `left` counts whole digits still to come; below zero it is the scale of the result.
    let mut kept = rest.clone();
    loop {
        if left <= -MAX_DECIMAL_SCALE {
            break;
        }
        let next = match kept.next() {
            Some(d) => u128::from(d - b'0'),
            None if left > 0 => 0,
            None => break,
        };
        let grown = mantissa * 10 + next;
        if grown > MAX_DECIMAL_MANTISSA {
            if left > 0 {
                return None;
            }
            break;
        }
        // A position before the first digit (0.000ddd) is a zero, not a digit.
        mantissa = grown;
        left -= 1;
        rest = kept.clone();
    }
    let mut places = left.min(0).saturating_neg();
    if left < -MAX_DECIMAL_SCALE {
        // Everything lies below the smallest step.
        let tiny = left < -MAX_DECIMAL_SCALE - 1 || scale < -MAX_DECIMAL_SCALE;
        if tiny {
            let mut zero = Decimal::new(0, 28);
            zero.set_sign_negative(negative);
            return Some(zero);
        }
        places = MAX_DECIMAL_SCALE;
    }
    if let Some(next) = rest.next() {
        let sticky = rest.any(|d| d != b'0');
        if next > b'5' || (next == b'5' && (sticky || mantissa & 1 == 1)) {
            mantissa += 1;
            if mantissa > MAX_DECIMAL_MANTISSA {
                if places == 0 {
                    return None;
                }
                mantissa = (mantissa + 5) / 10;
                places -= 1;
            }
        }
    }
    let mut value =
        Decimal::try_from_i128_with_scale(i128::try_from(mantissa).ok()?, u32::try_from(places).ok()?).ok()?;
    value.set_sign_negative(negative);
    Some(value)
}
