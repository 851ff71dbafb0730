//! Dispatch over the kinds of expression, and those that are short.
use std::sync::Arc;

use dotnet::{Exception, Type, Value, collections};

use super::closure::Closure;
use super::code::{Code, run};
use super::frame::{Flow, Frame, Place};
use super::int::Operand;
use super::stmt::Act;
use super::{Lower, convert};
use crate::ast::BinaryOp;
use crate::binder::tree::{Expr, Function, Kind, LocalId, ObjectMethod};
use crate::binder::{RED_ZONE, STACK_STEP};
use crate::fold;

impl<'a> Lower<'_, 'a> {
    /// Lowers an expression.
    pub(super) fn expr(&mut self, e: &Expr<'a>) -> Code {
        if let Some(v) = &e.constant {
            return Code::Const(self.interned(v));
        }
        self.note_expression(e);
        stacker::maybe_grow(RED_ZONE, STACK_STEP, || self.expr_kind(e))
    }

    fn expr_kind(&mut self, e: &Expr<'a>) -> Code {
        match &e.kind {
            Kind::Local(id) => self.local(*id),
            Kind::Global(get) => {
                let get = *get;
                match fold::global(self.table, get) {
                    Some(v) => Code::Const(v),
                    None => {
                        Code::Value(run(move |f| get(&mut dotnet::Call { cx: &mut *f.cx, types: &[], args: &mut [] })))
                    }
                }
            }
            Kind::Default => Code::Const(collections::default_value(self.table, &e.ty)),
            Kind::Call(c) => {
                let call = self.call(c);
                self.settled_call(call)
            }
            Kind::Property(p) => self.property(p),
            Kind::Element { array, index } => self.element(array, index),
            Kind::CharAt { text, index } => self.char_at(text, index),
            Kind::Slice { target, range } => self.slice(target, range),
            Kind::Index { value, from_end } => self.index(value, *from_end),
            Kind::Range { start, end } => self.range(start.as_deref(), end.as_deref()),
            Kind::Field { target, index } => self.field(target, *index),
            Kind::Negate { num, checked, lifted, operand } => self.negate(*num, *checked, *lifted, operand),
            Kind::Complement { lifted, operand, .. } => self.complement(*lifted, operand),
            Kind::Not { lifted, operand } => self.not(*lifted, operand),
            Kind::Binary(b) => self.binary(b, &e.ty),
            Kind::LiftedCall { op, left, right, call } => self.lifted_call(*op, *left, *right, call),
            Kind::And(l, r) => self.and(l, r),
            Kind::Or(l, r) => self.or(l, r),
            Kind::Coalesce { left, local, found, right } => self.coalesce(left, *local, found, right),
            Kind::Conditional { condition, then, otherwise } => self.conditional(condition, then, otherwise),
            Kind::Convert { operand, conv, checked } => self.convert(operand, conv, *checked, &e.ty),
            Kind::Assign { target, value } => self.assign(target, value),
            Kind::Compound(c) => self.compound(c),
            Kind::Let { local, value, body } => self.let_in(*local, value, body),
            Kind::Sequence { effects, result } => self.sequence(effects, result),
            Kind::NullConditional { local, target, access } => self.null_conditional(*local, target, access),
            Kind::HasValue(x) => {
                let f = self.expr(x).value();
                Code::Bool(run(move |fr| Ok(!f(fr)?.is_null())))
            }
            Kind::NullableValue(x) => {
                let f = self.expr(x).value();
                Code::Value(run(move |fr| match f(fr)? {
                    Value::Null => Err(convert::no_value()),
                    v => Ok(v),
                }))
            }
            Kind::Is { operand, ty } => self.is_type(operand, ty),
            Kind::As { operand, ty } => self.as_type(operand, ty),
            Kind::Matches { operand, pattern } => self.matches(operand, pattern),
            Kind::Switch(s) => self.switch_expr(s),
            Kind::Lambda(f) | Kind::MethodDelegate { function: f } => self.closure(f, &e.ty),
            Kind::Invoke { target, args } => self.invoke(target, args),
            Kind::CallLocal { function, args, order } => self.call_local(*function, args, order.as_deref()),
            Kind::NewArray { size, item } => {
                let (f, item) = (self.expr(size).int(), item.clone());
                Code::Value(run(move |fr| {
                    let n = f(fr)?;
                    collections::array::new_default(&mut *fr.cx, item.clone(), i64::from(n))
                }))
            }
            Kind::ArrayOf { items, item } => self.array_of(items, item),
            Kind::NewAnonymous(items) => self.new_anonymous(items, &e.ty),
            Kind::Tuple(items) => self.new_tuple(items, &e.ty),
            Kind::Text(pieces) => self.text(pieces),
            Kind::TypeOf(ty) => Code::Const(dotnet::object::type_object(ty.clone())),
            Kind::ObjectCall { method, args } => self.object_call(*method, args),
            Kind::Throw(x) => {
                let f = self.expr(x).value();
                Code::Value(run(move |fr| Err(super::catching::thrown(&f(fr)?))))
            }
            // The binder reports these; a program with errors is never lowered.
            Kind::Error
            | Kind::Const
            | Kind::DefaultLiteral
            | Kind::NullLiteral
            | Kind::UntypedLambda(_)
            | Kind::MethodGroup(_)
            | Kind::LocalFunction { .. }
            | Kind::TypeName
            | Kind::Namespace(_)
            | Kind::TargetNew(_)
            | Kind::ArrayInitializer(_)
            | Kind::Collection(_)
            | Kind::UntypedConditional(_)
            | Kind::UntypedSwitch(_)
            | Kind::Discard => Code::Const(Value::Null),
        }
    }

    pub(super) fn local(&mut self, id: LocalId) -> Code {
        match self.place(id) {
            Place::Slot(n) => Code::Slot(n),
            Place::Int(n) => Code::Int(Operand::Slot(n)),
            place => Code::Value(run(move |f| Ok(f.get(place)))),
        }
    }

    /// Sets a local to the value of some code.
    pub(super) fn store(&mut self, id: LocalId, code: Code) -> super::code::Run<()> {
        match self.store_act(id, code) {
            Act::Do(effect) => effect,
            other => {
                let other = other.into_run();
                run(move |f| other(f).map(drop))
            }
        }
    }

    /// The same as a statement.
    pub(super) fn store_act(&mut self, id: LocalId, code: Code) -> Act {
        match self.place(id) {
            // A declaration without a value; it is assigned before it is read.
            Place::Int(_) if code.constant().is_some_and(Value::is_null) => Act::Jump(Flow::NEXT),
            Place::Int(n) => Act::SetInt(n, code.operand()),
            place => {
                let f = code.value();
                Act::Do(run(move |fr| {
                    let v = f(fr)?;
                    fr.set(place, v);
                    Ok(())
                }))
            }
        }
    }

    fn and(&mut self, l: &Expr<'a>, r: &Expr<'a>) -> Code {
        let (l, r) = (self.expr(l), self.expr(r));
        if let Some(Value::Bool(b)) = l.constant() {
            return if *b { r } else { Code::Const(Value::Bool(false)) };
        }
        let (l, r) = (l.bool(), r.bool());
        Code::Bool(run(move |f| Ok(l(f)? && r(f)?)))
    }

    fn or(&mut self, l: &Expr<'a>, r: &Expr<'a>) -> Code {
        let (l, r) = (self.expr(l), self.expr(r));
        if let Some(Value::Bool(b)) = l.constant() {
            return if *b { Code::Const(Value::Bool(true)) } else { r };
        }
        let (l, r) = (l.bool(), r.bool());
        Code::Bool(run(move |f| Ok(l(f)? || r(f)?)))
    }

    fn conditional(&mut self, condition: &Expr<'a>, then: &Expr<'a>, otherwise: &Expr<'a>) -> Code {
        let (c, a, b) = (self.expr(condition), self.expr(then), self.expr(otherwise));
        if let Some(Value::Bool(c)) = c.constant() {
            return if *c { a } else { b };
        }
        let c = c.bool();
        let is = |e: &Expr<'a>, ty: &Type| e.ty == *ty;
        if is(then, &Type::BOOL) && is(otherwise, &Type::BOOL) {
            let (a, b) = (a.bool(), b.bool());
            return Code::Bool(run(move |f| if c(f)? { a(f) } else { b(f) }));
        }
        if is(then, &Type::INT) && is(otherwise, &Type::INT) {
            let (a, b) = (a.int(), b.int());
            return Code::int_run(run(move |f| if c(f)? { a(f) } else { b(f) }));
        }
        let (a, b) = (a.value(), b.value());
        Code::Value(run(move |f| if c(f)? { a(f) } else { b(f) }))
    }

    fn coalesce(&mut self, left: &Expr<'a>, local: LocalId, found: &Expr<'a>, right: &Expr<'a>) -> Code {
        let plain = matches!(found.kind, Kind::Local(id) if id == local);
        let l = self.expr(left);
        let r = self.expr(right);
        if plain {
            let (l, r) = (l.value(), r.value());
            return Code::Value(run(move |f| match l(f)? {
                Value::Null => r(f),
                v => Ok(v),
            }));
        }
        let place = self.place(local);
        let (l, found, r) = (l.value(), self.expr(found).value(), r.value());
        Code::Value(run(move |f| match l(f)? {
            Value::Null => r(f),
            v => {
                f.set(place, v);
                found(f)
            }
        }))
    }

    fn let_in(&mut self, local: LocalId, value: &Expr<'a>, body: &Expr<'a>) -> Code {
        let value = self.expr(value);
        let fresh = self.fresh_cells(&[local]);
        let set = self.store(local, value);
        let body = self.expr(body);
        let before = move |f: &mut Frame<'_>| -> dotnet::Result<()> {
            fresh.iter().for_each(|c| f.fresh(*c));
            set(f)
        };
        match body {
            Code::Bool(b) => Code::Bool(run(move |f| before(f).and_then(|()| b(f)))),
            Code::Int(b) => Code::int_run(run(move |f| before(f).and_then(|()| b.get(f)))),
            other => {
                let b = other.value();
                Code::Value(run(move |f| before(f).and_then(|()| b(f))))
            }
        }
    }

    fn sequence(&mut self, effects: &[Expr<'a>], result: &Expr<'a>) -> Code {
        let effects: Vec<_> = effects.iter().map(|e| self.expr(e).effect()).collect();
        let result = self.expr(result).value();
        Code::Value(run(move |f| {
            for e in &effects {
                e(f)?;
            }
            result(f)
        }))
    }

    fn null_conditional(&mut self, local: LocalId, target: &Expr<'a>, access: &Expr<'a>) -> Code {
        let target = self.expr(target).value();
        let place = self.place(local);
        let access = self.expr(access).value();
        Code::Value(run(move |f| match target(f)? {
            Value::Null => Ok(Value::Null),
            v => {
                f.set(place, v);
                access(f)
            }
        }))
    }

    fn lifted_call(&mut self, op: BinaryOp, left: LocalId, right: LocalId, call: &Expr<'a>) -> Code {
        let (l, r, call) = (self.place(left), self.place(right), self.expr(call).value());
        Code::Value(run(move |f| match (op, f.get(l).is_null(), f.get(r).is_null()) {
            (_, false, false) => call(f),
            (BinaryOp::Equal, a, b) => Ok(Value::Bool(a && b)),
            (BinaryOp::NotEqual, a, b) => Ok(Value::Bool(a != b)),
            (op, ..) if crate::binder::is_comparison(op) => Ok(Value::Bool(false)),
            _ => Ok(Value::Null),
        }))
    }

    fn field(&mut self, target: &Expr<'a>, index: usize) -> Code {
        let f = self.expr(target).value();
        let is_tuple = matches!(target.ty, Type::Tuple(_));
        Code::Value(run(move |fr| {
            let v = f(fr)?;
            let found =
                if is_tuple { collections::tuple::item(&v, index) } else { collections::anonymous::field(&v, index) };
            found.ok_or_else(Exception::null_reference)
        }))
    }

    fn items(&mut self, items: &[Expr<'a>]) -> Vec<super::code::Run<Value>> {
        items.iter().map(|e| self.expr(e).value()).collect()
    }

    fn array_of(&mut self, items: &[Expr<'a>], item: &Type) -> Code {
        let (items, item) = (self.items(items), item.clone());
        Code::Value(run(move |f| {
            f.cx.charge_bytes(items.len().saturating_mul(size_of::<Value>()))?;
            let mut values = Vec::with_capacity(items.len());
            for i in &items {
                values.push(i(f)?);
            }
            Ok(collections::new_array(item.clone(), values))
        }))
    }

    fn new_anonymous(&mut self, items: &[Expr<'a>], ty: &Type) -> Code {
        let Type::Anonymous(shape) = ty else { return Code::Const(Value::Null) };
        let (items, shape) = (self.items(items), shape.clone());
        Code::Value(run(move |f| {
            let mut values = Vec::with_capacity(items.len());
            for i in &items {
                values.push(i(f)?);
            }
            collections::nesting::charge(&mut *f.cx, collections::new_anonymous(shape.clone(), values))
        }))
    }

    fn new_tuple(&mut self, items: &[Expr<'a>], ty: &Type) -> Code {
        let Type::Tuple(tuple) = ty.nullable_of().unwrap_or(ty) else { return Code::Const(Value::Null) };
        let (items, tuple) = (self.items(items), tuple.clone());
        Code::Value(run(move |f| {
            let mut values = Vec::with_capacity(items.len());
            for i in &items {
                values.push(i(f)?);
            }
            collections::nesting::charge(&mut *f.cx, collections::tuple::of_type(tuple.clone(), values))
        }))
    }

    fn object_call(&mut self, method: ObjectMethod, args: &[Expr<'a>]) -> Code {
        let mut args = self.items(args).into_iter();
        let (Some(target), other) = (args.next(), args.next()) else { return Code::Const(Value::Null) };
        match (method, other) {
            (ObjectMethod::Equals, Some(other)) => Code::Bool(run(move |f| {
                let a = target(f)?;
                Ok(dotnet::object::equals(&a, &other(f)?))
            })),
            (ObjectMethod::GetHashCode, _) => Code::int_run(run(move |f| Ok(dotnet::object::hash_code(&target(f)?)))),
            _ => Code::Value(run(move |f| {
                let v = target(f)?;
                dotnet::object::text(&mut *f.cx, &v).map(Value::Str)
            })),
        }
    }

    fn closure(&mut self, function: &std::rc::Rc<Function<'a>>, ty: &Type) -> Code {
        let gives = if self.delegate_gives_value(ty) { super::Gives::Value } else { super::Gives::Nothing };
        let number = self.function(function, Vec::new(), gives);
        let captures = self.captures_for(function.id);
        let ty = ty.clone();
        Code::Value(run(move |f| {
            f.tick()?;
            let cells = f.capture(&captures);
            let closure = Closure {
                image: f.image.clone(),
                function: number,
                cells: cells.into_vec().into_boxed_slice(),
                registry: f.registry.cloned(),
                ty: ty.clone(),
            };
            f.cx.charge_bytes(size_of::<Closure>())?;
            Ok(Value::Func(Arc::new(closure)))
        }))
    }

    fn delegate_gives_value(&self, ty: &Type) -> bool {
        let def = ty.id().and_then(|id| self.table.get(id));
        def.and_then(|d| d.named("Invoke").next()).is_none_or(|m| m.ret != Type::Void)
    }
}
