//! HTTP/2 from clients, TLS, and the duplex lane: WebSocket handshakes and gRPC calls.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed expectation is the failure of the test"
)]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use bytes::Bytes;
use config_model::{Api, ApiKind, PolicyScope, testkit};
use http::{HeaderMap, HeaderValue, Request};
use openssl::ssl::{SslConnector, SslMethod, SslVerifyMode};
use support::{Backend, Exchange, Gateway, Start, one_api};

/// What came back over HTTP/2; `Err` when the stream was reset.
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Result<Vec<u8>, h2::Error>,
    trailers: Option<HeaderMap>,
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// Sends requests on one HTTP/2 connection, all at once.
async fn ask(gateway: &Gateway, requests: Vec<(Request<()>, Vec<Bytes>)>) -> Vec<Answer> {
    let stream = tokio::net::TcpStream::connect(gateway.http).await.unwrap();
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let mut client = client.ready().await.unwrap();
    let mut pending = Vec::new();
    for (request, pieces) in requests {
        let (response, mut send) = client.send_request(request, pieces.is_empty()).unwrap();
        let last = pieces.len().saturating_sub(1);
        for (at, piece) in pieces.into_iter().enumerate() {
            send.send_data(piece, at == last).unwrap();
        }
        pending.push(response);
    }
    let mut answers = Vec::new();
    for response in pending {
        let (parts, mut stream) = response.await.unwrap().into_parts();
        let mut body = Ok(Vec::new());
        while let Some(piece) = stream.data().await {
            match piece {
                Ok(piece) => {
                    stream.flow_control().release_capacity(piece.len()).unwrap();
                    body.as_mut().unwrap().extend_from_slice(&piece);
                }
                Err(error) => {
                    body = Err(error);
                    break;
                }
            }
        }
        let trailers = if body.is_ok() { stream.trailers().await.unwrap() } else { None };
        answers.push(Answer { status: parts.status.as_u16(), headers: parts.headers, body, trailers });
    }
    answers
}

fn get(path: &str) -> Request<()> {
    Request::get(format!("http://api.example{path}")).body(()).unwrap()
}

#[test]
fn many_streams_run_beside_each_other() {
    let backend = Backend::answering(|request| {
        let text = format!("{} {}", request.path, String::from_utf8_lossy(&request.body));
        format!("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nX-B: 1\r\nContent-Length: {}\r\n\r\n{text}", text.len())
    });
    let gateway = Start::with(one_api(&backend)).run();
    let answers = runtime().block_on(async {
        let mut requests: Vec<_> = (0..20).map(|n| (get(&format!("/a/{n}?q={n}")), Vec::new())).collect();
        let post = Request::post("http://api.example/a/post").body(()).unwrap();
        requests.push((post, vec![Bytes::from_static(b"one "), Bytes::from_static(b"two")]));
        requests.push((get("/nowhere"), Vec::new()));
        ask(&gateway, requests).await
    });
    for (n, answer) in answers.iter().take(20).enumerate() {
        assert_eq!((answer.status, answer.body.as_deref().unwrap()), (200, format!("/{n}?q={n} ").as_bytes()));
        assert_eq!((answer.headers.get("connection"), answer.headers["x-b"].to_str().unwrap()), (None, "1"));
    }
    assert_eq!(answers[20].body.as_deref().unwrap(), b"/post one two");
    assert_eq!(answers[21].status, 404);
    let seen = backend.seen();
    assert!(seen.iter().all(|request| request.header("host") == Some(backend.address.to_string().as_str())));
}

#[test]
fn a_reply_cut_short_resets_the_stream() {
    let backend = Backend::start(|mut exchange, _| {
        exchange.request();
        exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        std::thread::sleep(Duration::from_millis(50));
        exchange.close();
    });
    let gateway = Start::with(one_api(&backend)).run();
    let answers = runtime().block_on(ask(&gateway, vec![(get("/a/x"), Vec::new())]));
    assert_eq!(answers[0].status, 200);
    assert!(answers[0].body.is_err());
}

