//! Responses in the cache: what is kept with them, and what callers are told of their age.
use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::cached::{decode_response, encode_response};
use crate::run::{Body, Caching, Response};

const TICKS_PER_SECOND: i64 = 10_000_000;
/// Largest body that is kept (documented).
pub(in crate::policies) const MAX_CACHED_BODY: usize = 2 * 1024 * 1024;

/// Headers of one exchange, not of the content.
const NOT_KEPT: [HeaderName; 9] = [
    header::SET_COOKIE,
    header::CONNECTION,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::TRAILER,
    header::DATE,
    header::AGE,
    header::CONTENT_LENGTH,
    HeaderName::from_static("keep-alive"),
];

/// A response from the cache.
pub(in crate::policies) struct Kept {
    pub(in crate::policies) response: Response,
    /// When it was stored, in .NET ticks.
    stored: i64,
    /// Seconds it is kept.
    duration: u64,
}

/// The bytes to keep; `None` where the body is too large or not in memory.
pub(in crate::policies) fn entry(response: &Response, now: i64, duration: u64) -> Option<Bytes> {
    let mut kept = response.clone();
    for name in &NOT_KEPT {
        kept.headers.remove(name);
    }
    if matches!(kept.body, Body::Consumed | Body::Sent) || kept.body.bytes().map_or(0, Bytes::len) > MAX_CACHED_BODY {
        return None;
    }
    let mut out = BytesMut::new();
    out.put_i64(now);
    out.put_u64(duration);
    out.put(encode_response(&kept)?);
    Some(out.freeze())
}

/// Reads an entry; one that cannot be read is none.
pub(in crate::policies) fn kept(mut bytes: Bytes) -> Option<Kept> {
    let (stored, duration) = (bytes.try_get_i64().ok()?, bytes.try_get_u64().ok()?);
    Some(Kept { response: decode_response(&bytes)?, stored, duration })
}

impl Kept {
    /// The response as it is sent now: its age, and how long it may be used.
    pub(in crate::policies) fn aged(self, caching: &Caching, now: i64) -> Response {
        let age = u64::try_from(now.saturating_sub(self.stored) / TICKS_PER_SECOND).unwrap_or(0);
        let mut response = self.response;
        response.headers.insert(header::AGE, HeaderValue::from(age));
        control(&mut response.headers, caching, self.duration.saturating_sub(age));
        response
    }
}

/// Writes `Cache-Control` as the lookup asks for it.
pub(in crate::policies) fn control(headers: &mut HeaderMap, caching: &Caching, seconds: u64) {
    let text = match caching.downstream {
        None => "no-store".to_owned(),
        Some(kind) if caching.must_revalidate => format!("{kind}, max-age={seconds}, must-revalidate"),
        Some(kind) => format!("{kind}, max-age={seconds}"),
    };
    if let Ok(value) = HeaderValue::from_str(&text) {
        headers.insert(header::CACHE_CONTROL, value);
    }
}

/// Does the caller hold this response already (RFC 9110, 13.1)? Entity tags are compared weakly; they win over dates.
pub(in crate::policies) fn is_held(conditions: &HeaderMap, response: &HeaderMap) -> bool {
    let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
    if conditions.contains_key(header::IF_NONE_MATCH) {
        let Some(tag) = response.get(header::ETAG).map(text) else { return false };
        let weak = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        return conditions
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .any(|line| text(line).split(',').any(|t| t.trim() == "*" || weak(t) == weak(&tag)));
    }
    // A date the caller got from this very response; another one is answered with the whole.
    match (conditions.get(header::IF_MODIFIED_SINCE), response.get(header::LAST_MODIFIED)) {
        (Some(since), Some(modified)) => since == modified,
        _ => false,
    }
}
