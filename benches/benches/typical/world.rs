//! The request that all four see, and what the languages lack: JSON, Base64, HMAC, regular expressions, dates.
use std::collections::HashMap;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use mlua::{Lua, LuaSerdeExt};
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use regex::Regex;
use rhai::Scope;
use serde_json::{Value, json};

use super::NOW_UNIX;

const BODY: &str = r#"{"id":42,"customer":{"name":"Ada","tier":"gold"},"lines":[{"sku":"a","n":2},{"sku":"b","n":5}],"note":"call before delivery"}"#;
pub(super) static ORDERS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^/api/v[0-9]+/orders/[0-9]+$").expect("a pattern"));

/// What a request looks like to hand-written Rust.
pub(crate) struct World {
    pub(super) headers: http::HeaderMap,
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) body: &'static str,
    pub(super) count: i64,
    pub(super) tags: Vec<String>,
    pub(super) regions: HashMap<String, String>,
}

pub(super) fn hmac(key: &str, text: &str) -> String {
    let key = PKey::hmac(key.as_bytes()).expect("a key");
    let mut signer = Signer::new(MessageDigest::sha256(), &key).expect("a signer");
    BASE64_STANDARD.encode(signer.sign_oneshot_to_vec(text.as_bytes()).expect("a signature"))
}

pub(super) fn unbase64(text: &str) -> String {
    String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).unwrap_or_default()).unwrap_or_default()
}

pub(super) fn date(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).expect("a time").strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

pub(super) fn header<'w>(world: &'w World, name: &str) -> Option<&'w str> {
    world.headers.get(name).and_then(|v| v.to_str().ok())
}

fn token() -> String {
    let part = |v: Value| BASE64_URL_SAFE_NO_PAD.encode(v.to_string());
    let claims = json!({"iss": "https://login.example/", "sub": "ada", "aud": "orders", "exp": 2_000_000_000, "scp": "orders.read orders.write"});
    format!("{}.{}.c2ln", part(json!({"alg": "RS256", "typ": "JWT"})), part(claims))
}

fn regions() -> Value {
    json!({"eu": "https://eu.example", "us": "https://us.example", "ap": "https://ap.example"})
}

pub(super) fn context() -> Value {
    json!({
        "request": {
            "method": "GET", "url": "https://backend.example/api/v2/orders/42?page=2",
            "headers": {"X-Tenant": ["contoso"], "Authorization": [format!("Bearer {}", token())], "Accept": ["application/json"], "User-Agent": ["bench"]},
            "body": BODY,
        },
        "variables": {
            "count": {"type": "int", "value": 7},
            "tags": {"type": "string[]", "value": ["red", "xl", "wool", "new"]},
            "regions": {"type": "dictionary<string,string>", "value": regions()},
        },
    })
}

pub(super) fn world() -> World {
    let mut headers = http::HeaderMap::new();
    for (name, value) in [("x-tenant", "contoso"), ("accept", "application/json"), ("user-agent", "bench")] {
        headers.insert(name, http::HeaderValue::from_static(value));
    }
    headers.insert("authorization", format!("Bearer {}", token()).parse().expect("a header"));
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    World {
        headers,
        method: "GET",
        path: "/api/v2/orders/42",
        body: BODY,
        count: 7,
        tags: ["red", "xl", "wool", "new"].map(str::to_owned).into(),
        regions: regions().as_object().expect("an object").iter().map(|(k, v)| (k.clone(), text(v))).collect(),
    }
}

/// The request as both scripting languages see it.
fn script_world() -> Value {
    json!({
        "headers": {"x-tenant": "contoso", "authorization": format!("Bearer {}", token()), "accept": "application/json", "user-agent": "bench"},
        "variables": {"count": 7, "tags": ["red", "xl", "wool", "new"], "regions": regions()},
        "method": "GET", "path": "/api/v2/orders/42", "body": BODY, "now": NOW_UNIX,
    })
}

pub(super) fn lua() -> mlua::Result<Lua> {
    let lua = Lua::new();
    let globals = lua.globals();
    for (name, value) in script_world().as_object().expect("an object") {
        globals.set(name.as_str(), lua.to_value(value)?)?;
    }
    let parse = |lua: &Lua, text: String| lua.to_value(&serde_json::from_str::<Value>(&text).unwrap_or_default());
    globals.set("json", lua.create_function(parse)?)?;
    globals.set("unbase64", lua.create_function(|_, text: String| Ok(unbase64(&text)))?)?;
    globals.set("hmac", lua.create_function(|_, (key, text): (String, String)| Ok(hmac(&key, &text)))?)?;
    Ok(lua)
}

pub(super) fn rhai() -> (rhai::Engine, Scope<'static>) {
    let mut engine = rhai::Engine::new();
    engine.register_fn("json", |text: &str| {
        rhai::serde::to_dynamic(serde_json::from_str::<Value>(text).unwrap_or_default()).unwrap_or_default()
    });
    engine.register_fn("unbase64", unbase64);
    engine.register_fn("hmac", hmac);
    engine.register_fn("matches", |text: &str| ORDERS.is_match(text));
    engine.register_fn("date", date);
    engine.register_fn("pad_start", |n: &mut rhai::ImmutableString, _: rhai::ImmutableString| {
        *n = format!("{n:0>3}").into()
    });
    let mut scope = Scope::new();
    for (name, value) in script_world().as_object().expect("an object") {
        scope.push_constant_dynamic(name.as_str(), rhai::serde::to_dynamic(value).expect("a value"));
    }
    (engine, scope)
}
