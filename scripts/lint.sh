#!/usr/bin/env bash
# Style, types, stubs, imports, generated files.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$HOME/.cargo/bin:$PATH"
bin=.venv/bin
cargo fmt --all --check
cargo clippy --locked --quiet --workspace --all-targets -- -D warnings
RUSTDOCFLAGS="-D warnings -A rustdoc::private_intra_doc_links" cargo doc --locked --quiet --no-deps --document-private-items -p payment-simulator-engine
$bin/ruff check --quiet .
$bin/ruff format --quiet --check .
$bin/mypy
$bin/python -m mypy.stubtest payment_simulator._core --mypy-config-file pyproject.toml
$bin/lint-imports
$bin/python scripts/generate.py --check
