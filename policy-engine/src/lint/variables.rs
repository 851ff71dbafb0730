//! Variables that are read although no policy of the chain can have set them.
//!
//! Which `choose` is taken is not looked at: one policy that sets the name anywhere in a document that can share a chain with the reader
//! is enough. A read that fails without the variable (`context.Variables["name"]`) also needs it to be set before: in an earlier section,
//! further up in its document, or in another document of the chain. A document that asks `ContainsKey` for a name knows that it may be
//! missing and is left alone.
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use config_model::{PolicyScope, ProductId, Snapshot};

use super::{Trails, at, products_of};
use crate::compile::{Event, Read, Trail, What};
use crate::diagnostics::{Diagnostic, codes, nearest};
use crate::program::{PerSection, Section};
use crate::source::Position;

/// Names of variables.
type Names<'t> = BTreeSet<&'t str>;

/// Policies whose content runs again, or beside itself: what is set inside may have been set before.
const REPEATING: [&str; 2] = ["retry", "wait"];

/// Findings of all documents. A place in a fragment counts only if it is wrong wherever the fragment stands.
pub(super) fn never_set(snapshot: &Snapshot, trails: &Trails<'_>) -> Vec<Diagnostic> {
    let families = Families::of(snapshot, trails);
    let mut places = Places::new();
    for (scope, trail) in trails {
        let mut asked: Names<'_> = trail.asked.iter().map(|name| &**name).collect();
        let mut reads = false;
        for section in Section::ALL {
            asks(trail.sections.get(section), &mut asked, &mut reads);
        }
        if !reads {
            continue;
        }
        let around = if trail.open { None } else { families.around(scope, trail) };
        for section in Section::ALL {
            let events = trail.sections.get(section);
            let around = around.as_ref();
            let (before, included) = (Names::new(), None);
            let mut walk = Walk { around, asked: &asked, before, included, places: &mut places };
            walk.before = walk.known_at_start(trail, section);
            walk.events(events);
        }
    }
    findings(places)
}

/// What is wrong at each place.
type Places = BTreeMap<(Arc<str>, Position), Found>;

#[derive(Default)]
struct Found {
    /// It is right at least once: the fragment that the place is in stands elsewhere too.
    fine: bool,
    finding: Option<Diagnostic>,
    /// Where the fragment is included in vain.
    included: Vec<Diagnostic>,
}

/// A place that is right somewhere is no mistake of the fragment, but of those who include it without what it needs.
fn findings(places: Places) -> Vec<Diagnostic> {
    let mut all: Vec<Diagnostic> = Vec::new();
    for found in places.into_values() {
        let here = if found.fine { found.included } else { found.finding.into_iter().collect() };
        for finding in here {
            if !all.contains(&finding) {
                all.push(finding);
            }
        }
    }
    all
}

/// Gathers the names that are asked for, and tells whether any is read.
fn asks<'t>(events: &'t [Event], asked: &mut Names<'t>, reads: &mut bool) {
    for event in events {
        match event {
            Event::Touch(What::Variable { .. }, _) => *reads = true,
            Event::Touch(What::Asks(name), _) => drop(asked.insert(name)),
            Event::Touch(What::Body { .. }, _) | Event::Sets(_) => {}
            Event::Policy(_, inside) | Event::Block(_, inside) | Event::Fragment(_, inside) => {
                asks(inside, asked, reads);
            }
        }
    }
}

/// Names set by these events and all inside of them.
fn set_in<'t>(events: &'t [Event], names: &mut Names<'t>) {
    for event in events {
        match event {
            Event::Sets(name) => drop(names.insert(name)),
            Event::Policy(_, inside) | Event::Block(_, inside) | Event::Fragment(_, inside) => set_in(inside, names),
            Event::Touch(..) => {}
        }
    }
}

/// A walk through a section of a document in the order of its text.
struct Walk<'w, 't> {
    /// Names that the chain may set; `None` when it may set any.
    around: Option<&'w Around<'t>>,
    asked: &'w Names<'t>,
    /// Names that may be set where the walk stands.
    before: Names<'t>,
    /// Inside of a fragment and outside of its blocks: where it is included.
    included: Option<&'t Arc<Diagnostic>>,
    places: &'w mut Places,
}

impl<'t> Walk<'_, 't> {
    /// Set by other documents, by sections before, or by policies of which nothing is known but their names.
    fn known_at_start(&self, trail: &'t Trail, section: Section) -> Names<'t> {
        let mut known = Names::new();
        for earlier in Section::ALL {
            known.extend(self.around.iter().flat_map(|a| a.others.get(earlier)));
            if earlier == section {
                let mut in_order = Names::new();
                set_in(trail.sections.get(section), &mut in_order);
                let unordered = trail.sets.get(section).iter().map(|name| &**name);
                known.extend(unordered.filter(|name| !in_order.contains(name)));
                break;
            }
            known.extend(trail.sets.get(earlier).iter().map(|name| &**name));
        }
        known
    }

    fn events(&mut self, events: &'t [Event]) {
        for event in events {
            match event {
                Event::Touch(What::Variable { name, read }, place) => self.read(name, *read, place),
                Event::Touch(..) => {}
                Event::Sets(name) => drop(self.before.insert(name)),
                Event::Policy(name, inside) => {
                    if REPEATING.contains(name) {
                        set_in(inside, &mut self.before);
                    }
                    self.events(inside);
                }
                // Whether a block runs is not known.
                Event::Block(_, inside) => self.within(None, inside),
                Event::Fragment(place, inside) => self.within(Some(place), inside),
            }
        }
    }

    fn within(&mut self, included: Option<&'t Arc<Diagnostic>>, events: &'t [Event]) {
        let outer = std::mem::replace(&mut self.included, included);
        self.events(events);
        self.included = outer;
    }

    fn read(&mut self, name: &'t str, read: Read, place: &Arc<Diagnostic>) {
        let finding = match self.around {
            _ if self.asked.contains(name) => None,
            None => None,
            Some(around) if !around.all.contains(name) => Some(never(name, place, &around.all)),
            Some(_) if read != Read::Optional && !self.before.contains(name) => Some(late(name, place)),
            Some(_) => None,
        };
        let found = self.places.entry((Arc::clone(&place.path), place.start)).or_default();
        found.fine |= finding.is_none();
        if let (Some(_), Some(include), Read::Certain) = (&finding, self.included, read) {
            found.included.push(needed(name, include));
        }
        found.finding = found.finding.take().or(finding);
    }
}

