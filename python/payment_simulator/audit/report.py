"""The auditor's answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from payment_simulator.audit.findings import Difference


@dataclass(frozen=True, slots=True)
class AuditReport:
    """Whether a results directory agrees with its own events and configuration.

    Attributes:
        differences: The first differences, in the order in which the audit looks at things.
        total: How many there are in all.
        num_agents: How many agents there are.
        num_ticks: How many ticks were run.
        num_events: How many event rows were replayed.
        num_transactions: How many transactions they are about.
        num_settlements: How many settlements there were.
        files: The files that were compared.
    """

    differences: tuple[Difference, ...]
    total: int
    num_agents: int
    num_ticks: int
    num_events: int
    num_transactions: int
    num_settlements: int
    files: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return self.total == 0
