//! One exchange with a backend on Pingora's HTTP connectors: request out, response head in, and the body chunk by chunk.
//!
//! It drives both HTTP versions through one small face. What Pingora's proxy flow would have done is done here on purpose:
//! interim replies, early replies, write errors that a readable reply explains, and connections that are only given back
//! when both messages are whole.

use std::time::Duration;

use bytes::Bytes;
use http::header;
use pingora::http::{RequestHeader, ResponseHeader};
use pingora::protocols::http::client::HttpSession as ClientSession;
use pingora::time::timeout;
use pingora::{Error, ErrorType, RetryType};

use super::worker::Worker;
use crate::backends::Address;

/// Idle upstream connections are closed after this time.
const IDLE_CONNECTION: Duration = Duration::from_secs(60);

/// A connection to a backend with one exchange on it.
pub(crate) struct Upstream {
    session: ClientSession,
    address: Address,
    /// The request has been sent whole.
    sent: bool,
    /// Sending broke; only a reply may still be read.
    broken: Option<Box<Error>>,
    /// The response has been read whole.
    done: bool,
    /// Patience between two pieces of the response body.
    idle: Duration,
}

/// A piece of a response body.
pub(crate) enum Piece<'u> {
    /// In the connection's own buffer (HTTP/1).
    Slice(&'u [u8]),
    /// Owned (HTTP/2).
    Bytes(Bytes),
}

impl Upstream {
    /// Connects, or takes a kept connection; the second value says which.
    pub(crate) async fn connect(worker: &Worker, address: &Address) -> Result<(Box<Self>, bool), Box<Error>> {
        let (session, reused) = match address {
            Address::Plain(address) => {
                let (session, reused) = worker.pool.session(*address).await?;
                (ClientSession::H1(session), reused)
            }
            // Boxed: the futures of Pingora's connector are large, and those of plain exchanges should not be.
            Address::Peer(peer) => Box::pin(async { worker.connector().await.get_http_session(&**peer).await }).await?,
        };
        let upstream =
            Self { session, address: address.clone(), sent: false, broken: None, done: false, idle: worker.body_idle };
        Ok((Box::new(upstream), reused))
    }

    /// Whether the connection speaks HTTP/2.
    pub(crate) fn is_http2(&self) -> bool {
        matches!(self.session, ClientSession::H2(_))
    }

    /// Sends the head; `end` when no body follows.
    pub(crate) async fn send_head(&mut self, head: Box<RequestHeader>, end: bool) -> Result<(), Box<Error>> {
        match &mut self.session {
            ClientSession::H1(session) => session.write_request_header(head).await.map(|_| ())?,
            ClientSession::H2(session) => session.write_request_header(head, end)?,
            ClientSession::Custom(()) => return Err(no_such_protocol()),
        }
        self.sent = end;
        Ok(())
    }

    /// Sends a piece of the body. A failure is kept: the reply that explains it may already be there.
    pub(crate) async fn send_piece(&mut self, piece: Bytes) {
        if self.sent || self.broken.is_some() || piece.is_empty() {
            return;
        }
        let sent = match &mut self.session {
            ClientSession::H1(session) => session.write_body(&piece).await.map(|_| ()),
            ClientSession::H2(session) => session.write_request_body(piece, false).await,
            ClientSession::Custom(()) => Err(no_such_protocol()),
        };
        self.broken = sent.err();
    }

    /// Ends the body.
    pub(crate) async fn send_end(&mut self) {
        if self.sent || self.broken.is_some() {
            return;
        }
        match self.session.finish_request_body().await {
            Ok(()) => self.sent = true,
            Err(error) => self.broken = Some(error),
        }
    }

    /// Whether pieces of the body are still of use.
    pub(crate) fn takes_body(&self) -> bool {
        !self.sent && self.broken.is_none()
    }

