//! Snapshots, bundles, backups and the receiving end of the feed.

use config_model::{
    backup::{self, BackupError},
    feed::{
        message::{AgentMessage, Blob, Commit, GatewayMessage},
        receive::{FeedError, Receiver, Step},
    },
    testkit::{Builder, ScriptedAgent, ScriptedGateway, api, pair},
    *,
};
use std::{sync::Arc, thread};

fn sample() -> Builder {
    Builder::new()
        .api(api("orders", "orders", "http://127.0.0.1:1/orders"))
        .api(api("stock", "stock", "http://127.0.0.1:1/stock"))
        .policy(PolicyScope::Global, "<policies/>")
        .policy(PolicyScope::Operation("orders".into(), "any-get".into()), "<policies><inbound/></policies>")
        .fragment("shared", "<fragment/>")
        .named_value("colour", "green")
        .backend("b1", "https://example.org")
        .product("gold", true, &["orders"])
        .subscription("s1", SubscriptionScope::Product("gold".into()), "key-1")
        .allow_skip("send-service-bus-message")
}

#[test]
fn a_snapshot_survives_being_cut_into_blobs() {
    let snapshot = sample().build();
    let bundle = snapshot.to_bundle().unwrap();
    assert_eq!(bundle.to_snapshot().unwrap(), snapshot);
    assert_eq!(bundle.manifest.revision, sample().bundle().manifest.revision, "the revision depends on content alone");
    let changed = sample().named_value("colour", "red").bundle();
    assert_ne!(changed.manifest.revision, bundle.manifest.revision);
    let new = changed.blobs.keys().filter(|digest| !bundle.blobs.contains_key(*digest)).count();
    assert_eq!(new, 1, "one changed value is one new blob");
}

#[test]
fn a_changed_manifest_or_blob_is_noticed() {
    let mut bundle = sample().bundle();
    bundle.manifest.entries.pop();
    assert!(matches!(bundle.to_snapshot(), Err(SnapshotError::Revision { .. })));

    let mut bundle = sample().bundle();
    let digest = *bundle.blobs.keys().next().unwrap();
    bundle.blobs.insert(digest, Arc::from("{}"));
    assert!(matches!(bundle.to_snapshot(), Err(SnapshotError::Digest { .. })));

    let mut bundle = sample().bundle();
    bundle.blobs.pop_first();
    assert!(matches!(bundle.to_snapshot(), Err(SnapshotError::Missing { .. })));

    let mut manifest = sample().bundle().manifest;
    manifest.format = MANIFEST_FORMAT + 1;
    assert_eq!(manifest.verify(), Err(SnapshotError::Format(MANIFEST_FORMAT + 1)));
}

#[test]
fn every_single_damaged_byte_of_a_backup_is_noticed() {
    let bundle = Builder::new().named_value("a", "b").bundle();
    let mut bytes = Vec::new();
    backup::write(&bundle, &mut bytes).unwrap();
    assert_eq!(backup::read(bytes.as_slice()).unwrap(), bundle);
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x01;
        assert!(backup::read(damaged.as_slice()).is_err(), "byte {at}");
        assert!(backup::read(&bytes[..at]).is_err(), "cut at {at}");
    }
    bytes.push(b' ');
    assert!(matches!(backup::read(bytes.as_slice()), Err(BackupError::Damaged)));
    assert!(matches!(backup::read(b"PK".as_slice()), Err(BackupError::NotASnapshot)));
}

#[test]
fn a_gateway_asks_only_for_what_is_new() {
    let (ours, theirs) = pair();
    let agent = thread::spawn(move || {
        let mut agent = ScriptedAgent::new(ours);
        assert_eq!(agent.expect_hello().have, None);
        let first = sample().bundle();
        assert_eq!(agent.offer(&first), first.blobs.len());
        assert_eq!(agent.verdict(), Ok(first.manifest.revision));
        let second = sample().named_value("colour", "red").bundle();
        assert_eq!(agent.offer(&second), 1);
        assert_eq!(agent.verdict().unwrap_err().len(), 1);
        assert_eq!(agent.offer(&first), 1, "a refused revision took the place of the blob all the same");
    });
    let mut gateway = ScriptedGateway::new(theirs);
    gateway.hello();
    let first = gateway.receive().unwrap();
    gateway.ack(first.revision);
    let second = gateway.receive().unwrap();
    assert!(
        Arc::ptr_eq(&first.snapshot.apis["orders"], &second.snapshot.apis["orders"]),
        "what did not change is shared"
    );
    assert_eq!(second.snapshot.named_value("COLOUR").unwrap().value.as_ref().unwrap().expose(), "red");
    gateway.nack(second.revision, vec![Finding::error("GW2000", "no")]);
    assert_eq!(gateway.receive().unwrap().snapshot, first.snapshot);
    agent.join().unwrap();
}

#[test]
fn a_receiver_refuses_what_is_out_of_order() {
    let bundle = sample().bundle();
    let (digest, text) = bundle.blobs.iter().next().map(|(digest, text)| (*digest, text.clone())).unwrap();
    let blob = AgentMessage::Blob(Blob { digest, text });
    let commit = AgentMessage::Commit(Commit { revision: bundle.manifest.revision });
    let mut receiver = Receiver::new();
    assert_eq!(receiver.take(blob).unwrap_err(), FeedError::Unasked(digest));
    assert!(matches!(receiver.take(commit.clone()), Err(FeedError::NoManifest(_))));
    let Step::Send(GatewayMessage::Want(want)) =
        receiver.take(AgentMessage::Manifest(bundle.manifest.clone())).unwrap()
    else {
        panic!("a manifest is answered with want");
    };
    assert_eq!(want.digests.len(), bundle.blobs.len());
    let wrong = AgentMessage::Blob(Blob { digest: want.digests[0], text: Arc::from("{}") });
    assert!(matches!(receiver.take(wrong), Err(FeedError::Snapshot(SnapshotError::Digest { .. }))));
    assert!(matches!(receiver.take(commit), Err(FeedError::Snapshot(SnapshotError::Missing { .. }))));

    let mut warm = Receiver::with(&bundle.to_snapshot().unwrap()).unwrap();
    let Step::Send(GatewayMessage::Want(want)) = warm.take(AgentMessage::Manifest(bundle.manifest)).unwrap() else {
        panic!("a manifest is answered with want");
    };
    assert!(want.digests.is_empty(), "a receiver that started from a backup has it all");
}
