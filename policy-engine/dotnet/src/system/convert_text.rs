//! The parts of `Convert` about text forms: Base64, hexadecimal, number bases.
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::arg;
use super::convert::{bits, bytes_arg};
use super::integers::Bounds;
use super::string_type::units_of;
use crate::collections::array;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::number::parse::Fault;
use crate::table::Builder;
use crate::types::TypeId;
use crate::value::Value;

const CONVERT: TypeId = TypeId("System.Convert");
const LINE: usize = 76;
const BAD_BASE64: &str = "The input is not a valid Base-64 string as it contains a non-base 64 character, more than two padding characters, or an illegal character among the padding characters.";

/// Adds the members.
pub(super) fn define(b: &mut Builder) {
    b.static_class(CONVERT)
        .def("static string ToBase64String(byte[] inArray)", |c| to_base64(c, None, None))
        .def("static string ToBase64String(byte[] inArray, Base64FormattingOptions options)", |c| {
            to_base64(c, None, Some(1))
        })
        .def("static string ToBase64String(byte[] inArray, int offset, int length)", |c| to_base64(c, Some(1), None))
        .def(
            "static string ToBase64String(byte[] inArray, int offset, int length, Base64FormattingOptions options)",
            |c| to_base64(c, Some(1), Some(3)),
        )
        .def(
            "static int ToBase64CharArray(byte[] inArray, int offsetIn, int length, char[] outArray, int offsetOut)",
            base64_chars,
        )
        .def(
            "static int ToBase64CharArray(byte[] inArray, int offsetIn, int length, char[] outArray, int offsetOut, Base64FormattingOptions options)",
            base64_chars,
        )
        .def("static byte[] FromBase64String(string s)", |c| {
            let text = c.str_arg(0, "s")?;
            c.cx.charge_bytes(text.len())?;
            from_base64(&text).map(array::from_bytes)
        })
        .def("static byte[] FromBase64CharArray(char[] inArray, int offset, int length)", from_base64_chars)
        .def("static string ToHexString(byte[] inArray)", |c| {
            let bytes = bytes_arg(c, 0, "inArray")?;
            c.cx.charge_bytes(bytes.len().saturating_mul(2))?;
            Ok(Value::str(bytes.iter().map(|b| format!("{b:02X}")).collect::<String>()))
        })
        .def("static byte[] FromHexString(string s)", from_hex);
}

fn to_base64(c: &mut Call<'_>, part: Option<usize>, options: Option<usize>) -> Result<Value> {
    let source = c.arg(0).clone();
    if part.is_none()
        && options.is_none()
        && let Some(bytes) = array::array(&source).and_then(array::ArrayObject::bytes)
    {
        c.cx.charge_bytes(bytes.len().saturating_mul(2))?;
        let text = crate::format::collect(|out| {
            STANDARD.encode_string(&*bytes, out);
            Ok(())
        });
        return text.map(Value::Str);
    }
    let mut bytes = bytes_arg(c, 0, "inArray")?;
    if let Some(n) = part {
        let (offset, length) = (c.int(n)?, c.int(n + 1)?);
        let length = usize::try_from(length).map_err(|_| {
            Exception::argument_range(
                "Index was out of range. Must be non-negative and less than the size of the collection.",
                "length",
            )
        })?;
        let offset =
            usize::try_from(offset).map_err(|_| Exception::argument_range("Value must be positive.", "offset"))?;
        bytes =
            offset.checked_add(length).and_then(|end| bytes.get(offset..end)).map(<[u8]>::to_vec).ok_or_else(|| {
                Exception::argument_range("Offset and length must refer to a position in the string.", "offset")
            })?;
    }
    let in_lines = options.map_or(Ok(false), |n| in_lines(c, n))?;
    c.cx.charge_bytes(bytes.len().saturating_mul(2))?;
    Ok(Value::str(encoded(&bytes, in_lines)))
}

/// `Base64FormattingOptions`: one line, or lines of 76.
fn in_lines(c: &Call<'_>, n: usize) -> Result<bool> {
    match arg::number_or(c, n, 0) {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(Exception::argument(&format!("Illegal enum value: {other}."), "options")),
    }
}

fn encoded(bytes: &[u8], in_lines: bool) -> String {
    let text = STANDARD.encode(bytes);
    if !in_lines {
        return text;
    }
    let lines: Vec<&str> =
        text.as_bytes().chunks(LINE).map(|line| std::str::from_utf8(line).unwrap_or_default()).collect();
    lines.join("\r\n")
}

/// `ToBase64CharArray`: how many characters were written.
fn base64_chars(c: &mut Call<'_>) -> Result<Value> {
    let bytes = bytes_arg(c, 0, "inArray")?;
    let target = c.arg(3).clone();
    let target = array::array(&target).ok_or_else(|| Exception::argument_null("outArray"))?;
    let length = usize::try_from(c.int(2)?).map_err(|_| {
        Exception::argument_range(
            "Index was out of range. Must be non-negative and less than the size of the collection.",
            "length",
        )
    })?;
    let positive = |n: usize, name: &str| {
        usize::try_from(c.int(n)?).map_err(|_| Exception::argument_range("Value must be positive.", name))
    };
    let (from, to) = (positive(1, "offsetIn")?, positive(4, "offsetOut")?);
    let in_lines = in_lines(c, 5)?;
    let part = from.checked_add(length).and_then(|end| bytes.get(from..end)).ok_or_else(|| {
        Exception::argument_range("Offset and length must refer to a position in the string.", "offsetIn")
    })?;
    c.cx.charge_bytes(part.len().saturating_mul(2))?;
    let text = encoded(part, in_lines);
    if to.saturating_add(text.len()) > target.len() {
        return Err(Exception::argument_range(
            "Either offset did not refer to a position in the string, or there is an insufficient length of destination character array.",
            "offsetOut",
        ));
    }
    text.bytes().enumerate().for_each(|(n, unit)| target.put(to.saturating_add(n), Value::Char(unit.into())));
    Ok(Value::Int32(super::to_int(text.len())))
}

