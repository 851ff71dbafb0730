//! `gatewright dev` as its user meets it: what it says, how it ends, how it follows changes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on is to fail loudly"
)]

mod support;

use std::net::{SocketAddr, TcpListener};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::time::{Duration, Instant};

use support::{
    Backend, Dev, children, eventually, gatewright, get, is_alive, signal, start_agent, status, text, version,
    versioned, write_echo, write_policy,
};

/// What ending may take, children and all.
const END_LIMIT: Duration = Duration::from_secs(2);

/// Nobody answers here; the tests below never reach a backend.
fn nowhere() -> SocketAddr {
    "127.0.0.1:9".parse().unwrap()
}

fn echo_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_echo(folder.path(), nowhere(), "1");
    folder
}

#[test]
fn wrong_usage_is_told_apart_from_a_broken_folder() {
    let missing = gatewright(&["dev", "no/such/folder"]);
    assert_eq!(missing.status.code(), Some(2));
    assert_eq!(text(&missing.stderr), "gatewright: `no/such/folder` is not a folder\n");
    assert_eq!(gatewright(&["dev"]).status.code(), Some(2));
    assert_eq!(gatewright(&["dev", "examples/alpine-supply", "--listen", "nonsense"]).status.code(), Some(2));
    let folder = echo_folder();
    write_policy(folder.path(), "<policies><inbound><base/><set-headers/></inbound></policies>");
    let path = folder.path().display().to_string();
    let refused = gatewright(&["dev", &path, "--listen", "127.0.0.1:0"]);
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused.stderr);
    assert!(said.contains(&format!("{path}/apis/echo/policy.xml:1:28: error[GW0301]")), "{said}");
    assert!(said.contains("is refused: 1 error to mend first"), "{said}");
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = echo_folder();
    let dev = gatewright(&["dev", &folder.path().display().to_string(), "--listen", &address]);
    let said = text(&dev.stderr) + &text(&dev.stdout);
    assert_eq!(dev.status.code(), Some(1), "{said}");
    assert!(said.contains(&format!("cannot listen on {address}: Address already in use")), "{said}");
    assert!(!said.contains("gatewright: serving"), "{said}");
    drop(taken);
}

/// Starts, ends it as told, and sees everything gone in time.
fn ends_by(name: &str) -> Option<i32> {
    let (folder, backend) = (tempfile::tempdir().unwrap(), Backend::start());
    // A version of its own: once the port is free, a gateway of another test may get it.
    let mark = format!("until-{name}");
    write_echo(folder.path(), backend.address, &mark);
    let mut dev = Dev::start(folder.path(), &[]);
    assert_eq!(version(dev.http).as_ref(), Some(&mark));
    let own = dev.running.child.id();
    let programs = children(own);
    assert_eq!(programs.len(), 2, "agent and gateway");
    let start = Instant::now();
    signal(own, name);
    let ended = dev.running.wait();
    eventually("the children end", || programs.iter().all(|pid| !is_alive(*pid)).then_some(()));
    assert!(start.elapsed() < END_LIMIT, "{:?}", start.elapsed());
    assert_ne!(version(dev.http).as_ref(), Some(&mark), "nobody serves it any more");
    match name {
        "KILL" => assert_eq!(ended.signal(), Some(9)),
        _ => assert!(!dev.running.written().contains("panic"), "{}", dev.running.written()),
    }
    ended.code()
}

#[test]
fn sigterm_ends_all() {
    assert_eq!(ends_by("TERM"), Some(0));
}

#[test]
fn sigint_ends_all() {
    assert_eq!(ends_by("INT"), Some(0));
}

#[test]
fn a_killed_parent_leaves_no_orphans() {
    assert_eq!(ends_by("KILL"), None);
}

#[test]
fn a_closed_terminal_ends_all() {
    assert_eq!(ends_by("HUP"), Some(0));
}

