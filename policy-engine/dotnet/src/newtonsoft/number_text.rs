//! Numbers in JSON text: decimal, hexadecimal and octal integers of any length, fractions.
use super::scalar::{BigInteger, Kind, Scalar};
use crate::value::Value;

/// Longest integer that is read.
pub(super) const MAX_DIGITS: usize = 380;

/// Neither a number nor short enough for a big integer.
pub(super) struct NotRead;

/// Reads the characters of a number.
pub(super) fn read(text: &str) -> std::result::Result<Scalar, NotRead> {
    let integer = |n: i64| Scalar::new(Kind::Integer, Value::Int64(n));
    let bytes = text.as_bytes();
    if bytes.first() == Some(&b'0') && bytes.len() > 1 && !matches!(bytes.get(1), Some(b'.' | b'e' | b'E')) {
        let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
        let read = match hex {
            Some(digits) => u64::from_str_radix(digits, 16),
            None => u64::from_str_radix(text, 8),
        };
        return read.map(|n| integer(n.cast_signed())).map_err(|_| NotRead);
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        if let Ok(n) = text.parse::<i64>() {
            return Ok(integer(n));
        }
        if text.len() > MAX_DIGITS {
            return Err(NotRead);
        }
        let sign = if text.starts_with('-') { "-" } else { "" };
        let text = format!("{sign}{}", digits.trim_start_matches('0'));
        return Ok(Scalar::new(Kind::Integer, Value::object(BigInteger(text.into()))));
    }
    match text.parse::<f64>() {
        Ok(n) if !text.starts_with('+') => Ok(Scalar::new(Kind::Float, Value::Double(n))),
        _ => Err(NotRead),
    }
}
