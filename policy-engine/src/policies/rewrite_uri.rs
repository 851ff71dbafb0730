//! `rewrite-uri`: path and query below the base. Inbound, every scope.
//!
//! `{name}` in the template is a parameter of the operation's template, encoded again for its place; `{*}` is a wildcard match
//! with its slashes. With `copy-unmatched-params` (default) those parameters of the query follow that neither belong to the
//! operation's template nor stand in the new one. The last one wins. An expression's result may hold placeholders too.
use std::sync::Arc;

use config_model::Operation;
use percent_encoding::AsciiSet;

use super::shared::places::EVERY_SCOPE;
use super::shared::uri;
use crate::compile::{AttributeSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::{Attr, Op, Section, Step};
use crate::run::{Cx, EvalState, Flow, PolicyError, StepResult};

pub(super) struct RewriteUri;

const SPEC: Spec = Spec {
    element: "rewrite-uri",
    summary: "changes the path and the query that the backend sees",
    sections: &[Section::Inbound],
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[
        AttributeSpec::required("template", "new path and query, with `{name}` for parameters of the operation"),
        AttributeSpec::optional("copy-unmatched-params", "does the rest of the query follow (default `true`)?"),
    ],
    content: Content::Empty,
    example: r#"<rewrite-uri template="/v2/orders/{id}?expand=lines" copy-unmatched-params="false" />"#,
};

impl Policy for RewriteUri {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let template = node.required("template");
        let copy = node.or("copy-unmatched-params", true);
        Ok(Op::step(Compiled { template: template?, copy: copy? }))
    }
}

struct Compiled {
    template: Attr<String>,
    copy: Attr<bool>,
}

impl Step for Compiled {
    fn run(&self, cx: &mut Cx<'_>) -> StepResult {
        let template = self.template.get(cx)?;
        let copy = *self.copy.get(cx)?;
        let (path, query) = template.trim().split_once('?').unwrap_or((template.trim(), ""));
        let path = filled(cx.state, path, uri::SEGMENT)?;
        let mut query = filled(cx.state, query, uri::COMPONENT)?;
        if copy {
            query = with_unmatched(cx.state, &query);
        }
        let target = &mut cx.state.request.target;
        target.path = if path.is_empty() || path.starts_with('/') { path } else { format!("/{path}") };
        target.query = query;
        Ok(Flow::Continue)
    }
}

/// Puts parameters in place of `{name}`.
fn filled(state: &EvalState, template: &str, set: &'static AsciiSet) -> Result<String, PolicyError> {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, tail)) = after.split_once('}') else { break };
        out.push_str(before);
        let value = parameter(state, name)
            .ok_or_else(|| PolicyError::evaluation(&format!("The operation has no parameter '{name}'.")))?;
        if name.starts_with('*') {
            out.push_str(&value.split('/').map(|part| uri::encode(part, set)).collect::<Vec<_>>().join("/"));
        } else {
            out.push_str(&uri::encode(&value, set));
        }
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

/// A matched parameter, or one of the query that the operation declares as required.
fn parameter(state: &EvalState, name: &str) -> Option<String> {
    if let Some(value) = state.matched_parameter(name) {
        return Some(value.to_owned());
    }
    let operation = state.facts.operation.as_ref()?;
    if !belongs_to(operation, name) {
        return None;
    }
    uri::value(&state.original.query, name)
}

/// Is a query parameter part of the operation's template? Required ones are.
fn belongs_to(operation: &Arc<Operation>, name: &str) -> bool {
    let in_template = operation
        .url_template
        .split_once('?')
        .is_some_and(|(_, query)| uri::pairs(query).any(|(_, n)| n.eq_ignore_ascii_case(name)));
    in_template || operation.request.query_parameters.iter().any(|p| p.required && p.name.eq_ignore_ascii_case(name))
}

fn with_unmatched(state: &EvalState, query: &str) -> String {
    let operation = state.facts.operation.as_ref();
    let in_new = |name: &str| uri::pairs(query).any(|(_, n)| n.eq_ignore_ascii_case(name));
    let unmatched = uri::pairs(&state.request.target.query)
        .filter(|(_, name)| !operation.is_some_and(|o| belongs_to(o, name)) && !in_new(name))
        .map(|(pair, _)| pair);
    uri::join(Some(query).filter(|q| !q.is_empty()).into_iter().chain(unmatched))
}
