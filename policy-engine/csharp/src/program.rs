//! The face of the compiler: text in, a callable [`Program`], findings and facts out.
use std::sync::Arc;

use dotnet::{Ambient, Exception, Type, TypeId, TypeTable, Value};

use crate::binder::{Binder, Made};
pub use crate::binder::{Facts, MemberUse, Place};
use crate::diagnostic::Diagnostic;
use crate::lower::{self, Image, Registry};
use crate::parser;

/// Which of the two forms of policy expression a text is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// The inside of `@(...)`.
    Expression,
    /// The inside of `@{...}`.
    Block,
}

/// Settings of one compilation.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Type that the surroundings want; the result is converted to it as in an assignment. `object` without one.
    pub expected: Option<Type>,
    /// Types whose uses are listed with their places in [`Facts::places`].
    pub watched: &'static [TypeId],
}

/// What a compilation gives.
#[derive(Debug)]
pub struct Compilation {
    /// The program; `None` when a finding is an error.
    pub program: Option<Program>,
    /// Errors and warnings in the order of their places.
    pub diagnostics: Vec<Diagnostic>,
    /// What the program touches; also useful when there are errors.
    pub facts: Facts,
    /// Type of the expression before it was converted to the expected type; of a block, the type that all its returns share.
    pub natural_type: Type,
}

/// A compiled expression or block. Immutable; share it in an `Arc`, or clone it, which is as cheap.
#[derive(Clone)]
pub struct Program {
    image: Arc<Image>,
    result: Type,
    constant: Option<Value>,
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Program")
            .field("result", &self.result)
            .field("constant", &self.constant)
            .finish_non_exhaustive()
    }
}

/// Compiles a text against a type table. Never panics, whatever the text.
pub fn compile(source: &str, kind: Kind, table: &Arc<TypeTable>, options: &Options) -> Compilation {
    let made = Made::default();
    let expected = options.expected.as_ref();
    let mut binder = Binder::new(table, &made);
    binder.watched = options.watched;
    match kind {
        Kind::Expression => {
            let parsed = parser::parse_expression(source);
            if !parser::is_worth_binding(&parsed.diagnostics) {
                return refused(parsed.diagnostics);
            }
            let bound = binder.expression(&parsed.tree, expected);
            finish(bound, parsed.diagnostics, table)
        }
        Kind::Block => {
            let parsed = parser::parse_block(source);
            if !parser::is_worth_binding(&parsed.diagnostics) {
                return refused(parsed.diagnostics);
            }
            let bound = binder.block(&parsed.tree, expected);
            finish(bound, parsed.diagnostics, table)
        }
    }
}

fn has_errors(list: &[Diagnostic]) -> bool {
    list.iter().any(Diagnostic::is_error)
}

fn refused(diagnostics: Vec<Diagnostic>) -> Compilation {
    Compilation { program: None, diagnostics, facts: Facts::default(), natural_type: Type::Error }
}

fn finish(mut bound: crate::binder::Bound<'_>, mut diagnostics: Vec<Diagnostic>, table: &TypeTable) -> Compilation {
    if has_errors(&diagnostics) {
        // The tree has holes: only what is wrong whatever stood in them is told.
        bound.diagnostics.retain(crate::binder::is_local);
        diagnostics.append(&mut bound.diagnostics);
        diagnostics.sort_by_key(|d| d.span.start);
        return refused(diagnostics);
    }
    diagnostics.append(&mut bound.diagnostics);
    let program = if has_errors(&diagnostics) {
        None
    } else {
        let (image, constant) = lower::lower(&bound, table);
        Some(Program { image: Arc::new(image), result: bound.result.clone(), constant })
    };
    Compilation { program, diagnostics, facts: bound.facts, natural_type: bound.natural }
}

impl Program {
    /// Runs it once. Limits are the surroundings': a limit reached is an exception with `is_limit()`.
    pub fn call(&self, cx: &mut dyn Ambient) -> Result<Value, Exception> {
        if let Some(v) = &self.constant {
            return Ok(v.clone());
        }
        if !self.image.cyclic && !self.image.disposes {
            return lower::start(cx, &self.image, None);
        }
        let registry = Arc::new(Registry::default());
        let result = lower::start(cx, &self.image, Some(&registry));
        registry.forget_left();
        // A result that may still run code keeps its cells; everything else is done with them.
        if !matches!(&result, Ok(Value::Func(_) | Value::Object(_))) {
            registry.clear();
        }
        result
    }

    /// Type of the result.
    pub fn result_type(&self) -> &Type {
        &self.result
    }

    /// The result, when it is the same in every evaluation.
    pub fn constant(&self) -> Option<&Value> {
        self.constant.as_ref()
    }
}
