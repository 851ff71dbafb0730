//! Patterns of the typed tree, and the expression that is made of them.
use dotnet::{Type, Value};

use super::{Expr, LocalId};
use crate::ast;

/// `value switch { ... }`
#[derive(Clone, Debug)]
pub(crate) struct Switch<'a> {
    pub(crate) value: Expr<'a>,
    pub(crate) local: LocalId,
    pub(crate) arms: Vec<Arm<'a>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Arm<'a> {
    pub(crate) pattern: Pattern<'a>,
    pub(crate) guard: Option<Expr<'a>>,
    pub(crate) value: Expr<'a>,
    pub(crate) locals: Vec<LocalId>,
}

/// A pattern, tested against a value of a known static type.
#[derive(Clone, Debug)]
pub(crate) enum Pattern<'a> {
    /// Already reported.
    Error,
    /// Matches everything and declares nothing.
    Any,
    Null,
    /// Equal to a constant of that type (after a type test).
    Constant(Value),
    Type(Type),
    /// Binds the value; always matches.
    Bind(LocalId),
    Relational {
        op: ast::RelationalOp,
        value: Value,
    },
    And(Vec<Pattern<'a>>),
    Or(Box<Pattern<'a>>, Box<Pattern<'a>>),
    Not(Box<Pattern<'a>>),
    NotNull,
    /// Reads a part of the value (through a local that holds it) and tests it.
    Part {
        local: LocalId,
        value: Box<Expr<'a>>,
        pattern: Box<Pattern<'a>>,
    },
    /// `Deconstruct`: calls, then tests the locals it wrote.
    Effect {
        effect: Box<Expr<'a>>,
    },
    /// List pattern: tests on elements from the start, an optional slice, elements from the end.
    List {
        before: Vec<Pattern<'a>>,
        slice: Option<Option<Box<Pattern<'a>>>>,
        after: Vec<Pattern<'a>>,
    },
}
