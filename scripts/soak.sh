#!/usr/bin/env bash
# The long tests: many random days, flat memory, valgrind over the engine's tests.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$HOME/.cargo/bin:$PATH"
.venv/bin/python -m pytest -n "$(nproc)" -m soak "$@"
if command -v valgrind >/dev/null; then
    binaries=$(cargo test --locked -p payment-simulator-engine --no-run --message-format=json 2>/dev/null |
        .venv/bin/python -c 'import json,sys
for line in sys.stdin:
    message = json.loads(line)
    if message.get("executable") and message["target"]["kind"] in (["lib"], ["test"]):
        print(message["executable"])')
    for program in $binaries; do
        PROPTEST_CASES=4 valgrind --quiet --error-exitcode=1 --leak-check=full --errors-for-leak-kinds=definite \
            "$program" --test-threads=1
    done
else
    echo "skipped: valgrind is not installed (apt-get install valgrind)"
fi
