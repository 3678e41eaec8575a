"""What the tests of the store share."""

from __future__ import annotations

from tests.store.databases import (
    database,
    database_url,
    new_url,
    running_postgres,
    second,
    shared_url,
    sqlite_url,
)

__all__ = ["database", "database_url", "new_url", "running_postgres", "second", "shared_url", "sqlite_url"]
