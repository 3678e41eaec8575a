"""Ancillary settlement worked by hand, on the engine and on the model."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.differential.playing import PlayableModel
from tests.differential.test_differential import PlayableEngine
from tests.differential.test_happenings import pay
from tests.reference import RefusedError

Row = dict[str, Any]
Made = Callable[[Row], Any]

both = pytest.mark.parametrize("make", [PlayableModel, PlayableEngine], ids=["model", "engine"])
FIFO = {"queue_discipline": "fifo"}
DEFERRED = {"crediting": "deferred"}


def day(balances: str, *batches: Row, **sections: object) -> Row:
    """A day of six ticks without offsetting, of banks that release everything: `A 5, B 3` and a house H."""
    agents = [(words[0], int(words[1])) for words in (text.split() for text in f"{balances}, H 0".split(","))]
    return {
        "ticks_per_day": 6,
        "num_days": 1,
        "rng_seed": 1,
        "agent_configs": [
            {"id": name, "opening_balance": balance, "policy": {"type": "Fifo"}} for name, balance in agents
        ],
        "cost_rates": {"delay_cost_per_tick_per_cent": 1, "eod_penalty_per_transaction": 1000},
        "lsm_config": {"enabled": False},
        "ancillary_batches": list(batches),
        **sections,
    }


def batch(tick: int, period: int | None = None, name: str = "N", **positions: int) -> Row:
    times = {} if period is None else {"settlement_period_ticks": period}
    return {"id": name, "account": "H", "at": {"tick": tick}, "positions": positions, **times}


def played(simulation: Any, *payments: tuple[str, str, int, int]) -> dict[str, str]:  # noqa: ANN401
    """What became of each transaction: its status, tick and method."""
    if payments:
        simulation.submit_rows(pay(*payments))
    simulation.run()
    found = {}
    for row in simulation.table("transactions"):
        tick = "" if row["settle_tick"] is None else f"@{row['settle_tick']} {row['settlement_method']}"
        found[row["transaction_id"]] = f"{row['status']}{tick}"
    return found


def balances(simulation: Any) -> dict[str, int]:  # noqa: ANN401
    return {row["agent_id"]: row["balance"] for row in simulation.table("agents")}


@both
def test_a_batch_that_all_debtors_can_pay_settles_as_it_arrives(make: Made) -> None:
    """A pays 7 and B 3 of their 7 and 5; C gets 10; the house ends where it began."""
    simulation = make(day("A 7, B 5, C 0", batch(2, A=-7, B=-3, C=10)))
    assert played(simulation) == dict.fromkeys(("N:A", "N:B", "N:C"), "settled@2 batch")
    assert balances(simulation) == {"A": 0, "B": 2, "C": 10, "H": 0}
    assert [row["kind"] for row in simulation.table("events")] == ["arrived"] * 3 + ["settled"] * 3 + [
        "day_ended"
    ]
    assert simulation.get_agent("A")["cost_delay"] == 0


@both
def test_one_debtor_that_lacks_a_cent_keeps_everyone_waiting(make: Made) -> None:
    """A lacks 1 until C pays it in tick 3, after the entries of which the batch settles."""
    simulation = make(day("A 6, B 5, C 1", batch(1, A=-7, B=-3, C=10)))
    found = played(simulation, ("C", "A", 1, 3))
    assert found == {**dict.fromkeys(("N:A", "N:B", "N:C"), "settled@3 batch"), "p0": "settled@3 immediate"}
    # Two ticks of waiting: 7 of A, 3 of B, and 10 of the house to C.
    assert [simulation.get_agent(name)["cost_delay"] for name in "ABH"] == [14, 6, 20]


@both
def test_what_waits_apart_takes_no_liquidity_and_blocks_nothing(make: Made) -> None:
    """Under fifo A's batch payment of 9 waits from tick 0 on; its later payments of 4 and 2 go past."""
    simulation = make(day("A 6, B 0", batch(0, A=-9, B=9), settlement=FIFO))
    found = played(simulation, ("A", "B", 4, 1), ("A", "B", 2, 2))
    assert (found["p0"], found["p1"]) == ("settled@1 immediate", "settled@2 immediate")
    assert found["N:A"] == found["N:B"] == "dropped"


@both
def test_a_batch_goes_before_what_enters_in_its_tick(make: Made) -> None:
    """A has 5: it pays the batch's 5, and the 3 that it releases in the same tick wait."""
    simulation = make(day("A 5, B 0", batch(1, A=-5, B=5)))
    assert played(simulation, ("A", "B", 3, 1))["p0"] == "queued"


