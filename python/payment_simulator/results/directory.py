"""A results directory in the making: under another name until it is whole.

A reader never sees half a run. What is written lies beside its target, `.NAME.xxxx.partial`, and takes the
target's name when it is published; after an error or an interrupt it is removed.
"""

from __future__ import annotations

import errno
import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from payment_simulator.errors import ResultsError, ResultsExistError
from payment_simulator.results.tables import LINKS, TABLES

if TYPE_CHECKING:
    from types import TracebackType

MANIFEST, CONFIG, SUMMARY = "manifest.json", "config.yaml", "summary.json"
_SHOWN_MAX = 3
_IN_THE_WAY = frozenset({errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR})


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
        """Give the directory its name; one that it replaces goes only now, and stays if this fails.

        Raises:
            ResultsExistError: Somebody else has published there meanwhile, and `force` is not given.
        """
        replaced = self.path.with_suffix(".replaced")
        try:
            while not self._takes_its_name():
                self._check()
                self._move_away(replaced)
        except BaseException:
            if _exists(replaced) and not _exists(self.target):
                replaced.rename(self.target)
            raise
        finally:
            if _exists(self.target):
                shutil.rmtree(replaced, ignore_errors=True)
        return self.target

    def _takes_its_name(self) -> bool:
        """Take the target's name, and return True; or False when there is something of that name."""
        if _exists(self.target):  # an empty directory would be replaced without a word
            return False
        try:
            self.path.rename(self.target)
        except OSError as error:
            if error.errno not in _IN_THE_WAY:
                raise
            return False
        return True

    def _move_away(self, replaced: Path) -> None:
        """Take its name from what is at the target; others that want the same may be quicker."""
        shutil.rmtree(replaced, ignore_errors=True)
        with suppress(FileNotFoundError):
            self.target.rename(replaced)

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
    """Return why a path is not a results directory and nothing but one; None when it is, or there is none."""
    if path.is_symlink():
        return "is not a directory"
    try:
        names = {entry.name for entry in path.iterdir()}
    except FileNotFoundError:  # somebody else replaces it
        return None
    except NotADirectoryError:
        return "is not a directory"
    if names and MANIFEST not in names:
        return f"is not the directory of a run (it has no {MANIFEST})"
    if others := sorted(names - {*FILES, table_file(LINKS)}):
        more = ", ..." if len(others) > _SHOWN_MAX else ""
        return f"holds other files too ({', '.join(others[:_SHOWN_MAX])}{more})"
    return None
