//! `validate-content`: size, media type and JSON of a body against the definition of the operation: of the request in inbound, of
//! the response in outbound and on-error. Every scope.
//!
//! The media type is mapped first, then come the size, types that the definition does not have, and the schema. The size is that
//! of the decoded body; an oversized one is not held against a schema. An empty body is looked at only where the definition asks
//! for one. `validate-as` `xml` and `soap` are refused. Follows the public page `validate-content-policy`.
use std::sync::Arc;

use bytes::Bytes;
use config_model::Representation;
use http::header;

use super::shared::definition;
use super::shared::findings::{Action, ERRORS_VARIABLE, Finding, Findings, Public};
use super::shared::json_schema::{Changes, Given, Schemas, Unusable};
use super::shared::media::media_type;
use super::shared::places::EVERY_SCOPE;
use crate::compile::{AttributeSpec, ChildSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::diagnostics::codes;
use crate::program::{AsyncStep, Attr, Op, Section};
use crate::run::{Cx, Eventually, Flow, PolicyError, StepResult};

pub(super) struct ValidateContent;

const SPEC: Spec = Spec {
    element: "validate-content",
    summary: "checks a JSON body against the definition of the operation",
    sections: &[Section::Inbound, Section::Outbound, Section::OnError],
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[
        AttributeSpec::required(
            "unspecified-content-type-action",
            "`ignore`, `prevent` or `detect`: media types that the definition does not have",
        ),
        AttributeSpec::required("max-size", "largest body in bytes, at most 102400"),
        AttributeSpec::required("size-exceeded-action", "the same for bodies that are larger"),
        ERRORS_VARIABLE,
    ],
    content: Content::Children(&[
        ChildSpec::maybe(
            "content-type-map",
            &[
                AttributeSpec::optional("any-content-type-value", "media type to take whatever is sent").literal(),
                AttributeSpec::optional("missing-content-type-value", "media type to take where none is sent")
                    .literal(),
            ],
            Content::Children(&[ChildSpec::many(
                "type",
                &[
                    AttributeSpec::optional("from", "media type that is sent").literal(),
                    AttributeSpec::optional("when", "a condition instead"),
                    AttributeSpec::required("to", "media type to take").literal(),
                ],
                Content::Empty,
            )]),
        ),
        ChildSpec::many(
            "content",
            &[
                AttributeSpec::required("validate-as", "`json`").literal(),
                AttributeSpec::required("action", "what is done about a body that does not conform"),
                AttributeSpec::optional("type", "media type; every one of the definition without it").literal(),
                AttributeSpec::optional("schema-id", "a schema of the service instead of the definition's").literal(),
                AttributeSpec::optional("schema-ref", "a part of it, such as `#/components/schemas/address`").literal(),
                AttributeSpec::optional("allow-additional-properties", "overrides `additionalProperties`").literal(),
                AttributeSpec::optional("case-insensitive-property-names", "are names compared without case?")
                    .literal(),
            ],
            Content::Empty,
        ),
    ]),
    example: r#"<validate-content unspecified-content-type-action="prevent" max-size="102400" size-exceeded-action="prevent" errors-variable-name="errors"><content type="application/json" validate-as="json" action="prevent" /></validate-content>"#,
};

/// The largest `max-size` (documented).
const MAX_SIZE: u64 = 102_400;

impl Policy for ValidateContent {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let unspecified = node.required("unspecified-content-type-action");
        let (max_size, oversized) = (node.required::<u64>("max-size"), node.required("size-exceeded-action"));
        let variable = node.literal_or_none(ERRORS_VARIABLE.name);
        let map = node.child("content-type-map", TypeMap::compile);
        let rules = node.each("content", Rule::compile);
        let max_size = max_size?;
        if max_size.constant().is_some_and(|size| *size > MAX_SIZE) {
            let message = format!("attribute `max-size` is larger than {MAX_SIZE}");
            return node.fail_attribute(codes::BAD_VALUE, "max-size", message, None);
        }
        Ok(Op::async_step(Compiled {
            unspecified: unspecified?,
            max_size,
            oversized: oversized?,
            variable: variable?,
            map: map?.unwrap_or_default(),
            rules: rules?,
            schemas: Schemas::default(),
        }))
    }
}

