"""Whatever is changed in a results directory is found, and named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from payment_simulator.audit import audit
from tests.audit.days import agent, busy_day
from tests.audit.directories import Rows, change, config_of, read_rows, run_reference, write_directory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def day(tmp_path: Path) -> Path:
    return busy_day(tmp_path / "run")


def set_value(row: int, column: str, value: Any) -> Callable[[Rows], None]:  # noqa: ANN401
    def edit(rows: Rows) -> None:
        assert rows[row][column] != value
        rows[row][column] = value

    return edit


def delete(row: int) -> Callable[[Rows], None]:
    return lambda rows: rows.__delitem__(row)


def swap(first: int, second: int) -> Callable[[Rows], None]:
    def edit(rows: Rows) -> None:
        rows[first], rows[second] = rows[second], rows[first]

    return edit


def insert(row: int, at: int, **changed: Any) -> Callable[[Rows], None]:  # noqa: ANN401
    return lambda rows: rows.insert(at, {**rows[row], **changed})


def both(*edits: Callable[[Rows], None]) -> Callable[[Rows], None]:
    def edit(rows: Rows) -> None:
        for one in edits:
            one(rows)

    return edit


def costlier(rows: Rows) -> None:
    rows[1]["exact"] += 1


TAMPERED: dict[str, tuple[str, Callable[[Rows], None], str]] = {
    # balances
    "a balance": (
        "balances",
        set_value(1, "balance", 141),
        "balances.parquet, row 1: B in tick 0 with 141 there, B in tick 0 with 140 by the events",
    ),
    "a missing balance": (
        "balances",
        delete(1),
        "balances.parquet: it has 9 rows; by the events there are 10",
    ),
    "a balance at the end": (
        "agents",
        set_value(0, "balance", 76),
        "agents.parquet, row 0: balance of A is 76 there, -5 by the events",
    ),
    "the least balance": ("agents", set_value(1, "least_balance", -1), "least_balance of B is -1 there"),
    "money from nowhere": (
        "agents",
        set_value(3, "balance", 61),
        "agents.parquet: its balances sum to 101; the opening balances sum to 100",
    ),
    "the size of a queue": ("agents", set_value(2, "queue2_size", 0), "queue2_size of C is 0 there, 1 by"),
    "the value of a queue": (
        "agents",
        set_value(3, "queue1_value", 70),
        "queue1_value of D is 70 there, 0 by",
    ),
    "what was sent": ("agents", set_value(0, "sent_value", 204), "sent_value of A is 204 there, 205 by"),
    # costs
    "a cent of cost": (
        "costs",
        set_value(3, "cents", 1),
        "costs.parquet, row 3: cents of A eod_penalty is 1",
    ),
    "an exact cost": (
        "costs",
        costlier,
        "costs.parquet, row 1: exact of A delay is 1 there, 0 by the events",
    ),
    "a cost of an agent": (
        "agents",
        set_value(3, "cost_deadline_penalty", 11),
        "is 11 there, 12 by the events",
    ),
    # transactions
    "a status": (
        "transactions",
        set_value(5, "status", "settled"),
        "transactions.parquet, row 5: status of 'p5' is 'settled' there, 'queued' by the events",
    ),
    "a settlement's tick": (
        "transactions",
        set_value(1, "settle_tick", 2),
        "settle_tick of 'p1' is 2 there, 1 by the events",
    ),
    "a parent's tick": (
        "transactions",
        set_value(2, "settle_tick", 2),
        "settle_tick of 'p2' is 2 there, 1 by",
    ),
    "a method": (
        "transactions",
        set_value(1, "settlement_method", "cycle"),
        "settlement_method of 'p1' is 'cycle' there, 'bilateral' by the events",
    ),
    "a release": ("transactions", set_value(5, "release_tick", 3), "release_tick of 'p5' is 3 there, 4 by"),
    "a missing transaction": (
        "transactions",
        delete(4),
        "1 transactions of the events are not in it, first 'p4'",
    ),
    "a doubled transaction": ("transactions", insert(4, 5), "'p4' stands in the table twice"),
    "an invented transaction": (
        "transactions",
        insert(4, 5, transaction_id="x"),
        "'x' has no events; only what is scheduled for after the run may have none",
    ),
    "an amount in the table": (
        "transactions",
        set_value(0, "amount", 141),
        "amount of 'p0' is 141 there, 140 by",
    ),
    "a parent": (
        "transactions",
        set_value(10, "parent_id", "p3"),
        "parent_id of 'p2/1' is not the one by the",
    ),
    "a deadline": (
        "transactions",
        set_value(4, "deadline_tick", 2),
        "transactions.parquet, row 4: 'p4' has deadline 2, which is not after its submission in tick 2",
    ),
    "an earlier deadline": (
        "transactions",
        set_value(5, "deadline_tick", 4),
        "'p5' has deadline 4, so it is overdue in tick 4; in the events it is overdue in tick 5",
    ),
    # events
    "a balance after a settlement": (
        "events",
        set_value(18, "balance_after", 71),
        "events.parquet, row 18: the balance of B after it is 71 there, 70 by the rows before",
    ),
    "a balance in an offset set": (
        "events",
        set_value(12, "balance_after", 131),
        "events.parquet, row 12: the balance of B after it is 131 there, 130 by the rows before",
    ),
    "a missing arrival": (
        "events",
        delete(16),
        "'settled' is the first row about 'p4': that it arrived, or was submitted, is missing",
    ),
    "a missing settlement": (
        "events",
        delete(18),
        "'p4' is released in this tick and does not settle in it, but there is no row that it is queued",
    ),
    "a missing penalty": (
        "events",
        delete(35),
        "'p6' has 1 rows 'penalised'; it was unsettled at the end of 2 days",
    ),
    "a missing end of a day": ("events", delete(30), "the day that ends with tick 3 has no row 'day_ended'"),
    "a missing overdue row": (
        "events",
        delete(33),
        "so it is overdue in tick 5; in the events it is never overdue",
    ),
    "swapped settlements": (
        "events",
        swap(14, 15),
        "row 14: the balance of C after it is -10 there, -4 by the",
    ),
    "swapped kinds": ("events", swap(10, 11), "'part' cannot follow 'settled' in a tick"),
    "swapped ticks": ("events", swap(15, 16), "row 16: its tick is 1, but the row before has 2"),
    "swapped partners": ("events", swap(3, 4), "'released' of 'p1' has no partner"),
    "a limit passed": (
        "events",
        both(set_value(0, "amount", 160), set_value(2, "amount", 160), set_value(2, "balance_after", -60)),
        "events.parquet, row 2: it takes A to -60, beyond its credit limit of 50",
    ),
    "a second settlement": ("events", insert(18, 19), "'p4' is settled a second time; the first was row 18"),
    "a changed amount": (
        "events",
        set_value(2, "amount", 139),
        "the amount of 'p0' is 139 here, 140 in row 0",
    ),
    "a changed receiver": (
        "events",
        set_value(2, "counterparty", "C"),
        "the sender or receiver of 'p0' is not the one in row 0",
    ),
    "parts that are not equal": (
        "events",
        both(*(set_value(row, "amount", 7) for row in (8, 9, 11, 14))),
        "'p2' over 20 is split into [7, 7, 6]; equal parts are [8, 6, 6]",
    ),
    "an unknown kind": ("events", set_value(3, "kind", "lost"), "its kind is none that the auditor knows"),
    "an unknown agent": ("events", set_value(1, "agent", "Z"), "its agent is not in the configuration"),
    "a set that is none": (
        "events",
        both(set_value(12, "method", "cycle"), set_value(13, "method", "cycle")),
        "events.parquet, row 12: the cycle set of 2 payments that begins here",
    ),
    "a wrong method": (
        "events",
        set_value(18, "method", "queue"),
        "settlement_method of 'p4' is 'immediate' there",
    ),
    "something after the end": (
        "events",
        insert(33, 34, transaction_id="p1"),
        "comes after the row 'settled'",
    ),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_what_is_changed_is_named(day: Path, name: str) -> None:
    table, edit, expected = TAMPERED[name]
    change(day, table, edit)
    report = audit(day)
    assert not report.agrees
    assert any(expected in str(difference) for difference in report.differences), "\n".join(
        map(str, report.differences)
    )


def test_a_gap_in_the_sequence_is_named(day: Path) -> None:
    from tests.audit.directories import write_rows  # noqa: PLC0415

    rows = read_rows(day, "events")
    del rows[16]
    write_rows(day, "events", rows)
    texts = list(map(str, audit(day).differences))
    assert any("row 16: its sequence is 17, after 15: a row is missing" in text for text in texts)


CONFIGS = {
    "a credit limit": ("credit_limit: 50", "credit_limit: 30", "beyond its credit limit of 30"),
    "an opening balance": ("opening_balance: 100", "opening_balance: 101", "after it is -40 there, -39 by"),
    "a cost rate": ("deadline_penalty: 11.5", "deadline_penalty: 12.5", "costs.parquet, row 26: exact of D"),
    "the end of the day": (
        "unsettled: carry_over",
        "unsettled: cancel",
        "4 transactions are penalised and 0 dropped",
    ),
    "offsetting": ("bilateral_enabled: true", "bilateral_enabled: false", "settled by offsetting"),
    "crediting": ("crediting: immediate", "crediting: deferred", "by the rows before"),
    "the length of a day": ("ticks_per_day: 4", "ticks_per_day: 8", "but no day ends"),
    "the length of cycles": ("max_cycles_per_tick: 10", "max_cycles_per_tick: 0", "settled by offsetting"),
    "the seed": ("rng_seed: 1", "rng_seed: 2", "manifest.json: seed is 1 there, 2 by config.yaml"),
    "an agent": ("id: D", "id: E", "its agent is not in the configuration"),
}


LIMITED = {
    "a bilateral limit": ("B: 40", "B: 39", "it A has sent 40 net to B on this day; its limit is 39"),
    "a multilateral limit": (
        "multilateral: 60",
        "multilateral: 50",
        "it A has sent 60 net to all without a limit of their own on this day; its limit is 50",
    ),
    "an algorithm": ("algorithm: gridlock_resolution", "algorithm: partial", "settled by offsetting"),
}


@pytest.mark.parametrize("name", LIMITED)
def test_another_limit_or_step_is_noticed(tmp_path: Path, name: str) -> None:
    """A has 100; its 40 to B, 50 and 10 to C settle; then a ring of 90 settles by gridlock resolution."""
    limits = {"bilateral": {"B": 40}, "multilateral": 60}
    plain = {
        "ticks_per_day": 4,
        "num_days": 1,
        "rng_seed": 1,
        "agent_configs": [agent("A", 100, 0) | {"sender_limits": limits}, agent("B", 0, 0), agent("C", 0, 0)],
        "settlement": {"offsetting": [{"algorithm": "gridlock_resolution"}]},
    }
    payments = [("A", "B", 40), ("A", "C", 50), ("A", "C", 10), ("B", "C", 90), ("C", "B", 90)]
    rows = [
        {"sender": sender, "receiver": receiver, "amount": amount} for sender, receiver, amount in payments
    ]
    model = run_reference(plain, {0: [lambda model: model.submit_transactions_batch(rows)]}, 4)
    day = write_directory(tmp_path / "day", config_of(plain), model)
    assert audit(day).agrees
    old, new, expected = LIMITED[name]
    text = (day / "config.yaml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    (day / "config.yaml").write_text(text.replace(old, new), encoding="utf-8")
    texts = list(map(str, audit(day).differences))
    assert any(expected in text for text in texts), "\n".join(texts)


OTHER_LIMITS = {
    "the limit": ("limit: 20", "limit: 19", "the configuration has no sender limit of 20 for this agent"),
    "whose it is": ("counterparty: B", "counterparty: C", "no sender limit of 20 for this agent"),
    "the cap": ("cap: 90", "cap: 89", "the configuration has no cap of 90 for this agent"),
}


@pytest.mark.parametrize("name", OTHER_LIMITS)
def test_another_change_of_a_limit_is_noticed(tmp_path: Path, name: str) -> None:
    """A sends B 40 of 50; with a limit of 20 from tick 1 on it sends it 10 in a pair for 10."""
    old, new, expected = OTHER_LIMITS[name]
    day = changed_limits(tmp_path)
    assert audit(day).agrees
    text = (day / "config.yaml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    (day / "config.yaml").write_text(text.replace(old, new), encoding="utf-8")
    texts = list(map(str, audit(day).differences))
    assert any(expected in text for text in texts), "\n".join(texts)


@pytest.mark.parametrize(
    ("kind", "amount", "expected"),
    [
        ("sender_limit_changed", 4, "A has sent 5 net to C on this day; its limit is 4"),
        ("cap_changed", 4, "it takes C to 8, above its band, which ends at 4"),
    ],
)
def test_what_settles_beyond_a_changed_limit_is_noticed(
    tmp_path: Path, kind: str, amount: int, expected: str
) -> None:
    """A's 5 to C are within what the rows before allow, and not within another amount."""
    day = changed_limits(tmp_path)

    def edit(rows: Rows) -> None:
        next(row for row in rows if row["kind"] == kind and row["tick"] == 2)["amount"] = amount

    change(day, "events", edit)
    texts = list(map(str, audit(day).differences))
    assert any(expected in text for text in texts), "\n".join(texts)


