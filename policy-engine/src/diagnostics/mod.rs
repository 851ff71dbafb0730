//! Findings about policy texts: many at once, each with a number, a place in the author's file, and advice.
//!
//! Numbers stand in [`codes`], drawing in [`render`]. What is shown is the author's own text, so no secret can appear.
pub mod codes;
mod render;

use std::sync::Arc;

pub use render::{json, summary_json, text};

use crate::source::{Position, Source, Span};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The document cannot be used.
    Error,
    /// The document works, but probably not as meant.
    Warning,
}

impl Severity {
    /// Word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Our number, shown as `GW1234`.
    pub code: u16,
    /// C#'s number where it has one (`CS0103`).
    pub csharp_code: Option<Arc<str>>,
    /// Error or warning.
    pub severity: Severity,
    /// File.
    pub path: Arc<str>,
    /// Where it starts.
    pub start: Position,
    /// Where it ends (exclusive).
    pub end: Position,
    /// What is wrong.
    pub message: String,
    /// Words under the underline.
    pub label: Option<String>,
    /// What would be right.
    pub help: Option<String>,
    /// The author's line at `start`, for drawing.
    pub excerpt: Option<Arc<str>>,
}

impl Diagnostic {
    /// A finding at a place of a text.
    pub fn new(severity: Severity, code: u16, source: &Source, span: Span, message: impl Into<String>) -> Diagnostic {
        debug_assert!(source.holds(span), "{}: {span:?} is no range of the text", source.path());
        let start = source.position(span.start);
        Diagnostic {
            code,
            csharp_code: None,
            severity,
            path: Arc::clone(source.path()),
            start,
            end: source.position(span.end),
            message: message.into(),
            label: None,
            help: None,
            excerpt: Some(source.line(start.line).into()),
        }
    }

    /// A finding that has no place inside a text.
    pub fn about(severity: Severity, code: u16, path: impl Into<Arc<str>>, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            csharp_code: None,
            severity,
            path: path.into(),
            start: Position { line: 1, column: 1 },
            end: Position { line: 1, column: 1 },
            message: message.into(),
            label: None,
            help: None,
            excerpt: None,
        }
    }

    /// Adds advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// Adds words under the underline.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Diagnostic {
        self.label = Some(label.into());
        self
    }

    /// `GW0123`.
    pub fn code_text(&self) -> String {
        format!("GW{:04}", self.code)
    }

    /// Is it an error?
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// The nearest of several names, if it is near enough to be a slip of the pen; failing that, the shortest name that it is a word of
/// (`variable` of `variable-name`).
pub fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let lower = name.to_lowercase();
    let limit = lower.chars().count().div_ceil(3).max(1);
    let known: Vec<&str> = known.into_iter().collect();
    let part_of = |longer: &&&str| {
        let rest = longer.strip_prefix(&lower).map(|rest| rest.starts_with('-'));
        lower.len() > 2 && rest.or(longer.strip_suffix(&lower).map(|rest| rest.ends_with('-'))) == Some(true)
    };
    let longer = known.iter().filter(part_of).min_by_key(|longer| longer.len()).copied();
    known
        .into_iter()
        .map(|candidate| (distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(d, _)| *d <= limit)
        .min_by_key(|(d, _)| *d)
        .map(|(_, candidate)| candidate)
        .or(longer)
}

/// Edit distance (insert, delete, replace). Names are short, so the quadratic form will do; it is cut at 64 characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().take(64).enumerate() {
        let mut diagonal = i;
        let mut left = i.saturating_add(1);
        let mut next = vec![left];
        for (cb, above) in b.iter().zip(row.iter().skip(1)) {
            let cost = diagonal.saturating_add(usize::from(ca != *cb));
            left = cost.min(above.saturating_add(1)).min(left.saturating_add(1));
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_slips_only() {
        assert_eq!(nearest("exist-action", ["name", "exists-action"]), Some("exists-action"));
        assert_eq!(nearest("Name", ["name", "value"]), Some("name"));
        assert_eq!(nearest("variable", ["key", "variable-name"]), Some("variable-name"));
        assert_eq!(nearest("url", ["set-body", "set-url"]), Some("set-url"));
        assert_eq!(nearest("teleport", ["name", "value"]), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