fn needed(name: &str, include: &Arc<Diagnostic>) -> Diagnostic {
    let message =
        format!("this fragment reads variable `{name}`, which no policy that runs before or around this sets");
    at(include, codes::VARIABLE_NEVER_SET, message, "set it with `set-variable` before")
}

fn never(name: &str, place: &Arc<Diagnostic>, known: &Names<'_>) -> Diagnostic {
    let help = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`? (names are case-sensitive)"),
        None => "set it with `set-variable` before, or ask `ContainsKey` if it may be missing".to_owned(),
    };
    let message = format!("no policy that runs before or around this sets variable `{name}`");
    at(place, codes::VARIABLE_NEVER_SET, message, &help)
}

fn late(name: &str, place: &Arc<Diagnostic>) -> Diagnostic {
    let message = format!("variable `{name}` is set only after it is read here");
    let help = "set it before, or read it with `GetValueOrDefault` if it may be missing";
    at(place, codes::VARIABLE_NEVER_SET, message, help)
}

/// What is set around a document.
#[derive(Default)]
struct Around<'t> {
    /// By other documents of the chain, section by section.
    others: PerSection<Names<'t>>,
    /// By any, the document itself included.
    all: Names<'t>,
}

impl<'t> Around<'t> {
    /// False when the document may set any name.
    fn add(&mut self, trail: &'t Trail) -> bool {
        for section in Section::ALL {
            let names = trail.sets.get(section).iter().map(|name| &**name);
            self.others.get_mut(section).extend(names.clone());
            self.all.extend(names);
        }
        !trail.open
    }
}

/// Which documents can share a chain.
struct Families<'t> {
    /// The global document and those of workspaces.
    broad: Vec<&'t Trail>,
    all: Vec<&'t Trail>,
    /// APIs of each product.
    products: HashMap<&'t ProductId, Vec<&'t str>>,
    apis: HashMap<&'t str, Api<'t>>,
}

/// Documents of an API, of its operations and of its products.
#[derive(Default)]
struct Api<'t> {
    own: Vec<&'t Trail>,
    operations: Vec<&'t Trail>,
    products: Vec<&'t Trail>,
}

impl<'t> Families<'t> {
    fn of(snapshot: &'t Snapshot, trails: &Trails<'t>) -> Families<'t> {
        let mut out = Families { broad: Vec::new(), all: Vec::new(), products: HashMap::new(), apis: HashMap::new() };
        for (scope, trail) in trails {
            out.all.push(trail);
            match scope {
                PolicyScope::Global | PolicyScope::Workspace(_) => out.broad.push(trail),
                PolicyScope::Product(_) => {}
                PolicyScope::Api(id) => out.apis.entry(id.as_str()).or_default().own.push(trail),
                PolicyScope::Operation(id, _) => out.apis.entry(id.as_str()).or_default().operations.push(trail),
            }
        }
        for api in snapshot.apis.values() {
            for product in products_of(snapshot, api) {
                out.products.entry(product).or_default().push(api.id.as_str());
                if let Some(trail) = trails.get(&PolicyScope::Product(product.clone())) {
                    out.apis.entry(api.id.as_str()).or_default().products.push(trail);
                }
            }
        }
        out
    }

    /// What may be set where the document of that scope runs; `None` when that is not known.
    fn around(&self, scope: &PolicyScope, trail: &'t Trail) -> Option<Around<'t>> {
        let mut family = self.broad.clone();
        match scope {
            // Requests of all APIs run through these.
            PolicyScope::Global | PolicyScope::Workspace(_) => family.clone_from(&self.all),
            PolicyScope::Product(id) => {
                // A product without APIs is served by nothing that is known here.
                for api in self.products.get(id)?.iter().filter_map(|id| self.apis.get(id)) {
                    family.extend(api.own.iter().chain(&api.operations));
                }
            }
            PolicyScope::Api(id) | PolicyScope::Operation(id, _) => {
                if let Some(api) = self.apis.get(id.as_str()) {
                    family.extend(api.own.iter().chain(&api.products));
                    // One operation's document never runs with another's, but each may run with their API's.
                    if matches!(scope, PolicyScope::Api(_)) {
                        family.extend(&api.operations);
                    }
                }
            }
        }
        let mut around = Around::default();
        for other in family.into_iter().filter(|other| !std::ptr::eq(*other, trail)) {
            if !around.add(other) {
                return None;
            }
        }
        around.all.extend(Section::ALL.iter().flat_map(|s| trail.sets.get(*s)).map(|name| &**name));
        Some(around)
    }
}
