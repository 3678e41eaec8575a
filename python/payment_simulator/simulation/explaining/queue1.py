"""What a bank's policy does with a transaction of its own queue in the tick that runs next, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payment_simulator.config import Deadline, LiquidityAware, LiquiditySplitting
from payment_simulator.simulation.explaining.cut_offs import (
    is_shut_out,
    kept_until_tomorrow,
    refused_once_urgent,
    would_be_refused,
)
from payment_simulator.simulation.explaining.rules import is_urgent, least_part, policy_turn, urgent_from
from payment_simulator.simulation.explaining.standstill import standstill
from payment_simulator.simulation.explaining.turns import least_more, walk
from payment_simulator.simulation.explanation import Explanation, Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payment_simulator.config import Policy
    from payment_simulator.simulation.explaining.inquiry import Inquiry
    from payment_simulator.simulation.states import AgentState


def held(inquiry: Inquiry, queue: Sequence[str]) -> Explanation:
    """Explain a transaction of Queue 1.

    Args:
        inquiry: The inquiry.
        queue: The queue by sequence number, up to the transaction itself.
    """
    one, policy, tick = inquiry.transaction, inquiry.policy, inquiry.tick
    where = f"{one.transaction_id} is in {one.sender}'s own queue (Queue 1): {inquiry.payment()}."
    if (stands := standstill(inquiry, where, may_be_out=True)) is not None:
        return stands
    if (kept := kept_until_tomorrow(inquiry, where)) is not None:
        return kept
    # What cannot enter commits nothing.
    queue = [*(each for each in queue[:-1] if not is_shut_out(inquiry, each)), one.transaction_id]
    agent = inquiry.sender
    turns = [
        policy_turn(inquiry.simulation.transaction(each), tick, policy, agent.credit_limit) for each in queue
    ]
    found, missing = walk(turns, agent.balance), least_more(turns, agent.balance)
    if found.goes:
        return would_be_refused(inquiry, where) or _released_next(inquiry, where)
    reason, rule = _held_by(inquiry, agent, found.left)
    enough = f"With {inquiry.money(missing)} more, {one.sender} would release it." if missing else ""
    due = urgent_from(one, policy)
    payers, holders = inquiry.payers(), inquiry.holders()
    begins = inquiry.as_the_day_begins()
    refused = refused_once_urgent(inquiry, due) if due is not None and reason is Reason.NOT_URGENT else ""
    urgency = _urgency(inquiry, policy)
    said = (where, rule, begins, urgency, refused, enough, *inquiry.what_comes(payers, holders))
    return Explanation(
        one.transaction_id,
        one.status,
        reason,
        policy.type,
        missing,
        due_tick=due if due is not None and due > tick else None,
        payers=payers,
        holders=holders,
        sentences=tuple(sentence for sentence in said if sentence),
    )


def _released_next(inquiry: Inquiry, where: str) -> Explanation:
    one, policy, tick = inquiry.transaction, inquiry.policy.type, inquiry.tick
    over = inquiry.simulation.finished
    rule = (
        f"The policy {policy} would let it go." if over else f"The policy {policy} lets it go in tick {tick}."
    )
    return Explanation(
        one.transaction_id,
        one.status,
        Reason.RELEASED_NEXT,
        policy,
        missing=0,
        due_tick=None if over else tick,
        sentences=(where, rule),
    )


def _held_by(inquiry: Inquiry, agent: AgentState, left: int) -> tuple[Reason, str]:
    """Say which condition of a policy holds the transaction.

    Args:
        inquiry: The inquiry.
        agent: The sender.
        left: Its balance less what it commits before it comes to the transaction.
    """
    one, policy, money = inquiry.transaction, inquiry.policy, inquiry.money
    if isinstance(policy, Deadline):
        return Reason.NOT_URGENT, "The policy Deadline releases what is urgent."
    funds = f"balance {money(agent.balance)} - committed {money(agent.balance - left)}"
    if isinstance(policy, LiquidityAware) and not is_urgent(one, inquiry.tick, policy):
        return Reason.BELOW_BUFFER, (
            f"The policy LiquidityAware keeps a buffer: {funds} - amount {money(one.amount)} = "
            f"{money(left - one.amount)}, less than target_buffer {money(policy.target_buffer)}."
        )
    least = least_part(one, policy) if isinstance(policy, LiquiditySplitting) else one.amount
    what = "amount" if least == one.amount else f"of its {money(one.amount)} the least first part"
    return Reason.DOES_NOT_FIT, (
        f"The policy {policy.type} holds it, for it does not fit: {what} {money(least)} > {funds} + credit "
        f"{money(agent.credit_limit)} = {money(left + agent.credit_limit)}."
    )


def _urgency(inquiry: Inquiry, policy: Policy) -> str:
    threshold: int = getattr(policy, "urgency_threshold", 0)
    deadline, due, tick = (
        inquiry.transaction.deadline_tick,
        urgent_from(inquiry.transaction, policy),
        inquiry.tick,
    )
    if deadline is None or due is None:
        return "It has no deadline, so it is never urgent."
    left = f"deadline {deadline} - tick {tick} = {deadline - tick}"
    if tick >= due:
        return f"It is urgent: {left}, at most urgency_threshold {threshold}."
    return f"It is not urgent before tick {due}: {left}, more than urgency_threshold {threshold}."
