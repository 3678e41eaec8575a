"""What may be submitted, and the ids that are given to it."""

from collections.abc import Mapping
from typing import Any

from tests.reference.debit_times import has_bad_times, has_times
from tests.reference.interventions import is_a_priority
from tests.reference.state import RefusedError, State

MADE_ID_MARKS = ("g", "s")


def as_rows(table: list[dict[str, Any]] | Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    """A batch as a list of rows, from rows or from a dict of columns."""
    if isinstance(table, list):
        return table
    columns = list(table)
    return [dict(zip(columns, values, strict=True)) for values in zip(*table.values(), strict=True)]


def check(state: State, row: Mapping[str, Any], taken_ids: set[str]) -> None:
    """Refuse a transaction that is not possible."""
    submit_tick = row.get("submit_tick", state.tick)
    deadline = row.get("deadline_tick")
    for problem, is_so in (
        ("agent not found", not {row["sender"], row["receiver"]} <= set(state.agents)),
        ("sender is receiver", row["sender"] == row["receiver"]),
        ("amount must be positive", row["amount"] <= 0),
        ("submit_tick outside the rest of the run", not state.tick <= submit_tick < state.rules.num_ticks),
        ("deadline must be after submission", deadline is not None and deadline <= submit_tick),
        ("it could not be debited", has_bad_times(row, submit_tick)),
        ("legs settle when all are there", row.get("link") is not None and has_times(row)),
        ("priority is in no band", not is_a_priority(state.rules, row.get("priority", 5))),
        ("transaction_id is taken or reserved", _is_bad_id(row.get("transaction_id"), taken_ids)),
    ):
        if is_so:
            raise RefusedError(problem, dict(row))


def _is_bad_id(given: str | None, taken_ids: set[str]) -> bool:
    if given is None:
        return False
    return given in taken_ids or _looks_made(given)


def _looks_made(given: str) -> bool:
    """Whether an id has the form of those that are made: `<sender>:s1`, `<sender>:g1`, `<parent>/1`."""
    _, colon, ending = given.rpartition(":")
    _, slash, part = given.rpartition("/")
    made = bool(colon) and ending[:1] in MADE_ID_MARKS and ending[1:].isdigit()
    return made or (bool(slash) and part.isdigit())
