//! Expressions.
use super::{
    Block, Designation, Ident, Literal, Name, Parameter, Pattern, PredefinedType, SimpleName, StringLiteral, TypeSyntax,
};
use crate::span::Span;

/// An expression.
#[derive(Clone, PartialEq, Debug)]
pub struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

#[derive(Clone, PartialEq, Debug)]
pub enum ExprKind {
    /// Already reported.
    Error,
    Literal(Literal),
    Interpolated(Vec<InterpolatedPart>),
    /// `x`, `Foo<int>`; may turn out to be a local, a type, a namespace or a member.
    Name(SimpleName),
    /// `global::System`; `alias` is what stands before `::`.
    AliasName {
        alias: Ident,
        name: SimpleName,
    },
    /// `int` in `int.Parse`; an expression only as the target of `Member`, or inside `nameof`.
    Predefined(PredefinedType),
    /// Parentheses are kept: they stop constant patterns, deconstruction and some warnings.
    Paren(Box<Expr>),
    /// `(a, name: b)`; a deconstruction when it is the target of `Assign` or stands in `ForeachTarget`.
    Tuple(Vec<TupleElement>),
    /// `out var x`, `out T x`, `(var a, T b) = ...`, `var (a, b) = ...`: legal only where C# lets a variable be declared.
    Declaration {
        ty: TypeSyntax,
        designation: Designation,
    },
    /// `target.name`
    Member {
        target: Box<Expr>,
        name: SimpleName,
    },
    /// `target?.b.c()` or `target?[i]`: the innermost receiver inside `access` is `ConditionalReceiver`.
    /// `a?.b?.c` is `a ?. (receiver.b ?. (receiver.c))`: null ends the whole rest of the chain.
    ConditionalAccess {
        target: Box<Expr>,
        access: Box<Expr>,
    },
    /// Stands for the non-null value of the nearest enclosing `ConditionalAccess` target.
    ConditionalReceiver,
    Call {
        target: Box<Expr>,
        args: Vec<Argument>,
    },
    /// `target[args]`
    Index {
        target: Box<Expr>,
        args: Vec<Argument>,
    },
    Unary {
        op: UnaryOp,
        operand: Box<Expr>,
    },
    Postfix {
        op: PostfixOp,
        operand: Box<Expr>,
    },
    /// Includes `&&`, `||` and `??`. `op_span` is the operator's own place.
    Binary {
        op: BinaryOp,
        op_span: Span,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// `=` when `op` is `None`, else the operator of `+=`, `??=` and so on.
    Assign {
        op: Option<BinaryOp>,
        op_span: Span,
        target: Box<Expr>,
        value: Box<Expr>,
    },
    /// `condition ? then : otherwise`
    Conditional {
        condition: Box<Expr>,
        then: Box<Expr>,
        otherwise: Box<Expr>,
    },
    /// `a..b`, each side optional.
    Range {
        start: Option<Box<Expr>>,
        end: Option<Box<Expr>>,
    },
    /// `operand is pattern`; a plain type test is a `PatternKind::Type`, or a `Constant` whose expression names a type.
    Is {
        operand: Box<Expr>,
        pattern: Box<Pattern>,
    },
    As {
        operand: Box<Expr>,
        ty: Box<TypeSyntax>,
    },
    Cast {
        ty: Box<TypeSyntax>,
        operand: Box<Expr>,
    },
    Lambda(Box<Lambda>),
    Query(Box<Query>),
    New(Box<ObjectCreation>),
    NewArray(Box<ArrayCreation>),
    NewAnonymous(Vec<AnonymousMember>),
    /// `{ a, b }` as the initialiser of an array, nested ones included; legal only there.
    ArrayInitializer(Vec<Expr>),
    /// `[a, ..b]`
    Collection(Vec<CollectionElement>),
    /// `default` or `default(T)`
    Default(Option<Box<TypeSyntax>>),
    TypeOf(Box<TypeSyntax>),
    SizeOf(Box<TypeSyntax>),
    NameOf(Box<Expr>),
    /// `checked(e)` or `unchecked(e)`
    Checked {
        checked: bool,
        operand: Box<Expr>,
    },
    Switch(Box<SwitchExpr>),
    /// `operand with { P = v }`
    With {
        operand: Box<Expr>,
        members: Vec<ObjectMember>,
    },
    Throw(Box<Expr>),
    /// `ref x` as the value of a `ref` local, an assignment to one, or a `return`; in arguments see [`Passing`].
    Ref(Box<Expr>),
    /// Reported by the parser: policy code is never asynchronous.
    Await(Box<Expr>),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum UnaryOp {
    Plus,
    Minus,
    /// `!`
    Not,
    /// `~`
    Complement,
    PreIncrement,
    PreDecrement,
    /// `^1`
    FromEnd,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PostfixOp {
    Increment,
    Decrement,
    /// `x!`
    NullForgiving,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BinaryOp {
    Multiply,
    Divide,
    Remainder,
    Add,
    Subtract,
    ShiftLeft,
    ShiftRight,
    /// `>>>`
    UnsignedShiftRight,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
    Equal,
    NotEqual,
    BitAnd,
    BitXor,
    BitOr,
    And,
    Or,
    Coalesce,
}

impl UnaryOp {
    /// As written in C#.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Not => "!",
            Self::Complement => "~",
            Self::PreIncrement => "++",
            Self::PreDecrement => "--",
            Self::FromEnd => "^",
        }
    }
}

impl PostfixOp {
    /// As written in C#.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Increment => "++",
            Self::Decrement => "--",
            Self::NullForgiving => "!",
        }
    }
}

