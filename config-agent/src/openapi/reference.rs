//! `$ref` within one document.

use serde_json::Value;
use std::cell::RefCell;

/// How many references in a row are followed; it also ends circles.
const MAX_HOPS: usize = 16;

/// How many notes one document may cause.
const MAX_NOTES: usize = 20;

/// A specification with what was noticed while it was read.
#[derive(Debug)]
pub(super) struct Document<'a> {
    pub(super) root: &'a Value,
    pub(super) is_v2: bool,
    notes: RefCell<Vec<(String, String)>>,
}

impl<'a> Document<'a> {
    pub(super) fn new(root: &'a Value, is_v2: bool) -> Self {
        Self { root, is_v2, notes: RefCell::default() }
    }

    /// Notes that something was not understood. `place` is a path of names in the document.
    pub(super) fn note(&self, place: &str, what: impl Into<String>) {
        let mut notes = self.notes.borrow_mut();
        if notes.len() < MAX_NOTES {
            notes.push((place.to_owned(), what.into()));
        }
    }

    pub(super) fn take_notes(&self) -> Vec<(String, String)> {
        self.notes.take()
    }

    /// The value itself, or what it refers to.
    pub(super) fn resolve(&self, value: &'a Value, place: &str) -> Option<&'a Value> {
        let mut value = value;
        for _ in 0..MAX_HOPS {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return Some(value) };
            let target = reference.strip_prefix('#').and_then(|pointer| self.root.pointer(&decode(pointer)));
            let Some(target) = target else {
                self.note(place, format!("`{reference}` refers to nothing in this file"));
                return None;
            };
            value = target;
        }
        self.note(place, "references go in a circle");
        None
    }
}

/// Pointers stand in URIs, so they may be percent-encoded.
fn decode(pointer: &str) -> String {
    let mut bytes = Vec::with_capacity(pointer.len());
    let mut rest = pointer.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| *first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| pointer.to_owned())
}
