//! What a backend entity says about calls to it: credentials that are added, and how its certificate is judged.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use base64::Engine as _;
use config_model::{Backend, BackendProxy, Certificate, Snapshot};
use http::header::{self, HeaderName, HeaderValue};
use http::request::Parts;

use super::breaker::Breaker;
use super::peer::{ClientCertificate, client_certificate};
use super::states::States;
use crate::routing::QueryPairs;
use policy_engine::Proxy;

/// The rules of one backend, ready to use.
pub(crate) struct BackendRules {
    pub(crate) check_chain: bool,
    pub(crate) check_name: bool,
    /// A certificate to show, and a number that tells it from others.
    pub(crate) certificate: Option<(ClientCertificate, u64)>,
    /// Its circuit breaker.
    pub(crate) breaker: Option<Arc<Breaker>>,
    /// The HTTP proxy to go through.
    pub(crate) proxy: Option<Arc<Proxy>>,
    headers: Vec<(HeaderName, Vec<HeaderValue>)>,
    query: Vec<(String, Vec<String>)>,
}

impl std::fmt::Debug for BackendRules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BackendRules").finish_non_exhaustive()
    }
}

impl BackendRules {
    /// Reads an entity; the strings say what could not be used.
    pub(crate) fn build(backend: &Backend, snapshot: &Snapshot, states: &States) -> Result<Self, String> {
        let credentials = &backend.credentials;
        let mut rules = Self {
            check_chain: backend.tls.validate_certificate_chain,
            check_name: backend.tls.validate_certificate_name,
            certificate: find_certificate(backend, snapshot)?,
            breaker: states.breaker(backend),
            proxy: backend.proxy.as_ref().map(read_proxy).transpose()?,
            headers: Vec::new(),
            query: Vec::new(),
        };
        for (name, values) in &credentials.headers {
            let header =
                HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("`{name}` is not a header name"))?;
            let values = values.iter().map(|value| secret_value(value.expose()));
            rules.headers.push((header, values.collect::<Result<_, _>>()?));
        }
        if let Some(authorization) = &credentials.authorization {
            let text = format!("{} {}", authorization.scheme, authorization.parameter.expose());
            rules.headers.push((header::AUTHORIZATION, vec![secret_value(&text)?]));
        }
        for (name, values) in &credentials.query {
            rules.query.push((name.clone(), values.iter().map(|value| value.expose().clone()).collect()));
        }
        Ok(rules)
    }

    /// Adds the credentials to a request, in place of what has the same name.
    pub(crate) fn apply(&self, parts: &mut Parts) -> Result<(), String> {
        for (name, values) in &self.headers {
            parts.headers.remove(name);
            for value in values {
                parts.headers.append(name, value.clone());
            }
        }
        if self.query.is_empty() {
            return Ok(());
        }
        let mut pairs: Vec<String> = QueryPairs::new(parts.uri.query().unwrap_or_default())
            .filter(|(name, _)| !self.query.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)))
            .map(|(name, value)| if value.is_empty() { name.to_owned() } else { format!("{name}={value}") })
            .collect();
        for (name, values) in &self.query {
            pairs.extend(values.iter().map(|value| format!("{}={}", escape(name), escape(value))));
        }
        let text = format!("{}?{}", parts.uri.path(), pairs.join("&"));
        parts.uri = text.parse().map_err(|error| format!("{error}"))?;
        Ok(())
    }
}

fn read_proxy(proxy: &BackendProxy) -> Result<Arc<Proxy>, String> {
    let password = proxy.password.as_ref().map_or("", |password| password.expose());
    let credentials = proxy.username.as_deref().map(|name| (name, password));
    let made = Proxy::new(&proxy.url, credentials);
    made.map(Arc::new).map_err(|why| format!("its proxy `{}` cannot be used: {why}", proxy.url))
}

fn secret_value(text: &str) -> Result<HeaderValue, String> {
    let mut value = HeaderValue::from_str(text).map_err(|_| "a credential cannot stand in a header".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

fn find_certificate(backend: &Backend, snapshot: &Snapshot) -> Result<Option<(ClientCertificate, u64)>, String> {
    let credentials = &backend.credentials;
    let found: Option<&Certificate> = match credentials.certificate_ids.first() {
        Some(id) => {
            let missing = || format!("its certificate `{id}` does not exist");
            Some(snapshot.certificates.get(id).ok_or_else(missing)?)
        }
        None => credentials.certificate_thumbprints.first().and_then(|wanted| {
            let same = |certificate: &&std::sync::Arc<Certificate>| {
                certificate.thumbprint.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(wanted))
            };
            snapshot.certificates.values().find(same).map(|certificate| &**certificate)
        }),
    };
    let Some(certificate) = found else { return Ok(None) };
    let id = &certificate.id;
    let pfx = certificate.pfx_base64.as_ref().ok_or_else(|| format!("its certificate `{id}` has no private key"))?;
    let pfx = base64::engine::general_purpose::STANDARD.decode(pfx.expose().trim());
    let pfx = pfx.map_err(|_| format!("its certificate `{id}` is not Base64"))?;
    let password = certificate.password.as_ref().map_or("", |password| password.expose());
    let key = client_certificate(&pfx, password).map_err(|why| format!("its certificate `{id}`: {why}"))?;
    let mut hasher = DefaultHasher::new();
    pfx.hash(&mut hasher);
    Ok(Some((key, hasher.finish() | 1)))
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
