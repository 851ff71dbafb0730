//! Headers, bodies and status as `set-header`, `set-body` and `set-status` change them, alone or inside `return-response`
//! and its kin.
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::compile::{AttributeSpec, ChildSpec, Content, Node, Refused};
use crate::diagnostics::codes;
use crate::program::Attr;
use crate::run::{Cx, PolicyError, StatusCode, keywords};

/// Attributes of `set-header`.
pub(in crate::policies) const HEADER_ATTRIBUTES: &[AttributeSpec] = &[
    AttributeSpec::required("name", "name of the header"),
    AttributeSpec::optional("exists-action", "`override` (default), `skip`, `append` or `delete`"),
];
/// Content of `set-header`.
pub(in crate::policies) const HEADER_CONTENT: Content =
    Content::Children(&[ChildSpec::many("value", &[], Content::Text)]);
/// Attributes of `set-status`.
pub(in crate::policies) const STATUS_ATTRIBUTES: &[AttributeSpec] =
    &[AttributeSpec::required("code", "status code"), AttributeSpec::optional("reason", "reason phrase")];

keywords! {
    /// What happens to a value that is already there.
    pub(in crate::policies) enum ExistsAction {
        /// It is replaced.
        Override = "override",
        /// It stays.
        Skip = "skip",
        /// The new one is added.
        Append = "append",
        /// It is removed.
        Delete = "delete",
    }
}

/// Headers that the gateway writes itself.
const PROTECTED: [HeaderName; 4] =
    [header::CONNECTION, header::CONTENT_LENGTH, HeaderName::from_static("keep-alive"), header::TRANSFER_ENCODING];

/// Headers whose values are not joined by commas but stand on lines of their own.
const SEPARATE: [HeaderName; 12] = [
    header::USER_AGENT,
    header::WWW_AUTHENTICATE,
    header::PROXY_AUTHENTICATE,
    header::COOKIE,
    header::SET_COOKIE,
    header::WARNING,
    header::DATE,
    header::EXPIRES,
    header::IF_MODIFIED_SINCE,
    header::IF_UNMODIFIED_SINCE,
    header::LAST_MODIFIED,
    header::RETRY_AFTER,
];

/// A compiled `set-header`.
pub(in crate::policies) struct HeaderEdit {
    name: Attr<HeaderName>,
    action: Attr<ExistsAction>,
    values: Vec<Attr<String>>,
}

impl HeaderEdit {
    /// Reads the element.
    pub(in crate::policies) fn compile(node: &mut Node<'_, '_>) -> Result<HeaderEdit, Refused> {
        let name = node.required::<HeaderName>("name");
        let action = node.or("exists-action", ExistsAction::Override);
        let values = node.each("value", |value| value.trimmed_text::<String>());
        let edit = HeaderEdit { name: name?, action: action?, values: values? };
        if let Some(name) = edit.name.constant().filter(|name| PROTECTED.contains(name)) {
            node.warn(
                codes::NO_EFFECT,
                format!("header `{name}` is written by the gateway, the policy has no effect"),
                "remove it",
            );
        }
        Ok(edit)
    }

    /// Name, action and values for this request.
    pub(in crate::policies) fn evaluate(&self, cx: &mut Cx<'_>) -> Result<HeaderChange, PolicyError> {
        let name = self.name.get(cx)?.into_owned();
        let action = *self.action.get(cx)?;
        let mut values = Vec::with_capacity(self.values.len());
        if action != ExistsAction::Delete {
            for value in &self.values {
                let text = value.text(cx)?.unwrap_or_default();
                values.push(header_value(&name, &text)?);
            }
        }
        Ok(HeaderChange { name, action, values })
    }
}

/// A change that only waits for the headers it is made to.
pub(in crate::policies) struct HeaderChange {
    pub(in crate::policies) name: HeaderName,
    action: ExistsAction,
    values: Vec<HeaderValue>,
}

