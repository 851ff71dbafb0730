//! From gathered resources to a snapshot: typed, references spelled as the entity they name, secrets filled in.

mod access;
mod apis;
mod backends;
mod operations;
mod rest;
mod select;
mod values;

use crate::{
    collect::Collector,
    properties::{Properties, Sink},
    secrets::Secrets,
    sources::{Gathered, RawPolicy, Resource},
    text,
};
use config_model::{Entity, Finding, PolicyFormat, PolicyScope, PolicySource, Secret, Settings, Snapshot, codes};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What `gatewright-cli` tools write where a secret was.
const REDACTED: &str = "*** REDACTED ***";

/// What the caller wants besides what the source holds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    pub(crate) gateway: Option<String>,
    pub(crate) allow_skip: BTreeSet<String>,
    pub(crate) backends: BTreeMap<String, String>,
    pub(crate) named_values: BTreeMap<String, String>,
    pub(crate) service_name: Option<String>,
}

/// Puts a snapshot together.
pub(crate) fn assemble(gathered: &Gathered, secrets: &Secrets, wanted: &Wanted, findings: &mut Collector) -> Snapshot {
    let settings = Settings {
        allow_skip: wanted.allow_skip.clone(),
        service_name: wanted.service_name.clone(),
        ..Settings::default()
    };
    let snapshot = Snapshot { settings, ..Snapshot::default() };
    let sink = Sink::default();
    let names = Names::of(gathered);
    let mut assembler = Assembler { gathered, secrets, findings, snapshot, sink: &sink, names };
    assembler.read_named_values(&wanted.named_values);
    assembler.read_rest();
    assembler.read_backends(&wanted.backends);
    assembler.settle();
    assembler.read_apis();
    assembler.read_access();
    assembler.read_policies();
    if let Some(gateway) = &wanted.gateway {
        assembler.select_gateway(gateway);
    }
    assembler.settle();
    assembler.snapshot
}

/// The spelling of resource names, found without letter case.
#[derive(Debug, Default)]
struct Names {
    known: BTreeSet<(&'static str, String)>,
    spelled: BTreeMap<(&'static str, String), String>,
}

impl Names {
    fn of(gathered: &Gathered) -> Self {
        let mut names = Self::default();
        let mut add = |kind: &'static str, name: &str| {
            let key = (kind, name.to_ascii_lowercase());
            names.spelled.insert(key.clone(), name.to_owned());
            names.known.insert(key);
        };
        gathered.apis.iter().for_each(|api| add("apis", &api.resource.name));
        gathered.products.iter().for_each(|product| add("products", &product.resource.name));
        for (kind, resources) in &gathered.plain {
            resources.iter().for_each(|resource| add(plain_kind(*kind), &resource.name));
        }
        names
    }

    /// The name as its resource spells it; an unknown name as it is.
    fn spell(&self, kind: &'static str, name: &str) -> String {
        self.spelled.get(&(kind, name.to_ascii_lowercase())).cloned().unwrap_or_else(|| name.to_owned())
    }
}

fn plain_kind(kind: crate::sources::Plain) -> &'static str {
    use crate::sources::Plain;
    match kind {
        Plain::AuthorizationServer | Plain::OpenIdProvider => "identityProviders",
        Plain::Backend => "backends",
        Plain::Cache => "caches",
        Plain::Certificate => "certificates",
        Plain::Diagnostic => "diagnostics",
        Plain::Group => "groups",
        Plain::Logger => "loggers",
        Plain::NamedValue => "namedValues",
        Plain::Schema => "schemas",
        Plain::Subscription => "subscriptions",
        Plain::Tag => "tags",
        Plain::User => "users",
        Plain::VersionSet => "versionSets",
    }
}

/// The snapshot under construction.
struct Assembler<'a> {
    gathered: &'a Gathered,
    secrets: &'a Secrets,
    findings: &'a mut Collector,
    snapshot: Snapshot,
    sink: &'a Sink,
    names: Names,
}

