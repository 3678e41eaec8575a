"""The tables of docs/validation.md are what comes out today."""

from __future__ import annotations

import pytest

from tests.published.page import TABLES, shown


def test_the_page_shows_every_table() -> None:
    assert sorted(shown()) == sorted(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_the_table_is_fresh(name: str) -> None:
    assert shown()[name] == TABLES[name](), "python -m tests.published.page makes it anew"
