//! Revisions coming and going: reload under load, refusals, the agent away, the backup, garbage, bad starts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed expectation is the failure of the test"
)]

mod support;

use std::io::Write;
use std::os::unix::net::UnixListener;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use config_model::testkit::{Builder, ScriptedAgent};
use config_model::{Bundle, PolicyScope};
use support::{Backend, Start, one_api, until};

fn marked(backend: &Backend, mark: &str) -> Bundle {
    let policy = format!(
        "<policies><inbound /><backend><forward-request /></backend><outbound><set-header name=\"X-Mark\" exists-action=\"override\">\
         <value>{mark}</value></set-header></outbound><on-error /></policies>"
    );
    one_api(backend).policy(PolicyScope::Global, &policy).bundle()
}

fn broken(backend: &Backend) -> Bundle {
    one_api(backend).policy(PolicyScope::Global, "<policies><inbound><no-such-policy /></inbound></policies>").bundle()
}

#[test]
fn reload_under_load_loses_nothing() {
    let backend = Backend::plain();
    let folder = tempfile::tempdir().unwrap();
    let listener = UnixListener::bind(folder.path().join("socket")).unwrap();
    let gateway = Start::default().socket(&folder.path().join("socket")).run();
    let mut agent = ScriptedAgent::new(listener.accept().unwrap().0);
    assert_eq!(agent.expect_hello().have, None);
    assert_eq!(gateway.get("/status-0123456789abcdef").status, 503);
    assert_eq!(gateway.get("/a/x").status, 503);
    agent.offer(&marked(&backend, "0"));
    agent.verdict().unwrap();
    let (stop, failed, done) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut client = gateway.connect();
                while !stop.load(Ordering::Relaxed) {
                    let reply = client.get("/a/x");
                    if reply.status != 200 || reply.header("x-mark").is_none() {
                        failed.fetch_add(1, Ordering::Relaxed);
                    }
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for round in 1..=12 {
            if round % 3 == 0 {
                agent.offer(&broken(&backend));
                let findings = agent.verdict().unwrap_err();
                assert!(findings.iter().any(|finding| finding.message.contains("no-such-policy")), "{findings:?}");
                continue;
            }
            let mark = round.to_string();
            assert_eq!(agent.offer(&marked(&backend, &mark)), 1, "only the changed blob travels");
            agent.verdict().unwrap();
            assert_eq!(gateway.get("/a/x").header("x-mark"), Some(mark.as_str()));
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert_eq!(failed.into_inner(), 0);
    assert!(done.into_inner() > 20);
    assert_eq!(gateway.metric("gatewright_config_reloads_total{result=\"live\"}"), 9.0);
    assert_eq!(gateway.metric("gatewright_config_reloads_total{result=\"refused\"}"), 4.0);
    assert_eq!(gateway.get("/a/x").header("x-mark"), Some("11"));
}

#[test]
fn the_agent_may_go_and_the_backup_serves() {
    let backend = Backend::plain();
    let folder = tempfile::tempdir().unwrap();
    let (socket, kept) = (folder.path().join("socket"), folder.path().join("kept"));
    let listener = UnixListener::bind(&socket).unwrap();
    let gateway = Start::default().socket(&socket).backup(&kept).run();
    let mut agent = ScriptedAgent::new(listener.accept().unwrap().0);
    agent.expect_hello();
    agent.offer(&marked(&backend, "kept"));
    let revision = agent.verdict().unwrap();
    drop((agent, listener));
    std::fs::remove_file(&socket).unwrap();
    assert_eq!(gateway.get("/a/x").status, 200);
    until("the loss is logged", || gateway.output().contains("serving what is there"));
    until("the revision is on disk", || kept.join("current.snapshot").exists());
    drop(gateway);
    // Without an agent the last good revision is served at once.
    let gateway = Start::default().socket(&socket).backup(&kept).run();
    assert_eq!(gateway.get("/a/x").header("x-mark"), Some("kept"));
    assert_eq!(gateway.get("/status-0123456789abcdef").status, 200);
    // And when it comes back, only what is new travels.
    let listener = UnixListener::bind(&socket).unwrap();
    let mut agent = ScriptedAgent::new(listener.accept().unwrap().0);
    assert_eq!(agent.expect_hello().have, Some(revision));
    assert_eq!(agent.offer(&marked(&backend, "newer")), 1);
    agent.verdict().unwrap();
    assert_eq!(gateway.get("/a/x").header("x-mark"), Some("newer"));
}

#[test]
fn garbage_from_the_agent_changes_nothing() {
    let backend = Backend::plain();
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("socket");
    let listener = UnixListener::bind(&socket).unwrap();
    let mut start = Start::with(one_api(&backend)).socket(&socket);
    start.settings.push("gatewright.logs.access=false".to_owned());
    let gateway = start.run();
    for garbage in [
        &b"\xff\xff\xff\xff"[..],
        b"\x0c\x80\x00\x00",
        b"\x00\x00\x00\x02{}",
        b"\x00\x00\x00\x05nojsn",
        b"GET / HTTP/1.1\r\n\r\n",
    ] {
        let mut stream = listener.accept().unwrap().0;
        let _ = stream.write_all(garbage);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        assert_eq!(gateway.get("/a/x").status, 200);
    }
    until("it is logged", || gateway.output().contains("cannot be used"));
    let mut agent = ScriptedAgent::new(listener.accept().unwrap().0);
    agent.expect_hello();
    agent.offer(&marked(&backend, "after"));
    agent.verdict().unwrap();
    assert_eq!(gateway.get("/a/x").header("x-mark"), Some("after"));
}

#[test]
fn a_broken_first_revision_serves_its_sound_parts() {
    let backend = Backend::plain();
    let snapshot = Builder::new()
        .api(config_model::testkit::api("good", "good", &backend.url()))
        .api(config_model::testkit::api("bad", "bad", &backend.url()))
        .policy(PolicyScope::Api("bad".into()), "<policies><inbound><no-such-policy /></inbound></policies>");
    let gateway = Start::with(snapshot).run();
    assert_eq!(gateway.get("/good/x").status, 200);
    let reply = gateway.get("/bad/x");
    assert_eq!(reply.status, 500);
    assert!(reply.text().starts_with("{ \"statusCode\": 500, \"message\": \"Internal server error\""));
    let lines = gateway.log_lines(2);
    assert!(lines.iter().any(|line| line["api"] == "bad" && line["reason"] == "PolicyDocumentBroken"));
    assert_eq!(gateway.metric("gatewright_config_reloads_total{result=\"refused\"}"), 1.0);
}

#[test]
fn bad_starts_say_why() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output =
            std::process::Command::new(env!("CARGO_BIN_EXE_gatewright-gateway")).args(arguments).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let address = taken.local_addr().unwrap().to_string();
    let (code, text) = run(&["--listen", &address, "--socket", "/nowhere"]);
    assert_eq!(code, 1);
    assert!(text.contains(&format!("cannot listen on {address}: ")) && text.contains("in use"), "{text}");
    let (code, text) = run(&["--listen", "127.0.0.1:0", "--socket", "/nowhere", "--set", "nonsense=1"]);
    assert_eq!((code, text.as_str()), (64, "gatewright-gateway: unknown setting `nonsense`\n"));
    assert_eq!(run(&["--listen", "127.0.0.1:0"]).0, 64);
    assert_eq!(run(&["--no-such-flag"]).0, 64);
    let file = folder.path().join("x.snapshot");
    std::fs::write(&file, b"not a snapshot").unwrap();
    let (code, text) = run(&["--listen", "127.0.0.1:0", "--snapshot", file.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(text.contains("not a snapshot file"), "{text}");
    let (code, text) = run(&[
        "--listen",
        "127.0.0.1:0",
        "--socket",
        "/nowhere",
        "--set",
        "gatewright.tls.listen=127.0.0.1:0",
        "--set",
        "gatewright.tls.certificate=/none.pem",
        "--set",
        "gatewright.tls.key=/none.key",
    ]);
    assert_eq!(code, 1);
    assert!(text.contains("certificate file `/none.pem` cannot be used"), "{text}");
}

#[test]
fn the_end_waits_for_requests_in_progress_and_for_nothing_else() {
    let backend = Backend::start(|mut exchange, _| {
        while exchange.request().is_some() {
            std::thread::sleep(Duration::from_millis(600));
            exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate");
        }
    });
    let mut gateway = Start::with(one_api(&backend)).run();
    let mut idle = gateway.connect();
    assert_eq!(idle.get("/status-0123456789abcdef").status, 200);
    let mut busy = gateway.connect();
    busy.send(b"GET /a/x HTTP/1.1\r\nHost: h\r\n\r\n");
    std::thread::sleep(Duration::from_millis(100));
    gateway.signal("TERM");
    let reply = busy.reply(false);
    assert_eq!((reply.status, reply.text().as_str()), (200, "late"));
    assert!(idle.is_closed());
    let start = std::time::Instant::now();
    assert!(gateway.wait().success());
    assert!(start.elapsed() < Duration::from_secs(2));
    assert!(gateway.output().contains("all requests finished"));
    // The pipe of the parent closing is an end as well.
    let mut gateway = Start::with(one_api(&backend)).run();
    gateway.close_stdin();
    assert!(gateway.wait().success());
}
