"""Which column of a file is which of ours."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from payment_simulator.transactions.problems import BadTransactionsFileError, did_you_mean, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

REQUIRED = ("sender", "receiver", "amount")
SUBMISSION = ("submit_tick", "submit_time")
DEADLINE = ("deadline_tick", "deadline_time")
EARLIEST = ("earliest_debit_tick", "earliest_debit_time")
LATEST = ("latest_debit_tick", "latest_debit_time")
OPTIONAL = ("transaction_id", "priority", "divisible", "link", "link_legs")
KNOWN = (*OPTIONAL[:1], *REQUIRED, *SUBMISSION, *DEADLINE, *OPTIONAL[1:], *EARLIEST, *LATEST)


def map_columns(columns: Mapping[str, str | None], found: Sequence[str]) -> dict[str, str]:
    """Our names to the file's, for every column that is used.

    Args:
        columns: The mapping of the configuration.
        found: The names in the file's header.

    Raises:
        BadTransactionsFileError: Naming every column that is missing, doubled or unknown.
    """
    explicit = {ours: theirs for ours, theirs in columns.items() if theirs is not None}
    problems = _mistakes(columns, explicit, found)
    chosen = {ours: theirs for ours in KNOWN if (theirs := _choice(ours, columns, found)) is not None}
    for pair in (SUBMISSION, DEADLINE, EARLIEST, LATEST):
        problems += _settle_pair(pair, explicit, chosen)
    problems += _missing(chosen, explicit, found)
    doubled = [theirs for theirs, count in Counter(found).items() if count > 1 and theirs in chosen.values()]
    problems += [
        f"the file has {count_of(theirs, found)} columns named {quoted(theirs)}" for theirs in doubled
    ]
    if problems:
        raise BadTransactionsFileError("the columns do not fit: " + "; ".join(problems))
    return chosen


def count_of(name: str, found: Sequence[str]) -> int:
    """How often a header has a name."""
    return sum(1 for other in found if other == name)


def wanted_names(columns: Mapping[str, str | None]) -> set[str]:
    """The names that may be expected in a header."""
    return {*KNOWN, *(theirs for theirs in columns.values() if theirs is not None)}


def _choice(ours: str, columns: Mapping[str, str | None], found: Sequence[str]) -> str | None:
    theirs = columns.get(ours, ours)
    return theirs if theirs in found else None


def _mistakes(
    columns: Mapping[str, str | None], explicit: Mapping[str, str], found: Sequence[str]
) -> list[str]:
    unknown = [
        f"'{ours}' is not a column of ours{did_you_mean(ours, KNOWN)}"
        for ours in columns
        if ours not in KNOWN
    ]
    absent = [
        f"the file has no column {quoted(theirs)} (mapped to {ours}){did_you_mean(theirs, found)}"
        for ours, theirs in explicit.items()
        if ours in KNOWN and theirs not in found
    ]
    return unknown + absent


def _settle_pair(pair: tuple[str, str], explicit: Mapping[str, str], chosen: dict[str, str]) -> list[str]:
    """Leaves one of a tick and a time column in `chosen`: the mapped one, if the other is there by chance."""
    if not all(ours in chosen for ours in pair):
        return []
    mapped = [ours for ours in pair if ours in explicit]
    if len(mapped) == 1:
        del chosen[pair[1] if mapped == [pair[0]] else pair[0]]
        return []
    return [f"both {pair[0]} and {pair[1]} are there; name the one to use in 'columns'"]


def _missing(chosen: Mapping[str, str], explicit: Mapping[str, str], found: Sequence[str]) -> list[str]:
    lacking = [
        f"no column for {ours}{did_you_mean(ours, found)}"
        for ours in REQUIRED
        if ours not in chosen and ours not in explicit
    ]
    if not any(ours in chosen or ours in explicit for ours in SUBMISSION):
        lacking.append(f"no column for submit_tick or submit_time{did_you_mean('submit_time', found)}")
    if lacking:
        lacking[-1] += f" (the file has {', '.join(quoted(name) for name in found)}; map them in 'columns')"
    return lacking
