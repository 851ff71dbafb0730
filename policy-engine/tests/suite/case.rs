//! A case: what is configured, what is asked, what must come.
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use brotli::enc::BrotliEncoderParams;
use bytes::Bytes;
use config_model::{
    Api, ApiId, Fragment, NamedValue, Operation, PolicyScope, PolicySource, Product, ProductId, Snapshot, Subscription,
};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use http::{HeaderMap, HeaderName, HeaderValue};
use policy_engine::{
    Base, Body, BodyStream, CheckOptions, Engine, EvalState, Facts, IoError, OriginalUrl, Outcome, Report, Response,
    check_file, diagnostics,
};
use serde::Deserialize;

use super::host::{Answer, Memory, START, ScriptedHost, Seen, at};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// What the case shows.
    pub note: String,
    /// The API's document.
    policy: Option<String>,
    /// Sections of the API's document.
    inbound: Option<String>,
    backend: Option<String>,
    outbound: Option<String>,
    on_error: Option<String>,
    /// Documents of other scopes.
    global: Option<String>,
    product_policy: Option<String>,
    operation_policy: Option<String>,
    #[serde(default)]
    fragments: BTreeMap<String, String>,
    #[serde(default)]
    named_values: BTreeMap<String, String>,
    #[serde(default)]
    backends: BTreeMap<String, String>,
    /// Connection strings of Event Hub loggers.
    #[serde(default)]
    loggers: BTreeMap<String, String>,
    /// Operation as JSON of the configuration model.
    operation: Option<serde_json::Value>,
    #[serde(default)]
    schemas: Vec<serde_json::Value>,
    /// Subscription id; none without.
    subscription: Option<String>,
    #[serde(default)]
    request: Ask,
    /// Answers of the backend, the last one repeating.
    #[serde(default)]
    answers: Vec<Reply>,
    /// Answers of other services, in order.
    #[serde(default)]
    services: Vec<Reply>,
    #[serde(default)]
    silent: bool,
    want: Option<Want>,
    /// Several requests in a row, each with its own wants.
    #[serde(default)]
    steps: Vec<AskStep>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskStep {
    /// Seconds after the first one.
    #[serde(default)]
    at: f64,
    #[serde(default)]
    request: Ask,
    want: Want,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields, default)]
struct Ask {
    method: String,
    /// Path below the API, with query.
    path: String,
    headers: BTreeMap<String, Lines>,
    body: String,
    /// Content codings that the body is put into, in order.
    coded: Vec<String>,
    ip: String,
    matched: BTreeMap<String, String>,
    /// Answers of other services while this request runs, in place of those of the case.
    services: Option<Vec<Reply>>,
}

impl Default for Ask {
    fn default() -> Self {
        Ask {
            method: "GET".into(),
            path: "/".into(),
            headers: BTreeMap::new(),
            body: String::new(),
            coded: Vec::new(),
            ip: "192.0.2.7".into(),
            matched: BTreeMap::new(),
            services: None,
        }
    }
}

#[derive(Deserialize, Clone)]
#[serde(untagged)]
enum Lines {
    One(String),
    Many(Vec<String>),
}

impl Lines {
    fn all(&self) -> Vec<String> {
        match self {
            Lines::One(text) => vec![text.clone()],
            Lines::Many(all) => all.clone(),
        }
    }
}

