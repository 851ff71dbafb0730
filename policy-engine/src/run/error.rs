//! Faults of policies and of built-in steps: what `context.LastError` shows, and the default response that each one has.
//!
//! Bodies of default responses are byte-exact as observed (one line, blanks inside the braces); details stay out of them.
use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use dotnet::{Exception, Value};
use http::{HeaderName, HeaderValue, header};

use super::message::{Body, Response};
use crate::program::{Origin, Scope, Section};

/// Property of the uncatchable exception that ends an evaluation when a body is larger than it may be; true for the request's.
pub(crate) const TOO_LARGE: &str = "BodyTooLarge";

/// `context.LastError`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastError {
    /// Policy element or built-in step.
    pub source: Arc<str>,
    /// Machine code.
    pub reason: Option<Arc<str>>,
    /// Human text.
    pub message: Arc<str>,
    /// `global`, `product`, `api`, `operation`.
    pub scope: Option<&'static str>,
    /// `inbound`, `backend`, `outbound`, `on-error`.
    pub section: Option<&'static str>,
    /// Nested place, such as `choose[3]/when[2]`.
    pub path: Option<Arc<str>>,
    /// `id` attribute of the failing policy.
    pub policy_id: Option<Arc<str>>,
    /// Status of the default response.
    pub status: u16,
}

/// What the client is told when on-error changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Public {
    /// This message.
    Message(String),
    /// The general text with the request id.
    Internal,
    /// The response that is already there (a backend's error status).
    KeepResponse,
    /// Nobody is there to be told.
    ClientGone,
}

/// A fault that ends a section. Boxed, so that results stay small on the path where nothing fails.
#[derive(Clone, Debug)]
pub struct PolicyError(Box<Fault>);

/// The parts of a [`PolicyError`].
#[derive(Clone, Debug)]
pub struct Fault {
    /// Overrides the element name as `LastError.Source`.
    pub source: Option<Cow<'static, str>>,
    /// `LastError.Reason`.
    pub reason: Cow<'static, str>,
    /// `LastError.Message`.
    pub message: String,
    /// Status of the default response.
    pub status: u16,
    /// Body of the default response.
    pub public: Public,
    /// Further headers of the default response.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Reason phrase of the default response; `None` for the standard one.
    pub phrase: Option<Arc<str>>,
    scope: Option<Scope>,
    section: Option<Section>,
    path: Option<Arc<str>>,
    policy_id: Option<Arc<str>>,
    element: Option<&'static str>,
}

impl PolicyError {
    /// A refusal: status, reason and the public message; `LastError.Message` is the same text unless [`PolicyError::detail`] changes it.
    pub fn refusal(status: u16, reason: impl Into<Cow<'static, str>>, public: impl Into<String>) -> PolicyError {
        let public = public.into();
        PolicyError(Box::new(Fault {
            source: None,
            reason: reason.into(),
            message: public.clone(),
            status,
            public: Public::Message(public),
            headers: Vec::new(),
            phrase: None,
            scope: None,
            section: None,
            path: None,
            policy_id: None,
            element: None,
        }))
    }

    /// A fault whose details the client must not see: 500 with the request id.
    pub fn internal(reason: impl Into<Cow<'static, str>>, message: impl Into<String>) -> PolicyError {
        let mut error = PolicyError::refusal(500, reason, message);
        error.0.public = Public::Internal;
        error
    }

    /// An exception of an expression.
    pub fn expression(exception: &Exception) -> PolicyError {
        let message = dotnet::utf16::leaving(exception.message());
        match exception.get(TOO_LARGE) {
            Some(Value::Bool(true)) => PolicyError::request_too_large(&*message),
            Some(_) => PolicyError::response_too_large(&*message),
            None => PolicyError::evaluation(&message),
        }
    }

    /// A value that an expression gave and the policy cannot use.
    pub fn evaluation(text: &str) -> PolicyError {
        PolicyError::internal("ExpressionValueEvaluationFailure", format!("Expression evaluation failed. {text}"))
    }

    /// The client went away.
    pub fn client_gone() -> PolicyError {
        let mut error = PolicyError::internal("ClientConnectionFailure", "The operation was canceled.");
        error.0.public = Public::ClientGone;
        error.0.status = 499;
        error
    }

    /// `LastError.Message`, where it tells more than the client may see.
    #[must_use]
    pub fn detail(mut self, message: impl Into<String>) -> PolicyError {
        self.0.message = message.into();
        self
    }

    /// Another status.
    #[must_use]
    pub fn status(mut self, status: u16) -> PolicyError {
        self.0.status = status;
        self
    }

    /// Another source than the element's name.
    #[must_use]
    pub fn source(mut self, source: impl Into<Cow<'static, str>>) -> PolicyError {
        self.0.source = Some(source.into());
        self
    }

