//! `System.Uri`.
use std::any::Any;

use super::arg;
use super::uri_text::{self, Absolute};
use crate::ambient::Ambient;
use crate::collections::array;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::table::{Builder, TypeBuilder};
use crate::types::{Type, TypeId};
use crate::utf16;
use crate::value::{Object, Str, Value};

const ID: TypeId = TypeId("System.Uri");
const RELATIVE_ONLY: &str =
    "A relative URI cannot be created because the 'uriString' parameter represents an absolute URI.";
const NOT_FOR_RELATIVE: &str = "This operation is not supported for a relative URI.";
const ABSOLUTE: i32 = 1;
const RELATIVE_OR_ABSOLUTE: i32 = 0;
const RELATIVE: i32 = 2;
const ESCAPE_LIMIT: usize = 65_520;

/// A URI; relative ones have no parts.
#[derive(Clone)]
pub(crate) struct Uri {
    original: Str,
    pub(super) parts: Option<Absolute>,
}

impl Object for Uri {
    fn net_type(&self) -> Type {
        Type::Simple(ID)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, _: &mut dyn Ambient) -> Result<Str> {
        Ok(self.display())
    }
    fn equals(&self, other: &Value) -> bool {
        let Some(other) = other.as_object::<Uri>() else { return false };
        match (&self.parts, &other.parts) {
            // The fragment takes no part.
            (Some(a), Some(b)) => {
                Absolute { fragment: String::new(), ..a.clone() } == Absolute { fragment: String::new(), ..b.clone() }
            }
            (None, None) => self.original == other.original,
            _ => false,
        }
    }
    fn hash_code(&self) -> i32 {
        match &self.parts {
            Some(p) => object::text_hash(format!("{}{}{}", p.origin(), p.path, p.query).bytes()),
            None => object::text_hash(self.original.bytes()),
        }
    }
}

impl Uri {
    /// Parses a text; `kind` is a `UriKind`.
    pub(crate) fn parse(text: &str, kind: i32) -> Result<Uri, &'static str> {
        let original = Str::from(text);
        let relative = Uri { original: original.clone(), parts: None };
        if text.len() > uri_text::LENGTH_LIMIT {
            return Err("Invalid URI: The Uri string is too long.");
        }
        if text.is_empty() {
            return if kind == ABSOLUTE { Err("Invalid URI: The URI is empty.") } else { Ok(relative) };
        }
        let has_scheme = uri_text::scheme_of(text.trim_start()).is_some();
        match kind {
            RELATIVE if has_scheme => Err(RELATIVE_ONLY),
            RELATIVE => Ok(relative),
            ABSOLUTE => Absolute::parse(text).map(|p| Uri { original, parts: Some(p) }),
            _ if has_scheme => Absolute::parse(text).map(|p| Uri { original, parts: Some(p) }),
            _ => Ok(relative),
        }
    }

    pub(super) fn display(&self) -> Str {
        match &self.parts {
            Some(p) => format!(
                "{}{}{}{}",
                p.origin(),
                uri_text::readable(&p.path),
                uri_text::readable(&p.query),
                uri_text::readable(&p.fragment)
            )
            .into(),
            None => self.original.clone(),
        }
    }

    pub(super) fn from_parts(parts: Absolute) -> Uri {
        Uri { original: parts.text().into(), parts: Some(parts) }
    }
}

fn of<'a>(c: &'a Call<'_>, n: usize) -> Result<&'a Uri> {
    c.arg(n).as_object::<Uri>().ok_or_else(Exception::null_reference)
}

/// Parts of the receiver; relative URIs have none.
fn parts<'a>(c: &'a Call<'_>) -> Result<&'a Absolute> {
    of(c, 0)?.parts.as_ref().ok_or_else(|| Exception::invalid_operation(NOT_FOR_RELATIVE))
}

fn text(c: &Call<'_>, f: fn(&Absolute) -> String) -> Result<Value> {
    parts(c).map(|p| Value::str(f(p)))
}

fn made(parsed: Result<Uri, &'static str>) -> Result<Value> {
    parsed.map(Value::object).map_err(Exception::uri_format)
}

