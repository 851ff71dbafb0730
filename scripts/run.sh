#!/usr/bin/env bash
# `make run`: builds release programs and serves the example configuration with its demo backend. Ctrl-C ends both.
# PORT (8080) and BACKEND_PORT (7070) choose other ports; RUN_SECONDS ends by itself after a while (for scripts).
set -euo pipefail
cd "$(dirname "$0")/.."
port=${PORT:-8080}
backend_port=${BACKEND_PORT:-7070}
target=${CARGO_TARGET_DIR:-target}

scripts/install.sh build
echo "gatewright: building release programs (the first build takes several minutes)"
cargo build --release --locked --bins

"$target/release/demo-backend" "$backend_port" &
backend=$!
trap 'kill "$backend" 2>/dev/null || true' EXIT
sleep 0.2
kill -0 "$backend" 2>/dev/null || { echo "gatewright: the demo backend did not start; is port $backend_port taken? BACKEND_PORT chooses another" >&2; exit 1; }

folder=examples/alpine-supply
copy=""
if [ "$backend_port" != 7070 ]; then # the example names the port in its files: serve a copy that names the other one
    copy=$(mktemp -d)
    cp -r "$folder/." "$copy"
    grep -rlZ '127\.0\.0\.1:7070' "$copy" | xargs -0 sed -i "s/127\.0\.0\.1:7070/127.0.0.1:$backend_port/g"
    folder=$copy
fi
"$target/release/gatewright" dev "$folder" --listen "127.0.0.1:$port" &
gateway=$!
trap 'kill "$gateway" "$backend" 2>/dev/null || true; wait 2>/dev/null || true; [ -z "$copy" ] || rm -rf "$copy"' EXIT
trap 'exit 0' INT TERM

for _ in $(seq 300); do
    kill -0 "$gateway" 2>/dev/null || { wait "$gateway"; exit $?; }
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
    read -rt 0.1 <> <(:) || true
done

cat <<TEXT

Try these (each in another terminal):

  # a mock that never leaves the gateway
  curl -i http://127.0.0.1:$port/status

  # no key: rejected by the gateway with 401 (the on-error policy makes it a problem document)
  curl -i http://127.0.0.1:$port/catalog/v2/items

  # with a key: paging parameters are rewritten on the way to the backend
  curl -i http://127.0.0.1:$port/catalog/v2/items?page=3 -H 'Ocp-Apim-Subscription-Key: starter-demo-key'

  # a POST that becomes a GET, its reply reshaped by a C# block
  curl -i http://127.0.0.1:$port/catalog/v2/search -H 'Ocp-Apim-Subscription-Key: starter-demo-key' -d '{"text": "rope"}'

  # an order: totals are computed in the gateway; run it twelve times to meet the rate limit (429)
  curl -i http://127.0.0.1:$port/orders -H 'X-Api-Key: starter-demo-key' -H 'Content-Type: application/json' -d '{"lines":[{"sku":"rope-60","price":189.0,"quantity":2}]}'

  # rejected by a policy: only partners may cancel
  curl -i -X DELETE http://127.0.0.1:$port/orders/1001 -H 'X-Api-Key: starter-demo-key'

  # rejected by validate-jwt: no token
  curl -i http://127.0.0.1:$port/internal/people/employees

Edit any file under $folder: the change is served within a second. Break one: the old one stays, and the reason is printed.
Ctrl-C ends the gateway and the backend.
TEXT

if [ -n "${RUN_SECONDS:-}" ]; then
    ( sleep "$RUN_SECONDS"; kill "$gateway" 2>/dev/null || true ) &
fi
wait "$gateway" || true
