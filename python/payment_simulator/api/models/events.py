"""What happened, and what it cost."""

from pydantic import Field

from payment_simulator.api.models.base import Answer


class EventAnswer(Answer):
    """Something that happened to a transaction or an agent."""

    sequence: int = Field(description="Its number.")
    tick: int = Field(description="When.")
    kind: str = Field(
        description="What: `arrived`, `submitted`, `released`, `queued`, `settled`, ...; or of a scenario "
        "event: `outage_began`, `injected`, `closed`, ..."
    )
    transaction_id: str | None = Field(description="To which transaction.")
    agent: str | None = Field(description="To which agent; of a payment the payer.")
    counterparty: str | None = Field(description="Of a payment the payee.")
    amount: int | None = Field(description="How much, in cents.")
    balance_after: int | None = Field(
        description="The agent's balance then, of a settlement or a booking of the central bank."
    )
    method: str | None = Field(description="How it settled.")


class TickTotalsAnswer(Answer):
    """The totals of a tick, of a simulation that records no more (`output.events: summary`)."""

    tick: int = Field(description="Which tick.")
    num_arrivals: int = Field(description="How many transactions arrived.")
    arrived_value: int = Field(description="Their value.")
    num_settlements: int = Field(description="How many settled.")
    settled_value: int = Field(description="Their value.")
    num_lsm_releases: int = Field(description="Those of them in offset sets.")
    lsm_value: int = Field(description="Their value.")
    total_cost: int = Field(description="Cents accrued.")


class EventsAnswer(Answer):
    """A page of the list of events."""

    events: list[EventAnswer | TickTotalsAnswer] = Field(
        description="Events in the order in which they happened. A page may have fewer than asked for, "
        "or none, and still be followed by another one."
    )
    next_cursor: str | None = Field(description="Where the next page begins; null after the last one.")


class CostAnswer(Answer):
    """What one kind of cost comes to for one agent."""

    agent_id: str = Field(description="The agent.", examples=["BANK_A"])
    kind: str = Field(description="The kind of cost.", examples=["delay"])
    cents: int = Field(description="Rounded to whole cents.", examples=[12])
    exact: str = Field(description="Exactly, as a decimal.", examples=["12.0400000000000000000000"])


class CostTotalsAnswer(Answer):
    """Sums over all agents: exact sums rounded, not rounded figures summed."""

    total_cost: int = Field(description="All costs, in cents.")
    by_kind: dict[str, int] = Field(description="The costs of each kind, in cents.")


class CostsAnswer(Answer):
    """What everything has cost so far."""

    costs: list[CostAnswer] = Field(description="A row for each agent and kind.")
    totals: CostTotalsAnswer = Field(description="Sums over all agents.")
