//! Binds each form of expression; the longer ones have files of their own.
use dotnet::{Type, Value, ids};

use super::tree::{Expr, Kind};
use super::{Binder, MAX_BOUND, Overflow, codes};
use crate::ast::{self, ExprKind, IntLiteral, IntSuffix, Literal, PostfixOp, Radix, UnaryOp};
use crate::span::Span;

/// Stack to keep free, and how much to add when it runs out: trees are bounded in height, but frames are large in debug builds.
pub(crate) const RED_ZONE: usize = 192 * 1024;
pub(crate) const STACK_STEP: usize = 2 * 1024 * 1024;

impl<'a> Binder<'a> {
    /// Binds an expression; nothing is expected of it yet.
    pub(crate) fn expr(&mut self, e: &'a ast::Expr) -> Expr<'a> {
        self.bound = self.bound.saturating_add(1);
        if self.bound == MAX_BOUND {
            self.error(codes::TOO_COMPLEX, e.span, "the program is too complex: simplify nested lambdas");
        }
        if self.bound >= MAX_BOUND {
            return Expr::error(e.span);
        }
        stacker::maybe_grow(RED_ZONE, STACK_STEP, || self.expr_kind(e))
    }

    fn expr_kind(&mut self, e: &'a ast::Expr) -> Expr<'a> {
        let span = e.span;
        match &e.kind {
            ExprKind::Error => Expr::error(span),
            ExprKind::Literal(l) => self.literal(l, span, false),
            ExprKind::Interpolated(parts) => self.interpolated(parts, span),
            ExprKind::Name(n) => self.name(n),
            ExprKind::AliasName { name, .. } => match self.type_or_namespace(name) {
                Some(found) => found,
                None => {
                    self.error(codes::UNKNOWN_TYPE, span, format!("unknown type `{}`", name.ident.name));
                    Expr::error(span)
                }
            },
            ExprKind::Predefined(p) => Expr::new(Kind::TypeName, super::types::predefined(*p), span),
            ExprKind::Paren(inner) => {
                let mut inner = self.expr(inner);
                inner.span = span;
                inner
            }
            ExprKind::Tuple(elements) => self.tuple(elements, span),
            ExprKind::Declaration { .. } => {
                self.error(codes::UNKNOWN_NAME, span, "a variable cannot be declared here");
                Expr::error(span)
            }
            ExprKind::Member { target, name } => self.member_access(target, name, span),
            ExprKind::ConditionalAccess { target, access } => self.conditional_access(target, access, span),
            ExprKind::ConditionalReceiver => self.receivers.last().cloned().unwrap_or_else(|| Expr::error(span)),
            ExprKind::Call { target, args } => self.call(target, args, span),
            ExprKind::Index { target, args } => self.index(target, args, span),
            ExprKind::Unary { op, operand } => self.unary(*op, operand, span),
            ExprKind::Postfix { op: PostfixOp::NullForgiving, operand } => self.expr(operand),
            ExprKind::Postfix { op, operand } => self.step(operand, *op == PostfixOp::Increment, true, span),
            ExprKind::Binary { .. } => self.binary(e),
            ExprKind::Assign { op, op_span, target, value } => {
                let before = self.diagnostics.len();
                let value = self.assign(*op, *op_span, target, value, span);
                self.offer_equality(op.is_none(), before);
                value
            }
            ExprKind::Conditional { condition, then, otherwise } => self.conditional(condition, then, otherwise, span),
            ExprKind::Range { start, end } => self.range(start.as_deref(), end.as_deref(), span),
            ExprKind::Is { operand, pattern } => self.is(operand, pattern, span),
            ExprKind::As { operand, ty } => {
                let (operand, ty) = (self.expr(operand), self.type_of(ty));
                self.as_type(operand, &ty, span)
            }
            ExprKind::Cast { ty, operand } => {
                let ty = self.type_of(ty);
                let before = self.diagnostics.len();
                let bound = self.expr(operand);
                if bound.is_error() && ty != Type::Error {
                    self.offer_parentheses(operand, &ty, before);
                }
                self.cast(bound, &ty, span)
            }
            ExprKind::Lambda(l) => Expr::new(Kind::UntypedLambda(l), Type::Null, span),
            ExprKind::Query(q) => self.query(q, span),
            ExprKind::New(new) => match &new.ty {
                None => Expr::new(Kind::TargetNew(new), Type::Null, span),
                Some(ty) => {
                    let ty = self.type_of(ty);
                    self.create(&ty, new, span)
                }
            },
            ExprKind::NewArray(new) => self.new_array(new, span),
            ExprKind::NewAnonymous(members) => self.new_anonymous(members, span),
            ExprKind::ArrayInitializer(items) => Expr::new(Kind::ArrayInitializer(items), Type::Null, span),
            ExprKind::Collection(items) => Expr::new(Kind::Collection(items), Type::Null, span),
            ExprKind::Default(None) => Expr::new(Kind::DefaultLiteral, Type::Null, span),
            ExprKind::Default(Some(ty)) => {
                let ty = self.type_of(ty);
                if ty == Type::Error { Expr::error(span) } else { self.default_of(&ty, span) }
            }
            ExprKind::TypeOf(ty) => {
                let ty = self.unbound_generic(ty).unwrap_or_else(|| self.type_of(ty));
                Expr::new(Kind::TypeOf(ty), Type::Simple(ids::TYPE), span)
            }
            ExprKind::SizeOf(ty) => self.size_of(ty, span),
            ExprKind::NameOf(inner) => self.name_of(inner, span),
            ExprKind::Checked { checked, operand } => {
                let mode = if *checked { Overflow::Checked } else { Overflow::Unchecked };
                let outer = std::mem::replace(&mut self.overflow, mode);
                let e = self.expr(operand);
                self.overflow = outer;
                e
            }
            ExprKind::Switch(s) => self.switch_expr(s, span),
            ExprKind::With { operand, .. } => {
                self.expr(operand);
                self.refuse(span, "`with`")
            }
            ExprKind::Throw(inner) => {
                let value = self.thrown(inner);
                Expr::new(Kind::Throw(Box::new(value)), Type::Null, span)
            }
            ExprKind::Ref(inner) => {
                self.expr(inner);
                self.refuse(span, "a reference to a variable (`ref`)")
            }
            ExprKind::Await(inner) => {
                self.expr(inner);
                Expr::error(span)
            }
        }
    }

    /// An exception to be thrown.
    pub(crate) fn thrown(&mut self, syntax: &'a ast::Expr) -> Expr<'a> {
        let e = self.expr(syntax);
        let e = self.value(e);
        if e.is_error() {
            return e;
        }
        if e.is_null_literal() {
            return Expr::constant(Value::Null, Type::EXCEPTION, e.span);
        }
        if self.standard_implicit(&e.ty, &Type::EXCEPTION).is_none() {
            let text = format!("only exceptions can be thrown, and `{}` is none", e.ty);
            self.report(Self::finding(codes::THROW_VALUE, e.span, text).help("write `throw new Exception(...)`"));
            return Expr::error(e.span);
        }
        self.convert(e, &Type::EXCEPTION)
    }

    // === literals ===

    fn literal(&mut self, l: &Literal, span: Span, negated: bool) -> Expr<'a> {
        let (value, ty) = match l {
            Literal::Null => return Expr::new(Kind::NullLiteral, Type::Null, span),
            Literal::Bool(b) => (Value::Bool(*b), Type::BOOL),
            Literal::Int(i) => return self.integer_literal(*i, span, negated),
            Literal::Float { value, .. } => (Value::Single(*value), Type::FLOAT),
            Literal::Double { value, .. } => (Value::Double(*value), Type::DOUBLE),
            Literal::Decimal { value, .. } => (Value::Decimal(*value), Type::DECIMAL),
            Literal::Char(c) => (Value::Char(*c), Type::CHAR),
            Literal::String(s) => (Value::Str(super::text::exact(s)), Type::STRING),
        };
        Expr::constant(value, ty, span)
    }

    fn integer_literal(&mut self, i: IntLiteral, span: Span, negated: bool) -> Expr<'a> {
        let n = i.value;
        // `-2147483648` is an `int` although `2147483648` alone is a `uint`.
        if negated && i.radix == Radix::Decimal {
            if i.suffix == IntSuffix::None && n == 1 << 31 {
                return Expr::constant(Value::Int32(i32::MIN), Type::INT, span);
            }
            if matches!(i.suffix, IntSuffix::None | IntSuffix::L) && n == 1 << 63 {
                return Expr::constant(Value::Int64(i64::MIN), Type::LONG, span);
            }
        }
        let (int, uint, long) = (i32::try_from(n), u32::try_from(n), i64::try_from(n));
        let (value, ty) = match (i.suffix, int, uint, long) {
            (IntSuffix::None, Ok(v), _, _) => (Value::Int32(v), Type::INT),
            (IntSuffix::None | IntSuffix::U, _, Ok(v), _) => (Value::UInt32(v), Type::UINT),
            (IntSuffix::None | IntSuffix::L, _, _, Ok(v)) => (Value::Int64(v), Type::LONG),
            _ => (Value::UInt64(n), Type::ULONG),
        };
        Expr::constant(value, ty, span)
    }

    fn size_of(&mut self, ty: &'a ast::TypeSyntax, span: Span) -> Expr<'a> {
        let ty = self.type_of(ty);
        let size = match &ty {
            Type::Simple(ids::BOOLEAN | ids::BYTE | ids::SBYTE) => 1,
            Type::Simple(ids::CHAR | ids::INT16 | ids::UINT16) => 2,
            Type::Simple(ids::INT32 | ids::UINT32 | ids::SINGLE) => 4,
            Type::Simple(ids::INT64 | ids::UINT64 | ids::DOUBLE) => 8,
            Type::Simple(ids::DECIMAL) => 16,
            Type::Error => return Expr::error(span),
            _ if self.is_enum(&ty) => 4,
            _ => return self.refuse(span, "`sizeof` of other than a built-in type"),
        };
        Expr::constant(Value::Int32(size), Type::INT, span)
    }

    fn name_of(&mut self, inner: &'a ast::Expr, span: Span) -> Expr<'a> {
        let text = match &inner.without_parens().kind {
            ExprKind::Name(n) => n.ident.name.clone(),
            ExprKind::Member { name, .. } => name.ident.name.clone(),
            ExprKind::AliasName { name, .. } => name.ident.name.clone(),
            ExprKind::Predefined(_) | ExprKind::Error => return Expr::error(span),
            _ => {
                let d = crate::diagnostic::Diagnostic::error(
                    codes::NOT_CONSTANT.number,
                    inner.span,
                    "this expression has no name",
                );
                self.report(d.cs(8081));
                return Expr::error(span);
            }
        };
        // The operand is bound for its mistakes only; a member needs no object here.
        let before = self.diagnostics.len();
        let bound = self.expr(inner);
        self.diagnostics.retain(|d| d.code != codes::NEEDS_INSTANCE.number);
        if bound.is_error() && self.failed_since(before) {
            return Expr::error(span);
        }
        Expr::constant(Value::Str(text), Type::STRING, span)
    }

    // === small operators ===

    fn unary(&mut self, op: UnaryOp, operand: &'a ast::Expr, span: Span) -> Expr<'a> {
        match op {
            UnaryOp::PreIncrement | UnaryOp::PreDecrement => {
                return self.step(operand, op == UnaryOp::PreIncrement, false, span);
            }
            UnaryOp::Minus => {
                if let ExprKind::Literal(l @ Literal::Int(i)) = &operand.kind
                    && i.radix == Radix::Decimal
                    && matches!(
                        (i.suffix, i.value),
                        (IntSuffix::None, 0x8000_0000) | (IntSuffix::None | IntSuffix::L, 0x8000_0000_0000_0000)
                    )
                {
                    return self.literal(l, span, true);
                }
            }
            UnaryOp::FromEnd => {
                let value = self.expr(operand);
                let value = self.convert(value, &Type::INT);
                if value.is_error() {
                    return value;
                }
                return Expr::new(
                    Kind::Index { value: Box::new(value), from_end: true },
                    Type::Simple(ids::INDEX),
                    span,
                );
            }
            _ => {}
        }
        let e = self.expr(operand);
        self.unary_of(op, e, span)
    }

    /// `(Jwt)a.B`: the cast is of all that follows. Where `a` was meant, what is missed is a member of `object`.
    fn offer_parentheses(&mut self, operand: &ast::Expr, ty: &Type, before: usize) {
        let mut places = Vec::new();
        let mut at = operand;
        loop {
            at = match &at.kind {
                ExprKind::Member { target, name } => {
                    places.push(name.span);
                    target
                }
                ExprKind::Index { target, .. } => {
                    places.push(at.span);
                    target
                }
                ExprKind::Call { target, .. } => target,
                _ => break,
            };
        }
        let of_object = |d: &&mut crate::diagnostic::Diagnostic| {
            [codes::NO_MEMBER.number, codes::BAD_INDEX.number].contains(&d.code)
                && d.message.contains("`object`")
                && places.contains(&d.span)
        };
        if let Some(d) = self.diagnostics.iter_mut().skip(before).find(of_object) {
            d.help = Some(format!("the cast is of all that follows: put it in parentheses, `(({ty})...)`"));
        }
    }

    fn range(&mut self, start: Option<&'a ast::Expr>, end: Option<&'a ast::Expr>, span: Span) -> Expr<'a> {
        let start_bound = start.map(|e| self.expr(e));
        if let (Some(bound), Some(end)) = (&start_bound, end)
            && end.as_name().is_some()
            && bound.ty.id().is_some()
            && bound.ty != Type::Simple(ids::INDEX)
            && !self.implicit_exists(bound, &Type::INT)
        {
            let dots = Span::new(bound.span.end, end.span.start);
            let text = format!("a name is expected after the first `.`: `{}` has no ranges", bound.ty);
            self.report(Self::finding(codes::DOUBLE_DOT, dots, text).help("write one `.`"));
            return Expr::error(span);
        }
        let start = start_bound.map(|e| self.range_side(e));
        let end = end.map(|e| self.expr(e)).map(|e| self.range_side(e));
        Expr::new(Kind::Range { start, end }, Type::Simple(ids::RANGE), span)
    }

    fn range_side(&mut self, e: Expr<'a>) -> Box<Expr<'a>> {
        let index = Type::Simple(ids::INDEX);
        if e.ty == index {
            return Box::new(e);
        }
        let e = self.convert(e, &Type::INT);
        let span = e.span;
        Box::new(Expr::new(Kind::Index { value: Box::new(e), from_end: false }, index, span))
    }

    fn conditional(
        &mut self,
        condition: &'a ast::Expr,
        then: &'a ast::Expr,
        otherwise: &'a ast::Expr,
        span: Span,
    ) -> Expr<'a> {
        let condition = self.bool_condition(condition);
        let (a, b) = (self.expr(then), self.expr(otherwise));
        if condition.is_error() || a.is_error() || b.is_error() {
            return Expr::error(span);
        }
        let Some(ty) = self.conditional_type(&a, &b) else {
            let parts = Box::new((condition, a, b));
            return Expr::new(Kind::UntypedConditional(parts), Type::Null, span);
        };
        let (a, b) = (self.convert(a, &ty), self.convert(b, &ty));
        let constant = match (&condition.constant, &a.constant, &b.constant) {
            (Some(Value::Bool(true)), Some(v), Some(_)) | (Some(Value::Bool(false)), Some(_), Some(v)) => {
                Some(v.clone())
            }
            _ => None,
        };
        if let Some(value) = constant {
            return Expr::constant(value, ty, span);
        }
        let kind = Kind::Conditional { condition: Box::new(condition), then: Box::new(a), otherwise: Box::new(b) };
        Expr::new(kind, ty, span)
    }

    /// Natural type of `c ? a : b` (12.18).
    fn conditional_type(&mut self, a: &Expr<'a>, b: &Expr<'a>) -> Option<Type> {
        let typed = |e: &Expr<'a>| !matches!(e.ty, Type::Null | Type::Error);
        if typed(a) && typed(b) && a.ty == b.ty {
            return Some(super::tuples::shared_names(a.ty.clone(), &b.ty));
        }
        let a_to_b = typed(b) && self.implicit_exists(a, &b.ty);
        let b_to_a = typed(a) && self.implicit_exists(b, &a.ty);
        match (a_to_b, b_to_a) {
            (true, false) => Some(b.ty.clone()),
            (false, true) => Some(a.ty.clone()),
            // Constants may go both ways (`c ? b : 5`): then the wider type wins.
            (true, true) if self.standard_implicit(&a.ty, &b.ty).is_some() => Some(b.ty.clone()),
            (true, true) => Some(a.ty.clone()),
            _ => None,
        }
    }

    /// Reports branches without a common type.
    pub(crate) fn conditional_types(&mut self, a: &Expr<'a>, b: &Expr<'a>, span: Span) -> Expr<'a> {
        let text = format!("`{}` and `{}` have no common type", a.ty, b.ty);
        let d = Self::finding(codes::CONDITIONAL_TYPES, span, text).help("cast one branch to the type that is meant");
        self.report(d);
        Expr::error(span)
    }
}
