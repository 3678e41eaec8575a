#!/usr/bin/env bash
# Builds the native module and installs the package into .venv, where its Python files are used in place.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$HOME/.cargo/bin:$PATH"
echo "Building the engine (some minutes the first time) ..."
python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
