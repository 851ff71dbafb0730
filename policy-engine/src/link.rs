//! Documents of the scopes that apply to a request, in order: a [`Chain`].
//!
//! Nothing is copied or flattened: `<base/>` is a jump to the next document, so a chain is a short list of shared documents
//! and thousands of operations stay cheap.
use std::sync::Arc;

use crate::program::{Block, Document, Needs, Scope, Section};

/// The effective program of a request.
#[derive(Debug, Clone)]
pub struct Chain {
    /// From narrow to broad.
    documents: Box<[Arc<Document>]>,
    needs: Needs,
}

impl Chain {
    /// Links documents given from narrow to broad; missing scopes are simply not in the list. The last one should be the global document.
    pub fn link(documents: impl IntoIterator<Item = Arc<Document>>) -> Chain {
        let mut chain = Chain { documents: documents.into_iter().collect(), needs: Needs::default() };
        chain.needs =
            Section::ALL.into_iter().fold(Needs::default(), |needs, section| needs.union(chain.section_needs(section)));
        chain
    }

    /// What must be held in memory.
    pub fn needs(&self) -> Needs {
        self.needs
    }

    /// The documents, from narrow to broad.
    pub fn documents(&self) -> &[Arc<Document>] {
        &self.documents
    }

    /// The section's block of the first document from `level` on that has the section, and that document's level.
    pub(crate) fn block(&self, section: Section, level: usize) -> Option<(&Block, usize)> {
        self.documents
            .iter()
            .enumerate()
            .skip(level)
            .find_map(|(at, d)| d.sections.get(section).as_ref().map(|block| (block, at)))
    }

    /// Scope of a level.
    pub(crate) fn scope(&self, level: usize) -> Scope {
        self.documents.get(level).map_or(Scope::Global, |d| d.scope)
    }

    /// Needs of what really runs: a section without `base` cuts off everything broader.
    fn section_needs(&self, section: Section) -> Needs {
        let mut needs = Needs::default();
        for document in &self.documents {
            needs = needs.union(*document.needs.get(section));
            if document.sections.get(section).is_some() && !document.has_base.get(section) {
                break;
            }
        }
        needs
    }

    /// Does the effective section hold anything but `base`?
    pub fn is_empty(&self, section: Section) -> bool {
        let mut level = 0;
        while let Some((block, at)) = self.block(section, level) {
            let only_base = block.statements.iter().all(|s| matches!(s.op, crate::program::Op::Base));
            if !only_base {
                return false;
            }
            if block.statements.is_empty() {
                return true;
            }
            level = at.saturating_add(1);
        }
        true
    }
}
