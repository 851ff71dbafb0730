//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;

use crate::settings::{Raw, Settings, SettingsError};

/// The data plane of Gatewright: serves the configuration that the agent feeds it.
#[derive(Debug, Parser)]
#[command(name = "gatewright-gateway", version, about)]
pub struct Arguments {
    /// Unix socket of the configuration service
    #[arg(long, value_name = "PATH")]
    pub socket: Option<PathBuf>,
    /// Address to serve plain HTTP on
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// Address of metrics and probes
    #[arg(long, value_name = "ADDR")]
    pub admin: Option<SocketAddr>,
    /// Directory in which good revisions are kept
    #[arg(long, value_name = "DIR")]
    pub backup: Option<PathBuf>,
    /// Snapshot file to start from
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,
    /// File of `name=value` lines
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// One setting; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub assignments: Vec<String>,
    /// File that tells the addresses in use once the gateway listens (JSON)
    #[arg(long, value_name = "FILE")]
    pub status_file: Option<PathBuf>,
    /// End when standard input ends
    #[arg(long)]
    pub exit_with_stdin: bool,
}

impl Arguments {
    /// Joins the command line with the file and the environment.
    pub fn settings(&self, environment: impl Iterator<Item = (String, String)>) -> Result<Settings, SettingsError> {
        let mut raw = Raw::default();
        if let Some(path) = &self.config {
            let name = path.display().to_string();
            let text = std::fs::read_to_string(path);
            let text = text.map_err(|error| SettingsError::Unreadable(name.clone(), error.to_string()))?;
            raw.add_file(&name, &text)?;
        }
        raw.add_environment(environment);
        for assignment in &self.assignments {
            raw.add_assignment(assignment)?;
        }
        let mut settings = raw.check()?;
        settings.listen = self.listen.or(settings.listen);
        settings.admin = self.admin.or(settings.admin);
        settings.socket = self.socket.clone().or(settings.socket);
        settings.backup = self.backup.clone().or(settings.backup);
        // No patience helps against a path that no socket can have.
        if let Some(socket) = &settings.socket
            && std::os::unix::net::SocketAddr::from_pathname(socket).is_err()
        {
            let shown = socket.display().to_string();
            return Err(SettingsError::Bad("gatewright.socket", shown, "a path that a socket can have (107 bytes)"));
        }
        if settings.listen.is_none() && settings.tls.is_none() {
            return Err(SettingsError::Incomplete("nothing to listen on: give `--listen` or `gatewright.tls.listen`"));
        }
        if settings.socket.is_none() && self.snapshot.is_none() && settings.backup.is_none() {
            let text = "no configuration to serve: give `--socket`, `--snapshot` or `--backup`";
            return Err(SettingsError::Incomplete(text));
        }
        Ok(settings)
    }
}
