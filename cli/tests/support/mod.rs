//! What the end-to-end tests share: the programs as child processes whose output can be waited for, and a small HTTP client.
//!
//! Nothing sleeps for a fixed time: every wait is for something, with a deadline. Every port is chosen by the kernel.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests: each file is a program of its own and uses a part; what fails is to fail loudly"
)]
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Nothing that is waited for takes longer, however busy the machine is.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
pub(crate) const READY_PATH: &str = "/status-0123456789abcdef";

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A program of this build. Cargo only builds those of this package for its tests; `cargo build --bins` builds the others.
pub(crate) fn program(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_gatewright")).with_file_name(name);
    assert!(path.is_file(), "`{}` is missing: run `cargo build --workspace --bins` first", path.display());
    path
}

/// Runs `gatewright` to its end, in the root of the project.
pub(crate) fn gatewright(arguments: &[&str]) -> Output {
    Command::new(program("gatewright")).args(arguments).current_dir(root()).stdin(Stdio::null()).output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Polls until there is an answer.
pub(crate) fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Copies a folder, with the demo backend's address in its files replaced.
pub(crate) fn copy_example(name: &str, to: &Path, backend: SocketAddr) {
    fn copy(from: &Path, to: &Path, address: &str) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap().flatten() {
            let (from, to) = (entry.path(), to.join(entry.file_name()));
            if from.is_dir() {
                copy(&from, &to, address);
            } else {
                let text = std::fs::read_to_string(&from).unwrap().replace("127.0.0.1:7070", address);
                std::fs::write(&to, text).unwrap();
            }
        }
    }
    copy(&root().join("examples").join(name), to, &backend.to_string());
}

/// A configuration of one API without keys: `GET /echo` goes to the backend, and the reply's `X-Version` says `version`.
pub(crate) fn write_echo(folder: &Path, backend: SocketAddr, version: &str) {
    let api = folder.join("apis/echo");
    std::fs::create_dir_all(&api).unwrap();
    let information = format!(
        r#"{{"properties": {{"displayName": "Echo", "path": "echo", "protocols": ["http"], "serviceUrl": "http://{backend}/orders-service", "subscriptionRequired": false}}}}"#
    );
    std::fs::write(api.join("apiInformation.json"), information).unwrap();
    let specification = "openapi: 3.0.1\ninfo: { title: Echo, version: '1' }\npaths:\n  /:\n    get: { operationId: list, responses: { '200': { description: ok } } }\n";
    std::fs::write(api.join("specification.yaml"), specification).unwrap();
    write_policy(folder, &versioned(version));
}

/// An API policy whose replies carry a version.
pub(crate) fn versioned(version: &str) -> String {
    format!(
        "<policies>\n    <inbound><base /></inbound>\n    <backend><base /></backend>\n    <outbound>\n        <base />\n        <set-header name=\"X-Version\" exists-action=\"override\"><value>@(\"{version}\".ToString())</value></set-header>\n    </outbound>\n    <on-error><base /></on-error>\n</policies>\n"
    )
}

/// Replaces the API's policy at once, as an editor or a deployment does.
pub(crate) fn write_policy(folder: &Path, text: &str) {
    let (new, path) = (folder.join("apis/echo/policy.new"), folder.join("apis/echo/policy.xml"));
    std::fs::write(&new, text).unwrap();
    std::fs::rename(new, path).unwrap();
}

// === child processes ===

/// A program that runs, and what it has written. Ended when dropped: asked first, so that it can put things away.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) stdin: Option<ChildStdin>,
    written: Arc<(Mutex<String>, Condvar)>,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Running {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let written = Arc::new((Mutex::new(String::new()), Condvar::new()));
        read_lines(child.stdout.take().unwrap(), Arc::clone(&written));
        read_lines(child.stderr.take().unwrap(), Arc::clone(&written));
        let stdin = child.stdin.take();
        Running { child, stdin, written }
    }

    /// All it has written so far, both streams together.
    pub(crate) fn written(&self) -> String {
        self.written.0.lock().unwrap().clone()
    }

    /// Waits for a line that holds the text, and returns it.
    pub(crate) fn wait_for(&self, wanted: &str) -> String {
        let (text, grown) = (&self.written.0, &self.written.1);
        let deadline = Instant::now() + PATIENCE;
        let mut text = text.lock().unwrap();
        loop {
            if let Some(line) = text.lines().find(|line| line.contains(wanted)) {
                return line.to_owned();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let text = text.clone();
                panic!("`{wanted}` was not written, but:\n{text}");
            }
            text = grown.wait_timeout(text, left).unwrap().0;
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        eventually("the program ends", || self.child.try_wait().unwrap())
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let pid = self.child.id();
        let asked = matches!(self.child.try_wait(), Ok(None))
            && Command::new("kill").arg(pid.to_string()).stderr(Stdio::null()).status().is_ok();
        let deadline = Instant::now() + Duration::from_secs(3);
        while asked && matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_lines(stream: impl Read + Send + 'static, written: Arc<(Mutex<String>, Condvar)>) {
    std::thread::spawn(move || {
        let mut lines = BufReader::new(stream);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
            written.0.lock().unwrap().push_str(&String::from_utf8_lossy(&line));
            written.1.notify_all();
            line.clear();
        }
    });
}

pub(crate) fn signal(pid: u32, name: &str) {
    let done = Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]).status().unwrap();
    assert!(done.success());
}

