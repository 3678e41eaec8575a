"""Interventions worked by hand, on the engine and on the model."""

from functools import partial
from typing import Any

import pyarrow as pa
import pytest

from payment_simulator._core import Orchestrator
from payment_simulator.errors import (
    InterventionRefusedError,
    SimulationFinishedError,
    UnknownTransactionError,
)
from tests.differential.test_differential import PlayableEngine
from tests.differential.test_happenings import Made, Row, both, day, pay, run
from tests.reference import RefusedError

REFUSED = (RefusedError, InterventionRefusedError)


def submit(simulation: Any, *payments: tuple[str, str, int], **terms: object) -> list[str]:  # noqa: ANN401
    """Sender, receiver and amount of each, with the same terms."""
    columns = ("sender", "receiver", "amount")
    return [simulation.submit_row({**dict(zip(columns, one, strict=True)), **terms}) for one in payments]


def statuses(simulation: Any, ids: list[str]) -> list[str]:  # noqa: ANN401
    return [simulation.get_transaction(one)["status"] for one in ids]


def kinds(simulation: Any, transaction_id: str) -> list[tuple[int, str]]:  # noqa: ANN401
    """The rows about a transaction: tick and kind."""
    rows = simulation.table("events")
    return [(row["tick"], row["kind"]) for row in rows if row["transaction_id"] == transaction_id]


# --- priority ---


def by_priority(balance: int, **sections: object) -> Row:
    return {**day(balances=(balance, 0), settlement={"queue_discipline": "priority"}), **sections}


@both
def test_in_its_new_band_a_transaction_stands_by_its_entry(make: Made) -> None:
    """60, 40, 30 wait in the middle band. 30 goes up, then 40: they entered as 40, 30. The 40 settle."""
    simulation = make(by_priority(50))
    ids = submit(simulation, ("A", "B", 60), ("A", "B", 40), ("A", "B", 30))
    simulation.tick()
    assert statuses(simulation, ids) == ["queued"] * 3
    assert simulation.change_priority(ids[2], 9)
    assert simulation.change_priority(ids[1], 8)
    assert not simulation.change_priority(ids[1], 8)
    simulation.tick()
    assert statuses(simulation, ids) == ["queued", "settled", "queued"]
    assert kinds(simulation, ids[1])[-2:] == [(1, "priority_changed"), (1, "settled")]
    assert simulation.get_transaction(ids[1])["settlement_method"] == "queue"


@both
def test_what_goes_down_lets_others_pass(make: Made) -> None:
    """In the lowest band anything goes that fits: the 60 in front of them lets 40 and then 10 pass it."""
    simulation = make(by_priority(50))
    ids = submit(simulation, ("A", "B", 60), ("A", "B", 40), ("A", "B", 10), priority=8)
    simulation.tick()
    for one in ids:
        simulation.change_priority(one, 0)
    simulation.tick()
    assert statuses(simulation, ids) == ["queued", "settled", "settled"]


@both
def test_up_and_down_again_is_where_it_was(make: Made) -> None:
    """The 10 cannot pass the 60 in the same band, though it left it for a moment."""
    simulation = make(by_priority(50))
    ids = submit(simulation, ("A", "B", 60), ("A", "B", 10), ("A", "B", 20))
    simulation.tick()
    for priority in (9, 5):
        simulation.change_priority(ids[1], priority)
    simulation.tick()
    assert statuses(simulation, ids) == ["queued"] * 3
    simulation.change_priority(ids[0], 2)  # now the 10 is first of its band, and the 20 behind it
    simulation.tick()
    assert [simulation.get_transaction(one)["settle_tick"] for one in ids] == [None, 2, 2]


@both
def test_where_no_band_changes_no_queue_is_tried(make: Made) -> None:
    """C's 60 is offset with A's 60 in step 5 of tick 0; A's 20 behind it would fit, but nothing tries it."""
    config = day(
        banks="ABC",
        balances=(30, 0, 0),
        settlement={"queue_discipline": "fifo"},
        lsm_config={"enabled": True},
    )
    simulation = make(config)
    ids = submit(simulation, ("A", "C", 60), ("A", "B", 20), ("C", "A", 60))
    simulation.tick()
    assert statuses(simulation, ids) == ["settled", "queued", "settled"]
    simulation.change_priority(ids[1], 9)
    simulation.tick()
    assert statuses(simulation, ids)[1] == "queued"


