#!/usr/bin/env bash
# Resolves the Python dependencies anew. The locks name versions and hashes, and no address.
# dev.txt: to work on the program; run.txt: to run it; bench.txt: the peer of the benchmarks.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/python -m pip install --quiet uv
options=(--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet)
.venv/bin/uv pip compile pyproject.toml --group dev "${options[@]}" -o requirements/dev.txt
.venv/bin/uv pip compile pyproject.toml "${options[@]}" -c requirements/dev.txt -o requirements/run.txt
.venv/bin/uv pip compile pyproject.toml --group bench "${options[@]}" -c requirements/dev.txt -o requirements/bench.txt
