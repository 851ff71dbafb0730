//! The table: API paths as a tree, the versions and revisions that share a path, and one operation tree per method.

use http::Method;

use super::host::HostSet;
use super::segment::SegmentMap;
use super::template::{Mixed, QueryRule, Segment, Template};

/// The schemes an API answers on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protocols {
    /// `http` (and `ws`).
    pub http: bool,
    /// `https` (and `wss`).
    pub https: bool,
}

impl Protocols {
    /// Both schemes.
    pub const BOTH: Self = Self { http: true, https: true };
}

/// Where the version identifier of an API stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionRule {
    /// `/{path}/{version}/...`
    Segment,
    /// A query parameter of this name.
    Query(String),
    /// A header of this name.
    Header(String),
}

/// One revision of one version of an API, as the table needs it.
#[derive(Debug, Clone)]
pub struct ApiRoute {
    /// Shown when a request comes near.
    pub id: String,
    /// The same for all revisions of an API.
    pub family: String,
    /// URL suffix, without or with slashes around; may be empty.
    pub path: String,
    /// The version set, when the API is in one.
    pub version_rule: Option<VersionRule>,
    /// The identifier; empty or absent for the Original.
    pub version: Option<String>,
    /// Revision number as text.
    pub revision: String,
    /// Whether it answers without a revision marker.
    pub is_current: bool,
    /// Offline revisions cannot be reached with a marker.
    pub is_online: bool,
    /// Schemes it answers on.
    pub protocols: Protocols,
    /// Its operations in order of definition.
    pub operations: Vec<OperationRoute>,
}

/// One operation.
#[derive(Debug, Clone)]
pub struct OperationRoute {
    /// The method, exactly.
    pub method: Method,
    /// The parsed template.
    pub template: Template,
}

/// All routes of a revision of the configuration. Indices are positions in the list it was built from.
#[derive(Debug, Default)]
pub struct RouteTable {
    pub(super) root: PathNode,
    pub(super) apis: Vec<ApiEntry>,
    pub(super) hosts: HostSet,
    pub(super) check_protocols: bool,
}

#[derive(Debug, Default)]
pub(super) struct PathNode {
    pub(super) children: SegmentMap<PathNode>,
    pub(super) group: Option<Group>,
}

/// What shares one API path.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) path: Box<str>,
    pub(super) versioned: Vec<Versioned>,
    pub(super) original: Option<Family>,
}

/// The versions of one scheme and name on a path.
#[derive(Debug)]
pub(super) struct Versioned {
    pub(super) rule: VersionRule,
    pub(super) versions: SegmentMap<Family>,
}

/// The revisions of one version of an API.
#[derive(Debug, Default)]
pub(super) struct Family {
    pub(super) current: Option<usize>,
    pub(super) revisions: Vec<(Box<str>, usize)>,
}

#[derive(Debug)]
pub(super) struct ApiEntry {
    pub(super) id: Box<str>,
    pub(super) protocols: Protocols,
    pub(super) methods: Vec<(Method, OperationNode)>,
    pub(super) operations: Vec<OperationEntry>,
}

#[derive(Debug)]
pub(super) struct OperationEntry {
    pub(super) names: Vec<Box<str>>,
    pub(super) query: Vec<QueryRule>,
}

/// A node of an operation tree. The order of its branches is the order of precedence.
#[derive(Debug, Default)]
pub(super) struct OperationNode {
    pub(super) literals: SegmentMap<OperationNode>,
    pub(super) mixed: Vec<(Mixed, OperationNode)>,
    pub(super) parameter: Option<Box<OperationNode>>,
    /// Operations that end in a wildcard here.
    pub(super) wildcard: Vec<usize>,
    /// Operations that end here.
    pub(super) ends: Vec<usize>,
}

impl RouteTable {
    /// Builds the table. `check_protocols` makes the scheme take part in matching.
    pub fn build(routes: Vec<ApiRoute>, hosts: HostSet, check_protocols: bool) -> Self {
        let mut table = Self { hosts, check_protocols, ..Self::default() };
        for (index, route) in routes.into_iter().enumerate() {
            table.add_path(index, &route);
            table.apis.push(ApiEntry::build(route));
        }
        table
    }

    /// The path parameter names of an operation in order of capture.
    pub fn parameter_names(&self, api: usize, operation: usize) -> &[Box<str>] {
        self.apis.get(api).and_then(|api| api.operations.get(operation)).map_or(&[], |operation| &operation.names)
    }

