//! The services behind the example configuration: catalog, orders and people, answered from memory.
//!
//! A demo, yet an honest HTTP/1.1 server: keep-alive, bounded heads and bodies, one thread a connection, loopback only.
//! `demo-backend [PORT]`, 7070 by default; 0 takes a free one. The first line of output tells the address. Replies show the headers
//! that the gateway added, so that policies can be watched.
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

const MAX_HEAD: usize = 32 * 1024;
const MAX_BODY: usize = 1024 * 1024;
const IDLE: Duration = Duration::from_secs(75);

struct Request {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

struct Reply {
    status: &'static str,
    body: Option<Value>,
}

fn main() -> Result<()> {
    let port = std::env::args().nth(1).unwrap_or_else(|| "7070".into());
    let port: u16 = port.parse().with_context(|| format!("port `{port}` is not a number up to 65535"))?;
    let listener =
        TcpListener::bind(("127.0.0.1", port)).with_context(|| format!("cannot listen on 127.0.0.1:{port}"))?;
    // Whoever does not read the address must not end the services.
    let _ = writeln!(std::io::stdout(), "demo-backend: serving on http://{}", listener.local_addr()?);
    for stream in listener.incoming().flatten() {
        std::thread::spawn(move || drop(serve(stream)));
    }
    Ok(())
}

fn serve(mut stream: TcpStream) -> Result<()> {
    stream.set_read_timeout(Some(IDLE))?;
    stream.set_nodelay(true)?;
    let mut buffer = Vec::new();
    while let Some(request) = read_request(&mut stream, &mut buffer)? {
        let reply = answer(&request);
        let body = reply.body.map(|b| b.to_string()).unwrap_or_default();
        let content = match body.as_str() {
            "" => String::new(),
            text => format!("Content-Type: application/json\r\nContent-Length: {}\r\n", text.len()),
        };
        let head = format!(
            "HTTP/1.1 {}\r\nServer: demo-backend\r\nX-Powered-By: Alpine Supply\r\n{content}\r\n",
            reply.status
        );
        stream.write_all(head.as_bytes())?;
        if request.method != "HEAD" {
            stream.write_all(body.as_bytes())?;
        }
    }
    Ok(())
}

/// Reads one request; what follows it stays in `buffer`. `None` when the peer closed between requests.
fn read_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<Option<Request>> {
    loop {
        let mut headers = [httparse::EMPTY_HEADER; 100];
        let mut head = httparse::Request::new(&mut headers);
        if let httparse::Status::Complete(length) = head.parse(buffer)? {
            let target = head.path.unwrap_or("/").to_owned();
            let (path, query) = target.split_once('?').unwrap_or((&target, ""));
            let text = |v: &[u8]| String::from_utf8_lossy(v).into_owned();
            let mut request = Request {
                method: head.method.unwrap_or("GET").to_owned(),
                path: path.to_owned(),
                query: query.to_owned(),
                headers: head.headers.iter().map(|h| (h.name.to_ascii_lowercase(), text(h.value))).collect(),
                body: Vec::new(),
            };
            buffer.drain(..length);
            request.body = read_body(stream, buffer, &request)?;
            return Ok(Some(request));
        }
        if buffer.len() > MAX_HEAD {
            bail!("request head is too long");
        }
        if fill(stream, buffer)? == 0 {
            return Ok(None);
        }
    }
}

fn read_body(stream: &mut TcpStream, buffer: &mut Vec<u8>, request: &Request) -> Result<Vec<u8>> {
    if request.header("transfer-encoding").is_some() {
        return read_chunks(stream, buffer);
    }
    let length: usize = request.header("content-length").map_or(Ok(0), str::parse)?;
    take(stream, buffer, length)
}

fn read_chunks(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        match httparse::parse_chunk_size(buffer).map_err(|_| anyhow::anyhow!("bad chunk"))? {
            httparse::Status::Partial => {
                if fill(stream, buffer)? == 0 {
                    bail!("the peer closed inside a chunk");
                }
            }
            httparse::Status::Complete((start, size)) => {
                buffer.drain(..start);
                let size = usize::try_from(size)?;
                if body.len().saturating_add(size) > MAX_BODY {
                    bail!("request body is too long");
                }
                body.extend(take(stream, buffer, size)?);
                take(stream, buffer, 2)?;
                if size == 0 {
                    return Ok(body);
                }
            }
        }
    }
}

