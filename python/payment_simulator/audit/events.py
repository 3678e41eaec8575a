"""The event log as columns of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from payment_simulator.audit.arrays import ABSENT, NONE, codes, integers, pa, pc, pq
from payment_simulator.audit.stays import stays_of
from payment_simulator.errors import ResultsError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from payment_simulator.audit.arrays import Codes, Mask, Rows

FILE = "events.parquet"
COLUMNS = (
    "sequence",
    "tick",
    "kind",
    "transaction_id",
    "agent",
    "counterparty",
    "amount",
    "balance_after",
    "method",
)
KINDS = (
    "submitted",
    "arrived",
    "split",
    "part",
    "settled",
    "released",
    "queued",
    "overdue",
    "penalised",
    "dropped",
    "day_ended",
    "outage_began",
    "outage_ended",
    "system_stopped",
    "system_resumed",
    "hours_changed",
    "closed",
    "opened",
    "injected",
    "withdrawn",
    "limit_changed",
    "policy_changed",
    "rate_changed",
    "counterparties_changed",
    "defaulted",
    "priority_changed",
    "revoked",
    "resubmitted",
    "highly_urgent_reserved",
    "urgent_reserved",
    "funded",
    "intervention_refused",
    "moved",
    "rejected",
    "collateral_posted",
    "collateral_withdrawn",
    "collateral_refused",
    "collateral_shocked",
    "haircut_changed",
    "collateral_revalued",
    "allocated",
    "returned",
    "borrowed",
    "repaid",
    "stored",
    "expired",
    "sender_limit_changed",
    "cap_changed",
)
SUBMITTED, ARRIVED, SPLIT, PART, SETTLED, RELEASED, QUEUED, OVERDUE, PENALISED, DROPPED, DAY_ENDED = range(11)
OUTAGE_BEGAN, OUTAGE_ENDED, SYSTEM_STOPPED, SYSTEM_RESUMED, HOURS_CHANGED, CLOSED, OPENED = range(11, 18)
INJECTED, WITHDRAWN, LIMIT_CHANGED, POLICY_CHANGED, RATE_CHANGED, COUNTERPARTIES_CHANGED = range(18, 24)
DEFAULTED = 24
PRIORITY_CHANGED, REVOKED, RESUBMITTED, HIGHLY_URGENT_RESERVED, URGENT_RESERVED, FUNDED = range(25, 31)
INTERVENTION_REFUSED, MOVED = 31, 32
REJECTED = 33
COLLATERAL_POSTED, COLLATERAL_WITHDRAWN, COLLATERAL_REFUSED, COLLATERAL_SHOCKED = range(34, 38)
HAIRCUT_CHANGED, COLLATERAL_REVALUED = range(38, 40)
ALLOCATED, RETURNED, BORROWED, REPAID = range(40, 44)
STORED, EXPIRED = 44, 45
SENDER_LIMIT_CHANGED, CAP_CHANGED = 46, 47
INTERVENTIONS = (PRIORITY_CHANGED, REVOKED, RESUBMITTED, MOVED)
"""The kinds about what a sender did to its waiting transaction: between ticks, or in a tick before entry."""
OF_AGENTS = tuple(
    kind
    for kind in range(OUTAGE_BEGAN, len(KINDS))
    if kind not in {*INTERVENTIONS, REJECTED, STORED, EXPIRED}
)
"""The kinds that are about no transaction."""
SCENARIO = tuple(kind for kind in OF_AGENTS if kind != FUNDED)
"""Those of them that are about scenario events, and about starts and ends of days."""
CLOSING = (RETURNED, BORROWED)
"""Those of them that happen at the end of a day."""
DAILY = (ALLOCATED, REPAID, *CLOSING)
OF_THE_SYSTEM = (
    SYSTEM_STOPPED,
    SYSTEM_RESUMED,
    HOURS_CHANGED,
    CLOSED,
    OPENED,
    INTERVENTION_REFUSED,
    HAIRCUT_CHANGED,
)
"""Those of them that concern no agent."""
OF_SOME = (RATE_CHANGED, COLLATERAL_SHOCKED)
"""Those that concern one agent or all."""
REVALUING = (COLLATERAL_SHOCKED, HAIRCUT_CHANGED)
"""Those that may change what several agents' collateral secures."""
SECURED = (COLLATERAL_POSTED, COLLATERAL_WITHDRAWN, COLLATERAL_REFUSED, COLLATERAL_REVALUED)
"""Those that say what an agent's collateral secures."""
BOOKINGS = (INJECTED, WITHDRAWN, FUNDED, *DAILY)
"""Those of them that change a balance."""
CREDITS = (INJECTED, FUNDED, ALLOCATED, BORROWED)
"""Those of these that raise it."""
SETTINGS = (
    LIMIT_CHANGED,
    HIGHLY_URGENT_RESERVED,
    URGENT_RESERVED,
    SENDER_LIMIT_CHANGED,
    CAP_CHANGED,
    *SECURED,
)
"""Those of them that set an amount of an agent."""
_PHASES = {
    **dict(zip(range(DAY_ENDED + 1), (0, 2, 3, 3, 4, 5, 5, 6, 8, 9, 11), strict=True)),
    **dict.fromkeys(SCENARIO, 1),
    **dict.fromkeys(CLOSING, 10),
    **dict.fromkeys(INTERVENTIONS, 0),
    FUNDED: 4,
    REJECTED: 3,
    STORED: 3,
    EXPIRED: 7,
}
PHASES = np.array([*(_PHASES[kind] for kind in range(len(KINDS))), 12], dtype=np.int8)
"""The part of a tick in which a row of each kind stands; the last is for kinds that nobody knows.

Interventions stand in that of the row before.
"""
LAST_PHASE_OF_INTERVENTIONS = 3

