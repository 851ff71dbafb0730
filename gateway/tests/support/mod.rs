//! A real gateway between scripted peers on 127.0.0.1, for the tests beside this folder. Raw sockets on both sides, because
//! what is tested is often what a well-behaved library would never send.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::string_slice,
    reason = "every test file uses a part of it, and cuts texts it knows"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use config_model::testkit::Builder;
use config_model::{Bundle, backup};
use tempfile::TempDir;

pub const WAIT: Duration = Duration::from_secs(15);

/// A running gateway.
pub struct Gateway {
    child: Child,
    pub http: SocketAddr,
    pub https: Option<SocketAddr>,
    pub admin: SocketAddr,
    pub folder: TempDir,
    output: Arc<Mutex<String>>,
}

/// How to start one.
#[derive(Default)]
pub struct Start {
    pub snapshot: Option<Bundle>,
    pub socket: Option<PathBuf>,
    pub backup: Option<PathBuf>,
    pub settings: Vec<String>,
}

impl Start {
    pub fn with(builder: Builder) -> Self {
        Self { snapshot: Some(builder.bundle()), ..Self::default() }
    }

    pub fn set(mut self, assignment: &str) -> Self {
        self.settings.push(assignment.to_owned());
        self
    }

    pub fn socket(mut self, path: &Path) -> Self {
        self.socket = Some(path.to_owned());
        self
    }

    pub fn backup(mut self, path: &Path) -> Self {
        self.backup = Some(path.to_owned());
        self
    }

    pub fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatewright-gateway"));
        command.args(["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--exit-with-stdin"]);
        command.arg("--status-file").arg(folder.join("status.json"));
        command.args(["--set", "telemetry.logs.std=json", "--set", "gatewright.workers=2"]);
        if let Some(bundle) = &self.snapshot {
            let path = folder.join("start.snapshot");
            let mut bytes = Vec::new();
            backup::write(bundle, &mut bytes).unwrap();
            std::fs::write(&path, bytes).unwrap();
            command.arg("--snapshot").arg(path);
        }
        if let Some(socket) = &self.socket {
            command.arg("--socket").arg(socket);
        }
        if let Some(backup) = &self.backup {
            command.arg("--backup").arg(backup);
        }
        for assignment in &self.settings {
            command.args(["--set", assignment]);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn run(self) -> Gateway {
        let folder = tempfile::tempdir().unwrap();
        let mut child = self.command(folder.path()).spawn().unwrap();
        let output = Arc::new(Mutex::new(String::new()));
        collect(child.stdout.take().unwrap(), &output);
        collect(child.stderr.take().unwrap(), &output);
        let status = folder.path().join("status.json");
        until("the gateway listens", || {
            if let Some(code) = child.try_wait().unwrap() {
                panic!("the gateway ended with {code}: {}", output.lock().unwrap());
            }
            status.exists()
        });
        let value: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&status).unwrap()).unwrap();
        let address = |name: &str| value[name].as_str().map(|text| text.parse().unwrap());
        Gateway {
            child,
            http: address("http").unwrap(),
            https: address("https"),
            admin: address("admin").unwrap(),
            folder,
            output,
        }
    }
}

fn collect(from: impl Read + Send + 'static, into: &Arc<Mutex<String>>) {
    let into = Arc::clone(into);
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let mut text = into.lock().unwrap();
            text.push_str(&line);
            text.push('\n');
        }
    });
}

