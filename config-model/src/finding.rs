//! What is wrong with a configuration, and where: the shape that the loader, the cross-check and the tools share.

use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// For information.
    Note,
    /// Suspicious, but served.
    Warning,
    /// Refuses the revision, or the API that it names.
    #[default]
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// One finding. Lines and columns count from 1; 0 means that the place is not known more exactly. Columns count characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// The file, relative to the root of the configuration folder; an absolute path for files outside of it.
    #[serde(default)]
    pub path: Option<Arc<str>>,
    /// First line.
    #[serde(default)]
    pub line: u32,
    /// First column.
    #[serde(default)]
    pub column: u32,
    /// Last line.
    #[serde(default)]
    pub end_line: u32,
    /// Column behind the last character.
    #[serde(default)]
    pub end_column: u32,
    /// How bad it is.
    pub severity: Severity,
    /// Our number: `GW1001`.
    pub code: String,
    /// What is wrong, in lower case, user input in backticks.
    pub message: String,
    /// What to do about it.
    #[serde(default)]
    pub help: Option<String>,
    /// The property the finding is about, such as `pool.services`; a reader of the file turns it into a line and column.
    #[serde(skip)]
    pub field: Option<Box<FieldPath>>,
}

/// Names of properties from the outside in, joined by dots. Boxed in a finding, which is the error type of many functions and must stay small.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldPath(pub String);

impl Finding {
    /// An error without a place.
    pub fn error(code: &str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, code: code.to_owned(), message: message.into(), ..Self::default() }
    }

    /// A warning without a place.
    pub fn warning(code: &str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// A note without a place.
    pub fn note(code: &str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Note, ..Self::error(code, message) }
    }

    /// Names the file.
    #[must_use]
    pub fn in_file(mut self, path: impl AsRef<str>) -> Self {
        self.path = Some(Arc::from(path.as_ref()));
        self
    }

    /// Names the file an entity came from, if it came from one.
    #[must_use]
    pub fn from_origin(mut self, origin: Option<&Arc<str>>) -> Self {
        self.path = origin.cloned();
        self
    }

    /// Names a place in the file.
    #[must_use]
    pub fn at(mut self, line: u32, column: u32) -> Self {
        (self.line, self.column, self.end_line, self.end_column) = (line, column, line, column.saturating_add(1));
        self
    }

    /// Names a range in the file.
    #[must_use]
    pub fn spanning(mut self, start: (u32, u32), end: (u32, u32)) -> Self {
        ((self.line, self.column), (self.end_line, self.end_column)) = (start, end);
        self
    }

    /// Names the property.
    #[must_use]
    pub fn on_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(Box::new(FieldPath(field.into())));
        self
    }

    /// Says what to do about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// True for errors.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// `path:line:col: error[GW1001]: message`, one line, without the help.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{path}:")?;
            if self.line > 0 {
                write!(f, "{}:{}:", self.line, self.column)?;
            }
            f.write_str(" ")?;
        }
        write!(f, "{}[{}]: {}", self.severity, self.code, self.message)
    }
}
