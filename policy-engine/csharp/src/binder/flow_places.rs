//! Where members of watched types are used, what certainly came before, and what every run passes: facts for lints of whole policies.
use std::sync::Arc;

use dotnet::Value;

use super::facts::Place;
use super::flow::{Flow, MAX_PLACES};
use super::tree::{Expr, Kind, LocalId, Passed};
use crate::span::Span;

impl<'a> Flow<'_, 'a> {
    /// Notes a call whose arguments have been walked.
    pub(super) fn note_call(&mut self, name: &Arc<str>, args: &[Passed<'a>], span: Span) {
        if self.watched.is_empty() {
            return;
        }
        let mut args = args.iter().map(|a| if let Passed::Value(e) = a { Some(e) } else { None });
        let Some(Some(receiver)) = args.next() else { return };
        self.note(name, receiver, args.map(|a| a.and_then(|e| e.constant.clone())).collect(), span);
    }

    /// Notes a use; `args` without the receiver.
    pub(super) fn note(&mut self, name: &Arc<str>, receiver: &Expr<'a>, args: Vec<Option<Value>>, span: Span) {
        let Some(owner) = receiver.ty.id().filter(|id| self.watched.contains(id)) else { return };
        let number = self.places.len();
        // The last bit stays free: it is set only where the state is that of an unreachable place.
        if number.saturating_add(1) >= MAX_PLACES || self.state.has(self.bit(MAX_PLACES.saturating_sub(1))) {
            return;
        }
        let after = (0..number).filter(|n| self.state.has(self.bit(*n))).collect();
        let path = path_of(receiver).unwrap_or_default();
        self.places.push(Place { owner, name: name.clone(), path, args, span, certain: false, after });
        self.state.set(self.bit(number));
    }

    fn bit(&self, number: usize) -> LocalId {
        self.locals.len().saturating_add(number)
    }

    /// After the walk: the places, with those marked that every run passes.
    pub(super) fn finished_places(&mut self) -> Vec<Place> {
        let mut end = self.state.clone();
        if let Some(returned) = &self.returned {
            end.meet(returned);
        }
        let certain: Vec<bool> = (0..self.places.len()).map(|n| end.has(self.bit(n))).collect();
        let mut places = std::mem::take(&mut self.places);
        for (place, certain) in places.iter_mut().zip(certain) {
            place.certain = certain;
        }
        places
    }
}

/// The properties from a global to a value.
fn path_of(e: &Expr<'_>) -> Option<Vec<Arc<str>>> {
    match &e.kind {
        Kind::Global(_) => Some(Vec::new()),
        Kind::Property(p) if p.args.is_empty() => {
            let mut path = path_of(p.receiver.as_deref()?)?;
            path.push(p.member.name.clone());
            Some(path)
        }
        _ => None,
    }
}
