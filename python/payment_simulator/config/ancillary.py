"""Batches of clearing houses: net positions that settle together or not at all."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import InitErrorDetails

from payment_simulator.config.agents import AgentId
from payment_simulator.config.clock import Clock
from payment_simulator.config.frozen import FrozenDict
from payment_simulator.config.numbers import INT64_MAX, TickCount
from payment_simulator.config.problems import problem
from payment_simulator.config.section import Section
from payment_simulator.config.triggers import At


def _frozen(positions: Mapping[str, int]) -> FrozenDict[int]:
    return FrozenDict(positions)


Position = Annotated[int, Field(ge=-INT64_MAX, le=INT64_MAX)]
Positions = Annotated[Mapping[str, Position], AfterValidator(_frozen)]


class AncillaryBatch(Section):
    """A clearing house's batch: all its debtors pay and all its creditors are paid at one instant."""

    id: AgentId = Field(
        description="The batch's name, unique; its payments are called `<id>:<agent>`.", examples=["ACH-1"]
    )
    account: str = Field(
        description="The agent that is the clearing house's own account: it is paid by debtors, and pays "
        "creditors.",
        examples=["ACH"],
    )
    at: At = Field(
        description="When its payments arrive and are tried first; a time without a day is on each day.",
        examples=[{"tick": 40}],
    )
    every_day: bool = Field(
        default=False,
        description="Whether it comes again in the same tick of each later day; then, and at a time on each "
        "of several days, `.<day>` is added to its name.",
        examples=[True],
    )
    settlement_period_ticks: TickCount | None = Field(
        default=None,
        description="For how many ticks it is tried, the first one included, before it is rejected; without "
        "it, to the end of the day.",
        examples=[10],
    )
    positions: Positions = Field(
        description="For ids of participants, the cents that each gets; negative for one that pays. They add "
        "up to 0.",
        examples=[{"BANK_A": -100, "BANK_B": 60, "BANK_C": 40}],
    )

    @classmethod
    def cross_checks(cls, data: dict[str, Any]) -> Iterable[InitErrorDetails]:
        """Return that positions come to something, or do not belong together."""
        given = data.get("positions")
        values = list(given.values()) if isinstance(given, Mapping) else []
        if isinstance(given, Mapping) and all(type(value) is int for value in values):
            yield from _positions(given, data.get("account"))
        at = data.get("at")
        time = at.get("time") if isinstance(at, dict) else getattr(at, "time", None)
        if data.get("every_day") is True and time is not None:
            message = "goes with a tick; a time without a `day` is on each day anyway"
            yield problem(("every_day",), "moment", message, data["every_day"])

    def for_engine(self, clock: Clock | None, ticks_per_day: int, num_days: int) -> Iterator[dict[str, Any]]:
        """Yield this batch as the engine takes it: with a tick, as often as it has one."""
        plain = self.model_dump(mode="json", exclude_none=True, exclude={"every_day", "at"})
        ticks = list(self.at.ticks(clock, ticks_per_day, num_days))
        if self.every_day:
            ticks = list(range(ticks[0], ticks_per_day * num_days, ticks_per_day))
        recurs = num_days > 1 and (self.every_day or (self.at.time is not None and self.at.day is None))
        for tick in ticks:
            name = f"{self.id}.{tick // ticks_per_day}" if recurs else self.id
            yield {**plain, "id": name, "at": {"tick": tick}}


def _positions(positions: Mapping[str, int], account: object) -> Iterator[InitErrorDetails]:
    for name, cents in positions.items():
        if name == account:
            message = "must be a participant, not the clearing house's own account"
            yield problem(("positions", str(name)), "own_account", message, cents)
        if cents == 0:
            yield problem(("positions", str(name)), "no_position", "must not be 0: leave it out", cents)
    if len(positions) < 2:  # noqa: PLR2004 - one that pays and one that is paid
        yield problem(("positions",), "positions", "must be of two participants at least", dict(positions))
    elif sum(positions.values()) != 0:
        message = f"must add up to 0, but they add up to {sum(positions.values())}"
        yield problem(("positions",), "positions", message, dict(positions))
