//! Variables that are read although no policy of the chain can have set them.
//!
//! Order is not looked at, nor which `choose` is taken: one `set-variable` anywhere in a document that can share a chain with the
//! reader is enough. A document that asks `ContainsKey` for a name knows that it may be missing and is left alone.
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use config_model::{PolicyScope, Snapshot};

use super::{Trails, at, products_of};
use crate::compile::{Event, Trail, What};
use crate::diagnostics::{Diagnostic, codes, nearest};
use crate::program::Section;
use crate::source::Position;

/// Names that a set of documents sets; `None` when it may set any.
type Names<'t> = Option<BTreeSet<&'t str>>;

/// Findings of all documents. A place in a fragment counts only if it is wrong wherever the fragment stands.
pub(super) fn never_set(snapshot: &Snapshot, trails: &Trails<'_>) -> Vec<Diagnostic> {
    let families = Families::of(snapshot, trails);
    let mut places: BTreeMap<(Arc<str>, Position), Option<Diagnostic>> = BTreeMap::new();
    for (scope, trail) in trails {
        let mut reads = Vec::new();
        let mut asked = BTreeSet::new();
        for section in Section::ALL {
            gather(trail.sections.get(section), &mut reads, &mut asked);
        }
        if reads.is_empty() {
            continue;
        }
        let known = families.around(scope, trail);
        for (name, place) in reads {
            let fine = asked.contains(name) || known.as_ref().is_none_or(|k| k.contains(name));
            let key = (Arc::clone(&place.path), place.start);
            if fine {
                places.insert(key, None);
            } else {
                places.entry(key).or_insert_with(|| Some(finding(name, place, known.as_ref())));
            }
        }
    }
    places.into_values().flatten().collect()
}

fn finding(name: &str, place: &Arc<Diagnostic>, known: Option<&BTreeSet<&str>>) -> Diagnostic {
    let near = known.and_then(|k| nearest(name, k.iter().copied()));
    let help = match near {
        Some(near) => format!("did you mean `{near}`? (names are case-sensitive)"),
        None => "set it with `set-variable` before, or ask `ContainsKey` if it may be missing".to_owned(),
    };
    at(
        place,
        codes::VARIABLE_NEVER_SET,
        format!("no policy that runs before or around this sets variable `{name}`"),
        &help,
    )
}

fn gather<'t>(events: &'t [Event], reads: &mut Vec<(&'t str, &'t Arc<Diagnostic>)>, asked: &mut BTreeSet<&'t str>) {
    for event in events {
        match event {
            Event::Touch(What::Variable(name), place) => reads.push((name, place)),
            Event::Touch(What::Asks(name), _) => drop(asked.insert(name)),
            Event::Touch(What::Body { .. }, _) => {}
            Event::Policy(_, inside) | Event::Block(_, inside) => gather(inside, reads, asked),
        }
    }
}

/// What documents set, by those they can share a chain with.
struct Families<'t> {
    /// The global document and those of workspaces.
    broad: Names<'t>,
    /// All documents.
    all: Names<'t>,
    products: HashMap<&'t PolicyScope, Names<'t>>,
    /// Of each API: documents of it, of its operations and of its products.
    apis: HashMap<&'t str, Api<'t>>,
}

struct Api<'t> {
    own: Names<'t>,
    operations: Names<'t>,
    products: Names<'t>,
}

impl<'t> Families<'t> {
    fn of(snapshot: &Snapshot, trails: &Trails<'t>) -> Families<'t> {
        let empty = || Some(BTreeSet::new());
        let mut out = Families { broad: empty(), all: empty(), products: HashMap::new(), apis: HashMap::new() };
        let new_api = || Api { own: empty(), operations: empty(), products: empty() };
        for (scope, trail) in trails {
            let names = names_of(trail);
            add(&mut out.all, &names);
            match scope {
                PolicyScope::Global | PolicyScope::Workspace(_) => add(&mut out.broad, &names),
                PolicyScope::Product(_) => drop(out.products.insert(scope, names)),
                PolicyScope::Api(id) => add(&mut out.apis.entry(id.as_str()).or_insert_with(new_api).own, &names),
                PolicyScope::Operation(id, _) => {
                    add(&mut out.apis.entry(id.as_str()).or_insert_with(new_api).operations, &names);
                }
            }
        }
        let products: Vec<(&PolicyScope, Names<'t>)> = out.products.iter().map(|(s, n)| (*s, n.clone())).collect();
        for api in snapshot.apis.values() {
            let Some(family) = out.apis.get_mut(api.id.as_str()) else { continue };
            for id in products_of(snapshot, api) {
                let found = products.iter().find(|(s, _)| matches!(s, PolicyScope::Product(p) if p == id));
                if let Some((_, names)) = found {
                    add(&mut family.products, names);
                }
            }
        }
        out
    }

    /// What may be set where the document of that scope runs.
    fn around(&self, scope: &PolicyScope, trail: &'t Trail) -> Names<'t> {
        let (PolicyScope::Api(id) | PolicyScope::Operation(id, _)) = scope else {
            // Requests of many APIs run through the others.
            return self.all.clone();
        };
        let mut names = self.broad.clone();
        add(&mut names, &names_of(trail));
        if let Some(api) = self.apis.get(id.as_str()) {
            add(&mut names, &api.own);
            add(&mut names, &api.products);
            // One operation's document never runs with another's, but each may run with their API's.
            if matches!(scope, PolicyScope::Api(_)) {
                add(&mut names, &api.operations);
            }
        }
        names
    }
}

fn names_of(trail: &Trail) -> Names<'_> {
    (!trail.open).then(|| trail.sets.iter().map(|name| &**name).collect())
}

fn add<'t>(all: &mut Names<'t>, more: &Names<'t>) {
    match (all.as_mut(), more) {
        (Some(all), Some(more)) => all.extend(more),
        _ => *all = None,
    }
}
