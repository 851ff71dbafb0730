//! The direct lane: the program drives the exchange itself, inside one hook of Pingora's flow.
//!
//! [`DirectHost`] is what the program asks: it forwards, once or several times, passes bodies chunk by chunk in both
//! directions, and holds them only when it is told to. At the end [`DirectHost::deliver`] writes the reply. The client is
//! watched all the time: when it goes away, so does the exchange with the backend.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Version};
use pingora::http::RequestHeader;
use pingora::protocols::http::ServerSession;
use pingora::time::timeout;
use pingora::{Error, ErrorSource, ErrorType};
use policy_engine::{Body, BodyStream, ForwardOptions, HttpVersion, IoError, Request, Response};

use super::headers::{add_forwarded_for, strip_hop_by_hop};
use super::upstream::{Piece, Upstream, content_length, is_stale_connection};
use super::way::Way;
use crate::backends::Peer;
use crate::proxy::worker::Worker;
use crate::world::World;

/// Attempts on kept connections that turn out dead.
const MAX_ATTEMPTS: usize = 3;
/// What an exchange was like, for log and metrics.
#[derive(Debug, Default, Clone)]
pub(crate) struct Exchanged {
    /// Status of the last backend response.
    pub(crate) status: Option<u16>,
    /// Time spent waiting for backends, up to their response heads.
    pub(crate) waited: Duration,
    /// Authority of the last backend.
    pub(crate) backend: Option<HeaderValue>,
    /// Attempts that were repeated on a fresh connection.
    pub(crate) repeated: u32,
    /// Bytes of the response body passed on.
    pub(crate) reply_bytes: u64,
    /// Status that tells the client what was wrong with its body.
    pub(crate) client_fault: Option<u16>,
}

/// The exchange of one request.
pub(crate) struct DirectHost<'s> {
    pub(crate) session: &'s mut ServerSession,
    pub(crate) worker: &'s Arc<Worker>,
    pub(crate) world: &'s Arc<World>,
    pub(crate) exchanged: &'s mut Exchanged,
    pub(super) upstream: Option<Box<Upstream>>,
    pub(super) stream: u32,
    /// The client has been told to send its body, or needs not be told.
    pub(super) continued: bool,
    /// Body bytes of the client have been passed on and are gone.
    spent: bool,
}

impl<'s> DirectHost<'s> {
    pub(crate) fn new(
        session: &'s mut ServerSession,
        worker: &'s Arc<Worker>,
        world: &'s Arc<World>,
        exchanged: &'s mut Exchanged,
    ) -> Self {
        let continued = !expects_continue(session);
        Self { session, worker, world, exchanged, upstream: None, stream: 0, continued, spent: false }
    }

    // === forwarding ===

    /// Forwards a request and answers with the response's head.
    pub(crate) async fn forward_request(
        &mut self,
        request: &Request,
        options: &ForwardOptions,
    ) -> Result<Response, IoError> {
        self.drop_upstream().await;
        let started = Instant::now();
        let result = match timeout(options.timeout, self.exchange(request, options)).await {
            Ok(result) => result,
            Err(_) => Err(IoError::Timeout(format!("no response within {} ms", options.timeout.as_millis()))),
        };
        self.exchanged.waited += started.elapsed();
        if let Ok(response) = &result {
            self.exchanged.status = Some(response.status);
        }
        result
    }