    /// A header of the default response.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> PolicyError {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.0.headers.push((name, value));
        }
        self
    }

    /// The reason phrase of the default response.
    #[must_use]
    pub fn phrase(mut self, phrase: &str) -> PolicyError {
        self.0.phrase = Some(phrase.into());
        self
    }

    /// The response that is already there stays.
    #[must_use]
    pub fn keep_response(mut self) -> PolicyError {
        self.0.public = Public::KeepResponse;
        self
    }

    /// Names a place below the statement's own (`choose[3]/when[2]`).
    #[must_use]
    pub fn at(mut self, path: &Arc<str>) -> PolicyError {
        self.0.path.get_or_insert_with(|| Arc::clone(path));
        self
    }

    /// Its parts.
    pub fn fault(&self) -> &Fault {
        &self.0
    }

    /// Did the client go away?
    pub fn is_client_gone(&self) -> bool {
        self.0.public == Public::ClientGone
    }

    /// Stamps the place; the innermost one wins.
    #[must_use]
    pub(super) fn stamp(mut self, origin: &Origin, scope: Scope, section: Section) -> PolicyError {
        if self.0.element.is_none() {
            self.0.element = Some(origin.element);
            self.0.scope = Some(scope);
            self.0.section = Some(section);
            self.0.path.get_or_insert_with(|| Arc::clone(&origin.path));
            self.0.policy_id.clone_from(&origin.id);
        }
        self
    }

    /// What `context.LastError` shows.
    pub fn last_error(&self) -> LastError {
        let fault = &self.0;
        let source = fault.source.as_deref().or(fault.element).unwrap_or("pipeline");
        LastError {
            source: source.into(),
            reason: Some(fault.reason.as_ref()).filter(|r| !r.is_empty()).map(Into::into),
            message: fault.message.as_str().into(),
            scope: fault.scope.map(Scope::as_str),
            section: fault.section.map(Section::as_str),
            path: fault.path.clone(),
            policy_id: fault.policy_id.clone(),
            status: fault.status,
        }
    }

    /// The default response; `None` when the present one is to stay.
    pub fn response(&self, request_id: &str) -> Option<Response> {
        let text = match &self.0.public {
            Public::KeepResponse => return None,
            Public::Message(message) => envelope(self.0.status, message),
            Public::Internal | Public::ClientGone => internal_envelope(request_id),
        };
        let status = if self.is_client_gone() { 500 } else { self.0.status };
        let mut response = Response { status, body: Body::Bytes(Bytes::from(text)), ..Response::default() };
        response.reason.clone_from(&self.0.phrase);
        response.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in &self.0.headers {
            response.headers.append(name.clone(), value.clone());
        }
        Some(response)
    }
}

/// `{ "statusCode": 401, "message": "..." }`. A message that makes valid JSON as it stands is inserted verbatim (the
/// documentation asks authors to escape it themselves); any other is escaped.
pub(crate) fn envelope(status: u16, message: &str) -> String {
    let verbatim = format!("{{ \"statusCode\": {status}, \"message\": \"{message}\" }}");
    if serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&verbatim).is_ok_and(|m| m.len() == 2) {
        return verbatim;
    }
    format!("{{ \"statusCode\": {status}, \"message\": {} }}", serde_json::Value::from(message))
}

fn internal_envelope(request_id: &str) -> String {
    format!("{{ \"statusCode\": 500, \"message\": \"Internal server error\", \"activityId\": \"{request_id}\" }}")
}

/// Faults of the gateway's own steps, before a policy ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuiltinError {
    /// No API or operation matches.
    OperationNotFound,
    /// No subscription key. With it the value of `WWW-Authenticate`.
    SubscriptionKeyNotFound(String),
    /// A key that is unknown, inactive or of another scope. With it the value of `WWW-Authenticate`.
    SubscriptionKeyInvalid(String),
}

impl BuiltinError {
    /// `WWW-Authenticate` of key faults.
    pub fn challenge(realm: &str, header_name: &str) -> String {
        format!("AzureApiManagementKey realm=\"{realm}\",name=\"{header_name}\",type=\"header\"")
    }

    /// As a policy fault.
    pub fn into_error(self) -> PolicyError {
        const MISSING: &str = "Access denied due to missing subscription key. Make sure to include subscription key when making requests to";
        const INVALID: &str = "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.";
        match self {
            BuiltinError::OperationNotFound => PolicyError::refusal(404, "OperationNotFound", "Resource not found")
                .detail("Unable to match incoming request to an operation.")
                .source("configuration"),
            // The body says "an API" where `LastError.Message` says "this API"; both as observed.
            BuiltinError::SubscriptionKeyNotFound(challenge) => {
                PolicyError::refusal(401, "SubscriptionKeyNotFound", format!("{MISSING} an API."))
                    .detail(format!("{MISSING} this API."))
                    .source("authorization")
                    .header(header::WWW_AUTHENTICATE, &challenge)
            }
            BuiltinError::SubscriptionKeyInvalid(challenge) => {
                PolicyError::refusal(401, "SubscriptionKeyInvalid", INVALID)
                    .source("authorization")
                    .header(header::WWW_AUTHENTICATE, &challenge)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_bodies_are_byte_exact() {
        assert_eq!(envelope(404, "Resource not found"), r#"{ "statusCode": 404, "message": "Resource not found" }"#);
        let error = BuiltinError::OperationNotFound.into_error();
        let response = error.response("id").unwrap();
        assert_eq!(response.body.bytes().unwrap().len(), 54);
        let key = BuiltinError::SubscriptionKeyNotFound(BuiltinError::challenge("https://h/p", "k")).into_error();
        assert_eq!(key.response("id").unwrap().body.bytes().unwrap().len(), 152);
        assert!(key.last_error().message.ends_with("to this API."));
    }

    #[test]
    fn custom_messages_are_verbatim_where_that_is_json() {
        assert_eq!(envelope(400, r#"say \"hi\""#), r#"{ "statusCode": 400, "message": "say \"hi\"" }"#);
        assert_eq!(envelope(400, r#"say "hi""#), r#"{ "statusCode": 400, "message": "say \"hi\"" }"#);
        assert_eq!(envelope(400, r#"x", "admin": "y"#), r#"{ "statusCode": 400, "message": "x\", \"admin\": \"y" }"#);
    }
}
