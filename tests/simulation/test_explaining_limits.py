"""Why a transaction waits when its sender's own limits are the reason: against what the engine then does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from payment_simulator import Simulation
from payment_simulator.simulation.explanation import Reason

if TYPE_CHECKING:
    from payment_simulator.simulation.explanation import Explanation

FIFO = {"type": "Fifo"}


def banks(
    limits: dict[str, Any], balance: int = 1_000, discipline: str = "bypass", events: tuple[Any, ...] = ()
) -> Simulation:
    """A has limits, and the others have money to pay A with."""
    return Simulation(
        {
            "simulation": {"ticks_per_day": 10, "num_days": 2, "rng_seed": 1},
            "agents": [
                {"id": "A", "opening_balance": balance, "policy": FIFO, "sender_limits": limits},
                *({"id": name, "opening_balance": 1_000_000, "policy": FIFO} for name in "BCD"),
            ],
            "settlement": {"queue_discipline": discipline},
            "lsm_config": {"enabled": False},
            "scenario_events": list(events),
        }
    )


def settles_when_paid(simulation: Simulation, payer: str, amount: int, payment: str) -> bool:
    clone = simulation.clone()
    if amount:
        clone.submit(payer, "A", amount)
    clone.tick()
    return clone.transaction(payment).status == "settled"


def told(simulation: Simulation, payment: str, payer: str) -> Explanation:
    """Exactly what is missing lets it settle once the payer has paid it, and one cent less does not."""
    found = simulation.why(payment)
    assert found.missing, found
    assert settles_when_paid(simulation, payer, found.missing, payment)
    assert not settles_when_paid(simulation, payer, found.missing - 1, payment)
    return found


def test_a_bilateral_limit_is_named_with_what_is_missing() -> None:
    simulation = banks({"bilateral": {"B": 50}})
    simulation.submit("A", "B", 40)
    payment = simulation.submit("A", "B", 30)
    simulation.tick()
    found = told(simulation, payment, "B")
    assert (found.reason, found.rule, found.missing) == (Reason.SENDER_LIMIT, "sender_limits", 20)
    assert found.sentences == (
        "A:s2 waits in the central queue (Queue 2) since tick 0: A pays B 0.30.",
        "The sender limit of A towards B is 0.50; on this day it has sent 0.40 net.",
        "It would be 0.20 beyond it: so much must come back first, or a new day begin.",
        "No payment to A is in any queue.",
    )
    assert not settles_when_paid(simulation, "C", 500, payment), "money from elsewhere does not help"


def test_the_multilateral_limit_covers_all_without_one_of_their_own() -> None:
    simulation = banks({"bilateral": {"B": 500}, "multilateral": 60})
    simulation.submit("A", "C", 50)
    simulation.submit("A", "B", 400)
    payment = simulation.submit("A", "D", 25)
    simulation.tick()
    found = told(simulation, payment, "C")
    assert found.missing == 15
    assert found.sentences[1] == (
        "The sender limit of A towards all without a limit of their own is 0.60; "
        "on this day it has sent 0.50 net."
    )


def test_with_a_new_day_it_may_go() -> None:
    simulation = banks({"multilateral": 50})
    payments = [simulation.submit("A", "B", amount) for amount in (40, 30)]
    simulation.run(10)
    assert simulation.why(payments[1]).reason is Reason.NOT_TRIED
    assert "It would settle. The queue is tried in the next tick." in simulation.why(payments[1]).sentences
    simulation.tick()
    assert simulation.transaction(payments[1]).settle_tick == 10


def test_what_is_before_it_takes_room_too() -> None:
    simulation = banks({"bilateral": {"B": 30}}, balance=0)
    simulation.submit("A", "B", 20)
    payment = simulation.submit("A", "B", 15)
    simulation.tick()
    found = simulation.why(payment)
    assert (found.reason, found.missing) == (Reason.LIQUIDITY, 15), (
        "without money the first one takes no room"
    )
    simulation.submit("C", "A", 34)
    simulation.tick()
    assert told(simulation, payment, "B").missing == 5


def test_under_fifo_a_limited_one_holds_up_those_to_others() -> None:
    simulation = banks({"bilateral": {"B": 10}}, discipline="fifo")
    first = simulation.submit("A", "B", 40)
    behind = simulation.submit("A", "C", 5)
    simulation.tick()
    found = simulation.why(behind)
    assert (found.reason, found.blocked_by, found.missing) == (Reason.BEHIND, first, None)
    assert told(simulation, first, "B").missing == 30


def test_a_limit_below_the_amount_is_lifted_by_no_new_day() -> None:
    simulation = banks({"bilateral": {"B": 7}})
    payment = simulation.submit("A", "B", 8)
    simulation.tick()
    assert told(simulation, payment, "B").sentences[1:3] == (
        "The sender limit of A towards B is 0.07; on this day it has sent 0.00 net.",
        (
            "It would be 0.01 beyond it, and no new day helps: the limit is less than its amount. "
            "So much must come from B first."
        ),
    )
    simulation.run()
    assert simulation.transaction(payment).status == "queued"


def test_a_new_day_is_promised_only_where_it_is_enough() -> None:
    """40 have gone, and each day 50 may: the first 30 go on the next one, the second on none of the run."""
    simulation = banks({"bilateral": {"B": 50}})
    payments = [
        simulation.submit("A", "B", 40),
        simulation.submit("A", "B", 30),
        simulation.submit("A", "B", 30),
    ]
    simulation.tick()
    beyond = "It would be 0.20 beyond it: so much must come back first"
    assert f"{beyond}, or a new day begin." in simulation.why(payments[1]).sentences
    assert f"{beyond}." in simulation.why(payments[2]).sentences
    simulation.run(10)
    assert [simulation.transaction(each).settle_tick for each in payments] == [0, 10, None]
    beyond = "It would be 0.10 beyond it: so much must come back first."
    assert beyond in simulation.why(payments[2]).sentences


def test_all_that_is_missing_is_named_and_what_suffices_for_both() -> None:
    """A has 3 and its limit is 7: the 8 are 1 beyond it, but 5 must come."""
    simulation = banks({"multilateral": 7}, balance=3)
    payment = simulation.submit("A", "C", 8)
    simulation.tick()
    found = told(simulation, payment, "D")
    assert (found.reason, found.missing) == (Reason.SENDER_LIMIT, 5)
    assert found.sentences[2:6] == (
        (
            "It would be 0.01 beyond it, and no new day helps: the limit is less than its amount. "
            "So much must come from those whom it covers first."
        ),
        "A has 0.03: balance 0.03 and credit limit 0.00.",
        "Besides, 0.05 of liquidity is missing.",
        "In all, 0.05 from those whom it covers would be enough.",
    )


LIMITS = st.fixed_dictionaries(
    {},
    optional={
        "bilateral": st.dictionaries(st.sampled_from("BCD"), st.integers(0, 12), max_size=2),
        "multilateral": st.integers(0, 15),
    },
)
PAYMENTS = st.lists(
    st.tuples(st.sampled_from("BCD"), st.integers(1, 9), st.integers(0, 10)), min_size=1, max_size=6
)
DISCIPLINES = st.sampled_from(["bypass", "fifo", "priority"])


@settings(max_examples=80, deadline=None)
@given(limits=LIMITS, balance=st.integers(0, 20), discipline=DISCIPLINES, payments=PAYMENTS)
def test_what_is_said_of_each_is_so(
    limits: dict[str, Any], balance: int, discipline: str, payments: list[tuple[str, int, int]]
) -> None:
    """What lacks money only settles with it, to the cent; no money of others lifts a limit."""
    simulation = banks(limits, balance, discipline)
    ids = [simulation.submit("A", to, amount, priority=rank) for to, amount, rank in payments]
    simulation.tick()
    check_what_is_said(simulation, ids, limits)


@settings(max_examples=80, deadline=None)
@given(
    limits=LIMITS.filter(lambda limits: limits.get("bilateral") or "multilateral" in limits),
    balance=st.integers(0, 30),
    discipline=DISCIPLINES,
    payments=st.tuples(PAYMENTS, PAYMENTS),
    others=st.lists(st.integers(0, 15), min_size=4, max_size=4),
)
def test_what_is_said_after_limits_have_changed_is_so(
    limits: dict[str, Any],
    balance: int,
    discipline: str,
    payments: tuple[list[tuple[str, int, int]], list[tuple[str, int, int]]],
    others: list[int],
) -> None:
    """The same with other limits from tick 1 on, some of them below what was sent by then."""
    covered = [*(limits.get("bilateral") or {}), *([None] if "multilateral" in limits else [])]
    events = tuple(
        {"type": "sender_limit", "at": {"tick": 1}, "agent": "A", "counterparty": other, "limit": limit}
        for other, limit in zip(covered, others, strict=False)
    )
    simulation = banks(limits, balance, discipline, events)
    ids = []
    for some in payments:
        ids += [simulation.submit("A", to, amount, priority=rank) for to, amount, rank in some]
        simulation.tick()
    check_what_is_said(simulation, ids, limits)


def check_what_is_said(simulation: Simulation, ids: list[str], limits: dict[str, Any]) -> None:
    for each in ids:
        if simulation.transaction(each).status == "settled":
            continue
        found = simulation.why(each)
        if found.missing is None or found.reason is Reason.NOT_TRIED:
            continue
        payer = simulation.transaction(each).receiver
        if found.reason is Reason.SENDER_LIMIT:
            assert settles_when_paid(simulation, payer, found.missing, each), found
            assert not settles_when_paid(simulation, payer, found.missing - 1, each), found
            line = limits.get("bilateral") or {}
            others = [name for name in "BCD" if name != payer and (payer in line or name in line)]
            assert not any(settles_when_paid(simulation, other, 1_000, each) for other in others)
        elif not limits.get("bilateral") and "multilateral" not in limits:
            assert settles_when_paid(simulation, "D", found.missing, each)
            assert not settles_when_paid(simulation, "D", found.missing - 1, each)


def test_a_limit_that_was_lowered_is_named_as_it_is_now() -> None:
    event = {"type": "sender_limit", "at": {"tick": 1}, "agent": "A", "counterparty": "B", "limit": 30}
    simulation = banks({"bilateral": {"B": 50}}, events=(event,))
    simulation.submit("A", "B", 40)
    simulation.tick()
    payment = simulation.submit("A", "B", 5)
    simulation.tick()
    found = told(simulation, payment, "B")
    assert (found.reason, found.rule, found.missing) == (Reason.SENDER_LIMIT, "sender_limits", 15)
    assert found.sentences[1:3] == (
        "The sender limit of A towards B is 0.30; on this day it has sent 0.40 net.",
        "It would be 0.15 beyond it: so much must come back first, or a new day begin.",
    )
