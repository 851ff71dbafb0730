//! The syntax tree of a policy expression: owned, without lifetimes, a span on every node. Names are unresolved; meaning is the binder's.
//!
//! INVARIANT: a tree that came with an error may hold `Error` nodes (or empty names); whoever sees one has nothing further to report.
//! INVARIANT: no path from the root is longer than `parser::MAX_HEIGHT` expressions and statements, so recursion over a tree is bounded.
mod expr;
mod literal;
mod pattern;
mod stmt;
mod types;

use std::sync::Arc;

pub use expr::*;
pub use literal::*;
pub use pattern::*;
pub use stmt::*;
pub use types::*;

use crate::span::Span;

/// An identifier's text, without `@` and with escapes decoded.
pub type Name = Arc<str>;

/// An identifier where it stands. The name is empty when a syntax error took its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ident {
    pub name: Name,
    pub span: Span,
}
