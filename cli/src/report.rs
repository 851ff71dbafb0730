//! Findings as text, JSON lines or SARIF.
use std::io::Write;
use std::path::Path;

use anyhow::Result;
use config_model::{Finding, Severity};
use serde_json::json;

use crate::load::{self, Checked};

/// The largest file whose lines are shown.
const MAX_SOURCE_BYTES: u64 = 32 * 1024 * 1024;
/// Characters of a line that are shown.
const MAX_SHOWN: usize = 200;

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
        Format::Text => {
            let mut sources = Sources { checked, last: None };
            checked.findings.iter().try_for_each(|f| text(&mut sources, f, out))?;
        }
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

fn text(sources: &mut Sources<'_>, f: &Finding, out: &mut impl Write) -> Result<()> {
    let path = f.path.as_deref().unwrap_or("configuration");
    let place = if f.line > 0 { format!("{path}:{}:{}", f.line, f.column.max(1)) } else { path.to_owned() };
    writeln!(out, "{place}: {}[{}]: {}", f.severity, f.code, f.message)?;
    if let Some(line) = sources.line(f) {
        let number = f.line.to_string();
        let gutter = " ".repeat(number.len());
        let (shown, marks) = underlined(&line, f);
        writeln!(out, "{gutter} |\n{number} | {shown}\n{gutter} | {marks}")?;
    }
    if let Some(help) = &f.help {
        writeln!(out, "  help: {help}")?;
    }
    Ok(())
}

/// Files that findings are about, each read once.
struct Sources<'a> {
    checked: &'a Checked,
    last: Option<(String, String)>,
}

impl Sources<'_> {
    /// The line a finding begins on.
    fn line(&mut self, f: &Finding) -> Option<String> {
        let path = f.path.as_deref()?;
        let at = usize::try_from(f.line).ok()?.checked_sub(1)?;
        if self.last.as_ref().is_none_or(|(name, _)| name != path) {
            let given = self.checked.texts.get(path).cloned();
            let text = given.or_else(|| load::read_file(Path::new(path), MAX_SOURCE_BYTES).ok())?;
            self.last = Some((path.to_owned(), text));
        }
        let (_, text) = self.last.as_ref()?;
        Some(text.trim_start_matches('\u{feff}').lines().nth(at)?.to_owned())
    }
}

/// The line as it is shown and the marks below it: up to the end of the finding, or of the line where it goes on in the next one.
/// A tab is one column, so it is shown as one blank; of a long line, the neighbourhood of the finding is shown.
fn underlined(line: &str, f: &Finding) -> (String, String) {
    let line: Vec<char> = line.trim_end().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let column = |n: u32| usize::try_from(n.max(1)).unwrap_or(usize::MAX).saturating_sub(1);
    let start = column(f.column).min(line.len());
    let goes_on = f.end_line > f.line;
    let end = if goes_on { line.len() } else { column(f.end_column).min(line.len()) };
    let first = if start > MAX_SHOWN / 4 * 3 { start.saturating_sub(MAX_SHOWN / 4) } else { 0 };
    let (lead, tail) =
        (if first > 0 { "..." } else { "" }, if line.len() > first.saturating_add(MAX_SHOWN) { "..." } else { "" });
    let shown: String = line.iter().skip(first).take(MAX_SHOWN).collect();
    let blanks = lead.len().saturating_add(start.saturating_sub(first));
    let room = first.saturating_add(MAX_SHOWN).saturating_sub(start);
    let marks = "^".repeat(end.saturating_sub(start).min(room).max(1));
    let more = if goes_on { "..." } else { "" };
    (format!("{lead}{shown}{tail}"), format!("{}{marks}{more}", " ".repeat(blanks)))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: (u32, u32), to: (u32, u32)) -> Finding {
        Finding::error("GW0000", "x").in_file("f").spanning(from, to)
    }

    #[test]
    fn marks_stand_below_what_is_meant() {
        let shown = |line: &str, from, to| underlined(line, &span(from, to));
        assert_eq!(shown("\t<a b>", (1, 3), (1, 4)), (" <a b>".into(), "  ^".into()));
        assert_eq!(shown("value=\"@{  ", (4, 8), (6, 3)), ("value=\"@{".into(), "       ^^...".into()));
        assert_eq!(shown("short", (1, 9), (1, 9)), ("short".into(), "     ^".into()));
        assert_eq!(shown("é ö x", (1, 3), (1, 4)), ("é ö x".into(), "  ^".into()));
        assert_eq!(shown("", (0, 0), (0, 0)), (String::new(), "^".into()));
    }

    #[test]
    fn long_lines_show_the_neighbourhood() {
        let line = format!("{}HERE{}", "a".repeat(1000), "b".repeat(1000));
        let (shown, marks) = underlined(&line, &span((1, 1001), (1, 1005)));
        assert_eq!(shown.len(), MAX_SHOWN + 6);
        assert_eq!(shown.find("HERE"), marks.find('^'));
        assert_eq!(marks.trim_start(), "^^^^");
        let (_, marks) = underlined(&line, &span((1, 1001), (1, 2005)));
        assert!(marks.len() <= MAX_SHOWN + 3);
    }
}
