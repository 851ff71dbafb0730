//! `forward-request`: sends the request to its backend and takes the response's head. Backend section, every scope.
//!
//! The timeout covers the time until the head is there. Any status is an ordinary response unless `fail-on-error-status-code`
//! is set; then 400 to 599 is a fault and on-error sees the backend's response. A body that only streams can be sent once:
//! `buffer-request-body` keeps it for `retry`. `continue-timeout` together with HTTP/2 is refused, since interim replies cannot
//! be read there.
use std::borrow::Cow;
use std::time::Duration;

use super::shared::places::EVERY_SCOPE;
use super::shared::redirect;
use crate::compile::{AttributeSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::diagnostics::codes;
use crate::host::{ForwardOptions, HttpVersion, IoError};
use crate::program::{AsyncStep, Attr, Needs, Op, Section};
use crate::run::{
    Body, Cx, Eventually, Flow, Lane, PolicyError, Request, Response, Seconds, StepResult, io_fault, keywords,
};

pub(super) struct ForwardRequest;

const SPEC: Spec = Spec {
    element: "forward-request",
    summary: "sends the request to its backend",
    sections: &[Section::Backend],
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[
        AttributeSpec::optional("timeout", "seconds until the response's head is there (default 300)"),
        AttributeSpec::optional("timeout-ms", "the same in milliseconds"),
        AttributeSpec::optional("continue-timeout", "seconds to wait for `100 Continue`"),
        AttributeSpec::optional("http-version", "`1` (default), `2` or `2or1`").literal(),
        AttributeSpec::optional("follow-redirects", "are redirects followed (default `false`)?"),
        AttributeSpec::optional(
            "buffer-request-body",
            "is the body kept so that it can be sent again (default `false`)?",
        )
        .literal(),
        AttributeSpec::optional("buffer-response", "are chunks collected before they are passed on (default `true`)?")
            .literal(),
        AttributeSpec::optional("fail-on-error-status-code", "is a status of 400 to 599 a fault (default `false`)?")
            .literal(),
    ],
    content: Content::Empty,
    example: r#"<forward-request timeout="20" follow-redirects="true" />"#,
};

keywords! {
    enum Version {
        One = "1",
        Two = "2",
        TwoOrOne = "2or1",
    }
}

impl Policy for ForwardRequest {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        node.need(Needs { forwards: true, ..Needs::default() });
        let timeout: Option<Attr<Seconds>> = node.optional("timeout")?;
        let timeout_ms: Option<Attr<u64>> = node.optional("timeout-ms")?;
        let continue_timeout: Option<Attr<Seconds>> = node.optional("continue-timeout")?;
        let version = node.literal_or("http-version", Version::One)?;
        if timeout.is_some() && timeout_ms.is_some() {
            return node.fail(
                codes::CONFLICTING_ATTRIBUTES,
                "`timeout` and `timeout-ms` exclude each other",
                Some("keep one of them"),
            );
        }
        if continue_timeout.is_some() && !matches!(version, Version::One) {
            return node.fail(
                codes::UNSUPPORTED_FORM,
                "`continue-timeout` needs `http-version=\"1\"`",
                Some("interim replies cannot be read over HTTP/2"),
            );
        }
        if timeout.as_ref().and_then(Attr::constant).is_some_and(|t| t.0.is_zero())
            || timeout_ms.as_ref().and_then(Attr::constant) == Some(&0)
        {
            node.warn(
                codes::NO_EFFECT,
                "a timeout of 0 ends every request at once",
                "leave the attribute out for the default of 300 seconds",
            );
        }
        Ok(Op::async_step(Compiled {
            timeout,
            timeout_ms,
            continue_timeout,
            version: match version {
                Version::One => HttpVersion::Http1,
                Version::Two => HttpVersion::Http2,
                Version::TwoOrOne => HttpVersion::Prefer2,
            },
            follow_redirects: node.or("follow-redirects", false)?,
            buffer_request: node.literal_or("buffer-request-body", false)?,
            buffer_response: node.literal_or("buffer-response", true)?,
            fail_on_error_status: node.literal_or("fail-on-error-status-code", false)?,
        }))
    }
}

