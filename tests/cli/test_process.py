"""The command line as a process: terminals, pipes, interrupts, and how quickly it answers."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.machine import wait_until_it_has_worked

LONG_RUN = """\
simulation: {ticks_per_day: 1_000_000, num_days: 1_000, rng_seed: 7}
agents:
  - id: BANK_A
    opening_balance: 1_000_000_00
    policy: {type: Fifo}
    arrival_config:
      rate_per_tick: 2.0
      amount_distribution: {type: Uniform, min: 1, max: 100}
      counterparty_weights: {BANK_B: 1}
      deadline_range: [1, 5]
  - {id: BANK_B, opening_balance: 0, policy: {type: Fifo}}
output: {events: none}
"""
PROGRAM = (sys.executable, "-c", "from payment_simulator.cli import main; main()")


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )


def start(*arguments: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*PROGRAM, *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def in_terminal(*arguments: str, folder: Path, columns: int = 120) -> tuple[int, str]:
    """Runs a command whose stdout and stderr are a terminal."""
    reader, writer = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm"}
    process = subprocess.Popen(
        [*PROGRAM, *arguments], cwd=folder, stdout=writer, stderr=writer, env=environment
    )
    os.close(writer)
    shown = b""
    while True:
        try:
            part = os.read(reader, 65_536)
        except OSError:  # Linux says so when the other side is closed
            break
        if not part:
            break
        shown += part
    os.close(reader)
    return process.wait(timeout=120), shown.decode().replace("\r\n", "\n")


@pytest.fixture
def long_run(folder: Path) -> Path:
    (folder / "long.yaml").write_text(LONG_RUN, encoding="utf-8")
    return folder


def test_the_installed_program_runs(folder: Path) -> None:
    program = Path(sys.executable).with_name("payment-sim")
    ended = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 0
    assert ended.stderr == "Payment Simulator\n"


def test_a_terminal_gets_the_version_on_one_line(folder: Path) -> None:
    code, shown = in_terminal("--version", folder=folder)
    assert code == 0
    assert shown.startswith("Payment Simulator ")
    assert shown.count("\n") == 1


def test_a_terminal_gets_tables(folder: Path) -> None:
    code, shown = in_terminal("run", "--config", "two.yaml", folder=folder)
    assert code == 0
    assert "Liquidity, delay and cost" in shown
    assert "BANK_B" in shown
    assert '"metrics"' not in shown


def test_a_narrow_terminal_loses_no_name(folder: Path) -> None:
    _code, shown = in_terminal("run", "--config", "two.yaml", folder=folder, columns=60)
    assert "BANK_A   80.00   -20.00   320.00   0.00" in shown
    assert "opening" not in shown


def test_a_terminal_can_get_json(folder: Path) -> None:
    _code, shown = in_terminal("run", "--config", "two.yaml", "--output", "json", "--quiet", folder=folder)
    assert shown.lstrip("\n").startswith("{")


def test_a_closed_pipe_ends_quietly(long_run: Path) -> None:
    process = start("run", "--config", "long.yaml", "--stream", folder=long_run)
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().startswith('{"tick": 0,')
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=120) == 0
    assert said == "Loading configuration long.yaml\n"


def test_an_interrupt_while_streaming_is_exit_130(long_run: Path) -> None:
    process = start("run", "--config", "long.yaml", "--stream", folder=long_run)
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _out, said = process.communicate(timeout=120)
    assert process.returncode == 130
    assert said == "Loading configuration long.yaml\nStopped: interrupted\n"


def test_an_interrupt_while_running_is_exit_130_and_leaves_nothing(long_run: Path) -> None:
    before = {path.name for path in long_run.iterdir()}
    process = start("run", "--config", "long.yaml", "--output-dir", "out", folder=long_run)
    deadline = time.monotonic() + 120
    while not list(long_run.glob(".out.*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    wait_until_it_has_worked(psutil.Process(process.pid))
    process.send_signal(signal.SIGINT)
    out, said = process.communicate(timeout=120)
    assert process.returncode == 130
    assert out == ""
    assert said.endswith("Stopped: interrupted\n")
    assert {path.name for path in long_run.iterdir()} == before


def test_what_is_not_needed_is_not_loaded() -> None:
    code = (
        "import sys\n"
        "from payment_simulator.cli.entry import run\n"
        "run(['--help'])\n"
        "heavy = {'pyarrow', 'duckdb', 'numpy', 'pydantic', 'rich', 'fastapi', 'uvicorn', 'sqlalchemy', "
        "'prompt_toolkit', 'httpx2'} & sys.modules.keys()\n"
        "sys.exit(str(heavy) if heavy else 0)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120
    )
    assert ended.returncode == 0, ended.stderr


def test_a_run_loads_no_tables_and_no_auditor_for_a_program(folder: Path) -> None:
    code = (
        "import sys\n"
        "from payment_simulator.cli.entry import run\n"
        "run(['run', '--config', 'two.yaml'])\n"
        "unwanted = {'rich.table', 'payment_simulator.audit', 'pandas', 'polars', "
        "'payment_simulator.transactions.synthetic', 'payment_simulator.api', 'payment_simulator.store', "
        "'payment_simulator.client', 'fastapi', 'sqlalchemy', 'prompt_toolkit'} & sys.modules.keys()\n"
        "sys.exit(str(unwanted) if unwanted else 0)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )
    assert ended.returncode == 0, ended.stderr


def test_a_shell_in_a_pipe_loads_no_service_and_no_prompt(folder: Path) -> None:
    code = (
        "import sys\n"
        "from payment_simulator.cli.entry import run\n"
        "run(['shell', '--config', 'two.yaml'])\n"
        "unwanted = {'payment_simulator.api', 'payment_simulator.store', 'payment_simulator.client', "
        "'fastapi', 'sqlalchemy', 'prompt_toolkit', 'rich.table'} & sys.modules.keys()\n"
        "sys.exit(str(unwanted) if unwanted else 0)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        input="tick\nwhy loan\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    assert "180.00 is missing." in ended.stdout
