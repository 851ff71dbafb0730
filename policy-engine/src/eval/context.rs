//! Fills the state of an evaluation from JSON.
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use config_model::{
    Api, ApiId, Group, GroupId, Operation, OperationId, Product, ProductId, ProductState, Protocol, Secret, Snapshot,
    Subscription, SubscriptionId, SubscriptionKeyNames, User, UserId, UserIdentity,
};
use dotnet::collections::{array, dictionary, list};
use dotnet::{Ambient, Type, Value};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Map, Value as Json};

use crate::run::{Base, Body, Client, Deployment, EvalState, Facts, LastError, OriginalUrl, Request, Response, Target};

const DEFAULT_URL: &str = "https://gateway.example.org/";
const DEFAULT_TIMESTAMP: &str = "2024-01-01T00:00:00Z";
const TICKS_PER_MS: f64 = 10_000.0;

/// A state like the one a request has. `now` is the clock's reading; `timestamp` and `elapsed_ms` are laid so that they end there
/// unless a timestamp is given.
pub(super) fn read(context: &Json, now: i64, cx: &mut dyn Ambient) -> Result<EvalState, String> {
    let empty = Map::new();
    let root = match context {
        Json::Null => &empty,
        Json::Object(map) => map,
        _ => return Err("the context must be a JSON object".into()),
    };
    let mut snapshot = Snapshot::default();
    let mut state = EvalState::default();
    let request = object(root, "request").unwrap_or(&empty);
    read_request(request, &mut state)?;
    state.response = object(root, "response").map(read_response).transpose()?;
    state.facts = read_facts(root, &mut snapshot)?;
    state.facts.snapshot = Arc::new(snapshot);
    state.last_error = object(root, "last_error").map(read_last_error);
    state.request_id = match string(root, "request_id") {
        Some(text) => guid(&text).ok_or_else(|| format!("`{text}` is not a guid"))?,
        None => [0; 16],
    };
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a request")]
    let elapsed = (root.get("elapsed_ms").and_then(Json::as_f64).unwrap_or(0.0) * TICKS_PER_MS) as i64;
    state.received = match string(root, "timestamp") {
        Some(text) => date(cx, &text)?.ticks,
        None if root.contains_key("elapsed_ms") => now.saturating_sub(elapsed),
        None => date(cx, DEFAULT_TIMESTAMP)?.ticks,
    };
    state.elapsed = Some(elapsed);
    state.tracing = flag(root, "tracing");
    if let Some(variables) = object(root, "variables") {
        for (name, described) in variables {
            let described = described
                .as_object()
                .ok_or_else(|| format!("variable `{name}` must be an object with `type` and `value`"))?;
            let value = variable(described, &mut state, cx).map_err(|e| format!("variable `{name}`: {e}"))?;
            state.variables.set(&Arc::from(name.as_str()), value);
        }
    }
    Ok(state)
}

fn object<'a>(map: &'a Map<String, Json>, name: &str) -> Option<&'a Map<String, Json>> {
    map.get(name).and_then(Json::as_object)
}

fn string(map: &Map<String, Json>, name: &str) -> Option<String> {
    map.get(name).and_then(Json::as_str).map(str::to_owned)
}

fn text(map: &Map<String, Json>, name: &str) -> String {
    string(map, name).unwrap_or_default()
}

fn flag(map: &Map<String, Json>, name: &str) -> bool {
    map.get(name).and_then(Json::as_bool).unwrap_or(false)
}

fn items<'a>(map: &'a Map<String, Json>, name: &str) -> impl Iterator<Item = &'a Map<String, Json>> {
    map.get(name).and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_object)
}

fn date(cx: &mut dyn Ambient, text: &str) -> Result<dotnet::DateTime, String> {
    crate::context::date(cx, text).map_err(|e| e.message().to_string())
}

fn guid(text: &str) -> Option<[u8; 16]> {
    let hex: String = text.chars().filter(|c| *c != '-').collect();
    let bytes: Vec<u8> = (0..16).map_while(|n| u8::from_str_radix(hex.get(n * 2..n * 2 + 2)?, 16).ok()).collect();
    bytes.try_into().ok()
}

