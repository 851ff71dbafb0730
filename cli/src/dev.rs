//! `gatewright dev`: agent and gateway as child processes on a private socket, ended together.
//!
//! The folder is checked first, so that one that must be refused ends the command with its findings. Afterwards the agent watches
//! it and prints what it finds. Children hold a pipe from this process: whatever ends it, they end too.
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use config_model::Snapshot;
use tokio::process::{Child, ChildStdin, Command};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, sleep};

use crate::load;
use crate::private::Private;
use crate::report::{self, Format};

/// The path that answers 200 once a revision is served.
const READY_PATH: &str = "/status-0123456789abcdef";
/// A gateway that is not ready by then will not become so.
const READY_LIMIT: Duration = Duration::from_secs(30);
/// Children that have not ended by then are killed.
const STOP_LIMIT: Duration = Duration::from_millis(1500);

/// Arguments of `dev`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Folder in one of the APIOps layouts
    folder: PathBuf,
    /// Address to serve on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Address of metrics and probes [default: a free port of the loopback]
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0", hide_default_value = true)]
    admin: SocketAddr,
    /// Worker threads of the gateway [default: one for each core]
    #[arg(long, value_name = "N")]
    threads: Option<u16>,
    /// A setting of the gateway; repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    load: load::Loading,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let checked = load::check(&arguments.folder, &arguments.load, &BTreeMap::new())?;
    report::print(&checked, Format::Text, &mut std::io::stderr().lock())?;
    let Some(snapshot) = checked.snapshot else {
        eprintln!(
            "gatewright: `{}` is refused: {} to mend first",
            arguments.folder.display(),
            report::count(checked.errors, "error")
        );
        return Ok(ExitCode::from(1));
    };
    if checked.warnings > 0 {
        eprintln!("gatewright: {}", report::count(checked.warnings, "warning"));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(serve(arguments, &snapshot))
}

async fn serve(arguments: &Arguments, snapshot: &Snapshot) -> Result<ExitCode> {
    let private = Private::new(&std::env::temp_dir()).context("cannot make a temporary folder")?;
    let mut hangup = signal(SignalKind::hangup())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut agent = start_agent(arguments, private.path())?;
    let mut gateway = match start_gateway(arguments, private.path()) {
        Ok(gateway) => gateway,
        Err(e) => {
            stop([agent]).await;
            return Err(e);
        }
    };
    let code = tokio::select! {
        ended = agent.child.wait() => failed("gatewright-agent", ended),
        ended = gateway.child.wait() => failed("gatewright-gateway", ended),
        _ = interrupt.recv() => ExitCode::SUCCESS,
        _ = terminate.recv() => ExitCode::SUCCESS,
        _ = hangup.recv() => ExitCode::SUCCESS,
        never = announce(arguments, snapshot, private.path()) => never?,
    };
    stop([agent, gateway]).await;
    Ok(code)
}

fn failed(name: &str, ended: std::io::Result<std::process::ExitStatus>) -> ExitCode {
    match ended {
        Ok(status) => eprintln!("gatewright: {name} ended: {status}"),
        Err(e) => eprintln!("gatewright: {name} is gone: {e}"),
    }
    ExitCode::from(1)
}

/// A program of the same build: beside this one, else in PATH.
fn sibling(name: &str) -> PathBuf {
    let beside = std::env::current_exe().ok().and_then(|own| own.parent().map(|folder| folder.join(name)));
    beside.filter(|path| path.is_file()).unwrap_or_else(|| PathBuf::from(name))
}

fn start_agent(arguments: &Arguments, private: &Path) -> Result<Program> {
    let mut command = Command::new(sibling("gatewright-agent"));
    command.arg("run").arg("--folder").arg(&arguments.folder).arg("--socket").arg(private.join("feed.sock"));
    // People read this, wherever it goes.
    command.args(["--set", "log.format=text"]);
    arguments.load.pass_on(&mut command);
    spawn(command, "gatewright-agent")
}

fn start_gateway(arguments: &Arguments, private: &Path) -> Result<Program> {
    let mut command = Command::new(sibling("gatewright-gateway"));
    command.arg("--socket").arg(private.join("feed.sock")).args(["--listen", &arguments.listen.to_string()]);
    command.args(["--admin", &arguments.admin.to_string()]).arg("--status-file").arg(status_file(private));
    // Plain HTTP on this machine stands for the HTTPS that most APIs ask for, and nobody waits for a slow drain.
    for setting in ["gatewright.routing.enforce-protocols=false", "gatewright.shutdown.drain-seconds=1"] {
        command.args(["--set", setting]);
    }
    if let Some(threads) = arguments.threads {
        command.args(["--set", &format!("gatewright.workers={threads}")]);
    }
    for setting in &arguments.set {
        command.args(["--set", setting]);
    }
    spawn(command, "gatewright-gateway")
}

