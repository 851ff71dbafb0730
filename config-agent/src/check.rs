//! What the policy engine says about a configuration that was loaded. The only file that names the engine.

use crate::load::Loaded;
use config_model::{Finding, Severity};
use policy_engine::{CheckOptions, Diagnostic, Engine};

/// Judges configurations, and keeps what it compiled as long as nothing changes, so that a small change is judged quickly.
#[derive(Debug, Default)]
pub struct Checker {
    engine: Engine,
}

/// All findings about a configuration: those of the loader and those of the engine.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// By file and line.
    pub findings: Vec<Finding>,
    /// Policy documents and fragments read.
    pub documents: usize,
    /// Expressions met.
    pub expressions: usize,
    /// True if the configuration must not be served.
    pub refused: bool,
}

impl Checked {
    /// How many errors, those that put one API aside among them.
    pub fn errors(&self) -> usize {
        self.findings.iter().filter(|finding| finding.is_error()).count()
    }

    /// How many warnings.
    pub fn warnings(&self) -> usize {
        self.findings.iter().filter(|finding| finding.severity == Severity::Warning).count()
    }
}

impl Checker {
    /// A checker that has compiled nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Checks a configuration that was loaded.
    pub fn check(&self, loaded: &Loaded) -> Checked {
        let (_, report) = self.engine.compile(&loaded.snapshot, &CheckOptions::default());
        let mut findings = loaded.findings.clone();
        findings.extend(report.diagnostics.iter().map(finding));
        findings.sort_by(|a, b| (&a.path, a.line, a.column).cmp(&(&b.path, b.line, b.column)));
        Checked {
            findings,
            documents: report.documents,
            expressions: report.expressions,
            refused: loaded.refused || report.errors() > 0,
        }
    }
}

/// Checks a configuration that was loaded, once.
pub fn check(loaded: &Loaded) -> Checked {
    Checker::new().check(loaded)
}

/// A finding of the engine in the shape that all findings have.
pub fn finding(diagnostic: &Diagnostic) -> Finding {
    let severity = match diagnostic.severity {
        policy_engine::Severity::Error => Severity::Error,
        policy_engine::Severity::Warning => Severity::Warning,
    };
    let message = match &diagnostic.csharp_code {
        Some(code) => format!("{} ({code})", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    Finding {
        path: Some(diagnostic.path.clone()),
        line: diagnostic.start.line,
        column: diagnostic.start.column,
        end_line: diagnostic.end.line,
        end_column: diagnostic.end.column,
        severity,
        code: format!("GW{:04}", diagnostic.code),
        message,
        help: diagnostic.help.clone(),
        field: None,
    }
}
