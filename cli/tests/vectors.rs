//! Every vector of the expression compiler through `gatewright eval --vectors`, as a person would run it.
//!
//! `expected-failures.txt` beside the vectors names those that fail today, `codes-differ.txt` those that are refused with other C# error
//! numbers than the C# compiler gives. Both may only shrink: a listed vector that passes, or is gone, fails this test as much as a
//! new failure does.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on is to fail loudly"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../policy-engine/csharp/tests/vectors")
}

/// Ids of vectors.
#[derive(Default)]
struct Ids {
    all: BTreeSet<String>,
    failed: BTreeSet<String>,
    /// Refused as expected, with other error numbers.
    codes_differ: BTreeSet<String>,
}

/// What a list beside the vectors names: `id  # why`.
fn listed(name: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(folder().join(name)).unwrap();
    let ids = text.lines().filter_map(|l| l.split('#').next()).map(str::trim).filter(|l| !l.is_empty());
    ids.map(str::to_owned).collect()
}

fn compare(found: &BTreeSet<String>, list: &str, what: &str) {
    let listed = listed(list);
    let new: Vec<&String> = found.difference(&listed).collect();
    let healed: Vec<&String> = listed.difference(found).collect();
    assert!(new.is_empty(), "{} vectors {what} and are not listed: {new:?}", new.len());
    assert!(healed.is_empty(), "take these off {list}, they pass now or are gone: {healed:?}");
}

fn run(file: &Path) -> Ids {
    let out = Command::new(env!("CARGO_BIN_EXE_gatewright")).args(["eval", "--vectors"]).arg(file).output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let answers: Vec<Value> =
        text.lines().filter(|l| l.starts_with('{')).map(|l| serde_json::from_str(l).unwrap()).collect();
    let lines = std::fs::read_to_string(file).unwrap().lines().filter(|l| !l.trim().is_empty()).count();
    assert_eq!(answers.len(), lines, "{}: one answer a line; {}", file.display(), String::from_utf8_lossy(&out.stderr));
    let id = |answer: &Value| answer["id"].as_str().unwrap().to_owned();
    let those = |wanted: &dyn Fn(&Value) -> bool| answers.iter().filter(|a| wanted(a)).map(id).collect();
    let ids = Ids {
        all: those(&|_| true),
        failed: those(&|a| a["passed"] == Value::Bool(false)),
        codes_differ: those(&|a| a["passed"] == Value::Bool(true) && a.get("expect_codes").is_some()),
    };
    assert_eq!(ids.all.len(), lines, "{}: ids are unique", file.display());
    ids
}

#[test]
fn vectors_agree_with_csharp() {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder()).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "jsonl"));
    files.sort();
    assert!(files.len() >= 10, "the vectors are there");
    let mut found = Ids::default();
    for file in &files {
        let ids = run(file);
        for id in ids.all {
            assert!(found.all.insert(id.clone()), "`{id}` stands twice");
        }
        found.failed.extend(ids.failed);
        found.codes_differ.extend(ids.codes_differ);
    }
    compare(&found.failed, "expected-failures.txt", "fail");
    compare(&found.codes_differ, "codes-differ.txt", "are refused with other error numbers than C#'s");
}
