//! The engine: documents of whole snapshots, compiled once and kept as long as nothing they depend on changes.
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use config_model::{Digest, PolicyScope, Snapshot};
use parking_lot::Mutex;

use crate::compile::{self, Compiled, Env, ExpressionCache, Fragments, References, Spec, Trail, Uses};
use crate::diagnostics::Diagnostic;
use crate::link::Chain;
use crate::lint;
use crate::policies::TABLE;
use crate::program::{Document, Scope};
use crate::source::{NamedValues, Position, Source};

/// The global document of a configuration that has none.
const GLOBAL_DEFAULT: &str =
    "<policies><inbound /><backend><forward-request /></backend><outbound /><on-error /></policies>";

/// How to check.
#[derive(Clone, Debug, Default)]
pub struct CheckOptions {
    /// Unknown named values, fragments, backends and certificates are no errors.
    pub standalone: bool,
    /// Unsupported policies to leave out, besides those of the snapshot's settings.
    pub allow_skip: BTreeSet<String>,
}

/// Findings and figures.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Findings in the order of documents.
    pub diagnostics: Vec<Diagnostic>,
    /// Documents and fragments read.
    pub documents: usize,
    /// Expressions met.
    pub expressions: usize,
}

/// What makes two findings the same.
type Place = (Arc<str>, Position, u16, String);

impl Report {
    /// How many errors.
    pub fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|d| d.is_error()).count()
    }

    /// How many warnings.
    pub fn warnings(&self) -> usize {
        self.diagnostics.len().saturating_sub(self.errors())
    }

    /// Adds a document's findings; the same one (of a fragment that many include) stands once.
    fn add(&mut self, compiled: &Entry, seen: &mut HashSet<Place>) {
        self.documents = self.documents.saturating_add(1);
        self.expressions = self.expressions.saturating_add(compiled.expressions);
        let place = |d: &Diagnostic| (Arc::clone(&d.path), d.start, d.code, d.message.clone());
        self.diagnostics.extend(compiled.diagnostics.iter().filter(|d| seen.insert(place(d))).cloned());
    }
}

/// The compiled documents of a snapshot.
#[derive(Clone, Debug)]
pub struct Documents {
    by_scope: BTreeMap<PolicyScope, Arc<Document>>,
    global: Option<Arc<Document>>,
    /// Documents that have errors.
    pub broken: BTreeSet<PolicyScope>,
}

impl Documents {
    /// The document of a scope.
    pub fn get(&self, scope: &PolicyScope) -> Option<&Arc<Document>> {
        self.by_scope.get(scope)
    }

    /// Links the documents of these scopes, given from narrow to broad without the global one, which is always last. Scopes
    /// without a document are transparent. `None` when one of the documents is broken.
    pub fn link<'s>(&self, scopes: impl IntoIterator<Item = &'s PolicyScope>) -> Option<Chain> {
        let mut chain = Vec::new();
        for scope in scopes {
            if self.broken.contains(scope) {
                return None;
            }
            chain.extend(self.by_scope.get(scope).cloned());
        }
        chain.push(Arc::clone(self.global.as_ref()?));
        Some(Chain::link(chain))
    }
}

/// Compiles snapshots. Lives as long as the process; unchanged documents keep their program across revisions.
pub struct Engine {
    expressions: ExpressionCache,
    kept: Mutex<HashMap<Key, Arc<Entry>>>,
}

/// A document's text, scope and name; what it depends on besides is compared through [`Entry::fingerprint`].
type Key = (Digest, Scope, Arc<str>);

#[derive(Debug)]
struct Entry {
    document: Option<Arc<Document>>,
    diagnostics: Vec<Diagnostic>,
    expressions: usize,
    uses: Uses,
    trail: Trail,
    fingerprint: Digest,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Engine({} documents)", self.kept.lock().len())
    }
}

impl Default for Engine {
    fn default() -> Self {
        Engine::new()
    }
}

impl Engine {
    /// An engine that has compiled nothing yet.
    pub fn new() -> Engine {
        Engine { expressions: ExpressionCache::default(), kept: Mutex::default() }
    }

