"""Makes the tables of docs/validation.md anew: `python -m tests.published.page`.

With `--check` it only names those that are stale.

Each stands between `<!-- table: NAME, python -m tests.published.page -->` and `<!-- end of table -->`.
"""

from __future__ import annotations

import re
import sys
from itertools import islice
from statistics import mean
from typing import TYPE_CHECKING, Final

from tests.docs.pages import DOCS
from tests.published.algorithms import ALGORITHMS
from tests.published.distance import KINDS, QUEUES_PER_KIND, RELEASE_SIZES, SIZES, measured, released
from tests.published.liquidity_curve import POINTS, curves, draw_day, indicator
from tests.published.liquidity_game import CREDITINGS, Prices, box_3_cost, timing_table, written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tests.published.distance import Reached

PAGE: Final = DOCS / "validation.md"
_TABLE: Final = re.compile(
    r"(?s)(<!-- table: ([\w-]+), python -m tests\.published\.page -->\n)(.*?)(<!-- end of table -->)"
)


def _rows(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


# --- the games ---


def box_3() -> str:
    """The expected cost of some opening liquidities, and the least of them."""
    dollars = (0, 5, 10, 15)
    rows = []
    for crediting in CREDITINGS:
        costs = [box_3_cost(100 * amount, crediting) for amount in dollars]
        shown = [written(cost) for cost in costs]
        best = costs.index(min(costs))
        shown[best] = f"**{shown[best]}**"
        rows.append([f"`{crediting}`", *shown])
    return _rows(["crediting", *(f"{amount} dollars" for amount in dollars)], rows)


def timing() -> str:
    """The costs of two banks that pay in the morning or in the afternoon."""
    policies = {
        "fee of 5, delay of 2": Prices(fee=5, delay=2),
        "collateral of 5, delay of 2": Prices(collateral=5, delay=2),
    }
    tables = {name: timing_table(prices) for name, prices in policies.items()}
    pairs = list(next(iter(tables.values())))
    header = ["", *(f"{one}, {other}" for one, other in pairs)]
    rows = [[name, *("{}, {}".format(*table[pair]) for pair in pairs)] for name, table in tables.items()]
    return _rows(header, rows)


# --- the curves ---


def _curve(discipline: str) -> str:
    day = draw_day("published", 20, 1_000, 600)
    header = [
        "from lower to upper bound",
        *(f"{100 * point // POINTS} %" for point in range(POINTS + 1)),
    ]
    rows = [
        [name, *(f"{float(indicator(day, settled)):.4f}" for settled in points)]
        for name, points in curves(day, discipline).items()
    ]
    return _rows(header, rows)


def curve_fifo() -> str:
    """The delay indicator under `fifo`."""
    return _curve("fifo")


def curve_bypass() -> str:
    """The delay indicator under `bypass`."""
    return _curve("bypass")


# --- the distance from the optimum ---


def _reached(algorithm: str, discipline: str, *, limited: bool) -> list[Reached]:
    return [
        queue.reached[algorithm] for size in SIZES for queue in measured(size, discipline, limited=limited)
    ]


def _distance(share: Callable[[Reached], float]) -> str:
    kinds = [f"`{discipline}`{', limits' if limited else ''}" for discipline, limited in KINDS]
    num = len(SIZES) * len(KINDS) * QUEUES_PER_KIND
    rows = []
    for algorithm in ALGORITHMS:
        by_kind = [
            [share(reached) for reached in _reached(algorithm, discipline, limited=limited)]
            for discipline, limited in KINDS
        ]
        optimal = sum(each == 100 for shares in by_kind for each in shares)
        cells = [f"{mean(shares):.0f} ({min(shares):.0f})" for shares in by_kind]
        rows.append([algorithm, *cells, f"{optimal}"])
    return _rows(["", *kinds, f"optimal, of {num}"], rows)


def distance_value() -> str:
    """The share of the largest value that each algorithm reaches."""
    return _distance(lambda reached: reached.share_of_value)


def distance_payments() -> str:
    """The share of the largest number of payments that each algorithm reaches."""
    return _distance(lambda reached: reached.share_of_payments)


def distance_by_size() -> str:
    """The share of the largest value by the size of the queues, under `bypass`."""
    header = ["", *(f"{size.banks} agents, {size.payments} payments" for size in SIZES)]
    by_size = [
        [queue for limited in (False, True) for queue in measured(size, "bypass", limited=limited)]
        for size in SIZES
    ]
    rows = [
        ["payments left to offset", *(f"{mean(queue.waiting for queue in queues):.0f}" for queues in by_size)]
    ]
    rows += [
        [
            algorithm,
            *(
                f"{mean(queue.reached[algorithm].share_of_value for queue in queues):.0f}"
                for queues in by_size
            ),
        ]
        for algorithm in ALGORITHMS
    ]
    return _rows(header, rows)


def distance_release() -> str:
    """The share of the optimum within the bands that balanced release reaches."""
    num = len(RELEASE_SIZES) * QUEUES_PER_KIND
    rows = []
    for discipline, limited in KINDS:
        reached = [
            each
            for size in RELEASE_SIZES
            for each in islice(released(size, discipline, limited=limited), QUEUES_PER_KIND)
        ]
        shares = [[each.share_of_value for each in reached], [each.share_of_payments for each in reached]]
        optimal = sum(each.value == each.most_value for each in reached)
        cells = [f"{mean(share):.0f} ({min(share):.0f})" for share in shares]
        rows.append([f"`{discipline}`{', limits' if limited else ''}", *cells, f"{optimal}"])
    return _rows(["", "of the value", "of the payments", f"optimal, of {num}"], rows)


TABLES: Final = {
    "box-3": box_3,
    "timing": timing,
    "curve-fifo": curve_fifo,
    "curve-bypass": curve_bypass,
    "distance-value": distance_value,
    "distance-payments": distance_payments,
    "distance-by-size": distance_by_size,
    "distance-release": distance_release,
}


def shown() -> dict[str, str]:
    """Return the tables that the page shows, by name."""
    text = PAGE.read_text(encoding="utf-8")
    return {found[2]: found[3] for found in _TABLE.finditer(text)}


def main(arguments: Sequence[str]) -> int:
    """Write the tables that are not as they should be, or only name them; return the exit code."""
    stale = [name for name, table in shown().items() if TABLES[name]() != table]
    sys.stdout.write("".join(f"{name} is stale\n" for name in stale))
    if "--check" in arguments:
        return 1 if stale else 0
    text = PAGE.read_text(encoding="utf-8")
    text = _TABLE.sub(lambda found: f"{found[1]}{TABLES[found[2]]()}{found[4]}", text)
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
