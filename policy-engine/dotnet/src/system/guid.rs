//! `System.Guid`.
use super::arg;
use super::integers::{compare_objects, equals, to_string};
use crate::collections::array;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::types::ids;
use crate::value::{Str, Value};

/// `Guid.ToString(format)`: `N D B P X`.
pub(crate) fn format(bytes: &[u8; 16], format: &str) -> Result<Str> {
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    let dashed = || format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32));
    Ok(match format {
        "" | "D" | "d" => dashed().into(),
        "N" | "n" => hex.clone().into(),
        "B" | "b" => format!("{{{}}}", dashed()).into(),
        "P" | "p" => format!("({})", dashed()).into(),
        "X" | "x" => {
            let rest: Vec<String> = bytes.iter().skip(8).map(|b| format!("0x{b:02x}")).collect();
            format!("{{0x{},0x{},0x{},{{{}}}}}", part(0, 8), part(8, 12), part(12, 16), rest.join(",")).into()
        }
        _ => {
            return Err(Exception::format(
                "Format String can be only \"D\", \"d\", \"N\", \"n\", \"P\", \"p\", \"B\", \"b\", \"X\" or \"x\".",
            ));
        }
    })
}

/// Adds the type.
pub(crate) fn define(b: &mut Builder) {
    b.structure(ids::GUID)
        .implements(&["IComparable", "IFormattable", "IComparable<Guid>", "IEquatable<Guid>"])
        .pure("static Guid Empty", |_| Ok(Value::Guid([0; 16])))
        .def("static Guid NewGuid()", new_guid)
        .pure("new()", |_| Ok(Value::Guid([0; 16])))
        .pure("new(string g)", |c| read(c, "g"))
        .def("new(byte[] b)", from_bytes)
        .pure(
            "new(int a, short b, short c, byte d, byte e, byte f, byte g, byte h, byte i, byte j, byte k)",
            from_parts,
        )
        .pure(
            "new(uint a, ushort b, ushort c, byte d, byte e, byte f, byte g, byte h, byte i, byte j, byte k)",
            from_parts,
        )
        .def("new(int a, short b, short c, byte[] d)", |c| {
            if c.arg(3).is_null() {
                return Err(Exception::argument_null("d"));
            }
            let rest = array::bytes(c.arg(3)).filter(|b| b.len() == 8);
            let rest =
                rest.ok_or_else(|| Exception::argument("Byte array for GUID must be exactly 8 bytes long.", "d"))?;
            Ok(Value::Guid(fields(c, rest.into_iter())))
        })
        .pure("static Guid Parse(string input)", |c| read(c, "input"))
        .pure("static Guid ParseExact(string input, string format)", |c| {
            let (text, form) = (c.str_arg(0, "input")?, c.str_arg(1, "format")?);
            parse_exact(&text, &form).map(Value::Guid).ok_or_else(bad)
        })
        .def("static bool TryParse(string input, out Guid result)", |c| {
            let found = c.arg(0).as_str().and_then(parse);
            c.set(1, Value::Guid(found.unwrap_or_default()));
            Ok(Value::Bool(found.is_some()))
        })
        .def("static bool TryParseExact(string input, string format, out Guid result)", |c| {
            let found = c.arg(0).as_str().zip(c.arg(1).as_str()).and_then(|(t, f)| parse_exact(t, f));
            c.set(2, Value::Guid(found.unwrap_or_default()));
            Ok(Value::Bool(found.is_some()))
        })
        .def("byte[] ToByteArray()", |c| Ok(array::from_bytes(memory_order(arg::guid(c, 0)?))))
        .pure("string ToString()", to_string)
        .pure("string ToString(string format)", to_string)
        .pure("string ToString(string format, IFormatProvider provider)", to_string)
        .pure("bool Equals(Guid g)", equals)
        .pure("bool Equals(object o)", equals)
        .pure("int GetHashCode()", |c| Ok(Value::Int32(object::hash_code(c.arg(0)))))
        .pure("int CompareTo(Guid value)", |c| compare_objects(c, "GUID"))
        .pure("int CompareTo(object value)", |c| compare_objects(c, "GUID"))
        .pure("static bool operator ==(Guid a, Guid b)", |c| Ok(Value::Bool(arg::guid(c, 0)? == arg::guid(c, 1)?)))
        .pure("static bool operator !=(Guid a, Guid b)", |c| Ok(Value::Bool(arg::guid(c, 0)? != arg::guid(c, 1)?)));
}

/// The first three fields are little-endian in memory; the way there is also the way back.
fn memory_order(b: [u8; 16]) -> [u8; 16] {
    let [a0, a1, a2, a3, b0, b1, c0, c1, d, e, f, g, h, i, j, k] = b;
    [a3, a2, a1, a0, b1, b0, c1, c0, d, e, f, g, h, i, j, k]
}