/// Adds the class.
pub(crate) fn define(b: &mut Builder) {
    let t = b
        .class(ID)
        .pure("new(string uriString)", |c| made(Uri::parse(&c.str_arg(0, "uriString")?, ABSOLUTE)))
        .pure("new(string uriString, UriKind uriKind)", |c| {
            made(Uri::parse(&c.str_arg(0, "uriString")?, arg::number_or(c, 1, 0)))
        })
        .def("new(Uri baseUri, string relativeUri)", |c| {
            let relative = c.str_or_null(1).unwrap_or_default();
            join(c, &relative)
        })
        .def("new(Uri baseUri, Uri relativeUri)", |c| {
            let relative =
                c.arg(1).as_object::<Uri>().map(|u| u.parts.as_ref().map_or(u.original.clone(), |p| p.text().into()));
            let relative = relative.ok_or_else(|| Exception::argument_null("relativeUri"))?;
            join(c, &relative)
        })
        .pure("string AbsoluteUri", |c| text(c, Absolute::text))
        .pure("string AbsolutePath", |c| text(c, |p| p.path.clone()))
        .pure("string LocalPath", |c| text(c, |p| uri_text::unescape_where(&p.path, |_| true)))
        .pure("string Authority", |c| text(c, Absolute::authority))
        .pure("string Host", |c| text(c, |p| p.host.clone()))
        .pure("string DnsSafeHost", |c| text(c, |p| p.host.trim_matches(['[', ']']).to_owned()))
        .pure("string IdnHost", |c| {
            text(c, |p| idna::domain_to_ascii(p.host.trim_matches(['[', ']'])).unwrap_or_else(|_| p.host.clone()))
        })
        .pure("string Scheme", |c| text(c, |p| p.scheme.clone()))
        .pure("string UserInfo", |c| text(c, |p| p.user.clone()))
        .pure("string Query", |c| text(c, |p| p.query.clone()))
        .pure("string Fragment", |c| text(c, |p| p.fragment.clone()))
        .pure("string PathAndQuery", |c| text(c, |p| format!("{}{}", p.path, p.query)))
        .pure("int Port", |c| Ok(Value::Int32(parts(c)?.effective_port())))
        .pure("bool IsDefaultPort", |c| Ok(Value::Bool(parts(c)?.port.is_none())))
        .pure("bool IsFile", |c| Ok(Value::Bool(parts(c)?.scheme == "file")))
        .pure("bool IsUnc", |c| parts(c).map(|p| Value::Bool(p.scheme == "file" && !p.host.is_empty())))
        .pure("bool IsLoopback", |c| {
            let p = parts(c)?;
            let host = &p.host;
            let ip = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
            Ok(Value::Bool(
                (host.is_empty() && p.scheme == "file")
                    || host == "localhost"
                    || host == "loopback"
                    || ip.is_ok_and(|ip| ip.is_loopback()),
            ))
        })
        .pure("bool IsAbsoluteUri", |c| Ok(Value::Bool(of(c, 0)?.parts.is_some())))
        .pure("bool UserEscaped", |_| Ok(Value::Bool(false)))
        .pure("UriHostNameType HostNameType", |c| Ok(host_type(&parts(c)?.host)))
        .pure("string OriginalString", |c| Ok(Value::Str(of(c, 0)?.original.clone())))
        .def("string[] Segments", |c| {
            let path = &parts(c)?.path;
            Ok(array::from_strings(path.split_inclusive('/').map(str::to_owned)))
        })
        .pure("string ToString()", |c| Ok(Value::Str(of(c, 0)?.display())))
        .pure("bool Equals(object comparand)", |c| {
            // A text is read as a URI first.
            let read = c.arg(1).as_str().map(|text| Uri::parse(text, RELATIVE_OR_ABSOLUTE));
            Ok(Value::Bool(match read {
                Some(Ok(uri)) => object::equals(c.arg(0), &Value::object(uri)),
                Some(Err(_)) => false,
                None => object::equals(c.arg(0), c.arg(1)),
            }))
        })
        .pure("int GetHashCode()", |c| Ok(Value::Int32(object::hash_code(c.arg(0)))))
        .pure("static bool operator ==(Uri uri1, Uri uri2)", |c| Ok(Value::Bool(object::equals(c.arg(0), c.arg(1)))))
        .pure("static bool operator !=(Uri uri1, Uri uri2)", |c| Ok(Value::Bool(!object::equals(c.arg(0), c.arg(1)))))
        .pure("string GetLeftPart(UriPartial part)", left_part)
        .pure("string GetComponents(UriComponents components, UriFormat format)", components)
        .def("Uri MakeRelativeUri(Uri uri)", make_relative)
        .def("bool IsBaseOf(Uri uri)", |c| {
            let base = parts(c)?;
            let other = of(c, 1)?;
            Ok(Value::Bool(match &other.parts {
                None => true,
                Some(o) => {
                    let dir = base.path.rfind('/').and_then(|at| base.path.get(..=at)).unwrap_or("");
                    o.scheme == base.scheme && o.host == base.host && o.port == base.port && o.path.starts_with(dir)
                }
            }))
        })
        .pure("bool IsWellFormedOriginalString()", |c| {
            let uri = of(c, 0)?;
            Ok(Value::Bool(is_well_formed(&uri.original, if uri.parts.is_some() { ABSOLUTE } else { RELATIVE })))
        });
    statics(t);
}

