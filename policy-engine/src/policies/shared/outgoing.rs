//! A request of a policy's own: what `send-request` and `send-one-way-request` hold, and how it becomes a message.
//!
//! `new` starts from nothing, `copy` from the request on its way to the backend (without `Host`; without the body once the
//! response is there). Children then change it in the documented order whatever the order of the text. A copied body is held in
//! memory, so that `forward-request` can still send it.
use bytes::Bytes;
use http::{HeaderMap, Method, header};

use super::basic::{BASIC_ATTRIBUTES, Basic};
use super::message_edit::{BODY_ATTRIBUTES, BodyEdit, HEADER_ATTRIBUTES, HEADER_CONTENT, HeaderEdit};
use super::via::{PROXY_ATTRIBUTES, Via};
use crate::compile::{AttributeSpec, ChildSpec, Content, Node, Refused};
use crate::diagnostics::codes;
use crate::host::{IoError, OutgoingRequest};
use crate::program::Attr;
use crate::run::{Body, Cx, MAX_HELD_BODY, PolicyError, Seconds, io_fault, keywords};

/// Without an attribute `timeout`.
const TIMEOUT: Seconds = Seconds(std::time::Duration::from_secs(60));

/// Attributes of both.
pub(in crate::policies) const MODE: AttributeSpec =
    AttributeSpec::optional("mode", "`new` (default), or `copy`: starts as the present request");
pub(in crate::policies) const TIMEOUT_ATTRIBUTE: AttributeSpec =
    AttributeSpec::optional("timeout", "seconds until the response is there (default 60)");

/// Children of both.
pub(in crate::policies) const CHILDREN: Content = Content::Children(&[
    ChildSpec::maybe("set-url", &[], Content::Text),
    ChildSpec::maybe("set-method", &[], Content::Text),
    ChildSpec::many("set-header", HEADER_ATTRIBUTES, HEADER_CONTENT),
    ChildSpec::maybe("set-body", BODY_ATTRIBUTES, Content::Verbatim),
    ChildSpec::maybe("authentication-basic", BASIC_ATTRIBUTES, Content::Empty),
    ChildSpec::maybe(
        "authentication-certificate",
        &[
            AttributeSpec::optional("thumbprint", "not supported yet"),
            AttributeSpec::optional("certificate-id", "not supported yet"),
            AttributeSpec::optional("body", "not supported yet"),
            AttributeSpec::optional("password", "not supported yet"),
        ],
        Content::Empty,
    ),
    ChildSpec::maybe(
        "authentication-managed-identity",
        &[
            AttributeSpec::optional("resource", "not supported yet"),
            AttributeSpec::optional("client-id", "not supported yet"),
            AttributeSpec::optional("output-token-variable-name", "not supported yet"),
            AttributeSpec::optional("ignore-error", "not supported yet"),
        ],
        Content::Empty,
    ),
    ChildSpec::maybe("proxy", PROXY_ATTRIBUTES, Content::Empty),
]);

/// Children that change who is asked, and how: refused rather than left out.
const UNSUPPORTED: [&str; 2] = ["authentication-certificate", "authentication-managed-identity"];

keywords! {
    /// What a request starts from.
    enum Mode {
        /// Nothing.
        New = "new",
        /// The present request.
        Copy = "copy",
    }
}

/// A compiled request.
pub(in crate::policies) struct Outgoing {
    mode: Attr<Mode>,
    timeout: Attr<Seconds>,
    url: Option<Attr<String>>,
    method: Option<Attr<Method>>,
    headers: Vec<HeaderEdit>,
    body: Option<BodyEdit>,
    basic: Option<Basic>,
    via: Option<Via>,
}

