//! A snapshot: one whole configuration. A manifest: its table of contents, by digest. A revision: the digest of the manifest.
//!
//! A snapshot is cut into entities; each is one blob of canonical JSON (struct fields in order, maps sorted), addressed by its digest. Two
//! snapshots share the blobs that did not change, which is why a change of one policy costs one blob, wherever the blobs lie.

use crate::{entities::*, *};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// The form of manifests and blobs that this version writes.
pub const MANIFEST_FORMAT: u32 = 1;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $field:ident : $id:ty => $entity:ty, $key:expr;)*) => {
        /// What a blob holds.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
            /// Settings of the revision.
            Settings,
        }

        /// What one blob holds, read.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Entity {
            $($(#[$doc])* $kind(Arc<$entity>),)*
            /// Settings of the revision.
            Settings(Arc<Settings>),
        }

        /// One whole configuration.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Snapshot {
            /// Settings of the revision.
            pub settings: Settings,
            $($(#[$doc])* pub $field: BTreeMap<$id, Arc<$entity>>,)*
        }

        impl Snapshot {
            /// All entities, kind by kind, in the order of their ids; the settings last.
            pub fn entities(&self) -> impl Iterator<Item = Entity> {
                let settings = Entity::Settings(Arc::new(self.settings.clone()));
                std::iter::empty()
                    $(.chain(self.$field.values().cloned().map(Entity::$kind)))*
                    .chain(std::iter::once(settings))
            }

            /// Puts an entity in its place, in place of one with the same id.
            pub fn insert(&mut self, entity: Entity) {
                match entity {
                    $(Entity::$kind(entity) => {
                        let key: fn(&$entity) -> $id = $key;
                        self.$field.insert(key(&entity), entity);
                    })*
                    Entity::Settings(settings) => self.settings = Settings::clone(&settings),
                }
            }
        }

        impl Entity {
            /// Its kind.
            pub fn kind(&self) -> Kind {
                match self {
                    $(Self::$kind(_) => Kind::$kind,)*
                    Self::Settings(_) => Kind::Settings,
                }
            }

            /// Its id, as the manifest writes it.
            pub fn id(&self) -> String {
                match self {
                    $(Self::$kind(entity) => {
                        let key: fn(&$entity) -> $id = $key;
                        key(entity).to_string()
                    })*
                    Self::Settings(_) => String::new(),
                }
            }

            /// Its canonical bytes.
            pub fn encode(&self) -> Result<String, SnapshotError> {
                match self {
                    $(Self::$kind(entity) => serde_json::to_string(&**entity),)*
                    Self::Settings(settings) => serde_json::to_string(&**settings),
                }
                .map_err(|error| SnapshotError::Unreadable { kind: self.kind(), id: self.id(), reason: error.to_string() })
            }

            /// Reads the bytes of a blob of this kind.
            pub fn decode(kind: Kind, text: &str) -> Result<Self, SnapshotError> {
                match kind {
                    $(Kind::$kind => serde_json::from_str(text).map(|entity| Self::$kind(Arc::new(entity))),)*
                    Kind::Settings => serde_json::from_str(text).map(|settings| Self::Settings(Arc::new(settings))),
                }
                // The message may quote the blob, and the blob may hold secrets: only the place is told.
                .map_err(|error| SnapshotError::Unreadable {
                    kind,
                    id: String::new(),
                    reason: format!("malformed at line {} column {}", error.line(), error.column()),
                })
            }
        }
    };
}

