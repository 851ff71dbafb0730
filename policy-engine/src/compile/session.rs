//! What one compilation is given, and what it gathers on its way.
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use dotnet::TypeTable;

use super::trail::{Event, Trail};
use super::{ExpressionCache, Table};
use crate::diagnostics::{Diagnostic, Severity, codes, nearest};
use crate::program::{Needs, PerSection, Reads, Scope, Section};
use crate::source::{Mapped, NamedValues, Source, Span};

/// Fragments by lower-case id.
pub(crate) type Fragments = HashMap<String, Arc<Source>>;

/// What policies may refer to.
pub(crate) trait References {
    /// Is there such a backend?
    fn backend(&self, id: &str) -> bool;
    /// Why a backend that the configuration has cannot be used.
    fn left_out(&self, id: &str) -> Option<&str>;
    /// Is there such a certificate, by id or thumbprint?
    fn certificate(&self, id: &str) -> bool;
    /// Is there a logger of that id that events can be sent to?
    fn logger(&self, id: &str) -> bool;
    /// Ids of all backends.
    fn backends(&self) -> Vec<&str>;
    /// Ids of all certificates.
    fn certificates(&self) -> Vec<&str>;
}

/// Surroundings of a compilation.
#[derive(Clone, Copy)]
pub(crate) struct Env<'e> {
    /// Policies.
    pub table: &'e Table,
    /// .NET types and `context`.
    pub types: &'e Arc<TypeTable>,
    /// Named values.
    pub named_values: &'e NamedValues,
    /// Fragments.
    pub fragments: &'e Fragments,
    /// Backends and certificates.
    pub references: &'e dyn References,
    /// Single files: unknown named values, fragments, backends and certificates are no errors.
    pub standalone: bool,
    /// Unsupported policies that are left out on request.
    pub allow_skip: &'e BTreeSet<String>,
    /// Expressions compiled before.
    pub expressions: &'e ExpressionCache,
}

/// Names that a document's meaning depends on besides its own text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Uses {
    /// Named values, in lower case.
    pub named_values: BTreeSet<String>,
    /// Fragments, in lower case.
    pub fragments: BTreeSet<String>,
    /// Backends.
    pub backends: BTreeSet<String>,
    /// Certificates.
    pub certificates: BTreeSet<String>,
    /// Loggers.
    pub loggers: BTreeSet<String>,
}

/// State of one compilation.
pub(super) struct Session<'e> {
    pub(super) env: Env<'e>,
    pub(super) source: Arc<Source>,
    pub(super) scope: Scope,
    pub(super) section: Section,
    /// A fragment checked by itself: no section or scope is known.
    pub(super) unplaced: bool,
    /// A document checked by itself: its scope is not known.
    pub(super) unscoped: bool,
    /// Inside of a fragment, its id.
    pub(super) fragment: Option<Arc<str>>,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) uses: Uses,
    pub(super) expressions: usize,
    pub(super) needs: PerSection<Needs>,
    pub(super) has_base: PerSection<bool>,
    /// Siblings of the present block by name, for paths.
    pub(super) siblings: HashMap<String, u32>,
    /// Policies that may stand once, with the section they stand in.
    pub(super) once: Vec<(&'static str, Section)>,
    /// A value could not be known (standalone), so nothing can be built although nothing is wrong.
    pub(super) unknowable: bool,
    /// Facts for the lints of chains.
    pub(super) trail: Trail,
    /// Events of the blocks being compiled, the innermost last.
    pub(super) events: Vec<Vec<Event>>,
}

impl<'e> Session<'e> {
    pub(super) fn new(env: Env<'e>, source: Arc<Source>, scope: Scope) -> Session<'e> {
        Session {
            env,
            source,
            scope,
            section: Section::Inbound,
            unplaced: false,
            unscoped: false,
            fragment: None,
            diagnostics: Vec::new(),
            uses: Uses::default(),
            expressions: 0,
            needs: PerSection::default(),
            has_base: PerSection::default(),
            siblings: HashMap::new(),
            once: Vec::new(),
            unknowable: false,
            trail: Trail::default(),
            events: Vec::new(),
        }
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        if !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    pub(super) fn error(&mut self, code: u16, span: Span, message: impl Into<String>) {
        let diagnostic = Diagnostic::new(Severity::Error, code, &self.source, span, message);
        self.report(diagnostic);
    }

    pub(super) fn error_help(&mut self, code: u16, span: Span, message: impl Into<String>, help: Option<String>) {
        let mut diagnostic = Diagnostic::new(Severity::Error, code, &self.source, span, message);
        diagnostic.help = help;
        self.report(diagnostic);
    }

    pub(super) fn warning(&mut self, code: u16, span: Span, message: impl Into<String>) {
        let diagnostic = Diagnostic::new(Severity::Warning, code, &self.source, span, message);
        self.report(diagnostic);
    }

    pub(super) fn warning_help(&mut self, code: u16, span: Span, message: &str, help: &str) {
        let diagnostic = Diagnostic::new(Severity::Warning, code, &self.source, span, message);
        self.report(diagnostic.help(help));
    }

    /// Puts named values into a text. `false` when one is unknown.
    pub(super) fn substituted(&mut self, text: &Mapped) -> (Mapped, bool) {
        let mut missing: Vec<(String, Span)> = Vec::new();
        let out = text.substituted(self.env.named_values, &mut |name, span| missing.push((name.to_owned(), span)));
        for used in out.values() {
            self.uses.named_values.insert(used.name.to_lowercase());
        }
        for (name, span) in &missing {
            self.uses.named_values.insert(name.to_lowercase());
            if self.env.standalone {
                self.unknowable = true;
                continue;
            }
            if self.env.named_values.is_valueless(name) {
                let help = "give it in the secrets file, the override file or the environment".to_owned();
                let message = format!("named value `{name}` has no value");
                self.error_help(codes::UNKNOWN_NAMED_VALUE, *span, message, Some(help));
                continue;
            }
            let help = nearest(name, self.env.named_values.names()).map(|n| format!("did you mean `{{{{{n}}}}}`?"));
            self.error_help(codes::UNKNOWN_NAMED_VALUE, *span, format!("there is no named value `{name}`"), help);
        }
        (out, missing.is_empty())
    }

    pub(super) fn note_reads(&mut self, reads: Reads) {
        let needs = self.needs.get_mut(self.section);
        needs.request_body |= reads.request_body;
        needs.response_body |= reads.response_body;
    }
}
