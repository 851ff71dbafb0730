//! Backend entities beyond a URL: circuit breakers, pools, cookies that tie callers, and proxies.
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

use config_model::testkit::{self, Builder, ScriptedAgent};
use config_model::{
    BackendProxy, CircuitBreakerRule, Entity, FailureCondition, PolicyScope, Pool, PoolMember, SessionAffinity,
};
use support::{Backend, Received, Reply, Start};

const TO_BACKEND: &str = r#"<policies><inbound><set-backend-service backend-id="b" /></inbound><backend><forward-request timeout-ms="500" />
    </backend><outbound /><on-error><set-header name="X-Reason" exists-action="override"><value>@(context.LastError.Reason)</value></set-header>
    </on-error></policies>"#;

fn breaker(count: u32, seconds: u64) -> Vec<CircuitBreakerRule> {
    let failure_condition =
        FailureCondition { count: Some(count), interval: Duration::from_secs(60), ..FailureCondition::default() };
    let trip_duration = Duration::from_secs(seconds);
    vec![CircuitBreakerRule { failure_condition, trip_duration, ..CircuitBreakerRule::default() }]
}

fn entity(id: &str, url: &str, circuit_breaker: Vec<CircuitBreakerRule>) -> config_model::Backend {
    config_model::Backend { id: id.into(), url: Some(url.into()), circuit_breaker, ..config_model::Backend::default() }
}

fn with(backends: impl IntoIterator<Item = config_model::Backend>) -> Builder {
    let start =
        Builder::new().api(testkit::api("a", "a", "http://127.0.0.1:1")).policy(PolicyScope::Global, TO_BACKEND);
    backends.into_iter().fold(start, |builder, backend| builder.with(Entity::Backend(Arc::new(backend))))
}

fn pool(members: &[&str], cookie: Option<&str>) -> config_model::Backend {
    let members = members.iter().map(|id| PoolMember { backend: (*id).into(), ..PoolMember::default() }).collect();
    let session_affinity = cookie.map(|cookie| SessionAffinity { cookie: cookie.into() });
    let pool = Some(Pool { members, session_affinity, failure_status: None });
    config_model::Backend { id: "b".into(), pool, ..config_model::Backend::default() }
}

/// Answers 500 on `/bad`, else the path.
fn moody() -> Backend {
    Backend::answering(|request: &Received| {
        let status = if request.path.ends_with("/bad") { "500 Bad" } else { "200 OK" };
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{}", request.path.len(), request.path)
    })
}

fn is_open(reply: &Reply) -> bool {
    reply.status == 503 && reply.header("x-reason") == Some("BackendCircuitOpen")
}

#[test]
fn a_breaker_outlives_a_revision() {
    let backend = moody();
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("agent.sock");
    let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let gateway = Start::default().socket(&socket).run();
    let mut agent = ScriptedAgent::new(listener.accept().unwrap().0);
    agent.expect_hello();
    agent.offer(&with([entity("b", &backend.url(), breaker(2, 60))]).bundle());
    agent.verdict().unwrap();
    assert_eq!(gateway.get("/a/well").status, 200);
    assert_eq!(gateway.get("/a/bad").status, 500);
    assert_eq!(gateway.get("/a/bad").status, 500);
    let reply = gateway.get("/a/well");
    assert!(is_open(&reply), "{reply:?}");
    let wait: u64 = reply.header("retry-after").unwrap().parse().unwrap();
    assert!((55..=60).contains(&wait));
    // Another revision with the same rules.
    agent.offer(&with([entity("b", &backend.url(), breaker(2, 60))]).named_value("n", "1").bundle());
    agent.verdict().unwrap();
    assert!(is_open(&gateway.get("/a/well")));
    // Other rules begin anew.
    agent.offer(&with([entity("b", &backend.url(), breaker(3, 60))]).bundle());
    agent.verdict().unwrap();
    assert_eq!(gateway.get("/a/well").status, 200);
}

