//! How a request reaches its backend: straight, in absolute form through an HTTP proxy, or through a tunnel.
//!
//! Plain HTTP/1 needs no tunnel; TLS, HTTP/2 and upgrades do.

use std::sync::Arc;

use http::header::{self, HeaderValue};
use http::request::Parts;
use pingora::http::RequestHeader;
use policy_engine::{Base, IoError, Proxy};

use crate::backends::{BackendRules, PeerKey};

/// The way to a backend.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Way<'p> {
    /// No proxy.
    Straight,
    /// The proxy gets the whole URL and asks itself.
    Absolute(&'p Proxy),
    /// The proxy passes bytes on.
    Tunnel(&'p Arc<Proxy>),
}

impl<'p> Way<'p> {
    /// The way through a proxy, if there is one.
    pub(crate) fn new(proxy: Option<&'p Arc<Proxy>>, base: &Base, plain_http1: bool) -> Self {
        match proxy {
            None => Self::Straight,
            Some(proxy) if plain_http1 && !base.tls => Self::Absolute(proxy),
            Some(proxy) => Self::Tunnel(proxy),
        }
    }

    /// What the connection must be like. Versions are the lowest and the highest.
    pub(crate) fn key<'k>(self, base: &'k Base, versions: (u8, u8), rules: Option<&'k BackendRules>) -> PeerKey<'k>
    where
        'p: 'k,
    {
        let (host, port) = match self {
            Self::Absolute(proxy) => (proxy.host.as_str(), proxy.port),
            Self::Straight | Self::Tunnel(_) => (base.host.as_str(), base.port),
        };
        PeerKey {
            host,
            port,
            tls: base.tls,
            versions,
            check_chain: rules.is_none_or(|rules| rules.check_chain),
            check_name: rules.is_none_or(|rules| rules.check_name),
            certificate: rules.and_then(|rules| rules.certificate.as_ref()).map(|(key, number)| (key, *number)),
            tunnel: match self {
                Self::Tunnel(proxy) => Some(proxy),
                Self::Straight | Self::Absolute(_) => None,
            },
        }
    }

    /// The head as this way wants it. Through a proxy in absolute form the whole URL stands in the request line (RFC 9112 3.2.2).
    pub(crate) fn head(self, base: &Base, mut parts: Parts, keep_host: bool) -> Result<Box<RequestHeader>, IoError> {
        let Self::Absolute(proxy) = self else { return Ok(Box::new(parts.into())) };
        let bad = |what: String| IoError::Connection(format!("the request cannot be sent: {what}"));
        let authority = base.authority();
        if !keep_host {
            let host = HeaderValue::from_str(&authority).map_err(|error| bad(error.to_string()))?;
            parts.headers.insert(header::HOST, host);
        }
        if let Some(authorization) = &proxy.authorization {
            parts.headers.insert(header::PROXY_AUTHORIZATION, authorization.clone());
        }
        let url = format!("http://{authority}{}", parts.uri);
        let mut head = RequestHeader::from(parts);
        head.set_raw_path(url.as_bytes()).map_err(|error| bad(error.to_string()))?;
        Ok(Box::new(head))
    }
}
