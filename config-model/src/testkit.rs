//! For tests of the packages that use the model: builders for small configurations, and the two ends of the feed to be scripted.
//!
//! Builders fill what a test does not care about with values that serve. Both ends speak over any `Read + Write`; [`pair`] makes a connected
//! pair of sockets. Failures panic, because this is only ever called by tests.
#![expect(clippy::expect_used, clippy::panic, reason = "the caller is a test; a failed expectation is its failure")]

use crate::{
    feed::{
        frame::{self, MAX_AGENT_FRAME, MAX_GATEWAY_FRAME},
        message::{Ack, AgentMessage, Blob, Commit, GatewayMessage, Health, Hello, Nack, PROTOCOL},
        receive::{Received, Receiver, Step},
    },
    *,
};
use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    sync::Arc,
};

/// A snapshot under construction.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    snapshot: Snapshot,
}

/// An API at `path` that needs no key, with operations `any-get`, `any-post` ... on `/*`.
pub fn api(id: &str, path: &str, service_url: &str) -> Api {
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    let any = |method: &str| operation(&format!("any-{}", method.to_lowercase()), method, "/*");
    Api {
        id: id.into(),
        root: id.into(),
        display_name: id.into(),
        path: path.into(),
        protocols: vec![Protocol::Http, Protocol::Https],
        service_url: (!service_url.is_empty()).then(|| service_url.into()),
        subscription_required: false,
        operations: methods.into_iter().map(any).collect(),
        ..Api::default()
    }
}

/// An operation; the parameters of the template are made from its braces.
pub fn operation(id: &str, method: &str, url_template: &str) -> Operation {
    let names = url_template.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    let parameter =
        |name: &str| Parameter { name: name.into(), kind: "string".into(), required: true, ..Parameter::default() };
    Operation {
        id: id.into(),
        display_name: id.into(),
        method: method.into(),
        url_template: url_template.into(),
        template_parameters: names.map(parameter).collect(),
        ..Operation::default()
    }
}

impl Builder {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds any entity.
    #[must_use]
    pub fn with(mut self, entity: Entity) -> Self {
        self.snapshot.insert(entity);
        self
    }

    /// Adds an API.
    #[must_use]
    pub fn api(self, api: Api) -> Self {
        self.with(Entity::Api(Arc::new(api)))
    }

    /// Adds a policy document.
    #[must_use]
    pub fn policy(self, scope: PolicyScope, text: &str) -> Self {
        self.with(Entity::Policy(Arc::new(PolicySource::new(scope, text))))
    }

    /// Adds a fragment.
    #[must_use]
    pub fn fragment(self, id: &str, text: &str) -> Self {
        self.with(Entity::Fragment(Arc::new(Fragment::new(id, text))))
    }

    /// Adds a named value whose id is its display name.
    #[must_use]
    pub fn named_value(self, name: &str, value: &str) -> Self {
        let (id, value) = (name.into(), Some(value.into()));
        self.with(Entity::NamedValue(Arc::new(NamedValue {
            id,
            display_name: name.into(),
            value,
            ..NamedValue::default()
        })))
    }

    /// Adds a single backend.
    #[must_use]
    pub fn backend(self, id: &str, url: &str) -> Self {
        let url = Some(url.into());
        self.with(Entity::Backend(Arc::new(Backend { id: id.into(), url, ..Backend::default() })))
    }

    /// Adds a product over APIs.
    #[must_use]
    pub fn product(self, id: &str, subscription_required: bool, apis: &[&str]) -> Self {
        let apis = apis.iter().map(|api| ApiId::from(*api)).collect();
        let product =
            Product { id: id.into(), display_name: id.into(), subscription_required, apis, ..Product::default() };
        self.with(Entity::Product(Arc::new(product)))
    }

    /// Adds an active subscription with one key.
    #[must_use]
    pub fn subscription(self, id: &str, scope: SubscriptionScope, primary_key: &str) -> Self {
        let primary_key = Some(primary_key.into());
        let subscription =
            Subscription { id: id.into(), display_name: id.into(), scope, primary_key, ..Subscription::default() };
        self.with(Entity::Subscription(Arc::new(subscription)))
    }

    /// Leaves a policy out on purpose.
    #[must_use]
    pub fn allow_skip(mut self, policy: &str) -> Self {
        self.snapshot.settings.allow_skip.insert(policy.into());
        self
    }

    /// The snapshot.
    pub fn build(self) -> Snapshot {
        self.snapshot
    }

    /// The snapshot cut into blobs.
    pub fn bundle(self) -> Bundle {
        self.snapshot.to_bundle().expect("a built snapshot can be cut into blobs")
    }
}

