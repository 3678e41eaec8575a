"""What import-linter cannot see, because the engine is compiled: who needs it, and who must not."""

from __future__ import annotations

import subprocess
import sys

import pytest

WITHOUT_ENGINE = """
import sys
sys.modules["payment_simulator._core"] = None  # any import of it fails
import {module}
"""


@pytest.mark.parametrize("module", ["config", "transactions", "audit", "errors"])
def test_needs_no_engine(module: str) -> None:
    script = WITHOUT_ENGINE.format(module=f"payment_simulator.{module}")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
