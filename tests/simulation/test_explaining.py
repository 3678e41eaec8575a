"""Why a transaction has not settled: each answer against what the engine then does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payment_simulator import Simulation
from payment_simulator.errors import UnknownTransactionError
from payment_simulator.simulation.explanation import Explanation, Reason

FIFO = {"type": "Fifo"}
NO_OFFSETTING = {"enabled": False}


def banks(
    balance: int, policy: dict[str, Any] = FIFO, credit_limit: int = 0, **sections: object
) -> Simulation:
    """A pays B, who never pays; FUND can pay A whatever is asked."""
    return Simulation(
        {
            "simulation": {"ticks_per_day": 10, "num_days": 2, "rng_seed": 1},
            "agents": [
                {"id": "A", "opening_balance": balance, "credit_limit": credit_limit, "policy": policy},
                {"id": "B", "opening_balance": 0, "policy": FIFO},
                {"id": "C", "opening_balance": 0, "policy": FIFO},
                {"id": "FUND", "opening_balance": 1_000_000, "policy": FIFO},
            ],
            "lsm_config": NO_OFFSETTING,
            **sections,
        }
    )


def settles_with(simulation: Simulation, more: int, transaction_id: str) -> bool:
    """Whether a transaction in Queue 2 settles in the next tick when its sender is paid so much."""
    clone = simulation.clone()
    if more:
        clone.submit("FUND", "A", more)
    clone.tick()
    return clone.transaction(transaction_id).status == "settled"


def assert_exact(simulation: Simulation, transaction_id: str) -> Explanation:
    """Exactly what is missing makes a transaction of Queue 2 settle, and one cent less does not."""
    found = simulation.why(transaction_id)
    assert found.missing, found
    assert settles_with(simulation, found.missing, transaction_id)
    assert not settles_with(simulation, found.missing - 1, transaction_id)
    return found


# --- Queue 2 ---


def test_what_was_moved_before_it_is_before_it() -> None:
    simulation = banks(0, settlement={"queue_discipline": "priority"})
    first, second = (simulation.submit("A", "B", amount) for amount in (8, 9))
    simulation.tick()
    simulation.move_in_queue(first, "end")
    said = simulation.why(first).sentences
    assert said[1] == f"It is behind {second} (0.09 to B) in its band (priority 5, band 4 to 7)."


def test_credit_that_collateral_secures_counts() -> None:
    """50, 20 unsecured, and 25 of 30 that are worth a sixth less: 95. After a shock of all of it, 70."""
    simulation = Simulation(
        {
            "simulation": {"ticks_per_day": 10, "num_days": 2, "rng_seed": 1},
            "collateral": {"haircuts": {"BONDS": "0.166666666666666666"}},
            "agents": [
                {
                    "id": "A",
                    "opening_balance": 50,
                    "credit_limit": 20,
                    "collateral": {"BONDS": 30},
                    "policy": FIFO,
                },
                {"id": "B", "opening_balance": 0, "policy": FIFO},
                {"id": "FUND", "opening_balance": 1_000, "policy": FIFO},
            ],
            "lsm_config": NO_OFFSETTING,
            "scenario_events": [
                {"type": "collateral_shock", "at": {"tick": 1}, "asset": "BONDS", "share": 1}
            ],
        }
    )
    payment = simulation.submit("A", "B", 100)
    for missing in (5, 30):
        simulation.tick()
        assert simulation.why(payment).missing == missing
    assert_exact(simulation, payment)


@pytest.mark.parametrize(
    "policy", [FIFO, {"type": "LiquidityAware", "target_buffer": 0, "urgency_threshold": 0}]
)
@pytest.mark.parametrize("pool", [None, {"amount": 100, "allocation": 30}, {"amount": 100, "share": 1}])
def test_what_comes_or_is_repaid_as_a_day_begins_counts(
    policy: dict[str, Any], pool: dict[str, Any] | None
) -> None:
    """What A needs at the end of the first day is what it needs in the first tick of the second."""
    simulation = Simulation(
        {
            "simulation": {"ticks_per_day": 2, "num_days": 2, "rng_seed": 1},
            "overnight_facility": {"lending_bps": 0},
            "agents": [
                {
                    "id": "A",
                    "opening_balance": 0,
                    "credit_limit": 70,
                    "policy": policy,
                    "liquidity_pool": pool,
                },
                {"id": "B", "opening_balance": 0, "policy": FIFO},
                {"id": "FUND", "opening_balance": 1_000, "policy": FIFO},
            ],
            "lsm_config": NO_OFFSETTING,
        }
    )
    simulation.submit("A", "B", 60 + (pool or {}).get("allocation", 0))
    simulation.tick()
    payment = simulation.submit("A", "B", 150)
    simulation.tick()
    found = simulation.why(payment)
    assert found.missing
    clone = simulation.clone()
    clone.submit("FUND", "A", found.missing)
    for one, is_settled in ((clone, policy == FIFO), (simulation.clone(), False)):
        one.tick()
        assert (one.transaction(payment).status == "settled") == is_settled
    assert ("As the day begins A" in str(found)) == (policy == FIFO or pool is not None)


def test_what_is_missing_is_amount_less_balance_less_credit() -> None:
    simulation = banks(50, credit_limit=20)
    payment = simulation.submit("A", "B", 100)
    simulation.tick()
    found = assert_exact(simulation, payment)
    assert (found.reason, found.rule, found.missing) == (Reason.LIQUIDITY, "bypass", 30)
    assert found.sentences == (
        "A:s1 waits in the central queue (Queue 2) since tick 0: A pays B 1.00.",
        "A has 0.70: balance 0.50 and credit limit 0.20.",
        "0.30 is missing.",
        "No payment to A is in any queue.",
    )


def test_under_bypass_what_fits_before_it_takes_the_money_first() -> None:
    simulation = banks(0)
    simulation.submit("A", "B", 20)
    payment = simulation.submit("A", "B", 30)
    simulation.tick()
    found = assert_exact(simulation, payment)
    assert (found.reason, found.missing, found.blocked_by) == (Reason.LIQUIDITY, 50, None)
    assert "0.30 is missing. With what would go before it, it takes 0.50 more." in found.sentences


def test_under_bypass_what_does_not_fit_before_it_is_passed_by() -> None:
    simulation = banks(0)
    simulation.submit("A", "B", 100)
    payment = simulation.submit("A", "B", 30)
    simulation.tick()
    assert assert_exact(simulation, payment).missing == 30


def test_under_fifo_it_is_behind_the_first() -> None:
    simulation = banks(5, settlement={"queue_discipline": "fifo"})
    first, second, third = (simulation.submit("A", "B", amount) for amount in (20, 1, 2))
    simulation.tick()
    found = assert_exact(simulation, third)
    assert (found.reason, found.rule, found.blocked_by) == (Reason.BEHIND, "fifo", first)
    assert found.missing == 18
    assert "It is behind A:s1 (0.20 to B): under fifo nothing overtakes." in found.sentences
    assert assert_exact(simulation, second).missing == 16
    assert assert_exact(simulation, first).blocked_by is None


@pytest.mark.parametrize(
    ("priority", "missing", "blocked_by", "rule"),
    [
        (9, 15, None, None),
        (
            8,
            20,
            "high",
            "It is behind A:s1 (0.15 to B) in its band (priority 9, band 8 to 10).",
        ),
        (
            5,
            20,
            "high",
            "It is behind A:s1 (0.15 to B), which is of a higher band (priority 9, band 8 to 10).",
        ),
        (
            0,
            20,
            "high",
            "It is behind A:s1 (0.15 to B), which is of a higher band (priority 9, band 8 to 10).",
        ),
    ],
)
def test_under_priority_it_is_behind_its_band_and_higher_ones(
    priority: int, missing: int, blocked_by: str | None, rule: str | None
) -> None:
    simulation = banks(0, settlement={"queue_discipline": "priority"})
    high = simulation.submit("A", "B", 15, priority=9)
    payment = high if blocked_by is None else simulation.submit("A", "B", 5, priority=priority)
    simulation.tick()
    found = assert_exact(simulation, payment)
    assert found.missing == missing
    assert found.blocked_by == (high if blocked_by else None)
    if rule is not None:
        assert rule in found.sentences


def test_in_the_lowest_band_what_fits_is_not_held_up() -> None:
    simulation = banks(0, settlement={"queue_discipline": "priority"})
    simulation.submit("A", "B", 50, priority=1)
    payment = simulation.submit("A", "B", 5, priority=2)
    simulation.tick()
    found = assert_exact(simulation, payment)
    assert (found.reason, found.missing, found.blocked_by) == (Reason.LIQUIDITY, 5, None)


def test_with_deferred_credits_it_waits_for_the_next_tick() -> None:
    simulation = banks(0, settlement={"crediting": "deferred"})
    payment = simulation.submit("A", "B", 30)
    simulation.submit("FUND", "A", 30)
    simulation.tick()
    found = simulation.why(payment)
    assert (found.reason, found.missing) == (Reason.NOT_TRIED, 0)
    assert found.sentences[2] == "It would settle. The queue is tried in the next tick."
    simulation.tick()
    assert simulation.transaction(payment).settle_tick == 1


def test_what_an_offset_set_has_freed_is_tried_with_the_next_credit() -> None:
    """Under fifo a pair takes the head, and no balance rises: what is behind would fit."""
    simulation = banks(10, settlement={"queue_discipline": "fifo"}, lsm_config={"enabled": True})
    simulation.submit("A", "B", 50)
    behind = simulation.submit("A", "C", 5)
    simulation.submit("B", "A", 50)
    simulation.tick()
    assert simulation.transaction("A:s1").settlement_method == "bilateral"
    found = simulation.why(behind)
    assert (found.reason, found.missing, found.blocked_by) == (Reason.NOT_TRIED, 0, None)
    assert not settles_with(simulation, 0, behind)
    assert settles_with(simulation, 1, behind)


def test_who_would_have_to_pay() -> None:
    simulation = banks(0, lsm_config={"enabled": True})
    payment = simulation.submit("A", "B", 100)
    for sender, amount in (("B", 20), ("C", 30), ("C", 7)):
        simulation.submit(sender, "A", amount)
    simulation.submit("C", "B", 1_000)
    simulation.tick()
    found = simulation.why(payment)
    assert found.payers == (("C", 37), ("B", 20))
    assert found.holders == ()
    assert "Payments to A that wait in the central queue: C 0.37, B 0.20." in found.sentences
    assert "Offsetting settled no set with it in the last tick." in found.sentences


def test_payers_who_hold_back_are_told_apart() -> None:
    simulation = banks(100, {"type": "Deadline", "urgency_threshold": 1})
    simulation.submit("A", "B", 60)
    payment = simulation.submit("B", "C", 60)
    simulation.submit_batch({"sender": ["A"], "receiver": ["B"], "amount": [5], "submit_tick": [9]})
    simulation.tick()
    found = simulation.why(payment)
    assert (found.payers, found.holders) == ((), (("A", 60),))
    assert "Payments to B in their senders' own queues: A 0.60." in found.sentences


@settings(max_examples=60, deadline=None)
@given(
    discipline=st.sampled_from(["bypass", "fifo", "priority"]),
    crediting=st.just("immediate"),
    balance=st.integers(0, 20),
    credit_limit=st.integers(0, 10),
    payments=st.lists(st.tuples(st.integers(1, 30), st.integers(0, 10)), min_size=1, max_size=7),
)
def test_whatever_waits_needs_what_is_said(
    discipline: str, crediting: str, balance: int, credit_limit: int, payments: list[tuple[int, int]]
) -> None:
    settlement = {"queue_discipline": discipline, "crediting": crediting}
    simulation = banks(balance, credit_limit=credit_limit, settlement=settlement)
    ids = [simulation.submit("A", "B", amount, priority=priority) for amount, priority in payments]
    simulation.tick()
    for each in ids:
        if simulation.transaction(each).status == "queued":
            assert_exact(simulation, each)


# --- Queue 1 ---


def released_with(policy: dict[str, Any], balance: int, payments: list[tuple[int, int | None, bool]]) -> str:
    """The status of the last payment's release in the first tick, with such a balance."""
    simulation = banks(balance, policy)
    ids = [
        simulation.submit("A", "B", amount, deadline, divisible=divisible)
        for amount, deadline, divisible in payments
    ]
    simulation.tick()
    return "held" if simulation.transaction(ids[-1]).release_tick is None else "released"


