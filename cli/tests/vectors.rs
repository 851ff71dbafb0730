//! Every vector of the expression compiler through `gatewright eval --vectors`, as a person would run it.
//!
//! `expected-failures.txt` beside the vectors names those that fail today. It may only shrink: a listed vector that passes, or
//! is gone, fails this test as much as a new failure does.
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

/// Ids of the vectors in a file, and of those that fail.
fn run(file: &Path) -> (BTreeSet<String>, BTreeSet<String>) {
    let out = Command::new(env!("CARGO_BIN_EXE_gatewright")).args(["eval", "--vectors"]).arg(file).output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let answers: Vec<Value> =
        text.lines().filter(|l| l.starts_with('{')).map(|l| serde_json::from_str(l).unwrap()).collect();
    let lines = std::fs::read_to_string(file).unwrap().lines().filter(|l| !l.trim().is_empty()).count();
    assert_eq!(answers.len(), lines, "{}: one answer a line; {}", file.display(), String::from_utf8_lossy(&out.stderr));
    let id = |answer: &Value| answer["id"].as_str().unwrap().to_owned();
    let failed = answers.iter().filter(|a| a["passed"] == Value::Bool(false)).map(id).collect();
    let all: BTreeSet<String> = answers.iter().map(id).collect();
    assert_eq!(all.len(), lines, "{}: ids are unique", file.display());
    (all, failed)
}

#[test]
fn vectors_agree_with_csharp() {
    let listed = std::fs::read_to_string(folder().join("expected-failures.txt")).unwrap();
    let listed: BTreeSet<String> = listed
        .lines()
        .filter_map(|l| l.split('#').next())
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .map(str::to_owned)
        .collect();
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder()).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "jsonl"));
    files.sort();
    assert!(files.len() >= 10, "the vectors are there");
    let (mut all, mut failed) = (BTreeSet::new(), BTreeSet::new());
    for file in &files {
        let (ids, failures) = run(file);
        for id in ids {
            assert!(all.insert(id.clone()), "`{id}` stands twice");
        }
        failed.extend(failures);
    }
    let new: Vec<&String> = failed.difference(&listed).collect();
    let healed: Vec<&String> = listed.difference(&failed).collect();
    assert!(new.is_empty(), "{} of {} vectors fail that are not listed: {new:?}", new.len(), all.len());
    assert!(healed.is_empty(), "take these off expected-failures.txt, they pass now or are gone: {healed:?}");
}
