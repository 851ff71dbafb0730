//! The publisher's override file, `configuration.<environment>.yaml`: properties merged onto those of the folder.
//!
//! Objects are merged member by member; lists and everything else are replaced whole. What names nothing in the folder does nothing, and is told.

use crate::{
    collect::Collector,
    sources::{Gathered, Plain, RawPolicy, Resource},
    text::{self, MAX_FILE_BYTES, TextFile},
    yaml,
};
use config_model::{Finding, codes};
use serde_json::{Map, Value};
use std::{path::Path, sync::Arc};

/// Sections for kinds that have nothing below them.
const PLAIN_SECTIONS: [(&str, Plain); 12] = [
    ("namedValues", Plain::NamedValue),
    ("loggers", Plain::Logger),
    ("diagnostics", Plain::Diagnostic),
    ("backends", Plain::Backend),
    ("versionSets", Plain::VersionSet),
    ("groups", Plain::Group),
    ("subscriptions", Plain::Subscription),
    ("tags", Plain::Tag),
    ("certificates", Plain::Certificate),
    ("caches", Plain::Cache),
    ("schemas", Plain::Schema),
    ("users", Plain::User),
];

/// Applies the file at `path`. Returns the name of the service, if it gives one.
pub(crate) fn apply(path: &Path, gathered: &mut Gathered, findings: &mut Collector) -> Option<String> {
    let shown = std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string();
    let read = text::read_text(path, &shown, MAX_FILE_BYTES).and_then(|file| Ok((yaml::parse_yaml(&file)?, file)));
    let (body, file) = match read {
        Ok(read) => read,
        Err(finding) => {
            findings.add(finding);
            return None;
        }
    };
    let Value::Object(sections) = body else {
        if !body.is_null() {
            findings.add(
                Finding::error(codes::BAD_OVERRIDE, "expected sections such as `namedValues`")
                    .in_file(&file.path)
                    .at(1, 1),
            );
        }
        return None;
    };
    let mut applier = Applier { file: Arc::new(file), findings };
    applier.apply_sections(&sections, gathered);
    sections.get("apimServiceName").and_then(Value::as_str).map(str::to_owned)
}

struct Applier<'a> {
    file: Arc<TextFile>,
    findings: &'a mut Collector,
}