POLICIES: list[dict[str, Any]] = [
    {"type": "LiquidityAware", "target_buffer": 40, "urgency_threshold": 2},
    {"type": "LiquiditySplitting", "max_splits": 4, "min_split_amount": 5, "urgency_threshold": 1},
    {"type": "LiquiditySplitting", "max_splits": 10, "min_split_amount": 0},
    {"type": "Deadline", "urgency_threshold": 2},
    {"type": "MockSplitting", "num_splits": 3},
    FIFO,
]


@settings(max_examples=150, deadline=None)
@given(
    policy=st.sampled_from(POLICIES),
    balance=st.integers(0, 60),
    payments=st.lists(
        st.tuples(st.integers(1, 60), st.sampled_from([None, 1, 2, 9]), st.booleans()), min_size=1, max_size=6
    ),
)
def test_whatever_is_held_needs_what_is_said(
    policy: dict[str, Any], balance: int, payments: list[tuple[int, int | None, bool]]
) -> None:
    simulation = banks(balance, policy)
    ids = [
        simulation.submit("A", "B", amount, deadline, divisible=divisible)
        for amount, deadline, divisible in payments
    ]
    found = simulation.why(ids[-1])
    now = released_with(policy, balance, payments)
    assert (found.reason is Reason.RELEASED_NEXT) == (now == "released")
    if found.reason is Reason.RELEASED_NEXT:
        return
    if found.missing is None:
        assert released_with(policy, 100_000, payments) == "held"
        return
    assert released_with(policy, balance + found.missing, payments) == "released"
    assert released_with(policy, balance + found.missing - 1, payments) == "held"


