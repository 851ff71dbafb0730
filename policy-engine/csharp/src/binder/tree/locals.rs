//! What the typed tree refers to by number: local variables and local functions.
use std::rc::Rc;
use std::sync::Arc;

use dotnet::{Parameter, Type, Value};

use super::{Function, FunctionId};
use crate::ast;
use crate::span::Span;

/// What the flow analysis and the lowering need to know of a local.
#[derive(Clone, Debug)]
pub(crate) struct Local {
    pub(crate) name: Arc<str>,
    pub(crate) ty: Type,
    /// Where it is declared.
    pub(crate) span: Span,
    pub(crate) function: FunctionId,
    /// Used by a function inside its own.
    pub(crate) captured: bool,
    /// Assigned, or passed by reference, somewhere.
    pub(crate) written: bool,
    pub(crate) kind: LocalKind,
    pub(crate) constant: Option<Value>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LocalKind {
    Variable,
    Parameter,
    OutParameter,
    Const,
    /// `foreach` and `using` variables; the words name it in messages.
    ReadOnly(&'static str),
    /// Made by the compiler; always assigned.
    Temporary,
}

/// A local function.
#[derive(Debug)]
pub(crate) struct LocalFunction<'a> {
    pub(crate) name: Arc<str>,
    pub(crate) type_params: Vec<Arc<str>>,
    /// Over its type parameters, where it has some.
    pub(crate) params: Vec<Parameter>,
    pub(crate) ret: Type,
    /// Type of the variable, when it returns a reference; `ret` is then what stands for it.
    pub(crate) refers_to: Option<Type>,
    /// Type of the items that it gives with `yield`.
    pub(crate) iterator: Option<Type>,
    /// Bound after the block that declares it has been scanned.
    pub(crate) function: Option<Rc<Function<'a>>>,
    pub(crate) syntax: &'a ast::LocalFunction,
    pub(crate) owner: FunctionId,
    /// Scopes that are visible inside it: as many as stood open where it is declared.
    pub(crate) scopes: usize,
    /// Type arguments of calls, and the function made for them.
    pub(crate) instances: Vec<(Vec<Type>, usize)>,
}
