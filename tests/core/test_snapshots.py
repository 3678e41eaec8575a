"""Saving, loading, pickling and copying: going on equals never having stopped."""

import copy
import pickle
from collections.abc import Callable

import pytest

from payment_simulator._core import Orchestrator
from payment_simulator.errors import ConfigError, SimulationError, SnapshotError
from tests.core.support import busy_config, everything

WAYS: dict[str, Callable[[Orchestrator], Orchestrator]] = {
    "save and load": lambda simulation: Orchestrator.load_state(simulation.save_state()),
    "a bytearray": lambda simulation: Orchestrator.load_state(bytearray(simulation.save_state())),
    "a memoryview": lambda simulation: Orchestrator.load_state(memoryview(simulation.save_state())),
    "pickle": lambda simulation: pickle.loads(pickle.dumps(simulation)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("ticks", [0, 13, 30])
def test_going_on_equals_never_having_stopped(way: str, ticks: int) -> None:
    original = Orchestrator.new(busy_config())
    original.run(ticks)
    again = WAYS[way](original)
    assert everything(again) == everything(original)
    assert again.run() == original.run()
    assert everything(again) == everything(original)


def test_a_copy_goes_its_own_way() -> None:
    original = Orchestrator.new(busy_config())
    before = everything(original)
    copy.copy(original).run()
    assert everything(original) == before


@pytest.fixture(scope="module")
def saved() -> bytes:
    simulation = Orchestrator.new(busy_config())
    simulation.run(13)
    return simulation.save_state()


def test_every_truncation_is_a_clear_error(saved: bytes) -> None:
    for length in {*range(64), *range(64, len(saved), 97), len(saved) - 1}:
        with pytest.raises(SnapshotError):
            Orchestrator.load_state(saved[:length])


def test_every_flipped_byte_is_a_clear_error(saved: bytes) -> None:
    for at in {*range(64), *range(64, len(saved), 97), len(saved) - 1}:
        flipped = bytearray(saved)
        flipped[at] ^= 0x55
        with pytest.raises(SnapshotError):
            Orchestrator.load_state(flipped)


@pytest.mark.parametrize("data", [b"", b"no state", bytes(10_000)])
def test_what_is_no_state_is_a_clear_error(data: bytes) -> None:
    with pytest.raises(SnapshotError) as raised:
        Orchestrator.load_state(data)
    assert isinstance(raised.value, SimulationError)
    assert isinstance(raised.value, ValueError)
    assert raised.value.code == "snapshot_invalid"


def test_a_state_is_refused_with_another_configuration(saved: bytes) -> None:
    Orchestrator.load_state(saved, busy_config())
    for other in (busy_config(rng_seed=8), busy_config(num_days=4), busy_config(output={"events": "none"})):
        with pytest.raises(SnapshotError, match="its configuration is not the one that it came with"):
            Orchestrator.load_state(saved, other)
    with pytest.raises(ConfigError, match="num_days"):
        Orchestrator.load_state(saved, busy_config(num_days=0))


def test_text_is_not_bytes() -> None:
    with pytest.raises(TypeError):
        Orchestrator.load_state("text")  # type: ignore[arg-type]
