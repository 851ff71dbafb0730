//! The proxy that a policy names: `proxy` by itself, or inside a request of a policy's own.
use std::sync::Arc;

use crate::compile::{AttributeSpec, Node, Refused};
use crate::diagnostics::codes;
use crate::program::Attr;
use crate::run::{Cx, PolicyError, Proxy};

/// Attributes of `proxy`.
pub(in crate::policies) const PROXY_ATTRIBUTES: &[AttributeSpec] = &[
    AttributeSpec::required("url", "the proxy, `http://host:port`"),
    AttributeSpec::optional("username", "name for a proxy that asks for one (Basic)"),
    AttributeSpec::optional("password", "password that goes with it"),
];

/// A compiled `proxy`.
pub(in crate::policies) enum Via {
    Known(Arc<Proxy>),
    Computed { url: Attr<String>, username: Option<Attr<String>>, password: Option<Attr<String>> },
}

impl Via {
    /// Reads the element.
    pub(in crate::policies) fn compile(node: &mut Node<'_, '_>) -> Result<Via, Refused> {
        let url: Result<Attr<String>, _> = node.required("url");
        let username: Result<Option<Attr<String>>, _> = node.optional("username");
        let password: Result<Option<Attr<String>>, _> = node.optional("password");
        let (url, username, password) = (url?, username?, password?);
        if username.is_none() && password.is_some() {
            return node.fail(codes::MISSING_ATTRIBUTE, "`password` needs a `username`", None);
        }
        let constant = |attr: &Option<Attr<String>>| match attr {
            None => Some(None),
            Some(attr) => attr.constant().cloned().map(Some),
        };
        let (Some(known), Some(name), Some(secret)) = (url.constant(), constant(&username), constant(&password)) else {
            return Ok(Via::Computed { url, username, password });
        };
        let secret = secret.unwrap_or_default();
        match Proxy::new(known, name.as_deref().map(|name| (name, secret.as_str()))) {
            Ok(proxy) => Ok(Via::Known(Arc::new(proxy))),
            Err(why) => node.fail(codes::BAD_VALUE, format!("the proxy cannot be used: {why}"), None),
        }
    }

    /// The proxy for this request.
    pub(in crate::policies) fn evaluate(&self, cx: &mut Cx<'_>) -> Result<Arc<Proxy>, PolicyError> {
        let (url, username, password) = match self {
            Via::Known(proxy) => return Ok(Arc::clone(proxy)),
            Via::Computed { url, username, password } => (url, username, password),
        };
        let url = url.text(cx)?.unwrap_or_default();
        let name = username.as_ref().map(|name| name.text(cx)).transpose()?.flatten();
        let secret = password.as_ref().map(|secret| secret.text(cx)).transpose()?.flatten().unwrap_or_default();
        let credentials = name.as_deref().filter(|name| !name.is_empty()).map(|name| (name, &*secret));
        match Proxy::new(&url, credentials) {
            Ok(proxy) => Ok(Arc::new(proxy)),
            Err(why) => Err(PolicyError::evaluation(&format!("The proxy cannot be used: {why}."))),
        }
    }
}
