"""What good files give."""

from __future__ import annotations

import gzip
import logging
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payment_simulator.transactions import open_transactions
from tests.transactions.helpers import (
    AGENTS,
    HEADER,
    Amounts,
    read,
    read_text,
    refusal,
    rules_for,
    write_parquet,
)

if TYPE_CHECKING:
    from pathlib import Path

ROW = {
    "sender": "A",
    "receiver": "B",
    "amount": 12,
    "submit_tick": 3,
    "deadline_tick": None,
    "priority": 5,
    "divisible": False,
}


FORMS = [
    ("plain", HEADER + "A,B,12,3\n"),
    ("byte order mark", "\ufeff" + HEADER + "A,B,12,3\n"),
    ("no newline at the end", HEADER + "A,B,12,3"),
    ("carriage returns", HEADER.replace("\n", "\r\n") + "A,B,12,3\r\n"),
    ("old Macintosh", HEADER.replace("\n", "\r") + "A,B,12,3\r"),
    ("quoted", '"sender","receiver","amount","submit_tick"\n"A","B","12","3"\n'),
    ("semicolons", "sender;receiver;amount;submit_tick\nA;B;12;3\n"),
    ("tabs", "sender\treceiver\tamount\tsubmit_tick\nA\tB\t12\t3\n"),
    ("bars", "sender|receiver|amount|submit_tick\nA|B|12|3\n"),
    ("other columns", 'note,submit_tick,amount,receiver,sender,x\n"a,\nb",3,12,B,A,\n'),
    ("spaces in the header", "sender, receiver, amount, submit_tick\nA,B,12,3\n"),
    ("blank lines", HEADER + "\nA,B,12,3\n\n"),
    ("commas at the end", HEADER + "A,B,12,3,\n"),
    ("signs and zeros", HEADER + "A,B,+0012,03\n"),
    ("ticks as data frames write them", HEADER + "A,B,12,3.0\n"),
]


@pytest.mark.parametrize("text", [text for _, text in FORMS], ids=[name for name, _ in FORMS])
def test_forms_of_csv(tmp_path: Path, text: str) -> None:
    assert read_text(tmp_path, text).to_pylist() == [ROW]


def test_compressed(tmp_path: Path) -> None:
    content = (HEADER + "A,B,12,3\n").encode()
    assert read_text(tmp_path, gzip.compress(content), "payments.csv.gz").to_pylist() == [ROW]
    with pa.output_stream(str(tmp_path / "payments.csv.zst"), compression="zstd") as stream:
        stream.write(content)
    assert read(tmp_path / "payments.csv.zst").to_pylist() == [ROW]
    error = refusal(tmp_path, gzip.compress(HEADER.encode() + b"A,B,1,0\nA,B\nA,Q,1,0\n"), "payments.csv.gz")
    assert [problem.row for problem in error.problems] == [2, 3]


def test_pattern_letters_in_a_path(tmp_path: Path) -> None:
    folder = tmp_path / "a=1 [b] it's *"
    folder.mkdir()
    assert read_text(folder, HEADER + "A,B,12,3\n").to_pylist() == [ROW]
    write_parquet(
        pa.table({"sender": ["A"], "receiver": ["B"], "amount": [12], "submit_tick": [3]}),
        folder / "x?.parquet",
    )
    assert read(folder / "x?.parquet").to_pylist() == [ROW]


@pytest.mark.parametrize("agent", [agent for agent in AGENTS if agent != "A"])
def test_agents_with_odd_names(tmp_path: Path, agent: str) -> None:
    text = f'{HEADER}{agent},A,1,0\nA,"{agent}",1,0\n'
    table = read_text(tmp_path, text)
    assert table["sender"].to_pylist() == [agent, "A"]
    assert table["receiver"].to_pylist() == ["A", agent]


def test_all_columns_by_mapping(tmp_path: Path) -> None:
    names = {
        "transaction_id": "Ref",
        "sender": "From",
        "receiver": "To",
        "amount": "Amt",
        "submit_tick": "In",
    }
    columns = names | {"deadline_tick": "By", "priority": "Prio", "divisible": "Split"}
    text = "Ref,From,To,Amt,In,By,Prio,Split\nx,A,B,1,0,,,\ny,B,A,2,1,99,10,TRUE\nz,A,C,3,1,2.0,0.0,0\n"
    table = read_text(tmp_path, text, columns=columns)
    assert table.to_pylist() == [
        {"transaction_id": "x", **ROW, "amount": 1, "submit_tick": 0},
        {
            "transaction_id": "y",
            "sender": "B",
            "receiver": "A",
            "amount": 2,
            "submit_tick": 1,
            "deadline_tick": 99,
            "priority": 10,
            "divisible": True,
        },
        {
            "transaction_id": "z",
            "sender": "A",
            "receiver": "C",
            "amount": 3,
            "submit_tick": 1,
            "deadline_tick": 2,
            "priority": 0,
            "divisible": False,
        },
    ]


def test_null_leaves_a_column_unused(tmp_path: Path) -> None:
    text = "sender,receiver,amount,submit_tick,priority\nA,B,12,3,urgent!\n"
    assert read_text(tmp_path, text, columns={"priority": None}).to_pylist() == [ROW]