/// State and parent of a process, from `/proc`.
fn stat(pid: u32) -> Option<(char, u32)> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut rest = text.rsplit_once(')')?.1.split_whitespace();
    Some((rest.next()?.chars().next()?, rest.next()?.parse().ok()?))
}

/// True while a process does anything; one that ended and was not collected yet does not count.
pub(crate) fn is_alive(pid: u32) -> bool {
    stat(pid).is_some_and(|(state, _)| state != 'Z' && state != 'X')
}

pub(crate) fn children(pid: u32) -> Vec<u32> {
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|child| stat(*child).is_some_and(|(_, parent)| parent == pid)).collect()
}

/// The demo backend on a port of its own.
pub(crate) struct Backend {
    _running: Running,
    pub(crate) address: SocketAddr,
}

impl Backend {
    pub(crate) fn start() -> Backend {
        let mut command = Command::new(program("demo-backend"));
        command.arg("0");
        let running = Running::start(command);
        let line = running.wait_for("serving on http://");
        Backend { _running: running, address: address_in(&line) }
    }
}

fn address_in(line: &str) -> SocketAddr {
    line.rsplit_once("http://").unwrap().1.split('/').next().unwrap().trim().parse().unwrap()
}

/// `gatewright dev`, serving.
pub(crate) struct Dev {
    pub(crate) running: Running,
    pub(crate) http: SocketAddr,
    pub(crate) admin: SocketAddr,
}

impl Dev {
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Dev {
        Dev::serving(Dev::launch(folder, arguments))
    }

    /// With its temporary folder below `place`.
    pub(crate) fn start_in(folder: &Path, place: &Path) -> Dev {
        let mut command = Dev::command(folder, &[]);
        command.env("TMPDIR", place);
        Dev::serving(Running::start(command))
    }

    fn serving(running: Running) -> Dev {
        let http = address_in(&running.wait_for("gatewright: serving"));
        let admin = address_in(&running.wait_for("gatewright: metrics and probes on"));
        Dev { running, http, admin }
    }

    pub(crate) fn launch(folder: &Path, arguments: &[&str]) -> Running {
        Running::start(Dev::command(folder, arguments))
    }

    fn command(folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("gatewright"));
        command.arg("dev").arg(folder).args(["--listen", "127.0.0.1:0", "--threads", "1"]).args(arguments);
        command
    }
}

/// `gatewright-agent run`.
pub(crate) fn start_agent(folder: &Path, socket: &Path, backup: Option<&Path>) -> Running {
    let mut command = Command::new(program("gatewright-agent"));
    command.arg("run").arg("--folder").arg(folder).arg("--socket").arg(socket);
    command.args(["--exit-with-stdin", "--set", "log.format=text"]);
    if let Some(folder) = backup {
        command.arg("--backup").arg(folder);
    }
    Running::start(command)
}

/// `gatewright-gateway`, listening.
pub(crate) struct Gateway {
    pub(crate) running: Running,
    pub(crate) http: SocketAddr,
}

impl Gateway {
    pub(crate) fn start(socket: &Path, backup: Option<&Path>) -> Gateway {
        let mut command = Command::new(program("gatewright-gateway"));
        command.arg("--socket").arg(socket).args(["--listen", "127.0.0.1:0", "--exit-with-stdin"]);
        for setting in
            ["gatewright.workers=1", "gatewright.routing.enforce-protocols=false", "gatewright.logs.access=false"]
        {
            command.args(["--set", setting]);
        }
        if let Some(folder) = backup {
            command.arg("--backup").arg(folder);
        }
        let running = Running::start(command);
        let line = running.wait_for("listening");
        let http = line.split_whitespace().find_map(|field| field.strip_prefix("http=")).unwrap().parse().unwrap();
        Gateway { running, http }
    }

