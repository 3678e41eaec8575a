"""Every key that a user sets changes the run or its results: the schema is walked, key by key.

A key that the schema gains and `keys.ROWS` has not fails here. What merely repeats the configuration, such as
the manifest, its digest and the rules in force, does not count as a change.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from payment_simulator import Simulation
from payment_simulator.config import json_schema
from payment_simulator.errors import TransactionsFileError
from tests.proof.keys import FILES, ROWS, SAME_BY_CONTRACT, Row

SCHEMA = json_schema()


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """What a reference stands for."""
    name = schema.get("$ref", "").removeprefix("#/$defs/")
    return SCHEMA["$defs"][name] if name else schema


def keys_of(schema: dict[str, Any], path: str = "", seen: list[Any] | None = None) -> Iterator[str]:
    """All keys that hold a value or a choice of blocks; keys with one valid value are left out.

    A block that can stand in several places has its keys in the first of them.
    """
    seen = [] if seen is None else seen
    if any(schema is known for known in seen):
        return
    seen.append(schema)
    for name, given in schema["properties"].items():
        key, found = f"{path}{name}", resolved(given)
        if "const" in found:
            continue
        is_value, blocks = inside(key, found)
        if is_value:
            yield key
        for prefix, block in blocks:
            yield from keys_of(block, f"{prefix}.", seen)


def inside(key: str, found: dict[str, Any]) -> tuple[bool, list[tuple[str, dict[str, Any]]]]:
    """Whether a key has a value of its own, and the blocks that it holds or chooses from."""
    lists = [found, *found.get("anyOf", [])]
    items = resolved(next((block["items"] for block in lists if isinstance(block.get("items"), dict)), {}))
    choice = found if "oneOf" in found else items
    named = [resolved(block) for block in choice.get("oneOf", [])]
    named = [block for block in named if "properties" in block]
    if named:
        return True, [(f"{key}.{block['title']}", block) for block in named]
    optional = [resolved(block) for block in found.get("anyOf", [])]
    optional = [block for block in optional if "properties" in block]
    if optional:
        # Without the section its keys cannot be either; with one, they say what it does.
        return key not in {"clock", "collateral", "overdraft"}, [(key, optional[0])]
    for block in (found, items):
        if "properties" in block:
            return False, [(key, block)]
    return True, []


def outcome(data: dict[str, Any]) -> dict[str, Any]:
    """What the run did and what its results say, without what repeats the configuration."""
    try:
        result = Simulation(data).run()
    except TransactionsFileError as error:
        return {"refused": str(error)}
    summary = {key: value for key, value in result.summary.items() if key not in ("rules", "performance")}
    simulation = summary.pop("simulation")
    tables = ("transactions", "events", "balances", "agents", "costs")
    return {
        "state": simulation["state_hash"],
        "currency": simulation["currency"],
        "summary": summary,
        **{name: getattr(result, name).to_pylist() for name in tables},
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files")
    for name, text in FILES.items():
        (path / name).write_text(text, encoding="utf-8")
    return path


def test_every_key_of_the_schema_has_its_row_and_every_row_its_key() -> None:
    in_schema = sorted(keys_of(SCHEMA))
    assert len(set(in_schema)) == len(in_schema)
    assert sorted([*(row.key for row in ROWS), *SAME_BY_CONTRACT]) == in_schema


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
def test_another_value_makes_a_difference(row: Row, folder: Path) -> None:
    first, second = (outcome(row.made(value, folder)) for value in row.values)
    assert "refused" not in {*first, *second}
    assert first != second


@pytest.mark.parametrize("row", SAME_BY_CONTRACT.values(), ids=lambda row: row.key)
def test_two_names_of_one_thing_make_none(row: Row, folder: Path) -> None:
    first, second = (outcome(row.made(value, folder)) for value in row.values)
    assert first == second


def test_what_is_compared_does_not_differ_by_itself(folder: Path) -> None:
    for row in ROWS[::9]:
        assert outcome(row.made(row.values[0], folder)) == outcome(row.made(row.values[0], folder))
