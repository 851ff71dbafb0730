# The two commands of the project, and what they are made of. Each says what it does before it does it.
.PHONY: run test build tools lint unit conformance deny bench loadtest help

help:            ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/  -/'

run:             ## build, then serve examples/alpine-supply with a demo backend and print the calls to try
	@scripts/run.sh

test:            ## everything that must pass: format, lints, all tests, conformance, licences
	@scripts/test.sh

build: tools     ## release build of all programs
	cargo build --release --locked --workspace --bins

tools:           ## install the build tools that are missing (cmake, pkg-config, libssl-dev)
	@scripts/install.sh build

lint:            ## format and clippy
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

unit:            ## unit and integration tests
	@scripts/test.sh unit

conformance:     ## black-box cases against the built gateway
	@scripts/test.sh conformance

deny:            ## licences, bans and sources again, by cargo-deny if it is installed
	@scripts/test.sh deny

bench:           ## criterion benches
	cargo bench -p benches

loadtest:        ## wrk against the gateway and a bare Pingora pass-through, side by side
	@loadtest/run.sh
