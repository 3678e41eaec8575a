"""`submit_transactions_batch`: every kind of table, all or nothing, ids made when looked at."""

from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from payment_simulator._core import Orchestrator
from payment_simulator.errors import SimulationError, TransactionRefusedError
from tests.core.support import busy_config, config, everything, rows

COLUMNS: dict[str, list[Any]] = {
    "sender": ["A", "B", "A"],
    "receiver": ["B", "A", "B"],
    "amount": [100, 200, 300],
    "submit_tick": [0, 2, 2],
    "deadline_tick": [5, None, 7],
    "priority": [5, 9, 0],
    "divisible": [False, True, False],
    "transaction_id": ["x", "y", "z"],
}
ARROW = pa.table(COLUMNS)
LARGE = ARROW.cast(
    pa.schema(
        [
            (field.name, pa.large_string() if field.type == pa.string() else field.type)
            for field in ARROW.schema
        ]
    )
)


def from_duckdb() -> duckdb.DuckDBPyRelation:
    return duckdb.connect().from_arrow(ARROW)


TABLES: dict[str, Callable[[], Any]] = {
    "a dict of lists": lambda: COLUMNS,
    "a dict of tuples": lambda: {name: tuple(values) for name, values in COLUMNS.items()},
    "a dict of numpy arrays": lambda: {name: np.array(values) for name, values in COLUMNS.items()},
    "a dict of arrow arrays": lambda: {name: pa.array(values) for name, values in COLUMNS.items()},
    "a dict of chunked arrays": lambda: dict(zip(ARROW.column_names, ARROW.columns, strict=True)),
    "a dict of polars series": lambda: pl.DataFrame(COLUMNS).to_dict(),
    "a dict of pandas series": lambda: dict(pd.DataFrame(COLUMNS).items()),
    "pyarrow": lambda: ARROW,
    "pyarrow in pieces": lambda: pa.concat_tables([ARROW.slice(0, 1), ARROW.slice(1, 0), ARROW.slice(1)]),
    "a record batch": lambda: ARROW.to_batches()[0],
    "a reader": ARROW.to_reader,
    "large strings": lambda: LARGE,
    "polars": lambda: pl.DataFrame(COLUMNS),
    "polars with categories": lambda: pl.DataFrame(COLUMNS).cast(
        {"sender": pl.Categorical, "receiver": pl.Categorical}
    ),
    "pandas": lambda: pd.DataFrame(COLUMNS),
    "pandas with categories": lambda: pd.DataFrame(COLUMNS).astype({"sender": "category"}),
    "duckdb": from_duckdb,
}