#[derive(Default)]
struct TypeMap {
    any: Option<String>,
    missing: Option<String>,
    types: Vec<Mapping>,
}

/// One `type`: from what, and to what.
struct Mapping {
    from: Option<String>,
    when: Option<Attr<bool>>,
    to: String,
}

impl TypeMap {
    fn compile(node: &mut Node<'_, '_>) -> Result<TypeMap, Refused> {
        let (any, missing) =
            (node.literal_or_none("any-content-type-value"), node.literal_or_none("missing-content-type-value"));
        let types = node.each("type", |one| {
            if one.has("from") == one.has("when") {
                let message = "`type` needs either `from` or `when`";
                return one.fail(
                    codes::CONFLICTING_ATTRIBUTES,
                    message,
                    Some("`from` names a media type, `when` is a condition"),
                );
            }
            let (from, when, to) = (one.literal_or_none("from"), one.optional("when"), one.literal("to"));
            Ok(Mapping { from: from?, when: when?, to: to? })
        });
        Ok(TypeMap { any: any?, missing: missing?, types: types? })
    }

    /// The media type to go by.
    fn apply(&self, cx: &mut Cx<'_>, sent: &str) -> Result<String, PolicyError> {
        for mapping in &self.types {
            let fits = match &mapping.when {
                Some(when) => *when.get(cx)?,
                None => mapping.from.as_deref().is_some_and(|from| is_same_type(from, sent)),
            };
            if fits {
                return Ok(mapping.to.clone());
            }
        }
        let general = if sent.is_empty() { &self.missing } else { &self.any };
        Ok(general.as_deref().unwrap_or(sent).to_owned())
    }
}

/// A `content` child.
struct Rule {
    media_type: Option<String>,
    action: Attr<Action>,
    schema: Option<NamedSchema>,
    changes: Changes,
}

/// A schema of the service.
struct NamedSchema {
    id: config_model::SchemaId,
    /// The document itself, or a reference into it.
    reference: Option<Arc<str>>,
    shown: String,
}

impl Rule {
    fn compile(node: &mut Node<'_, '_>) -> Result<Rule, Refused> {
        let (kind, action) = (node.literal::<String>("validate-as"), node.required("action"));
        let media_type = node.literal_or_none("type");
        let (id, reference) =
            (node.literal_or_none::<String>("schema-id"), node.literal_or_none::<String>("schema-ref"));
        let additional_properties = node.literal_or_none("allow-additional-properties");
        let ignore_case = node.literal_or("case-insensitive-property-names", false);
        match kind?.as_str() {
            "json" => {}
            "xml" | "soap" => {
                let message = "only `json` bodies can be validated so far".to_owned();
                return node.fail_attribute(codes::UNSUPPORTED_FORM, "validate-as", message, None);
            }
            other => {
                let message = format!("attribute `validate-as` is `{other}`, expected `json`, `xml` or `soap`");
                return node.fail_attribute(codes::BAD_VALUE, "validate-as", message, None);
            }
        }
        let (id, reference) = (id?, reference?);
        if id.is_none() && reference.is_some() {
            return node.fail_attribute(
                codes::MISSING_ATTRIBUTE,
                "schema-ref",
                "`schema-ref` needs `schema-id`".into(),
                None,
            );
        }
        let schema = id.map(|id| NamedSchema {
            shown: reference.clone().unwrap_or_else(|| id.clone()),
            reference: reference.map(|reference| serde_json::json!({ "$ref": reference }).to_string().into()),
            id: id.as_str().into(),
        });
        let changes = Changes { additional_properties: additional_properties?, ignore_case: ignore_case? };
        Ok(Rule { media_type: media_type?, action: action?, schema, changes })
    }
}

