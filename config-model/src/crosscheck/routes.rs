//! Paths, versions and operation templates.

use crate::{Api, Finding, Operation, Protocol, Snapshot, VersionSet, VersioningScheme, codes};
use std::{collections::BTreeMap, sync::Arc};

pub(super) fn check(snapshot: &Snapshot, findings: &mut Vec<Finding>) {
    for set in snapshot.version_sets.values() {
        check_version_set(set, findings);
    }
    for api in snapshot.apis.values() {
        if let Some(id) = &api.version_set
            && !snapshot.version_sets.contains_key(id)
        {
            let message = format!("API `{}` is a version of set `{id}`, which does not exist", api.id);
            let finding = Finding::error(codes::BAD_VERSION_SET, message).from_origin(api.origin.as_ref());
            findings.push(finding.on_field("apiVersionSetId"));
        }
        check_operations(api, findings);
    }
    check_paths(snapshot, findings);
}

fn check_version_set(set: &VersionSet, findings: &mut Vec<Finding>) {
    let (missing, field) = match set.scheme {
        VersioningScheme::Segment => return,
        VersioningScheme::Query => (set.query_name.as_deref().unwrap_or("").is_empty(), "versionQueryName"),
        VersioningScheme::Header => (set.header_name.as_deref().unwrap_or("").is_empty(), "versionHeaderName"),
    };
    if missing {
        let message = format!("version set `{}` does not say where the version stands: `{field}` is missing", set.id);
        let finding = Finding::error(codes::BAD_VERSION_SET, message).from_origin(set.origin.as_ref());
        findings.push(finding.on_field("versioningScheme"));
    }
}

/// Where callers reach an API. Two APIs with one address cannot be told apart.
fn address(snapshot: &Snapshot, api: &Api) -> (String, String) {
    let path = api.path.trim_matches('/').to_ascii_lowercase();
    let Some(version) = api.version.as_deref().filter(|version| !version.is_empty()) else {
        return (path, String::new());
    };
    let set = api.version_set.as_ref().and_then(|id| snapshot.version_sets.get(id));
    let name = |name: &Option<String>| name.as_deref().unwrap_or("").to_ascii_lowercase();
    let place = match set.map(|set| (set.scheme, set)) {
        Some((VersioningScheme::Query, set)) => format!("?{}=", name(&set.query_name)),
        Some((VersioningScheme::Header, set)) => format!("{}:", name(&set.header_name)),
        Some((VersioningScheme::Segment, _)) | None => "/".to_owned(),
    };
    (path, format!("{place}{}", version.to_ascii_lowercase()))
}

fn check_paths(snapshot: &Snapshot, findings: &mut Vec<Finding>) {
    let mut seen: BTreeMap<(String, String), Vec<&Arc<Api>>> = BTreeMap::new();
    for api in snapshot.apis.values().filter(|api| api.is_current) {
        let others = seen.entry(address(snapshot, api)).or_default();
        // An HTTP and a WebSocket API may share a path: the scheme tells them apart.
        if let Some(other) = others.iter().find(|other| is_websocket(other) == is_websocket(api)) {
            let version = match &api.version {
                Some(version) if !version.is_empty() => format!(" in version `{version}`"),
                _ => String::new(),
            };
            let message = format!("APIs `{}` and `{}` both answer to path `{}`{version}", other.id, api.id, api.path);
            let finding = Finding::error(codes::PATH_CLASH, message)
                .with_help("give one of them another `path`, or make them versions of one version set");
            findings.push(finding.from_origin(api.origin.as_ref()).on_field("path"));
        }
        others.push(api);
    }
}

fn is_websocket(api: &Api) -> bool {
    !api.protocols.is_empty() && api.protocols.iter().all(|p| matches!(p, Protocol::Ws | Protocol::Wss))
}

/// A template with its parameter names taken out: `/a/{x}` and `/a/{y}` are one.
fn shape(operation: &Operation) -> (String, String) {
    let mut shape = String::new();
    let mut inside = false;
    let (path, query) = operation.url_template.split_once('?').unwrap_or((&operation.url_template, ""));
    for c in path.trim_end_matches('/').chars() {
        match c {
            '{' => {
                inside = true;
                shape.push_str("{}");
            }
            '}' => inside = false,
            _ if inside => {}
            _ => shape.push(c.to_ascii_lowercase()),
        }
    }
    let mut pairs: Vec<_> = query.split('&').map(str::to_ascii_lowercase).collect();
    pairs.sort();
    (operation.method.clone(), format!("{shape}?{}", pairs.join("&")))
}

fn check_operations(api: &Api, findings: &mut Vec<Finding>) {
    let (mut ids, mut shapes) = (BTreeMap::new(), BTreeMap::new());
    for operation in &api.operations {
        if let Some(_other) = ids.insert(operation.id.as_str().to_ascii_lowercase(), operation) {
            let message = format!("API `{}` has two operations `{}`", api.id, operation.id);
            findings.push(Finding::error(codes::OPERATION_CLASH, message).from_origin(api.origin.as_ref()));
        }
        if let Some(other) = shapes.insert(shape(operation), operation) {
            let message = format!(
                "operations `{}` and `{}` of API `{}` both answer to `{} {}`; the first one does",
                other.id, operation.id, api.id, operation.method, operation.url_template
            );
            findings.push(Finding::warning(codes::OPERATION_CLASH, message).from_origin(api.origin.as_ref()));
        }
        check_template(api, operation, findings);
    }
}

fn check_template(api: &Api, operation: &Operation, findings: &mut Vec<Finding>) {
    let template = &operation.url_template;
    if let Some(problem) = template_problem(template) {
        let message = format!("template `{template}` of operation `{}` of API `{}`: {problem}", operation.id, api.id);
        findings.push(Finding::error(codes::BAD_TEMPLATE, message).from_origin(api.origin.as_ref()));
    }
}

/// What stops a text from being the URL template of an operation.
pub fn template_problem(template: &str) -> Option<&'static str> {
    let mut inside = false;
    for c in template.chars() {
        match c {
            '{' if inside => return Some("its braces do not pair"),
            '{' => inside = true,
            '}' if !inside => return Some("its braces do not pair"),
            '}' => inside = false,
            _ => {}
        }
    }
    if inside {
        Some("its braces do not pair")
    } else if template.starts_with('/') {
        None
    } else {
        Some("it does not start with `/`")
    }
}