fn status_file(private: &Path) -> PathBuf {
    private.join("gateway.status")
}

/// A child and the pipe whose end tells it to end. The pipe is held apart, because waiting for a child closes its own.
struct Program {
    child: Child,
    pipe: Option<ChildStdin>,
}

fn spawn(mut command: Command, name: &str) -> Result<Program> {
    command.arg("--exit-with-stdin").stdin(Stdio::piped()).kill_on_drop(true);
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot start {name}; it is looked for beside this program and in PATH"))?;
    let pipe = child.stdin.take();
    Ok(Program { child, pipe })
}

/// Asks all to end, waits, and kills what stays.
async fn stop(programs: impl IntoIterator<Item = Program>) {
    let mut children: Vec<Child> = programs
        .into_iter()
        .map(|program| {
            drop(program.pipe);
            program.child
        })
        .collect();
    let deadline = Instant::now() + STOP_LIMIT;
    for child in &mut children {
        if tokio::time::timeout_at(deadline, child.wait()).await.is_err() {
            let _ = child.kill().await;
        }
    }
}

/// Where the gateway listens, from its status file.
struct Addresses {
    http: SocketAddr,
    admin: Option<SocketAddr>,
}

impl Addresses {
    /// `None` until the gateway listens.
    fn read(private: &Path) -> Option<Addresses> {
        let text = std::fs::read_to_string(status_file(private)).ok()?;
        let status: serde_json::Value = serde_json::from_str(&text).ok()?;
        let address = |name: &str| status.get(name)?.as_str()?.parse().ok();
        Some(Addresses { http: reachable(address("http")?), admin: address("admin") })
    }
}

/// Waits until the gateway serves, says so, and never ends unless it fails.
async fn announce(arguments: &Arguments, snapshot: &Snapshot, private: &Path) -> Result<ExitCode> {
    let deadline = Instant::now() + READY_LIMIT;
    let addresses = loop {
        // The file is the gateway's own word: whatever else may answer on that port is not asked.
        if let Some(addresses) = Addresses::read(private)
            && is_ready(addresses.http).await
        {
            break addresses;
        }
        if Instant::now() > deadline {
            bail!("the gateway did not become ready within {} s", READY_LIMIT.as_secs());
        }
        sleep(Duration::from_millis(20)).await;
    };
    let out = &mut std::io::stdout().lock();
    describe(&arguments.folder, snapshot, &addresses, out).context("cannot write to standard output")?;
    std::future::pending().await
}

async fn is_ready(address: SocketAddr) -> bool {
    let ask = move || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_millis(500))?;
        stream.set_read_timeout(Some(Duration::from_millis(500)))?;
        write!(stream, "GET {READY_PATH} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        Ok(head.ends_with(b" 200"))
    };
    tokio::task::spawn_blocking(ask).await.is_ok_and(|answer| answer.unwrap_or(false))
}

/// An address to connect to: a listener on all interfaces is asked on the loopback.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            std::net::Ipv4Addr::LOCALHOST.into()
        } else {
            std::net::Ipv6Addr::LOCALHOST.into()
        });
    }
    address
}

fn describe(folder: &Path, snapshot: &Snapshot, addresses: &Addresses, out: &mut impl Write) -> std::io::Result<()> {
    let base = format!("http://{}", addresses.http);
    writeln!(out, "gatewright: serving {} on {base}", folder.display())?;
    if let Some(admin) = addresses.admin {
        writeln!(out, "gatewright: metrics and probes on http://{admin}/metrics")?;
    }
    for api in snapshot.apis.values().filter(|a| a.is_current) {
        let version = api.version.as_deref().map(|v| format!(" {v}")).unwrap_or_default();
        let count = report::count(api.operations.len(), "operation");
        writeln!(out, "  /{:<24} {}{version}, {count}", api.path, api.display_name)?;
    }
    if let Some(example) = example_call(snapshot, &base) {
        writeln!(out, "try: {example}")?;
    }
    out.flush()
}

/// A call that the configuration answers: the first GET operation, with a key where one is needed.
fn example_call(snapshot: &Snapshot, base: &str) -> Option<String> {
    let mut apis: Vec<_> = snapshot.apis.values().filter(|a| a.is_current && a.version_set.is_none()).collect();
    apis.sort_by_key(|a| (a.subscription_required, a.path.len()));
    let (api, operation) =
        apis.iter().find_map(|a| a.operations.iter().find(|o| o.method.eq_ignore_ascii_case("GET")).map(|o| (a, o)))?;
    let path = operation.url_template.split('?').next().unwrap_or("/").replace(['{', '}', '*'], "");
    let key =
        if api.subscription_required { format!(" -H '{}: <key>'", api.subscription_key.header) } else { String::new() };
    let path = format!("{}{}", api.path, path.trim_end_matches('/'));
    Some(format!("curl -i {base}/{}{key}", path.trim_start_matches('/')))
}
