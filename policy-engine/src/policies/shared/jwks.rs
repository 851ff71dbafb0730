//! Keys that an identity provider publishes: discovery document and key set, fetched through the host, parsed once, kept beside the
//! revision so that they outlive it.
//!
//! Documented times: fetched again after an hour; an unknown key id or a failed fetch leads to at most one fetch in five minutes.
//! A copy that cannot be renewed stays in use. Where there never was one, a failure is forgotten sooner, so that a provider which
//! starts after the gateway is not locked out.
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use openssl::x509::X509;
use serde::Deserialize;

use super::jose::{VerifyKey, base64};
use crate::host::{Host, OutgoingRequest};
use crate::run::Body;

const TICKS_PER_SECOND: i64 = 10_000_000;
const FRESH: i64 = 3600 * TICKS_PER_SECOND;
const BETWEEN_FETCHES: i64 = 300 * TICKS_PER_SECOND;
const AFTER_FIRST_FAILURE: i64 = 10 * TICKS_PER_SECOND;
const TIMEOUT: Duration = Duration::from_secs(10);
const MAX_DOCUMENT: usize = 1024 * 1024;
/// Keys of one set that are kept.
const MAX_KEYS: usize = 100;

/// What a provider published.
pub(in crate::policies) struct Provider {
    /// `issuer` of the discovery document.
    pub(in crate::policies) issuer: Option<String>,
    /// Keys for signatures.
    pub(in crate::policies) keys: Vec<VerifyKey>,
    /// When it was fetched with success; `None` if it never was.
    fetched: Option<i64>,
    /// When it was last asked.
    asked: i64,
    /// Why the last fetch failed.
    pub(in crate::policies) failure: Option<String>,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: Option<String>,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Published {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    n: Option<String>,
    e: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    #[serde(default)]
    x5c: Vec<String>,
}

/// What is kept of a provider, by the address of its discovery document.
pub(in crate::policies) fn kept(host: &dyn Host, url: &str) -> Option<Arc<Provider>> {
    let (document, _) = host.documents().get(&name(url))?;
    document.downcast().ok()
}

fn name(url: &str) -> String {
    format!("openid\u{1f}{url}")
}

impl Provider {
    #[cfg(test)]
    pub(super) fn test() -> Provider {
        Provider { issuer: None, keys: Vec::new(), fetched: None, asked: 0, failure: None }
    }

    /// Is it time to ask again?
    fn is_due(&self, now: i64) -> bool {
        let since = now.saturating_sub(self.asked);
        match self.fetched {
            None => since >= AFTER_FIRST_FAILURE,
            Some(fetched) => now.saturating_sub(fetched) >= FRESH && since >= BETWEEN_FETCHES,
        }
    }

    /// May an unknown key id lead to a fetch?
    fn may_hold_more(&self, now: i64) -> bool {
        now.saturating_sub(self.asked) >= BETWEEN_FETCHES
    }
}

/// Addresses among `urls` that must be fetched before a token is judged; after an unknown key id more of them may be.
pub(in crate::policies) fn due(host: &dyn Host, urls: &[String], unknown_key: bool) -> Vec<String> {
    let now = host.utc_ticks();
    let needed = |url: &&String| match kept(host, url) {
        None => true,
        Some(provider) => provider.is_due(now) || unknown_key && provider.may_hold_more(now),
    };
    urls.iter().filter(needed).cloned().collect()
}

/// Fetches a discovery document and its key set, and keeps what came of it.
pub(in crate::policies) async fn fetch(host: &mut dyn Host, url: &str) {
    let now = host.utc_ticks();
    let old = kept(host, url);
    let result = fetch_both(host, url).await;
    let provider = match (result, old) {
        (Ok((issuer, keys)), _) => Provider { issuer, keys, fetched: Some(now), asked: now, failure: None },
        // What cannot be renewed stays in use.
        (Err(failure), Some(old)) => Provider {
            issuer: old.issuer.clone(),
            keys: old.keys.clone(),
            fetched: old.fetched,
            asked: now,
            failure: Some(failure),
        },
        (Err(failure), None) => {
            Provider { issuer: None, keys: Vec::new(), fetched: None, asked: now, failure: Some(failure) }
        }
    };
    host.documents().put(&name(url), Arc::new(provider), now);
}

async fn fetch_both(host: &mut dyn Host, url: &str) -> Result<(Option<String>, Vec<VerifyKey>), String> {
    let discovery: Discovery = read(&get(host, url).await?, url)?;
    let set: KeySet = read(&get(host, &discovery.jwks_uri).await?, &discovery.jwks_uri)?;
    Ok((discovery.issuer, set.keys.into_iter().take(MAX_KEYS).filter_map(key).collect()))
}

fn read<T: serde::de::DeserializeOwned>(bytes: &[u8], url: &str) -> Result<T, String> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    serde_json::from_slice(bytes).map_err(|e| format!("`{url}` is not what was expected: {e}"))
}

async fn get(host: &mut dyn Host, url: &str) -> Result<Bytes, String> {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let request = OutgoingRequest {
        method: Method::GET,
        url: url.to_owned(),
        headers,
        body: Bytes::new(),
        timeout: TIMEOUT,
        max_body: MAX_DOCUMENT,
        proxy: None,
        certificate: None,
    };
    let response = host.send(&request).await.map_err(|e| format!("`{url}` cannot be fetched: {e}"))?;
    match response.body {
        Body::Bytes(bytes) if response.status == 200 => Ok(bytes),
        _ => Err(format!("`{url}` answered with status {}", response.status)),
    }
}

/// A published key; what is not for signatures, of an unknown kind or broken is passed over (RFC 7517, 5).
fn key(json: serde_json::Value) -> Option<VerifyKey> {
    let key: Published = serde_json::from_value(json).ok()?;
    if key.usage.as_deref().is_some_and(|u| u != "sig") {
        return None;
    }
    match (key.kty.as_str(), &key.n, &key.e, &key.crv, &key.x, &key.y) {
        ("RSA", Some(n), Some(e), ..) => VerifyKey::rsa(key.kid, &base64(n)?, &base64(e)?).ok(),
        ("EC", _, _, Some(curve), Some(x), Some(y)) => VerifyKey::ec(key.kid, curve, &base64(x)?, &base64(y)?),
        ("RSA" | "EC", ..) => {
            let cert = X509::from_der(&base64(key.x5c.first()?)?).ok()?;
            VerifyKey::public(key.kid, cert.public_key().ok()?)
        }
        _ => None,
    }
}
