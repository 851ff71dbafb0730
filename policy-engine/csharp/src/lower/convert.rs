//! Conversions at run time.
use dotnet::{Ambient, Call, Exception, Result, Type, TypeId, Value, ids};

use super::Lower;
use super::code::{Code, run};
use super::frame::Frame;
use crate::binder::conversion::{Conv, UserConv};
use crate::binder::tree::Expr;
use crate::{fold, numeric, typing};

/// A conversion of one value.
type Step = Box<dyn Fn(&mut Frame<'_>, Value) -> Result<Value> + Send + Sync>;

impl<'a> Lower<'_, 'a> {
    pub(super) fn convert(&mut self, operand: &Expr<'a>, conv: &Conv, checked: bool, to: &Type) -> Code {
        let code = self.expr(operand);
        match conv {
            Conv::Same => code,
            Conv::Number(id) => self.number(code, &operand.ty, *id, checked),
            Conv::Cast(ty) if self.is_plain_reference(ty) => Code::Cast(code.value(), ty.clone()),
            _ => {
                if let (Some(v), Conv::User(u)) = (code.constant(), conv)
                    && let Some(folded) = self.fold_user(v, u)
                {
                    return Code::Const(folded);
                }
                let step = step(conv, checked, to);
                let f = code.value();
                Code::Value(run(move |fr| {
                    let v = f(fr)?;
                    step(fr, v)
                }))
            }
        }
    }

    /// A type whose casts change nothing: no box is opened.
    fn is_plain_reference(&self, ty: &Type) -> bool {
        ty.nullable_of().is_none() && !self.table.is_value_type(ty)
    }

    fn fold_user(&mut self, v: &Value, u: &UserConv) -> Option<Value> {
        if !matches!((&u.before, &u.after), (Conv::Same, Conv::Same)) {
            return None;
        }
        fold::call(self.table, &u.member, &u.types, vec![v.clone()])
    }

    fn number(&mut self, code: Code, from: &Type, to: TypeId, checked: bool) -> Code {
        if let Some(v) = code.constant()
            && let Ok(v) = numeric::convert(v, to, checked)
        {
            return Code::Const(v);
        }
        match (from, to) {
            (&Type::INT, ids::INT64) => {
                let f = code.int();
                Code::Long(run(move |fr| f(fr).map(i64::from)))
            }
            (&Type::INT, ids::DOUBLE) => {
                let f = code.int();
                Code::Double(run(move |fr| f(fr).map(f64::from)))
            }
            (&Type::CHAR, ids::INT32) => Code::int_run(code.look(|_, v| match v {
                Value::Char(c) => Ok(i32::from(*c)),
                other => Err(Exception::invalid_cast(&other.net_type(), &Type::CHAR)),
            })),
            _ => {
                let f = code.value();
                Code::Value(run(move |fr| numeric::convert(&f(fr)?, to, checked)))
            }
        }
    }

    /// `e is T`
    pub(super) fn is_type(&mut self, operand: &Expr<'a>, ty: &Type) -> Code {
        let ty = ty.clone();
        Code::Bool(self.expr(operand).look(move |cx, v| Ok(typing::is_instance(cx.types(), v, &ty))))
    }

    /// `e as T`
    pub(super) fn as_type(&mut self, operand: &Expr<'a>, ty: &Type) -> Code {
        let f = self.expr(operand).value();
        let ty = ty.clone();
        Code::Value(run(move |fr| {
            let v = f(fr)?;
            Ok(if typing::is_instance(fr.cx.types(), &v, &ty) { v } else { Value::Null })
        }))
    }
}

/// The conversion as a function on values.
pub(super) fn step(conv: &Conv, checked: bool, to: &Type) -> Step {
    match conv {
        Conv::Same => Box::new(|_, v| Ok(v)),
        Conv::Number(id) => {
            let id = *id;
            Box::new(move |_, v| numeric::convert(&v, id, checked))
        }
        Conv::Lifted(inner) => {
            let inner = step(inner, checked, to.nullable_of().unwrap_or(to));
            Box::new(move |fr, v| if v.is_null() { Ok(v) } else { inner(fr, v) })
        }
        Conv::Unwrap(inner) => {
            let inner = step(inner, checked, to);
            Box::new(move |fr, v| if v.is_null() { Err(no_value()) } else { inner(fr, v) })
        }
        Conv::Cast(ty) => {
            let ty = ty.clone();
            Box::new(move |fr, v| cast(fr, v, &ty))
        }
        Conv::Tuple(convs) => tuple(convs, checked, to),
        Conv::User(u) => user(u, checked, to),
    }
}

/// Is the value, unless null, of this reference type?
pub(super) fn check_cast(cx: &mut dyn Ambient, v: &Value, ty: &Type) -> Result<()> {
    if v.is_null() || typing::is_instance(cx.types(), v, ty) {
        Ok(())
    } else {
        Err(Exception::invalid_cast(&v.net_type(), ty))
    }
}

/// `(T)value` for references and boxed values.
pub(super) fn cast(fr: &mut Frame<'_>, v: Value, ty: &Type) -> Result<Value> {
    if v.is_null() {
        let table = fr.cx.types();
        return if table.is_value_type(ty) { Err(Exception::null_reference()) } else { Ok(v) };
    }
    if typing::is_instance(fr.cx.types(), &v, ty) {
        return Ok(v);
    }
    // A boxed enum and its number unbox to each other.
    match (&v, ty.nullable_of().unwrap_or(ty)) {
        (Value::Enum(_, n), &Type::INT) => return Ok(Value::Int32(*n)),
        (Value::Int32(n), Type::Simple(id)) if is_enum(fr, *id) => return Ok(Value::Enum(*id, *n)),
        _ => {}
    }
    Err(Exception::invalid_cast(&v.net_type(), ty.nullable_of().unwrap_or(ty)))
}

fn is_enum(fr: &Frame<'_>, id: TypeId) -> bool {
    fr.cx.types().get(id).is_some_and(|d| matches!(d.kind, dotnet::TypeKind::Enum { .. }))
}

/// What `Nullable<T>.Value` throws.
pub(super) fn no_value() -> Exception {
    Exception::invalid_operation("Nullable object must have a value.")
}

fn tuple(convs: &[Conv], checked: bool, to: &Type) -> Step {
    let Type::Tuple(ty) = to.nullable_of().unwrap_or(to) else { return Box::new(|_, v| Ok(v)) };
    let steps: Vec<Step> = convs.iter().zip(&ty.items).map(|(c, t)| step(c, checked, t)).collect();
    let ty = ty.clone();
    Box::new(move |fr, v| {
        let Some(items) = dotnet::collections::tuple::items(&v) else { return Ok(v) };
        let mut out = Vec::with_capacity(items.len());
        for (item, step) in items.iter().zip(&steps) {
            out.push(step(fr, item.clone())?);
        }
        dotnet::collections::nesting::charge(&mut *fr.cx, dotnet::collections::tuple::of_type(ty.clone(), out))
    })
}

fn user(u: &UserConv, checked: bool, to: &Type) -> Step {
    let param = u.member.params.first().map_or(Type::OBJECT, |p| p.ty.substitute(&u.types, &[]));
    let (before, after) = (step(&u.before, checked, &param), step(&u.after, checked, to));
    let (native, types, null_stays) = (u.native, u.types.clone(), u.null_stays);
    Box::new(move |fr, v| {
        if null_stays && v.is_null() {
            return Ok(v);
        }
        let mut args = [before(fr, v)?];
        let result = native(&mut Call { cx: &mut *fr.cx, types: &types, args: &mut args })?;
        after(fr, result)
    })
}
