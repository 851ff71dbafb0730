//! The cross-check: each fault found, and a sound configuration without findings.

use config_model::{
    testkit::{Builder, api, operation},
    *,
};
use std::sync::Arc;

fn findings(builder: Builder) -> Vec<String> {
    crosscheck(&builder.build())
        .iter()
        .map(|finding| format!("{} {} {}", finding.severity, finding.code, finding.message))
        .collect()
}

/// The one fault.
fn only(builder: Builder) -> String {
    let found = findings(builder);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.concat()
}

fn versioned(id: &str, version: &str) -> Api {
    Api { version: Some(version.into()), version_set: Some("set".into()), ..api(id, "shop", "http://h") }
}

fn set(scheme: VersioningScheme, query_name: Option<&str>) -> Entity {
    let query_name = query_name.map(str::to_owned);
    Entity::VersionSet(Arc::new(VersionSet { id: "set".into(), scheme, query_name, ..VersionSet::default() }))
}

fn pool(members: &[&str]) -> Entity {
    let members = members.iter().map(|id| PoolMember { backend: (*id).into(), ..PoolMember::default() }).collect();
    let pool = Some(Pool { members, ..Pool::default() });
    Entity::Backend(Arc::new(Backend { id: "pool".into(), pool, ..Backend::default() }))
}

#[test]
fn a_sound_configuration_has_no_findings() {
    let builder = Builder::new()
        .with(set(VersioningScheme::Segment, None))
        .api(api("shop", "shop", "http://h"))
        .api(versioned("shop-v1", "v1"))
        .api(versioned("shop-v2", "v2"))
        .api(Api { protocols: vec![Protocol::Wss], ..api("live", "shop", "wss://h") })
        .api(Api { id: "shop;rev=2".into(), is_current: false, ..api("shop", "shop", "http://h") })
        .backend("b1", "https://h:8443/x")
        .product("p", true, &["shop"])
        .subscription("s", SubscriptionScope::Product("p".into()), "k")
        .policy(PolicyScope::Operation("shop".into(), "any-get".into()), "<policies/>");
    assert_eq!(findings(builder), Vec::<String>::new());
}

#[test]
fn clashing_paths_and_versions() {
    let clash = only(Builder::new().api(api("a", "/Shop/", "http://h")).api(api("b", "shop", "http://h")));
    assert_eq!(clash, "error GW1103 APIs `a` and `b` both answer to path `shop`");
    let builder = Builder::new().with(set(VersioningScheme::Segment, None));
    let clash = only(builder.api(versioned("a", "v1")).api(versioned("b", "V1")));
    assert_eq!(clash, "error GW1103 APIs `a` and `b` both answer to path `shop` in version `V1`");
}

#[test]
fn version_sets() {
    assert!(only(Builder::new().api(versioned("a", "v1"))).contains("set `set`, which does not exist"));
    let builder = Builder::new().with(set(VersioningScheme::Query, None));
    assert!(only(builder).contains("`versionQueryName` is missing"));
    assert!(findings(Builder::new().with(set(VersioningScheme::Query, Some("v")))).is_empty());
}

#[test]
fn operations() {
    let with = |operations: Vec<Operation>| Builder::new().api(Api { operations, ..api("a", "a", "http://h") });
    let twice = with(vec![operation("x", "GET", "/p/{a}"), operation("y", "GET", "/P/{b}/")]);
    assert!(only(twice).starts_with("warning GW1104"));
    let by_query = with(vec![operation("x", "GET", "/p?type=a"), operation("y", "GET", "/p?type=b")]);
    assert!(findings(by_query).is_empty());
    assert!(only(with(vec![operation("x", "GET", "/a"), operation("X", "GET", "/b")])).starts_with("error GW1104"));
    assert!(only(with(vec![operation("x", "GET", "/p/{a")])).contains("braces do not pair"));
    assert!(only(with(vec![operation("x", "GET", "p")])).contains("does not start with `/`"));
}

#[test]
fn pools_and_backends() {
    assert_eq!(only(Builder::new().with(pool(&[]))), "error GW1105 pool `pool` has no members");
    assert!(only(Builder::new().with(pool(&["gone"]))).contains("backend `gone`, which does not exist"));
    assert!(only(Builder::new().with(pool(&["pool"]))).contains("pools cannot nest"));
    let many: Vec<_> = std::iter::repeat_n("b", 31).collect();
    assert!(only(Builder::new().backend("b", "http://h").with(pool(&many))).contains("31 members"));
    for (url, problem) in [
        ("", "no URL"),
        ("example.org", "no scheme"),
        ("ftp://h", "scheme is not"),
        ("http:///x", "no host"),
        ("http://a b", "blanks"),
    ] {
        assert!(only(Builder::new().backend("b", url)).contains(problem), "{url}");
    }
}

