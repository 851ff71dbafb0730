//! Computes at compile time what cannot depend on anything: pure members over constants, enum arithmetic.
use std::any::Any;

use dotnet::{Ambient, Call, Exception, Member, Native, Result, Type, TypeTable, Value};

use crate::ast::BinaryOp;
use crate::numeric;

/// Most work that folding one member may do; more is left to run time, where limits are the caller's.
const MAX_STEPS: u64 = 100_000;
const MAX_BYTES: usize = 1 << 20;

/// Surroundings of a computation at compile time: no time, no chance, no host.
pub(crate) struct Nothing<'t> {
    table: &'t TypeTable,
    steps: u64,
    bytes: usize,
    /// Time was asked for: the answer depends on something after all.
    asked: bool,
}

impl<'t> Nothing<'t> {
    pub(crate) fn new(table: &'t TypeTable) -> Self {
        Nothing { table, steps: 0, bytes: 0, asked: false }
    }
}

impl Ambient for Nothing<'_> {
    fn utc_now_ticks(&mut self) -> i64 {
        self.asked = true;
        0
    }
    fn random_u64(&mut self) -> u64 {
        0
    }
    fn charge_steps(&mut self, steps: u64) -> Result<()> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > MAX_STEPS { Err(Exception::limit("too much work for compile time")) } else { Ok(()) }
    }
    fn note_steps(&mut self, steps: u64) {
        self.steps = self.steps.saturating_add(steps);
    }
    fn charge_bytes(&mut self, bytes: usize) -> Result<()> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > MAX_BYTES { Err(Exception::limit("too much memory for compile time")) } else { Ok(()) }
    }
    fn enter(&mut self) -> Result<()> {
        Ok(())
    }
    fn leave(&mut self) {}
    fn types(&self) -> &TypeTable {
        self.table
    }
    fn host(&mut self) -> &mut dyn Any {
        self.bytes = self.bytes.saturating_add(0);
        &mut self.steps
    }
}

/// The value of a pure member; `None` when it throws (it will do so again at run time) or asks for the time (a date without year).
pub(crate) fn call(table: &TypeTable, member: &Member, types: &[Type], mut args: Vec<Value>) -> Option<Value> {
    let native = member.native.filter(|_| member.is_pure)?;
    let mut cx = Nothing::new(table);
    let value = native(&mut Call { cx: &mut cx, types, args: &mut args }).ok();
    value.filter(|_| !cx.asked)
}

/// The value of a global identifier that depends on nothing: `context` is always the same handle. One that makes an object
/// makes it for each evaluation.
pub(crate) fn global(table: &TypeTable, get: Native) -> Option<Value> {
    let value = get(&mut Call { cx: &mut Nothing::new(table), types: &[], args: &mut [] }).ok()?;
    matches!(value, Value::Handle(..)).then_some(value)
}

/// Arithmetic of enums: on the numbers, then back to the type.
pub(crate) fn enums(op: BinaryOp, a: &Value, b: &Value, result: &Type, checked: bool) -> Result<Value> {
    let n = |v: &Value| match v {
        Value::Enum(_, n) | Value::Int32(n) => Some(*n),
        _ => None,
    };
    let (Some(x), Some(y)) = (n(a), n(b)) else { return Err(Exception::null_reference()) };
    match result {
        Type::Simple(dotnet::ids::BOOLEAN) => Ok(Value::Bool(numeric::ordered(op, Some(x.cmp(&y))))),
        _ => {
            let r = numeric::int(op, x, y, checked)?;
            let ty = result.nullable_of().unwrap_or(result);
            Ok(if *ty == Type::INT {
                Value::Int32(r)
            } else {
                ty.id().map_or(Value::Int32(r), |id| Value::Enum(id, r))
            })
        }
    }
}
