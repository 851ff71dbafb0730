//! Circuit breakers, pools and ties where Pingora's flow drives the exchange: WebSocket handshakes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a failed expectation is the failure of the test"
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use config_model::testkit::{self, Builder};
use config_model::{
    Api, ApiKind, CircuitBreakerRule, Entity, FailureCondition, PolicyScope, Pool, PoolMember, SessionAffinity,
};
use support::{Backend, Exchange, Gateway, Reply, Start};

const POLICY: &str = r#"<policies><inbound><set-backend-service backend-id="b" /></inbound><backend><forward-request /></backend>
    <outbound /><on-error><set-header name="X-Reason" exists-action="override"><value>@(context.LastError.Reason)</value></set-header>
    </on-error></policies>"#;

/// Takes a handshake, or refuses it with 500 when asked for `/bad`; tells its name either way.
fn chat(name: &'static str) -> Backend {
    Backend::start(move |mut exchange: Exchange, record| {
        let Some(request) = exchange.head() else { return };
        record(&request);
        exchange.send(&match request.path.ends_with("/bad") {
            true => format!("HTTP/1.1 500 Bad\r\nX-Name: {name}\r\nContent-Length: 0\r\n\r\n"),
            false => format!("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Name: {name}\r\n\r\n"),
        });
    })
}

fn entity(id: &str, url: &str) -> config_model::Backend {
    let rule = CircuitBreakerRule {
        failure_condition: FailureCondition {
            count: Some(1),
            interval: Duration::from_secs(60),
            ..FailureCondition::default()
        },
        trip_duration: Duration::from_secs(60),
        ..CircuitBreakerRule::default()
    };
    config_model::Backend {
        id: id.into(),
        url: Some(url.into()),
        circuit_breaker: vec![rule],
        ..config_model::Backend::default()
    }
}

fn start(backends: impl IntoIterator<Item = config_model::Backend>) -> Gateway {
    let operations = vec![testkit::operation("onHandshake", "GET", "/*")];
    let api = Api { kind: ApiKind::Websocket, operations, ..testkit::api("w", "w", "ws://127.0.0.1:1") };
    let builder = Builder::new().api(api).policy(PolicyScope::Global, POLICY);
    Start::with(backends.into_iter().fold(builder, |builder, backend| builder.with(Entity::Backend(Arc::new(backend)))))
        .run()
}

fn shake(gateway: &Gateway, path: &str, cookie: &str) -> Reply {
    let mut client = gateway.connect();
    client.send(
        format!("GET /w{path} HTTP/1.1\r\nHost: h\r\nCookie: {cookie}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: k\r\nSec-WebSocket-Version: 13\r\n\r\n")
            .as_bytes(),
    );
    client.try_reply().unwrap()
}

#[test]
fn a_refused_handshake_trips_the_breaker() {
    let backend = chat("a");
    let gateway = start([entity("b", &backend.url())]);
    assert_eq!(shake(&gateway, "/room", "").status, 101);
    assert_eq!(shake(&gateway, "/bad", "").status, 500);
    let reply = shake(&gateway, "/room", "");
    assert_eq!((reply.status, reply.header("x-reason")), (503, Some("BackendCircuitOpen")));
    assert!(reply.header("retry-after").is_some());
    assert_eq!(backend.seen().len(), 2);
}

#[test]
fn a_backend_that_cannot_be_reached_trips_its_breaker() {
    // Bound and dropped: nobody listens there.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gateway = start([entity("b", &format!("http://{address}"))]);
    let reply = shake(&gateway, "/room", "");
    assert_eq!((reply.status, reply.header("x-reason")), (500, Some("BackendConnectionFailure")));
    assert_eq!(shake(&gateway, "/room", "").header("x-reason"), Some("BackendCircuitOpen"));
}

#[test]
fn a_pool_spreads_ties_and_leaves_out_what_is_open() {
    let (one, two) = (chat("one"), chat("two"));
    let members = ["m1", "m2"].map(|id| PoolMember { backend: id.into(), ..PoolMember::default() });
    let pool = Pool {
        members: members.to_vec(),
        session_affinity: Some(SessionAffinity { cookie: "tie".into() }),
        failure_status: None,
    };
    let pool = config_model::Backend { id: "b".into(), pool: Some(pool), ..config_model::Backend::default() };
    let gateway = start([entity("m1", &one.url()), entity("m2", &two.url()), pool]);
    let first = shake(&gateway, "/room", "");
    assert_eq!(first.status, 101);
    let name = first.header("x-name").unwrap().to_owned();
    let tie = first.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    for _ in 0..3 {
        let reply = shake(&gateway, "/room", &tie);
        assert_eq!((reply.header("x-name"), reply.header("set-cookie")), (Some(name.as_str()), None));
    }
    // A cookie that this configuration has not signed ties nobody, and is replaced.
    let forged = format!("tie={}", "0".repeat(32));
    let names: Vec<_> =
        (0..4).map(|_| shake(&gateway, "/room", &forged).header("x-name").unwrap().to_owned()).collect();
    assert!(names.iter().any(|other| *other != name) && names.contains(&name), "{names:?}");
    assert!(shake(&gateway, "/room", &forged).header("set-cookie").is_some());
    assert_eq!(shake(&gateway, "/bad", &tie).status, 500);
    for _ in 0..3 {
        let reply = shake(&gateway, "/room", &tie);
        assert_eq!(reply.status, 101);
        assert_ne!(reply.header("x-name"), Some(name.as_str()));
    }
}
