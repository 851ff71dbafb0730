//! The walls inside this package: who may name whom. Text search over `use` lines and paths; one table.
use std::path::{Path, PathBuf};

/// Folder or file of `src`, and the modules it must not name.
const WALLS: &[(&str, &[&str])] = &[
    ("source.rs", &["xml", "compile", "run", "policies", "program", "host", "engine", "link", "context"]),
    ("xml", &["compile", "run", "policies", "program", "host", "engine", "link", "context"]),
    ("diagnostics", &["xml", "compile", "run", "policies", "program", "host", "engine", "link", "context"]),
    ("compile", &["run", "policies", "engine", "link", "host", "context"]),
    ("lint", &["xml", "run", "policies", "engine", "link", "host", "context"]),
    ("run", &["xml", "compile", "policies", "engine", "diagnostics"]),
    ("link.rs", &["xml", "compile", "policies", "run", "engine", "diagnostics", "context"]),
    ("context", &["xml", "compile", "policies", "engine", "link"]),
    ("policies", &["xml", "engine", "link"]),
];

fn files(path: &Path, out: &mut Vec<PathBuf>) {
    if path.is_file() {
        return out.push(path.to_path_buf());
    }
    for entry in std::fs::read_dir(path).into_iter().flatten() {
        files(&entry.map(|e| e.path()).unwrap_or_default(), out);
    }
}

#[test]
fn modules_keep_to_their_side() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut crossings = Vec::new();
    for (place, banned) in WALLS {
        let mut found = Vec::new();
        files(&src.join(place), &mut found);
        for file in found {
            let text = std::fs::read_to_string(&file).unwrap();
            for name in *banned {
                if text.contains(&format!("crate::{name}::")) || text.contains(&format!("crate::{name};")) {
                    crossings.push(format!("{} names crate::{name}", file.display()));
                }
            }
        }
    }
    assert!(crossings.is_empty(), "{}", crossings.join("\n"));
}

#[test]
fn no_policy_imports_another() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/policies");
    let mut all = Vec::new();
    files(&folder, &mut all);
    let names: Vec<String> = all
        .iter()
        .filter(|f| f.parent() == Some(&folder))
        .filter_map(|f| Some(f.file_stem()?.to_str()?.to_owned()))
        .collect();
    for file in all.iter().filter(|f| !f.ends_with("policies/mod.rs")) {
        let text = std::fs::read_to_string(file).unwrap();
        for name in names.iter().filter(|n| *n != "mod") {
            let crossing = text.contains(&format!("super::{name}::")) || text.contains(&format!("policies::{name}::"));
            assert!(!crossing, "{} imports {name}", file.display());
        }
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    let mut all = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
    for file in all.iter().filter(|f| f.extension().is_some_and(|e| e == "rs")) {
        assert!(std::fs::read_to_string(file).unwrap().starts_with("//!"), "{}", file.display());
    }
}
