//! Twelve typical expressions beside the same logic in Rust by hand, in Lua (`mlua`) and in `rhai`, in one run: time first, then
//! allocations of one evaluation. Every engine is compiled beforehand, sees the same request, and calls the same Rust functions for
//! what its language lacks (JSON, Base64, HMAC, regular expressions). All four must give the same answer before anything is measured.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a bench that cannot start or disagrees should stop"
)]

use std::alloc::System;
use std::collections::HashMap;
use std::hint::black_box;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use criterion::{BenchmarkId, Criterion};
use mlua::{Lua, LuaSerdeExt};
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use policy_engine::eval::{Prepared, Surroundings};
use regex::Regex;
use rhai::{AST, Dynamic, Scope};
use serde_json::{Value, json};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// 2024-05-06T07:08:09Z, for everybody.
const NOW_TICKS: i64 = 638_505_760_890_000_000;
const NOW_UNIX: i64 = 1_714_979_289;
const BODY: &str = r#"{"id":42,"customer":{"name":"Ada","tier":"gold"},"lines":[{"sku":"a","n":2},{"sku":"b","n":5}],"note":"call before delivery"}"#;
static ORDERS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^/api/v[0-9]+/orders/[0-9]+$").expect("a pattern"));

/// One case in four languages.
struct Case {
    name: &'static str,
    policy: &'static str,
    rust: fn(&World) -> String,
    lua: &'static str,
    rhai: &'static str,
}

/// What a request looks like to hand-written Rust.
struct World {
    headers: http::HeaderMap,
    method: &'static str,
    path: &'static str,
    body: &'static str,
    count: i64,
    tags: Vec<String>,
    regions: HashMap<String, String>,
}

fn hmac(key: &str, text: &str) -> String {
    let key = PKey::hmac(key.as_bytes()).expect("a key");
    let mut signer = Signer::new(MessageDigest::sha256(), &key).expect("a signer");
    BASE64_STANDARD.encode(signer.sign_oneshot_to_vec(text.as_bytes()).expect("a signature"))
}

fn unbase64(text: &str) -> String {
    String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).unwrap_or_default()).unwrap_or_default()
}

fn date(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).expect("a time").strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn header<'w>(world: &'w World, name: &str) -> Option<&'w str> {
    world.headers.get(name).and_then(|v| v.to_str().ok())
}

const BLOCK_POLICY: &str = r#"@{
    var path = context.Request.Url.Path;
    var parts = path.Split('/');
    var total = 0;
    var name = "";
    for (int i = 0; i < parts.Length; i++)
    {
        var part = parts[i];
        if (part.Length == 0)
        {
            continue;
        }
        if (part == "api")
        {
            name = "a";
        }
        else if (part.StartsWith("v"))
        {
            name = name + "-" + part;
        }
        else
        {
            total += part.Length;
        }
    }
    var weight = 1;
    for (int i = 0; i < 20; i++)
    {
        weight = (weight * 31 + total + i) % 1000;
    }
    var limit = weight > 500 ? "high" : "low";
    return name + ":" + total + ":" + weight + ":" + limit;
}"#;

const BLOCK_LUA: &str = r#"
    local total, name = 0, ""
    for part in string.gmatch(path, "[^/]+") do
        if part == "api" then name = "a"
        elseif string.sub(part, 1, 1) == "v" then name = name .. "-" .. part
        else total = total + #part end
    end
    local weight = 1
    for i = 0, 19 do weight = (weight * 31 + total + i) % 1000 end
    local limit = "low"
    if weight > 500 then limit = "high" end
    return name .. ":" .. total .. ":" .. weight .. ":" .. limit
"#;

const BLOCK_RHAI: &str = r#"
    let total = 0; let name = "";
    for part in path.split("/") {
        if part.len() == 0 { continue; }
        if part == "api" { name = "a"; }
        else if part.starts_with("v") { name = name + "-" + part; }
        else { total += part.len(); }
    }
    let weight = 1;
    for i in 0..20 { weight = (weight * 31 + total + i) % 1000; }
    let limit = if weight > 500 { "high" } else { "low" };
    name + ":" + total + ":" + weight + ":" + limit
"#;

fn block(world: &World) -> String {
    let (mut total, mut name) = (0, String::new());
    for part in world.path.split('/').filter(|p| !p.is_empty()) {
        if part == "api" {
            name = "a".to_owned();
        } else if part.starts_with('v') {
            name = format!("{name}-{part}");
        } else {
            total += part.len();
        }
    }
    let weight = (0..20).fold(1, |weight, i| (weight * 31 + total + i) % 1000);
    let limit = if weight > 500 { "high" } else { "low" };
    format!("{name}:{total}:{weight}:{limit}")
}

