//! Findings with their places and words: each line of `tests/bind/*.txt` is an expression; snapshots hold what is said about it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may panic"
)]
mod common;

use std::fmt::Write;

fn report(file: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bind").join(file);
    let mut out = String::new();
    for line in std::fs::read_to_string(path).unwrap().lines().filter(|l| !l.trim().is_empty()) {
        writeln!(out, "{line}").unwrap();
        let made = common::compile(line);
        if made.diagnostics.is_empty() {
            writeln!(out, "    fine").unwrap();
        }
        for d in &made.diagnostics {
            let inner = &line[2..line.len() - 1];
            let help = d.help.as_ref().map(|h| format!(" (help: {h})")).unwrap_or_default();
            writeln!(out, "    {d} at `{}`{help}", d.span.slice(inner)).unwrap();
        }
    }
    out
}

#[test]
fn errors() {
    insta::assert_snapshot!(report("errors.txt"));
}

#[test]
fn warnings() {
    insta::assert_snapshot!(report("warnings.txt"));
}

#[test]
fn facts_hold_members_and_constant_texts() {
    let made = common::compile(
        "@{ var d = new Dictionary<string, int>(); return d.ContainsKey(\"key\") ? d[\"other\"] : \"a\".Length; }",
    );
    let facts: Vec<String> =
        made.facts.members.iter().map(|m| format!("{}.{} {:?}", m.owner.simple_name(), m.name, m.texts)).collect();
    assert!(facts.contains(&"Dictionary.ContainsKey [Some(\"key\")]".to_owned()), "{facts:?}");
    assert!(facts.contains(&"Dictionary.this[] [Some(\"other\")]".to_owned()), "{facts:?}");
    assert!(facts.contains(&"String.Length []".to_owned()), "{facts:?}");
}

#[test]
fn expected_types_convert_the_result() {
    let bool_slot = |e: &str| common::compile_for(e, Some(dotnet::Type::BOOL));
    assert!(bool_slot("@(1 == 1)").program.is_some());
    assert_eq!(bool_slot("@(1)").diagnostics[0].csharp_code, Some(29));
    let long = common::compile_for("@(5)", Some(dotnet::Type::LONG)).program.unwrap();
    assert!(matches!(long.constant(), Some(dotnet::Value::Int64(5))));
    let text = common::compile_for("@(\"a\" + \"b\")", Some(dotnet::Type::STRING)).program.unwrap();
    assert_eq!(text.constant().and_then(|v| v.as_str()), Some("ab"));
    assert_eq!(common::compile("@(\"a\".Length)").natural_type, dotnet::Type::INT);
}
