"""Earliest and latest debit times, worked by hand, on the engine and on the model."""

from typing import Any

import pytest

from payment_simulator._core import Orchestrator
from tests.differential.test_happenings import Made, Row, both, day, pay


def fates(simulation: Any) -> list[tuple[str, int | None, int | None]]:  # noqa: ANN401
    rows = simulation.table("transactions")
    return [(row["status"], row["release_tick"], row["settle_tick"]) for row in rows]


def kinds(simulation: Any, transaction_id: str) -> list[tuple[int, str]]:  # noqa: ANN401
    rows = simulation.table("events")
    return [(row["tick"], row["kind"]) for row in rows if row["transaction_id"] == transaction_id]


def timed(*rows: tuple[str, str, int, int, int | None, int | None]) -> list[Row]:
    """Payments with their earliest and latest debit tick."""
    plain = pay(*(row[:4] for row in rows))
    return [
        {**one, "earliest_debit_tick": row[4], "latest_debit_tick": row[5]}
        for one, row in zip(plain, rows, strict=True)
    ]


@both
def test_what_may_not_be_debited_yet_holds_up_nothing(make: Made) -> None:
    """Under `fifo` A has 50. Its 50 of tick 0 may be debited from tick 3 on: the 30 that come later go first.

    In tick 3 the 50 enter: 20 are there, they wait. B pays 30 in tick 4, and they settle.
    """
    simulation = make(day(balances=(50, 100), settlement={"queue_discipline": "fifo"}))
    ids = simulation.submit_rows(
        timed(("A", "B", 50, 0, 3, None), ("A", "B", 30, 1, None, None), ("B", "A", 30, 4, None, None))
    )
    simulation.run(1)
    assert fates(simulation)[0] == ("pending", 0, None)
    assert [simulation.get_queue1_size("A"), simulation.get_queue2_size()] == [1, 0]
    simulation.run()
    assert fates(simulation) == [("settled", 0, 4), ("settled", 1, 1), ("settled", 4, 4)]
    assert kinds(simulation, ids[0]) == [
        (0, "arrived"),
        (0, "stored"),
        (3, "released"),
        (3, "queued"),
        (4, "settled"),
    ]


@both
def test_what_is_stored_takes_no_part_in_offsetting(make: Made) -> None:
    """A and B owe each other 40 and have nothing: they offset when both may be debited, in tick 2."""
    simulation = make(day(balances=(0, 0), lsm_config={}))
    simulation.submit_rows(timed(("A", "B", 40, 0, 2, None), ("B", "A", 40, 0, None, None)))
    simulation.run()
    assert [row["settle_tick"] for row in simulation.table("transactions")] == [2, 2]


@both
def test_what_may_not_be_debited_any_more_is_cancelled_and_lets_others_go(make: Made) -> None:
    """Under `fifo` 60 wait in front of 40, for which the money is there. They wait up to the end of tick 1.

    They cost two ticks of delay, at one each, and no penalty for the end of the day.
    """
    config = day(
        balances=(50, 0),
        settlement={"queue_discipline": "fifo"},
        cost_rates={"delay_cost_per_tick_per_cent": "0.016666666666666667", "eod_penalty_per_transaction": 9},
    )
    simulation = make(config)
    ids = simulation.submit_rows(timed(("A", "B", 60, 0, None, 1), ("A", "B", 40, 0, None, None)))
    simulation.run()
    assert fates(simulation) == [("dropped", 0, None), ("settled", 0, 2)]
    assert kinds(simulation, ids[0])[-2:] == [(0, "queued"), (1, "expired")]
    assert [row["cents"] for row in simulation.table("costs") if row["kind"] == "eod_penalty"] == [0, 0]


@both
def test_settling_in_the_latest_tick_is_in_time(make: Made) -> None:
    """B pays in tick 2, which is the last in which A's payment may be debited: it is."""
    simulation = make(day(balances=(0, 40)))
    simulation.submit_rows(timed(("A", "B", 40, 0, None, 2), ("B", "A", 40, 2, None, None)))
    simulation.run()
    assert fates(simulation)[0] == ("settled", 0, 2)