    async fn exchange(&mut self, request: &Request, options: &ForwardOptions) -> Result<Response, IoError> {
        let base = request.target.base.as_ref();
        let base = base.ok_or_else(|| IoError::Connection("the API has no backend service".to_owned()))?;
        let plain_http1 = options.version != HttpVersion::Http2;
        let rules = self.world.rules_for(base);
        let way = Way::new(request.proxy.as_ref().or(rules.and_then(|rules| rules.proxy.as_ref())), base, plain_http1);
        let peer = self.worker.peers.get(&way.key(base, versions(options.version), rules)).await;
        let peer = peer.map_err(|error| IoError::Connection(error.to_string()))?;
        let sending = self.sending(request)?;
        self.exchanged.backend = Some(peer.host.clone());
        let may_repeat = is_repeatable(request);
        let mut attempt = 1;
        loop {
            let head = self.head(request, options, &peer, way, &sending)?;
            let (upstream, reused) = self.connect(&peer).await?;
            match self.converse(upstream, reused, head, &sending, options).await {
                Ok(response) => return Ok(response),
                Err(Broken { error, head_unsent }) => {
                    let stale = reused && is_stale_connection(&error) && *error.esource() != ErrorSource::Downstream;
                    let whole = !self.spent || self.session.get_retry_buffer().is_some();
                    if !(stale && whole && (may_repeat || head_unsent) && attempt < MAX_ATTEMPTS) {
                        return Err(io_error(&error));
                    }
                    attempt += 1;
                    self.exchanged.repeated += 1;
                }
            }
        }
    }

    async fn connect(&self, peer: &Peer) -> Result<(Box<Upstream>, bool), IoError> {
        let mut last = None;
        for address in peer.addresses() {
            match Upstream::connect(self.worker, address).await {
                Ok(connected) => return Ok(connected),
                Err(error) => last = Some(io_error(&error)),
            }
        }
        Err(last.unwrap_or_else(|| IoError::Connection("the backend has no address".to_owned())))
    }

    fn sending(&mut self, request: &Request) -> Result<Sending, IoError> {
        match &request.body {
            Body::Empty | Body::Consumed => Ok(Sending::Nothing),
            Body::Bytes(bytes) => Ok(Sending::Bytes(bytes.clone())),
            Body::Sent => Err(IoError::NotReplayable),
            Body::Stream(stream) if *stream != BodyStream::CLIENT => {
                Err(IoError::Unsupported("the body of a response cannot be forwarded unread".to_owned()))
            }
            Body::Stream(_) if self.spent => Err(IoError::NotReplayable),
            Body::Stream(_) if self.session.is_body_empty() => Ok(Sending::Nothing),
            Body::Stream(_) => Ok(Sending::Client(content_length(&self.session.req_header().headers))),
        }
    }

