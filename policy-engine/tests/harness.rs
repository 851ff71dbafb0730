//! Policies as data: each `policies/<element>.yaml` (and each file of `structure/`: documents, errors, forms of XML) is a list of
//! cases, run through the public face against a scripted host.
//!
//! A case gives whole documents (`policy`, `global`, `operation_policy`) or sections (`inbound`, `backend`, `outbound`, `on_error`,
//! which get a document with `base` in the other sections), a request, the answers of the backend, and what is wanted.
#[cfg(test)]
mod suite;

use std::collections::BTreeSet;
use std::path::Path;

use config_model::PolicyScope;
use policy_engine::Scope;
use suite::case::{Case, check, check_text, check_text_at};

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policies")
}

#[test]
fn every_case_of_every_policy() {
    let mut failures = Vec::new();
    let mut count = 0;
    let folders = [folder(), folder().with_file_name("structure")];
    let mut files: Vec<_> =
        folders.iter().flat_map(|f| std::fs::read_dir(f).unwrap()).map(|e| e.unwrap().path()).collect();
    files.sort();
    for path in files.iter().filter(|p| p.extension().is_some_and(|e| e == "yaml")) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(path).unwrap();
        let cases: Vec<Case> = serde_saphyr::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert!(!cases.is_empty(), "{} holds no case", path.display());
        for case in cases {
            count += 1;
            for failure in check(&case) {
                failures.push(format!("{name}: {}: {failure}", case.note));
            }
        }
    }
    assert!(failures.is_empty(), "{} of {count} cases:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_policy_has_its_file() {
    let wanted: BTreeSet<String> = policy_engine::specs().map(|s| s.element.to_owned()).collect();
    let found: BTreeSet<String> = std::fs::read_dir(folder())
        .unwrap()
        .filter_map(|e| e.unwrap().file_name().to_str()?.strip_suffix(".yaml").map(str::to_owned))
        .collect();
    let missing: Vec<_> = wanted.difference(&found).collect();
    assert!(missing.is_empty(), "no cases for {missing:?}");
}

/// Every documented example compiles in one of its sections.
#[test]
fn every_example_compiles() {
    for spec in policy_engine::specs() {
        let findings = spec.sections.iter().map(|section| {
            let section = section.as_str();
            let text = format!("<policies><{section}>{}</{section}></policies>", spec.example);
            let report = match spec.scopes {
                scopes if scopes.contains(&Scope::Operation) => check_text(&text),
                scopes if scopes.contains(&Scope::Product) => check_text_at(PolicyScope::Product("gold".into()), &text),
                _ => check_text_at(PolicyScope::Global, &text),
            };
            report.diagnostics.iter().filter(|d| d.is_error()).map(policy_engine::diagnostics::text).collect::<String>()
        });
        let findings: Vec<String> = findings.collect();
        assert!(findings.iter().any(String::is_empty), "{}:\n{}", spec.element, findings.join("\n"));
    }
}