struct Compiled {
    timeout: Option<Attr<Seconds>>,
    timeout_ms: Option<Attr<u64>>,
    continue_timeout: Option<Attr<Seconds>>,
    version: HttpVersion,
    follow_redirects: Attr<bool>,
    buffer_request: bool,
    buffer_response: bool,
    fail_on_error_status: bool,
}

impl AsyncStep for Compiled {
    fn run<'r>(&'r self, cx: &'r mut Cx<'_>) -> Eventually<'r, StepResult> {
        if cx.state.lane == Lane::Duplex {
            return Eventually::Ready(Ok(Flow::Detach));
        }
        Eventually::pending(self.forward(cx))
    }
}

impl Compiled {
    async fn forward(&self, cx: &mut Cx<'_>) -> StepResult {
        let options = self.options(cx)?;
        let follow = *self.follow_redirects.get(cx)?;
        cx.state.response = None;
        if cx.state.request.target.base.is_none() {
            return Err(PolicyError::internal(
                "BackendConnectionFailure",
                "The API has no backend: neither a service URL nor set-backend-service names one.",
            ));
        }
        self.prepare_body(cx).await?;
        let mut response = exchange(cx, &options, None).await?;
        let mut hops = 0;
        let mut last: Option<Request> = None;
        while follow && (300..400).contains(&response.status) && hops < redirect::MAX_HOPS {
            let Some(next) = redirect::follow(last.as_ref().unwrap_or(&cx.state.request), &response) else { break };
            response = exchange(cx, &options, Some(&next)).await?;
            last = Some(next);
            hops = hops.saturating_add(1);
        }
        let status = response.status;
        cx.state.response = Some(response);
        cx.hold_response_if_read().await?;
        if self.fail_on_error_status && (400..600).contains(&status) {
            return Err(PolicyError::internal(
                "BackendErrorStatusCode",
                format!("The backend answered with status {status}."),
            )
            .status(status)
            .keep_response());
        }
        Ok(Flow::Continue)
    }

    fn options(&self, cx: &mut Cx<'_>) -> Result<ForwardOptions, PolicyError> {
        let timeout = match (&self.timeout, &self.timeout_ms) {
            (Some(seconds), _) => seconds.get(cx)?.0,
            (None, Some(millis)) => Duration::from_millis(*millis.get(cx)?),
            (None, None) => ForwardOptions::default().timeout,
        };
        let continue_timeout = match &self.continue_timeout {
            Some(seconds) => Some(seconds.get(cx)?.0),
            None => None,
        };
        Ok(ForwardOptions { timeout, continue_timeout, version: self.version, buffer_response: self.buffer_response })
    }

    async fn prepare_body(&self, cx: &mut Cx<'_>) -> Result<(), PolicyError> {
        match &cx.state.request.body {
            Body::Stream(_) if self.buffer_request => cx.hold_request().await,
            Body::Sent => Err(io_fault(&IoError::NotReplayable)),
            _ => Ok(()),
        }
    }
}

/// One message out, one head in. A stream that was passed on is gone, whatever came of it.
async fn exchange(
    cx: &mut Cx<'_>,
    options: &ForwardOptions,
    redirected: Option<&Request>,
) -> Result<Response, PolicyError> {
    let request = redirected.map_or(Cow::Borrowed(&cx.state.request), Cow::Borrowed);
    let result = cx.host.forward(&request, options).await;
    cx.state.forwards = cx.state.forwards.saturating_add(1);
    if matches!(cx.state.request.body, Body::Stream(_)) {
        cx.state.request.body = Body::Sent;
    }
    result.map_err(|e| io_fault(&e))
}
