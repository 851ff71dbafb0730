//! Surroundings for tests: the standard table, a fixed clock, counted limits.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of this")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may panic"
)]
use std::any::Any;
use std::sync::{Arc, OnceLock};

use csharp::{Compilation, Kind, Limits, Meter, Options};
use dotnet::{Ambient, Builder, Exception, Result, TypeTable, Value};

pub struct Surroundings {
    pub table: Arc<TypeTable>,
    pub meter: Meter,
    seed: u64,
}

impl Surroundings {
    pub fn new(limits: Limits) -> Self {
        Surroundings { table: table(), meter: Meter::new(limits), seed: 1 }
    }
}

impl Ambient for Surroundings {
    fn utc_now_ticks(&mut self) -> i64 {
        638_500_000_000_000_000
    }
    fn random_u64(&mut self) -> u64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.seed
    }
    fn charge_steps(&mut self, steps: u64) -> Result<()> {
        self.meter.charge_steps(steps, || 0)
    }
    fn note_steps(&mut self, steps: u64) {
        self.meter.note_steps(steps);
    }
    fn charge_bytes(&mut self, bytes: usize) -> Result<()> {
        self.meter.charge_bytes(bytes)
    }
    fn enter(&mut self) -> Result<()> {
        self.meter.enter()
    }
    fn leave(&mut self) {
        self.meter.leave();
    }
    fn types(&self) -> &TypeTable {
        &self.table
    }
    fn host(&mut self) -> &mut dyn Any {
        self
    }
}

/// The standard library, built once.
pub fn table() -> Arc<TypeTable> {
    static TABLE: OnceLock<Arc<TypeTable>> = OnceLock::new();
    let make = || {
        let mut b = Builder::default();
        dotnet::standard(&mut b);
        Arc::new(b.build())
    };
    TABLE.get_or_init(make).clone()
}

/// Compiles the text of a policy expression, wrapper included.
pub fn compile(expr: &str) -> Compilation {
    compile_for(expr, None)
}

pub fn compile_for(expr: &str, expected: Option<dotnet::Type>) -> Compilation {
    let kind = if expr.starts_with("@(") { Kind::Expression } else { Kind::Block };
    csharp::compile(&expr[2..expr.len() - 1], kind, &table(), &Options { expected, ..Options::default() })
}

/// Compiles and runs; a compilation that fails is a failed test.
pub fn run(expr: &str, limits: Limits) -> std::result::Result<Value, Exception> {
    let made = compile(expr);
    let program = made.program.unwrap_or_else(|| panic!("{expr}: {:?}", made.diagnostics));
    program.call(&mut Surroundings::new(limits))
}

/// What became of an expression, in the form of the expression vectors.
#[derive(Debug)]
pub struct Answer {
    pub status: &'static str,
    pub type_name: String,
    pub value: Option<String>,
    pub exception: String,
    pub codes: Vec<String>,
    pub message: String,
}

pub fn answer(expr: &str) -> Answer {
    let empty = |status| Answer {
        status,
        type_name: String::new(),
        value: None,
        exception: String::new(),
        codes: Vec::new(),
        message: String::new(),
    };
    let made = compile(expr);
    let Some(program) = made.program else {
        let errors: Vec<_> = made.diagnostics.iter().filter(|d| d.is_error()).collect();
        let codes = errors.iter().filter_map(|d| d.csharp_code).map(|c| format!("CS{c:04}")).collect();
        let message = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        return Answer { codes, message, ..empty("compile-error") };
    };
    let mut cx = Surroundings::new(Limits::default());
    let done = program.call(&mut cx).and_then(|v| csharp::answer::render(&mut cx, &v, program.result_type()));
    match done {
        Ok((type_name, value)) => Answer { type_name, value, ..empty("value") },
        Err(e) if e.is_limit() => Answer { message: e.to_string(), ..empty("timeout") },
        Err(e) => {
            Answer { exception: e.type_id().0.to_owned(), message: e.message().to_string(), ..empty("exception") }
        }
    }
}
