//! What a policy says about itself, and the table of all policies.
use std::fmt::Debug;

use super::Node;
use crate::diagnostics::nearest;
use crate::program::{Op, Scope, Section};

/// Marker: what is wrong was reported; nothing can be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused;

/// A policy: describes itself and compiles its element.
pub(crate) trait Policy: Send + Sync {
    /// Description.
    fn spec(&self) -> &'static Spec;
    /// Reads an element that already fits the description.
    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused>;
}

/// Description of a policy: checked before `compile` is called, and the source of its page in the documentation.
#[derive(Debug)]
pub struct Spec {
    /// Element name.
    pub element: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// Sections it may stand in.
    pub sections: &'static [Section],
    /// Scopes it may stand at.
    pub scopes: &'static [Scope],
    /// How often.
    pub repeat: Repeat,
    /// Attributes, without `id`, which every policy has.
    pub attributes: &'static [AttributeSpec],
    /// What may stand inside.
    pub content: Content,
    /// A worked example.
    pub example: &'static str,
}

/// How often a policy may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Any number of times.
    Many,
    /// Once in a section of a document.
    OncePerSection,
    /// Once in a document.
    OncePerDocument,
}

/// An attribute.
#[derive(Clone, Copy, Debug)]
pub struct AttributeSpec {
    /// Name.
    pub name: &'static str,
    /// Must it be there?
    pub required: bool,
    /// May it be an expression?
    pub expression: bool,
    /// For the documentation.
    pub note: &'static str,
}

impl AttributeSpec {
    /// One that must be there.
    pub const fn required(name: &'static str, note: &'static str) -> AttributeSpec {
        AttributeSpec { name, required: true, expression: true, note }
    }

    /// One that may be there.
    pub const fn optional(name: &'static str, note: &'static str) -> AttributeSpec {
        AttributeSpec { name, required: false, expression: true, note }
    }

    /// Only a literal may stand there.
    #[must_use]
    pub const fn literal(self) -> AttributeSpec {
        AttributeSpec { expression: false, ..self }
    }
}

/// What may stand inside an element.
#[derive(Clone, Copy, Debug)]
pub enum Content {
    /// Nothing.
    Empty,
    /// Text.
    Text,
    /// Text that may be an expression or data with markup, taken as it stands.
    Verbatim,
    /// Policies of the same section.
    Policies,
    /// Child elements.
    Children(&'static [ChildSpec]),
    /// Child elements or text.
    Mixed(&'static [ChildSpec]),
}

/// A child element.
#[derive(Clone, Copy, Debug)]
pub struct ChildSpec {
    /// Element name.
    pub element: &'static str,
    /// At least so many.
    pub min: u32,
    /// At most so many.
    pub max: u32,
    /// Its attributes.
    pub attributes: &'static [AttributeSpec],
    /// What may stand inside.
    pub content: Content,
}

impl ChildSpec {
    /// Any number.
    pub const fn many(element: &'static str, attributes: &'static [AttributeSpec], content: Content) -> ChildSpec {
        ChildSpec { element, min: 0, max: u32::MAX, attributes, content }
    }

    /// None or one.
    pub const fn maybe(element: &'static str, attributes: &'static [AttributeSpec], content: Content) -> ChildSpec {
        ChildSpec { element, min: 0, max: 1, attributes, content }
    }

    /// At least so many.
    #[must_use]
    pub const fn at_least(self, min: u32) -> ChildSpec {
        ChildSpec { min, ..self }
    }
}

/// What the table knows about an element name.
#[derive(Clone, Copy)]
pub(crate) enum Support<'t> {
    /// A policy that runs.
    Policy(&'t dyn Policy),
    /// A known policy that this version does not run.
    NotYet,
    /// No such policy; with it the nearest name.
    Unknown(Option<&'t str>),
}

/// All policies.
pub(crate) struct Table {
    /// Those that run.
    pub policies: &'static [&'static dyn Policy],
    /// Names of those that are known but do not run yet.
    pub not_yet: &'static [&'static str],
}

impl Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.policies.iter().map(|p| p.spec().element)).finish()
    }
}

impl Table {
    /// Is it the name of a policy, running or not?
    pub(crate) fn is_policy(&self, element: &str) -> bool {
        !matches!(self.find(element), Support::Unknown(_))
    }

    /// Looks an element name up.
    pub(crate) fn find(&self, element: &str) -> Support<'_> {
        if let Some(policy) = self.policies.iter().find(|p| p.spec().element == element) {
            return Support::Policy(*policy);
        }
        if self.not_yet.contains(&element) {
            return Support::NotYet;
        }
        let names = self.policies.iter().map(|p| p.spec().element).chain(self.not_yet.iter().copied());
        Support::Unknown(nearest(element, names))
    }
}