fn statics(t: TypeBuilder<'_>) {
    t.pure("static string EscapeDataString(string stringToEscape)", |c| escape(c, data_escape))
        .pure("static string EscapeUriString(string stringToEscape)", |c| {
            escape(c, |s| {
                utf16::leaving(s)
                    .bytes()
                    .map(|b| {
                        if uri_text::is_unreserved(b) || uri_text::is_reserved(b) {
                            char::from(b).to_string()
                        } else {
                            format!("%{b:02X}")
                        }
                    })
                    .collect()
            })
        })
        .pure("static string UnescapeDataString(string stringToUnescape)", |c| {
            let text = c.str_arg(0, "stringToUnescape")?;
            Ok(Value::str(uri_text::unescape_where(&text, |_| true)))
        })
        .pure("static bool IsWellFormedUriString(string uriString, UriKind uriKind)", |c| {
            Ok(Value::Bool(c.arg(0).as_str().is_some_and(|s| is_well_formed(s, arg::number_or(c, 1, 0)))))
        })
        .def("static bool TryCreate(string uriString, UriKind uriKind, out Uri result)", |c| {
            let kind = arg::number_or(c, 1, 0);
            let found = c.arg(0).as_str().and_then(|s| Uri::parse(s, kind).ok());
            tried(c, found)
        })
        .def("static bool TryCreate(Uri baseUri, string relativeUri, out Uri result)", |c| {
            let base = c.arg(0).as_object::<Uri>().and_then(|u| u.parts.clone());
            let found = base.zip(c.str_or_null(1)).and_then(|(b, r)| b.join(&r).ok()).map(Uri::from_parts);
            tried(c, found)
        })
        .def("static bool TryCreate(Uri baseUri, Uri relativeUri, out Uri result)", |c| {
            let base = c.arg(0).as_object::<Uri>().and_then(|u| u.parts.clone());
            let relative = c.arg(1).as_object::<Uri>().map(|u| u.original.clone());
            let found = base.zip(relative).and_then(|(b, r)| b.join(&r).ok()).map(Uri::from_parts);
            tried(c, found)
        })
        .pure("static bool CheckSchemeName(string schemeName)", |c| {
            Ok(Value::Bool(c.arg(0).as_str().is_some_and(uri_text::is_scheme_name)))
        })
        .pure("static UriHostNameType CheckHostName(string name)", |c| {
            Ok(host_type(c.arg(0).as_str().unwrap_or_default()))
        })
        .pure("static string HexEscape(char character)", |c| match u8::try_from(arg::unit(c, 0)?) {
            Ok(b) => Ok(Value::str(format!("%{b:02X}"))),
            Err(_) => {
                Err(Exception::argument_range("Specified argument was out of the range of valid values.", "character"))
            }
        })
        .pure(
            "static int Compare(Uri uri1, Uri uri2, UriComponents partsToCompare, UriFormat compareFormat, StringComparison comparisonType)",
            compare,
        )
        .def("static char HexUnescape(string pattern, ref int index)", |c| {
            let pattern = c.str_or_null(0).ok_or_else(Exception::null_reference)?;
            let at = usize::try_from(c.int(1)?).ok().filter(|at| *at < utf16::len(&pattern));
            let at = at.ok_or_else(|| {
                Exception::argument_range("Specified argument was out of the range of valid values.", "index")
            })?;
            let digits = utf16::slice(&pattern, at, 3);
            let digits = digits
                .as_deref()
                .and_then(|t| t.strip_prefix('%'))
                .filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
            let code = digits.and_then(|d| u16::from_str_radix(d, 16).ok());
            c.set(1, Value::Int32(super::to_int(at + if code.is_some() { 3 } else { 1 })));
            Ok(Value::Char(code.or_else(|| utf16::unit(&pattern, at)).unwrap_or(0)))
        })
        .pure("static bool IsHexDigit(char character)", |c| Ok(Value::Bool(arg::char(c, 0)?.is_ascii_hexdigit())))
        .pure("static bool IsHexEncoding(string pattern, int index)", |c| {
            let pattern = c.str_arg(0, "pattern")?;
            let three = usize::try_from(c.int(1)?).ok().and_then(|at| pattern.get(at..at.checked_add(3)?));
            let digits = three.and_then(|t| t.strip_prefix('%'));
            Ok(Value::Bool(digits.is_some_and(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))))
        })
        .pure("static int FromHex(char digit)", |c| {
            let digit = arg::char(c, 0)?.to_digit(16);
            digit
                .map(|d| Value::Int32(d.cast_signed()))
                .ok_or_else(|| Exception::argument("Value does not fall within the expected range.", "digit"))
        })
        .pure("static string SchemeDelimiter", |_| Ok(Value::str("://")))
        .pure("static string UriSchemeHttp", |_| Ok(Value::str("http")))
        .pure("static string UriSchemeHttps", |_| Ok(Value::str("https")))
        .pure("static string UriSchemeFtp", |_| Ok(Value::str("ftp")))
        .pure("static string UriSchemeFile", |_| Ok(Value::str("file")))
        .pure("static string UriSchemeGopher", |_| Ok(Value::str("gopher")))
        .pure("static string UriSchemeNews", |_| Ok(Value::str("news")))
        .pure("static string UriSchemeNntp", |_| Ok(Value::str("nntp")))
        .pure("static string UriSchemeNetTcp", |_| Ok(Value::str("net.tcp")))
        .pure("static string UriSchemeNetPipe", |_| Ok(Value::str("net.pipe")))
        .pure("static string UriSchemeMailto", |_| Ok(Value::str("mailto")));
}

