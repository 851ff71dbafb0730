//! A host whose answers are written in the case: no socket, no clock of its own, every future ready at once.
use std::any::Any;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use policy_engine::{
    Base, Body, BodyStream, BoxFuture, Cache, Clock, Count, Counters, Documents, Emit, Eventually, Exchange,
    ForwardOptions, Host, IoError, Level, Metric, OutgoingRequest, Permit, Proxy, Request, Response, Stores, Total,
    Totals, TraceEntry, Window,
};

/// 2024-05-06T07:08:09Z in .NET ticks.
pub(crate) const START: i64 = 638_505_904_890_000_000;
const TICKS_PER_SECOND: i64 = 10_000_000;

/// What the backend (or another service) answers.
pub(crate) enum Answer {
    Response(Response),
    Error(IoError),
}

/// A request as the backend saw it.
#[derive(Debug)]
pub(crate) struct Seen {
    pub method: String,
    pub url: String,
    pub host: String,
    pub headers: http::HeaderMap,
    pub body: String,
    pub options: Option<ForwardOptions>,
    pub proxy: Option<Arc<Proxy>>,
}

pub(crate) struct ScriptedHost {
    pub now: Mutex<i64>,
    pub answers: VecDeque<Answer>,
    pub services: Arc<Mutex<VecDeque<Answer>>>,
    pub client_body: Option<Bytes>,
    pub response_body: Option<Bytes>,
    pub seen: Vec<Seen>,
    pub sent: Arc<Mutex<Vec<Seen>>>,
    pub slept: Vec<Duration>,
    pub traces: Vec<TraceEntry>,
    pub metrics: Vec<String>,
    pub backends: HashMap<String, Arc<Base>>,
    pub listens: bool,
    pub state: Arc<Memory>,
    pub chance: u64,
}

/// When, and how many.
type Log = Vec<(i64, u64)>;
/// A document, and when it was put.
type Kept = (Arc<dyn Any + Send + Sync>, i64);

/// Counters, cache and documents that outlive a request.
#[derive(Default)]
pub(crate) struct Memory {
    counters: Mutex<HashMap<(String, Duration), Log>>,
    cache: Mutex<HashMap<String, Bytes>>,
    documents: Mutex<HashMap<String, Kept>>,
    totals: Mutex<HashMap<String, u64>>,
    permits: Arc<Mutex<HashMap<String, u64>>>,
}

impl ScriptedHost {
    pub(crate) fn new(state: Arc<Memory>) -> ScriptedHost {
        ScriptedHost {
            now: Mutex::new(START),
            answers: VecDeque::new(),
            services: Arc::default(),
            client_body: None,
            response_body: None,
            seen: Vec::new(),
            sent: Arc::default(),
            slept: Vec::new(),
            traces: Vec::new(),
            metrics: Vec::new(),
            backends: HashMap::new(),
            listens: true,
            state,
            chance: 7,
        }
    }

