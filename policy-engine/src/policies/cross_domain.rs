//! `cross-domain`: tells browser plug-ins who may call: the document at `/crossdomain.xml` of the gateway's root. Inbound, global
//! scope.
//!
//! The document (Adobe's cross-domain policy file) is answered to a GET that no API takes, without a key; in any other request the
//! policy does nothing. Follows the public page `cross-domain-policy`.
use std::fmt::Write;

use bytes::Bytes;
use http::{HeaderValue, Method, header};

use super::shared::places::INBOUND;
use crate::compile::{AttributeSpec, ChildSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::{Op, Scope, Step};
use crate::run::{CROSS_DOMAIN_PATH, Cx, Flow, Response, StepResult};

pub(super) struct CrossDomain;

const DOMAIN: AttributeSpec = AttributeSpec::optional("domain", "who may call: a host, `*.host` or `*`").literal();
const SECURE: AttributeSpec = AttributeSpec::optional("secure", "must they have been loaded over TLS?").literal();
const CONTROL: &[AttributeSpec] =
    &[AttributeSpec::optional("permitted-cross-domain-policies", "which other policy files count").literal()];
const ACCESS: &[AttributeSpec] = &[DOMAIN, AttributeSpec::optional("to-ports", "ports").literal(), SECURE];
const HEADERS: &[AttributeSpec] = &[DOMAIN, AttributeSpec::optional("headers", "request headers").literal(), SECURE];
/// Elements of the file in the order of its definition.
const ELEMENTS: [(&str, &[AttributeSpec]); 3] =
    [("site-control", CONTROL), ("allow-access-from", ACCESS), ("allow-http-request-headers-from", HEADERS)];

const SPEC: Spec = Spec {
    element: "cross-domain",
    summary: "answers `/crossdomain.xml` at the root of the gateway",
    sections: INBOUND,
    scopes: &[Scope::Global],
    repeat: Repeat::Many,
    attributes: &[],
    content: Content::Children(&[ChildSpec::maybe(
        "cross-domain-policy",
        &[],
        Content::Children(&[
            ChildSpec::maybe("site-control", CONTROL, Content::Empty),
            ChildSpec::many("allow-access-from", ACCESS, Content::Empty),
            ChildSpec::many("allow-http-request-headers-from", HEADERS, Content::Empty),
        ]),
    )
    .at_least(1)]),
    example: r#"<cross-domain><cross-domain-policy><allow-http-request-headers-from domain="*" headers="*" /></cross-domain-policy></cross-domain>"#,
};

impl Policy for CrossDomain {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let document = node.child("cross-domain-policy", |file| {
            let mut out = String::from("<?xml version=\"1.0\"?>\n<cross-domain-policy>");
            for (name, attributes) in ELEMENTS {
                for element in file.each(name, |element| written(element, name, attributes))? {
                    out.push_str(&element);
                }
            }
            out.push_str("</cross-domain-policy>\n");
            Ok(out)
        });
        Ok(Op::step(Compiled { document: document?.ok_or(Refused)?.into() }))
    }
}

fn written(node: &mut Node<'_, '_>, name: &str, attributes: &[AttributeSpec]) -> Result<String, Refused> {
    let mut out = format!("<{name}");
    for attribute in attributes {
        if let Some(value) = node.literal_or_none::<String>(attribute.name)? {
            let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
            let _ = write!(out, " {}=\"{value}\"", attribute.name);
        }
    }
    out.push_str(" />");
    Ok(out)
}

struct Compiled {
    document: Bytes,
}

impl Step for Compiled {
    fn run(&self, cx: &mut Cx<'_>) -> StepResult {
        let asked = cx.state.facts.api.is_none()
            && cx.state.original.path == CROSS_DOMAIN_PATH
            && matches!(cx.state.request.method, Method::GET | Method::HEAD);
        if !asked {
            return Ok(Flow::Continue);
        }
        let mut response = Response::new(200);
        response.set_body(self.document.clone());
        response.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/x-cross-domain-policy"));
        cx.state.response = Some(response);
        Ok(Flow::Respond)
    }
}
