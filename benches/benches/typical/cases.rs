//! The twelve expressions, each in C#, Rust by hand, Lua and rhai.
use serde_json::Value;

use super::NOW_UNIX;
use super::world::{ORDERS, World, date, header, hmac, unbase64};
use std::hint::black_box;

/// One case in four languages.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) policy: &'static str,
    pub(crate) rust: fn(&World) -> String,
    pub(crate) lua: &'static str,
    pub(crate) rhai: &'static str,
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

pub(crate) const CASES: &[Case] = &[
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
