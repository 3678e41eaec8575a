#!/usr/bin/env bash
# Every test: the engine's own, then the package's.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$HOME/.cargo/bin:$PATH"
bash scripts/postgres.sh
cargo test --locked --quiet -p payment-simulator-engine
.venv/bin/python -m pytest -n "$(nproc)" -m "not soak" "$@"
