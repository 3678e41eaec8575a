"""A simulation in this process, as the shell's target."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final, Literal, Self

from payment_simulator.cli.shell.shown import ShownSimulation
from payment_simulator.cli.shell.timeline import Deed, Timeline
from payment_simulator.simulation import Simulation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from payment_simulator.simulation.states import (
        SimulationState,
        TickResult,
    )

_TICKS_AT_ONCE_MAX: Final = 10_000


class LocalTarget(ShownSimulation["Simulation"]):
    """A simulation with its timeline; see `Target`."""

    def __init__(self, simulation: Simulation) -> None:
        super().__init__(simulation)
        self._timeline = Timeline(simulation)
        self._total_cost = super().total_cost()

    @property
    def first_tick(self) -> int:
        """See `Target`."""
        return self._timeline.first_tick

    @property
    def num_copies(self) -> int:
        """How many copies of the simulation its timeline keeps."""
        return self._timeline.num_copies

    def advance(self, end: int) -> Sequence[TickResult]:
        """See `Target`. After Ctrl-C the simulation stands between two ticks, and can go on."""
        tick = self.current_tick
        stop = min(end, self._timeline.next_stop(tick), tick + _TICKS_AT_ONCE_MAX)
        try:
            results = self._simulation.ticks(stop - tick)
        except BaseException:
            self._total_cost = super().total_cost()
            raise
        self._total_cost += sum(result["total_cost"] for result in results)
        self._timeline.note(self._simulation)
        return results

    def submit(
        self,
        sender: str,
        receiver: str,
        amount: int,
        deadline_tick: int | None,
        priority: int,
        *,
        divisible: bool,
        link: str | None = None,
        link_legs: int | None = None,
        debit_ticks: tuple[int | None, int | None] = (None, None),
    ) -> str:
        """See `Target`."""
        submit = partial(
            Simulation.submit,
            sender=sender,
            receiver=receiver,
            amount=amount,
            deadline_tick=deadline_tick,
            priority=priority,
            divisible=divisible,
            link=link,
            link_legs=link_legs,
            earliest_debit_tick=debit_ticks[0],
            latest_debit_tick=debit_ticks[1],
        )
        transaction_id = submit(self._simulation)
        self._note(submit)
        return transaction_id

    def change_priority(self, transaction_id: str, priority: int) -> bool:
        """See `Target`."""
        changed = self._simulation.change_priority(transaction_id, priority)
        self._note(lambda simulation: simulation.change_priority(transaction_id, priority))
        return changed

    def move_in_queue(self, transaction_id: str, to: Literal["front", "end"]) -> bool:
        """See `Target`."""
        moved = self._simulation.move_in_queue(transaction_id, to)
        self._note(lambda simulation: simulation.move_in_queue(transaction_id, to))
        return moved

    def revoke(self, transaction_id: str) -> None:
        """See `Target`."""
        self._simulation.revoke(transaction_id)
        self._note(lambda simulation: simulation.revoke(transaction_id))

    def resubmit(self, transaction_id: str) -> None:
        """See `Target`."""
        self._simulation.resubmit(transaction_id)
        self._note(lambda simulation: simulation.resubmit(transaction_id))

    def split(self, transaction_id: str, parts: int) -> list[str]:
        """See `Target`."""
        ids = self._simulation.split(transaction_id, parts)
        self._note(lambda simulation: simulation.split(transaction_id, parts))
        return ids

    def _note(self, do: Callable[[Simulation], object]) -> None:
        """Remember what was done before the coming tick."""
        self._timeline.note_deed(Deed(self.current_tick, do))

    def state(self, tick: int | None = None) -> SimulationState:
        """See `Target`."""
        now = tick is None or tick == self.current_tick
        return self._simulation.state() if tick is None or now else self._timeline.at(tick).state()

    def total_cost(self) -> int:
        """See `Target`."""
        return self._total_cost

    def measure(self, about: str) -> int:
        """See `Target`."""
        if about == "cost":
            return self._total_cost
        agents = map(self._simulation.agent, self.agent_ids)
        return sum(agent.queue1_size if about == "queue1" else agent.queue2_size for agent in agents)

    def back(self, tick: int) -> None:
        """See `Target`."""
        self._simulation = self._timeline.at(tick)
        self._timeline.forget_from(tick)
        self._total_cost = super().total_cost()

    def load(self, path: Path) -> Self:
        """See `Target`."""
        return type(self)(Simulation.load(path))

    def some_transaction_ids(self) -> Iterator[str]:
        """See `Target`: what waits."""
        for agent_id in self.agent_ids:
            queues = self._simulation.queued(agent_id)
            yield from islice((*queues.queue2, *queues.queue1), 200)

    def close(self) -> None:
        """See `Target`."""
