//! `Authorization: Basic`, alone or inside a request of a policy's own.
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;

use crate::compile::{AttributeSpec, Node, Refused};
use crate::program::Attr;
use crate::run::{Cx, PolicyError};

/// Attributes of `authentication-basic`.
pub(in crate::policies) const BASIC_ATTRIBUTES: &[AttributeSpec] =
    &[AttributeSpec::required("username", "name of the user"), AttributeSpec::required("password", "its password")];

/// A compiled `authentication-basic`.
pub(in crate::policies) struct Basic {
    username: Attr<String>,
    password: Attr<String>,
}

impl Basic {
    /// Reads the element.
    pub(in crate::policies) fn compile(node: &mut Node<'_, '_>) -> Result<Basic, Refused> {
        let username = node.required("username");
        let password = node.required("password");
        Ok(Basic { username: username?, password: password? })
    }

    /// The header's value for this request; `null` counts as empty.
    pub(in crate::policies) fn evaluate(&self, cx: &mut Cx<'_>) -> Result<HeaderValue, PolicyError> {
        let username = self.username.text(cx)?.unwrap_or_default();
        let password = self.password.text(cx)?.unwrap_or_default();
        let mut value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(format!("{username}:{password}"))))
            .map_err(|_| PolicyError::evaluation("The credentials do not make a header value."))?;
        value.set_sensitive(true);
        Ok(value)
    }
}
