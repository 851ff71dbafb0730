//! One immutable revision of the configuration, ready to serve: routes, chains, keys, backends.
//!
//! A world is built on a thread of its own and swapped in whole; a request keeps the one it began with. What outlives a
//! revision - counters, cache, connections - is not in here.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use config_model::{
    Api, ApiId, BackendId, Finding, Operation, PolicyScope, ProductId, Protocol, Revision, Snapshot, VersioningScheme,
};
use http::HeaderName;
use policy_engine::{Base, Chain, CheckOptions, Deployment, Engine, PolicyDocuments};

use crate::access::Access;
use crate::backends::{BackendRules, Breaker, Pool, States, TieKey};
use crate::routing::{ApiRoute, HostSet, OperationRoute, Protocols, RouteTable, Template, VersionRule};
use crate::telemetry::{ApiMeters, Metrics};

/// One revision.
pub struct World {
    /// Which.
    pub revision: Revision,
    /// Its content.
    pub snapshot: Arc<Snapshot>,
    /// Where requests belong.
    pub routes: RouteTable,
    /// Who may call.
    pub access: Access,
    /// The APIs in the order of the route table.
    pub apis: Vec<WorldApi>,
    /// For requests that match no API.
    pub global: Option<Arc<Chain>>,
    /// `context.Deployment`.
    pub deployment: Arc<Deployment>,
    /// When it went live.
    pub since: Instant,
    bases: HashMap<BackendId, Arc<Base>>,
    rules: HashMap<BackendId, BackendRules>,
    /// TLS rules of backends found by the URL of an API.
    rules_by_url: HashMap<String, BackendId>,
    pools: HashMap<BackendId, Pool>,
    balanced: bool,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "World({}, {} APIs)", self.revision.short(), self.apis.len())
    }
}

/// One API revision.
pub struct WorldApi {
    /// The entity.
    pub api: Arc<Api>,
    /// Its parsed `serviceUrl`.
    pub base: Option<Arc<Base>>,
    /// The header of the subscription key.
    pub key_header: HeaderName,
    /// Chain for faults before an operation is known.
    pub chain: Option<Arc<Chain>>,
    /// Its operations in the order of the route table.
    pub operations: Vec<WorldOperation>,
    /// Its metrics.
    pub meters: ApiMeters,
}

/// One operation.
pub struct WorldOperation {
    /// The entity.
    pub operation: Arc<Operation>,
    /// Names of its path parameters in order of capture.
    pub names: Vec<Arc<str>>,
    /// Query parameters of its template: key in the URL, name.
    pub query: Vec<(Arc<str>, Arc<str>)>,
    /// Its program without a product.
    plain: Option<Arc<Chain>>,
    /// Its program in each product that has the API.
    by_product: Vec<(ProductId, Option<Arc<Chain>>)>,
}

impl WorldOperation {
    /// The program of a request in the context of a product, or of none. `None` when a document in it is broken.
    pub fn chain(&self, product: Option<&ProductId>) -> Option<&Arc<Chain>> {
        match product {
            None => self.plain.as_ref(),
            Some(product) => self.by_product.iter().find(|(id, _)| id == product).and_then(|(_, chain)| chain.as_ref()),
        }
    }
}

/// What the building of a world needs besides the snapshot.
#[derive(Debug)]
pub struct Builder {
    /// Compiles, and remembers what it has compiled.
    pub engine: Engine,
    /// What is known about backends beyond a revision.
    pub(crate) states: States,
    /// Where API metrics are registered.
    pub metrics: Arc<Metrics>,
    /// Whether the scheme takes part in matching.
    pub enforce_protocols: bool,
    /// `context.Deployment`, apart from what the snapshot says.
    pub deployment: Deployment,
}

/// What came of building.
#[derive(Debug)]
pub struct Built {
    /// The world; documents with errors are left out of it.
    pub world: World,
    /// What is wrong with it. With errors it may only be used when there is nothing else.
    pub findings: Vec<Finding>,
}

impl Built {
    /// Whether there are errors.
    pub fn is_broken(&self) -> bool {
        self.findings.iter().any(Finding::is_error)
    }
}

