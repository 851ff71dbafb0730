//! The only file that knows the C# compiler: wraps its programs, maps its findings back, keeps what was compiled before.
use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use csharp::{Kind, Options};
use dotnet::{Ambient, Exception, Type, TypeTable, Value};
use parking_lot::Mutex;

use super::session::Session;
use super::spec::Refused;
use crate::diagnostics::{Diagnostic, Severity};
use crate::program::{AttrValue, CONTEXT_TYPE, Evaluate, REQUEST_TYPE, RESPONSE_TYPE, Reads};
use crate::source::{Mapped, Span, masked};

/// Most expressions kept.
const MAX_KEPT: usize = 100_000;

/// Expressions compiled before, by their text: the same text stands in many documents, and fragments are compiled wherever
/// they are included. Only programs without findings are kept.
#[derive(Default)]
pub(crate) struct ExpressionCache {
    programs: Mutex<HashMap<Arc<str>, Arc<dyn Evaluate>>>,
}

impl std::fmt::Debug for ExpressionCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} expressions", self.programs.lock().len())
    }
}

impl ExpressionCache {
    fn find(&self, text: &str) -> Option<Arc<dyn Evaluate>> {
        self.programs.lock().get(text).cloned()
    }

    fn keep(&self, text: &str, program: &Arc<dyn Evaluate>) {
        let mut programs = self.programs.lock();
        if programs.len() >= MAX_KEPT {
            programs.clear();
        }
        programs.insert(text.into(), Arc::clone(program));
    }
}

/// A program of the C# compiler.
struct Compiled {
    program: csharp::Program,
    /// Type before it was boxed into `object`.
    natural: Type,
    reads: Reads,
}

impl Evaluate for Compiled {
    fn evaluate(&self, cx: &mut dyn Ambient) -> Result<Value, Exception> {
        self.program.call(cx)
    }

    fn result_type(&self) -> &Type {
        &self.natural
    }

    fn reads(&self) -> Reads {
        self.reads
    }

    fn constant(&self) -> Option<&Value> {
        self.program.constant()
    }
}

/// The value of a program that always gives the same, converted at compile time: `None` if it does not, or if it cannot be converted.
pub(super) fn constant<T: AttrValue>(program: &dyn Evaluate, table: &TypeTable) -> Option<Result<T, Refused>> {
    let value = program.constant()?;
    Some(T::from_value(value, &mut Still { table, nothing: () }).ok().flatten().ok_or(Refused))
}

/// Surroundings in which nothing happens: constants need the table for their text and nothing else.
struct Still<'t> {
    table: &'t TypeTable,
    nothing: (),
}

impl Ambient for Still<'_> {
    fn utc_now_ticks(&mut self) -> i64 {
        0
    }
    fn random_u64(&mut self) -> u64 {
        0
    }
    fn charge_steps(&mut self, _: u64) -> Result<(), Exception> {
        Ok(())
    }
    fn charge_bytes(&mut self, _: usize) -> Result<(), Exception> {
        Ok(())
    }
    fn enter(&mut self) -> Result<(), Exception> {
        Ok(())
    }
    fn leave(&mut self) {}
    fn types(&self) -> &TypeTable {
        self.table
    }
    fn host(&mut self) -> &mut dyn Any {
        &mut self.nothing
    }
}

/// Compiles the expression `@(...)` or `@{...}`.
pub(super) fn compile(session: &mut Session<'_>, text: &Mapped) -> Result<Arc<dyn Evaluate>, Refused> {
    if let Some(program) = session.env.expressions.find(text.as_str()) {
        return Ok(program);
    }
    let (source, kind) = inside(text.as_str());
    let compilation = csharp::compile(source, kind, session.env.types, &Options::default());
    for finding in &compilation.diagnostics {
        let diagnostic = diagnostic(session, text, finding);
        session.report(diagnostic);
    }
    let broken = compilation.diagnostics.iter().any(csharp::diagnostic::Diagnostic::is_error);
    let Some(program) = compilation.program.filter(|_| !broken) else { return Err(Refused) };
    let program: Arc<dyn Evaluate> =
        Arc::new(Compiled { reads: reads(&compilation.facts), natural: compilation.natural_type, program });
    if compilation.diagnostics.is_empty() {
        session.env.expressions.keep(text.as_str(), &program);
    }
    Ok(program)
}

/// Reports what looks doubtful in an expression that holds an unknown named value: its errors may come from that.
pub(super) fn warn_only(session: &mut Session<'_>, text: &Mapped) {
    let (source, kind) = inside(text.as_str());
    let compilation = csharp::compile(source, kind, session.env.types, &Options::default());
    for finding in compilation.diagnostics.iter().filter(|d| !d.is_error()) {
        let diagnostic = diagnostic(session, text, finding);
        session.report(diagnostic);
    }
}

/// The C# between the brackets. Where the closing one is missing, the compiler reports on what is there.
fn inside(text: &str) -> (&str, Kind) {
    let kind = if text.starts_with("@{") { Kind::Block } else { Kind::Expression };
    let close = if text.starts_with("@{") { '}' } else { ')' };
    let rest = text.get(2..).unwrap_or("");
    (rest.strip_suffix(close).unwrap_or(rest), kind)
}

/// A response in a variable has the same members as `context.Response`: its body counts only if that one is looked at.
fn reads(facts: &csharp::Facts) -> Reads {
    let response = facts.touches(CONTEXT_TYPE, "Response");
    Reads {
        request_body: facts.touches(REQUEST_TYPE, "Body"),
        response_body: response && facts.touches(RESPONSE_TYPE, "Body"),
        response,
    }
}

fn diagnostic(session: &Session<'_>, text: &Mapped, finding: &csharp::diagnostic::Diagnostic) -> Diagnostic {
    let severity = if finding.is_error() { Severity::Error } else { Severity::Warning };
    let shift = |n: u32| n.saturating_add(2);
    let span = text.origin(Span { start: shift(finding.span.start), end: shift(finding.span.end) });
    let hidden = |message: &str| masked(message.to_owned(), text.values());
    let mut out = Diagnostic::new(severity, finding.code, &session.source, span, hidden(&finding.message));
    out.csharp_code = finding.csharp_code.map(|number| format!("CS{number:04}").into());
    out.label = Some(hidden(&finding.label)).filter(|label| !label.is_empty());
    out.help = finding.help.as_deref().map(hidden);
    out
}
