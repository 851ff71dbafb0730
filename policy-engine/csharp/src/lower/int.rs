//! Arithmetic and comparison on `int`. The closures are made for the shapes of their operands, so that locals and constants cost no call.
use dotnet::Result;

use super::code::{Run, run};
use super::frame::Frame;
use crate::ast::BinaryOp;
use crate::numeric;

/// Code that cannot fail and changes nothing.
type Sure = Box<dyn Fn(&Frame<'_>) -> i32 + Send + Sync>;

/// Operand of an operation on `int`.
pub(crate) enum Operand {
    Slot(usize),
    Const(i32),
    Sure(Sure),
    Code(Run<i32>),
}

impl Operand {
    #[inline]
    pub(crate) fn get(&self, f: &mut Frame<'_>) -> Result<i32> {
        match self {
            Operand::Slot(n) => Ok(f.int(*n)),
            Operand::Const(n) => Ok(*n),
            Operand::Sure(sure) => Ok(sure(f)),
            Operand::Code(run) => run(f),
        }
    }

    /// Code that gives it.
    pub(crate) fn run(self) -> Run<i32> {
        match self {
            Operand::Slot(n) => run(move |f| Ok(f.int(n))),
            Operand::Const(n) => run(move |_| Ok(n)),
            Operand::Sure(sure) => run(move |f| Ok(sure(f))),
            Operand::Code(run) => run,
        }
    }
}

/// `left op right`.
pub(super) fn arithmetic(op: BinaryOp, checked: bool, left: Operand, right: Operand) -> Operand {
    let is_positive = matches!(right, Operand::Const(c) if c > 0);
    match op {
        BinaryOp::Add if !checked => total(left, right, i32::wrapping_add),
        BinaryOp::Subtract if !checked => total(left, right, i32::wrapping_sub),
        BinaryOp::Multiply if !checked => total(left, right, i32::wrapping_mul),
        // By a positive constant, which cannot fail.
        BinaryOp::Divide if is_positive => total(left, right, i32::wrapping_div),
        BinaryOp::Remainder if is_positive => total(left, right, i32::wrapping_rem),
        op => Operand::Code(shaped(left, right, move |a, b| numeric::int(op, a, b, checked))),
    }
}

/// Code that compares.
pub(super) fn compare(op: BinaryOp, left: Operand, right: Operand) -> Run<bool> {
    match op {
        BinaryOp::Equal => shaped(left, right, |a, b| Ok(a == b)),
        BinaryOp::NotEqual => shaped(left, right, |a, b| Ok(a != b)),
        BinaryOp::Less => shaped(left, right, |a, b| Ok(a < b)),
        BinaryOp::LessOrEqual => shaped(left, right, |a, b| Ok(a <= b)),
        BinaryOp::Greater => shaped(left, right, |a, b| Ok(a > b)),
        _ => shaped(left, right, |a, b| Ok(a >= b)),
    }
}

/// An operation that cannot fail itself.
fn total(left: Operand, right: Operand, op: impl Fn(i32, i32) -> i32 + Copy + Send + Sync + 'static) -> Operand {
    let sure: Sure = match (left, right) {
        (Operand::Slot(a), Operand::Const(b)) => Box::new(move |f| op(f.int(a), b)),
        (Operand::Slot(a), Operand::Slot(b)) => Box::new(move |f| op(f.int(a), f.int(b))),
        (Operand::Slot(a), Operand::Sure(b)) => Box::new(move |f| op(f.int(a), b(f))),
        (Operand::Const(a), Operand::Slot(b)) => Box::new(move |f| op(a, f.int(b))),
        (Operand::Const(a), Operand::Sure(b)) => Box::new(move |f| op(a, b(f))),
        (Operand::Sure(a), Operand::Const(b)) => Box::new(move |f| op(a(f), b)),
        (Operand::Sure(a), Operand::Slot(b)) => Box::new(move |f| op(a(f), f.int(b))),
        (Operand::Sure(a), Operand::Sure(b)) => Box::new(move |f| op(a(f), b(f))),
        (left, right) => return Operand::Code(shaped(left, right, move |a, b| Ok(op(a, b)))),
    };
    Operand::Sure(sure)
}

/// The left operand is read before the right one is computed, as that may change it.
fn shaped<T: 'static>(
    left: Operand,
    right: Operand,
    op: impl Fn(i32, i32) -> Result<T> + Copy + Send + Sync + 'static,
) -> Run<T> {
    match (left, right) {
        (Operand::Slot(a), Operand::Const(b)) => run(move |f| op(f.int(a), b)),
        (Operand::Slot(a), Operand::Slot(b)) => run(move |f| op(f.int(a), f.int(b))),
        (Operand::Slot(a), Operand::Code(b)) => run(move |f| {
            let a = f.int(a);
            op(a, b(f)?)
        }),
        (Operand::Code(a), Operand::Const(b)) => run(move |f| op(a(f)?, b)),
        (Operand::Code(a), Operand::Slot(b)) => run(move |f| op(a(f)?, f.int(b))),
        (a, b) => run(move |f| {
            let a = a.get(f)?;
            op(a, b.get(f)?)
        }),
    }
}
