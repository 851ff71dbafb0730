//! Findings as text, JSON lines or SARIF.
use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use config_model::{Finding, Severity};
use serde_json::json;

use crate::load::Checked;

/// How findings are printed.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// `path:line:col: error[GW1234]: message`, with the source line underlined
    Text,
    /// One JSON object a finding, then a summary
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

/// `1 error`, `2 errors`.
pub(crate) fn count(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// Prints all findings. The text form says nothing where there is nothing to say.
pub(crate) fn print(checked: &Checked, format: Format, out: &mut impl Write) -> Result<()> {
    match format {
        Format::Text => checked.findings.iter().try_for_each(|f| text(checked, f, out))?,
        Format::Json => {
            for f in &checked.findings {
                writeln!(out, "{}", as_json(f))?;
            }
            writeln!(out, "{}", json!({ "summary": summary(checked) }))?;
        }
        Format::Sarif => writeln!(out, "{:#}", sarif(checked))?,
    }
    Ok(())
}

fn summary(checked: &Checked) -> serde_json::Value {
    json!({ "documents": checked.documents, "expressions": checked.expressions, "errors": checked.errors, "warnings": checked.warnings })
}

fn as_json(f: &Finding) -> serde_json::Value {
    json!({
        "path": f.path, "line": f.line, "column": f.column, "end_line": f.end_line, "end_column": f.end_column,
        "severity": f.severity, "code": f.code, "message": f.message, "help": f.help,
    })
}

fn text(checked: &Checked, f: &Finding, out: &mut impl Write) -> Result<()> {
    let path = f.path.as_deref().unwrap_or("configuration");
    let place = if f.line > 0 { format!("{path}:{}:{}", f.line, f.column.max(1)) } else { path.to_owned() };
    writeln!(out, "{place}: {}[{}]: {}", f.severity, f.code, f.message)?;
    if let Some(line) = source_line(checked, f) {
        let number = f.line.to_string();
        let gutter = " ".repeat(number.len());
        let (lead, marks) = underline(&line, f);
        writeln!(out, "{gutter} |\n{number} | {line}\n{gutter} | {lead}{marks}")?;
    }
    if let Some(help) = &f.help {
        writeln!(out, "  help: {help}")?;
    }
    Ok(())
}

/// The line a finding is about, read again from its file.
fn source_line(checked: &Checked, f: &Finding) -> Option<String> {
    let path = f.path.as_deref()?;
    let at = usize::try_from(f.line).ok()?.checked_sub(1)?;
    let file = checked.roots.iter().map(|root| root.join(path)).chain([PathBuf::from(path)]).find(|p| p.is_file())?;
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.trim_start_matches('\u{feff}').lines().nth(at)?.replace('\t', " ");
    Some(line)
}

/// Blanks up to the finding, and marks below it; at least one, at most to the end of the line.
fn underline(line: &str, f: &Finding) -> (String, String) {
    let width = line.chars().count();
    let start = usize::try_from(f.column.max(1)).unwrap_or(1).saturating_sub(1).min(width);
    let end = if f.end_line == f.line { usize::try_from(f.end_column).unwrap_or(0).saturating_sub(1) } else { width };
    (" ".repeat(start), "^".repeat(end.min(width.max(start.saturating_add(1))).saturating_sub(start).max(1)))
}

fn sarif(checked: &Checked) -> serde_json::Value {
    let level = |s: Severity| match s {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let results: Vec<_> = checked
        .findings
        .iter()
        .map(|f| {
            let message = f.help.as_ref().map_or_else(|| f.message.clone(), |h| format!("{}\nhelp: {h}", f.message));
            json!({
                "ruleId": f.code, "level": level(f.severity), "message": { "text": message },
                "locations": [ { "physicalLocation": {
                    "artifactLocation": { "uri": f.path.as_deref().unwrap_or(".") },
                    "region": { "startLine": f.line.max(1), "startColumn": f.column.max(1), "endLine": f.end_line.max(f.line).max(1), "endColumn": f.end_column.max(1) },
                } } ],
            })
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
        "runs": [ { "tool": { "driver": { "name": "gatewright", "version": env!("CARGO_PKG_VERSION"), "rules": [] } }, "results": results } ],
    })
}
