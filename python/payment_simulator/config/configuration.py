"""The whole configuration of a run."""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from payment_simulator.config.agents import AgentConfig
from payment_simulator.config.ancillary import AncillaryBatch
from payment_simulator.config.ancillary_checks import ancillary_checks
from payment_simulator.config.clock import Clock
from payment_simulator.config.collateral import Collateral
from payment_simulator.config.collateral_checks import collateral_checks
from payment_simulator.config.costs import CostRates
from payment_simulator.config.cross_checks import cross_checks
from payment_simulator.config.currency import Currency
from payment_simulator.config.cut_offs import cut_off_checks
from payment_simulator.config.event_checks import event_checks
from payment_simulator.config.length import SimulationLength
from payment_simulator.config.liquidity import OvernightFacility
from payment_simulator.config.lsm import LsmConfig
from payment_simulator.config.numbers import AsTuple
from payment_simulator.config.output import Output
from payment_simulator.config.overdraft import Overdraft
from payment_simulator.config.policies import Policy
from payment_simulator.config.scenario_events import PolicyChange, ScenarioEvent
from payment_simulator.config.section import Section
from payment_simulator.config.settlement import EndOfDay, Settlement
from payment_simulator.config.system import System, explained, with_profile
from payment_simulator.config.throughput import Guideline, throughput_checks
from payment_simulator.config.transactions_file import TransactionsFile
from payment_simulator.config.yaml_text import yaml_text

FORMAT_VERSION = 1
_NOT_AS_WRITTEN = {
    "format_version",
    "simulation",
    "agents",
    "scenario_events",
    "throughput",
    "ancillary_batches",
    "transactions",
    "clock",
    "currency",
}


def _readable(version: int) -> int:
    if version != FORMAT_VERSION:
        message = "must be {readable}, the only format that this program reads"
        raise PydanticCustomError("format_version", message, {"readable": FORMAT_VERSION})
    return version


