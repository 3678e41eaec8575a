"""A session comes back from its bytes as it was, or not at all."""

from __future__ import annotations

import pytest

from payment_simulator import Simulation
from payment_simulator.errors import SnapshotError
from payment_simulator.sessions import LiveSession, Tick
from payment_simulator.sessions.live import compressed, uncompressed
from tests.sessions.support import busy_config, everything, payment


def played(ticks: int = 20) -> LiveSession:
    live = LiveSession.begin(Simulation(busy_config()))
    live.apply(payment(), 1, None)
    live.apply(Tick(ticks), 2, None)
    return live


def test_a_session_comes_back_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    live = played()
    back = LiveSession.from_bytes(uncompressed(compressed(live.to_bytes())), 2)
    assert everything(back) == everything(live)
    for each in (live, back):
        each.apply(Tick(20), 3, None)
    assert everything(back) == everything(live)


def test_no_wrong_bit_is_believed() -> None:
    live = played()
    expected, data = everything(live), compressed(live.to_bytes())
    believed = []
    for place in range(0, len(data), max(1, len(data) // 400)):
        for bit in (0x01, 0x80):
            damaged = data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :]
            try:
                found = everything(LiveSession.from_bytes(uncompressed(damaged), 2))
            except SnapshotError:
                continue
            if found != expected:
                believed.append(place)
    assert believed == [], f"of {len(data)} bytes"


@pytest.mark.parametrize("length", [0, 1, 7, 8, 9, 20, 100, -1])
def test_what_is_cut_off_is_no_snapshot(length: int) -> None:
    live = played()
    for cut in (uncompressed(compressed(live.to_bytes()))[:length], live.to_bytes()[:length]):
        with pytest.raises(SnapshotError):
            LiveSession.from_bytes(cut, 2)
    with pytest.raises(SnapshotError):
        uncompressed(compressed(live.to_bytes())[:length])


@pytest.mark.parametrize(
    "header", [b"\xff" * 8, b"\xff" * 6 + b"\0\0", b"\xff" * 7 + b"\x7f", b"\1" + b"\0" * 7]
)
def test_a_length_that_cannot_be_is_no_snapshot(header: bytes) -> None:
    with pytest.raises(SnapshotError):
        uncompressed(header + compressed(b"data")[8:])


def test_answers_are_forgotten_up_to_a_command() -> None:
    live = LiveSession.begin(Simulation(busy_config()))
    for number in range(1, 6):
        live.apply(payment(number), number, f"k{number}")
    assert [kept.key for kept in live.kept_answers()] == ["k1", "k2", "k3", "k4", "k5"]
    live.forget_answers(3)
    assert [kept.key for kept in live.kept_answers()] == ["k4", "k5"]


def test_a_session_knows_that_commands_are_carried_out_one_by_one() -> None:
    live = played()
    with pytest.raises(AssertionError):
        live.apply(Tick(1), 2, None)
    with pytest.raises(AssertionError):
        live.apply(Tick(1), 4, None)


def test_a_session_takes_at_least_what_its_simulation_and_history_take() -> None:
    live = played(200)
    assert live.memory_bytes > live.simulation.memory_bytes + 200 * 32
