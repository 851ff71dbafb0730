//! Where a redirect leads and what the next request looks like.
//!
//! Rules: 301, 302 and 303 turn anything but GET and HEAD into GET without a body; 307 and 308 replay a body that is in memory;
//! never from https to http; `Authorization` does not follow to another host.
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, header};

use crate::run::{Base, Body, Request, Response, Target};

/// Most redirects that are followed for one request.
pub(in crate::policies) const MAX_HOPS: usize = 50;

/// The request that follows a redirect; `None` when the response is to be passed on as it is.
pub(in crate::policies) fn follow(request: &Request, response: &Response) -> Option<Request> {
    let location = response.headers.get(header::LOCATION)?.to_str().ok()?.trim();
    let base = request.target.base.as_ref()?;
    let (to_base, path, query) = resolve(base, &request.target, location)?;
    if base.tls && !to_base.tls {
        return None;
    }
    let mut next = request.clone();
    match response.status {
        301..=303 => {
            if next.method != Method::GET && next.method != Method::HEAD {
                next.method = Method::GET;
                next.set_body(Bytes::new());
                next.headers.remove(header::CONTENT_TYPE);
            }
        }
        307 | 308 if matches!(request.body, Body::Empty | Body::Bytes(_)) => {}
        _ => return None,
    }
    if !to_base.host.eq_ignore_ascii_case(&base.host) || to_base.port != base.port || to_base.tls != base.tls {
        next.headers.remove(header::AUTHORIZATION);
        next.keep_host = false;
    }
    next.target = Target { base: Some(to_base), path, query, backend_level: None };
    Some(next)
}

/// Base, path and query of a `Location`.
fn resolve(base: &Arc<Base>, target: &Target, location: &str) -> Option<(Arc<Base>, String, String)> {
    let location = location.split('#').next().unwrap_or("");
    let absolute = match location {
        l if l.contains("://") => l.to_owned(),
        l if l.starts_with("//") => format!("{}:{l}", base.scheme()),
        l if l.starts_with('/') => format!("{}://{}{l}", base.scheme(), base.authority()),
        "" => return None,
        l => {
            let path = target.full_path();
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            format!("{}://{}{folder}/{l}", base.scheme(), base.authority())
        }
    };
    let mut to = Base::parse(&absolute).ok()?;
    let (path, query) = (path_of(&absolute), std::mem::take(&mut to.query));
    to.path.clear();
    if to.host.eq_ignore_ascii_case(&base.host) && to.port == base.port {
        to.backend.clone_from(&base.backend);
    }
    Some((Arc::new(to), path, query))
}

/// The path of an absolute URL, its trailing `/` kept.
fn path_of(url: &str) -> String {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let rest = rest.split('?').next().unwrap_or("");
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(url: &str, path: &str) -> Request {
        let base = Some(Arc::new(Base::parse(url).unwrap()));
        let mut request = Request {
            method: Method::POST,
            target: Target { base, path: path.into(), ..Target::default() },
            ..Request::default()
        };
        request.headers.insert(header::AUTHORIZATION, "x".parse().unwrap());
        request.body = Body::from_bytes("b");
        request
    }

    fn to(request: &Request, status: u16, location: &str) -> Option<Request> {
        follow(request, &Response::new(status).with_header(header::LOCATION, location))
    }

    #[test]
    fn rules() {
        let first = request("https://a.example/base", "/x/y");
        let next = to(&first, 302, "/z/?q=1").unwrap();
        assert_eq!((next.method.as_str(), next.target.path_and_query().as_str()), ("GET", "/z/?q=1"));
        assert!(next.headers.contains_key(header::AUTHORIZATION));
        assert_eq!(to(&first, 302, "z").unwrap().target.path_and_query(), "/base/x/z");
        let other = to(&first, 308, "https://b.example/z").unwrap();
        assert_eq!(other.method, Method::POST);
        assert!(other.body.bytes().is_some() && !other.headers.contains_key(header::AUTHORIZATION));
        assert!(to(&first, 302, "http://a.example/z").is_none());
        assert!(to(&first, 304, "/z").is_none());
        let mut streamed = request("http://a", "/");
        streamed.body = Body::Sent;
        assert!(to(&streamed, 307, "/z").is_none());
    }
}
