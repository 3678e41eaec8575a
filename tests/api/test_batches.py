"""Batches in Arrow and Parquet, from users and from strangers."""

from __future__ import annotations

import io
import random
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from payment_simulator.api.batches import ARROW, PARQUET, read_arrow, read_parquet
from payment_simulator.errors import LimitExceededError, RequestError

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi.testclient import TestClient

ipc: Any = pa.ipc
parquet: Any = pq
ROWS: dict[str, list[Any]] = {
    "sender": ["BANK_A", "BANK_B"],
    "receiver": ["BANK_B", "BANK_A"],
    "amount": [5, 7],
}
READERS = {ARROW: read_arrow, PARQUET: read_parquet}


def as_arrow(table: pa.Table, compression: str | None = None) -> bytes:
    sink = pa.BufferOutputStream()
    with ipc.new_stream(sink, table.schema, options=ipc.IpcWriteOptions(compression=compression)) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def as_parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    parquet.write_table(table, sink)
    return sink.getvalue()


WRITERS: dict[str, Callable[[pa.Table], bytes]] = {ARROW: as_arrow, PARQUET: as_parquet}


@pytest.mark.parametrize("kind", WRITERS)
def test_a_batch(client: TestClient, url: str, kind: str) -> None:
    table = pa.table({**ROWS, "deadline_tick": pa.array([None, 9], pa.uint32()), "submit_tick": [0, 3]})
    answer = client.post(
        f"{url}/transactions/batch", content=WRITERS[kind](table), headers={"Content-Type": kind}
    )
    assert answer.status_code == 200, answer.text
    found = client.get(f"{url}/transactions").json()["transactions"]
    assert [row["transaction_id"] for row in found] == answer.json()["transaction_ids"]
    assert [(row["amount"], row["deadline_tick"], row["submit_tick"]) for row in found] == [
        (5, None, 0),
        (7, 9, 3),
    ]


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"sender": ["A"], "receiver": ["B"]}, "lacks the column amount"),
        ({**ROWS, "amout": [1, 2]}, "unknown column 'amout'; did you mean amount?"),
        ({**ROWS, "amount": [1.0, 2.0]}, "amount as double, where whole numbers are needed"),
        ({**ROWS, "amount": ["1", "2"]}, "amount as string, where whole numbers are needed"),
        ({**ROWS, "sender": [1, 2]}, "sender as int64, where texts are needed"),
        ({**ROWS, "divisible": [0, 1]}, "divisible as int64, where booleans are needed"),
    ],
)
def test_other_columns(kind: str, columns: dict[str, list[Any]], message: str) -> None:
    with pytest.raises(RequestError, match=message.replace("?", "[?]")):
        READERS[kind](WRITERS[kind](pa.table(columns)), 10)


def test_a_column_twice() -> None:
    table = pa.Table.from_arrays(
        [pa.array(["A"]), pa.array(["B"]), pa.array([1]), pa.array([2])],
        names=["sender", "receiver", "amount", "amount"],
    )
    with pytest.raises(RequestError, match="amount twice"):
        read_arrow(as_arrow(table), 10)


@pytest.mark.parametrize("kind", READERS)
def test_too_many_rows(kind: str) -> None:
    body = WRITERS[kind](pa.table({name: [*values] * 6 for name, values in ROWS.items()}))
    assert READERS[kind](body, 12).num_rows == 12
    with pytest.raises(LimitExceededError, match="at most 11"):
        READERS[kind](body, 11)


@pytest.mark.parametrize("kind", ["dictionary", "large_string", "string_view"])
def test_other_ways_to_write_the_same(kind: str) -> None:
    types = {
        "dictionary": pa.dictionary(pa.int8(), pa.string()),
        "large_string": pa.large_string(),
        "string_view": pa.string_view(),
    }
    columns = {name: pa.array(values, types[kind]) for name, values in ROWS.items() if name != "amount"}
    given = pa.table({**columns, "amount": ROWS["amount"]})
    assert read_arrow(as_arrow(given), 10).to_pydict() == ROWS


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("body", [b"", b"x", b"PAR1", b"PAR1" * 3, b"\xff" * 100, b"\0" * 100, b"ARROW1\0\0"])
def test_what_is_neither(kind: str, body: bytes) -> None:
    with pytest.raises(RequestError, match="that can be read"):
        READERS[kind](body, 10)


@pytest.mark.parametrize("compression", ["zstd", "lz4"])
def test_a_compressed_stream_is_refused(compression: str) -> None:
    table = pa.table({**ROWS, "transaction_id": pa.array(["a", "b"]).dictionary_encode()})
    with pytest.raises(RequestError, match="compressed"):
        read_arrow(as_arrow(table, compression), 10)
    assert read_arrow(as_arrow(table), 10).num_rows == 2


@pytest.mark.parametrize("kind", READERS)
def test_texts_that_would_take_all_memory(kind: str) -> None:
    names = pa.array(["x" * 1_000_000]).dictionary_encode().take(pa.array([0] * 1000))
    body = WRITERS[kind](pa.table({"sender": names, "receiver": names, "amount": [1] * 1000}))
    assert len(body) < 3_000_000
    before = pa.total_allocated_bytes()
    with pytest.raises(RequestError, match="up to 1,000,000 bytes"):
        READERS[kind](body, 1000)
    assert pa.total_allocated_bytes() - before < 50_000_000


DAMAGED = """
import random
from tests.api.test_batches import *
chance = random.Random({seed})
coded = pa.array(["a", "b"]).dictionary_encode()
for kind, reader in READERS.items():
    table = pa.table({{**ROWS, "submit_tick": [0, 3], "transaction_id": coded}})
    whole = WRITERS[kind](table)
    for _ in range(400):
        body = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            body[chance.randrange(len(body))] = chance.randrange(256)
        if chance.random() < 0.3:
            del body[chance.randrange(len(body)):]
        try:
            reader(bytes(body), 1000).to_pylist()
        except (RequestError, LimitExceededError):
            pass
"""


def test_damaged_bodies_are_refused_and_never_end_the_process() -> None:
    script = DAMAGED.format(seed=random.randrange(2**32))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, script + done.stderr
