//! Bodies that are read without `preserveContent` and wanted again afterwards: by another expression, by `forward-request`, by the
//! client.
//!
//! The walk follows a chain as it runs, `base` included, and holds a body for gone only where that is certain on every way to the
//! place: a read in one branch of a `choose`, or behind a `?:`, proves nothing.
use std::collections::BTreeSet;
use std::sync::Arc;

use config_model::{Api, PolicyScope, Snapshot};

use super::{Trails, at, products_of};
use crate::compile::{Event, Message, Trail, What, read_twice};
use crate::diagnostics::{Diagnostic, codes};
use crate::program::Section;

const PRESERVE: &str = "read it with `preserveContent: true`, or give it back with `set-body`";

/// Findings of all chains that a request can run through.
pub(super) fn lost(snapshot: &Snapshot, trails: &Trails<'_>) -> Vec<Diagnostic> {
    let mut walk = Walk::default();
    for api in snapshot.apis.values() {
        for chain in chains(snapshot, trails, api) {
            if chain.iter().flatten().any(|t| touches_bodies(t)) {
                walk.run(&chain);
            }
        }
    }
    walk.found
}

/// Findings of one document whose surroundings are not known.
pub(crate) fn of_file(trail: &Trail) -> Vec<Diagnostic> {
    let mut walk = Walk { alone: true, ..Walk::default() };
    walk.run(&[Some(trail)]);
    walk.found
}

/// From narrow to broad; `None` where the global document is the one that every configuration has without saying so.
type Links<'t> = Vec<Option<&'t Trail>>;

fn chains<'t>(snapshot: &Snapshot, trails: &Trails<'t>, api: &Api) -> Vec<Links<'t>> {
    let own = trails.get(&PolicyScope::Api(api.id.clone())).copied();
    let global = trails.get(&PolicyScope::Global).copied();
    let operation = |id| trails.get(&PolicyScope::Operation(api.id.clone(), id)).copied();
    let mut operations: Vec<Option<&Trail>> = vec![None];
    operations.extend(api.operations.iter().map(|o| operation(o.id.clone())).filter(Option::is_some));
    let mut products: Vec<Option<&Trail>> = vec![None];
    let of_product = |id: &config_model::ProductId| trails.get(&PolicyScope::Product(id.clone())).copied();
    products.extend(products_of(snapshot, api).map(of_product).filter(Option::is_some));
    let mut all = Vec::new();
    for operation in &operations {
        for product in &products {
            let narrow = [*operation, own, *product].into_iter().flatten().map(Some);
            all.push(narrow.chain([global]).collect());
        }
    }
    all
}

fn touches_bodies(trail: &Trail) -> bool {
    fn any(events: &[Event]) -> bool {
        events.iter().any(|event| match event {
            Event::Touch(what, _) => matches!(what, What::Body { .. }),
            Event::Sets(_) => false,
            Event::Policy(_, inside) | Event::Block(_, inside) | Event::Fragment(_, inside) => any(inside),
        })
    }
    Section::ALL.into_iter().any(|section| any(trail.sections.get(section)))
}

/// Where the bodies were last read, if nothing is left of them.
#[derive(Clone, Default)]
struct State<'t> {
    request: Option<&'t Arc<Diagnostic>>,
    response: Option<&'t Arc<Diagnostic>>,
    /// Nothing runs here: a policy before has answered.
    ended: bool,
}

impl<'t> State<'t> {
    fn body(&mut self, message: Message) -> &mut Option<&'t Arc<Diagnostic>> {
        match message {
            Message::Request => &mut self.request,
            Message::Response => &mut self.response,
        }
    }

    /// What is certain whichever way was taken.
    fn meet(self, other: State<'t>) -> State<'t> {
        if self.ended {
            return other;
        }
        if other.ended {
            return self;
        }
        State {
            request: self.request.filter(|_| other.request.is_some()),
            response: self.response.filter(|_| other.response.is_some()),
            ended: false,
        }
    }
}

#[derive(Default)]
struct Walk {
    found: Vec<Diagnostic>,
    seen: BTreeSet<(Arc<str>, crate::source::Position)>,
    /// The documents around are not known: what `base` does is open.
    alone: bool,
}