#[test]
fn subscriptions_and_products() {
    let all = SubscriptionScope::AllApis;
    let shared = Builder::new().subscription("a", all.clone(), "same").subscription("b", all.clone(), "same");
    let found = only(shared);
    assert_eq!(found, "error GW1106 subscriptions `a` and `b` share a key");
    let without = Entity::Subscription(Arc::new(Subscription { id: "s".into(), ..Subscription::default() }));
    assert!(only(Builder::new().with(without)).starts_with("warning GW1110"));
    assert!(only(Builder::new().subscription("a", all, "")).contains("is empty"));
    assert!(only(Builder::new().subscription("a", SubscriptionScope::Api("x".into()), "k")).contains("open nothing"));
    assert!(only(Builder::new().product("p", true, &["x"])).starts_with("warning GW1101"));
    let open = Builder::new().api(api("x", "x", "http://h")).product("p", false, &["x"]).product("q", false, &["x"]);
    assert!(only(open).starts_with("warning GW1108"));
}

#[test]
fn policies_and_named_values() {
    let orphan = Builder::new().policy(PolicyScope::Product("p".into()), "<policies/>");
    assert!(only(orphan).contains("belongs to `products/p`, which does not exist"));
    let value = |id: &str, name: &str| {
        let value = NamedValue { id: id.into(), display_name: name.into(), ..NamedValue::default() };
        Entity::NamedValue(Arc::new(value))
    };
    assert!(only(Builder::new().with(value("a", "Key")).with(value("b", "key"))).starts_with("error GW1006"));
}

#[test]
fn what_backends_ask_for_in_vain() {
    let identity = || Backend {
        id: "b".into(),
        url: Some("https://h".into()),
        credentials: BackendCredentials {
            managed_identity: Some(ManagedIdentity::default()),
            ..BackendCredentials::default()
        },
        ..Backend::default()
    };
    let pinned = || Backend {
        tls: BackendTls { server_certificate_thumbprints: vec!["ab".into()], ..BackendTls::default() },
        credentials: BackendCredentials::default(),
        ..identity()
    };
    let proxied = |url: &str, proxy: &str| Backend {
        url: Some(url.into()),
        proxy: Some(BackendProxy { url: proxy.into(), ..BackendProxy::default() }),
        credentials: BackendCredentials::default(),
        ..identity()
    };
    let with = |backend: Backend| Builder::new().with(Entity::Backend(Arc::new(backend)));
    let used = |builder: Builder, id: &str| {
        builder.policy(PolicyScope::Global, &format!("<set-backend-service backend-id={id} />"))
    };
    for (backend, name) in [(identity(), "managed-identity"), (pinned(), "pinned-certificates")] {
        assert!(only(with(backend.clone())).starts_with("warning GW1008"), "{name}: nothing reaches it");
        assert!(only(used(with(backend.clone()), "\"B\"")).starts_with("error GW1008"), "{name}");
        assert!(only(used(with(backend.clone()), "\"@(context.Api.Id)\"")).starts_with("error GW1008"), "{name}");
        let skipped = used(with(backend), "\"b\"").allow_skip(name);
        assert!(only(skipped).starts_with("warning GW1008"), "{name}: left out on purpose");
    }
    for url in ["http://h", "https://h"] {
        assert!(findings(used(with(proxied(url, "http://p:3128")), "\"b\"")).is_empty(), "{url}");
    }
    assert!(only(with(proxied("http://h", "HTTPS://p"))).contains("over plain http"));
    assert!(only(with(proxied("http://h", "p:3128"))).contains("no scheme"));
    let tied = Pool {
        members: vec![PoolMember { backend: "b".into(), ..PoolMember::default() }],
        session_affinity: Some(SessionAffinity { cookie: "a b".into() }),
        failure_status: None,
    };
    let pool = Backend { id: "p".into(), pool: Some(tied), ..Backend::default() };
    assert!(only(with(pool).backend("b", "http://h")).contains("is not a cookie name"));
}