/// Waits until something is true.
pub fn until(what: &str, mut is: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is() {
        assert!(start.elapsed() < WAIT, "waited too long until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

impl Gateway {
    pub fn output(&self) -> String {
        self.output.lock().unwrap().clone()
    }

    /// Access-log lines, once there are so many.
    pub fn log_lines(&self, count: usize) -> Vec<serde_json::Value> {
        let read = || -> Vec<serde_json::Value> {
            let lines = self.output();
            let values = lines.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
            values.filter(|value| value["event"] == "request").collect()
        };
        until("the access log has its lines", || read().len() >= count);
        read()
    }

    pub fn connect(&self) -> Client {
        Client::connect(self.http)
    }

    pub fn get(&self, path: &str) -> Reply {
        self.connect().get(path)
    }

    /// Sends a whole request on a connection of its own.
    pub fn ask(&self, text: &str) -> Reply {
        let mut client = self.connect();
        client.send(text.as_bytes());
        client.reply(text.starts_with("HEAD "))
    }

    pub fn metrics(&self) -> String {
        Client::connect(self.admin).get("/metrics").text()
    }

    /// The value of a series, labels and all.
    pub fn metric(&self, series: &str) -> f64 {
        let text = self.metrics();
        let line = text.lines().find(|line| line.starts_with(series) && line[series.len()..].starts_with(' '));
        line.map_or(0.0, |line| line[series.len()..].trim().parse().unwrap())
    }

    pub fn signal(&self, name: &str) {
        assert!(Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap().success());
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn close_stdin(&mut self) {
        drop(self.child.stdin.take());
    }

    pub fn wait(&mut self) -> ExitStatus {
        let mut status = None;
        until("the gateway has ended", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- the gateway said:\n{}", self.output());
        }
    }
}

/// A client on one connection.
pub struct Client {
    pub stream: BufReader<TcpStream>,
}

/// A reply as it came.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    pub status: u16,
    pub reason: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The body ended as its framing says.
    pub whole: bool,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Client {
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(WAIT)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream) }
    }

    pub fn send(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).unwrap();
    }

    pub fn get(&mut self, path: &str) -> Reply {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes());
        self.reply(false)
    }

    /// Reads a reply; a body that is cut short gives `whole: false`.
    pub fn reply(&mut self, to_head: bool) -> Reply {
        loop {
            let reply = read_message(&mut self.stream, to_head).expect("a reply");
            if reply.status >= 200 {
                return reply;
            }
        }
    }

    pub fn try_reply(&mut self) -> Option<Reply> {
        read_message(&mut self.stream, false)
    }

    /// Whether the connection has been closed by the other side.
    pub fn is_closed(&mut self) -> bool {
        let mut byte = [0; 1];
        matches!(self.stream.read(&mut byte), Ok(0) | Err(_))
    }
}

