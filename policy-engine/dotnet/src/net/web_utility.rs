//! `System.Net.WebUtility` and `System.Web.HttpUtility`: URL and HTML escapes.
use super::entities::{self, ENTITIES};
use crate::collections::array;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::text::io;
use crate::types::{Type, TypeId};
use crate::utf16;
use crate::value::Value;

/// Bytes that stand for themselves in `UrlEncode`, beside letters and digits.
const URL_SAFE: &[u8] = b"-_.!*()";

/// Adds the classes.
pub(super) fn define(b: &mut Builder) {
    b.static_class(TypeId("System.Net.WebUtility"))
        .pure("static string UrlEncode(string value)", |c| text(c, |s| encoded(s, true)))
        .pure("static string UrlDecode(string encodedValue)", |c| text(c, url_decode))
        .pure("static string HtmlEncode(string value)", |c| text(c, html_encode))
        .pure("static string HtmlDecode(string value)", |c| text(c, html_decode))
        .def("static void HtmlEncode(string value, TextWriter output)", |c| written(c, html_encode))
        .def("static void HtmlDecode(string value, TextWriter output)", |c| written(c, html_decode))
        .def("static byte[] UrlEncodeToBytes(byte[] value, int offset, int count)", |c| {
            part(c).map(|p| p.map_or(Value::Null, |b| array::from_bytes(url_encode(&b, true).into_bytes())))
        })
        .def("static byte[] UrlDecodeToBytes(byte[] encodedValue, int offset, int count)", |c| {
            part(c).map(|p| p.map_or(Value::Null, |b| array::from_bytes(decode_bytes(&b))))
        });
    b.static_class(TypeId("System.Web.HttpUtility"))
        // The older class writes its escapes in lower case.
        .pure("static string UrlEncode(string str)", |c| text(c, |s| encoded(s, false)))
        .pure("static string UrlDecode(string str)", |c| text(c, url_decode_units))
        .pure("static string HtmlEncode(string s)", |c| text(c, html_encode))
        .pure("static string HtmlDecode(string s)", |c| text(c, html_decode))
        .pure("static string HtmlAttributeEncode(string s)", |c| {
            text(c, |s| {
                s.chars().fold(String::new(), |mut out, x| {
                    match x {
                        '"' => out.push_str("&quot;"),
                        '\'' => out.push_str("&#39;"),
                        '&' => out.push_str("&amp;"),
                        '<' => out.push_str("&lt;"),
                        x => out.push(x),
                    }
                    out
                })
            })
        })
        .pure("static string UrlPathEncode(string str)", |c| {
            text(c, |s| {
                let (path, query) = s.find('?').map_or((s, ""), |at| s.split_at(at));
                let escaped: String = utf16::leaving(path)
                    .bytes()
                    .map(|b| if b <= b' ' || b >= 0x7f { format!("%{b:02x}") } else { char::from(b).to_string() })
                    .collect();
                escaped + query
            })
        });
}

/// Applies `f` to a text; null stays null. Escapes grow a text at most sixfold.
fn text(c: &mut Call<'_>, f: fn(&str) -> String) -> Result<Value> {
    let Some(s) = c.str_or_null(0) else { return Ok(Value::Null) };
    c.cx.charge_bytes(s.len().saturating_mul(3))?;
    Ok(Value::str(f(&s)))
}

/// The same into a writer; null writes nothing.
fn written(c: &mut Call<'_>, f: fn(&str) -> String) -> Result<Value> {
    let writer = c.take(1);
    if writer.is_null() {
        return Err(Exception::argument_null("output"));
    }
    if let Some(text) = text(c, f)?.as_str() {
        io::append(c.cx, &writer, text)?;
    }
    Ok(Value::Null)
}