impl Builder {
    /// Builds the world of a snapshot.
    pub fn build(&self, revision: Revision, snapshot: Arc<Snapshot>) -> Built {
        let (documents, report) = self.engine.compile(&snapshot, &CheckOptions::default());
        let mut findings: Vec<Finding> = report.diagnostics.iter().map(finding).collect();
        let (rules, rules_by_url) = backend_rules(&snapshot, &self.states, &mut findings);
        let mut bases = backend_bases(&snapshot, &mut findings);
        let pools = backend_pools(&snapshot, &self.states, &mut bases, &rules);
        let rules_have_breakers = rules.values().any(|rules| rules.breaker.is_some());
        self.states.keep(&snapshot);
        let mut linker = Linker { documents: &documents, shared: HashMap::new() };
        let (mut routes, mut apis) = (Vec::new(), Vec::new());
        for api in snapshot.apis.values() {
            if let Some((route, built)) = self.api(api, &snapshot, &mut linker, &mut findings) {
                routes.push(route);
                apis.push(built);
            }
        }
        let hosts = snapshot.hostnames.values().map(|hostname| hostname.hostname.clone());
        let routes = RouteTable::build(routes, HostSet::new(hosts), self.enforce_protocols);
        for (at, api) in apis.iter_mut().enumerate() {
            for (index, operation) in api.operations.iter_mut().enumerate() {
                operation.names = routes.parameter_names(at, index).iter().map(|name| Arc::from(&**name)).collect();
                let query = routes.query_parameters(at, index);
                operation.query = query.map(|(key, name)| (Arc::from(key), Arc::from(name))).collect();
            }
        }
        self.metrics.keep_apis(snapshot.apis.keys().map(ApiId::as_str));
        let world = World {
            revision,
            access: Access::build(&snapshot),
            global: documents.link([]).map(Arc::new),
            deployment: Arc::new(self.deployment(&snapshot)),
            since: Instant::now(),
            snapshot,
            routes,
            apis,
            bases,
            rules,
            rules_by_url,
            balanced: !pools.is_empty() || rules_have_breakers,
            pools,
        };
        Built { world, findings }
    }

    fn api(
        &self,
        api: &Arc<Api>,
        snapshot: &Snapshot,
        linker: &mut Linker<'_>,
        findings: &mut Vec<Finding>,
    ) -> Option<(ApiRoute, WorldApi)> {
        let warn = |text: String| Finding::warning("GW4001", text).from_origin(api.origin.as_ref());
        let base = match api.service_url.as_deref().filter(|url| !url.trim().is_empty()).map(Base::parse) {
            None => None,
            Some(Ok(base)) => Some(Arc::new(base)),
            Some(Err(why)) => {
                findings.push(warn(format!("the service URL of API `{}` cannot be used: {why}", api.id)));
                None
            }
        };
        let Ok(key_header) = HeaderName::from_bytes(api.subscription_key.header.as_bytes()) else {
            let name = &api.subscription_key.header;
            let text = format!("API `{}` reads its key from `{name}`, which is not a header name", api.id);
            findings.push(Finding::error("GW4002", text).from_origin(api.origin.as_ref()));
            return None;
        };
        let products: Vec<&ProductId> = snapshot
            .products
            .values()
            .filter(|p| p.apis.contains(&api.root) || p.apis.contains(&api.id))
            .map(|p| &p.id)
            .collect();
        let (mut routes, mut operations) = (Vec::new(), Vec::new());
        for operation in &api.operations {
            let template = Template::parse(&operation.url_template).map_err(|error| error.to_string());
            let method = operation.method.parse().map_err(|_| format!("`{}` is not a method", operation.method));
            match template.and_then(|template| Ok(OperationRoute { template, method: method? })) {
                Ok(route) => {
                    routes.push(route);
                    operations.push(WorldOperation {
                        plain: linker.operation(&api.id, operation, None),
                        by_product: products
                            .iter()
                            .map(|product| ((*product).clone(), linker.operation(&api.id, operation, Some(product))))
                            .collect(),
                        operation: Arc::new(operation.clone()),
                        names: Vec::new(),
                        query: Vec::new(),
                    });
                }
                Err(why) => {
                    let text = format!("operation `{}` of API `{}` is not served: {why}", operation.id, api.id);
                    findings.push(warn(text));
                }
            }
        }
        let route = ApiRoute {
            id: api.id.to_string(),
            family: api.root.to_string(),
            path: api.path.clone(),
            version_rule: api.version_set.as_ref().and_then(|id| snapshot.version_sets.get(id)).map(|set| {
                match set.scheme {
                    VersioningScheme::Segment => VersionRule::Segment,
                    VersioningScheme::Query => VersionRule::Query(set.query_name.clone().unwrap_or_default()),
                    VersioningScheme::Header => VersionRule::Header(set.header_name.clone().unwrap_or_default()),
                }
            }),
            version: api.version.clone(),
            revision: api.revision.clone(),
            is_current: api.is_current,
            is_online: api.is_online,
            protocols: Protocols {
                http: api.protocols.iter().any(|p| matches!(p, Protocol::Http | Protocol::Ws)),
                https: api.protocols.iter().any(|p| matches!(p, Protocol::Https | Protocol::Wss)),
            },
            operations: routes,
        };
        let built = WorldApi {
            base,
            key_header,
            chain: linker.api(&api.id),
            operations,
            meters: self.metrics.api(api.id.as_str()),
            api: Arc::clone(api),
        };
        Some((route, built))
    }

