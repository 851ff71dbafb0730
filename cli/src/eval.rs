//! `gatewright eval`: one expression, or a file of expressions with expected answers, judged by the production compiler.
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use policy_engine::eval::{self, Answer, Surroundings};
use serde_json::{Map, Value, json};

use crate::load;

/// The largest context that is read.
const MAX_CONTEXT_BYTES: u64 = 32 * 1024 * 1024;
/// The largest file of vectors that is read.
const MAX_VECTORS_BYTES: u64 = 256 * 1024 * 1024;
/// .NET ticks of 1970-01-01.
const UNIX_EPOCH_TICKS: i64 = 621_355_968_000_000_000;

/// Arguments of `eval`.
#[derive(clap::Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Arguments {
    /// Expression, `@(...)` or `@{...}`
    #[arg(conflicts_with_all = ["vectors", "members"])]
    expression: Option<String>,
    /// JSON file with the context of the expression; `-` is standard input
    #[arg(long, value_name = "FILE", requires = "expression")]
    context: Option<PathBuf>,
    /// JSON lines `{id, expr, context, expect}`; `-` is standard input. Answers every line and ends with `N passed, N failed`
    #[arg(long, value_name = "FILE")]
    vectors: Option<PathBuf>,
    /// List every type and member that expressions may use
    #[arg(long)]
    members: bool,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let out = &mut std::io::BufWriter::new(std::io::stdout().lock());
    let done = match (&arguments.expression, &arguments.vectors) {
        (Some(expression), _) => one(expression, arguments.context.as_deref(), out),
        (None, Some(file)) => vectors(file, out),
        (None, None) => members(out),
    };
    out.flush()?;
    done
}

/// Evaluates with the machine's clock and chance.
fn evaluate(expression: &str, context: &Value) -> Answer {
    let ticks = || {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() / 100;
        UNIX_EPOCH_TICKS.saturating_add(i64::try_from(since).unwrap_or(i64::MAX))
    };
    let mut random = rand::random::<u64>;
    eval::eval(expression, context, &mut Surroundings { utc_ticks: &ticks, random: &mut random })
}

fn one(expression: &str, context: Option<&Path>, out: &mut impl Write) -> Result<ExitCode> {
    let text = context.map(|file| load::read_file(file, MAX_CONTEXT_BYTES)).transpose()?.unwrap_or_default();
    let context = if text.trim().is_empty() {
        Value::Null
    } else {
        serde_json::from_str(&text).context("the context is not JSON")?
    };
    let answer = evaluate(expression, &context);
    if let Answer::CompileError { findings, .. } = &answer {
        for f in findings {
            let place = position(expression, f.start);
            let cs = f.csharp_code.as_ref().map(|c| format!(" ({c})")).unwrap_or_default();
            eprintln!("{place}: {}[GW{:04}]: {}{cs}", if f.is_error { "error" } else { "warning" }, f.code, f.message);
            if let Some(help) = &f.help {
                eprintln!("  help: {help}");
            }
        }
    }
    writeln!(out, "{}", Value::Object(describe(None, &answer)))?;
    Ok(ExitCode::from(u8::from(!matches!(answer, Answer::Value { .. }))))
}

/// `line:column` of a byte.
fn position(text: &str, at: usize) -> String {
    let before = text.get(..at.min(text.len())).unwrap_or(text);
    let line = before.matches('\n').count().saturating_add(1);
    let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()).saturating_add(1);
    format!("{line}:{column}")
}

fn describe(id: Option<&Value>, answer: &Answer) -> Map<String, Value> {
    let mut all = Map::new();
    if let Some(id) = id {
        all.insert("id".into(), id.clone());
    }
    let rest = match answer {
        Answer::Value { type_name, text } => json!({ "status": "value", "type": type_name, "value": text }),
        Answer::Exception { type_name, message } => {
            json!({ "status": "exception", "exception_type": type_name, "message": message })
        }
        Answer::CompileError { codes, findings } => {
            let first = findings.iter().find(|f| f.is_error).map(|f| f.message.as_str());
            json!({ "status": "compile-error", "codes": codes, "message": first })
        }
        Answer::Timeout { message } => json!({ "status": "timeout", "message": message }),
        Answer::BadContext { message } => json!({ "status": "bad-context", "message": message }),
    };
    if let Value::Object(rest) = rest {
        all.extend(rest);
    }
    all
}

