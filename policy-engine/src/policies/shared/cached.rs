//! What the caching policies have in common: which cache is meant, and values as bytes that keep their type.
//!
//! A value is a letter for its type and then its text or bytes. Types without a letter cannot be cached: that is a fault when they
//! are stored, never another type when they come back.
use bytes::{BufMut, Bytes, BytesMut};
use dotnet::collections::array;
use dotnet::value::{DateTime, DateTimeOffset};
use dotnet::{Value, newtonsoft, xml_linq};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use crate::compile::{AttributeSpec, Node, Refused};
use crate::diagnostics::codes;
use crate::run::{Body, Cx, PolicyError, Response, keywords};

/// Which cache.
pub(in crate::policies) const CACHING_TYPE: AttributeSpec =
    AttributeSpec::optional("caching-type", "`prefer-external` (default), `internal` or `external`").literal();

keywords! {
    enum CachingType {
        Internal = "internal",
        External = "external",
        PreferExternal = "prefer-external",
    }
}

/// Reads `caching-type`: is there a cache to use? This gateway has one in memory; asking for an external one alone is told at
/// load and finds nothing.
pub(in crate::policies) fn read_caching_type(node: &mut Node<'_, '_>) -> Result<bool, Refused> {
    let external = node.literal_or("caching-type", CachingType::PreferExternal)? == CachingType::External;
    if external {
        let help = "`internal` and `prefer-external` use the cache in memory";
        node.warn(codes::NO_EFFECT, "no external cache is configured, nothing is found or kept", help);
    }
    Ok(!external)
}

/// Head of a cached response; its body follows after a line break.
#[derive(Serialize, Deserialize)]
struct Head {
    status: u16,
    reason: Option<String>,
    headers: Vec<(String, Vec<u8>)>,
}

/// A response as bytes; `None` while its body is not in memory.
pub(in crate::policies) fn encode_response(response: &Response) -> Option<Bytes> {
    let body = match &response.body {
        Body::Bytes(bytes) => bytes.clone(),
        Body::Empty | Body::Consumed | Body::Sent => Bytes::new(),
        Body::Stream(_) => return None,
    };
    let headers = response.headers.iter().map(|(n, v)| (n.as_str().to_owned(), v.as_bytes().to_vec())).collect();
    let head = Head { status: response.status, reason: response.reason.as_deref().map(str::to_owned), headers };
    let mut out = BytesMut::from(serde_json::to_vec(&head).ok()?.as_slice());
    out.put_u8(b'\n');
    out.put(body);
    Some(out.freeze())
}

/// A response from bytes.
pub(in crate::policies) fn decode_response(bytes: &Bytes) -> Option<Response> {
    let end = bytes.iter().position(|b| *b == b'\n')?;
    let head: Head = serde_json::from_slice(bytes.get(..end)?).ok()?;
    let mut headers = HeaderMap::new();
    for (name, value) in head.headers {
        headers.append(HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_bytes(&value).ok()?);
    }
    let body = Body::from_bytes(bytes.slice(end.saturating_add(1)..));
    Some(Response { status: head.status, reason: head.reason.map(Into::into), headers, body })
}

/// A value as bytes; `None` for `null`, which is not cached.
pub(in crate::policies) fn encode(cx: &mut Cx<'_>, value: &Value) -> Result<Option<Bytes>, PolicyError> {
    let (kind, bytes): (u8, Vec<u8>) = match value {
        Value::Null => return Ok(None),
        Value::Str(text) => (b's', text.as_bytes().to_vec()),
        Value::Bool(value) => (b'b', vec![u8::from(*value)]),
        Value::Char(unit) => (b'c', unit.to_be_bytes().to_vec()),
        Value::Int32(number) => (b'i', number.to_be_bytes().to_vec()),
        Value::Int64(number) => (b'l', number.to_be_bytes().to_vec()),
        Value::Double(number) => (b'd', number.to_be_bytes().to_vec()),
        Value::Single(number) => (b'f', number.to_be_bytes().to_vec()),
        Value::Decimal(number) => (b'm', number.to_string().into_bytes()),
        Value::DateTime(time) => (b'D', [&time.ticks.to_be_bytes()[..], &[time.kind]].concat()),
        Value::DateTimeOffset(time) => {
            (b'O', [&time.ticks.to_be_bytes()[..], &time.offset_minutes.to_be_bytes()[..]].concat())
        }
        Value::TimeSpan(ticks) => (b'T', ticks.to_be_bytes().to_vec()),
        Value::Guid(bytes) => (b'G', bytes.to_vec()),
        Value::Handle(id, n) => match cx.state.response_of(*id, *n).map(encode_response) {
            Some(Some(bytes)) => (b'R', bytes.to_vec()),
            Some(None) => return Err(PolicyError::evaluation("A response whose body streams cannot be cached.")),
            None => return Err(not_cached(value)),
        },
        other => encode_object(cx, other)?,
    };
    let mut out = BytesMut::with_capacity(bytes.len().saturating_add(1));
    out.put_u8(kind);
    out.put_slice(&bytes);
    Ok(Some(out.freeze()))
}

