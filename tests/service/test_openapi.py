"""Every call of the service, with every kind of input: no server error, and no answer that is not documented.

Schemathesis reads the service's OpenAPI and makes the calls.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.service.process import Service

EXAMPLES = 20
TOKEN = "a-token-of-the-tests"


def explore(service: Service, folder: Path, *options: str, settings: str = "") -> None:
    """Run Schemathesis over the service's OpenAPI; it must find nothing."""
    configuration = folder / "schemathesis.toml"
    configuration.write_text(settings, encoding="utf-8")
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(configuration)),
        *("run", f"{service.url}/openapi.json", "--seed", "1", "--generation-deterministic"),
        *("--continue-on-failure", "--no-color", "--request-timeout", "20", "--no-shrink"),
        *options,
    ]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=280)
    if ended.returncode != 0:
        pytest.fail(ended.stdout[-20_000:] + ended.stderr[-2_000:], pytrace=False)


def test_calls_in_sequence(service: Service, tmp_path: Path) -> None:
    """What one call makes is used by the next: simulations, transactions, cursors."""
    explore(service, tmp_path, "--phases", "examples,stateful", "--max-examples", str(EXAMPLES))