const CASES: &[Case] = &[
    Case {
        name: "header with default",
        policy: r#"@(context.Request.Headers.GetValueOrDefault("X-Tenant", "none"))"#,
        rust: |w| header(w, "X-Tenant").unwrap_or("none").to_owned(),
        lua: r#"return headers["x-tenant"] or "none""#,
        rhai: r#"headers["x-tenant"] ?? "none""#,
    },
    Case {
        name: "string concat",
        policy: r#"@(context.Request.Method + " " + context.Request.Url.Path + "!")"#,
        rust: |w| [w.method, " ", w.path, "!"].concat(),
        lua: r#"return method .. " " .. path .. "!""#,
        rhai: r#"method + " " + path + "!""#,
    },
    Case {
        name: "ternary over a variable",
        policy: r#"@(context.Variables.GetValueOrDefault<int>("count") > 3 ? "big" : "small")"#,
        rust: |w| if w.count > 3 { "big".to_owned() } else { "small".to_owned() },
        lua: r#"if variables.count > 3 then return "big" else return "small" end"#,
        rhai: r#"if variables.count > 3 { "big" } else { "small" }"#,
    },
    Case {
        name: "JObject body field",
        policy: r#"@((string)context.Request.Body.As<JObject>(preserveContent: true)["customer"]["name"])"#,
        rust: |w| {
            let body: Value = serde_json::from_str(w.body).unwrap_or_default();
            body["customer"]["name"].as_str().unwrap_or_default().to_owned()
        },
        lua: r#"return json(body).customer.name"#,
        rhai: r#"json(body).customer.name"#,
    },
    Case {
        name: "JWT claim",
        policy: r#"@(context.Request.Headers.GetValueOrDefault("Authorization", "").Substring(7).AsJwt()?.Claims.GetValueOrDefault("sub", ""))"#,
        rust: |w| {
            let token = header(w, "Authorization").and_then(|h| h.get(7..)).unwrap_or_default();
            let claims = unbase64(token.split('.').nth(1).unwrap_or_default());
            let claims: Value = serde_json::from_str(&claims).unwrap_or_default();
            claims["sub"].as_str().unwrap_or_default().to_owned()
        },
        lua: r#"local _, claims = string.match(string.sub(headers["authorization"], 8), "([^.]+)%.([^.]+)"); return json(unbase64(claims)).sub or """#,
        rhai: r#"let token = headers["authorization"].sub_string(7); json(unbase64(token.split(".")[1])).sub ?? """#,
    },
    Case {
        name: "date format",
        policy: r#"@(DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ"))"#,
        rust: |_| date(black_box(NOW_UNIX)),
        lua: r#"return os.date("!%Y-%m-%dT%H:%M:%SZ", now)"#,
        rhai: r#"date(now)"#,
    },
    Case {
        name: "HMAC signature",
        policy: r#"@{ using (var h = new HMACSHA256(Encoding.UTF8.GetBytes("secret"))) { return Convert.ToBase64String(h.ComputeHash(Encoding.UTF8.GetBytes(context.Request.Url.Path))); } }"#,
        rust: |w| hmac("secret", w.path),
        lua: r#"return hmac("secret", path)"#,
        rhai: r#"hmac("secret", path)"#,
    },
    Case {
        name: "regex match",
        policy: r#"@(Regex.IsMatch(context.Request.Url.Path, "^/api/v[0-9]+/orders/[0-9]+$") ? "yes" : "no")"#,
        rust: |w| if ORDERS.is_match(w.path) { "yes".to_owned() } else { "no".to_owned() },
        lua: r#"if string.find(path, "^/api/v[0-9]+/orders/[0-9]+$") then return "yes" else return "no" end"#,
        rhai: r#"if matches(path) { "yes" } else { "no" }"#,
    },
    Case {
        name: "LINQ over an array",
        policy: r#"@(string.Join(",", ((string[])context.Variables["tags"]).Where(t => t.Length > 2).Select(t => t.ToUpperInvariant())))"#,
        rust: |w| {
            let all: Vec<String> = w.tags.iter().filter(|t| t.len() > 2).map(|t| t.to_uppercase()).collect();
            all.join(",")
        },
        lua: r#"local out = {} for _, t in ipairs(variables.tags) do if #t > 2 then out[#out + 1] = string.upper(t) end end return table.concat(out, ",")"#,
        rhai: r#"let out = ""; for t in variables.tags.filter(|t| t.len() > 2).map(|t| t.to_upper()) { if out != "" { out += ","; } out += t; } out"#,
    },
    Case {
        name: "interpolation",
        policy: r#"@($"{context.Request.Method}:{context.Variables.GetValueOrDefault<int>("count"):000}:{context.Request.Url.Path}")"#,
        rust: |w| format!("{}:{:03}:{}", w.method, w.count, w.path),
        lua: r#"return string.format("%s:%03d:%s", method, variables.count, path)"#,
        rhai: r#"let n = variables.count.to_string(); n.pad_start(n); `${method}:${n}:${path}`"#,
    },
    Case {
        name: "dictionary lookup",
        policy: r#"@(((Dictionary<string, string>)context.Variables["regions"])["eu"])"#,
        rust: |w| w.regions.get("eu").cloned().unwrap_or_default(),
        lua: r#"return variables.regions["eu"]"#,
        rhai: r#"variables.regions["eu"]"#,
    },
    Case { name: "30-line block", policy: BLOCK_POLICY, rust: block, lua: BLOCK_LUA, rhai: BLOCK_RHAI },
];

