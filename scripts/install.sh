#!/usr/bin/env bash
# Makes .venv with the locked packages, and says plainly what is missing on this machine.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}

missing() {
    printf 'payment_simulator needs %s\n' "$1" >&2
    exit 1
}

command -v "$python" >/dev/null || missing "Python 3.11 or newer: install it, or name it with PYTHON=..."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    missing "Python 3.11 or newer; $python is $("$python" --version). Name another with PYTHON=..."
command -v cargo >/dev/null || [ -x "$HOME/.cargo/bin/cargo" ] ||
    missing "a Rust toolchain (cargo): see https://rustup.rs"
command -v cc >/dev/null || missing "a C linker (cc): on Debian, apt-get install gcc libc6-dev"

if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
        missing "the Python module venv: on Debian, apt-get install python3-venv"
    apt-get install -y -q python3-venv || { apt-get update -q && apt-get install -y -q python3-venv; }
fi

echo "Installing Python packages into .venv ..."
[ -x .venv/bin/python ] || "$python" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/dev.txt
mkdir -p .cache
touch .cache/tools-installed
