//! Finding the route of one request, and saying why there is none.

use std::fmt;

use http::{HeaderMap, Method};
use smallvec::SmallVec;

use super::query::{QueryPairs, decode_component};
use super::segment::{same, split_first, split_revision};
use super::table::{ApiEntry, Family, Group, OperationNode, PathNode, RouteTable, VersionRule};
use super::template::QueryWant;

/// Turns of the operation search before it gives up. Only templates made for it come near.
const MAX_STEPS: usize = 20_000;

/// What of a request takes part in matching.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The method.
    pub method: &'a Method,
    /// The raw path, from its first slash.
    pub path: &'a str,
    /// The raw query without the question mark.
    pub query: &'a str,
    /// The headers, for header versions.
    pub headers: &'a HeaderMap,
    /// Host and port as the client wrote them.
    pub authority: &'a str,
    /// Whether the client used TLS.
    pub https: bool,
}

/// Byte ranges of the path that its parameters took.
pub(crate) type Captures = SmallVec<[(u32, u32); 8]>;

/// A route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched {
    /// Index of the API revision.
    pub api: usize,
    /// Index of the operation in its API.
    pub operation: usize,
    /// Length of the API's part of the path; what follows goes to the backend.
    pub api_part: usize,
    /// Where the path parameters are, in the order of the template's names.
    pub captures: Captures,
}

/// Why nothing matched, with the nearest API where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoMatch {
    /// The host is not one of ours.
    Host,
    /// No API has a path that begins like this.
    Path,
    /// An API path fits, the version identifier does not.
    Version {
        /// Path of the APIs.
        path: String,
        /// What the request named, if anything.
        asked: Option<String>,
        /// Where the identifier belongs.
        place: String,
    },
    /// The revision does not exist or is offline.
    Revision {
        /// Path of the API.
        path: String,
        /// What the request named.
        asked: String,
    },
    /// The API does not answer on this scheme.
    Scheme {
        /// The API.
        api: usize,
        /// Its id.
        id: String,
    },
    /// The path exists under other methods.
    Method {
        /// The API.
        api: usize,
        /// Its id.
        id: String,
        /// Methods that would have matched.
        allowed: Vec<Method>,
    },
    /// The API has no such operation.
    Operation {
        /// The API.
        api: usize,
        /// Its id.
        id: String,
    },
}

impl NoMatch {
    /// The API whose policies may handle the failure.
    pub fn api(&self) -> Option<usize> {
        match self {
            Self::Scheme { api, .. } | Self::Method { api, .. } | Self::Operation { api, .. } => Some(*api),
            _ => None,
        }
    }
}

impl fmt::Display for NoMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host => f.write_str("the host is not among the configured host names"),
            Self::Path => f.write_str("no API path begins like this"),
            Self::Version { path, asked: None, place } => {
                write!(f, "the APIs at `{path}` need a version in {place} and none was given")
            }
            Self::Version { path, asked: Some(asked), place } => {
                write!(f, "the APIs at `{path}` have no version `{asked}` (read from {place})")
            }
            Self::Revision { path, asked } => write!(f, "the API at `{path}` has no online revision `{asked}`"),
            Self::Scheme { id, .. } => write!(f, "the API `{id}` does not answer on this scheme"),
            Self::Method { id, allowed, .. } => {
                let allowed: Vec<&str> = allowed.iter().map(Method::as_str).collect();
                write!(f, "the API `{id}` has this path for {} only", allowed.join(", "))
            }
            Self::Operation { id, .. } => write!(f, "the API `{id}` has no operation with this path"),
        }
    }
}

/// Finds the route of a request.
pub fn find(table: &RouteTable, request: &Request<'_>) -> Result<Matched, NoMatch> {
    if !table.hosts.accepts(request.authority) {
        return Err(NoMatch::Host);
    }
    let place = Place::find(&table.root, request.path).ok_or(NoMatch::Path)?;
    let (family, place) = place.version(request)?;
    let Some(api) = family.pick(place.revision) else {
        return Err(NoMatch::Revision {
            path: place.group.path.to_string(),
            asked: place.revision.unwrap_or("current").to_owned(),
        });
    };
    let Some(entry) = table.apis.get(api) else { return Err(NoMatch::Path) };
    let id = || entry.id.to_string();
    if table.check_protocols && !(if request.https { entry.protocols.https } else { entry.protocols.http }) {
        return Err(NoMatch::Scheme { api, id: id() });
    }
    let api_part = request.path.len() - place.rest.len();
    match entry.find(request.method, place.rest, api_part, request.query) {
        Some((operation, captures)) => Ok(Matched { api, operation, api_part, captures }),
        None => {
            let allowed = entry.methods_for(place.rest, api_part, request.query);
            if allowed.is_empty() {
                return Err(NoMatch::Operation { api, id: id() });
            }
            Err(NoMatch::Method { api, id: id(), allowed })
        }
    }
}

/// The API part of a path: the longest API path that it begins with.
#[derive(Clone, Copy)]
struct Place<'t, 'r> {
    group: &'t Group,
    revision: Option<&'r str>,
    /// From the slash after the API part, or empty.
    rest: &'r str,
}

impl<'t, 'r> Place<'t, 'r> {
    fn find(root: &'t PathNode, path: &'r str) -> Option<Self> {
        let mut best = root.group.as_ref().map(|group| Self { group, revision: None, rest: path });
        let (mut node, mut rest) = (root, path);
        while !node.children.is_empty()
            && let Some((segment, after)) = split_first(rest)
        {
            let (plain, revision) = split_revision(segment);
            let Some(child) = node.children.get(plain) else { break };
            if let Some(group) = &child.group {
                best = Some(Self { group, revision, rest: after });
            }
            if revision.is_some() {
                // The marker ends the API part.
                break;
            }
            (node, rest) = (child, after);
        }
        best
    }

