#!/usr/bin/env bash
# PostgreSQL for the tests, from Debian's package, only when it is missing and you are root; without it they skip.
set -euo pipefail
if command -v postgres >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing PostgreSQL for the tests ..."
    export DEBIAN_FRONTEND=noninteractive
    # Debian would start a cluster of its own at once; the tests start theirs.
    no_cluster=/etc/postgresql-common/createcluster.d/payment-simulator.conf
    mkdir -p "$(dirname "$no_cluster")"
    echo "create_main_cluster = false" >"$no_cluster"
    trap 'rm -f "$no_cluster"' EXIT
    apt-get install -y -q postgresql >/dev/null || { apt-get update -q && apt-get install -y -q postgresql; } ||
        echo "PostgreSQL could not be installed: its tests will be skipped" >&2
else
    echo "PostgreSQL is not installed (apt-get install postgresql): its tests will be skipped" >&2
fi
