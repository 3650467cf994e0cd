#!/bin/sh
# Delivers every message profile in every character set to a receiver on python-hl7 (Debian: python3-hl7) and compares
# what it has read. Exit code 0: all of it as it was meant, and docs/hl7-matrix.md shows it. `--write` renews that page.
set -eu

cd "$(dirname "$0")/.."
PATH="$PWD/node_modules/.bin:$PATH"
PYTHON="${PYTHON:-/usr/bin/python3}"
export PYTHON

if ! "$PYTHON" -c 'import hl7' 2>/dev/null; then
    echo "test-python-hl7: $PYTHON has no module hl7; on Debian: apt-get install python3-hl7" >&2
    exit 1
fi
exec node --disable-warning=ExperimentalWarning scripts/python-hl7.ts "$@"
