#!/usr/bin/env bash
# `make loadtest`: builds release programs and runs the scenarios with wrk against the gateway and a bare Pingora pass-through,
# in turns in one run. Arguments go to measure.py: --seconds N --rounds N --scenarios pass-through chain jwt reload memory --k6
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh build
command -v wrk >/dev/null || { echo "gatewright: installing wrk with apt"; apt-get update -qq; apt-get install -y -qq wrk >/dev/null; }
cargo build --release --locked --bins
exec python3 loadtest/measure.py --bin "${CARGO_TARGET_DIR:-target}/release" "$@"
