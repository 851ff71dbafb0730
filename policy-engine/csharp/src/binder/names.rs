//! What a simple name means: local, range variable, local function, global, type, namespace - in that order.
use std::sync::Arc;

use dotnet::Type;

use super::scope::Entity;
use super::tree::{Expr, Kind, LocalId};
use super::types::{Found, constructed};
use super::{Binder, codes};
use crate::ast::SimpleName;
use crate::nearest::nearest;

/// First character of parameters that hold the range variables of a query; no written name can start with it.
pub(crate) const TRANSPARENT: char = '*';

impl<'a> Binder<'a> {
    /// Binds a simple name.
    pub(crate) fn name(&mut self, name: &'a SimpleName) -> Expr<'a> {
        let (text, span) = (&name.ident.name, name.span);
        if text.is_empty() {
            return Expr::error(span);
        }
        if name.type_args.is_none() || matches!(self.find(text), Some(Entity::Function(_))) {
            match self.find(text) {
                Some(Entity::Local(id)) => return self.local_use(id, name),
                Some(Entity::Function(f)) => {
                    self.capture_check(name, self.functions.get(f).map_or(0, |f| f.owner));
                    let type_args = name.type_args.as_ref().map(|list| list.iter().map(|t| self.type_of(t)).collect());
                    return Expr::new(Kind::LocalFunction { function: f, type_args }, Type::Null, span);
                }
                Some(Entity::Alias(n)) => return self.alias_use(n, name),
                None => {}
            }
            if let Some(found) = self.range_variable(text, name) {
                return found;
            }
            if let Some((ty, get)) = self.table.global(text) {
                return Expr::new(Kind::Global(*get), ty.clone(), span);
            }
        }
        if let Some(found) = self.type_or_namespace(name) {
            return found;
        }
        // An expression stands in a method of a class: what every class has from `object` is in reach, as far as it is static.
        if matches!(&**text, "Equals" | "ReferenceEquals") {
            return self.access(Expr::new(Kind::TypeName, Type::OBJECT, span), name, span);
        }
        self.unknown_name(name);
        Expr::error(span)
    }

    fn local_use(&mut self, id: LocalId, name: &'a SimpleName) -> Expr<'a> {
        let span = name.span;
        let Some(local) = self.locals.get(id) else { return Expr::error(span) };
        let (ty, owner, constant) = (local.ty.clone(), local.function, local.constant.clone());
        if let Some(value) = constant {
            return Expr::constant(value, ty, span);
        }
        if owner != self.function {
            if let Some(local) = self.locals.get_mut(id) {
                local.captured = true;
            }
            self.capture_check(name, owner);
        }
        if matches!(ty, Type::Error) {
            return Expr::error(span);
        }
        Expr::new(Kind::Local(id), ty, span)
    }

    /// The variable behind a `ref` local; functions inside cannot keep it.
    fn alias_use(&mut self, n: usize, name: &'a SimpleName) -> Expr<'a> {
        let Some(target) = self.aliases.get(n).cloned() else { return Expr::error(name.span) };
        let Kind::Element { array, .. } = &target.kind else { return Expr::error(name.span) };
        let owner = match array.kind {
            Kind::Local(id) => self.local(id).map(|l| l.function),
            _ => None,
        };
        if owner != Some(self.function) {
            let text = format!("`{}` is a reference and cannot be used in a function inside", name.ident.name);
            self.error(codes::REF_CAPTURED, name.span, text);
            return Expr::error(name.span);
        }
        Expr { span: name.span, ..target }
    }

    /// A static lambda or local function may not see locals outside.
    fn capture_check(&mut self, name: &SimpleName, owner: usize) {
        let blocked = self.scopes().iter().rev().take_while(|s| s.function != owner).any(|s| s.is_static);
        if blocked {
            let text = format!("a static function cannot use `{}` of its surroundings", name.ident.name);
            self.error(codes::REFUSED, name.span, text);
        }
    }

    /// A field of the parameter that carries the range variables of a query.
    fn range_variable(&mut self, text: &str, name: &SimpleName) -> Option<Expr<'a>> {
        let carriers: Vec<LocalId> = self.scopes().iter().rev().flat_map(|s| s.locals.iter().rev().copied()).collect();
        for id in carriers {
            let Some(local) = self.locals.get(id) else { continue };
            if !local.name.starts_with(TRANSPARENT) || !self.names_visible(id) {
                continue;
            }
            let Some(path) = path_to(&local.ty, text) else { continue };
            let owner = local.function;
            let mut at = Expr::new(Kind::Local(id), local.ty.clone(), name.span);
            if owner != self.function
                && let Some(local) = self.locals.get_mut(id)
            {
                local.captured = true;
            }
            for index in path {
                let Type::Anonymous(shape) = &at.ty else { return None };
                let ty = shape.fields.get(index).map(|(_, t)| t.clone())?;
                at = Expr::new(Kind::Field { target: Box::new(at), index }, ty, name.span);
            }
            return Some(at);
        }
        None
    }

    fn names_visible(&self, id: LocalId) -> bool {
        self.scopes().iter().any(|s| s.locals.contains(&id))
    }

    /// A type of an imported namespace, or the first part of a namespace.
    pub(crate) fn type_or_namespace(&mut self, name: &'a SimpleName) -> Option<Expr<'a>> {
        let (text, span) = (&name.ident.name, name.span);
        let arity = name.type_args.as_ref().map_or(0, Vec::len);
        if let (0, Some(ty)) = (arity, self.type_parameter(text)) {
            return Some(Expr::new(Kind::TypeName, ty, span));
        }
        match self.find_type(text, arity) {
            Found::One(id) => {
                let args = name.type_args.iter().flatten().map(|t| self.type_of(t)).collect();
                return Some(Expr::new(Kind::TypeName, constructed(id, args), span));
            }
            Found::Ambiguous(a, b) => {
                let message = format!("`{text}` is ambiguous between `{}` and `{}`", a.0, b.0);
                self.error(codes::AMBIGUOUS_TYPE, span, message);
                return Some(Expr::error(span));
            }
            Found::None => {}
        }
        (arity == 0 && self.table.is_namespace(text))
            .then(|| Expr::new(Kind::Namespace(text.to_string()), Type::Error, span))
    }

    fn unknown_name(&mut self, name: &SimpleName) {
        let text = &name.ident.name;
        if let Some(span) =
            self.scopes().iter().rev().find_map(|s| s.later.iter().find(|(n, _)| n == text).map(|(_, span)| *span))
        {
            if self.declaring.as_ref() == Some(text) {
                let message = format!("`{text}` has no value yet: this is its first one");
                self.error(codes::UNASSIGNED, name.span, message);
                return;
            }
            let message = format!("`{text}` is used before it is declared");
            let d = Self::finding(codes::USED_BEFORE_DECLARED, name.span, message).also(span, "declared here");
            self.report(d);
            return;
        }
        let message = format!("unknown name `{text}`");
        // One mistake, however often the name stands.
        if self.diagnostics.iter().any(|d| d.code == codes::UNKNOWN_NAME.number && d.message == message) {
            return;
        }
        let mut d = Self::finding(codes::UNKNOWN_NAME, name.span, message);
        let locals: Vec<Arc<str>> = self.visible_names();
        let types = self.table.types();
        let all = locals
            .iter()
            .map(|n| &**n)
            .chain(std::iter::once("context"))
            .chain(types.iter().map(|t| t.id.simple_name()).filter(|n| same_start(n, text)));
        if self.flow.catches > 0 && matches!(&**text, "e" | "ex" | "exception" | "err" | "error") {
            d = d.help(format!("give the exception a name: `catch (Exception {text})`"));
        } else if let Some(known) = super::hints::unknown_name(text) {
            d = d.help(known);
        } else if let Some(near) = nearest(text, all) {
            d = d.help(format!("did you mean `{near}`?"));
        }
        self.report(d);
    }

    fn visible_names(&self) -> Vec<Arc<str>> {
        let ids = self.scopes().iter().flat_map(|s| s.locals.iter());
        ids.filter_map(|id| self.locals.get(*id)).map(|l| l.name.clone()).filter(|n| !n.is_empty()).collect()
    }
}

/// Field numbers from a carrier of range variables to the variable.
fn path_to(ty: &Type, name: &str) -> Option<Vec<usize>> {
    let Type::Anonymous(shape) = ty else { return None };
    for (i, (field, inner)) in shape.fields.iter().enumerate() {
        if &**field == name {
            return Some(vec![i]);
        }
        if field.starts_with(TRANSPARENT)
            && let Some(mut rest) = path_to(inner, name)
        {
            rest.insert(0, i);
            return Some(rest);
        }
    }
    None
}

/// Typing errors leave the first letter; what begins with another one is another word.
fn same_start(a: &str, b: &str) -> bool {
    let first = |s: &str| s.chars().next().map(|c| c.to_ascii_lowercase());
    first(a) == first(b)
}