@both
def test_what_is_scheduled_or_held_carries_its_new_priority_along(make: Made) -> None:
    """Of what has not arrived the log says nothing; the 40 arrives in tick 1 and passes the 60 that waits."""
    simulation = make(by_priority(50))
    rows = [
        {
            "sender": "A",
            "receiver": "B",
            "amount": amount,
            "submit_tick": tick,
            "transaction_id": f"p{amount}",
        }
        for amount, tick in ((60, 0), (40, 1))
    ]
    ids = simulation.submit_rows(rows)
    simulation.change_priority(ids[1], 10)
    (now,) = submit(simulation, ("A", "B", 10))
    simulation.change_priority(now, 9)
    simulation.run()
    assert kinds(simulation, ids[1]) == [(1, "arrived"), (1, "settled")]
    assert kinds(simulation, now) == [(0, "submitted"), (0, "priority_changed"), (0, "settled")]
    assert statuses(simulation, ids) == ["queued", "settled"]


@both
def test_a_part_has_a_priority_of_its_own(make: Made) -> None:
    """100 in four parts of 25. The last goes up and settles first; the others wait behind the 60."""
    config = by_priority(30)
    config["agent_configs"][0]["policy"] = {"type": "MockSplitting", "num_splits": 4}
    simulation = make(config)
    ids = submit(simulation, ("A", "B", 60))
    ids += submit(simulation, ("A", "B", 100), divisible=True)
    simulation.tick()
    simulation.change_priority(f"{ids[1]}/4", 9)
    simulation.tick()
    parts = [f"{ids[1]}/{number}" for number in range(1, 5)]
    assert statuses(simulation, parts) == ["queued", "queued", "queued", "settled"]
    with pytest.raises(REFUSED):
        simulation.change_priority(ids[1], 9)


@both
def test_what_does_not_wait_is_left_alone(make: Made) -> None:
    config = by_priority(50, end_of_day={"unsettled": "cancel"}, num_days=2)
    config["settlement"]["priority_bands"] = [[8, 10], [5, 7]]
    simulation = make(config)
    done, waiting = submit(simulation, ("A", "B", 50), ("A", "B", 1))
    simulation.tick()
    for one, priority in ((done, 9), (waiting, 11), (waiting, -1), (waiting, 4)):
        with pytest.raises(REFUSED):
            simulation.change_priority(one, priority)
    with pytest.raises(KeyError):
        simulation.change_priority("NOTHING", 5)
    simulation.run(6)
    with pytest.raises(REFUSED):
        simulation.change_priority(waiting, 9)
    assert "priority_changed" not in {row["kind"] for row in simulation.table("events")}


def test_a_refusal_says_what_is_the_matter() -> None:
    engine = PlayableEngine(by_priority(50))
    done, waiting = submit(engine, ("A", "B", 50), ("A", "B", 1))
    engine.tick()
    before = engine.state_hash()
    for one, priority, said in (
        (done, 9, r"transaction 'A:s1' settled in tick 0; only what waits can be changed"),
        (waiting, 11, r"priority 11 must be from 0 to 10"),
    ):
        with pytest.raises(InterventionRefusedError, match=said) as caught:
            engine.change_priority(one, priority)
        assert caught.value.code == "intervention_refused"
    with pytest.raises(UnknownTransactionError, match="no transaction 'A:s7'"):
        engine.change_priority("A:s7", 5)
    assert engine.state_hash() == before


# --- what is kept ---


@pytest.mark.parametrize("discipline", ["bypass", "fifo", "priority"])
def test_a_saved_state_has_what_was_changed(discipline: str) -> None:
    config = day(balances=(20, 0), settlement={"queue_discipline": discipline})
    engine = PlayableEngine(config)
    ids = submit(engine, *(("A", "B", amount) for amount in (60, 40, 30, 25)), priority=5)
    engine.tick()
    before = engine.state_hash()
    engine.change_priority(ids[3], 9)
    changed = engine.state_hash()
    assert changed != before
    loaded = Orchestrator.load_state(engine.save_state())
    assert loaded.state_hash() == changed
    assert loaded.queued("A") == engine.queued("A")
    assert [loaded.run(), loaded.state_hash()] == [engine.run(), engine.state_hash()]


