"""The shell at a real terminal: prompt, completion, history, Ctrl-C and Ctrl-D."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.cli.test_process import LONG_RUN, PROGRAM
from tests.machine import wait_until_it_has_worked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]")
CTRL_C, CTRL_D, TAB, UP, ENTER = "\x03", "\x04", "\t", "\x1b[A", "\r"


class Terminal:
    """A shell at a terminal of its own, as when a person has opened one."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._terminal, other = pty.openpty()
        environment = {
            **os.environ,
            "COLUMNS": "120",
            "LINES": "40",
            "TERM": "xterm",
            "PROMPT_TOOLKIT_NO_CPR": "1",  # here nobody answers where the cursor is
            "XDG_STATE_HOME": str(folder / "state"),
        }
        # The first process of a session that opens a terminal owns it, so that Ctrl-C reaches it.
        opened = f'exec "$@" <>{os.ttyname(other)} >&0 2>&0'
        self._process = subprocess.Popen(
            ["sh", "-c", opened, "sh", *PROGRAM, "shell", *options],
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
        self._other = other
        self._shown = ""

    def send(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def wait_for(self, text: str, seconds: float = 120) -> str:
        """Read until something is shown, and return what was shown before it."""
        deadline = time.monotonic() + seconds
        while text not in self._shown:
            assert time.monotonic() < deadline, f"{text!r} was not shown in:\n{self._shown}"
            if select.select([self._terminal], [], [], 0.2)[0]:
                part = os.read(self._terminal, 65_536).decode()
                self._shown += _ESCAPE.sub("", part).replace("\r\n", "\n")
        before, _, self._shown = self._shown.partition(text)
        return before

    def wait_until_it_has_worked(self, seconds: float) -> None:
        wait_until_it_has_worked(psutil.Process(self._process.pid), seconds)

    def exit_code(self) -> int:
        return self._process.wait(timeout=120)

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._other)
        os.close(self._terminal)


@pytest.fixture
def terminal(folder: Path) -> Iterator[Terminal]:
    shell = Terminal(folder, "--config", "two.yaml")
    yield shell
    shell.close()


def test_a_prompt_says_which_tick_is_next_and_ctrl_d_ends(terminal: Terminal) -> None:
    terminal.wait_for("tick 0 of 3 is next. `help` lists the commands, Ctrl-D ends.")
    terminal.wait_for("tick 0>")
    terminal.send(f"tick{ENTER}")
    assert "loan waits in the central queue" in terminal.wait_for("tick 1>")
    terminal.send(f"tik{ENTER}")
    terminal.wait_for("Error: there is no command 'tik'; did you mean 'tick'?")
    terminal.wait_for("tick 1>")  # before the prompt is there, the terminal itself would swallow Ctrl-D
    terminal.send(CTRL_D)
    assert terminal.exit_code() == 0


def test_tab_completes_commands_agents_and_transactions(terminal: Terminal) -> None:
    terminal.wait_for("tick 0>")
    terminal.send(f"tic{TAB}")
    terminal.wait_for("tick")
    terminal.send(ENTER)
    terminal.wait_for("2 arrivals, 1 settlement")
    terminal.wait_for("tick 1>")
    terminal.send(f"why lo{TAB}")
    terminal.wait_for("why loan")
    terminal.send(ENTER)
    terminal.wait_for("180.00 is missing.")
    terminal.wait_for("tick 1>")
    terminal.send(f"submit bank_a{TAB}")
    terminal.wait_for("BANK_A")
    terminal.send(f" BANK_B 1{ENTER}")
    terminal.wait_for("BANK_A:s1: BANK_A pays BANK_B 1.00 EUR")
    terminal.send(f"quit{ENTER}")
    assert terminal.exit_code() == 0


def test_history_lasts_from_shell_to_shell(folder: Path, terminal: Terminal) -> None:
    terminal.wait_for("tick 0>")
    terminal.send(f"agent BANK_A{ENTER}")
    terminal.wait_for("cost_split_friction")
    terminal.send(f"quit{ENTER}")
    assert terminal.exit_code() == 0
    assert "+agent BANK_A\n" in (folder / "state" / "payment-sim" / "shell-history").read_text(
        encoding="utf-8"
    )
    again = Terminal(folder, "--config", "two.yaml")
    again.wait_for("tick 0>")
    again.send(f"{UP}{UP}{ENTER}")
    again.wait_for("cost_split_friction")
    again.close()


def test_a_history_that_cannot_be_kept_is_no_error(folder: Path) -> None:
    (folder / "state").write_text("in the way", encoding="utf-8")
    shell = Terminal(folder, "--config", "two.yaml")
    shell.wait_for("tick 0>")
    shell.send(CTRL_D)
    assert shell.exit_code() == 0
    shell.close()


def test_ctrl_c_ends_a_long_run_between_two_ticks_and_not_the_shell(folder: Path) -> None:
    (folder / "long.yaml").write_text(LONG_RUN, encoding="utf-8")
    shell = Terminal(folder, "--config", "long.yaml")
    shell.wait_for("tick 0>")
    shell.send(f"break when tick < 0{ENTER}")
    shell.wait_for("tick 0>")
    shell.send(f"run{ENTER}")
    shell.wait_until_it_has_worked(0.5)
    shell.send(CTRL_C)
    shell.wait_for("ran ticks 0 to ")
    stopped = re.search(r"Stopped: tick (\d+) of", shell.wait_for("is next\n"))
    assert stopped is not None
    shell.wait_for(f"tick {stopped[1]}>")
    shell.send(f"half a line{CTRL_C}")
    shell.wait_for(f"tick {stopped[1]}>")
    shell.send(f"tick{ENTER}")
    shell.wait_for(f"tick {int(stopped[1]) + 1}>")
    shell.send(CTRL_D)
    assert shell.exit_code() == 0
    shell.close()