impl HeaderChange {
    /// Makes it.
    pub(in crate::policies) fn apply(self, headers: &mut HeaderMap) {
        let HeaderChange { name, action, values } = self;
        if PROTECTED.contains(&name) {
            return;
        }
        match action {
            ExistsAction::Delete if name == header::SERVER => {}
            ExistsAction::Delete => drop(headers.remove(&name)),
            ExistsAction::Skip if headers.contains_key(&name) => {}
            ExistsAction::Override => {
                headers.remove(&name);
                add(headers, &name, values);
            }
            ExistsAction::Skip | ExistsAction::Append => add(headers, &name, values),
        }
    }
}

/// A header's value from text; line breaks are an error, never cut.
fn header_value(name: &HeaderName, text: &str) -> Result<HeaderValue, PolicyError> {
    HeaderValue::from_bytes(text.as_bytes()).map_err(|_| {
        PolicyError::evaluation(&format!("The value of header '{name}' holds characters that a header cannot have."))
    })
}

/// Several values make one comma-separated line, except where lines must stay apart.
fn add(headers: &mut HeaderMap, name: &HeaderName, values: Vec<HeaderValue>) {
    if SEPARATE.contains(name) {
        for value in values {
            headers.append(name, value);
        }
        return;
    }
    let mut all: Vec<u8> = Vec::new();
    let mut any = false;
    for value in headers.get_all(name).iter().chain(&values) {
        if any {
            all.push(b',');
        }
        any = true;
        all.extend_from_slice(value.as_bytes());
    }
    if let (true, Ok(joined)) = (any, HeaderValue::from_bytes(&all)) {
        headers.insert(name, joined);
    }
}

/// A compiled `set-status`.
pub(in crate::policies) struct StatusEdit {
    code: Attr<StatusCode>,
    reason: Option<Attr<String>>,
}

impl StatusEdit {
    /// Reads the element.
    pub(in crate::policies) fn compile(node: &mut Node<'_, '_>) -> Result<StatusEdit, Refused> {
        let code = node.required("code");
        let reason = node.optional("reason");
        Ok(StatusEdit { code: code?, reason: reason? })
    }

    /// Status and reason for this request.
    pub(in crate::policies) fn evaluate(
        &self,
        cx: &mut Cx<'_>,
    ) -> Result<(u16, Option<std::sync::Arc<str>>), PolicyError> {
        let code = self.code.get(cx)?.0;
        let reason = match &self.reason {
            Some(reason) => {
                reason.text(cx)?.map(|text| text.chars().filter(|c| !c.is_control()).collect::<String>().into())
            }
            None => None,
        };
        Ok((code, reason))
    }
}

/// Attributes of `set-body`.
pub(in crate::policies) const BODY_ATTRIBUTES: &[AttributeSpec] = &[
    AttributeSpec::optional("template", "`liquid`").literal(),
    AttributeSpec::optional("xsi-nil", "`blank` (default) or `null`: how a template sees nil elements").literal(),
    AttributeSpec::optional("parse-date", "do templates read dates in JSON (default `true`)?").literal(),
];

/// A compiled `set-body`.
pub(in crate::policies) struct BodyEdit {
    text: Attr<String>,
}

impl BodyEdit {
    /// Reads the element.
    pub(in crate::policies) fn compile(node: &mut Node<'_, '_>) -> Result<BodyEdit, Refused> {
        match node.literal_or_none::<String>("template")?.as_deref().map(str::trim) {
            None | Some("none" | "") => Ok(BodyEdit { text: node.text()? }),
            Some("liquid") => node.fail_attribute(
                codes::UNSUPPORTED_FORM,
                "template",
                "liquid templates are not supported yet".into(),
                None,
            ),
            Some(other) => {
                let message = format!("attribute `template` is `{other}`, expected `liquid`");
                node.fail_attribute(codes::BAD_VALUE, "template", message, None)
            }
        }
    }

    /// The new body for this request.
    pub(in crate::policies) fn evaluate(&self, cx: &mut Cx<'_>) -> Result<Bytes, PolicyError> {
        Ok(self.text.text(cx)?.map_or_else(Bytes::new, |text| Bytes::from(text.into_owned())))
    }
}