    fn deployment(&self, snapshot: &Snapshot) -> Deployment {
        let mut deployment = self.deployment.clone();
        let gateway = snapshot.settings.gateway.as_ref();
        if let Some(gateway) = gateway.and_then(|id| snapshot.gateways.get(id)) {
            deployment.gateway_id = gateway.id.to_string();
            deployment.region.clone_from(&gateway.location.name);
        }
        if let Some(name) = &snapshot.settings.service_name {
            deployment.service_name.clone_from(name);
        }
        deployment
    }
}

impl World {
    /// What a backend entity says about calls to it.
    pub(crate) fn backend_rules(&self, id: &BackendId) -> Option<&BackendRules> {
        self.rules.get(id)
    }

    /// Whether any backend is a pool or has a circuit breaker.
    pub(crate) fn is_balanced(&self) -> bool {
        self.balanced
    }

    /// The circuit breaker of a base's backend entity.
    pub(crate) fn breaker(&self, base: &Base) -> Option<&Arc<Breaker>> {
        if !self.balanced {
            return None;
        }
        self.rules.get(base.backend.as_ref()?)?.breaker.as_ref()
    }

    /// The pool that a base stands for. Most configurations have none, and then nothing is looked up.
    pub(crate) fn pool(&self, base: &Base) -> Option<&Pool> {
        if self.pools.is_empty() {
            return None;
        }
        self.pools.get(base.backend.as_ref()?)
    }

    /// What holds for connections to a base: the rules of its backend entity, or of one with the same URL.
    pub(crate) fn rules_for(&self, base: &Base) -> Option<&BackendRules> {
        match &base.backend {
            Some(id) => self.rules.get(id),
            None if base.tls => self.tls_rules(base),
            None => None,
        }
    }

    /// The base of a backend entity.
    pub(crate) fn backend_base(&self, id: &str) -> Option<Arc<Base>> {
        self.bases.get(id).or_else(|| self.bases.get(&self.snapshot.backend(id)?.id)).cloned()
    }

    /// The TLS rules of a backend entity with the URL of `base`; nothing else of that entity applies.
    pub(crate) fn tls_rules(&self, base: &Base) -> Option<&BackendRules> {
        if self.rules_by_url.is_empty() {
            return None;
        }
        self.rules.get(self.rules_by_url.get(&url_key(base))?)
    }
}

/// Links chains, each combination of documents once.
struct Linker<'d> {
    documents: &'d PolicyDocuments,
    shared: HashMap<(ApiId, Option<ProductId>), Option<Arc<Chain>>>,
}

