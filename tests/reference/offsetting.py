"""The liquidity-saving mechanisms: bilateral sets, then cycles, as often as something settles."""

from collections.abc import Iterator
from itertools import combinations, permutations

from tests.reference.limits import may_pay, within_limits
from tests.reference.queues import may_go_to
from tests.reference.reservations import must_remain
from tests.reference.settlement import net_positions, settle_set, within_bands
from tests.reference.state import Agent, State, Transaction


def offset(state: State) -> None:
    """Step 5 of a tick."""
    rules = state.rules
    cycles_left = rules.max_cycles_per_tick
    for _ in range(rules.max_iterations):
        pairs = _settle_pairs(state) if rules.bilateral_enabled else 0
        cycles = _settle_cycles(state, cycles_left) if rules.cycles_enabled else 0
        cycles_left -= cycles
        if pairs + cycles == 0:
            return


def _settle_pairs(state: State) -> int:
    """Try each pair once, in config order; how many sets settled."""
    settled = 0
    for first, second in combinations(state.agents.values(), 2):
        pair_set = bilateral_set(state, first, second)
        if pair_set:
            settle_set(state, pair_set, "bilateral")
            settled += 1
    return settled


def bilateral_set(state: State, first: Agent, second: Agent) -> list[Transaction]:
    """What can settle between two agents, the first one's payments first; empty if nothing can."""
    there = may_go_to(state.rules, first.queue2, second.agent_id)
    back = may_go_to(state.rules, second.queue2, first.agent_id)
    in_order = state.rules.queue_discipline in {"fifo", "priority"}
    return covered_pair(state, (first, second), there, back, only_last=in_order)


def covered_pair(
    state: State,
    pair: tuple[Agent, Agent],
    there: list[Transaction],
    back: list[Transaction],
    *,
    only_last: bool,
) -> list[Transaction]:
    """What is left of both sides once each net payer can pay; empty if a side has nothing left."""
    first, second = pair
    while there and back:
        net = value_of(there) - value_of(back)
        if net > (most := may_pay(state, first, second.agent_id, there)):
            _drop_one(there, net - most, only_last=only_last)
        elif -net > (most := may_pay(state, second, first.agent_id, back)):
            _drop_one(back, -net - most, only_last=only_last)
        else:
            return there + back
    return []


def _drop_one(side: list[Transaction], shortfall: int, *, only_last: bool) -> None:
    """Take out the latest that cures the shortfall alone, else the largest (the latest of equals)."""
    if only_last:
        side.pop()
        return
    curing = [transaction for transaction in side if transaction.amount >= shortfall]
    largest = max(transaction.amount for transaction in side)
    candidates = curing or [transaction for transaction in side if transaction.amount == largest]
    side.remove(candidates[-1])


def _settle_cycles(state: State, most: int) -> int:
    """Settle the first cycle there is and look again from the start; how many settled."""
    settled = 0
    while settled < most:
        cycle = first_cycle(state)
        if not cycle:
            break
        settle_set(state, cycle, "cycle")
        settled += 1
    return settled


def first_cycle(state: State) -> list[Transaction]:
    """The first cycle that can settle: shorter first, then by config order; empty if there is none."""
    return next(all_cycles(state, state.rules.max_cycle_length), [])


def all_cycles(state: State, max_length: int) -> Iterator[list[Transaction]]:
    """Each cycle that can settle, once: shorter first, then by config order."""
    agents = list(state.agents.values())
    for length in range(3, max_length + 1):
        for places in permutations(range(len(agents)), length):
            if places[0] != min(places):
                continue  # the same cycle from another starting point
            cycle = _edges(state, [agents[place] for place in places])
            if cycle and is_covered(state, cycle):
                yield cycle


def _edges(state: State, members: list[Agent]) -> list[Transaction]:
    """The earliest that may go from each member to the next; empty if one is missing."""
    edges = []
    for sender, receiver in zip(members, members[1:] + members[:1], strict=True):
        candidates = may_go_to(state.rules, sender.queue2, receiver.agent_id)
        if not candidates:
            return []
        edges.append(candidates[0])
    return edges


def is_covered(state: State, chosen: list[Transaction]) -> bool:
    """Whether these can settle at one instant: nobody pays more than it can, or beyond a limit of its own."""
    nets = net_positions(chosen)
    payers = [(state.agents[agent_id], net) for agent_id, net in nets.items() if net < 0]
    paid = all(payer.liquidity + net >= must_remain(state, payer, chosen) for payer, net in payers)
    return paid and within_limits(state, chosen) and within_bands(state, chosen)


def value_of(transactions: list[Transaction]) -> int:
    """The sum of the amounts."""
    return sum(transaction.amount for transaction in transactions)