fn read_line(from: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    let count = from.read_line(&mut line).ok()?;
    (count > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Reads a message; its first line gives status and reason, or method and target.
fn read_message(from: &mut impl BufRead, to_head: bool) -> Option<Reply> {
    let first = read_line(from)?;
    let mut parts = first.splitn(3, ' ');
    let (_, status, reason) = (parts.next(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let mut reply =
        Reply { status: status.parse().unwrap_or(0), reason: reason.to_owned(), whole: true, ..Reply::default() };
    reply.headers = read_headers(from);
    if to_head || reply.status < 200 || matches!(reply.status, 204 | 304) {
        return Some(reply);
    }
    let until_close = reply.header("content-length").is_none() && reply.header("transfer-encoding").is_none();
    (reply.body, reply.whole) = read_body(from, &reply.headers, until_close);
    Some(reply)
}

fn read_headers(from: &mut impl BufRead) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    while let Some(line) = read_line(from).filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        headers.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    headers
}

fn read_body(from: &mut impl BufRead, headers: &[(String, String)], until_close: bool) -> (Vec<u8>, bool) {
    let find =
        |name: &str| headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str());
    let mut body = Vec::new();
    if find("transfer-encoding").is_some() {
        loop {
            let Some(line) = read_line(from) else { return (body, false) };
            let Ok(size) = usize::from_str_radix(line.split(';').next().unwrap(), 16) else { return (body, false) };
            let mut chunk = vec![0; size];
            let mut filled = 0;
            while filled < size {
                match from.read(&mut chunk[filled..]) {
                    Ok(0) | Err(_) => {
                        body.extend_from_slice(&chunk[..filled]);
                        return (body, false);
                    }
                    Ok(count) => filled += count,
                }
            }
            body.extend_from_slice(&chunk);
            if read_line(from).is_none() {
                return (body, false);
            }
            if size == 0 {
                return (body, true);
            }
        }
    }
    if until_close {
        let whole = from.read_to_end(&mut body).is_ok();
        return (body, whole);
    }
    let length: usize = find("content-length").map_or(0, |text| text.parse().unwrap());
    let _ = from.take(length as u64).read_to_end(&mut body);
    let whole = body.len() == length;
    (body, whole)
}

/// A request that a backend received.
#[derive(Debug, Clone, Default)]
pub struct Received {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Number of the connection it came on.
    pub connection: usize,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// The backend's end of a connection.
pub struct Exchange {
    pub stream: BufReader<TcpStream>,
    pub connection: usize,
}

impl Exchange {
    /// The next request's head.
    pub fn head(&mut self) -> Option<Received> {
        let first = read_line(&mut self.stream)?;
        let mut parts = first.split(' ');
        let (method, path) = (parts.next().unwrap().to_owned(), parts.next().unwrap_or_default().to_owned());
        let headers = read_headers(&mut self.stream);
        Some(Received { method, path, headers, body: Vec::new(), connection: self.connection })
    }

    pub fn body(&mut self, request: &mut Received) -> bool {
        let (body, whole) = read_body(&mut self.stream, &request.headers, false);
        request.body = body;
        whole
    }

    /// The next request, whole.
    pub fn request(&mut self) -> Option<Received> {
        let mut request = self.head()?;
        self.body(&mut request).then_some(request)
    }

    pub fn send(&mut self, text: &str) {
        let _ = self.stream.get_mut().write_all(text.as_bytes());
    }

    pub fn close(self) {
        let _ = self.stream.get_ref().shutdown(std::net::Shutdown::Both);
    }
}

/// A scripted backend: each connection runs the script.
pub struct Backend {
    pub address: SocketAddr,
    pub connections: Arc<AtomicUsize>,
    seen: Arc<Mutex<Vec<Received>>>,
}

impl Backend {
    pub fn start(script: impl Fn(Exchange, &dyn Fn(&Received)) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, seen, script) =
            (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())), Arc::new(script));
        let backend = Self { address, connections: Arc::clone(&connections), seen: Arc::clone(&seen) };
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                stream.set_nodelay(true).unwrap();
                stream.set_read_timeout(Some(WAIT)).unwrap();
                let connection = connections.fetch_add(1, Ordering::SeqCst);
                let (seen, script) = (Arc::clone(&seen), Arc::clone(&script));
                std::thread::spawn(move || {
                    let record = |request: &Received| seen.lock().unwrap().push(request.clone());
                    script(Exchange { stream: BufReader::new(stream), connection }, &record);
                });
            }
        });
        backend
    }

    /// Answers every request with what the function says.
    pub fn answering(answer: impl Fn(&Received) -> String + Send + Sync + 'static) -> Self {
        Self::start(move |mut exchange, record| {
            while let Some(request) = exchange.request() {
                record(&request);
                exchange.send(&answer(&request));
            }
        })
    }

    /// Answers `ok`.
    pub fn plain() -> Self {
        Self::answering(|_| "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".to_owned())
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn seen(&self) -> Vec<Received> {
        self.seen.lock().unwrap().clone()
    }
}

/// One API `a` in front of a backend.
pub fn one_api(backend: &Backend) -> Builder {
    Builder::new().api(config_model::testkit::api("a", "a", &backend.url()))
}

/// A global policy that only has the given backend section.
pub fn backend_policy(text: &str) -> String {
    format!("<policies><inbound /><backend>{text}</backend><outbound /><on-error /></policies>")
}

/// A certificate of `localhost` that nobody else signed: its file, and that of its key.
pub fn certificate(folder: &Path) -> (String, String) {
    use openssl::{asn1::Asn1Time, hash::MessageDigest, pkey::PKey, rsa::Rsa, x509};
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let mut name = x509::X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "localhost").unwrap();
    let name = name.build();
    let mut builder = x509::X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(1).unwrap()).unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    let (certificate, private) = (folder.join("tls.pem"), folder.join("tls.key"));
    std::fs::write(&certificate, builder.build().to_pem().unwrap()).unwrap();
    std::fs::write(&private, key.private_key_to_pem_pkcs8().unwrap()).unwrap();
    (certificate.display().to_string(), private.display().to_string())
}