fn token() -> String {
    let part = |v: Value| BASE64_URL_SAFE_NO_PAD.encode(v.to_string());
    let claims = json!({"iss": "https://login.example/", "sub": "ada", "aud": "orders", "exp": 2_000_000_000, "scp": "orders.read orders.write"});
    format!("{}.{}.c2ln", part(json!({"alg": "RS256", "typ": "JWT"})), part(claims))
}

fn regions() -> Value {
    json!({"eu": "https://eu.example", "us": "https://us.example", "ap": "https://ap.example"})
}

fn context() -> Value {
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

fn world() -> World {
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

fn lua() -> mlua::Result<Lua> {
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

fn rhai() -> (rhai::Engine, Scope<'static>) {
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

fn text(value: &dotnet::Value) -> String {
    value.as_str().map(str::to_owned).unwrap_or_default()
}

/// A case, ready in all four.
struct Ready {
    case: &'static Case,
    policy: Prepared,
    lua: mlua::Function,
    rhai: AST,
}

fn allocations<T>(run: impl FnOnce() -> T) -> usize {
    let region = Region::new(ALLOCATOR);
    black_box(run());
    let change = region.change();
    change.allocations + change.reallocations
}

fn main() {
    let (ticks, mut random) = (|| NOW_TICKS, || 4);
    let mut around = Surroundings { utc_ticks: &ticks, random: &mut random };
    let (world, context) = (world(), context());
    let lua = lua().expect("Lua");
    let (engine, mut scope) = rhai();
    let prepare = |case: &'static Case, around: &mut Surroundings<'_>| Ready {
        case,
        policy: Prepared::new(case.policy, &context, around)
            .unwrap_or_else(|answer| panic!("{}: {answer:?}", case.name)),
        lua: lua.load(case.lua).into_function().expect(case.name),
        rhai: engine.compile_with_scope(&scope, case.rhai).expect(case.name),
    };
    let mut all: Vec<Ready> = CASES.iter().map(|case| prepare(case, &mut around)).collect();
    let mut counted = Vec::new();
    for r in &mut all {
        let name = r.case.name;
        let want = (r.case.rust)(&world);
        let mark = scope.len();
        for _ in 0..3 {
            let value = r.policy.run(&mut around).expect(name);
            assert_eq!(text(&value), want, "{name}");
            assert_eq!(r.lua.call::<String>(()).expect(name), want, "{name} in Lua");
            assert_eq!(
                engine.eval_ast_with_scope::<Dynamic>(&mut scope, &r.rhai).expect(name).to_string(),
                want,
                "{name} in rhai"
            );
            scope.rewind(mark);
        }
        let of_policy = allocations(|| r.policy.run(&mut around).is_ok());
        let of_rust = allocations(|| (r.case.rust)(&world));
        let of_lua = allocations(|| r.lua.call::<mlua::Value>(()).is_ok());
        let of_rhai = allocations(|| engine.eval_ast_with_scope::<Dynamic>(&mut scope, &r.rhai).is_ok());
        scope.rewind(mark);
        counted.push((name, [of_policy, of_rust, of_lua, of_rhai]));
    }
    let mut c = Criterion::default().configure_from_args();
    for r in &mut all {
        let mut group = c.benchmark_group(r.case.name);
        let mark = scope.len();
        group.bench_function(BenchmarkId::from_parameter("policy"), |b| b.iter(|| r.policy.run(&mut around).is_ok()));
        group.bench_function(BenchmarkId::from_parameter("rust"), |b| b.iter(|| (r.case.rust)(black_box(&world))));
        group.bench_function(BenchmarkId::from_parameter("lua"), |b| b.iter(|| r.lua.call::<mlua::Value>(()).is_ok()));
        group.bench_function(BenchmarkId::from_parameter("rhai"), |b| {
            b.iter(|| {
                let done = engine.eval_ast_with_scope::<Dynamic>(&mut scope, &r.rhai).is_ok();
                scope.rewind(mark);
                done
            });
        });
        group.finish();
    }
    c.bench_function("compile 1,000 expressions", |b| {
        let texts: Vec<String> = (0..1000).map(|n| format!("@(context.Request.Headers.GetValueOrDefault(\"X-{n}\", \"{n}\").Length > {n} ? \"a\" : $\"{{context.Api.Id}}-{n}\")")).collect();
        b.iter(|| texts.iter().filter(|t| Prepared::new(t, &Value::Null, &mut around).is_ok()).count());
    });
    c.final_summary();
    eprintln!("\nallocations of one evaluation      policy   rust    lua   rhai");
    for (name, [policy, rust, lua, rhai]) in counted {
        eprintln!("{name:<34} {policy:>6} {rust:>6} {lua:>6} {rhai:>6}");
    }
}
