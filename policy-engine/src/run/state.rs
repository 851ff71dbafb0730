//! Everything one request knows: the messages, the variables, who asks, and what it matched.
//!
//! [`EvalState`] is owned by the run and `'static`, so that members of `context` reach it through `dotnet::Ambient::host`:
//! `call.cx.host().downcast_mut::<EvalState>()`.
use std::net::IpAddr;
use std::sync::Arc;

use config_model::{Api, Operation, Product, Snapshot, Subscription, User};
use dotnet::{TypeId, Value};
use http::{HeaderName, HeaderValue};

use super::cx::AfterResponse;
use super::error::LastError;
use super::message::{Request, Response};
use crate::host::{Total, TraceEntry};
pub use crate::program::RESPONSE_TYPE;

/// .NET ticks (100 ns since 0001-01-01, UTC).
pub type Ticks = i64;

/// The URL as the client sent it.
#[derive(Clone, Debug, Default)]
pub struct OriginalUrl {
    /// Did it arrive over TLS?
    pub tls: bool,
    /// Host without port, as the client named it.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Path, percent-encoded as received.
    pub path: String,
    /// Query without `?`.
    pub query: String,
}

/// Who calls.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// Address of the caller, `context.Request.IpAddress`.
    pub ip: Option<IpAddr>,
    /// The client certificate in DER, if one was shown.
    pub certificate: Option<Arc<[u8]>>,
}

/// What the request matched. Everything is shared; a request only counts references.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The revision being served: groups of a user, APIs of a product, certificates, backends are looked up here.
    pub snapshot: Arc<Snapshot>,
    /// `context.Api`.
    pub api: Option<Arc<Api>>,
    /// `context.Operation`.
    pub operation: Option<Arc<Operation>>,
    /// `context.Product`.
    pub product: Option<Arc<Product>>,
    /// `context.Subscription`.
    pub subscription: Option<Arc<Subscription>>,
    /// The key that was presented, `context.Subscription.Key`.
    pub subscription_key: Option<Arc<str>>,
    /// `context.User`.
    pub user: Option<Arc<User>>,
    /// `context.Deployment`.
    pub deployment: Arc<Deployment>,
}

impl Facts {
    /// The facts before anything has been matched. (The default would allocate an empty revision.)
    pub fn new(snapshot: Arc<Snapshot>, deployment: Arc<Deployment>) -> Facts {
        Facts {
            snapshot,
            api: None,
            operation: None,
            product: None,
            subscription: None,
            subscription_key: None,
            user: None,
            deployment,
        }
    }
}

/// `context.Deployment`.
#[derive(Clone, Debug, Default)]
pub struct Deployment {
    /// Id of the gateway resource.
    pub gateway_id: String,
    /// Id of this instance.
    pub instance_id: String,
    /// Region or location.
    pub region: String,
    /// Id of the service.
    pub service_id: String,
    /// Name of the service.
    pub service_name: String,
    /// Is it the managed gateway? Never here, but an expression may ask.
    pub managed: bool,
}

/// Which lane carries the exchange.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lane {
    /// The program drives the exchange itself.
    #[default]
    Direct,
    /// The proxy flow drives it; `forward-request` only marks the place.
    Duplex,
}

/// State of one request.
#[derive(Default)]
pub struct EvalState {
    /// The request on its way to the backend, `context.Request`.
    pub request: Request,
    /// The URL as received, `context.Request.OriginalUrl`.
    pub original: OriginalUrl,
    /// Parameters of the operation's template, decoded, `context.Request.MatchedParameters`.
    pub matched: Vec<(Arc<str>, String)>,
    /// `context.Response`; `None` before there is one.
    pub response: Option<Response>,
    /// Responses that variables refer to (of `send-request`), by number.
    pub responses: Vec<Response>,
    /// `context.Variables`.
    pub variables: Variables,
    /// `context.LastError`; `None` outside of on-error.
    pub last_error: Option<LastError>,
    /// Who calls.
    pub client: Client,
    /// What it matched.
    pub facts: Facts,
    /// `context.RequestId`.
    pub request_id: [u8; 16],
    /// When it was received, `context.Timestamp`.
    pub received: Ticks,
    /// A fixed `context.Elapsed`, for evaluations outside of a request; otherwise it is the time since `received`.
    pub elapsed: Option<Ticks>,
    /// `context.Tracing`.
    pub tracing: bool,
    /// Lane of this request.
    pub lane: Lane,
    /// Entries of the request trace, collected while `tracing`.
    pub trace: Vec<TraceEntry>,
    /// Headers that policies of the request side give to the final response (`rate-limit`, `cors`): they override.
    pub reply_headers: Vec<ReplyHeader>,
    /// Work that waits for the final status, in order of registration.
    pub after: Vec<Box<dyn AfterResponse>>,
    /// How many times `forward-request` sent something.
    pub forwards: u32,
    /// Totals to which the host adds the bytes of the exchange with the client when it is over (bandwidth quotas).
    pub meters: Vec<Total>,
    /// Keys of totals that this request has been counted in.
    pub counted: Vec<String>,
    /// What `cache-lookup` left for `cache-store`.
    pub caching: Option<Caching>,
}