fn part(c: &mut Call<'_>) -> Result<Option<Vec<u8>>> {
    if c.arg(0).is_null() {
        return Ok(None);
    }
    let all = array::bytes(c.arg(0))
        .ok_or_else(|| Exception::invalid_cast(&c.arg(0).net_type(), &Type::array(Type::BYTE)))?;
    let range = usize::try_from(c.int(1)?).ok().zip(usize::try_from(c.int(2)?).ok());
    let found = range.and_then(|(s, l)| all.get(s..s.checked_add(l)?)).map(<[u8]>::to_vec);
    c.cx.charge_bytes(all.len().saturating_mul(3))?;
    found
        .map(Some)
        .ok_or_else(|| Exception::argument_range("Specified argument was out of the range of valid values.", "offset"))
}

fn encoded(text: &str, upper: bool) -> String {
    url_encode(utf16::leaving(text).as_bytes(), upper)
}

pub(super) fn url_encode(bytes: &[u8], upper: bool) -> String {
    let mut out = String::with_capacity(bytes.len());
    for b in bytes {
        match b {
            b' ' => out.push('+'),
            b if b.is_ascii_alphanumeric() || URL_SAFE.contains(b) => out.push(char::from(*b)),
            b if upper => out.push_str(&format!("%{b:02X}")),
            b => out.push_str(&format!("%{b:02x}")),
        }
    }
    out
}

fn decode_bytes(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(b) = bytes.get(at) {
        let escaped = bytes.get(at + 1..at + 3).filter(|_| *b == b'%').and_then(|d| {
            let digit = |b: &u8| char::from(*b).to_digit(16).and_then(|d| u8::try_from(d).ok());
            Some(digit(d.first()?)? << 4 | digit(d.last()?)?)
        });
        match (escaped, b) {
            (Some(v), _) => {
                out.push(v);
                at += 3;
            }
            (None, b'+') => {
                out.push(b' ');
                at += 1;
            }
            (None, b) => {
                out.push(*b);
                at += 1;
            }
        }
    }
    out
}

pub(super) fn url_decode(text: &str) -> String {
    let bytes = decode_bytes(text.as_bytes());
    let decoded = String::from_utf8_lossy(&bytes);
    // Nothing was unescaped: halves of the text itself stay.
    if bytes.len() == text.len() { decoded.into_owned() } else { utf16::arriving(decoded).into_owned() }
}

/// The older class also knows `%uXXXX`, one code unit.
fn url_decode_units(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("%u") {
        let (before, tail) = rest.split_at(at);
        let digits = tail.get(2..6).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        match digits.and_then(|d| u16::from_str_radix(d, 16).ok()) {
            Some(unit) => {
                utf16::push(&mut out, &url_decode(before));
                utf16::push_unit(&mut out, unit);
                rest = tail.get(6..).unwrap_or_default();
            }
            None => {
                utf16::push(&mut out, &url_decode(before));
                out.push_str("%u");
                rest = tail.get(2..).unwrap_or_default();
            }
        }
    }
    utf16::push(&mut out, &url_decode(rest));
    out
}

/// `< > & " '`, Latin-1 letters and characters beyond the basic plane become references.
fn html_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in utf16::leaving(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '&' => out.push_str("&amp;"),
            '\u{a0}'..='\u{ff}' | '\u{10000}'.. => out.push_str(&format!("&#{};", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// Longest entity that is looked for.
const ENTITY_LIMIT: usize = 12;

fn html_decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        let body = tail.strip_prefix('&').unwrap_or(tail);
        let end = body.bytes().take(ENTITY_LIMIT).position(|b| b == b';' || b == b'&');
        let name = end.filter(|e| body.as_bytes().get(*e) == Some(&b';')).and_then(|e| body.get(..e));
        match name.and_then(|name| reference(name).map(|c| (c, name.len()))) {
            Some((c, length)) => {
                utf16::push_char(&mut out, c);
                rest = body.get(length + 1..).unwrap_or_default();
            }
            None => {
                out.push('&');
                rest = body;
            }
        }
    }
    out.push_str(rest);
    out
}

fn reference(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    match name {
        "quot" => Some('"'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "lt" => Some('<'),
        "gt" => Some('>'),
        _ => entities::find(ENTITIES, name),
    }
}
