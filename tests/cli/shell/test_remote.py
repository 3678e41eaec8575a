"""The shell on a service that really runs: the same lines show the same."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.cli.test_process import PROGRAM

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.shell.conftest import Shell

TOKEN = "a-token-of-this-test"
LINES = (
    "state",
    "tick",
    "why loan",
    "queue",
    "submit BANK_A BANK_B 10.00 in 2 priority 7",
    "submit BANK_A BANX_B 10.00",
    "agent BANK_A",
    "break when queue2 = 0",
    "break when cost > 0.02",
    "tick 2",
    "diff 0 2",
    "back",
    "state",
    "transaction BANK_A:s1",
    "run",
    "events 5",
    "events tick 1",
    "costs",
    "why loan",
    "why lone",
    "tick",
    "save FILE.state",
    "load FILE.state",
    "state",
)


class Service(NamedTuple):
    """A service that listens."""

    url: str
    process: subprocess.Popen[bytes]


@pytest.fixture
def service(folder: Path) -> Iterator[Service]:
    said = folder / "service.log"
    with said.open("wb") as file:
        process = subprocess.Popen(
            [*PROGRAM, "serve", "--port", "0", "--data", "data"],
            cwd=folder,
            stderr=file,
            env={**os.environ, "PAYMENT_SIM_TOKEN": TOKEN},
        )
    try:
        yield Service(_listening(process, said), process)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0


def _listening(process: subprocess.Popen[bytes], said: Path) -> str:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(r"Listening on (\S+)", said.read_text(encoding="utf-8")):
            return found[1]
        time.sleep(0.05)
    raise AssertionError(said.read_text(encoding="utf-8"))


def test_the_same_lines_show_the_same_here_and_there(shell: Shell, service: Service) -> None:
    here = shell(*(line.replace("FILE", "here") for line in LINES))
    options = ("--url", service.url, "--token", TOKEN, "--config", "two.yaml")
    there = shell(*(line.replace("FILE", "there") for line in LINES), options=options)
    assert here.stdout.replace("here.state", "there.state") == there.stdout
    announced, _, errors = there.stderr.partition("\n")
    assert re.fullmatch(rf"simulation \S+ at {service.url}", announced)
    assert errors == here.stderr
    assert (here.code, there.code) == (1, 1)

    # The only simulation was made by the shell, and another one by its `load`: so one has to be named.
    several = shell("state", options=("--url", service.url, "--token", TOKEN))
    assert several.code == 2
    assert "choose by --simulation: " in several.stderr
    name = announced.split()[1]
    named = shell("state", options=("--url", service.url, "--token", TOKEN, "--simulation", name))
    assert named.stdout.startswith("the run is over")

    saved = shell("back", options=("--url", service.url, "--token", TOKEN, "--load", "here.state"))
    assert "there is nothing before the start of tick 3" in saved.stderr


def test_what_the_service_refuses_is_said(shell: Shell, service: Service) -> None:
    nothing = shell("state", options=("--url", service.url, "--token", TOKEN))
    assert nothing.code == 2
    assert "the service has no simulation; --config FILE makes one" in nothing.stderr
    without = shell("state", options=("--url", service.url))
    assert without.code == 1
    assert without.stderr.startswith("Error: ")
    unknown = shell("state", options=("--url", service.url, "--token", TOKEN, "--simulation", "nope"))
    assert (unknown.code, unknown.stderr) == (1, "Error: there is no simulation 'nope'\n")
    back = shell("tick", "back", options=("--url", service.url, "--token", TOKEN, "--config", "two.yaml"))
    assert "line 2: the start of tick 0 has no payments of the file yet" in back.stderr


def test_an_address_that_is_none_is_wrong_usage(shell: Shell) -> None:
    ended = shell("state", options=("--url", "nowhere"))
    assert ended.code == 2
    assert "http://127.0.0.1:8000" in ended.stderr
