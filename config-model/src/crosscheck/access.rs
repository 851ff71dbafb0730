//! Products, subscriptions and gateways: who may call what.

use super::clashes;
use crate::{Finding, Snapshot, Subscription, SubscriptionScope, codes};
use std::collections::BTreeMap;

pub(super) fn check(snapshot: &Snapshot, findings: &mut Vec<Finding>) {
    check_links(snapshot, findings);
    check_open_products(snapshot, findings);
    for subscription in snapshot.subscriptions.values() {
        check_scope(snapshot, subscription, findings);
    }
    check_keys(snapshot, findings);
    for (first, second) in
        clashes(snapshot.hostnames.values(), |h| Some((h.gateway.clone(), h.hostname.to_ascii_lowercase())))
    {
        let message = format!("host names `{}` and `{}` are both `{}`", first.id, second.id, second.hostname);
        let finding = Finding::error(codes::NAME_COLLISION, message).from_origin(second.origin.as_ref());
        findings.push(finding.on_field("hostname"));
    }
    for hostname in snapshot.hostnames.values() {
        if let Some(id) = &hostname.certificate
            && !snapshot.certificates.contains_key(id)
        {
            let message = format!("host name `{}` shows certificate `{id}`, which does not exist", hostname.hostname);
            let finding = Finding::error(codes::DANGLING_REFERENCE, message).from_origin(hostname.origin.as_ref());
            findings.push(finding.on_field("certificateId"));
        }
    }
}

fn check_links(snapshot: &Snapshot, findings: &mut Vec<Finding>) {
    let products = snapshot.products.values().map(|p| ("product", p.id.as_str(), &p.apis, &p.origin));
    let gateways = snapshot.gateways.values().map(|g| ("gateway", g.id.as_str(), &g.apis, &g.origin));
    for (kind, id, apis, origin) in products.chain(gateways) {
        for api in apis.iter().filter(|api| !snapshot.apis.contains_key(*api)) {
            let message = match snapshot.settings.disabled_apis.contains_key(api) {
                true => continue,
                false => format!("{kind} `{id}` names API `{api}`, which does not exist"),
            };
            findings.push(Finding::warning(codes::DANGLING_REFERENCE, message).from_origin(origin.as_ref()));
        }
    }
    for diagnostic in snapshot.diagnostics.values() {
        if let Some(logger) = &diagnostic.logger
            && !snapshot.loggers.contains_key(logger)
        {
            let message = format!("diagnostic `{}` names logger `{logger}`, which does not exist", diagnostic.id);
            let finding = Finding::warning(codes::DANGLING_REFERENCE, message).from_origin(diagnostic.origin.as_ref());
            findings.push(finding.on_field("loggerId"));
        }
    }
}

fn check_open_products(snapshot: &Snapshot, findings: &mut Vec<Finding>) {
    let mut seen = BTreeMap::new();
    for product in snapshot.products.values().filter(|product| !product.subscription_required) {
        for api in &product.apis {
            if let Some(other) = seen.insert(api, product) {
                let message = format!(
                    "API `{api}` is in two products that need no key, `{}` and `{}`; calls without a key run in the first",
                    other.id, product.id
                );
                let finding = Finding::warning(codes::SEVERAL_OPEN_PRODUCTS, message);
                findings.push(finding.from_origin(product.origin.as_ref()).on_field("subscriptionRequired"));
                seen.insert(api, other);
            }
        }
    }
}

fn check_scope(snapshot: &Snapshot, subscription: &Subscription, findings: &mut Vec<Finding>) {
    let missing = match &subscription.scope {
        SubscriptionScope::Api(id) => {
            let known = snapshot.apis.contains_key(id) || snapshot.settings.disabled_apis.contains_key(id);
            (!known).then(|| format!("API `{id}`"))
        }
        SubscriptionScope::Product(id) => (!snapshot.products.contains_key(id)).then(|| format!("product `{id}`")),
        SubscriptionScope::AllAccess | SubscriptionScope::AllApis => None,
    };
    if let Some(missing) = missing {
        let message =
            format!("subscription `{}` is for {missing}, which does not exist: its keys open nothing", subscription.id);
        let finding = Finding::warning(codes::DANGLING_REFERENCE, message).from_origin(subscription.origin.as_ref());
        findings.push(finding.on_field("scope"));
    }
}

/// How many subscriptions without keys are named one by one.
const MAX_KEYLESS_NAMED: usize = 3;

/// Extractors never write keys, so a folder may hold dozens of these; they are told in one finding.
fn check_keyless(snapshot: &Snapshot, findings: &mut Vec<Finding>) {
    let keyless = |s: &&std::sync::Arc<Subscription>| s.primary_key.is_none() && s.secondary_key.is_none();
    let found: Vec<_> = snapshot.subscriptions.values().filter(keyless).collect();
    let Some(first) = found.first() else { return };
    let names: Vec<_> =
        found.iter().take(MAX_KEYLESS_NAMED).map(|subscription| format!("`{}`", subscription.id)).collect();
    let message = match found.len() {
        1 => format!("subscription `{}` has no keys: nobody can use it", first.id),
        n if n <= MAX_KEYLESS_NAMED => format!("subscriptions {} have no keys: nobody can use them", names.join(", ")),
        n => {
            let more = n.saturating_sub(MAX_KEYLESS_NAMED);
            format!("subscriptions {} and {more} more have no keys: nobody can use them", names.join(", "))
        }
    };
    let help = "extractors leave keys out; give them in the secrets file below `[subscriptions.<id>]`, or in the information file";
    findings.push(Finding::warning(codes::NO_KEYS, message).from_origin(first.origin.as_ref()).with_help(help));
}

fn check_keys(snapshot: &Snapshot, findings: &mut Vec<Finding>) {
    check_keyless(snapshot, findings);
    let mut seen: BTreeMap<&str, &Subscription> = BTreeMap::new();
    for subscription in snapshot.subscriptions.values() {
        let keys = [("primaryKey", &subscription.primary_key), ("secondaryKey", &subscription.secondary_key)];
        for (field, key) in keys {
            let Some(key) = key else { continue };
            let origin = subscription.origin.as_ref();
            if key.expose().is_empty() {
                let message = format!("the {field} of subscription `{}` is empty", subscription.id);
                findings.push(Finding::error(codes::NO_KEYS, message).from_origin(origin).on_field(field));
                continue;
            }
            match seen.insert(key.expose(), subscription) {
                Some(other) if other.id != subscription.id => {
                    let message = format!("subscriptions `{}` and `{}` share a key", other.id, subscription.id);
                    findings.push(Finding::error(codes::SHARED_KEY, message).from_origin(origin).on_field(field));
                }
                _ => {}
            }
        }
    }
}
