//! Whole texts: the root, its sections, and fragments.
use std::sync::Arc;

use super::node::did_you_mean;
use super::session::{Env, Session, Uses};
use super::spec::Refused;
use super::trail::Trail;
use crate::diagnostics::{Diagnostic, codes};
use crate::program::{Document, PerSection, Scope, Section};
use crate::source::{Source, Span};
use crate::xml::{Element, Node};

/// Largest policy document.
const MAX_DOCUMENT: usize = 256 * 1024;
/// Largest fragment.
const MAX_FRAGMENT: usize = 512 * 1024;

/// What a compilation gives.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// The program; `None` if there are errors, or if a standalone file leaves something open.
    pub document: Option<Document>,
    /// Findings.
    pub diagnostics: Vec<Diagnostic>,
    /// How many expressions were met.
    pub expressions: usize,
    /// What it depends on besides its text.
    pub uses: Uses,
    /// What it does with variables and bodies.
    pub trail: Trail,
}

/// Compiles a policy document for a scope.
pub(crate) fn compile_document(env: Env<'_>, source: Arc<Source>, scope: Scope) -> Compiled {
    let mut session = Session::new(env, source, scope);
    let sections = whole(&mut session);
    finish(session, sections)
}

/// Checks a document by itself: a file does not say at which scope it will stand.
pub(crate) fn compile_file(env: Env<'_>, source: Arc<Source>) -> Compiled {
    let mut session = Session::new(env, source, Scope::Operation);
    session.unscoped = true;
    let sections = whole(&mut session);
    let mut compiled = finish(session, sections);
    compiled.document = None;
    compiled
}

/// Checks a fragment by itself: everything but placement.
pub(crate) fn compile_fragment(env: Env<'_>, source: Arc<Source>) -> Compiled {
    let mut session = Session::new(env, source, Scope::Api);
    session.unplaced = true;
    let block = fragment_root(&mut session).and_then(|root| session.section_block(&root));
    let sections = block.map(|_| PerSection::default());
    let mut compiled = finish(session, sections);
    compiled.document = None;
    compiled
}

fn finish(mut session: Session<'_>, sections: Result<PerSection<Option<crate::program::Block>>, Refused>) -> Compiled {
    let broken = session.unknowable || session.diagnostics.iter().any(Diagnostic::is_error);
    let document = sections.ok().filter(|_| !broken).map(|sections| Document {
        scope: session.scope,
        path: Arc::clone(session.source.path()),
        sections,
        needs: session.needs,
        has_base: session.has_base,
        expressions: session.expressions,
    });
    if document.is_none() {
        session.note_asked();
    }
    Compiled {
        document,
        diagnostics: session.diagnostics,
        expressions: session.expressions,
        uses: session.uses,
        trail: session.trail,
    }
}

fn within(session: &mut Session<'_>, limit: usize, what: &str) -> Result<(), Refused> {
    let size = session.source.text().len();
    if size <= limit {
        return Ok(());
    }
    session.error(codes::TOO_LARGE, Span::default(), format!("the {what} has {size} bytes, more than {limit}"));
    Err(Refused)
}

/// The one element at top level; comments and declarations do not count.
pub(super) fn single_root(session: &mut Session<'_>, nodes: Vec<Node>) -> Result<Element, Refused> {
    let mut root = None;
    for node in nodes {
        match node {
            Node::Element(element) if root.is_none() => root = Some(element),
            Node::Element(element) => {
                session.error(
                    codes::WRONG_ROOT,
                    element.name_span,
                    format!("a second root element `{}`", element.name),
                );
                return Err(Refused);
            }
            Node::Text(text) if session.source.slice(text.span).trim().is_empty() => {}
            Node::Text(text) => {
                session.error(codes::MALFORMED_XML, text.span, "text outside of the root element");
                return Err(Refused);
            }
        }
    }
    root.ok_or_else(|| {
        session.error(codes::WRONG_ROOT, Span::default(), "the text has no root element");
        Refused
    })
}

fn whole(session: &mut Session<'_>) -> Result<PerSection<Option<crate::program::Block>>, Refused> {
    match within(session, MAX_DOCUMENT, "policy document").and_then(|()| policies_root(session)) {
        Ok(root) => sections(session, &root),
        Err(Refused) => {
            // A text that cannot be read may set any variable.
            session.trail.open = true;
            Err(Refused)
        }
    }
}

fn policies_root(session: &mut Session<'_>) -> Result<Element, Refused> {
    let root = session.root()?;
    if root.name == "policies" {
        return Ok(root);
    }
    session.error(
        codes::WRONG_ROOT,
        root.name_span,
        format!("the root element is `{}`, expected `policies`", root.name),
    );
    Err(Refused)
}

fn sections(session: &mut Session<'_>, root: &Element) -> Result<PerSection<Option<crate::program::Block>>, Refused> {
    if let Some(span) = root.first_words(&session.source) {
        session.error(codes::STRAY_TEXT, span, "text between sections");
    }
    let mut out = PerSection::default();
    let mut refused = false;
    for element in root.elements() {
        session.section = Section::named(&element.name).unwrap_or(Section::Inbound);
        session.note_sets(element);
        let Some(section) = Section::named(&element.name) else {
            let names = Section::ALL.map(Section::as_str);
            let help =
                did_you_mean(&element.name, names).or_else(|| Some(format!("sections are {}", names.join(", "))));
            session.error_help(
                codes::UNKNOWN_SECTION,
                element.name_span,
                format!("`{}` is not a section", element.name),
                help,
            );
            continue;
        };
        let first = root.elements().find(|e| e.name == element.name);
        if first.is_some_and(|first| first.name_span != element.name_span) {
            session.error(
                codes::DUPLICATE_SECTION,
                element.name_span,
                format!("section `{}` stands twice", element.name),
            );
            continue;
        }
        session.section = section;
        let (block, events) = session.gather(|session| session.section_block(element));
        session.trail.write(section, events);
        match block {
            Ok(block) => *out.get_mut(section) = Some(block),
            Err(Refused) => refused = true,
        }
    }
    if refused { Err(Refused) } else { Ok(out) }
}

/// Root element of the fragment that is the session's source.
pub(super) fn fragment_root(session: &mut Session<'_>) -> Result<Element, Refused> {
    within(session, MAX_FRAGMENT, "fragment")?;
    let root = session.root()?;
    if root.name == "fragment" {
        return Ok(root);
    }
    session.error(
        codes::WRONG_ROOT,
        root.name_span,
        format!("the root element is `{}`, expected `fragment`", root.name),
    );
    Err(Refused)
}
