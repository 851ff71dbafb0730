//! The typed tree: what the binder makes of syntax and the lowering reads. Every conversion, overload and operator is decided here.
//!
//! Expressions are here; `statements`, `patterns` and `locals` hold the rest.
mod locals;
mod patterns;
mod statements;

use std::rc::Rc;
use std::sync::Arc;

use dotnet::{Member, Native, Type, Value};

pub(crate) use self::locals::{Local, LocalFunction, LocalKind};
pub(crate) use self::patterns::{Arm, Pattern, Switch};
pub(crate) use self::statements::{Catch, For, Foreach, Section, Stmt, StmtKind, SwitchStmt, Try};
use super::conversion::Conv;
use crate::ast;
use crate::span::Span;

/// Number of a local variable, unique in one compilation.
pub(crate) type LocalId = usize;
/// Number of a function (the root, a lambda, a local function), unique in one compilation.
pub(crate) type FunctionId = usize;
/// Number of a label of `goto`.
pub(crate) type LabelId = usize;

/// A typed expression. `'a` is the life of the syntax, which untyped forms still point to.
#[derive(Clone, Debug)]
pub(crate) struct Expr<'a> {
    pub(crate) kind: Kind<'a>,
    /// Its type; [`Type::Null`] and [`Type::Error`] for forms that have none of their own.
    pub(crate) ty: Type,
    /// Value, when it is a constant expression of the language.
    pub(crate) constant: Option<Value>,
    pub(crate) span: Span,
}

/// Which arithmetic an operator does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Num {
    Int,
    UInt,
    Long,
    ULong,
    Float,
    Double,
    Decimal,
}

/// What a binary operator does once its operands have been converted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Operands {
    Number(Num),
    Bool,
    /// Text equality.
    Text,
    /// Reference equality.
    Reference,
    /// Delegates of one type: combination and removal.
    Delegate,
    /// Enums of one type: equality, order, bits.
    Enum,
    /// Same run-time type and value: structs such as tuples, delegates.
    Value,
}

/// A binary operation on converted operands.
#[derive(Clone, Debug)]
pub(crate) struct Binary<'a> {
    pub(crate) op: ast::BinaryOp,
    pub(crate) operands: Operands,
    /// Operands may be null: arithmetic then gives null, comparison false.
    pub(crate) lifted: bool,
    pub(crate) checked: bool,
    pub(crate) left: Expr<'a>,
    pub(crate) right: Expr<'a>,
}

/// A call of a table member with all arguments in the order of its parameters.
#[derive(Clone, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) member: Arc<Member>,
    pub(crate) native: Native,
    /// Receiver first (instance members and extensions), then arguments.
    pub(crate) args: Vec<Passed<'a>>,
    /// Type arguments of the receiver's type, then of the method.
    pub(crate) types: Vec<Type>,
    /// Throw if the first argument is null.
    pub(crate) null_check: bool,
    /// Order of evaluation where named arguments changed it: indices into `args`.
    pub(crate) order: Option<Vec<usize>>,
}

/// One argument as it is passed.
#[derive(Clone, Debug)]
pub(crate) enum Passed<'a> {
    Value(Expr<'a>),
    /// A variable that is read before and written after.
    Ref(Expr<'a>),
    /// A variable that is written after; `None` for a discard.
    Out(Option<Expr<'a>>),
}

/// An assignable place with its operands evaluated once.
#[derive(Clone, Debug)]
pub(crate) struct Property<'a> {
    pub(crate) member: Arc<Member>,
    pub(crate) receiver: Option<Box<Expr<'a>>>,
    pub(crate) args: Vec<Expr<'a>>,
    pub(crate) types: Vec<Type>,
    pub(crate) null_check: bool,
}

/// A compound assignment `target op= value`: the operation is applied to `current`, a temporary that holds the old value.
#[derive(Clone, Debug)]
pub(crate) struct Compound<'a> {
    pub(crate) target: Expr<'a>,
    /// Local that stands for the old value inside `result`.
    pub(crate) current: LocalId,
    pub(crate) result: Expr<'a>,
    /// The expression's value is the old one (`x++`).
    pub(crate) gives_old: bool,
    /// `??=`: only when the old value is null.
    pub(crate) only_if_null: bool,
}

