//! Patterns and switch expressions.
use std::cmp::Ordering;

use dotnet::{Exception, Value, collections, utf16};

use super::Lower;
use super::code::{Code, Run, run};
use crate::ast::{BinaryOp, RelationalOp};
use crate::binder::tree::{Expr, Kind, LocalId, Pattern, Switch};
use crate::{numeric, typing};

impl<'a> Lower<'_, 'a> {
    pub(super) fn matches(&mut self, operand: &Expr<'a>, pattern: &Pattern<'a>) -> Code {
        let Kind::Local(id) = operand.kind else { return Code::Const(Value::Bool(false)) };
        Code::Bool(self.pattern(pattern, id))
    }

    /// A test of the local's value.
    pub(super) fn pattern(&mut self, p: &Pattern<'a>, local: LocalId) -> Run<bool> {
        let place = self.place(local);
        match p {
            Pattern::Error => run(|_| Ok(false)),
            Pattern::Any | Pattern::Bind(_) => run(|_| Ok(true)),
            Pattern::Null => run(move |f| Ok(f.get(place).is_null())),
            Pattern::NotNull => run(move |f| Ok(!f.get(place).is_null())),
            Pattern::Constant(v) => {
                let v = self.interned(v);
                run(move |f| Ok(dotnet::object::equals(&f.get(place), &v)))
            }
            Pattern::Type(ty) => {
                let ty = ty.clone();
                run(move |f| {
                    let v = f.get(place);
                    Ok(typing::is_instance(f.cx.types(), &v, &ty))
                })
            }
            Pattern::Relational { op, value, .. } => {
                let op = match op {
                    RelationalOp::Less => BinaryOp::Less,
                    RelationalOp::LessOrEqual => BinaryOp::LessOrEqual,
                    RelationalOp::Greater => BinaryOp::Greater,
                    RelationalOp::GreaterOrEqual => BinaryOp::GreaterOrEqual,
                };
                let value = value.clone();
                run(move |f| {
                    let v = f.get(place);
                    // The types must agree: `object o = 5L; o is > 3` is false.
                    Ok(v.net_type() == value.net_type() && numeric::compare(op, &v, &value))
                })
            }
            Pattern::And(list) => {
                let tests: Vec<_> = list.iter().map(|p| self.pattern(p, local)).collect();
                run(move |f| {
                    for t in &tests {
                        if !t(f)? {
                            return Ok(false);
                        }
                    }
                    Ok(true)
                })
            }
            Pattern::Or(a, b) => {
                let (a, b) = (self.pattern(a, local), self.pattern(b, local));
                run(move |f| Ok(a(f)? || b(f)?))
            }
            Pattern::Not(inner) => {
                let inner = self.pattern(inner, local);
                run(move |f| inner(f).map(|b| !b))
            }
            Pattern::Part { local: part, value, pattern } => {
                let same = matches!(&value.kind, Kind::Local(id) if id == part);
                let value = self.expr(value);
                let fresh = self.fresh_cells(&[*part]);
                let set = self.store(*part, value);
                let test = self.pattern(pattern, *part);
                if same {
                    return test;
                }
                run(move |f| {
                    fresh.iter().for_each(|c| f.fresh(*c));
                    set(f)?;
                    test(f)
                })
            }
            Pattern::Effect { effect, .. } => {
                let effect = self.expr(effect).effect();
                run(move |f| effect(f).map(|()| true))
            }
            Pattern::List { before, slice, after, .. } => self.list(place, before, slice.as_ref(), after),
        }
    }

    fn list(
        &mut self,
        place: super::frame::Place,
        before: &[Pattern<'a>],
        slice: Option<&Option<Box<Pattern<'a>>>>,
        after: &[Pattern<'a>],
    ) -> Run<bool> {
        let mut part = |p: &Pattern<'a>| match p {
            Pattern::Part { local, .. } => Some((self.place(*local), self.pattern(p, *local))),
            _ => None,
        };
        let first: Vec<_> = before.iter().filter_map(&mut part).collect();
        let last: Vec<_> = after.iter().filter_map(&mut part).collect();
        let middle = slice.and_then(|s| s.as_ref()).and_then(|p| part(p));
        let is_open = slice.is_some();
        run(move |f| {
            let whole = f.get(place);
            let len = match &whole {
                Value::Str(s) => utf16::len(s),
                other => collections::array::len(other)?,
            };
            let fixed = first.len().saturating_add(last.len());
            let fits = match len.cmp(&fixed) {
                Ordering::Less => false,
                Ordering::Equal => true,
                Ordering::Greater => is_open,
            };
            if !fits {
                return Ok(false);
            }
            let tail = len.saturating_sub(last.len());
            let ends =
                first.iter().enumerate().chain(last.iter().enumerate().map(|(i, p)| (tail.saturating_add(i), p)));
            for (n, (slot, test)) in ends {
                let v = item(&whole, n)?;
                f.set(*slot, v);
                if !test(f)? {
                    return Ok(false);
                }
            }
            if let Some((slot, test)) = &middle {
                let v = between(&whole, first.len(), tail)?;
                f.set(*slot, v);
                return test(f);
            }
            Ok(true)
        })
    }

    pub(super) fn switch_expr(&mut self, s: &Switch<'a>) -> Code {
        let value = self.expr(&s.value);
        let set = self.store(s.local, value);
        let mut arms = Vec::new();
        for a in &s.arms {
            let fresh = self.fresh_cells(&a.locals);
            let test = self.pattern(&a.pattern, s.local);
            let guard = a.guard.as_ref().map(|g| self.expr(g).bool());
            arms.push((fresh, test, guard, self.expr(&a.value).value()));
        }
        Code::Value(run(move |f| {
            set(f)?;
            for (fresh, test, guard, value) in &arms {
                fresh.iter().for_each(|c| f.fresh(*c));
                if !test(f)? {
                    continue;
                }
                if let Some(g) = guard
                    && !g(f)?
                {
                    continue;
                }
                return value(f);
            }
            Err(Exception::new(
                dotnet::TypeId("System.Runtime.CompilerServices.SwitchExpressionException"),
                "Non-exhaustive switch expression failed to match its input.",
            ))
        }))
    }
}

fn item(whole: &Value, n: usize) -> dotnet::Result<Value> {
    match whole {
        Value::Str(s) => utf16::unit(s, n).map(Value::Char).ok_or_else(Exception::index_out_of_range),
        other => Ok(collections::array::expect_array(other)?.at(n)),
    }
}

fn between(whole: &Value, from: usize, to: usize) -> dotnet::Result<Value> {
    match whole {
        Value::Str(s) => {
            let part = utf16::slice(s, from, to.saturating_sub(from)).ok_or_else(Exception::index_out_of_range)?;
            Ok(Value::str(&*part))
        }
        other => {
            let array = collections::array::expect_array(other)?;
            Ok(collections::new_array(array.item().clone(), (from..to).map(|n| array.at(n)).collect()))
        }
    }
}