class SimulationConfig(Section):
    """What is simulated: participants, payments, rules and costs."""

    format_version: Annotated[
        int, WithJsonSchema({"type": "integer", "const": FORMAT_VERSION}), AfterValidator(_readable)
    ] = Field(
        default=FORMAT_VERSION,
        description="The version of this file's format.",
        examples=[FORMAT_VERSION],
    )
    system: System | None = Field(
        default=None,
        description="The system whose published rules are the defaults of all other keys. In a configuration "
        "as it is resolved, the rules themselves stand in its place.",
        examples=["t2"],
    )
    simulation: SimulationLength = Field(
        description="How long the run is, and its seed.",
        examples=[{"ticks_per_day": 100, "num_days": 1, "rng_seed": 12345}],
    )
    agents: Annotated[tuple[AgentConfig, ...], AsTuple] = Field(
        description="The participants; where the rules go by order, it is this one.",
        json_schema_extra={"minItems": 1},
    )
    cost_rates: CostRates = Field(default=CostRates(), description="What liquidity and delay cost.")
    lsm_config: LsmConfig = Field(default=LsmConfig(), description="Which offsetting happens in each tick.")
    settlement: Settlement = Field(default=Settlement(), description="The rules of the central queue.")
    end_of_day: EndOfDay = Field(default=EndOfDay(), description="What becomes of unsettled transactions.")
    output: Output = Field(default=Output(), description="How much the run records.")
    scenario_events: Annotated[tuple[ScenarioEvent, ...], AsTuple] = Field(
        default=(),
        description="What happens apart from payments, in the order in which it is looked at.",
        examples=[[{"type": "outage", "at": {"tick": 120}, "agent": "BANK_A", "duration_ticks": 60}]],
    )
    throughput: Annotated[tuple[Guideline, ...], AsTuple] = Field(
        default=(),
        description="Which share of a day's value each agent is to have sent by when, earlier ones first.",
        examples=[[{"by": 25, "share": 0.5}, {"by": 75, "share": 0.75, "penalty": 0.0001}]],
    )
    collateral: Collateral | None = Field(
        default=None, description="What may secure intraday credit; without it, nothing may."
    )
    overdraft: Overdraft | None = Field(
        default=None,
        description="How overdrafts are priced; without it, at one rate on each tick's overdraft.",
    )
    overnight_facility: OvernightFacility | None = Field(
        default=None, description="What is lent over night; without it, nothing is."
    )
    ancillary_batches: Annotated[tuple[AncillaryBatch, ...], AsTuple] = Field(
        default=(),
        description="What clearing houses have settled, in the order in which batches of a tick arrive.",
        examples=[
            [{"id": "ACH-1", "account": "ACH", "at": {"tick": 40}, "positions": {"BANK_A": -9, "BANK_B": 9}}]
        ],
    )
    transactions: TransactionsFile | None = Field(
        default=None, description="A file with transactions; without it, they are generated or submitted."
    )
    clock: Clock | None = Field(default=None, description="When the ticks are; needed for files with times.")
    currency: Currency = Field(default=Currency(), description="The currency of all amounts.")

    @model_validator(mode="wrap")
    @classmethod
    def _with_the_rules_of_its_system(
        cls,
        data: Any,  # noqa: ANN401
        handler: ModelWrapValidatorHandler[Self],
    ) -> Self:
        """Put the rules of the system that is named in the place of its name."""
        whole = with_profile(data)
        try:
            return handler(whole)
        except ValidationError as error:
            if whole is data:
                raise
            raise explained(cls.__name__, error, data) from error

    @model_validator(mode="before")
    @classmethod
    def _short_form_off_beside_a_list(cls, data: Any) -> Any:  # noqa: ANN401
        """Switch the short form of offsetting off where there is a list of steps and no word of it."""
        if not isinstance(data, dict) or data.get("lsm_config") is not None:
            return data
        settlement = data.get("settlement")
        steps = settlement.get("offsetting") if isinstance(settlement, dict) else None
        listed = getattr(settlement, "offsetting", steps) is not None
        return {**data, "lsm_config": LsmConfig(enabled=False)} if listed else data

    @classmethod
    def cross_checks(cls, data: dict[str, Any]) -> Iterable[InitErrorDetails]:
        """Return the contradictions between the sections."""
        return [
            *cross_checks(data),
            *event_checks(data),
            *throughput_checks(data),
            *cut_off_checks(data),
            *collateral_checks(data),
            *ancillary_checks(data),
        ]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the configuration that a dict describes; paths in it count from the working directory.

        Raises:
            ValidationError: Pydantic's, with every problem that the dict has.
        """
        given: object = data
        return cls.model_validate(dict(given) if isinstance(given, Mapping) else given)

    @property
    def seed(self) -> int:
        """The seed of the random numbers."""
        return self.simulation.rng_seed

    @property
    def num_ticks(self) -> int:
        """The number of ticks of the whole run."""
        return self.simulation.ticks_per_day * self.simulation.num_days

    def with_seed(self, seed: int) -> Self:
        """Return the same configuration with another seed.

        Raises:
            ValidationError: When the seed is not a whole number from 0 to 2^64 - 1.
        """
        length = SimulationLength(**{**self.simulation.model_dump(), "rng_seed": seed})
        return self.model_copy(update={"simulation": length})

    def to_ffi_dict(self) -> dict[str, Any]:
        """Return what the native `Orchestrator` takes: plain dicts, lists and scalars, rates as texts."""
        plain = self.model_dump(mode="json", exclude_none=True)
        rules = {name: section for name, section in plain.items() if name not in _NOT_AS_WRITTEN}
        if events := self._events_for_engine():
            rules["scenario_events"] = events
        rules["settlement"] = {**plain["settlement"], **self._timed_settlement()}
        if self.throughput:
            rules["throughput"] = [guideline.for_engine(self.clock) for guideline in self.throughput]
        if batches := self.batches_for_engine():
            rules["ancillary_batches"] = batches
        return {**plain["simulation"], "agent_configs": plain["agents"], **rules}

    def _timed_settlement(self) -> dict[str, Any]:
        """Return what the section `settlement` has with times of day, as the engine takes it."""
        timed = {"cut_offs": self.settlement.cut_offs, "offsetting": self.settlement.offsetting}
        return {
            name: [each.for_engine(self.clock) for each in items]
            for name, items in timed.items()
            if items is not None
        }

    def _events_for_engine(self) -> list[dict[str, Any]]:
        length = self.simulation
        return [
            plain
            for event in self.scenario_events
            for plain in event.for_engine(self.clock, length.ticks_per_day, length.num_days)
        ]

    def batches_for_engine(self) -> list[dict[str, Any]]:
        """Return the batches of clearing houses as the engine takes them: one for each tick."""
        length = self.simulation
        return [
            plain
            for batch in self.ancillary_batches
            for plain in batch.for_engine(self.clock, length.ticks_per_day, length.num_days)
        ]

    def policy_set_by(self, place: int) -> Policy:
        """Return the policy that an event sets.

        Args:
            place: The place of the event in what `to_ffi_dict` returns.

        Raises:
            ValueError: That event sets none.
        """
        length = self.simulation
        for event in self.scenario_events:
            for _ in event.for_engine(self.clock, length.ticks_per_day, length.num_days):
                if place == 0 and isinstance(event, PolicyChange):
                    return event.policy
                place -= 1
        message = "that event sets no policy"
        raise ValueError(message)

    def to_yaml(self) -> str:
        """Return the configuration as YAML, all defaults written out; it loads again to an equal one."""
        return yaml_text(self.model_dump(exclude_none=True))

    def digest(self) -> str:
        """Return a SHA-256 over what the configuration says, the same for equal ones everywhere.

        Of the path of a transactions file only the name counts, so that a folder may be moved; what the
        file holds does not. Weights count in the order in which they are written. An empty list of events,
        guidelines or batches counts for nothing.
        """
        plain = self.model_dump(mode="json", exclude_none=True)
        for name in ("scenario_events", "throughput", "ancillary_batches"):
            if not plain[name]:
                del plain[name]
        plain["cost_rates"] = {name: rate.canonical_text for name, rate in self.cost_rates}
        if self.overdraft is not None:
            plain["overdraft"]["secured_bps_per_tick"] = self.overdraft.secured_bps_per_tick.canonical_text
        if self.overnight_facility is not None:
            plain["overnight_facility"]["lending_bps"] = self.overnight_facility.lending_bps.canonical_text
        for agent, written in zip(self.agents, plain["agents"], strict=True):
            if agent.overdraft_bps_per_tick is not None:
                written["overdraft_bps_per_tick"] = agent.overdraft_bps_per_tick.canonical_text
            if agent.liquidity_pool is not None:
                rate = agent.liquidity_pool.cost_bps_per_day
                written["liquidity_pool"]["cost_bps_per_day"] = rate.canonical_text
        if self.transactions is not None:
            plain["transactions"]["path"] = self.transactions.path.name
        return sha256(json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