/// One piece of an interpolated or concatenated text.
#[derive(Clone, Debug)]
pub(crate) enum Piece<'a> {
    Text(Arc<str>),
    Hole { value: Expr<'a>, alignment: i32, format: Option<Arc<str>> },
}

/// A lambda bound for given parameter types.
#[derive(Debug)]
pub(crate) struct Function<'a> {
    pub(crate) id: FunctionId,
    pub(crate) params: Vec<LocalId>,
    pub(crate) body: Body<'a>,
}

#[derive(Debug)]
pub(crate) enum Body<'a> {
    /// Value is dropped when the delegate gives none.
    Expr(Expr<'a>),
    Block(Vec<Stmt<'a>>),
}

/// Members that a name in front of an argument list may mean.
#[derive(Clone, Debug)]
pub(crate) struct MethodGroup<'a> {
    /// `None` for static use through a type.
    pub(crate) receiver: Option<Expr<'a>>,
    /// Type whose members are searched.
    pub(crate) container: Type,
    pub(crate) name: Arc<str>,
    pub(crate) type_args: Option<Vec<Type>>,
    /// The receiver is a type.
    pub(crate) on_type: bool,
    pub(crate) name_span: Span,
}

/// What kind of tuple or anonymous value is read.
#[derive(Clone, Debug)]
pub(crate) enum Kind<'a> {
    /// Already reported.
    Error,
    /// The value is in `constant`.
    Const,
    /// Default value of a type that has no constants.
    Default,
    /// `default` without a type.
    DefaultLiteral,
    /// `null`
    NullLiteral,
    /// A lambda whose delegate type is not known yet.
    UntypedLambda(&'a ast::Lambda),
    MethodGroup(Box<MethodGroup<'a>>),
    /// Name of a local function.
    LocalFunction {
        function: usize,
        type_args: Option<Vec<Type>>,
    },
    /// The expression names a type.
    TypeName,
    /// The expression names a namespace.
    Namespace(String),
    Throw(Box<Expr<'a>>),
    /// `new(...)` before its type is known.
    TargetNew(&'a ast::ObjectCreation),
    /// `{ a, b }` before its type is known.
    ArrayInitializer(&'a [ast::Expr]),
    /// `[a, b]` before its type is known.
    Collection(&'a [ast::CollectionElement]),
    /// `c ? a : b` whose branches have no common type.
    UntypedConditional(Box<(Expr<'a>, Expr<'a>, Expr<'a>)>),
    /// A switch expression whose arms have no common type.
    UntypedSwitch(Box<Switch<'a>>),
    /// A tuple literal; also one with elements that have no type of their own.
    Tuple(Vec<Expr<'a>>),
    /// `_` as the target of an assignment.
    Discard,

    Local(LocalId),
    Global(Native),
    Call(Box<Call<'a>>),
    Property(Box<Property<'a>>),
    /// Element of an array, or a slice when the index is a range.
    Element {
        array: Box<Expr<'a>>,
        index: Box<Expr<'a>>,
    },
    /// A character of a text.
    CharAt {
        text: Box<Expr<'a>>,
        index: Box<Expr<'a>>,
    },
    /// Field of a tuple or an anonymous object by number.
    Field {
        target: Box<Expr<'a>>,
        index: usize,
    },
    /// `^n`; `n` alone is an index from the start.
    Index {
        value: Box<Expr<'a>>,
        from_end: bool,
    },
    Range {
        start: Option<Box<Expr<'a>>>,
        end: Option<Box<Expr<'a>>>,
    },
    /// Part of a text or array: target and range.
    Slice {
        target: Box<Expr<'a>>,
        range: Box<Expr<'a>>,
    },
    Negate {
        num: Num,
        checked: bool,
        lifted: bool,
        operand: Box<Expr<'a>>,
    },
    Complement {
        lifted: bool,
        operand: Box<Expr<'a>>,
    },
    Not {
        lifted: bool,
        operand: Box<Expr<'a>>,
    },
    Binary(Box<Binary<'a>>),
    /// A user-defined operator lifted over nullables: `call` uses the two locals, which may hold null.
    LiftedCall {
        op: ast::BinaryOp,
        left: LocalId,
        right: LocalId,
        call: Box<Expr<'a>>,
    },
    And(Box<Expr<'a>>, Box<Expr<'a>>),
    Or(Box<Expr<'a>>, Box<Expr<'a>>),
    /// Left operand, its conversion target when not null, right operand.
    Coalesce {
        left: Box<Expr<'a>>,
        local: LocalId,
        found: Box<Expr<'a>>,
        right: Box<Expr<'a>>,
    },
    Conditional {
        condition: Box<Expr<'a>>,
        then: Box<Expr<'a>>,
        otherwise: Box<Expr<'a>>,
    },
    Convert {
        operand: Box<Expr<'a>>,
        conv: Conv,
        checked: bool,
    },
    Assign {
        target: Box<Expr<'a>>,
        value: Box<Expr<'a>>,
    },
    Compound(Box<Compound<'a>>),
    /// Evaluates a value once: sets a local, then gives the body.
    Let {
        local: LocalId,
        value: Box<Expr<'a>>,
        body: Box<Expr<'a>>,
    },
    /// Effects, then the result.
    Sequence {
        effects: Vec<Expr<'a>>,
        result: Box<Expr<'a>>,
    },
    /// `target?.access`: the local holds the target; null gives null.
    NullConditional {
        local: LocalId,
        target: Box<Expr<'a>>,
        access: Box<Expr<'a>>,
    },
    /// `HasValue` and `Value` of a nullable value type.
    HasValue(Box<Expr<'a>>),
    NullableValue(Box<Expr<'a>>),
    /// Type test.
    Is {
        operand: Box<Expr<'a>>,
        ty: Type,
    },
    As {
        operand: Box<Expr<'a>>,
        ty: Type,
    },
    Matches {
        operand: Box<Expr<'a>>,
        pattern: Box<Pattern<'a>>,
    },
    Switch(Box<Switch<'a>>),
    Lambda(Rc<Function<'a>>),
    /// A method group as a delegate: calls the member with the delegate's arguments.
    MethodDelegate {
        function: Rc<Function<'a>>,
    },
    Invoke {
        target: Box<Expr<'a>>,
        args: Vec<Passed<'a>>,
    },
    CallLocal {
        function: usize,
        args: Vec<Passed<'a>>,
        order: Option<Vec<usize>>,
    },
    NewArray {
        size: Box<Expr<'a>>,
        item: Type,
    },
    ArrayOf {
        items: Vec<Expr<'a>>,
        item: Type,
    },
    NewAnonymous(Vec<Expr<'a>>),
    Text(Vec<Piece<'a>>),
    TypeOf(Type),
    /// `ToString`, `Equals`, `GetHashCode`, `GetType` of values that the table does not describe (tuples, anonymous objects, nullables).
    ObjectCall {
        method: ObjectMethod,
        args: Vec<Expr<'a>>,
    },
}

/// Methods of `System.Object` on values without a table entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ObjectMethod {
    ToString,
    Equals,
    GetHashCode,
}

impl<'a> Expr<'a> {
    pub(crate) fn new(kind: Kind<'a>, ty: Type, span: Span) -> Self {
        Expr { kind, ty, constant: None, span }
    }

    pub(crate) fn constant(value: Value, ty: Type, span: Span) -> Self {
        Expr { kind: Kind::Const, ty, constant: Some(value), span }
    }

    pub(crate) fn error(span: Span) -> Self {
        Expr::new(Kind::Error, Type::Error, span)
    }

    pub(crate) fn is_error(&self) -> bool {
        self.ty == Type::Error && matches!(self.kind, Kind::Error)
    }

    /// `null`, or a constant of value null.
    pub(crate) fn is_null_literal(&self) -> bool {
        matches!(self.kind, Kind::NullLiteral)
    }
}
