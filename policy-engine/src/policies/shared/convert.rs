//! What `json-to-xml` and `xml-to-json` share: when they run, and what becomes of the message.
use http::header;

use super::media;
use crate::compile::{AttributeSpec, Node, Refused};
use crate::program::Attr;
use crate::run::{Cx, Eventually, Flow, PolicyError, StepResult};

/// The attribute that makes the request's `Accept` count.
pub(in crate::policies) const CONSIDER_ACCEPT: AttributeSpec =
    AttributeSpec::optional("consider-accept-header", "must the request's `Accept` ask for it (default `true`)?");

/// When a conversion runs.
pub(in crate::policies) struct Gate {
    consider_accept: Attr<bool>,
}

impl Gate {
    pub(in crate::policies) fn compile(node: &mut Node<'_, '_>) -> Result<Gate, Refused> {
        Ok(Gate { consider_accept: node.or(CONSIDER_ACCEPT.name, true)? })
    }

    /// Does the conversion run? `any_type`: whatever the body's media type is.
    pub(in crate::policies) fn is_open(
        &self,
        cx: &mut Cx<'_>,
        any_type: bool,
        from: fn(&str) -> bool,
        to: fn(&str) -> bool,
    ) -> Result<bool, PolicyError> {
        if !any_type && !cx.headers().is_some_and(|headers| from(media::of(headers))) {
            return Ok(false);
        }
        Ok(!*self.consider_accept.get(cx)? || media::accepts(&cx.state.request.headers, to))
    }
}

/// Reads the body into memory and converts it, where `open` says so.
pub(in crate::policies) fn on_body<'r>(
    cx: &'r mut Cx<'_>,
    open: Result<bool, PolicyError>,
    convert: impl FnOnce(&mut Cx<'_>) -> StepResult + Send + 'r,
) -> Eventually<'r, StepResult> {
    match open {
        Ok(true) => Eventually::pending(async move {
            cx.hold_body().await?;
            convert(cx)
        }),
        Ok(false) => Eventually::Ready(Ok(Flow::Continue)),
        Err(error) => Eventually::Ready(Err(error)),
    }
}

/// A body that cannot be converted: the client's fault on its way in.
pub(in crate::policies) fn unreadable(cx: &Cx<'_>, what: &str) -> PolicyError {
    let fault = PolicyError::evaluation(what);
    if cx.on_request() { fault.status(400) } else { fault }
}

/// Puts the converted body in place under its media type.
pub(in crate::policies) fn put(cx: &mut Cx<'_>, text: String, media_type: &str) -> StepResult {
    let content_type = cx.headers().and_then(|headers| media::with_charset(headers, media_type));
    cx.set_body(text.into());
    if let Some(content_type) = content_type {
        cx.headers_mut().insert(header::CONTENT_TYPE, content_type);
    }
    Ok(Flow::Continue)
}