/// What `cache-lookup` left for `cache-store`.
#[derive(Clone, Debug)]
pub struct Caching {
    /// Key of the response.
    pub key: String,
    /// The response is from the cache; nothing is to be stored.
    pub hit: bool,
    /// `Cache-Control` for the caller up to the age: `private` or `public`; `None` is `no-store`.
    pub downstream: Option<&'static str>,
    /// Is `must-revalidate` added?
    pub must_revalidate: bool,
}

/// A header for the final response.
#[derive(Clone, Debug)]
pub struct ReplyHeader {
    /// Name.
    pub name: HeaderName,
    /// Value.
    pub value: HeaderValue,
    /// Added to what is there (`Vary`), instead of replacing it.
    pub append: bool,
}

impl EvalState {
    /// A state that knows nothing but the facts.
    pub fn new(facts: Facts) -> EvalState {
        EvalState {
            request: Request::default(),
            original: OriginalUrl::default(),
            matched: Vec::new(),
            response: None,
            responses: Vec::new(),
            variables: Variables::default(),
            last_error: None,
            client: Client::default(),
            facts,
            request_id: [0; 16],
            received: 0,
            elapsed: None,
            tracing: false,
            lane: Lane::default(),
            trace: Vec::new(),
            reply_headers: Vec::new(),
            after: Vec::new(),
            forwards: 0,
            meters: Vec::new(),
            counted: Vec::new(),
            caching: None,
        }
    }

    /// The canonical text of the request id.
    pub fn request_id_text(&self) -> String {
        let hex: String = self.request_id.iter().map(|b| format!("{b:02x}")).collect();
        let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or("").to_owned();
        [part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)].join("-")
    }

    /// The response, made if there is none yet.
    pub fn response_mut(&mut self) -> &mut Response {
        self.response.get_or_insert_with(Response::default)
    }

    /// The response that a handle means: number 0 is `context.Response`, others are in `responses`.
    pub fn response_of(&self, type_id: TypeId, index: u32) -> Option<&Response> {
        if type_id != RESPONSE_TYPE {
            return None;
        }
        match index.checked_sub(1) {
            None => self.response.as_ref(),
            Some(index) => self.responses.get(index as usize),
        }
    }

    /// Keeps a response for a variable and gives the value that refers to it.
    pub fn keep_response(&mut self, response: Response) -> Value {
        self.responses.push(response);
        let index = u32::try_from(self.responses.len()).unwrap_or(u32::MAX);
        Value::Handle(RESPONSE_TYPE, index)
    }

    /// A matched parameter, without regard to case.
    pub fn matched_parameter(&self, name: &str) -> Option<&str> {
        self.matched.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }
}

/// Variables of a request in the order in which they were set. Requests have few, so a list beats a map.
#[derive(Default)]
pub struct Variables {
    items: Vec<(Arc<str>, Value)>,
}

impl Variables {
    /// Value of a variable; names are case-sensitive.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.items.iter().find(|(n, _)| &**n == name).map(|(_, v)| v)
    }

    /// Sets a variable.
    pub fn set(&mut self, name: &Arc<str>, value: Value) {
        match self.items.iter_mut().find(|(n, _)| n == name) {
            Some((_, old)) => *old = value,
            None => self.items.push((Arc::clone(name), value)),
        }
    }

    /// Removes a variable.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let at = self.items.iter().position(|(n, _)| &**n == name)?;
        Some(self.items.remove(at).1)
    }

    /// All variables.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Value)> {
        self.items.iter().map(|(n, v)| (n, v))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}
