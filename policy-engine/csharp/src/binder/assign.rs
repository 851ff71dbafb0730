//! Assignments, compound assignments, `++` and `--`.
use dotnet::{Type, Value};

use super::tree::{Compound, Expr, Kind, LocalKind};
use super::{Binder, codes};
use crate::ast::{self, BinaryOp, ExprKind};
use crate::span::Span;

impl<'a> Binder<'a> {
    pub(crate) fn assign(
        &mut self,
        op: Option<BinaryOp>,
        op_span: Span,
        target: &'a ast::Expr,
        value: &'a ast::Expr,
        span: Span,
    ) -> Expr<'a> {
        match op {
            None if is_deconstruction(target) => self.deconstruct_into(target, value, span),
            None => self.plain_assign(target, value, span),
            Some(op) => self.compound(op, op_span, target, value, span),
        }
    }

    /// After a wrong `=` in a place that wants its value: a comparison was probably meant.
    pub(crate) fn offer_equality(&mut self, is_plain: bool, before: usize) {
        let first = self.diagnostics.iter_mut().skip(before).find(|d| d.is_error());
        if let Some(d) = first.filter(|d| is_plain && d.help.is_none()) {
            d.help = Some("`=` assigns: did you mean `==`?".to_owned());
        }
    }

    /// An assignment as a statement. A name that is not known was meant to be declared.
    pub(crate) fn assign_stmt(&mut self, e: &'a ast::Expr) -> Expr<'a> {
        let ast::ExprKind::Assign { op, op_span, target, value } = &e.kind else { return self.expr(e) };
        let before = self.diagnostics.len();
        let bound = self.assign(*op, *op_span, target, value, e.span);
        if let (None, Some(name)) = (op, target.as_name()) {
            self.help_unknown(before, target.span, || format!("declare it: `var {name} = ...`"));
        }
        bound
    }

    /// Advice for a name that was found to be unknown, if there is none yet.
    pub(crate) fn help_unknown(&mut self, before: usize, span: Span, help: impl FnOnce() -> String) {
        let unknown = |d: &&mut crate::diagnostic::Diagnostic| d.code == codes::UNKNOWN_NAME.number && d.span == span;
        if let Some(d) = self.diagnostics.iter_mut().skip(before).find(unknown) {
            d.help.get_or_insert_with(help);
        }
    }

    fn plain_assign(&mut self, target: &'a ast::Expr, value: &'a ast::Expr, span: Span) -> Expr<'a> {
        let left = self.target(target);
        let right = self.expr(value);
        if left.is_error() || right.is_error() {
            return Expr::error(span);
        }
        if matches!(left.kind, Kind::Discard) {
            let right = self.value(right);
            if right.ty == Type::Null || right.ty == Type::Void {
                self.error(codes::VAR_BAD_VALUE, right.span, "the value has no type to discard");
                return Expr::error(span);
            }
            let ty = right.ty.clone();
            return Expr::new(Kind::Assign { target: Box::new(left), value: Box::new(right) }, ty, span);
        }
        let left = self.writable(left);
        if left.is_error() {
            return left;
        }
        let ty = left.ty.clone();
        let right = self.convert(right, &ty);
        if right.is_error() {
            return right;
        }
        Expr::new(Kind::Assign { target: Box::new(left), value: Box::new(right) }, ty, span)
    }

    /// The left side of an assignment; `_` is a discard unless something bears that name.
    pub(crate) fn target(&mut self, syntax: &'a ast::Expr) -> Expr<'a> {
        if syntax.as_name().is_some_and(|n| &**n == "_") && self.find("_").is_none() {
            return Expr::new(Kind::Discard, Type::Null, syntax.span);
        }
        self.expr(syntax)
    }

    /// Complains unless the expression can be assigned to.
    pub(crate) fn writable(&mut self, e: Expr<'a>) -> Expr<'a> {
        let span = e.span;
        let complaint = match &e.kind {
            Kind::Error | Kind::Element { .. } => None,
            Kind::Local(id) => self.locals.get_mut(*id).and_then(|local| {
                local.written = true;
                let LocalKind::ReadOnly(what) = local.kind else { return None };
                let name = &local.name;
                Some((codes::READ_ONLY_VARIABLE, format!("`{name}` cannot be assigned: it is a {what}")))
            }),
            Kind::Property(p) if Self::has_setter(&p.member) => None,
            Kind::Property(p) if &*p.member.name == "this[]" => {
                let owner = p.receiver.as_ref().map(|r| r.ty.to_string()).unwrap_or_default();
                Some((codes::READ_ONLY_PROPERTY, format!("an entry of `{owner}` cannot be assigned: it is read-only")))
            }
            Kind::Property(p) => {
                Some((codes::READ_ONLY_PROPERTY, format!("`{}` cannot be assigned: it is read-only", p.member.name)))
            }
            Kind::Field { target, .. } if matches!(target.ty, Type::Anonymous(_)) => {
                Some((codes::READ_ONLY_PROPERTY, "properties of anonymous types are read-only".to_owned()))
            }
            Kind::Field { target, .. } => return self.tuple_field_target((**target).clone(), e),
            Kind::CharAt { .. } => {
                Some((codes::READ_ONLY_PROPERTY, "characters of a string cannot be assigned".to_owned()))
            }
            _ => Some((
                codes::NOT_ASSIGNABLE,
                "this cannot be assigned: it is not a variable, property or indexer".to_owned(),
            )),
        };
        match complaint {
            None => e,
            Some((code, text)) => {
                self.error(code, span, text);
                Expr::error(span)
            }
        }
    }

    /// `t.Item1 = v` of a tuple in a variable or array.
    fn tuple_field_target(&mut self, target: Expr<'a>, e: Expr<'a>) -> Expr<'a> {
        match target.kind {
            Kind::Local(_) | Kind::Field { .. } | Kind::Element { .. } => {
                let checked = self.writable(target);
                if checked.is_error() { checked } else { e }
            }
            _ => {
                let text = "only fields of a tuple in a variable or array can be assigned: this one is a copy";
                self.error(codes::COPY_CHANGED, e.span, text);
                Expr::error(e.span)
            }
        }
    }

    fn compound(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        target: &'a ast::Expr,
        value: &'a ast::Expr,
        span: Span,
    ) -> Expr<'a> {
        let left = self.expr(target);
        let right = self.expr(value);
        if left.is_error() || right.is_error() {
            return Expr::error(span);
        }
        let left = self.writable(left);
        if left.is_error() {
            return left;
        }
        let ty = left.ty.clone();
        let current = self.temporary(ty.clone(), left.span);
        let old = Expr::new(Kind::Local(current), ty.clone(), left.span);
        if op == BinaryOp::Coalesce {
            return self.coalesce_assign(left, current, right, span);
        }
        let constant = right.constant.clone();
        let right_ty = right.ty.clone();
        let result = self.binary_of(op, old, right, op_span, span);
        if result.is_error() {
            return result;
        }
        let Some(result) = self.narrow(result, &ty, constant.as_ref(), &right_ty, op) else { return Expr::error(span) };
        let compound = Compound { target: left, current, result, gives_old: false, only_if_null: false };
        Expr::new(Kind::Compound(Box::new(compound)), ty, span)
    }

    /// `x op= y` converts back explicitly when `y` alone would convert to the type of `x` (12.21.4).
    fn narrow(
        &mut self,
        result: Expr<'a>,
        ty: &Type,
        constant: Option<&Value>,
        right: &Type,
        op: BinaryOp,
    ) -> Option<Expr<'a>> {
        if self.implicit_exists(&result, ty) {
            return Some(self.convert(result, ty));
        }
        let is_shift = matches!(op, BinaryOp::ShiftLeft | BinaryOp::ShiftRight | BinaryOp::UnsignedShiftRight);
        let fits = is_shift
            || self.implicit_type(right, ty).is_some()
            || constant.is_some_and(|v| self.constant_fits(v, ty).is_some())
            || (self.is_enum(ty) && *right == Type::INT);
        let conv = self.explicit_type(&result.ty, ty).filter(|_| fits);
        match conv {
            Some(conv) => Some(self.apply(result, conv, ty)),
            None => {
                // C# speaks of the operand where that is a constant.
                let operand = constant.filter(|_| *right == Type::INT && conv_exists(self, &result.ty, ty));
                let told = operand.map(|v| Expr::constant(v.clone(), Type::INT, result.span));
                self.convert(told.unwrap_or(result), ty);
                None
            }
        }
    }

    fn coalesce_assign(&mut self, left: Expr<'a>, current: usize, right: Expr<'a>, span: Span) -> Expr<'a> {
        let ty = left.ty.clone();
        if !self.is_reference(&ty) && ty.nullable_of().is_none() {
            return self.bad_binary(BinaryOp::Coalesce, &left, &right, span);
        }
        // `int? x; x ??= 1` has type `int`.
        let inner = ty.nullable_of().filter(|t| self.standard_implicit(&right.ty, t).is_some()).cloned();
        let right = self.convert(right, inner.as_ref().unwrap_or(&ty));
        if right.is_error() {
            return right;
        }
        let compound = Compound { target: left, current, result: right, gives_old: false, only_if_null: true };
        Expr::new(Kind::Compound(Box::new(compound)), inner.unwrap_or(ty), span)
    }

    /// `++` and `--`, before (`old` false) or after the operand.
    pub(crate) fn step(&mut self, operand: &'a ast::Expr, up: bool, gives_old: bool, span: Span) -> Expr<'a> {
        let left = self.expr(operand);
        if left.is_error() {
            return left;
        }
        if !matches!(
            left.kind,
            Kind::Local(_) | Kind::Element { .. } | Kind::Property(_) | Kind::Field { .. } | Kind::CharAt { .. }
        ) {
            self.error(codes::NOT_INCREMENTABLE, left.span, "`++` and `--` need a variable, property or indexer");
            return Expr::error(span);
        }
        let left = self.writable(left);
        if left.is_error() {
            return left;
        }
        let ty = left.ty.clone();
        let inner = ty.nullable_of().unwrap_or(&ty).clone();
        if !super::conversion::is_numeric(&inner) && !self.is_enum(&inner) {
            let text = format!("operator `{}` cannot be applied to `{ty}`", if up { "++" } else { "--" });
            self.error(codes::BAD_UNARY, span, text);
            return Expr::error(span);
        }
        let current = self.temporary(ty.clone(), left.span);
        let old = Expr::new(Kind::Local(current), ty.clone(), left.span);
        let one = Expr::constant(Value::Int32(1), Type::INT, span);
        let op = if up { BinaryOp::Add } else { BinaryOp::Subtract };
        let result = self.binary_of(op, old, one, span, span);
        if result.is_error() {
            return result;
        }
        let Some(conv) = self.explicit_type(&result.ty, &ty) else { return Expr::error(span) };
        let result = self.apply(result, conv, &ty);
        let compound = Compound { target: left, current, result, gives_old, only_if_null: false };
        Expr::new(Kind::Compound(Box::new(compound)), ty, span)
    }
}

fn conv_exists(b: &Binder<'_>, from: &Type, to: &Type) -> bool {
    b.explicit_type(from, to).is_some()
}

/// `(a, b) = ...`, `var (a, b) = ...`
fn is_deconstruction(target: &ast::Expr) -> bool {
    match &target.kind {
        ExprKind::Tuple(_) | ExprKind::Declaration { designation: ast::Designation::Tuple { .. }, .. } => true,
        _ => super::tuples::var_parts(target).is_some(),
    }
}