/// Everything but unreserved characters.
pub(crate) fn data_escape(text: &str) -> String {
    utf16::leaving(text)
        .bytes()
        .map(|b| if uri_text::is_unreserved(b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

fn escape(c: &mut Call<'_>, f: fn(&str) -> String) -> Result<Value> {
    let text = c.str_arg(0, "stringToEscape")?;
    if utf16::len(&text) >= ESCAPE_LIMIT {
        return Err(Exception::uri_format("Invalid URI: The Uri string is too long."));
    }
    c.cx.charge_bytes(text.len().saturating_mul(3))?;
    Ok(Value::str(f(&text)))
}

fn tried(c: &mut Call<'_>, found: Option<Uri>) -> Result<Value> {
    let ok = found.is_some();
    c.set(2, found.map_or(Value::Null, Value::object));
    Ok(Value::Bool(ok))
}

fn join(c: &Call<'_>, relative: &str) -> Result<Value> {
    let base = c.arg(0).as_object::<Uri>().ok_or_else(|| Exception::argument_null("baseUri"))?;
    let Some(base) = &base.parts else {
        return Err(Exception::argument_range("Specified argument was out of the range of valid values.", "baseUri"));
    };
    base.join(relative).map(|p| Value::object(Uri::from_parts(p))).map_err(Exception::uri_format)
}

fn host_type(host: &str) -> Value {
    let bare = host.trim_matches(['[', ']']);
    let n = match bare.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(_)) => 3,
        Ok(std::net::IpAddr::V6(_)) => 4,
        Err(_) if bare.is_empty() => 0,
        Err(_) if bare.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | '_')) => 2,
        Err(_) => 0,
    };
    Value::Enum(TypeId("System.UriHostNameType"), n)
}

fn left_part(c: &mut Call<'_>) -> Result<Value> {
    let p = parts(c)?;
    let slashes = if p.has_authority { "//" } else { "" };
    Ok(Value::str(match arg::number_or(c, 1, -1) {
        0 => format!("{}:{slashes}", p.scheme),
        1 if p.has_authority => p.origin(),
        1 => String::new(),
        2 => format!("{}{}", p.origin(), p.path),
        3 => format!("{}{}{}", p.origin(), p.path, p.query),
        _ => return Err(Exception::argument("The value is not a valid UriPartial.", "part")),
    }))
}