    /// Picks the version; a version segment is taken off the rest.
    fn version(mut self, request: &Request<'r>) -> Result<(&'t Family, Self), NoMatch> {
        let mut missing: Option<&VersionRule> = None;
        for set in &self.group.versioned {
            let asked = match &set.rule {
                VersionRule::Segment => {
                    if let Some((segment, after)) = split_first(self.rest) {
                        let (plain, revision) = split_revision(segment);
                        if let Some(family) = set.versions.get(plain) {
                            self.rest = after;
                            self.revision = revision.or(self.revision);
                            return Ok((family, self));
                        }
                    }
                    missing = Some(&set.rule);
                    continue;
                }
                VersionRule::Query(name) => QueryPairs::value_of(request.query, name).map(decode_component),
                VersionRule::Header(name) => {
                    let value = request.headers.get(name.as_str()).and_then(|value| value.to_str().ok());
                    value.map(|value| value.trim().into())
                }
            };
            match asked.filter(|asked| !asked.is_empty()) {
                None => missing = Some(&set.rule),
                Some(asked) => match set.versions.get(&asked) {
                    Some(family) => return Ok((family, self)),
                    None => return Err(self.no_version(&set.rule, Some(asked.into_owned()))),
                },
            }
        }
        match (&self.group.original, missing) {
            (Some(family), _) => Ok((family, self)),
            (None, Some(rule)) => {
                let asked = match rule {
                    VersionRule::Segment => split_first(self.rest).map(|(segment, _)| segment.to_owned()),
                    _ => None,
                };
                Err(self.no_version(rule, asked.filter(|asked| !asked.is_empty())))
            }
            (None, None) => Err(NoMatch::Path),
        }
    }

    fn no_version(&self, rule: &VersionRule, asked: Option<String>) -> NoMatch {
        let place = match rule {
            VersionRule::Segment => "the path".to_owned(),
            VersionRule::Query(name) => format!("the query parameter `{name}`"),
            VersionRule::Header(name) => format!("the header `{name}`"),
        };
        NoMatch::Version { path: self.group.path.to_string(), asked, place }
    }
}

impl ApiEntry {
    fn find(&self, method: &Method, rest: &str, offset: usize, query: &str) -> Option<(usize, Captures)> {
        let (_, root) = self.methods.iter().find(|(known, _)| known == method)?;
        let mut search = Search { api: self, query, steps: MAX_STEPS, captures: Captures::new() };
        // One trailing slash is not part of the match.
        let path = rest.strip_suffix('/').unwrap_or(rest);
        let found = search.descend(root, path, offset)?;
        Some((found, search.captures))
    }

    fn methods_for(&self, rest: &str, offset: usize, query: &str) -> Vec<Method> {
        let fits = |(method, _): &&(Method, OperationNode)| self.find(method, rest, offset, query).is_some();
        self.methods.iter().filter(fits).map(|(method, _)| method.clone()).collect()
    }
}

/// A depth-first search in order of precedence; its depth is that of the templates.
struct Search<'a> {
    api: &'a ApiEntry,
    query: &'a str,
    steps: usize,
    captures: Captures,
}

impl Search<'_> {
    fn descend(&mut self, node: &OperationNode, rest: &str, offset: usize) -> Option<usize> {
        self.steps = self.steps.checked_sub(1)?;
        let Some((segment, after)) = split_first(rest) else {
            return self.accept(&node.ends).or_else(|| self.wildcard(node, "", offset));
        };
        let next = offset + 1 + segment.len();
        if let Some(child) = node.literals.get(segment)
            && let Some(found) = self.descend(child, after, next)
        {
            return Some(found);
        }
        let mark = self.captures.len();
        for (mixed, child) in &node.mixed {
            let start = offset + 1;
            let mut spans: SmallVec<[(u32, u32); 4]> = SmallVec::new();
            if mixed.matches(segment, |from, to| spans.push(span(start + from, start + to))) {
                self.captures.extend(spans.into_iter().rev());
                if let Some(found) = self.descend(child, after, next) {
                    return Some(found);
                }
                self.captures.truncate(mark);
            }
        }
        if let Some(child) = &node.parameter
            && !segment.is_empty()
        {
            self.captures.push(span(offset + 1, next));
            if let Some(found) = self.descend(child, after, next) {
                return Some(found);
            }
            self.captures.truncate(mark);
        }
        self.wildcard(node, rest, offset)
    }

    fn wildcard(&mut self, node: &OperationNode, rest: &str, offset: usize) -> Option<usize> {
        let found = self.accept(&node.wildcard)?;
        let start = if rest.is_empty() { offset } else { offset + 1 };
        self.captures.push(span(start, offset + rest.len()));
        Some(found)
    }

    fn accept(&self, candidates: &[usize]) -> Option<usize> {
        candidates.iter().copied().find(|index| {
            let rules = self.api.operations.get(*index).map_or(&[][..], |operation| &operation.query);
            rules.iter().all(|rule| match (QueryPairs::value_of(self.query, &rule.key), &rule.want) {
                (None, _) => false,
                (Some(_), QueryWant::Any(_)) => true,
                (Some(value), QueryWant::Literal(literal)) => {
                    same(value, literal) || decode_component(value).eq_ignore_ascii_case(literal)
                }
            })
        })
    }
}

fn span(from: usize, to: usize) -> (u32, u32) {
    // A request line never comes near 4 GiB: the framing guard ends it at 16 KiB.
    (u32::try_from(from).unwrap_or(u32::MAX), u32::try_from(to).unwrap_or(u32::MAX))
}
