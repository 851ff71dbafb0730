//! One request of a policy's own over the worker's connections, its whole response read up to a limit.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::BytesMut;
use http::header::{self, HeaderValue};
use pingora::time::timeout;
use policy_engine::{Base, Body, IoError, OutgoingRequest, Response};

use crate::backends::PeerKey;
use crate::proxy::headers::strip_hop_by_hop;
use crate::proxy::upstream::{Piece, Upstream, is_stale_connection};
use crate::proxy::way::Way;
use crate::proxy::worker::Worker;
use crate::world::World;

/// Attempts on kept connections that turn out dead.
const MAX_ATTEMPTS: usize = 3;
/// Requests sent without waiting that may be under way at a time, in the whole process.
const MAX_ONE_WAY: usize = 1000;
/// Bytes of their bodies. One body may be as large as any that is held.
const MAX_ONE_WAY_BYTES: usize = 128 * 1024 * 1024;

/// Sends a request and reads its response.
pub(crate) async fn send(worker: &Worker, world: &World, request: &OutgoingRequest) -> Result<Response, IoError> {
    match timeout(request.timeout, exchange(worker, world, request)).await {
        Ok(result) => result,
        Err(_) => Err(IoError::Timeout(format!("no response within {} ms", request.timeout.as_millis()))),
    }
}

/// Sends a request on a task of its own, unless too many are under way: nobody waits for them, so nothing else would hold them back
/// when the service that they go to is slow.
pub(crate) fn send_and_forget(worker: &Arc<Worker>, world: &Arc<World>, request: OutgoingRequest) {
    let Some(place) = Place::take(&worker.shared.one_way, request.body.len()) else {
        log::warn!("a request sent without waiting was left out: too many are under way");
        return;
    };
    let (worker, world) = (Arc::clone(worker), Arc::clone(world));
    tokio::spawn(async move {
        let _place = place;
        if let Err(error) = send(&worker, &world, &request).await {
            log::warn!(error = error.to_string(); "a request sent without waiting failed");
        }
    });
}

/// What is under way without anybody waiting for it.
#[derive(Debug, Default)]
pub(crate) struct UnderWay {
    requests: AtomicUsize,
    bytes: AtomicUsize,
}

/// A request's share of it, given back when it ends.
struct Place {
    of: Arc<UnderWay>,
    bytes: usize,
}

impl Place {
    fn take(of: &Arc<UnderWay>, bytes: usize) -> Option<Self> {
        let requests = of.requests.fetch_add(1, Ordering::Relaxed);
        let held = of.bytes.fetch_add(bytes, Ordering::Relaxed);
        // Made first, so that what does not fit is given back when it drops.
        let place = Self { of: Arc::clone(of), bytes };
        (requests < MAX_ONE_WAY && held.saturating_add(bytes) <= MAX_ONE_WAY_BYTES).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.of.requests.fetch_sub(1, Ordering::Relaxed);
        self.of.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

async fn exchange(worker: &Worker, world: &World, request: &OutgoingRequest) -> Result<Response, IoError> {
    if let Some(certificate) = &request.certificate {
        return Err(IoError::Unsupported(format!("client certificate `{certificate}` cannot be shown here yet")));
    }
    let base =
        Base::parse(&request.url).map_err(|why| IoError::Connection(format!("the URL cannot be used: {why}")))?;
    let way = Way::new(request.proxy.as_ref(), &base, true);
    let key = PeerKey { certificate: None, ..way.key(&base, (1, 1), world.tls_rules(&base)) };
    let peer = worker.peers.get(&key).await.map_err(|error| IoError::Connection(error.to_string()))?;
    let mut last = IoError::Connection("the backend has no address".to_owned());
    for address in peer.addresses() {
        for _ in 0..MAX_ATTEMPTS {
            let (mut upstream, reused) = match Upstream::connect(worker, address).await {
                Ok(connected) => connected,
                Err(error) => {
                    last = IoError::Connection(error.to_string());
                    break;
                }
            };
            match converse(&mut upstream, &base, &peer.host, way, request).await {
                Ok(response) => {
                    upstream.release(worker).await;
                    return Ok(response);
                }
                Err(Fault::Io(error)) => return Err(error),
                Err(Fault::Connection(error)) if reused && is_stale_connection(&error) => {}
                Err(Fault::Connection(error)) => return Err(IoError::Connection(error.to_string())),
            }
        }
    }
    Err(last)
}

enum Fault {
    Connection(Box<pingora::Error>),
    Io(IoError),
}

async fn converse(
    upstream: &mut Upstream,
    base: &Base,
    host: &HeaderValue,
    way: Way<'_>,
    request: &OutgoingRequest,
) -> Result<Response, Fault> {
    let (mut parts, ()) = http::Request::new(()).into_parts();
    parts.method = request.method.clone();
    let path = if base.path.is_empty() { "/" } else { &base.path };
    let target = if base.query.is_empty() { path.to_owned() } else { format!("{path}?{}", base.query) };
    let bad = |error: http::uri::InvalidUri| Fault::Io(IoError::Connection(format!("the URL cannot be used: {error}")));
    parts.uri = target.parse().map_err(bad)?;
    parts.headers = request.headers.clone();
    strip_hop_by_hop(&mut parts.headers);
    let keep_host = parts.headers.contains_key(header::HOST);
    if !keep_host {
        parts.headers.insert(header::HOST, host.clone());
    }
    let empty = request.body.is_empty();
    parts.headers.remove(header::CONTENT_LENGTH);
    if !empty || matches!(request.method, http::Method::POST | http::Method::PUT | http::Method::PATCH) {
        parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(request.body.len()));
    }
    let head = way.head(base, parts, keep_host).map_err(Fault::Io)?;
    upstream.send_head(head, empty).await.map_err(Fault::Connection)?;
    if !empty {
        upstream.send_piece(request.body.clone()).await;
        upstream.send_end().await;
    }
    let mut response = loop {
        let head = upstream.read_head().await.map_err(Fault::Connection)?;
        if head.status.as_u16() >= 200 {
            let mut response = Response::new(head.status.as_u16());
            response.reason = head.get_reason_phrase().map(Into::into);
            response.headers = head.headers.clone();
            break response;
        }
    };
    strip_hop_by_hop(&mut response.headers);
    let mut body = BytesMut::new();
    while let Some(piece) = upstream.read_piece().await.map_err(Fault::Connection)? {
        match piece {
            Piece::Slice(bytes) => body.extend_from_slice(bytes),
            Piece::Bytes(bytes) => body.extend_from_slice(&bytes),
        }
        if body.len() > request.max_body {
            return Err(Fault::Io(IoError::TooLarge(request.max_body)));
        }
    }
    response.body = Body::from_bytes(body.freeze());
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_and_given_back() {
        let of = Arc::new(UnderWay::default());
        let places: Vec<_> = (0..MAX_ONE_WAY).map(|_| Place::take(&of, 0).unwrap()).collect();
        assert!(Place::take(&of, 0).is_none());
        drop(places);
        let large = Place::take(&of, MAX_ONE_WAY_BYTES).unwrap();
        assert!(Place::take(&of, 1).is_none());
        drop(large);
        assert!(Place::take(&of, 1).is_some());
        assert_eq!((of.requests.load(Ordering::Relaxed), of.bytes.load(Ordering::Relaxed)), (0, 0));
    }
}
