//! Calls of table members, delegates and local functions; properties.
use std::sync::Arc;

use dotnet::{Exception, MemberKind, Native, Result, Type, Value};
use smallvec::SmallVec;

use super::Lower;
use super::code::{Code, Run, run};
use super::frame::Frame;
use super::long_text::LONG;
use super::ready::{check_first, pay_for_text, ready_call};
use crate::binder::tree::{Call, Expr, Kind, Passed, Property};
use crate::fold;

/// Arguments of a call, on the stack up to this many.
pub(super) type Args = SmallVec<[Value; 6]>;

/// Gives the value of an argument before the call.
enum Load {
    Value(Run<Value>),
    /// `out`: nothing is read.
    Nothing,
}

/// Where a `ref` or `out` argument goes after the call.
type Back = Box<dyn Fn(&mut Frame<'_>, Value) -> Result<()> + Send + Sync>;

fn native_call(f: &mut Frame<'_>, native: Native, types: &[Type], args: &mut [Value]) -> Result<Value> {
    pay_for_text(&mut *f.cx, args.first())?;
    native(&mut dotnet::Call { cx: &mut *f.cx, types, args })
}

impl<'a> Lower<'_, 'a> {
    pub(super) fn call(&mut self, c: &Call<'a>) -> Code {
        if c.order.is_none()
            && let Some(code) = self.query(c)
        {
            return code;
        }
        let by_value: Option<Vec<&Expr<'a>>> =
            c.args.iter().map(|p| if let Passed::Value(e) = p { Some(e) } else { None }).collect();
        let (native, types, null_check) = (c.native, Arc::<[Type]>::from(c.types.clone()), c.null_check);
        let Some(args) = by_value.filter(|_| c.order.is_none()) else { return self.general_call(c) };
        let codes: Vec<Code> = args.iter().map(|e| self.expr(e)).collect();
        if c.member.is_pure
            && let Some(values) = constants(&codes)
            && !(null_check && values.first().is_some_and(Value::is_null))
            && let Some(v) = fold::call(self.table, &c.member, &c.types, values)
        {
            // Not interned: a text that a call makes is an object of its own.
            return Code::Const(v);
        }
        let codes = match ready_call(c.member.prepare, &c.types, null_check, codes) {
            Ok(code) => return code,
            Err(codes) => codes,
        };
        let is_bool = c.member.ret == Type::BOOL && c.member.kind != MemberKind::Constructor;
        let runs: Vec<Run<Value>> = codes.into_iter().map(Code::value).collect();
        let value = fixed_call(native, types, null_check, runs);
        if is_bool { Code::Bool(Code::Value(value).bool()) } else { Code::Value(value) }
    }

    /// Calls with `ref` and `out` arguments or a changed order of evaluation.
    fn general_call(&mut self, c: &Call<'a>) -> Code {
        let (native, types, null_check) = (c.native, c.types.clone(), c.null_check);
        let (loads, backs) = self.loads(&c.args);
        let order = order_of(&loads, c.order.as_deref());
        Code::Value(run(move |f| {
            let mut args = load_all(f, &loads, &order)?;
            check_first(null_check, args.first())?;
            let result = native_call(f, native, &types, &mut args);
            write_back(f, &backs, &mut args)?;
            result
        }))
    }

    fn loads(&mut self, args: &[Passed<'a>]) -> (Vec<Load>, Vec<(usize, Back)>) {
        let (mut loads, mut backs) = (Vec::new(), Vec::new());
        for (i, a) in args.iter().enumerate() {
            match a {
                Passed::Value(e) => loads.push(Load::Value(self.expr(e).value())),
                Passed::Out(None) => loads.push(Load::Nothing),
                Passed::Out(Some(e)) => {
                    // The place of an element is found before the call.
                    let is_element = matches!(e.kind, Kind::Element { .. });
                    loads.push(if is_element { Load::Value(self.expr(e).value()) } else { Load::Nothing });
                    backs.push((i, self.write_to(e)));
                }
                Passed::Ref(e) => {
                    loads.push(Load::Value(self.expr(e).value()));
                    backs.push((i, self.write_to(e)));
                }
            }
        }
        (loads, backs)
    }

    /// Code that writes a value to a variable or array element.
    fn write_to(&mut self, e: &Expr<'a>) -> Back {
        match &e.kind {
            Kind::Local(id) => {
                let place = self.place(*id);
                Box::new(move |f, v| {
                    f.set(place, v);
                    Ok(())
                })
            }
            Kind::Element { array, index } => {
                let (array, index) = (self.expr(held(array)).value(), self.expr(held(index)).value());
                Box::new(move |f, v| {
                    let a = array(f)?;
                    let i = super::ranges::position(&a, &index(f)?)?;
                    dotnet::collections::array::set(f.cx.types(), &a, i, v)
                })
            }
            _ => Box::new(|_, _| Ok(())),
        }
    }

    // === delegates and local functions ===

    pub(super) fn invoke(&mut self, target: &Expr<'a>, args: &[Passed<'a>]) -> Code {
        let target = self.expr(target).value();
        let (loads, backs) = self.loads(args);
        let order = order_of(&loads, None);
        Code::Value(run(move |f| {
            let callee = target(f)?;
            let mut args = load_all(f, &loads, &order)?;
            let Value::Func(callee) = callee else { return Err(Exception::null_reference()) };
            let result = callee.call(&mut *f.cx, &mut args)?;
            write_back(f, &backs, &mut args)?;
            Ok(result)
        }))
    }

    pub(super) fn call_local(&mut self, function: usize, args: &[Passed<'a>], order: Option<&[usize]>) -> Code {
        let (loads, backs) = self.loads(args);
        let order = order_of(&loads, order);
        let Some((id, number)) = self.local_function(function) else { return Code::Const(Value::Null) };
        let captures = self.captures_for(id);
        Code::Value(run(move |f| {
            let mut args = load_all(f, &loads, &order)?;
            let cells = f.capture(&captures);
            let result = super::closure::invoke(&mut *f.cx, f.image, f.registry, number, &cells, &mut args)?;
            write_back(f, &backs, &mut args)?;
            Ok(result)
        }))
    }

    // === properties ===

    pub(super) fn property(&mut self, p: &Property<'a>) -> Code {
        let Some(native) = p.member.native else {
            let name = p.member.name.clone();
            return Code::Value(run(move |_| Err(Exception::not_supported(format!("`{name}` cannot be read")))));
        };
        let mut codes: Vec<Code> = p.receiver.iter().map(|r| self.expr(r)).collect();
        if let (Some(receiver), [code], "Length") = (&p.receiver, codes.as_slice(), &*p.member.name)
            && code.constant().is_none()
            && has_length(&receiver.ty)
            && let Some(code) = codes.pop()
        {
            // By looking at it where it is.
            return Code::int_run(match (&receiver.ty, code) {
                (Type::Array(_), code) => code.look(|_, v| dotnet::collections::array::len(v).map(int_of)),
                (_, Code::Slot(n)) => run(move |f| match f.slot(n) {
                    Value::Str(s) if s.len() < LONG => Ok(int_of(dotnet::utf16::len(s))),
                    other => {
                        let text = other.clone();
                        f.text_length(&text).map(int_of)
                    }
                }),
                (_, code) => {
                    let text = code.value();
                    run(move |f| match text(f) {
                        Ok(ref v) => f.text_length(v).map(int_of),
                        Err(e) => Err(e),
                    })
                }
            });
        }
        codes.extend(p.args.iter().map(|e| self.expr(e)));
        if p.member.is_pure
            && let Some(values) = constants(&codes)
            && !(p.null_check && values.first().is_some_and(Value::is_null))
            && let Some(v) = fold::call(self.table, &p.member, &p.types, values)
        {
            // Not interned: a text that a call makes is an object of its own.
            return Code::Const(v);
        }
        let codes = match ready_call(p.member.prepare, &p.types, p.null_check, codes) {
            Ok(code) => return code,
            Err(codes) => codes,
        };
        let runs = codes.into_iter().map(Code::value).collect();
        Code::Value(fixed_call(native, p.types.clone().into(), p.null_check, runs))
    }

    /// The parts of a property or indexer as assignment target: receiver and arguments.
    pub(super) fn property_parts(&mut self, p: &Property<'a>) -> Vec<Run<Value>> {
        let mut runs: Vec<Run<Value>> = p.receiver.iter().map(|r| self.expr(r).value()).collect();
        runs.extend(p.args.iter().map(|e| self.expr(e).value()));
        runs
    }
}

/// The local that an operand was put into when it was first evaluated.
fn held<'e, 'a>(e: &'e Expr<'a>) -> &'e Expr<'a> {
    match &e.kind {
        Kind::Let { local, body, .. } if matches!(body.kind, Kind::Local(id) if id == *local) => body,
        _ => e,
    }
}

/// A text or an array.
fn has_length(ty: &Type) -> bool {
    matches!(*ty, Type::STRING | Type::Array(_))
}

fn int_of(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// Calls with arguments by value in order: arrays of fixed size for the common counts.
fn fixed_call(native: Native, types: Arc<[Type]>, null_check: bool, runs: Vec<Run<Value>>) -> Run<Value> {
    let check = move |args: &[Value]| check_first(null_check, args.first());
    let runs = match <[Run<Value>; 0]>::try_from(runs) {
        Ok([]) => return run(move |f| native_call(f, native, &types, &mut [])),
        Err(runs) => runs,
    };
    let runs = match <[Run<Value>; 1]>::try_from(runs) {
        Ok([a]) => {
            return run(move |f| {
                // Used where it lies: see `ready`.
                let mut given = a(f);
                match &mut given {
                    Ok(v) => {
                        let args = std::slice::from_mut(v);
                        check(args)?;
                        native_call(f, native, &types, args)
                    }
                    Err(_) => given,
                }
            });
        }
        Err(runs) => runs,
    };
    let runs = match <[Run<Value>; 2]>::try_from(runs) {
        Ok([a, b]) => {
            return run(move |f| {
                let mut args = [a(f)?, b(f)?];
                check(&args)?;
                native_call(f, native, &types, &mut args)
            });
        }
        Err(runs) => runs,
    };
    let runs = match <[Run<Value>; 3]>::try_from(runs) {
        Ok([a, b, c]) => {
            return run(move |f| {
                let mut args = [a(f)?, b(f)?, c(f)?];
                check(&args)?;
                native_call(f, native, &types, &mut args)
            });
        }
        Err(runs) => runs,
    };
    run(move |f| {
        let mut args = Args::new();
        for r in &runs {
            args.push(r(f)?);
        }
        check(&args)?;
        native_call(f, native, &types, &mut args)
    })
}

fn constants(codes: &[Code]) -> Option<Vec<Value>> {
    codes.iter().map(|c| c.constant().cloned()).collect()
}

fn order_of(loads: &[Load], order: Option<&[usize]>) -> Vec<usize> {
    order.map_or_else(|| (0..loads.len()).collect(), <[usize]>::to_vec)
}

fn load_all(f: &mut Frame<'_>, loads: &[Load], order: &[usize]) -> Result<Args> {
    let mut args: Args = smallvec::smallvec![Value::Null; loads.len()];
    for n in order {
        if let (Some(Load::Value(load)), Some(slot)) = (loads.get(*n), args.get_mut(*n)) {
            *slot = load(f)?;
        }
    }
    Ok(args)
}

fn write_back(f: &mut Frame<'_>, backs: &[(usize, Back)], args: &mut [Value]) -> Result<()> {
    for (n, back) in backs {
        let v = args.get_mut(*n).map(std::mem::take).unwrap_or_default();
        back(f, v)?;
    }
    Ok(())
}
