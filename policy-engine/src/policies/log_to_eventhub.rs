//! `log-to-eventhub`: sends a text to an Event Hub. Every section; product, API and operation scope, and fragments of them.
//!
//! The logger's connection string names the hub; the event goes to its HTTPS endpoint with a shared access signature, without
//! anybody waiting for it: a failure is logged and changes nothing. A logger that is unknown, or that only a managed identity may
//! use, is a warning at load, and nothing is sent. Texts over 200,000 bytes are cut between characters. Follows the public page
//! `log-to-eventhub-policy` and the REST call "Send event".
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use config_model::{Logger, LoggerId, LoggerKind};
use hmac::{Hmac, Mac};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use sha2::Sha256;

use super::shared::places::{EVERY_SECTION, NARROW_SCOPES};
use super::shared::uri::{COMPONENT, encode};
use crate::compile::{AttributeSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::diagnostics::codes;
use crate::host::OutgoingRequest;
use crate::program::{Attr, Op, Step};
use crate::run::{Cx, Flow, StepResult};

pub(super) struct LogToEventhub;

const SPEC: Spec = Spec {
    element: "log-to-eventhub",
    summary: "sends a text to an Event Hub",
    sections: EVERY_SECTION,
    scopes: NARROW_SCOPES,
    repeat: Repeat::Many,
    attributes: &[
        AttributeSpec::required("logger-id", "logger of the configuration").literal(),
        AttributeSpec::optional("partition-id", "partition to send to").literal(),
        AttributeSpec::optional("partition-key", "value that decides on the partition"),
    ],
    content: Content::Text,
    example: r#"<log-to-eventhub logger-id="audit" partition-key="@(context.Api.Id)">@(context.RequestId.ToString())</log-to-eventhub>"#,
};

/// Largest event.
const MAX_BYTES: usize = 200_000;
/// How long a signature is good for.
const SIGNED_SECS: i64 = 300;
/// How long sending may take.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Bytes of the answer that are read.
const MAX_ANSWER: usize = 64 * 1024;
/// .NET ticks between 0001-01-01 and 1970-01-01.
const UNIX_EPOCH_TICKS: i64 = 621_355_968_000_000_000;
const TICKS_PER_SECOND: i64 = 10_000_000;

impl Policy for LogToEventhub {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let logger = node.literal::<String>("logger-id");
        let (partition, key) = (node.literal_or_none::<String>("partition-id"), node.optional("partition-key"));
        let text = node.trimmed_text();
        let (logger, partition, key) = (logger?, partition?, key?);
        if partition.is_some() && key.is_some() {
            let message = "`partition-id` and `partition-key` exclude each other";
            return node.fail(codes::CONFLICTING_ATTRIBUTES, message, Some("keep one of them"));
        }
        node.check_logger("logger-id", &logger);
        Ok(Op::step(Compiled { logger: logger.as_str().into(), partition, key, text: text? }))
    }
}

struct Compiled {
    logger: LoggerId,
    partition: Option<String>,
    key: Option<Attr<String>>,
    text: Attr<String>,
}

impl Step for Compiled {
    fn run(&self, cx: &mut Cx<'_>) -> StepResult {
        let text = self.text.text(cx)?.unwrap_or_default().into_owned();
        let key = match &self.key {
            Some(key) => key.text(cx)?.map(std::borrow::Cow::into_owned),
            None => None,
        };
        let now = cx.host.utc_ticks().saturating_sub(UNIX_EPOCH_TICKS) / TICKS_PER_SECOND;
        let hub = cx.state.facts.snapshot.loggers.get(&self.logger).and_then(|logger| Hub::of(logger));
        let request = hub.and_then(|hub| hub.request(text, self.partition.as_deref(), key.as_deref(), now));
        if let Some(request) = request {
            cx.host.send_and_forget(request);
        }
        Ok(Flow::Continue)
    }
}

/// An Event Hub and the key to it, from a connection string.
struct Hub<'l> {
    host: &'l str,
    name: &'l str,
    key_name: &'l str,
    key: &'l str,
}

