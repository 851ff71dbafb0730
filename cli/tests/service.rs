//! The systemd units: each one's own command line is started, and what `Type=notify` promises is listened for.
//!
//! Only paths and ports of a unit are replaced, so that an option that a program no longer knows fails here.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on is to fail loudly")]

mod support;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Command;

use support::{Backend, PATIENCE, READY_PATH, Running, eventually, program, root, status, version, write_echo};

/// What a unit says under a name.
fn said(unit: &str, name: &str) -> String {
    let text = std::fs::read_to_string(root().join("deploy/systemd").join(unit)).unwrap();
    let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=').map(str::to_owned));
    found.unwrap_or_else(|| panic!("{unit} says nothing of {name}"))
}

/// A unit that runs in a folder of its own, and the socket on which it tells how it is.
struct Unit {
    running: Running,
    told: UnixDatagram,
}

impl Unit {
    fn start(unit: &str, folder: &Path) -> Unit {
        assert_eq!(said(unit, "Type"), "notify");
        let line = said(unit, "ExecStart")
            .replace("/etc/gatewright", folder.to_str().unwrap())
            .replace("/run/gatewright", folder.to_str().unwrap())
            .replace("/var/lib/gatewright", folder.join("state").to_str().unwrap())
            .replace("0.0.0.0:8080", "127.0.0.1:0")
            .replace("127.0.0.1:8081", "127.0.0.1:0");
        let mut words = line.split(' ');
        let name = words.next().unwrap().strip_prefix("/usr/bin/").unwrap();
        let path = folder.join(format!("{name}.notify"));
        let told = UnixDatagram::bind(&path).unwrap();
        told.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut command = Command::new(program(name));
        command.args(words).env("NOTIFY_SOCKET", &path);
        Unit { running: Running::start(command), told }
    }

    /// The next thing it tells.
    fn next(&self) -> String {
        let mut bytes = [0; 512];
        let length = self.told.recv(&mut bytes).unwrap_or_else(|e| panic!("{e}:\n{}", self.running.written()));
        String::from_utf8(bytes.into_iter().take(length).collect()).unwrap().trim_end().to_owned()
    }

    fn has_told_nothing(&self) -> bool {
        self.told.set_nonblocking(true).unwrap();
        let nothing = self.told.recv(&mut [0; 512]).is_err_and(|e| e.kind() == ErrorKind::WouldBlock);
        self.told.set_nonblocking(false).unwrap();
        nothing
    }

    /// Ends it as systemd does.
    fn stop(mut self) {
        self.running.signal("TERM");
        let ended = self.running.wait();
        assert!(ended.success(), "{ended}:\n{}", self.running.written());
    }
}

#[test]
fn units_run_and_tell_systemd_when_they_are_ready() {
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start();
    write_echo(&folder.path().join("config"), backend.address, "1");
    std::fs::create_dir(folder.path().join("state")).unwrap();

    let gateway = Unit::start("gatewright-gateway.service", folder.path());
    let line = gateway.running.wait_for("listening");
    let http: SocketAddr =
        line.split_whitespace().find_map(|field| field.strip_prefix("http=")).unwrap().parse().unwrap();
    eventually("the gateway answers", || status(http, READY_PATH));
    assert!(gateway.has_told_nothing(), "a gateway without a configuration is not ready");

    let agent = Unit::start("gatewright-agent.service", folder.path());
    assert_eq!(agent.next(), "READY=1");
    assert!(folder.path().join("feed.sock").exists(), "the agent is ready when gateways can connect");

    assert_eq!(gateway.next(), "READY=1");
    assert_eq!(version(http).as_deref(), Some("1"), "a gateway that is ready serves the configuration");

    write_echo(&folder.path().join("config"), backend.address, "2");
    assert_eq!(said("gatewright-agent.service", "ExecReload"), "/bin/kill -HUP $MAINPID");
    agent.running.signal("HUP");
    eventually("the new configuration is served", || version(http).filter(|version| version == "2"));

    gateway.running.signal("TERM");
    assert_eq!(gateway.next(), "STOPPING=1");
    gateway.stop();
    agent.stop();
}
