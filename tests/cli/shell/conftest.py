"""Shells whose lines come from a pipe, run in this process as the program runs them."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from payment_simulator.cli.entry import run
from tests.cli.conftest import Ended

if TYPE_CHECKING:
    from pathlib import Path

Shell = Callable[..., Ended]


@pytest.fixture
def shell(folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    def call(*lines: str, options: tuple[str, ...] = ("--config", "two.yaml")) -> Ended:
        capfd.readouterr()
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        code = run(("shell", *options))
        return Ended(code, *capfd.readouterr())

    return call
