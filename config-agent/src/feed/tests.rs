//! Patience: peers that say nothing, stop in the middle, or do not read.
use super::*;
use config_model::{
    Bundle,
    testkit::{Builder, ScriptedGateway},
};
use std::{
    io::Read,
    os::unix::net::UnixStream as Blocking,
    time::{Duration, Instant},
};

const SHORT: Duration = Duration::from_millis(40);

const LONG: Duration = Duration::from_secs(20);

struct Running {
    _folder: tempfile::TempDir,
    path: PathBuf,
    offers: watch::Sender<Arc<Offer>>,
    registry: Arc<Registry>,
    runtime: tokio::runtime::Runtime,
}

fn start(patience: Patience, bundle: Option<Bundle>) -> Running {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let settings = SocketSettings { path: path.clone(), ..SocketSettings::default() };
    let offer = Offer { bundle: bundle.map(Arc::new), ..Offer::default() };
    let (offers, receiver) = watch::channel(Arc::new(offer));
    let feed = runtime.block_on(async { Feed::bind(&settings, patience) }).unwrap();
    let registry = feed.registry();
    runtime.spawn(async move { feed.serve(receiver).await });
    Running { _folder: folder, path, offers, registry, runtime }
}

impl Running {
    fn connect(&self) -> Blocking {
        let stream = Blocking::connect(&self.path).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        stream
    }

    /// True once the agent has closed.
    fn closed(mut stream: Blocking) -> bool {
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).is_ok()
    }
}

#[test]
fn who_says_nothing_is_dropped() {
    let quick = Patience { message: SHORT, write: LONG, silence: LONG };
    assert!(Running::closed(start(quick, None).connect()), "no hello");
    let running = start(Patience { message: LONG, write: LONG, silence: SHORT }, None);
    let stream = running.connect();
    ScriptedGateway::new(stream.try_clone().unwrap()).hello();
    assert!(Running::closed(stream), "no health");
}

#[test]
fn who_stops_inside_a_message_is_dropped() {
    let running = start(Patience { message: SHORT, write: LONG, silence: LONG }, None);
    let stream = running.connect();
    let mut gateway = ScriptedGateway::new(stream.try_clone().unwrap());
    gateway.hello();
    gateway.send_raw(b"\0\0\0\x09{").unwrap();
    assert!(Running::closed(stream));
}

#[test]
fn who_does_not_read_is_dropped_and_others_are_served() {
    let big = "x".repeat(4 * 1024 * 1024);
    let bundle = Builder::new().named_value("big", &big).bundle();
    let running = start(Patience { message: LONG, write: SHORT, silence: LONG }, Some(bundle.clone()));
    let lazy = running.connect();
    let mut writer = ScriptedGateway::new(lazy.try_clone().unwrap());
    writer.hello();
    let digests = bundle.blobs.keys().copied().collect();
    let want = config_model::feed::message::Want { revision: bundle.manifest.revision, digests };
    // The manifest is read first: before it, nothing is offered that could be asked for.
    assert!(writer.next_message().is_some() && writer.next_message().is_some());
    writer.send(&config_model::feed::message::GatewayMessage::Want(want));
    let mut diligent = ScriptedGateway::new(running.connect());
    diligent.hello();
    assert_eq!(diligent.receive().unwrap().revision, bundle.manifest.revision);
    let limit = Instant::now() + LONG;
    while running.registry.peers().len() > 1 {
        assert!(Instant::now() < limit, "the lazy one is still connected");
        std::thread::yield_now();
    }
    let next = Builder::new().named_value("big", "small").bundle();
    running.offers.send_replace(Arc::new(Offer { bundle: Some(Arc::new(next.clone())), ..Offer::default() }));
    assert_eq!(diligent.receive().unwrap().revision, next.manifest.revision);
    running.runtime.shutdown_background();
}

#[test]
fn strangers_are_turned_away() {
    let allowed = Allowed { uids: [1000].into(), gids: [2000].into() };
    assert!(allowed.contains(1000, 1) && allowed.contains(1, 2000));
    assert!(!allowed.contains(0, 0) && !allowed.contains(2000, 1000));
}
