//! What a program may ask of the world, as small traits that the gateway (or a test) implements.
//!
//! Nothing here names a socket, a runtime or a clock: waiting is a boxed future, time is a number.
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method};

use crate::run::{Base, BodyStream, Eventually, Proxy, Request, Response};

/// A future behind a pointer; every wait of a program can move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Everything together; implemented by whatever implements the parts.
pub trait Host: Clock + Exchange + Stores + Emit {}
impl<T: Clock + Exchange + Stores + Emit> Host for T {}

/// Time and chance.
pub trait Clock: Send {
    /// Wall clock, UTC, in .NET ticks (100 ns since 0001-01-01).
    fn utc_ticks(&self) -> i64;
    /// Sixty-four random bits fit for identifiers.
    fn random(&mut self) -> u64;
    /// Waits; ends early with an error when the client goes away.
    fn sleep(&mut self, time: Duration) -> BoxFuture<'_, Result<(), IoError>>;
}

/// Messages out and bodies in.
pub trait Exchange: Send {
    /// The base of a backend entity or pool, prepared when the revision was built; `None` if there is no such backend.
    fn backend(&self, id: &str) -> Option<Arc<Base>>;
    /// Sends the request to its target (redirects are the program's business) and answers with the response's head; its body is a stream kept by the host (or
    /// empty). A stream in `request.body` is passed on chunk by chunk as it arrives.
    fn forward<'a>(
        &'a mut self,
        request: &'a Request,
        options: &'a ForwardOptions,
    ) -> BoxFuture<'a, Result<Response, IoError>>;
    /// Sends a request of a policy's own; the response's body is read up to a limit.
    fn send<'a>(&'a mut self, request: &'a OutgoingRequest) -> BoxFuture<'a, Result<Response, IoError>>;
    /// Reads a stream to its end; more than `limit` bytes are [`IoError::TooLarge`].
    fn read_body(&mut self, stream: BodyStream, limit: usize) -> BoxFuture<'_, Result<Bytes, IoError>>;
    /// Sends a request and forgets it.
    fn send_and_forget(&mut self, request: OutgoingRequest);
    /// A host for policies that run beside others (`wait`): everything but the client's and the backend's bodies.
    fn fork(&self) -> Box<dyn Host + '_>;
}

/// How to forward.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardOptions {
    /// Until the response's head is there.
    pub timeout: Duration,
    /// Wait so long for `100 Continue` before the body is sent.
    pub continue_timeout: Option<Duration>,
    /// HTTP version towards the backend.
    pub version: HttpVersion,
    /// Collect response chunks to about 8 KiB before passing them on.
    pub buffer_response: bool,
}

impl Default for ForwardOptions {
    fn default() -> Self {
        ForwardOptions {
            timeout: Duration::from_secs(300),
            continue_timeout: None,
            version: HttpVersion::Http1,
            buffer_response: true,
        }
    }
}

/// HTTP version towards a backend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HttpVersion {
    /// HTTP/1.1.
    #[default]
    Http1,
    /// HTTP/2, over cleartext with prior knowledge.
    Http2,
    /// HTTP/2 where the backend offers it.
    Prefer2,
}

/// A request of a policy's own (`send-request`, key sets).
#[derive(Clone, Debug)]
pub struct OutgoingRequest {
    /// Method.
    pub method: Method,
    /// Absolute URL.
    pub url: String,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
    /// Until the whole response is there.
    pub timeout: Duration,
    /// Largest response body.
    pub max_body: usize,
    /// Proxy to go through.
    pub proxy: Option<Arc<Proxy>>,
    /// Certificate to show, by id.
    pub certificate: Option<config_model::CertificateId>,
}

/// Why an exchange failed; the text is for logs and `LastError.Message`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IoError {
    /// No head in time.
    #[error("{0}")]
    Timeout(String),
    /// Not connected, or aborted by the other side.
    #[error("{0}")]
    Connection(String),
    /// The client went away.
    #[error("client connection closed")]
    ClientGone,
    /// A body is larger than it may be.
    #[error("body is larger than {0} bytes")]
    TooLarge(usize),
    /// A streamed request body was already sent and cannot be sent again.
    #[error("request body was already sent and is not buffered")]
    NotReplayable,
    /// Nothing was sent: the circuit breaker of the backend, or of every member of the pool, is open.
    #[error("{}", circuit_open(pool.as_deref()))]
    CircuitOpen {
        /// What the client is answered.
        status: u16,
        /// Until it closes.
        wait: Duration,
        /// The pool, where it is one.
        pool: Option<String>,
    },
    /// The host cannot do what was asked.
    #[error("{0}")]
    Unsupported(String),
}