METHODS = (
    "immediate",
    "queue",
    "bilateral",
    "cycle",
    "gridlock_resolution",
    "all_or_nothing",
    "partial",
    "multiple",
    "entry_disposition",
    "balanced_release",
    "final_settlement",
    "linked",
    "batch",
)
FINAL_SETTLEMENT = METHODS.index("final_settlement")
IMMEDIATE, QUEUE, BILATERAL, CYCLE = range(4)
LINKED, BATCH = METHODS.index("linked"), METHODS.index("batch")
APART = (LINKED, BATCH)
"""The methods of sets that offset nothing."""


@dataclass(frozen=True, slots=True)
class Events:
    """All rows of an event log. Transactions are numbered in the order of their first rows.

    One that was submitted again has a number for each of its stays, as if it were a transaction each time.

    Attributes:
        sequence: The numbers of the rows.
        tick: When.
        kind: What, as a place in KINDS.
        transaction: Which transaction, or NONE.
        agent: The sender's place in the configuration, or NONE.
        counterparty: The receiver's.
        amount: Cents, ABSENT where there are none.
        balance_after: Cents, ABSENT where there are none.
        method: As a place in METHODS, or NONE.
        ids: The transactions' ids by number.
        first_stay: By number, the first stay of the same transaction.
        stay_before: By number, the stay before of the same transaction, or the first itself.
        last_stay: By number, the last stay of the same transaction.
        in_batch: Whether a transaction, by number, is of a batch of a clearing house.
        linked: Whether it settles together with others, of a batch or by a link.
        refused: For which transactions the interventions were planned that were refused, in order of the
            rows. There need not be such transactions, and so these rows are about none.
    """

    sequence: Rows
    tick: Rows
    kind: Codes
    transaction: Codes
    agent: Codes
    counterparty: Codes
    amount: Rows
    balance_after: Rows
    method: Codes
    ids: Any
    first_stay: Rows
    stay_before: Rows
    last_stay: Rows
    in_batch: Mask
    linked: Mask
    refused: tuple[str | None, ...]

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def num_transactions(self) -> int:
        """How many transactions there are."""
        return len(self.ids)

    def rows(self, kind: int) -> Rows:
        """The rows of a kind, in order."""
        return np.flatnonzero(self.kind == kind)

    def id(self, transaction: int) -> str:
        """A transaction's id, in quotes for messages."""
        return f"'{self.ids[transaction].as_py()}'" if transaction >= 0 else "no transaction"

    def id_at(self, row: int) -> str:
        """The id of the transaction that a row is about."""
        return self.id(int(self.transaction[row]))


