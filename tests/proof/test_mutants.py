"""No test can pass on a broken engine: each rule that is broken on purpose is noticed."""

import subprocess
import sys
from pathlib import Path

import pytest
from scripts.mutants import ENGINE, MUTANTS, ROOT, Mutant

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/mutants.py"


@pytest.mark.parametrize("one", MUTANTS, ids=lambda one: one.name)
def test_each_mutant_can_still_be_made(one: Mutant) -> None:
    for edit in one.edits:
        assert (ROOT / ENGINE / edit.file).read_text(encoding="utf-8").count(edit.old) == 1, edit


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_each_mutant_is_noticed() -> None:
    ran = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
