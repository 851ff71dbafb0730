//! HTTP messages as policies see and change them: heads in memory, bodies only where something needs them.
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::proxy::Proxy;

/// Largest body that is held in memory; a larger one is an error, never cut.
pub const MAX_HELD_BODY: usize = 64 * 1024 * 1024;

/// A body that the host keeps: it passes chunk by chunk unless someone asks the host to read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyStream(pub u32);

impl BodyStream {
    /// The client's request body.
    pub const CLIENT: BodyStream = BodyStream(0);
}

/// A message body.
#[derive(Clone, Debug, Default)]
pub enum Body {
    /// There is none.
    #[default]
    Empty,
    /// Held in memory.
    Bytes(Bytes),
    /// Kept by the host, still unread.
    Stream(BodyStream),
    /// Read by an expression without `preserveContent`: nothing is left to send.
    Consumed,
    /// A stream that was passed on; it cannot be sent a second time.
    Sent,
}

impl Body {
    /// A body of bytes; no bytes are no body.
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Body {
        let bytes = bytes.into();
        if bytes.is_empty() { Body::Empty } else { Body::Bytes(bytes) }
    }

    /// The bytes, where they are in memory.
    pub fn bytes(&self) -> Option<&Bytes> {
        match self {
            Body::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }
}

/// What a backend URL begins with; shared by all requests to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// `http` or `https`.
    pub tls: bool,
    /// Host name or address; IPv6 addresses in brackets.
    pub host: String,
    /// Port, also where it is the default.
    pub port: u16,
    /// Path without a trailing `/`.
    pub path: String,
    /// Query without `?`.
    pub query: String,
    /// The backend entity it came from, whose credentials and TLS rules apply.
    pub backend: Option<config_model::BackendId>,
}

impl Base {
    /// Reads an absolute `http` or `https` URL; a fragment is dropped.
    pub fn parse(url: &str) -> Result<Base, String> {
        let url = url.trim();
        let (tls, rest) = match url.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("wss") => {
                (true, rest)
            }
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("ws") => {
                (false, rest)
            }
            _ => return Err("expected an absolute URL with http or https".into()),
        };
        let rest = rest.split('#').next().unwrap_or("");
        let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = match before.find('/') {
            Some(at) => (before.get(..at).unwrap_or(""), before.get(at..).unwrap_or("")),
            None => (before, ""),
        };
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let default = if tls { 443 } else { 80 };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (
                host,
                if port.is_empty() { default } else { port.parse().map_err(|_| format!("`{port}` is not a port"))? },
            ),
            _ => (authority, default),
        };
        if host.is_empty() || host.contains(char::is_whitespace) {
            return Err("the URL has no host".into());
        }
        Ok(Base {
            tls,
            host: host.to_owned(),
            port,
            path: path.trim_end_matches('/').to_owned(),
            query: query.to_owned(),
            backend: None,
        })
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &'static str {
        if self.tls { "https" } else { "http" }
    }

    /// Host with the port where it is not the default, as the `Host` header has it.
    pub fn authority(&self) -> String {
        match (self.tls, self.port) {
            (true, 443) | (false, 80) => self.host.clone(),
            _ => format!("{}:{}", self.host, self.port),
        }
    }
}

/// Where the request goes: a base (`serviceUrl`, or by `set-backend-service`) and the rest.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// `None` when the API has no backend and no policy has set one.
    pub base: Option<Arc<Base>>,
    /// Path below the base as received (still percent-encoded); empty or with a leading `/`. It never holds a `?`.
    pub path: String,
    /// Query as received, without `?`.
    pub query: String,
    /// The document (level of the chain) whose `set-backend-service` named a backend entity: a `base-url` of a narrower one does
    /// not win over it.
    pub backend_level: Option<usize>,
}

impl Target {
    /// Path and query on the wire.
    pub fn path_and_query(&self) -> String {
        let (base_path, base_query) = self.base.as_ref().map_or(("", ""), |b| (b.path.as_str(), b.query.as_str()));
        let mut out =
            String::with_capacity(base_path.len() + self.path.len() + self.query.len() + base_query.len() + 3);
        out.push_str(base_path);
        if !self.path.is_empty() && !self.path.starts_with('/') {
            out.push('/');
        }
        out.push_str(&self.path);
        if out.is_empty() {
            out.push('/');
        }
        for (i, query) in [base_query, &self.query].into_iter().filter(|q| !q.is_empty()).enumerate() {
            out.push(if i == 0 { '?' } else { '&' });
            out.push_str(query);
        }
        out
    }

