"""Cursors: opaque, and good only where they come from."""

from __future__ import annotations

import base64
import json

import pytest

from payment_simulator.api.pages import cursor_of, position_of
from payment_simulator.errors import RequestError


@pytest.mark.parametrize("position", [(0,), (7, 2**40), (1.5, "an id")])
def test_a_cursor_holds_its_position(position: tuple[int | float | str, ...]) -> None:
    cursor = cursor_of(position, "question", None, 3)
    assert position_of(cursor, position, "question", None, 3) == position
    assert position_of(None, position, "question", None, 3) == position


@pytest.mark.parametrize("question", [("other", None), ("question", "x"), ("question",), ()])
def test_a_cursor_of_another_question_is_refused(question: tuple[object, ...]) -> None:
    with pytest.raises(RequestError, match="next_cursor"):
        position_of(cursor_of((3, 4), "question", None), (0, 0), *question)


def test_a_changed_cursor_is_refused() -> None:
    cursor = cursor_of((3, 4), "question")
    for place in range(len(cursor)):
        for letter in "A_9":
            changed = cursor[:place] + letter + cursor[place + 1 :]
            if changed != cursor:
                with pytest.raises(RequestError):
                    position_of(changed, (0, 0), "question")


@pytest.mark.parametrize(
    "written", [[], [1], [2, "x", 3, 4], [1, "x", "3", 4], [1, "x", True, 4], {}, 5, [[[]]]]
)
def test_a_made_up_cursor_is_refused(written: object) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(written).encode()).decode()
    for given in (cursor, cursor.rstrip("="), "", "ä", "=", "a" * 100_000, "W" * 5):
        with pytest.raises(RequestError):
            position_of(given, (0, 0), "question")
