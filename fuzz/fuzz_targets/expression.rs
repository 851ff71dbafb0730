//! Any text as an expression and as a statement block: parse, bind and run within the default bounds, without a context.
#![no_main]

use std::time::{SystemTime, UNIX_EPOCH};

use libfuzzer_sys::fuzz_target;
use policy_engine::eval::{Surroundings, eval};

/// .NET ticks of 1970-01-01.
const UNIX_EPOCH_TICKS: i64 = 621_355_968_000_000_000;

fn ticks() -> i64 {
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    UNIX_EPOCH_TICKS + i64::try_from(nanos / 100).unwrap_or(0)
}

fuzz_target!(|text: &str| {
    let mut random = || 7;
    for wrapped in [format!("@({text})"), format!("@{{{text}}}")] {
        eval(&wrapped, &serde_json::Value::Null, &mut Surroundings { utc_ticks: &ticks, random: &mut random });
    }
});
