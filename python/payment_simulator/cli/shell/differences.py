"""What changed between the starts of two ticks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from payment_simulator.cli.money import plural
from payment_simulator.cli.shell.columns import aligned
from payment_simulator.cli.shell.views import COST_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from payment_simulator.cli.money import Money
    from payment_simulator.simulation.states import AgentState, SimulationState

_NAMES_SHOWN_MAX: Final = 8
_TOLD: Final = {
    "submitted": "submitted",
    "arrived": "arrived",
    "split": "split",
    "settled": "settled",
    "queued": "began to wait in the central queue",
    "overdue": "became overdue",
    "dropped": "cancelled",
}
Change = tuple[str, str, str, str, str]


def difference_lines(
    before: SimulationState, after: SimulationState, events: Iterable[dict[str, Any]], money: Money
) -> list[str]:
    """Return what is different in two states, and the events between them.

    Args:
        before: The earlier state.
        after: The later one.
        events: The rows of the ticks between; none if the run does not record them.
        money: How amounts are written.
    """
    lines = [f"from the start of tick {before.current_tick} to that of tick {after.current_tick}"]
    changes = [
        change
        for one, other in zip(before.agents, after.agents, strict=True)
        for change in _changes(one, other, money)
    ]
    if changes:
        lines += aligned(("agent", "what", "before", "after", "change"), changes, left=2)
    told = list(_told(events))
    if not changes and not told:
        return [*lines, "nothing changed"]
    return [*lines, *told]


def _changes(one: AgentState, other: AgentState, money: Money) -> Iterator[Change]:
    """Yield what is different for an agent: balance, queues, costs."""
    name = one.agent_id
    figures = ("balance", "queue1_size", "queue1_value", "queue2_size", "queue2_value")
    for figure in (*figures, *(f"cost_{kind}" for kind in COST_KINDS)):
        first, second = getattr(one, figure), getattr(other, figure)
        if first == second:
            continue
        written = (lambda value: f"{value:,}") if figure.endswith("_size") else money.amount
        sign = "+" if second > first else ""
        what = figure.replace("_", " ").replace("queue1", "queue 1").replace("queue2", "queue 2")
        yield name, what, written(first), written(second), f"{sign}{written(second - first)}"


def _told(events: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield a line for each kind of event, with the first of its transactions."""
    names: dict[str, list[str]] = {kind: [] for kind in _TOLD}
    for row in events:
        if row["kind"] in names:
            names[row["kind"]].append(row["transaction_id"])
    for kind, ids in names.items():
        if ids:
            more = ", ..." if len(ids) > _NAMES_SHOWN_MAX else ""
            shown = ", ".join(ids[:_NAMES_SHOWN_MAX])
            yield f"{plural(len(ids), 'transaction')} {_TOLD[kind]}: {shown}{more}"
