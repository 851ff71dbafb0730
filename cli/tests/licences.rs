//! What may enter the dependency tree: `deny.toml` is the rule, and the part of it that needs no tool of its own is held here,
//! so that it holds on every machine: licences, banned crates and who may use them, and crates.io as the only source.
//!
//! `cargo deny check` reads the same file; it also reads licence texts and the advisory database.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on is to fail loudly"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn rules() -> toml::Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deny.toml");
    toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn texts(list: &toml::Value) -> BTreeSet<String> {
    list.as_array().unwrap().iter().map(|item| item.as_str().unwrap().to_owned()).collect()
}

/// What is compiled for this machine's kind: no more was downloaded.
fn metadata(rules: &toml::Value) -> Json {
    let targets = texts(&rules["graph"]["targets"]);
    let target = targets.iter().find(|target| target.starts_with(std::env::consts::ARCH)).unwrap();
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked", "--filter-platform", target])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).unwrap()
}

/// Whether a licence expression can be met with the allowed licences alone. `/` is the old way to write `OR`.
fn allows(allowed: &BTreeSet<String>, expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut words = words.as_slice();
    let met = any(allowed, &mut words);
    assert!(words.is_empty(), "`{expression}` is no licence expression");
    met
}

/// Takes the next word if it is this one.
fn take(words: &mut &[&str], wanted: &str) -> bool {
    let found = words.first() == Some(&wanted);
    *words = &words[usize::from(found)..];
    found
}

fn any(allowed: &BTreeSet<String>, words: &mut &[&str]) -> bool {
    let mut met = all(allowed, words);
    while take(words, "OR") {
        met |= all(allowed, words);
    }
    met
}

fn all(allowed: &BTreeSet<String>, words: &mut &[&str]) -> bool {
    let mut met = one(allowed, words);
    while take(words, "AND") {
        met &= one(allowed, words);
    }
    met
}

fn one(allowed: &BTreeSet<String>, words: &mut &[&str]) -> bool {
    if take(words, "(") {
        let met = any(allowed, words);
        assert!(take(words, ")"), "a bracket is not closed before {words:?}");
        return met;
    }
    let (name, rest) = words.split_first().expect("a licence");
    *words = rest;
    if take(words, "WITH") {
        let (exception, rest) = words.split_first().expect("an exception");
        *words = rest;
        return allowed.contains(&format!("{name} WITH {exception}"));
    }
    // `MPL-2.0+` may be taken as MPL-2.0.
    allowed.contains(name.trim_end_matches('+'))
}

#[test]
fn licence_expressions_are_read_as_spdx_has_them() {
    let allowed = ["MIT", "BSD-3-Clause", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).into();
    for met in ["MIT", "MIT/Apache-2.0", "(GPL-3.0 OR MIT) AND BSD-3-Clause", "MIT+", "GPL-3.0 OR MIT AND MIT"] {
        assert!(allows(&allowed, met), "{met}");
    }
    assert!(allows(&allowed, "Apache-2.0 WITH LLVM-exception OR GPL-3.0"));
    for unmet in ["GPL-3.0", "MIT AND GPL-3.0", "Apache-2.0", "(MIT OR ISC) AND GPL-3.0", "MIT WITH LLVM-exception"] {
        assert!(!allows(&allowed, unmet), "{unmet}");
    }
}

#[test]
fn dependencies_keep_to_deny_toml() {
    let rules = rules();
    let allowed = texts(&rules["licenses"]["allow"]);
    let exceptions = rules["licenses"]["exceptions"].as_array().unwrap();
    let metadata = metadata(&rules);
    let packages = metadata["packages"].as_array().unwrap();
    let named: BTreeMap<&str, &str> =
        packages.iter().map(|p| (p["id"].as_str().unwrap(), p["name"].as_str().unwrap())).collect();
    assert!(packages.len() > 100, "only {} packages", packages.len());
    let mut faults = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let own = exceptions.iter().filter(|e| e["crate"].as_str() == Some(name)).flat_map(|e| texts(&e["allow"]));
        let allowed = allowed.iter().cloned().chain(own).collect();
        match package["source"].as_str() {
            None | Some(CRATES_IO) => {}
            Some(source) => faults.push(format!("{name} comes from {source}")),
        }
        match package["license"].as_str() {
            Some(licence) if allows(&allowed, licence) => {}
            licence => faults.push(format!("{name}: the licence is {}", licence.unwrap_or("not told"))),
        }
    }
    for ban in rules["bans"]["deny"].as_array().unwrap() {
        let wrappers = ban.get("wrappers").map(texts).unwrap_or_default();
        for node in metadata["resolve"]["nodes"].as_array().unwrap() {
            let user = named[node["id"].as_str().unwrap()];
            let mut uses = node["dependencies"].as_array().unwrap().iter().map(|id| named[id.as_str().unwrap()]);
            if uses.any(|used| Some(used) == ban["crate"].as_str()) && !wrappers.contains(user) {
                faults.push(format!("{user} must not use {}", ban["crate"]));
            }
        }
    }
    assert!(faults.is_empty(), "against deny.toml:\n{}", faults.join("\n"));
}
