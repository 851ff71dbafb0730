//! Damaged programs: whatever is cut out of a working one, compiling and running what is left must not panic.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may panic"
)]

mod common;

use csharp::Limits;

fn programs() -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/eval");
    let mut all = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for line in text.lines() {
            let v: serde_json::Value = serde_json::from_str(line).unwrap();
            all.push(v["expr"].as_str().unwrap().to_owned());
        }
    }
    all.sort();
    all
}

#[test]
fn nothing_panics() {
    let limits = Limits { steps: 20_000, bytes: 1 << 20, ..Limits::default() };
    let mut compiled = 0;
    for (n, program) in programs().iter().enumerate() {
        let starts: Vec<usize> =
            program.char_indices().map(|(i, _)| i).filter(|i| *i >= 2 && *i < program.len() - 1).collect();
        for at in starts.iter().skip(n % 5).step_by(5) {
            for width in [1, 3, 8] {
                let end = program[*at..program.len() - 1]
                    .char_indices()
                    .nth(width)
                    .map_or(program.len() - 1, |(i, _)| at + i);
                let cut = format!("{}{}", &program[..*at], &program[end..]);
                if let Some(p) = common::compile(&cut).program {
                    compiled += 1;
                    let mut cx = common::Surroundings::new(limits);
                    let _ = p.call(&mut cx).and_then(|v| csharp::answer::render(&mut cx, &v, p.result_type()));
                }
            }
        }
    }
    assert!(compiled > 500, "only {compiled} damaged programs still compile");
}
