"""Step 1 of a tick: what happens to the system and to its participants apart from payments."""

from collections.abc import Mapping
from math import inf
from typing import Any

from tests.reference import collateral
from tests.reference.closing import drop
from tests.reference.interventions import (
    change_priority,
    check_arrived,
    check_open,
    check_resubmission,
    check_split,
    find,
    move_in_queue,
    resubmit,
    revoke,
    split_queued,
)
from tests.reference.limits import change_limit
from tests.reference.links import Links
from tests.reference.reservations import reserve
from tests.reference.state import Agent, RefusedError, State, Transaction

Event = Mapping[str, Any]


class Plan:
    """The events of the configuration, and which of their conditions held when they were last looked at."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.events: list[Event] = config.get("scenario_events") or []
        self._held = [False] * len(self.events)
        self._happened = [False] * len(self.events)

    def apply(self, state: State, links: Links) -> None:
        """Outages end; what is due happens, in order; the system opens or closes."""
        _end_outages(state)
        for number, event in enumerate(self.events):
            if self._has_come(state, number, event):
                self._happened[number] = True
                _happen(state, event)
                links.drop_broken(state)
        is_open = state.hours.are_open(state.tick)
        if is_open != state.was_open:
            _note(state, "opened" if is_open else "closed")
        state.was_open = is_open

    def _has_come(self, state: State, number: int, event: Event) -> bool:
        if "at" in event:
            return bool(event["at"]["tick"] == state.tick)
        holds = _holds(state, event["when"])
        held, self._held[number] = self._held[number], holds
        again = event["when"].get("each_time", False)
        return holds and not held and (again or not self._happened[number])


def _holds(state: State, condition: Event) -> bool:
    """All that the condition names; what it does not name holds."""
    watched = [state.agents[condition["agent"]]] if "agent" in condition else list(state.agents.values())
    balance = watched[0].balance
    in_queue1 = [tx for agent in watched for tx in agent.queue1]
    in_queue2 = [tx for agent in watched for tx in agent.in_queue2]
    return bool(
        condition.get("from_tick", 0) <= state.tick <= condition.get("to_tick", inf)
        and balance < condition.get("balance_below", inf)
        and balance > condition.get("balance_above", -inf)
        and len(in_queue1) > condition.get("queue1_size_above", -1)
        and len(in_queue2) > condition.get("queue2_size_above", -1)
        and sum(tx.amount for tx in in_queue2) > condition.get("queue2_value_above", -1)
    )


def _end_outages(state: State) -> None:
    for agent in state.agents.values():
        if agent.out_until == state.tick:
            _recover(state, agent)
    if state.system_out_until == state.tick:
        _resume(state)


def _recover(state: State, agent: Agent) -> None:
    if agent.out_until:
        agent.out_until = 0
        _note(state, "outage_ended", agent)


def _resume(state: State) -> None:
    if state.system_out_until:
        state.system_out_until = 0
        _note(state, "system_resumed")


def _happen(state: State, event: Event) -> None:  # noqa: C901, PLR0912, PLR0915 - one case for each type
    agent = state.agents[event["agent"]] if event.get("agent") else None
    until = state.tick + event.get("duration_ticks", inf)
    match event["type"], agent:
        case "outage", Agent():
            agent.out_until = max(agent.out_until, until)
            _note(state, "outage_began", agent)
        case "recovery", Agent():
            _recover(state, agent)
        case "system_outage", None:
            state.system_out_until = max(state.system_out_until, until)
            _note(state, "system_stopped")
        case "system_recovery", None:
            _resume(state)
        case "opening_hours", None:
            state.hours.change(state.tick, event)
            _note(state, "hours_changed")
        case "injection", Agent():
            _book(state, "injected", agent, event["amount"])
            agent.liquidity_grew = True
        case "withdrawal", Agent():
            _book(state, "withdrawn", agent, -min(event["amount"], max(0, agent.liquidity)))
        case "credit_limit", Agent():
            if event["credit_limit"] > agent.unsecured_limit:
                agent.liquidity_grew = True
            agent.unsecured_limit = event["credit_limit"]
            _note(state, "limit_changed", agent, amount=agent.unsecured_limit)
        case "reservation", Agent():
            for name in ("highly_urgent", "urgent"):
                if name in event:
                    agent.liquidity_grew |= reserve(agent, name, event[name])
                    _note(state, f"{name}_reserved", agent, amount=event[name])
        case "sender_limit", Agent():
            counterparty = event.get("counterparty")
            agent.liquidity_grew |= change_limit(agent, counterparty, event["limit"])
            _note(state, "sender_limit_changed", agent, counterparty=counterparty, amount=event["limit"])
        case "cap", Agent():
            agent.cap = event["cap"]
            _note(state, "cap_changed", agent, amount=agent.cap)
        case "policy", Agent():
            agent.policy = event["policy"]
            _note(state, "policy_changed", agent)
        case "arrival_rate", _:
            _note(state, "rate_changed", agent)
        case "counterparty_weights", Agent():
            _note(state, "counterparties_changed", agent)
        case "collateral_posting", Agent():
            collateral.post(state, agent, event)
        case "collateral_withdrawal", Agent():
            collateral.withdraw(state, agent, event)
        case "collateral_shock", _:
            _note(state, "collateral_shocked", agent)
            collateral.shock(state, [agent] if agent else list(state.agents.values()), event)
        case "haircut", None:
            _note(state, "haircut_changed")
            collateral.change_haircut(state, event)
        case "default", Agent():
            _default(state, agent)
        case (("priority" | "revocation" | "resubmission" | "split" | "move"), None):
            if not _intervene(state, event):
                # It names what was planned, whether there is such a transaction or not.
                _note(state, "intervention_refused", transaction_id=event["transaction_id"])
        case unknown:
            raise NotImplementedError(unknown)


def _default(state: State, failed: Agent) -> None:
    """Cancel all that concerns the agent; queues that lost something are tried as if liquidity had grown."""
    if failed.defaulted:
        return
    failed.defaulted = True
    _note(state, "defaulted", failed)
    for transaction in state.waiting():
        if is_void(state, transaction):
            sender = state.agents[transaction.sender]
            sender.liquidity_grew |= transaction in sender.queue2
            drop(state, transaction)


def _intervene(state: State, event: Event) -> bool:
    """Do what the sender of a transaction would do by a call; whether that was possible."""
    try:
        transaction = find(state, event["transaction_id"])
        match event["type"]:
            case "priority":
                check_open(transaction)
                check_arrived(transaction)
                change_priority(state, transaction, event["priority"])
            case "move":
                check_open(transaction)
                move_in_queue(state, transaction, event["to"])
            case "revocation":
                check_open(transaction)
                revoke(state, transaction)
            case "resubmission":
                check_resubmission(state, transaction)
                resubmit(state, transaction)
                if is_void(state, transaction):
                    drop(state, transaction)
            case _:
                check_open(transaction)
                check_split(state, transaction, event["parts"])
                state.waiting_since_the_last_tick += split_queued(state, transaction, event["parts"])
    except (KeyError, RefusedError):
        return False
    return True


def is_void(state: State, transaction: Transaction) -> bool:
    """Whether it is from or to an account that is closed."""
    return state.agents[transaction.sender].defaulted or state.agents[transaction.receiver].defaulted


def _book(state: State, kind: str, agent: Agent, change: int) -> None:
    agent.change_balance(change)
    _note(state, kind, agent, amount=abs(change), balance_after=agent.balance)


def _note(
    state: State,
    kind: str,
    agent: Agent | None = None,
    *,
    transaction_id: str | None = None,
    counterparty: str | None = None,
    amount: int | None = None,
    balance_after: int | None = None,
) -> None:
    state.events.append(
        tick=state.tick,
        kind=kind,
        transaction_id=transaction_id,
        agent=agent.agent_id if agent else None,
        counterparty=counterparty,
        amount=amount,
        balance_after=balance_after,
    )
