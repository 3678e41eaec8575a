"""Writes what really happens into pages: `python -m tests.docs.update docs/tutorial.md`.

What still fits stays, `...` included; look at the difference before you keep it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.docs.pages import Block, blocks, label
from tests.docs.sessions import Command, Session, answered, assert_shows, commands, is_run, tidied, typed

ARGUMENTS_MIN = 2


def update(page: Path) -> None:
    """Rewrite the shown outputs of a page that do not fit any more."""
    lines = page.read_text(encoding="utf-8").splitlines(keepends=True)
    with tempfile.TemporaryDirectory() as folder:
        changes = _changes(page, Session(Path(folder)))
    for first, count, text in reversed(changes):
        lines[first - 1 : first - 1 + count] = text.splitlines(keepends=True)
    page.write_text("".join(lines), encoding="utf-8")


def _changes(page: Path, session: Session) -> list[tuple[int, int, str]]:
    """Return what is to be replaced: first line, number of lines, new text."""
    changes: list[tuple[int, int, str]] = []
    printed: str | None = None
    for block in blocks(page):
        if block.language == "text" and block.follows and printed is not None:
            if not _fits(block.text, printed):
                changes.append((block.line, block.text.count("\n"), tidied(printed)))
        elif block.language == "console":
            changes += _console_changes(block, session)
        elif block.language == "transcript":
            changes += _transcript_changes(block, session)
        printed = None
        if block.name and block.language != "transcript":
            session.write(block)
        elif block.language == "python":
            printed = session.python(block, label(page))
    return changes


def _console_changes(block: Block, session: Session) -> list[tuple[int, int, str]]:
    runs = [(command, _shown(command, session)) for command in commands(block) if is_run(command)]
    return [
        (command.line + 1, command.shown.count("\n"), shown)
        for command, shown in runs
        if not _fits(command.shown or "...\n", shown)
    ]


def _transcript_changes(block: Block, session: Session) -> list[tuple[int, int, str]]:
    """Each line is piped in by itself, so that what it shows can be put below it."""
    shown = [(line, session.transcript(block.name, [line])) for line in typed(block)]
    if _fits(answered(block) or "...\n", "".join(text for _, text in shown)):
        return []
    text = "".join(f"> {line}\n{tidied(text) if text else ''}" for line, text in shown)
    return [(block.line, block.text.count("\n"), text)]


def _shown(command: Command, session: Session) -> str:
    output = session.shell(command.text)
    return tidied(output.stdout or output.stderr)


def _fits(expected: str, found: str) -> bool:
    try:
        assert_shows(expected, found, "")
    except AssertionError:
        return False
    return True


if __name__ == "__main__":
    if len(sys.argv) < ARGUMENTS_MIN:
        sys.exit(__doc__)
    for name in sys.argv[1:]:
        update(Path(name).absolute())