impl BinaryOp {
    /// As written in C#.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::ShiftLeft => "<<",
            Self::ShiftRight => ">>",
            Self::UnsignedShiftRight => ">>>",
            Self::Less => "<",
            Self::Greater => ">",
            Self::LessOrEqual => "<=",
            Self::GreaterOrEqual => ">=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::BitAnd => "&",
            Self::BitXor => "^",
            Self::BitOr => "|",
            Self::And => "&&",
            Self::Or => "||",
            Self::Coalesce => "??",
        }
    }
}

/// `name: ref value`
#[derive(Clone, PartialEq, Debug)]
pub struct Argument {
    pub name: Option<Ident>,
    pub passing: Passing,
    /// After `out`: a `Declaration`, or the name `_` for a discard, or any variable.
    pub value: Expr,
    pub span: Span,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Passing {
    Value,
    Ref,
    Out,
    In,
}

#[derive(Clone, PartialEq, Debug)]
pub struct TupleElement {
    pub name: Option<Ident>,
    pub value: Expr,
}

#[derive(Clone, PartialEq, Debug)]
pub enum InterpolatedPart {
    /// Escapes and doubled braces are decoded.
    Text(StringLiteral),
    Hole(Box<InterpolationHole>),
}

/// `{value,alignment:format}`
#[derive(Clone, PartialEq, Debug)]
pub struct InterpolationHole {
    pub value: Expr,
    pub alignment: Option<Expr>,
    /// Decoded; never empty in a program without errors.
    pub format: Option<StringLiteral>,
    /// Braces included.
    pub span: Span,
}

/// `(a, b) => body`, `static x => ...`, or `delegate (int a) { ... }`.
#[derive(Clone, PartialEq, Debug)]
pub struct Lambda {
    pub is_static: bool,
    /// `delegate { ... }` without a parameter list fits any signature: `parameters` is `None` only then.
    pub parameters: Option<Vec<Parameter>>,
    /// `int (x) => ...`, a form newer than C# 9.
    pub return_type: Option<TypeSyntax>,
    /// Written with `delegate`.
    pub is_anonymous_method: bool,
    pub body: LambdaBody,
}

/// Body of a lambda or a local function.
#[derive(Clone, PartialEq, Debug)]
pub enum LambdaBody {
    Expr(Expr),
    Block(Block),
}

/// `new T(args) { ... }`
#[derive(Clone, PartialEq, Debug)]
pub struct ObjectCreation {
    /// `None` for the target-typed `new(...)`.
    pub ty: Option<TypeSyntax>,
    /// `None` when only an initialiser follows: `new T { ... }`.
    pub args: Option<Vec<Argument>>,
    pub initializer: Option<Initializer>,
}

/// What follows `new T(...)`, or stands after `=` inside another initialiser.
#[derive(Clone, PartialEq, Debug)]
pub struct Initializer {
    pub kind: InitializerKind,
    pub span: Span,
}

#[derive(Clone, PartialEq, Debug)]
pub enum InitializerKind {
    /// `{ P = v, [k] = v, Q = { nested } }`; an empty `{ }` too.
    Object(Vec<ObjectMember>),
    /// `{ a, { k, v } }`: each element is the argument list of one `Add`.
    Collection(Vec<CollectionAdd>),
}

#[derive(Clone, PartialEq, Debug)]
pub struct ObjectMember {
    pub target: MemberTarget,
    pub value: MemberValue,
    pub span: Span,
}

#[derive(Clone, PartialEq, Debug)]
pub enum MemberTarget {
    Name(Ident),
    /// `[k] = v`
    Index(Vec<Argument>),
}

#[derive(Clone, PartialEq, Debug)]
pub enum MemberValue {
    Expr(Expr),
    /// `P = { ... }`: initialises what the member already holds.
    Nested(Initializer),
}

/// One element of a collection initialiser.
#[derive(Clone, PartialEq, Debug)]
pub struct CollectionAdd {
    /// One for `a`, any number for `{ a, b }`.
    pub args: Vec<Expr>,
    pub span: Span,
}

/// `new T[a, b] { ... }`, `new[] { ... }`, `new T[3][]`.
#[derive(Clone, PartialEq, Debug)]
pub struct ArrayCreation {
    /// Type of one element of the array made: `int[]` for `new int[3][]`. `None` for `new[] { ... }`.
    pub element: Option<TypeSyntax>,
    /// Number of dimensions, at least 1.
    pub rank: u32,
    /// Empty, or one a dimension.
    pub sizes: Vec<Expr>,
    /// An `ExprKind::ArrayInitializer`.
    pub initializer: Option<Expr>,
}

/// `new { Name = value }`; the name may be inferred from a name or member access.
#[derive(Clone, PartialEq, Debug)]
pub struct AnonymousMember {
    /// `None` only after an error: an inferred name is filled in, with the span of the name it came from.
    pub name: Option<Ident>,
    /// True when the name was not written.
    pub inferred: bool,
    pub value: Expr,
}

#[derive(Clone, PartialEq, Debug)]
pub enum CollectionElement {
    Expr(Expr),
    /// `..e`
    Spread(Expr),
}

/// `value switch { arms }`
#[derive(Clone, PartialEq, Debug)]
pub struct SwitchExpr {
    pub value: Expr,
    pub arms: Vec<SwitchArm>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct SwitchArm {
    pub pattern: Pattern,
    pub guard: Option<Expr>,
    pub value: Expr,
    pub span: Span,
}

/// `from x in e body`
#[derive(Clone, PartialEq, Debug)]
pub struct Query {
    pub from: FromClause,
    pub body: QueryBody,
}

#[derive(Clone, PartialEq, Debug)]
pub struct FromClause {
    /// Explicit range variable type, which means a `Cast<T>()`.
    pub ty: Option<TypeSyntax>,
    pub name: Ident,
    pub source: Expr,
    pub span: Span,
}

#[derive(Clone, PartialEq, Debug)]
pub struct QueryBody {
    pub clauses: Vec<QueryClause>,
    pub end: QueryEnd,
    /// `into name body`
    pub continuation: Option<Box<QueryContinuation>>,
}

#[derive(Clone, PartialEq, Debug)]
pub enum QueryClause {
    From(FromClause),
    Let { name: Ident, value: Expr, span: Span },
    Where { condition: Expr, span: Span },
    Join(Box<JoinClause>),
    OrderBy { orderings: Vec<Ordering>, span: Span },
}

/// `join T name in source on left equals right into group`
#[derive(Clone, PartialEq, Debug)]
pub struct JoinClause {
    pub ty: Option<TypeSyntax>,
    pub name: Ident,
    pub source: Expr,
    pub left: Expr,
    pub right: Expr,
    pub into: Option<Ident>,
    pub span: Span,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Ordering {
    pub key: Expr,
    pub descending: bool,
}

#[derive(Clone, PartialEq, Debug)]
pub enum QueryEnd {
    Select { value: Expr, span: Span },
    Group { element: Expr, key: Expr, span: Span },
}

#[derive(Clone, PartialEq, Debug)]
pub struct QueryContinuation {
    pub name: Ident,
    pub body: QueryBody,
    pub span: Span,
}

impl Expr {
    /// The expression without the parentheses around it.
    pub fn without_parens(&self) -> &Expr {
        let mut expr = self;
        while let ExprKind::Paren(inner) = &expr.kind {
            expr = inner;
        }
        expr
    }

    /// The name, when the expression is a plain identifier.
    pub fn as_name(&self) -> Option<&Name> {
        match &self.kind {
            ExprKind::Name(SimpleName { ident, type_args: None, .. }) => Some(&ident.name),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_stays_small() {
        assert_eq!(size_of::<Expr>(), SIZE);
    }

    /// Growth is a decision: every literal, name and operator of every program pays it.
    const SIZE: usize = 96;
}
