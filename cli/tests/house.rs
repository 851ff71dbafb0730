//! The walls of the house: which package may depend on which, and what the engine packages must never touch.
//! The table below is the rule; `ARCHITECTURE.md` explains it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on is to fail loudly"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Package, the packages of the house it may use, and third-party crates that nobody else may use.
const WALLS: &[(&str, &[&str], &[&str])] = &[
    ("config-model", &[], &[]),
    ("dotnet", &[], &[]),
    ("csharp", &["dotnet"], &[]),
    ("policy-engine", &["config-model", "csharp", "dotnet"], &[]),
    ("gateway", &["config-model", "policy-engine"], &["pingora", "pingora-core", "pingora-proxy", "redis"]),
    ("config-agent", &["config-model", "policy-engine"], &[]),
    ("cli", &["config-agent", "config-model", "policy-engine"], &[]),
    ("demo-backend", &[], &[]),
    // Benches may use anything; nothing may use them.
    ("benches", &["config-model", "csharp", "dotnet", "policy-engine", "gateway", "config-agent"], &["pingora"]),
];

/// What the engine must never touch: clocks, files, the environment, sockets and runtimes reach it through `Host` and `Ambient` only.
const ENGINE: &[&str] =
    &["policy-engine/src", "policy-engine/csharp/src", "policy-engine/dotnet/src", "config-model/src"];
const FORBIDDEN: &[&str] =
    &["SystemTime::now", "Instant::now", "env::var", "std::fs", "std::net::Tcp", "tokio::", "std::process"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn packages() -> BTreeMap<String, Vec<(String, Option<String>)>> {
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&out.stdout).unwrap();
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let dependencies = |p: &Value| {
        let all = p["dependencies"].as_array().unwrap().iter();
        all.map(|d| (text(&d["name"]), d["kind"].as_str().map(str::to_owned))).collect()
    };
    metadata["packages"].as_array().unwrap().iter().map(|p| (text(&p["name"]), dependencies(p))).collect()
}

#[test]
fn packages_only_use_what_the_table_allows() {
    let packages = packages();
    let names: Vec<&str> = WALLS.iter().map(|(name, ..)| *name).collect();
    assert_eq!(
        packages.keys().map(String::as_str).collect::<Vec<_>>(),
        {
            let mut n = names.clone();
            n.sort_unstable();
            n
        },
        "every package stands in the table"
    );
    let mut faults = Vec::new();
    for (name, allowed, _) in WALLS {
        for (dependency, kind) in &packages[*name] {
            if kind.as_deref() == Some("dev") {
                continue;
            }
            if names.contains(&dependency.as_str()) && !allowed.contains(&dependency.as_str()) {
                faults.push(format!("{name} must not depend on {dependency}"));
            }
            let owners: Vec<&str> =
                WALLS.iter().filter(|(.., own)| own.contains(&dependency.as_str())).map(|(n, ..)| *n).collect();
            if !owners.is_empty() && !owners.contains(name) {
                faults.push(format!("{name} must not depend on {dependency}; only {owners:?} may"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_engine_has_no_clock_no_files_and_no_runtime() {
    let mut faults = Vec::new();
    for folder in ENGINE {
        walk(&root().join(folder), &mut |path, text| {
            for (number, line) in text.lines().enumerate() {
                let code = line.split("//").next().unwrap_or("");
                for word in FORBIDDEN.iter().filter(|w| code.contains(**w)) {
                    faults.push(format!("{}:{}: {word}", path.display(), number + 1));
                }
            }
        });
    }
    assert!(faults.is_empty(), "the engine asks its host instead:\n{}", faults.join("\n"));
}

#[test]
fn every_file_opens_with_its_purpose() {
    let mut faults = Vec::new();
    for folder in ["policy-engine", "config-model", "config-agent", "gateway", "cli", "benches", "examples"] {
        walk(&root().join(folder), &mut |path, text| {
            if !text.trim_start().starts_with("//!") {
                faults.push(path.display().to_string());
            }
        });
    }
    assert!(faults.is_empty(), "files without a `//!` line:\n{}", faults.join("\n"));
}

fn walk(folder: &Path, visit: &mut dyn FnMut(&Path, &str)) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() && path.file_name().is_none_or(|n| n != "target") {
            walk(&path, visit);
        } else if path.extension().is_some_and(|e| e == "rs") {
            visit(&path, &std::fs::read_to_string(&path).unwrap());
        }
    }
}

fn document(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap()
}

#[test]
fn every_dependency_has_its_reason() {
    let reasons = document("docs/dependencies.md");
    let packages = packages();
    let third_party: std::collections::BTreeSet<&str> = packages
        .values()
        .flatten()
        .map(|(name, _)| name.as_str())
        .filter(|name| !packages.contains_key(*name))
        .collect();
    let rows = reasons.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let told: BTreeMap<&str, &str> = rows.collect();
    let missing: Vec<_> = third_party.iter().filter(|name| told.get(*name).is_none_or(|why| why.len() < 20)).collect();
    assert!(missing.is_empty(), "no reason in docs/dependencies.md for {missing:?}");
    let gone: Vec<_> = told.keys().filter(|name| !third_party.contains(*name)).collect();
    assert!(gone.is_empty(), "docs/dependencies.md names {gone:?}, which nothing uses");
}

/// Texts in quotes of a line of source.
fn quoted(line: &str) -> Vec<&str> {
    line.split('"').skip(1).step_by(2).collect()
}

#[test]
fn every_setting_is_documented_with_its_default() {
    let page = document("docs/configuration.md");
    let agent = document("config-agent/src/settings.rs");
    let gateway = document("gateway/src/settings.rs");
    let agent = agent.lines().skip_while(|line| !line.starts_with("keys! {")).take_while(|line| *line != "}");
    let gateway = gateway.lines().skip_while(|line| !line.starts_with("const TABLE")).take_while(|line| *line != "];");
    let keys: Vec<(&str, &str)> = agent
        .chain(gateway)
        .filter_map(|line| match quoted(line).as_slice() {
            [name, default, ..] => Some((*name, *default)),
            _ => None,
        })
        .collect();
    assert!(keys.len() > 50, "the tables moved");
    for (name, default) in keys {
        let default = if default.is_empty() { "-".to_owned() } else { format!("`{default}`") };
        let row = format!("| `{name}` | {default} | ");
        assert!(page.contains(&row), "docs/configuration.md has no row `{row}`");
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    let pages = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "docs/configuration.md",
        "docs/life-of-a-request.md",
        "docs/life-of-a-policy.md",
    ];
    for page in pages {
        let text = document(page);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            let found =
                link.is_empty() || link.contains("://") || root().join(page).parent().unwrap().join(link).exists();
            assert!(found, "{page} links to `{link}`");
        }
    }
}