    fn body_text(&mut self, body: &Body) -> String {
        let bytes = match body {
            Body::Bytes(bytes) => bytes.clone(),
            Body::Stream(_) => self.client_body.take().unwrap_or_default(),
            _ => Bytes::new(),
        };
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Clock for ScriptedHost {
    fn utc_ticks(&self) -> i64 {
        *self.now.lock().unwrap()
    }
    fn random(&mut self) -> u64 {
        self.chance = self.chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.chance
    }
    fn sleep(&mut self, time: Duration) -> BoxFuture<'_, Result<(), IoError>> {
        self.slept.push(time);
        *self.now.lock().unwrap() += i64::try_from(time.as_nanos() / 100).unwrap();
        Box::pin(async { Ok(()) })
    }
}

impl Exchange for ScriptedHost {
    fn backend(&self, id: &str) -> Option<Arc<Base>> {
        self.backends.get(id).cloned()
    }
    fn forward<'a>(
        &'a mut self,
        request: &'a Request,
        options: &'a ForwardOptions,
    ) -> BoxFuture<'a, Result<Response, IoError>> {
        let body = self.body_text(&request.body);
        let base = request.target.base.clone().unwrap();
        let host = match request.headers.get("host").filter(|_| request.keep_host) {
            Some(host) => host.to_str().unwrap().to_owned(),
            None => base.authority(),
        };
        let url = format!("{}://{}{}", base.scheme(), base.authority(), request.target.path_and_query());
        self.seen.push(Seen {
            method: request.method.to_string(),
            url,
            host,
            headers: request.headers.clone(),
            body,
            options: Some(options.clone()),
            proxy: request.proxy.clone(),
        });
        let answer = match self.answers.len() {
            0 => Answer::Response(Response::new(200)),
            1 => match self.answers.front().unwrap() {
                Answer::Response(response) => Answer::Response(response.clone()),
                Answer::Error(error) => Answer::Error(error.clone()),
            },
            _ => self.answers.pop_front().unwrap(),
        };
        Box::pin(async move {
            match answer {
                Answer::Error(error) => Err(error),
                Answer::Response(mut response) => {
                    if let Body::Bytes(bytes) = &response.body {
                        self.response_body = Some(bytes.clone());
                        response.body = Body::Stream(BodyStream(1));
                    }
                    Ok(response)
                }
            }
        })
    }
    fn send<'a>(&'a mut self, request: &'a OutgoingRequest) -> BoxFuture<'a, Result<Response, IoError>> {
        self.send_and_forget(request.clone());
        let answer = self.services.lock().unwrap().pop_front();
        Box::pin(async move {
            match answer {
                Some(Answer::Response(response)) => Ok(response),
                Some(Answer::Error(error)) => Err(error),
                None => Err(IoError::Connection("nobody listens".into())),
            }
        })
    }
    fn read_body(&mut self, stream: BodyStream, limit: usize) -> BoxFuture<'_, Result<Bytes, IoError>> {
        let kept = if stream == BodyStream::CLIENT { &mut self.client_body } else { &mut self.response_body };
        let bytes = kept.take().unwrap_or_default();
        Box::pin(async move { if bytes.len() > limit { Err(IoError::TooLarge(limit)) } else { Ok(bytes) } })
    }
    fn send_and_forget(&mut self, request: OutgoingRequest) {
        let body = String::from_utf8_lossy(&request.body).into_owned();
        self.sent.lock().unwrap().push(Seen {
            method: request.method.to_string(),
            url: request.url,
            host: String::new(),
            headers: request.headers,
            body,
            options: None,
            proxy: request.proxy,
        });
    }
    fn fork(&self) -> Box<dyn Host + '_> {
        let mut fork = ScriptedHost::new(Arc::clone(&self.state));
        fork.now = Mutex::new(self.utc_ticks());
        fork.services = Arc::clone(&self.services);
        fork.sent = Arc::clone(&self.sent);
        Box::new(fork)
    }
}

impl Stores for ScriptedHost {
    fn counters(&self) -> &dyn Counters {
        &*self.state
    }
    fn totals(&self) -> &dyn Totals {
        &*self.state
    }
    fn cache(&self) -> &dyn Cache {
        &*self.state
    }
    fn documents(&self) -> &dyn Documents {
        &*self.state
    }
}

impl Emit for ScriptedHost {
    fn wants(&self, _: Level) -> bool {
        self.listens
    }
    fn emit(&mut self, entry: &TraceEntry) {
        self.traces.push(entry.clone());
    }
    fn measure(&mut self, metric: &Metric<'_>) {
        let dimensions: Vec<_> = metric.dimensions.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.metrics.push(format!("{}/{} {} {}", metric.namespace, metric.name, metric.value, dimensions.join(" ")));
    }
}

