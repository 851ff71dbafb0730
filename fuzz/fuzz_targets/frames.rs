//! Any bytes as frames of the feed, from either side; what can be read is written and read again.
#![no_main]

use config_model::feed::frame;
use config_model::feed::message::{AgentMessage, GatewayMessage};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const CEILING: usize = 1 << 20;

fn again<T: serde::Serialize + serde::de::DeserializeOwned>(bytes: &[u8]) {
    let Ok(Some((message, _))) = frame::decode::<T>(bytes, CEILING) else { return };
    let Ok(once) = frame::encode(&message, usize::MAX >> 1) else { return };
    let (back, rest) =
        frame::decode::<T>(&once, usize::MAX >> 1).expect("what was written can be read").expect("and is whole");
    assert!(rest.is_empty());
    let text = |m: &T| serde_json::to_value(m).expect("a message is JSON");
    assert_eq!(text(&message), text(&back));
}

fuzz_target!(|bytes: &[u8]| {
    again::<GatewayMessage>(bytes);
    again::<AgentMessage>(bytes);
    let _: Result<Option<Value>, _> = frame::read(&mut &*bytes, CEILING);
});
