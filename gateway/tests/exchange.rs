//! What the direct lane owes a client and a backend: framing, hop-by-hop fields, repeats, aborts, timeouts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed expectation is the failure of the test"
)]

mod support;

use std::time::{Duration, Instant};

use config_model::{PolicyScope, testkit};
use support::{Backend, Client, Start, backend_policy, one_api, until};

#[test]
fn a_request_goes_through_and_comes_back() {
    let backend = Backend::answering(|_| {
        "HTTP/1.1 207 Many Things\r\nX-B: 1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 5\r\n\r\nhello"
            .to_owned()
    });
    let gateway = Start::with(one_api(&backend)).run();
    let mut client = gateway.connect();
    client.send(
        b"POST /a/x/y?q=1&r=%20 HTTP/1.1\r\nHost: api.example\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 4\r\n\r\nbody",
    );
    let reply = client.reply(false);
    assert_eq!((reply.status, reply.reason.as_str(), reply.text().as_str()), (207, "Many Things", "hello"));
    assert_eq!(reply.header("x-b"), Some("1"));
    assert_eq!(reply.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")).count(), 2);
    let seen = &backend.seen()[0];
    assert_eq!(
        (seen.method.as_str(), seen.path.as_str(), seen.body.as_slice()),
        ("POST", "/x/y?q=1&r=%20", &b"body"[..])
    );
    assert_eq!(seen.header("host"), Some(backend.address.to_string().as_str()));
    assert_eq!(seen.header("x-forwarded-for"), Some("127.0.0.1"));
    assert_eq!(seen.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("x-a")).count(), 2);
    // Both connections go on.
    assert_eq!(client.get("/a/again").status, 207);
    assert_eq!(backend.seen()[1].connection, backend.seen()[0].connection);
}

#[test]
fn connection_fields_stay_on_their_connection() {
    let backend = Backend::answering(|_| {
        "HTTP/1.1 200 OK\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nX-End: 1\r\nContent-Length: 0\r\n\r\n".to_owned()
    });
    let gateway = Start::with(one_api(&backend)).run();
    let reply = gateway.ask(
        "GET /a/x HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, X-Mine\r\nX-Mine: 1\r\nTE: trailers\r\nProxy-Authorization: Basic x\r\nX-Kept: 1\r\n\r\n",
    );
    assert_eq!((reply.header("x-hop"), reply.header("keep-alive"), reply.header("x-end")), (None, None, Some("1")));
    let seen = &backend.seen()[0];
    for name in ["x-mine", "te", "proxy-authorization", "transfer-encoding"] {
        assert_eq!(seen.header(name), None, "{name}");
    }
    assert_eq!(seen.header("x-kept"), Some("1"));
}

#[test]
fn bodiless_replies_keep_their_meaning() {
    let backend = Backend::answering(|request| match request.path.as_str() {
        "/none" => "HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n".to_owned(),
        "/same" => "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n".to_owned(),
        _ => "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n".to_owned(),
    });
    let gateway = Start::with(one_api(&backend)).run();
    let mut client = gateway.connect();
    for _ in 0..2 {
        client.send(b"HEAD /a/x HTTP/1.1\r\nHost: h\r\n\r\n");
        let reply = client.reply(true);
        assert_eq!((reply.status, reply.header("content-length")), (200, Some("12")));
        let reply = client.get("/a/none");
        assert_eq!(
            (reply.status, reply.header("content-length"), reply.header("transfer-encoding")),
            (204, None, None)
        );
        assert_eq!(client.get("/a/same").status, 304);
    }
    assert_eq!(backend.connections.load(std::sync::atomic::Ordering::SeqCst), 1);
}