#[test]
fn a_backend_that_does_not_answer_trips_its_breaker() {
    let nobody = { std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap() };
    let silent = Backend::start(|mut exchange, _| {
        exchange.request();
        std::thread::sleep(Duration::from_secs(3));
    });
    for url in [format!("http://{nobody}"), silent.url()] {
        let gateway = Start::with(with([entity("b", &url, breaker(1, 60))])).run();
        assert_eq!(gateway.get("/a/x").status, 500, "{url}");
        assert!(is_open(&gateway.get("/a/x")), "{url}");
        let lines = gateway.log_lines(2);
        let named =
            |line: &serde_json::Value| line["reason"] == "BackendCircuitOpen" && line["source"] == "forward-request";
        assert!(lines.iter().any(named), "{lines:?}");
    }
}

#[test]
fn a_pool_spreads_and_leaves_out_what_is_open() {
    let backend = moody();
    let member = |id: &str| entity(id, &format!("{}/{id}", backend.url()), breaker(1, 60));
    let gateway = Start::with(with([member("one"), member("two"), pool(&["one", "two"], None)])).run();
    let paths: Vec<String> = (0..4).map(|_| gateway.get("/a/x").text()).collect();
    assert_eq!(paths.iter().filter(|path| *path == "/one/x").count(), 2);
    assert_eq!(paths.iter().filter(|path| *path == "/two/x").count(), 2);
    let tripped = gateway.get("/a/bad").text();
    let rest: Vec<String> = (0..3).map(|_| gateway.get("/a/x").text()).collect();
    assert!(rest.iter().all(|path| path[..4] != tripped[..4]), "{tripped}: {rest:?}");
    assert_eq!(gateway.get("/a/bad").status, 500);
    let reply = gateway.get("/a/x");
    assert!(is_open(&reply));
    assert_eq!(reply.reason, "Backend pool 'b' is temporarily unavailable");
    assert!(reply.header("retry-after").is_some());
}

#[test]
fn a_cookie_ties_a_caller_to_a_member() {
    let backend = moody();
    let member = |id: &str| entity(id, &format!("{}/{id}", backend.url()), breaker(1, 60));
    let gateway = Start::with(with([member("one"), member("two"), pool(&["one", "two"], Some("Sid"))])).run();
    let first = gateway.get("/a/x");
    let cookie = first.header("set-cookie").unwrap().to_owned();
    assert!(cookie.starts_with("Sid=") && cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
    let pair = cookie.split(';').next().unwrap();
    let ask = |path: &str| gateway.ask(&format!("GET /a/{path} HTTP/1.1\r\nHost: h\r\nCookie: q=1; {pair}\r\n\r\n"));
    for _ in 0..3 {
        let reply = ask("x");
        assert_eq!((reply.text(), reply.header("set-cookie")), (first.text(), None));
    }
    ask("bad");
    let moved = ask("x");
    assert_ne!(moved.text(), first.text());
    assert!(moved.header("set-cookie").is_some_and(|cookie| !cookie.starts_with(pair)));
}

#[test]
fn a_proxy_gets_the_whole_url_and_its_credentials() {
    let proxy = Backend::plain();
    let mut backend = entity("b", "http://orders.internal.example:8080/v1", Vec::new());
    backend.proxy = Some(BackendProxy {
        url: proxy.url(),
        username: Some("user".into()),
        password: Some("secret".to_owned().into()),
    });
    let gateway = Start::with(with([backend])).run();
    let reply = gateway.ask("POST /a/x?q=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody");
    assert_eq!((reply.status, reply.text().as_str()), (200, "ok"));
    let seen = &proxy.seen()[0];
    assert_eq!(seen.path, "http://orders.internal.example:8080/v1/x?q=1");
    assert_eq!(seen.header("host"), Some("orders.internal.example:8080"));
    assert_eq!(seen.header("proxy-authorization"), Some("Basic dXNlcjpzZWNyZXQ="));
    assert_eq!(seen.body, b"body");
}