# --- taking back, and submitting again ---


def by_fifo(balance: int, **sections: object) -> Row:
    return {**day(balances=(balance, 0), settlement={"queue_discipline": "fifo"}), **sections}


@both
def test_what_is_taken_back_lets_others_go_and_costs_nothing(make: Made) -> None:
    """60 hold up 40 in tick 0: 100 wait at its end. Without the 60 the 40 settle in tick 1."""
    rates = {"delay_cost_per_tick_per_cent": 1, "eod_penalty_per_transaction": 100, "deadline_penalty": 7}
    simulation = make(by_fifo(50, cost_rates=rates))
    (large,) = submit(simulation, ("A", "B", 60), deadline_tick=2)
    (small,) = submit(simulation, ("A", "B", 40))
    simulation.tick()
    assert simulation.revoke(large) is None
    row = simulation.get_transaction(large)
    assert (row["status"], row["release_tick"], row["settle_tick"]) == ("dropped", 0, None)
    simulation.run()
    assert kinds(simulation, small)[-1] == (1, "settled")
    assert kinds(simulation, large) == [(0, "submitted"), (0, "released"), (0, "queued"), (1, "revoked")]
    agent = simulation.get_agent("A")
    costs = [agent[f"cost_{kind}"] for kind in ("delay", "deadline_penalty", "eod_penalty")]
    assert costs == [100, 0, 0]


@both
def test_submitted_again_it_is_itself_at_the_end_of_the_line(make: Made) -> None:
    """The 60 were first; taken back and submitted again, they stand behind the 70."""
    simulation = make(by_fifo(50))
    ids = submit(simulation, ("A", "B", 60), ("A", "B", 70), deadline_tick=4)
    simulation.tick()
    simulation.revoke(ids[0])
    simulation.tick()
    assert simulation.resubmit(ids[0]) is None
    row = simulation.get_transaction(ids[0])
    assert (row["status"], row["submit_tick"], row["release_tick"]) == ("pending", 0, None)
    assert simulation.get_queue1_size("A") == 1
    simulation.tick()
    row = simulation.get_transaction(ids[0])
    assert (row["status"], row["release_tick"]) == ("queued", 2)
    simulation.revoke(ids[1])
    simulation.submit_row({"sender": "A", "receiver": "B", "amount": 5})
    simulation.run()
    assert simulation.get_transaction(ids[0])["settle_tick"] is None  # the 5 behind it waits too
    assert len(simulation.table("transactions")) == 3
    assert [kind for _, kind in kinds(simulation, ids[0])] == [
        *("submitted", "released", "queued", "revoked", "resubmitted"),
        *("released", "queued", "overdue", "penalised"),
    ]


@both
def test_what_a_policy_holds_can_be_taken_back(make: Made) -> None:
    """B's policy holds 30 until tick 3. Taken back in tick 1 and submitted again in 2, it is urgent in 3."""
    config = day(balances=(0, 50))
    config["agent_configs"][1]["policy"] = {"type": "Deadline", "urgency_threshold": 1}
    simulation = make(config)
    (held,) = submit(simulation, ("B", "A", 30), deadline_tick=4)
    simulation.tick()
    simulation.revoke(held)
    assert simulation.get_queue1_size("B") == 0
    simulation.tick()
    simulation.resubmit(held)
    simulation.run()
    assert simulation.get_transaction(held)["settle_tick"] == 3


@both
def test_the_day_ends_and_accounts_close_without_what_was_taken_back(make: Made) -> None:
    """Of two payments to C, one is there as C fails. The other comes again when C's account is closed."""
    config = day(
        {"type": "default", "at": {"tick": 7}, "agent": "C"},
        banks="ABC",
        balances=(0, 0, 0),
        num_days=2,
        end_of_day={"unsettled": "cancel"},
    )
    simulation = make(config)
    early, late = submit(simulation, ("A", "C", 10), ("A", "C", 20))
    simulation.tick()
    simulation.revoke(early)
    simulation.revoke(late)
    simulation.run(6)
    simulation.resubmit(early)
    simulation.run(2)
    simulation.resubmit(late)
    assert [kind for _, kind in kinds(simulation, early)][-2:] == ["resubmitted", "dropped"]
    assert [kind for _, kind in kinds(simulation, late)][-3:] == ["revoked", "resubmitted", "dropped"]
    assert simulation.get_queue1_size("A") == 0
    simulation.run()
    assert statuses(simulation, [early, late]) == ["dropped", "dropped"]


