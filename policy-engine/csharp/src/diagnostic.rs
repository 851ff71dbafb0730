//! What is wrong with a C# text, many findings at once. Drawing them is the caller's business.
use std::fmt;

use crate::span::Span;

/// Whether a finding refuses the program.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    Error,
    Warning,
}

/// A further place that explains a finding, such as the bracket that was never closed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

/// One finding. Ranges of `code`: 2000-2999 syntax (listed in `parser/codes.rs`), the binder's follow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// Our stable number, shown as `GW2001`.
    pub code: u16,
    /// The number that a C# compiler gives to the same mistake, shown as `CS1002`.
    pub csharp_code: Option<u16>,
    pub severity: Severity,
    /// What to underline.
    pub span: Span,
    /// Lower case, no full stop, user input in backticks.
    pub message: String,
    /// A few words beside the underline; may be empty.
    pub label: String,
    /// How to mend it, where that is known.
    pub help: Option<String>,
    pub secondary: Vec<Label>,
}

impl Diagnostic {
    /// An error without C# number, label and help.
    pub fn error(code: u16, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            csharp_code: None,
            severity: Severity::Error,
            span,
            message: message.into(),
            label: String::new(),
            help: None,
            secondary: Vec::new(),
        }
    }

    /// A warning without C# number, label and help.
    pub fn warning(code: u16, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// Adds the C# compiler's number.
    #[must_use]
    pub fn cs(mut self, number: u16) -> Self {
        self.csharp_code = Some(number);
        self
    }

    /// Adds the words beside the underline.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = text.into();
        self
    }

    /// Adds advice.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(Label { span, text: text.into() });
        self
    }

    /// True when the program must be refused.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// One line without source, for logs and assertions: `error[GW2001/CS1002] @3..3: message`.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = if self.is_error() { "error" } else { "warning" };
        write!(f, "{severity}[GW{:04}", self.code)?;
        if let Some(number) = self.csharp_code {
            write!(f, "/CS{number:04}")?;
        }
        write!(f, "] {:?}: {}", self.span, self.message)
    }
}