@both
def test_what_a_batch_pays_has_queues_tried(make: Made) -> None:
    """B owes C 5 since tick 0, and gets 5 by the batch in tick 2."""
    simulation = make(day("A 5, B 0, C 0", batch(2, A=-5, B=5)))
    assert played(simulation, ("B", "C", 5, 0))["p0"] == "settled@2 queue"


@both
def test_with_deferred_crediting_the_gain_waits(make: Made) -> None:
    simulation = make(day("A 5, B 0, C 0", batch(2, A=-5, B=5), settlement=DEFERRED))
    found = played(simulation, ("B", "C", 5, 0))
    assert (found["N:B"], found["p0"]) == ("settled@2 batch", "settled@3 queue")


@both
def test_a_batch_is_rejected_as_a_whole_after_its_period(make: Made) -> None:
    """A gets what it lacks in tick 3; the batch was rejected after tick 2, without its costs."""
    simulation = make(day("A 6, B 5, C 9", batch(1, 2, A=-7, B=-3, C=10)))
    found = played(simulation, ("C", "A", 9, 3))
    assert [found[name] for name in ("N:A", "N:B", "N:C")] == ["dropped"] * 3
    assert [simulation.get_agent(name)["cost_delay"] for name in "ABH"] == [7, 3, 10]
    assert simulation.get_agent("A")["cost_eod_penalty"] == 0
    dropped = [row["tick"] for row in simulation.table("events") if row["kind"] == "dropped"]
    assert dropped == [2, 2, 2]


@both
def test_a_batch_with_one_tick_is_tried_before_and_after_the_entries(make: Made) -> None:
    """A gets the missing 1 by an entry of the only tick."""
    simulation = make(day("A 6, B 1", batch(2, 1, A=-7, B=7)))
    assert played(simulation, ("B", "A", 1, 2))["N:A"] == "settled@2 batch"
    assert played(make(day("A 6, B 0", batch(2, 1, A=-7, B=7))))["N:A"] == "dropped"


@both
def test_what_is_rejected_as_it_arrives_was_never_released(make: Made) -> None:
    simulation = make(day("A 6, B 0", batch(2, 1, A=-7, B=7)))
    simulation.run()
    assert simulation.get_transaction("N:A")["release_tick"] is None


@both
def test_an_earlier_batch_lets_a_later_one_settle_in_the_same_pass(make: Made) -> None:
    """B can pay the first batch by what the second pays it: that settles, and in the next pass the first."""
    first, second = batch(1, name="X", B=-4, C=4), batch(1, name="Y", A=-4, B=4)
    simulation = make(day("A 4, B 0, C 0", first, second))
    found = played(simulation)
    assert set(found.values()) == {"settled@1 batch"}
    settled = [row["transaction_id"] for row in simulation.table("events") if row["kind"] == "settled"]
    assert settled == ["Y:A", "Y:B", "X:B", "X:C"]


@both
def test_only_the_net_of_a_batch_counts_for_sender_limits(make: Made) -> None:
    """A wants to send no more than 3 to the house; 5 are beyond that until the next day."""
    plain = day("A 9, B 0", batch(1, A=-5, B=5))
    plain["agent_configs"][0]["sender_limits"] = {"bilateral": {"H": 3}}
    assert played(make(plain))["N:A"] == "dropped"
    plain["agent_configs"][0]["sender_limits"] = {"bilateral": {"H": 5}}
    assert played(make(plain))["N:A"] == "settled@1 batch"


@both
def test_no_policy_and_no_outage_keeps_a_batch_back(make: Made) -> None:
    out = {"type": "outage", "at": {"tick": 0}, "agent": "A"}
    plain = day("A 9, B 0", batch(1, A=-5, B=5), scenario_events=[out])
    plain["agent_configs"][0]["policy"] = {"type": "Deadline", "urgency_threshold": 0}
    assert played(make(plain))["N:A"] == "settled@1 batch"


@both
def test_nothing_settles_while_the_system_stands_still(make: Made) -> None:
    stopped = {"type": "system_outage", "at": {"tick": 1}, "duration_ticks": 2}
    plain = day("A 9, B 0", batch(1, A=-5, B=5), scenario_events=[stopped])
    assert played(make(plain))["N:A"] == "settled@3 batch"
    plain["ancillary_batches"] = [batch(1, 2, A=-5, B=5)]
    assert played(make(plain))["N:A"] == "dropped"