    /// The path on the wire, in the pieces that it is made of.
    pub fn path_pieces(&self) -> [&str; 3] {
        let base = self.base.as_ref().map_or("", |b| b.path.as_str());
        let path = self.path.as_str();
        let slash = match (base.is_empty(), path.is_empty()) {
            (true, true) => "/",
            (_, false) if !path.starts_with('/') => "/",
            _ => "",
        };
        [base, slash, path]
    }

    /// The path on the wire.
    pub fn full_path(&self) -> String {
        self.path_pieces().concat()
    }
}

/// The request on its way to the backend.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Method.
    pub method: Method,
    /// Where it goes.
    pub target: Target,
    /// End-to-end headers; hop-by-hop ones are the host's own.
    pub headers: HeaderMap,
    /// Body.
    pub body: Body,
    /// Was the `Host` header set by a policy? Otherwise the host writes the backend's authority.
    pub keep_host: bool,
    /// The proxy that a policy named. It beats that of the backend.
    pub proxy: Option<Arc<Proxy>>,
}

/// A response.
#[derive(Clone, Debug)]
pub struct Response {
    /// Status code, 100 to 999.
    pub status: u16,
    /// Reason phrase; `None` for the standard one.
    pub reason: Option<Arc<str>>,
    /// End-to-end headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Body,
}

impl Default for Response {
    fn default() -> Self {
        Response { status: 200, reason: None, headers: HeaderMap::new(), body: Body::Empty }
    }
}

impl Response {
    /// An empty response.
    pub fn new(status: u16) -> Response {
        Response { status, ..Response::default() }
    }

    /// Adds a header; one that cannot stand on the wire is left out.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Response {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.append(name, value);
        }
        self
    }

    /// The reason phrase to show.
    pub fn reason_phrase(&self) -> &str {
        match &self.reason {
            Some(reason) => reason,
            None => http::StatusCode::from_u16(self.status).ok().and_then(|s| s.canonical_reason()).unwrap_or(""),
        }
    }

    /// Puts a new body in place; what described the old one goes.
    pub fn set_body(&mut self, bytes: Bytes) {
        describe_anew(&mut self.headers);
        self.body = Body::from_bytes(bytes);
    }
}

impl Request {
    /// Puts a new body in place; what described the old one goes.
    pub fn set_body(&mut self, bytes: Bytes) {
        describe_anew(&mut self.headers);
        self.body = Body::from_bytes(bytes);
    }
}

/// Removes what described the body that was there.
pub(crate) fn describe_anew(headers: &mut HeaderMap) {
    for name in [http::header::CONTENT_LENGTH, http::header::TRANSFER_ENCODING, http::header::CONTENT_ENCODING] {
        headers.remove(name);
    }
}

/// A header name as it is usually written: `x-forwarded-for` becomes `X-Forwarded-For`. (The wire's own letter case is not kept.)
pub(crate) fn written_name(name: &str) -> String {
    match name {
        "etag" => return "ETag".into(),
        "te" => return "TE".into(),
        "www-authenticate" => return "WWW-Authenticate".into(),
        _ => {}
    }
    let word = |w: &str| {
        let mut letters = w.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
    };
    name.split('-').map(word).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bases() {
        let base = Base::parse("https://contoso.com/api/10.4/?a=1#f").unwrap();
        assert_eq!(
            (base.tls, &*base.host, base.port, &*base.path, &*base.query),
            (true, "contoso.com", 443, "/api/10.4", "a=1")
        );
        assert_eq!(Base::parse("http://[::1]:8080").unwrap().authority(), "[::1]:8080");
        assert_eq!(Base::parse("http://[::1]/x").unwrap().port, 80);
        assert!(Base::parse("contoso.com").is_err());
        assert!(Base::parse("http:///x").is_err());
    }

    #[test]
    fn targets_join_without_doubling() {
        let base = Some(Arc::new(Base::parse("http://h/p/?k=1").unwrap()));
        let target = Target { base, path: "/a".into(), query: "x=y".into(), backend_level: None };
        assert_eq!(target.path_and_query(), "/p/a?k=1&x=y");
        assert_eq!(Target::default().path_and_query(), "/");
    }
}