fn read_request(map: &Map<String, Json>, state: &mut EvalState) -> Result<(), String> {
    let url = string(map, "url").unwrap_or_else(|| DEFAULT_URL.into());
    let original = string(map, "original_url").unwrap_or_else(|| url.clone());
    let here = split(&url)?;
    let from = split(&original)?;
    let method = string(map, "method").unwrap_or_else(|| "GET".into());
    state.request = Request {
        method: Method::from_bytes(method.as_bytes()).map_err(|_| format!("`{method}` is not a method"))?,
        target: Target {
            base: Some(Arc::new(Base { path: String::new(), query: String::new(), ..here.clone() })),
            path: here.path,
            query: here.query,
            ..Target::default()
        },
        headers: headers(map)?,
        body: body(map)?,
        ..Request::default()
    };
    state.original =
        OriginalUrl { tls: from.tls, host: from.host, port: from.port, path: from.path, query: from.query };
    let ip = string(map, "ip").unwrap_or_else(|| "127.0.0.1".into());
    state.client =
        Client { ip: Some(ip.parse().map_err(|_| format!("`{ip}` is not an IP address"))?), ..Client::default() };
    let matched = object(map, "matched_parameters").into_iter().flatten();
    state.matched = matched
        .map(|(n, v)| (Arc::from(n.as_str()), v.as_str().map_or_else(|| v.to_string(), str::to_owned)))
        .collect();
    Ok(())
}

/// The parts of a URL; the path keeps at least its slash.
fn split(url: &str) -> Result<Base, String> {
    let mut base = Base::parse(url).map_err(|e| format!("`{url}`: {e}"))?;
    let after_host =
        url.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..))).unwrap_or("/");
    base.path = after_host.split(['?', '#']).next().unwrap_or("/").to_owned();
    Ok(base)
}

fn headers(map: &Map<String, Json>) -> Result<HeaderMap, String> {
    let mut all = HeaderMap::new();
    for (name, values) in object(map, "headers").into_iter().flatten() {
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("`{name}` is not a header name"))?;
        let values = values.as_array().cloned().unwrap_or_else(|| vec![values.clone()]);
        for value in values.iter().filter_map(Json::as_str) {
            let value = HeaderValue::from_bytes(value.as_bytes())
                .map_err(|_| format!("header `{name}` has a value that cannot be sent"))?;
            all.append(header.clone(), value);
        }
    }
    Ok(all)
}

/// A body that is there but empty is a body, too.
fn body(map: &Map<String, Json>) -> Result<Body, String> {
    Ok(match map.get("body") {
        None | Some(Json::Null) => Body::Empty,
        Some(Json::String(text)) => Body::Bytes(Bytes::from(text.clone())),
        Some(Json::Object(coded)) => {
            let raw =
                BASE64_STANDARD.decode(text(coded, "base64")).map_err(|_| "the body is not valid base64".to_owned())?;
            Body::Bytes(raw.into())
        }
        Some(_) => return Err("`body` must be a text, `{\"base64\": ...}` or null".into()),
    })
}

fn read_response(map: &Map<String, Json>) -> Result<Response, String> {
    let status = map.get("status").and_then(Json::as_u64).unwrap_or(200);
    Ok(Response {
        status: u16::try_from(status).map_err(|_| format!("`{status}` is not a status code"))?,
        reason: Some(string(map, "reason").unwrap_or_else(|| "OK".into()).into()),
        headers: headers(map)?,
        body: body(map)?,
    })
}