/// Two connected sockets.
pub fn pair() -> (UnixStream, UnixStream) {
    UnixStream::pair().expect("a pair of sockets")
}

/// An agent that does what the test says.
#[derive(Debug)]
pub struct ScriptedAgent<S> {
    stream: S,
}

impl<S: Read + Write> ScriptedAgent<S> {
    /// The agent's end of a stream.
    pub fn new(stream: S) -> Self {
        Self { stream }
    }

    /// Sends a message.
    pub fn send(&mut self, message: &AgentMessage) {
        frame::write(&mut self.stream, message, MAX_AGENT_FRAME).expect("the gateway end is open");
    }

    /// Sends bytes as they are.
    pub fn send_raw(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("the gateway end is open");
    }

    /// The next message; `None` if the gateway closed.
    pub fn next_message(&mut self) -> Option<GatewayMessage> {
        frame::read(&mut self.stream, MAX_GATEWAY_FRAME).expect("a message of the gateway")
    }

    /// The next message, which must be `Hello`.
    pub fn expect_hello(&mut self) -> Hello {
        match self.next_message() {
            Some(GatewayMessage::Hello(hello)) => hello,
            other => panic!("expected hello, got {other:?}"),
        }
    }

    /// Sends a revision: manifest, the blobs that are asked for, commit. Returns how many were asked for.
    pub fn offer(&mut self, bundle: &Bundle) -> usize {
        self.send(&AgentMessage::Manifest(bundle.manifest.clone()));
        let want = loop {
            match self.next_message() {
                Some(GatewayMessage::Want(want)) => break want,
                Some(GatewayMessage::Health(_)) => {}
                other => panic!("expected want, got {other:?}"),
            }
        };
        for digest in &want.digests {
            let text = bundle.blobs.get(digest).expect("only blobs of the manifest are asked for").clone();
            self.send(&AgentMessage::Blob(Blob { digest: *digest, text }));
        }
        self.send(&AgentMessage::Commit(Commit { revision: bundle.manifest.revision }));
        want.digests.len()
    }

    /// Waits for the verdict on a revision: `Ok` for `Ack`, the findings for `Nack`.
    pub fn verdict(&mut self) -> Result<Revision, Vec<Finding>> {
        loop {
            match self.next_message() {
                Some(GatewayMessage::Ack(ack)) => return Ok(ack.revision),
                Some(GatewayMessage::Nack(nack)) => return Err(nack.diagnostics),
                Some(GatewayMessage::Health(_)) => {}
                other => panic!("expected ack or nack, got {other:?}"),
            }
        }
    }
}

/// A gateway that does what the test says.
#[derive(Debug)]
pub struct ScriptedGateway<S> {
    stream: S,
    receiver: Receiver,
}

impl<S: Read + Write> ScriptedGateway<S> {
    /// The gateway's end of a stream.
    pub fn new(stream: S) -> Self {
        Self { stream, receiver: Receiver::new() }
    }

    /// Sends a message.
    pub fn send(&mut self, message: &GatewayMessage) {
        frame::write(&mut self.stream, message, MAX_GATEWAY_FRAME).expect("the agent end is open");
    }

    /// Sends bytes as they are.
    pub fn send_raw(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// The first message.
    pub fn hello(&mut self) {
        let engine = "scripted".into();
        self.send(&GatewayMessage::Hello(Hello { protocol: PROTOCOL, engine, ..Hello::default() }));
    }

    /// The next message; `None` if the agent closed.
    pub fn next_message(&mut self) -> Option<AgentMessage> {
        frame::read(&mut self.stream, MAX_AGENT_FRAME).ok().flatten()
    }

    /// Talks until a revision is complete; `None` if the agent closed first.
    pub fn receive(&mut self) -> Option<Received> {
        loop {
            let message = self.next_message()?;
            match self.receiver.take(message).expect("a conversation in order") {
                Step::Send(answer) => self.send(&answer),
                Step::Ready(received) => return Some(received),
                Step::Wait | Step::Status(_) => {}
                Step::Refused(reason) => panic!("refused: {reason}"),
            }
        }
    }

    /// Accepts a revision.
    pub fn ack(&mut self, revision: Revision) {
        self.send(&GatewayMessage::Ack(Ack { revision }));
    }

    /// Refuses a revision.
    pub fn nack(&mut self, revision: Revision, diagnostics: Vec<Finding>) {
        self.send(&GatewayMessage::Nack(Nack { revision, diagnostics }));
    }

    /// Tells how it is.
    pub fn health(&mut self, health: Health) {
        self.send(&GatewayMessage::Health(health));
    }
}
