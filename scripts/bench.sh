#!/usr/bin/env bash
# Measures speed and memory beside their yardsticks, and writes benchmarks/results.md. `--full` takes much longer.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$HOME/.cargo/bin:$PATH"
peer=.cache/bench-venv
if [ ! -e "$peer/installed" ] || [ requirements/bench.txt -nt "$peer/installed" ]; then
    echo "Installing the peer into $peer ..."
    .venv/bin/python -m venv --clear "$peer"
    "$peer/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
        -r requirements/bench.txt
    touch "$peer/installed"
fi
cargo build --locked --quiet --release -p payment-simulator-engine --example speed
.venv/bin/python benchmarks/run.py --speed "${CARGO_TARGET_DIR:-target}/release/examples/speed" \
    --peer-python "$peer/bin/python" "$@"