#[derive(Default)]
struct Score {
    passed: usize,
    failed: usize,
    not_counted: usize,
    codes_agree: usize,
    /// C# finds further mistakes, mostly in what is left of a sentence that it could not read.
    codes_within: usize,
    codes_seen: usize,
}

fn vectors(file: &Path, out: &mut impl Write) -> Result<ExitCode> {
    let mut score = Score::default();
    let text = load::read_file(file, MAX_VECTORS_BYTES)?;
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let place = || format!("{}:{}", file.display(), number.saturating_add(1));
        let vector: Value = serde_json::from_str(line).with_context(|| format!("{}: not a JSON object", place()))?;
        let Some(expression) = vector.get("expr").and_then(Value::as_str) else {
            bail!("{}: the line has no `expr`", place())
        };
        let answer = evaluate(expression, vector.get("context").unwrap_or(&Value::Null));
        let mut shown = describe(vector.get("id"), &answer);
        judge(&vector, &mut shown, &mut score);
        writeln!(out, "{}", Value::Object(shown))?;
    }
    if score.codes_seen > 0 {
        let Score { codes_agree, codes_seen, codes_within, .. } = score;
        writeln!(out, "C# codes: {codes_agree} of {codes_seen} agree, {codes_within} more are some of C#'s")?;
    }
    if score.not_counted > 0 {
        writeln!(out, "not counted (not portable, or without expectation): {}", score.not_counted)?;
    }
    writeln!(out, "{} passed, {} failed", score.passed, score.failed)?;
    Ok(ExitCode::from(u8::from(score.failed > 0)))
}

/// Compares with `expect`: status, type, value, exception type. A vector outside of the documented types may also be refused.
fn judge(vector: &Value, shown: &mut Map<String, Value>, score: &mut Score) {
    let marked = |name: &str| vector.get(name) == Some(&Value::Bool(false));
    let Some(expect) = vector.get("expect").filter(|_| !marked("portable")) else {
        score.not_counted = score.not_counted.saturating_add(1);
        return;
    };
    let same = ["status", "type", "value", "exception_type"]
        .iter()
        .all(|key| expect.get(*key).unwrap_or(&Value::Null) == shown.get(*key).unwrap_or(&Value::Null));
    let refused = marked("documented_types") && shown.get("status").is_some_and(|s| s == "compile-error");
    if let (Some(wanted), Some(got)) = (expect.get("codes"), shown.get("codes")) {
        let (all, ours) = (code_set(wanted), code_set(got));
        score.codes_seen = score.codes_seen.saturating_add(1);
        if all == ours {
            score.codes_agree = score.codes_agree.saturating_add(1);
        } else {
            let within = !ours.is_empty() && ours.is_subset(&all);
            score.codes_within = score.codes_within.saturating_add(usize::from(within));
            shown.insert("expect_codes".into(), wanted.clone());
        }
    }
    let passed = same || refused;
    if passed {
        score.passed = score.passed.saturating_add(1);
    } else {
        score.failed = score.failed.saturating_add(1);
        shown.insert("expect".into(), expect.clone());
    }
    shown.insert("passed".into(), passed.into());
}

/// Which mistakes were named; neither their order nor how often counts.
fn code_set(codes: &Value) -> BTreeSet<&str> {
    codes.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn members(out: &mut impl Write) -> Result<ExitCode> {
    let all = eval::members();
    for ty in &all {
        writeln!(out, "{}", ty.name)?;
        for member in &ty.members {
            writeln!(out, "    {member}")?;
        }
        for member in &ty.missing {
            writeln!(out, "    not implemented: {member}")?;
        }
    }
    let sum = |count: fn(&eval::TypeListing) -> usize| all.iter().map(count).sum::<usize>();
    let (documented, missing) = (sum(|t| t.documented), sum(|t| t.missing.len()));
    writeln!(out, "{} types, {} members", all.len(), sum(|t| t.members.len()))?;
    writeln!(out, "{} of {documented} documented members are implemented", documented.saturating_sub(missing))?;
    Ok(ExitCode::SUCCESS)
}
