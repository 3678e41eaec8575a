"""The service's guide, and the README's start, done word by word in a shell, on a port of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT, blocks
from tests.machine import free_port

PORT = "8000"
SHOWN = [
    pytest.param(DOCS / "guides" / "service.md", id="guide"),
    pytest.param(ROOT / "README.md", id="README"),
]


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
@pytest.mark.parametrize("page", SHOWN)
def test_what_is_shown_works(page: Path, tmp_path: Path) -> None:
    shown = "".join(block.text for block in blocks(page) if block.language == "sh")
    assert "payment-sim serve" in shown
    port = str(free_port())
    script = "\n".join(
        [
            "set -euo pipefail",
            "trap 'kill $(jobs -p)' EXIT",
            shown.replace(PORT, port).replace(".venv/bin/", ""),
            "echo",
            "echo done",
        ]
    )
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PAYMENT_SIM_PORT": port,
        "PAYMENT_SIM_LOG_REQUESTS": "false",
    }
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("done\n")
    assert '"code"' not in done.stdout, done.stdout