/// Where the walk stands.
#[derive(Clone, Copy)]
struct Here<'c, 't> {
    chain: &'c [Option<&'t Trail>],
    level: usize,
    section: Section,
}

impl Walk {
    fn run(&mut self, chain: &[Option<&Trail>]) {
        let mut state = State::default();
        for section in [Section::Inbound, Section::Backend, Section::Outbound] {
            state = self.section(Here { chain, level: 0, section }, state);
        }
        if let Some(place) = state.response.filter(|_| !state.ended) {
            let message =
                "nothing is left of the response body for the client: it is read here without `preserveContent`";
            self.report(at(place, codes::BODY_LOST, message.into(), PRESERVE));
        }
        self.section(Here { chain, level: 0, section: Section::OnError }, State::default());
    }

    fn report(&mut self, finding: Diagnostic) {
        if self.seen.insert((Arc::clone(&finding.path), finding.start)) {
            self.found.push(finding);
        }
    }

    /// The section of this level's document; a document without it is transparent.
    fn section<'t>(&mut self, here: Here<'_, 't>, state: State<'t>) -> State<'t> {
        match here.chain.get(here.level) {
            None if self.alone => State::default(),
            None => state,
            Some(None) if here.section == Section::Backend => self.forward(state),
            Some(None) => state,
            Some(Some(trail)) if trail.present(here.section) => {
                self.events(here, trail.sections.get(here.section), state)
            }
            Some(Some(_)) => self.section(Here { level: here.level.saturating_add(1), ..here }, state),
        }
    }

    fn events<'t>(&mut self, here: Here<'_, 't>, events: &'t [Event], mut state: State<'t>) -> State<'t> {
        for event in events {
            if state.ended {
                break;
            }
            state = match event {
                Event::Touch(what, place) => self.touch(what, place, state),
                Event::Sets(_) => state,
                Event::Policy(name, inside) => self.policy(here, name, inside, state),
                Event::Block(_, inside) | Event::Fragment(_, inside) => self.events(here, inside, state),
            };
        }
        state
    }

    fn touch<'t>(&mut self, what: &What, place: &'t Arc<Diagnostic>, mut state: State<'t>) -> State<'t> {
        let What::Body { message, consumes } = what else { return state };
        if state.body(*message).is_some() {
            self.report(read_twice(place));
        } else if *consumes {
            *state.body(*message) = Some(place);
        }
        state
    }

    fn policy<'t>(&mut self, here: Here<'_, 't>, name: &str, inside: &'t [Event], state: State<'t>) -> State<'t> {
        match name {
            "choose" => return self.choose(here, inside, state),
            "base" => return self.section(Here { level: here.level.saturating_add(1), ..here }, state),
            // What stands inside may be left out.
            "cache-value" => return self.events(here, inside, state.clone()).meet(state),
            _ => {}
        }
        let mut after = self.events(here, inside, state);
        match name {
            "return-response" | "mock-response" => after.ended = true,
            "set-body" => after = State::default(),
            // Without a body to send, or with another one: what was read is not missed.
            "set-method" => after.request = None,
            "forward-request" => after = self.forward(after),
            _ => {}
        }
        after
    }

    fn forward<'t>(&mut self, state: State<'t>) -> State<'t> {
        if let Some(place) = state.request {
            let message = "nothing is left of the request body to forward: it is read here without `preserveContent`";
            self.report(at(place, codes::BODY_LOST, message.into(), PRESERVE));
        }
        State { response: None, ..state }
    }

    fn choose<'t>(&mut self, here: Here<'_, 't>, inside: &'t [Event], mut state: State<'t>) -> State<'t> {
        let mut ends: Option<State<'t>> = None;
        let mut covered = false;
        for event in inside {
            match event {
                Event::Block(name, block) => {
                    covered |= name == "otherwise";
                    let end = self.events(here, block, state.clone());
                    ends = Some(match ends {
                        Some(before) => before.meet(end),
                        None => end,
                    });
                }
                Event::Touch(what, place) => state = self.touch(what, place, state),
                Event::Policy(..) | Event::Fragment(..) | Event::Sets(_) => {}
            }
        }
        match ends {
            Some(ends) if covered => ends,
            Some(ends) => ends.meet(state),
            None => state,
        }
    }
}
