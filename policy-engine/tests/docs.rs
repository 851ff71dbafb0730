//! The generated pages of `docs/` are fresh. `UPDATE_DOCS=1` writes them anew.
use std::path::Path;

fn fresh(name: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        assert!(std::fs::write(&path, page).is_ok(), "docs/{name} cannot be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == page, "docs/{name} is stale: run UPDATE_DOCS=1 cargo test -p policy-engine --test docs");
}

#[test]
fn policies() {
    fresh("policies.md", &policy_engine::policies_page());
}

#[test]
fn errors() {
    fresh("errors.md", &policy_engine::errors_page());
}
