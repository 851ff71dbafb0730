//! Members of a JSON object, in order, with an index by name once they are many.
use std::collections::HashMap;
use std::sync::{Arc, Weak};

use super::token::{Slot, Token, containers};
use crate::collections::annotations::Notes;
use crate::collections::graveyard;
use crate::value::Str;

/// Objects with more members than this get an index by name.
const LINEAR_MEMBERS: usize = 12;

#[derive(Default)]
pub(super) struct Members {
    pub(super) list: Vec<Member>,
    /// Only in large objects.
    index: Option<HashMap<Str, usize>>,
    pub(super) version: u32,
}

pub(super) struct Member {
    pub(super) name: Str,
    pub(super) slot: Slot,
    pub(super) property: Weak<Token>,
    /// Annotations of the property.
    pub(super) notes: Option<Arc<Notes>>,
}

impl Members {
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        match &self.index {
            None => self.list.iter().position(|m| &*m.name == name),
            Some(index) => index.get(name).copied(),
        }
    }

    pub(super) fn push(&mut self, name: Str, slot: Slot) {
        self.insert(self.list.len(), Member { name, slot, property: Weak::new(), notes: None });
    }

    pub(super) fn insert(&mut self, at: usize, member: Member) {
        let at = at.min(self.list.len());
        self.version = self.version.wrapping_add(1);
        let is_last = at == self.list.len();
        match &mut self.index {
            Some(index) if is_last => {
                index.insert(member.name.clone(), at);
                self.list.push(member);
            }
            None if self.list.len() < LINEAR_MEMBERS => self.list.insert(at, member),
            _ => {
                self.list.insert(at, member);
                self.reindex();
            }
        }
    }

    pub(super) fn take(&mut self, at: usize) -> Option<Member> {
        if at >= self.list.len() {
            return None;
        }
        self.version = self.version.wrapping_add(1);
        let member = self.list.remove(at);
        self.reindex();
        Some(member)
    }

    /// Takes all members out.
    pub(super) fn take_all(&mut self) -> Vec<Member> {
        self.version = self.version.wrapping_add(1);
        self.index = None;
        std::mem::take(&mut self.list)
    }

    fn reindex(&mut self) {
        self.index = (self.list.len() > LINEAR_MEMBERS)
            .then(|| self.list.iter().enumerate().map(|(i, m)| (m.name.clone(), i)).collect());
    }

    pub(super) fn get(&self, name: &str) -> Option<&Member> {
        self.list.get(self.position(name)?)
    }
}

impl Drop for Members {
    fn drop(&mut self) {
        graveyard::end(std::mem::take(&mut self.list), |list| containers(list.into_iter().map(|m| m.slot.payload)));
    }
}
