//! Input that nobody sane would write, given to the real programs: each a clear error in good time, and nothing that was good is lost.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on is to fail loudly"
)]

mod support;

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use support::{
    Backend, Gateway, PATIENCE, eventually, gatewright, program, root, start_agent, text, version, write_echo,
    write_policy,
};

/// What any single check may take, on a busy machine and without optimisation.
const CHECK_LIMIT: Duration = Duration::from_secs(10);

struct Folder {
    place: tempfile::TempDir,
}

impl Folder {
    fn new() -> Folder {
        let place = tempfile::tempdir().unwrap();
        write_echo(place.path(), "127.0.0.1:9".parse().unwrap(), "1");
        Folder { place }
    }

    fn path(&self) -> &Path {
        self.place.path()
    }

    fn api(&self, file: &str) -> PathBuf {
        self.path().join("apis/echo").join(file)
    }

    /// Checks it: what is printed, with the folder's own name left out. It must be refused.
    fn refusal(&self) -> String {
        let start = Instant::now();
        let shown = self.path().display().to_string();
        let done = gatewright(&["check", &shown]);
        let said = text(&done.stdout) + &text(&done.stderr);
        assert_eq!(done.status.code(), Some(1), "{said}");
        assert!(start.elapsed() < CHECK_LIMIT, "{:?}", start.elapsed());
        assert!(!said.contains("panicked"), "{said}");
        assert!(said.len() < 20_000, "{} bytes were printed", said.len());
        said.replace(&format!("{shown}/"), "")
    }

    #[track_caller]
    fn assert_refused(&self, wanted: &str) {
        let said = self.refusal();
        assert!(said.contains(wanted), "expected `{wanted}`:\n{said}");
    }
}

fn inbound(inner: &str) -> String {
    format!("<policies>\n<inbound>\n{inner}\n</inbound>\n</policies>\n")
}

#[test]
fn mistakes_in_policies_are_placed() {
    let folder = Folder::new();
    for (policy, wanted) in [
        ("<set-headers/>", "policy.xml:3:2: error[GW0301]: there is no policy `set-headers`"),
        ("<forward-request/>", "policy.xml:3:2: error[GW0303]"),
        ("<set-variable name=\"a\" value=\"@(1 +)\"/>", "policy.xml:3:36: error[GW2"),
        ("<set-variable name=\"a\" value=\"@(nothing)\"/>", "(CS0103)"),
        ("<set-variable name=\"a\" value=\"{{missing}}\"/>", "there is no named value `missing`"),
        ("<set-backend-service backend-id=\"gone\"/>", "there is no backend `gone`"),
        ("<include-fragment fragment-id=\"gone\"/>", "there is no fragment `gone`"),
        ("</inbound>", "policy.xml:"),
        ("<![CDATA[", "policy.xml:"),
        ("&nothing;", "policy.xml:3:"),
    ] {
        write_policy(folder.path(), &inbound(policy));
        let said = folder.refusal();
        assert!(said.contains("apis/echo/policy.xml:") && said.contains(wanted), "expected `{wanted}`:\n{said}");
    }
}

#[test]
fn what_cannot_be_read_is_said() {
    let folder = Folder::new();
    std::fs::write(folder.api("policy.xml"), b"<policies>\n\xFF\xFE</policies>").unwrap();
    folder.assert_refused("apis/echo/policy.xml:2:1: error[GW1002]: not UTF-8 text");
    std::fs::remove_file(folder.api("policy.xml")).unwrap();
    std::os::unix::fs::symlink("/no/such/file", folder.api("policy.xml")).unwrap();
    folder.assert_refused("apis/echo/policy.xml` is a link that cannot be followed: No such file");
    std::fs::remove_file(folder.api("policy.xml")).unwrap();
    std::os::unix::fs::symlink(".", folder.api("loop")).unwrap();
    folder.assert_refused("lies deeper than 12 folders");
    std::fs::remove_file(folder.api("loop")).unwrap();
    // A hole on disk, 100 MB to a reader.
    std::fs::File::create(folder.api("policy.xml")).unwrap().set_len(100 << 20).unwrap();
    folder.assert_refused("apis/echo/policy.xml: error[GW1007]: larger than the 4194304 bytes allowed");
    let file = folder.api("policy.xml").display().to_string();
    let alone = gatewright(&["check", &file]);
    assert_eq!(alone.status.code(), Some(2));
    assert!(text(&alone.stderr).contains("is larger than the 4194304 bytes that are read"));
    let standalone = gatewright(&["check", "--standalone", &folder.path().display().to_string()]);
    assert_eq!(standalone.status.code(), Some(1), "one file of many is a finding");
}