@both
def test_what_cannot_be_taken_back_or_come_again(make: Made) -> None:
    config = day(balances=(50, 0))
    config["agent_configs"][0]["policy"] = {"type": "MockSplitting", "num_splits": 2}
    simulation = make(config)
    rows = [{"sender": "A", "receiver": "B", "amount": 9, "submit_tick": 4, "transaction_id": "later"}]
    simulation.submit_rows(rows)
    (done,) = submit(simulation, ("A", "B", 50))
    (split,) = submit(simulation, ("A", "B", 100), divisible=True)
    (urgent,) = submit(simulation, ("A", "B", 60), deadline_tick=2)
    simulation.tick()
    for one in ("later", done, split, f"{split}/1"):
        with pytest.raises(REFUSED):
            simulation.revoke(one)
    for one in ("later", done, split, f"{split}/1", urgent):
        with pytest.raises(REFUSED):
            simulation.resubmit(one)
    simulation.revoke(urgent)
    for intervene in (simulation.revoke, lambda one: simulation.change_priority(one, 7)):
        with pytest.raises(REFUSED):
            intervene(urgent)
    simulation.tick()
    with pytest.raises(REFUSED):
        simulation.resubmit(urgent)  # its deadline is tick 2, which runs next
    for intervene in (simulation.revoke, simulation.resubmit, lambda one: simulation.split(one, 2)):
        with pytest.raises(KeyError):
            intervene("NOTHING")
    simulation.run()
    with pytest.raises((RefusedError, SimulationFinishedError)):
        simulation.revoke(split)


@both
def test_offsetting_looks_again_after_an_intervention(make: Made) -> None:
    """A owes B 50, B owes A 80, both behind something to C. Without both of these they offset."""
    config = day(
        banks="ABC",
        balances=(0, 30, 0),
        settlement={"queue_discipline": "fifo"},
        lsm_config={"enabled": True},
    )
    simulation = make(config)
    one, _, first = submit(simulation, ("A", "C", 1), ("A", "B", 50), ("B", "C", 31))
    submit(simulation, ("B", "A", 80))
    simulation.tick()
    simulation.revoke(first)
    simulation.tick()
    assert simulation.get_queue2_size() == 3
    simulation.revoke(one)
    simulation.tick()
    assert simulation.get_queue2_size() == 0


# --- moving ---


@both
def test_what_is_moved_passes_its_band_and_no_other(make: Made) -> None:
    """Of 60, 40, 30 in the middle band the 30 go to the front: they settle, and the 60 are first again."""
    simulation = make(by_priority(50))
    ids = submit(simulation, ("A", "B", 60), ("A", "B", 40), ("A", "B", 30))
    (high,) = submit(simulation, ("A", "B", 70), priority=9)
    simulation.tick()
    assert simulation.move_in_queue(ids[2], "front")
    assert not simulation.move_in_queue(ids[2], "front")
    simulation.tick()
    assert statuses(simulation, ids) == ["queued"] * 3  # the 70 of the highest band hold them up
    simulation.change_priority(high, 0)
    simulation.tick()
    assert statuses(simulation, ids) == ["queued", "queued", "settled"]
    assert kinds(simulation, ids[2])[-2:] == [(1, "moved"), (2, "settled")]
    simulation.move_in_queue(ids[0], "end")
    simulation.submit_row({"sender": "B", "receiver": "A", "amount": 30})
    simulation.tick()
    assert statuses(simulation, ids) == ["queued", "settled", "settled"]