    /// Reads a head, possibly an interim one. May be dropped and called again.
    pub(crate) async fn read_head(&mut self) -> Result<&ResponseHeader, Box<Error>> {
        let read = match &mut self.session {
            ClientSession::H1(session) => session.read_response().await.map(|_| ()),
            ClientSession::H2(session) => session.read_response_header().await,
            ClientSession::Custom(()) => Err(no_such_protocol()),
        };
        if let Err(error) = read {
            // The write error came first and tells more.
            return Err(self.broken.take().unwrap_or(error));
        }
        self.session.response_header().ok_or_else(no_such_protocol)
    }

    /// The head that was read last.
    pub(crate) fn head(&self) -> Option<&ResponseHeader> {
        self.session.response_header()
    }

    /// Whether the response has no (more) body.
    pub(crate) fn is_done(&mut self) -> bool {
        self.done = self.done
            || match &mut self.session {
                ClientSession::H1(session) => session.is_body_done(),
                // An error can end an HTTP/2 stream too: only reading tells (see `read_piece`).
                ClientSession::H2(session) => matches!(session.check_response_end_or_error(), Ok(true)),
                ClientSession::Custom(()) => true,
            };
        self.done
    }

    /// Reads a piece of the body; `None` at its end. May be dropped and called again.
    pub(crate) async fn read_piece(&mut self) -> Result<Option<Piece<'_>>, Box<Error>> {
        let idle = self.idle;
        let piece = match &mut self.session {
            ClientSession::H1(session) => {
                if session.is_body_done() {
                    self.done = true;
                    return Ok(None);
                }
                timeout(idle, session.read_body_ref()).await.map_err(|_| stalled())??.map(Piece::Slice)
            }
            ClientSession::H2(session) => {
                let read = timeout(idle, session.read_response_body()).await.map_err(|_| stalled())??;
                if read.is_none() {
                    session.check_response_end_or_error()?;
                }
                read.map(Piece::Bytes)
            }
            ClientSession::Custom(()) => None,
        };
        if piece.is_none() {
            self.done = true;
        }
        Ok(piece)
    }

    /// Trailers of an HTTP/2 response that has been read to its end.
    pub(crate) async fn read_trailers(&mut self) -> Option<http::HeaderMap> {
        match &mut self.session {
            ClientSession::H2(session) => timeout(self.idle, session.read_trailers()).await.ok()?.ok()?,
            _ => None,
        }
    }

    /// Gives the connection back if it can carry another exchange; otherwise closes it.
    pub(crate) async fn release(self: Box<Self>, worker: &Worker) {
        let Self { session, address, sent, broken, done, .. } = *self;
        let whole = sent && done && broken.is_none();
        match (session, &address) {
            (ClientSession::H1(mut session), _) if !whole => session.shutdown().await,
            (ClientSession::H1(session), Address::Plain(address)) => worker.pool.give_back(session, *address).await,
            (mut session, Address::Peer(peer)) => {
                if let (ClientSession::H2(session), false) = (&mut session, whole) {
                    session.shutdown();
                }
                let idle = Some(IDLE_CONNECTION);
                Box::pin(async { worker.connector().await.release_http_session(session, &**peer, idle).await }).await;
            }
            _ => {}
        }
    }
}

/// Whether a failure on a kept connection says that the backend never saw the request whole.
pub(crate) fn is_stale_connection(error: &Error) -> bool {
    matches!(error.retry, RetryType::ReusedOnly)
        || matches!(error.etype, ErrorType::WriteError | ErrorType::ConnectionClosed)
        || (matches!(error.etype, ErrorType::H2Error) && error.retry())
}

/// The content length that a head declares.
pub(crate) fn content_length(headers: &http::HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

fn stalled() -> Box<Error> {
    Error::explain(ErrorType::ReadTimedout, "the response body stalled").into_up()
}

fn no_such_protocol() -> Box<Error> {
    Error::explain(ErrorType::InternalError, "a connection of an unknown protocol")
}