fn take(stream: &mut TcpStream, buffer: &mut Vec<u8>, length: usize) -> Result<Vec<u8>> {
    if length > MAX_BODY {
        bail!("request body is too long");
    }
    while buffer.len() < length {
        if fill(stream, buffer)? == 0 {
            bail!("the peer closed inside a body");
        }
    }
    Ok(buffer.drain(..length).collect())
}

fn fill(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<usize> {
    let mut chunk = [0; 16 * 1024];
    let count = stream.read(&mut chunk)?;
    buffer.extend(chunk.iter().take(count));
    Ok(count)
}

impl Request {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// A parameter of the query, decoded where it is plain text.
    fn parameter(&self, name: &str) -> Option<String> {
        let pair = self.query.split('&').filter_map(|p| p.split_once('=')).find(|(n, _)| *n == name);
        pair.map(|(_, value)| value.replace("%20", " ").to_ascii_lowercase())
    }

    /// What the gateway added, for the reader of the reply.
    fn seen(&self) -> Value {
        let shown = ["x-correlation-id", "x-alpine-environment", "x-partner-id", "x-user", "x-gateway"];
        shown.iter().filter_map(|n| self.header(n).map(|v| ((*n).to_owned(), json!(v)))).collect()
    }
}

fn items() -> Vec<Value> {
    vec![
        json!({ "sku": "rope-60", "name": "Climbing rope 60 m", "price": 189.0, "category": "climbing" }),
        json!({ "sku": "tent-2", "name": "Tent for two", "price": 349.5, "category": "camping" }),
        json!({ "sku": "stove-1", "name": "Gas stove", "price": 79.9, "category": "camping" }),
    ]
}

/// The items that `q` and `category` ask for.
fn found(request: &Request) -> Vec<Value> {
    let (q, category) = (request.parameter("q"), request.parameter("category"));
    let holds = |item: &Value, name: &str, text: &str| {
        item.get(name).and_then(Value::as_str).is_some_and(|value| value.to_ascii_lowercase().contains(text))
    };
    let fits = |item: &Value| {
        q.as_deref().is_none_or(|text| holds(item, "name", text) || holds(item, "sku", text))
            && category.as_deref().is_none_or(|text| holds(item, "category", text))
    };
    items().into_iter().filter(fits).collect()
}

fn answer(request: &Request) -> Reply {
    let ok = |body| Reply { status: "200 OK", body: Some(body) };
    let not_found =
        || Reply { status: "404 Not Found", body: Some(json!({ "error": "not found", "path": request.path })) };
    let parts: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    match (request.method.as_str(), parts.as_slice()) {
        ("GET", ["catalog-service", "items"]) => {
            ok(json!({ "items": found(request), "query": request.query, "seen": request.seen() }))
        }
        ("GET", ["catalog-service", "items", sku]) => match items().into_iter().find(|i| i["sku"] == *sku) {
            Some(item) => ok(item),
            None => not_found(),
        },
        ("GET", ["orders-service"]) => {
            ok(json!({ "orders": [ { "id": "1001", "total": 189.0 } ], "seen": request.seen() }))
        }
        ("POST", ["orders-service"]) => {
            let order: Value = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
            Reply { status: "201 Created", body: Some(json!({ "id": "1002", "order": order, "seen": request.seen() })) }
        }
        ("GET", ["orders-service", id]) => ok(json!({ "id": id, "total": 189.0, "seen": request.seen() })),
        ("DELETE", ["orders-service", _]) => Reply { status: "204 No Content", body: None },
        ("GET", ["people-service", "employees"]) => ok(
            json!({ "employees": [ { "id": "7", "name": "Ada" }, { "id": "9", "name": "Grace" } ], "seen": request.seen() }),
        ),
        ("GET", ["people-service", "employees", id]) => ok(json!({ "id": id, "name": "Ada", "seen": request.seen() })),
        _ => not_found(),
    }
}
