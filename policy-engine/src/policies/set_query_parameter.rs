//! `set-query-parameter`: adds, replaces or removes a parameter of the request's query. Every section, every scope.
//!
//! Values are given as plain text and percent-encoded here. Names are compared without regard to case; parameters that are not
//! meant keep their order and their encoding; new ones go last, replaced ones stay where the first one stood.
use super::shared::message_edit::ExistsAction;
use super::shared::places::{EVERY_SCOPE, EVERY_SECTION};
use super::shared::uri;
use crate::compile::{AttributeSpec, ChildSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::diagnostics::codes;
use crate::program::{Attr, Op, Step};
use crate::run::{Cx, Flow, StepResult};

pub(super) struct SetQueryParameter;

const SPEC: Spec = Spec {
    element: "set-query-parameter",
    summary: "changes a parameter of the query",
    sections: EVERY_SECTION,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[
        AttributeSpec::required("name", "name of the parameter"),
        AttributeSpec::optional("exists-action", "`override` (default), `skip`, `append` or `delete`"),
    ],
    content: Content::Children(&[ChildSpec::many("value", &[], Content::Text)]),
    example: r#"<set-query-parameter name="api-version" exists-action="skip"><value>2024-01-01</value></set-query-parameter>"#,
};

impl Policy for SetQueryParameter {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let name = node.required("name");
        let action = node.or("exists-action", ExistsAction::Override);
        let values = node.each("value", |value| value.trimmed_text::<String>());
        let compiled = Compiled { name: name?, action: action?, values: values? };
        if compiled.values.is_empty() && compiled.action.constant().is_some_and(|a| *a != ExistsAction::Delete) {
            return node.fail(
                codes::MISSING_CHILD,
                "`set-query-parameter` needs a child `value`",
                Some("only `exists-action=\"delete\"` goes without"),
            );
        }
        Ok(Op::step(compiled))
    }
}

struct Compiled {
    name: Attr<String>,
    action: Attr<ExistsAction>,
    values: Vec<Attr<String>>,
}

impl Step for Compiled {
    fn run(&self, cx: &mut Cx<'_>) -> StepResult {
        let name = self.name.get(cx)?;
        let action = *self.action.get(cx)?;
        let mut new = Vec::with_capacity(self.values.len());
        if action != ExistsAction::Delete {
            for value in &self.values {
                new.push(uri::pair(&name, &value.text(cx)?.unwrap_or_default()));
            }
        }
        let query = &mut cx.state.request.target.query;
        *query = changed(query, &name, action, &new);
        Ok(Flow::Continue)
    }
}

fn changed(query: &str, name: &str, action: ExistsAction, new: &[String]) -> String {
    let exists = uri::pairs(query).any(|(_, n)| n.eq_ignore_ascii_case(name));
    let new = new.iter().map(String::as_str);
    match action {
        ExistsAction::Skip if exists => query.to_owned(),
        ExistsAction::Delete | ExistsAction::Override if exists => {
            let mut waiting = Some(new);
            let kept = uri::pairs(query).flat_map(|(pair, n)| {
                let replaced = n.eq_ignore_ascii_case(name);
                let inserted = if replaced { waiting.take() } else { None };
                (!replaced).then_some(pair).into_iter().chain(inserted.into_iter().flatten())
            });
            uri::join(kept.collect::<Vec<_>>())
        }
        _ => uri::join(Some(query).filter(|q| !q.is_empty()).into_iter().chain(new)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn untouched_pairs_stay() {
        let new = ["z=1".to_owned()];
        assert_eq!(changed("b=%2F&a=x+y", "z", ExistsAction::Override, &new), "b=%2F&a=x+y&z=1");
        assert_eq!(changed("Z=0&b=2&z=3", "z", ExistsAction::Override, &new), "z=1&b=2");
        assert_eq!(changed("z=0&b=2", "z", ExistsAction::Delete, &[]), "b=2");
        assert_eq!(changed("z=0", "z", ExistsAction::Skip, &new), "z=0");
        assert_eq!(changed("z=0", "z", ExistsAction::Append, &new), "z=0&z=1");
        assert_eq!(changed("", "z", ExistsAction::Skip, &new), "z=1");
    }
}
