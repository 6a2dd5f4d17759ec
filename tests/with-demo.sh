#!/usr/bin/env bash
# Runs a command against a demo of its own: with-demo.sh BINARY COMMAND [ARGUMENT …]
# The command finds GRAPHQL_URL, GRAPHIQL_URL, DEMO_TOKENS (JSON, one token a viewer) and DEMO_WRITE_KEY in its
# environment.
set -euo pipefail

binary=$1
shift
directory=$(mktemp -d)
"$binary" demo --listen 127.0.0.1:0 --data "$directory/data" --json >"$directory/ready" 2>"$directory/log" &
demo=$!

stop() {
  kill "$demo" 2>/dev/null || true
  wait "$demo" 2>/dev/null || true
  rm -rf "$directory"
}
trap stop EXIT

for _ in $(seq 600); do
  [ -s "$directory/ready" ] && break
  if ! kill -0 "$demo" 2>/dev/null; then
    echo "the demo ended before it was ready:" >&2
    cat "$directory/log" >&2
    exit 1
  fi
  sleep 0.2
done
if [ ! -s "$directory/ready" ]; then
  echo "the demo was not ready within two minutes:" >&2
  cat "$directory/log" >&2
  exit 1
fi

field() {
  node -e 'const ready = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8").split("\n")[0])[process.argv[2]];
    console.log(typeof ready === "string" ? ready : JSON.stringify(ready))' "$directory/ready" "$1"
}
GRAPHQL_URL=$(field graphql)
GRAPHIQL_URL=$(field graphiql)
DEMO_TOKENS=$(field tokens)
DEMO_WRITE_KEY=$(field writeKey)
export GRAPHQL_URL GRAPHIQL_URL DEMO_TOKENS DEMO_WRITE_KEY

status=0
"$@" || status=$?
if [ "$status" -ne 0 ]; then
  echo "the demo's log ends:" >&2
  tail -n 20 "$directory/log" >&2
fi
if ! kill -0 "$demo" 2>/dev/null; then
  echo "the demo died meanwhile" >&2
  status=1
fi
exit "$status"