def changed_limits(tmp_path: Path) -> Path:
    """The directory of a day on which limits and bands change."""
    limits = {"bilateral": {"B": 50, "C": 0}}
    plain = {
        "ticks_per_day": 4,
        "num_days": 1,
        "rng_seed": 1,
        "agent_configs": [
            agent("A", 100, 0) | {"sender_limits": limits},
            agent("B", 40, 0),
            agent("C", 3, 0),
        ],
        "settlement": {"offsetting": [{"algorithm": "balanced_release", "final_settlement": False}]},
        "scenario_events": [
            {"type": "sender_limit", "at": {"tick": 1}, "agent": "A", "counterparty": "B", "limit": 20},
            {"type": "cap", "at": {"tick": 1}, "agent": "B", "cap": 90},
            {"type": "sender_limit", "at": {"tick": 2}, "agent": "A", "counterparty": "C", "limit": 8},
            {"type": "cap", "at": {"tick": 2}, "agent": "C", "cap": 9},
        ],
    }
    rows = [
        {"sender": sender, "receiver": receiver, "amount": amount, "submit_tick": tick}
        for sender, receiver, amount, tick in (
            ("A", "B", 40, 0),
            ("A", "B", 10, 1),
            ("B", "A", 10, 1),
            ("A", "C", 5, 2),
        )
    ]
    model = run_reference(plain, {0: [lambda model: model.submit_transactions_batch(rows)]}, 4)
    return write_directory(tmp_path / "day", config_of(plain), model)


