//! `choose`: runs the policies of the first `when` whose condition is true, else those of `otherwise`. Every section, every
//! scope, nests.
//!
//! Conditions are evaluated in order and only as far as needed. Branches give no scope to variables. A literal condition may be
//! `true` or `false`. Faults in a condition name the branch: `choose[3]/when[2]`.
use std::sync::Arc;

use super::shared::places::{EVERY_SCOPE, EVERY_SECTION};
use crate::compile::{AttributeSpec, ChildSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::{Attr, Block, Branch, Op};
use crate::run::{Cx, PolicyError};

pub(super) struct Choose;

const SPEC: Spec = Spec {
    element: "choose",
    summary: "runs the first branch whose condition is true",
    sections: EVERY_SECTION,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[],
    content: Content::Children(&[
        ChildSpec::many(
            "when",
            &[AttributeSpec::required("condition", "Boolean expression or constant")],
            Content::Policies,
        )
        .at_least(1),
        ChildSpec::maybe("otherwise", &[], Content::Policies),
    ]),
    example: r#"<choose><when condition="@(context.Request.Method == "GET")"><base /></when><otherwise /></choose>"#,
};

impl Policy for Choose {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let when = node.each("when", |when| {
            let condition = when.required("condition");
            let block = when.block();
            Ok(When { condition: condition?, block: block?, path: Arc::clone(when.path()) })
        });
        let otherwise = node.child("otherwise", |otherwise| otherwise.block());
        Ok(Op::branch(Compiled { when: when?, otherwise: otherwise? }))
    }
}

struct Compiled {
    when: Vec<When>,
    otherwise: Option<Block>,
}

struct When {
    condition: Attr<bool>,
    block: Block,
    path: Arc<str>,
}

impl Branch for Compiled {
    fn pick<'b>(&'b self, cx: &mut Cx<'_>) -> Result<Option<&'b Block>, PolicyError> {
        for when in &self.when {
            if *when.condition.get(cx).map_err(|e| e.at(&when.path))? {
                return Ok(Some(&when.block));
            }
        }
        Ok(self.otherwise.as_ref())
    }
}
