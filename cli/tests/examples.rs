//! The example folders: one is clean and answers as its README calls promise, the other shows every kind of mistake.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on is to fail loudly"
)]

mod support;

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use support::{Backend, Dev, Reply, call, copy_example, gatewright, get, text};

/// The signing key in the example's named value `jwt-signing-key`.
const SIGNING_KEY: &str = "YWxwaW5lLXN1cHBseS1kZW1vLXNpZ25pbmcta2V5LTE=";

#[test]
fn the_company_is_clean_in_every_form() {
    let plain = gatewright(&["check", "examples/alpine-supply", "--deny-warnings"]);
    assert_eq!(text(&plain.stdout), "0 errors and 0 warnings in 13 documents with 21 expressions\n");
    assert!(plain.status.success());
    let json = gatewright(&["check", "examples/alpine-supply", "--format", "json"]);
    let summary: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(summary, json!({ "summary": { "documents": 13, "expressions": 21, "errors": 0, "warnings": 0 } }));
    let sarif = gatewright(&["check", "examples/alpine-supply", "--format", "sarif"]);
    let sarif: Value = serde_json::from_slice(&sarif.stdout).unwrap();
    assert_eq!(sarif["runs"][0]["results"], json!([]));
}

#[test]
fn every_mistake_is_shown_with_its_place_and_a_way_out() {
    let plain = gatewright(&["check", "examples/broken"]);
    assert_eq!(plain.status.code(), Some(1));
    insta::assert_snapshot!("broken", text(&plain.stdout));
    // What is meant must be found whatever the wording: place and rule.
    let json = gatewright(&["check", "examples/broken", "--format", "json"]);
    assert_eq!(json.status.code(), Some(1));
    let lines: Vec<Value> = text(&json.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (summary, findings) = lines.split_last().unwrap();
    assert_eq!(summary["summary"]["errors"], 8);
    assert_eq!(summary["summary"]["warnings"], 1);
    let keys = ["path", "line", "column", "end_line", "end_column", "severity", "code", "message", "help"];
    for finding in findings {
        assert_eq!(finding.as_object().unwrap().keys().collect::<Vec<_>>(), keys);
    }
    let orders = "examples/broken/apis/orders/policy.xml";
    for (path, line, column, said) in [
        ("examples/broken/apis/orders/apiInformation.json", 2, 44, "path"),
        (orders, 5, 42, "orders-secondary"),
        (orders, 6, 10, "set-headers"),
        (orders, 9, 44, "tenant-name"),
        (orders, 10, 10, "forward-request"),
        (orders, 15, 32, "StatusCode"),
        (orders, 16, 35, "two hundred"),
        ("examples/broken/policy fragments/audit/policy.xml", 3, 34, "Hedders"),
        ("examples/broken/products/starter/productInformation.json", 0, 0, "ghost"),
    ] {
        let found = findings.iter().find(|f| f["path"] == path && f["line"] == line);
        let found = found.unwrap_or_else(|| panic!("nothing at {path}:{line}"));
        assert_eq!(found["column"], column, "{found}");
        assert!(found["message"].as_str().unwrap().contains(said), "{found}");
    }
    let sarif = gatewright(&["check", "examples/broken", "--format", "sarif"]);
    assert_eq!(sarif.status.code(), Some(1));
    let sarif: Value = serde_json::from_slice(&sarif.stdout).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), findings.len());
}

#[test]
fn dev_refuses_the_broken_folder_with_the_same_findings() {
    let dev = gatewright(&["dev", "examples/broken", "--listen", "127.0.0.1:0"]);
    let said = text(&dev.stderr);
    assert_eq!(dev.status.code(), Some(1), "{said}");
    assert!(said.contains("examples/broken/apis/orders/policy.xml:6:10: error[GW0301]"), "{said}");
    assert!(said.contains("`examples/broken` is refused: 8 errors to mend first"), "{said}");
}

/// One server for all calls, in the order in which a newcomer would try them.
struct Company {
    dev: Dev,
    _backend: Backend,
    _folder: tempfile::TempDir,
}

impl Company {
    fn start() -> Company {
        let (backend, folder) = (Backend::start(), tempfile::tempdir().unwrap());
        copy_example("alpine-supply", folder.path(), backend.address);
        let dev = Dev::start(folder.path(), &[]);
        Company { dev, _backend: backend, _folder: folder }
    }

    fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        call(self.dev.http, method, path, headers, body).unwrap()
    }
}

const STARTER: (&str, &str) = ("Ocp-Apim-Subscription-Key", "starter-demo-key");
const PARTNER: (&str, &str) = ("Ocp-Apim-Subscription-Key", "partner-demo-key");