    /// The query parameters of an operation's template: key in the URL and name in the template.
    pub fn query_parameters(&self, api: usize, operation: usize) -> impl Iterator<Item = (&str, &str)> {
        let rules = self.apis.get(api).and_then(|api| api.operations.get(operation)).map_or(&[][..], |o| &o.query);
        rules.iter().filter_map(|rule| match &rule.want {
            super::template::QueryWant::Any(name) => Some((&*rule.key, &**name)),
            super::template::QueryWant::Literal(_) => None,
        })
    }

    fn add_path(&mut self, index: usize, route: &ApiRoute) {
        let path = route.path.trim_matches('/');
        let mut node = &mut self.root;
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            node = node.children.entry(segment, PathNode::default);
        }
        let group = node.group.get_or_insert_with(Group::default);
        group.path = path.into();
        group.family(route).add(index, route);
    }
}

impl Group {
    fn family(&mut self, route: &ApiRoute) -> &mut Family {
        let version = route.version.as_deref().filter(|version| !version.is_empty());
        let (Some(rule), Some(version)) = (&route.version_rule, version) else {
            // The Original of a version set and an API without versions answer alike. The rule is still recorded, so
            // that an unknown identifier is refused rather than ignored.
            if let Some(rule) = &route.version_rule {
                self.versioned(rule);
            }
            return self.original.get_or_insert_with(Family::default);
        };
        self.versioned(rule).versions.entry(version, Family::default)
    }

    fn versioned(&mut self, rule: &VersionRule) -> &mut Versioned {
        let at = match self.versioned.iter().position(|known| known.rule == *rule) {
            Some(at) => at,
            None => {
                self.versioned.push(Versioned { rule: rule.clone(), versions: SegmentMap::default() });
                self.versioned.len() - 1
            }
        };
        #[expect(clippy::indexing_slicing, reason = "the position was found or pushed on the line above")]
        &mut self.versioned[at]
    }
}

impl Family {
    fn add(&mut self, index: usize, route: &ApiRoute) {
        if route.is_current && self.current.is_none() {
            self.current = Some(index);
        }
        if route.is_online {
            self.revisions.push((route.revision.as_str().into(), index));
        }
    }

    pub(super) fn pick(&self, revision: Option<&str>) -> Option<usize> {
        match revision {
            None => self.current,
            Some(wanted) => self.revisions.iter().find(|(known, _)| **known == *wanted).map(|(_, index)| *index),
        }
    }
}

impl ApiEntry {
    fn build(route: ApiRoute) -> Self {
        let mut entry =
            Self { id: route.id.into(), protocols: route.protocols, methods: Vec::new(), operations: Vec::new() };
        for (index, operation) in route.operations.into_iter().enumerate() {
            entry.add(index, operation);
        }
        for (_, root) in &mut entry.methods {
            root.sort(&entry.operations);
        }
        entry
    }

    fn add(&mut self, index: usize, operation: OperationRoute) {
        let at = match self.methods.iter().position(|(method, _)| *method == operation.method) {
            Some(at) => at,
            None => {
                self.methods.push((operation.method, OperationNode::default()));
                self.methods.len() - 1
            }
        };
        let Template { segments, query, names } = operation.template;
        if let Some((_, root)) = self.methods.get_mut(at) {
            root.insert(&segments, index);
        }
        self.operations.push(OperationEntry { names, query });
    }
}

impl OperationNode {
    fn insert(&mut self, segments: &[Segment], index: usize) {
        let Some((first, rest)) = segments.split_first() else {
            self.ends.push(index);
            return;
        };
        match first {
            Segment::Wildcard => self.wildcard.push(index),
            Segment::Literal(text) => self.literals.entry(text, Self::default).insert(rest, index),
            Segment::Parameter => self.parameter.get_or_insert_with(Box::default).insert(rest, index),
            Segment::Mixed(mixed) => match self.mixed.iter_mut().find(|(known, _)| known == mixed) {
                Some((_, node)) => node.insert(rest, index),
                None => {
                    let mut node = Self::default();
                    node.insert(rest, index);
                    self.mixed.push((mixed.clone(), node));
                }
            },
        }
    }

    /// Among equals the template with more query parameters goes first; the sort is stable, so ties keep their order.
    fn sort(&mut self, operations: &[OperationEntry]) {
        let weight = |index: &usize| std::cmp::Reverse(operations.get(*index).map_or(0, |o| o.query.len()));
        self.ends.sort_by_key(weight);
        self.wildcard.sort_by_key(weight);
        self.literals.for_each_mut(&mut |node: &mut Self| node.sort(operations));
        for (_, node) in &mut self.mixed {
            node.sort(operations);
        }
        if let Some(node) = &mut self.parameter {
            node.sort(operations);
        }
    }
}
