//! The front end as a black box: case files, printing and reading back, hostile input, limits, and where expressions end.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    clippy::indexing_slicing,
    reason = "a test program"
)]

mod fixtures;
mod hostile;
mod limits;
mod roundtrip;
mod scan;

use csharp::ast::{Block, Expr};
use csharp::diagnostic::Diagnostic;
use csharp::parser::{Parsed, parse_block, parse_expression};

/// A tree of either kind.
#[derive(Debug)]
pub enum Tree {
    Expression(Expr),
    Block(Block),
}

/// Reads `@( ... )` or `@{ ... }`; also answers the content without the brackets.
pub fn parse(case: &str) -> (Tree, Vec<Diagnostic>, &str) {
    let inner = case.get(2..case.len() - 1).expect("a case has brackets");
    if case.starts_with("@(") {
        let Parsed { tree, diagnostics } = parse_expression(inner);
        (Tree::Expression(tree), diagnostics, inner)
    } else {
        assert!(case.starts_with("@{"), "a case starts with `@(` or `@{{`: {case}");
        let Parsed { tree, diagnostics } = parse_block(inner);
        (Tree::Block(tree), diagnostics, inner)
    }
}

pub fn print(tree: &Tree) -> String {
    match tree {
        Tree::Expression(expr) => csharp::print::expression(expr),
        Tree::Block(block) => csharp::print::block(block),
    }
}

/// The tree's dump without spans, which printing cannot keep.
pub fn shape(tree: &Tree) -> String {
    let dump = format!("{tree:?}");
    let mut result = String::with_capacity(dump.len());
    let mut rest = dump.as_str();
    while let Some(at) = rest.find("span: @") {
        result.push_str(&rest[..at]);
        rest = rest[at + "span: @".len()..].trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    }
    // Discards hold a bare span.
    result.push_str(rest);
    let mut shape = String::with_capacity(result.len());
    let mut rest = result.as_str();
    while let Some(at) = rest.find("Discard(@") {
        shape.push_str(&rest[..at + "Discard(".len()]);
        rest = rest[at + "Discard(@".len()..].trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    }
    shape.push_str(rest);
    shape
}
