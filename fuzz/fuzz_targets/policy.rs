//! Any text as a policy document: substitution, XML, every policy's own reading, the expressions inside. Never run, only checked.
//! Ranges of findings must lie in the text and on boundaries of characters, or a report could not be drawn.
#![no_main]

use config_model::Snapshot;
use libfuzzer_sys::fuzz_target;
use policy_engine::{CheckOptions, Engine, check_file};

fuzz_target!(|text: &str| {
    check_file(&Engine::new(), "fuzz.xml", text, &Snapshot::default(), &CheckOptions::default());
});
