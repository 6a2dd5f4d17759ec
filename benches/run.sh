#!/usr/bin/env bash
# Measures CPU per request against endpoints written by hand and prints the table of README.md.
# Arguments choose databases and operations: `benches/run.sh sqlite q2`.
set -euo pipefail
cd "$(dirname "$0")/.."
# The console is not asked for anything; without this it would be built first.
export ENCIRCLE_CONSOLE="${ENCIRCLE_CONSOLE:-cdn}"
exec cargo bench --bench cpu -- "$@"
