//! Memory at rest. The bars are those of a release build on a quiet machine (`docs/performance.md`); here the program's own
//! memory, without its code, has ceilings wide enough for a debug build and too low for huge pages, or for certificates read without need.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a failed expectation is the failure of the test"
)]

mod support;

use config_model::PolicyScope;
use config_model::testkit::{self, Builder};
use support::{Gateway, Start, until};

/// Measured: 6 MB.
const ONE_API: u64 = 9_000;
/// Measured: 12 MB. What an API more may cost is seen here.
const MANY_APIS: u64 = 18_000;
const MANY: usize = 200;

const POLICY: &str = r#"<policies><inbound><base /><set-header name="X-Caller" exists-action="override">
    <value>@(context.Subscription?.Id + "/" + context.Request.Headers.GetValueOrDefault("User-Agent", "none"))</value></set-header>
    <set-header name="X-Number" exists-action="override"><value>NUMBER</value></set-header><rewrite-uri template="/stored" /></inbound>
    <backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>"#;

/// A line of the kernel's status file of the gateway.
fn status(gateway: &Gateway, name: &str) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{}/status", gateway.pid())).unwrap();
    let line = text.lines().find(|line| line.starts_with(name))?;
    line[name.len()..].trim_start_matches(':').split_whitespace().next()?.parse().ok()
}

fn settled(gateway: &Gateway) -> u64 {
    until("there is something to serve", || gateway.get("/status-0123456789abcdef").status == 200);
    status(gateway, "RssAnon").unwrap()
}

#[test]
fn a_gateway_at_rest_is_small() {
    let gateway = Start::with(Builder::new().api(testkit::api("a", "a", "http://127.0.0.1:1"))).run();
    let kilobytes = settled(&gateway);
    assert!(kilobytes < ONE_API, "{kilobytes} kB");
    // Kernels before 5.0 do not say.
    assert_eq!(status(&gateway, "THP_enabled").unwrap_or(0), 0);
}

#[test]
fn apis_cost_little() {
    let add = |builder: Builder, number: usize| {
        let id = format!("a{number}");
        builder
            .api(testkit::api(&id, &id, "http://127.0.0.1:1"))
            .policy(PolicyScope::Api(id.as_str().into()), &POLICY.replace("NUMBER", &number.to_string()))
    };
    let gateway = Start::with((0..MANY).fold(Builder::new(), add)).run();
    let kilobytes = settled(&gateway);
    assert!(kilobytes < MANY_APIS, "{kilobytes} kB");
}
