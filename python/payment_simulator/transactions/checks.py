"""What every row must satisfy, as a table: column, kind for counting, condition in SQL, reason for people.

Conditions name what stands in the file `<ours>_given` and the values made of it by our names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from payment_simulator.transactions.rules import PRIORITY_DEFAULT, PRIORITY_MAX, TICK_MAX, FileRules
from payment_simulator.transactions.source import Column, Kind
from payment_simulator.transactions.values import DECIMAL, WHOLE, exact_decimal, matches

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

AGENT_KIND = "unknown agent"
LINK_LEGS_MAX = 10_000
_NUMBER_AT_END = "[1-9][0-9]*$"
_COUNTER_AT_END = f":[gs]{_NUMBER_AT_END}"


@dataclass(frozen=True)
class Check:
    """One way in which a value can be bad.

    Attributes:
        ours: Our name of the column.
        kind: What it is counted as.
        condition: SQL that is true for a bad row; of the checks of one column the first that is true counts.
        reason: What is said about the value.
    """

    ours: str
    kind: str
    condition: str
    reason: str


def row_checks(columns: Mapping[str, Column], rules: FileRules) -> list[Check]:
    """All checks that need no other row, in order of columns."""
    return [
        *(_transaction_id() if "transaction_id" in columns else ()),
        *_agents(),
        *_amount(rules),
        *(_submit_tick(rules) if "submit_tick" in columns else _submit_time()),
        *_deadline(columns),
        *(_priority(rules) if "priority" in columns else ()),
        *(_divisible() if "divisible" in columns else ()),
        *(_link(columns) if "link" in columns else ()),
        *(_link_legs() if "link_legs" in columns else ()),
        *_debit_times(columns),
    ]


def problem_bits(checks: list[Check], rules: FileRules) -> str:
    """SQL for the checks that a row fails: bit n stands for check n.

    DuckDB evaluates a branch of a CASE only for rows that come so far: good rows cost a comparison a column.
    """
    by_column: dict[str, list[str]] = {}
    for place, check in enumerate(checks):
        by_column.setdefault(check.ours, []).append(f"WHEN {check.condition} THEN {1 << place}")
    cases = " | ".join(f"(CASE {' '.join(branches)} ELSE 0 END)" for branches in by_column.values())
    good = " AND ".join(f"({_good(ours, rules)})" for ours in by_column)
    return f"(CASE WHEN {good} THEN 0 ELSE {cases} END)"


def _good(ours: str, rules: FileRules) -> str:
    """A cheap condition under which a value passes its checks; a good value that fails it costs time only."""
    on_time = f"deadline_tick > submit_tick AND deadline_tick <= {TICK_MAX}"
    in_range = f"priority_given IS NULL OR priority BETWEEN 0 AND {PRIORITY_MAX}"
    conditions = {
        "transaction_id": "NOT contains(transaction_id, '/') AND NOT contains(transaction_id, ':')",
        "sender": "sender IS NOT NULL",
        "receiver": "receiver <> sender",
        "amount": "amount > 0",
        "submit_tick": f"submit_tick >= 0 AND submit_tick < {rules.num_ticks}",
        "submit_time": "submit_tick IS NOT NULL",
        "deadline_tick": f"deadline_tick_given IS NULL OR {on_time}",
        "deadline_time": "deadline_time_given IS NULL OR deadline_tick > submit_tick",
        "priority": f"{_in_bands(rules)} AND ({in_range})",
        "divisible": "divisible_given IS NULL OR divisible IS NOT NULL",
        "link": "link_given IS NULL",
        "link_legs": f"link_legs_given IS NULL OR link_legs BETWEEN 2 AND {LINK_LEGS_MAX}",
        "earliest_debit_tick": f"earliest_debit_tick_given IS NULL OR earliest_debit_tick <= {TICK_MAX}",
        "earliest_debit_time": "earliest_debit_time_given IS NULL OR earliest_debit_tick IS NOT NULL",
        "latest_debit_tick": "latest_debit_tick_given IS NULL",
        "latest_debit_time": "latest_debit_time_given IS NULL",
    }
    return conditions[ours]


def _transaction_id() -> Iterator[Check]:
    text = "transaction_id"
    number = f"TRY_CAST(regexp_extract({text}, '{_NUMBER_AT_END}') AS UINTEGER) IS NOT NULL"
    agent = f"TRY_CAST(regexp_replace({text}, '{_COUNTER_AT_END}', '') AS agent) IS NOT NULL"
    of_a_form = (
        f"CASE WHEN regexp_matches({text}, '/{_NUMBER_AT_END}') THEN {number} ELSE {number} AND {agent} END"
    )
    reserved = f"CASE WHEN regexp_matches({text}, '(/|:[gs]){_NUMBER_AT_END}') THEN {of_a_form} END"
    yield _missing("transaction_id")
    yield Check(
        "transaction_id",
        "reserved id",
        reserved,
        "has a form kept for generated ids (<agent>:g<n>, <agent>:s<n>, <id>/<k>)",
    )


def _agents() -> Iterator[Check]:
    for ours in ("sender", "receiver"):
        yield _missing(ours)
        yield Check(ours, AGENT_KIND, f"{ours} IS NULL", "is not an agent of the configuration")
    yield Check("receiver", "sender is receiver", "sender = receiver", "is the sender too")


def _amount(rules: FileRules) -> Iterator[Check]:
    text = "CAST(amount_given AS VARCHAR)"
    yield _missing("amount")
    if rules.amounts == "decimal":
        decimals = f"{rules.minor_digits} decimal{'' if rules.minor_digits == 1 else 's'}"
        yield Check(
            "amount",
            "amount not a number",
            f"NOT {matches(text, DECIMAL)}",
            "is not a number such as 1234.50",
        )
        finer = f"NOT {matches(text, exact_decimal(rules.minor_digits))}"
        yield Check("amount", "amount too precise", finer, f"has more than {decimals}")
    else:
        reason = "is not a whole number of minor units (for 1234.50 set 'amounts' to decimal)"
        yield Check("amount", "amount not a number", f"NOT {matches(text, WHOLE)}", reason)
    yield Check(
        "amount",
        "amount not positive",
        f"amount <= 0 OR (amount IS NULL AND starts_with({text}, '-'))",
        "is not positive",
    )
    yield Check("amount", "amount too large", "amount IS NULL", f"is more than {2**63 - 1:,} minor units")


def _submit_tick(rules: FileRules) -> Iterator[Check]:
    yield _missing("submit_tick")
    yield Check(
        "submit_tick",
        "tick not a number",
        f"submit_tick IS NULL AND NOT {_digits('submit_tick')}",
        "is not a tick",
    )
    outside = f"submit_tick IS NULL OR submit_tick < 0 OR submit_tick >= {rules.num_ticks}"
    yield Check(
        "submit_tick",
        "time outside the run",
        outside,
        f"is outside the run (ticks 0 to {rules.num_ticks - 1})",
    )


def _submit_time() -> Iterator[Check]:
    yield _missing("submit_time")
    yield from _timestamp("submit_time")
    yield Check(
        "submit_time", "time outside the run", "submit_outside AND submit_tick IS NULL", "is outside the run"
    )
    yield Check(
        "submit_time",
        "time outside opening hours",
        "submit_tick IS NULL",
        "is not within the hours of a day of the clock",
    )


def _deadline(columns: Mapping[str, Column]) -> Iterator[Check]:
    late = "deadline_tick <= submit_tick"
    if "deadline_tick" in columns:
        there = "deadline_tick_given IS NOT NULL"
        bad = f"{there} AND deadline_tick IS NULL AND NOT {_digits('deadline_tick')}"
        yield Check("deadline_tick", "tick not a number", bad, "is not a tick")
        yield Check("deadline_tick", "deadline not after submission", late, "is not after the submission")
        beyond = f"{there} AND (deadline_tick IS NULL OR deadline_tick > {TICK_MAX})"
        yield Check(
            "deadline_tick",
            "tick too large",
            beyond,
            f"is more than {TICK_MAX:,}; leave it empty for no deadline",
        )
    elif "deadline_time" in columns:
        yield from _timestamp("deadline_time")
        yield Check(
            "deadline_time",
            "deadline not after submission",
            late,
            "is not after the submission",
        )


def _debit_times(columns: Mapping[str, Column]) -> Iterator[Check]:
    for stem in ("earliest_debit", "latest_debit"):
        tick, time = f"{stem}_tick", f"{stem}_time"
        if tick in columns:
            there = f"{tick}_given IS NOT NULL"
            bad = f"{there} AND {tick} IS NULL AND NOT {_digits(tick)}"
            yield Check(tick, "tick not a number", bad, "is not a tick")
            beyond = f"{there} AND ({tick} IS NULL OR {tick} > {TICK_MAX})"
            yield Check(tick, "tick too large", beyond, f"is more than {TICK_MAX:,}; leave it empty for none")
        elif time in columns:
            yield from _timestamp(time)
    if "link" in columns:
        any_given = [f"{name}_given IS NOT NULL" for name in columns if "_debit_" in name]
        both = f"link_given IS NOT NULL AND ({' OR '.join(any_given) or 'false'})"
        yield Check("link", "leg with debit times", both, "is the link of a transaction with debit times")
    latest = next((name for name in ("latest_debit_tick", "latest_debit_time") if name in columns), None)
    if latest is None:
        return
    before = "latest_debit_tick < submit_tick"
    yield Check(latest, "latest debit before submission", before, "is before the submission")
    if any(name in columns for name in ("earliest_debit_tick", "earliest_debit_time")):
        crossed = "latest_debit_tick < earliest_debit_tick"
        yield Check(latest, "latest debit before earliest", crossed, "is before the earliest debit time")


def _timestamp(ours: str) -> Iterator[Check]:
    there, stem = f"{ours}_given IS NOT NULL", ours.removesuffix("_time")
    bad = f"{there} AND {stem}_local IS NULL"
    yield Check(
        ours,
        "not a timestamp",
        bad,
        "is not a timestamp such as 2026-03-02T09:30:00 or 2026-03-02T09:30:00+01:00",
    )
    odd = f"{there} AND {stem}_instant IS NULL"
    yield Check(
        ours,
        "ambiguous timestamp",
        odd,
        "does not exist or is there twice, as the clock is changed; write its offset",
    )


def _priority(rules: FileRules) -> Iterator[Check]:
    there = "priority_given IS NOT NULL"
    outside = f"{there} AND (priority IS NULL OR priority < 0 OR priority > {PRIORITY_MAX})"
    yield Check("priority", "bad priority", outside, f"is not a priority from 0 to {PRIORITY_MAX}")
    if rules.priority_bands is not None:
        reason = f"is in none of settlement.priority_bands (a missing one counts as {PRIORITY_DEFAULT})"
        yield Check("priority", "priority outside every band", f"NOT {_in_bands(rules)}", reason)


def _in_bands(rules: FileRules) -> str:
    if rules.priority_bands is None:
        return "true"
    given = f"coalesce(priority, {PRIORITY_DEFAULT})"
    inside = " OR ".join(f"{given} BETWEEN {low} AND {high}" for low, high in rules.priority_bands)
    return f"({inside or 'false'})"


def _divisible() -> Iterator[Check]:
    bad = "divisible_given IS NOT NULL AND divisible IS NULL"
    yield Check("divisible", "bad divisible", bad, "is not true, false, 1 or 0")


def _link(columns: Mapping[str, Column]) -> Iterator[Check]:
    yield Check("link", "empty link", "link_given IS NOT NULL AND link = ''", "is empty")
    if "divisible" in columns:
        both = "link_given IS NOT NULL AND coalesce(divisible, false)"
        yield Check("link", "divisible leg", both, "is the link of a divisible transaction")


def _link_legs() -> Iterator[Check]:
    there = "link_legs_given IS NOT NULL"
    bad = f"{there} AND (link_legs IS NULL OR link_legs NOT BETWEEN 2 AND {LINK_LEGS_MAX})"
    yield Check("link_legs", "bad link_legs", bad, f"is not a number of legs from 2 to {LINK_LEGS_MAX:,}")


def _missing(ours: str) -> Check:
    return Check(ours, "missing value", f"{ours}_given IS NULL", "is missing")


def _digits(ours: str) -> str:
    return f"regexp_full_match(CAST({ours}_given AS VARCHAR), '[0-9]+')"


def is_timestamp(column: Column) -> bool:
    """Whether a column can hold timestamps at all."""
    return column.kind in {Kind.TEXT, Kind.LOCAL_TIME, Kind.INSTANT}
