//! Any text as a policy document: substitution, XML, every policy's own reading, the expressions inside. Never run, only checked.
//! Ranges of findings must lie in the text and on boundaries of characters, or a report could not be drawn: `Diagnostic::new` asserts it
//! for the bytes (cargo-fuzz builds with debug assertions), this target for lines and columns.
#![no_main]

use config_model::Snapshot;
use libfuzzer_sys::fuzz_target;
use policy_engine::{CheckOptions, Engine, check_file};

fuzz_target!(|text: &str| {
    let report = check_file(&Engine::new(), "fuzz.xml", text, &Snapshot::default(), &CheckOptions::default());
    let lines: Vec<&str> = text.strip_prefix('\u{feff}').unwrap_or(text).split('\n').collect();
    for d in &report.diagnostics {
        assert!((d.start.line, d.start.column) <= (d.end.line, d.end.column), "{d:?}");
        for at in [d.start, d.end] {
            let line = lines.get(at.line as usize - 1).expect("the line is there");
            assert!(at.column as usize <= line.chars().count() + 1, "{d:?}");
        }
    }
});