    /// Compiles all documents of a snapshot, reusing what is unchanged: text, named values, fragments and references that it
    /// used. What the snapshot no longer holds is forgotten.
    pub fn compile(&self, snapshot: &Snapshot, options: &CheckOptions) -> (Documents, Report) {
        let world = Surroundings::of(snapshot, options);
        let env = self.env(&world);
        let mut report = Report::default();
        let mut seen = HashSet::new();
        let mut documents = Documents { by_scope: BTreeMap::new(), global: None, broken: BTreeSet::new() };
        let mut kept = HashMap::new();
        let mut trails = Vec::new();
        for policy in snapshot.policies.values() {
            let path: Arc<str> = policy.origin.clone().unwrap_or_else(|| policy.scope.to_string().into());
            let key = (policy.digest, scope_of(&policy.scope), path);
            let entry = self.entry(&key, &world, || {
                compile::compile_document(env, Arc::new(Source::new(Arc::clone(&key.2), &policy.text)), key.1)
            });
            report.add(&entry, &mut seen);
            match &entry.document {
                Some(document) => drop(documents.by_scope.insert(policy.scope.clone(), Arc::clone(document))),
                None => drop(documents.broken.insert(policy.scope.clone())),
            }
            trails.push((&policy.scope, Arc::clone(&entry)));
            kept.insert(key, entry);
        }
        for (fragment, source) in world.fragments.values().map(|s| (s.path(), s)) {
            let key = (Digest::of(source.text()), Scope::Api, Arc::clone(fragment));
            let entry = self.entry(&key, &world, || compile::compile_fragment(env, Arc::clone(source)));
            report.add(&entry, &mut seen);
            kept.insert(key, entry);
        }
        if !options.standalone {
            let trails = trails.iter().map(|(scope, entry)| (*scope, &entry.trail)).collect();
            report.diagnostics.extend(lint::of_snapshot(snapshot, &trails));
        }
        documents.global = self.global(env, &documents);
        *self.kept.lock() = kept;
        (documents, report)
    }

    fn global(&self, env: Env<'_>, documents: &Documents) -> Option<Arc<Document>> {
        if documents.broken.contains(&PolicyScope::Global) {
            return None;
        }
        documents.by_scope.get(&PolicyScope::Global).cloned().or_else(|| {
            let source = Arc::new(Source::new("(default global policy)", GLOBAL_DEFAULT));
            compile::compile_document(env, source, Scope::Global).document.map(Arc::new)
        })
    }

    fn env<'e>(&'e self, world: &'e Surroundings<'_>) -> Env<'e> {
        Env {
            table: &TABLE,
            types: crate::types::table(),
            named_values: &world.named_values,
            fragments: &world.fragments,
            references: world,
            standalone: world.standalone,
            allow_skip: &world.allow_skip,
            expressions: &self.expressions,
        }
    }

    fn entry(&self, key: &Key, world: &Surroundings<'_>, make: impl FnOnce() -> Compiled) -> Arc<Entry> {
        let old = self.kept.lock().get(key).cloned();
        if let Some(entry) = old.filter(|entry| entry.fingerprint == world.fingerprint(&entry.uses)) {
            return entry;
        }
        let compiled = make();
        Arc::new(Entry {
            fingerprint: world.fingerprint(&compiled.uses),
            document: compiled.document.map(Arc::new),
            diagnostics: compiled.diagnostics,
            expressions: compiled.expressions,
            uses: compiled.uses,
            trail: compiled.trail,
        })
    }
}

/// Checks a snapshot: every document and every fragment.
pub fn check(snapshot: &Snapshot, options: &CheckOptions) -> Report {
    Engine::new().compile(snapshot, options).1
}

/// Checks one policy file or fragment by itself. Its scope is not known, so the narrowest is taken, where most policies may stand.
pub fn check_file(engine: &Engine, path: &str, text: &str, snapshot: &Snapshot, options: &CheckOptions) -> Report {
    let world = Surroundings::of(snapshot, options);
    let env = engine.env(&world);
    let source = Arc::new(Source::new(path, text));
    let is_fragment = crate::xml::parse(&source).is_ok_and(|nodes| crate::xml::root_name(&nodes) == Some("fragment"));
    let compiled =
        if is_fragment { compile::compile_fragment(env, source) } else { compile::compile_file(env, source) };
    let mut diagnostics = compiled.diagnostics;
    if !is_fragment {
        diagnostics.extend(lint::of_file(&compiled.trail));
    }
    Report { diagnostics, documents: 1, expressions: compiled.expressions }
}

