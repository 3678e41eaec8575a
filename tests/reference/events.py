"""The event log of level `full`: one row after another, numbered from 0."""

from typing import Any


class EventLog:
    """Rows with the columns of the table `events`."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def append(
        self,
        *,
        tick: int,
        kind: str,
        transaction_id: str | None = None,
        agent: str | None = None,
        counterparty: str | None = None,
        amount: int | None = None,
        balance_after: int | None = None,
        method: str | None = None,
    ) -> None:
        """Add a row at the end; what does not apply is None."""
        self.rows.append(
            {
                "sequence": len(self.rows),
                "tick": tick,
                "kind": kind,
                "transaction_id": transaction_id,
                "agent": agent,
                "counterparty": counterparty,
                "amount": amount,
                "balance_after": balance_after,
                "method": method,
            }
        )
