"""A command comes back from the journal as it was put in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payment_simulator.errors import OtherVersionError
from payment_simulator.sessions import (
    ChangePriority,
    Command,
    MoveInQueue,
    Resubmit,
    Revoke,
    Rewind,
    RunTo,
    Split,
    Submit,
    SubmitBatch,
    Tick,
)
from payment_simulator.sessions.commands import body_of, command_of
from tests.sessions.support import payments

COMMANDS: st.SearchStrategy[Command] = st.one_of(
    st.builds(Tick, count=st.integers()),
    st.builds(RunTo, tick=st.integers()),
    st.builds(Rewind, tick=st.integers()),
    st.builds(ChangePriority, transaction_id=st.text(), priority=st.integers()),
    st.builds(MoveInQueue, transaction_id=st.text(), to=st.sampled_from(["front", "end"])),
    st.builds(Revoke, transaction_id=st.text()),
    st.builds(Resubmit, transaction_id=st.text()),
    st.builds(Split, transaction_id=st.text(), parts=st.integers()),
    st.builds(
        Submit,
        sender=st.text(),
        receiver=st.text(),
        amount=st.integers(),
        deadline_tick=st.none() | st.integers(),
        priority=st.integers(),
        divisible=st.booleans(),
    ),
)


@given(COMMANDS)
def test_commands_come_back(command: Command) -> None:
    assert command_of(command.kind, body_of(command)) == command


def test_a_batch_comes_back() -> None:
    table = payments(1_000)
    command = command_of(SubmitBatch.kind, body_of(SubmitBatch(table)))
    assert isinstance(command, SubmitBatch)
    assert command.table.equals(table)


@pytest.mark.parametrize("kind", ["", "merge", "Tick", "tick ", "rewind2"])
def test_a_kind_of_a_newer_program_is_said(kind: str) -> None:
    with pytest.raises(OtherVersionError, match=rf"'{kind}'.*newer version"):
        command_of(kind, b"{}")


@pytest.mark.parametrize("body", [b'{"count": 1, "quietly": true}', b"{}", b"\xff", b"[]"])
def test_a_command_of_another_shape_is_of_another_version(body: bytes) -> None:
    with pytest.raises(OtherVersionError, match="tick"):
        command_of("tick", body)


@given(tick=st.integers(0, 1_000), num_ticks=st.integers(1, 1_000), wanted=st.integers(1, 2**70))
def test_the_tick_after_a_command_is_never_past_the_end(tick: int, num_ticks: int, wanted: int) -> None:
    tick = min(tick, num_ticks)
    assert Tick(wanted).tick_after(tick, num_ticks) == min(tick + wanted, num_ticks)
    assert RunTo(wanted).tick_after(tick, num_ticks) == max(tick, min(wanted, num_ticks))
    at_once = (
        Submit("a", "b", 1),
        ChangePriority("x", 1),
        MoveInQueue("x", "end"),
        Revoke("x"),
        Resubmit("x"),
        Split("x", 2),
    )
    assert {command.tick_after(tick, num_ticks) for command in at_once} == {tick}
    assert Rewind(tick).tick_after(num_ticks, num_ticks) == tick