def test_another_reservation_is_noticed(tmp_path: Path) -> None:
    """A has 100 and keeps 50, of which a highly urgent 20 uses up 20; then a pair costs it 30 net."""
    plain = {
        "ticks_per_day": 4,
        "num_days": 1,
        "rng_seed": 1,
        "agent_configs": [
            agent("A", 100, 0) | {"reservations": {"highly_urgent": 50}},
            agent("B", 0, 0),
            agent("C", 0, 0),
        ],
        "settlement": {"queue_discipline": "priority", "offsetting": [{"algorithm": "bilateral"}]},
    }
    payments = [("A", "C", 20, 9), ("A", "B", 70, 1), ("B", "A", 40, 1), ("A", "C", 20, 1)]
    rows = [
        {"sender": sender, "receiver": receiver, "amount": amount, "priority": priority}
        for sender, receiver, amount, priority in payments
    ]
    model = run_reference(plain, {0: [lambda model: model.submit_transactions_batch(rows)]}, 4)
    day = write_directory(tmp_path / "day", config_of(plain), model)
    assert audit(day).agrees
    text = (day / "config.yaml").read_text(encoding="utf-8")
    changed = text.replace("highly_urgent: 50", "highly_urgent: 51")
    (day / "config.yaml").write_text(changed, encoding="utf-8")
    texts = list(map(str, audit(day).differences))
    assert any("it keeps 31 for what is more urgent" in text for text in texts), "\n".join(texts)