#[test]
fn chunks_pass_one_by_one() {
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let backend = Backend::start(move |mut exchange, _| {
        while exchange.request().is_some() {
            exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
            wait.lock().unwrap().recv().unwrap();
            exchange.send("3\r\ntwo\r\n0\r\n\r\n");
        }
    });
    let gateway = Start::with(one_api(&backend)).run();
    let mut client = gateway.connect();
    client.send(b"GET /a/x HTTP/1.1\r\nHost: h\r\n\r\n");
    let mut seen = String::new();
    while !seen.contains("one") {
        std::io::BufRead::read_line(&mut client.stream, &mut seen).unwrap();
    }
    go.send(()).unwrap();
    while !seen.ends_with("0\r\n\r\n") {
        std::io::BufRead::read_line(&mut client.stream, &mut seen).unwrap();
    }
    assert!(seen.contains("two"));
}

#[test]
fn chunked_requests_stream_to_the_backend() {
    let backend = Backend::plain();
    let gateway = Start::with(one_api(&backend)).run();
    let mut client = gateway.connect();
    client.send(b"POST /a/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n");
    std::thread::sleep(Duration::from_millis(30));
    client.send(b"5;x=y\r\n five\r\n0\r\nTrailer: gone\r\n\r\n");
    assert_eq!(client.reply(false).text(), "ok");
    assert_eq!(backend.seen()[0].body, b"four five");
    assert_eq!(client.get("/a/next").status, 200);
}