AMOUNTS = [
    # digits, text, minor units
    (2, "1234.5", 123_450),
    (2, "1234.50", 123_450),
    (2, "1234.5000", 123_450),
    (2, "1234", 123_400),
    (2, "1234.", 123_400),
    (2, "+0.01", 1),
    (2, "0.07", 7),
    (2, "90071992547409.93", 9_007_199_254_740_993),
    (2, "92233720368547758.07", 2**63 - 1),
    (0, "1234", 1_234),
    (0, "1234.00", 1_234),
    (3, "0.001", 1),
    (3, "1.2340", 1_234),
]


@pytest.mark.parametrize(("digits", "text", "minor_units"), AMOUNTS)
def test_decimal_amounts(tmp_path: Path, digits: int, text: str, minor_units: int) -> None:
    table = read_text(tmp_path, f"{HEADER}A,B,{text},0\n", amounts="decimal", minor_digits=digits)
    assert table["amount"].to_pylist() == [minor_units]


BAD_AMOUNTS = [
    (2, "0.001", "amount too precise"),
    (2, "1.005", "amount too precise"),
    (0, "1.5", "amount too precise"),
    (3, "1.0001", "amount too precise"),
    (2, '"12,50"', "amount not a number"),
    (2, "1'234.50", "amount not a number"),
    (2, "1e2", "amount not a number"),
    (2, ".", "amount not a number"),
    (2, "92233720368547758.08", "amount too large"),
    (2, "9" * 40, "amount too large"),
    (2, "0.00", "amount not positive"),
    (2, "-1.00", "amount not positive"),
]


@pytest.mark.parametrize(("digits", "text", "kind"), BAD_AMOUNTS)
def test_bad_decimal_amounts(tmp_path: Path, digits: int, text: str, kind: str) -> None:
    error = refusal(tmp_path, f"{HEADER}A,B,{text},0\n", amounts="decimal", minor_digits=digits)
    assert error.counts == {kind: 1}


PARQUET_AMOUNTS: list[tuple[pa.Array, Amounts, int]] = [
    (pa.array([12], pa.int16()), "minor_units", 12),
    (pa.array([12], pa.uint64()), "minor_units", 12),
    (pa.array(["12"]), "minor_units", 12),
    (pa.array(["12"]).cast(pa.decimal128(20, 0)), "minor_units", 12),
    (pa.array([12]), "decimal", 1_200),
    (pa.array(["12.34"]).cast(pa.decimal128(30, 10)), "decimal", 1_234),
    (pa.array(["90071992547409.93"]).cast(pa.decimal128(38, 2)), "decimal", 9_007_199_254_740_993),
]


@pytest.mark.parametrize(("values", "amounts", "minor_units"), PARQUET_AMOUNTS)
def test_parquet_amounts(tmp_path: Path, values: pa.Array, amounts: Amounts, minor_units: int) -> None:
    columns = {"sender": ["A"], "receiver": ["B"], "amount": values, "submit_tick": [0]}
    write_parquet(pa.table(columns), tmp_path / "payments.parquet")
    assert read(tmp_path / "payments.parquet", amounts=amounts)["amount"].to_pylist() == [minor_units]


def test_parquet_from_data_frames(tmp_path: Path) -> None:
    columns = {
        "sender": pa.array(["A", "B"]).dictionary_encode(),
        "receiver": pa.array(["1", "A"]).cast(pa.large_string()),
        "amount": pa.array([1, 2], pa.int32()),
        "submit_tick": pa.array([0, 1], pa.uint8()),
        "deadline_tick": pa.array([float("nan"), 9.0]),
        "divisible": pa.array([True, None]),
    }
    write_parquet(pa.table(columns), tmp_path / "payments.parquet")
    table = read(tmp_path / "payments.parquet")
    assert table["receiver"].to_pylist() == ["1", "A"]
    assert table["deadline_tick"].to_pylist() == [None, 9]
    assert table["divisible"].to_pylist() == [True, False]


def test_agents_as_numbers(tmp_path: Path) -> None:
    columns = {"sender": [1, 101], "receiver": [101, 1], "amount": [1, 1], "submit_tick": [0, 0]}
    write_parquet(pa.table(columns), tmp_path / "payments.parquet")
    assert read(tmp_path / "payments.parquet", agent_ids=["1", "101"])["sender"].to_pylist() == ["1", "101"]


def test_facts(tmp_path: Path) -> None:
    path = tmp_path / "payments.csv"
    path.write_text(HEADER + "A,B,5,7\nB,A,9,2\n")
    with open_transactions(rules_for(path)) as file:
        assert (file.num_rows, file.total_value, file.largest_amount) == (2, 14, 9)
        assert (file.first_tick, file.last_tick, file.was_sorted, file.moved_deadlines) == (2, 7, False, 0)
        assert file.schema.names == [
            "sender",
            "receiver",
            "amount",
            "submit_tick",
            "deadline_tick",
            "priority",
            "divisible",
        ]