def submitted(table: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    simulation = Orchestrator.new(config())
    simulation.submit_transactions_batch(table)
    return rows(simulation.transactions())


@pytest.mark.parametrize("name", TABLES)
def test_every_kind_of_table_gives_the_same_transactions(name: str) -> None:
    expected = [
        {column: values[row] for column, values in COLUMNS.items()} | {"status": "pending"}
        for row in range(3)
    ]
    found = submitted(TABLES[name]())
    assert [{key: row[key] for key in expected[0]} for row in found] == expected


@pytest.mark.parametrize("width", ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"])
@pytest.mark.parametrize("library", ["arrow", "numpy"])
def test_integers_of_every_width(width: str, library: str) -> None:
    make: Callable[..., Any] = np.array if library == "numpy" else pa.array
    columns = {"sender": ["A"], "receiver": ["B"], "amount": make([100], width), "priority": make([7], width)}
    (found,) = submitted(columns)
    assert (found["amount"], found["priority"]) == (100, 7)


def test_without_the_optional_columns() -> None:
    (found,) = submitted({"sender": ["A"], "receiver": ["B"], "amount": [1], "priority": None})
    assert (found["priority"], found["divisible"], found["deadline_tick"]) == (5, False, None)
    assert found["transaction_id"] == "A:s1"


def test_deadlines_that_are_all_null() -> None:
    found = submitted(
        pa.table({"sender": ["A"], "receiver": ["B"], "amount": [1], "deadline_tick": pa.nulls(1)})
    )
    assert found[0]["deadline_tick"] is None


def test_ticks_of_pandas_with_nan() -> None:
    frame = pd.DataFrame(
        {"sender": ["A", "A"], "receiver": ["B", "B"], "amount": [1, 2], "deadline_tick": [5, None]}
    )
    assert frame["deadline_tick"].dtype == np.float64
    for table in (frame, {name: frame[name].to_numpy() for name in frame}):
        assert [row["deadline_tick"] for row in submitted(table)] == [5, None]


def test_an_empty_table() -> None:
    simulation = Orchestrator.new(config())
    ids = simulation.submit_transactions_batch({"sender": [], "receiver": [], "amount": []})
    assert (len(ids), list(ids), rows(ids), repr(ids)) == (0, [], [], "<TransactionIds: none>")


def test_without_submit_tick_the_rows_are_submitted_now() -> None:
    simulation = Orchestrator.new(config())
    simulation.run(3)
    simulation.submit_transactions_batch({"sender": ["A", "A"], "receiver": ["B", "B"], "amount": [1, 2]})
    assert simulation.get_queue1_size("A") == 2
    assert simulation.tick()["num_arrivals"] == 0


def test_with_submit_tick_they_are_scheduled() -> None:
    simulation = Orchestrator.new(config())
    simulation.submit_transactions_batch(
        {"sender": ["A"], "receiver": ["B"], "amount": [1], "submit_tick": [0]}
    )
    assert simulation.get_queue1_size("A") == 0
    assert simulation.tick()["num_arrivals"] == 1


def test_ids_are_a_sequence() -> None:
    simulation = Orchestrator.new(config())
    ids = simulation.submit_transactions_batch(
        {"sender": ["A", "B", "A"], "receiver": ["B", "A", "B"], "amount": [1] * 3}
    )
    expected = ["A:s1", "B:s1", "A:s2"]
    assert len(ids) == 3
    assert list(ids) == expected
    assert [ids[0], ids[-1], ids[np.int64(1)]] == ["A:s1", "A:s2", "B:s1"]
    assert (ids[1:], ids[::-1], ids[5:]) == (expected[1:], expected[::-1], [])
    assert rows(ids) == [{"transaction_id": text} for text in expected]
    assert rows(ids) == rows(ids)
    assert "B:s1" in ids
    assert repr(ids) == "<TransactionIds: 3, 'A:s1' to 'A:s2'>"
    for index in (3, -4):
        with pytest.raises(IndexError):
            ids[index]


def test_given_ids_are_kept() -> None:
    simulation = Orchestrator.new(config())
    ids = simulation.submit_transactions_batch(ARROW)
    assert list(ids) == ["x", "y", "z"]
    assert simulation.get_transaction("y") is not None


def test_a_null_id_is_made_by_the_engine() -> None:
    table: dict[str, list[Any]] = {
        "sender": ["A"] * 3,
        "receiver": ["B"] * 3,
        "amount": [1] * 3,
        "transaction_id": ["x", None, "z"],
    }
    for given in (table, pa.table(table)):
        simulation = Orchestrator.new(config())
        ids = simulation.submit_transactions_batch(given)
        assert (
            list(ids)
            == [row["transaction_id"] for row in rows(simulation.transactions())]
            == ["x", "A:s1", "z"]
        )


def bad(**columns: list[Any]) -> dict[str, list[Any]]:
    return {"sender": ["A"] * 3, "receiver": ["B"] * 3, "amount": [1, 2, 3], **columns}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            bad(sender=["A", "X", None]),
            r"2 bad rows: row 1: agent 'X' not found \(sender\); row 2: sender is missing",
        ),
        (bad(receiver=["A", "B", "B"]), "1 bad row: row 0: sender and receiver are the same agent 'A'"),
        (
            bad(amount=[1, -5, None]),
            "2 bad rows: row 1: amount -5 must be positive; row 2: amount is missing",
        ),
        (bad(submit_tick=[2, 5, 10]), "2 bad rows: row 0: submit_tick 2 must be from 3 to 9"),
        (bad(submit_tick=[3, 4, 5], deadline_tick=[4, 4, 6]), "1 bad row: row 1: deadline 4"),
        (bad(deadline_tick=[4, None, -(2**63)]), "1 bad row: row 2: deadline"),
        (bad(priority=[0, 10, 11]), "1 bad row: row 2: priority 11"),
        (bad(transaction_id=["a", "b", "a"]), "1 bad row: row 2: transaction_id 'a' is a duplicate"),
        (bad(transaction_id=["A:s1", "b/2", None]), "2 bad rows: row 0: .*reserved.*; row 1: .*reserved"),
    ],
)
def test_bad_rows_are_named_and_nothing_is_submitted(table: dict[str, list[Any]], message: str) -> None:
    simulation = Orchestrator.new(busy_config(num_days=1))
    simulation.run(3)
    before = everything(simulation)
    for given in (table, pa.table(table)):
        with pytest.raises(SimulationError, match=message) as raised:
            simulation.submit_transactions_batch(given)
        assert isinstance(raised.value, TransactionRefusedError)
        assert everything(simulation) == before