#[test]
fn nothing_stays_behind() {
    let (folder, place) = (echo_folder(), tempfile::tempdir().unwrap());
    let left = || std::fs::read_dir(place.path()).unwrap().count();
    let start = || Dev::start_in(folder.path(), place.path());
    let mut killed = start();
    let programs = children(killed.running.child.id());
    killed.running.signal("KILL");
    killed.running.wait();
    eventually("the children end", || programs.iter().all(|pid| !is_alive(*pid)).then_some(()));
    assert_eq!(left(), 1, "nobody can put away after SIGKILL");
    let mut next = start();
    assert_eq!(left(), 1, "the next one has, and has its own");
    next.running.signal("TERM");
    next.running.wait();
    assert_eq!(left(), 0);
}

#[test]
fn a_dead_child_ends_the_command() {
    let folder = echo_folder();
    let mut dev = Dev::start(folder.path(), &[]);
    let programs = children(dev.running.child.id());
    signal(programs[0], "KILL");
    assert_eq!(dev.running.wait().code(), Some(1));
    dev.running.wait_for("gatewright: gatewright-");
    eventually("the other child ends", || programs.iter().all(|pid| !is_alive(*pid)).then_some(()));
}

#[test]
fn it_says_where_it_serves_and_what() {
    let folder = echo_folder();
    let dev = Dev::start(folder.path(), &[]);
    dev.running.wait_for("/echo                     Echo, 1 operation");
    let example = dev.running.wait_for("try: curl");
    assert_eq!(example, format!("try: curl -i http://{}/echo", dev.http));
    assert_eq!(get(dev.http, support::READY_PATH).status, 200);
    let metrics = get(dev.admin, "/metrics");
    assert_eq!(metrics.status, 200);
    assert!(metrics.body.contains("# TYPE "), "{}", metrics.body);
    assert_eq!(get(dev.admin, "/no-such-page").status, 404);
}

/// Changes the policy and waits until it shows: how long that took.
fn change(folder: &Path, dev: &Dev, to: &str) -> Duration {
    let start = Instant::now();
    write_policy(folder, &versioned(to));
    eventually("the change is served", || (version(dev.http)? == to).then_some(()));
    start.elapsed()
}

#[test]
fn changes_are_served_within_a_second_and_broken_ones_never() {
    let (backend, folder) = (Backend::start(), tempfile::tempdir().unwrap());
    write_echo(folder.path(), backend.address, "1");
    let dev = Dev::start(folder.path(), &[]);
    assert_eq!(version(dev.http).as_deref(), Some("1"));
    // The quickest of three, because this machine may have other things to do.
    let quickest = ["2", "3", "4"].map(|to| change(folder.path(), &dev, to)).into_iter().min().unwrap();
    assert!(quickest < Duration::from_secs(1), "{quickest:?}");
    write_policy(folder.path(), &versioned("5").replace("set-header", "set-headers"));
    let place = format!("{}/apis/echo/policy.xml:6:10: error[GW0301]", folder.path().display());
    dev.running.wait_for(&place);
    dev.running.wait_for("the configuration is refused");
    assert_eq!(version(dev.http).as_deref(), Some("4"), "the good one stays");
    change(folder.path(), &dev, "6");
}

#[test]
fn a_folder_that_vanishes_does_not_end_the_service() {
    let (backend, outer) = (Backend::start(), tempfile::tempdir().unwrap());
    let (folder, away) = (outer.path().join("config"), outer.path().join("away"));
    write_echo(&folder, backend.address, "1");
    let dev = Dev::start(&folder, &[]);
    std::fs::rename(&folder, &away).unwrap();
    dev.running.wait_for("the configuration is refused");
    assert_eq!(version(dev.http).as_deref(), Some("1"));
    assert_eq!(get(dev.http, support::READY_PATH).status, 200);
}

#[test]
fn the_ready_path_tells_the_truth() {
    let (folder, place) = (echo_folder(), tempfile::tempdir().unwrap());
    let socket = place.path().join("feed.sock");
    let gateway = support::Gateway::start(&socket, None);
    let before = status(gateway.http, support::READY_PATH);
    assert!(before.is_some_and(|code| code >= 500), "nothing is served yet: {before:?}");
    let _agent = start_agent(folder.path(), &socket, None);
    gateway.wait_until_ready();
}