def test_a_deadline_policy_waits_until_it_is_urgent() -> None:
    simulation = banks(100, {"type": "Deadline", "urgency_threshold": 3})
    payment = simulation.submit("A", "B", 10, deadline_tick=8)
    found = simulation.why(payment)
    assert (found.reason, found.rule, found.missing, found.due_tick) == (
        Reason.NOT_URGENT,
        "Deadline",
        None,
        5,
    )
    assert found.sentences[0] == "A:s1 is in A's own queue (Queue 1): A pays B 0.10."
    assert found.sentences[1:3] == (
        "The policy Deadline releases what is urgent.",
        "It is not urgent before tick 5: deadline 8 - tick 0 = 8, more than urgency_threshold 3.",
    )
    simulation.run(5)
    assert simulation.why(payment).reason is Reason.RELEASED_NEXT
    assert simulation.why(payment).due_tick == 5
    simulation.tick()
    assert simulation.transaction(payment).settle_tick == 5


def test_without_a_deadline_it_is_never_urgent() -> None:
    simulation = banks(100, {"type": "Deadline", "urgency_threshold": 3})
    found = simulation.why(simulation.submit("A", "B", 10))
    assert (found.reason, found.due_tick) == (Reason.NOT_URGENT, None)
    assert found.sentences[2] == "It has no deadline, so it is never urgent."


