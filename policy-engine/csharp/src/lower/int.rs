//! Arithmetic on `int`: what is computed left to right from locals and constants needs no call in between.
use dotnet::Result;

use super::code::{Run, run};
use super::frame::Frame;
use crate::ast::BinaryOp;
use crate::numeric;

/// Operand of an operation on `int`.
pub(crate) enum Operand {
    Slot(usize),
    Const(i32),
    Chain(Chain),
    Code(Run<i32>),
}

impl Operand {
    #[inline]
    pub(crate) fn get(&self, f: &mut Frame<'_>) -> Result<i32> {
        match self {
            Operand::Slot(n) => Ok(f.int(*n)),
            Operand::Const(n) => Ok(*n),
            Operand::Chain(chain) => chain.get(f),
            Operand::Code(run) => run(f),
        }
    }

    /// Code that gives it.
    pub(crate) fn run(self) -> Run<i32> {
        match self {
            Operand::Slot(n) => run(move |f| Ok(f.int(n))),
            Operand::Const(n) => run(move |_| Ok(n)),
            Operand::Chain(chain) => run(move |f| chain.get(f)),
            Operand::Code(run) => run,
        }
    }

    /// `self op right`.
    pub(crate) fn then(self, op: BinaryOp, checked: bool, right: Operand) -> Operand {
        let step = Step { operation: Operation::of(op, checked, &right), right };
        Operand::Chain(match self {
            Operand::Chain(mut chain) => {
                chain.steps.push(step);
                chain
            }
            first => Chain { first: Box::new(first), steps: vec![step] },
        })
    }
}

/// Operations from left to right.
pub(crate) struct Chain {
    first: Box<Operand>,
    steps: Vec<Step>,
}

struct Step {
    operation: Operation,
    right: Operand,
}

enum Operation {
    Add,
    Subtract,
    Multiply,
    /// By a positive constant, which cannot fail.
    Divide,
    Remainder,
    Other(BinaryOp, bool),
}

impl Operation {
    fn of(op: BinaryOp, checked: bool, right: &Operand) -> Operation {
        let positive = matches!(right, Operand::Const(c) if *c > 0);
        match op {
            BinaryOp::Add if !checked => Operation::Add,
            BinaryOp::Subtract if !checked => Operation::Subtract,
            BinaryOp::Multiply if !checked => Operation::Multiply,
            BinaryOp::Divide if positive => Operation::Divide,
            BinaryOp::Remainder if positive => Operation::Remainder,
            other => Operation::Other(other, checked),
        }
    }
}

impl Chain {
    #[inline]
    fn get(&self, f: &mut Frame<'_>) -> Result<i32> {
        let mut value = self.first.get(f)?;
        for step in &self.steps {
            let right = match &step.right {
                Operand::Slot(n) => f.int(*n),
                Operand::Const(n) => *n,
                other => other.get(f)?,
            };
            value = match step.operation {
                Operation::Add => value.wrapping_add(right),
                Operation::Subtract => value.wrapping_sub(right),
                Operation::Multiply => value.wrapping_mul(right),
                Operation::Divide => value.wrapping_div(right),
                Operation::Remainder => value.wrapping_rem(right),
                Operation::Other(op, checked) => numeric::int(op, value, right, checked)?,
            };
        }
        Ok(value)
    }
}

/// Code that compares.
pub(super) fn compare(op: BinaryOp, l: Operand, r: Operand) -> Run<bool> {
    match op {
        BinaryOp::Equal => run(move |f| Ok(l.get(f)? == r.get(f)?)),
        BinaryOp::NotEqual => run(move |f| Ok(l.get(f)? != r.get(f)?)),
        BinaryOp::Less => run(move |f| Ok(l.get(f)? < r.get(f)?)),
        BinaryOp::LessOrEqual => run(move |f| Ok(l.get(f)? <= r.get(f)?)),
        BinaryOp::Greater => run(move |f| Ok(l.get(f)? > r.get(f)?)),
        _ => run(move |f| Ok(l.get(f)? >= r.get(f)?)),
    }
}
