//! `base`: the same section of the next broader scope, in place. Every section, every scope; at global scope it has no effect.
//!
//! It may stand inside `choose` and other containers, where it runs when they get there; once in a section; never in a
//! fragment. Follows the documentation of policy scopes.
use super::shared::places::{EVERY_SCOPE, EVERY_SECTION};
use crate::compile::{Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::Op;

pub(super) struct Base;

const SPEC: Spec = Spec {
    element: "base",
    summary: "runs the same section of the next broader scope",
    sections: EVERY_SECTION,
    scopes: EVERY_SCOPE,
    // More than one is reported by the compile context, which also knows of fragments.
    repeat: Repeat::Many,
    attributes: &[],
    content: Content::Empty,
    example: "<base />",
};

impl Policy for Base {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        node.base();
        Ok(Op::Base)
    }
}