fn encode_object(cx: &mut Cx<'_>, value: &Value) -> Result<(u8, Vec<u8>), PolicyError> {
    if let Some(bytes) = array::bytes(value) {
        return Ok((b'B', bytes));
    }
    let is_property = newtonsoft::Token::of(value).is_some_and(|t| t.kind() == newtonsoft::Kind::Property);
    if !is_property && let Some(text) = cx.ambient(|a| newtonsoft::to_text(a, value, false).transpose())? {
        return Ok((b'j', text.as_bytes().to_vec()));
    }
    let kind = match value.net_type().clr_name().as_ref() {
        "System.Xml.Linq.XElement" => b'X',
        "System.Xml.Linq.XDocument" => b'Y',
        _ => return Err(not_cached(value)),
    };
    let node = xml_linq::node(value).ok_or_else(|| not_cached(value))?;
    Ok((kind, cx.ambient(|a| xml_linq::to_text(a, &node, false))?.into_bytes()))
}

fn not_cached(value: &Value) -> PolicyError {
    PolicyError::evaluation(&format!("A value of type '{}' cannot be cached.", value.net_type()))
}

/// A value from bytes. What cannot be read counts as not there.
pub(in crate::policies) fn decode(cx: &mut Cx<'_>, bytes: &Bytes) -> Option<Value> {
    let (kind, rest) = bytes.split_first()?;
    let text = || std::str::from_utf8(rest).ok();
    let value = match kind {
        b's' => Value::str(text()?),
        b'b' => Value::Bool(*rest.first()? != 0),
        b'c' => Value::Char(u16::from_be_bytes(rest.try_into().ok()?)),
        b'i' => Value::Int32(i32::from_be_bytes(rest.try_into().ok()?)),
        b'l' => Value::Int64(i64::from_be_bytes(rest.try_into().ok()?)),
        b'd' => Value::Double(f64::from_be_bytes(rest.try_into().ok()?)),
        b'f' => Value::Single(f32::from_be_bytes(rest.try_into().ok()?)),
        b'm' => Value::Decimal(text()?.parse().ok()?),
        b'D' => {
            let (ticks, kind) = rest.split_first_chunk()?;
            Value::DateTime(DateTime { ticks: i64::from_be_bytes(*ticks), kind: *kind.first()? })
        }
        b'O' => {
            let (ticks, offset) = rest.split_first_chunk()?;
            let offset_minutes = i16::from_be_bytes(offset.try_into().ok()?);
            Value::DateTimeOffset(DateTimeOffset { ticks: i64::from_be_bytes(*ticks), offset_minutes })
        }
        b'T' => Value::TimeSpan(i64::from_be_bytes(rest.try_into().ok()?)),
        b'G' => Value::Guid(rest.try_into().ok()?),
        b'B' => array::from_bytes(rest.to_vec()),
        b'R' => {
            let response = decode_response(&bytes.slice(1..))?;
            cx.state.keep_response(response)
        }
        b'j' => cx.ambient(|a| newtonsoft::parse(a, text().unwrap_or_default())).ok()?,
        b'X' => cx.ambient(|a| xml_linq::parse_element(a, text().unwrap_or_default())).ok()?,
        b'Y' => cx.ambient(|a| xml_linq::parse_document(a, text().unwrap_or_default())).ok()?,
        _ => return None,
    };
    Some(value)
}

/// Key of a value; responses have keys of another kind.
pub(in crate::policies) fn value_key(key: &str) -> String {
    format!("value\u{1f}{key}")
}