@both
def test_default_rejects_the_whole_batch(make: Made) -> None:
    """C fails while the batch waits for A; in the other run it fails before the batch arrives."""
    for tick in (0, 3):
        failed = {"type": "default", "at": {"tick": tick}, "agent": "C"}
        simulation = make(day("A 6, B 5, C 0", batch(1, A=-7, B=-3, C=10), scenario_events=[failed]))
        assert set(played(simulation).values()) == {"dropped"}
        dropped = [row["tick"] for row in simulation.table("events") if row["kind"] == "dropped"]
        assert dropped == [max(tick, 1)] * 3


@both
def test_a_batch_counts_in_the_queue_while_it_waits(make: Made) -> None:
    simulation = make(day("A 6, B 0", batch(1, A=-7, B=7)))
    for _ in range(3):
        simulation.tick()
    assert simulation.get_queue2_size() == 2
    row = simulation.get_agent("A")
    assert (row["queue2_size"], row["queue2_value"]) == (1, 7)


# --- links ---


def linked(simulation: Any, *rows: tuple[str, str, int, int, str | None]) -> dict[str, str]:  # noqa: ANN401
    """The same for payments with the name of their link."""
    payments = pay(*(row[:4] for row in rows))
    for payment, row in zip(payments, rows, strict=True):
        payment["link"] = row[4]
    simulation.submit_rows(payments)
    return played(simulation)


@both
def test_payment_versus_payment_settles_both_or_neither(make: Made) -> None:
    """A pays B 7 in tick 0, B pays A 4 in tick 2; net A needs 3 and has 3."""
    simulation = make(day("A 3, B 0"))
    found = linked(simulation, ("A", "B", 7, 0, "X"), ("B", "A", 4, 2, "X"))
    assert found == dict.fromkeys(("p0", "p1"), "settled@2 linked")
    # A's leg waits two ticks, and costs.
    assert simulation.get_agent("A")["cost_delay"] == 14
    found = linked(make(day("A 2, B 9")), ("A", "B", 7, 0, "X"), ("B", "A", 4, 2, "X"))
    assert found == dict.fromkeys(("p0", "p1"), "queued")


@both
def test_a_leg_alone_never_settles_however_rich_its_sender(make: Made) -> None:
    found = linked(make(day("A 99, B 99")), ("A", "B", 7, 0, "X"), ("A", "B", 9, 0, None))
    assert found == {"p0": "queued", "p1": "settled@0 immediate"}


@both
def test_delivery_versus_payment_with_accounts_for_securities(make: Made) -> None:
    """S sells to B: P and Q are their accounts of securities. Delivered in tick 3, paid in tick 3."""
    simulation = make(day("B 50, S 0, P 50, Q 0"))
    found = linked(simulation, ("B", "S", 50, 1, "DVP"), ("P", "Q", 50, 3, "DVP"))
    assert found == dict.fromkeys(("p0", "p1"), "settled@3 linked")
    assert balances(simulation) == {"B": 0, "S": 50, "P": 0, "Q": 50, "H": 0}


@both
def test_no_offsetting_takes_a_leg(make: Made) -> None:
    """A owes B 5 in a link that is not complete, B owes A 5: all that waits would offset it."""
    steps = [
        {"algorithm": name} for name in ("bilateral", "all_or_nothing", "gridlock_resolution", "multiple")
    ]
    plain = day("A 0, B 0", lsm_config={"enabled": True}, settlement={"offsetting": steps})
    assert linked(make(plain), ("A", "B", 5, 0, "X"), ("B", "A", 5, 0, None)) == {
        "p0": "queued",
        "p1": "queued",
    }


@both
def test_a_dropped_leg_drops_the_others(make: Made) -> None:
    """B fails in tick 2: A's leg to it is dropped, with it C's to D, which waits, and A's to C, to come."""
    failed = {"type": "default", "at": {"tick": 2}, "agent": "B"}
    plain = day("A 9, B 0, C 9, D 0", scenario_events=[failed])
    rows = pay(("A", "B", 5, 0), ("C", "D", 5, 1), ("A", "C", 5, 4))
    simulation = make(plain)
    simulation.submit_rows([{**row, "link": "X", "link_legs": 3} for row in rows])
    assert set(played(simulation).values()) == {"dropped"}
    dropped = [
        (row["transaction_id"], row["tick"]) for row in simulation.table("events") if row["kind"] == "dropped"
    ]
    assert dropped == [("p0", 2), ("p1", 2), ("p2", 4)]