impl Memory {
    fn window(&self, window: &Window<'_>, now: i64) -> (u64, i64) {
        let mut counters = self.counters.lock().unwrap();
        let log = counters.entry((window.key.to_owned(), window.period)).or_default();
        let length = i64::try_from(window.period.as_nanos() / 100).unwrap();
        log.retain(|(at, _)| now - at < length);
        let used = log.iter().map(|(_, n)| n).sum();
        let wait = log.first().map_or(0, |(at, _)| length - (now - at));
        (used, wait)
    }
}

/// An exact log of calls.
impl Counters for Memory {
    fn take<'a>(&'a self, window: Window<'a>, amount: u64, now: i64) -> Eventually<'a, Count> {
        let (used, wait) = self.window(&window, now);
        let allowed = used + amount.max(1) <= window.calls;
        if allowed && amount > 0 {
            self.counters.lock().unwrap().get_mut(&(window.key.to_owned(), window.period)).unwrap().push((now, amount));
        }
        let used = if allowed { used + amount } else { used };
        let retry_after =
            if allowed { Duration::ZERO } else { Duration::from_nanos(u64::try_from(wait).unwrap() * 100) };
        Eventually::Ready(Count { allowed, remaining: window.calls.saturating_sub(used), retry_after })
    }
    fn add<'a>(&'a self, window: Window<'a>, amount: u64, now: i64) -> Eventually<'a, ()> {
        self.window(&window, now);
        self.counters.lock().unwrap().get_mut(&(window.key.to_owned(), window.period)).unwrap().push((now, amount));
        Eventually::Ready(())
    }
}

impl Totals for Memory {
    fn spend<'a>(&'a self, total: &'a Total, most: u64, amount: u64, now: i64) -> Eventually<'a, bool> {
        assert!(total.ends > now, "a span that is over");
        let mut totals = self.totals.lock().unwrap();
        let used = totals.entry(total.key.clone()).or_default();
        let fits = *used + amount.max(1) <= most;
        *used += if fits { amount } else { 0 };
        Eventually::Ready(fits)
    }
    fn tally<'a>(&'a self, total: &'a Total, amount: u64, _: i64) -> Eventually<'a, ()> {
        *self.totals.lock().unwrap().entry(total.key.clone()).or_default() += amount;
        Eventually::Ready(())
    }
    fn permit(&self, key: &str, most: u64) -> Option<Permit> {
        let mut permits = self.permits.lock().unwrap();
        let held = permits.entry(key.to_owned()).or_default();
        (*held < most).then(|| {
            *held += 1;
            Box::new(Held(Arc::clone(&self.permits), key.to_owned())) as Permit
        })
    }
}

struct Held(Arc<Mutex<HashMap<String, u64>>>, String);

impl Drop for Held {
    fn drop(&mut self) {
        *self.0.lock().unwrap().get_mut(&self.1).unwrap() -= 1;
    }
}

impl Cache for Memory {
    fn get<'a>(&'a self, key: &'a str) -> Eventually<'a, Option<Bytes>> {
        Eventually::Ready(self.cache.lock().unwrap().get(key).cloned())
    }
    fn put<'a>(&'a self, key: &'a str, value: Bytes, _: Duration) -> Eventually<'a, ()> {
        self.cache.lock().unwrap().insert(key.to_owned(), value);
        Eventually::Ready(())
    }
    fn remove<'a>(&'a self, key: &'a str) -> Eventually<'a, ()> {
        self.cache.lock().unwrap().remove(key);
        Eventually::Ready(())
    }
}

impl Documents for Memory {
    fn get(&self, name: &str) -> Option<(Arc<dyn Any + Send + Sync>, i64)> {
        self.documents.lock().unwrap().get(name).cloned()
    }
    fn put(&self, name: &str, document: Arc<dyn Any + Send + Sync>, now: i64) {
        self.documents.lock().unwrap().insert(name.to_owned(), (document, now));
    }
}

/// Seconds after [`START`] as ticks.
pub(crate) fn at(seconds: f64) -> i64 {
    START + (seconds * TICKS_PER_SECOND as f64) as i64
}
