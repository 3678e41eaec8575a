"""Damaged states and tables of anything end in an error of ours, never in a crash of the process."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("what", "seed", "rounds"),
    [
        ("snapshots", 1, 1_500),
        ("snapshots", 2, 1_500),
        ("sweep", 0, 1),
        ("batches", 1, 3_000),
        ("batches", 2, 3_000),
    ],
)
def test_the_process_survives(what: str, seed: int, rounds: int) -> None:
    command = [
        sys.executable,
        "-X",
        "faulthandler",
        "-m",
        "tests.proof.fuzzing",
        what,
        str(seed),
        str(rounds),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (ran.returncode, ran.stdout) == (0, "survived\n"), ran.stderr[-3_000:]


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("what", ["snapshots", "batches"])
def test_the_process_survives_for_long(what: str) -> None:
    command = [sys.executable, "-X", "faulthandler", "-m", "tests.proof.fuzzing", what, "3", "50000"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "survived\n"), ran.stderr[-3_000:]