fn read_last_error(map: &Map<String, Json>) -> LastError {
    let known =
        |name: &str, all: &[&'static str]| string(map, name).and_then(|t| all.iter().find(|k| **k == t).copied());
    LastError {
        source: text(map, "source").into(),
        reason: string(map, "reason").map(Into::into),
        message: text(map, "message").into(),
        scope: known("scope", &["global", "workspace", "product", "api", "operation"]),
        section: known("section", &["inbound", "backend", "outbound", "on-error"]),
        path: string(map, "path").map(Into::into),
        policy_id: string(map, "policy_id").map(Into::into),
        status: 500,
    }
}

fn read_facts(root: &Map<String, Json>, snapshot: &mut Snapshot) -> Result<Facts, String> {
    let empty = Map::new();
    let operation = object(root, "operation").unwrap_or(&empty);
    let deployment = object(root, "deployment").unwrap_or(&empty);
    let subscription = object(root, "subscription");
    Ok(Facts {
        api: Some(Arc::new(read_api(object(root, "api").unwrap_or(&empty)))),
        operation: Some(Arc::new(Operation {
            id: OperationId::new(text(operation, "id")),
            display_name: text(operation, "name"),
            method: text(operation, "method"),
            url_template: text(operation, "url_template"),
            ..Operation::default()
        })),
        product: object(root, "product").map(|p| Arc::new(read_product(p, snapshot))),
        subscription: subscription.map(|s| Arc::new(read_subscription(s))),
        subscription_key: subscription.and_then(|s| string(s, "key")).map(Into::into),
        user: object(root, "user").map(|u| Arc::new(read_user(u, snapshot))),
        deployment: Arc::new(Deployment {
            gateway_id: text(deployment, "gateway_id"),
            region: text(deployment, "region"),
            service_id: text(deployment, "service_id"),
            service_name: text(deployment, "service_name"),
            ..Deployment::default()
        }),
        ..Facts::default()
    })
}

fn read_api(map: &Map<String, Json>) -> Api {
    let names = SubscriptionKeyNames::default();
    let protocol = |p: &Json| match p.as_str()? {
        "http" => Some(Protocol::Http),
        "https" => Some(Protocol::Https),
        "ws" => Some(Protocol::Ws),
        "wss" => Some(Protocol::Wss),
        _ => None,
    };
    Api {
        id: ApiId::new(text(map, "id")),
        display_name: text(map, "name"),
        path: text(map, "path"),
        revision: string(map, "revision").unwrap_or_else(|| "1".into()),
        version: string(map, "version"),
        is_current: map.get("is_current_revision").and_then(Json::as_bool).unwrap_or(true),
        service_url: string(map, "service_url"),
        protocols: map
            .get("protocols")
            .and_then(Json::as_array)
            .map_or_else(|| vec![Protocol::Https], |all| all.iter().filter_map(protocol).collect()),
        subscription_key: SubscriptionKeyNames {
            header: string(map, "subscription_key_header").unwrap_or(names.header),
            query: string(map, "subscription_key_query").unwrap_or(names.query),
        },
        ..Api::default()
    }
}

fn groups(map: &Map<String, Json>, snapshot: &mut Snapshot) -> Vec<GroupId> {
    let add = |group: &Map<String, Json>| {
        let id = GroupId::new(text(group, "id"));
        snapshot.groups.insert(
            id.clone(),
            Arc::new(Group { id: id.clone(), display_name: text(group, "name"), ..Group::default() }),
        );
        id
    };
    items(map, "groups").map(add).collect()
}

fn read_product(map: &Map<String, Json>, snapshot: &mut Snapshot) -> Product {
    let apis: Vec<ApiId> = items(map, "apis")
        .map(|api| {
            let api = read_api(api);
            let id = api.id.clone();
            snapshot.apis.insert(id.clone(), Arc::new(api));
            id
        })
        .collect();
    Product {
        id: ProductId::new(text(map, "id")),
        display_name: text(map, "name"),
        state: if string(map, "state").is_some_and(|s| s == "NotPublished") {
            ProductState::NotPublished
        } else {
            ProductState::Published
        },
        approval_required: flag(map, "approval_required"),
        subscription_required: flag(map, "subscription_required"),
        subscriptions_limit: map.get("subscription_limit").and_then(Json::as_u64).and_then(|n| u32::try_from(n).ok()),
        groups: groups(map, snapshot),
        apis,
        ..Product::default()
    }
}

fn read_subscription(map: &Map<String, Json>) -> Subscription {
    Subscription {
        id: SubscriptionId::new(text(map, "id")),
        display_name: text(map, "name"),
        primary_key: string(map, "primary_key").map(Secret::new),
        secondary_key: string(map, "secondary_key").map(Secret::new),
        created_date: string(map, "created"),
        start_date: string(map, "start"),
        end_date: string(map, "end"),
        ..Subscription::default()
    }
}

fn read_user(map: &Map<String, Json>, snapshot: &mut Snapshot) -> User {
    User {
        id: UserId::new(text(map, "id")),
        email: text(map, "email"),
        first_name: text(map, "first_name"),
        last_name: text(map, "last_name"),
        note: string(map, "note"),
        registration_date: string(map, "registration_date"),
        groups: groups(map, snapshot),
        identities: items(map, "identities")
            .map(|i| UserIdentity { id: text(i, "id"), provider: text(i, "provider") })
            .collect(),
        ..User::default()
    }
}

fn variable(described: &Map<String, Json>, state: &mut EvalState, cx: &mut dyn Ambient) -> Result<Value, String> {
    let kind = text(described, "type");
    let value = described.get("value").unwrap_or(&Json::Null);
    let shown = || value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let bad = || format!("`{}` is not a {kind}", shown());
    let texts = || value.as_array().into_iter().flatten().filter_map(Json::as_str);
    let parse =
        |cx: &mut dyn Ambient, name: &str| crate::context::library(cx, name, "Parse", &mut [Value::str(shown())]);
    let ints = || value.as_array().into_iter().flatten().filter_map(Json::as_i64).filter_map(|n| i32::try_from(n).ok());
    Ok(match kind.as_str() {
        "null" => Value::Null,
        "string" => Value::str(shown()),
        "int" => Value::Int32(value.as_i64().and_then(|n| i32::try_from(n).ok()).ok_or_else(bad)?),
        "long" => Value::Int64(value.as_i64().ok_or_else(bad)?),
        "double" => Value::Double(value.as_f64().ok_or_else(bad)?),
        "decimal" => Value::Decimal(shown().parse().map_err(|_| bad())?),
        "bool" => Value::Bool(value.as_bool().ok_or_else(bad)?),
        "char" => Value::Char(shown().encode_utf16().next().ok_or_else(bad)?),
        "guid" => Value::Guid(guid(&shown()).ok_or_else(bad)?),
        "datetime" => Value::DateTime(date(cx, &shown())?),
        "datetimeoffset" => parse(cx, "System.DateTimeOffset").map_err(|_| bad())?,
        "timespan" => parse(cx, "System.TimeSpan").map_err(|_| bad())?,
        "bytes" => array::from_bytes(BASE64_STANDARD.decode(shown()).map_err(|_| bad())?),
        "json" => dotnet::newtonsoft::parse(cx, &value.to_string()).map_err(|e| e.to_string())?,
        "xml" => dotnet::xml_linq::parse_element(cx, &shown()).map_err(|e| e.to_string())?,
        "string[]" => array::from_strings(texts()),
        "int[]" => array::new_array(Type::INT, ints().map(Value::Int32).collect()),
        "list<string>" => list::new_list(Type::STRING, texts().map(Value::str).collect()),
        "list<int>" => list::new_list(Type::INT, ints().map(Value::Int32).collect()),
        "dictionary<string,string>" => {
            let pairs = value
                .as_object()
                .into_iter()
                .flatten()
                .map(|(k, v)| (Value::str(k.as_str()), Value::str(v.as_str().unwrap_or_default())));
            dictionary::new_dictionary(Type::STRING, Type::STRING, pairs.collect())
        }
        "jwt" => crate::context::jwt::parse(&shown()).ok_or_else(bad)?,
        "response" => {
            let response = read_response(value.as_object().ok_or_else(bad)?)?;
            state.keep_response(response)
        }
        _ => return Err(format!("unknown type `{kind}`")),
    })
}
