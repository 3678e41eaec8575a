"""Interventions are in the journal: replayed, they lead to the same state, to the last bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from payment_simulator.errors import InterventionRefusedError, UnknownTransactionError
from payment_simulator.sessions import ChangePriority, Resubmit, Revoke, Rewind, Split, Submit, Tick
from tests.sessions.support import digest, done, everything, failure, quiet_config, request

if TYPE_CHECKING:
    from payment_simulator.sessions import Command, Sessions
    from tests.sessions.support import Open

COMMANDS: tuple[Command, ...] = (
    Submit("BANK_A", "BANK_B", 10**9, divisible=True),
    Submit("BANK_A", "BANK_C", 10**9 + 1, divisible=True),
    Tick(1),
    ChangePriority("BANK_A:s1", 9),
    Revoke("BANK_A:s2"),
    Tick(1),
    Tick(1),
    Resubmit("BANK_A:s2"),
    Tick(1),
    Split("BANK_A:s1", 4),
    ChangePriority("BANK_A:s1/4", 2),
    Revoke("BANK_A:s7"),
    Split("BANK_A:s1", 4),
    Tick(1),
)


def played(sessions: Sessions) -> tuple[str, list[object]]:
    """A simulation to which all that was done, and what was answered."""
    one = done(sessions.create(quiet_config(settlement={"queue_discipline": "priority"})))
    answers: list[object] = []
    for command in COMMANDS:
        future = sessions.execute(one, command)
        error = failure(future)
        answers.append(future.result() if error is None else type(error))
    return one, answers


def test_what_was_done_is_there_again(open_on_sqlite: Open) -> None:
    sessions = open_on_sqlite()
    one, answers = played(sessions)
    parts = [f"BANK_A:s1/{number}" for number in range(1, 5)]
    assert [answer for answer in answers if not isinstance(answer, list) or answer == parts] == [
        *("BANK_A:s1", "BANK_A:s2", True, None, None),
        *(parts, True, UnknownTransactionError, InterventionRefusedError),
    ]
    seen = done(sessions.read(one, everything))
    # Another process finds the journal and nothing else, as after a crash.
    assert done(open_on_sqlite().read(one, everything)) == seen
    sessions.close()
    assert done(open_on_sqlite().read(one, everything)) == seen


@pytest.mark.parametrize("tick", range(5))
def test_going_back_undoes_them(open_on_sqlite: Open, tick: int) -> None:
    sessions = open_on_sqlite()
    one, _ = played(sessions)
    done(sessions.execute(one, Rewind(tick)))
    other = done(sessions.create(quiet_config(settlement={"queue_discipline": "priority"})))
    for command in COMMANDS:
        at = done(sessions.read(other, lambda live: live.simulation.current_tick))
        if at == tick:
            break
        failure(sessions.execute(other, command))
    assert digest(sessions, one) == digest(sessions, other)


def test_with_a_key_it_is_done_once(open_on_sqlite: Open) -> None:
    sessions = open_on_sqlite()
    one, _ = played(sessions)
    again = request("a key")
    first = done(sessions.execute(one, Split("BANK_A:s2", 3), again))
    assert len(first) == 3
    assert done(sessions.execute(one, Split("BANK_A:s2", 3), again)) == first
    sessions.close()
    assert done(open_on_sqlite().execute(one, Split("BANK_A:s2", 3), again)) == first
