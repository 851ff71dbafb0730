//! What can be said about a configuration without knowing what a policy means: dangling ids, clashing paths, pools that cannot work.
//!
//! Errors refuse a revision. What only leaves something unreachable (a link to an API that was not extracted) is a warning: it opens nothing.

mod access;
mod backends;
mod routes;

pub use routes::template_problem;

use crate::{Finding, PolicyScope, Snapshot, codes};
use std::sync::Arc;

/// All findings, in a fixed order.
pub fn crosscheck(snapshot: &Snapshot) -> Vec<Finding> {
    let mut findings = Vec::new();
    routes::check(snapshot, &mut findings);
    access::check(snapshot, &mut findings);
    backends::check(snapshot, &mut findings);
    check_policies(snapshot, &mut findings);
    check_named_values(snapshot, &mut findings);
    findings
}

fn check_policies(snapshot: &Snapshot, findings: &mut Vec<Finding>) {
    for source in snapshot.policies.values() {
        let exists = match &source.scope {
            PolicyScope::Global | PolicyScope::Workspace(_) => true,
            PolicyScope::Product(id) => snapshot.products.contains_key(id),
            PolicyScope::Api(id) => snapshot.apis.contains_key(id),
            PolicyScope::Operation(api, id) => {
                snapshot.apis.get(api).is_some_and(|api| api.operations.iter().any(|operation| operation.id == *id))
            }
        };
        if !exists {
            let message = format!("this policy belongs to `{}`, which does not exist", source.scope);
            findings.push(Finding::warning(codes::ORPHAN_POLICY, message).from_origin(source.origin.as_ref()));
        }
    }
}

fn check_named_values(snapshot: &Snapshot, findings: &mut Vec<Finding>) {
    let values = snapshot.named_values.values();
    for (first, second) in clashes(values, |value| Some(value.display_name.to_ascii_lowercase())) {
        let message = format!(
            "named values `{}` and `{}` have one display name, `{}`: which of them a policy means is not defined",
            first.id, second.id, second.display_name
        );
        let finding = Finding::error(codes::NAME_COLLISION, message);
        findings.push(finding.from_origin(second.origin.as_ref()).on_field("displayName"));
    }
}

/// Pairs of items with one key: the first that has it, and each later one.
fn clashes<'a, T: 'a, K: Ord>(
    items: impl Iterator<Item = &'a Arc<T>>,
    key: impl Fn(&T) -> Option<K>,
) -> Vec<(&'a Arc<T>, &'a Arc<T>)> {
    let mut first = std::collections::BTreeMap::new();
    let mut found = Vec::new();
    for item in items {
        let Some(key) = key(item) else { continue };
        match first.entry(key) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(item);
            }
            std::collections::btree_map::Entry::Occupied(place) => found.push((*place.get(), item)),
        }
    }
    found
}