def test_the_buffer_of_the_concept_page() -> None:
    """The example of docs/concepts/policies.md, with its numbers."""
    simulation = banks(100, {"type": "LiquidityAware", "target_buffer": 40, "urgency_threshold": 2})
    ids = [simulation.submit("A", "B", *each) for each in ((50, None), (30, None), (30, 2), (30, 1))]
    reasons = [simulation.why(each).reason for each in ids]
    released = Reason.RELEASED_NEXT
    assert reasons == [released, Reason.BELOW_BUFFER, released, Reason.DOES_NOT_FIT]
    held, late = simulation.why(ids[1]), simulation.why(ids[3])
    assert held.missing == 20
    assert (
        "balance 1.00 - committed 0.50 - amount 0.30 = 0.20, less than target_buffer 0.40."
        in held.sentences[1]
    )
    assert "amount 0.30 > balance 1.00 - committed 0.80 + credit 0.00 = 0.20." in late.sentences[1]
    assert late.sentences[2] == "It is urgent: deadline 1 - tick 0 = 1, at most urgency_threshold 2."


def test_the_least_first_part_is_what_must_fit() -> None:
    """The example of docs/concepts/policies.md: with 24 it is held, with 25 it is split into four."""
    policy = {"type": "LiquiditySplitting", "max_splits": 4, "min_split_amount": 20}
    simulation = banks(24, policy)
    found = simulation.why(simulation.submit("A", "B", 100, divisible=True))
    assert (found.reason, found.missing) == (Reason.DOES_NOT_FIT, 1)
    assert "of its 1.00 the least first part 0.25 > balance 0.24" in found.sentences[1]


