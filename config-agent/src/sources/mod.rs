//! Where configurations come from. A source gathers resources as the management plane describes them; what they mean is `assemble`'s business.

pub(crate) mod folder;

use crate::{collect::Collector, text::TextFile};
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// A place that configurations come from.
pub(crate) trait Source {
    /// Everything the place holds.
    fn gather(&self, findings: &mut Collector) -> Gathered;
}

/// One resource: the body of a create-or-update call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Resource {
    /// Resource name.
    pub(crate) name: String,
    /// `properties` of the body.
    pub(crate) properties: Map<String, Value>,
    /// The file it came from.
    pub(crate) file: Option<Arc<TextFile>>,
    /// Properties that an override set; they win over every other source of secrets.
    pub(crate) overridden: BTreeSet<String>,
}

/// A policy document.
#[derive(Debug, Clone)]
pub(crate) struct RawPolicy {
    /// The file it came from.
    pub(crate) file: TextFile,
    /// `rawxml`, `xml`, or nothing said.
    pub(crate) format: Option<String>,
}

/// The definition of an API.
#[derive(Debug, Clone)]
pub(crate) struct Specification {
    /// Ending of the file name in lower case: `yaml`, `json`, `wsdl`, `wadl`, `graphql`.
    pub(crate) ending: String,
    /// Its text, or why there is none.
    pub(crate) file: Result<TextFile, config_model::Finding>,
}

/// An operation that has files of its own.
#[derive(Debug, Clone, Default)]
pub(crate) struct RawOperation {
    /// Its body, where the layout has one.
    pub(crate) resource: Option<Resource>,
    /// Its policy.
    pub(crate) policy: Option<RawPolicy>,
}

/// An API and what lies below it.
#[derive(Debug, Clone, Default)]
pub(crate) struct RawApi {
    pub(crate) resource: Resource,
    pub(crate) policy: Option<RawPolicy>,
    pub(crate) specification: Option<Specification>,
    pub(crate) operations: BTreeMap<String, RawOperation>,
    pub(crate) diagnostics: Vec<Resource>,
    pub(crate) schemas: Vec<Resource>,
    pub(crate) tags: BTreeSet<String>,
    /// Resolvers and the like: named, so that they can be reported.
    pub(crate) not_supported: Vec<String>,
}

/// A product and what lies below it.
#[derive(Debug, Clone, Default)]
pub(crate) struct RawProduct {
    pub(crate) resource: Resource,
    pub(crate) policy: Option<RawPolicy>,
    pub(crate) apis: BTreeSet<String>,
    pub(crate) groups: BTreeSet<String>,
    pub(crate) tags: BTreeSet<String>,
}

/// A gateway and what lies below it.
#[derive(Debug, Clone, Default)]
pub(crate) struct RawGateway {
    pub(crate) resource: Resource,
    pub(crate) apis: BTreeSet<String>,
    pub(crate) hostnames: Vec<Resource>,
    pub(crate) authorities: Vec<Resource>,
}

/// A fragment and its text.
#[derive(Debug, Clone, Default)]
pub(crate) struct RawFragment {
    pub(crate) resource: Resource,
    pub(crate) policy: Option<RawPolicy>,
}

/// Everything a source holds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gathered {
    pub(crate) policy: Option<RawPolicy>,
    pub(crate) apis: Vec<RawApi>,
    pub(crate) products: Vec<RawProduct>,
    pub(crate) gateways: Vec<RawGateway>,
    pub(crate) fragments: Vec<RawFragment>,
    /// Kinds without anything below them, by kind.
    pub(crate) plain: BTreeMap<Plain, Vec<Resource>>,
}

/// Kinds of resources that have nothing below them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Plain {
    AuthorizationServer,
    Backend,
    Cache,
    Certificate,
    Diagnostic,
    Group,
    Logger,
    NamedValue,
    OpenIdProvider,
    Schema,
    Subscription,
    Tag,
    User,
    VersionSet,
}

impl Gathered {
    /// The resources of a plain kind.
    pub(crate) fn plain(&self, kind: Plain) -> &[Resource] {
        self.plain.get(&kind).map(Vec::as_slice).unwrap_or_default()
    }
}
