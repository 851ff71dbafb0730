//! Types as written, and the names they are made of.
use super::{Expr, Ident};
use crate::span::Span;

/// A type as written.
#[derive(Clone, PartialEq, Debug)]
pub struct TypeSyntax {
    pub kind: TypeKind,
    pub span: Span,
}

#[derive(Clone, PartialEq, Debug)]
pub enum TypeKind {
    /// Already reported.
    Error,
    Predefined(PredefinedType),
    /// `var`, wherever it is written as a type.
    Var,
    Name(QualifiedName),
    /// `T?`
    Nullable(Box<TypeSyntax>),
    /// `ref T`, the type of a `ref` local or the result of a local function; legal only there.
    Ref(Box<TypeSyntax>),
    /// One rank specifier; `int[][,]` is rank 1 of (rank 2 of int), as C# reads it.
    Array {
        element: Box<TypeSyntax>,
        rank: u32,
    },
    Tuple(Vec<TupleTypeElement>),
    /// The missing argument of an unbound generic: `typeof(List<>)`.
    Omitted,
}

/// A keyword that names a type. `void` is legal as the result of a local function only.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PredefinedType {
    Bool,
    Byte,
    SByte,
    Short,
    UShort,
    Int,
    UInt,
    Long,
    ULong,
    Char,
    Float,
    Double,
    Decimal,
    String,
    Object,
    Void,
}

impl PredefinedType {
    /// The C# keyword.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Byte => "byte",
            Self::SByte => "sbyte",
            Self::Short => "short",
            Self::UShort => "ushort",
            Self::Int => "int",
            Self::UInt => "uint",
            Self::Long => "long",
            Self::ULong => "ulong",
            Self::Char => "char",
            Self::Float => "float",
            Self::Double => "double",
            Self::Decimal => "decimal",
            Self::String => "string",
            Self::Object => "object",
            Self::Void => "void",
        }
    }
}

/// `System.Collections.Generic.List<int>`; `alias` is `global` in `global::System`.
#[derive(Clone, PartialEq, Debug)]
pub struct QualifiedName {
    pub alias: Option<Ident>,
    /// Never empty.
    pub parts: Vec<SimpleName>,
}

/// A name with its generic arguments. `type_args` is `None` without `<...>`.
#[derive(Clone, PartialEq, Debug)]
pub struct SimpleName {
    pub ident: Ident,
    pub type_args: Option<Vec<TypeSyntax>>,
    /// Name and arguments.
    pub span: Span,
}

#[derive(Clone, PartialEq, Debug)]
pub struct TupleTypeElement {
    pub ty: TypeSyntax,
    pub name: Option<Ident>,
    pub span: Span,
}

/// A parameter of a lambda, an anonymous method or a local function.
#[derive(Clone, PartialEq, Debug)]
pub struct Parameter {
    pub modifier: ParameterModifier,
    /// `None` for an implicitly typed lambda parameter.
    pub ty: Option<TypeSyntax>,
    /// `_` is kept as a name; two or more of them in one lambda are discards.
    pub name: Ident,
    pub default: Option<Expr>,
    pub span: Span,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParameterModifier {
    None,
    Ref,
    Out,
    In,
    Params,
}

/// `where T : class, new()` of a generic local function.
#[derive(Clone, PartialEq, Debug)]
pub struct TypeConstraints {
    pub parameter: Ident,
    pub bounds: Vec<TypeBound>,
    pub span: Span,
}

#[derive(Clone, PartialEq, Debug)]
pub enum TypeBound {
    Class,
    Struct,
    New,
    NotNull,
    Unmanaged,
    Default,
    Type(TypeSyntax),
}
