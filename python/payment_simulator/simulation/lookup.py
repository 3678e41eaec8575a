"""Finding agents and transactions, and what was probably meant when there is none."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

import pyarrow.compute as pc

from payment_simulator.config import nearest
from payment_simulator.errors import (
    InterventionRefusedError,
    UnknownAgentError,
    UnknownTransactionError,
)
from payment_simulator.results.sources import arrow_table
from payment_simulator.simulation.states import Transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from payment_simulator._core import Orchestrator
    from payment_simulator.results.sources import DirectoryTables

_pc: Any = pc  # its functions are made at run time, where no type checker sees them
_CANDIDATES_MAX: Final = 2000
_SAME_START: Final = 3
_LENGTHS_APART_MAX: Final = 2


def unknown_agent(agent_id: str, known: Iterable[str]) -> UnknownAgentError:
    """Return the error for an agent that does not exist."""
    return UnknownAgentError(f"there is no agent {agent_id!r}{_did_you_mean(agent_id, known)}")


def find_transaction(
    transaction_id: str, engine: Orchestrator, streamed: DirectoryTables | None
) -> Transaction:
    """Return a transaction from memory or, when it has left that, from the directory where it went.

    Raises:
        UnknownTransactionError: It is in neither; the message has the nearest id.
        ResultsError: The directory cannot be read.
    """
    if (row := engine.get_transaction(transaction_id)) is not None:
        return Transaction(**row)
    if streamed is not None and (found := streamed.find_transaction(transaction_id)) is not None:
        return Transaction(**found)
    columns = chain(
        (arrow_table(engine.transactions())["transaction_id"],),
        () if streamed is None else streamed.transaction_ids(),
    )
    candidates = islice(_much_alike(transaction_id, columns), _CANDIDATES_MAX)
    message = f"there is no transaction {transaction_id!r}{_did_you_mean(transaction_id, candidates)}"
    raise UnknownTransactionError(message)


@contextmanager
def finding(transaction_id: str, engine: Orchestrator, streamed: DirectoryTables | None) -> Iterator[None]:
    """Say more of a transaction that the engine does not find here: what has left memory is closed.

    Raises:
        UnknownTransactionError: There is none; the message has the nearest id.
        InterventionRefusedError: It has left memory.
        ResultsError: The directory where it went cannot be read.
    """
    try:
        yield
    except UnknownTransactionError:
        one = find_transaction(transaction_id, engine, streamed)
        ended = "was dropped" if one.settle_tick is None else f"settled in tick {one.settle_tick}"
        message = f"transaction {transaction_id!r} {ended}; only what waits can be changed"
        raise InterventionRefusedError(message) from None


def _much_alike(wanted: str, columns: Iterable[pa.ChunkedArray]) -> Iterator[str]:
    """Yield the ids that begin like the wanted one and are about as long, for comparing takes time."""
    for ids in columns:
        apart = _pc.abs(_pc.subtract(_pc.utf8_length(ids), len(wanted)))
        alike = _pc.starts_with(ids, wanted[:_SAME_START], ignore_case=True)
        yield from ids.filter(_pc.and_(alike, _pc.less_equal(apart, _LENGTHS_APART_MAX))).to_pylist()


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    candidate = nearest(word, known)
    return "" if candidate is None else f"; did you mean {candidate!r}?"
