"""Simulations, their states and agents."""

from pydantic import ConfigDict, Field

from payment_simulator.api.models.base import Answer
from payment_simulator.api.models.runs import RunAnswer

_ID = "97c3f2a4b87d0e9c"
_HASH = "5f0c3b8f0d6f4b1b"


class AgentAnswer(Answer):
    """An agent between two ticks. Money is in cents, the currency's minor unit."""

    agent_id: str = Field(description="Its id.", examples=["BANK_A"])
    balance: int = Field(description="What it has; negative when it uses credit.", examples=[1_000_000])
    credit_limit: int = Field(description="How far below zero its balance may go.", examples=[500_000])
    queue1_size: int = Field(description="How many transactions its own policy holds.", examples=[0])
    queue1_value: int = Field(description="Their value.", examples=[0])
    queue2_size: int = Field(description="How many of its transactions wait in the central queue.")
    queue2_value: int = Field(description="Their value.")
    sent_value: int = Field(description="What it has paid.")
    received_value: int = Field(description="What it was paid.")
    least_balance: int = Field(description="The least balance that it had at any instant.")
    cost_overdraft: int = Field(description="What its overdrafts have cost.")
    cost_delay: int = Field(description="What the delay of its payments has cost.")
    cost_deadline_penalty: int = Field(description="What missed deadlines have cost.")
    cost_eod_penalty: int = Field(description="What was unsettled at the ends of days has cost.")
    cost_split_friction: int = Field(description="What splitting has cost.")
    cost_throughput_penalty: int = Field(description="What falling short of throughput guidelines has cost.")
    cost_allocation: int = Field(description="What liquidity from its pool has cost.")
    cost_overnight: int = Field(description="What it borrowed over night has cost.")


class AgentsAnswer(Answer):
    """All agents."""

    agents: list[AgentAnswer] = Field(description="The agents, in config order.")


class StateAnswer(Answer):
    """A whole simulation between two ticks."""

    simulation_id: str = Field(description="Its id.", examples=[_ID])
    current_tick: int = Field(description="The tick that runs next; at the end the number of ticks.")
    current_day: int = Field(description="Its day; at the end the number of days.")
    num_ticks: int = Field(description="The number of ticks of the run.", examples=[100])
    finished: bool = Field(description="Whether all ticks have run.")
    agents: dict[str, AgentAnswer] = Field(description="The agents by id, in config order.")
    queue2_size: int = Field(description="How many transactions wait in the central queue.")
    state_hash: str = Field(
        description="A digest of the state, the same on every platform.", examples=[_HASH]
    )


class CreatedAnswer(Answer):
    """A new simulation."""

    simulation_id: str = Field(description="Its id.", examples=[_ID])
    state: StateAnswer = Field(description="Its state at the beginning.")
    message: str = Field(description="What was done.", examples=["simulation created"])


class EntryAnswer(Answer):
    """A simulation in the list of all."""

    simulation_id: str = Field(description="Its id.", examples=[_ID])
    current_tick: int = Field(description="The tick that runs next.")
    current_day: int = Field(description="Its day.")
    num_ticks: int = Field(description="The number of ticks of the run.")
    created_at: float = Field(description="When it was made, in seconds since 1970.")


class EntriesAnswer(Answer):
    """A page of the list of simulations."""

    simulations: list[EntryAnswer] = Field(description="Simulations, the oldest first.")
    next_cursor: str | None = Field(description="Where the next page begins; null after the last one.")


class OverviewAnswer(Answer):
    """A simulation in short."""

    simulation_id: str = Field(description="Its id.", examples=[_ID])
    current_tick: int = Field(description="The tick that runs next; at the end the number of ticks.")
    current_day: int = Field(description="Its day.")
    num_ticks: int = Field(description="The number of ticks of the run.")
    finished: bool = Field(description="Whether all ticks have run.")
    run: RunAnswer | None = Field(description="The latest background run, if there was one.")


class DeletedAnswer(Answer):
    """A simulation that is no more."""

    message: str = Field(description="What was done.", examples=["simulation deleted"])
    simulation_id: str = Field(description="Its id.", examples=[_ID])


class RewindOrder(Answer):
    """Where to go back to."""

    model_config = ConfigDict(strict=True, extra="forbid")

    tick: int = Field(ge=0, le=2**32 - 1, description="The tick that shall run next.", examples=[0])


class RewoundAnswer(Answer):
    """A simulation that went back."""

    simulation_id: str = Field(description="Its id.", examples=[_ID])
    current_tick: int = Field(description="The tick that runs next.")
    message: str = Field(description="What was done.", examples=["went back to tick 0"])
