//! Bodies in memory: reading a stream to its end, and undoing the content coding of what somebody is about to read.
use bytes::Bytes;
use http::HeaderMap;

use super::coding::{self, Undecodable};
use super::cx::Cx;
use super::error::PolicyError;
use super::execute::io_fault;
use super::message::{Body, MAX_HELD_BODY, Response};
use super::state::EvalState;
use crate::host::IoError;

impl PolicyError {
    /// The request's body is larger than it may be.
    pub(crate) fn request_too_large(detail: impl Into<String>) -> PolicyError {
        PolicyError::refusal(413, "RequestBodyTooLarge", "Request body is too large").detail(detail)
    }

    /// The response's body is larger than it may be.
    pub(crate) fn response_too_large(detail: impl Into<String>) -> PolicyError {
        PolicyError::internal("ResponseBodyTooLarge", detail)
    }
}

/// A failure to read a response's body.
pub(crate) fn response_fault(error: &IoError) -> PolicyError {
    match error {
        IoError::TooLarge(_) => PolicyError::response_too_large(error.to_string()),
        other => io_fault(other),
    }
}

impl EvalState {
    /// Bytes of the responses that variables refer to.
    pub(crate) fn kept_bytes(&self) -> usize {
        self.responses.iter().filter_map(|r| r.body.bytes()).map(Bytes::len).sum()
    }
}

impl Cx<'_> {
    /// Reads the request's body into memory, unless it is there.
    pub(crate) async fn hold_request(&mut self) -> Result<(), PolicyError> {
        if let Body::Stream(stream) = self.state.request.body {
            let bytes = self.host.read_body(stream, MAX_HELD_BODY).await.map_err(|e| io_fault(&e))?;
            self.state.request.body = Body::from_bytes(bytes);
        }
        Ok(())
    }

    /// Reads the response's body into memory, unless it is there.
    pub(crate) async fn hold_response(&mut self) -> Result<(), PolicyError> {
        if let Some(Response { body: Body::Stream(stream), .. }) = &self.state.response {
            let bytes = self.host.read_body(*stream, MAX_HELD_BODY).await.map_err(|e| response_fault(&e))?;
            self.state.response_mut().body = Body::from_bytes(bytes);
        }
        Ok(())
    }

    /// Reads the body of the message that the step acts on into memory, unless it is there.
    pub(crate) async fn hold_body(&mut self) -> Result<(), PolicyError> {
        if self.on_request() { self.hold_request().await } else { self.hold_response().await }
    }

    /// Does the body of the message that the step acts on still stream?
    pub(crate) fn is_streaming(&self) -> bool {
        matches!(self.message().map(|(_, body)| body), Some(Body::Stream(_)))
    }

    /// The held body of the message that the step acts on without its content coding; the message stays as it is. `None`
    /// where there is no body.
    pub(crate) fn plain_body(&self) -> Result<Option<Bytes>, PolicyError> {
        let Some((headers, Body::Bytes(bytes))) = self.message() else { return Ok(None) };
        let mut size: usize = 0;
        let decoded = coding::decoded(headers, bytes, &mut |count| {
            size = size.saturating_add(count);
            if size > MAX_HELD_BODY { Err(IoError::TooLarge(MAX_HELD_BODY).to_string()) } else { Ok(()) }
        });
        match decoded {
            Ok(plain) => Ok(Some(plain.unwrap_or_else(|| bytes.clone()))),
            Err(Undecodable::Malformed(coding)) => Err(PolicyError::evaluation(&coding::malformed(coding))),
            Err(Undecodable::Refused(text)) if self.on_request() => Err(PolicyError::request_too_large(text)),
            Err(Undecodable::Refused(text)) => Err(PolicyError::response_too_large(text)),
        }
    }

    /// Puts a new body into the message that the step acts on; what described the old one goes.
    pub(crate) fn set_body(&mut self, bytes: Bytes) {
        if self.on_request() {
            self.state.request.set_body(bytes);
        } else {
            self.state.response_mut().set_body(bytes);
        }
    }

    /// Headers of the message that the step acts on.
    pub(crate) fn headers(&self) -> Option<&HeaderMap> {
        self.message().map(|(headers, _)| headers)
    }

    /// Headers of the message that the step acts on, to change.
    pub(crate) fn headers_mut(&mut self) -> &mut HeaderMap {
        if self.on_request() { &mut self.state.request.headers } else { &mut self.state.response_mut().headers }
    }

    fn message(&self) -> Option<(&HeaderMap, &Body)> {
        if self.on_request() {
            let request = &self.state.request;
            return Some((&request.headers, &request.body));
        }
        self.state.response.as_ref().map(|response| (&response.headers, &response.body))
    }
}
