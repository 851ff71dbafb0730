//! Draws findings: for the terminal with the source line underlined, and as JSON objects, one a line.
use std::fmt::Write as _;

use serde_json::{Value, json as object};

use super::Diagnostic;

/// Longest excerpt line that is drawn; the rest is cut around the underline.
const EXCERPT: usize = 160;

/// Terminal form.
pub fn text(diagnostic: &Diagnostic) -> String {
    let d = diagnostic;
    let number = match &d.csharp_code {
        Some(csharp) => format!("{}, {csharp}", d.code_text()),
        None => d.code_text(),
    };
    let mut out =
        format!("{}:{}:{}: {}[{number}]: {}\n", d.path, d.start.line, d.start.column, d.severity.as_str(), d.message);
    draw(d, &mut out);
    if let Some(help) = &d.help {
        let _ = writeln!(out, "  = help: {help}");
    }
    out
}

fn draw(d: &Diagnostic, out: &mut String) {
    let Some(line) = d.excerpt.as_deref().filter(|line| !line.trim().is_empty()) else { return };
    let column = (d.start.column as usize).saturating_sub(1);
    let length = line.chars().count();
    let width = match d.end.line == d.start.line {
        true => d.end.column.saturating_sub(d.start.column) as usize,
        false => length.saturating_sub(column),
    };
    let skip = if length > EXCERPT { column.saturating_sub(EXCERPT / 4) } else { 0 };
    // A tab is drawn as one blank, so that the underline stays below its text.
    let shown: String = line.chars().skip(skip).take(EXCERPT).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let gutter = d.start.line.to_string();
    let pad = " ".repeat(gutter.len());
    let indent = " ".repeat(column.saturating_sub(skip));
    let mark = "^".repeat(width.clamp(1, EXCERPT.saturating_sub(column.saturating_sub(skip)).max(1)));
    let label = d.label.as_ref().map(|l| format!(" {l}")).unwrap_or_default();
    let _ = writeln!(out, "{pad} |\n{gutter} | {shown}\n{pad} | {indent}{mark}{label}");
}

/// JSON form: one object.
pub fn json(diagnostic: &Diagnostic) -> Value {
    let d = diagnostic;
    object!({
        "path": &*d.path, "line": d.start.line, "column": d.start.column, "end_line": d.end.line, "end_column": d.end.column,
        "severity": d.severity.as_str(), "code": d.code_text(), "csharp_code": d.csharp_code.as_deref(),
        "message": d.message, "help": d.help,
    })
}

/// The last object of a JSON report.
pub fn summary_json(documents: usize, expressions: usize, errors: usize, warnings: usize) -> Value {
    object!({"summary": {"documents": documents, "expressions": expressions, "errors": errors, "warnings": warnings}})
}

#[cfg(test)]
mod tests {
    use super::super::{Diagnostic, Severity, codes};
    use crate::source::{Source, Span};

    #[test]
    fn underlines_the_author_s_text() {
        let source = Source::new("apis/a/policy.xml", "<policies>\n\t<inbond />\n</policies>");
        let d = Diagnostic::new(
            Severity::Error,
            codes::UNKNOWN_SECTION,
            &source,
            Span::new(13, 19),
            "`inbond` is not a section",
        )
        .help("did you mean `inbound`?");
        assert_eq!(
            super::text(&d),
            "apis/a/policy.xml:2:3: error[GW0202]: `inbond` is not a section\n  |\n2 |  <inbond />\n  |   ^^^^^^\n  = help: did you mean `inbound`?\n"
        );
        assert_eq!(super::json(&d)["end_column"], 9);
    }
}