fn circuit_open(pool: Option<&str>) -> String {
    match pool {
        Some(pool) => format!("Backend pool '{pool}' is temporarily unavailable"),
        None => "Backend is temporarily unavailable".to_owned(),
    }
}

/// State that outlives requests and revisions.
pub trait Stores: Send {
    /// Sliding windows and quotas.
    fn counters(&self) -> &dyn Counters;
    /// Quotas and permits.
    fn totals(&self) -> &dyn Totals;
    /// Cached values and responses.
    fn cache(&self) -> &dyn Cache;
    /// Key sets and other documents fetched once and kept, by URL.
    fn documents(&self) -> &dyn Documents;
}

/// A sliding window: at most `calls` in any `period`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window<'a> {
    /// Identity of the counter; windows of different periods are separate counters.
    pub key: &'a str,
    /// Most calls in the period.
    pub calls: u64,
    /// Length.
    pub period: Duration,
}

/// What a counter answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// Was it within the limit (and counted, if it was to be counted)?
    pub allowed: bool,
    /// Calls left.
    pub remaining: u64,
    /// When refused: until the next call may pass.
    pub retry_after: Duration,
}

/// Counters. Several windows of one call are checked all, then counted all.
pub trait Counters: Send + Sync {
    /// Checks a window and counts `amount` if it fits; 0 only looks.
    fn take<'a>(&'a self, window: Window<'a>, amount: u64, now: i64) -> Eventually<'a, Count>;
    /// Counts without asking (an increment after the response).
    fn add<'a>(&'a self, window: Window<'a>, amount: u64, now: i64) -> Eventually<'a, ()>;
}

/// A total over a fixed span of time. Its key names the span too, so that a new span is a new total.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    /// Identity.
    pub key: String,
    /// End of the span in .NET ticks, when the total may be forgotten; `i64::MAX` if it never ends.
    pub ends: i64,
}

/// What is given back when it is dropped.
pub type Permit = Box<dyn std::any::Any + Send + Sync>;

/// Totals and permits.
pub trait Totals: Send + Sync {
    /// Counts `amount` if the total stays within `most`, or looks (0) whether it is below: was it?
    fn spend<'a>(&'a self, total: &'a Total, most: u64, amount: u64, now: i64) -> Eventually<'a, bool>;
    /// Counts without asking.
    fn tally<'a>(&'a self, total: &'a Total, amount: u64, now: i64) -> Eventually<'a, ()>;
    /// One of `most` permits of a key, if one is left; of this process alone.
    fn permit(&self, key: &str, most: u64) -> Option<Permit>;
}

/// Cached bytes by key.
pub trait Cache: Send + Sync {
    /// Looks up.
    fn get<'a>(&'a self, key: &'a str) -> Eventually<'a, Option<Bytes>>;
    /// Stores for a time.
    fn put<'a>(&'a self, key: &'a str, value: Bytes, time: Duration) -> Eventually<'a, ()>;
    /// Removes.
    fn remove<'a>(&'a self, key: &'a str) -> Eventually<'a, ()>;
}

/// Parsed documents kept beside the revision; what they are is the policy's business.
pub trait Documents: Send + Sync {
    /// What is kept under a name, and when it was put (.NET ticks).
    fn get(&self, name: &str) -> Option<(Arc<dyn std::any::Any + Send + Sync>, i64)>;
    /// Keeps something.
    fn put(&self, name: &str, document: Arc<dyn std::any::Any + Send + Sync>, now: i64);
}

/// Severity of a trace message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Verbose.
    Verbose,
    /// Information.
    Information,
    /// Error.
    Error,
}

/// An entry of the request trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceEntry {
    /// Policy or step.
    pub source: Arc<str>,
    /// Severity.
    pub level: Level,
    /// Text.
    pub message: String,
    /// Names and values.
    pub metadata: Vec<(String, String)>,
    /// When, in .NET ticks.
    pub at: i64,
}

/// A value of `emit-metric`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metric<'m> {
    /// Namespace.
    pub namespace: &'m str,
    /// Name in it.
    pub name: &'m str,
    /// The value.
    pub value: f64,
    /// Names and values that tell series apart.
    pub dimensions: &'m [(String, String)],
}

/// Facts for people.
pub trait Emit: Send {
    /// Would a message of this level be kept anywhere? Then its text is worth computing.
    fn wants(&self, level: Level) -> bool;
    /// A message of a policy (`trace`, `context.Trace`).
    fn emit(&mut self, entry: &TraceEntry);
    /// A value to count (`emit-metric`).
    fn measure(&mut self, metric: &Metric<'_>);
}
