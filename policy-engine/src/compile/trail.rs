//! What a document does with variables and bodies, in the order of its text: the facts behind the lints of whole chains.
use std::collections::BTreeSet;
use std::sync::Arc;

use csharp::Place;
use dotnet::{TypeId, Value};

use super::session::Session;
use crate::diagnostics::{Diagnostic, Severity, codes};
use crate::program::{PerSection, Section};
use crate::source::{Mapped, Span};
use crate::xml::{self, Element};

/// Type of `context.Variables`.
const VARIABLES: TypeId = TypeId("Gatewright.Context.VariableDictionary");
/// Type of `context.Request.Body`.
const BODY: TypeId = TypeId("Gatewright.Context.IMessageBody");
/// Types whose uses the C# compiler lists.
pub(super) const WATCHED: &[TypeId] = &[VARIABLES, BODY];

/// Which message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    /// `context.Request`
    Request,
    /// `context.Response`
    Response,
}

/// What a read of a variable does when there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// It gives a default.
    Optional,
    /// It fails, if it is reached.
    Required,
    /// It fails in every run of the expression.
    Certain,
}

/// What an expression does at one place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    /// Reads the variable.
    Variable { name: Arc<str>, read: Read },
    /// Asks whether there is such a variable.
    Asks(Arc<str>),
    /// Reads a body; `consumes` when nothing is left afterwards in every run.
    Body { message: Message, consumes: bool },
}

/// One use in an expression, relative to its text; kept with the compiled expression.
#[derive(Clone, Debug)]
pub(crate) struct Touch {
    pub(super) what: What,
    span: Span,
    /// The body was certainly read and not preserved before, in the same expression.
    gone: bool,
}

/// What happens in a section, in order.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A use; the finding has its place, and gets its words when something is wrong.
    Touch(What, Arc<Diagnostic>),
    /// The policy just before sets the variable.
    Sets(Arc<str>),
    /// A policy and what happens inside it.
    Policy(&'static str, Vec<Event>),
    /// What the policies of a fragment do, and where it is included.
    Fragment(Arc<Diagnostic>, Vec<Event>),
    /// A block of policies inside a policy, by the name of its element.
    Block(String, Vec<Event>),
}

/// The facts of a document.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trail {
    /// Variables that the policies of each section set, also those that were refused and are in no event.
    pub(crate) sets: PerSection<BTreeSet<Arc<str>>>,
    /// It may set others too: a name is an expression, or something is written that cannot be understood.
    pub(crate) open: bool,
    /// Variables that it may ask for, beside those in its events: names in a text that was not compiled to its end.
    pub(crate) asked: BTreeSet<Arc<str>>,
    /// Events of each section.
    pub(crate) sections: PerSection<Vec<Event>>,
    /// Which sections stand in the text.
    written: PerSection<bool>,
}

impl Trail {
    /// Does the document have that section?
    pub(crate) fn present(&self, section: Section) -> bool {
        *self.written.get(section)
    }

    pub(super) fn write(&mut self, section: Section, events: Vec<Event>) {
        *self.written.get_mut(section) = true;
        *self.sections.get_mut(section) = events;
    }
}

/// Uses in an expression from the compiler's places.
pub(super) fn touches(places: &[Place]) -> Arc<[Touch]> {
    let whats: Vec<Option<What>> = places.iter().map(what).collect();
    let consumed_before = |place: &Place, message: Message| {
        place.after.iter().any(|n| {
            let before = places.get(*n).zip(whats.get(*n).and_then(Option::as_ref));
            before.is_some_and(|(p, w)| body_of(w) == Some(message) && !preserves(p))
        })
    };
    let shift = |n: u32| n.saturating_add(2);
    let touch = |(place, what): (&Place, &Option<What>)| {
        let what = what.clone()?;
        let gone = body_of(&what).is_some_and(|message| consumed_before(place, message));
        let span = Span { start: shift(place.span.start), end: shift(place.span.end) };
        Some(Touch { what, span, gone })
    };
    places.iter().zip(&whats).filter_map(touch).collect()
}

fn body_of(what: &What) -> Option<Message> {
    match what {
        What::Body { message, .. } => Some(*message),
        _ => None,
    }
}

