#!/usr/bin/env bash
# `make test`: format, lints, unit and integration tests, conformance, dependency rules. One part: test.sh lint|unit|conformance|deny
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}
part=${1:-all}
export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-never}

step() { echo; echo "== $* =="; }

lint() {
    step "format"
    cargo fmt --all --check
    step "clippy"
    cargo clippy --workspace --all-targets --locked -- -D warnings
}

unit() {
    step "unit and integration tests"
    cargo build --locked --workspace --bins
    if cargo nextest --version >/dev/null 2>&1; then
        cargo nextest run --workspace --locked --no-fail-fast
    else
        cargo test --workspace --locked --no-fail-fast
    fi
}

conformance() {
    step "conformance"
    cargo build --locked --workspace --bins
    if [ ! -d ../shared/conformance ]; then
        echo "the conformance suite is not beside this checkout (../shared/conformance): its cases were not run"
        return
    fi
    python3 scripts/conformance.py ../shared/conformance --gatewright "$target/debug/gatewright"
    if [ -d ../shared/vectors ]; then
        python3 scripts/vectors.py ../shared/vectors --gatewright "$target/debug/gatewright"
    fi
}

deny() {
    step "dependency rules"
    if cargo deny --version >/dev/null 2>&1; then
        cargo deny --locked check bans licenses sources
    else
        echo "cargo-deny is not installed (cargo install cargo-deny): what it reads of deny.toml beyond cli/tests/licences.rs was not checked"
    fi
}

scripts/install.sh test
case "$part" in
    all) lint; unit; conformance; deny ;;
    lint|unit|conformance|deny) "$part" ;;
    *) echo "usage: test.sh [lint|unit|conformance|deny]" >&2; exit 2 ;;
esac
