"""An answer comes back from its bytes as it was, an error as the same error."""

from __future__ import annotations

import inspect
from concurrent.futures import Future
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payment_simulator import errors
from payment_simulator.errors import PaymentSimulatorError
from payment_simulator.sessions.answers import (
    Given,
    Refused,
    from_bytes,
    give,
    table_from_bytes,
    table_to_bytes,
    to_bytes,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_values_come_back(value: object) -> None:
    assert from_bytes(to_bytes(Given(value))) == Given(value)


@given(st.text())
def test_refusals_come_back_whatever_they_say(message: str) -> None:
    assert from_bytes(to_bytes(Refused("transaction_refused", message))) == Refused(
        "transaction_refused", message
    )


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, PaymentSimulatorError)
    ],
)
def test_every_error_of_ours_comes_back_as_itself(kind: type[PaymentSimulatorError]) -> None:
    told: Future[Any] = Future()
    give(told, from_bytes(to_bytes(Refused.of(kind("größer als 'x'")))))
    error = told.exception()
    assert type(error) is kind
    assert str(error) == "größer als 'x'"


TABLES = [
    pa.table({}),
    pa.table({"transaction_id": pa.array([], pa.string())}),
    pa.table({"a": [1, None, -(2**63), 2**63 - 1], "b": ["Zürich 💶", "", None, "x" * 10_000]}),
    pa.table(
        {
            "d": pa.array(["x", "y", "x"]).dictionary_encode(),
            "v": pa.array(["x", None, "y"], pa.string_view()),
        }
    ),
    pa.concat_tables(
        [pa.table({"d": pa.array([text]).dictionary_encode()}) for text in ("a", "b", "a", "c")]
    ),
    pa.table({"n": pa.nulls(3), "l": [[1], None, []], "s": [{"a": 1}, None, {"a": None}]}),
    pa.table({"a": range(100_000)}).slice(7, 90_000),
    pa.table({"a": [1]}).replace_schema_metadata({b"key": b"\xff"}),
]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.schema.names))
def test_tables_come_back(table: pa.Table) -> None:
    assert table_from_bytes(table_to_bytes(table)).equals(table, check_metadata=True)
    answer = from_bytes(to_bytes(Given(table)))
    assert isinstance(answer, Given)
    assert answer.value.equals(table)
