//! Agent and gateway as they run in production, with requests going on: reloads, a killed agent, a start without one.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on is to fail loudly"
)]

mod support;

use std::path::{Path, PathBuf};

use support::{Backend, Gateway, Load, eventually, start_agent, version, versioned, write_echo, write_policy};

/// Changes, every second one broken.
const CHANGES: usize = 10;
/// Connections that ask without pause.
const CONNECTIONS: usize = 3;
/// Requests that must be answered between two events.
const BETWEEN: u64 = 20;

struct Place {
    backend: Backend,
    folder: tempfile::TempDir,
    private: tempfile::TempDir,
}

impl Place {
    fn new() -> Place {
        let place = Place {
            backend: Backend::start(),
            folder: tempfile::tempdir().unwrap(),
            private: tempfile::tempdir().unwrap(),
        };
        write_echo(place.folder.path(), place.backend.address, "start");
        place
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn socket(&self) -> PathBuf {
        self.private.path().join("feed.sock")
    }

    fn backup(&self, of: &str) -> PathBuf {
        self.private.path().join(of)
    }
}

fn wait_for_version(gateway: &Gateway, wanted: &str) {
    eventually(&format!("version {wanted} is served"), || (version(gateway.http)? == wanted).then_some(()));
}

fn assert_no_failure(load: Load) {
    let (answered, failures) = load.end();
    assert!(failures.is_empty(), "{} of {answered} requests failed: {failures:?}", failures.len());
    assert!(answered >= BETWEEN);
}

#[test]
fn reloads_under_load_fail_no_request() {
    let place = Place::new();
    let agent = start_agent(place.folder(), &place.socket(), None);
    let gateway = Gateway::start(&place.socket(), None);
    gateway.wait_until_ready();
    let load = Load::start(gateway.http, "/echo", CONNECTIONS);
    let mut good = "start".to_owned();
    for change in 0..CHANGES {
        load.more(BETWEEN);
        if change % 2 == 0 {
            good = format!("change-{change}");
            write_policy(place.folder(), &versioned(&good));
            wait_for_version(&gateway, &good);
        } else {
            // A mistake of its own each time, so that each report is a new one.
            write_policy(place.folder(), &versioned("broken").replace("set-header", &format!("no-policy-{change}")));
            let said = agent.wait_for(&format!("there is no policy `no-policy-{change}`"));
            assert!(said.contains("apis/echo/policy.xml:6:10: error[GW0301]"), "{said}");
            assert_eq!(version(gateway.http).as_deref(), Some(good.as_str()), "the good one stays");
        }
    }
    load.more(BETWEEN);
    assert_no_failure(load);
}

#[test]
fn without_its_agent_a_gateway_serves_on_and_starts_again() {
    let place = Place::new();
    let (socket, kept) = (place.socket(), place.backup("gateway"));
    let mut agent = start_agent(place.folder(), &socket, Some(&place.backup("agent")));
    let gateway = Gateway::start(&socket, Some(&kept));
    gateway.wait_until_ready();
    let load = Load::start(gateway.http, "/echo", CONNECTIONS);
    load.more(BETWEEN);
    agent.signal("KILL");
    agent.wait();
    gateway.running.wait_for("serving what is there");
    load.more(BETWEEN);
    assert_no_failure(load);

    // The backup alone is enough for a start.
    eventually("the backup is written", || kept.join("current.snapshot").is_file().then_some(()));
    drop(gateway);
    let gateway = Gateway::start(&socket, Some(&kept));
    gateway.wait_until_ready();
    assert_eq!(version(gateway.http).as_deref(), Some("start"));

    // The agent comes back, with a folder that has moved on.
    let load = Load::start(gateway.http, "/echo", CONNECTIONS);
    write_policy(place.folder(), &versioned("newest"));
    let _agent = start_agent(place.folder(), &socket, Some(&place.backup("agent")));
    wait_for_version(&gateway, "newest");
    load.more(BETWEEN);
    assert_no_failure(load);
}

#[test]
fn an_agent_with_a_broken_folder_serves_its_backup() {
    let place = Place::new();
    let (socket, kept) = (place.socket(), place.backup("agent"));
    let first = start_agent(place.folder(), &socket, Some(&kept));
    eventually("the backup is written", || kept.join("snapshot.gws").is_file().then_some(()));
    drop(first);
    write_policy(place.folder(), "<policies><inbound>");
    let agent = start_agent(place.folder(), &socket, Some(&kept));
    let gateway = Gateway::start(&socket, None);
    wait_for_version(&gateway, "start");
    let said = agent.wait_for("error[GW");
    assert!(said.contains("apis/echo/policy.xml:1:"), "{said}");
    agent.wait_for("the configuration is refused");
}
