//! Arithmetic: typed closures for `int`, `long`, `double` and `bool`, values for the rest, null-aware where lifted.
use dotnet::{Type, Value};

use super::Lower;
use super::code::{Code, run};
use super::int;
use crate::ast::BinaryOp;
use crate::binder::tree::{Binary, Expr, Kind, Num, Operands};
use crate::{fold, numeric};

impl<'a> Lower<'_, 'a> {
    /// Left chains are long, so they are lowered along the spine.
    pub(super) fn binary(&mut self, first: &Binary<'a>, ty: &Type) -> Code {
        let mut spine = vec![(first, ty)];
        let mut at = first;
        while let Kind::Binary(inner) = &at.left.kind {
            spine.push((inner, &at.left.ty));
            at = inner;
        }
        let mut left = self.expr(&at.left);
        while let Some((b, ty)) = spine.pop() {
            let right = self.expr(&b.right);
            left = self.operation(b, left, right, ty);
        }
        left
    }

    fn operation(&mut self, b: &Binary<'a>, left: Code, right: Code, ty: &Type) -> Code {
        if b.lifted {
            return lifted(b, left, right, ty);
        }
        if let (Some(x), Some(y), Operands::Number(num)) = (left.constant(), right.constant(), b.operands)
            && let Ok(v) = numeric::binary(b.op, num, x, y, b.checked)
        {
            return Code::Const(v);
        }
        match b.operands {
            Operands::Number(num) => numbers(b.op, num, b.checked, left, right, &b.right),
            Operands::Bool => bools(b.op, left, right),
            Operands::Text => super::compare::texts(b.op, left, right),
            Operands::Reference => super::compare::references(b.op, left, right),
            Operands::Value => super::compare::values(b.op, left, right),
            Operands::Delegate => {
                let (l, r, ty, add) = (left.value(), right.value(), ty.clone(), b.op == BinaryOp::Add);
                Code::Value(run(move |f| {
                    let a = l(f)?;
                    let b = r(f)?;
                    f.cx.charge_steps(1)?;
                    if add {
                        super::multicast::combine(&mut *f.cx, &a, &b, &ty)
                    } else {
                        Ok(super::multicast::remove(&a, &b, &ty))
                    }
                }))
            }
            Operands::Enum => {
                let (l, r, op, ty, checked) = (left.value(), right.value(), b.op, ty.clone(), b.checked);
                Code::Value(run(move |f| {
                    let l = l(f)?;
                    fold::enums(op, &l, &r(f)?, &ty, checked)
                }))
            }
        }
    }

    pub(super) fn negate(&mut self, num: Num, checked: bool, is_lifted: bool, operand: &Expr<'a>) -> Code {
        let code = self.expr(operand);
        if num == Num::Int && !checked && !is_lifted {
            let f = code.int();
            return Code::int_run(run(move |fr| f(fr).map(i32::wrapping_neg)));
        }
        let f = code.value();
        Code::Value(run(move |fr| {
            let v = f(fr)?;
            if is_lifted && v.is_null() { Ok(v) } else { numeric::negate(&v, checked) }
        }))
    }

    pub(super) fn complement(&mut self, is_lifted: bool, operand: &Expr<'a>) -> Code {
        let f = self.expr(operand).value();
        Code::Value(run(move |fr| {
            let v = f(fr)?;
            if is_lifted && v.is_null() { Ok(v) } else { numeric::complement(&v) }
        }))
    }

    pub(super) fn not(&mut self, is_lifted: bool, operand: &Expr<'a>) -> Code {
        let code = self.expr(operand);
        if !is_lifted {
            if let Some(Value::Bool(b)) = code.constant() {
                return Code::Const(Value::Bool(!b));
            }
            let f = code.bool();
            return Code::Bool(run(move |fr| f(fr).map(|b| !b)));
        }
        let f = code.value();
        Code::Value(run(move |fr| {
            Ok(match f(fr)? {
                Value::Bool(b) => Value::Bool(!b),
                other => other,
            })
        }))
    }
}

fn bools(op: BinaryOp, left: Code, right: Code) -> Code {
    let (l, r) = (left.bool(), right.bool());
    Code::Bool(match op {
        BinaryOp::BitAnd => run(move |f| Ok(l(f)? & r(f)?)),
        BinaryOp::BitOr => run(move |f| Ok(l(f)? | r(f)?)),
        BinaryOp::Equal => run(move |f| Ok(l(f)? == r(f)?)),
        _ => run(move |f| Ok(l(f)? ^ r(f)?)),
    })
}

