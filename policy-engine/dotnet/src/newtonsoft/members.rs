//! Members of a JSON object, in order, with an index by name once they are many.
use std::collections::HashMap;
use std::sync::Weak;

use super::token::{Slot, Token, containers};
use crate::collections::graveyard;
use crate::value::Str;

/// Objects with more members than this get an index by name.
const LINEAR_MEMBERS: usize = 12;

#[derive(Default)]
pub(super) struct Members {
    pub(super) list: Vec<Member>,
    index: HashMap<Str, usize>,
    pub(super) version: u32,
}

pub(super) struct Member {
    pub(super) name: Str,
    pub(super) slot: Slot,
    pub(super) property: Weak<Token>,
}

impl Members {
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        if self.index.is_empty() {
            self.list.iter().position(|m| &*m.name == name)
        } else {
            self.index.get(name).copied()
        }
    }

    pub(super) fn push(&mut self, name: Str, slot: Slot) {
        self.insert(self.list.len(), name, slot, Weak::new());
    }

    pub(super) fn insert(&mut self, at: usize, name: Str, slot: Slot, property: Weak<Token>) {
        let at = at.min(self.list.len());
        self.version = self.version.wrapping_add(1);
        self.list.insert(at, Member { name: name.clone(), slot, property });
        if self.list.len() <= LINEAR_MEMBERS {
            return;
        }
        if self.index.is_empty() || at.saturating_add(1) != self.list.len() {
            self.reindex();
        } else {
            self.index.insert(name, at);
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
        self.index.clear();
        std::mem::take(&mut self.list)
    }

    fn reindex(&mut self) {
        self.index.clear();
        if self.list.len() > LINEAR_MEMBERS {
            self.index.extend(self.list.iter().enumerate().map(|(i, m)| (m.name.clone(), i)));
        }
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
