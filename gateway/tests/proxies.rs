//! HTTP proxies in front of backends: absolute form for plain HTTP/1, tunnels for TLS and upgrades; and TLS to backends as such.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a failed expectation is the failure of the test"
)]

mod support;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use config_model::testkit::{self, Builder};
use config_model::{Api, ApiKind, BackendProxy, Entity, PolicyScope};
use openssl::ssl::{SslAcceptor, SslFiletype, SslMethod};
use support::{Backend, Exchange, Received, Start};

const REASON: &str =
    r#"<set-header name="X-Reason" exists-action="override"><value>@(context.LastError.Reason)</value></set-header>"#;

fn policy(inbound: &str) -> String {
    format!(
        "<policies><inbound>{inbound}</inbound><backend><forward-request /></backend><outbound /><on-error>{REASON}</on-error></policies>"
    )
}

/// A proxy that opens tunnels to wherever `to` says, whatever it is asked, and answers everything else itself.
fn proxy(to: std::net::SocketAddr, answer: &'static str) -> Backend {
    Backend::start(move |mut exchange: Exchange, record| {
        let Some(request) = exchange.head() else { return };
        record(&request);
        exchange.send(answer);
        if request.method == "CONNECT" && answer.starts_with("HTTP/1.1 200") {
            let (from, to) = (exchange.stream.into_inner(), TcpStream::connect(to).unwrap());
            let back = (to.try_clone().unwrap(), from.try_clone().unwrap());
            let copy = |mut from: TcpStream, mut to: TcpStream| {
                let _ = std::io::copy(&mut from, &mut to);
                let _ = to.shutdown(Shutdown::Write);
            };
            let other = std::thread::spawn(move || copy(back.0, back.1));
            copy(from, to);
            let _ = other.join();
        }
    })
}

const OPEN: &str = "HTTP/1.1 200 Connection established\r\nContent-Length: 0\r\n\r\n";

/// A backend behind TLS that answers each request with its own first line.
fn behind_tls(folder: &std::path::Path) -> Backend {
    let (certificate, key) = support::certificate(folder);
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls()).unwrap();
    acceptor.set_certificate_chain_file(certificate).unwrap();
    acceptor.set_private_key_file(key, SslFiletype::PEM).unwrap();
    let acceptor = acceptor.build();
    Backend::start(move |exchange: Exchange, record| {
        let Ok(mut stream) = acceptor.accept(exchange.stream.into_inner()) else { return };
        let (mut text, mut bytes) = (String::new(), [0; 4096]);
        while let Ok(count) = stream.read(&mut bytes)
            && count > 0
        {
            text.push_str(&String::from_utf8_lossy(&bytes[..count]));
            if let Some(head) = text.strip_suffix("\r\n\r\n") {
                record(&Received::default());
                let first = head.lines().next().unwrap();
                let reply = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{first}", first.len());
                stream.write_all(reply.as_bytes()).unwrap();
                text.clear();
            }
        }
    })
}

fn entity(url: &str, proxy: Option<&Backend>) -> Entity {
    let mut backend =
        config_model::Backend { id: "b".into(), url: Some(url.into()), ..config_model::Backend::default() };
    backend.tls.validate_certificate_chain = false;
    backend.proxy = proxy.map(|proxy| BackendProxy {
        url: proxy.url(),
        username: Some("user".into()),
        password: Some("secret".to_owned().into()),
    });
    Entity::Backend(Arc::new(backend))
}

fn start(entity: Entity, inbound: &str) -> support::Gateway {
    let builder = Builder::new().api(testkit::api("a", "a", "http://127.0.0.1:1")).with(entity);
    Start::with(builder.policy(PolicyScope::Global, &policy(inbound))).run()
}