@both
def test_what_was_moved_has_the_place_of_its_new_neighbours_in_another_band(make: Made) -> None:
    """The last goes to the front of its band, and so it is the first of both when they come together."""
    simulation = make(by_priority(10))
    ids = submit(simulation, ("A", "B", 30), ("A", "B", 20), ("A", "B", 10))
    simulation.tick()
    simulation.move_in_queue(ids[2], "front")
    for one in (ids[0], ids[2]):
        simulation.change_priority(one, 9)
    simulation.tick()
    assert statuses(simulation, ids) == ["queued", "queued", "settled"]


@both
def test_offsetting_takes_what_was_moved_first(make: Made) -> None:
    """B's 60 offset with one of A's 60 after its 50: with the one that was moved before the other two."""
    config = day(balances=(0, 0), lsm_config={"enabled": True})
    simulation = make(config)
    ids = submit(simulation, ("A", "B", 50), ("A", "B", 60), ("A", "B", 60))
    simulation.tick()
    simulation.move_in_queue(ids[2], "front")
    simulation.submit_row({"sender": "B", "receiver": "A", "amount": 60})
    simulation.tick()
    assert simulation.get_transaction(ids[2])["settlement_method"] == "bilateral"


@both
@pytest.mark.parametrize(
    ("first", "settled"), [(0, ["settled", "queued"]), (1, ["queued", "settled"])], ids=["left", "moved"]
)
def test_who_is_above_its_band_is_not_paid_what_stands_last_after_a_move(
    make: Made, first: int, settled: list[str]
) -> None:
    """A owes B 6, then 4; B owes C 6, C owes A 6; B has all that it may have, 2.

    All together would take B 4 above its band, so that it is not paid what is last to it by the places that
    entry gave: A's 4; and once those stand in the place of the 6, the 6.
    """
    release = {"algorithm": "balanced_release", "every_ticks": 2, "final_settlement": False}
    caps = {"A": 100, "B": 2, "C": 100}
    simulation = make(
        day(
            banks="ABC",
            balances=(4, 2, 0),
            settlement={"queue_discipline": "fifo", "offsetting": [{**release, "caps": caps}]},
        )
    )
    ids = submit(simulation, ("A", "B", 6), ("A", "B", 4), ("B", "C", 6), ("C", "A", 6))
    simulation.tick()
    assert statuses(simulation, ids) == ["queued"] * 4
    simulation.move_in_queue(ids[first], "front")
    simulation.tick()
    assert statuses(simulation, ids) == [*settled, "settled", "settled"]


@both
def test_only_what_is_queued_can_be_moved(make: Made) -> None:
    simulation = make(by_fifo(50))
    (done,) = submit(simulation, ("A", "B", 50))
    simulation.tick()
    (waiting,) = submit(simulation, ("A", "B", 60))
    for one in (done, waiting):
        with pytest.raises(REFUSED):
            simulation.move_in_queue(one, "front")
    simulation.tick()
    assert not simulation.move_in_queue(waiting, "end")
    assert "moved" not in {kind for _, kind in kinds(simulation, waiting)}


# --- splitting ---


@both
def test_the_parts_of_what_is_split_stand_at_the_end(make: Made) -> None:
    """100 in three: 34, 33, 33. They stand behind the 70; with 60 the first of them settles."""
    simulation = make(day(balances=(60, 0), cost_rates={"split_friction_cost": 7}))
    (large,) = submit(simulation, ("A", "B", 100), divisible=True)
    (other,) = submit(simulation, ("A", "B", 70))
    simulation.tick()
    parts = simulation.split(large, 3)
    assert parts == [f"{large}/{number}" for number in (1, 2, 3)]
    assert [simulation.get_transaction(one)["amount"] for one in parts] == [34, 33, 33]
    assert statuses(simulation, [large, *parts, other]) == ["queued"] * 5
    assert simulation.get_queue2_size() == 4
    assert simulation.get_agent("A")["cost_split_friction"] == 14
    assert simulation.tick()["total_cost"] >= 14
    assert statuses(simulation, [large, *parts, other]) == ["queued", "settled", "queued", "queued", "queued"]
    rows = {one: simulation.get_transaction(one) for one in (large, *parts)}
    assert [rows[one]["release_tick"] for one in (large, *parts)] == [0, 1, 1, 1]
    assert kinds(simulation, parts[0]) == [(1, "part"), (1, "settled")]
    assert kinds(simulation, parts[1]) == [(1, "part"), (1, "released"), (1, "queued")]
    simulation.submit_row({"sender": "B", "receiver": "A", "amount": 34})
    simulation.run(2)
    assert simulation.get_transaction(parts[1])["settle_tick"] == 2