/// The flags of `UriComponents`, in the order of a URI.
fn components(c: &mut Call<'_>) -> Result<Value> {
    let p = parts(c)?;
    let (flags, format) = (arg::number_or(c, 1, 0), arg::number_or(c, 2, 1));
    let has = |flag: i32| flags & flag != 0;
    let only = |flag: i32| flags == flag;
    let mut out = String::new();
    if has(1) {
        out.push_str(&p.scheme);
        if !only(1) {
            out.push_str(if p.has_authority { "://" } else { ":" });
        }
    }
    if has(2) && !p.user.is_empty() {
        out.push_str(&p.user);
        if has(4) {
            out.push('@');
        }
    }
    if has(4) || has(256) {
        out.push_str(&p.host);
    }
    let port = if has(128) { Some(p.effective_port()).filter(|port| *port >= 0) } else { p.port.filter(|_| has(8)) };
    if let Some(port) = port {
        if has(4) {
            out.push(':');
        }
        out.push_str(&port.to_string());
    }
    let shaped = |t: &str| if format == 1 { t.to_owned() } else { uri_text::unescape_where(t, |_| true) };
    if has(16) {
        let path = if only(16) { p.path.trim_start_matches('/') } else { &p.path };
        out.push_str(&shaped(path));
    }
    if has(32) {
        out.push_str(&shaped(if only(32) { p.query.trim_start_matches('?') } else { &p.query }));
    }
    if has(64) {
        out.push_str(&shaped(if only(64) { p.fragment.trim_start_matches('#') } else { &p.fragment }));
    }
    Ok(Value::str(out))
}

/// `Uri.Compare`: none before any, relative before absolute; then by the texts.
fn compare(c: &mut Call<'_>) -> Result<Value> {
    let kind = |n: usize| c.arg(n).as_object::<Uri>().map(|uri| uri.parts.is_some());
    let by = arg::comparison(c, 4);
    let order = match (kind(0), kind(1)) {
        (Some(true), Some(true)) => {
            let (first, second) = (components_of(c, 0)?, components_of(c, 1)?);
            by?.compare(first.as_str().unwrap_or_default(), second.as_str().unwrap_or_default())
        }
        (Some(false), Some(false)) => by?.compare(&of(c, 0)?.original, &of(c, 1)?.original),
        (first, second) => first.cmp(&second) as i32,
    };
    Ok(Value::Int32(order))
}

/// The parts of the URI at `n` that a comparison is about.
fn components_of(c: &mut Call<'_>, n: usize) -> Result<Value> {
    let mut args = [c.arg(n).clone(), c.arg(2).clone(), c.arg(3).clone()];
    components(&mut Call { cx: &mut *c.cx, types: &[], args: &mut args })
}

fn make_relative(c: &mut Call<'_>) -> Result<Value> {
    let base = parts(c)?;
    let target = c.arg(1).as_object::<Uri>().ok_or_else(|| Exception::argument_null("uri"))?;
    let Some(to) = &target.parts else { return Err(Exception::invalid_operation(NOT_FOR_RELATIVE)) };
    if to.scheme != base.scheme || to.authority() != base.authority() {
        return Ok(c.arg(1).clone());
    }
    let from_dirs: Vec<&str> = base.path.split('/').collect();
    let to_dirs: Vec<&str> = to.path.split('/').collect();
    let limit = from_dirs.len().min(to_dirs.len()).saturating_sub(1);
    let same = from_dirs.iter().zip(&to_dirs).take(limit).take_while(|(a, b)| a == b).count();
    let up = from_dirs.len().saturating_sub(same + 1);
    let down: Vec<&str> = to_dirs.iter().skip(same).copied().collect();
    let mut text = "../".repeat(up) + &down.join("/");
    if base.path == to.path {
        text.clear();
    }
    text.push_str(&to.query);
    text.push_str(&to.fragment);
    made(Uri::parse(&text, RELATIVE))
}

/// Escaped as it should be, and nothing that parsing would repair.
fn is_well_formed(text: &str, kind: i32) -> bool {
    let Ok(uri) = Uri::parse(text, kind) else { return false };
    if uri.parts.is_some() && uri_text::scheme_of(text).is_none() {
        return false;
    }
    let fine = |s: &str| uri_text::escape(s, |b| uri_text::is_unreserved(b) || uri_text::is_reserved(b)) == s;
    let readable = text.bytes().all(|b| b.is_ascii()) || uri.parts.is_some();
    let ascii: String = text.chars().filter(char::is_ascii).collect();
    readable
        && fine(&ascii)
        && !text.contains('\\')
        && text.trim() == text
        && uri.parts.as_ref().is_none_or(|p| !p.host.is_empty() || p.scheme != "http")
}
