"""A file with the transactions of the run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, ValidationInfo, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from payment_simulator.config.problems import problem
from payment_simulator.config.section import Section

if TYPE_CHECKING:
    from typing import Self

SUFFIXES = (".csv", ".csv.gz", ".csv.zst", ".parquet")
TIME_COLUMNS = ("submit_time", "deadline_time", "earliest_debit_time", "latest_debit_time")
_TIME_TWINS = tuple((time.removesuffix("time") + "tick", time) for time in TIME_COLUMNS)

ColumnName = Annotated[str, Field(min_length=1)]


def _resolved(value: Any, info: ValidationInfo) -> Any:  # noqa: ANN401
    """Make a path absolute: a relative one counts from the configuration's folder, else from the current."""
    if not isinstance(value, str | Path):
        raise PydanticCustomError("string_type", "must be text; write it in quotes")
    if not str(value).lower().endswith(SUFFIXES):
        raise PydanticCustomError("path", f"must end in {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}")
    if not str(value).isprintable():
        raise PydanticCustomError("path", "must have printable characters only")
    folder = (info.context or {}).get("folder", ".")
    return Path(folder, value).absolute()


class Columns(Section):
    """What the file calls our columns; a column that is not named here is looked for under our name."""

    transaction_id: ColumnName | None = Field(
        default=None, description="The column of ids; optional.", examples=["MsgId"]
    )
    sender: ColumnName | None = Field(default=None, description="The column of payers.", examples=["DbtrAgt"])
    receiver: ColumnName | None = Field(
        default=None, description="The column of payees.", examples=["CdtrAgt"]
    )
    amount: ColumnName | None = Field(
        default=None,
        description="The column of amounts; see `amounts` for their unit.",
        examples=["IntrBkSttlmAmt"],
    )
    submit_tick: ColumnName | None = Field(
        default=None, description="The column of submission ticks (whole numbers from 0).", examples=["tick"]
    )
    submit_time: ColumnName | None = Field(
        default=None,
        description="The column of submission times, instead of `submit_tick`; needs a `clock`.",
        examples=["AccptncDtTm"],
    )
    deadline_tick: ColumnName | None = Field(
        default=None, description="The column of deadlines in ticks; empty means none.", examples=["deadline"]
    )
    deadline_time: ColumnName | None = Field(
        default=None,
        description="The column of deadlines as times, instead of `deadline_tick`; needs a `clock`.",
        examples=["CLSTm"],
    )
    priority: ColumnName | None = Field(
        default=None, description="The column of priorities (0 to 10); optional.", examples=["InstrPrty"]
    )
    divisible: ColumnName | None = Field(
        default=None, description="The column that says what may be split; optional.", examples=["divisible"]
    )
    link: ColumnName | None = Field(
        default=None,
        description="The column of links, whose transactions settle together; optional.",
        examples=["LkdTx"],
    )
    link_legs: ColumnName | None = Field(
        default=None, description="The column of how many legs a link has; empty means 2.", examples=["legs"]
    )

    earliest_debit_tick: ColumnName | None = Field(
        default=None,
        description="The column of earliest debit ticks; empty means none.",
        examples=["not_before"],
    )
    earliest_debit_time: ColumnName | None = Field(
        default=None,
        description="The column of earliest debit times, instead of `earliest_debit_tick`; needs a `clock`.",
        examples=["FrTm"],
    )
    latest_debit_tick: ColumnName | None = Field(
        default=None,
        description="The column of latest debit ticks; empty means none.",
        examples=["not_after"],
    )
    latest_debit_time: ColumnName | None = Field(
        default=None,
        description="The column of latest debit times, instead of `latest_debit_tick`; needs a `clock`.",
        examples=["RjctTm"],
    )

    @model_validator(mode="after")
    def _no_contradiction(self) -> Self:
        if problems := [*self._both_units(), *self._used_twice()]:
            raise ValidationError.from_exception_data("Columns", problems)
        return self

    def _both_units(self) -> list[Any]:
        return [
            problem(
                (time,), "columns", f"says the same as {tick!r}; give only one of them", getattr(self, time)
            )
            for tick, time in _TIME_TWINS
            if getattr(self, tick) is not None and getattr(self, time) is not None
        ]

    def _used_twice(self) -> list[Any]:
        first: dict[str, str] = {}
        problems = []
        for ours, theirs in self.named.items():
            if first.setdefault(theirs, ours) != ours:
                message = f"must not be {theirs!r}, which is the column of {first[theirs]!r} already"
                problems.append(problem((ours,), "columns", message, theirs))
        return problems

    @property
    def named(self) -> dict[str, str]:
        """The names that were given: ours, theirs."""
        return {ours: theirs for ours, theirs in self if theirs is not None}


class TransactionsFile(Section):
    """A file with the transactions of the run, one a row."""

    path: Annotated[Path, WithJsonSchema({"type": "string", "minLength": 1}), BeforeValidator(_resolved)] = (
        Field(
            description="The file, CSV or Parquet by its suffix; relative to this configuration's folder.",
            examples=["payments.csv"],
        )
    )
    columns: Columns = Field(
        default=Columns(),
        description="What the file calls our columns. Name `submit_time` instead of `submit_tick`, and "
        "`deadline_time` instead of `deadline_tick`, where the file has times of day rather than ticks.",
        examples=[{"sender": "payer", "receiver": "payee", "submit_time": "entered_at"}],
    )
    amounts: Literal["minor_units", "decimal"] = Field(
        default="minor_units",
        description="Whether amounts are whole cents (1050) or decimals of the currency (10.50).",
        examples=["decimal"],
    )
