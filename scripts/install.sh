#!/usr/bin/env bash
# Installs what building and testing need on Debian, only what is missing, and says so. Usage: install.sh build|test
set -euo pipefail

packages=()
need() { # command-or-file package
    command -v "$1" >/dev/null 2>&1 || [ -e "$1" ] || packages+=("$2")
}

need gcc gcc
need /usr/include/stdio.h libc6-dev            # gcc only recommends it, and Rust links with it
need make make
need cmake cmake                               # zlib-ng inside Pingora
need pkg-config pkg-config
need /usr/include/openssl/ssl.h libssl-dev     # TLS: the system's OpenSSL is linked
if [ "${1:-build}" = test ]; then
    need python3 python3                       # the conformance runner
    need curl curl
    need redis-server redis-server
fi

if ! command -v cargo >/dev/null 2>&1; then
    echo "gatewright: the Rust toolchain is missing; install Rust $(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml) with rustup first" >&2
    exit 1
fi

if [ "${#packages[@]}" -gt 0 ]; then
    echo "gatewright: installing ${packages[*]} with apt"
    sudo=""
    [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi
