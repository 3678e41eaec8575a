"""Balanced release against the exact optimum within the bands; its final settlement against that without.

The rule, with its sources: docs/concepts/offsetting.md, balanced release.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from tests.published.optimum import most_payments, most_value
from tests.published.queues import Queues, Size, draw, play, steps

SIZES = (Size(3, 8), Size(5, 20), Size(8, 40))
WITHOUT_BANDS = ("bypass", "fifo")
"""Under `priority` what entered may have settled before something of a higher band came."""

each_kind = pytest.mark.parametrize("limited", [False, True], ids=["without limits", "with limits"])
each_discipline = pytest.mark.parametrize("discipline", WITHOUT_BANDS)


def case(seed: int, size: Size, discipline: str, *, limited: bool) -> tuple[Queues, dict[str, Any]]:
    """Queues with caps on balances, and the step that says the same."""
    queues = draw(f"release {seed}", size, discipline, limited=limited)
    multiple = Random(f"caps {seed}").choice((1, 2, 3))
    caps = {bank.name: multiple * bank.balance for bank in queues.banks}
    return replace(queues, caps=caps), {"algorithm": "balanced_release", "cap_multiple": multiple}


def check(seed: int, size: Size, discipline: str, *, limited: bool) -> int:
    """Hold what settled in a tick against the optimum of all that was submitted, within the bands."""
    queues, step = case(seed, size, discipline, limited=limited)
    played = play(queues, steps({**step, "final_settlement": False}))
    settled = played.together()
    queues.assert_feasible(settled)
    assert sum(payment.amount for payment in settled) <= most_value(queues).worth
    assert len(settled) <= most_payments(queues).worth
    assert all(played.balances[bank.name] <= queues.caps[bank.name] for bank in queues.banks if settled)
    return len(played.settled.get("balanced_release", []))


def check_close(seed: int, size: Size, discipline: str, *, limited: bool) -> int:
    """Hold what settled up to the close against the optimum with supplemental funding, and without bands."""
    queues, step = case(seed, size, discipline, limited=limited)
    funding = Random(f"funding {seed}").choice((0, 50, 200))
    funded = replace(
        queues,
        caps={},
        banks=tuple(replace(bank, credit=bank.credit + funding) for bank in queues.banks),
    )
    played = play(queues, steps({**step, "supplemental_funding": funding}))
    settled = played.together()
    funded.assert_feasible(settled)
    assert sum(payment.amount for payment in settled) <= most_value(funded).worth
    assert len(settled) <= most_payments(funded).worth
    return len(played.settled.get("final_settlement", []))


@each_kind
@each_discipline
def test_what_is_released_keeps_everybody_in_the_band_and_is_never_above_the_optimum(
    discipline: str, *, limited: bool
) -> None:
    released = [check(seed, size, discipline, limited=limited) for size in SIZES for seed in range(12)]
    assert sum(released) > 0, "something is released together"


@each_kind
@each_discipline
def test_the_final_settlement_is_never_above_the_optimum(discipline: str, *, limited: bool) -> None:
    settled = [check_close(seed, size, discipline, limited=limited) for size in SIZES for seed in range(12)]
    assert sum(settled) > 0, "something settles at the close"
