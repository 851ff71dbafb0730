//! Frames: what goes in comes out, whatever the cuts; what is too long, cut short or no JSON is an error and costs nothing.

use config_model::{
    Digest, Finding, Revision,
    feed::{
        frame::{self, FrameError, MAX_AGENT_FRAME, MAX_GATEWAY_FRAME},
        message::{Ack, GatewayMessage, Health, Nack, Want},
    },
};
use proptest::prelude::*;

fn message() -> impl Strategy<Value = GatewayMessage> {
    let digest = any::<[u8; 32]>().prop_map(Digest::from);
    let finding = (any::<String>(), 0..9_u32, any::<Option<String>>())
        .prop_map(|(text, line, help)| Finding { help, ..Finding::error("GW1001", text).at(line, 1) });
    prop_oneof![
        digest.clone().prop_map(|d| GatewayMessage::Ack(Ack { revision: Revision(d) })),
        (digest.clone(), prop::collection::vec(digest.clone(), 0..9))
            .prop_map(|(d, digests)| GatewayMessage::Want(Want { revision: Revision(d), digests })),
        (digest, prop::collection::vec(finding, 0..4))
            .prop_map(|(d, diagnostics)| GatewayMessage::Nack(Nack { revision: Revision(d), diagnostics })),
        any::<u64>().prop_map(|n| GatewayMessage::Health(Health { requests: n, ..Health::default() })),
    ]
}

proptest! {
    #[test]
    fn messages_round_trip(messages in prop::collection::vec(message(), 0..6)) {
        let mut bytes = Vec::new();
        for message in &messages {
            frame::write(&mut bytes, message, MAX_GATEWAY_FRAME).unwrap();
        }
        let mut reader = bytes.as_slice();
        let mut rest = bytes.as_slice();
        for message in &messages {
            prop_assert_eq!(&frame::read::<GatewayMessage>(&mut reader, MAX_GATEWAY_FRAME).unwrap().unwrap(), message);
            let (decoded, after) = frame::decode::<GatewayMessage>(rest, MAX_GATEWAY_FRAME).unwrap().unwrap();
            prop_assert_eq!(&decoded, message);
            rest = after;
        }
        prop_assert!(frame::read::<GatewayMessage>(&mut reader, MAX_GATEWAY_FRAME).unwrap().is_none());
    }

    #[test]
    fn a_cut_frame_is_incomplete_and_never_a_message(message in message(), cut in any::<prop::sample::Index>()) {
        let bytes = frame::encode(&message, MAX_GATEWAY_FRAME).unwrap();
        let bytes = &bytes[..cut.index(bytes.len())];
        prop_assert!(frame::decode::<GatewayMessage>(bytes, MAX_GATEWAY_FRAME).unwrap().is_none());
        let read = frame::read::<GatewayMessage>(&mut &*bytes, MAX_GATEWAY_FRAME);
        if bytes.is_empty() {
            prop_assert!(read.unwrap().is_none());
        } else {
            prop_assert!(matches!(read, Err(FrameError::Truncated)));
        }
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = frame::decode::<GatewayMessage>(&bytes, MAX_GATEWAY_FRAME);
        let _ = frame::read::<GatewayMessage>(&mut bytes.as_slice(), MAX_GATEWAY_FRAME);
    }
}

#[test]
fn a_frame_of_200_mb_is_refused_before_a_byte_of_it_is_read() {
    let announced = (200 * 1024 * 1024_u32).to_be_bytes();
    let error = frame::read_payload(&mut announced.as_slice(), MAX_AGENT_FRAME).unwrap_err();
    assert_eq!(error.to_string(), "frame of 209715200 bytes is longer than the 67108864 allowed");
    assert!(matches!(frame::encode(&"x".repeat(100), 99), Err(FrameError::TooLong { length: 102, ceiling: 99 })));
}

#[test]
fn unknown_fields_are_ignored() {
    let text = br#"{"health":{"requests":7,"moon_phase":"full"}}"#;
    let message: GatewayMessage = frame::decode_payload(text).unwrap();
    assert_eq!(message, GatewayMessage::Health(Health { requests: 7, ..Health::default() }));
}

#[test]
fn a_malformed_frame_is_not_quoted() {
    let error = frame::decode_payload::<GatewayMessage>(br#"{"ack":"hunter2"}"#).unwrap_err();
    assert!(!error.to_string().contains("hunter2"), "{error}");
}