@both
def test_a_leg_that_is_cancelled_at_the_end_of_a_day_drops_what_comes_on_the_next(make: Made) -> None:
    plain = day("A 9, B 0", num_days=2, end_of_day={"unsettled": "cancel"})
    simulation = make(plain)
    assert linked(simulation, ("A", "B", 5, 0, "X"), ("B", "A", 5, 7, "X")) == {
        "p0": "dropped",
        "p1": "dropped",
    }
    dropped = [row["tick"] for row in simulation.table("events") if row["kind"] == "dropped"]
    assert dropped == [5, 7]


@both
def test_what_is_linked_is_held_by_its_senders_policy(make: Made) -> None:
    """A releases 5 only in its last tick before the deadline 4; B's leg waits for it."""
    plain = day("A 9, B 9")
    plain["agent_configs"][0]["policy"] = {"type": "Deadline", "urgency_threshold": 1}
    simulation = make(plain)
    rows = [{**row, "link": "X", "deadline_tick": 4} for row in pay(("A", "B", 5, 0), ("B", "A", 5, 0))]
    simulation.submit_rows(rows)
    assert played(simulation) == dict.fromkeys(("p0", "p1"), "settled@3 linked")


@both
def test_a_leg_submitted_for_a_broken_link_is_dropped(make: Made) -> None:
    failed = {"type": "default", "at": {"tick": 1}, "agent": "B"}
    simulation = make(day("A 9, B 0, C 9", scenario_events=[failed]))
    simulation.submit_row({"sender": "A", "receiver": "B", "amount": 5, "link": "X"})
    simulation.tick()
    simulation.tick()
    late = simulation.submit_row({"sender": "C", "receiver": "A", "amount": 5, "link": "X"})
    assert simulation.get_transaction(late)["status"] == "dropped"
    assert simulation.get_queue1_size("C") == 0


@pytest.mark.parametrize(
    "rows",
    [
        [{"link": ""}],
        [{"link": "X", "link_legs": 1}],
        [{"link": "X", "link_legs": 10_001}],
        [{"link": "X", "divisible": True}],
        [{"link": "X"}, {"link": "X"}, {"link": "X"}],
        [{"link": "X", "link_legs": 3}, {"link": "X", "link_legs": 2}],
        [{"link": "N"}],
    ],
)
@both
def test_what_cannot_be_linked_is_refused_as_a_whole(make: Made, rows: list[Row]) -> None:
    """N is the name of a batch, which has all its legs."""
    simulation = make(day("A 9, B 9", batch(1, A=-5, B=5)))
    keys = {"link": None, "link_legs": None, "divisible": False}
    payments = [{"sender": "A", "receiver": "B", "amount": 1, **keys, **row} for row in rows]
    with pytest.raises((RefusedError, RuntimeError)):
        simulation.submit_rows(payments)
    assert len(simulation.table("transactions")) == 2


# --- with what goes by the time of day ---


def cut(after: int, action: str = "reject", priorities: tuple[int, int] = (0, 10)) -> Row:
    """A cut-off time in the settlement of a day."""
    return {"cut_offs": [{"after": after, "priorities": list(priorities), "action": action}]}


def kinds(simulation: Any) -> dict[str, list[tuple[int, str]]]:  # noqa: ANN401
    """The rows about each transaction: tick and kind."""
    found: dict[str, list[tuple[int, str]]] = {}
    for row in simulation.table("events"):
        if row["transaction_id"] is not None:
            found.setdefault(row["transaction_id"], []).append((row["tick"], row["kind"]))
    return found


@both
def test_a_leg_that_is_refused_at_its_cut_off_drops_the_others(make: Made) -> None:
    """A's leg waits since tick 0; B's comes in tick 3, after the cut-off, and C's is still to come."""
    simulation = make(day("A 9, B 9, C 9", settlement=cut(2)))
    rows = pay(("A", "B", 5, 0), ("B", "A", 5, 3), ("C", "A", 1, 4))
    simulation.submit_rows([{**row, "link": "X", "link_legs": 3} for row in rows])
    assert set(played(simulation).values()) == {"dropped"}
    assert kinds(simulation) == {
        "p0": [(0, "arrived"), (0, "released"), (0, "queued"), (3, "dropped")],
        "p1": [(3, "arrived"), (3, "rejected")],
        "p2": [(4, "arrived"), (4, "dropped")],
    }
    # A's leg waited three ticks; what comes after the link is lost costs nothing.
    assert [simulation.get_agent(name)["cost_delay"] for name in "ABC"] == [15, 0, 0]


