//! What authors are told about mistakes that they really make: each block of `authors/mistakes.txt` is an expression, or a line of
//! policies where it starts with `<`; the snapshot holds the reports as they are printed.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Write;

use config_model::Snapshot;
use policy_engine::{CheckOptions, Engine, check_file, diagnostics};

#[test]
fn mistakes_of_authors() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/authors/mistakes.txt");
    let engine = Engine::new();
    let mut out = String::new();
    for line in std::fs::read_to_string(path).unwrap().lines().filter(|l| !l.is_empty()) {
        let policy = match line.starts_with('<') {
            true => line.to_owned(),
            false => format!("<set-variable name=\"v\" value=\"{line}\" />"),
        };
        let text = format!("<policies><inbound>\n{policy}\n</inbound></policies>");
        let report = check_file(&engine, "policy.xml", &text, &Snapshot::default(), &CheckOptions::default());
        assert!(!report.diagnostics.is_empty(), "nothing is said about {line}");
        report.diagnostics.iter().for_each(|d| out.push_str(&diagnostics::text(d)));
        writeln!(out).unwrap();
    }
    insta::assert_snapshot!(out);
}
