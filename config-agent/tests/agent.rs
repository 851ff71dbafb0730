//! The binary from outside: a folder on one side, scripted gateways on the other, and its log as the witness. Nothing here sleeps; every wait is for
//! an event and has a limit.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failure here fails the test that calls"
)]

use config_model::{
    Digest, Finding, Revision,
    feed::message::{AgentMessage, GatewayMessage, Health, Hello, Want},
    testkit::ScriptedGateway,
};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    os::unix::{fs::PermissionsExt, net::UnixStream},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};

const LIMIT: Duration = Duration::from_secs(20);

const SPECIFICATION: &str =
    "openapi: 3.0.1\ninfo: {title: t, version: '1'}\npaths:\n  /:\n    get: {operationId: root, responses: {}}\n";

/// A folder with one API, and places for everything else.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        place.write("apis/a/apiInformation.json", r#"{"properties": {"path": "a", "subscriptionRequired": false}}"#);
        place.write("apis/a/specification.yaml", SPECIFICATION);
        place.colour("green");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path("config").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn colour(&self, value: &str) {
        let body = format!(r#"{{"properties": {{"displayName": "colour", "value": "{value}"}}}}"#);
        self.write("named values/colour/namedValueInformation.json", &body);
    }

    fn socket(&self) -> PathBuf {
        self.path("feed.sock")
    }

    fn agent(&self, arguments: &[&str]) -> Agent {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatewright-agent"));
        command.arg("run").arg("--folder").arg(self.path("config")).arg("--socket").arg(self.socket());
        command.args(["--set", "log.format=json", "--set", "log.level=debug"]).args(arguments);
        command.stdin(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (sender, lines) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Agent { child, lines, seen: Vec::new() }
    }

    /// An agent whose socket is open.
    fn started(&self, arguments: &[&str]) -> Agent {
        let mut agent = self.agent(arguments);
        agent.wait_for("the feed is open");
        agent
    }

    fn gateway(&self) -> ScriptedGateway<UnixStream> {
        let stream = UnixStream::connect(self.socket()).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        stream.set_write_timeout(Some(LIMIT)).unwrap();
        ScriptedGateway::new(stream)
    }

    fn greeted(&self) -> ScriptedGateway<UnixStream> {
        let mut gateway = self.gateway();
        gateway.hello();
        gateway
    }
}

struct Agent {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Agent {
    /// The next log event that begins with a text.
    fn wait_for(&mut self, start: &str) -> Value {
        let limit = Instant::now() + LIMIT;
        loop {
            let line = match self.lines.recv_timeout(limit.saturating_duration_since(Instant::now())) {
                Ok(line) => line,
                Err(error) => panic!("`{start}` never came ({error}); came: {:#?}", self.seen),
            };
            self.seen.push(line.clone());
            let event: Value =
                serde_json::from_str(&line).unwrap_or_else(|_| panic!("one event is one line of JSON: {line}"));
            if event["event"].as_str().unwrap().starts_with(start) {
                return event;
            }
        }
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), id.as_str()]).status().unwrap().success());
    }

    fn ended(&mut self) -> ExitStatus {
        let limit = Instant::now() + LIMIT;
        while self.lines.recv_timeout(limit.saturating_duration_since(Instant::now())).is_ok() {}
        self.child.wait().unwrap()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn colour(gateway: &mut ScriptedGateway<UnixStream>) -> (Revision, String) {
    let received = gateway.receive().expect("a revision");
    let value = received.snapshot.named_value("colour").unwrap().value.clone().unwrap();
    (received.revision, value.expose().clone())
}

#[test]
fn a_change_reaches_every_gateway_and_a_broken_one_does_not() {
    let place = Place::new();
    let mut agent = place.started(&[]);
    let (mut first, mut second) = (place.greeted(), place.greeted());
    let (revision, value) = colour(&mut first);
    assert_eq!(value, "green");
    assert_eq!(colour(&mut second), (revision, value));
    first.ack(revision);
    assert_eq!(agent.wait_for("a gateway serves the revision")["revision"], revision.short());

    place.colour("red");
    let (changed, value) = colour(&mut first);
    assert_eq!((value.as_str(), colour(&mut second)), ("red", (changed, "red".to_owned())));
    first.nack(changed, vec![Finding::error("GW9999", "this engine is older")]);
    assert_eq!(agent.wait_for("a gateway refused the revision")["findings"], 1);
    agent.wait_for("error[GW9999]: this engine is older");

    place.write("products/p/productInformation.json", "{\n  \"properties\": {,}\n}");
    let finding = agent.wait_for(&format!("{}", place.path("config/products/p/productInformation.json").display()));
    assert_eq!((finding["line"].as_u64(), finding["column"].as_u64()), (Some(2), Some(18)));
    let refused = agent.wait_for("the configuration is refused");
    assert_eq!((&refused["serving"], &refused["errors"]), (&Value::from(changed.short()), &Value::from(1)));
    let status = loop {
        match second.next_message().unwrap() {
            AgentMessage::Status(status) if status.stale => break status,
            AgentMessage::Status(_) => {}
            other => panic!("a broken configuration must not travel: {other:?}"),
        }
    };
    assert_eq!((status.good, status.findings.len()), (Some(changed), 1));

    fs::remove_dir_all(place.path("config/products")).unwrap();
    agent.wait_for("the configuration was read; nothing changed");
    place.colour("blue");
    assert_eq!(colour(&mut second).1, "blue");
}

#[test]
fn a_bad_peer_disturbs_nobody() {
    let place = Place::new();
    let mut agent = place.started(&[]);
    let mut good = place.greeted();
    assert_eq!(colour(&mut good).1, "green");

    let mut huge = place.greeted();
    huge.send_raw(&(200 * 1024 * 1024_u32).to_be_bytes()).unwrap();
    agent.wait_for("a gateway was dropped: frame of 209715200 bytes is longer than the 16777216 allowed");
    let mut garbage = place.gateway();
    garbage.send_raw(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    agent.wait_for("a gateway was dropped: frame of 1195725856 bytes");
    let mut no_json = place.gateway();
    no_json.send_raw(b"\0\0\0\x05hello").unwrap();
    agent.wait_for("a gateway was dropped: frame is not a message: line 1, column 1");
    let mut rude = place.gateway();
    rude.send(&GatewayMessage::Health(Health::default()));
    agent.wait_for("a gateway was dropped: its first message was not `hello`");
    assert!(matches!(rude.next_message(), Some(AgentMessage::Refused(_))));
    assert!(rude.next_message().is_none(), "and then it is closed");
    let mut newer = place.gateway();
    newer.send(&GatewayMessage::Hello(Hello { protocol: 99, ..Hello::default() }));
    agent.wait_for("a gateway was dropped: it speaks protocol 99");
    let mut greedy = place.greeted();
    let received = greedy.receive().unwrap();
    greedy.send(&GatewayMessage::Want(Want { revision: received.revision, digests: vec![Digest::of("x")] }));
    agent.wait_for("a gateway was dropped: it asked for blob");
    let mut early = place.greeted();
    early.send(&GatewayMessage::Want(Want { revision: Revision(Digest::of("x")), digests: vec![] }));
    drop(place.gateway());

    place.colour("red");
    assert_eq!(colour(&mut good).1, "red");
}

#[test]
fn a_broken_folder_with_nothing_kept_is_told_and_waited_for() {
    let place = Place::new();
    place.write("policy.xml", "<policies><inbound>");
    let status_file = place.path("status.json");
    let mut agent = place.started(&["--status-file", status_file.to_str().unwrap()]);
    agent.wait_for(&format!("{}:1:", place.path("config/policy.xml").display()));
    assert_eq!(agent.wait_for("the configuration is refused")["serving"], "nothing");
    let mut gateway = place.greeted();
    let Some(AgentMessage::Status(status)) = gateway.next_message() else { panic!("the gateway is told why") };
    assert_eq!((status.good, status.stale, status.findings.is_empty()), (None, true, false));
    let told: Value = serde_json::from_str(&fs::read_to_string(&status_file).unwrap()).unwrap();
    assert_eq!(told["state"], "not_ready");
    assert!(told["findings"][0].as_str().unwrap().starts_with("policy.xml:1:"));
    fs::remove_file(place.path("config/policy.xml")).unwrap();
    assert_eq!(colour(&mut gateway).1, "green");
    agent.wait_for("a new revision is served");
}

#[test]
fn the_backup_is_served_when_the_folder_is_broken() {
    let place = Place::new();
    let backup = place.path("backup");
    let arguments = ["--backup", backup.to_str().unwrap()];
    let mut agent = place.started(&arguments);
    agent.wait_for("the backup is written");
    place.colour("red");
    agent.wait_for("the backup is written");
    agent.signal("KILL");
    drop(agent);
    assert_eq!(fs::metadata(backup.join("snapshot.gws")).unwrap().permissions().mode() & 0o777, 0o600);

    fs::rename(place.path("config"), place.path("gone")).unwrap();
    // The socket file of the killed agent is still there.
    assert!(place.socket().exists());
    let mut agent = place.started(&arguments);
    agent.wait_for("the backup is served until the folder was read");
    assert_eq!(colour(&mut place.greeted()).1, "red");
    let finding = agent.wait_for(&format!("{}", place.path("config").display()));
    assert_eq!(finding["code"], "GW1001");
    agent.wait_for("the configuration is refused");
    assert_eq!(colour(&mut place.greeted()).1, "red");
    drop(agent);

    let newest = backup.join("snapshot.gws");
    let mut bytes = fs::read(&newest).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&newest, bytes).unwrap();
    let mut agent = place.started(&arguments);
    agent.wait_for(&format!("a backup is passed over: `{}`", newest.display()));
    assert_eq!(colour(&mut place.greeted()).1, "green");
    fs::rename(place.path("gone"), place.path("config")).unwrap();
    agent.signal("HUP");
    agent.wait_for("a new revision is served");
}

#[test]
fn the_socket_is_private_and_never_stolen() {
    let place = Place::new();
    let mut agent = place.started(&[]);
    assert_eq!(fs::metadata(place.socket()).unwrap().permissions().mode() & 0o777, 0o600);
    let mut second = place.agent(&[]);
    let event = second.wait_for("cannot start");
    assert!(event["event"].as_str().unwrap().ends_with("is served by another agent"), "{event}");
    assert_eq!(second.ended().code(), Some(1));
    let start = Instant::now();
    agent.signal("TERM");
    assert_eq!(agent.ended().code(), Some(0));
    assert!(start.elapsed() < Duration::from_secs(2));
    assert!(!place.socket().exists(), "it is taken away at the end");

    fs::write(place.socket(), "precious").unwrap();
    let mut agent = place.agent(&[]);
    assert!(agent.wait_for("cannot start")["event"].as_str().unwrap().ends_with("exists and is no socket"));
    assert_eq!(agent.ended().code(), Some(1));
    assert_eq!(fs::read_to_string(place.socket()).unwrap(), "precious");

    fs::remove_file(place.socket()).unwrap();
    let own = Command::new("id").arg("-g").output().unwrap().stdout;
    let group = format!("config.socket.group={}", String::from_utf8(own).unwrap().trim());
    let _agent = place.started(&["--set", &group]);
    assert_eq!(fs::metadata(place.socket()).unwrap().permissions().mode() & 0o777, 0o660);
}

#[test]
fn it_ends_with_its_standard_input_only_when_asked() {
    let place = Place::new();
    let mut agent = place.started(&["--exit-with-stdin"]);
    let start = Instant::now();
    drop(agent.child.stdin.take());
    assert_eq!(agent.ended().code(), Some(0));
    assert!(start.elapsed() < Duration::from_secs(2));
    let mut agent = place.started(&[]);
    drop(agent.child.stdin.take());
    agent.wait_for("a new revision is served");
    assert_eq!(colour(&mut place.greeted()).1, "green");
}

#[test]
fn wrong_settings_end_it_before_anything_is_opened() {
    let place = Place::new();
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_gatewright-agent")).args(arguments).env_clear().output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (folder, socket) = (place.path("config"), place.socket());
    let both = ["run", "--folder", folder.to_str().unwrap(), "--socket", socket.to_str().unwrap()];
    for (arguments, message) in [
        (&["run"][..], "setting `config.folder` is missing"),
        (&[&both[..], &["--set", "poll=1"]].concat(), "`poll` is no setting"),
        (&[&both[..], &["--set", "config.poll.seconds=x"]].concat(), "`x` is not a number of seconds"),
        (&[&both[..], &["--settings", "/nowhere.toml"]].concat(), "settings file `/nowhere.toml`"),
        (&["fly"], "unrecognized subcommand"),
    ] {
        let (code, text) = run(arguments);
        assert_eq!(code, Some(64), "{text}");
        assert!(text.contains(message), "{text}");
    }
    assert!(!socket.exists());
    assert_eq!(run(&["--help"]).0, Some(0));
}

#[test]
fn check_prints_findings_and_says_it_in_its_status() {
    let place = Place::new();
    let check = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatewright-agent"));
        let output = command.arg("check").arg("--folder").arg(place.path("config")).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, text) = check();
    assert_eq!((code, text.as_str()), (Some(0), "0 documents, 0 expressions, 0 errors, 0 warnings\n"));
    place.write("apis/a/policy.xml", "<policies>\n  <inbound>\n    <no-such-policy />\n  </inbound>\n</policies>");
    let (code, text) = check();
    assert_eq!(code, Some(1));
    assert!(text.contains("config/apis/a/policy.xml:3:"), "{text}");
}