#[test]
fn the_company_answers() {
    let company = Company::start();
    assert_eq!(get(company.dev.http, "/status").json()["state"], "green");

    let refused = get(company.dev.http, "/catalog/v2/items");
    assert_eq!((refused.status, refused.header("content-type")), (401, Some("application/problem+json")));
    assert_eq!(refused.json()["title"], "SubscriptionKeyNotFound");

    let page = company.call("GET", "/catalog/v2/items?page=3", &[PARTNER], "");
    assert_eq!((page.status, &page.json()["query"]), (200, &json!("offset=50&limit=25")));
    assert_eq!(page.json()["seen"]["x-partner-id"], "partner-demo");
    assert!(page.header("x-correlation-id").is_some() && page.header("x-powered-by").is_none(), "{page:?}");

    let old = company.call("GET", "/catalog/v1/items/rope-60", &[PARTNER], "");
    assert_eq!((old.json()["sku"].as_str(), old.header("deprecation")), (Some("rope-60"), Some("1798675200")));

    let found = company.call("POST", "/catalog/v2/search", &[PARTNER], r#"{"text": "rope"}"#);
    assert_eq!(found.json(), json!({ "count": 1, "matches": ["rope-60"] }));
    for empty in [r#"{"text": " "}"#, "{}", ""] {
        assert_eq!(company.call("POST", "/catalog/v2/search", &[PARTNER], empty).status, 400, "{empty}");
    }

    let key = ("X-Api-Key", "partner-demo-key");
    let as_json = ("Content-Type", "application/json");
    let order = r#"{"lines":[{"sku":"rope-60","price":189.0,"quantity":2}]}"#;
    let placed = company.call("POST", "/orders", &[key, as_json], order);
    assert_eq!((placed.status, &placed.json()["order"]["total"]), (201, &json!(378.0)));
    assert_eq!(placed.json()["seen"]["x-alpine-environment"], "demo");
    let no_json = company.call("POST", "/orders", &[key, ("Content-Type", "text/plain")], order);
    assert_eq!((no_json.status, &no_json.json()["source"]), (415, &json!("check-header")));
    let no_lines = company.call("POST", "/orders", &[key, as_json], "{}");
    assert_eq!((no_lines.status, &no_lines.json()["source"]), (500, &json!("set-body")));

    assert_eq!(company.call("DELETE", "/orders/1001", &[key], "").status, 204);
    let starter = company.call("DELETE", "/orders/1001", &[("X-Api-Key", "starter-demo-key")], "");
    assert_eq!((starter.status, &starter.json()["error"]), (403, &json!("only partners may cancel orders")));
    assert_eq!(get(company.dev.http, "/nowhere").status, 404);
}

#[test]
fn the_company_limits_and_shares() {
    let company = Company::start();
    let origin = ("Origin", "https://shop.alpine-supply.example");
    let ask = [origin, ("Access-Control-Request-Method", "GET"), ("Access-Control-Request-Headers", "content-type")];
    let preflight = company.call("OPTIONS", "/catalog/v2/items", &ask, "");
    assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (200, Some(origin.1)));
    assert_eq!(preflight.header("access-control-max-age"), Some("300"));
    let strange = [("Origin", "https://elsewhere.example"), ask[1], ask[2]];
    let strange = company.call("OPTIONS", "/catalog/v2/items", &strange, "");
    assert_eq!(strange.header("access-control-allow-origin"), None);

    let replies: Vec<Reply> =
        (0..12).map(|_| company.call("GET", "/catalog/v2/items", &[STARTER, origin], "")).collect();
    let statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    assert_eq!(statuses, [vec![200; 10], vec![429; 2]].concat());
    assert_eq!(replies[0].header("x-ratelimit-remaining"), Some("9"));
    assert_eq!(replies[0].header("access-control-allow-origin"), Some(origin.1));
    let wait: u32 = replies[10].header("retry-after").unwrap().parse().unwrap();
    assert!((1..=30).contains(&wait), "{wait}");
    assert_eq!(
        company.call("GET", "/catalog/v2/items", &[PARTNER], "").status,
        200,
        "others have a limit of their own"
    );
}

/// A token as the people directory would issue it.
fn token(role: &str, expires_in: i64, key: &[u8]) -> String {
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
    let claims = json!({
        "iss": "https://login.alpine-supply.example", "aud": "people", "sub": "ada", "role": role, "exp": now + expires_in,
    });
    let part = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(json!({ "alg": "HS256", "typ": "JWT" })), part(claims));
    let key = openssl::pkey::PKey::hmac(key).unwrap();
    let mut signer = openssl::sign::Signer::new(openssl::hash::MessageDigest::sha256(), &key).unwrap();
    let signature = signer.sign_oneshot_to_vec(signed.as_bytes()).unwrap();
    format!("Bearer {signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

#[test]
fn the_people_need_a_token() {
    let company = Company::start();
    let key = BASE64_STANDARD.decode(SIGNING_KEY).unwrap();
    let ask = |token: &str| company.call("GET", "/internal/people/employees", &[("Authorization", token)], "");
    let good = ask(&token("hr", 600, &key));
    assert_eq!(good.status, 200);
    let seen = &good.json()["seen"];
    assert_eq!((&seen["x-user"], &seen["x-gateway"]), (&json!("ada"), &json!("gatewright")));
    assert_eq!(ask(&token("manager", 600, &key)).status, 200);
    for (token, title) in [
        (token("intern", 600, &key), "TokenClaimValueNotAllowed"),
        (token("hr", -900, &key), "TokenExpired"),
        (token("hr", 600, &[7; 32]), "TokenSignatureInvalid"),
    ] {
        let refused = ask(&token);
        assert_eq!((refused.status, &refused.json()["title"]), (401, &json!(title)));
    }
    assert_eq!(get(company.dev.http, "/internal/people/employees").json()["title"], "TokenNotPresent");
}
