"""Links: whether transactions of one name settled together at one instant, or none of them did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from payment_simulator.audit.arrays import NONE
from payment_simulator.audit.batches import failed_by
from payment_simulator.audit.events import APART, DROPPED, FILE, METHODS, PENALISED, REJECTED, SETTLED

if TYPE_CHECKING:
    from payment_simulator.audit.arrays import Rows
    from payment_simulator.audit.findings import Findings
    from payment_simulator.audit.lives import Lives
    from payment_simulator.audit.tables import Table

LINKS = "links"
_FILE = f"{LINKS}.parquet"


@dataclass(frozen=True, slots=True)
class Links:
    """What the table `links` says.

    Attributes:
        ids: The transactions that are linked.
        names: The link of each.
        sizes: How many legs each link has, as its legs say.
    """

    ids: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    sizes: dict[str, set[int]] = field(default_factory=dict)


def links_of(table: Table | None) -> Links:
    """The links of a run, by its table `links`, which it has if anything is linked."""
    if table is None:
        return Links()
    ids, names, legs = (table.column(name).to_pylist() for name in ("transaction_id", "link", "link_legs"))
    sizes: dict[str, set[int]] = {}
    for name, size in zip(names, legs, strict=True):
        sizes.setdefault(name, set()).add(size)
    return Links(ids, names, sizes)


def check_links(links: Links, transactions: Table, lives: Lives, findings: Findings) -> None:
    """Checks the table `links` against the events."""
    number = {name: place for place, name in enumerate(lives.events.ids.to_pylist())}
    _check_methods(links, number, lives, findings)
    if not links.ids:
        return
    known = set(transactions.column("transaction_id").to_pylist())
    legs: dict[str, list[int]] = {name: [] for name in links.names}
    for transaction_id, name in zip(links.ids, links.names, strict=True):
        if transaction_id in number:
            legs[name].append(number[transaction_id])
        elif transaction_id not in known:
            findings.add(_FILE, None, f"{transaction_id} is linked, and there is no such transaction")
    if len(set(links.ids)) < len(links.ids):
        findings.add(_FILE, None, "a transaction is linked more than once")
    for name, numbers in legs.items():
        if (text := _problem(np.array(numbers, dtype=np.int64), links.sizes[name], lives)) is not None:
            findings.add(FILE, None, f"the link {name!r} {text}")


def _check_methods(links: Links, number: dict[str, int], lives: Lives, findings: Findings) -> None:
    """What is linked settles with its link, and nothing else does."""
    events = lives.events
    linked = np.zeros(len(lives), dtype=bool)
    linked[[number[name] for name in links.ids if name in number]] = True
    rows = events.rows(SETTLED)
    rows = rows[events.transaction[rows] >= 0]
    wrong = rows[np.isin(events.method[rows], APART) != linked[events.transaction[rows]]]
    findings.add_rows(
        FILE,
        wrong,
        lambda row: (
            f"{events.id_at(row)} settled by '{METHODS[events.method[row]]}', and is "
            f"{'linked' if linked[events.transaction[row]] else 'of no link'} by {_FILE}"
        ),
    )


def _problem(legs: Rows, sizes: set[int], lives: Lives) -> str | None:
    """What is wrong with the legs of a link, if anything."""
    if len(sizes) > 1:
        return f"has {' and '.join(map(str, sorted(sizes)))} legs by {_FILE}"
    settled = lives.settled[legs]
    if (settled != NONE).any():
        if len(set(settled.tolist())) > 1:
            return "settled in part, or not at one instant"
        if sizes != {len(legs)}:
            return f"settled with {len(legs):,} of its {sizes.pop():,} legs"
        rows = lives.row_of[SETTLED][legs]
        if int(rows.max() - rows.min()) + 1 != len(legs):
            return "settled in rows that do not follow one another"
        return None
    return _problem_of_loss(legs, lives)


def _problem_of_loss(legs: Rows, lives: Lives) -> str | None:
    """What is wrong with what became of a link that lost a leg, if it did."""
    ticks = [lives.tick_of(kind)[legs] for kind in (DROPPED, REJECTED)]
    lost = np.where(ticks[0] != NONE, ticks[0], ticks[1])
    if (lost == NONE).all():
        return None
    first = int(lost[lost != NONE].min())
    if ((lost == NONE) & (lives.created[legs] <= first)).any():
        return f"lost a leg in tick {first:,}, but another one waits on"
    late = (lost > first) & (lost != lives.created[legs])
    if late.any():
        return f"lost a leg in tick {first:,}, but another one waited until tick {int(lost[late].min()):,}"
    parties = {*lives.sender[legs].tolist(), *lives.receiver[legs].tolist()}
    refused = (ticks[1] == first).any()
    rows = lives.events.rows(PENALISED)
    ended = np.isin(
        legs[lost == first], lives.events.transaction[rows[lives.events.tick[rows] == first]]
    ).any()
    rejected = lives.events.in_batch[legs].any()
    if not (refused or ended or rejected or failed_by(first, parties, lives.events)):
        return f"lost a leg in tick {first:,}, for no reason"
    return None