#[test]
fn tls_goes_through_a_tunnel() {
    let folder = tempfile::tempdir().unwrap();
    let backend = behind_tls(folder.path());
    let proxy = proxy(backend.address, OPEN);
    let gateway =
        start(entity("https://orders.invalid:8443/v1", Some(&proxy)), r#"<set-backend-service backend-id="b" />"#);
    for path in ["one", "two"] {
        let reply = gateway.get(&format!("/a/{path}"));
        assert_eq!((reply.status, reply.text()), (200, format!("GET /v1/{path} HTTP/1.1")), "{}", gateway.output());
    }
    let seen = proxy.seen();
    assert!(!seen.is_empty() && seen.len() <= 2, "one tunnel for each worker at most: {seen:?}");
    // The name is the proxy's to resolve.
    assert_eq!((seen[0].method.as_str(), seen[0].path.as_str()), ("CONNECT", "orders.invalid:8443"));
    assert_eq!(seen[0].header("proxy-authorization"), Some("Basic dXNlcjpzZWNyZXQ="));
}

#[test]
fn an_address_is_no_reason_to_trust() {
    let folder = tempfile::tempdir().unwrap();
    let backend = behind_tls(folder.path());
    for (check_chain, expected) in [(true, (500, Some("BackendConnectionFailure"))), (false, (200, None))] {
        let Entity::Backend(mut entity) = entity(&format!("https://{}", backend.address), None) else { panic!() };
        Arc::make_mut(&mut entity).tls.validate_certificate_chain = check_chain;
        let gateway = start(Entity::Backend(entity), r#"<set-backend-service backend-id="b" />"#);
        let reply = gateway.get("/a/x");
        assert_eq!((reply.status, reply.header("x-reason")), expected, "{}", gateway.output());
    }
}

#[test]
fn a_proxy_that_refuses_is_a_failed_connection() {
    let proxy =
        proxy(([127, 0, 0, 1], 1).into(), "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    let gateway = start(entity("https://orders.invalid", Some(&proxy)), r#"<set-backend-service backend-id="b" />"#);
    let reply = gateway.get("/a/x");
    assert_eq!((reply.status, reply.header("x-reason")), (500, Some("BackendConnectionFailure")));
    assert_eq!(proxy.seen()[0].path, "orders.invalid:443");
}

#[test]
fn the_policy_beats_the_entity_and_stays_with_its_request() {
    let (of_entity, of_policy) = (Backend::plain(), Backend::plain());
    let inbound = format!(
        r#"<set-backend-service backend-id="b" /><choose><when condition="@(context.Request.Url.Path.EndsWith("/own"))">
            <proxy url="{}" username="edge" password="s3cret" /></when></choose>"#,
        of_policy.url()
    );
    let gateway = start(entity("http://orders.invalid", Some(&of_entity)), &inbound);
    for path in ["/a/own", "/a/x"] {
        assert_eq!(gateway.get(path).status, 200);
    }
    let told = |proxy: &Backend| {
        let seen = proxy.seen();
        assert_eq!(seen.len(), 1);
        (seen[0].path.clone(), seen[0].header("proxy-authorization").unwrap().to_owned())
    };
    assert_eq!(told(&of_policy), ("http://orders.invalid/own".to_owned(), "Basic ZWRnZTpzM2NyZXQ=".to_owned()));
    assert_eq!(told(&of_entity), ("http://orders.invalid/x".to_owned(), "Basic dXNlcjpzZWNyZXQ=".to_owned()));
}

#[test]
fn requests_of_policies_go_through_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let backend = behind_tls(folder.path());
    let tunnels = proxy(backend.address, OPEN);
    let plain = Backend::answering(|request| {
        let body = format!("{} {}", request.path, request.header("host").unwrap());
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    });
    let ask = |name: &str, url: &str, proxy: &Backend| {
        format!(
            r#"<send-request response-variable-name="{name}"><set-url>{url}</set-url><proxy url="{}" /></send-request>
            <set-header name="{name}" exists-action="override"><value>@(((IResponse)context.Variables["{name}"]).Body.As<string>())</value></set-header>"#,
            proxy.url()
        )
    };
    let inbound = ask("One", "http://config.invalid/one?a=1", &plain)
        + &ask("Two", "https://config.invalid/two", &tunnels)
        + r#"<return-response><set-header name="One" exists-action="override"><value>@(context.Request.Headers["One"][0])</value></set-header>
            <set-header name="Two" exists-action="override"><value>@(context.Request.Headers["Two"][0])</value></set-header></return-response>"#;
    // Its certificate is not to be believed, which an entity with the same URL says.
    let gateway = start(entity("https://config.invalid/two", None), &inbound);
    let reply = gateway.get("/a/x");
    assert_eq!(reply.header("one"), Some("http://config.invalid/one?a=1 config.invalid"), "{}", gateway.output());
    assert_eq!(reply.header("two"), Some("GET /two HTTP/1.1"), "{}", gateway.output());
}

#[test]
fn upgrades_go_through_a_tunnel() {
    let backend = Backend::start(|mut exchange: Exchange, record| {
        let Some(request) = exchange.head() else { return };
        record(&request);
        // Pingora takes a 101 and the end of the request in any order when both are there, and then ends with the request. No backend on
        // a network is that quick.
        std::thread::sleep(Duration::from_millis(50));
        exchange.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nworld");
    });
    let proxy = proxy(backend.address, OPEN);
    let operations = vec![testkit::operation("onHandshake", "GET", "/*")];
    let api = Api { kind: ApiKind::Websocket, operations, ..testkit::api("w", "w", "ws://chat.invalid:81") };
    let inbound = format!(r#"<proxy url="{}" />"#, proxy.url());
    let gateway = Start::with(Builder::new().api(api).policy(PolicyScope::Global, &policy(&inbound))).run();
    let mut client = gateway.connect();
    client.send(b"GET /w/room HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: k\r\nSec-WebSocket-Version: 13\r\n\r\n");
    let reply = client.try_reply().unwrap();
    assert_eq!(reply.status, 101, "{}", gateway.output());
    let mut bytes = [0; 5];
    client.stream.read_exact(&mut bytes).unwrap();
    assert_eq!(&bytes, b"world");
    assert_eq!(proxy.seen()[0].path, "chat.invalid:81");
    assert_eq!((backend.seen()[0].path.as_str(), backend.seen()[0].header("host")), ("/room", Some("chat.invalid:81")));
}
