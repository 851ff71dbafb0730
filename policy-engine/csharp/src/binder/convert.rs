//! Applies conversions to expressions and reports the ones that do not exist.
use std::sync::Arc;

use dotnet::{DateTime, DateTimeOffset, TupleType, Type, Value, ids};

use super::conversion::{Conv, is_integral, is_numeric};
use super::tree::{Arm, Expr, Kind, Switch};
use super::{Binder, Overflow, codes};
use crate::ast;
use crate::numeric;
use crate::span::Span;

impl<'a> Binder<'a> {
    /// Implicit conversion as in an assignment; reports when there is none.
    pub(crate) fn convert(&mut self, e: Expr<'a>, to: &Type) -> Expr<'a> {
        if e.is_error() || *to == Type::Error {
            return e;
        }
        if let Some(done) = self.convert_untyped(&e, to) {
            return done;
        }
        match self.implicit_conv(&e, to) {
            Some(conv) => self.apply(e, conv, to),
            None => {
                self.no_conversion(&e, to);
                Expr::error(e.span)
            }
        }
    }

    /// The value of the whole program: like an assignment to the slot.
    pub(crate) fn convert_result(&mut self, e: Expr<'a>, to: &Type) -> Expr<'a> {
        self.convert(e, to)
    }

    fn implicit_conv(&self, e: &Expr<'a>, to: &Type) -> Option<Conv> {
        self.standard_implicit(&e.ty, to)
            .or_else(|| self.constant_fits(e.constant.as_ref()?, to))
            .or_else(|| self.user_conversion(&e.ty, e.constant.as_ref(), to, false))
    }

    /// Forms without a type of their own; `None` for the others.
    fn convert_untyped(&mut self, e: &Expr<'a>, to: &Type) -> Option<Expr<'a>> {
        let span = e.span;
        Some(match &e.kind {
            Kind::NullLiteral => {
                if self.is_reference(to) || to.nullable_of().is_some() {
                    Expr::constant(Value::Null, to.clone(), span)
                } else {
                    let text = format!("`null` cannot be a `{to}`, which is a value type");
                    self.error(codes::NULL_TO_VALUE, span, text);
                    Expr::error(span)
                }
            }
            Kind::DefaultLiteral => self.default_of(to, span),
            Kind::UntypedLambda(lambda) => self.convert_lambda(lambda, to, span),
            Kind::MethodGroup(_) | Kind::LocalFunction { .. } => self.convert_group(e, to),
            Kind::Throw(_) => Expr { ty: to.clone(), ..e.clone() },
            Kind::TargetNew(syntax) => {
                let target = to.nullable_of().unwrap_or(to).clone();
                let made = self.create(&target, syntax, span);
                if target == *to { made } else { self.convert(made, to) }
            }
            Kind::ArrayInitializer(items) => match to.item() {
                Some(item) => {
                    let item = item.clone();
                    self.array_of(items, &item, span)
                }
                None => {
                    let text = format!("`{to}` is not an array: use `new` with the type in front of the initialiser");
                    self.error(codes::ARRAY_INITIALIZER_CONTEXT, span, text);
                    Expr::error(span)
                }
            },
            Kind::Collection(items) => self.convert_collection(items, to, span),
            Kind::UntypedConditional(parts) => {
                let (condition, then, otherwise) = (**parts).clone();
                let (then, otherwise) = (self.convert(then, to), self.convert(otherwise, to));
                let kind = Kind::Conditional {
                    condition: Box::new(condition),
                    then: Box::new(then),
                    otherwise: Box::new(otherwise),
                };
                Expr::new(kind, to.clone(), span)
            }
            Kind::UntypedSwitch(switch) => {
                let s = (**switch).clone();
                let arms = s.arms.into_iter().map(|a| Arm { value: self.convert(a.value, to), ..a }).collect();
                Expr::new(Kind::Switch(Box::new(Switch { arms, ..s })), to.clone(), span)
            }
            Kind::Tuple(items) => {
                let done = self.convert_tuple(items.clone(), e, to);
                if done.is_none() && e.ty == Type::Error {
                    self.error(
                        codes::TUPLE_TARGET,
                        span,
                        format!("this tuple, with parts without a type, does not convert to `{to}`"),
                    );
                    return Some(Expr::error(span));
                }
                return done;
            }
            Kind::TypeName => {
                self.error(codes::TYPE_AS_VALUE, span, format!("`{}` is a type, not a value", e.ty));
                Expr::error(span)
            }
            Kind::Namespace(name) => {
                let text = format!("`{name}` is a namespace, not a value");
                self.error(codes::VALUE_AS_TYPE, span, text);
                Expr::error(span)
            }
            _ => return None,
        })
    }

    fn convert_tuple(&mut self, items: Vec<Expr<'a>>, e: &Expr<'a>, to: &Type) -> Option<Expr<'a>> {
        let Type::Tuple(target) = to.nullable_of().unwrap_or(to) else { return None };
        if target.items.len() != items.len() {
            return None;
        }
        let items = items.into_iter().zip(&target.items).map(|(i, t)| self.convert(i, t)).collect();
        Some(Expr::new(Kind::Tuple(items), to.clone(), e.span))
    }

    /// Wraps the expression in the conversion; folds constants of number conversions.
    pub(crate) fn apply(&mut self, e: Expr<'a>, conv: Conv, to: &Type) -> Expr<'a> {
        if e.ty == *to && matches!(conv, Conv::Same) {
            // Names of tuple elements come from the target.
            return Expr { ty: to.clone(), ..e };
        }
        let checked = self.overflow == Overflow::Checked;
        if let (Some(value), Conv::Number(id)) = (&e.constant, &conv)
            && to.nullable_of().is_none()
            && let Ok(folded) = numeric::convert(value, *id, checked)
        {
            return Expr { kind: Kind::Const, ty: to.clone(), constant: Some(folded), span: e.span };
        }
        if let (Some(Value::Null), Conv::Same) = (&e.constant, &conv) {
            return Expr { ty: to.clone(), ..e };
        }
        let span = e.span;
        Expr::new(Kind::Convert { operand: Box::new(e), conv, checked }, to.clone(), span)
    }

    fn no_conversion(&mut self, e: &Expr<'a>, to: &Type) {
        let (span, from) = (e.span, &e.ty);
        let target = to.nullable_of().unwrap_or(to);
        if let (Kind::Const, Some(v)) = (&e.kind, &e.constant)
            && is_integral(target)
            && is_integral(from)
            && *target != Type::CHAR
            && matches!(v, Value::Int32(_) | Value::UInt32(_) | Value::Int64(_) | Value::UInt64(_))
            && (*from == Type::INT || *target == Type::ULONG)
        {
            let n = numeric::integer(v).unwrap_or_default();
            self.error(codes::CONSTANT_RANGE, span, format!("constant value `{n}` does not fit into `{to}`"));
            return;
        }
        if let (Kind::Const, Some(Value::Double(_))) = (&e.kind, &e.constant)
            && matches!(*target, Type::FLOAT | Type::DECIMAL)
        {
            let suffix = if *target == Type::FLOAT { "F" } else { "M" };
            let text = format!("a literal of type `double` does not convert to `{to}` implicitly");
            let d = Self::finding(codes::REAL_SUFFIX, span, text).help(format!("write the suffix `{suffix}`"));
            self.report(d);
            return;
        }
        if self.explicit_type(from, to).is_some() {
            let text = format!("`{from}` does not convert to `{to}` implicitly");
            // A cast of text to JSON makes no JSON of it.
            let known = super::hints::conversion(from, to).filter(|_| *from == Type::STRING);
            let help = known.unwrap_or_else(|| format!("write a cast: `({to})`"));
            self.report(Self::finding(codes::EXPLICIT_EXISTS, span, text).help(help));
            return;
        }
        let mut d = Self::finding(codes::NO_CONVERSION, span, format!("`{from}` does not convert to `{to}`"));
        d.help = super::hints::conversion(from, to);
        self.report(d);
    }

    /// `(T)e`
    pub(crate) fn cast(&mut self, e: Expr<'a>, to: &Type, span: Span) -> Expr<'a> {
        if e.is_error() || *to == Type::Error {
            return Expr::error(span);
        }
        if !matches!(e.kind, Kind::Tuple(_))
            && let Some(mut done) = self.convert_untyped(&e, to)
        {
            done.span = span;
            return done;
        }
        if let (Kind::Tuple(items), Type::Tuple(target)) = (&e.kind, to)
            && items.len() == target.items.len()
        {
            let items = items.clone().into_iter().zip(&target.items).map(|(i, t)| self.cast(i, t, span)).collect();
            return Expr::new(Kind::Tuple(items), to.clone(), span);
        }
        let conv = self.implicit_conv(&e, to).or_else(|| self.explicit_type(&e.ty, to));
        let Some(conv) = conv else {
            let text = format!("`{}` cannot be cast to `{to}`", e.ty);
            let mut d = Self::finding(codes::NO_CAST, span, text);
            d.help = super::hints::cast(&e.ty, to);
            self.report(d);
            return Expr::error(span);
        };
        if let (Some(value), Conv::Number(id)) = (&e.constant, &conv)
            && to.nullable_of().is_none()
        {
            return match numeric::convert(value, *id, self.overflow != Overflow::Unchecked) {
                Ok(v) => Expr::constant(v, to.clone(), span),
                Err(_) => {
                    // No cast of a decimal, or to one, drops bits.
                    let decimal = matches!(value, Value::Decimal(_)) || *to == Type::DECIMAL;
                    let code = if decimal { codes::CONSTANT_RANGE } else { codes::CONSTANT_CAST_RANGE };
                    let mut d = Self::finding(code, span, format!("constant value does not fit into `{to}`"));
                    if !decimal {
                        d = d.help("use `unchecked(...)` to keep the low bits");
                    }
                    self.report(d);
                    Expr::error(span)
                }
            };
        }
        let mut done = self.apply(e, conv, to);
        done.span = span;
        done
    }

    /// `e as T`
    pub(crate) fn as_type(&mut self, e: Expr<'a>, to: &Type, span: Span) -> Expr<'a> {
        if e.is_error() || *to == Type::Error {
            return Expr::error(span);
        }
        if self.table.is_value_type(to) {
            let text = format!("`as` needs a type that may be null, and `{to}` is a value type");
            let d = Self::finding(codes::AS_VALUE_TYPE, span, text).help(format!("write `as {to}?`"));
            self.report(d);
            return Expr::error(span);
        }
        if e.is_null_literal() {
            return Expr::constant(Value::Null, to.clone(), span);
        }
        let e = self.value(e);
        if e.is_error() {
            return e;
        }
        if e.ty != Type::Null && self.standard_implicit(&e.ty, to).is_none() && !self.standard_reference(&e.ty, to) {
            let text = format!("a value of type `{}` can never be a `{to}`", e.ty);
            self.error(codes::AS_NO_CONVERSION, span, text);
            return Expr::error(span);
        }
        Expr::new(Kind::As { operand: Box::new(e), ty: to.clone() }, to.clone(), span)
    }

    /// Could a value of static type `from` be a `to` at run time?
    pub(crate) fn standard_reference(&self, from: &Type, to: &Type) -> bool {
        let from = from.nullable_of().unwrap_or(from);
        let to = to.nullable_of().unwrap_or(to);
        if is_numeric(from) && is_numeric(to) {
            return from == to;
        }
        matches!(self.standard_explicit(from, to), Some(Conv::Same | Conv::Cast(_) | Conv::Unwrap(_)))
    }

    /// An expression that must have a value: reports types, namespaces, groups and lambdas used as one.
    pub(crate) fn value(&mut self, e: Expr<'a>) -> Expr<'a> {
        match &e.kind {
            Kind::TypeName | Kind::Namespace(_) => self.convert_untyped(&e, &Type::OBJECT).unwrap_or(e),
            Kind::MethodGroup(g) => {
                let text = format!("`{}` is a method: call it with `()`", g.name);
                self.error(codes::GROUP_TO_OTHER, e.span, text);
                Expr::error(e.span)
            }
            Kind::LocalFunction { .. } => {
                self.error(
                    codes::GROUP_TO_OTHER,
                    e.span,
                    "a function stands where a value is wanted: call it with `()`",
                );
                Expr::error(e.span)
            }
            _ => e,
        }
    }

    /// `default(T)`
    pub(crate) fn default_of(&mut self, ty: &Type, span: Span) -> Expr<'a> {
        match default_value(ty) {
            Some(v) => Expr::constant(v, ty.clone(), span),
            None if self.is_enum(ty) => {
                let id = ty.id().unwrap_or(ids::ENUM);
                Expr::constant(Value::Enum(id, 0), ty.clone(), span)
            }
            None if !self.table.is_value_type(ty) => Expr::constant(Value::Null, ty.clone(), span),
            None => match ty {
                Type::Tuple(t) => {
                    let items = t.items.iter().map(|t| self.default_of(t, span)).collect();
                    Expr::new(Kind::Tuple(items), ty.clone(), span)
                }
                _ => Expr::new(Kind::Default, ty.clone(), span),
            },
        }
    }

    pub(crate) fn bool_condition(&mut self, syntax: &'a ast::Expr) -> Expr<'a> {
        let e = self.expr(syntax);
        self.convert(e, &Type::BOOL)
    }

    /// Type of a tuple literal, if all elements have types.
    pub(crate) fn tuple_type(&self, items: &[Expr<'a>], names: Vec<Option<Arc<str>>>) -> Type {
        let untyped = items.iter().any(|i| matches!(i.ty, Type::Error | Type::Null | Type::Void));
        if untyped {
            return Type::Error;
        }
        Type::Tuple(Arc::new(TupleType { items: items.iter().map(|i| i.ty.clone()).collect(), names }))
    }
}

/// Default of the value types that are held inline.
pub(crate) fn default_value(ty: &Type) -> Option<Value> {
    let Type::Simple(id) = ty else { return None };
    Some(match *id {
        ids::BOOLEAN => Value::Bool(false),
        ids::CHAR => Value::Char(0),
        ids::SBYTE => Value::SByte(0),
        ids::BYTE => Value::Byte(0),
        ids::INT16 => Value::Int16(0),
        ids::UINT16 => Value::UInt16(0),
        ids::INT32 => Value::Int32(0),
        ids::UINT32 => Value::UInt32(0),
        ids::INT64 => Value::Int64(0),
        ids::UINT64 => Value::UInt64(0),
        ids::SINGLE => Value::Single(0.0),
        ids::DOUBLE => Value::Double(0.0),
        ids::DECIMAL => Value::Decimal(rust_decimal::Decimal::ZERO),
        ids::DATE_TIME => Value::DateTime(DateTime { ticks: 0, kind: 0 }),
        ids::DATE_TIME_OFFSET => Value::DateTimeOffset(DateTimeOffset { ticks: 0, offset_minutes: 0 }),
        ids::TIME_SPAN => Value::TimeSpan(0),
        ids::GUID => Value::Guid([0; 16]),
        _ => return None,
    })
}
