//! Equality of texts, references and composed values.
use dotnet::Value;

use super::code::{Code, run};
use crate::ast::BinaryOp;

fn same_text(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Str(a), Value::Str(b)) => a == b,
        (Value::Null, Value::Null) => true,
        _ => false,
    }
}

/// `string == string`
pub(super) fn texts(op: BinaryOp, left: Code, right: Code) -> Code {
    let wanted = op == BinaryOp::Equal;
    if let (Some(a), Some(b)) = (left.constant(), right.constant()) {
        return Code::Const(Value::Bool(same_text(a, b) == wanted));
    }
    Code::Bool(match (left, right) {
        // Compared in place: no counting of references.
        (l, Code::Const(c)) | (Code::Const(c), l) => l.look(move |_, v| Ok(same_text(v, &c) == wanted)),
        (Code::Slot(a), Code::Slot(b)) => run(move |f| Ok(same_text(f.slot(a), f.slot(b)) == wanted)),
        (l, r) => {
            let (l, r) = (l.value(), r.value());
            run(move |f| {
                let a = l(f)?;
                Ok(same_text(&a, &r(f)?) == wanted)
            })
        }
    })
}

/// Are they one object? Texts are told apart by allocation (literals are interned, empty texts are always one), boxed values never are one.
pub(super) fn same_reference(a: &Value, b: &Value) -> bool {
    dotnet::object::same_reference(a, b)
}

/// `object == object`
pub(super) fn references(op: BinaryOp, left: Code, right: Code) -> Code {
    let wanted = op == BinaryOp::Equal;
    match (left, right) {
        (l, Code::Const(Value::Null)) | (Code::Const(Value::Null), l) => {
            Code::Bool(l.look(move |_, v| Ok(v.is_null() == wanted)))
        }
        (l, r) => {
            let (l, r) = (l.value(), r.value());
            Code::Bool(run(move |f| {
                let a = l(f)?;
                Ok(same_reference(&a, &r(f)?) == wanted)
            }))
        }
    }
}

/// Equality of run-time type and value.
pub(super) fn values(op: BinaryOp, left: Code, right: Code) -> Code {
    let (wanted, l, r) = (op == BinaryOp::Equal, left.value(), right.value());
    Code::Bool(run(move |f| {
        let a = l(f)?;
        let b = r(f)?;
        // Tuples compare item by item whatever their static types are.
        let same = match (dotnet::collections::tuple::items(&a), dotnet::collections::tuple::items(&b)) {
            (Some(x), Some(y)) => x.len() == y.len() && x.iter().zip(y).all(|(a, b)| loosely(a, b)),
            _ => dotnet::object::equals(&a, &b),
        };
        Ok(same == wanted)
    }))
}

/// Numbers of different types inside tuples compare by value.
fn loosely(a: &Value, b: &Value) -> bool {
    match (crate::numeric::integer(a), crate::numeric::integer(b)) {
        (Some(x), Some(y)) => x == y,
        _ => dotnet::object::equals(a, b),
    }
}
