"""The list `settlement.offsetting`: which step runs when, and what it settles."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

from tests.reference.balanced_release import in_bands
from tests.reference.equal_pairs import equal_pair
from tests.reference.offsetting import all_cycles, bilateral_set, covered_pair, is_covered, value_of
from tests.reference.optimisation import all_or_nothing, gridlock_resolution, pairs_by_difference, partial
from tests.reference.queues import front_to, holds_up_the_rest, may_go_to, may_settle_at_entry
from tests.reference.settlement import net_positions, settle_set, try_queues
from tests.reference.state import Agent, State, Transaction

Step = Mapping[str, Any]

CHOICES = {
    "gridlock_resolution": gridlock_resolution,
    "all_or_nothing": all_or_nothing,
    "partial": partial,
}


def run_steps(state: State, moment: str) -> None:
    """Run the steps that are due at a moment of the tick, in their order."""
    for step in state.rules.steps:
        if _is_due(state, step, moment):
            _run(state, step)


def _is_due(state: State, step: Step, moment: str) -> bool:
    """`entry` and `change` are moments of step 4; all else happens in step 5."""
    when = step.get("when", "entry" if step["algorithm"] == "entry_disposition" else "tick")
    tick_of_day = state.tick % state.rules.ticks_per_day
    if when == "tick":
        return moment == "tick" and (tick_of_day + 1) % step.get("every_ticks", 1) == 0
    if when == "times":
        return moment == "tick" and tick_of_day in step["at"]
    return bool(when == moment)


def _run(state: State, step: Step) -> None:
    match step["algorithm"]:
        case "bilateral":
            _settle_pairs(state, step)
        case "cycles":
            _settle_cycles(state, step)
        case "multiple":
            _settle_multiple(state)
        case "target2_sequence":
            if not _settle(state, "all_or_nothing") and not _settle(state, "partial"):
                _settle_multiple(state)
        case "balanced_release":
            _release(state)
        case "entry_disposition":
            pass  # It is asked as a transaction enters.
        case algorithm:
            _settle(state, algorithm)


def _release(state: State) -> None:
    """What may settle one by one, again and again; then pairs; then the rest together."""
    before = -1
    while state.settlements_in_tick != before:
        before = state.settlements_in_tick
        try_queues(state, list(state.agents.values()))
    for first, second in combinations(state.agents.values(), 2):
        chosen = bilateral_set(state, first, second)
        if chosen:
            settle_set(state, chosen, "balanced_release")
    rest = in_bands(state)
    if rest:
        settle_set(state, rest, "balanced_release")


def _settle(state: State, algorithm: str) -> bool:
    """Settle what an algorithm chooses from all queues; whether that is anything."""
    chosen = CHOICES[algorithm](state)
    if chosen:
        settle_set(state, chosen, algorithm)
    return bool(chosen)


def _settle_pairs(state: State, step: Step) -> None:
    """Try each pair once, in config order."""
    for pair in combinations(state.agents.values(), 2):
        chosen = _pair(state, step, pair)
        if chosen:
            settle_set(state, chosen, "bilateral")


def _pair(state: State, step: Step, pair: tuple[Agent, Agent]) -> list[Transaction]:
    first, second = pair
    at_fronts = step.get("queue", "anywhere") == "fronts"
    reach = front_to if at_fronts else may_go_to
    there = reach(state.rules, first.queue2, second.agent_id)
    back = reach(state.rules, second.queue2, first.agent_id)
    if step.get("amounts", "unequal") == "equal":
        held_up = [tx for tx in there + back if at_fronts or holds_up_the_rest(state.rules, tx)]
        return equal_pair(there, back, held_up)
    in_order = at_fronts or state.rules.queue_discipline in {"fifo", "priority"}
    return covered_pair(state, pair, there, back, only_last=in_order)


def _settle_cycles(state: State, step: Step) -> None:
    """Settle the best cycle there is, and look again; the first of equally good ones."""
    for _ in range(step.get("max_cycles", 10)):
        cycles = list(all_cycles(state, step.get("max_length", 4)))
        if not cycles:
            return
        worth = [_worth(cycle, step.get("prefer", "order")) for cycle in cycles]
        settle_set(state, cycles[worth.index(max(worth))], "cycle")


def _worth(cycle: list[Transaction], prefer: str) -> int:
    match prefer:
        case "value":
            return value_of(cycle)
        case "count":
            return len(cycle)
        case "liquidity":
            # What nobody has to pay out of its own: the value less what net payers pay.
            return value_of(cycle) + sum(min(0, net) for net in net_positions(cycle).values())
        case _:
            return 0


def _settle_multiple(state: State) -> None:
    """Pairs, the smallest difference first; then what is left of everything together."""
    for first, second in pairs_by_difference(state):
        chosen = bilateral_set(state, first, second)
        if chosen:
            settle_set(state, chosen, "multiple")
    rest = partial(state)
    if rest:
        settle_set(state, rest, "multiple")


def enter_offsetting(state: State, transaction: Transaction) -> bool:
    """Settle a transaction at its entry with what its payee has for its payer; whether that worked."""
    if not any(step["algorithm"] == "entry_disposition" for step in state.rules.steps):
        return False
    payer, payee = state.agents[transaction.sender], state.agents[transaction.receiver]
    if not may_settle_at_entry(state.rules, payer.queue2, transaction):
        return False
    back = may_go_to(state.rules, payee.queue2, payer.agent_id)
    for count in range(1, len(back) + 1):
        chosen = [transaction, *back[:count]]
        if is_covered(state, chosen):
            settle_set(state, chosen, "entry_disposition")
            return True
    return False
