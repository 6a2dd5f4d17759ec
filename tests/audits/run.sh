#!/usr/bin/env bash
# Runs the GraphQL-over-HTTP audits against a fresh demo: run.sh BINARY
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
[ -d "$here/node_modules/graphql-http" ] || npm ci --ignore-scripts --prefix "$here" >&2
# The address is in the environment of the command, so it is expanded there.
# shellcheck disable=SC2016
"$here/../with-demo.sh" "$1" sh -c 'exec node "$0" --url "$GRAPHQL_URL"' "$here/audit.mjs"
