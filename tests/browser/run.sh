#!/usr/bin/env bash
# Opens GraphiQL of a fresh demo in headless Chromium: run.sh BINARY [SCREENSHOT.png]
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
[ -d "$here/node_modules/playwright-core" ] || npm ci --ignore-scripts --prefix "$here" >&2
# The address is in the environment of the command, so it is expanded there.
# shellcheck disable=SC2016
"$here/../with-demo.sh" "$1" sh -c 'exec node "$0" --url "$GRAPHIQL_URL" "$@"' "$here/graphiql.mjs" \
  ${2:+--screenshot "$2"}