@both
def test_what_cannot_be_split(make: Made) -> None:
    config = day(balances=(50, 50))
    config["agent_configs"][1]["policy"] = {"type": "Deadline", "urgency_threshold": 0}
    simulation = make(config)
    (tiny, large) = submit(simulation, ("A", "B", 60), ("A", "B", 51), divisible=True)
    (whole,) = submit(simulation, ("A", "B", 70))
    (held,) = submit(simulation, ("B", "A", 10), divisible=True)
    with pytest.raises(REFUSED):
        simulation.split(large, 2)  # it is not queued yet
    simulation.tick()
    for one, parts in ((tiny, 1), (tiny, 11), (tiny, -2), (whole, 2), (held, 2)):
        with pytest.raises(REFUSED):
            simulation.split(one, parts)
    parts = simulation.split(large, 10)
    for one in (parts[0], large):
        with pytest.raises(REFUSED):
            simulation.split(one, 2)
    assert simulation.get_queue2_size() == 12


def test_each_refusal_says_what_would_be_right() -> None:
    config = day(balances=(5, 50))
    config["agent_configs"][1]["policy"] = {"type": "Deadline", "urgency_threshold": 0}
    engine = PlayableEngine(config)
    rows = [{"sender": "A", "receiver": "B", "amount": 9, "submit_tick": 4, "transaction_id": "later"}]
    engine.submit_rows(rows)
    (large,) = submit(engine, ("A", "B", 60), divisible=True)
    (whole, small) = submit(engine, ("A", "B", 70), ("A", "B", 8), deadline_tick=3)
    (held,) = submit(engine, ("B", "A", 10))
    (three, large_too) = submit(engine, ("A", "B", 6), ("A", "B", 80), divisible=True)
    submit(engine, ("A", "B", 5))
    (one,) = submit(engine, ("A", "B", 1), divisible=True)
    engine.tick()
    (part, *_) = engine.split(large, 2)
    engine.revoke(small)
    for call, said in (
        (partial(engine.revoke, "later"), "'later' is scheduled for tick 4; until then only its priority"),
        (partial(engine.revoke, part), "'A:s1/1' is a part of a transaction; it can be moved and get"),
        (partial(engine.revoke, large), r"'A:s1' was split; its parts, from 'A:s1/1' on, can be moved"),
        (partial(engine.revoke, small), "'A:s3' was revoked; it must be resubmitted first"),
        (partial(engine.resubmit, whole), "'A:s2' is queued; only what was revoked can be resubmitted"),
        (partial(engine.split, held, 2), "'B:s1' is in its sender's own queue, where the policy decides"),
        (partial(engine.split, whole, 2), "'A:s2' is not divisible"),
        (partial(engine.split, three, 7), "parts 7 must be from 2 to 6, for each has at least one cent"),
        (partial(engine.split, three, 1), "parts 1 must be from 2 to 6, for each"),
        (partial(engine.split, one, 2), "parts 2: an amount of one cent cannot be divided"),
        (partial(engine.split, large_too, 11), "parts 11 must be from 2 to 10$"),
        (partial(engine.move_in_queue, whole, "middle"), "to must be 'front' or 'end', not 'middle'"),
    ):
        before = engine.state_hash()
        with pytest.raises(InterventionRefusedError, match=said):
            call()
        assert engine.state_hash() == before
    engine.run(2)
    with pytest.raises(InterventionRefusedError, match="deadline 3, which is not after tick 3; submit a new"):
        engine.resubmit(small)


# --- what is kept of all that ---


def test_a_saved_state_has_what_was_done() -> None:
    engine = PlayableEngine(day(balances=(20, 0), cost_rates={"split_friction_cost": 7}))
    ids = submit(engine, *(("A", "B", amount) for amount in (60, 40, 30)), divisible=True)
    engine.tick()
    engine.revoke(ids[0])
    engine.split(ids[1], 4)
    loaded = Orchestrator.load_state(engine.save_state())
    assert loaded.state_hash() == engine.state_hash()
    for one in (loaded, engine):
        one.resubmit(ids[0])
    assert [loaded.run(), loaded.state_hash()] == [engine.run(), engine.state_hash()]
    assert engine.get_queue2_size() == 4  # the 10s paid their way; three of them are left, and the 30 and 60


