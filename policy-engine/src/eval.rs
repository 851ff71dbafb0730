//! Evaluates one expression outside of any gateway: for authors, and for files of expressions with expected answers.
//!
//! The context is given as JSON, in the form of the project's expression vectors: `request`, `response`, `variables`, `api`,
//! `operation`, `product`, `subscription`, `user`, `deployment`, `last_error`, `request_id`, `timestamp`, `elapsed_ms`, `tracing`.
mod context;
mod coverage;

use std::time::Duration;

use csharp::{Kind, Options};
use serde_json::Value as Json;

use crate::host::{BoxFuture, Clock, IoError};
use crate::run::{EvalState, Evaluation, Limits};
pub use coverage::{TypeListing, members};

/// What became of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It has a value: the C# spelling of its run-time type, and its canonical text (`None` for `null`).
    Value {
        /// `string`, `List<int>`, `null`
        type_name: String,
        /// Canonical text.
        text: Option<String>,
    },
    /// It threw.
    Exception {
        /// Full .NET name.
        type_name: String,
        /// `Exception.Message`.
        message: String,
    },
    /// It does not compile.
    CompileError {
        /// C#'s numbers, where there are any.
        codes: Vec<String>,
        /// All findings.
        findings: Vec<EvalFinding>,
    },
    /// It reached a bound.
    Timeout {
        /// Which.
        message: String,
    },
    /// The context cannot be read.
    BadContext {
        /// Why.
        message: String,
    },
}

/// A finding in an expression that stands alone: bytes into the text that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvalFinding {
    /// Is it an error, or a warning?
    pub is_error: bool,
    /// Our number.
    pub code: u16,
    /// C#'s number.
    pub csharp_code: Option<String>,
    /// Byte range.
    pub start: usize,
    /// Byte range.
    pub end: usize,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
}

/// Clock and chance of an evaluation; the caller's, because the engine has none.
pub struct Surroundings<'a> {
    /// Wall clock in .NET ticks, for the time bound and for `DateTime.UtcNow`.
    pub utc_ticks: &'a (dyn Fn() -> i64 + Sync),
    /// Sixty-four random bits.
    pub random: &'a mut (dyn FnMut() -> u64 + Send),
}

impl Clock for Surroundings<'_> {
    fn utc_ticks(&self) -> i64 {
        (self.utc_ticks)()
    }
    fn random(&mut self) -> u64 {
        (self.random)()
    }
    fn sleep(&mut self, _: Duration) -> BoxFuture<'_, Result<(), IoError>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Evaluates `@(...)` or `@{...}`, or the bare text of an expression, with a context.
pub fn eval(text: &str, context: &Json, surroundings: &mut Surroundings<'_>) -> Answer {
    let (source, kind, offset) = unwrap(text);
    let compilation = csharp::compile(source, kind, crate::types::table(), &Options::default());
    let findings: Vec<EvalFinding> = compilation.diagnostics.iter().map(|d| finding(d, offset)).collect();
    let Some(program) = compilation.program.filter(|_| !findings.iter().any(|f| f.is_error)) else {
        let codes = findings.iter().filter(|f| f.is_error).filter_map(|f| f.csharp_code.clone()).collect();
        return Answer::CompileError { codes, findings };
    };
    let now = surroundings.utc_ticks();
    let mut state = EvalState::default();
    let mut evaluation = Evaluation::new(&mut state, surroundings, Limits::default());
    match context::read(context, now, &mut evaluation) {
        Ok(filled) => state = filled,
        Err(message) => return Answer::BadContext { message },
    }
    let mut evaluation = Evaluation::new(&mut state, surroundings, Limits::default());
    let done = program.call(&mut evaluation).and_then(|value| {
        if value.is_null() {
            return Ok(Answer::Value { type_name: "null".into(), text: None });
        }
        let (type_name, text) = csharp::answer::render(&mut evaluation, &value, program.result_type())?;
        Ok(Answer::Value { type_name, text: text.map(|text| dotnet::utf16::leaving(&text).into_owned()) })
    });
    done.unwrap_or_else(|e| {
        let message = dotnet::utf16::leaving(e.message()).into_owned();
        if e.is_limit() {
            Answer::Timeout { message }
        } else {
            Answer::Exception { type_name: e.type_id().0.to_owned(), message }
        }
    })
}

/// An expression compiled once and evaluated many times with one context, as a request does it.
pub struct Prepared {
    program: csharp::Program,
    state: EvalState,
}

impl Prepared {
    /// Compiles; what went wrong otherwise is the answer that [`eval`] gives.
    pub fn new(text: &str, context: &Json, surroundings: &mut Surroundings<'_>) -> Result<Prepared, Answer> {
        let (source, kind, _) = unwrap(text);
        let compilation = csharp::compile(source, kind, crate::types::table(), &Options::default());
        let fine = !compilation.diagnostics.iter().any(csharp::Diagnostic::is_error);
        let Some(program) = compilation.program.filter(|_| fine) else {
            return Err(eval(text, context, surroundings));
        };
        let (now, mut empty) = (surroundings.utc_ticks(), EvalState::default());
        let mut evaluation = Evaluation::new(&mut empty, surroundings, Limits::default());
        let state = context::read(context, now, &mut evaluation).map_err(|message| Answer::BadContext { message })?;
        Ok(Prepared { program, state })
    }

    /// The value, within the default bounds.
    pub fn run(&mut self, surroundings: &mut Surroundings<'_>) -> Result<dotnet::Value, dotnet::Exception> {
        self.program.call(&mut Evaluation::new(&mut self.state, surroundings, Limits::default()))
    }
}

/// The C# inside the wrapper, and where it starts.
fn unwrap(text: &str) -> (&str, Kind, usize) {
    let trimmed = text.trim();
    let lead = text.len().saturating_sub(text.trim_start().len()).saturating_add(2);
    let inside = |open: &str, close: char| trimmed.strip_prefix(open).and_then(|t| t.strip_suffix(close));
    match (inside("@(", ')'), inside("@{", '}')) {
        (Some(source), _) => (source, Kind::Expression, lead),
        (_, Some(source)) => (source, Kind::Block, lead),
        _ => (text, Kind::Expression, 0),
    }
}

fn finding(d: &csharp::Diagnostic, offset: usize) -> EvalFinding {
    let at = |n: u32| usize::try_from(n).unwrap_or(usize::MAX).saturating_add(offset);
    EvalFinding {
        is_error: d.is_error(),
        code: d.code,
        csharp_code: d.csharp_code.map(|c| format!("CS{c:04}")),
        start: at(d.span.start),
        end: at(d.span.end),
        message: d.message.clone(),
        help: d.help.clone(),
    }
}