#[test]
fn no_secret_reaches_the_log() {
    let place = Place::new();
    let secrets = place.path("secrets.toml");
    fs::write(&secrets, "[named-values]\ncolour = 'hunter2'\n[subscriptions.s]\nprimary = 'correct-horse'\n").unwrap();
    fs::set_permissions(&secrets, fs::Permissions::from_mode(0o600)).unwrap();
    place.write(
        "subscriptions/s/subscriptionInformation.json",
        r#"{"properties": {"scope": "/apis", "secondaryKey": "battery"}}"#,
    );
    place.write("products/p/productInformation.json", r#"{"properties": {"displayName": {"x": "staple"}}}"#);
    let mut agent = place.started(&["--secrets", secrets.to_str().unwrap()]);
    agent.wait_for("the configuration is refused");
    fs::remove_dir_all(place.path("config/products")).unwrap();
    assert_eq!(colour(&mut place.greeted()).1, "hunter2");
    fs::write(&secrets, "[named-values]\ncolour = hunter2\n").unwrap();
    agent.wait_for(secrets.to_str().unwrap());
    agent.wait_for("the configuration is refused");
    for word in ["hunter2", "correct-horse", "battery", "staple"] {
        assert!(!agent.seen.iter().any(|line| line.contains(word)), "{word}: {:#?}", agent.seen);
    }
}

#[test]
fn a_folder_linked_to_elsewhere_is_followed_by_polling() {
    // Mounted config maps replace a link, which no watch on the old target sees.
    let place = Place::new();
    fs::rename(place.path("config"), place.path("one")).unwrap();
    std::os::unix::fs::symlink(place.path("one"), place.path("config")).unwrap();
    let agent = place.started(&["--set", "config.poll.seconds=1"]);
    let mut gateway = place.greeted();
    assert_eq!(colour(&mut gateway).1, "green");
    assert!(Command::new("cp").arg("-r").arg(place.path("one")).arg(place.path("two")).status().unwrap().success());
    let changed = place.path("two/named values/colour/namedValueInformation.json");
    fs::File::create(changed)
        .unwrap()
        .write_all(br#"{"properties": {"displayName": "colour", "value": "two"}}"#)
        .unwrap();
    let fresh = place.path("fresh");
    std::os::unix::fs::symlink(place.path("two"), &fresh).unwrap();
    fs::rename(&fresh, place.path("config")).unwrap();
    assert_eq!(colour(&mut gateway).1, "two");
    assert!(Path::new(&place.socket()).exists());
    drop(agent);
}
