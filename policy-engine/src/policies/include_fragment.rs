//! `include-fragment`: the policies of a fragment, in place. Every section, every scope.
//!
//! The fragment is compiled where it is included: its policies must be legal there, and its paths go on counting the
//! document's. Ids are compared without regard to case. A fragment holds neither sections nor `base` nor another fragment.
use super::shared::places::{EVERY_SCOPE, EVERY_SECTION};
use crate::compile::{AttributeSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::{Block, Branch, Op};
use crate::run::{Cx, PolicyError};

pub(super) struct IncludeFragment;

const SPEC: Spec = Spec {
    element: "include-fragment",
    summary: "runs the policies of a fragment in place",
    sections: EVERY_SECTION,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[AttributeSpec::required("fragment-id", "id of the fragment").literal()],
    content: Content::Empty,
    example: r#"<include-fragment fragment-id="correlation" />"#,
};

impl Policy for IncludeFragment {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let id: String = node.literal("fragment-id")?;
        Ok(Op::branch(Compiled(node.fragment(id.trim())?)))
    }
}

struct Compiled(Block);

impl Branch for Compiled {
    fn pick<'b>(&'b self, _: &mut Cx<'_>) -> Result<Option<&'b Block>, PolicyError> {
        Ok(Some(&self.0))
    }
}
