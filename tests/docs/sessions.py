"""Runs what a page shows, in a folder of its own, from top to bottom.

- ```` ```yaml day.yaml ````: a block with a name is written to a file of that name.
- ```` ```console ````: lines that begin with `$ ` are run by a shell whose stdout is a terminal. The lines
  below are what stdout must show; or stderr, when stdout shows nothing. Without lines below, anything goes. A
  command must succeed, or end as a `# exit N` behind it says.
- ```` ```python ````: runs; all such blocks of a page share their names. A ```` ```text ```` block right
  below is what it must print.
- ```` ```transcript payment-sim shell ... ````: lines that begin with `> ` are piped into that command, the
  lines below are what it shows, on stdout or stderr. All such blocks of a page with the same command are one
  session.
- `...` stands for any lines where it is alone in its line, else for any text.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.docs.pages import ROOT, Block, blocks, label

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS: Final = 110
_PROMPT: Final = "$ "
_SHELL_PROMPT: Final = "> "
_ESCAPE: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_EXIT: Final = re.compile(r"\s+# exit (\d+)$")
NOT_RUN: Final = {
    "git clone": "the repository is here already",
    "cd ": "every page has its folder",
    ". ": "the tests run in the environment already",
    "make test": "this is a part of it",
}
"""Commands that are shown and not run, by how they begin, and why."""


@dataclass(frozen=True)
class Command:
    """A command of a console block.

    Attributes:
        line: The line of the page on which it stands.
        text: What is typed.
        exit_code: How it ends.
        shown: What the page says that it shows.
    """

    line: int
    text: str
    exit_code: int
    shown: str


@dataclass(frozen=True)
class Output:
    """What a command wrote."""

    exit_code: int
    stdout: str
    stderr: str


def commands(block: Block) -> Iterator[Command]:
    """Yield the commands of a console block."""
    text, line, shown = "", 0, ""
    for number, each in enumerate(block.text.splitlines(), start=block.line):
        if each.startswith(_PROMPT):
            if text:
                yield _command(text, line, shown)
            text, line, shown = each.removeprefix(_PROMPT), number, ""
        else:
            shown += f"{each}\n"
    yield _command(text, line, shown)


def typed(block: Block) -> list[str]:
    """Return the lines of a transcript that are typed."""
    lines = block.text.splitlines()
    return [line.removeprefix(_SHELL_PROMPT) for line in lines if line.startswith(_SHELL_PROMPT)]


def answered(block: Block) -> str:
    """Return the lines of a transcript that are shown."""
    lines = block.text.splitlines()
    return "".join(f"{line}\n" for line in lines if not line.startswith(_SHELL_PROMPT))


def _command(text: str, line: int, shown: str) -> Command:
    found = _EXIT.search(text)
    return Command(line, _EXIT.sub("", text), int(found[1]) if found else 0, shown)


class Session:
    """The folder of a page, and the names that its Python blocks define."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[str, Any] = {"__name__": "page"}
        self._transcripts: dict[str, tuple[list[str], str]] = {}
        (folder / "scenarios").symlink_to(ROOT / "scenarios")

    def play(self, page: Path) -> None:
        """Run every block of a page, and compare what it shows."""
        printed: str | None = None
        for block in blocks(page):
            where = f"{label(page)}, line {block.line}"
            if block.language == "text" and block.follows and printed is not None:
                assert_shows(block.text, printed, where)
            printed = None
            if block.language == "transcript":
                assert_shows(answered(block), self.transcript(block.name, typed(block)), where)
            elif block.name:
                self.write(block)
            elif block.language == "console":
                for command in commands(block):
                    self._check(command, f"{label(page)}, line {command.line}")
            elif block.language == "python":
                printed = self.python(block, label(page))

    def write(self, block: Block) -> None:
        """Write a block with a name to its file."""
        (self.folder / block.name).write_text(block.text, encoding="utf-8")

    def python(self, block: Block, page: str) -> str:
        """Run a Python block; return what it prints."""
        code = compile("\n" * (block.line - 1) + block.text, page, "exec")
        printed = io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(printed):
            exec(code, self.names)
        return printed.getvalue()

    def transcript(self, command: str, lines: list[str]) -> str:
        """Pipe lines into a command after those of earlier blocks; return what it shows of these."""
        earlier, before = self._transcripts.get(command, ([], ""))
        whole = self._piped(command, [*earlier, *lines])
        self._transcripts[command] = ([*earlier, *lines], whole)
        return whole.removeprefix(before)

    def shell(self, command: str) -> Output:
        """Run a command as in a terminal."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(
                ["bash", "-c", made_runnable(command)],
                cwd=self.folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=slave,
                stderr=errors,
            )
            os.close(slave)
            stdout = _read_all(master)
            exit_code = process.wait()
            errors.seek(0)
            return Output(exit_code, _ESCAPE.sub("", stdout).replace("\r\n", "\n"), errors.read().decode())

    def _piped(self, command: str, lines: list[str]) -> str:
        ended = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=_environment(),
            input="".join(f"{line}\n" for line in lines),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return ended.stdout

    def _check(self, command: Command, where: str) -> None:
        if not is_run(command):
            return
        output = self.shell(command.text)
        assert output.exit_code == command.exit_code, (
            f"{where}: exit {output.exit_code}\n{output.stdout}{output.stderr}"
        )
        if command.shown:
            assert_shows(command.shown, output.stdout or output.stderr, where)


def _environment() -> dict[str, str]:
    binaries = str(Path(sys.executable).parent)
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
        "TERM": "xterm",
        "NO_COLOR": "1",
        "COLUMNS": str(COLUMNS),
    }


def is_run(command: Command) -> bool:
    return not any(command.text.startswith(start) for start in NOT_RUN)


def made_runnable(command: str) -> str:
    """Return what `make run` does, for that; the command itself for any other."""
    if command != "make run":
        return command
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    found = re.search(r"(?m)^run:.*\n\t(.*)$", makefile)
    assert found, "the Makefile has the target run"
    return found[1].replace("$(BIN)/", "")


def assert_shows(expected: str, found: str, where: str) -> None:
    """Compare what a page shows with what happened."""
    found = tidied(found)
    pattern = "".join(_line_pattern(line) for line in expected.splitlines())
    assert re.fullmatch(pattern, found), f"{where} shows\n{expected}\nand this is what happens:\n{found}"


def tidied(output: str) -> str:
    """Return an output without the spaces and empty lines at ends that nobody sees."""
    return "".join(f"{line.rstrip()}\n" for line in output.rstrip().splitlines())


def _line_pattern(line: str) -> str:
    if line.strip() == "...":
        return "(?:.*\n)*"
    return ".*".join(map(re.escape, line.rstrip().split("..."))) + "\n"


def _read_all(terminal: int) -> str:
    """Return what is written to a terminal until nobody has it open any more."""
    found = bytearray()
    with contextlib.suppress(OSError):  # Linux says EIO at the end
        while part := os.read(terminal, 1 << 16):
            found += part
    os.close(terminal)
    return found.decode()
