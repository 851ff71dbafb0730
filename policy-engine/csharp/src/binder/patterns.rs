//! Patterns of `is`, `case` and switch arms, bound against a value held in a local.
use dotnet::{Type, Value, ids};

use super::conversion::is_numeric;
use super::tree::{Expr, Kind, LocalId, LocalKind, Pattern};
use super::{Binder, codes};
use crate::ast::{self, Designation, ExprKind, PatternKind, RecursivePattern};
use crate::span::Span;

impl<'a> Binder<'a> {
    /// `operand is pattern`
    pub(crate) fn is(&mut self, operand: &'a ast::Expr, pattern: &'a ast::Pattern, span: Span) -> Expr<'a> {
        let value = self.expr(operand);
        let value = self.value(value);
        // A plain type test first: `x is T` where T is a name.
        if let Some(ty) = self.type_pattern(pattern) {
            if value.is_error() || ty == Type::Error {
                return Expr::error(span);
            }
            if value.is_null_literal() {
                return Expr::constant(Value::Bool(false), Type::BOOL, span);
            }
            if value.ty == Type::Null || value.ty == Type::Void {
                self.error(codes::BAD_UNARY, span, "`is` needs a value on its left");
                return Expr::error(span);
            }
            return Expr::new(Kind::Is { operand: Box::new(value), ty }, Type::BOOL, span);
        }
        if matches!(value.ty, Type::Null | Type::Void) && !value.is_error() && !value.is_null_literal() {
            self.error(codes::BAD_UNARY, span, "`is` needs a value on its left");
            return Expr::error(span);
        }
        let ty = if value.is_null_literal() { Type::OBJECT } else { value.ty.clone() };
        let value = if value.is_null_literal() { self.convert(value, &Type::OBJECT) } else { value };
        let local = self.temporary(ty.clone(), operand.span);
        let before = self.diagnostics.len();
        let pattern = self.pattern(pattern, local, &ty, false);
        if value.is_error() || self.failed_since(before) {
            return Expr::error(span);
        }
        let test = Expr::new(
            Kind::Matches {
                operand: Box::new(Expr::new(Kind::Local(local), ty, operand.span)),
                pattern: Box::new(pattern),
            },
            Type::BOOL,
            span,
        );
        Expr::new(Kind::Let { local, value: Box::new(value), body: Box::new(test) }, Type::BOOL, span)
    }

    /// The type that a pattern under `is` names, if that is all it does.
    fn type_pattern(&mut self, pattern: &'a ast::Pattern) -> Option<Type> {
        match &pattern.kind {
            PatternKind::Type(ty) => Some(self.type_of(ty)),
            PatternKind::Constant(e) => self.named_as_type(e),
            _ => None,
        }
    }

    /// A name or chain of names that denotes a type and not a value.
    fn named_as_type(&mut self, e: &'a ast::Expr) -> Option<Type> {
        if !is_name_chain(e) {
            return None;
        }
        if let ExprKind::Name(n) = &e.kind
            && self.find(&n.ident.name).is_some()
        {
            return None;
        }
        let before = self.diagnostics.len();
        let found = self.expr(e);
        self.diagnostics.truncate(before);
        matches!(found.kind, Kind::TypeName).then_some(found.ty)
    }

    /// Binds a pattern against a local of type `ty`.
    pub(crate) fn pattern(&mut self, p: &'a ast::Pattern, local: LocalId, ty: &Type, in_case: bool) -> Pattern<'a> {
        match &p.kind {
            PatternKind::Error | PatternKind::Slice(_) => Pattern::Error,
            PatternKind::Discard => Pattern::Any,
            PatternKind::Paren(inner) => self.pattern(inner, local, ty, in_case),
            PatternKind::Constant(e) => self.constant_pattern(e, local, ty, in_case),
            PatternKind::Type(t) => {
                let target = self.type_of(t);
                self.type_test(ty, &target, p.span)
            }
            PatternKind::Declaration { ty: t, designation } => {
                let target = self.type_of(t);
                let test = self.type_test(ty, &target, p.span);
                match designation {
                    Designation::Name(name) if matches!(test, Pattern::Error) => {
                        self.declare(name, target, LocalKind::Variable);
                        Pattern::Error
                    }
                    Designation::Name(name) => {
                        let id = self.declare(name, target.clone(), LocalKind::Variable);
                        Pattern::And(vec![test, self.bind_as(local, ty, id, &target, p.span)])
                    }
                    _ => test,
                }
            }
            PatternKind::Var(designation) => self.var_pattern(designation, local, ty, p.span),
            PatternKind::Relational { op, value } => self.relational(*op, value, ty),
            PatternKind::And(a, b) => {
                let first = self.pattern(a, local, ty, in_case);
                // What the first part established narrows the type for the second.
                let narrowed = narrowed(&first).unwrap_or_else(|| ty.clone());
                if narrowed == *ty {
                    return Pattern::And(vec![first, self.pattern(b, local, ty, in_case)]);
                }
                let inner = self.temporary(narrowed.clone(), p.span);
                let value = Expr::new(Kind::Local(local), ty.clone(), p.span);
                let value = self.cast(value, &narrowed, p.span);
                let second = self.pattern(b, inner, &narrowed, in_case);
                let part = Pattern::Part { local: inner, value: Box::new(value), pattern: Box::new(second) };
                Pattern::And(vec![first, part])
            }
            PatternKind::Or(a, b) => {
                let a = self.pattern(a, local, ty, in_case);
                let b = self.pattern(b, local, ty, in_case);
                Pattern::Or(Box::new(a), Box::new(b))
            }
            PatternKind::Not(inner) => {
                let inner = self.pattern(inner, local, ty, in_case);
                Pattern::Not(Box::new(inner))
            }
            PatternKind::Recursive(r) => self.recursive(r, local, ty, p.span),
            PatternKind::List { elements, designation } => {
                self.list_pattern(elements, designation.as_ref(), local, ty, p.span)
            }
        }
    }

    fn bind_as(&mut self, local: LocalId, ty: &Type, id: LocalId, target: &Type, span: Span) -> Pattern<'a> {
        let value = Expr::new(Kind::Local(local), ty.clone(), span);
        let value = self.cast(value, target, span);
        Pattern::Part { local: id, value: Box::new(value), pattern: Box::new(Pattern::Bind(id)) }
    }

    fn type_test(&mut self, from: &Type, to: &Type, span: Span) -> Pattern<'a> {
        if *from == Type::Error || *to == Type::Error {
            return Pattern::Error;
        }
        if to.nullable_of().is_some() {
            self.error(codes::PATTERN_TYPE, span, "a pattern tests the type under the nullable: leave out the `?`");
            return Pattern::Error;
        }
        if self.standard_implicit(from, to).is_none() && !self.standard_reference(from, to) {
            let text = format!("a value of type `{from}` can never be a `{to}`");
            self.error(codes::PATTERN_TYPE, span, text);
            return Pattern::Error;
        }
        Pattern::Type(to.clone())
    }

    fn constant_pattern(&mut self, e: &'a ast::Expr, local: LocalId, ty: &Type, in_case: bool) -> Pattern<'a> {
        let _ = local;
        if let Some(target) = self.named_as_type(e) {
            return self.type_test(ty, &target, e.span);
        }
        let before = self.diagnostics.len();
        let bound = self.expr(e);
        // `x is Foo`: what is unknown was meant to be a type.
        if let (false, true, Some(name)) = (in_case, bound.is_error(), e.as_name())
            && self.diagnostics.iter().skip(before).any(|d| d.code == codes::UNKNOWN_NAME.number)
        {
            self.diagnostics.truncate(before);
            self.error(codes::UNKNOWN_TYPE, e.span, format!("unknown type `{name}`"));
        }
        let bound = self.value(bound);
        if bound.is_error() || *ty == Type::Error {
            return Pattern::Error;
        }
        if bound.is_null_literal() {
            if self.table.is_value_type(ty) {
                self.error(codes::NULL_TO_VALUE, e.span, format!("`null` can never be a `{ty}`"));
                return Pattern::Error;
            }
            return Pattern::Null;
        }
        // Against `object` and its like the constant keeps its own type; otherwise it converts to the value's.
        let target = ty.nullable_of().unwrap_or(ty).clone();
        let open = !is_numeric(&target) && !self.table.is_value_type(&target) && target != Type::STRING;
        let converted = if open { bound } else { self.convert(bound, &target) };
        if converted.is_error() {
            return Pattern::Error;
        }
        if open && self.standard_implicit(&converted.ty, ty).is_none() {
            self.error(
                codes::PATTERN_TYPE,
                e.span,
                format!("a value of type `{ty}` can never be a `{}`", converted.ty),
            );
            return Pattern::Error;
        }
        match converted.constant {
            Some(Value::Null) => Pattern::Null,
            Some(v) => Pattern::Constant(v),
            None => {
                self.error(codes::NOT_CONSTANT_PATTERN, e.span, "a pattern needs a constant");
                Pattern::Error
            }
        }
    }

    fn var_pattern(&mut self, d: &'a Designation, local: LocalId, ty: &Type, span: Span) -> Pattern<'a> {
        match d {
            Designation::Discard(_) => Pattern::Any,
            Designation::Name(name) => {
                let id = self.declare(name, ty.clone(), LocalKind::Variable);
                let value = Expr::new(Kind::Local(local), ty.clone(), span);
                Pattern::Part { local: id, value: Box::new(value), pattern: Box::new(Pattern::Bind(id)) }
            }
            Designation::Tuple { elements, .. } => {
                let holder = Expr::new(Kind::Local(local), ty.clone(), span);
                let Ok((effect, parts)) = self.parts(&holder, elements.len(), span) else { return Pattern::Error };
                let mut all = self.prepared(effect, ty);
                for (d, part) in elements.iter().zip(parts) {
                    all.push(self.part(part, span, |b, id, t| b.var_pattern(d, id, t, span)));
                }
                Pattern::And(all)
            }
        }
    }

    fn prepared(&mut self, effect: Option<Expr<'a>>, ty: &Type) -> Vec<Pattern<'a>> {
        let mut all = Vec::new();
        if !self.table.is_value_type(ty) {
            all.push(Pattern::NotNull);
        }
        all.extend(effect.map(|e| Pattern::Effect { effect: Box::new(e) }));
        all
    }

    fn part(
        &mut self,
        value: Expr<'a>,
        span: Span,
        f: impl FnOnce(&mut Self, LocalId, &Type) -> Pattern<'a>,
    ) -> Pattern<'a> {
        let ty = value.ty.clone();
        let id = self.temporary(ty.clone(), span);
        let pattern = f(self, id, &ty);
        Pattern::Part { local: id, value: Box::new(value), pattern: Box::new(pattern) }
    }

    fn relational(&mut self, op: ast::RelationalOp, value: &'a ast::Expr, ty: &Type) -> Pattern<'a> {
        let bound = self.expr(value);
        if bound.is_error() || *ty == Type::Error {
            return Pattern::Error;
        }
        let target = ty.nullable_of().unwrap_or(ty).clone();
        let bound = if is_numeric(&target) { self.convert(bound, &target) } else { bound };
        if bound.is_error() {
            return Pattern::Error;
        }
        if !is_numeric(&bound.ty) || (self.standard_implicit(&bound.ty, ty).is_none()) {
            let text = format!("operator `{}` cannot be applied to `{ty}` and `{}`", relational_text(op), bound.ty);
            self.error(codes::BAD_BINARY, value.span, text);
            return Pattern::Error;
        }
        match bound.constant {
            Some(v) => Pattern::Relational { op, value: v },
            None => {
                self.error(codes::NOT_CONSTANT_PATTERN, value.span, "a pattern needs a constant");
                Pattern::Error
            }
        }
    }

    fn recursive(&mut self, r: &'a RecursivePattern, local: LocalId, ty: &Type, span: Span) -> Pattern<'a> {
        let target = match &r.ty {
            Some(t) => self.type_of(t),
            None => ty.nullable_of().unwrap_or(ty).clone(),
        };
        if target == Type::Error {
            return Pattern::Error;
        }
        let mut all = Vec::new();
        if r.ty.is_some() {
            all.push(self.type_test(ty, &target, span));
        } else if !self.table.is_value_type(ty) {
            all.push(Pattern::NotNull);
        }
        let value = Expr::new(Kind::Local(local), ty.clone(), span);
        let value = self.cast(value, &target, span);
        let inner = self.temporary(target.clone(), span);
        let mut tests = Vec::new();
        let holder = Expr::new(Kind::Local(inner), target.clone(), span);
        if let Some(positional) = &r.positional {
            let Ok((effect, parts)) = self.parts(&holder, positional.len(), span) else { return Pattern::Error };
            tests.extend(effect.map(|e| Pattern::Effect { effect: Box::new(e) }));
            for (sub, part) in positional.iter().zip(parts) {
                tests.push(self.part(part, span, |b, id, t| b.pattern(&sub.pattern, id, t, true)));
            }
        }
        for sub in r.properties.iter().flatten() {
            tests.push(self.property_test(&holder, &sub.path, &sub.pattern, span));
        }
        if let Some(d) = &r.designation {
            tests.push(self.var_pattern(d, inner, &target, span));
        }
        all.push(Pattern::Part { local: inner, value: Box::new(value), pattern: Box::new(Pattern::And(tests)) });
        Pattern::And(all)
    }

    /// `{ A.B: p }`
    fn property_test(
        &mut self,
        holder: &Expr<'a>,
        path: &'a [ast::Ident],
        p: &'a ast::Pattern,
        span: Span,
    ) -> Pattern<'a> {
        let Some((first, rest)) = path.split_first() else { return Pattern::Error };
        let simple = ast::SimpleName { ident: first.clone(), type_args: None, span: first.span };
        let made = self.made.exprs.alloc(ast::Expr { kind: ExprKind::Name(simple), span: first.span });
        let ExprKind::Name(simple) = &made.kind else { return Pattern::Error };
        let value = self.access(holder.clone(), simple, first.span);
        let value = self.value(value);
        if value.is_error() {
            return Pattern::Error;
        }
        let not_null = !rest.is_empty() && !self.table.is_value_type(&value.ty);
        self.part(value, span, |b, id, t| {
            if rest.is_empty() {
                return b.pattern(p, id, t, true);
            }
            let inner = Expr::new(Kind::Local(id), t.clone(), span);
            let test = b.property_test(&inner, rest, p, span);
            if not_null { Pattern::And(vec![Pattern::NotNull, test]) } else { test }
        })
    }

    fn list_pattern(
        &mut self,
        elements: &'a [ast::Pattern],
        designation: Option<&'a Designation>,
        local: LocalId,
        ty: &Type,
        span: Span,
    ) -> Pattern<'a> {
        let item = match ty {
            Type::Array(t) => (**t).clone(),
            Type::Simple(ids::STRING) => Type::CHAR,
            Type::Error => return Pattern::Error,
            _ => {
                self.refuse(span, "a list pattern on other than an array or string");
                return Pattern::Error;
            }
        };
        let (mut before, mut after, mut slice) = (Vec::new(), Vec::new(), None);
        for p in elements {
            if let PatternKind::Slice(inner) = &p.kind {
                let inner = inner.as_ref().map(|p| {
                    let id = self.temporary(ty.clone(), p.span);
                    let pattern = self.pattern(p, id, ty, true);
                    let value = Expr::new(Kind::Local(id), ty.clone(), p.span);
                    Box::new(Pattern::Part { local: id, value: Box::new(value), pattern: Box::new(pattern) })
                });
                slice = Some(inner);
                continue;
            }
            let id = self.temporary(item.clone(), p.span);
            let pattern = self.pattern(p, id, &item, true);
            let value = Expr::new(Kind::Local(id), item.clone(), p.span);
            let part = Pattern::Part { local: id, value: Box::new(value), pattern: Box::new(pattern) };
            if slice.is_some() { after.push(part) } else { before.push(part) }
        }
        let mut all = vec![Pattern::NotNull, Pattern::List { before, slice, after }];
        if let Some(d) = designation {
            all.push(self.var_pattern(d, local, ty, span));
        }
        Pattern::And(all)
    }
}

/// The type that a pattern proves, where it is one.
fn narrowed(p: &Pattern<'_>) -> Option<Type> {
    match p {
        Pattern::Type(t) => Some(t.clone()),
        Pattern::And(list) => list.iter().find_map(narrowed),
        _ => None,
    }
}

fn is_name_chain(e: &ast::Expr) -> bool {
    match &e.kind {
        ExprKind::Name(_) => true,
        ExprKind::Member { target, .. } => is_name_chain(target),
        _ => false,
    }
}

fn relational_text(op: ast::RelationalOp) -> &'static str {
    match op {
        ast::RelationalOp::Less => "<",
        ast::RelationalOp::LessOrEqual => "<=",
        ast::RelationalOp::Greater => ">",
        ast::RelationalOp::GreaterOrEqual => ">=",
    }
}