#[test]
fn usage_that_makes_no_sense_is_two() {
    let empty = tempfile::tempdir().unwrap();
    let shown = empty.path().display().to_string();
    for arguments in [
        &["check"][..],
        &["check", "/no/such/folder"],
        &["check", "/no/such/file.xml"],
        &["check", "examples/alpine-supply", "--format", "xml"],
        &["check", "examples/alpine-supply/policy.xml", "--named-values", "/no/such/file"],
        &["dev", "README.md"],
        &["eval"],
        &["eval", "@(1)", "--vectors", "x"],
        &["eval", "@(1)", "--context", "/no/such/file"],
        &["eval", "--vectors", "/no/such/file"],
        &["nonsense"],
    ] {
        let done = gatewright(arguments);
        assert_eq!(done.status.code(), Some(2), "{arguments:?}: {}", text(&done.stderr));
        assert!(!done.stderr.is_empty());
    }
    let nothing = gatewright(&["check", &shown]);
    assert_eq!(nothing.status.code(), Some(1));
    assert!(text(&nothing.stdout).contains("holds no API Management configuration"), "{}", text(&nothing.stdout));
}

#[test]
fn depth_and_length_have_limits() {
    let folder = Folder::new();
    let deep = "<choose><when condition=\"true\">".repeat(3000) + &"</when></choose>".repeat(3000);
    write_policy(folder.path(), &inbound(&deep));
    folder.assert_refused("elements are nested deeper than 64");
    write_policy(folder.path(), &inbound(&"<base/>".repeat(100_000)));
    folder.assert_refused("bytes, more than 262144");
    let parentheses = format!("@({}1{})", "(".repeat(100_000), ")".repeat(100_000));
    write_policy(folder.path(), &inbound(&format!("<set-variable name=\"a\" value=\"{parentheses}\"/>")));
    folder.assert_refused("(CS8078)");
    write_policy(folder.path(), &inbound(&format!("<set-variable name=\"a\" value=\"@({}1)\"/>", "1+".repeat(50_000))));
    folder.assert_refused("(CS8078)");
    std::fs::remove_file(folder.api("policy.xml")).unwrap();
    std::fs::write(folder.api("specification.yaml"), "[".repeat(200_000)).unwrap();
    folder.assert_refused("apis/echo/specification.yaml:1:256: error[GW1020]: not YAML");
    let mut laughs = "openapi: 3.0.1\ninfo: { title: a, version: '1' }\nx0: &x0 [lol, lol]\n".to_owned();
    for level in 1..24 {
        let below = level - 1;
        laughs.push_str(&format!("x{level}: &x{level} [*x{below}, *x{below}, *x{below}, *x{below}]\n"));
    }
    std::fs::write(folder.api("specification.yaml"), laughs + "paths: {}\n").unwrap();
    folder.assert_refused("apis/echo/specification.yaml:");
    let nested = format!("{{\"properties\": {}", "[".repeat(200_000));
    std::fs::write(folder.api("apiInformation.json"), nested).unwrap();
    folder.assert_refused("apis/echo/apiInformation.json:1:");
}

#[test]
fn two_apis_cannot_share_a_path() {
    let folder = Folder::new();
    let twin = folder.path().join("apis/twin");
    std::fs::create_dir_all(&twin).unwrap();
    for file in ["apiInformation.json", "specification.yaml"] {
        std::fs::copy(folder.api(file), twin.join(file)).unwrap();
    }
    folder.assert_refused("error[GW1103]: APIs `echo` and `twin` both answer to path `echo`");
}

#[test]
fn sockets_that_cannot_be_are_refused_at_the_start() {
    let (folder, place) = (Folder::new(), tempfile::tempdir().unwrap());
    let long = place.path().join("x".repeat(150)).display().to_string();
    let file = place.path().join("file");
    std::fs::write(&file, "precious").unwrap();
    for (socket, wanted) in [
        (long.clone(), "path must be shorter"),
        (place.path().join("none/feed.sock").display().to_string(), "No such file or directory"),
        (file.display().to_string(), "exists and is no socket"),
    ] {
        let agent = Command::new(program("gatewright-agent"))
            .args(["run", "--folder", &folder.path().display().to_string(), "--socket", &socket])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert_eq!(agent.status.code(), Some(1));
        assert!(text(&agent.stderr).contains(wanted), "{}", text(&agent.stderr));
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious");
    let gateway = Command::new(program("gatewright-gateway"))
        .args(["--listen", "127.0.0.1:0", "--socket", &long])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(gateway.status.code(), Some(64));
    assert!(text(&gateway.stderr).contains("is not a path that a socket can have"), "{}", text(&gateway.stderr));
    let socket = place.path().join("feed.sock");
    let first = start_agent(folder.path(), &socket, None);
    first.wait_for("a new revision is served");
    let mut second = start_agent(folder.path(), &socket, None);
    second.wait_for("is served by another agent");
    assert_eq!(second.wait().code(), Some(1));
}

/// Says something and reads until the other end closes, which it must.
fn talk(socket: &Path, bytes: &[u8]) {
    let mut stream = UnixStream::connect(socket).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // The other end may close before it has read all.
    let _ = stream.write_all(bytes);
    let mut heard = Vec::new();
    match stream.read_to_end(&mut heard) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "it does not close: {error}"),
    }
}

