//! Statements of the typed tree.
use dotnet::Type;

use super::{Expr, LabelId, LocalId, Pattern};
use crate::span::Span;

/// A typed statement.
#[derive(Clone, Debug)]
pub(crate) struct Stmt<'a> {
    pub(crate) kind: StmtKind<'a>,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum StmtKind<'a> {
    Empty,
    Expr(Expr<'a>),
    /// Declares a local; the value is missing for `int x;`.
    Local {
        local: LocalId,
        value: Option<Expr<'a>>,
    },
    Block {
        body: Vec<Stmt<'a>>,
        locals: Vec<LocalId>,
    },
    If {
        condition: Expr<'a>,
        then: Box<Stmt<'a>>,
        otherwise: Option<Box<Stmt<'a>>>,
    },
    While {
        condition: Expr<'a>,
        body: Box<Stmt<'a>>,
        locals: Vec<LocalId>,
    },
    DoWhile {
        body: Box<Stmt<'a>>,
        condition: Expr<'a>,
    },
    For(Box<For<'a>>),
    Foreach(Box<Foreach<'a>>),
    Switch(Box<SwitchStmt<'a>>),
    Try(Box<Try<'a>>),
    /// Disposes the local's value after the body, unless null.
    Using {
        local: LocalId,
        value: Expr<'a>,
        body: Box<Stmt<'a>>,
    },
    Return(Option<Expr<'a>>),
    /// `None` rethrows.
    Throw(Option<Expr<'a>>),
    Break,
    Continue,
    Goto(LabelId),
    /// Section number of the enclosing switch.
    GotoCase(usize),
    Label(LabelId),
    /// `yield return e;`, `yield break;`
    Yield(Option<Expr<'a>>),
    /// Declares a local function; nothing to do when reached.
    Function(usize),
}

#[derive(Clone, Debug)]
pub(crate) struct For<'a> {
    pub(crate) init: Vec<Stmt<'a>>,
    pub(crate) condition: Option<Expr<'a>>,
    pub(crate) step: Vec<Expr<'a>>,
    pub(crate) body: Stmt<'a>,
    /// Declared by `init`.
    pub(crate) locals: Vec<LocalId>,
    /// Declared by the condition, anew in each round.
    pub(crate) inner: Vec<LocalId>,
}

#[derive(Clone, Debug)]
pub(crate) struct Foreach<'a> {
    pub(crate) source: Expr<'a>,
    /// Holds the item.
    pub(crate) local: LocalId,
    /// The item as the sequence gives it, before its conversion.
    pub(crate) item: LocalId,
    /// Sets `local` (or deconstructs) from `item`.
    pub(crate) assign: Expr<'a>,
    pub(crate) body: Stmt<'a>,
    pub(crate) locals: Vec<LocalId>,
}

#[derive(Clone, Debug)]
pub(crate) struct SwitchStmt<'a> {
    pub(crate) value: Expr<'a>,
    pub(crate) local: LocalId,
    pub(crate) sections: Vec<Section<'a>>,
    /// Section of `default:`.
    pub(crate) default: Option<usize>,
    pub(crate) locals: Vec<LocalId>,
    /// The labels match every value.
    pub(crate) exhaustive: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Section<'a> {
    pub(crate) labels: Vec<(Pattern<'a>, Option<Expr<'a>>)>,
    pub(crate) body: Vec<Stmt<'a>>,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct Try<'a> {
    pub(crate) body: Stmt<'a>,
    pub(crate) catches: Vec<Catch<'a>>,
    pub(crate) finally: Option<Stmt<'a>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Catch<'a> {
    /// Type of exception; `None` catches all.
    pub(crate) ty: Option<Type>,
    pub(crate) local: Option<LocalId>,
    pub(crate) filter: Option<Expr<'a>>,
    pub(crate) body: Stmt<'a>,
    pub(crate) locals: Vec<LocalId>,
}

impl<'a> Stmt<'a> {
    pub(crate) fn new(kind: StmtKind<'a>, span: Span) -> Self {
        Stmt { kind, span }
    }
}