impl<'a> Assembler<'a> {
    fn properties(&self, resource: &'a Resource) -> Properties<'a> {
        Properties::new(&resource.properties, resource.file.as_deref(), self.sink)
    }

    /// Moves findings made while properties were read to the others.
    fn settle(&mut self) {
        for finding in self.sink.take() {
            self.findings.add(finding);
        }
    }

    /// Moves them, but an error puts the API aside.
    fn settle_for_api(&mut self, api: &str) {
        for finding in self.sink.take() {
            if finding.is_error() {
                self.findings.disable(api, finding);
            } else {
                self.findings.add(finding);
            }
        }
    }

    fn insert(&mut self, entity: Entity) {
        self.snapshot.insert(entity);
    }

    /// The first that has it: an override, the outside sources, the resource itself. Placeholders count as absent.
    fn secret(
        &self,
        resource: &'a Resource,
        kind: &str,
        name: &str,
        field: &str,
        property: &str,
    ) -> Option<Secret<String>> {
        let own = || self.properties(resource).text(property);
        let outside = || self.secrets.look_up(kind, name, field);
        let found = match resource.overridden.contains(&property.to_ascii_lowercase()) {
            true => own().map(Secret::from).or_else(outside),
            false => outside().or_else(|| own().map(Secret::from)),
        };
        let found = found?;
        match placeholder(found.expose()) {
            None => Some(found),
            Some(what) => {
                let message = format!("`{property}` of `{}` still holds {what}: it counts as missing", resource.name);
                self.properties(resource).report(property, Finding::warning(codes::PLACEHOLDER, message));
                None
            }
        }
    }

    // === policies ===

    fn read_policies(&mut self) {
        let gathered = self.gathered;
        self.add_policy(PolicyScope::Global, gathered.policy.as_ref());
        for product in &gathered.products {
            self.add_policy(PolicyScope::Product(product.resource.name.as_str().into()), product.policy.as_ref());
        }
        for api in &gathered.apis {
            let id = api.resource.name.as_str();
            if self.snapshot.apis.contains_key(id) {
                self.add_policy(PolicyScope::Api(id.into()), api.policy.as_ref());
            }
        }
    }

    fn add_policy(&mut self, scope: PolicyScope, policy: Option<&RawPolicy>) {
        let Some(policy) = policy else { return };
        self.check_placeholders(policy);
        let source =
            PolicySource { format: format_of(policy.format.as_deref()), ..PolicySource::new(scope, &policy.file.text) };
        self.insert(Entity::Policy(Arc::new(source.from_file(&policy.file.path))));
    }

    /// A marker where a secret or a pipeline's text should be makes a policy that does something else than was meant.
    fn check_placeholders(&mut self, policy: &RawPolicy) {
        let text = &policy.file.text;
        let found = text.find(REDACTED).map(|at| (at, REDACTED.len())).or_else(|| find_token(text));
        if let Some((at, length)) = found {
            let marker = text.get(at..at.saturating_add(length)).unwrap_or_default();
            let finding =
                Finding::error(codes::PLACEHOLDER, format!("`{marker}` was never replaced")).in_file(&policy.file.path);
            let (start, end) = (text::position(text, at), text::position(text, at.saturating_add(length)));
            self.findings.add(finding.spanning(start, end));
        }
    }
}

fn format_of(format: Option<&str>) -> PolicyFormat {
    match format {
        Some(format) if format.eq_ignore_ascii_case("rawxml") => PolicyFormat::Raw,
        Some(format) if format.eq_ignore_ascii_case("xml") => PolicyFormat::Xml,
        _ => PolicyFormat::Auto,
    }
}

/// What a value is instead of a value.
fn placeholder(text: &str) -> Option<&'static str> {
    if text.contains(REDACTED) {
        Some("the marker of a redacted secret")
    } else {
        find_token(text).map(|_| "a token that no pipeline replaced")
    }
}

/// A pipeline token: `{#name#}` or `{#[NAME]#}`. Start and length.
fn find_token(text: &str) -> Option<(usize, usize)> {
    text.match_indices("{#").find_map(|(at, _)| {
        let inside = text.get(at.checked_add(2)?..)?;
        let end = inside.find("#}")?;
        let name = inside.get(..end)?.trim_start_matches('[').trim_end_matches(']');
        let is_name =
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ' '));
        is_name.then_some((at, end.saturating_add(4)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_told_from_text() {
        assert!(placeholder("{#secret#}").is_some() && placeholder("a {#[SECRET]#} b").is_some());
        assert!(placeholder("x*** REDACTED ***").is_some());
        assert!(
            placeholder("{# not closed").is_none() && placeholder("{#\"a\":1#}").is_none() && placeholder("").is_none()
        );
        assert_eq!(find_token("ab{#x#}"), Some((2, 5)));
    }
}
