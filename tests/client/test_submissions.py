"""Batches become Arrow streams with the columns as they were given, and what is none is refused at once."""

from __future__ import annotations

import array
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from payment_simulator import Simulation
from payment_simulator.client.submissions import SubmittedIds, arrow_stream, check_types, read_ids, read_table
from payment_simulator.errors import TransactionRefusedError

COLUMNS: dict[str, list[Any]] = {
    "sender": ["A", "B"],
    "receiver": ["B", "A"],
    "amount": [2**62, 1],
    "deadline_tick": [None, 7],
}
TABLES: dict[str, Any] = {
    "dict": COLUMNS,
    "mapping": MappingProxyType(COLUMNS),
    "pyarrow": pa.table(COLUMNS),
    "record batch": pa.record_batch(COLUMNS),
    "polars": pl.DataFrame(COLUMNS),
    "pandas": pd.DataFrame({**COLUMNS, "deadline_tick": pd.array([None, 7], dtype="Int64")}),
    "pandas with floats": pd.DataFrame({**COLUMNS, "deadline_tick": [None, 7]}),
    "columns of all kinds": {
        "sender": np.array(["A", "B"]),
        "receiver": pl.Series(["B", "A"]),
        "amount": array.array("q", [2**62, 1]),
        "deadline_tick": (tick for tick in (None, 7)),
        "priority": None,
    },
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_table_arrives_as_it_was_given(table: Any) -> None:  # noqa: ANN401
    arrived = read_table(arrow_stream(table))
    assert arrived.to_pydict() == COLUMNS


@pytest.mark.parametrize("values", [[], [None, None]])
def test_a_column_without_values_has_its_type(values: list[None]) -> None:
    arrived = read_table(arrow_stream(dict.fromkeys(("sender", "amount", "divisible"), values)))
    assert [field.type for field in arrived.schema] == [pa.string(), pa.int64(), pa.bool_()]


@pytest.mark.parametrize(
    "table",
    [
        5,
        "text",
        None,
        [1],
        {"sender": ["A"], "receiver": ["B"], "amount": 5},
        {"sender": "AB", "receiver": ["B", "A"], "amount": [1, 2]},
        {"sender": ["A", "B"], "receiver": ["B"], "amount": [1]},
    ],
)
def test_what_is_no_table_is_refused_in_the_words_of_the_engine(table: Any) -> None:  # noqa: ANN401
    with pytest.raises(TransactionRefusedError) as ours:
        arrow_stream(table)
    agents = [{"id": name, "opening_balance": 0, "policy": {"type": "Fifo"}} for name in "AB"]
    config = {"simulation": {"ticks_per_day": 9, "num_days": 1, "rng_seed": 1}, "agents": agents}
    with pytest.raises(TransactionRefusedError) as engines:
        Simulation(config).submit_batch(table)
    assert str(ours.value) == str(engines.value)


@pytest.mark.parametrize("tick", [5.5, 1e300, float("inf")])
def test_a_tick_that_is_no_whole_number_is_refused(tick: float) -> None:
    with pytest.raises(TransactionRefusedError, match="column 'submit_tick' must hold integers"):
        arrow_stream(pa.table({**COLUMNS, "submit_tick": [1.0, tick]}))


@pytest.mark.parametrize("values", [[1, "two"], [2**70, 1], [object(), 1]])
def test_a_column_that_is_none_is_named(values: list[object]) -> None:
    with pytest.raises(TransactionRefusedError, match="column 'amount'"):
        arrow_stream({"sender": ["A", "B"], "receiver": ["B", "A"], "amount": values})


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("amount", 1.0, "an integer, not float"),
        ("amount", True, "an integer, not bool"),
        ("amount", None, "an integer, not NoneType"),
        ("deadline_tick", "5", "an integer, not str"),
        ("sender", 5, "text, not int"),
        ("divisible", 1, "true or false, not int"),
    ],
)
def test_json_changes_no_types(name: str, value: object, wanted: str) -> None:
    with pytest.raises(TypeError, match=f"{name} must be {wanted}"):
        check_types({name: value})


def test_what_has_the_right_types_is_left_to_the_service() -> None:
    check_types({"sender": "A", "amount": -(2**80), "deadline_tick": None, "priority": 99, "divisible": True})


def ids(*texts: str) -> SubmittedIds:
    chunks = pa.chunked_array([texts[:2], texts[2:]], pa.string())
    return read_ids(arrow_stream(pa.table({"transaction_id": chunks})))


def test_ids_are_a_sequence_like_those_of_the_engine() -> None:
    found = ids("A:s1", "B:s1", "A:s2")
    assert len(found) == 3
    assert list(found) == ["A:s1", "B:s1", "A:s2"]
    assert (found[0], found[-1], found[np.int64(1)]) == ("A:s1", "A:s2", "B:s1")
    assert found[1:] == ["B:s1", "A:s2"]
    assert found[::-1] == ["A:s2", "B:s1", "A:s1"]
    assert found[5:] == []
    with pytest.raises(IndexError):
        found[3]
    assert repr(found) == "<SubmittedIds: 'A:s1' ... 'A:s2'>"


def test_ids_are_a_table_for_arrow_libraries() -> None:
    found = ids("A:s1", "B:s1", "A:s2")
    assert pl.DataFrame(found).to_dict(as_series=False) == {"transaction_id": ["A:s1", "B:s1", "A:s2"]}
    assert pa.schema(found).names == pa.table(found).column_names == ["transaction_id"]


def test_there_may_be_no_ids() -> None:
    found = ids()
    assert (len(found), list(found), found[:], repr(found)) == (0, [], [], "<SubmittedIds: none>")
