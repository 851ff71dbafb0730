//! Bodies of WebSocket and gRPC APIs: they stream both ways at once and never stand in memory, so a policy that reads or replaces
//! one could only fail, or be passed over, for each request.
//!
//! In the documents of such an API and its operations that is an error. In those that others share - of products, of all APIs - it
//! is a warning: an expression there may well look at the API first.
use std::collections::BTreeSet;
use std::sync::Arc;

use config_model::{Api, ApiKind, PolicyScope, Snapshot};

use super::{Trails, at, products_of};
use crate::compile::{Event, Trail, What};
use crate::diagnostics::{Diagnostic, Severity, codes};
use crate::program::Section;

const HELP: &str = "its bodies pass as streams; look at headers, or answer with `return-response`";

pub(super) fn read(snapshot: &Snapshot, trails: &Trails<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for api in snapshot.apis.values() {
        let Some(kind) = streaming(api) else { continue };
        for (scope, shared) in scopes(snapshot, api) {
            let Some(trail) = trails.get(&scope) else { continue };
            for place in places(trail) {
                if !seen.insert((Arc::clone(&place.path), place.start)) {
                    continue;
                }
                let message = format!("the bodies of API `{}` cannot be read: it is {kind}", api.id);
                let mut finding = at(place, codes::BODY_IN_STREAM, message, HELP);
                finding.severity = if shared { Severity::Warning } else { Severity::Error };
                found.push(finding);
            }
        }
    }
    found
}

fn streaming(api: &Api) -> Option<&'static str> {
    match api.kind {
        ApiKind::Websocket => Some("a WebSocket API"),
        ApiKind::Grpc => Some("a gRPC API"),
        _ => None,
    }
}

/// Documents that apply to an API, and whether other APIs share them.
fn scopes(snapshot: &Snapshot, api: &Api) -> Vec<(PolicyScope, bool)> {
    let mut all = vec![(PolicyScope::Api(api.id.clone()), false)];
    all.extend(api.operations.iter().map(|o| (PolicyScope::Operation(api.id.clone(), o.id.clone()), false)));
    all.extend(products_of(snapshot, api).map(|id| (PolicyScope::Product(id.clone()), true)));
    all.push((PolicyScope::Global, true));
    all
}

/// Where bodies are read before the gateway answers by itself. In on-error the reply is its own.
fn places(trail: &Trail) -> Vec<&Arc<Diagnostic>> {
    fn walk<'t>(events: &'t [Event], found: &mut Vec<&'t Arc<Diagnostic>>) {
        for event in events {
            match event {
                Event::Touch(What::Body { .. }, place) => found.push(place),
                Event::Touch(..) | Event::Sets(_) => {}
                Event::Policy(_, inside) | Event::Block(_, inside) | Event::Fragment(_, inside) => walk(inside, found),
            }
        }
    }
    let mut found = Vec::new();
    for section in [Section::Inbound, Section::Backend, Section::Outbound] {
        walk(trail.sections.get(section), &mut found);
    }
    found
}