fn what(place: &Place) -> Option<What> {
    if place.owner == VARIABLES {
        let Some(Some(Value::Str(name))) = place.args.first() else { return None };
        return match &*place.name {
            "this[]" | "GetValueOrDefault" => {
                let read = match (&*place.name, place.certain) {
                    ("this[]", true) => Read::Certain,
                    ("this[]", false) => Read::Required,
                    _ => Read::Optional,
                };
                Some(What::Variable { name: name.clone(), read })
            }
            "TryGetValue" | "ContainsKey" => Some(What::Asks(name.clone())),
            _ => None,
        };
    }
    if place.owner != BODY || !matches!(&*place.name, "As" | "AsFormUrlEncodedContent") {
        return None;
    }
    let message = match place.path.iter().map(|p| &**p).collect::<Vec<_>>().as_slice() {
        ["Request", "Body"] => Message::Request,
        ["Response", "Body"] => Message::Response,
        _ => return None,
    };
    Some(What::Body { message, consumes: place.certain && !preserves(place) })
}

/// `preserveContent` that is no constant is taken as `true`.
fn preserves(place: &Place) -> bool {
    !matches!(place.args.first(), Some(Some(Value::Bool(false))))
}

impl Session<'_> {
    /// Notes what an expression does, and reports a body that it reads twice.
    pub(super) fn note_touches(&mut self, text: &Mapped, touches: &[Touch]) {
        for touch in touches {
            let span = text.origin(touch.span);
            let place = Diagnostic::new(Severity::Warning, 0, &self.source, span, "");
            if touch.gone {
                self.report(read_twice(&place));
                continue;
            }
            self.happens(Event::Touch(touch.what.clone(), Arc::new(place)));
        }
    }

    pub(super) fn happens(&mut self, event: Event) {
        if let Some(events) = self.events.last_mut() {
            events.push(event);
        }
    }

    /// Gathers the events of `inside` by themselves.
    pub(super) fn gather<T>(&mut self, inside: impl FnOnce(&mut Self) -> T) -> (T, Vec<Event>) {
        self.events.push(Vec::new());
        let out = inside(self);
        (out, self.events.pop().unwrap_or_default())
    }

    /// Notes the variables that the policies below set.
    pub(super) fn note_sets(&mut self, parent: &Element) {
        for element in parent.elements() {
            for name in self.names_set(element) {
                self.trail.sets.get_mut(self.section).insert(name);
            }
            self.note_sets(element);
        }
    }

    /// Tells in the order of events what a policy sets.
    pub(super) fn sets_happen(&mut self, element: &Element) {
        for name in self.names_set(element) {
            self.happens(Event::Sets(name));
        }
    }

    /// Variables that one policy sets. All policies say so in an attribute that ends with `variable-name`, but for
    /// `set-variable`; in `return-response` it names one that is read.
    fn names_set(&mut self, element: &Element) -> Vec<Arc<str>> {
        let is_set = element.name == "set-variable";
        let mut found = Vec::new();
        for attribute in &element.attributes {
            let names = attribute.name.ends_with("variable-name") && element.name != "return-response";
            if names || (is_set && attribute.name == "name") {
                let written = attribute.value(&self.source);
                let text = written.substituted(self.env.named_values, &mut |_, _| ());
                if xml::is_expression(text.as_str().trim()) || text.as_str().contains("{{") {
                    self.trail.open = true;
                }
                found.push(text.as_str().into());
            }
        }
        found
    }
}

impl Session<'_> {
    /// Notes the names that the text and its fragments seem to ask for, where expressions were not compiled.
    pub(super) fn note_asked(&mut self) {
        let fragments = self.env.fragments;
        let included = self.uses.fragments.iter().filter_map(|id| fragments.get(id));
        for source in included.chain(std::iter::once(&self.source)) {
            self.trail.asked.extend(asked_in(source.text()));
        }
    }
}

/// `ContainsKey("name"` and `TryGetValue("name"`, whatever stands before.
fn asked_in(text: &str) -> impl Iterator<Item = Arc<str>> {
    const QUOTES: [&str; 3] = ["\"", "&quot;", "&#34;"];
    let after = |word: &'static str| text.split(word).skip(1);
    after("ContainsKey").chain(after("TryGetValue")).filter_map(|rest| {
        let rest = rest.trim_start().strip_prefix('(')?.trim_start();
        let rest = rest.strip_prefix('@').unwrap_or(rest);
        let quote = QUOTES.into_iter().find(|quote| rest.starts_with(quote))?;
        let (name, _) = rest.strip_prefix(quote)?.split_once(quote)?;
        Some(name.into())
    })
}

/// The finding for a body that is read although it is gone.
pub(crate) fn read_twice(place: &Diagnostic) -> Diagnostic {
    let mut finding = place.clone();
    finding.code = codes::BODY_READ_TWICE;
    finding.message =
        "the body is read here, but nothing is left of it: it was read before without `preserveContent`".into();
    finding.help("read it with `preserveContent: true` the first time, or keep what was read in a variable")
}
