//! The only file that knows the C# compiler: wraps its programs, maps its findings back, keeps what was compiled before.
use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use csharp::{Kind, Options};
use dotnet::{Ambient, Exception, Type, TypeTable, Value};
use parking_lot::Mutex;

use super::session::Session;
use super::spec::Refused;
use super::trail::{self, Touch, WATCHED};
use crate::diagnostics::{Diagnostic, Severity, codes};
use crate::program::{AttrValue, CONTEXT_TYPE, Evaluate, REQUEST_TYPE, RESPONSE_TYPE, Reads};
use crate::source::{Mapped, Span, masked};
use crate::xml;

/// Most expressions kept.
const MAX_KEPT: usize = 100_000;

/// Expressions compiled before, by their text: the same text stands in many documents, and fragments are compiled wherever
/// they are included. Only programs without findings are kept.
#[derive(Default)]
pub(crate) struct ExpressionCache {
    programs: Mutex<HashMap<Arc<str>, Kept>>,
}

/// A program, and what it does that lints of chains must know.
type Kept = (Arc<dyn Evaluate>, Arc<[Touch]>);

impl std::fmt::Debug for ExpressionCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} expressions", self.programs.lock().len())
    }
}

impl ExpressionCache {
    fn find(&self, text: &str) -> Option<Kept> {
        self.programs.lock().get(text).cloned()
    }

    fn keep(&self, text: &str, program: &Arc<dyn Evaluate>, touches: &Arc<[Touch]>) {
        let mut programs = self.programs.lock();
        if programs.len() >= MAX_KEPT {
            programs.clear();
        }
        programs.insert(text.into(), (Arc::clone(program), Arc::clone(touches)));
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
    fn note_steps(&mut self, _: u64) {}
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
    if let Some((program, touches)) = session.env.expressions.find(text.as_str()) {
        session.note_touches(text, &touches);
        return Ok(program);
    }
    let (source, kind) = inside(text.as_str());
    let compilation =
        csharp::compile(source, kind, session.env.types, &Options { watched: WATCHED, ..Options::default() });
    for finding in &compilation.diagnostics {
        let diagnostic = diagnostic(session, text, finding);
        session.report(diagnostic);
    }
    let mut broken = compilation.diagnostics.iter().any(csharp::diagnostic::Diagnostic::is_error);
    if !broken && xml::expression_end(text.as_str()).is_none() {
        let close = if kind == Kind::Block { '}' } else { ')' };
        let help = format!("close it with `{close}`");
        session.error_help(codes::EXPRESSION_NEVER_ENDS, text.whole(), "the expression has no end", Some(help));
        broken = true;
    }
    let Some(program) = compilation.program.filter(|_| !broken) else { return Err(Refused) };
    let program: Arc<dyn Evaluate> =
        Arc::new(Compiled { reads: reads(&compilation.facts), natural: compilation.natural_type, program });
    let touches = trail::touches(&compilation.facts.places);
    session.note_touches(text, &touches);
    if compilation.diagnostics.is_empty() {
        session.env.expressions.keep(text.as_str(), &program, &touches);
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
    out.help = finding.help.as_deref().or_else(|| remedy(&finding.message)).map(hidden);
    out
}

/// What a policy has for a thing that its author looked for in C#.
fn remedy(message: &str) -> Option<&'static str> {
    const REMEDIES: &[(&[&str], &str)] = &[
        (
            &["an entry of `VariableDictionary`", "`VariableDictionary` has no"],
            "variables are set with the policy `set-variable`",
        ),
        (
            &["an entry of `HeaderDictionary`", "`HeaderDictionary` has no"],
            "headers are changed with the policy `set-header`",
        ),
        (
            &["`HttpClient`", "`WebClient`", "`HttpRequestMessage`", "`WebRequest`"],
            "other services are called with the policy `send-request`",
        ),
        (
            &["type `File`", "`ConfigurationManager`", "`GetEnvironmentVariable`"],
            "settings are kept in named values: `{{name}}`",
        ),
    ];
    let fits = |(marks, _): &&(&[&str], &str)| marks.iter().any(|mark| message.contains(mark));
    REMEDIES.iter().find(fits).map(|(_, help)| *help)
}
