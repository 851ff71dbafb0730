//! The end of an exchange in the direct lane: writing the reply, and passing both bodies on until they end.

use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{Method, Version};
use pingora::Error;
use pingora::http::ResponseHeader;
use pingora::protocols::http::ServerSession;
use pingora::time::timeout;
use policy_engine::{Body, Response};

use super::direct::{DirectHost, next_of_client};
use super::upstream::{Piece, content_length};

/// An unread request body of up to this size is read and thrown away so that the connection can go on.
const DRAIN_BYTES: usize = 1024 * 1024;
/// For how long.
const DRAIN_TIME: Duration = Duration::from_secs(2);

/// How a reply ended badly after its head was sent.
#[derive(Debug)]
pub(crate) enum Undelivered {
    /// The backend broke off: the client must see a reply that is cut short.
    Cut(Box<Error>),
    /// The client went away.
    ClientGone(Box<Error>),
}

impl DirectHost<'_> {
    /// The length that the backend declared for the body that streams.
    fn declared_length(&self) -> Option<u64> {
        content_length(&self.upstream.as_ref()?.head()?.headers)
    }

    /// Writes the reply: its head, and its body from memory or from the backend.
    pub(crate) async fn deliver(&mut self, response: Response) -> Result<(), Undelivered> {
        let status = response.status;
        let streamed =
            matches!(&response.body, Body::Stream(stream) if stream.0 == self.stream && self.upstream.is_some());
        let held = match response.body {
            Body::Bytes(ref bytes) => bytes.clone(),
            _ => Bytes::new(),
        };
        let method = self.session.req_header().method.clone();
        let bodiless = method == Method::HEAD || status == 204 || status == 304 || status < 200;
        let old = self.session.req_header().version == Version::HTTP_10;
        let length = if streamed { self.declared_length() } else { u64::try_from(held.len()).ok() };
        let head = reply_head(response, length, bodiless, old);
        let pending = self.prepare_drain();
        let client_gone = |error: Box<Error>| Undelivered::ClientGone(error.into_down());
        self.session.write_response_header(Box::new(head)).await.map_err(client_gone)?;
        if streamed && !bodiless {
            self.pump().await?;
        } else {
            self.drop_upstream().await;
            let body = if bodiless { Bytes::new() } else { held };
            self.exchanged.reply_bytes = u64::try_from(body.len()).unwrap_or(u64::MAX);
            self.session.write_response_body(body, true).await.map_err(client_gone)?;
        }
        if pending {
            self.drain().await;
        }
        Ok(())
    }

    /// Passes the response's body on, and the rest of the request's.
    async fn pump(&mut self) -> Result<(), Undelivered> {
        let Some(mut upstream) = self.upstream.take() else { return Ok(()) };
        loop {
            let wanted = upstream.takes_body();
            let client = &mut *self.session;
            tokio::select! {
                biased;
                piece = upstream.read_piece() => {
                    let piece = piece.map_err(|error| Undelivered::Cut(error.into_up()))?;
                    let (count, written) = match piece {
                        None => break,
                        Some(Piece::Slice(bytes)) => (bytes.len(), write_slice(client, bytes).await),
                        Some(Piece::Bytes(bytes)) => (bytes.len(), client.write_response_body(bytes, false).await),
                    };
                    self.exchanged.reply_bytes += u64::try_from(count).unwrap_or(u64::MAX);
                    written.map_err(|error| Undelivered::ClientGone(error.into_down()))?;
                }
                piece = next_of_client(client, wanted) => {
                    self.pass_on(&mut upstream, piece).await.map_err(Undelivered::ClientGone)?;
                }
            }
        }
        let trailers = if self.session.is_http2() { upstream.read_trailers().await } else { None };
        upstream.release(self.worker).await;
        let client = &mut *self.session;
        let ended = match trailers {
            Some(trailers) => client.write_response_trailers(trailers).await,
            None => client.write_response_body(Bytes::new(), true).await,
        };
        ended.map_err(|error| Undelivered::ClientGone(error.into_down()))
    }

    /// Whether an unread request body is to be read and thrown away after the reply, so that the connection can go on.
    fn prepare_drain(&mut self) -> bool {
        if self.session.is_body_done() || self.session.is_http2() {
            return false;
        }
        let length = content_length(&self.session.req_header().headers);
        let small = length.is_none_or(|length| length <= u64::try_from(DRAIN_BYTES).unwrap_or(u64::MAX));
        // A client that was not told to go on may send its body or not: nobody can tell where the next request begins.
        if small
            && self.continued
            && let ServerSession::H1(client) = self.session
        {
            client.set_close_on_response_before_downstream_finish(false);
            return true;
        }
        false
    }

    async fn drain(&mut self) {
        let client = &mut *self.session;
        let reading = async {
            let mut count = 0;
            while let Ok(Some(piece)) = client.read_request_body().await {
                count += piece.len();
                if count > DRAIN_BYTES {
                    return false;
                }
            }
            client.is_body_done()
        };
        if !timeout(DRAIN_TIME, reading).await.unwrap_or(false) {
            self.session.set_keepalive(None);
        }
    }
}

/// The head of a reply on the wire. `length` is that of a body in memory, none for one that streams.
fn reply_head(response: Response, length: Option<u64>, bodiless: bool, old: bool) -> ResponseHeader {
    let (mut parts, ()) = http::Response::new(()).into_parts();
    parts.status = http::StatusCode::from_u16(response.status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    parts.headers = response.headers;
    parts.version = Version::HTTP_11;
    let headers = &mut parts.headers;
    headers.remove(header::TRANSFER_ENCODING);
    match length {
        // What a HEAD or a 304 would have had stays as the backend said it.
        Some(0) if bodiless => {
            if response.status == 204 || response.status < 200 {
                headers.remove(header::CONTENT_LENGTH);
            }
        }
        Some(length) => {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        None if bodiless => {}
        None => {
            // Whatever a policy wrote: the length of a body that streams is the backend's to say.
            headers.remove(header::CONTENT_LENGTH);
            if !old {
                headers.insert(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
            }
        }
    }
    let mut head = ResponseHeader::from(parts);
    let _ = head.set_reason_phrase(response.reason.as_deref());
    head
}

/// Writes a reply whose body is in memory, without a program or an exchange.
pub(crate) async fn write_held(session: &mut ServerSession, response: Response) -> Result<(), Box<Error>> {
    let body = match &response.body {
        Body::Bytes(bytes) if session.req_header().method != Method::HEAD => bytes.clone(),
        _ => Bytes::new(),
    };
    let old = session.req_header().version == Version::HTTP_10;
    let head = reply_head(response, u64::try_from(body.len()).ok(), false, old);
    session.write_response_header(Box::new(head)).await.map_err(Error::into_down)?;
    session.write_response_body(body, true).await.map_err(Error::into_down)
}

async fn write_slice(client: &mut ServerSession, bytes: &[u8]) -> Result<(), Box<Error>> {
    match client {
        ServerSession::H1(client) => client.write_body(bytes).await.map(|_| ()),
        other => other.write_response_body(Bytes::copy_from_slice(bytes), false).await,
    }
}
