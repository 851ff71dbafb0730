//! The command line of `gatewright-agent`.
//!
//! Status: 0 fine, 1 findings or failures, 64 wrong usage or settings.

use crate::{
    check::Checker,
    load::load_folder,
    logging,
    service::Service,
    settings::{self, Raw, SettingError},
};
use clap::{Args, CommandFactory, Parser, Subcommand, error::ErrorKind};
use config_model::Finding;
use std::{
    ffi::OsString,
    io::{Read, Write},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::Notify,
};

/// Status for wrong usage and settings, as `sysexits.h` has it.
const EXIT_USAGE: u8 = 64;

/// How long running work may take to end.
const STOP_LIMIT: Duration = Duration::from_millis(1500);

/// Threads that serve; reading and checking have threads of their own.
const WORKER_THREADS: usize = 2;

/// Reads configuration, checks it, keeps the last good one, feeds it to gateways.
#[derive(Parser)]
#[command(name = "gatewright-agent", version, max_term_width = 120)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve a configuration folder to gateways on a Unix socket, and follow its changes
    Run(Run),
    /// Check a configuration folder and print what is wrong with it
    Check(Check),
}

#[derive(Args)]
struct Run {
    #[command(flatten)]
    load: Load,
    /// Path of the Unix socket for gateways
    #[arg(long, value_name = "PATH")]
    socket: Option<String>,
    /// Folder for the last good revisions
    #[arg(long, value_name = "DIR")]
    backup: Option<String>,
    /// File that tells the state as JSON
    #[arg(long, value_name = "FILE")]
    status_file: Option<String>,
    /// End when standard input is closed
    #[arg(long)]
    exit_with_stdin: bool,
}

#[derive(Args)]
struct Check {
    #[command(flatten)]
    load: Load,
    /// Fail on warnings too
    #[arg(long)]
    deny_warnings: bool,
}

#[derive(Args)]
struct Load {
    /// Folder in one of the APIOps layouts
    #[arg(long, value_name = "DIR")]
    folder: Option<String>,
    /// Serve only the APIs linked to this gateway
    #[arg(long, value_name = "NAME")]
    gateway: Option<String>,
    /// File (TOML) or directory of secrets
    #[arg(long, value_name = "PATH")]
    secrets: Vec<String>,
    /// The publisher's override file, configuration.<environment>.yaml
    #[arg(long = "override", value_name = "FILE")]
    override_file: Option<String>,
    /// Leave this policy out where it stands
    #[arg(long, value_name = "NAME")]
    allow_skip: Vec<String>,
    /// Give a backend another URL
    #[arg(long, value_name = "ID=URL")]
    backend: Vec<String>,
    /// Any setting by its name; see the list below
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// File of settings (TOML)
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
}

impl Load {
    /// All values for settings, the strongest source first.
    fn raw(self, mut raw: Raw, environment: &[(String, String)]) -> Result<Raw, SettingError> {
        raw.flag(settings::FOLDER, self.folder);
        raw.flag(settings::GATEWAY, self.gateway);
        raw.flag(settings::SECRETS, self.secrets);
        raw.flag(settings::OVERRIDE, self.override_file);
        raw.flag(settings::ALLOW_SKIP, self.allow_skip);
        raw.flag(settings::BACKENDS, self.backend);
        raw.set(&self.set)?;
        raw.environment(environment);
        if let Some(path) = &self.settings {
            raw.file(path)?;
        }
        Ok(raw)
    }
}

/// Runs the program with these arguments.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let parsed = Arguments::command()
        .mut_subcommand("run", |command| command.after_help(settings_help()))
        .mut_subcommand("check", |command| command.after_help(settings_help()))
        .try_get_matches_from(arguments)
        .and_then(|matches| clap::FromArgMatches::from_arg_matches(&matches));
    let arguments: Arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => {
            let fine = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            let _ = error.print();
            return if fine { ExitCode::SUCCESS } else { ExitCode::from(EXIT_USAGE) };
        }
    };
    let environment: Vec<_> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let done = match arguments.command {
        Command::Run(arguments) => run(arguments, environment),
        Command::Check(arguments) => check(arguments, environment),
    };
    done.unwrap_or_else(|error| {
        let _ = writeln!(std::io::stderr(), "gatewright-agent: {error}");
        ExitCode::from(EXIT_USAGE)
    })
}