BANDED = {
    "a cap": ("cap_multiple: 2", "cap_multiple: 1", "above its band, which ends at 100"),
    "the funding": ("supplemental_funding: 70", "supplemental_funding: 69", "the most is 69"),
    "the close": ("closes_at: 1", "closes_at: 2", "there is no final settlement in this tick"),
}


@pytest.mark.parametrize("name", BANDED)
def test_another_band_or_close_is_noticed(tmp_path: Path, name: str) -> None:
    """A's 90 take B to 190, its 110 wait for 70 that it is funded with at the close."""
    release = {"algorithm": "balanced_release", "cap_multiple": 2, "closes_at": 1, "supplemental_funding": 70}
    plain = {
        "ticks_per_day": 4,
        "num_days": 1,
        "rng_seed": 1,
        "agent_configs": [agent(name, 100, 0) for name in "ABC"],
        "settlement": {"offsetting": [release]},
    }
    payments = [("B", "C", 150), ("A", "B", 90), ("A", "C", 110), ("C", "A", 30)]
    rows = [
        {"sender": sender, "receiver": receiver, "amount": amount} for sender, receiver, amount in payments
    ]
    model = run_reference(plain, {0: [lambda model: model.submit_transactions_batch(rows)]}, 4)
    day = write_directory(tmp_path / "day", config_of(plain), model)
    assert audit(day).agrees
    old, new, expected = BANDED[name]
    text = (day / "config.yaml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    (day / "config.yaml").write_text(text.replace(old, new), encoding="utf-8")
    texts = list(map(str, audit(day).differences))
    assert any(expected in text for text in texts), "\n".join(texts)


@pytest.mark.parametrize("name", CONFIGS)
def test_another_configuration_is_noticed(day: Path, name: str) -> None:
    old, new, expected = CONFIGS[name]
    text = (day / "config.yaml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    (day / "config.yaml").write_text(text.replace(old, new), encoding="utf-8")
    texts = list(map(str, audit(day).differences))
    assert any(expected in text for text in texts), "\n".join(texts)
    assert any("config_digest" in text for text in texts)
