//! Arithmetic of `System.Decimal`: .NET's scales, rounding and overflow over the 96-bit decimals of `rust_decimal`.
use rust_decimal::Decimal;

use crate::exception::{Exception, Result};
use crate::number::parse;

const OVERFLOW: &str = "Value was either too large or too small for a Decimal.";
/// Digits of a double that survive a conversion.
const DOUBLE_DIGITS: usize = 15;
/// Digits of a float that survive a conversion.
const SINGLE_DIGITS: usize = 7;
const TWO_TO_64: f64 = 18_446_744_073_709_551_616.0;

fn checked(value: Option<Decimal>) -> Result<Decimal> {
    value.map(unsigned_zero).ok_or_else(|| Exception::overflow_message(OVERFLOW))
}

fn unsigned_zero(value: Decimal) -> Decimal {
    if value.is_zero() { value.abs() } else { value }
}

/// `a + b`: the larger scale.
pub fn add(a: Decimal, b: Decimal) -> Result<Decimal> {
    let mut sum = checked(a.checked_add(b))?;
    keep_scale(&mut sum, a.scale().max(b.scale()));
    Ok(sum)
}

/// `a - b`: the larger scale.
pub fn subtract(a: Decimal, b: Decimal) -> Result<Decimal> {
    add(a, -b)
}

/// `a * b`: the sum of the scales, as far as they fit.
pub fn multiply(a: Decimal, b: Decimal) -> Result<Decimal> {
    let mut product = checked(a.checked_mul(b))?;
    if product.is_zero() {
        // .NET multiplies 32-bit mantissas apart; only there does a zero keep the scale of its factors.
        let small = |d: Decimal| d.mantissa().unsigned_abs() <= u128::from(u32::MAX);
        let scale = if small(a) && small(b) { a.scale().saturating_add(b.scale()).min(28) } else { 0 };
        product = Decimal::ZERO;
        keep_scale(&mut product, scale);
    }
    Ok(product)
}

/// `a / b`: exact quotients keep the difference of the scales, others fill 28 digits and lose zeros at their end.
pub fn divide(a: Decimal, b: Decimal) -> Result<Decimal> {
    if b.is_zero() {
        return Err(Exception::divide_by_zero());
    }
    let mut quotient = checked(a.checked_div(b))?.normalize();
    if is_exact(a, b, quotient) {
        keep_scale(&mut quotient, a.scale().saturating_sub(b.scale()));
    }
    Ok(quotient)
}

/// Is `quotient`, which is right to 28 digits, all of `a / b`?
fn is_exact(a: Decimal, b: Decimal, quotient: Decimal) -> bool {
    let mut product = quotient.mantissa().unsigned_abs().wrapping_mul(b.mantissa().unsigned_abs());
    let mut whole = a.mantissa().unsigned_abs();
    // Both sides in the smaller unit. The error of the quotient makes a difference far below 2^128: what is equal modulo that is equal.
    let unit = |scales: u32| 10_u128.wrapping_pow(scales);
    match quotient.scale().saturating_add(b.scale()).checked_sub(a.scale()) {
        Some(finer) => whole = whole.wrapping_mul(unit(finer)),
        None => {
            let coarser = a.scale().saturating_sub(quotient.scale().saturating_add(b.scale()));
            product = product.wrapping_mul(unit(coarser));
        }
    }
    product == whole
}

/// `a % b`: sign of `a`, the larger scale; an `a` that is its own remainder stays as it is.
pub fn remainder(a: Decimal, b: Decimal) -> Result<Decimal> {
    if b.is_zero() {
        return Err(Exception::divide_by_zero());
    }
    if a.is_zero() || a.abs() < b.abs() {
        return Ok(a);
    }
    let mut rest = checked(a.checked_rem(b))?;
    keep_scale(&mut rest, a.scale().max(b.scale()));
    Ok(rest)
}

/// Adds zeros up to `scale` where they fit; never removes digits.
fn keep_scale(value: &mut Decimal, scale: u32) {
    if value.scale() < scale {
        let before = *value;
        value.rescale(scale);
        if *value != before {
            *value = before;
        }
    }
}

/// `(decimal)double`: fifteen significant digits.
pub fn from_f64(v: f64) -> Result<Decimal> {
    significant(&format!("{:.*e}", DOUBLE_DIGITS.saturating_sub(1), v), v.is_finite())
}

