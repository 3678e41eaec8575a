"""Where a service under test keeps what it must not lose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.service.process import Service

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Store:
    """A store that is empty at first.

    Attributes:
        name: `SQLite` or `PostgreSQL`.
        folder: A folder for whatever the service writes.
        database_url: The database's URL, if it is not the file in `folder`.
    """

    name: str
    folder: Path
    database_url: str | None = None

    @property
    def options(self) -> tuple[str, ...]:
        """What names it on the command line."""
        if self.database_url is None:
            return ("--data", str(self.folder))
        return ("--data", str(self.folder), "--database-url", self.database_url)

    def service(self, *options: str, **arguments: object) -> Service:
        """A service over it, not yet started."""
        return Service(self.folder, *self.options, *options, **arguments)  # type: ignore[arg-type]