@both
def test_what_was_released_beside_a_leg_that_is_refused_was_never_released(make: Made) -> None:
    """Both come in tick 3. Only fives are cut off: B's leg is released, and dropped in the same tick."""
    simulation = make(day("A 9, B 9", settlement=cut(2, priorities=(0, 5))))
    rows = pay(("A", "B", 5, 3), ("B", "A", 5, 3))
    simulation.submit_rows(
        [{**row, "link": "X", "priority": rank} for row, rank in zip(rows, (5, 6), strict=True)]
    )
    simulation.run()
    assert kinds(simulation) == {
        "p0": [(3, "arrived"), (3, "rejected")],
        "p1": [(3, "arrived"), (3, "dropped")],
    }
    assert simulation.get_transaction("p0")["release_tick"] == 3
    assert simulation.get_transaction("p1")["release_tick"] is None


@both
def test_what_waits_apart_waits_on_after_its_cut_off(make: Made) -> None:
    """A's five is in; B's nine comes after the cut-off of the fives, and both settle."""
    simulation = make(day("A 9, B 9", settlement=cut(2, priorities=(0, 5))))
    rows = pay(("A", "B", 5, 0), ("B", "A", 5, 4))
    simulation.submit_rows(
        [{**row, "link": "X", "priority": rank} for row, rank in zip(rows, (5, 9), strict=True)]
    )
    assert played(simulation) == dict.fromkeys(("p0", "p1"), "settled@4 linked")


@both
def test_a_leg_that_is_kept_for_the_next_day_settles_then(make: Made) -> None:
    simulation = make(day("A 9, B 9", num_days=2, settlement=cut(2, "next_day")))
    found = linked(simulation, ("A", "B", 5, 0, "X"), ("B", "A", 5, 3, "X"))
    assert found == dict.fromkeys(("p0", "p1"), "settled@6 linked")


@both
def test_no_cut_off_concerns_a_clearing_house(make: Made) -> None:
    simulation = make(day("A 9, B 0", batch(3, A=-5, B=5), settlement=cut(1)))
    assert played(simulation)["N:A"] == "settled@3 batch"


@both
def test_what_settles_in_links_and_batches_was_sent(make: Made) -> None:
    """A has 8 to send: 3 with the batch and 5 with the link, in time for the guideline."""
    guideline = {"by": 3, "share": 1, "penalty": 1}
    simulation = make(day("A 8, B 0", batch(3, A=-3, B=3), throughput=[guideline]))
    linked(simulation, ("A", "B", 5, 0, "X"), ("B", "A", 5, 2, "X"))
    assert simulation.get_agent("A")["cost_throughput_penalty"] == 0


# --- with credit ---


def secured(balances: str, *batches: Row, **sections: object) -> Row:
    """A has a bond of 10, of which 8 count."""
    plain = day(balances, *batches, collateral={"haircuts": {"BONDS": "0.2"}}, **sections)
    plain["agent_configs"][0]["collateral"] = {"BONDS": 10}
    return plain


@both
def test_collateral_secures_what_a_link_takes_on_the_net(make: Made) -> None:
    """A pays 12 and gets 4 in the link: the 8 that it lacks are secured. Of 13 one cent would not be."""
    assert (
        linked(make(secured("A 0, B 4")), ("A", "B", 12, 0, "X"), ("B", "A", 4, 0, "X"))["p0"]
        == "settled@0 linked"
    )
    assert linked(make(secured("A 0, B 4")), ("A", "B", 13, 0, "X"), ("B", "A", 4, 0, "X"))["p0"] == "queued"


@both
def test_a_batch_settles_in_the_tick_in_which_collateral_is_posted(make: Made) -> None:
    """A lacks 4 of 12 from tick 1 on; in tick 3 it posts a bond of 5, of which 4 count."""
    posting = {"type": "collateral_posting", "at": {"tick": 3}, "agent": "A", "asset": "BONDS", "value": 5}
    simulation = make(secured("A 0, B 0", batch(1, A=-12, B=12), scenario_events=[posting]))
    assert played(simulation)["N:A"] == "settled@3 batch"