kinds! {
    /// APIs with their operations.
    Api apis: ApiId => Api, |e| e.id.clone();
    /// Version sets.
    VersionSet version_sets: VersionSetId => VersionSet, |e| e.id.clone();
    /// Products.
    Product products: ProductId => Product, |e| e.id.clone();
    /// Subscriptions with their keys.
    Subscription subscriptions: SubscriptionId => Subscription, |e| e.id.clone();
    /// Backends and pools.
    Backend backends: BackendId => Backend, |e| e.id.clone();
    /// Named values.
    NamedValue named_values: NamedValueId => NamedValue, |e| e.id.clone();
    /// Policy fragments.
    Fragment fragments: FragmentId => Fragment, |e| e.id.clone();
    /// Policy documents.
    Policy policies: PolicyScope => PolicySource, |e| e.scope.clone();
    /// Certificates.
    Certificate certificates: CertificateId => Certificate, |e| e.id.clone();
    /// Host names of gateways.
    Hostname hostnames: HostnameId => Hostname, |e| e.id.clone();
    /// Loggers.
    Logger loggers: LoggerId => Logger, |e| e.id.clone();
    /// Gateways.
    Gateway gateways: GatewayId => Gateway, |e| e.id.clone();
    /// External caches.
    Cache caches: CacheId => Cache, |e| e.id.clone();
    /// Groups of users.
    Group groups: GroupId => Group, |e| e.id.clone();
    /// Users.
    User users: UserId => User, |e| e.id.clone();
    /// Tags.
    Tag tags: TagId => Tag, |e| e.id.clone();
    /// Diagnostics, of the service (key `<id>`) and of APIs (key `apis/<api>/<id>`).
    Diagnostic diagnostics: DiagnosticId => Diagnostic, diagnostic_key;
    /// Global schemas.
    Schema schemas: SchemaId => Schema, |e| e.id.clone();
    /// Authorization servers and OpenID providers.
    IdentityProvider identity_providers: IdentityProviderId => IdentityProvider, |e| e.id.clone();
}

fn diagnostic_key(diagnostic: &Diagnostic) -> DiagnosticId {
    match &diagnostic.api {
        Some(api) => DiagnosticId::from(format!("apis/{api}/{}", diagnostic.id)),
        None => diagnostic.id.clone(),
    }
}

/// What holds for the revision as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Policies that are left out on purpose (`--allow-skip`), so that agent and gateway agree.
    pub allow_skip: BTreeSet<String>,
    /// The gateway that the configuration was selected for, if one was named.
    pub gateway: Option<GatewayId>,
    /// Name of the service, `context.Deployment.ServiceName`.
    pub service_name: Option<String>,
    /// APIs that could not be read and are not served, with the reason.
    pub disabled_apis: BTreeMap<ApiId, String>,
    /// Backends that lack a secret and are not served, with the reason.
    pub left_out_backends: BTreeMap<BackendId, String>,
}

/// One line of a manifest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ManifestEntry {
    /// What the blob holds.
    pub kind: Kind,
    /// Which one.
    pub id: String,
    /// Where its bytes are found.
    pub digest: Digest,
}

/// The table of contents of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The digest of everything below.
    pub revision: Revision,
    /// [`MANIFEST_FORMAT`] of the writer.
    pub format: u32,
    /// One line for each entity, sorted.
    pub entries: Vec<ManifestEntry>,
}

/// Why bytes do not make a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// A newer writer.
    #[error("manifest of format {0}; this version reads up to {MANIFEST_FORMAT}")]
    Format(u32),
    /// The manifest was changed on the way.
    #[error("manifest says revision {said} but is {real}")]
    Revision {
        /// What it says.
        said: Revision,
        /// What it is.
        real: Revision,
    },
    /// The blob was changed on the way.
    #[error("blob of {kind:?} `{id}` does not match its digest")]
    Digest {
        /// Kind of the entity.
        kind: Kind,
        /// Its id.
        id: String,
    },
    /// The blob never came.
    #[error("blob of {kind:?} `{id}` is missing")]
    Missing {
        /// Kind of the entity.
        kind: Kind,
        /// Its id.
        id: String,
    },
    /// The blob is not what its kind asks for.
    #[error("blob of {kind:?} `{id}` cannot be read: {reason}")]
    Unreadable {
        /// Kind of the entity.
        kind: Kind,
        /// Its id.
        id: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The blob names another entity than the manifest does.
    #[error("blob of {kind:?} `{id}` holds `{found}`")]
    Mismatch {
        /// Kind of the entity.
        kind: Kind,
        /// Its id in the manifest.
        id: String,
        /// The id in the blob.
        found: String,
    },
}

impl Manifest {
    /// A manifest over these entries.
    pub fn new(mut entries: Vec<ManifestEntry>) -> Self {
        entries.sort();
        let mut manifest = Self { revision: Revision::default(), format: MANIFEST_FORMAT, entries };
        manifest.revision = manifest.real_revision();
        manifest
    }

    /// Refuses a manifest of a newer form, or one whose revision does not fit its entries.
    pub fn verify(&self) -> Result<(), SnapshotError> {
        if self.format > MANIFEST_FORMAT {
            return Err(SnapshotError::Format(self.format));
        }
        let real = self.real_revision();
        if real == self.revision { Ok(()) } else { Err(SnapshotError::Revision { said: self.revision, real }) }
    }

