//! Annotations of tokens. A token is forgotten when nobody holds it, so what is pinned to it is kept by its place in the tree as well.
use std::sync::Arc;

use super::token::{Body, Token};
use crate::collections::annotations::Notes;

impl Token {
    /// Annotations; made if asked for, then its place is told.
    pub(super) fn notes(self: &Arc<Token>, make: bool) -> Option<Arc<Notes>> {
        if !make || self.notes.get().is_some() {
            return self.notes.get().cloned();
        }
        let notes = self.notes.get_or_init(Arc::default).clone();
        let link = self.link();
        let Some(parent) = link.parent else { return Some(notes) };
        match &parent.body {
            Body::Object(data) => {
                let mut members = data.0.write();
                let at = members.position(link.name.as_ref().or(self.property_name())?);
                if let Some(member) = at.and_then(|at| members.list.get_mut(at)) {
                    let place = if link.name.is_some() { &mut member.slot.notes } else { &mut member.notes };
                    *place = Some(notes.clone());
                }
            }
            Body::Array(data) => {
                if let Some(slot) = data.0.write().list.iter_mut().find(|s| s.is(self)) {
                    slot.notes = Some(notes.clone());
                }
            }
            Body::Property { own, .. } => {
                if let Some(slot) = own.write().as_mut() {
                    slot.notes = Some(notes.clone());
                }
            }
            Body::Scalar(_) => {}
        }
        Some(notes)
    }
}
