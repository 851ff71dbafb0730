//! C# text in, tree and findings out. Never aborts, never panics, never hangs; knows no types and no names.
//!
//! Order of work: `lexer` makes a flat token list, `lookahead` decides what C# leaves ambiguous by scanning ahead (never by trial
//! parsing, so no finding is ever taken back), the other files build nodes. `recovery` says where reading goes on after an error.
pub mod codes;
mod core;
mod creation;
mod declaration;
mod expression;
mod lambda;
mod lookahead;
mod operand;
mod pattern;
mod postfix;
mod query;
mod recovery;
mod scan;
mod statement;
mod statement_parts;
mod string;
mod types;

use crate::ast::{Block, Expr};
use crate::diagnostic::Diagnostic;
use core::Parser;

pub use scan::{ScanError, ScanErrorKind, find_expression_end};

/// Deepest nesting of brackets, blocks and operands that is read.
pub const MAX_DEPTH: u32 = 200;
/// Longest path from the root of a tree, in steps of `MAX_DEPTH`; long chains (`a + b + ...`, `a.b.c`) count too.
pub const MAX_HEIGHT: u32 = 500;
/// Largest source in bytes.
pub const MAX_SOURCE_BYTES: usize = 1 << 20;

/// A tree and everything found wrong while reading it, in the order of the text.
#[derive(Clone, PartialEq, Debug)]
pub struct Parsed<T> {
    pub tree: T,
    pub diagnostics: Vec<Diagnostic>,
}

impl<T> Parsed<T> {
    /// True when the program must be refused.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Does the tree mean what its author meant, but for the places of the findings? Not after forms that are refused, nor where reading
/// was given up.
pub(crate) fn is_worth_binding(found: &[Diagnostic]) -> bool {
    found.iter().all(|d| !d.is_error() || d.code < codes::AWAIT.code)
}

/// Reads the content of `@( ... )`, without the brackets.
pub fn parse_expression(text: &str) -> Parsed<Expr> {
    let mut parser = Parser::new(text, ")");
    let tree = parser.whole_expression();
    Parsed { tree, diagnostics: parser.into_diagnostics() }
}

/// Reads the content of `@{ ... }`, without the braces.
pub fn parse_block(text: &str) -> Parsed<Block> {
    let mut parser = Parser::new(text, "}");
    let tree = parser.whole_block();
    Parsed { tree, diagnostics: parser.into_diagnostics() }
}