impl Linker<'_> {
    fn operation(&mut self, api: &ApiId, operation: &Operation, product: Option<&ProductId>) -> Option<Arc<Chain>> {
        let scope = PolicyScope::Operation(api.clone(), operation.id.clone());
        let has_own = self.documents.get(&scope).is_some() || self.documents.broken.contains(&scope);
        if !has_own {
            let key = (api.clone(), product.cloned());
            if let Some(chain) = self.shared.get(&key) {
                return chain.clone();
            }
            let chain = self.link(None, api, product);
            self.shared.insert(key, chain.clone());
            return chain;
        }
        self.link(Some(scope), api, product)
    }

    fn api(&self, api: &ApiId) -> Option<Arc<Chain>> {
        self.link(None, api, None)
    }

    fn link(&self, own: Option<PolicyScope>, api: &ApiId, product: Option<&ProductId>) -> Option<Arc<Chain>> {
        let mut scopes = Vec::with_capacity(3);
        scopes.extend(own);
        scopes.push(PolicyScope::Api(api.clone()));
        scopes.extend(product.map(|product| PolicyScope::Product(product.clone())));
        self.documents.link(&scopes).map(Arc::new)
    }
}

type Rules = (HashMap<BackendId, BackendRules>, HashMap<String, BackendId>);

fn backend_rules(snapshot: &Snapshot, states: &States, findings: &mut Vec<Finding>) -> Rules {
    let (mut rules, mut by_url) = (HashMap::new(), HashMap::new());
    for backend in snapshot.backends.values() {
        match BackendRules::build(backend, snapshot, states) {
            Ok(built) => {
                if let Some(Ok(base)) = backend.url.as_deref().map(Base::parse)
                    && !(built.check_chain && built.check_name)
                {
                    by_url.insert(url_key(&base), backend.id.clone());
                }
                rules.insert(backend.id.clone(), built);
            }
            Err(why) => {
                let text = format!("backend `{}`: {why}", backend.id);
                findings.push(Finding::error("GW4003", text).from_origin(backend.origin.as_ref()));
            }
        }
    }
    (rules, by_url)
}

fn backend_bases(snapshot: &Snapshot, findings: &mut Vec<Finding>) -> HashMap<BackendId, Arc<Base>> {
    let mut bases = HashMap::new();
    for backend in snapshot.backends.values() {
        let Some(url) = backend.url.as_deref().filter(|_| backend.pool.is_none()) else { continue };
        match Base::parse(url) {
            Ok(base) => {
                let base = Base { backend: Some(backend.id.clone()), ..base };
                bases.insert(backend.id.clone(), Arc::new(base));
            }
            Err(why) => {
                let text = format!("the URL of backend `{}` cannot be used: {why}", backend.id);
                findings.push(Finding::error("GW4003", text).from_origin(backend.origin.as_ref()));
            }
        }
    }
    bases
}

/// Pools, and for each a base that stands for it until a member is chosen.
fn backend_pools(
    snapshot: &Snapshot,
    states: &States,
    bases: &mut HashMap<BackendId, Arc<Base>>,
    rules: &HashMap<BackendId, BackendRules>,
) -> HashMap<BackendId, Pool> {
    let mut pools = HashMap::new();
    for backend in snapshot.backends.values() {
        let Some(entity) = &backend.pool else { continue };
        let key = TieKey::new(entity, snapshot);
        let pool = Pool::new(&backend.id, entity, states.turns(&backend.id, entity), &key, |id| {
            Some((Arc::clone(bases.get(id)?), rules.get(id)?.breaker.clone()))
        });
        if let Some(first) = pool.first() {
            let base = Base { backend: Some(backend.id.clone()), ..Base::clone(first) };
            bases.insert(backend.id.clone(), Arc::new(base));
            pools.insert(backend.id.clone(), pool);
        }
    }
    pools
}

fn url_key(base: &Base) -> String {
    format!("{}://{}:{}{}", base.scheme(), base.host.to_ascii_lowercase(), base.port, base.path)
}

fn finding(diagnostic: &policy_engine::Diagnostic) -> Finding {
    let severity = match diagnostic.severity {
        policy_engine::Severity::Error => config_model::Severity::Error,
        policy_engine::Severity::Warning => config_model::Severity::Warning,
    };
    let found = Finding {
        severity,
        help: diagnostic.help.clone(),
        ..Finding::error(&diagnostic.code_text(), &*diagnostic.message)
    };
    let place = |position: policy_engine::Position| (position.line, position.column);
    found.in_file(&diagnostic.path).spanning(place(diagnostic.start), place(diagnostic.end))
}
