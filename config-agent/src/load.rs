//! The library's face: a folder in, a snapshot and findings out.

use crate::{
    assemble::{Wanted, assemble},
    collect::Collector,
    overrides,
    secrets::Secrets,
    sources::{Source, folder::FolderSource},
    text::{self, TextFile},
};
use config_model::{Api, ApiId, Finding, PolicyScope, Snapshot, crosscheck};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

/// How a folder is to be read.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// Serve only the APIs linked to this gateway; without it, all.
    pub gateway: Option<String>,
    /// Files (TOML) and directories of secrets.
    pub secrets: Vec<PathBuf>,
    /// The publisher's override file, `configuration.<environment>.yaml`.
    pub override_file: Option<PathBuf>,
    /// Policies that are left out on purpose.
    pub allow_skip: BTreeSet<String>,
    /// Backend ids with another URL than the folder says.
    pub backends: BTreeMap<String, String>,
    /// Named values that win over all others, by name or id; letter case does not count.
    pub named_values: BTreeMap<String, String>,
    /// Environment variables in which secrets are looked for; see [`LoadOptions::with_environment`].
    pub environment: Vec<(String, String)>,
    /// The configuration served so far: an API that cannot be read now keeps its form from there.
    pub previous: Option<Arc<Snapshot>>,
}

impl LoadOptions {
    /// Takes the variables of this process, and its systemd credentials.
    #[must_use]
    pub fn with_environment(mut self) -> Self {
        self.environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        if let Some(folder) = std::env::var_os("CREDENTIALS_DIRECTORY") {
            self.secrets.push(folder.into());
        }
        self
    }
}

/// A folder that was read.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The root that paths of findings and origins are relative to.
    pub root: PathBuf,
    /// The configuration, as far as it could be read.
    pub snapshot: Snapshot,
    /// What was found, by file and line. Errors that put one API aside are among them.
    pub findings: Vec<Finding>,
    /// True if the configuration as a whole must not be served.
    pub refused: bool,
    /// APIs put aside, with the reason. Those in `kept` are served in their last good form.
    pub disabled: BTreeMap<ApiId, String>,
    /// APIs taken from the previous configuration.
    pub kept: BTreeSet<ApiId>,
}

/// Reads an APIOps folder: sources, overrides, secrets, cross-check. Nothing is ever refused by panic or by silence; see [`Loaded::refused`].
pub fn load_folder(root: &Path, options: &LoadOptions) -> Loaded {
    let mut collector = Collector::default();
    let mut gathered = FolderSource::new(root).gather(&mut collector);
    let (secrets, findings) = Secrets::read(&options.secrets, &options.environment);
    findings.into_iter().for_each(|finding| collector.add(finding));
    let service_name =
        options.override_file.as_deref().and_then(|path| overrides::apply(path, &mut gathered, &mut collector));
    let wanted = Wanted {
        gateway: options.gateway.clone(),
        allow_skip: options.allow_skip.clone(),
        backends: options.backends.clone(),
        named_values: options.named_values.clone(),
        service_name,
    };
    let mut snapshot = assemble(&gathered, &secrets, &wanted, &mut collector);
    let disabled = collector.disabled().clone();
    let kept = options.previous.as_deref().map(|previous| keep_last_good(&mut snapshot, previous)).unwrap_or_default();
    for finding in crosscheck(&snapshot) {
        collector.add(place(root, finding));
    }
    let (mut findings, refused) = collector.finish();
    findings.sort_by(|a, b| (&a.path, a.line, a.column).cmp(&(&b.path, b.line, b.column)));
    findings.dedup();
    Loaded { root: root.to_owned(), snapshot, findings, refused, disabled, kept }
}

/// True if the folder is the root of a configuration, false if it only holds single files.
pub fn is_configuration(root: &Path) -> bool {
    crate::sources::folder::is_configuration(root)
}

/// Puts the last good form of APIs that cannot be read back in, with their revisions.
fn keep_last_good(snapshot: &mut Snapshot, previous: &Snapshot) -> BTreeSet<ApiId> {
    let disabled = std::mem::take(&mut snapshot.settings.disabled_apis);
    let lost = |api: &&Arc<Api>| disabled.contains_key(&api.id) || disabled.contains_key(&api.root);
    let mut kept = BTreeSet::new();
    for api in previous.apis.values().filter(lost) {
        if snapshot.apis.contains_key(&api.id) {
            continue;
        }
        let id = &api.id;
        snapshot.apis.insert(id.clone(), api.clone());
        let own =
            |scope: &PolicyScope| matches!(scope, PolicyScope::Api(api) | PolicyScope::Operation(api, _) if api == id);
        let policies = previous.policies.iter().filter(|(scope, _)| own(scope));
        snapshot.policies.extend(policies.map(|(scope, policy)| (scope.clone(), policy.clone())));
        let diagnostics = previous.diagnostics.iter().filter(|(_, diagnostic)| diagnostic.api.as_ref() == Some(id));
        snapshot.diagnostics.extend(diagnostics.map(|(id, diagnostic)| (id.clone(), diagnostic.clone())));
        // A set that went away together with the API's file would leave it without its version.
        if let Some(set) = api.version_set.as_ref().filter(|id| !snapshot.version_sets.contains_key(*id))
            && let Some(entity) = previous.version_sets.get(set)
        {
            snapshot.version_sets.insert(set.clone(), entity.clone());
        }
        kept.insert(id.clone());
    }
    snapshot.settings.disabled_apis = disabled.into_iter().filter(|(id, _)| !kept.contains(id)).collect();
    kept
}

/// Finds the line of a property in the file that a finding names.
fn place(root: &Path, finding: Finding) -> Finding {
    let Some(path) = finding.path.clone().filter(|_| finding.line == 0 && finding.field.is_some()) else {
        return finding;
    };
    match text::read_text(&root.join(&*path), &path, text::MAX_FILE_BYTES) {
        Ok(file) => text::place(finding, &TextFile { path, ..file }),
        Err(_) => finding,
    }
}