def test_what_was_taken_back_stays_in_memory_and_comes_again() -> None:
    engine = PlayableEngine(day(balances=(20, 0)))
    ids = submit(engine, *(("A", "B", amount) for amount in (60, 1, 2, 3, 4, 5)), divisible=True)
    engine.tick()
    before = engine.state_hash()
    engine.revoke(ids[0])
    away = engine.state_hash()
    assert away != before
    assert pa.table(engine.drain_transactions()).num_rows == 5
    engine.drain_events()
    assert [row["status"] for row in engine.table("transactions")] == ["dropped"]
    assert engine.state_hash() == away
    engine.resubmit(ids[0])
    engine.tick()
    assert engine.get_transaction(ids[0])["status"] == "queued"
    engine.split(ids[0], 4)
    engine.drain_events()
    engine.run()
    assert engine.get_queue2_size() == 4


# --- by plan ---


@both
def test_a_plan_does_what_senders_would_do(make: Made) -> None:
    """60 hold up 40. Taken back by plan in tick 1, they come again in tick 3, and are divided in tick 4.

    In tick 1 the 40 settle and 10 are left; the first of six parts of 10 settles in tick 4, as it is split.
    """
    plan = (
        {"type": "revocation", "at": {"tick": 1}, "transaction_id": "p0"},
        {"type": "priority", "at": {"tick": 2}, "transaction_id": "p0", "priority": 9},
        {"type": "resubmission", "at": {"tick": 3}, "transaction_id": "p0"},
        {"type": "split", "at": {"tick": 4}, "transaction_id": "p0", "parts": 6},
        {"type": "priority", "at": {"tick": 4}, "transaction_id": "p0/6", "priority": 9},
        {"type": "priority", "at": {"tick": 4}, "transaction_id": "p7", "priority": 9},
        {"type": "priority", "at": {"tick": 2}, "transaction_id": "p2", "priority": 9},
    )
    simulation = make(day(*plan, balances=(50, 0), settlement={"queue_discipline": "fifo"}))
    rows = [
        {
            "sender": "A",
            "receiver": "B",
            "amount": amount,
            "submit_tick": tick,
            "divisible": True,
            "transaction_id": f"p{number}",
        }
        for number, (amount, tick) in enumerate(((60, 0), (40, 0), (5, 5)))
    ]
    simulation.submit_rows(rows)
    simulation.run()
    found = [(tick, kind) for tick, kind in kinds(simulation, "p0") if kind in PLANNED]
    assert found == [(1, "revoked"), (3, "resubmitted"), (4, "split")]
    assert kinds(simulation, "p1")[-1] == (1, "settled")
    assert kinds(simulation, "p0/1") == [(4, "part"), (4, "settled")]
    refused = [row for row in simulation.table("events") if row["kind"] == "intervention_refused"]
    # p0 is away, p2 has not arrived, p7 is none
    assert [(row["tick"], row["transaction_id"]) for row in refused] == [(2, "p0"), (2, "p2"), (4, "p7")]
    assert {row[name] for row in refused for name in ("agent", "counterparty", "amount")} == {None}
    assert statuses(simulation, ["p0", "p0/1", "p0/2", "p2"]) == ["queued", "settled", "queued", "queued"]


PLANNED = {"revoked", "resubmitted", "split", "priority_changed"}


@both
def test_a_plan_may_wait_for_a_condition(make: Made) -> None:
    """As soon as something waits in Queue 2, the payment that holds it up is taken back."""
    plan = {"type": "revocation", "when": {"queue2_size_above": 0}, "transaction_id": "p0"}
    simulation = make(day(plan, balances=(50, 0), settlement={"queue_discipline": "fifo"}))
    settled, _ = run(simulation, pay(("A", "B", 60, 2), ("A", "B", 40, 2)))
    assert settled == [None, 3]