def read_events(
    path: Path, agent_ids: Sequence[str], batch_ids: Collection[str] = (), linked_ids: Collection[str] = ()
) -> Events:
    """Reads an event log, a column at a time.

    Args:
        path: The file.
        agent_ids: The agents of the configuration, in its order.
        batch_ids: The ids of what is of a batch of a clearing house.
        linked_ids: The ids of what settles together with others.

    Raises:
        ResultsError: The file is no event log of level `full`.
    """
    with pq.ParquetFile(path) as file:
        missing = [name for name in COLUMNS if name not in file.schema_arrow.names]
        if missing:
            message = f"{path} has no column {missing[0]}: it is no event log of level `full`"
            raise ResultsError(message)
        kind = codes(_column(file, "kind"), KINDS)
        named, refused = _apart(_column(file, "transaction_id"), kind == INTERVENTION_REFUSED)
        transaction, ids = _transactions(named)
        stays = stays_of(transaction, kind == RESUBMITTED, len(ids))
        ids = ids if stays.of is None else ids.take(pa.array(stays.of))
        return Events(
            sequence=integers(_column(file, "sequence"), NONE),
            tick=integers(_column(file, "tick"), NONE),
            kind=kind,
            transaction=stays.number,
            agent=codes(_column(file, "agent"), agent_ids),
            counterparty=codes(_column(file, "counterparty"), agent_ids),
            amount=integers(_column(file, "amount"), ABSENT),
            balance_after=integers(_column(file, "balance_after"), ABSENT),
            method=codes(_column(file, "method"), METHODS),
            ids=ids,
            first_stay=stays.first,
            stay_before=stays.before,
            last_stay=stays.last,
            in_batch=_among(ids, batch_ids),
            linked=_among(ids, linked_ids),
            refused=refused,
        )


def _among(ids: Any, chosen: Collection[str]) -> Mask:  # noqa: ANN401
    mask = np.zeros(len(ids), dtype=bool)
    if chosen:
        mask[:] = pc.is_in(ids, value_set=pa.array(sorted(chosen), pa.string())).to_numpy(
            zero_copy_only=False
        )
    return mask


def _column(file: Any, name: str) -> Any:  # noqa: ANN401
    return file.read(columns=[name]).column(0)


def _apart(column: Any, refused: Mask) -> tuple[Any, tuple[str | None, ...]]:  # noqa: ANN401
    """Takes what is named where an intervention was refused out of a column of ids."""
    if not refused.any():
        return column, ()
    if pa.types.is_dictionary(column.type):
        column = pc.cast(column, pa.string())
    names = column.take(pa.array(np.flatnonzero(refused))).to_pylist()
    return pc.if_else(pa.array(refused), pa.scalar(None, column.type), column), tuple(names)


def _transactions(column: Any) -> tuple[Codes, Any]:  # noqa: ANN401
    """Numbers transactions in the order of their first rows."""
    if pa.types.is_dictionary(column.type):
        column = pc.cast(column, pa.string())
    encoded = pc.dictionary_encode(column).combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = (
            encoded.unify_dictionaries().chunk(0)
            if encoded.num_chunks
            else pa.array([], pa.string()).dictionary_encode()
        )
    numbers = pc.fill_null(encoded.indices, NONE).to_numpy(zero_copy_only=False).astype(np.int32)
    return numbers, encoded.dictionary
