#!/usr/bin/env bash
# Sends events with real SDKs to a fresh demo, twice each, and reads them back through the graph: run.sh BINARY
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
[ -d "$here/node_modules/@segment/analytics-node" ] || npm ci --ignore-scripts --prefix "$here" >&2
if [ ! -x "$here/.venv/bin/python" ] || ! "$here/.venv/bin/python" -c 'import segment.analytics' 2>/dev/null; then
  python3 -m venv "$here/.venv"
  "$here/.venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt" >&2
fi
"$here/../with-demo.sh" "$1" node "$here/sdks.mjs"