    pub(crate) fn wait_until_ready(&self) {
        eventually("the gateway is ready", || (status(self.http, READY_PATH)? == 200).then_some(()));
    }
}

// === HTTP ===

#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }
}

/// A connection that is used again for each request.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> std::io::Result<Connection> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream: BufReader::new(stream) })
    }

    pub(crate) fn call(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> std::io::Result<Reply> {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n");
        headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
        if !body.is_empty() {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        self.stream.get_mut().write_all(format!("{head}{body}").as_bytes())?;
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(std::io::Error::new(std::io::ErrorKind::UnexpectedEof, "closed inside a head"));
            }
            if line.trim_end().is_empty() {
                break;
            }
            lines.push(line.trim_end().to_owned());
        }
        let first = lines.first().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
        let headers: Vec<_> = lines.iter().skip(1).filter_map(|line| line.split_once(": ")).collect();
        let headers: Vec<_> = headers.into_iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        let mut reply = Reply { status: first.unwrap_or(0), headers, body: String::new() };
        let length = reply.header("content-length").and_then(|length| length.parse().ok());
        if let Some(length) = length.filter(|_| method != "HEAD") {
            let mut body = vec![0; length];
            self.stream.read_exact(&mut body)?;
            reply.body = String::from_utf8_lossy(&body).into_owned();
        } else if reply.header("transfer-encoding").is_some() {
            reply.body = self.chunks()?;
        }
        Ok(reply)
    }

    fn chunks(&mut self) -> std::io::Result<String> {
        let mut body = Vec::new();
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line)?;
            let size = usize::from_str_radix(line.trim(), 16).map_err(std::io::Error::other)?;
            let mut chunk = vec![0; size + 2];
            self.stream.read_exact(&mut chunk)?;
            body.extend_from_slice(&chunk[..size]);
            if size == 0 {
                return Ok(String::from_utf8_lossy(&body).into_owned());
            }
        }
    }
}

pub(crate) fn call(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> std::io::Result<Reply> {
    Connection::open(address)?.call(method, path, headers, body)
}

pub(crate) fn get(address: SocketAddr, path: &str) -> Reply {
    call(address, "GET", path, &[], "").unwrap()
}

pub(crate) fn status(address: SocketAddr, path: &str) -> Option<u16> {
    call(address, "GET", path, &[], "").ok().map(|reply| reply.status)
}

/// The version that the echo API answers with.
pub(crate) fn version(address: SocketAddr) -> Option<String> {
    call(address, "GET", "/echo", &[], "").ok()?.header("x-version").map(str::to_owned)
}

/// Requests without pause on a few connections, each reply of which must be 200.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicU64>,
    threads: Vec<JoinHandle<Vec<String>>>,
}

impl Load {
    pub(crate) fn start(address: SocketAddr, path: &'static str, connections: usize) -> Load {
        let (stop, answered) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let one = |_| {
            let (stop, answered) = (Arc::clone(&stop), Arc::clone(&answered));
            std::thread::spawn(move || press(address, path, &stop, &answered))
        };
        let threads = (0..connections).map(one).collect();
        Load { stop, answered, threads }
    }

    pub(crate) fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// Waits until so many more requests were answered.
    pub(crate) fn more(&self, count: u64) {
        let goal = self.answered() + count;
        eventually("requests are answered", || (self.answered() >= goal).then_some(()));
    }

    /// Ends it: how many were answered, and what failed.
    pub(crate) fn end(self) -> (u64, Vec<String>) {
        self.stop.store(true, Ordering::Relaxed);
        let failures = self.threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        (self.answered.load(Ordering::Relaxed), failures)
    }
}

fn press(address: SocketAddr, path: &str, stop: &AtomicBool, answered: &AtomicU64) -> Vec<String> {
    let mut failures = Vec::new();
    let mut connection = None;
    while !stop.load(Ordering::Relaxed) && failures.len() < 10 {
        let reply = match connection.take().map_or_else(|| Connection::open(address), Ok) {
            Ok(mut open) => open.call("GET", path, &[], "").map(|reply| (reply, open)),
            Err(error) => Err(error),
        };
        match reply {
            Ok((reply, open)) if reply.status == 200 => {
                answered.fetch_add(1, Ordering::Relaxed);
                connection = (reply.header("connection") != Some("close")).then_some(open);
            }
            Ok((reply, _)) => failures.push(format!("{} {}", reply.status, reply.body)),
            Err(error) => failures.push(error.to_string()),
        }
    }
    failures
}