/// A backend that speaks HTTP/2 without TLS and echoes, with trailers.
fn h2_backend() -> std::net::SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        runtime().block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut connection = h2::server::handshake(stream).await.unwrap();
                    while let Some(Ok((request, mut respond))) = connection.accept().await {
                        tokio::spawn(async move {
                            let path = request.uri().path().to_owned();
                            let head = http::Response::builder().status(200).header("x-path", path).body(()).unwrap();
                            let mut send = respond.send_response(head, false).unwrap();
                            let mut body = request.into_body();
                            while let Some(Ok(piece)) = body.data().await {
                                let _ = body.flow_control().release_capacity(piece.len());
                                send.send_data(piece, false).unwrap();
                            }
                            let mut trailers = HeaderMap::new();
                            trailers.insert("grpc-status", HeaderValue::from_static("0"));
                            send.send_trailers(trailers).unwrap();
                        });
                    }
                });
            }
        });
    });
    address
}

#[test]
fn http2_backends_and_their_trailers() {
    let address = h2_backend();
    let snapshot = testkit::Builder::new()
        .api(testkit::api("a", "a", &format!("http://{address}")))
        .policy(PolicyScope::Global, &support::backend_policy(r#"<forward-request http-version="2" />"#));
    let gateway = Start::with(snapshot).run();
    let post = || Request::post("http://api.example/a/echo").body(()).unwrap();
    let answers =
        runtime().block_on(ask(&gateway, vec![(post(), vec![Bytes::from_static(b"ab"), Bytes::from_static(b"cd")])]));
    assert_eq!((answers[0].status, answers[0].body.as_deref().unwrap()), (200, &b"abcd"[..]));
    assert_eq!(answers[0].headers["x-path"], "/echo");
    assert_eq!(answers[0].trailers.as_ref().unwrap()["grpc-status"], "0");
    let reply = gateway.ask("POST /a/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody");
    assert_eq!((reply.status, reply.text().as_str()), (200, "body"));
}

#[test]
fn grpc_calls_stream_both_ways() {
    let address = h2_backend();
    let api = Api {
        kind: ApiKind::Grpc,
        operations: vec![testkit::operation("call", "POST", "/*")],
        ..testkit::api("g", "g", &format!("http://{address}"))
    };
    let gateway = Start::with(testkit::Builder::new().api(api)).run();
    runtime().block_on(async {
        let stream = tokio::net::TcpStream::connect(gateway.http).await.unwrap();
        let (client, connection) = h2::client::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        let mut client = client.ready().await.unwrap();
        let request = Request::post("http://api.example/g/pkg.Service/Call").header("te", "trailers").body(()).unwrap();
        let (response, mut send) = client.send_request(request, false).unwrap();
        send.send_data(Bytes::from_static(b"first"), false).unwrap();
        let response = response.await.unwrap();
        assert_eq!(response.status().as_u16(), 200);
        assert_eq!(response.headers()["x-path"], "/pkg.Service/Call");
        let mut body = response.into_body();
        // The answer to the first message comes while the call is still open.
        assert_eq!(body.data().await.unwrap().unwrap(), "first");
        send.send_data(Bytes::from_static(b"second"), true).unwrap();
        assert_eq!(body.data().await.unwrap().unwrap(), "second");
        assert!(body.data().await.is_none());
        assert_eq!(body.trailers().await.unwrap().unwrap()["grpc-status"], "0");
    });
    assert_eq!(gateway.log_lines(1)[0]["api"], "g");
}

#[test]
fn websockets_pass_after_their_handshake() {
    let backend = Backend::start(|mut exchange: Exchange, record| {
        let request = exchange.head().unwrap();
        record(&request);
        exchange.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n");
        let mut bytes = [0; 5];
        exchange.stream.read_exact(&mut bytes).unwrap();
        assert_eq!(&bytes, b"hello");
        exchange.send("world");
    });
    let operations = vec![testkit::operation("onHandshake", "GET", "/*")];
    let api =
        Api { kind: ApiKind::Websocket, operations, ..testkit::api("w", "w", &backend.url().replace("http", "ws")) };
    let gateway = Start::with(testkit::Builder::new().api(api)).run();
    let mut client = gateway.connect();
    client.send(b"GET /w/chat HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: k\r\nSec-WebSocket-Version: 13\r\n\r\n");
    let mut line = String::new();
    client.stream.read_line(&mut line).unwrap();
    assert!(line.starts_with("HTTP/1.1 101"), "{line}");
    while line != "\r\n" {
        line.clear();
        client.stream.read_line(&mut line).unwrap();
    }
    client.send(b"hello");
    let mut bytes = [0; 5];
    client.stream.read_exact(&mut bytes).unwrap();
    assert_eq!(&bytes, b"world");
    let seen = &backend.seen()[0];
    assert_eq!(
        (seen.path.as_str(), seen.header("upgrade"), seen.header("sec-websocket-key")),
        ("/chat", Some("websocket"), Some("k"))
    );
    assert_eq!(seen.header("host"), Some(backend.address.to_string().as_str()));
}

#[test]
fn an_upgrade_to_a_plain_api_is_a_plain_request() {
    let backend = Backend::plain();
    let gateway = Start::with(one_api(&backend)).run();
    let reply = gateway.ask("GET /a/x HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    assert_eq!((reply.status, reply.text().as_str()), (200, "ok"));
    assert_eq!(backend.seen()[0].header("upgrade"), None);
}

#[test]
fn tls_with_a_certificate_file() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = support::certificate(folder.path());
    let backend = Backend::plain();
    let gateway = Start::with(one_api(&backend))
        .set("gatewright.tls.listen=127.0.0.1:0")
        .set(&format!("gatewright.tls.certificate={certificate}"))
        .set(&format!("gatewright.tls.key={key}"))
        .run();
    let connect = |alpn: &[u8]| {
        let mut builder = SslConnector::builder(SslMethod::tls()).unwrap();
        builder.set_verify(SslVerifyMode::NONE);
        builder.set_alpn_protos(alpn).unwrap();
        let stream = TcpStream::connect(gateway.https.unwrap()).unwrap();
        stream.set_read_timeout(Some(support::WAIT)).unwrap();
        builder.build().connect("localhost", stream).unwrap()
    };
    let mut stream = connect(b"\x08http/1.1");
    for _ in 0..2 {
        stream.write_all(b"GET /a/x HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut text = String::new();
        let mut reader = BufReader::new(&mut stream);
        while !text.ends_with("\r\n\r\n") {
            reader.read_line(&mut text).unwrap();
        }
        let mut body = [0; 2];
        reader.read_exact(&mut body).unwrap();
        assert!(text.starts_with("HTTP/1.1 200") && &body == b"ok");
    }
    let stream = connect(b"\x02h2\x08http/1.1");
    assert_eq!(stream.ssl().selected_alpn_protocol(), Some(&b"h2"[..]));
    assert_eq!(stream.ssl().version_str(), "TLSv1.3");
    // The guard stands behind TLS too.
    let mut stream = connect(b"\x08http/1.1");
    stream.write_all(b"GET /a/x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n").unwrap();
    let mut text = String::new();
    let _ = stream.read_to_string(&mut text);
    assert!(text.starts_with("HTTP/1.1 400"), "{text}");
    // Who speaks plainly to it is not answered.
    let mut plain = TcpStream::connect(gateway.https.unwrap()).unwrap();
    plain.set_read_timeout(Some(support::WAIT)).unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
    let mut text = Vec::new();
    let _ = plain.read_to_end(&mut text);
    assert!(!text.starts_with(b"HTTP"));
}
