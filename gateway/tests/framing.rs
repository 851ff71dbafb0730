//! Strict HTTP/1 in front of the parser: what is refused, with which status, logged and counted; slow clients.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed expectation is the failure of the test"
)]

mod support;

use std::time::{Duration, Instant};

use support::{Backend, Start, one_api, until};

#[test]
fn refusals_are_answered_logged_and_counted() {
    let backend = Backend::plain();
    let gateway = Start::with(one_api(&backend)).run();
    let long = format!("GET /a/{} HTTP/1.1\r\nHost: h\r\n\r\n", "x".repeat(17_000));
    let large = format!("GET /a/x HTTP/1.1\r\nHost: h\r\nX-Big: {}\r\n\r\n", "y".repeat(33_000));
    let many = format!("GET /a/x HTTP/1.1\r\nHost: h\r\n{}\r\n", "X-A: 1\r\n".repeat(100));
    let cases: Vec<(&str, u16, &str)> = vec![
        (&long, 414, "target_too_long"),
        (&large, 431, "headers_too_large"),
        (&many, 431, "too_many_fields"),
        (
            "POST /a/x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
            "length_and_encoding",
        ),
        ("POST /a/x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400, "several_lengths"),
        ("POST /a/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n", 400, "encoding"),
        ("POST /a/x HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "encoding_on_old_version"),
        ("GET /a/x HTTP/1.1\r\nHost: h\r\n folded: 1\r\n\r\n", 400, "obsolete_fold"),
        ("GET /a/x HTTP/1.1\nHost: h\n\n", 400, "bare_line_end"),
        ("GET /a/x HTTP/1.1\r\nHost : h\r\n\r\n", 400, "space_before_colon"),
        ("GET /a\x01 HTTP/1.1\r\nHost: h\r\n\r\n", 400, "request_line_character"),
        ("CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", 405, "connect"),
        ("GET /a/x HTTP/1.1\r\n\r\n", 400, "host"),
    ];
    for (text, status, name) in &cases {
        let mut client = gateway.connect();
        client.send(text.as_bytes());
        let reply = client.reply(false);
        assert_eq!(reply.status, *status, "{name}");
        assert!(reply.text().starts_with(&format!("{{ \"statusCode\": {status}, \"message\": \"")), "{name}");
        assert!(client.is_closed(), "{name}");
        assert_eq!(gateway.metric(&format!("gatewright_framing_refusals_total{{reason=\"{name}\"}}")), 1.0, "{name}");
        until("the refusal is logged", || gateway.output().contains(&format!("\"reason\":\"{name}\"")));
    }
    assert!(backend.seen().is_empty());
    assert_eq!(gateway.get("/a/x").status, 200);
}

#[test]
fn a_second_request_is_judged_like_the_first() {
    let backend = Backend::plain();
    let gateway = Start::with(one_api(&backend)).run();
    let mut client = gateway.connect();
    assert_eq!(client.get("/a/x").status, 200);
    client.send(b"GET /a/x HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n");
    assert_eq!(client.reply(false).status, 400);
    assert!(client.is_closed());
}

#[test]
fn a_head_in_pieces_is_put_together_but_not_waited_for_without_end() {
    let backend = Backend::plain();
    let gateway = Start::with(one_api(&backend)).set("gatewright.client.header-seconds=1").run();
    let mut client = gateway.connect();
    for piece in "GET /a/x HTTP/1.1\r\nHost: h\r\nX-A: 1\r\n\r\n".as_bytes().chunks(5) {
        client.send(piece);
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(client.reply(false).status, 200);
    let start = Instant::now();
    let mut slow = gateway.connect();
    for _ in 0..4 {
        slow.send(b"G");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(slow.reply(false).status, 408);
    assert!(slow.is_closed() && start.elapsed() < Duration::from_secs(4));
    // One that never says anything is closed without a word.
    let mut silent = gateway.connect();
    assert!(silent.is_closed());
}

#[test]
fn idle_connections_end_and_slow_bodies_too() {
    let backend = Backend::plain();
    let gateway = Start::with(one_api(&backend))
        .set("gatewright.client.idle-seconds=1")
        .set("gatewright.client.body-bytes-per-second=1000000")
        .run();
    let mut client = gateway.connect();
    assert_eq!(client.get("/a/x").status, 200);
    let start = Instant::now();
    assert!(client.is_closed());
    assert!(start.elapsed() > Duration::from_millis(500) && start.elapsed() < Duration::from_secs(4));
    let mut slow = gateway.connect();
    slow.send(b"POST /a/x HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nx");
    let reply = slow.reply(false);
    assert_eq!(reply.status, 408);
    assert!(slow.is_closed());
    assert_eq!(gateway.metric("gatewright_framing_refusals_total{reason=\"slow_body\"}"), 1.0);
}

#[test]
fn malformed_chunks_are_refused() {
    let backend = Backend::plain();
    let gateway = Start::with(one_api(&backend)).run();
    let reply =
        gateway.ask("POST /a/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n");
    assert_eq!(reply.status, 400);
    assert!(backend.seen().is_empty());
}
