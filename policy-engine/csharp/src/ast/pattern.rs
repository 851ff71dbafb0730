//! Patterns of `is`, `case` and switch arms.
use super::{Expr, Ident, TypeSyntax};
use crate::span::Span;

/// A pattern.
#[derive(Clone, PartialEq, Debug)]
pub struct Pattern {
    pub kind: PatternKind,
    pub span: Span,
}

#[derive(Clone, PartialEq, Debug)]
pub enum PatternKind {
    /// Already reported.
    Error,
    /// `_`
    Discard,
    /// A constant. When the expression is a name or a chain of names (`A.B`) it may denote a type instead: bind it as a type first
    /// under `is`, as a constant first under `case` and in switch arms, as C# does.
    Constant(Expr),
    /// Can only be a type: `int`, `string[]`, `List<int>`, `int?`.
    Type(TypeSyntax),
    /// `T x`, `T _`
    Declaration {
        ty: TypeSyntax,
        designation: Designation,
    },
    /// `var x`, `var (a, b)`
    Var(Designation),
    /// `> 5`
    Relational {
        op: RelationalOp,
        value: Expr,
    },
    And(Box<Pattern>, Box<Pattern>),
    Or(Box<Pattern>, Box<Pattern>),
    Not(Box<Pattern>),
    Paren(Box<Pattern>),
    Recursive(Box<RecursivePattern>),
    /// `[a, .. var rest]`
    List {
        elements: Vec<Pattern>,
        designation: Option<Designation>,
    },
    /// `..` or `.. p`, inside a list pattern only.
    Slice(Option<Box<Pattern>>),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RelationalOp {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// `T (positional) { properties } designation`; every part is optional, not all absent.
#[derive(Clone, PartialEq, Debug)]
pub struct RecursivePattern {
    pub ty: Option<TypeSyntax>,
    pub positional: Option<Vec<PositionalSubpattern>>,
    pub properties: Option<Vec<PropertySubpattern>>,
    pub designation: Option<Designation>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct PositionalSubpattern {
    pub name: Option<Ident>,
    pub pattern: Pattern,
}

/// `A.B: pattern`
#[derive(Clone, PartialEq, Debug)]
pub struct PropertySubpattern {
    /// Never empty.
    pub path: Vec<Ident>,
    pub pattern: Pattern,
}

/// What a declared value is called.
#[derive(Clone, PartialEq, Debug)]
pub enum Designation {
    Name(Ident),
    /// `_`
    Discard(Span),
    /// `(a, _, (b, c))`
    Tuple {
        elements: Vec<Designation>,
        span: Span,
    },
}

impl Designation {
    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Name(name) => name.span,
            Self::Discard(span) | Self::Tuple { span, .. } => *span,
        }
    }
}
