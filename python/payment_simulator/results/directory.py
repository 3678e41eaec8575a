"""A results directory in the making: under another name until it is whole.

A reader never sees half a run. What is written lies beside its target, `.NAME.xxxx.partial`, and takes the
target's name when it is published; after an error or an interrupt it is removed.
"""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Self

from payment_simulator.errors import ResultsError, ResultsExistError
from payment_simulator.results.tables import LINKS, TABLES

if TYPE_CHECKING:
    from types import TracebackType

MANIFEST, CONFIG, SUMMARY = "manifest.json", "config.yaml", "summary.json"
_SHOWN_MAX = 3


def table_file(table: str) -> str:
    """Return the name of a table's file."""
    return f"{table}.parquet"


FILES = (MANIFEST, CONFIG, SUMMARY, *map(table_file, TABLES))
"""What a results directory holds, and nothing else but the table of links."""


class StagedDirectory:
    """A new directory that takes the place of `target` when it is published.

    Attributes:
        path: Where to write.
        target: What the directory will be called.

    Raises:
        ResultsExistError: There is something at `target`, and `force` is not given, or it is not the
            directory of a run: what somebody else keeps there is never deleted.
        ResultsError: There can be no directory at `target`.
    """

    def __init__(self, target: str | Path, *, force: bool = False) -> None:
        self.target = Path(target).absolute()
        self._force = force
        self._check()
        try:
            self.target.parent.mkdir(parents=True, exist_ok=True)
            self.path = self.target.with_name(f".{self.target.name}.{secrets.token_hex(4)}.partial")
            self.path.mkdir()
        except OSError as error:
            message = f"the results directory {self.target} cannot be made: {error.strerror}"
            raise ResultsError(message) from error

    def publish(self) -> Path:
        """Give the directory its name; one that it replaces goes only now, and stays if this fails."""
        self._check()
        if not _exists(self.target):
            self.path.rename(self.target)
            return self.target
        replaced = self.path.with_suffix(".replaced")
        self.target.rename(replaced)
        try:
            self.path.rename(self.target)
        except BaseException:
            replaced.rename(self.target)
            raise
        shutil.rmtree(replaced, ignore_errors=True)
        return self.target

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    def _check(self) -> None:
        if not _exists(self.target):
            return
        if not self._force:
            message = f"{self.target} exists already; choose another name, or replace it with `force`"
            raise ResultsExistError(message)
        if (reason := _not_ours(self.target)) is not None:
            message = f"{self.target} {reason}: it is not replaced, even with `force`"
            raise ResultsExistError(message)


def _exists(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _not_ours(path: Path) -> str | None:
    """Return why a path is not a results directory and nothing but one, or None when it is."""
    if path.is_symlink() or not path.is_dir():
        return "is not a directory"
    names = {entry.name for entry in path.iterdir()}
    if names and MANIFEST not in names:
        return f"is not the directory of a run (it has no {MANIFEST})"
    if others := sorted(names - {*FILES, table_file(LINKS)}):
        more = ", ..." if len(others) > _SHOWN_MAX else ""
        return f"holds other files too ({', '.join(others[:_SHOWN_MAX])}{more})"
    return None
