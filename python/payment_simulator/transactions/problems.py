"""What is wrong with a file, told to people and to programs."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, NamedTuple

from payment_simulator.errors import TransactionsFileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

SHOWN_MAX = 20
_VALUE_WIDTH = 40


class Problem(NamedTuple):
    """One bad value.

    Attributes:
        row: The data row, from 1; the header is not counted.
        column: The file's own name of the column; empty when the row as a whole is bad.
        value: The value as it stands in the file; None when it is missing.
        reason: What is wrong with it.
    """

    row: int
    column: str
    value: str | None
    reason: str


class BadTransactionsFileError(TransactionsFileError):
    """A payments file cannot be read or has bad rows; nothing was run.

    Attributes:
        problems: The first bad values, at most 20, in order of their rows.
        total: How many bad values there are in all.
        counts: The same by kind.
    """

    def __init__(
        self, message: str, problems: Sequence[Problem] = (), counts: Mapping[str, int] | None = None
    ) -> None:
        super().__init__(message)
        self.problems = list(problems)
        self.counts = dict(counts or {})
        self.total = sum(self.counts.values())


def bad_rows(
    path: Path, problems: Sequence[Problem], counts: Mapping[str, int], lines: Mapping[int, int]
) -> BadTransactionsFileError:
    """The error for bad rows.

    Args:
        path: The file.
        problems: What to show, in order of rows.
        counts: How many there are of each kind, in full.
        lines: The file's line for a row, where it is known.
    """
    total = sum(counts.values())
    by_kind = ", ".join(
        f"{count:,} {kind}" for kind, count in sorted(counts.items(), key=lambda item: -item[1])
    )
    head = f"{path} has {_plural(total, 'problem')} ({by_kind}); nothing was run."
    note = "Rows count from 1 after the header" + (", which is line 1 of the file:" if lines else ":")
    body = [f"  {_where(problem, lines)}: {_what(problem)}" for problem in problems]
    more = [f"  ... and {total - len(problems):,} more"] if total > len(problems) else []
    return BadTransactionsFileError("\n".join([head, note, *body, *more]), problems, counts)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` is most likely meant to be, if any is close."""
    folded: dict[str, str] = {}
    for candidate in known:
        folded.setdefault(candidate.strip().casefold(), candidate)
    found = difflib.get_close_matches(word.strip().casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint to append to a message; empty when nothing is close."""
    found = nearest(word, known)
    return f"; did you mean {quoted(found)}?" if found is not None else ""


def quoted(value: str) -> str:
    """A value of a file for a message: on one line, not too long, without control characters."""
    short = value if len(value) <= _VALUE_WIDTH else value[: _VALUE_WIDTH - 3] + "..."
    return "'" + "".join(_printable(letter) for letter in short) + "'"


def _printable(letter: str) -> str:
    if "\udc80" <= letter <= "\udcff":  # a byte that is not UTF-8, as `surrogateescape` keeps it
        return f"\\x{ord(letter) - 0xDC00:02x}"
    return letter if letter.isprintable() else repr(letter)[1:-1]


def _where(problem: Problem, lines: Mapping[int, int]) -> str:
    line = f" (line {lines[problem.row]:,})" if problem.row in lines else ""
    return f"row {problem.row:,}{line}"


def _what(problem: Problem) -> str:
    if not problem.column:
        return problem.reason
    value = "" if problem.value is None else f" {quoted(problem.value)}"
    return f"{problem.column}{value} {problem.reason}"


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