/// A frame that announces 200 MB.
const HUGE: [u8; 4] = (200_u32 << 20).to_be_bytes();

#[test]
fn garbage_on_the_socket_harms_no_agent() {
    let (backend, folder, place) = (Backend::start(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_echo(folder.path(), backend.address, "1");
    let socket = place.path().join("feed.sock");
    let mut agent = start_agent(folder.path(), &socket, None);
    agent.wait_for("a new revision is served");
    talk(&socket, &HUGE);
    agent.wait_for("frame of 209715200 bytes is longer than");
    talk(&socket, b"\0\0\0\x08garbage!");
    agent.wait_for("frame is not a message");
    talk(&socket, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let unasked = br#"{"type":"want","revision":"x","digests":[]}"#;
    talk(&socket, &[&u32::try_from(unasked.len()).unwrap().to_be_bytes(), &unasked[..]].concat());
    drop(UnixStream::connect(&socket).unwrap());
    assert!(agent.is_running());
    let gateway = Gateway::start(&socket, None);
    eventually("the gateway is fed", || (version(gateway.http)? == "1").then_some(()));
    assert!(!agent.written().contains("panicked"), "{}", agent.written());
}

#[test]
fn a_service_that_talks_garbage_harms_no_gateway() {
    let (backend, folder, place) = (Backend::start(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_echo(folder.path(), backend.address, "1");
    let (socket, kept) = (place.path().join("feed.sock"), place.path().join("kept"));
    let agent = start_agent(folder.path(), &socket, None);
    let mut gateway = Gateway::start(&socket, Some(&kept));
    gateway.wait_until_ready();
    drop(agent);
    let _ = std::fs::remove_file(&socket);
    let impostor = UnixListener::bind(&socket).unwrap();
    for (bytes, wanted) in
        [(&HUGE[..], "frame of 209715200 bytes is longer than"), (b"\0\0\0\x02{]", "frame is not a message")]
    {
        let (mut stream, _) = impostor.accept().unwrap();
        stream.write_all(bytes).unwrap();
        gateway.running.wait_for(wanted);
        assert_eq!(version(gateway.http).as_deref(), Some("1"));
    }
    drop(impostor);
    std::fs::remove_file(&socket).unwrap();
    assert!(gateway.running.is_running());
    let _agent = start_agent(folder.path(), &socket, None);
    write_policy(folder.path(), &support::versioned("2"));
    eventually("the gateway follows again", || (version(gateway.http)? == "2").then_some(()));
    assert!(!gateway.running.written().contains("panicked"), "{}", gateway.running.written());
}

#[test]
fn standard_input_and_named_values_are_read() {
    let place = tempfile::tempdir().unwrap();
    let values = place.path().join("values.toml");
    std::fs::write(&values, "size = \"25\"\n").unwrap();
    let check = |policy: &str, more: &[&str]| {
        let mut child = Command::new(program("gatewright"))
            .args(["check", "-"])
            .args(more)
            .current_dir(root())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(policy.as_bytes()).unwrap();
        let done = child.wait_with_output().unwrap();
        (done.status.code(), text(&done.stdout))
    };
    let policy = inbound("\t<set-variable name=\"n\" value=\"@({{size}} * 2)\" />");
    let (code, said) = check(&policy, &[]);
    assert_eq!(code, Some(1));
    let marked =
        "3 |  <set-variable name=\"n\" value=\"@({{size}} * 2)\" />\n  |                                  ^^^^^^^^";
    assert!(said.contains("-:3:34: error[GW0401]") && said.contains(marked), "{said}");
    assert_eq!(check(&policy, &["--named-values", &values.display().to_string()]).0, Some(0));
    assert_eq!(check(&policy, &["--standalone"]).0, Some(0));
}