def test_order_is_stable(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    ticks = [(number * 7919) % 20 for number in range(30_000)]
    text = HEADER + "".join(f"A,B,{number + 1},{tick}\n" for number, tick in enumerate(ticks))
    with caplog.at_level(logging.INFO, "payment_simulator.transactions"):
        table = read_text(tmp_path, text)
    expected = sorted(range(30_000), key=lambda number: ticks[number])
    assert table["amount"].to_pylist() == [number + 1 for number in expected]
    assert "30,000 payments are sorted first" in caplog.text


def test_sorted_file_keeps_its_order_over_many_batches(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    size = 400_000
    columns = {
        "sender": ["A"] * size,
        "receiver": ["B"] * size,
        "amount": range(1, size + 1),
        "submit_tick": [3] * size,
    }
    whole = pa.table(columns)
    pa_csv.write_csv(whole, tmp_path / "payments.csv")
    write_parquet(whole, tmp_path / "payments.parquet", row_group_size=10_000)
    for name in ("payments.csv", "payments.parquet"):
        with open_transactions(rules_for(tmp_path / name)) as file:
            batches = list(file.batches(batch_rows=1_000))
            again = list(file.batches())
        assert len(batches) >= 400
        assert max(batch.num_rows for batch in batches) <= 1_000
        table = pa.Table.from_batches(batches)
        assert table["amount"].combine_chunks().equals(whole["amount"].combine_chunks())
        assert pa.Table.from_batches(again).equals(table)
    assert not caplog.text


def test_changing_the_file_later_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "payments.csv"
    path.write_text(HEADER + "A,B,5,7\n")
    with open_transactions(rules_for(path)) as file:
        path.write_text("rubbish")
        assert pa.Table.from_batches(file.batches())["amount"].to_pylist() == [5]


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "spill").mkdir()
    path = tmp_path / "payments.csv"
    path.write_text(HEADER + "A,B,5,7\n")
    with open_transactions(rules_for(path), spill_directory=tmp_path / "spill") as file:
        assert file.num_rows == 1
    path.write_text("")
    with pytest.raises(ValueError, match="empty"):
        open_transactions(rules_for(path), spill_directory=tmp_path / "spill")
    assert list((tmp_path / "spill").iterdir()) == []


def test_two_readers_at_once(tmp_path: Path) -> None:
    path = tmp_path / "payments.csv"
    path.write_text(HEADER + "".join(f"A,B,{number},0\n" for number in range(1, 5_001)))
    with open_transactions(rules_for(path)) as file:
        pairs = list(zip(file.batches(batch_rows=500), file.batches(batch_rows=500), strict=True))
    assert sum(left.num_rows for left, _ in pairs) == 5_000
    assert all(left.equals(right) for left, right in pairs)


def test_duckdb_fetches_no_extensions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, Any]] = []
    connect = duckdb.connect

    def spy(database: str, config: dict[str, Any]) -> duckdb.DuckDBPyConnection:
        seen.append(config)
        return connect(database, config=config)

    monkeypatch.setattr(duckdb, "connect", spy)
    read_text(tmp_path, HEADER + "A,B,12,3\n")
    assert [config["autoinstall_known_extensions"] for config in seen] == ["false"]
    assert [config["autoload_known_extensions"] for config in seen] == ["false"]


IDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12).filter(
    lambda text: "/" not in text and ":" not in text
)


@st.composite
def payment_rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    names = draw(st.lists(IDS, unique=True, max_size=12))
    rows = []
    for name in names:
        sender, receiver = draw(st.permutations(AGENTS))[:2]
        submit = draw(st.integers(0, 19))
        deadline = draw(st.none() | st.integers(submit + 1, 2**32 - 2))
        amount = draw(st.integers(1, 2**58))
        rows.append(
            {
                "transaction_id": name,
                "sender": sender,
                "receiver": receiver,
                "amount": amount,
                "submit_tick": submit,
                "deadline_tick": deadline,
                "priority": draw(st.integers(0, 10)),
                "divisible": draw(st.booleans()),
            }
        )
    return rows


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=payment_rows().filter(bool), digits=st.integers(0, 4))
def test_round_trip(tmp_path: Path, rows: list[dict[str, Any]], digits: int) -> None:
    table = pa.Table.from_pylist(rows)
    expected = sorted(rows, key=lambda row: row["submit_tick"])
    pa_csv.write_csv(table, tmp_path / "payments.csv")
    write_parquet(table, tmp_path / "payments.parquet")
    assert read(tmp_path / "payments.csv").to_pylist() == expected
    assert read(tmp_path / "payments.parquet").to_pylist() == expected
    decimals = [
        f"{row['amount'] // 10**digits}.{row['amount'] % 10**digits:0{digits}d}".rstrip(
            ".0" if not digits else ""
        )
        for row in rows
    ]
    texts = [text if digits else str(row["amount"]) for text, row in zip(decimals, rows, strict=True)]
    pa_csv.write_csv(table.set_column(3, "amount", pa.array(texts)), tmp_path / "payments.csv")
    assert read(tmp_path / "payments.csv", amounts="decimal", minor_digits=digits).to_pylist() == expected
