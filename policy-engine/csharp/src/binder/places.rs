//! Variables as places: receivers that are called where they are, `ref` and `out` arguments, `ref` locals and results.
//!
//! A reference to an array element is the array and the index, each evaluated once. Nothing else can be referred to for longer than a
//! call, so a `ref` local is another name of its variable, and a `ref` result is a pair of array and index.
use std::sync::Arc;

use dotnet::{TupleType, Type};

use super::tree::{Expr, Kind, LocalId, Passed};
use super::{Binder, codes};
use crate::ast::{self, ExprKind, Ident};
use crate::span::Span;

/// Values that must be there before an expression: each is set once.
pub(crate) type Held<'a> = Vec<(LocalId, Expr<'a>)>;

impl<'a> Binder<'a> {
    /// Evaluates these values first, in order.
    pub(crate) fn with_held(held: Held<'a>, body: Expr<'a>) -> Expr<'a> {
        held.into_iter().rev().fold(body, |body, (local, value)| {
            let (ty, span) = (body.ty.clone(), body.span);
            Expr::new(Kind::Let { local, value: Box::new(value), body: Box::new(body) }, ty, span)
        })
    }

    /// Puts a value aside; the expression that reads it.
    pub(crate) fn hold(&mut self, value: Expr<'a>, held: &mut Held<'a>) -> Expr<'a> {
        let (ty, span) = (value.ty.clone(), value.span);
        let local = self.temporary(ty.clone(), span);
        held.push((local, value));
        Expr::new(Kind::Local(local), ty, span)
    }

    /// C# calls a method of a value type on the variable itself, so arguments that change the variable are seen (`i.CompareTo(++i)`).
    /// Gives the receiver as it is read after the arguments, or `None` where it can be read before them.
    pub(crate) fn late_receiver(
        &mut self,
        receiver: &Expr<'a>,
        args: &[Passed<'a>],
        held: &mut Held<'a>,
    ) -> Option<Expr<'a>> {
        let is_value = self.table.is_value_type(&receiver.ty) || receiver.ty.nullable_of().is_some();
        if !is_value || args.iter().all(|a| matches!(a, Passed::Value(e) if is_quiet(e))) {
            return None;
        }
        self.fixed_variable(receiver, held)
    }

    /// A variable with the operands of its place put aside.
    fn fixed_variable(&mut self, e: &Expr<'a>, held: &mut Held<'a>) -> Option<Expr<'a>> {
        let kind = match &e.kind {
            Kind::Local(_) => return Some(e.clone()),
            Kind::Element { array, index } => Kind::Element {
                array: Box::new(self.hold((**array).clone(), held)),
                index: Box::new(self.hold((**index).clone(), held)),
            },
            Kind::Field { target, index } if matches!(target.ty, Type::Tuple(_)) => {
                Kind::Field { target: Box::new(self.fixed_variable(target, held)?), index: *index }
            }
            _ => return None,
        };
        Some(Expr::new(kind, e.ty.clone(), e.span))
    }

    /// An array element as `ref` or `out` argument: its place is found once, when the arguments are evaluated.
    pub(crate) fn fixed_place(&mut self, e: Expr<'a>) -> Expr<'a> {
        let Kind::Element { array, index } = e.kind else { return e };
        let mut once = |part: Expr<'a>| {
            let mut held = Held::new();
            let read = self.hold(part, &mut held);
            Box::new(Self::with_held(held, read))
        };
        let kind = Kind::Element { array: once(*array), index: once(*index) };
        Expr { kind, ..e }
    }

    // === `ref` locals ===

    /// `ref T y = ref x`, where `x` is a variable or an array element: another name of it.
    pub(crate) fn alias(&mut self, name: &'a Ident, declared: Option<&Type>, value: Option<&'a ast::Expr>) -> Expr<'a> {
        let span = name.span;
        let Some(ExprKind::Ref(inner)) = value.map(|v| &v.kind) else {
            self.check_name(name);
            let code = if value.is_some() { codes::REF_WITHOUT_REF } else { codes::REF_WITHOUT_VALUE };
            let text = format!("`{}` is a reference: it needs `= ref` and a variable", name.name);
            self.error(code, span, text);
            return Expr::error(span);
        };
        let target = self.expr(inner);
        self.check_name(name);
        if target.is_error() {
            return target;
        }
        let target = self.writable(target);
        if target.is_error() {
            return target;
        }
        if let Some(ty) = declared.filter(|ty| **ty != target.ty && **ty != Type::Error) {
            let text = format!("a reference to `{ty}` cannot refer to a variable of type `{}`", target.ty);
            self.error(codes::REF_TYPE, target.span, text);
            return Expr::error(span);
        }
        match &target.kind {
            Kind::Local(_) => target,
            Kind::Element { .. } => target,
            _ => self.refuse(target.span, "a reference to other than a variable or an array element"),
        }
    }

    // === `ref` results ===

    /// The type of the values that stand for references to elements of this type.
    pub(crate) fn reference_type(item: &Type) -> Type {
        Type::Tuple(Arc::new(TupleType { items: vec![Type::array(item.clone()), Type::INT], names: vec![None, None] }))
    }

    /// What a function that returns `ref item` gives for `ref e`.
    pub(crate) fn reference(&mut self, e: &'a ast::Expr, item: &Type) -> Expr<'a> {
        let ExprKind::Ref(inner) = &e.kind else {
            let bound = self.expr(e);
            if !bound.is_error() && !matches!(bound.kind, Kind::Throw(_)) {
                self.error(
                    codes::RETURN_BY_VALUE,
                    e.span,
                    "this function returns a reference: write `ref` and a variable",
                );
                return Expr::error(e.span);
            }
            return self.convert(bound, &Self::reference_type(item));
        };
        let bound = self.expr(inner);
        if bound.is_error() {
            return bound;
        }
        if bound.ty != *item {
            let text = format!("the reference must be to a `{item}`, not to a `{}`", bound.ty);
            self.error(codes::REF_TYPE, inner.span, text);
            return Expr::error(e.span);
        }
        match bound.kind {
            Kind::Element { array, index } if index.ty == Type::INT && array.ty.item().is_some() => {
                let ty = Self::reference_type(item);
                Expr::new(Kind::Tuple(vec![*array, *index]), ty, e.span)
            }
            Kind::Local(_) => {
                self.error(
                    codes::REF_TO_LOCAL,
                    inner.span,
                    "a local variable ends with its function and cannot be returned by `ref`",
                );
                Expr::error(e.span)
            }
            _ => self.refuse(e.span, "a returned reference to other than an array element with an `int` index"),
        }
    }

    /// The variable that a call of a function with a `ref` result refers to.
    pub(crate) fn referred(&mut self, call: Expr<'a>, item: &Type, span: Span) -> Expr<'a> {
        let mut held = Held::new();
        let pair = self.hold(call, &mut held);
        let part = |index: usize, ty: Type| Expr::new(Kind::Field { target: Box::new(pair.clone()), index }, ty, span);
        let array = Self::with_held(held, part(0, Type::array(item.clone())));
        let index = part(1, Type::INT);
        Expr::new(Kind::Element { array: Box::new(array), index: Box::new(index) }, item.clone(), span)
    }
}

/// Can evaluating it change no variable? Calls can, through delegates and `ref`; only plain forms count.
fn is_quiet(e: &Expr<'_>) -> bool {
    if e.constant.is_some() {
        return true;
    }
    match &e.kind {
        Kind::Const | Kind::Default | Kind::Local(_) | Kind::Global(_) | Kind::TypeOf(_) | Kind::NullLiteral => true,
        Kind::Convert { operand, .. } | Kind::Field { target: operand, .. } | Kind::Not { operand, .. } => {
            is_quiet(operand)
        }
        Kind::Negate { operand, .. } | Kind::HasValue(operand) | Kind::NullableValue(operand) => is_quiet(operand),
        Kind::Binary(b) => is_quiet(&b.left) && is_quiet(&b.right),
        Kind::And(a, b) | Kind::Or(a, b) => is_quiet(a) && is_quiet(b),
        Kind::Element { array, index } => is_quiet(array) && is_quiet(index),
        Kind::Conditional { condition, then, otherwise } => {
            is_quiet(condition) && is_quiet(then) && is_quiet(otherwise)
        }
        Kind::Property(p) => p.receiver.as_deref().is_none_or(is_quiet) && p.args.iter().all(is_quiet),
        Kind::Call(c) => c.args.iter().all(|a| matches!(a, Passed::Value(e) if is_quiet(e))),
        Kind::NewAnonymous(items) | Kind::Tuple(items) | Kind::ArrayOf { items, .. } => items.iter().all(is_quiet),
        _ => false,
    }
}