def test_many_bad_rows_are_counted() -> None:
    table: dict[str, list[Any]] = {"sender": ["A"] * 1_000, "receiver": ["?"] * 1_000, "amount": [1] * 1_000}
    with pytest.raises(TransactionRefusedError, match=r"^1000 bad rows: row 0: .*; and 980 more$"):
        Orchestrator.new(config()).submit_transactions_batch(table)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"sender": ["A"], "receiver": ["B"]}, "column 'amount' is missing"),
        (
            {"sender": ["A"], "reciever": ["B"], "amount": [1]},
            "unknown column 'reciever'; did you mean 'receiver'.; column 'receiver' is missing",
        ),
        (bad(amount=[1, 2]), "column 'amount' has 2 rows where 'sender' has 3"),
        (bad(amount=[1, 2.0, 3]), "column 'amount', row 1: must be an integer, not the float 2"),
        (bad(amount=[1, True, 3]), "column 'amount', row 1: must be an integer, not 0x1 .bool"),
        (bad(amount=[1, 2, "3"]), "column 'amount', row 2: must be an integer, not '3' .str"),
        (bad(amount=[1, 2, 2**63]), "column 'amount', row 2: 0x8000000000000000 does not fit"),
        (bad(sender=["A", 5, "A"]), "column 'sender', row 1: must be text, not 0x5 .int"),
        (bad(divisible=[True, None, False]), "column 'divisible', row 1: divisible is missing"),
        (bad(divisible=[True, 1, False]), "column 'divisible', row 1: must be true or false"),
        (bad(deadline_tick=[5, 5.5, 6]), "column 'deadline_tick', row 1: must be an integer, not 5.5"),
        (
            {"sender": "A", "receiver": "B", "amount": 1},
            "column 'sender' must be a list or an array, not str",
        ),
        (pa.table(bad(amount=[1.0, 2.0, 3.0])), "column 'amount' must hold integers, not Float64"),
        (
            pa.table({**bad(), "amount": pa.array([1, 2, 3]).cast(pa.decimal128(30, 2))}),
            "column 'amount' must hold integers, not Decimal128",
        ),
        (
            pa.table({**bad(), "amount": pa.array([1, 2**63, 3], pa.uint64())}),
            "column 'amount', row 1: 9223372036854775808 does not fit",
        ),
        (pa.table(bad(sender=[1, 2, 3])), "column 'sender' must hold text, not Int64"),
        (
            pa.table([[1]] * 4, names=["sender", "receiver", "amount", "amount"]),
            "column 'amount' is there twice",
        ),
        (pa.array([1, 2]), "Arrow"),
        ([1, 2], "an Arrow table .* or a dict of columns, not list"),
    ],
)
def test_tables_that_cannot_be_read(table: Any, message: str) -> None:  # noqa: ANN401
    simulation = Orchestrator.new(config())
    with pytest.raises(TransactionRefusedError, match=message):
        simulation.submit_transactions_batch(table)
    assert rows(simulation.transactions()) == []


def test_a_reader_that_was_read_already() -> None:
    reader = ARROW.to_reader()
    reader.read_all()
    simulation = Orchestrator.new(config())
    assert len(simulation.submit_transactions_batch(reader)) == 0


def test_an_error_of_the_table_comes_through() -> None:
    class Broken:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            raise LookupError

    with pytest.raises(LookupError):
        Orchestrator.new(config()).submit_transactions_batch(Broken())
