from __future__ import annotations

import pytest

from payment_simulator.config.suggestions import hint, nearest

WORDS = ("Fifo", "Deadline", "LiquidityAware", "queue_discipline")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("fifo", "Fifo"),
        ("FIFO", "Fifo"),
        ("deadlines", "Deadline"),
        ("queue-discipline", "queue_discipline"),
        ("Liquidity Aware", "LiquidityAware"),
        ("zzz", None),
        ("", None),
    ],
)
def test_nearest(word: str, expected: str | None) -> None:
    assert nearest(word, WORDS) == expected


def test_hint_lists_a_few_words_when_none_is_near() -> None:
    assert hint("zzz", ["a", "b"], "there are") == "; there are: a, b"
    assert hint("zzz", map(str, range(20)), "there are").endswith("10, 11, ...")
    assert hint("zzz", [], "there are") == ""
