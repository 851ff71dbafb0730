//! `trace`: a message for the request trace and for whoever collects telemetry. Every section, every scope.
//!
//! The message is only computed when someone takes messages of its severity. The old form with the message as direct text is
//! accepted.
use std::sync::Arc;

use super::shared::places::{EVERY_SCOPE, EVERY_SECTION};
use crate::compile::{AttributeSpec, ChildSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::diagnostics::codes;
use crate::host::{Level, TraceEntry};
use crate::program::{Attr, Op, Step};
use crate::run::{Cx, Flow, StepResult, keywords};

pub(super) struct Trace;

const SPEC: Spec = Spec {
    element: "trace",
    summary: "writes a message to the trace",
    sections: EVERY_SECTION,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[
        AttributeSpec::required("source", "name shown with the message"),
        AttributeSpec::optional("severity", "`verbose` (default), `information` or `error`").literal(),
    ],
    content: Content::Mixed(&[
        ChildSpec::maybe("message", &[], Content::Text),
        ChildSpec::many(
            "metadata",
            &[AttributeSpec::required("name", "name"), AttributeSpec::required("value", "value")],
            Content::Empty,
        ),
    ]),
    example: r#"<trace source="orders" severity="information"><message>@("order of " + context.User.Id)</message></trace>"#,
};

keywords! {
    enum Severity {
        Verbose = "verbose",
        Information = "information",
        Error = "error",
    }
}

impl Policy for Trace {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let source = node.required("source");
        let severity = node.literal_or("severity", Severity::Verbose);
        let metadata = node.each("metadata", |m| {
            let (name, value) = (m.required("name"), m.required("value"));
            Ok((name?, value?))
        });
        let message = match node.child("message", |m| m.trimmed_text())? {
            Some(message) => message,
            None if node.has_text() => node.trimmed_text()?,
            None => return node.fail(codes::MISSING_CHILD, "`trace` needs a child `message`", None),
        };
        let level = match severity? {
            Severity::Verbose => Level::Verbose,
            Severity::Information => Level::Information,
            Severity::Error => Level::Error,
        };
        Ok(Op::step(Compiled { source: source?, level, message, metadata: metadata? }))
    }
}

struct Compiled {
    source: Attr<Arc<str>>,
    level: Level,
    message: Attr<String>,
    metadata: Vec<(Attr<String>, Attr<String>)>,
}

impl Step for Compiled {
    fn run(&self, cx: &mut Cx<'_>) -> StepResult {
        if !cx.traces(self.level) {
            return Ok(Flow::Continue);
        }
        let source = self.source.get(cx)?.into_owned();
        let message = self.message.text(cx)?.unwrap_or_default().into_owned();
        let mut metadata = Vec::with_capacity(self.metadata.len());
        for (name, value) in &self.metadata {
            let name = name.get(cx)?.into_owned();
            metadata.push((name, value.text(cx)?.unwrap_or_default().into_owned()));
        }
        let at = cx.host.utc_ticks();
        cx.trace(TraceEntry { source, level: self.level, message, metadata, at });
        Ok(Flow::Continue)
    }
}
