"""The statement that reads, converts and checks a file in one go.

Its layers are: the texts and values of one row; local times; instants; days; ticks; and at last the checks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from payment_simulator.transactions import sql, values
from payment_simulator.transactions.checks import Check, is_timestamp, problem_bits
from payment_simulator.transactions.clockwork import Clockwork
from payment_simulator.transactions.problems import BadTransactionsFileError
from payment_simulator.transactions.rules import PRIORITY_DEFAULT, FileRules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from payment_simulator.transactions.source import Column, Source


STEMS = ("submit", "deadline", "earliest_debit", "latest_debit")
"""What may be a tick, or a time."""


DEBIT_STEMS = STEMS[2:]


def has_debit(columns: Mapping[str, Column], stem: str) -> bool:
    """Whether a file has debit times of a kind."""
    return f"{stem}_tick" in columns or f"{stem}_time" in columns


def staging_query(source: Source, rules: FileRules, checks: list[Check]) -> str:
    """SQL for the checked rows of a file, in its order.

    Its columns are our columns, `problems` (a bit for each check that failed), `texts` (what stands in the
    file, as a JSON list, for bad rows only) and `moved` (the deadline's tick is not the one in which it is).
    """
    query = f"SELECT {', '.join(_values(source, rules))} FROM {source.relation}"
    timed = [stem for stem in STEMS if f"{stem}_time" in source.columns]
    if timed:
        query = _with_ticks(query, timed, _clockwork(source, rules))
    query = f"SELECT *, {problem_bits(checks, rules)} AS problems FROM ({query})"
    given = ", ".join(f"CAST({ours}_given AS VARCHAR)" for ours in source.columns)
    texts = f"CASE WHEN problems <> 0 THEN to_json([{given}])::VARCHAR END"
    return f"SELECT {_outputs(source)}, problems::UINTEGER AS problems, {texts} AS texts FROM ({query})"


def _values(source: Source, rules: FileRules) -> list[str]:
    columns = source.columns
    found = [f"{column.expression} AS {ours}_given" for ours, column in columns.items()]
    expressions = {
        "sender": values.agent(columns["sender"]),
        "receiver": values.agent(columns["receiver"]),
        "amount": values.amount(columns["amount"], rules),
    }
    if "transaction_id" in columns:
        expressions["transaction_id"] = values.text_of(columns["transaction_id"])
    readers = {
        "submit_tick": values.tick,
        "deadline_tick": values.tick,
        "earliest_debit_tick": values.tick,
        "latest_debit_tick": values.tick,
        "priority": values.priority,
        "divisible": values.boolean,
        "link": values.text_of,
        "link_legs": values.tick,
    }
    expressions |= {ours: read(columns[ours]) for ours, read in readers.items() if ours in columns}
    return (
        found + [f"{expression} AS {ours}" for ours, expression in expressions.items()] + _local_times(source)
    )


def _local_times(source: Source) -> list[str]:
    found = []
    for stem in STEMS:
        column = source.columns.get(f"{stem}_time")
        if column is None:
            continue
        if not is_timestamp(column):
            msg = f"{source.path}: column '{column.label}' is {column.type_name}, not a timestamp"
            raise BadTransactionsFileError(msg)
        found += [
            f"{values.local_time(column)} AS {stem}_local",
            f"{values.time_offset(column)} AS {stem}_offset",
        ]
    return found


def _clockwork(source: Source, rules: FileRules) -> Clockwork:
    if rules.clock is None:
        labels = [column.label for ours, column in source.columns.items() if ours.endswith("_time")]
        message = f"{source.path}: timestamps ({', '.join(labels)}) need the section 'clock'"
        raise BadTransactionsFileError(message)
    return Clockwork(rules.clock, rules)


def _with_ticks(query: str, timed: list[str], clock: Clockwork) -> str:
    """Adds instants, days and ticks, a layer each, so that no expression is written out twice."""
    for layer in (_instant, _day, _tick_of_day, _ticks):
        added = ", ".join(layer(stem, clock) for stem in timed)
        query = f"SELECT *, {added} FROM ({query})"
    return _with_room(query) if {"submit", "deadline"} <= set(timed) else query


def _with_room(query: str) -> str:
    """Lets a deadline in the tick of its submission be the next tick, if it is later at all."""
    later = "deadline_instant > submit_instant"
    raised = f"CASE WHEN {later} THEN greatest(deadline_tick, submit_tick + 1) ELSE deadline_tick END"
    moved = f"deadline_moved OR ({later} AND deadline_tick <= submit_tick)"
    return f"SELECT * REPLACE ({raised} AS deadline_tick, {moved} AS deadline_moved) FROM ({query})"


def _instant(stem: str, clock: Clockwork) -> str:
    local, offset = f"{stem}_local", f"{stem}_offset"
    instant = f"CASE WHEN {offset} IS NULL THEN {clock.instant(local)} ELSE {local} - {offset} END"
    return f"{instant} AS {stem}_instant"


def _day(stem: str, clock: Clockwork) -> str:
    return f"{clock.day(f'{stem}_instant')} AS {stem}_day"


def _tick_of_day(stem: str, clock: Clockwork) -> str:
    return f"{clock.tick_of_day(f'{stem}_instant', f'{stem}_day')} AS {stem}_of_day"


def _ticks(stem: str, clock: Clockwork) -> str:
    day, of_day = f"{stem}_day", f"{stem}_of_day"
    if stem == "submit":
        return (
            f"{clock.submit_tick(day, of_day)} AS submit_tick, {clock.is_outside_run(day)} AS submit_outside"
        )
    if stem != "deadline":
        tick = (
            clock.earliest_tick(day, of_day) if stem == "earliest_debit" else clock.deadline_tick(day, of_day)
        )
        return f"{tick} AS {stem}_tick"
    tick, moved = clock.deadline_tick(day, of_day), clock.is_outside_hours(day, of_day)
    return f"{tick} AS deadline_tick, {moved} AS deadline_moved"


def _outputs(source: Source) -> str:
    has_deadline = "deadline_tick" in source.columns or "deadline_time" in source.columns
    columns = {
        "sender": "sender",
        "receiver": "receiver",
        "amount": "amount",
        "submit_tick": "TRY_CAST(submit_tick AS UINTEGER)",
        "deadline_tick": "TRY_CAST(deadline_tick AS UINTEGER)" if has_deadline else "NULL::UINTEGER",
        "priority": _or_default(
            source, "priority", f"{PRIORITY_DEFAULT}::UTINYINT", "TRY_CAST(priority AS UTINYINT)"
        ),
        "divisible": _or_default(source, "divisible", "false", "divisible"),
        "moved": "coalesce(deadline_moved, false)" if "deadline_time" in source.columns else "false",
    }
    for stem in DEBIT_STEMS:
        if has_debit(source.columns, stem):
            columns[f"{stem}_tick"] = f"TRY_CAST({stem}_tick AS UINTEGER)"
    if "transaction_id" in source.columns:
        columns = {"transaction_id": "transaction_id", **columns}
    if "link" in source.columns:
        legs = "TRY_CAST(link_legs AS UINTEGER)" if "link_legs" in source.columns else "NULL::UINTEGER"
        columns |= {"link": "link", "link_legs": legs}
    return ", ".join(f"{expression} AS {sql.name(ours)}" for ours, expression in columns.items())


def _or_default(source: Source, ours: str, default: str, expression: str) -> str:
    return f"coalesce({expression}, {default})" if ours in source.columns else default