struct Compiled {
    unspecified: Attr<Action>,
    max_size: Attr<u64>,
    oversized: Attr<Action>,
    variable: Option<Arc<str>>,
    map: TypeMap,
    rules: Vec<Rule>,
    schemas: Schemas,
}

impl AsyncStep for Compiled {
    fn run<'r>(&'r self, cx: &'r mut Cx<'_>) -> Eventually<'r, StepResult> {
        let ready = match self.declared(cx) {
            Ok(declared) => declared.is_some() || !cx.is_streaming(),
            Err(error) => return Eventually::Ready(Err(error)),
        };
        if ready {
            return Eventually::Ready(self.validate(cx));
        }
        Eventually::pending(async move {
            cx.hold_body().await?;
            self.validate(cx)
        })
    }
}

impl Compiled {
    /// The length that a streaming body declares, if that alone is too much: then it is not read.
    fn declared(&self, cx: &mut Cx<'_>) -> Result<Option<u64>, PolicyError> {
        let Some(headers) =
            cx.headers().filter(|headers| cx.is_streaming() && !headers.contains_key(header::CONTENT_ENCODING))
        else {
            return Ok(None);
        };
        let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        let max = *self.max_size.get(cx)?;
        Ok(length.filter(|length| *length > max))
    }

    fn validate(&self, cx: &mut Cx<'_>) -> StepResult {
        let Some(operation) = cx.state.facts.operation.clone() else { return Ok(Flow::Continue) };
        let mut findings = Findings::new(self.variable.as_ref());
        let sent =
            cx.headers().and_then(|headers| headers.get(header::CONTENT_TYPE)?.to_str().ok()).unwrap_or_default();
        let sent = media_type(sent).to_owned();
        let content_type = self.map.apply(cx, &sent)?;
        let content_type = media_type(&content_type);
        let known = match cx.on_request() {
            true => operation.request.representations.as_slice(),
            false => {
                let status = cx.state.response_mut().status;
                definition::response(&operation, status).map(|r| r.representations.as_slice()).unwrap_or_default()
            }
        };
        let representation = known.iter().find(|known| is_same_type(media_type(&known.content_type), content_type));
        let fits = |rule: &&Rule| match &rule.media_type {
            Some(own) => is_same_type(media_type(own), content_type),
            None => representation.is_some(),
        };
        let rule = self.rules.iter().find(fits);
        let body = Body { kind: if cx.on_request() { "RequestBody" } else { "ResponseBody" }, content_type };
        let max = *self.max_size.get(cx)?;
        if let Some(size) = self.declared(cx)? {
            let action = *self.oversized.get(cx)?;
            findings.add(cx, action, vec![body.too_large(size, max)]);
            return findings.finish(cx);
        }
        let Some(bytes) = cx.plain_body()? else {
            if let Some(rule) = rule.filter(|_| cx.on_request() && operation.request.body_required) {
                let action = *rule.action.get(cx)?;
                findings.add(cx, action, vec![body.missing()]);
            }
            return findings.finish(cx);
        };
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if size > max {
            let action = *self.oversized.get(cx)?;
            findings.add(cx, action, vec![body.too_large(size, max)]);
            return findings.finish(cx);
        }
        let named = rule.and_then(|rule| Some((rule, rule.schema.as_ref()?)));
        if named.is_none() && representation.is_none() {
            let action = *self.unspecified.get(cx)?;
            findings.add(cx, action, vec![body.unspecified()]);
            return findings.finish(cx);
        }
        if let Some(rule) = rule {
            let action = *rule.action.get(cx)?;
            if action != Action::Ignore {
                let found = self.check(cx, rule, representation, &body, &bytes);
                if !found.is_empty() {
                    findings.add(cx, action, found);
                }
            }
        }
        findings.finish(cx)
    }