/// .NET's rules: white space is skipped, padding is required, unused bits are not checked.
pub(crate) fn from_base64(text: &str) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut group, mut count, mut padding) = (0_u32, 0_usize, 0_usize);
    for b in text.bytes().filter(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n')) {
        let six = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                padding += 1;
                if padding > 2 || (count + padding) > 4 || count < 2 {
                    return Err(Exception::format(BAD_BASE64));
                }
                continue;
            }
            _ => return Err(Exception::format(BAD_BASE64)),
        };
        if padding > 0 {
            return Err(Exception::format(BAD_BASE64));
        }
        group = group << 6 | u32::from(six);
        count += 1;
        if count == 4 {
            out.extend(group.to_be_bytes().iter().skip(1));
            (group, count) = (0, 0);
        }
    }
    match (count, padding) {
        (0, 0) => {}
        (2, 2) => out.push(u8::try_from(group >> 4 & 0xff).unwrap_or(0)),
        (3, 1) => {
            let sixteen = group >> 2;
            out.push(u8::try_from(sixteen >> 8 & 0xff).unwrap_or(0));
            out.push(u8::try_from(sixteen & 0xff).unwrap_or(0));
        }
        (_, 0) => return Err(Exception::format(BAD_BASE64)),
        _ => return Err(Exception::format(BAD_BASE64)),
    }
    Ok(out)
}

fn from_base64_chars(c: &mut Call<'_>) -> Result<Value> {
    if c.arg(0).is_null() {
        return Err(Exception::argument_null("inArray"));
    }
    let units = units_of(c.arg(0));
    let range = usize::try_from(c.int(1)?).ok().zip(usize::try_from(c.int(2)?).ok());
    let part = range.and_then(|(s, l)| units.get(s..s.checked_add(l)?)).ok_or_else(|| {
        Exception::argument_range("Offset and length must refer to a position in the string.", "offset")
    })?;
    c.cx.charge_bytes(part.len())?;
    from_base64(&crate::utf16::text(part)).map(array::from_bytes)
}

fn from_hex(c: &mut Call<'_>) -> Result<Value> {
    let text = c.str_arg(0, "s")?;
    if !text.len().is_multiple_of(2) {
        return Err(Exception::format("The input is not a valid hex string as its length is not a multiple of 2."));
    }
    c.cx.charge_bytes(text.len())?;
    let nibble = |b: &u8| char::from(*b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let bytes: Option<Vec<u8>> =
        text.as_bytes().chunks(2).map(|pair| Some(nibble(pair.first()?)? << 4 | nibble(pair.last()?)?)).collect();
    bytes
        .map(array::from_bytes)
        .ok_or_else(|| Exception::format("The input is not a valid hex string as it contains a non-hex character."))
}

fn radix(c: &Call<'_>, n: usize) -> Result<u32> {
    match c.int(n)? {
        base @ (2 | 8 | 10 | 16) => Ok(base.unsigned_abs()),
        _ => Err(Exception::argument_message("Invalid Base.")),
    }
}

/// `Convert.ToInt32(text, base)`; null gives zero.
pub(super) fn from_base<T: Bounds>(c: &Call<'_>, target: &str) -> Result<T> {
    let base = radix(c, 1)?;
    let zero = || T::try_from(0).map_err(|_| Fault::Overflow.exception(target));
    let Some(text) = c.str_or_null(0) else { return zero() };
    if text.is_empty() {
        return Err(Exception::argument_range(
            "Index was out of range. Must be non-negative and less than the size of the collection.",
            "startIndex",
        ));
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(_) if base != 10 => {
            return Err(Exception::argument_message("String cannot contain a minus sign if the base is not 10."));
        }
        Some(_) if T::LOW == 0 => {
            return Err(Exception::overflow_message(
                "The string was being parsed as an unsigned number and could not have a negative sign.",
            ));
        }
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    let digits = if base == 16 {
        digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")).unwrap_or(digits)
    } else {
        digits
    };
    if !digits.starts_with(|d: char| d.is_digit(base)) {
        return Err(Exception::format("Could not find any recognizable digits."));
    }
    if !digits.chars().all(|d| d.is_digit(base)) {
        return Err(Exception::format("Additional non-parsable characters are at the end of the string."));
    }
    let overflow = || Fault::Overflow.exception(target);
    let significant = digits.trim_start_matches('0');
    let magnitude =
        if significant.is_empty() { 0 } else { i128::from_str_radix(significant, base).map_err(|_| overflow())? };
    // Without a sign, all bits of the type may be given.
    let width = T::HIGH - T::LOW + 1;
    let n = match (negative, base) {
        (true, _) => -magnitude,
        (false, 10) => magnitude,
        (false, _) if magnitude > T::HIGH && magnitude < width => magnitude - width,
        _ => magnitude,
    };
    T::try_from(n).map_err(|_| overflow())
}

/// `Convert.ToString(number, base)`
pub(super) fn to_base(c: &mut Call<'_>) -> Result<Value> {
    let base = radix(c, 1)?;
    let n = bits(c, 0);
    Ok(Value::str(match base {
        2 => format!("{n:b}"),
        8 => format!("{n:o}"),
        16 => format!("{n:x}"),
        _ => {
            let value = c.take(0);
            return crate::object::text(c.cx, &value).map(Value::Str);
        }
    }))
}
