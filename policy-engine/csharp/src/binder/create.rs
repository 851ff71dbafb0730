//! `new`: objects, arrays, anonymous objects, collection expressions.
use std::sync::Arc;

use dotnet::collections::grid::{GRID_2, GRID_3};
use dotnet::{MemberKind, Shape, Type, TypeKind, Value};

use super::calls::Arg;
use super::members::Level;
use super::tree::{Expr, Kind, MethodGroup};
use super::{Binder, codes};
use crate::ast;
use crate::ast::{AnonymousMember, ArrayCreation, CollectionElement, ExprKind, ObjectCreation};
use crate::span::Span;

impl<'a> Binder<'a> {
    /// `new T(args) { ... }`
    pub(crate) fn create(&mut self, ty: &Type, syntax: &'a ObjectCreation, span: Span) -> Expr<'a> {
        let args = self.arguments(syntax.args.as_deref().unwrap_or_default());
        if *ty == Type::Error {
            return Expr::error(span);
        }
        let made = self.construct(ty, args, span);
        match &syntax.initializer {
            Some(init) if !made.is_error() => self.initialize(made, init, span),
            _ => made,
        }
    }

    fn construct(&mut self, ty: &Type, args: Vec<Arg<'a>>, span: Span) -> Expr<'a> {
        if args.iter().any(|a| a.expr.is_error()) {
            return Expr::error(span);
        }
        if self.is_delegate(ty) {
            return match <[Arg<'a>; 1]>::try_from(args) {
                Ok([arg]) => self.convert(arg.expr, ty),
                Err(_) => {
                    self.error(codes::NOT_A_DELEGATE, span, "a delegate is made of one method");
                    Expr::error(span)
                }
            };
        }
        if let Some(inner) = ty.nullable_of().cloned() {
            return match <[Arg<'a>; 1]>::try_from(args) {
                Ok([arg]) => {
                    let value = self.convert(arg.expr, &inner);
                    self.convert(value, ty)
                }
                Err(_) => self.default_of(ty, span),
            };
        }
        if let Type::Tuple(t) = ty
            && !args.is_empty()
        {
            if args.len() != t.items.len() {
                let text = format!("`{ty}` is made of {} values", t.items.len());
                self.error(codes::CONSTRUCTOR_COUNT, span, text);
                return Expr::error(span);
            }
            let items = args.into_iter().zip(&t.items).map(|(arg, item)| self.convert(arg.expr, item)).collect();
            return Expr::new(Kind::Tuple(items), ty.clone(), span);
        }
        let def = ty.id().and_then(|id| self.table.get(id));
        let kind = def.map(|d| d.kind);
        let constructors: Vec<_> = def
            .map(|d| d.named(".ctor").filter(|m| m.kind == MemberKind::Constructor).cloned().collect())
            .unwrap_or_default();
        let is_struct = matches!(kind, Some(TypeKind::Struct | TypeKind::Enum { .. })) || matches!(ty, Type::Tuple(_));
        if is_struct && args.is_empty() {
            return self.default_of(ty, span);
        }
        if matches!(kind, Some(TypeKind::Interface | TypeKind::Static)) || constructors.is_empty() {
            let why = match kind {
                Some(TypeKind::Interface) => "it is an interface",
                Some(TypeKind::Static) => "it is a static class",
                _ => "it has no supported constructor",
            };
            let code = if kind == Some(TypeKind::Static) { codes::STATIC_CREATED } else { codes::NOT_CREATABLE };
            self.error(code, span, format!("`{ty}` cannot be created with `new`: {why}"));
            return Expr::error(span);
        }
        let name: Arc<str> = ty.id().map_or_else(|| Arc::from("new"), |id| Arc::from(id.simple_name()));
        let level = Level { owner: ty.clone(), members: constructors };
        match self.resolve_levels(vec![level], &args, None, &name, span) {
            Some(chosen) => self.finish_call(chosen, None, args, span),
            None => Expr::error(span),
        }
    }

    // === arrays ===

    pub(crate) fn new_array(&mut self, new: &'a ArrayCreation, span: Span) -> Expr<'a> {
        if new.rank != 1 {
            return self.new_grid(new, span);
        }
        let items = match new.initializer.as_ref().map(|i| &i.kind) {
            Some(ExprKind::ArrayInitializer(items)) => Some(items.as_slice()),
            _ => None,
        };
        let item = new.element.as_ref().map(|t| self.type_of(t));
        let size = new.sizes.first().map(|e| {
            let e = self.expr(e);
            if e.ty == Type::LONG || e.ty == Type::UINT {
                self.cast(e, &Type::INT, span)
            } else {
                self.convert(e, &Type::INT)
            }
        });
        match (item, items, size) {
            (Some(Type::Error), Some(items), _) => {
                self.elements(items);
                Expr::error(span)
            }
            (Some(Type::Error), None, _) => Expr::error(span),
            (Some(item), Some(items), size) => {
                if let Some(n) = size.as_ref().and_then(|s| s.constant.as_ref()).and_then(crate::numeric::integer)
                    && usize::try_from(n) != Ok(items.len())
                {
                    self.error(codes::BAD_ARRAY_SIZE, span, format!("an initialiser of {n} elements is expected"));
                    return Expr::error(span);
                }
                if let Some(size) = size.filter(|s| s.constant.is_none() && !s.is_error()) {
                    let text = "the size of an array with an initialiser must be a constant";
                    let d = Self::finding(codes::ARRAY_SIZE_NOT_CONSTANT, size.span, text);
                    self.report(d.help("leave the size out: `new T[] { ... }`"));
                }
                self.array_of(items, &item, span)
            }
            (Some(_), None, Some(size))
                if size.constant.as_ref().and_then(crate::numeric::integer).is_some_and(|n| n < 0) =>
            {
                self.error(codes::NEGATIVE_SIZE, size.span, "the size of an array cannot be negative");
                Expr::error(span)
            }
            (Some(item), None, Some(size)) => {
                if size.is_error() {
                    return size;
                }
                let ty = Type::array(item.clone());
                Expr::new(Kind::NewArray { size: Box::new(size), item }, ty, span)
            }
            (None, Some(items), _) => self.implicit_array(items, span),
            _ => Expr::error(span),
        }
    }

    /// `new T[a, b]`, `new T[,] { { a, b }, { c, d } }`
    fn new_grid(&mut self, new: &'a ArrayCreation, span: Span) -> Expr<'a> {
        let sizes: Vec<Expr<'a>> = new.sizes.iter().map(|e| self.expr(e)).collect();
        let item = new.element.as_ref().map(|t| self.type_of(t));
        let (Some(item), 2 | 3) = (item, new.rank) else { return self.refuse(span, "an array of this form") };
        let ty = Type::generic(if new.rank == 2 { GRID_2 } else { GRID_3 }, [item.clone()]);
        let rows = match new.initializer.as_ref().map(|i| &i.kind) {
            Some(ExprKind::ArrayInitializer(rows)) if new.rank == 2 => rows.as_slice(),
            Some(_) => return self.refuse(span, "an initialiser of an array of three dimensions"),
            _ => return self.construct(&ty, sizes.into_iter().map(Arg::plain).collect(), span),
        };
        let row = |e: &'a ast::Expr| {
            if let ExprKind::ArrayInitializer(items) = &e.kind { Some(items.as_slice()) } else { None }
        };
        let Some(rows) = rows.iter().map(row).collect::<Option<Vec<_>>>() else {
            self.error(codes::BAD_ARRAY_SIZE, span, "each row must be an initialiser of its own");
            return Expr::error(span);
        };
        let width = rows.first().map_or(0, |r| r.len());
        if rows.iter().any(|r| r.len() != width) {
            self.error(codes::BAD_ARRAY_SIZE, span, "all rows must have the same length");
            return Expr::error(span);
        }
        let number = |n: usize| Expr::constant(Value::Int32(i32::try_from(n).unwrap_or(i32::MAX)), Type::INT, span);
        let made = self.construct(&ty, vec![Arg::plain(number(rows.len())), Arg::plain(number(width))], span);
        let local = self.temporary(ty.clone(), span);
        let holder = Expr::new(Kind::Local(local), ty.clone(), span);
        let mut effects = Vec::new();
        for (i, row) in rows.into_iter().enumerate() {
            for (j, e) in row.iter().enumerate() {
                let value = self.expr(e);
                let value = self.convert(value, &item);
                let levels = self.indexers(&ty);
                let place =
                    self.indexer_call(holder.clone(), levels, vec![Arg::plain(number(i)), Arg::plain(number(j))], span);
                effects.push(Expr::new(
                    Kind::Assign { target: Box::new(place), value: Box::new(value) },
                    item.clone(),
                    span,
                ));
            }
        }
        let body = Expr::new(Kind::Sequence { effects, result: Box::new(holder) }, ty.clone(), span);
        Expr::new(Kind::Let { local, value: Box::new(made), body: Box::new(body) }, ty, span)
    }

    fn elements(&mut self, items: &'a [ast::Expr]) -> Vec<Expr<'a>> {
        items.iter().map(|i| self.expr(i)).collect()
    }

    /// `{ a, b }` of a known element type.
    pub(crate) fn array_of(&mut self, items: &'a [ast::Expr], item: &Type, span: Span) -> Expr<'a> {
        let bound = self.elements(items);
        let items: Vec<Expr<'a>> = bound.into_iter().map(|e| self.convert(e, item)).collect();
        if items.iter().any(Expr::is_error) {
            return Expr::error(span);
        }
        Expr::new(Kind::ArrayOf { items, item: item.clone() }, Type::array(item.clone()), span)
    }

    /// `new[] { a, b }`
    fn implicit_array(&mut self, items: &'a [ast::Expr], span: Span) -> Expr<'a> {
        let bound = self.elements(items);
        if bound.iter().any(Expr::is_error) {
            return Expr::error(span);
        }
        let Some(item) = self.best_type(&bound) else {
            let d = Self::finding(codes::NO_BEST_ARRAY_TYPE, span, "the elements have no common type");
            self.report(d.help("name the element type: `new object[] { ... }`"));
            return Expr::error(span);
        };
        let items: Vec<Expr<'a>> = bound.into_iter().map(|e| self.convert(e, &item)).collect();
        Expr::new(Kind::ArrayOf { items, item: item.clone() }, Type::array(item), span)
    }

    /// The best common type of a set of expressions (12.6.3.15).
    pub(crate) fn best_type(&mut self, items: &[Expr<'a>]) -> Option<Type> {
        let mut types: Vec<Type> = Vec::new();
        for i in items {
            if !matches!(i.ty, Type::Null | Type::Error | Type::Void) && !types.contains(&i.ty) {
                types.push(i.ty.clone());
            }
        }
        // Every element must convert; among several such types the widest wins.
        let mut usable = Vec::new();
        for t in &types {
            if items.iter().all(|i| self.implicit_exists(i, t)) {
                usable.push(t.clone());
            }
        }
        usable.iter().find(|c| usable.iter().all(|t| t == *c || self.standard_implicit(t, c).is_some())).cloned()
    }

    /// `[a, b]` as an array or list.
    pub(crate) fn convert_collection(&mut self, items: &'a [CollectionElement], to: &Type, span: Span) -> Expr<'a> {
        if items.iter().any(|i| matches!(i, CollectionElement::Spread(_))) {
            return self.refuse(span, "a spread element");
        }
        let Some(item) = to.item().cloned() else {
            return self.refuse(span, "a collection expression of other than an array type");
        };
        let mut bound = Vec::new();
        for i in items {
            if let CollectionElement::Expr(e) = i {
                let e = self.expr(e);
                bound.push(self.convert(e, &item));
            }
        }
        if bound.iter().any(Expr::is_error) {
            return Expr::error(span);
        }
        Expr::new(Kind::ArrayOf { items: bound, item }, to.clone(), span)
    }

    // === anonymous objects ===

    pub(crate) fn new_anonymous(&mut self, members: &'a [AnonymousMember], span: Span) -> Expr<'a> {
        let (mut fields, mut values, mut failed) = (Vec::<(Arc<str>, Type)>::new(), Vec::new(), false);
        for m in members {
            let value = self.expr(&m.value);
            let value = self.value(value);
            let Some(name) = &m.name else {
                failed = true;
                continue;
            };
            if value.is_error() {
                failed = true;
                continue;
            }
            if matches!(value.ty, Type::Null | Type::Void | Type::Error) {
                let text = format!("`{}` gets a value without a type", name.name);
                self.error(codes::ANONYMOUS_NULL, m.value.span, text);
                failed = true;
                continue;
            }
            if fields.iter().any(|(n, _)| *n == name.name) {
                self.error(codes::ANONYMOUS_DUPLICATE, name.span, format!("`{}` is given twice", name.name));
                failed = true;
                continue;
            }
            fields.push((name.name.clone(), value.ty.clone()));
            values.push(value);
        }
        if failed {
            return Expr::error(span);
        }
        Expr::new(Kind::NewAnonymous(values), Type::Anonymous(Arc::new(Shape { fields })), span)
    }

    /// A call of a named method on a bound receiver, as the compiler makes for initialisers, `foreach` and deconstruction.
    pub(crate) fn method_call(&mut self, receiver: Expr<'a>, name: &str, args: Vec<Arg<'a>>, span: Span) -> Expr<'a> {
        let group = MethodGroup {
            container: receiver.ty.clone(),
            receiver: Some(receiver),
            name: Arc::from(name),
            type_args: None,
            on_type: false,
            name_span: span,
        };
        self.call_of(Expr::new(Kind::MethodGroup(Box::new(group)), Type::Null, span), args, span)
    }
}
