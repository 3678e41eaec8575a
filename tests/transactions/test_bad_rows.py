"""Every kind of bad row: one row each, and what is said about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from payment_simulator.errors import TransactionsFileError
from payment_simulator.transactions import BadTransactionsFileError, Problem
from tests.transactions.helpers import HEADER, Changes, read, read_text, refusal, write_parquet

if TYPE_CHECKING:
    from pathlib import Path

FULL = "transaction_id,sender,receiver,amount,submit_tick,deadline_tick,priority,divisible\n"
TOO_LARGE = 2**63

CASES: list[tuple[str, str, str, str | None, str, str]] = [
    # header, row, column, value, part of the reason, kind
    (HEADER, "A,Q,1,0", "receiver", "Q", "is not an agent", "unknown agent"),
    (HEADER, "zürich,A,1,0", "sender", "zürich", "did you mean 'Zürich'?", "unknown agent"),
    (HEADER, " A,B,1,0", "sender", " A", "did you mean 'A'?", "unknown agent"),
    (HEADER, "A,A,1,0", "receiver", "A", "is the sender too", "sender is receiver"),
    (HEADER, ",B,1,0", "sender", None, "is missing", "missing value"),
    (HEADER, 'A,"",1,0', "receiver", None, "is missing", "missing value"),
    (HEADER, "A,B,,0", "amount", None, "is missing", "missing value"),
    (HEADER, "A,B,1,", "submit_tick", None, "is missing", "missing value"),
    (HEADER, "A,B,0,0", "amount", "0", "is not positive", "amount not positive"),
    (HEADER, "A,B,-5,0", "amount", "-5", "is not positive", "amount not positive"),
    (
        HEADER,
        f"A,B,-{TOO_LARGE * 10},0",
        "amount",
        f"-{TOO_LARGE * 10}",
        "is not positive",
        "amount not positive",
    ),
    (HEADER, "A,B,12.50,0", "amount", "12.50", "not a whole number of minor units", "amount not a number"),
    (HEADER, "A,B,12.0,0", "amount", "12.0", "not a whole number", "amount not a number"),
    (HEADER, "A,B,1e3,0", "amount", "1e3", "not a whole number", "amount not a number"),
    (HEADER, "A,B,1_000,0", "amount", "1_000", "not a whole number", "amount not a number"),
    (HEADER, "A,B,0x1F,0", "amount", "0x1F", "not a whole number", "amount not a number"),
    (HEADER, "A,B, 12,0", "amount", " 12", "not a whole number", "amount not a number"),
    (HEADER, "A,B,NaN,0", "amount", "NaN", "not a whole number", "amount not a number"),
    (HEADER, f"A,B,{TOO_LARGE},0", "amount", str(TOO_LARGE), "is more than", "amount too large"),
    (HEADER, f"A,B,{'9' * 60},0", "amount", "9" * 60, "is more than", "amount too large"),
    (HEADER, "A,B,1,20", "submit_tick", "20", "outside the run (ticks 0 to 19)", "time outside the run"),
    (HEADER, f"A,B,1,{'9' * 30}", "submit_tick", "9" * 30, "outside the run", "time outside the run"),
    (HEADER, "A,B,1,-1", "submit_tick", "-1", "is not a tick", "tick not a number"),
    (HEADER, "A,B,1,1.5", "submit_tick", "1.5", "is not a tick", "tick not a number"),
    (FULL, "i,A,B,1,3,3,,", "deadline_tick", "3", "is not after", "deadline not after submission"),
    (FULL, "i,A,B,1,3,soon,,", "deadline_tick", "soon", "is not a tick", "tick not a number"),
    (FULL, "i,A,B,1,3,4294967295,,", "deadline_tick", "4294967295", "leave it empty", "tick too large"),
    (FULL, f"i,A,B,1,3,{'9' * 30},,", "deadline_tick", "9" * 30, "leave it empty", "tick too large"),
    (FULL, "i,A,B,1,3,,11,", "priority", "11", "from 0 to 10", "bad priority"),
    (FULL, "i,A,B,1,3,,-1,", "priority", "-1", "from 0 to 10", "bad priority"),
    (FULL, "i,A,B,1,3,,high,", "priority", "high", "from 0 to 10", "bad priority"),
    (FULL, "i,A,B,1,3,,,yes", "divisible", "yes", "is not true, false, 1 or 0", "bad divisible"),
    (FULL, ",A,B,1,3,,,", "transaction_id", None, "is missing", "missing value"),
    (FULL, "A:g1,A,B,1,3,,,", "transaction_id", "A:g1", "kept for generated ids", "reserved id"),
    (FULL, "B:s17,A,B,1,3,,,", "transaction_id", "B:s17", "kept for generated ids", "reserved id"),
    (FULL, "x/3,A,B,1,3,,,", "transaction_id", "x/3", "kept for generated ids", "reserved id"),
]


@pytest.mark.parametrize("case", CASES, ids=[f"{case[-1]}: {case[1]:.30}" for case in CASES])
def test_bad_row(tmp_path: Path, case: tuple[str, str, str, str | None, str, str]) -> None:
    header, row, column, value, reason, kind = case
    error = refusal(tmp_path, f"{header}{row}\n")
    assert error.counts == {kind: 1}
    assert error.total == 1
    [problem] = error.problems
    assert (problem.row, problem.column, problem.value) == (1, column, value)
    assert reason in problem.reason
    assert "row 1 (line 2)" in str(error)


@pytest.mark.parametrize(
    "text", ["A:s0", "A:s01", "A:x1", "Q:s1", "x/y", "x/0", "x/4294967296", "::", "a:b/c", "/"]
)
def test_ids_that_only_look_reserved(tmp_path: Path, text: str) -> None:
    table = read_text(tmp_path, f"{FULL}{text},A,B,1,3,,,\n")
    assert table["transaction_id"].to_pylist() == [text]


def test_error_is_of_the_catalogue() -> None:
    assert issubclass(BadTransactionsFileError, TransactionsFileError)
    assert BadTransactionsFileError("x").code == TransactionsFileError.code


def test_duplicate_ids_name_the_first_row(tmp_path: Path) -> None:
    rows = "".join(f"{name},A,B,1,{tick},,,\n" for tick, name in enumerate(["p", "q", "p", "r", "q", "p"]))
    error = refusal(tmp_path, FULL + rows)
    assert error.counts == {"duplicate id": 3}
    assert [(problem.row, problem.value, problem.reason) for problem in error.problems] == [
        (3, "p", "is a duplicate of row 1"),
        (5, "q", "is a duplicate of row 2"),
        (6, "p", "is a duplicate of row 1"),
    ]


def test_priority_bands(tmp_path: Path) -> None:
    bands = [[8, 10], [0, 3]]
    header = "sender,receiver,amount,submit_tick,priority\n"
    error = refusal(tmp_path, header + "A,B,1,0,9\nA,B,1,0,7\nA,B,1,0,\n", priority_bands=bands)
    assert error.counts == {"priority outside every band": 2}
    assert [(problem.row, problem.value) for problem in error.problems] == [(2, "7"), (3, None)]
    assert "the default 5 is in no priority band" in str(
        refusal(tmp_path, HEADER + "A,B,1,0\n", priority_bands=bands)
    )


def test_a_row_may_have_several_problems(tmp_path: Path) -> None:
    error = refusal(tmp_path, HEADER + "A,B,1,0\nQ,Q,0,99\n")
    assert [problem.column for problem in error.problems] == ["sender", "receiver", "amount", "submit_tick"]
    assert {problem.row for problem in error.problems} == {2}


def test_twenty_are_shown_and_all_are_counted(tmp_path: Path) -> None:
    error = refusal(tmp_path, HEADER + "A,B,0,0\n" * 5_000 + "A,Q,1,0\n" * 3)
    assert error.total == 5_003
    assert error.counts == {"amount not positive": 5_000, "unknown agent": 3}
    assert [problem.row for problem in error.problems] == list(range(1, 21))
    assert "... and 4,983 more" in str(error)
    assert error.problems[0] == Problem(1, "amount", "0", "is not positive")


def test_the_users_own_names_are_used(tmp_path: Path) -> None:
    columns = {"sender": "von", "receiver": "an", "amount": "Betrag", "submit_tick": "Takt"}
    error = refusal(tmp_path, "von,an,Betrag,Takt\nA,B,x,0\n", columns=columns)
    assert error.problems[0].column == "Betrag"


STRUCTURE = [
    (b"A,B,1\n", 1, "ragged row", "has 3 values; the header has 4 columns"),
    (b"A,B,1,0\n\nA,B,1,0,7\n", 2, "ragged row", "has 5 values"),
    (b'A,B,"1\n",0\nA,B,1,0\nA\n', 3, "ragged row", "has 1 values"),
    (b"A,B,1,0\nA,B\xff,1,0\n", 2, "row not in UTF-8", r"is not UTF-8: 'B\xff'"),
    (b'A,B,1,0\nA,"B"x,1,0\nA,B,1,0\n', 2, "row with unbalanced quotes", "cannot be split into values"),
]


@pytest.mark.parametrize(("body", "row", "kind", "reason"), STRUCTURE)
def test_malformed_row(tmp_path: Path, body: bytes, row: int, kind: str, reason: str) -> None:
    error = refusal(tmp_path, HEADER.encode() + body)
    assert kind in error.counts
    malformed = [problem for problem in error.problems if not problem.column]
    assert malformed[0].row == row
    assert reason in malformed[0].reason


def test_rows_after_a_malformed_one_keep_their_numbers(tmp_path: Path) -> None:
    error = refusal(tmp_path, HEADER + "A,B,1,0\nA,B\nA,B,1,0\nA,B,1,0,0\nA,Q,1,0\n")
    assert error.counts == {"ragged row": 2, "unknown agent": 1}
    assert [(problem.row, problem.column) for problem in error.problems] == [
        (2, ""),
        (4, ""),
        (5, "receiver"),
    ]


def test_lines_are_named_only_when_they_are_known(tmp_path: Path) -> None:
    quoted = 'sender,receiver,amount,submit_tick,note\nA,B,1,0,"two\nlines"\nA,Q,1,0,x\n'
    error = refusal(tmp_path, quoted)
    assert error.problems[0].row == 2
    assert "(line" not in str(error)


FILES = [
    ("", "it is empty"),
    ("\n\n", "it is empty"),
    ("\ufeff", "it is empty"),
    (HEADER, "has no payments"),
    (HEADER.strip(), "has no payments"),
    (b"\xff\xfes\x00", "UTF-16"),
    (b"sender,receiver,am\xffount,submit_tick\nA,B,1,0\n", "not UTF-8"),
    ("Sender,receiver,amount,submit_tick\nA,B,1,0\n", "no column for sender; did you mean 'Sender'?"),
    ("sender,receiver,amount\nA,B,1\n", "no column for submit_tick or submit_time"),
    ("sender,receiver,amount,submit_tick,submit_time\nA,B,1,0,0\n", "name the one to use"),
    ("sender,receiver,amount,amount,submit_tick\nA,B,1,1,0\n", "2 columns named 'amount'"),
    ("A,B,1,0\n", "no column for sender"),
    (HEADER + "A,B,1,1\r\nA,B,1,1\n", "its lines end in different ways"),
]


@pytest.mark.parametrize(("content", "message"), FILES)
def test_file_that_cannot_be_read(tmp_path: Path, content: str | bytes, message: str) -> None:
    assert message in str(refusal(tmp_path, content))


MAPPINGS: list[tuple[dict[str, str | None], str]] = [
    ({"amount": "amuont"}, "the file has no column 'amuont' (mapped to amount); did you mean 'amount'?"),
    ({"ammount": "amount"}, "'ammount' is not a column of ours; did you mean 'amount'?"),
    ({"sender": None}, "no column for sender"),
    ({"submit_time": "submit_tick"}, "need the section 'clock'"),
]


@pytest.mark.parametrize(("columns", "message"), MAPPINGS)
def test_mapping_that_does_not_fit(tmp_path: Path, columns: dict[str, str | None], message: str) -> None:
    assert message in str(refusal(tmp_path, HEADER + "A,B,1,0\n", columns=columns))


def test_wrong_paths(tmp_path: Path) -> None:
    with pytest.raises(BadTransactionsFileError, match="does not exist"):
        read(tmp_path / "nowhere.csv")
    with pytest.raises(BadTransactionsFileError, match=r"ends in \.csv"):
        read(tmp_path / "payments.xlsx")
    (tmp_path / "payments.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(BadTransactionsFileError, match="cannot be read as Parquet"):
        read(tmp_path / "payments.parquet")


def test_sum_beyond_63_bits(tmp_path: Path) -> None:
    most = 2**63 - 1
    assert read_text(tmp_path, f"{HEADER}A,B,{most},0\n")["amount"].to_pylist() == [most]
    assert "sum to" in str(refusal(tmp_path, f"{HEADER}A,B,{most},0\nA,B,1,0\n"))


PARQUET: list[tuple[str, pa.Array, Changes, str]] = [
    ("amount", pa.array([1.5]), {}, "floats do not hold every amount exactly"),
    ("amount", pa.array([1.5]), {"amounts": "decimal"}, "floats do not hold"),
    ("amount", pa.array([True]), {}, "not an amount"),
    ("amount", pa.array(["1.50"]).cast(pa.decimal128(9, 2)), {}, "set it to decimal"),
    ("amount", pa.array([[1]]), {}, "not supported"),
    ("amount", pa.array([None], pa.int64()), {}, "is missing"),
    ("amount", pa.array([2**63], pa.uint64()), {}, "is more than"),
    ("amount", pa.array(["1.555"]).cast(pa.decimal128(9, 3)), {"amounts": "decimal"}, "more than 2 decimals"),
    ("submit_tick", pa.array([1.5]), {}, "is not a tick"),
    ("sender", pa.array([""]), {}, "is missing"),
    ("receiver", pa.array(["Q"]).dictionary_encode(), {}, "is not an agent"),
]


@pytest.mark.parametrize(("column", "values", "changes", "message"), PARQUET)
def test_bad_parquet(tmp_path: Path, column: str, values: pa.Array, changes: Changes, message: str) -> None:
    columns = {
        "sender": pa.array(["A"]),
        "receiver": pa.array(["B"]),
        "amount": pa.array([1]),
        "submit_tick": pa.array([0]),
    }
    write_parquet(pa.table(columns | {column: values}), tmp_path / "payments.parquet")
    with pytest.raises(BadTransactionsFileError) as caught:
        read(tmp_path / "payments.parquet", **changes)
    assert message in str(caught.value)