# --- the rest of a life ---


def test_scheduled_until_its_tick() -> None:
    simulation = banks(100)
    batch: dict[str, list[Any]] = {"sender": ["A"], "receiver": ["B"], "amount": [5], "submit_tick": [3]}
    payment = simulation.submit_batch(batch)[0]
    found = simulation.why(payment)
    assert (found.status, found.reason, found.due_tick) == ("pending", Reason.SCHEDULED, 3)
    simulation.run(3)
    assert simulation.why(payment).reason is Reason.SCHEDULED
    simulation.tick()
    assert simulation.why(payment).reason is Reason.SETTLED


def test_how_and_when_it_settled() -> None:
    simulation = banks(100)
    payment = simulation.submit("A", "B", 5, deadline_tick=1)
    simulation.run(2)
    found = simulation.why(payment)
    assert (found.reason, found.rule, found.missing) == (Reason.SETTLED, "immediate", None)
    assert found.sentences == ("A:s1 settled in tick 0 as it entered the system: A pays B 0.05.",)


def test_a_split_one_waits_for_its_parts() -> None:
    simulation = banks(40, {"type": "LiquiditySplitting", "max_splits": 4, "min_split_amount": 10})
    payment = simulation.submit("A", "B", 100, divisible=True)
    simulation.tick()
    found = simulation.why(payment)
    assert (found.status, found.reason, found.rule) == ("queued", Reason.SPLIT, "LiquiditySplitting")
    parts = (("A:s1/1", "settled"), ("A:s1/2", "queued"), ("A:s1/3", "queued"))
    assert found.parts == parts
    part = assert_exact(simulation, "A:s1/3")
    assert (part.missing, part.parts) == (60, parts)
    assert "Parts of A:s1: A:s1/1 settled, A:s1/2 queued, A:s1/3 queued." in part.sentences
    simulation.submit("FUND", "A", 60)
    simulation.tick()
    found = simulation.why(payment)
    assert (found.reason, found.rule, [status for _, status in found.parts]) == (
        Reason.SETTLED,
        None,
        ["settled"] * 3,
    )


def test_what_was_cancelled_names_the_day() -> None:
    simulation = banks(0, end_of_day={"unsettled": "cancel"})
    simulation.run(3)
    payment = simulation.submit("A", "B", 5, deadline_tick=4)
    simulation.run(10)
    found = simulation.why(payment)
    assert (found.status, found.reason, found.rule, found.parts) == ("dropped", Reason.DROPPED, "cancel", ())
    assert found.sentences[0] == "A:s1 was cancelled at the end of day 0, in tick 9: A pays B 0.05."
    assert found.sentences[-1] == "It is late: its deadline was tick 4."


def test_a_cancelled_split_one_shows_its_parts() -> None:
    policy = {"type": "LiquiditySplitting", "max_splits": 2, "min_split_amount": 0}
    simulation = banks(50, policy, end_of_day={"unsettled": "cancel"})
    payment = simulation.submit("A", "B", 100, divisible=True)
    whole = simulation.submit("A", "B", 1, deadline_tick=1, divisible=True)
    simulation.run(10)
    assert simulation.why(payment).parts == (("A:s1/1", "settled"), ("A:s1/2", "dropped"))
    assert simulation.why(whole).parts == ()


def test_at_the_end_it_is_said_that_the_run_is_over() -> None:
    simulation = banks(0)
    payment = simulation.submit("A", "B", 5)
    simulation.run()
    assert simulation.why(payment).sentences[-1] == "The run is over."


def test_the_currency_decides_how_amounts_are_written() -> None:
    simulation = banks(0, currency={"code": "JPY", "minor_digits": 0})
    payment = simulation.submit("A", "B", 12_345)
    assert "A pays B 12,345." in simulation.why(payment).sentences[0]


def test_an_unknown_one_is_refused_with_the_nearest() -> None:
    simulation = banks(0)
    simulation.submit("A", "B", 5)
    with pytest.raises(UnknownTransactionError, match="did you mean 'A:s1'"):
        simulation.why("A:s2")