@both
def test_a_haircut_that_grows_keeps_a_batch_waiting(make: Made) -> None:
    """Of A's bond only 7 count from tick 1 on: the 8 of the batch are rejected."""
    grows = {"type": "haircut", "at": {"tick": 1}, "asset": "BONDS", "haircut": "0.3"}
    simulation = make(secured("A 0, B 0", batch(1, 2, A=-8, B=8), scenario_events=[grows]))
    assert played(simulation)["N:A"] == "dropped"


@both
def test_what_comes_in_the_morning_settles_the_link_of_the_day_before(make: Made) -> None:
    """A allocates 5 each morning. It pays 4 on day 0; the link takes 5 on the net, which come in tick 6."""
    plain = day("A 0, B 0", num_days=2)
    plain["agent_configs"][0]["liquidity_pool"] = {"amount": 10, "allocation": 5}
    simulation = make(plain)
    rows = pay(("A", "B", 4, 0), ("A", "B", 6, 1), ("B", "A", 1, 1))
    simulation.submit_rows([{**row, "link": link} for row, link in zip(rows, (None, "X", "X"), strict=True)])
    assert played(simulation)["p1"] == "settled@6 linked"


@both
def test_what_a_batch_leaves_overdrawn_is_borrowed_over_night(make: Made) -> None:
    plain = day("A 0, B 0", batch(1, A=-7, B=7), overnight_facility={"lending_bps": 1000})
    plain["agent_configs"][0]["credit_limit"] = 7
    simulation = make(plain)
    simulation.run()
    borrowed = [
        (row["tick"], row["amount"]) for row in simulation.table("events") if row["kind"] == "borrowed"
    ]
    assert borrowed == [(5, 7)]


# --- with interventions ---

CHANGES: dict[str, Row] = {
    "change_priority": {"priority": 9},
    "revoke": {},
    "resubmit": {},
    "move_in_queue": {"to": "front"},
    "split": {"parts": 2},
}


@both
@pytest.mark.parametrize("method", CHANGES)
@pytest.mark.parametrize("held", [False, True], ids=["apart", "held"])
def test_no_side_changes_a_leg(make: Made, method: str, held: bool) -> None:  # noqa: FBT001
    """Wherever it waits: held by its sender's policy, or apart. Nothing has changed then."""
    plain = day("A 9, B 9")
    if held:
        plain["agent_configs"][0]["policy"] = {"type": "Deadline", "urgency_threshold": 0}
    simulation = make(plain)
    leg = simulation.submit_row(
        {"sender": "A", "receiver": "B", "amount": 5, "deadline_tick": 4, "link": "X"}
    )
    simulation.tick()
    before = simulation.get_transaction(leg)
    with pytest.raises((RefusedError, RuntimeError)):
        getattr(simulation, method)(leg, **CHANGES[method])
    assert simulation.get_transaction(leg) == before
    assert before["status"] == ("pending" if held else "queued")


@both
def test_a_planned_intervention_on_a_leg_is_refused(make: Made) -> None:
    back = {"type": "revocation", "at": {"tick": 2}, "transaction_id": "p0"}
    simulation = make(day("A 9, B 9", scenario_events=[back]))
    found = linked(simulation, ("A", "B", 5, 0, "X"), ("B", "A", 5, 3, "X"))
    assert found == dict.fromkeys(("p0", "p1"), "settled@3 linked")
    refused = [row["tick"] for row in simulation.table("events") if row["kind"] == "intervention_refused"]
    assert refused == [2]


@both
def test_a_leg_that_is_escalated_passes_the_cut_off_of_others(make: Made) -> None:
    """A holds its leg until it is urgent, in tick 3. From then on it is a nine; only fives are cut off.

    B's leg, which waits apart, becomes a nine as well, which changes nothing.
    """
    plain = day("A 9, B 9", settlement=cut(1, priorities=(0, 5)))
    for agent in plain["agent_configs"]:
        agent["escalation"] = [{"within_ticks": 1, "priority": 9}]
    plain["agent_configs"][0]["policy"] = {"type": "Deadline", "urgency_threshold": 1}
    simulation = make(plain)
    rows = [{**row, "link": "X", "deadline_tick": 4} for row in pay(("A", "B", 5, 0), ("B", "A", 5, 0))]
    simulation.submit_rows(rows)
    assert played(simulation) == dict.fromkeys(("p0", "p1"), "settled@3 linked")
    assert [row["priority"] for row in simulation.table("transactions")] == [9, 9]