/// Descriptions of all policies that run, for the documentation.
pub fn specs() -> impl Iterator<Item = &'static Spec> {
    TABLE.policies.iter().map(|p| p.spec())
}

fn scope_of(scope: &PolicyScope) -> Scope {
    match scope {
        PolicyScope::Global => Scope::Global,
        PolicyScope::Workspace(_) => Scope::Workspace,
        PolicyScope::Product(_) => Scope::Product,
        PolicyScope::Api(_) => Scope::Api,
        PolicyScope::Operation(..) => Scope::Operation,
    }
}

/// What documents may refer to, prepared for one snapshot.
struct Surroundings<'s> {
    snapshot: &'s Snapshot,
    named_values: NamedValues,
    fragments: Fragments,
    standalone: bool,
    allow_skip: BTreeSet<String>,
}

impl<'s> Surroundings<'s> {
    fn of(snapshot: &'s Snapshot, options: &CheckOptions) -> Surroundings<'s> {
        let mut named_values = NamedValues::default();
        for value in snapshot.named_values.values() {
            if let Some(text) = &value.value {
                named_values.insert(
                    &value.display_name,
                    text.expose().as_str(),
                    value.secret || value.key_vault.is_some(),
                );
            } else {
                named_values.insert_valueless(&value.display_name);
            }
        }
        let fragments = snapshot
            .fragments
            .values()
            .map(|f| {
                let path = f.origin.clone().unwrap_or_else(|| format!("policy fragments/{}", f.id).into());
                (f.id.as_str().to_lowercase(), Arc::new(Source::new(path, &f.text)))
            })
            .collect();
        let allow_skip = options.allow_skip.union(&snapshot.settings.allow_skip).cloned().collect();
        Surroundings { snapshot, named_values, fragments, standalone: options.standalone, allow_skip }
    }

    /// Digest of everything that a document used besides its own text.
    fn fingerprint(&self, uses: &Uses) -> Digest {
        let mut all = String::new();
        let mut add = |kind: char, name: &str, value: &str| {
            all.push(kind);
            for part in [name, value] {
                all.push_str(&part.len().to_string());
                all.push(':');
                all.push_str(part);
            }
        };
        for name in &uses.named_values {
            add('n', name, self.named_values.get(name).map_or("\0", |(_, v)| &v.text));
        }
        for name in &uses.fragments {
            add('f', name, self.fragments.get(name).map_or("\0", |f| f.text()));
        }
        for id in &uses.backends {
            add('b', id, if self.backend(id) { "1" } else { "0" });
        }
        for id in &uses.certificates {
            add('c', id, if self.certificate(id) { "1" } else { "0" });
        }
        for id in &uses.loggers {
            add('l', id, if self.logger(id) { "1" } else { "0" });
        }
        for name in &self.allow_skip {
            add('s', name, "");
        }
        all.push(if self.standalone { 'S' } else { '-' });
        Digest::of(all)
    }
}

impl References for Surroundings<'_> {
    fn backend(&self, id: &str) -> bool {
        self.snapshot.backends.contains_key(id)
    }

    fn backends(&self) -> Vec<&str> {
        self.snapshot.backends.keys().map(config_model::BackendId::as_str).collect()
    }

    fn certificates(&self) -> Vec<&str> {
        self.snapshot.certificates.keys().map(config_model::CertificateId::as_str).collect()
    }

    fn logger(&self, id: &str) -> bool {
        let connection =
            |(name, _): &(String, config_model::Secret<String>)| name.eq_ignore_ascii_case("connectionString");
        self.snapshot.loggers.get(id).is_some_and(|logger| {
            logger.kind == config_model::LoggerKind::AzureEventHub && logger.credentials.iter().any(connection)
        })
    }

    fn left_out(&self, id: &str) -> Option<&str> {
        self.snapshot.settings.left_out_backends.get(id).map(String::as_str)
    }

    fn certificate(&self, id: &str) -> bool {
        let by_thumbprint =
            |c: &Arc<config_model::Certificate>| c.thumbprint.as_deref().is_some_and(|t| t.eq_ignore_ascii_case(id));
        self.snapshot.certificates.contains_key(id) || self.snapshot.certificates.values().any(by_thumbprint)
    }
}
