#!/usr/bin/env bash
# Watches a fresh demo with the clients that frontends use: run.sh BINARY
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
[ -d "$here/node_modules/graphql-ws" ] || npm ci --ignore-scripts --prefix "$here" >&2
"$here/../with-demo.sh" "$1" node "$here/watch.mjs"
