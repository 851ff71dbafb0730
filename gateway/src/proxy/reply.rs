//! Replies of the gateway's own. This is the only place that turns a state of the gateway into a status; faults of policies
//! bring their default response with them.

use bytes::Bytes;
use http::header::{self, HeaderValue};
use policy_engine::{Body, LastError, PolicyError, Response};

/// Paths that are answered before any API is looked for.
pub(crate) const PROBES: [&str; 2] = ["/status-0123456789abcdef", "/internal-status-0123456789abcdef"];

/// A reply, and what the log says caused it.
pub(crate) struct Own {
    pub(crate) response: Response,
    pub(crate) source: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) message: &'static str,
}

impl Own {
    /// As a fault for the log.
    pub(crate) fn fault(&self) -> LastError {
        LastError {
            source: self.source.into(),
            reason: Some(self.reason.into()),
            message: self.message.into(),
            scope: None,
            section: None,
            path: None,
            policy_id: None,
            status: self.response.status,
        }
    }
}

/// The answer to a probe.
pub(crate) fn probe(ready: bool) -> Response {
    Response::new(if ready { 200 } else { 503 })
}

/// No configuration has been loaded yet.
pub(crate) fn no_configuration() -> Own {
    Own {
        response: message(503, "The gateway has no configuration yet."),
        source: "configuration",
        reason: "NoConfiguration",
        message: "no configuration has been received and there is no backup",
    }
}

/// A policy document that applies is broken.
pub(crate) fn broken_document(request_id: &str) -> Own {
    const WHAT: &str = "a policy document that applies to this operation has errors";
    let fault = PolicyError::internal("PolicyDocumentBroken", WHAT);
    Own {
        response: fault.response(request_id).unwrap_or_else(|| Response::new(500)),
        source: "configuration",
        reason: "PolicyDocumentBroken",
        message: WHAT,
    }
}

/// The request body is not what its framing says, or never came.
pub(crate) fn bad_body(status: u16) -> Own {
    match status {
        408 => Own {
            response: message(408, "The request body did not arrive in time."),
            source: "framing",
            reason: "SlowBody",
            message: "the request body did not arrive in time",
        },
        _ => Own {
            response: message(400, "The request body is malformed."),
            source: "framing",
            reason: "MalformedBody",
            message: "the request body is malformed",
        },
    }
}

fn message(status: u16, text: &str) -> Response {
    let body = format!("{{ \"statusCode\": {status}, \"message\": \"{text}\" }}");
    let mut response = Response { body: Body::Bytes(Bytes::from(body)), ..Response::new(status) };
    response.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
