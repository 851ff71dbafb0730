//! Statements.
use super::{Expr, Ident, LambdaBody, Parameter, Pattern, TypeConstraints, TypeSyntax};
use crate::span::Span;

/// `{ ... }`, or the whole content of `@{ ... }` (the span is then the whole text).
#[derive(Clone, PartialEq, Debug)]
pub struct Block {
    pub statements: Vec<Stmt>,
    pub span: Span,
}

/// A statement.
#[derive(Clone, PartialEq, Debug)]
pub struct Stmt {
    pub kind: StmtKind,
    pub span: Span,
}

#[derive(Clone, PartialEq, Debug)]
pub enum StmtKind {
    /// Already reported.
    Error,
    Empty,
    Block(Block),
    /// Any expression; which ones may stand alone was checked (CS0201).
    Expr(Expr),
    Local(Box<LocalDeclaration>),
    LocalFunction(Box<LocalFunction>),
    If {
        condition: Expr,
        then: Box<Stmt>,
        otherwise: Option<Box<Stmt>>,
    },
    While {
        condition: Expr,
        body: Box<Stmt>,
    },
    DoWhile {
        body: Box<Stmt>,
        condition: Expr,
    },
    For(Box<ForStmt>),
    Foreach(Box<ForeachStmt>),
    Switch(Box<SwitchStmt>),
    Try(Box<TryStmt>),
    Using(Box<UsingStmt>),
    Lock {
        target: Expr,
        body: Box<Stmt>,
    },
    /// `checked { ... }` or `unchecked { ... }`
    Checked {
        checked: bool,
        body: Block,
    },
    Return(Option<Expr>),
    /// `None` rethrows.
    Throw(Option<Expr>),
    Break,
    Continue,
    /// `yield return e;` in a local function. Outside of one it is the binder's error.
    YieldReturn(Expr),
    YieldBreak,
    Goto(GotoTarget),
    Labeled {
        label: Ident,
        body: Box<Stmt>,
    },
}

/// `const T a = 1, b = 2;` or `using var a = e;`
#[derive(Clone, PartialEq, Debug)]
pub struct LocalDeclaration {
    pub is_const: bool,
    /// A using declaration: disposed at the end of the enclosing block.
    pub is_using: bool,
    pub ty: TypeSyntax,
    /// Never empty.
    pub declarators: Vec<Declarator>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Declarator {
    pub name: Ident,
    /// May be an `ExprKind::ArrayInitializer`.
    pub value: Option<Expr>,
    pub span: Span,
}

/// A function declared among statements.
#[derive(Clone, PartialEq, Debug)]
pub struct LocalFunction {
    pub is_static: bool,
    pub return_type: TypeSyntax,
    pub name: Ident,
    pub type_parameters: Vec<Ident>,
    pub parameters: Vec<Parameter>,
    pub constraints: Vec<TypeConstraints>,
    pub body: LambdaBody,
}

#[derive(Clone, PartialEq, Debug)]
pub struct ForStmt {
    pub init: ForInit,
    pub condition: Option<Expr>,
    pub step: Vec<Expr>,
    pub body: Stmt,
}

#[derive(Clone, PartialEq, Debug)]
pub enum ForInit {
    /// Possibly empty.
    Exprs(Vec<Expr>),
    Local(LocalDeclaration),
}

#[derive(Clone, PartialEq, Debug)]
pub struct ForeachStmt {
    pub target: ForeachTarget,
    pub source: Expr,
    pub body: Stmt,
}

#[derive(Clone, PartialEq, Debug)]
pub enum ForeachTarget {
    Variable {
        ty: TypeSyntax,
        name: Ident,
    },
    /// `foreach (var (a, b) in e)`: a `Declaration` or a `Tuple` of declarations.
    Deconstruct(Expr),
}

#[derive(Clone, PartialEq, Debug)]
pub struct SwitchStmt {
    pub value: Expr,
    pub sections: Vec<SwitchSection>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct SwitchSection {
    /// Never empty.
    pub labels: Vec<SwitchLabel>,
    pub body: Vec<Stmt>,
    pub span: Span,
}

#[derive(Clone, PartialEq, Debug)]
pub struct SwitchLabel {
    pub kind: SwitchLabelKind,
    pub span: Span,
}

#[derive(Clone, PartialEq, Debug)]
#[expect(clippy::large_enum_variant, reason = "labels are few, nearly all of them the large variant")]
pub enum SwitchLabelKind {
    Case { pattern: Pattern, guard: Option<Expr> },
    Default,
}

#[derive(Clone, PartialEq, Debug)]
pub struct TryStmt {
    pub body: Block,
    pub catches: Vec<CatchClause>,
    pub finally: Option<Block>,
}

/// `catch (T name) when (filter) { ... }`
#[derive(Clone, PartialEq, Debug)]
pub struct CatchClause {
    /// `None` for a bare `catch`.
    pub ty: Option<TypeSyntax>,
    pub name: Option<Ident>,
    pub filter: Option<Expr>,
    pub body: Block,
    pub span: Span,
}

#[derive(Clone, PartialEq, Debug)]
pub struct UsingStmt {
    pub resource: UsingResource,
    pub body: Stmt,
}

#[derive(Clone, PartialEq, Debug)]
pub enum UsingResource {
    Expr(Expr),
    Local(LocalDeclaration),
}

#[derive(Clone, PartialEq, Debug)]
pub enum GotoTarget {
    Label(Ident),
    Case(Expr),
    Default,
}