fn settings_help() -> String {
    let mut text = "Settings (also from the environment, in upper case with `_`):\n".to_owned();
    for key in settings::KEYS {
        let default = if key.default.is_empty() { String::new() } else { format!(" [{}]", key.default) };
        text.push_str(&format!("  {:<30} {}{default}\n", key.name, key.help));
    }
    text
}

fn check(arguments: Check, environment: Vec<(String, String)>) -> Result<ExitCode, SettingError> {
    let raw = arguments.load.raw(Raw::default(), &environment)?;
    let (folder, options) = settings::for_check(&raw, environment)?;
    let loaded = load_folder(&folder, &options);
    let checked = Checker::new().check(&loaded);
    let mut out = std::io::stdout().lock();
    for finding in &checked.findings {
        let path = finding.path.as_deref().map(|path| Arc::from(folder.join(path).display().to_string()));
        let _ = writeln!(out, "{}", Finding { path, ..finding.clone() });
        if let Some(help) = &finding.help {
            let _ = writeln!(out, "  help: {help}");
        }
    }
    let (errors, warnings) = (checked.errors(), checked.warnings());
    let _ = writeln!(
        out,
        "{} documents, {} expressions, {errors} errors, {warnings} warnings",
        checked.documents, checked.expressions
    );
    let bad = errors > 0 || checked.refused || (arguments.deny_warnings && warnings > 0);
    Ok(ExitCode::from(u8::from(bad)))
}

fn run(arguments: Run, environment: Vec<(String, String)>) -> Result<ExitCode, SettingError> {
    let mut raw = Raw::default();
    raw.flag(settings::SOCKET, arguments.socket);
    raw.flag(settings::BACKUP, arguments.backup);
    raw.flag(settings::STATUS_FILE, arguments.status_file);
    let raw = arguments.load.raw(raw, &environment)?;
    let settings = settings::check(&raw, environment)?;
    logging::install(settings.log_format, settings.log_level);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(WORKER_THREADS).enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            log::error!("cannot start: {error}");
            return Ok(ExitCode::FAILURE);
        }
    };
    let code = runtime.block_on(serve(settings, arguments.exit_with_stdin));
    // A reading of the folder that is under way is not waited for.
    runtime.shutdown_timeout(STOP_LIMIT);
    Ok(code)
}

async fn serve(settings: settings::Settings, exit_with_stdin: bool) -> ExitCode {
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()), signal(SignalKind::hangup()));
    let (Ok(mut terminate), Ok(mut interrupt), Ok(mut hangup)) = signals else {
        log::error!("cannot listen for signals");
        return ExitCode::FAILURE;
    };
    let service = match Service::start(settings) {
        Ok(service) => service,
        Err(error) => {
            log::error!("cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    notify_ready();
    let closed = Arc::new(Notify::new());
    if exit_with_stdin {
        watch_stdin(closed.clone());
    }
    let stop = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            () = closed.notified() => {}
        }
    };
    service
        .run(stop, async || {
            hangup.recv().await;
        })
        .await;
    ExitCode::SUCCESS
}

/// Tells when standard input is closed. The thread ends with the program.
fn watch_stdin(closed: Arc<Notify>) {
    let watch = move || {
        let mut bytes = [0; 256];
        while std::io::stdin().read(&mut bytes).is_ok_and(|count| count > 0) {}
        closed.notify_one();
    };
    if let Err(error) = std::thread::Builder::new().name("stdin".into()).spawn(watch) {
        log::warn!("standard input is not watched: {error}");
    }
}

/// Tells systemd that the socket is open, where systemd asked for it.
fn notify_ready() {
    let Some(path) = std::env::var_os("NOTIFY_SOCKET") else { return };
    let send = || {
        let socket = std::os::unix::net::UnixDatagram::unbound()?;
        match path.to_string_lossy().strip_prefix('@') {
            Some(name) => {
                use std::os::linux::net::SocketAddrExt;
                let address = std::os::unix::net::SocketAddr::from_abstract_name(name)?;
                socket.send_to_addr(b"READY=1", &address)
            }
            None => socket.send_to(b"READY=1", &path),
        }
    };
    if let Err(error) = send() {
        log::warn!("systemd was not told: {error}");
    }
}
