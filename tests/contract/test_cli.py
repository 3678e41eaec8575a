"""Section 4 of the contract: what no other test says of `payment-sim run`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = [str(Path(sys.executable).with_name("payment-sim")), "run", "--config"]
NOTHING = """\
simulation: {ticks_per_day: 3, num_days: 1, rng_seed: 7}
agents: [{id: A, opening_balance: 1, policy: {type: Fifo}}]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "nothing.yaml"
    path.write_text(NOTHING, encoding="utf-8")
    return path


def run(config: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [*PROGRAM, str(config), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_the_settlement_rate_of_nothing_is_0(config: Path) -> None:
    summary = json.loads(run(config, "--quiet").stdout)
    assert summary["metrics"]["settlement_rate"] == 0
    assert summary["agents"][0]["final_balance"] == 1


def test_no_json_on_stderr(config: Path) -> None:
    for arguments in ((), ("--stream",), ("--verbose",)):
        ran = run(config, *arguments)
        assert ran.returncode == 0
        assert "{" not in ran.stderr


def test_ticks_beyond_the_run_are_wrong_usage(config: Path) -> None:
    ran = run(config, "--ticks", "4")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "Error" in ran.stderr
