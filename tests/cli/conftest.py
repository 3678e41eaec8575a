"""Commands, run in this process as the program runs them, and small configurations for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import pytest

from payment_simulator.cli.entry import run

if TYPE_CHECKING:
    from pathlib import Path

TWO_BANKS = """\
simulation: {ticks_per_day: 3, num_days: 1, rng_seed: 7}
agents:
  - {id: BANK_A, opening_balance: 100_00, credit_limit: 50_00, policy: {type: Fifo}}
  - {id: BANK_B, opening_balance: 0, policy: {type: Fifo}}
transactions: {path: payments.csv}
currency: {code: EUR}
"""
PAYMENTS = """\
transaction_id,sender,receiver,amount,submit_tick,deadline_tick
rent,BANK_A,BANK_B,12000,0,2
loan,BANK_B,BANK_A,30000,0,1
tax,BANK_A,BANK_B,20000,1,
"""


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    stdout: str
    stderr: str


Command = Callable[..., Ended]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with two banks and three payments."""
    (tmp_path / "two.yaml").write_text(TWO_BANKS, encoding="utf-8")
    (tmp_path / "payments.csv").write_text(PAYMENTS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def command(folder: Path, capfd: pytest.CaptureFixture[str]) -> Command:
    def call(*arguments: str) -> Ended:
        capfd.readouterr()
        code = run(arguments)
        return Ended(code, *capfd.readouterr())

    return call
