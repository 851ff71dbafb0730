//! Runs expressions with known answers: `tests/eval/*.jsonl` (answers of real C#, or of the language specification where `source` says so),
//! and the files that `EXPRESSION_VECTORS` names, separated by colons.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may panic"
)]
mod common;

use serde_json::Value as Json;

/// Lines that differ, as text.
fn failures(path: &std::path::Path) -> (usize, Vec<String>) {
    let text = std::fs::read_to_string(path).unwrap();
    let (mut passed, mut failed) = (0, Vec::new());
    for line in text.lines().filter(|l| !l.trim().is_empty()) {
        let v: Json = serde_json::from_str(line).unwrap();
        if v["portable"] == false {
            continue;
        }
        let expr = v["expr"].as_str().unwrap();
        let (got, want) = (common::answer(expr), &v["expect"]);
        let mut same = want["status"] == got.status;
        if got.status == "value" {
            same &= want["type"] == got.type_name.as_str() && want["value"].as_str() == got.value.as_deref();
        }
        if got.status == "exception" {
            same &= want["exception_type"] == got.exception.as_str();
        }
        if let (true, Some(codes)) = (v["exact_codes"] == true, want["codes"].as_array()) {
            same &= codes.iter().any(|c| got.codes.iter().any(|g| c == g.as_str()));
        }
        if same { passed += 1 } else { failed.push(format!("{} {expr}\n  want {want}\n  got  {got:?}", v["id"])) }
    }
    (passed, failed)
}

fn check(paths: &[std::path::PathBuf]) {
    let (mut passed, mut all) = (0, Vec::new());
    for path in paths {
        let (good, bad) = failures(path);
        passed += good;
        eprintln!("{}: {good} passed, {} failed", path.display(), bad.len());
        all.extend(bad);
    }
    assert!(passed > 0, "no expression was run");
    assert!(all.is_empty(), "{passed} passed, {} failed\n{}", all.len(), all.join("\n"));
}

#[test]
fn answers_of_csharp() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/eval");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "jsonl"));
    paths.sort();
    check(&paths);
}

#[test]
fn named_vectors() {
    if let Ok(list) = std::env::var("EXPRESSION_VECTORS") {
        let paths: Vec<_> = list.split(':').map(std::path::PathBuf::from).collect();
        check(&paths);
    }
}

/// What one expression stores, another compares by reference: literals are one object, texts made at run time are not.
#[test]
fn literals_are_one_object_in_all_programs() {
    let text = |source: &str| match common::run(source, csharp::Limits::default()).unwrap() {
        dotnet::Value::Str(s) => s,
        other => panic!("{other:?}"),
    };
    let stored = text("@(\"a stored text\")");
    assert!(std::sync::Arc::ptr_eq(&stored, &text("@{ return \"a stored\" + \" text\"; }")));
    assert!(!std::sync::Arc::ptr_eq(&stored, &text("@(\"A stored text\".Replace('A', 'a'))")));
    assert!(std::sync::Arc::ptr_eq(&text("@(\"True\")"), &text("@(true.ToString())")));
}