    /// The body against its schema; nothing is wrong where the definition has none.
    fn check(
        &self,
        cx: &Cx<'_>,
        rule: &Rule,
        representation: Option<&Representation>,
        body: &Body<'_>,
        bytes: &Bytes,
    ) -> Vec<Finding> {
        let (given, name) = match &rule.schema {
            Some(named) => match cx.state.facts.snapshot.schemas.get(&named.id) {
                Some(schema) => {
                    let text = named.reference.clone().unwrap_or_else(|| Arc::clone(&schema.text));
                    (Given { schema: text, document: Some(Arc::clone(&schema.text)) }, named.shown.as_str())
                }
                None => return vec![body.no_definition(&named.shown)],
            },
            None => {
                let Some(known) = representation else { return Vec::new() };
                let name = known.type_name.as_deref().unwrap_or(&known.content_type);
                let api = cx.state.facts.api.as_deref();
                let document = known.schema_id.as_ref().and_then(|id| definition::document(api?, id)).cloned();
                match (&known.schema, &known.type_name, document) {
                    (Some(schema), _, document) => (Given { schema: Arc::clone(schema), document }, name),
                    (None, Some(own), Some(document)) => {
                        let schema = definition::reference(own, &document);
                        (Given { schema, document: Some(document) }, name)
                    }
                    (None, Some(own), None) => return vec![body.no_definition(own)],
                    (None, None, _) => return Vec::new(),
                }
            }
        };
        let ready = match self.schemas.ready(&given, rule.changes) {
            Ok(ready) => ready,
            Err(Unusable::Missing(definition)) => return vec![body.no_definition(&definition)],
            Err(Unusable::Broken(error)) => return vec![body.not_validated(&error)],
        };
        let text = String::from_utf8_lossy(bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let errors = ready.errors_of_text(text).unwrap_or_else(|error| vec![error]);
        errors.into_iter().map(|error| body.not_conforming(name, &error)).collect()
    }
}

fn is_same_type(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

/// The body in the words of its findings.
struct Body<'b> {
    kind: &'static str,
    content_type: &'b str,
}

impl Body<'_> {
    fn is_request(&self) -> bool {
        self.kind == "RequestBody"
    }

    fn words(&self) -> &'static str {
        if self.is_request() { "request" } else { "response" }
    }

    fn finding(&self, name: &str, rule: &'static str, details: String, public: Public) -> Finding {
        let public = if self.is_request() { public } else { Public::Internal };
        Finding { name: name.to_owned(), kind: self.kind, rule, details, public }
    }

    fn too_large(&self, size: u64, max: u64) -> Finding {
        let who = if self.is_request() { "Request" } else { "Response" };
        let text = format!("{who}'s body is {size} bytes long and it exceeds the");
        let details = format!("{text} configured limit of {max} bytes.");
        self.finding("", "SizeLimit", details, Public::Text(format!("{text} limit of {max} bytes.")))
    }

    fn unspecified(&self) -> Finding {
        let details = format!("Unspecified content type {} is not allowed.", self.content_type);
        self.finding(self.content_type, "Unspecified", details, Public::Details)
    }

    fn missing(&self) -> Finding {
        let details = format!("Body of the {} is required and missing.", self.words());
        self.finding(self.content_type, "IncorrectMessage", details, Public::Details)
    }

    fn no_definition(&self, name: &str) -> Finding {
        let details = format!(
            "API's schema does not contain definition {name}, which is associated with the content type {}.",
            self.content_type
        );
        self.finding(self.content_type, "MissingDefinition", details, Public::Internal)
    }

    fn not_validated(&self, error: &str) -> Finding {
        let (who, content_type) = (self.words(), self.content_type);
        let details = format!("Body of the {who} cannot be validated for the content type {content_type}. {error}");
        self.finding("", "ValidationException", details, Public::Internal)
    }

    fn not_conforming(&self, name: &str, error: &str) -> Finding {
        let (who, content_type) = (self.words(), self.content_type);
        let details = format!(
            "Body of the {who} does not conform to the definition {name}, which is associated with the content type {content_type}. {error}"
        );
        self.finding(content_type, "IncorrectMessage", details, Public::Details)
    }
}
