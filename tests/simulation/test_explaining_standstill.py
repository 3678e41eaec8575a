"""Why a transaction waits when events are the reason: each answer against what the engine then does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from payment_simulator.simulation.explanation import Explanation, Reason
from tests.simulation.test_explaining import FIFO, banks

if TYPE_CHECKING:
    from payment_simulator import Simulation

HOLDING = {"type": "Deadline", "urgency_threshold": 0}
LENGTH = 20


def event(tick: int, kind: str, **keys: object) -> dict[str, Any]:
    return {"type": kind, "at": {"tick": tick}, **keys}


def with_events(*events: dict[str, Any], balance: int = 100, **sections: object) -> Simulation:
    return banks(balance, FIFO, 0, **{"scenario_events": list(events), **sections})


def told(simulation: Simulation, payment: str) -> Explanation:
    """What is said; if a tick is named, exactly that tick is the one in which it settles."""
    found = simulation.why(payment)
    if found.due_tick is not None:
        clone = simulation.clone()
        clone.run(found.due_tick - clone.current_tick)
        assert clone.transaction(payment).settle_tick is None
        clone.tick()
        assert clone.transaction(payment).settle_tick == found.due_tick
    return found


def test_an_outage_holds_what_is_in_queue_1() -> None:
    simulation = with_events(event(1, "outage", agent="A", duration_ticks=4))
    simulation.run(2)
    payment = simulation.submit("A", "B", 30)
    found = told(simulation, payment)
    assert (found.reason, found.rule, found.missing, found.due_tick) == (Reason.OUTAGE, "outage", None, 5)
    assert found.sentences == (
        "A:s1 is in A's own queue (Queue 1): A pays B 0.30.",
        "A is out: it can send nothing, and its policy is not asked.",
        "In tick 5 A can send again.",
        "No payment to A is in any queue.",
    )
    simulation.run(3)
    assert told(simulation, payment).reason is Reason.RELEASED_NEXT


def test_an_outage_without_end_has_no_tick() -> None:
    simulation = with_events(event(0, "outage", agent="A"))
    simulation.tick()
    found = told(simulation, simulation.submit("A", "B", 30))
    assert (found.reason, found.due_tick) == (Reason.OUTAGE, None)
    assert found.sentences[2] == "No tick of the run is known in which A can send again."


def test_what_waits_in_queue_2_does_not_mind_its_senders_outage() -> None:
    simulation = with_events(event(1, "outage", agent="A"), balance=0)
    payment = simulation.submit("A", "B", 30)
    simulation.run(2)
    found = told(simulation, payment)
    assert (found.reason, found.missing) == (Reason.LIQUIDITY, 30)
    simulation.submit("FUND", "A", 30)
    simulation.tick()
    assert simulation.transaction(payment).status == "settled"


def test_a_standing_system_holds_both_queues() -> None:
    stops = event(1, "system_outage", duration_ticks=3)
    simulation = with_events(stops, event(2, "injection", agent="A", amount=30), balance=0)
    waits = simulation.submit("A", "B", 30)
    simulation.run(2)
    held = simulation.submit("FUND", "B", 1)
    for payment in (waits, held):
        found = told(simulation, payment)
        assert (found.reason, found.rule, found.due_tick) == (Reason.SYSTEM_OUTAGE, "system_outage", 4)
        assert found.sentences[1] == "The system stands still: nothing is released, and nothing settles."
        assert found.sentences[2] == "In tick 4 the system settles again."
    simulation.run(2)
    found = simulation.why(waits)
    assert (found.reason, found.missing) == (Reason.NOT_TRIED, 0)
    assert "It would settle. The queue is tried in the next tick." in found.sentences
    simulation.tick()
    assert simulation.transaction(waits).settle_tick == 4


def test_a_closed_system_opens_at_its_hour_of_the_next_day() -> None:
    simulation = with_events(event(0, "opening_hours", opens_tick=2, closes_tick=5))
    first = simulation.submit("A", "B", 30)
    simulation.tick()
    found = told(simulation, first)
    assert (found.reason, found.rule, found.due_tick) == (Reason.CLOSED, "opening_hours", 2)
    assert found.sentences[1] == "The system is closed: nothing is released, and nothing settles."
    simulation.run(4)
    assert told(simulation, simulation.submit("A", "B", 30)).due_tick == 12


def test_a_default_is_why_it_was_cancelled() -> None:
    simulation = with_events(event(3, "default", agent="B"), balance=0)
    waits = simulation.submit("A", "B", 30)
    batch: dict[str, list[Any]] = {"sender": ["B"], "receiver": ["A"], "amount": [5], "submit_tick": [7]}
    later = simulation.submit_batch(batch)[0]
    simulation.run(4)
    found = simulation.why(waits)
    assert (found.status, found.reason, found.rule) == ("dropped", Reason.DROPPED, "default")
    assert found.sentences == (
        "A:s1 was cancelled in tick 3: A pays B 0.30.",
        "B defaulted in tick 3, and its account is closed.",
    )
    found = simulation.why(later)
    assert found.reason is Reason.SCHEDULED
    assert found.sentences[-1] == "It will be cancelled then: the account of B is closed."
    simulation.run(4)
    assert simulation.why(later).sentences[0] == "B:s1 was cancelled as it arrived: B pays A 0.05."


def test_the_end_of_the_day_came_before_the_default() -> None:
    simulation = with_events(event(13, "default", agent="B"), balance=0, end_of_day={"unsettled": "cancel"})
    of_day_0 = simulation.submit("A", "B", 30)
    simulation.run(12)
    of_day_1 = simulation.submit("A", "B", 40)
    simulation.run(5)
    assert [simulation.why(each).rule for each in (of_day_0, of_day_1)] == ["cancel", "default"]


def test_the_policy_and_the_limit_are_those_of_now() -> None:
    simulation = with_events(
        event(1, "policy", agent="A", policy=HOLDING),
        event(4, "policy", agent="A", policy=FIFO),
        event(4, "credit_limit", agent="A", credit_limit=50),
    )
    simulation.run(2)
    payment = simulation.submit("A", "B", 160, deadline_tick=8)
    simulation.tick()
    found = simulation.why(payment)
    assert (found.reason, found.rule, found.due_tick) == (Reason.NOT_URGENT, "Deadline", 8)
    simulation.run(2)
    found = simulation.why(payment)
    assert (found.reason, found.missing) == (Reason.LIQUIDITY, 10)


_AGENTS = st.sampled_from("AB")
_TICKS = st.integers(0, LENGTH - 1)
_DURATION = st.integers(1, 6)
_EVENTS = st.one_of(
    st.builds(
        lambda tick, agent, last: event(tick, "outage", agent=agent, duration_ticks=last),
        _TICKS,
        _AGENTS,
        _DURATION,
    ),
    st.builds(lambda tick, agent: event(tick, "recovery", agent=agent), _TICKS, _AGENTS),
    st.builds(lambda tick, last: event(tick, "system_outage", duration_ticks=last), _TICKS, _DURATION),
    st.builds(lambda tick: event(tick, "system_recovery"), _TICKS),
    st.builds(
        lambda tick, opens, last: event(
            tick, "opening_hours", opens_tick=opens, closes_tick=min(10, opens + last)
        ),
        _TICKS,
        st.integers(0, 9),
        _DURATION,
    ),
    st.builds(
        lambda tick, agent, amount: event(tick, "injection", agent=agent, amount=amount),
        _TICKS,
        _AGENTS,
        _DURATION,
    ),
    st.builds(lambda tick, agent: event(tick, "default", agent=agent), _TICKS, _AGENTS),
)


@settings(max_examples=60, deadline=None)
@given(
    events=st.lists(_EVENTS, max_size=5),
    payments=st.lists(st.tuples(_TICKS, _AGENTS, st.integers(1, 8)), min_size=1, max_size=6),
)
def test_what_is_held_by_an_event_does_not_move_in_the_next_tick(
    events: list[dict[str, Any]], payments: list[tuple[int, str, int]]
) -> None:
    """And what is released next is, unless an event of that tick is in its way."""
    simulation = with_events(*events, balance=5)
    ids: list[str] = []
    still = {Reason.OUTAGE, Reason.SYSTEM_OUTAGE, Reason.CLOSED}
    turns = {given["at"]["tick"] for given in events if given["type"] != "injection"}
    while not simulation.finished:
        tick = simulation.current_tick
        ids += [simulation.submit(payer, "C", amount) for when, payer, amount in payments if when == tick]
        before = {each: simulation.why(each) for each in ids}
        simulation.tick()
        if tick in turns:
            continue
        for each, found in before.items():
            after = simulation.transaction(each)
            if found.reason in still:
                assert after.settle_tick is None
                assert after.status == found.status
                assert found.due_tick != tick
            elif found.reason is Reason.RELEASED_NEXT:
                assert after.release_tick == tick
