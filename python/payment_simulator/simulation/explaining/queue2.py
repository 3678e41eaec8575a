"""What keeps a transaction in the central queue: the discipline, or the liquidity of its sender."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from payment_simulator.simulation.explaining.bands import Bands
from payment_simulator.simulation.explaining.limits import Limits
from payment_simulator.simulation.explaining.linked import linked
from payment_simulator.simulation.explaining.moments import final_settlement, offsetting
from payment_simulator.simulation.explaining.obstacles import Obstacles
from payment_simulator.simulation.explaining.reserves import Reserves
from payment_simulator.simulation.explaining.rules import band_of, central_turns
from payment_simulator.simulation.explaining.standstill import standstill
from payment_simulator.simulation.explaining.turns import least_more, walk
from payment_simulator.simulation.explanation import Explanation, Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payment_simulator.simulation.explaining.inquiry import Inquiry
    from payment_simulator.simulation.explaining.turns import Walk
    from payment_simulator.simulation.states import AgentState


_RULES: Final = {
    Reason.SENDER_LIMIT: "sender_limits",
    Reason.RESERVATION: "reservations",
    Reason.BAND: "balanced_release",
}


def waiting(inquiry: Inquiry, queue: Sequence[str]) -> Explanation:
    """Explain a transaction of Queue 2.

    Args:
        inquiry: The inquiry.
        queue: All that its sender has waiting there.
    """
    one = inquiry.transaction
    where = (
        f"{one.transaction_id} waits in the central queue (Queue 2) since tick {one.release_tick}: "
        f"{inquiry.payment()}."
    )
    if (stands := standstill(inquiry, where, may_be_out=False)) is not None:
        return stands
    if (link := inquiry.standings.link(one.transaction_id)) is not None:
        return linked(inquiry, where, link)
    agent = inquiry.sender
    in_turn = [each for each in queue if inquiry.standings.link(each) is None]
    in_it = [inquiry.simulation.transaction(each) for each in in_turn]
    limits = Limits(inquiry, {each.receiver for each in in_it})
    reserves, bands = Reserves(inquiry, in_it), Bands(inquiry)
    turns = central_turns(
        in_it,
        inquiry.config,
        agent.credit_limit,
        limits.name_of,
        kept_from=reserves.kept_from,
        let=bands.let,
    )
    place = next(at for at, turn in enumerate(turns) if turn.transaction_id == one.transaction_id)
    turns = turns[: place + 1]
    rooms = limits.rooms()
    found = walk(turns, agent.balance, rooms)
    missing = least_more(turns, agent.balance, rooms, turns[-1].limit if found.beyond else None)
    if found.beyond or (found.blocked_by is None and not bands.let(one)):
        reason = Reason.SENDER_LIMIT if found.beyond else Reason.BAND
        rule = [*Obstacles(inquiry, agent, limits, reserves, bands).sentences(turns, found, missing)]
    else:
        reason, rule = _waits_for(inquiry, agent, found, missing, reserves)
    payers, holders = inquiry.payers(), inquiry.holders()
    said = (
        where,
        *rule,
        inquiry.as_the_day_begins(),
        *inquiry.what_comes(payers, holders),
        offsetting(inquiry),
        final_settlement(inquiry),
    )
    return Explanation(
        one.transaction_id,
        one.status,
        reason,
        _RULES.get(reason, inquiry.config.settlement.queue_discipline),
        missing,
        found.blocked_by,
        payers=payers,
        holders=holders,
        sentences=tuple(sentence for sentence in said if sentence),
    )


def _waits_for(
    inquiry: Inquiry, agent: AgentState, found: Walk, missing: int | None, reserves: Reserves
) -> tuple[Reason, list[str]]:
    money, has = inquiry.money, inquiry.has(agent)
    if found.blocked_by is not None:
        return Reason.BEHIND, [_blocked(inquiry, found.blocked_by), has, _takes(inquiry, missing)]
    if found.goes:
        return Reason.NOT_TRIED, [has, f"It would settle. {_tried_when(inquiry)}"]
    one = inquiry.transaction
    kept = reserves.kept_from(one)
    short = one.amount - agent.balance - agent.credit_limit
    if kept:
        reason = Reason.LIQUIDITY if short > 0 else Reason.RESERVATION
        return reason, [has, f"{reserves.sentence()} {_takes(inquiry, missing)}".rstrip()]
    lacks = f"{money(short)} is missing."
    if missing == short:
        return Reason.LIQUIDITY, [has, lacks]
    return Reason.LIQUIDITY, [has, f"{lacks} {_takes(inquiry, missing)}".rstrip()]


def _blocked(inquiry: Inquiry, blocker_id: str) -> str:
    blocker, settlement = inquiry.simulation.transaction(blocker_id), inquiry.config.settlement
    other = f"{blocker_id} ({inquiry.money(blocker.amount)} to {blocker.receiver})"
    if settlement.queue_discipline == "fifo":
        return f"It is behind {other}: under fifo nothing overtakes."
    band = band_of(blocker.priority, inquiry.config)
    low, high = settlement.priority_bands[band]
    what = f"priority {blocker.priority}, band {low} to {high}"
    if band == band_of(inquiry.transaction.priority, inquiry.config):
        return f"It is behind {other} in its band ({what})."
    return f"It is behind {other}, which is of a higher band ({what})."


def _takes(inquiry: Inquiry, missing: int | None) -> str:
    """Say what it takes with all that would go before it."""
    if missing is None:
        return ""
    if missing == 0:
        return f"All would settle. {_tried_when(inquiry)}"
    return f"With what would go before it, it takes {inquiry.money(missing)} more."


def _tried_when(inquiry: Inquiry) -> str:
    name = inquiry.transaction.sender
    if inquiry.sender_outlook["is_tried"]:
        return "The queue is tried in the next tick."
    if inquiry.config.settlement.crediting == "deferred":
        return f"The queue is tried in the tick after {name} is next credited."
    return f"The queue is tried when {name} is next credited."