#[derive(Deserialize, Clone, Default)]
#[serde(deny_unknown_fields, default)]
struct Reply {
    status: Option<u16>,
    reason: Option<String>,
    headers: BTreeMap<String, Lines>,
    body: String,
    /// Content codings that the body is put into, in order.
    coded: Vec<String>,
    /// `timeout`, `connection` or `client`.
    error: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Want {
    /// Numbers of the findings that refuse the configuration.
    refused: Vec<String>,
    /// Texts that the findings hold.
    refused_contains: Vec<String>,
    /// Numbers of warnings.
    warned: Option<Vec<String>>,
    status: Option<u16>,
    reason: Option<String>,
    headers: BTreeMap<String, Lines>,
    absent: Vec<String>,
    body: Option<String>,
    body_contains: Vec<String>,
    json: Option<serde_json::Value>,
    forwarded: Option<Vec<WantSeen>>,
    sent: Option<Vec<WantSeen>>,
    variables: BTreeMap<String, String>,
    last_error: BTreeMap<String, String>,
    slept: Option<Vec<f64>>,
    traces: Option<Vec<String>>,
    metrics: Option<Vec<String>>,
    aborted: bool,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct WantSeen {
    method: Option<String>,
    url: Option<String>,
    host: Option<String>,
    headers: BTreeMap<String, Lines>,
    absent: Vec<String>,
    body: Option<String>,
    timeout: Option<f64>,
    version: Option<String>,
    /// Host and port, and `Proxy-Authorization` after a blank; empty for none.
    via: Option<String>,
}

/// Findings of one text by itself.
pub(crate) fn check_text(text: &str) -> Report {
    let options = CheckOptions { standalone: true, ..CheckOptions::default() };
    check_file(&Engine::new(), "example.xml", text, &Snapshot::default(), &options)
}

/// Findings of the text of a scope.
pub(crate) fn check_text_at(scope: PolicyScope, text: &str) -> Report {
    let mut snapshot = Snapshot::default();
    snapshot.policies.insert(scope.clone(), Arc::new(PolicySource::new(scope, text)));
    Engine::new().compile(&snapshot, &CheckOptions { standalone: true, ..CheckOptions::default() }).1
}

/// Runs a case; what differs from what is wanted.
pub(crate) fn check(case: &Case) -> Vec<String> {
    let snapshot = Arc::new(case.snapshot());
    let (documents, report) = Engine::new().compile(&snapshot, &CheckOptions::default());
    let mut failures = Vec::new();
    let first = case.want.as_ref().or(case.steps.first().map(|s| &s.want)).expect("a case wants something");
    let errors: Vec<_> = report.diagnostics.iter().filter(|d| d.is_error()).collect();
    let shown = report.diagnostics.iter().map(diagnostics::text).collect::<String>();
    if let Some(warned) = &first.warned {
        let codes: Vec<String> = report.diagnostics.iter().filter(|d| !d.is_error()).map(|d| d.code_text()).collect();
        expect(&mut failures, "warnings", &codes, warned);
    }
    if !first.refused.is_empty() || !first.refused_contains.is_empty() {
        let codes: Vec<String> = errors.iter().map(|d| d.code_text()).collect();
        if !first.refused.is_empty() {
            expect(&mut failures, "refused", &codes, &first.refused);
        }
        if codes.is_empty() {
            failures.push("was not refused".into());
        }
        failures.extend(
            first
                .refused_contains
                .iter()
                .filter(|t| !shown.contains(*t))
                .map(|t| format!("findings lack `{t}`:\n{shown}")),
        );
        return failures;
    }
    if !errors.is_empty() {
        return vec![format!("refused:\n{shown}")];
    }
    let api = ApiId::from("orders");
    let scopes = [
        PolicyScope::Operation(api.clone(), "get-order".into()),
        PolicyScope::Api(api),
        PolicyScope::Product(ProductId::from("gold")),
    ];
    let chain = documents.link(&scopes).expect("a chain");
    let memory = Arc::new(Memory::default());
    match &case.want {
        Some(want) => case.step(&chain, &snapshot, &memory, &case.request, START, want, &mut failures),
        None => {
            for (index, step) in case.steps.iter().enumerate() {
                let mut own = Vec::new();
                case.step(&chain, &snapshot, &memory, &step.request, at(step.at), &step.want, &mut own);
                failures.extend(own.into_iter().map(|f| format!("step {}: {f}", index + 1)));
            }
        }
    }
    failures
}

impl Case {
    fn document(&self) -> Option<String> {
        let sections = [
            ("inbound", &self.inbound),
            ("backend", &self.backend),
            ("outbound", &self.outbound),
            ("on-error", &self.on_error),
        ];
        if self.policy.is_some() || sections.iter().all(|(_, text)| text.is_none()) {
            return self.policy.clone();
        }
        let text = |(name, text): &(&str, &Option<String>)| {
            format!("<{name}>{}</{name}>", text.as_deref().unwrap_or("<base />"))
        };
        Some(format!("<policies>\n{}\n</policies>", sections.iter().map(text).collect::<Vec<_>>().join("\n")))
    }

    fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::default();
        let api = ApiId::from("orders");
        let scopes = [
            (PolicyScope::Global, self.global.clone()),
            (PolicyScope::Product(ProductId::from("gold")), self.product_policy.clone()),
            (PolicyScope::Api(api.clone()), self.document()),
            (PolicyScope::Operation(api, "get-order".into()), self.operation_policy.clone()),
        ];
        for (scope, text) in scopes {
            if let Some(text) = text {
                let path = format!("{scope}/policy.xml");
                snapshot.policies.insert(scope.clone(), Arc::new(PolicySource::new(scope, text).from_file(path)));
            }
        }
        for (id, text) in &self.fragments {
            snapshot.fragments.insert(id.as_str().into(), Arc::new(Fragment::new(id.as_str(), text)));
        }
        for (name, value) in &self.named_values {
            let value = NamedValue {
                id: name.as_str().into(),
                display_name: name.clone(),
                value: Some(value.clone().into()),
                secret: name.contains("secret"),
                ..NamedValue::default()
            };
            snapshot.named_values.insert(value.id.clone(), Arc::new(value));
        }
        for (id, connection) in &self.loggers {
            let logger = config_model::Logger {
                id: id.as_str().into(),
                kind: config_model::LoggerKind::AzureEventHub,
                credentials: vec![("connectionString".into(), connection.clone().into())],
                ..config_model::Logger::default()
            };
            snapshot.loggers.insert(logger.id.clone(), Arc::new(logger));
        }
        for (id, url) in &self.backends {
            let backend = config_model::Backend {
                id: id.as_str().into(),
                url: Some(url.clone()),
                ..config_model::Backend::default()
            };
            snapshot.backends.insert(backend.id.clone(), Arc::new(backend));
        }
        snapshot
    }

    fn state(&self, snapshot: &Arc<Snapshot>, ask: &Ask, now: i64) -> EvalState {
        let mut state = EvalState { request_id: *b"0123456789abcdef", received: now, ..EvalState::default() };
        let (path, query) = ask.path.split_once('?').unwrap_or((&ask.path, ""));
        state.original = OriginalUrl {
            tls: true,
            host: "gw.example".into(),
            port: 443,
            path: format!("/orders{path}"),
            query: query.into(),
        };
        state.request.method = ask.method.parse().unwrap();
        state.request.headers = headers(&ask.headers);
        state.request.target.base = Some(Arc::new(Base::parse("http://backend.example/base").unwrap()));
        state.request.target.path = path.into();
        state.request.target.query = query.into();
        if !ask.body.is_empty() {
            state.request.body = Body::Stream(BodyStream::CLIENT);
        }
        state.client.ip = ask.ip.parse().ok();
        state.matched = ask.matched.iter().map(|(n, v)| (n.as_str().into(), v.clone())).collect();
        let operation = self.operation.clone().map_or_else(
            || Operation {
                id: "get-order".into(),
                display_name: "Get order".into(),
                method: "GET".into(),
                url_template: "/*".into(),
                ..Operation::default()
            },
            |json| serde_json::from_value(json).unwrap(),
        );
        let schemas = self.schemas.iter().map(|s| serde_json::from_value(s.clone()).unwrap()).collect();
        let api = Api {
            id: "orders".into(),
            display_name: "Orders".into(),
            path: "orders".into(),
            schemas,
            ..Api::default()
        };
        state.facts = Facts {
            snapshot: Arc::clone(snapshot),
            api: Some(Arc::new(api)),
            operation: Some(Arc::new(operation)),
            ..Facts::default()
        };
        if let Some(id) = &self.subscription {
            state.facts.subscription =
                Some(Arc::new(Subscription { id: id.as_str().into(), ..Subscription::default() }));
            state.facts.product = Some(Arc::new(Product { id: "gold".into(), ..Product::default() }));
        }
        state
    }

    #[allow(clippy::too_many_arguments, reason = "one call site")]
    fn step(
        &self,
        chain: &policy_engine::Chain,
        snapshot: &Arc<Snapshot>,
        memory: &Arc<Memory>,
        ask: &Ask,
        now: i64,
        want: &Want,
        failures: &mut Vec<String>,
    ) {
        let mut state = self.state(snapshot, ask, now);
        let mut host = ScriptedHost::new(Arc::clone(memory));
        *host.now.lock().unwrap() = now;
        host.client_body = Some(coded(&ask.body, &ask.coded));
        host.answers = self.answers.iter().map(Reply::answer).collect();
        *host.services.lock().unwrap() =
            ask.services.as_ref().unwrap_or(&self.services).iter().map(Reply::answer).collect();
        host.listens = !self.silent;
        for (id, url) in &self.backends {
            host.backends
                .insert(id.clone(), Arc::new(Base { backend: Some(id.as_str().into()), ..Base::parse(url).unwrap() }));
        }
        let outcome = block_on(chain.run(&mut state, &mut host));
        if want.aborted != matches!(outcome, Outcome::Abort(_)) {
            failures.push(format!("outcome is {outcome:?}"));
        }
        let mut response = state.response.clone().unwrap_or_default();
        if let Body::Stream(_) = response.body {
            response.body = Body::from_bytes(host.response_body.take().unwrap_or_default());
        }
        want.response(&response, failures);
        want.rest(&state, &host, failures);
    }
}

impl Reply {
    fn answer(&self) -> Answer {
        match self.error.as_deref() {
            Some("timeout") => Answer::Error(IoError::Timeout("no answer in time".into())),
            Some("client") => Answer::Error(IoError::ClientGone),
            Some(_) => Answer::Error(IoError::Connection("connection refused".into())),
            None => Answer::Response(Response {
                status: self.status.unwrap_or(200),
                reason: self.reason.as_deref().map(Into::into),
                headers: headers(&self.headers),
                body: Body::from_bytes(coded(&self.body, &self.coded)),
            }),
        }
    }
}

impl Want {
    fn response(&self, response: &Response, failures: &mut Vec<String>) {
        if let Some(status) = self.status {
            expect(failures, "status", &response.status, &status);
        }
        if let Some(reason) = &self.reason {
            expect(failures, "reason", response.reason_phrase(), reason.as_str());
        }
        compare_headers(&response.headers, &self.headers, &self.absent, "header", failures);
        let body = match &response.body {
            Body::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            _ => String::new(),
        };
        if let Some(wanted) = &self.body {
            expect(failures, "body", body.as_str(), wanted.as_str());
        }
        failures.extend(
            self.body_contains.iter().filter(|t| !body.contains(*t)).map(|t| format!("body lacks `{t}`: {body}")),
        );
        if let Some(wanted) = &self.json {
            expect(failures, "json", &serde_json::from_str::<serde_json::Value>(&body).unwrap_or_default(), wanted);
        }
    }

