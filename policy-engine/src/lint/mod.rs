//! Lints over whole chains: what no single document can tell. Only what is certain is said; where part of a chain is not known,
//! nothing is.
mod bodies;
mod streams;
mod variables;

use std::collections::BTreeMap;
use std::sync::Arc;

use config_model::{Api, PolicyScope, ProductId, Snapshot};

pub(crate) use bodies::of_file;

use crate::compile::Trail;
use crate::diagnostics::Diagnostic;

/// Facts of each document; `None` for one that could not be read.
pub(crate) type Trails<'t> = BTreeMap<&'t PolicyScope, &'t Trail>;

/// All findings, each place once.
pub(crate) fn of_snapshot(snapshot: &Snapshot, trails: &Trails<'_>) -> Vec<Diagnostic> {
    let mut found = variables::never_set(snapshot, trails);
    found.extend(bodies::lost(snapshot, trails));
    found.extend(streams::read(snapshot, trails));
    found
}

/// Products that requests to an API may come through.
fn products_of<'s>(snapshot: &'s Snapshot, api: &'s Api) -> impl Iterator<Item = &'s ProductId> {
    snapshot.products.iter().filter(|(_, p)| p.apis.iter().any(|a| *a == api.id || *a == api.root)).map(|(id, _)| id)
}

/// A finding made from the place that the trail holds.
fn at(place: &Arc<Diagnostic>, code: u16, message: String, help: &str) -> Diagnostic {
    let mut finding = Diagnostic::clone(place);
    finding.code = code;
    finding.message = message;
    finding.help(help)
}
