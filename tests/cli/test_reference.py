"""The reference pages are those that the program would make."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from payment_simulator.cli import cli_reference

ROOT = Path(__file__).parents[2]


def test_the_page_has_a_heading_for_each_command_and_each_option() -> None:
    page = cli_reference()
    names = ("run", "validate", "schema", "generate", "inspect", "audit", "shell", "replay", "serve", "keys")
    for name in (*names, "profile", "keys create", "keys list", "keys revoke"):
        assert f"## payment-sim {name}\n" in page
    for option in (
        "--config",
        "--resume",
        "--ticks",
        "--seed",
        "--save",
        "--output-dir",
        "--force",
        "--output",
        "--quiet",
        "--stream",
        "--url",
        "--from",
        "--database-url",
        "--role",
    ):
        assert option in page


def test_the_generated_files_are_fresh() -> None:
    ended = subprocess.run(
        [sys.executable, ROOT / "scripts" / "generate.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