/// `(decimal)float`: seven significant digits.
pub fn from_f32(v: f32) -> Result<Decimal> {
    significant(&format!("{:.*e}", SINGLE_DIGITS.saturating_sub(1), v), v.is_finite())
}

fn significant(scientific: &str, is_finite: bool) -> Result<Decimal> {
    let overflow = || Exception::overflow_message(OVERFLOW);
    let (mantissa, exponent) = scientific.split_once('e').filter(|_| is_finite).ok_or_else(overflow)?;
    let digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
    if digits.iter().all(|d| *d == b'0') {
        return Ok(Decimal::ZERO);
    }
    let exponent: i32 = exponent.parse().map_err(|_| overflow())?;
    let value =
        parse::decimal_of(&digits, exponent.saturating_add(1), mantissa.starts_with('-')).ok_or_else(overflow)?;
    Ok(unsigned_zero(value.normalize()))
}

/// `(double)decimal`.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "this is how .NET converts, rounding included"
)]
pub fn to_f64(v: Decimal) -> f64 {
    let m = v.mantissa().unsigned_abs();
    let (low, high) = (m as u64, (m >> 64) as u64);
    let magnitude = (low as f64 + high as f64 * TWO_TO_64) / 10_f64.powi(v.scale().cast_signed());
    if v.is_sign_negative() { -magnitude } else { magnitude }
}

/// `(float)decimal`.
#[expect(clippy::cast_possible_truncation, reason = "this is how .NET converts")]
pub fn to_f32(v: Decimal) -> f32 {
    to_f64(v) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        parse::decimal(text, parse::style::FLOAT).unwrap()
    }

    /// Answers of .NET.
    #[test]
    fn arithmetic_keeps_net_scales() {
        let cases: &[(&str, char, &str, &str)] = &[
            ("1.10", '*', "2.0", "2.200"),
            ("10.00", '/', "2", "5.00"),
            ("1", '/', "3", "0.3333333333333333333333333333"),
            ("2", '/', "3", "0.6666666666666666666666666667"),
            ("1.0", '/', "4", "0.25"),
            ("100", '/', "8", "12.5"),
            ("10", '/', "4.00", "2.5"),
            ("0.00", '*', "5.00", "0.0000"),
            ("7.50", '%', "2", "1.50"),
            ("7", '%', "2.00", "1.00"),
            ("1.0", '+', "2.00", "3.00"),
            ("0.1", '*', "0.0000000000000000000000000001", "0.0000000000000000000000000000"),
            ("79228162514264337593543950335", '*', "1.00", "79228162514264337593543950335"),
            ("79228162514264337593543950335", '/', "10", "7922816251426433759354395033.5"),
            ("2.5", '-', "2.50", "0.00"),
            ("0.0", '/', "5", "0.0"),
            ("6.0", '/', "3.0", "2"),
            ("6.00", '/', "3", "2.00"),
            ("5", '/', "0.5", "10"),
            ("1", '/', "7", "0.1428571428571428571428571429"),
        ];
        for (a, op, b, want) in cases {
            let (x, y) = (d(a), d(b));
            let got = match op {
                '*' => multiply(x, y),
                '/' => divide(x, y),
                '%' => remainder(x, y),
                '-' => subtract(x, y),
                _ => add(x, y),
            };
            assert_eq!(got.unwrap().to_string(), *want, "{a} {op} {b}");
        }
        assert_eq!(
            multiply(d("12345678901234567890"), d("12345678901")).unwrap_err().type_id().0,
            "System.OverflowException"
        );
        assert_eq!(divide(Decimal::ONE, Decimal::ZERO).unwrap_err().type_id().0, "System.DivideByZeroException");
    }

    #[test]
    fn doubles_keep_fifteen_digits() {
        let cases = [
            (0.1, "0.1"),
            (1.234_567_890_123_456_7, "1.23456789012346"),
            (1e28, "10000000000000000000000000000"),
            (1e-10, "0.0000000001"),
            (123_456_789_012_345_678.0, "123456789012346000"),
            (100.0, "100"),
        ];
        for (v, want) in cases {
            assert_eq!(from_f64(v).unwrap().to_string(), want);
        }
        assert!(from_f64(1e30).is_err());
    }
}