    fn rest(&self, state: &EvalState, host: &ScriptedHost, failures: &mut Vec<String>) {
        seen("forwarded", &host.seen, self.forwarded.as_ref(), failures);
        seen("sent", &host.sent.lock().unwrap(), self.sent.as_ref(), failures);
        for (name, wanted) in &self.variables {
            let found = state.variables.get(name).map(|v| v.as_str().map_or_else(|| format!("{v:?}"), str::to_owned));
            expect(failures, &format!("variable {name}"), &found.unwrap_or_else(|| "(not set)".into()), wanted);
        }
        if !self.last_error.is_empty() {
            let Some(error) = &state.last_error else { return failures.push("there was no error".into()) };
            for (name, wanted) in &self.last_error {
                let found = match name.as_str() {
                    "source" => error.source.to_string(),
                    "reason" => error.reason.as_deref().unwrap_or("(null)").into(),
                    "message" => error.message.to_string(),
                    "scope" => error.scope.unwrap_or("(null)").into(),
                    "section" => error.section.unwrap_or("(null)").into(),
                    "path" => error.path.as_deref().unwrap_or("(null)").into(),
                    "policy_id" => error.policy_id.as_deref().unwrap_or("(null)").into(),
                    other => panic!("LastError has no `{other}`"),
                };
                expect(failures, &format!("last_error.{name}"), &found, wanted);
            }
        }
        if let Some(wanted) = &self.slept {
            expect(failures, "slept", &host.slept.iter().map(|d| d.as_secs_f64()).collect::<Vec<_>>(), wanted);
        }
        if let Some(wanted) = &self.metrics {
            expect(failures, "metrics", &host.metrics, wanted);
        }
        if let Some(wanted) = &self.traces {
            let found: Vec<String> = host
                .traces
                .iter()
                .map(|t| format!("{:?} {}: {}", t.level, t.source, t.message).to_lowercase())
                .collect();
            expect(failures, "traces", &found, wanted);
        }
    }
}

/// A body in its content codings.
fn coded(text: &str, codings: &[String]) -> Bytes {
    let mut bytes = text.as_bytes().to_vec();
    for coding in codings {
        let mut out = Vec::new();
        match coding.as_str() {
            "gzip" => drop(GzEncoder::new(&mut out, Compression::fast()).write_all(&bytes)),
            "deflate" => drop(ZlibEncoder::new(&mut out, Compression::fast()).write_all(&bytes)),
            "br" => drop(brotli::BrotliCompress(&mut &*bytes, &mut out, &BrotliEncoderParams::default())),
            other => panic!("there is no coding `{other}`"),
        }
        bytes = out;
    }
    bytes.into()
}

fn seen(what: &str, found: &[Seen], wanted: Option<&Vec<WantSeen>>, failures: &mut Vec<String>) {
    let Some(wanted) = wanted else { return };
    if found.len() != wanted.len() {
        return failures.push(format!("{what}: {} requests, wanted {}: {found:?}", found.len(), wanted.len()));
    }
    for (found, wanted) in found.iter().zip(wanted) {
        let fields = [
            ("method", &found.method, &wanted.method),
            ("url", &found.url, &wanted.url),
            ("host", &found.host, &wanted.host),
            ("body", &found.body, &wanted.body),
        ];
        for (name, found, wanted) in fields {
            if let Some(wanted) = wanted {
                expect(failures, &format!("{what} {name}"), found, wanted);
            }
        }
        compare_headers(&found.headers, &wanted.headers, &wanted.absent, what, failures);
        if let (Some(seconds), Some(options)) = (wanted.timeout, &found.options) {
            expect(failures, "timeout", &options.timeout.as_secs_f64(), &seconds);
        }
        if let Some(via) = &wanted.via {
            let text = found.proxy.as_ref().map_or(String::new(), |proxy| {
                let authorization = proxy.authorization.as_ref().map_or("", |value| value.to_str().unwrap());
                format!("{} {authorization}", proxy.authority()).trim().to_owned()
            });
            expect(failures, &format!("{what} via"), &text, via);
        }
        if let (Some(version), Some(options)) = (&wanted.version, &found.options) {
            expect(failures, "version", &format!("{:?}", options.version), version);
        }
    }
}

fn compare_headers(
    found: &HeaderMap,
    wanted: &BTreeMap<String, Lines>,
    absent: &[String],
    what: &str,
    failures: &mut Vec<String>,
) {
    for (name, wanted) in wanted {
        let lines: Vec<String> =
            found.get_all(name.as_str()).iter().map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned()).collect();
        expect(failures, &format!("{what} {name}"), &lines, &wanted.all());
    }
    failures.extend(absent.iter().filter(|n| found.contains_key(n.as_str())).map(|n| format!("{what} {n} is there")));
}

fn expect<T: PartialEq + std::fmt::Debug + ?Sized>(failures: &mut Vec<String>, what: &str, found: &T, wanted: &T) {
    if found != wanted {
        failures.push(format!("{what} is {found:?}, wanted {wanted:?}"));
    }
}

fn headers(all: &BTreeMap<String, Lines>) -> HeaderMap {
    let pairs = all.iter().flat_map(|(n, lines)| lines.all().into_iter().map(move |l| (n.clone(), l)));
    pairs
        .map(|(n, l)| (HeaderName::from_bytes(n.as_bytes()).unwrap(), HeaderValue::from_bytes(l.as_bytes()).unwrap()))
        .collect()
}

/// Everything the scripted host does is ready at once, so no runtime is needed.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    for _ in 0..1000 {
        if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return value;
        }
    }
    panic!("the program waits for something that nobody does");
}