@both
def test_parts_inherit_both(make: Made) -> None:
    """A splits 90 into three as it releases them, in tick 0; they enter in tick 2, and one fits.

    At the end of tick 3 the others are cancelled, and with them what they were parts of.
    """
    config = day(balances=(50, 0))
    config["agent_configs"][0]["policy"] = {"type": "MockSplitting", "num_splits": 3}
    simulation = make(config)
    rows = timed(("A", "B", 90, 0, 2, 3))
    simulation.submit_rows([{**rows[0], "divisible": True}])
    simulation.run(1)
    assert fates(simulation) == [("queued", 0, None), *[("pending", 0, None)] * 3]
    simulation.run()
    assert fates(simulation) == [
        ("dropped", 0, None),
        ("settled", 0, 2),
        ("dropped", 0, None),
        ("dropped", 0, None),
    ]


@both
def test_what_was_sent_before_the_cut_off_enters_after_it(make: Made) -> None:
    """The cut-off is after tick 1; what was sent in tick 0 enters in tick 3."""
    config = day(balances=(50, 0), settlement={"cut_offs": [{"after": 1}]})
    simulation = make(config)
    simulation.submit_rows(timed(("A", "B", 50, 0, 3, None)))
    simulation.run()
    assert fates(simulation) == [("settled", 0, 3)]


@both
def test_while_the_system_stands_still_nothing_enters(make: Made) -> None:
    """From tick 2 to 3 it stands still: what may be debited from 2 on enters in 4, unless only until 3."""
    event = {"type": "system_outage", "at": {"tick": 2}, "duration_ticks": 2}
    simulation = make(day(event, balances=(50, 0)))
    simulation.submit_rows(timed(("A", "B", 20, 0, 2, None), ("A", "B", 30, 0, 2, 3)))
    simulation.run()
    assert fates(simulation) == [("settled", 0, 4), ("dropped", 0, None)]


@both
def test_what_is_stored_can_be_taken_back_but_not_moved_or_split(make: Made) -> None:
    """Submitted again, it waits for the same tick; after its latest debit tick it cannot be."""
    simulation = make(day(balances=(50, 0)))
    stored = simulation.submit_rows(timed(("A", "B", 20, 0, 2, 4)))[0]
    simulation.run(1)
    for refused, value in ((simulation.move_in_queue, "front"), (simulation.split, 2)):
        with pytest.raises((RuntimeError, ValueError)):
            refused(stored, value)
    simulation.revoke(stored)
    simulation.resubmit(stored)
    simulation.run(1)
    assert kinds(simulation, stored)[-3:] == [(1, "revoked"), (1, "resubmitted"), (1, "stored")]
    simulation.revoke(stored)
    simulation.run(3)
    with pytest.raises((RuntimeError, ValueError)):
        simulation.resubmit(stored)


def test_a_refusal_names_what_is_wrong() -> None:
    """Each row is looked at, and nothing is submitted."""
    simulation = Orchestrator(day(balances=(50, 0)))
    batch: dict[str, list[Any]] = {
        "sender": ["A"] * 4,
        "receiver": ["B"] * 4,
        "amount": [1] * 4,
        "submit_tick": [1, 2, 0, 0],
        "earliest_debit_tick": [3, None, -1, None],
        "latest_debit_tick": [2, 1, None, None],
    }
    with pytest.raises(RuntimeError) as refused:
        simulation.submit_transactions_batch(batch)
    assert str(refused.value) == (
        "3 bad rows: row 0: earliest_debit_tick 3 must not be after latest_debit_tick 2; row 1: "
        "latest_debit_tick 1 must not be before the submission in tick 2; row 2: earliest_debit_tick -1 must "
        "be from 0 to 4294967294"
    )
    with pytest.raises(RuntimeError, match="latest_debit_tick -1 must be from 0"):
        simulation.submit_transaction("A", "B", 1, latest_debit_tick=-1)
    assert len(simulation.transactions()) == 0


def test_debit_times_can_be_asked_for() -> None:
    """Of a part, they are those of what it is a part of."""
    config = day(balances=(0, 0))
    config["agent_configs"][0]["policy"] = {"type": "MockSplitting", "num_splits": 2}
    simulation = Orchestrator(config)
    one = simulation.submit_transaction("A", "B", 8, divisible=True, earliest_debit_tick=1)
    other = simulation.submit_transaction("A", "B", 8, latest_debit_tick=5)
    simulation.tick()
    assert [simulation.debit_times(each) for each in (one, f"{one}/1", other, "nobody")] == [
        (1, None),
        (1, None),
        (None, 5),
        (None, None),
    ]