    fn head(
        &self,
        request: &Request,
        options: &ForwardOptions,
        peer: &Peer,
        way: Way<'_>,
        sending: &Sending,
    ) -> Result<Box<RequestHeader>, IoError> {
        let bad = |what: String| IoError::Connection(format!("the request cannot be sent: {what}"));
        let (mut parts, ()) = http::Request::new(()).into_parts();
        parts.method = request.method.clone();
        let target = request.target.path_and_query();
        parts.uri = http::Uri::try_from(target).map_err(|error| bad(error.to_string()))?;
        parts.version = Version::HTTP_11;
        parts.headers = request.headers.clone();
        let headers = &mut parts.headers;
        if !request.keep_host {
            headers.insert(header::HOST, peer.host.clone());
        }
        headers.remove(header::EXPECT);
        headers.remove(header::TRANSFER_ENCODING);
        match sending {
            Sending::Nothing if matches!(request.method, Method::POST | Method::PUT | Method::PATCH) => {
                headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
            }
            Sending::Nothing => {
                headers.remove(header::CONTENT_LENGTH);
            }
            Sending::Bytes(bytes) => {
                headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
            }
            Sending::Client(Some(length)) => {
                headers.insert(header::CONTENT_LENGTH, HeaderValue::from(*length));
            }
            Sending::Client(None) => {
                headers.remove(header::CONTENT_LENGTH);
                if options.version == HttpVersion::Http1 {
                    headers.insert(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
                }
            }
        }
        if let Some(client) = self.worker.client_ip(self.session) {
            add_forwarded_for(headers, client);
        }
        if options.continue_timeout.is_some() && !matches!(sending, Sending::Nothing) {
            headers.insert(header::EXPECT, HeaderValue::from_static("100-continue"));
        }
        if let Some(id) = request.target.base.as_ref().and_then(|base| base.backend.as_ref())
            && let Some(rules) = self.world.backend_rules(id)
        {
            rules.apply(&mut parts).map_err(bad)?;
        }
        match &request.target.base {
            Some(base) => way.head(base, parts, request.keep_host),
            None => Ok(Box::new(parts.into())),
        }
    }

    /// One attempt: sends, and reads until the response's head is there. The rest of both bodies flows later.
    async fn converse(
        &mut self,
        mut upstream: Box<Upstream>,
        reused: bool,
        mut head: Box<RequestHeader>,
        sending: &Sending,
        options: &ForwardOptions,
    ) -> Result<Response, Broken> {
        if upstream.is_http2() {
            head.remove_header(&header::TRANSFER_ENCODING);
        } else if matches!(sending, Sending::Client(None)) {
            // The version was negotiated: over HTTP/1 an unknown length needs chunks.
            let _ = head.insert_header(header::TRANSFER_ENCODING, "chunked");
        }
        let method = head.method.clone();
        let nothing = matches!(sending, Sending::Nothing);
        upstream.send_head(head, nothing).await.map_err(|error| Broken { error, head_unsent: true })?;
        let early = match (options.continue_timeout, sending) {
            (Some(patience), Sending::Bytes(_) | Sending::Client(_)) => {
                // Boxed: rare, and it would widen the future of every exchange.
                Box::pin(self.await_continue(&mut upstream, patience)).await?
            }
            _ => false,
        };
        if !early {
            match sending {
                Sending::Nothing => {}
                Sending::Bytes(bytes) => {
                    upstream.send_piece(bytes.clone()).await;
                    upstream.send_end().await;
                }
                Sending::Client(_) => Box::pin(self.begin_body(&mut upstream, reused)).await?,
            }
            self.until_head(&mut upstream).await?;
        }
        let response = self.take_head(&mut upstream, &method)?;
        self.upstream = Some(upstream);
        Ok(response)
    }

    /// Waits for `100 Continue`. True when a final response came instead.
    async fn await_continue(&mut self, upstream: &mut Upstream, patience: Duration) -> Result<bool, Broken> {
        loop {
            match timeout(patience, upstream.read_head()).await {
                Err(_) => {
                    let text = format!("no 100 Continue within {} ms", patience.as_millis());
                    return Err(Broken::from(Error::explain(ErrorType::ReadTimedout, text)));
                }
                Ok(head) => match head.map_err(Broken::from)?.status.as_u16() {
                    100 => return Ok(false),
                    101..=199 => {}
                    _ => return Ok(true),
                },
            }
        }
    }

    /// Tells the client to go on, and repeats what an earlier attempt has read of its body.
    async fn begin_body(&mut self, upstream: &mut Upstream, reused: bool) -> Result<(), Broken> {
        self.say_continue().await.map_err(|error| Broken::from(error.into_down()))?;
        if self.spent {
            if let Some(bytes) = self.session.get_retry_buffer() {
                upstream.send_piece(bytes).await;
            }
        } else {
            // Only a kept connection can turn out dead in a way that allows a second attempt.
            if reused {
                self.session.enable_retry_buffering();
            }
            self.spent = true;
        }
        if self.session.is_body_done() {
            upstream.send_end().await;
        }
        Ok(())
    }

    async fn say_continue(&mut self) -> Result<(), Box<Error>> {
        if !self.continued {
            self.continued = true;
            self.session.write_continue_response().await?;
        }
        Ok(())
    }

    /// Passes the client's body on while waiting for the response's head, whichever comes.
    async fn until_head(&mut self, upstream: &mut Upstream) -> Result<(), Broken> {
        let wanted = upstream.takes_body();
        loop {
            let client = &mut *self.session;
            tokio::select! {
                biased;
                head = upstream.read_head() => {
                    let status = head.map_err(Broken::from)?.status.as_u16();
                    match status {
                        101 => {
                            let text = "101 without having asked for another protocol";
                            return Err(Broken::from(Error::explain(ErrorType::InvalidHTTPHeader, text)));
                        }
                        100..=199 => {}
                        _ => return Ok(()),
                    }
                }
                piece = next_of_client(client, wanted) => {
                    self.pass_on(upstream, piece).await.map_err(Broken::from)?;
                }
            }
        }
    }

    /// Passes a piece of the client's body on.
    pub(super) async fn pass_on(
        &mut self,
        upstream: &mut Upstream,
        piece: Result<Option<Bytes>, Box<Error>>,
    ) -> Result<(), Box<Error>> {
        let piece = piece.map_err(|error| self.client_fault(error))?;
        if let Some(piece) = piece {
            upstream.send_piece(piece).await;
        }
        if self.session.is_body_done() {
            upstream.send_end().await;
        }
        Ok(())
    }

    fn take_head(&mut self, upstream: &mut Upstream, method: &Method) -> Result<Response, Broken> {
        let done = upstream.is_done();
        let head = upstream.head().ok_or_else(|| Broken::from(Error::explain(ErrorType::InternalError, "no head")))?;
        let mut response = Response::new(head.status.as_u16());
        response.reason =
            head.get_reason_phrase().filter(|reason| Some(*reason) != head.status.canonical_reason()).map(Into::into);
        response.headers = head.headers.clone();
        strip_hop_by_hop(&mut response.headers);
        self.stream = self.stream.wrapping_add(1).max(1);
        let bodiless = *method == Method::HEAD || matches!(response.status, 204 | 304);
        response.body = if done || bodiless { Body::Empty } else { Body::Stream(BodyStream(self.stream)) };
        Ok(response)
    }

    /// Gives up or gives back the exchange before this one.
    pub(super) async fn drop_upstream(&mut self) {
        if let Some(mut upstream) = self.upstream.take() {
            upstream.is_done();
            upstream.release(self.worker).await;
        }
    }

    /// A failure to read from the client, and whether it can be told why.
    fn client_fault(&mut self, error: Box<Error>) -> Box<Error> {
        let kind = error.root_cause().downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        self.exchanged.client_fault = match kind {
            Some(std::io::ErrorKind::InvalidData) => Some(400),
            Some(std::io::ErrorKind::TimedOut) => Some(408),
            _ => None,
        };
        error.into_down()
    }

    // === holding bodies ===

    /// Reads a body into memory.
    pub(crate) async fn hold(&mut self, stream: BodyStream, limit: usize) -> Result<Bytes, IoError> {
        if stream == BodyStream::CLIENT {
            return self.hold_client(limit).await;
        }
        if stream.0 != self.stream {
            return Err(IoError::Unsupported("this response body is gone".to_owned()));
        }
        let Some(mut upstream) = self.upstream.take() else {
            return Err(IoError::Unsupported("this response body has been read".to_owned()));
        };
        let mut held = BytesMut::new();
        loop {
            let wanted = upstream.takes_body();
            let client = &mut *self.session;
            tokio::select! {
                biased;
                piece = upstream.read_piece() => {
                    match piece.map_err(|error| io_error(&error))? {
                        Some(Piece::Slice(bytes)) => held.extend_from_slice(bytes),
                        Some(Piece::Bytes(bytes)) => held.extend_from_slice(&bytes),
                        None => break,
                    }
                    if held.len() > limit {
                        return Err(IoError::TooLarge(limit));
                    }
                }
                piece = next_of_client(client, wanted) => {
                    self.pass_on(&mut upstream, piece).await.map_err(|error| io_error(&error))?;
                }
            }
        }
        upstream.release(self.worker).await;
        Ok(held.freeze())
    }

    async fn hold_client(&mut self, limit: usize) -> Result<Bytes, IoError> {
        if self.spent {
            return Err(IoError::NotReplayable);
        }
        if self.session.is_body_empty() {
            return Ok(Bytes::new());
        }
        let declared = content_length(&self.session.req_header().headers);
        if declared.is_some_and(|length| length > u64::try_from(limit).unwrap_or(u64::MAX)) {
            return Err(IoError::TooLarge(limit));
        }
        self.say_continue().await.map_err(|_| IoError::ClientGone)?;
        self.spent = true;
        let mut held = BytesMut::new();
        loop {
            let read = self.session.read_request_body().await;
            let Some(piece) = read.map_err(|error| io_error(&self.client_fault(error)))? else { break };
            if held.len() + piece.len() > limit {
                return Err(IoError::TooLarge(limit));
            }
            if held.is_empty() && self.session.is_body_done() {
                return Ok(piece);
            }
            held.extend_from_slice(&piece);
        }
        Ok(held.freeze())
    }

    /// Waits, unless the client goes away.
    pub(crate) async fn pause(&mut self, time: Duration) -> Result<(), IoError> {
        if !self.session.is_body_done() {
            pingora::time::sleep(time).await;
            return Ok(());
        }
        tokio::select! {
            biased;
            () = pingora::time::sleep(time) => Ok(()),
            _ = next_of_client(self.session, false) => Err(IoError::ClientGone),
        }
    }
}

/// The next piece of the client's body where it is wanted; after its end, only the news that the client is gone.
///
/// A body that nobody wants is not looked at while the exchange lasts: its bytes would look like data behind the end of the
/// request. `deliver` reads them away after the reply.
pub(super) async fn next_of_client(client: &mut ServerSession, wanted: bool) -> Result<Option<Bytes>, Box<Error>> {
    let done = client.is_body_done();
    if !wanted && !done {
        return std::future::pending().await;
    }
    client.read_body_or_idle(done).await
}

/// The lowest and the highest version.
fn versions(version: HttpVersion) -> (u8, u8) {
    match version {
        HttpVersion::Http1 => (1, 1),
        HttpVersion::Http2 => (2, 2),
        HttpVersion::Prefer2 => (1, 2),
    }
}

/// What goes to the backend as a body.
enum Sending {
    Nothing,
    Bytes(Bytes),
    /// The client's own, with its length where it is known.
    Client(Option<u64>),
}

/// An attempt that failed.
struct Broken {
    error: Box<Error>,
    /// Not even the head went out.
    head_unsent: bool,
}

impl From<Box<Error>> for Broken {
    fn from(error: Box<Error>) -> Self {
        Self { error, head_unsent: false }
    }
}

/// Whether a request may be sent twice when nobody knows if the first one arrived: idempotent methods (RFC 9110 9.2.2), and
/// any that carries a key for that purpose.
fn is_repeatable(request: &Request) -> bool {
    matches!(
        request.method,
        Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE | Method::PUT | Method::DELETE
    ) || request.headers.contains_key("idempotency-key")
}

fn expects_continue(session: &ServerSession) -> bool {
    session
        .req_header()
        .headers
        .get(header::EXPECT)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// A failure of Pingora's in the engine's terms.
pub(crate) fn io_error(error: &Error) -> IoError {
    if *error.esource() == ErrorSource::Downstream {
        return IoError::ClientGone;
    }
    match error.etype() {
        ErrorType::ConnectTimedout | ErrorType::TLSHandshakeTimedout => IoError::Connection(error.to_string()),
        ErrorType::ReadTimedout | ErrorType::WriteTimedout => IoError::Timeout(error.to_string()),
        _ => IoError::Connection(error.to_string()),
    }
}

/// Headers of a client request as the program sees them.
pub(crate) fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    strip_hop_by_hop(&mut headers);
    headers
}