#[test]
fn a_client_that_waits_is_told_to_continue() {
    let backend = Backend::plain();
    let gateway = Start::with(one_api(&backend)).run();
    let mut client = gateway.connect();
    client.send(b"POST /a/x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    assert_eq!(client.try_reply().unwrap().status, 100);
    client.send(b"body");
    assert_eq!(client.reply(false).status, 200);
    let seen = &backend.seen()[0];
    assert_eq!((seen.body.as_slice(), seen.header("expect")), (&b"body"[..], None));
    // A refusal needs no body, and none is asked for.
    let mut client = gateway.connect();
    client.send(b"POST /none HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    assert_eq!(client.try_reply().unwrap().status, 404);
    assert!(client.is_closed());
}

#[test]
fn a_reply_cut_short_upstream_is_cut_short_downstream() {
    let backend = Backend::start(|mut exchange, _| {
        if let Some(request) = exchange.request() {
            if request.path == "/length" {
                exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
            } else {
                exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
            }
            std::thread::sleep(Duration::from_millis(50));
            exchange.close();
        }
    });
    let gateway = Start::with(one_api(&backend)).run();
    for path in ["/a/length", "/a/chunked"] {
        let mut client = gateway.connect();
        let reply = client.get(path);
        assert_eq!((reply.status, reply.text().as_str(), reply.whole), (200, "half", false), "{path}");
        assert!(client.is_closed());
    }
    let lines = gateway.log_lines(2);
    assert!(lines[0]["detail"].as_str().unwrap().starts_with("the backend broke off"), "{lines:?}");
}

#[test]
fn a_client_that_leaves_ends_the_exchange() {
    let (told, hear) = std::sync::mpsc::channel();
    let backend = Backend::start(move |mut exchange, _| {
        exchange.request().unwrap();
        let start = Instant::now();
        let ended = exchange.request().is_none();
        told.send((ended, start.elapsed())).unwrap();
    });
    let gateway = Start::with(one_api(&backend)).run();
    let mut client = gateway.connect();
    client.send(b"GET /a/x HTTP/1.1\r\nHost: h\r\n\r\n");
    until("the backend has it", || backend.connections.load(std::sync::atomic::Ordering::SeqCst) == 1);
    std::thread::sleep(Duration::from_millis(50));
    drop(client);
    let (ended, took) = hear.recv_timeout(support::WAIT).unwrap();
    assert!(ended && took < Duration::from_secs(5));
    let lines = gateway.log_lines(1);
    assert_eq!((&lines[0]["status"], &lines[0]["reason"]), (&0.into(), &"ClientConnectionFailure".into()));
}

#[test]
fn a_stale_connection_is_repeated_where_that_is_safe() {
    // The first connection answers once and then dies with the next request on it, as an idle one does.
    let backend = Backend::start(|mut exchange, record| {
        let first = exchange.connection == 0;
        while let Some(request) = exchange.request() {
            if first && request.path != "/warm" {
                return exchange.close();
            }
            record(&request);
            exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
    });
    for (request, want) in [
        ("GET /a/x HTTP/1.1\r\nHost: h\r\n\r\n", 200),
        ("PUT /a/x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody", 200),
        ("POST /a/x HTTP/1.1\r\nHost: h\r\nIdempotency-Key: 1\r\nContent-Length: 4\r\n\r\nbody", 200),
    ] {
        let gateway = Start::with(one_api(&backend)).set("gatewright.workers=1").run();
        backend.connections.store(0, std::sync::atomic::Ordering::SeqCst);
        let mut client = gateway.connect();
        assert_eq!(client.get("/a/warm").status, 200);
        client.send(request.as_bytes());
        assert_eq!(client.reply(false).status, want, "{request}");
        if request.contains("body") {
            assert_eq!(backend.seen().last().unwrap().body, b"body");
        }
        assert_eq!(gateway.log_lines(2)[1]["repeated"], 1);
    }
    // Nobody knows whether a POST was carried out.
    let gateway = Start::with(one_api(&backend)).set("gatewright.workers=1").run();
    backend.connections.store(0, std::sync::atomic::Ordering::SeqCst);
    let mut client = gateway.connect();
    assert_eq!(client.get("/a/warm").status, 200);
    client.send(b"POST /a/x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody");
    assert_eq!(client.reply(false).status, 500);
}

#[test]
fn an_early_reply_wins_over_the_rest_of_the_body() {
    let backend = Backend::start(|mut exchange, _| {
        exchange.head().unwrap();
        exchange.send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig");
        std::thread::sleep(Duration::from_millis(100));
        exchange.close();
    });
    let gateway = Start::with(one_api(&backend)).run();
    let mut client = gateway.connect();
    client.send(b"POST /a/x HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\nbeginning");
    let reply = client.reply(false);
    assert_eq!((reply.status, reply.text().as_str()), (413, "big"));
}

#[test]
fn failures_have_their_reasons() {
    let silent = Backend::start(|mut exchange, _| {
        exchange.request();
        std::thread::sleep(Duration::from_secs(5));
    });
    let abrupt = Backend::start(|mut exchange, _| {
        exchange.request();
    });
    let garbled = Backend::answering(|_| "NOT HTTP AT ALL\r\n\r\n".to_owned());
    let nobody = { std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap() };
    let snapshot = testkit::Builder::new()
        .api(testkit::api("silent", "silent", &silent.url()))
        .api(testkit::api("abrupt", "abrupt", &abrupt.url()))
        .api(testkit::api("garbled", "garbled", &garbled.url()))
        .api(testkit::api("refused", "refused", &format!("http://{nobody}")))
        .api(testkit::api("unknown", "unknown", "http://no-such-host.invalid"))
        .api(testkit::api("none", "none", ""))
        .policy(PolicyScope::Global, &backend_policy(r#"<forward-request timeout-ms="300" />"#));
    let gateway = Start::with(snapshot).run();
    for (api, reason) in [
        ("silent", "Timeout"),
        ("abrupt", "BackendConnectionFailure"),
        ("garbled", "BackendConnectionFailure"),
        ("refused", "BackendConnectionFailure"),
        ("unknown", "BackendConnectionFailure"),
        ("none", "BackendConnectionFailure"),
    ] {
        let start = Instant::now();
        let reply = gateway.get(&format!("/{api}/x"));
        assert_eq!(reply.status, 500, "{api}");
        assert!(
            reply
                .text()
                .starts_with("{ \"statusCode\": 500, \"message\": \"Internal server error\", \"activityId\": \""),
            "{api}"
        );
        assert!(start.elapsed() < Duration::from_secs(3), "{api}");
        until("the log says why", || {
            gateway.log_lines(1).iter().any(|line| line["api"] == api && line["reason"] == reason)
        });
    }
    assert!(gateway.metric("gatewright_policy_errors_total{reason=\"Timeout\",source=\"forward-request\"}") >= 1.0);
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let backend = Backend::answering(|request| {
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", request.path.len(), request.path)
    });
    let gateway = Start::with(one_api(&backend)).run();
    let mut client = gateway.connect();
    client.send(b"GET /a/1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /a/2 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET /a/3 HTTP/1.1\r\nHost: h\r\n\r\n");
    for path in ["/1", "/2", "/3"] {
        assert_eq!(client.reply(false).text(), path);
    }
}

#[test]
fn unread_bodies_do_not_cost_the_connection() {
    let backend = Backend::plain();
    let gateway = Start::with(one_api(&backend)).run();
    let mut client = gateway.connect();
    for _ in 0..3 {
        let body = "x".repeat(50_000);
        client.send(
            format!("POST /nowhere HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes(),
        );
        assert_eq!(client.reply(false).status, 404);
    }
    assert_eq!(client.get("/a/x").status, 200);
}

#[test]
fn large_bodies_pass_both_ways() {
    let backend = Backend::answering(|request| {
        let text = String::from_utf8(request.body.clone()).unwrap();
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len())
    });
    let gateway = Start::with(one_api(&backend)).run();
    let body: String = (0..400_000).map(|n| char::from(b'a' + (n % 23) as u8)).collect();
    let mut client = gateway.connect();
    let text = format!("POST /a/x HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    client.send(text.as_bytes());
    let reply = client.reply(false);
    assert!(reply.whole && reply.text() == body);
    let old = gateway.ask("GET /a/x HTTP/1.0\r\n\r\n");
    assert_eq!((old.status, old.header("connection")), (200, Some("close")));
}

#[test]
fn old_clients_get_no_chunks() {
    let backend =
        Backend::answering(|_| "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n".to_owned());
    let gateway = Start::with(one_api(&backend)).run();
    let mut client: Client = gateway.connect();
    client.send(b"GET /a/x HTTP/1.0\r\nHost: h\r\n\r\n");
    let reply = client.reply(false);
    assert_eq!((reply.header("transfer-encoding"), reply.text().as_str()), (None, "abc"));
}

#[test]
fn a_policy_cannot_break_the_framing_of_a_stream() {
    let backend = Backend::plain();
    let policy = "<policies><inbound><set-header name=\"Transfer-Encoding\" exists-action=\"override\"><value>gzip</value></set-header></inbound>\
                  <backend><forward-request /></backend><outbound><set-header name=\"Content-Length\" exists-action=\"override\">\
                  <value>99</value></set-header></outbound><on-error /></policies>";
    let gateway = Start::with(one_api(&backend).policy(PolicyScope::Global, policy)).run();
    let mut client = gateway.connect();
    client.send(b"POST /a/x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody");
    let reply = client.reply(false);
    assert_eq!((reply.header("content-length"), reply.text().as_str(), reply.whole), (Some("2"), "ok", true));
    let seen = &backend.seen()[0];
    assert_eq!((seen.header("transfer-encoding"), seen.body.as_slice()), (None, &b"body"[..]));
    assert_eq!(client.get("/a/again").status, 200);
}

/// Inbound throws the client's body away: by a body of its own, or by answering at once.
fn throwing_away(inbound: &str) -> String {
    format!(
        "<policies><inbound>{inbound}</inbound><backend><forward-request /></backend><outbound /><on-error /></policies>"
    )
}

#[test]
fn a_replaced_body_in_its_own_segment_costs_no_reply() {
    // Slow, so that the client's body comes while the exchange waits for its head and for its body.
    let backend = Backend::start(|mut exchange, record| {
        while let Some(request) = exchange.request() {
            record(&request);
            std::thread::sleep(Duration::from_millis(150));
            exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
            std::thread::sleep(Duration::from_millis(150));
            exchange.send("world");
        }
    });
    let policy = throwing_away("<set-body>mine</set-body>");
    let gateway = Start::with(one_api(&backend).policy(PolicyScope::Global, &policy)).run();
    let mut client = gateway.connect();
    for _ in 0..2 {
        client.send(b"POST /a/x HTTP/1.1\r\nHost: h\r\nContent-Length: 8\r\n\r\n");
        std::thread::sleep(Duration::from_millis(50));
        client.send(b"fore");
        std::thread::sleep(Duration::from_millis(200));
        client.send(b"most");
        let reply = client.reply(false);
        assert_eq!((reply.status, reply.text().as_str(), reply.whole), (200, "helloworld", true));
    }
    assert_eq!(client.get("/a/again").status, 200);
    assert!(backend.seen()[..2].iter().all(|request| request.body == b"mine"));
    assert!(gateway.log_lines(3).iter().all(|line| line["status"] == 200));
}

#[test]
fn a_large_slow_body_that_nobody_reads_costs_no_reply() {
    let backend = Backend::plain();
    for inbound in ["<set-body>mine</set-body>", r#"<return-response><set-status code="403" /></return-response>"#] {
        let gateway = Start::with(one_api(&backend).policy(PolicyScope::Global, &throwing_away(inbound))).run();
        let mut client = gateway.connect();
        let (pieces, piece) = (40, vec![b'x'; 100_000]);
        client.send(
            format!("POST /a/x HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", pieces * piece.len()).as_bytes(),
        );
        for _ in 0..pieces {
            // A client that sends all before it reads anything: a reset in between would end it here.
            client.send(&piece);
            std::thread::sleep(Duration::from_millis(20));
        }
        let reply = client.reply(false);
        assert!(reply.whole && matches!(reply.status, 200 | 403), "{inbound}: {}", reply.status);
        assert_eq!(reply.header("connection"), Some("close"));
        let mut rest = Vec::new();
        // A clean end, not a reset.
        assert_eq!(std::io::Read::read_to_end(&mut client.stream, &mut rest).unwrap(), 0);
    }
}

#[test]
fn requests_sent_ahead_never_cost_the_replies_before_them() {
    let backend = Backend::start(|mut exchange, record| {
        while let Some(request) = exchange.request() {
            record(&request);
            std::thread::sleep(Duration::from_millis(100));
            exchange.send(&format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}",
                request.path.len(),
                request.path
            ));
        }
    });
    let gateway = Start::with(one_api(&backend)).run();
    let mut client = gateway.connect();
    // Each in a segment of its own, while the one before is under way.
    for path in 1..=4 {
        client.send(format!("GET /a/{path} HTTP/1.1\r\nHost: h\r\n\r\n").as_bytes());
        std::thread::sleep(Duration::from_millis(30));
    }
    for path in 1..=4 {
        assert_eq!(client.reply(false).text(), format!("/{path}"));
    }
    // A head in two parts, and more requests than one read of the guard takes.
    let many: String =
        (0..200).map(|n| format!("GET /a/{n} HTTP/1.1\r\nHost: h\r\nX-Pad: {}\r\n\r\n", "x".repeat(100))).collect();
    let (first, second) = many.split_at(150);
    client.send(first.as_bytes());
    std::thread::sleep(Duration::from_millis(50));
    client.send(second.as_bytes());
    for n in 0..10 {
        assert_eq!(client.reply(false).text(), format!("/{n}"));
    }
    // The last reply on a connection: what was sent ahead is read away, not answered with a reset.
    let mut last = gateway.connect();
    last.send(b"GET /a/last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    last.send(many.as_bytes());
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(last.reply(false).text(), "/last");
    let mut rest = Vec::new();
    assert_eq!(std::io::Read::read_to_end(&mut last.stream, &mut rest).unwrap(), 0);
}
