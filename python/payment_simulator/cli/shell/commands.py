"""What a line of the shell asks for, once it is understood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path

    from payment_simulator.cli.shell.conditions import Condition


@dataclass(frozen=True, slots=True)
class Tick:
    """Run so many ticks and tell what happens in each."""

    count: int


@dataclass(frozen=True, slots=True)
class Run:
    """Run up to a tick, exclusive, or to the end."""

    until: int | None


@dataclass(frozen=True, slots=True)
class Submit:
    """Put a transaction into its sender's queue. The deadline is a tick, or so many ticks from now.

    With a link it settles only together with all others of it.
    """

    sender: str
    receiver: str
    amount: int
    deadline_tick: int | None
    deadline_in: int | None
    priority: int
    divisible: bool
    link: str | None = None
    link_legs: int | None = None
    earliest_debit_tick: int | None = None
    latest_debit_tick: int | None = None


@dataclass(frozen=True, slots=True)
class Priority:
    """Give a transaction that waits another priority."""

    transaction_id: str
    priority: int


@dataclass(frozen=True, slots=True)
class Move:
    """Move a transaction that is queued to the front or to the end of its band."""

    transaction_id: str
    to: Literal["front", "end"]


@dataclass(frozen=True, slots=True)
class Revoke:
    """Take a transaction back that waits."""

    transaction_id: str


@dataclass(frozen=True, slots=True)
class Resubmit:
    """Submit a transaction again that was taken back."""

    transaction_id: str


@dataclass(frozen=True, slots=True)
class Split:
    """Divide a transaction that is queued."""

    transaction_id: str
    parts: int


@dataclass(frozen=True, slots=True)
class State:
    """Show all agents."""


@dataclass(frozen=True, slots=True)
class Agent:
    """Show one agent."""

    agent_id: str


@dataclass(frozen=True, slots=True)
class Queue:
    """Show what waits, for one agent or for all."""

    agent_id: str | None


@dataclass(frozen=True, slots=True)
class ShowTransaction:
    """Show a transaction."""

    transaction_id: str


@dataclass(frozen=True, slots=True)
class Events:
    """Show the last events, or those of a tick."""

    count: int
    tick: int | None


@dataclass(frozen=True, slots=True)
class Why:
    """Explain a transaction."""

    transaction_id: str


@dataclass(frozen=True, slots=True)
class Costs:
    """Show costs by agent and kind."""


@dataclass(frozen=True, slots=True)
class Break:
    """Stop runs when a condition becomes true."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Breaks:
    """List the breaks."""


@dataclass(frozen=True, slots=True)
class Delete:
    """Forget a break."""

    number: int


@dataclass(frozen=True, slots=True)
class Back:
    """Go back so many ticks."""

    count: int


@dataclass(frozen=True, slots=True)
class Save:
    """Write the simulation into a file."""

    path: Path
    force: bool


@dataclass(frozen=True, slots=True)
class Load:
    """Go on with a saved simulation."""

    path: Path


@dataclass(frozen=True, slots=True)
class Diff:
    """Show what changed between the starts of two ticks."""

    first: int
    second: int


@dataclass(frozen=True, slots=True)
class History:
    """List the lines so far."""


@dataclass(frozen=True, slots=True)
class Help:
    """Explain all commands, or one."""

    command: str | None


@dataclass(frozen=True, slots=True)
class Quit:
    """End."""


Command: TypeAlias = (
    Tick
    | Run
    | Submit
    | Priority
    | Move
    | Revoke
    | Resubmit
    | Split
    | State
    | Agent
    | Queue
    | ShowTransaction
    | Events
    | Why
    | Costs
    | Break
    | Breaks
    | Delete
    | Back
    | Save
    | Load
    | Diff
    | History
    | Help
    | Quit
)