    fn real_revision(&self) -> Revision {
        let mut text = format!("gatewright {}\n", self.format);
        for entry in &self.entries {
            // Ids hold no line ends that could forge a line: JSON escapes them.
            let id = serde_json::Value::from(entry.id.as_str());
            text.push_str(&format!("{:?} {id} {}\n", entry.kind, entry.digest));
        }
        Revision(Digest::of(text))
    }
}

/// A snapshot cut into blobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The table of contents.
    pub manifest: Manifest,
    /// The bytes, each under its digest.
    pub blobs: BTreeMap<Digest, Arc<str>>,
}

impl Snapshot {
    /// Cuts the snapshot into blobs.
    pub fn to_bundle(&self) -> Result<Bundle, SnapshotError> {
        let (mut entries, mut blobs) = (Vec::new(), BTreeMap::new());
        for entity in self.entities() {
            let text = entity.encode()?;
            let digest = Digest::of(&text);
            entries.push(ManifestEntry { kind: entity.kind(), id: entity.id(), digest });
            blobs.insert(digest, Arc::from(text));
        }
        Ok(Bundle { manifest: Manifest::new(entries), blobs })
    }

    /// The revision of this snapshot.
    pub fn revision(&self) -> Result<Revision, SnapshotError> {
        Ok(self.to_bundle()?.manifest.revision)
    }

    /// Puts a snapshot together from entities that were looked up by the digests of a manifest.
    pub fn from_entities(
        manifest: &Manifest,
        mut look_up: impl FnMut(&ManifestEntry) -> Option<Entity>,
    ) -> Result<Self, SnapshotError> {
        manifest.verify()?;
        let mut snapshot = Self::default();
        for entry in &manifest.entries {
            let (kind, id) = (entry.kind, entry.id.clone());
            let entity = look_up(entry).ok_or(SnapshotError::Missing { kind, id: id.clone() })?;
            if entity.kind() != kind || entity.id() != id {
                return Err(SnapshotError::Mismatch { kind, id, found: entity.id() });
            }
            snapshot.insert(entity);
        }
        Ok(snapshot)
    }

    /// The policy document at a scope.
    pub fn policy(&self, scope: &PolicyScope) -> Option<&Arc<PolicySource>> {
        self.policies.get(scope)
    }

    /// The named value that policies mean by `{{name}}`; letter case does not count.
    pub fn named_value(&self, display_name: &str) -> Option<&Arc<NamedValue>> {
        self.named_values.values().find(|value| value.display_name.eq_ignore_ascii_case(display_name))
    }

    /// The fragment of this name; letter case does not count.
    pub fn fragment(&self, id: &str) -> Option<&Arc<Fragment>> {
        self.fragments.get(id).or_else(|| self.fragments.values().find(|f| f.id.as_str().eq_ignore_ascii_case(id)))
    }

    /// The backend of this name; letter case does not count.
    pub fn backend(&self, id: &str) -> Option<&Arc<Backend>> {
        self.backends.get(id).or_else(|| self.backends.values().find(|b| b.id.as_str().eq_ignore_ascii_case(id)))
    }
}

impl Entity {
    /// Reads a blob and makes sure that it is what the manifest says.
    pub fn from_blob(entry: &ManifestEntry, text: &str) -> Result<Self, SnapshotError> {
        if Digest::of(text) != entry.digest {
            return Err(SnapshotError::Digest { kind: entry.kind, id: entry.id.clone() });
        }
        Self::decode(entry.kind, text).map_err(|error| match error {
            SnapshotError::Unreadable { kind, reason, .. } => {
                SnapshotError::Unreadable { kind, id: entry.id.clone(), reason }
            }
            other => other,
        })
    }
}

impl Bundle {
    /// Puts the snapshot together again, every digest verified.
    pub fn to_snapshot(&self) -> Result<Snapshot, SnapshotError> {
        let mut failed = None;
        let built = Snapshot::from_entities(&self.manifest, |entry| {
            let text = self.blobs.get(&entry.digest)?;
            Entity::from_blob(entry, text).map_err(|error| failed = Some(error)).ok()
        });
        match failed {
            Some(error) => Err(error),
            None => built,
        }
    }
}
