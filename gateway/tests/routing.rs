//! Routes, keys, products and default errors through a real gateway.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed expectation is the failure of the test"
)]

mod support;

use std::sync::Arc;

use config_model::{Api, Entity, PolicyScope, SubscriptionScope, VersionSet, VersioningScheme, testkit};
use support::{Backend, Start, backend_policy, one_api};

#[test]
fn not_found_is_byte_exact_and_the_log_says_why() {
    let backend = Backend::plain();
    let api = Api {
        operations: vec![testkit::operation("get", "GET", "/items/{id}")],
        ..testkit::api("a", "a", &backend.url())
    };
    let gateway = Start::with(testkit::Builder::new().api(api)).run();
    for path in ["/nowhere?subscription-key=secret-in-query", "/a/things"] {
        let reply = gateway.get(path);
        assert_eq!(reply.status, 404);
        assert_eq!(reply.text(), r#"{ "statusCode": 404, "message": "Resource not found" }"#);
        assert_eq!(
            (reply.header("content-type"), reply.header("content-length")),
            (Some("application/json"), Some("54"))
        );
    }
    assert_eq!(gateway.ask("DELETE /a/items/7 HTTP/1.1\r\nHost: h\r\n\r\n").status, 404);
    assert_eq!(gateway.get("/a/items/7").status, 200);
    let lines = gateway.log_lines(4);
    let details: Vec<&str> = lines.iter().filter_map(|line| line["detail"].as_str()).collect();
    assert!(details.contains(&"no API path begins like this"), "{details:?}");
    assert!(details.contains(&"the API `a` has no operation with this path"), "{details:?}");
    assert!(details.contains(&"the API `a` has this path for GET only"), "{details:?}");
    assert!(lines.iter().filter(|line| line["status"] == 404).all(|line| line["reason"] == "OperationNotFound"));
    assert!(!gateway.output().contains("secret-in-query"));
}

#[test]
fn keys_open_and_close() {
    let backend = Backend::plain();
    let api = Api { subscription_required: true, ..testkit::api("a", "a", &backend.url()) };
    let snapshot = testkit::Builder::new().api(api).product("gold", true, &["a"]).subscription(
        "s",
        SubscriptionScope::Product("gold".into()),
        "key-of-gold-1",
    );
    let gateway = Start::with(snapshot).run();
    let with = |head: &str| gateway.ask(&format!("GET /a/x{head}\r\n\r\n"));
    let missing = with(" HTTP/1.1\r\nHost: api.example:8443");
    assert_eq!((missing.status, missing.header("content-length")), (401, Some("152")));
    assert_eq!(
        missing.header("www-authenticate"),
        Some(
            "AzureApiManagementKey realm=\"http://api.example:8443/a\",name=\"Ocp-Apim-Subscription-Key\",type=\"header\""
        )
    );
    let wrong = with(" HTTP/1.1\r\nHost: h\r\nOcp-Apim-Subscription-Key: nope");
    assert_eq!(wrong.status, 401);
    assert!(wrong.text().contains("invalid subscription key"));
    assert_eq!(with(" HTTP/1.1\r\nHost: h\r\nOcp-Apim-Subscription-Key: key-of-gold-1").status, 200);
    assert_eq!(with("?subscription-key=key-of-gold-1 HTTP/1.1\r\nHost: h").status, 200);
    assert_eq!(
        with("?subscription-key=key-of-gold-1 HTTP/1.1\r\nHost: h\r\nOcp-Apim-Subscription-Key: nope").status,
        401
    );
    let lines = gateway.log_lines(5);
    let good = lines.iter().find(|line| line["status"] == 200).unwrap();
    assert_eq!((&good["product"], &good["subscription"]), (&"gold".into(), &"s".into()));
    assert!(!gateway.output().contains("key-of-gold-1"), "keys are in no log");
}

#[test]
fn versions_and_revisions_lead_to_their_api() {
    let old = Backend::answering(|_| "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nold".to_owned());
    let new = Backend::answering(|_| "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnew".to_owned());
    let set = VersionSet { id: "vs".into(), scheme: VersioningScheme::Segment, ..VersionSet::default() };
    let version = |id: &str, version: &str, backend: &Backend| Api {
        version: Some(version.into()),
        version_set: Some("vs".into()),
        ..testkit::api(id, "v", &backend.url())
    };
    let revision = Api {
        id: "v1;rev=2".into(),
        root: "v1".into(),
        revision: "2".into(),
        is_current: false,
        ..version("v1", "v1", &new)
    };
    let snapshot = testkit::Builder::new()
        .with(Entity::VersionSet(Arc::new(set)))
        .api(version("v1", "v1", &old))
        .api(version("v2", "v2", &new))
        .api(revision);
    let gateway = Start::with(snapshot).run();
    assert_eq!(gateway.get("/v/v1/x").text(), "old");
    assert_eq!(gateway.get("/v/v2/x?q=1").text(), "new");
    assert_eq!(gateway.get("/v/v1;rev=2/x").text(), "new");
    assert_eq!(gateway.get("/v/x").status, 404);
    assert_eq!(new.seen()[0].path, "/x?q=1");
    assert_eq!(new.seen()[1].path, "/x");
}

#[test]
fn probes_answer_without_a_route_and_without_a_line() {
    let backend = Backend::plain();
    let gateway = Start::with(one_api(&backend)).run();
    for path in ["/status-0123456789abcdef", "/internal-status-0123456789abcdef"] {
        let reply = gateway.get(path);
        assert_eq!((reply.status, reply.body.len()), (200, 0));
    }
    let mut client = gateway.connect();
    client.send(b"HEAD /status-0123456789abcdef HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_eq!(client.reply(true).status, 200);
    assert!(gateway.metrics().contains("gatewright_config_revision_info{revision=\""));
    assert!(backend.seen().is_empty());
}

#[test]
fn policies_run_and_their_faults_are_told() {
    let backend = Backend::plain();
    let policy = "<policies><inbound><set-header name=\"X-P\" exists-action=\"override\"><value>1</value></set-header></inbound>\
                  <backend><forward-request /></backend><outbound><set-status code=\"202\" reason=\"Taken\" /></outbound><on-error /></policies>";
    let snapshot = one_api(&backend).policy(PolicyScope::Global, policy);
    let gateway = Start::with(snapshot).run();
    let reply = gateway.get("/a/x");
    assert_eq!((reply.status, reply.reason.as_str()), (202, "Taken"));
    assert_eq!(backend.seen()[0].header("x-p"), Some("1"));
}

#[test]
fn retried_forwards_use_a_fresh_exchange() {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let backend = Backend::answering(move |_| match count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
        0 | 1 => "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy".to_owned(),
        _ => "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone".to_owned(),
    });
    let retry = "<retry condition=\"@(context.Response.StatusCode == 503)\" count=\"3\" interval=\"0\"><forward-request buffer-request-body=\"true\" /></retry>";
    let snapshot = one_api(&backend).policy(PolicyScope::Global, &backend_policy(retry));
    let gateway = Start::with(snapshot).run();
    let reply = gateway.ask("POST /a/x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody");
    assert_eq!((reply.status, reply.text().as_str()), (200, "done"));
    assert!(backend.seen().iter().all(|request| request.body == b"body"));
    assert_eq!(backend.seen().len(), 3);
}