impl<'l> Hub<'l> {
    /// `None` where the logger has no connection string that can be read.
    fn of(logger: &'l Logger) -> Option<Hub<'l>> {
        let credential = |wanted: &str| {
            let found = logger.credentials.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            found.map(|(_, value)| value.expose().as_str())
        };
        let text = credential("connectionString").filter(|_| logger.kind == LoggerKind::AzureEventHub)?;
        let part = |wanted: &str| {
            let parts = text.split(';').filter_map(|part| part.split_once('='));
            parts.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
        };
        let host = part("Endpoint")?.split_once("://")?.1.trim_end_matches('/');
        let name = part("EntityPath").or_else(|| credential("name"))?;
        Some(Hub { host, name, key_name: part("SharedAccessKeyName")?, key: part("SharedAccessKey")? })
    }

    fn request(&self, text: String, partition: Option<&str>, key: Option<&str>, now: i64) -> Option<OutgoingRequest> {
        let base = format!("https://{}/{}", self.host, encode(self.name, COMPONENT));
        let place = partition.map(|id| format!("/partitions/{}", encode(id, COMPONENT))).unwrap_or_default();
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_str(&self.signature(&base, now)?).ok()?);
        let media_type = HeaderValue::from_static("application/atom+xml;type=entry;charset=utf-8");
        headers.insert(header::CONTENT_TYPE, media_type);
        if let Some(key) = key {
            let properties = ascii_json(&serde_json::json!({ "PartitionKey": key }).to_string());
            headers.insert(HeaderName::from_static("brokerproperties"), HeaderValue::from_str(&properties).ok()?);
        }
        Some(OutgoingRequest {
            method: Method::POST,
            url: format!("{base}{place}/messages?timeout=60&api-version=2014-01"),
            headers,
            body: Bytes::from(cut(text)),
            timeout: TIMEOUT,
            max_body: MAX_ANSWER,
            proxy: None,
            certificate: None,
        })
    }

    /// A shared access signature for an address (docs: event-hubs-authenticate-shared-access-signature).
    fn signature(&self, address: &str, now: i64) -> Option<String> {
        let resource = encode(address, COMPONENT);
        let expires = now.saturating_add(SIGNED_SECS);
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.as_bytes()).ok()?;
        mac.update(format!("{resource}\n{expires}").as_bytes());
        let signature = encode(&STANDARD.encode(mac.finalize().into_bytes()), COMPONENT);
        let name = encode(self.key_name, COMPONENT);
        Some(format!("SharedAccessSignature sr={resource}&sig={signature}&se={expires}&skn={name}"))
    }
}

/// JSON in the characters that a header may hold.
fn ascii_json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii() {
            out.push(letter);
        } else {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

fn cut(mut text: String) -> String {
    let end = (0..=MAX_BYTES.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.truncate(end);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logger(text: &str) -> Logger {
        Logger {
            kind: LoggerKind::AzureEventHub,
            credentials: vec![
                ("name".into(), "hub".to_owned().into()),
                ("connectionString".into(), text.to_owned().into()),
            ],
            ..Logger::default()
        }
    }

    #[test]
    fn an_event_as_the_service_wants_it() {
        let logger = logger("Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=send;SharedAccessKey=a2V5=");
        let hub = Hub::of(&logger).unwrap();
        let request = hub.request("text".into(), None, Some("ké\u{1f600}"), 1_700_000_000).unwrap();
        assert_eq!(request.url, "https://ns.servicebus.windows.net/hub/messages?timeout=60&api-version=2014-01");
        assert_eq!(request.headers["brokerproperties"], r#"{"PartitionKey":"k\u00e9\ud83d\ude00"}"#);
        // Made with Python's hmac, base64 and urllib.
        let wanted = "SharedAccessSignature sr=https%3A%2F%2Fns.servicebus.windows.net%2Fhub&sig=N2fyLBkb6J7FBkSuuz%2F0tvdR%2FYcClnNykHm1cdmLxME%3D&se=1700000300&skn=send";
        assert_eq!(request.headers["authorization"], wanted);
        let to_one = hub.request("text".into(), Some("3"), None, 0).unwrap();
        assert!(to_one.url.contains("/hub/partitions/3/messages?"));
    }

    #[test]
    fn what_cannot_be_sent_to() {
        assert!(Hub::of(&logger("Endpoint=sb://ns.example/")).is_none());
        assert!(
            Hub::of(&Logger {
                kind: LoggerKind::AzureMonitor,
                ..logger("Endpoint=sb://a;SharedAccessKeyName=b;SharedAccessKey=c")
            })
            .is_none()
        );
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let text = cut(format!("a{}", "é".repeat(MAX_BYTES)));
        assert_eq!(text.len(), MAX_BYTES - 1);
        assert_eq!(cut("short".into()), "short");
    }
}
