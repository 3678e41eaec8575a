"""Interventions by the façade: what they do to results, what explanations say, and what has left memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from payment_simulator import Simulation
from payment_simulator.errors import (
    InterventionRefusedError,
    SimulationFinishedError,
    UnknownTransactionError,
)
from payment_simulator.simulation.explanation import Reason
from tests.simulation.cases import TWO_BANKS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FIFO = {**TWO_BANKS, "settlement": {"queue_discipline": "fifo"}}


@pytest.fixture
def stuck() -> tuple[Simulation, str, str]:
    """A has 1,000; its 1,500 hold up its 400."""
    simulation = Simulation(FIFO)
    large, small = (simulation.submit("BANK_A", "BANK_B", amount, 8, 5, True) for amount in (1_500, 400))
    simulation.tick()
    return simulation, large, small


def test_why_what_was_taken_back_does_not_settle(stuck: tuple[Simulation, str, str]) -> None:
    simulation, large, small = stuck
    assert simulation.why(small).blocked_by == large
    simulation.revoke(large)
    found = simulation.why(large)
    assert (found.status, found.reason, found.rule) == ("dropped", Reason.REVOKED, None)
    assert found.sentences == (
        f"{large} was taken back by its sender: BANK_A pays BANK_B 15.00.",
        "Until it is submitted again, nothing happens to it.",
    )
    tried = simulation.why(small)
    assert "is tried" in " ".join(tried.sentences) or tried.reason is not Reason.BEHIND
    simulation.resubmit(large)
    assert simulation.why(large).reason is Reason.RELEASED_NEXT


def test_why_what_its_sender_split_does_not_settle(stuck: tuple[Simulation, str, str]) -> None:
    simulation, large, _ = stuck
    simulation.ticks(2)
    parts = simulation.split(large, 3)
    found = simulation.why(large)
    assert (found.reason, found.rule) == (Reason.SPLIT, None)
    assert found.sentences[0].startswith(f"{large} was split by its sender in tick 3: ")
    assert found.parts == tuple((part, "queued") for part in parts)


def test_a_result_keeps_what_it_saw(stuck: tuple[Simulation, str, str]) -> None:
    simulation, large, _ = stuck
    before = simulation.result()
    simulation.revoke(large)
    assert before.transactions["status"].to_pylist() == ["queued", "queued"]
    assert simulation.result().transactions["status"].to_pylist() == ["dropped", "queued"]


def test_a_clone_and_a_saved_one_go_their_own_way(stuck: tuple[Simulation, str, str], tmp_path: Path) -> None:
    simulation, large, _ = stuck
    other = simulation.clone()
    other.revoke(large)
    other.save(tmp_path / "saved")
    loaded = Simulation.load(tmp_path / "saved")
    loaded.resubmit(large)
    statuses = [each.transaction(large).status for each in (simulation, other, loaded)]
    assert statuses == ["queued", "dropped", "pending"]


def test_what_was_resubmitted_counts_once(stuck: tuple[Simulation, str, str]) -> None:
    simulation, large, _ = stuck
    simulation.revoke(large)
    simulation.tick()
    simulation.resubmit(large)
    simulation.submit("BANK_B", "BANK_A", 400)
    simulation.submit("BANK_A", "BANK_B", 1)
    result = simulation.run()
    assert result.summary["indicators"]["submitted"]["count"] == 4
    assert result.summary["metrics"]["settlement_rate"] == pytest.approx(2 / 4)


CALLS: dict[str, Callable[[Simulation, str], object]] = {
    "change_priority": lambda simulation, name: simulation.change_priority(name, 9),
    "revoke": Simulation.revoke,
    "resubmit": Simulation.resubmit,
    "split": lambda simulation, name: simulation.split(name, 2),
}


@pytest.mark.parametrize("name", CALLS)
def test_an_unknown_id_has_its_nearest(stuck: tuple[Simulation, str, str], name: str) -> None:
    simulation, *_ = stuck
    with pytest.raises(UnknownTransactionError, match=r"did you mean 'BANK_A:s[12]'"):
        CALLS[name](simulation, "BANK_A:s3")


@pytest.mark.parametrize("name", CALLS)
def test_what_has_left_memory_is_closed(
    stuck: tuple[Simulation, str, str], tmp_path: Path, name: str
) -> None:
    simulation, large, small = stuck
    simulation.revoke(large)
    simulation.run(2, output_dir=tmp_path / "run")
    assert simulation.transaction(small).settle_tick == 1
    with pytest.raises(InterventionRefusedError, match=r"settled in tick 1|only what was revoked"):
        CALLS[name](simulation, small)
    simulation.resubmit(large)
    assert simulation.transaction(large).status == "pending"


@pytest.mark.parametrize("name", CALLS)
def test_after_the_end_nothing_is_changed(stuck: tuple[Simulation, str, str], name: str) -> None:
    simulation, large, _ = stuck
    simulation.run()
    with pytest.raises(SimulationFinishedError):
        CALLS[name](simulation, large)