impl Outgoing {
    /// Reads the element.
    pub(in crate::policies) fn compile(node: &mut Node<'_, '_>) -> Result<Outgoing, Refused> {
        let mode = node.or("mode", Mode::New);
        let timeout = node.or("timeout", TIMEOUT);
        let url = node.child("set-url", |n| n.trimmed_text());
        let method = node.child("set-method", |n| n.trimmed_text());
        let headers = node.each("set-header", HeaderEdit::compile);
        let body = node.child("set-body", BodyEdit::compile);
        let basic = node.child("authentication-basic", Basic::compile);
        let via = node.child("proxy", Via::compile);
        let supported = UNSUPPORTED.map(|name| node.each(name, |n| refuse(n, name)));
        let (mode, url) = (mode?, url?);
        if url.is_none() && mode.constant() == Some(&Mode::New) {
            let message = format!("`{}` needs a child `set-url`", node.name());
            return node.fail(codes::MISSING_CHILD, message, Some("only `mode=\"copy\"` goes without"));
        }
        for child in supported {
            child?;
        }
        Ok(Outgoing {
            mode,
            timeout: timeout?,
            url,
            method: method?,
            headers: headers?,
            body: body?,
            basic: basic?,
            via: via?,
        })
    }

    /// The message for this request. Everything is evaluated here, nothing later.
    pub(in crate::policies) async fn prepare(&self, cx: &mut Cx<'_>) -> Result<OutgoingRequest, PolicyError> {
        let copies = *self.mode.get(cx)? == Mode::Copy;
        let mut body = if copies && self.body.is_none() { copied_body(cx).await? } else { Bytes::new() };
        let (mut headers, method) = if copies { copied_head(cx) } else { (HeaderMap::new(), Method::GET) };
        let method = match &self.method {
            Some(method) => method.get(cx)?.into_owned(),
            None => method,
        };
        let url = match &self.url {
            Some(url) => url.text(cx)?.unwrap_or_default().trim().to_owned(),
            None if copies => copied_url(cx)?,
            None => return Err(PolicyError::evaluation("A new request needs a URL.")),
        };
        for header in &self.headers {
            header.evaluate(cx)?.apply(&mut headers);
        }
        if let Some(edit) = &self.body {
            headers.remove(header::CONTENT_ENCODING);
            body = edit.evaluate(cx)?;
        }
        if let Some(basic) = &self.basic {
            headers.insert(header::AUTHORIZATION, basic.evaluate(cx)?);
        }
        let proxy = match &self.via {
            Some(via) => Some(via.evaluate(cx)?),
            None => None,
        };
        let timeout = self.timeout.get(cx)?.0;
        Ok(OutgoingRequest { method, url, headers, body, timeout, max_body: MAX_HELD_BODY, proxy, certificate: None })
    }
}

fn refuse(node: &mut Node<'_, '_>, name: &str) -> Result<(), Refused> {
    node.fail(codes::UNSUPPORTED_FORM, format!("`{name}` inside of a request of a policy is not supported yet"), None)
}

fn copied_head(cx: &Cx<'_>) -> (HeaderMap, Method) {
    let mut headers = cx.state.request.headers.clone();
    for own in [header::HOST, header::CONTENT_LENGTH, header::EXPECT] {
        headers.remove(own);
    }
    (headers, cx.state.request.method.clone())
}

fn copied_url(cx: &Cx<'_>) -> Result<String, PolicyError> {
    let target = &cx.state.request.target;
    let base = target.base.as_ref().ok_or_else(|| {
        PolicyError::internal(
            "BackendConnectionFailure",
            "The request to copy has no URL, since the API has no backend.",
        )
    })?;
    Ok(format!("{}://{}{}", base.scheme(), base.authority(), target.path_and_query()))
}

/// The request's body, held from now on. After the backend section a copy has none (documented).
async fn copied_body(cx: &mut Cx<'_>) -> Result<Bytes, PolicyError> {
    if !cx.on_request() {
        return Ok(Bytes::new());
    }
    cx.hold_request().await?;
    match &cx.state.request.body {
        Body::Bytes(bytes) => Ok(bytes.clone()),
        Body::Empty | Body::Consumed | Body::Stream(_) => Ok(Bytes::new()),
        Body::Sent => Err(io_fault(&IoError::NotReplayable)),
    }
}
