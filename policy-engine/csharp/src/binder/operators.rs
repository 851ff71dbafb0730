//! Unary and binary operators over built-in types: promotions, lifting, equality, text, enums, constants.
use dotnet::{Type, Value};

use super::conversion::{is_integral, is_numeric};
use super::tree::{Binary, Expr, Kind, Num, Operands};
use super::{Binder, Overflow, codes};
use crate::ast::{self, BinaryOp, ExprKind, UnaryOp};
use crate::fold;
use crate::numeric;
use crate::span::Span;

/// Arithmetic in the order in which it is tried; the first to which both operands convert is the best.
const LADDER: [(Num, Type); 7] = [
    (Num::Int, Type::INT),
    (Num::UInt, Type::UINT),
    (Num::Long, Type::LONG),
    (Num::ULong, Type::ULONG),
    (Num::Float, Type::FLOAT),
    (Num::Double, Type::DOUBLE),
    (Num::Decimal, Type::DECIMAL),
];

impl<'a> Binder<'a> {
    /// A binary expression. Long chains lean left, so the left spine is walked, not recursed into.
    pub(crate) fn binary(&mut self, e: &'a ast::Expr) -> Expr<'a> {
        let mut spine = Vec::new();
        let mut at = e;
        while let ExprKind::Binary { op, op_span, left, right } = &at.kind {
            if matches!(op, BinaryOp::Coalesce | BinaryOp::And | BinaryOp::Or) {
                break;
            }
            spine.push((*op, *op_span, &**right, at.span));
            at = left;
        }
        if spine.is_empty() {
            return self.short_circuit(e);
        }
        let mut left = self.expr(at);
        while let Some((op, op_span, right, span)) = spine.pop() {
            let right = self.expr(right);
            left = self.binary_of(op, left, right, op_span, span);
        }
        left
    }

    fn short_circuit(&mut self, e: &'a ast::Expr) -> Expr<'a> {
        let ExprKind::Binary { op, left, right, .. } = &e.kind else { return Expr::error(e.span) };
        let span = e.span;
        let l = self.expr(left);
        let r = self.expr(right);
        if l.is_error() || r.is_error() {
            return Expr::error(span);
        }
        if *op == BinaryOp::Coalesce {
            return self.coalesce(l, r, span);
        }
        let (l, r) = (self.value(l), self.value(r));
        if l.is_error() || r.is_error() {
            return Expr::error(span);
        }
        if !self.implicit_exists(&l, &Type::BOOL) || !self.implicit_exists(&r, &Type::BOOL) {
            return self.bad_binary(*op, &l, &r, span);
        }
        let (l, r) = (self.convert(l, &Type::BOOL), self.convert(r, &Type::BOOL));
        let constant = match (op, &l.constant, &r.constant) {
            (BinaryOp::And, Some(Value::Bool(a)), Some(Value::Bool(b))) => Some(*a && *b),
            (BinaryOp::Or, Some(Value::Bool(a)), Some(Value::Bool(b))) => Some(*a || *b),
            _ => None,
        };
        if let Some(b) = constant {
            return Expr::constant(Value::Bool(b), Type::BOOL, span);
        }
        let (l, r) = (Box::new(l), Box::new(r));
        Expr::new(if *op == BinaryOp::And { Kind::And(l, r) } else { Kind::Or(l, r) }, Type::BOOL, span)
    }

    /// `left ?? right` (12.15).
    pub(crate) fn coalesce(&mut self, left: Expr<'a>, right: Expr<'a>, span: Span) -> Expr<'a> {
        let left = self.value(left);
        if left.is_error() {
            return left;
        }
        if left.is_null_literal() && !matches!(right.ty, Type::Null | Type::Error | Type::Void) {
            return Expr { span, ..right };
        }
        let inner = left.ty.nullable_of().cloned();
        if inner.is_none() && !self.is_reference(&left.ty) {
            return self.bad_binary(BinaryOp::Coalesce, &left, &right, span);
        }
        let held = inner.clone().unwrap_or_else(|| left.ty.clone());
        // Tried in this order: the type under the nullable, the left type, the right type.
        let mut result = None;
        if let Some(t) = &inner
            && self.implicit_exists(&right, t)
        {
            result = Some(t.clone());
        }
        if result.is_none() && self.implicit_exists(&right, &left.ty) {
            result = Some(left.ty.clone());
        }
        if result.is_none()
            && !matches!(right.ty, Type::Null | Type::Error | Type::Void)
            && self.implicit_type(&held, &right.ty).is_some()
        {
            result = Some(right.ty.clone());
        }
        let Some(ty) = result else { return self.bad_binary(BinaryOp::Coalesce, &left, &right, span) };
        let right = self.convert(right, &ty);
        let local = self.temporary(held.clone(), left.span);
        let found = Expr::new(Kind::Local(local), held, left.span);
        let found = self.convert(found, &ty);
        let kind = Kind::Coalesce { left: Box::new(left), local, found: Box::new(found), right: Box::new(right) };
        Expr::new(kind, ty, span)
    }

    pub(crate) fn bad_binary(&mut self, op: BinaryOp, l: &Expr<'a>, r: &Expr<'a>, span: Span) -> Expr<'a> {
        let show = |e: &Expr<'a>| match &e.kind {
            Kind::NullLiteral => "`null`".to_owned(),
            Kind::UntypedLambda(_) => "a lambda".to_owned(),
            Kind::MethodGroup(_) | Kind::LocalFunction { .. } => "a method".to_owned(),
            Kind::DefaultLiteral => "`default`".to_owned(),
            _ => format!("`{}`", e.ty),
        };
        let text = format!("operator `{}` cannot be applied to {} and {}", op.text(), show(l), show(r));
        let both_null = l.is_null_literal() && r.is_null_literal() && op == BinaryOp::Add;
        let code = if both_null { codes::AMBIGUOUS_BINARY } else { codes::BAD_BINARY };
        let mut d = Self::finding(code, span, text);
        if [&l, &r].iter().any(|e| matches!(e.kind, Kind::MethodGroup(_))) {
            d = d.help("call the method with `()`");
        } else if l.ty == Type::OBJECT || r.ty == Type::OBJECT {
            d = d.help("cast the `object` to the type that it holds");
        } else {
            d.help = super::hints::operands(op, &l.ty, &r.ty);
        }
        self.report(d);
        Expr::error(span)
    }

    /// A binary operator on bound operands.
    pub(crate) fn binary_of(&mut self, op: BinaryOp, l: Expr<'a>, r: Expr<'a>, op_span: Span, span: Span) -> Expr<'a> {
        let (l, r) = (self.plain_operand(l), self.plain_operand(r));
        if l.is_error() || r.is_error() {
            return Expr::error(span);
        }
        if op == BinaryOp::Coalesce {
            return self.coalesce(l, r, span);
        }
        if matches!(op, BinaryOp::And | BinaryOp::Or) {
            let (l, r) = (Box::new(self.convert(l, &Type::BOOL)), Box::new(self.convert(r, &Type::BOOL)));
            return Expr::new(if op == BinaryOp::And { Kind::And(l, r) } else { Kind::Or(l, r) }, Type::BOOL, span);
        }
        if l.ty == Type::Void || r.ty == Type::Void {
            return self.bad_binary(op, &l, &r, span);
        }
        if op == BinaryOp::Add && (l.ty == Type::STRING || r.ty == Type::STRING) {
            let not_value = |e: &Expr<'a>| {
                matches!(
                    e.kind,
                    Kind::MethodGroup(_) | Kind::LocalFunction { .. } | Kind::UntypedLambda(_) | Kind::DefaultLiteral
                )
            };
            if not_value(&l) || not_value(&r) {
                return self.bad_binary(op, &l, &r, span);
            }
            // `XNamespace + string` is the type's own operator.
            return match self.user_binary(op, &l, &r, span) {
                Some(done) => done,
                None => self.concat(l, r, span),
            };
        }
        let is_equality = matches!(op, BinaryOp::Equal | BinaryOp::NotEqual);
        if matches!(op, BinaryOp::Add | BinaryOp::Subtract) && (self.is_delegate(&l.ty) || self.is_delegate(&r.ty)) {
            let ty = if self.is_delegate(&l.ty) { l.ty.clone() } else { r.ty.clone() };
            if self.implicit_exists(&l, &ty) && self.implicit_exists(&r, &ty) {
                let (l, r) = (self.convert(l, &ty), self.convert(r, &ty));
                return self.make(op, Operands::Delegate, false, l, r, ty, span);
            }
        }
        if is_equality && let Some(done) = self.simple_equality(op, &l, &r, span) {
            return done;
        }
        if let Some(done) = self.user_binary(op, &l, &r, span) {
            return done;
        }
        if let Some(done) = self.numeric_binary(op, &l, &r, op_span, span) {
            return done;
        }
        if let Some(done) = self.bool_binary(op, &l, &r, span).or_else(|| self.enum_binary(op, &l, &r, span)) {
            return done;
        }
        if is_equality && let Some(done) = self.reference_equality(op, &l, &r, span) {
            return done;
        }
        self.bad_binary(op, &l, &r, span)
    }

    fn plain_operand(&mut self, e: Expr<'a>) -> Expr<'a> {
        if matches!(e.kind, Kind::TypeName | Kind::Namespace(_)) { self.value(e) } else { e }
    }

    fn make(
        &mut self,
        op: BinaryOp,
        operands: Operands,
        lifted: bool,
        l: Expr<'a>,
        r: Expr<'a>,
        ty: Type,
        span: Span,
    ) -> Expr<'a> {
        let checked = self.overflow == Overflow::Checked;
        let kind = Kind::Binary(Box::new(Binary { op, operands, lifted, checked, left: l, right: r }));
        Expr::new(kind, ty, span)
    }

    /// Texts, and nullables against `null`.
    fn simple_equality(&mut self, op: BinaryOp, l: &Expr<'a>, r: &Expr<'a>, span: Span) -> Option<Expr<'a>> {
        let text = |e: &Expr<'a>| e.ty == Type::STRING;
        if (text(l) && (text(r) || r.is_null_literal())) || (l.is_null_literal() && text(r)) {
            let (l, r) = (self.convert(l.clone(), &Type::STRING), self.convert(r.clone(), &Type::STRING));
            if let (Some(a), Some(b)) = (&l.constant, &r.constant) {
                let same = dotnet::object::equals(a, b);
                return Some(Expr::constant(Value::Bool(same == (op == BinaryOp::Equal)), Type::BOOL, span));
            }
            return Some(self.make(op, Operands::Text, false, l, r, Type::BOOL, span));
        }
        let (value, other) = if r.is_null_literal() { (l, r) } else { (r, l) };
        if other.is_null_literal() && value.ty.nullable_of().is_some() {
            let has = Expr::new(Kind::HasValue(Box::new(value.clone())), Type::BOOL, span);
            if op == BinaryOp::NotEqual {
                return Some(has);
            }
            return Some(Expr::new(Kind::Not { lifted: false, operand: Box::new(has) }, Type::BOOL, span));
        }
        if other.is_null_literal() && value.is_null_literal() {
            return Some(Expr::constant(Value::Bool(op == BinaryOp::Equal), Type::BOOL, span));
        }
        if let (Type::Tuple(a), Type::Tuple(b)) = (&l.ty, &r.ty)
            && a.items.len() == b.items.len()
        {
            return Some(self.make(op, Operands::Value, false, l.clone(), r.clone(), Type::BOOL, span));
        }
        None
    }

    /// Number, `char`: promotion, then folding or an operation.
    fn numeric_binary(
        &mut self,
        op: BinaryOp,
        l: &Expr<'a>,
        r: &Expr<'a>,
        op_span: Span,
        span: Span,
    ) -> Option<Expr<'a>> {
        use BinaryOp as B;
        let strip = |t: &Type| t.nullable_of().unwrap_or(t).clone();
        let (lt, rt) = (strip(&l.ty), strip(&r.ty));
        let number = |e: &Expr<'a>, t: &Type| is_numeric(t) || (e.is_null_literal());
        if !number(l, &lt) || !number(r, &rt) || (l.is_null_literal() && r.is_null_literal()) {
            return None;
        }
        let lifted =
            l.ty.nullable_of().is_some() || r.ty.nullable_of().is_some() || l.is_null_literal() || r.is_null_literal();
        let fits = |e: &Expr<'a>, own: &Type, to: &Type| {
            e.is_null_literal()
                || self.standard_implicit(own, to).is_some()
                || e.constant.as_ref().is_some_and(|v| self.constant_fits(v, to).is_some())
        };
        if matches!(op, B::ShiftLeft | B::ShiftRight | B::UnsignedShiftRight) {
            let (num, ty) = LADDER.into_iter().take(4).find(|(_, t)| self.standard_implicit(&lt, t).is_some())?;
            if !fits(r, &rt, &Type::INT) {
                return None;
            }
            return Some(self.number_op(op, num, &ty, &Type::INT, lifted, l, r, span));
        }
        let found = LADDER.into_iter().find(|(_, t)| fits(l, &lt, t) && fits(r, &rt, t));
        let (num, ty) = found?;
        if matches!(num, Num::Float) && is_integral(&lt) && is_integral(&rt) {
            let text = format!("operator `{}` is ambiguous for `{}` and `{}`", op.text(), l.ty, r.ty);
            let d =
                Self::finding(codes::AMBIGUOUS_BINARY, op_span, text).help("cast one operand to the type of the other");
            self.report(d);
            return Some(Expr::error(span));
        }
        if matches!(op, B::BitAnd | B::BitOr | B::BitXor) && matches!(num, Num::Float | Num::Double | Num::Decimal) {
            return None;
        }
        Some(self.number_op(op, num, &ty, &ty, lifted, l, r, span))
    }

    #[expect(clippy::too_many_arguments, reason = "one operation with its two operands and their types")]
    fn number_op(
        &mut self,
        op: BinaryOp,
        num: Num,
        left: &Type,
        right: &Type,
        lifted: bool,
        l: &Expr<'a>,
        r: &Expr<'a>,
        span: Span,
    ) -> Expr<'a> {
        let wrap = |t: &Type| if lifted { Type::nullable(t.clone()) } else { t.clone() };
        let l = self.convert(l.clone(), &wrap(left));
        let r = self.convert(r.clone(), &wrap(right));
        let comparison = is_comparison(op);
        let ty = if comparison { Type::BOOL } else { wrap(left) };
        if let (Some(a), Some(b), false) = (&l.constant, &r.constant, lifted) {
            return self.fold_numbers(op, num, a, b, ty, span);
        }
        self.make(op, Operands::Number(num), lifted, l, r, ty, span)
    }

    fn fold_numbers(&mut self, op: BinaryOp, num: Num, a: &Value, b: &Value, ty: Type, span: Span) -> Expr<'a> {
        match numeric::binary(op, num, a, b, self.overflow != Overflow::Unchecked) {
            Ok(v) => Expr::constant(v, ty, span),
            Err(_) if is_zero(b) && matches!(op, BinaryOp::Divide | BinaryOp::Remainder) => {
                self.error(codes::CONSTANT_DIVIDE, span, "division by a constant zero");
                Expr::error(span)
            }
            Err(_) if num == Num::Decimal => {
                self.error(codes::DECIMAL_OVERFLOW, span, "the constant result does not fit into `decimal`");
                Expr::error(span)
            }
            Err(_) => {
                let d = Self::finding(codes::CONSTANT_OVERFLOW, span, "the constant result does not fit into its type")
                    .help("use `unchecked(...)` to let it wrap, or a wider type");
                self.report(d);
                Expr::error(span)
            }
        }
    }

    fn bool_binary(&mut self, op: BinaryOp, l: &Expr<'a>, r: &Expr<'a>, span: Span) -> Option<Expr<'a>> {
        use BinaryOp as B;
        if !matches!(op, B::BitAnd | B::BitOr | B::BitXor | B::Equal | B::NotEqual) {
            return None;
        }
        let is_bool = |e: &Expr<'a>| *e.ty.nullable_of().unwrap_or(&e.ty) == Type::BOOL;
        let fits = |e: &Expr<'a>| is_bool(e) || e.is_null_literal();
        if !fits(l) || !fits(r) || !(is_bool(l) || is_bool(r)) {
            return None;
        }
        let lifted = l.ty != Type::BOOL || r.ty != Type::BOOL;
        let operand = if lifted { Type::nullable(Type::BOOL) } else { Type::BOOL };
        let (l, r) = (self.convert(l.clone(), &operand), self.convert(r.clone(), &operand));
        if let (Some(Value::Bool(a)), Some(Value::Bool(b)), false) = (&l.constant, &r.constant, lifted) {
            let v = match op {
                B::BitAnd => a & b,
                B::BitOr => a | b,
                B::Equal => a == b,
                _ => a ^ b,
            };
            return Some(Expr::constant(Value::Bool(v), Type::BOOL, span));
        }
        let ty = if is_comparison(op) { Type::BOOL } else { operand };
        Some(self.make(op, Operands::Bool, lifted, l, r, ty, span))
    }

    /// Enums (12.10, 12.12, 12.13): equality and order, bits, plus and minus a number, difference.
    fn enum_binary(&mut self, op: BinaryOp, l: &Expr<'a>, r: &Expr<'a>, span: Span) -> Option<Expr<'a>> {
        use BinaryOp as B;
        let strip = |e: &Expr<'a>| e.ty.nullable_of().unwrap_or(&e.ty).clone();
        let (lt, rt) = (strip(l), strip(r));
        let ty = if self.is_enum(&lt) { lt.clone() } else { rt.clone() };
        if !self.is_enum(&ty) {
            return None;
        }
        let lifted =
            l.ty.nullable_of().is_some() || r.ty.nullable_of().is_some() || l.is_null_literal() || r.is_null_literal();
        let wrap = |t: Type| if lifted { Type::nullable(t) } else { t };
        let whole = wrap(ty.clone());
        let both = self.implicit_exists(l, &whole) && self.implicit_exists(r, &whole);
        let offset = |b: &mut Self, e: &Expr<'a>| b.implicit_exists(e, &wrap(Type::INT));
        let (lw, rw, result) = match op {
            _ if is_comparison(op) && both => (whole.clone(), whole, Type::BOOL),
            B::BitAnd | B::BitOr | B::BitXor if both => (whole.clone(), whole.clone(), whole),
            B::Subtract if lt == rt => (whole.clone(), whole, wrap(Type::INT)),
            B::Add | B::Subtract if lt == ty && offset(self, r) => (whole.clone(), wrap(Type::INT), whole),
            B::Add if rt == ty && offset(self, l) => (wrap(Type::INT), whole.clone(), whole),
            _ => return None,
        };
        let (l, r) = (self.convert(l.clone(), &lw), self.convert(r.clone(), &rw));
        if let (Some(a), Some(b), false) = (&l.constant, &r.constant, lifted) {
            match fold::enums(op, a, b, &result, self.overflow != Overflow::Unchecked) {
                Ok(v) => return Some(Expr::constant(v, result, span)),
                Err(_) => {
                    self.error(codes::CONSTANT_OVERFLOW, span, "the constant result does not fit into its type");
                    return Some(Expr::error(span));
                }
            }
        }
        Some(self.make(op, Operands::Enum, lifted, l, r, result, span))
    }

    /// `==` of references (12.12.7), with the warning for an `object` against a text.
    fn reference_equality(&mut self, op: BinaryOp, l: &Expr<'a>, r: &Expr<'a>, span: Span) -> Option<Expr<'a>> {
        let usable = |b: &Self, e: &Expr<'a>| e.is_null_literal() || b.is_reference(&e.ty);
        if !usable(self, l) || !usable(self, r) {
            return None;
        }
        if self.is_delegate(&l.ty) && self.is_delegate(&r.ty) && l.ty != r.ty {
            return None;
        }
        let related = l.is_null_literal()
            || r.is_null_literal()
            || self.standard_explicit(&l.ty, &r.ty).is_some()
            || self.standard_explicit(&r.ty, &l.ty).is_some();
        if !related {
            return None;
        }
        if l.ty == Type::OBJECT && r.ty == Type::STRING {
            self.reference_warning(codes::REFERENCE_EQUALITY_LEFT, l.span, "left");
        } else if r.ty == Type::OBJECT && l.ty == Type::STRING {
            self.reference_warning(codes::REFERENCE_EQUALITY_RIGHT, r.span, "right");
        }
        let (l, r) = (self.convert(l.clone(), &Type::OBJECT), self.convert(r.clone(), &Type::OBJECT));
        Some(self.make(op, Operands::Reference, false, l, r, Type::BOOL, span))
    }

    fn reference_warning(&mut self, code: codes::Code, span: Span, side: &str) {
        let text = format!("this compares references, not texts: cast the {side} side to `string`");
        self.warning(code, span, text);
    }

    /// A unary operator on a bound operand.
    pub(crate) fn unary_of(&mut self, op: UnaryOp, e: Expr<'a>, span: Span) -> Expr<'a> {
        let e = self.plain_operand(e);
        if e.is_error() {
            return e;
        }
        if let Some(done) = self.user_unary(op, &e, span) {
            return done;
        }
        let lifted = e.ty.nullable_of().is_some();
        let inner = e.ty.nullable_of().unwrap_or(&e.ty).clone();
        let wrap = |t: Type| if lifted { Type::nullable(t) } else { t };
        match op {
            UnaryOp::Not if inner == Type::BOOL => {
                if let Some(Value::Bool(b)) = e.constant {
                    return Expr::constant(Value::Bool(!b), Type::BOOL, span);
                }
                return Expr::new(Kind::Not { lifted, operand: Box::new(e) }, wrap(Type::BOOL), span);
            }
            UnaryOp::Complement if self.is_enum(&inner) => {
                return Expr::new(Kind::Complement { lifted, operand: Box::new(e) }, wrap(inner), span);
            }
            UnaryOp::Plus | UnaryOp::Minus | UnaryOp::Complement if is_numeric(&inner) => {
                if let Some(done) = self.numeric_unary(op, &e, &inner, lifted, span) {
                    return done;
                }
            }
            _ => {}
        }
        let shown = if e.is_null_literal() { "null".to_owned() } else { e.ty.to_string() };
        let text = format!("operator `{}` cannot be applied to `{shown}`", op.text());
        let mut d = Self::finding(codes::BAD_UNARY, span, text);
        d.help = super::hints::operand(op, &inner);
        self.report(d);
        Expr::error(span)
    }

    fn numeric_unary(&mut self, op: UnaryOp, e: &Expr<'a>, inner: &Type, lifted: bool, span: Span) -> Option<Expr<'a>> {
        let usable = |n: Num| match op {
            UnaryOp::Minus => !matches!(n, Num::UInt | Num::ULong),
            UnaryOp::Complement => matches!(n, Num::Int | Num::UInt | Num::Long | Num::ULong),
            _ => true,
        };
        let (num, ty) =
            LADDER.into_iter().filter(|(n, _)| usable(*n)).find(|(_, t)| self.standard_implicit(inner, t).is_some())?;
        if *inner == Type::ULONG && op == UnaryOp::Minus {
            return None;
        }
        let full = if lifted { Type::nullable(ty.clone()) } else { ty };
        let e = self.convert(e.clone(), &full);
        if let (Some(v), false) = (&e.constant, lifted) {
            let folded = match op {
                UnaryOp::Plus => Ok(v.clone()),
                UnaryOp::Minus => numeric::negate(v, self.overflow != Overflow::Unchecked),
                _ => numeric::complement(v),
            };
            return Some(match folded {
                Ok(v) => Expr::constant(v, full, span),
                Err(_) => {
                    self.error(codes::CONSTANT_OVERFLOW, span, "the constant result does not fit into its type");
                    Expr::error(span)
                }
            });
        }
        let operand = Box::new(e);
        let kind = match op {
            UnaryOp::Plus => return Some(Expr { span, ..*operand }),
            UnaryOp::Minus => Kind::Negate { num, checked: self.overflow == Overflow::Checked, lifted, operand },
            _ => Kind::Complement { lifted, operand },
        };
        Some(Expr::new(kind, full, span))
    }
}

pub(crate) fn is_comparison(op: BinaryOp) -> bool {
    use BinaryOp as B;
    matches!(op, B::Less | B::LessOrEqual | B::Greater | B::GreaterOrEqual | B::Equal | B::NotEqual)
}

fn is_zero(v: &Value) -> bool {
    match v {
        Value::Decimal(d) => d.is_zero(),
        _ => numeric::integer(v) == Some(0),
    }
}