/// Version 4.
fn new_guid(c: &mut Call<'_>) -> Result<Value> {
    let (high, low) = (c.cx.random_u64(), c.cx.random_u64());
    let bits = (u128::from(high) << 64 | u128::from(low)) & !(0xf000_u128 << 64) & !(0xc000_u128 << 48);
    Ok(Value::Guid((bits | 0x4000_u128 << 64 | 0x8000_u128 << 48).to_be_bytes()))
}

fn from_bytes(c: &mut Call<'_>) -> Result<Value> {
    if c.arg(0).is_null() {
        return Err(Exception::argument_null("b"));
    }
    let bytes = array::bytes(c.arg(0)).and_then(|b| <[u8; 16]>::try_from(b).ok());
    bytes
        .map(|b| Value::Guid(memory_order(b)))
        .ok_or_else(|| Exception::argument("Byte array for GUID must be exactly 16 bytes long.", "b"))
}

fn from_parts(c: &mut Call<'_>) -> Result<Value> {
    let rest: Vec<u8> = (3..11).map(|n| if let Value::Byte(b) = c.arg(n) { *b } else { 0 }).collect();
    Ok(Value::Guid(fields(c, rest.into_iter())))
}

/// The first three arguments in the order that they are written in, then the rest.
fn fields(c: &Call<'_>, rest: impl Iterator<Item = u8>) -> [u8; 16] {
    let whole = |n: usize| match c.arg(n) {
        Value::Int32(v) => v.to_be_bytes().to_vec(),
        Value::UInt32(v) => v.to_be_bytes().to_vec(),
        Value::Int16(v) => v.to_be_bytes().to_vec(),
        Value::UInt16(v) => v.to_be_bytes().to_vec(),
        _ => Vec::new(),
    };
    let mut bytes = [0; 16];
    let all = (0..3).flat_map(whole).chain(rest);
    for (slot, byte) in bytes.iter_mut().zip(all) {
        *slot = byte;
    }
    bytes
}

fn bad() -> Exception {
    Exception::format("Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx).")
}

fn read(c: &Call<'_>, parameter: &str) -> Result<Value> {
    let text = c.str_arg(0, parameter)?;
    parse(&text).map(Value::Guid).ok_or_else(bad)
}

/// Any of the five forms, white space around.
pub(crate) fn parse(text: &str) -> Option<[u8; 16]> {
    let text = text.trim();
    ["D", "N", "B", "P", "X"].iter().find_map(|form| parse_exact(text, form))
}

fn parse_exact(text: &str, form: &str) -> Option<[u8; 16]> {
    let text = text.trim();
    match form {
        "D" | "d" => dashed(text),
        "N" | "n" => hex(text),
        "B" | "b" => dashed(text.strip_prefix('{')?.strip_suffix('}')?),
        "P" | "p" => dashed(text.strip_prefix('(')?.strip_suffix(')')?),
        "X" | "x" => hexadecimal(text),
        _ => None,
    }
}

fn hex(digits: &str) -> Option<[u8; 16]> {
    let is_hex = digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    is_hex.then(|| u128::from_str_radix(digits, 16).ok()).flatten().map(u128::to_be_bytes)
}

fn dashed(text: &str) -> Option<[u8; 16]> {
    let groups: Vec<&str> = text.split('-').collect();
    let [a, b, c, d, last] = groups.as_slice() else { return None };
    // .NET reads the last group as two numbers.
    let (e, f) = last.split_at_checked(4)?;
    let mut digits = String::with_capacity(32);
    for (group, width) in [(a, 8), (b, 4), (c, 4), (d, 4), (&e, 4), (&f, 8)] {
        digits.push_str(&number(group, width)?);
    }
    hex(&digits)
}

/// A number of so many characters, among which may be a plus and a `0x`, as its digits.
fn number(text: &str, width: usize) -> Option<String> {
    if text.len() != width {
        return None;
    }
    let digits = text.strip_prefix('+').unwrap_or(text);
    let digits = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")).unwrap_or(digits);
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit())).then(|| format!("{digits:0>width$}"))
}

/// `{0x00000000,0x0000,0x0000,{0x00,0x00,0x00,0x00,0x00,0x00,0x00,0x00}}`
fn hexadecimal(text: &str) -> Option<[u8; 16]> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let inner = text.strip_prefix('{')?.strip_suffix("}}")?;
    let parts: Vec<&str> = inner.split(',').collect();
    let widths = [8, 4, 4, 2, 2, 2, 2, 2, 2, 2, 2];
    if parts.len() != widths.len() {
        return None;
    }
    let mut digits = String::new();
    for (i, (part, width)) in parts.iter().zip(widths).enumerate() {
        let part = if i == 3 { part.strip_prefix('{')? } else { part };
        let number = part.strip_prefix("0x").or_else(|| part.strip_prefix("0X"))?;
        let n = u32::from_str_radix(number, 16).ok()?;
        let written = format!("{n:0width$x}");
        if written.len() > width {
            return None;
        }
        digits.push_str(&written);
    }
    hex(&digits)
}
