"""Every way of offsetting that can be asked for, by the name that it has in tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.published.queues import steps

if TYPE_CHECKING:
    from collections.abc import Mapping

ALGORITHMS: Final[Mapping[str, Mapping[str, Any]]] = {
    "`bilateral`": steps({"algorithm": "bilateral"}),
    "`bilateral`, `queue: fronts`": steps({"algorithm": "bilateral", "queue": "fronts"}),
    "`bilateral`, `amounts: equal`": steps({"algorithm": "bilateral", "amounts": "equal"}),
    "`cycles`": steps({"algorithm": "cycles"}),
    "`cycles`, `prefer: value`": steps({"algorithm": "cycles", "prefer": "value"}),
    "`cycles`, `prefer: count`": steps({"algorithm": "cycles", "prefer": "count"}),
    "`cycles`, `prefer: liquidity`": steps({"algorithm": "cycles", "prefer": "liquidity"}),
    "`gridlock_resolution`": steps({"algorithm": "gridlock_resolution"}),
    "`all_or_nothing`": steps({"algorithm": "all_or_nothing"}),
    "`partial`": steps({"algorithm": "partial"}),
    "`multiple`": steps({"algorithm": "multiple"}),
    "`target2_sequence`": steps({"algorithm": "target2_sequence"}),
    "the short form": {"lsm_config": {}},
    "`bilateral`, `cycles`, `target2_sequence`": steps(
        {"algorithm": "bilateral"}, {"algorithm": "cycles"}, {"algorithm": "target2_sequence"}
    ),
}
"""Each runs once at the end of the tick; the short form repeats itself up to three times."""

ONE_SET: Final = ("`gridlock_resolution`", "`all_or_nothing`", "`partial`")
"""Algorithms that settle one set at one instant, whose rows in a tick are that set."""

AT_ENTRY: Final[Mapping[str, Mapping[str, Any]]] = {
    "entry_disposition": steps({"algorithm": "entry_disposition"}),
    **{
        f"{algorithm}, {when}": steps({"algorithm": algorithm, "when": when})
        for algorithm in (
            "bilateral",
            "cycles",
            "gridlock_resolution",
            "partial",
            "multiple",
            "target2_sequence",
        )
        for when in ("entry", "change")
    },
}
"""Steps that run while transactions enter."""
