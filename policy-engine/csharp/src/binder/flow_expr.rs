//! Definite assignment through expressions: what is assigned after them, and after their being true or false.
use dotnet::Value;

use super::flow::{Flow, State};
use super::tree::{Expr, Kind, LocalId, LocalKind, Passed, Pattern, Piece};
use crate::span::Span;

impl<'a> Flow<'_, 'a> {
    fn read(&mut self, id: LocalId, span: Span) {
        let tracked =
            self.locals.get(id).is_some_and(|l| matches!(l.kind, LocalKind::Variable | LocalKind::OutParameter));
        if tracked && !self.state.has(id) && !self.found.contains(&(id, span)) {
            self.found.push((id, span));
            // One finding a variable is enough.
            self.state.set(id);
        }
    }

    fn each(&mut self, list: &[Expr<'a>]) {
        list.iter().for_each(|e| self.expr(e));
    }

    fn passed(&mut self, args: &[Passed<'a>]) {
        for a in args {
            match a {
                Passed::Value(e) | Passed::Ref(e) => self.expr(e),
                Passed::Out(Some(e)) if !matches!(e.kind, Kind::Local(_)) => self.expr(e),
                Passed::Out(_) => {}
            }
        }
        for a in args {
            if let Passed::Out(Some(e)) = a
                && let Kind::Local(id) = e.kind
            {
                self.state.set(id);
            }
        }
    }

    /// The target of an assignment: its operands are read, the variable itself is not.
    fn target(&mut self, e: &Expr<'a>) {
        match &e.kind {
            Kind::Local(_) | Kind::Discard => {}
            Kind::Field { target, .. } => self.target(target),
            _ => self.expr(e),
        }
    }

    fn assigned(&mut self, e: &Expr<'a>) {
        if let Kind::Local(id) = e.kind {
            self.state.set(id);
        }
    }

    /// States after the expression was true and after it was false.
    pub(super) fn condition(&mut self, e: &Expr<'a>) -> (State, State) {
        match &e.kind {
            _ if matches!(e.constant, Some(Value::Bool(true))) => (self.state.clone(), self.state.unreachable()),
            _ if matches!(e.constant, Some(Value::Bool(false))) => (self.state.unreachable(), self.state.clone()),
            Kind::And(l, r) => {
                let (yes, mut no) = self.condition(l);
                self.state = yes;
                let (both, other) = self.condition(r);
                no.meet(&other);
                (both, no)
            }
            Kind::Or(l, r) => {
                let (mut yes, no) = self.condition(l);
                self.state = no;
                let (other, neither) = self.condition(r);
                yes.meet(&other);
                (yes, neither)
            }
            Kind::Not { lifted: false, operand } => {
                let (yes, no) = self.condition(operand);
                (no, yes)
            }
            Kind::Let { local, value, body } => {
                self.expr(value);
                self.state.set(*local);
                self.condition(body)
            }
            Kind::Matches { operand, pattern } => {
                self.expr(operand);
                let before = self.state.clone();
                self.pattern(pattern);
                let yes = self.state.clone();
                // `is not T x`: assigned when the test fails.
                let no = if let Pattern::Not(inner) = &**pattern {
                    self.state = before.clone();
                    self.pattern(inner);
                    let no = self.state.clone();
                    return (before, no);
                } else {
                    before
                };
                (yes, no)
            }
            Kind::Conditional { condition, then, otherwise } => {
                let (yes, no) = self.condition(condition);
                self.state = yes;
                let (mut a_yes, mut a_no) = self.condition(then);
                self.state = no;
                let (b_yes, b_no) = self.condition(otherwise);
                a_yes.meet(&b_yes);
                a_no.meet(&b_no);
                (a_yes, a_no)
            }
            _ => {
                self.expr(e);
                (self.state.clone(), self.state.clone())
            }
        }
    }

    /// After the pattern matched.
    pub(super) fn pattern(&mut self, p: &Pattern<'a>) {
        match p {
            Pattern::Bind(id) => self.state.set(*id),
            Pattern::And(list) => list.iter().for_each(|p| self.pattern(p)),
            Pattern::Or(a, b) => {
                let before = self.state.clone();
                self.pattern(a);
                let one = std::mem::replace(&mut self.state, before);
                self.pattern(b);
                self.state.meet(&one);
            }
            Pattern::Not(inner) => {
                let before = self.state.clone();
                self.pattern(inner);
                self.state = before;
            }
            Pattern::Part { local, value, pattern } => {
                if !matches!(&value.kind, Kind::Local(id) if id == local) {
                    self.expr(value);
                }
                self.state.set(*local);
                self.pattern(pattern);
            }
            Pattern::Effect { effect, .. } => self.expr(effect),
            Pattern::List { before, slice, after, .. } => {
                before.iter().chain(after).for_each(|p| self.pattern(p));
                if let Some(Some(p)) = slice {
                    self.pattern(p);
                }
            }
            _ => {}
        }
    }

    pub(super) fn expr(&mut self, e: &Expr<'a>) {
        stacker::maybe_grow(super::expressions::RED_ZONE, super::expressions::STACK_STEP, || self.expr_kind(e));
    }

    fn expr_kind(&mut self, e: &Expr<'a>) {
        match &e.kind {
            Kind::Local(id) => self.read(*id, e.span),
            Kind::Call(c) => {
                self.passed(&c.args);
                self.note_call(&c.member.name, &c.args, e.span);
            }
            Kind::Property(p) => {
                p.receiver.iter().for_each(|r| self.expr(r));
                self.each(&p.args);
                if let Some(receiver) = p.receiver.as_deref().filter(|_| !self.watched.is_empty()) {
                    let args = p.args.iter().map(|a| a.constant.clone()).collect();
                    self.note(&p.member.name, receiver, args, e.span);
                }
            }
            Kind::Element { array: a, index: b }
            | Kind::CharAt { text: a, index: b }
            | Kind::Slice { target: a, range: b } => {
                self.expr(a);
                self.expr(b);
            }
            Kind::Field { target: x, .. }
            | Kind::Index { value: x, .. }
            | Kind::Negate { operand: x, .. }
            | Kind::Complement { operand: x, .. }
            | Kind::Convert { operand: x, .. }
            | Kind::HasValue(x)
            | Kind::NullableValue(x)
            | Kind::Is { operand: x, .. }
            | Kind::As { operand: x, .. }
            | Kind::NewArray { size: x, .. } => self.expr(x),
            Kind::Throw(x) => {
                self.expr(x);
                self.state = self.state.unreachable();
            }
            Kind::Range { start, end } => start.iter().chain(end).for_each(|x| self.expr(x)),
            Kind::And(..) | Kind::Or(..) | Kind::Not { .. } | Kind::Matches { .. } => {
                if let Kind::Not { lifted: true, operand } = &e.kind {
                    return self.expr(operand);
                }
                let (mut yes, no) = self.condition(e);
                yes.meet(&no);
                self.state = yes;
            }
            Kind::Binary(b) => {
                // Left chains are long: walk the spine.
                let mut spine = vec![&b.right];
                let mut left = &b.left;
                while let Kind::Binary(inner) = &left.kind {
                    spine.push(&inner.right);
                    left = &inner.left;
                }
                self.expr(left);
                spine.into_iter().rev().for_each(|x| self.expr(x));
            }
            Kind::LiftedCall { call, left, right, .. } => {
                self.state.set(*left);
                self.state.set(*right);
                self.expr(call);
            }
            Kind::Coalesce { left, local, found, right } => {
                self.expr(left);
                let mut after = self.state.clone();
                after.set(*local);
                self.expr(right);
                let other = std::mem::replace(&mut self.state, after);
                self.expr(found);
                self.state.meet(&other);
            }
            Kind::Conditional { condition, then, otherwise } => {
                let (yes, no) = self.condition(condition);
                self.state = yes;
                self.expr(then);
                let after = std::mem::replace(&mut self.state, no);
                self.expr(otherwise);
                self.state.meet(&after);
            }
            Kind::Assign { target, value } => {
                self.target(target);
                self.expr(value);
                self.assigned(target);
            }
            Kind::Compound(c) => {
                self.expr(&c.target);
                self.state.set(c.current);
                let before = self.state.clone();
                self.expr(&c.result);
                if c.only_if_null {
                    self.state = before;
                }
            }
            Kind::Let { local, value, body } => {
                self.expr(value);
                self.state.set(*local);
                self.expr(body);
            }
            Kind::Sequence { effects, result } => {
                self.each(effects);
                self.expr(result);
            }
            Kind::NullConditional { local, target, access } => {
                self.expr(target);
                let before = self.state.clone();
                self.state.set(*local);
                self.expr(access);
                self.state = before;
            }
            Kind::Switch(s) => {
                self.expr(&s.value);
                self.state.set(s.local);
                let before = self.state.clone();
                let mut after = before.unreachable();
                for arm in &s.arms {
                    self.state = before.clone();
                    self.pattern(&arm.pattern);
                    if let Some(g) = &arm.guard {
                        let (yes, _) = self.condition(g);
                        self.state = yes;
                    }
                    self.expr(&arm.value);
                    after.meet(&self.state);
                }
                self.state = after;
            }
            Kind::Lambda(f) | Kind::MethodDelegate { function: f } => {
                let f = f.clone();
                self.isolated(|flow| flow.function(&f));
            }
            Kind::Invoke { target, args } => {
                self.expr(target);
                self.passed(args);
            }
            Kind::CallLocal { function, args, .. } => {
                self.passed(args);
                self.call_local(*function);
            }
            Kind::ArrayOf { items, .. }
            | Kind::NewAnonymous(items)
            | Kind::Tuple(items)
            | Kind::ObjectCall { args: items, .. } => self.each(items),
            Kind::Text(pieces) => {
                for p in pieces {
                    if let Piece::Hole { value, .. } = p {
                        self.expr(value);
                    }
                }
            }
            _ => {}
        }
    }
}
