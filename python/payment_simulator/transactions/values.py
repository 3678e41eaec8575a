"""From what stands in a file to values, as SQL: what cannot be read becomes NULL, and the checks say why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payment_simulator.transactions.problems import BadTransactionsFileError
from payment_simulator.transactions.source import Column, Kind
from payment_simulator.transactions.sql import literal

if TYPE_CHECKING:
    from payment_simulator.transactions.rules import FileRules

WHOLE = "[+-]?[0-9]+"
WHOLE_OR_POINT_ZERO = r"[0-9]+(\.0*)?"
"""Ticks and priorities: a table with gaps often leaves pandas as 12.0."""
DECIMAL = r"[+-]?[0-9]+(\.[0-9]*)?"
_OFFSET = "[+-][0-9]{2}(:?[0-9]{2})?"
_WALL = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"
_WALL_END = r"[:.][0-9]+"
"""What stands before an offset; without it, the end of a date would look like one."""
_AMOUNT_DIGITS = 20
"""Enough for every 64-bit amount; what does not fit is too large anyway."""


def text_of(column: Column) -> str:
    """A value as it stands in the file, NULL when it is empty."""
    return column.expression if column.kind is Kind.TEXT else f"CAST({column.expression} AS VARCHAR)"


def agent(column: Column) -> str:
    """An agent; NULL when it is unknown."""
    return f"TRY_CAST({text_of(column)} AS agent)"


def matches(text: str, pattern: str) -> str:
    """Whether a whole text has a form."""
    return f"regexp_full_match({text}, {literal(pattern)})"


def exact_decimal(digits: int) -> str:
    """The form of a number with at most so many decimals that are not zeros."""
    return r"[+-]?[0-9]+(\.[0-9]{0," + str(digits) + "}0*)?"


def amount(column: Column, rules: FileRules) -> str:
    """An amount in minor units; never through a float."""
    if column.kind is Kind.FLOAT:
        message = (
            f"column '{column.label}' is {column.type_name}: floats do not hold every amount exactly; "
            "write amounts as integers, decimals or text"
        )
        raise BadTransactionsFileError(message)
    if column.kind not in {Kind.TEXT, Kind.INTEGER, Kind.DECIMAL}:
        msg = f"column '{column.label}' is {column.type_name}, not an amount"
        raise BadTransactionsFileError(msg)
    if rules.amounts == "decimal":
        return _decimal_amount(text_of(column), rules.minor_digits)
    if column.kind is Kind.DECIMAL and not column.type_name.endswith(",0)"):
        message = (
            f"column '{column.label}' is {column.type_name} but 'amounts' is minor_units; set it to decimal"
        )
        raise BadTransactionsFileError(message)
    return _whole(column, WHOLE, "BIGINT")


def tick(column: Column) -> str:
    """A tick as a number."""
    return _whole(column, WHOLE_OR_POINT_ZERO, "BIGINT")


def priority(column: Column) -> str:
    """A priority as a number."""
    return _whole(column, WHOLE_OR_POINT_ZERO, "BIGINT")


def boolean(column: Column) -> str:
    """A truth value: true, false, 1 or 0, in whatever case."""
    if column.kind is Kind.BOOLEAN:
        return column.expression
    branches = "WHEN 'true' THEN true WHEN '1' THEN true WHEN 'false' THEN false WHEN '0' THEN false"
    return f"CASE lower({text_of(column)}) {branches} END"


def local_time(column: Column) -> str:
    """A timestamp's wall clock, in microseconds since 1970; NULL when it is none."""
    if column.kind in {Kind.LOCAL_TIME, Kind.INSTANT}:
        type_name = "TIMESTAMPTZ" if column.kind is Kind.INSTANT else "TIMESTAMP"
        return f"epoch_us(CAST({column.expression} AS {type_name}))"
    text = text_of(column)
    # The first two branches are the frequent forms, without the cost of finding the offset.
    return (
        f"CASE WHEN {matches(text, _WALL)} THEN {_wall_clock(text)} "
        f"WHEN {matches(text, _WALL + 'Z')} THEN {_wall_clock(f'left({text}, length({text}) - 1)')} "
        f"WHEN {matches(text, _WALL + _OFFSET)} THEN {_wall_clock(_without_offset(text))} END"
    )


def time_offset(column: Column) -> str:
    """A timestamp's offset from UTC, in microseconds; NULL when it has none."""
    if column.kind is Kind.INSTANT:
        return "0"
    if column.kind is Kind.LOCAL_TIME:
        return "NULL::BIGINT"
    text = text_of(column)
    offset = _offset_text(text)
    hours = f"TRY_CAST(substr({offset}, 2, 2) AS BIGINT)"
    rest = f"CASE WHEN length({offset}) > 3 THEN TRY_CAST(right({offset}, 2) AS BIGINT) ELSE 0 END"
    sign = f"CASE WHEN starts_with({offset}, '-') THEN -60000000 ELSE 60000000 END"
    has_offset = f"regexp_matches({text}, {literal(_WALL_END + _OFFSET + '$')})"
    return (
        f"CASE WHEN ends_with({text}, 'Z') THEN 0 WHEN {has_offset} THEN ({hours} * 60 + {rest}) * {sign} END"
    )


def _wall_clock(text: str) -> str:
    return f"epoch_us(TRY_CAST({text} AS TIMESTAMP))"


def _without_offset(text: str) -> str:
    return f"left({text}, length({text}) - length({_offset_text(text)}))"


def _whole(column: Column, pattern: str, type_name: str) -> str:
    if column.kind is Kind.INTEGER:
        return f"TRY_CAST({column.expression} AS {type_name})"
    text = text_of(column)
    return f"CASE WHEN {matches(text, pattern)} THEN TRY_CAST({text} AS {type_name}) END"


def _decimal_amount(text: str, digits: int) -> str:
    exact = f"CAST(TRY_CAST({text} AS DECIMAL({_AMOUNT_DIGITS}, {digits})) * 1{'0' * digits} AS HUGEINT)"
    # The first branch is the frequent form: the very number of decimals, and no arithmetic.
    plain, bare = (
        (r"[0-9]+\.[0-9]{" + str(digits) + "}", f"replace({text}, '.', '')") if digits else (r"[0-9]+", text)
    )
    return (
        f"CASE WHEN {matches(text, plain)} THEN TRY_CAST({bare} AS BIGINT) "
        f"WHEN {matches(text, exact_decimal(digits))} THEN TRY_CAST({exact} AS BIGINT) END"
    )


def _offset_text(text: str) -> str:
    return f"regexp_extract({text}, {literal(_OFFSET + '$')})"