impl Applier<'_> {
    fn apply_sections(&mut self, sections: &Map<String, Value>, gathered: &mut Gathered) {
        for (name, items) in sections {
            let items = self.items(name, items);
            match name.to_ascii_lowercase().as_str() {
                "apimservicename" => {}
                "apis" => self.apply_apis(&items, gathered),
                "products" => self.apply_products(&items, gathered),
                "policies" => self.apply_policies("the service", &items, &mut gathered.policy),
                "gateways" => {
                    self.apply_to(name, &items, gathered.gateways.iter_mut().map(|gateway| &mut gateway.resource))
                }
                "policyfragments" => {
                    self.apply_to(name, &items, gathered.fragments.iter_mut().map(|fragment| &mut fragment.resource));
                }
                "workspaces" => self.warn(name, "workspaces are not supported: this section does nothing".to_owned()),
                other => match PLAIN_SECTIONS.iter().find(|(own, _)| own.eq_ignore_ascii_case(other)) {
                    Some((_, plain)) => {
                        self.apply_to(name, &items, gathered.plain.entry(*plain).or_default().iter_mut())
                    }
                    None => self.warn(name, format!("section `{name}` is not known and does nothing")),
                },
            }
        }
    }

    fn warn(&mut self, name: &str, message: String) {
        self.report(name, Finding::warning(codes::BAD_OVERRIDE, message));
    }

    /// Reports something about the first line that says `name`.
    fn report(&mut self, name: &str, finding: Finding) {
        let place = self.file.text.match_indices(name).find(|(at, _)| {
            let behind = at.saturating_add(name.len());
            !self
                .file
                .text
                .get(behind..)
                .unwrap_or_default()
                .starts_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_'))
        });
        let finding = finding.in_file(&self.file.path);
        let finding = match place {
            Some((at, _)) => {
                let (line, column) = text::position(&self.file.text, at);
                let end = column.saturating_add(u32::try_from(name.chars().count()).unwrap_or(1));
                finding.spanning((line, column), (line, end))
            }
            None => finding,
        };
        self.findings.add(finding);
    }

    /// The items of a section, each with its name.
    fn items(&mut self, section: &str, value: &Value) -> Vec<(String, Map<String, Value>)> {
        let items = match value {
            Value::Array(items) => items.as_slice(),
            Value::Null | Value::String(_) => return Vec::new(),
            _ => {
                self.report(section, Finding::error(codes::BAD_OVERRIDE, format!("`{section}` must be a list")));
                return Vec::new();
            }
        };
        let mut named = Vec::new();
        for item in items {
            match (item.get("name").and_then(Value::as_str), item.as_object()) {
                (Some(name), Some(object)) => named.push((name.to_owned(), object.clone())),
                _ => {
                    let message = format!("each item of `{section}` needs a `name`");
                    self.report(section, Finding::error(codes::BAD_OVERRIDE, message));
                }
            }
        }
        named
    }

    fn apply_to<'r>(
        &mut self,
        section: &str,
        items: &[(String, Map<String, Value>)],
        resources: impl Iterator<Item = &'r mut Resource>,
    ) {
        let mut resources: Vec<_> = resources.collect();
        for (name, item) in items {
            match resources.iter_mut().find(|resource| resource.name.eq_ignore_ascii_case(name)) {
                Some(resource) => self.apply_properties(resource, item),
                None => self.missing(section, name),
            }
        }
    }

    fn missing(&mut self, section: &str, name: &str) {
        let message = format!("`{section}` has no `{name}`: this override does nothing");
        self.report(name, Finding::note(codes::BAD_OVERRIDE, message));
    }

    fn apply_properties(&mut self, resource: &mut Resource, item: &Map<String, Value>) {
        let Some(Value::Object(properties)) = item.get("properties") else { return };
        resource.overridden.extend(properties.keys().map(|name| name.to_ascii_lowercase()));
        merge(&mut resource.properties, properties, 0);
        // A secret that came as a reference and one that came as text exclude each other.
        if properties.contains_key("value") && !properties.contains_key("keyVault") {
            resource.properties.remove("keyVault");
        }
    }

    fn apply_apis(&mut self, items: &[(String, Map<String, Value>)], gathered: &mut Gathered) {
        for (name, item) in items {
            let Some(api) = gathered.apis.iter_mut().find(|api| api.resource.name.eq_ignore_ascii_case(name)) else {
                self.missing("apis", name);
                continue;
            };
            let mut item = item.clone();
            // The publisher ignores these two: revision folders are names of their own.
            if let Some(Value::Object(properties)) = item.get_mut("properties") {
                properties.retain(|name, _| {
                    !name.eq_ignore_ascii_case("apiRevision") && !name.eq_ignore_ascii_case("isCurrent")
                });
            }
            self.apply_properties(&mut api.resource, &item);
            let policies = self.items("policies", item.get("policies").unwrap_or(&Value::Null));
            self.apply_policies(name, &policies, &mut api.policy);
            let diagnostics = self.items("diagnostics", item.get("diagnostics").unwrap_or(&Value::Null));
            self.apply_to("diagnostics", &diagnostics, api.diagnostics.iter_mut());
            for (id, item) in self.items("operations", item.get("operations").unwrap_or(&Value::Null)) {
                let policies = self.items("policies", item.get("policies").unwrap_or(&Value::Null));
                match api.operations.iter_mut().find(|(own, _)| own.eq_ignore_ascii_case(&id)) {
                    Some((_, operation)) => self.apply_policies(&id, &policies, &mut operation.policy),
                    None => self.missing("operations", &id),
                }
            }
        }
    }

    fn apply_products(&mut self, items: &[(String, Map<String, Value>)], gathered: &mut Gathered) {
        for (name, item) in items {
            let Some(product) =
                gathered.products.iter_mut().find(|product| product.resource.name.eq_ignore_ascii_case(name))
            else {
                self.missing("products", name);
                continue;
            };
            self.apply_properties(&mut product.resource, item);
            let policies = self.items("policies", item.get("policies").unwrap_or(&Value::Null));
            self.apply_policies(name, &policies, &mut product.policy);
        }
    }

    /// `policies: [{name: policy, properties: {format, value}}]`.
    fn apply_policies(&mut self, of: &str, items: &[(String, Map<String, Value>)], policy: &mut Option<RawPolicy>) {
        for (name, item) in items {
            let properties = item.get("properties");
            let text = |key: &str| properties.and_then(|properties| properties.get(key)).and_then(Value::as_str);
            match policy {
                None => self.missing(&format!("policies of {of}"), name),
                Some(policy) => {
                    if let Some(value) = text("value") {
                        policy.file = TextFile { path: self.file.path.clone(), text: Arc::from(value) };
                        policy.format = text("format").map(str::to_owned);
                    }
                }
            }
        }
    }
}

/// Merges deeply; nesting is bounded by the reader of the file.
fn merge(onto: &mut Map<String, Value>, from: &Map<String, Value>, depth: usize) {
    for (name, value) in from {
        let own = onto.keys().find(|own| own.eq_ignore_ascii_case(name)).cloned().unwrap_or_else(|| name.clone());
        match (onto.get_mut(&own), value) {
            (Some(Value::Object(old)), Value::Object(new)) if depth < 64 => merge(old, new, depth.saturating_add(1)),
            _ => {
                onto.insert(own, value.clone());
            }
        }
    }
}
