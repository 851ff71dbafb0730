//! What is visible where: scopes of locals, local functions and labels.
use std::sync::Arc;

use dotnet::Type;

use super::tree::{FunctionId, Local, LocalId, LocalKind};
use super::{Binder, codes};
use crate::ast::Ident;
use crate::span::Span;

/// One scope.
#[derive(Clone, Default, Debug)]
pub(crate) struct Scope {
    names: Vec<(Arc<str>, Entity)>,
    /// Locals declared here, in order.
    pub(crate) locals: Vec<LocalId>,
    pub(crate) function: FunctionId,
    /// Names that this scope will declare further down, with their places (C# forbids use before).
    pub(crate) later: Vec<(Arc<str>, Span)>,
    pub(crate) labels: Vec<(Arc<str>, usize)>,
    /// Nothing outside may be captured (`static` lambda or local function).
    pub(crate) is_static: bool,
}

/// What a name in a scope stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Entity {
    Local(LocalId),
    Function(usize),
    /// A `ref` local for an array element, by its number.
    Alias(usize),
}

impl<'a> Binder<'a> {
    pub(crate) fn push_scope(&mut self) {
        let function = self.function;
        self.scopes.push(Scope { function, ..Scope::default() });
    }

    /// Ends the innermost scope; gives the locals it declared.
    pub(crate) fn pop_scope(&mut self) -> Vec<LocalId> {
        self.scopes.pop().map(|s| s.locals).unwrap_or_default()
    }

    pub(crate) fn push_existing(&mut self, scope: Scope) {
        self.scopes.push(scope);
    }

    pub(crate) fn take_scope(&mut self) -> Scope {
        self.scopes.pop().unwrap_or_default()
    }

    /// Takes away the scopes above the first `count`.
    pub(crate) fn hide_scopes(&mut self, count: usize) -> Vec<Scope> {
        if count <= self.scopes.len() { self.scopes.split_off(count) } else { Vec::new() }
    }

    pub(crate) fn restore_scopes(&mut self, hidden: Vec<Scope>) {
        self.scopes.extend(hidden);
    }

    pub(crate) fn scope_mut(&mut self) -> Option<&mut Scope> {
        self.scopes.last_mut()
    }

    pub(crate) fn scopes(&self) -> &[Scope] {
        &self.scopes
    }

    /// Runs `f` in a scope of its own; gives the locals declared there beside its answer.
    pub(crate) fn scoped<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> (T, Vec<LocalId>) {
        self.push_scope();
        let result = f(self);
        (result, self.pop_scope())
    }

    /// Finds a name, innermost scope first.
    pub(crate) fn find(&self, name: &str) -> Option<Entity> {
        self.scopes.iter().rev().find_map(|s| s.names.iter().rev().find(|(n, _)| &**n == name).map(|(_, e)| *e))
    }

    /// Declares a local under its name and complains about clashes.
    pub(crate) fn declare(&mut self, name: &Ident, ty: Type, kind: LocalKind) -> LocalId {
        self.check_name(name);
        let id = self.add_local(name.name.clone(), ty, name.span, kind);
        self.bind_name(name.name.clone(), Entity::Local(id));
        id
    }

    pub(crate) fn bind_name(&mut self, name: Arc<str>, entity: Entity) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.names.push((name, entity));
        }
    }

    /// CS0128 for a second one in the same scope, which is told, CS0136 for one that hides another of the same function.
    pub(crate) fn check_name(&mut self, name: &Ident) -> bool {
        if name.name.is_empty() {
            return false;
        }
        let here = self.scopes.len().saturating_sub(1);
        let mut clash = None;
        for (depth, scope) in self.scopes.iter().enumerate().rev() {
            let taken = scope.names.iter().any(|(n, _)| *n == name.name);
            let later = depth < here && scope.later.iter().any(|(n, _)| *n == name.name);
            if taken && depth == here {
                clash = Some(codes::DUPLICATE_LOCAL);
                break;
            }
            if taken || later {
                clash = Some(codes::HIDES_LOCAL);
                break;
            }
        }
        match clash {
            Some(codes::DUPLICATE_LOCAL) => {
                self.error(codes::DUPLICATE_LOCAL, name.span, format!("`{}` already exists in this scope", name.name));
                return true;
            }
            Some(code) => {
                let text =
                    format!("`{}` cannot be declared here: an enclosing scope already uses that name", name.name);
                self.error(code, name.span, text);
            }
            None => {}
        }
        false
    }

    /// Adds a local without a name.
    pub(crate) fn temporary(&mut self, ty: Type, span: Span) -> LocalId {
        self.add_local("".into(), ty, span, LocalKind::Temporary)
    }

    pub(crate) fn add_local(&mut self, name: Arc<str>, ty: Type, span: Span, kind: LocalKind) -> LocalId {
        let id = self.locals.len();
        let function = self.function;
        self.locals.push(Local { name, ty, span, function, captured: false, written: false, kind, constant: None });
        if let Some(scope) = self.scopes.last_mut() {
            scope.locals.push(id);
        }
        id
    }
}