fn numbers(op: BinaryOp, num: Num, checked: bool, left: Code, right: Code, right_expr: &Expr<'_>) -> Code {
    let shift = matches!(op, BinaryOp::ShiftLeft | BinaryOp::ShiftRight | BinaryOp::UnsignedShiftRight);
    let compares = crate::binder::is_comparison(op);
    match num {
        Num::Int => {
            let (l, r) = (left.operand(), right.operand());
            if compares { Code::Bool(int::compare(op, l, r)) } else { Code::Int(int::arithmetic(op, checked, l, r)) }
        }
        Num::Long if shift => {
            let (l, r) = (left.long(), right.int());
            Code::Long(run(move |f| {
                let a = l(f)?;
                numeric::long(op, a, i64::from(r(f)?), checked)
            }))
        }
        Num::Long => {
            let (l, r) = (left.long(), right.long());
            if compares {
                Code::Bool(run(move |f| {
                    let a = l(f)?;
                    Ok(numeric::ordered(op, Some(a.cmp(&r(f)?))))
                }))
            } else {
                Code::Long(run(move |f| {
                    let a = l(f)?;
                    numeric::long(op, a, r(f)?, checked)
                }))
            }
        }
        Num::Double => {
            let (l, r) = (left.double(), right.double());
            if compares {
                Code::Bool(run(move |f| {
                    let a = l(f)?;
                    Ok(numeric::ordered(op, a.partial_cmp(&r(f)?)))
                }))
            } else {
                Code::Double(run(move |f| {
                    let a = l(f)?;
                    Ok(numeric::double(op, a, r(f)?))
                }))
            }
        }
        _ => {
            let _ = right_expr;
            let (l, r) = (left.value(), right.value());
            if compares {
                Code::Bool(run(move |f| {
                    let a = l(f)?;
                    Ok(numeric::compare(op, &a, &r(f)?))
                }))
            } else {
                Code::Value(run(move |f| {
                    let a = l(f)?;
                    numeric::binary(op, num, &a, &r(f)?, checked)
                }))
            }
        }
    }
}

/// Operands that may be null (12.4.8).
fn lifted(b: &Binary<'_>, left: Code, right: Code, ty: &Type) -> Code {
    let (l, r, op, operands, checked) = (left.value(), right.value(), b.op, b.operands, b.checked);
    let compares = crate::binder::is_comparison(op);
    if compares {
        return Code::Bool(run(move |f| {
            let (a, b) = (l(f)?, r(f)?);
            Ok(match (op, a.is_null(), b.is_null()) {
                (BinaryOp::Equal, true, true) => true,
                (BinaryOp::NotEqual, true, true) => false,
                (BinaryOp::NotEqual, true, false) | (BinaryOp::NotEqual, false, true) => true,
                (_, true, _) | (_, _, true) => false,
                _ => compare_present(op, operands, &a, &b),
            })
        }));
    }
    let result = ty.clone();
    Code::Value(run(move |f| {
        let (a, b) = (l(f)?, r(f)?);
        if operands == Operands::Bool {
            return Ok(three_valued(op, &a, &b));
        }
        if a.is_null() || b.is_null() {
            return Ok(Value::Null);
        }
        match operands {
            Operands::Number(num) => numeric::binary(op, num, &a, &b, checked),
            _ => fold::enums(op, &a, &b, &result, checked),
        }
    }))
}

fn compare_present(op: BinaryOp, operands: Operands, a: &Value, b: &Value) -> bool {
    match operands {
        Operands::Number(_) | Operands::Enum => numeric::compare(op, a, b),
        _ => dotnet::object::equals(a, b) == (op == BinaryOp::Equal),
    }
}

/// `&` and `|` of `bool?`: false wins over null for `&`, true for `|`.
fn three_valued(op: BinaryOp, a: &Value, b: &Value) -> Value {
    match (op, a, b) {
        (BinaryOp::BitAnd, Value::Bool(false), _) | (BinaryOp::BitAnd, _, Value::Bool(false)) => Value::Bool(false),
        (BinaryOp::BitOr, Value::Bool(true), _) | (BinaryOp::BitOr, _, Value::Bool(true)) => Value::Bool(true),
        (_, Value::Bool(x), Value::Bool(y)) => Value::Bool(match op {
            BinaryOp::BitAnd => x & y,
            BinaryOp::BitOr => x | y,
            _ => x ^ y,
        }),
        _ => Value::Null,
    }
}
