//! Assignments: locals, properties, indexers, array elements, fields of tuples; compound ones evaluate their target once.
use dotnet::{Call, Exception, Native, Result, Type, Value, collections};

use super::Lower;
use super::calls::Args;
use super::code::{Code, Run, run};
use super::frame::{Frame, Place};
use super::int::Operand;
use super::ready::check_first;
use super::stmt::Act;
use crate::binder::tree::{Compound, Expr, Kind};

/// An assignable place whose operands are evaluated once.
enum Target {
    Local(Place),
    Property {
        parts: Vec<Run<Value>>,
        get: Option<Native>,
        set: Native,
        types: Vec<Type>,
        null_check: bool,
    },
    Element {
        array: Run<Value>,
        index: Run<Value>,
    },
    /// Field of a tuple held in another place.
    Field {
        inner: Box<Target>,
        index: usize,
    },
    Nowhere,
}

impl<'a> Lower<'_, 'a> {
    fn target(&mut self, e: &Expr<'a>) -> Target {
        match &e.kind {
            Kind::Local(id) => Target::Local(self.place(*id)),
            Kind::Property(p) => {
                let parts = self.property_parts(p);
                match p.member.setter {
                    Some(set) => Target::Property {
                        parts,
                        get: p.member.native,
                        set,
                        types: p.types.clone(),
                        null_check: p.null_check,
                    },
                    None => Target::Nowhere,
                }
            }
            Kind::Element { array, index } => {
                Target::Element { array: self.expr(array).value(), index: self.expr(index).value() }
            }
            Kind::Field { target, index } => Target::Field { inner: Box::new(self.target(target)), index: *index },
            _ => Target::Nowhere,
        }
    }

    pub(super) fn assign(&mut self, target: &Expr<'a>, value: &Expr<'a>) -> Code {
        let to = self.target(target);
        let code = self.expr(value);
        match to {
            Target::Local(Place::Int(n)) => {
                let f = code.operand();
                Code::int_run(run(move |fr| {
                    let v = f.get(fr)?;
                    fr.set_int(n, v);
                    Ok(v)
                }))
            }
            Target::Local(place) => {
                let f = code.value();
                Code::Value(run(move |fr| {
                    let v = f(fr)?;
                    fr.set(place, v.clone());
                    Ok(v)
                }))
            }
            Target::Nowhere => Code::Value(code.value()),
            to => {
                let f = code.value();
                Code::Value(run(move |fr| {
                    let mut operands = to.operands(fr)?;
                    let v = f(fr)?;
                    to.write(fr, &mut operands, v.clone())?;
                    Ok(v)
                }))
            }
        }
    }

    /// Assignment as a statement: the value is moved, not copied.
    pub(super) fn assign_effect(&mut self, target: &Expr<'a>, value: &Expr<'a>) -> Act {
        if let Kind::Local(id) = &target.kind {
            let code = self.expr(value);
            return self.store_act(*id, code);
        }
        Act::Do(self.assign(target, value).effect())
    }

    /// A compound assignment as a statement.
    pub(super) fn compound_effect(&mut self, c: &Compound<'a>) -> Act {
        match self.int_step(c) {
            Some((slot, new)) => Act::SetInt(slot, new),
            None => Act::Do(self.compound(c).effect()),
        }
    }

    pub(super) fn compound(&mut self, c: &Compound<'a>) -> Code {
        let gives_old = c.gives_old;
        if let Some((slot, new)) = self.int_step(c) {
            return Code::int_run(run(move |f| {
                let old = f.int(slot);
                let new = new.get(f)?;
                f.set_int(slot, new);
                Ok(if gives_old { old } else { new })
            }));
        }
        let to = self.target(&c.target);
        let current = self.place(c.current);
        let result = self.expr(&c.result).value();
        let only_if_null = c.only_if_null;
        Code::Value(run(move |f| {
            let mut operands = to.operands(f)?;
            let old = to.read(f, &mut operands)?;
            if only_if_null && !old.is_null() {
                return Ok(old);
            }
            f.set(current, old.clone());
            let new = result(f)?;
            to.write(f, &mut operands, new.clone())?;
            Ok(if gives_old { old } else { new })
        }))
    }

    /// `i++` and `i += n` on an `int` in a slot: that, and what it becomes. The operation reads its left operand first, so the old value
    /// can stay where it is.
    fn int_step(&mut self, c: &Compound<'a>) -> Option<(usize, Operand)> {
        let Kind::Local(id) = c.target.kind else { return None };
        let is_int = self.bound.locals.get(c.current).is_some_and(|l| l.ty == Type::INT && !l.captured);
        let Place::Int(slot) = self.place(id) else { return None };
        if !is_int {
            return None;
        }
        self.slots.insert(c.current, slot);
        Some((slot, self.expr(&c.result).operand()))
    }
}

impl Target {
    /// Receiver and index, evaluated once and in order.
    fn operands(&self, f: &mut Frame<'_>) -> Result<Args> {
        let mut args = Args::new();
        match self {
            Target::Local(_) | Target::Nowhere => {}
            Target::Property { parts, .. } => {
                for p in parts {
                    args.push(p(f)?);
                }
            }
            Target::Element { array, index } => {
                args.push(array(f)?);
                args.push(index(f)?);
            }
            Target::Field { inner, .. } => return inner.operands(f),
        }
        Ok(args)
    }

    fn read(&self, f: &mut Frame<'_>, operands: &mut Args) -> Result<Value> {
        match self {
            Target::Local(place) => Ok(f.get(*place)),
            Target::Property { get, types, null_check, .. } => {
                let mut args = operands.clone();
                check_first(*null_check, args.first())?;
                let get = get.ok_or_else(|| Exception::not_supported("the property cannot be read"))?;
                get(&mut Call { cx: &mut *f.cx, types, args: &mut args })
            }
            Target::Element { .. } => {
                let (array, index) =
                    (operands.first().cloned().unwrap_or_default(), operands.get(1).cloned().unwrap_or_default());
                let at = super::ranges::position(&array, &index)?;
                collections::array::get(&array, at)
            }
            Target::Field { inner, index } => {
                let whole = inner.read(f, operands)?;
                collections::tuple::item(&whole, *index).ok_or_else(Exception::null_reference)
            }
            Target::Nowhere => Ok(Value::Null),
        }
    }

    fn write(&self, f: &mut Frame<'_>, operands: &mut Args, value: Value) -> Result<()> {
        match self {
            Target::Local(place) => {
                f.set(*place, value);
                Ok(())
            }
            Target::Property { set, types, null_check, .. } => {
                let mut args = operands.clone();
                check_first(*null_check, args.first())?;
                args.push(value);
                set(&mut Call { cx: &mut *f.cx, types, args: &mut args }).map(drop)
            }
            Target::Element { .. } => {
                let (array, index) =
                    (operands.first().cloned().unwrap_or_default(), operands.get(1).cloned().unwrap_or_default());
                let at = super::ranges::position(&array, &index)?;
                collections::array::set(f.cx.types(), &array, at, value)
            }
            Target::Field { inner, index } => {
                let whole = inner.read(f, operands)?;
                let new = collections::tuple::with_item(&whole, *index, value).ok_or_else(Exception::null_reference)?;
                let new = collections::nesting::charge(&mut *f.cx, new)?;
                inner.write(f, operands, new)
            }
            Target::Nowhere => Ok(()),
        }
    }
}
