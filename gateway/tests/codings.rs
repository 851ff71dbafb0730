//! Compressed bodies on the wire: decoded for what reads them, passed on byte for byte otherwise.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed expectation is the failure of the test"
)]

mod support;

use std::io::Write;

use config_model::PolicyScope;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use support::{Backend, Gateway, Start, one_api};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut out = ZlibEncoder::new(Vec::new(), Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut out, &brotli::enc::BrotliEncoderParams::default()).unwrap();
    out
}

/// A backend that answers with a body in a coding.
fn answering(coding: &'static str, body: Vec<u8>) -> Backend {
    Backend::start(move |mut exchange, record| {
        while let Some(request) = exchange.request() {
            record(&request);
            let length = body.len();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {length}\r\n\r\n");
            exchange.send(&head);
            exchange.stream.get_mut().write_all(&body).unwrap();
        }
    })
}

fn gateway(backend: &Backend, inbound: &str, outbound: &str) -> Gateway {
    let text = format!(
        "<policies><inbound>{inbound}</inbound><backend><forward-request /></backend><outbound>{outbound}</outbound></policies>"
    );
    Start::with(one_api(backend).policy(PolicyScope::Global, &text)).run()
}

fn post(coding: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head =
        format!("POST /a/x HTTP/1.1\r\nHost: h\r\nContent-Encoding: {coding}\r\nContent-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

#[test]
fn responses_are_decoded_for_what_reads_them() {
    let text = r#"{"name":"Ann"}"#;
    let both = brotli(&gzip(text.as_bytes()));
    let outbound = r#"<set-header name="X-Name"><value>@(context.Response.Body.As<JObject>(true).Value<string>("name"))</value></set-header>
        <find-and-replace from="Ann" to="Bob" />"#;
    for (coding, body) in [
        ("gzip", gzip(text.as_bytes())),
        ("deflate", deflate(text.as_bytes())),
        ("br", brotli(text.as_bytes())),
        ("gzip, br", both),
    ] {
        let backend = answering(coding, body);
        let reply = gateway(&backend, "", outbound).get("/a/x");
        assert_eq!((reply.status, reply.text().as_str(), reply.whole), (200, r#"{"name":"Bob"}"#, true), "{coding}");
        let wanted = (Some("Ann"), None, Some("14"));
        let found = (reply.header("x-name"), reply.header("content-encoding"), reply.header("content-length"));
        assert_eq!(found, wanted, "{coding}");
    }
}

#[test]
fn requests_are_decoded_for_what_reads_them() {
    let backend = Backend::plain();
    let inbound = r#"<set-header name="X-Name"><value>@(context.Request.Body.As<JObject>(true).Value<string>("name"))</value></set-header>"#;
    let gateway = gateway(&backend, inbound, "");
    let mut client = gateway.connect();
    client.send(&post("gzip", &gzip(br#"{"name":"Ann"}"#)));
    assert_eq!(client.reply(false).status, 200);
    let seen = &backend.seen()[0];
    assert_eq!(seen.body, br#"{"name":"Ann"}"#);
    let found = (seen.header("x-name"), seen.header("content-encoding"), seen.header("content-length"));
    assert_eq!(found, (Some("Ann"), None, Some("14")));
}

#[test]
fn bodies_that_nothing_reads_pass_byte_for_byte() {
    let body = gzip(b"untouched");
    let backend = answering("gzip", body.clone());
    // The second chain holds both bodies, and reads neither of them.
    let reads = r#"<choose><when condition="@(context.Request.Method == "PUT")"><set-body>@(context.MESSAGE.Body.As<string>())</set-body></when></choose>"#;
    let (inbound, outbound) = (reads.replace("MESSAGE", "Request"), reads.replace("MESSAGE", "Response"));
    for (inbound, outbound) in [("", ""), (&*inbound, &*outbound)] {
        let gateway = gateway(&backend, inbound, outbound);
        let mut client = gateway.connect();
        client.send(&post("gzip", &body));
        let reply = client.reply(false);
        assert_eq!((reply.header("content-encoding"), &reply.body), (Some("gzip"), &body));
        let seen = backend.seen().pop().unwrap();
        assert_eq!((seen.header("content-encoding"), &seen.body), (Some("gzip"), &body));
    }
}

#[test]
fn what_cannot_be_decoded_is_an_answer_not_a_hang() {
    let backend = Backend::plain();
    let inbound = r#"<set-variable name="v" value="@(context.Request.Body.As<string>(true))" />"#;
    let gateway = gateway(&backend, inbound, "");
    let mut client = gateway.connect();
    client.send(&post("gzip", b"no such thing"));
    assert_eq!(client.reply(false).status, 500);
    let bomb = gzip(&vec![0; policy_engine::MAX_HELD_BODY + 1]);
    client.send(&post("gzip", &bomb));
    let reply = client.reply(false);
    assert_eq!((reply.status, reply.text().contains("Request body is too large")), (413, true));
    client.send(&post("exi", b"as it is"));
    assert_eq!(client.reply(false).status, 200);
    assert_eq!(backend.seen().len(), 1);
    assert_eq!(
        (backend.seen()[0].header("content-encoding"), &*backend.seen()[0].body),
        (Some("exi"), &b"as it is"[..])
    );
    let lines = gateway.log_lines(3);
    let reasons: Vec<_> = lines.iter().map(|line| line["reason"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(reasons[1], "RequestBodyTooLarge", "{lines:?}");
}

#[test]
fn services_that_policies_ask_may_compress() {
    let service = answering("br", brotli(br#"{"token":"t1"}"#));
    let inbound = format!(
        r#"<send-request mode="new" response-variable-name="r"><set-url>{}/token</set-url></send-request>
        <set-header name="X-Token"><value>@(((IResponse)context.Variables["r"]).Body.As<JObject>().Value<string>("token"))</value></set-header>"#,
        service.url()
    );
    let backend = Backend::plain();
    assert_eq!(gateway(&backend, &inbound, "").get("/a/x").status, 200);
    assert_eq!(backend.seen()[0].header("x-token"), Some("t1"));
}
