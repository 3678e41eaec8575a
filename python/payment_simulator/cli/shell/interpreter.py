"""Carries out the commands of the shell."""

from __future__ import annotations

from functools import singledispatchmethod
from typing import TYPE_CHECKING, Any

from payment_simulator.cli.money import Money
from payment_simulator.cli.shell import commands, views
from payment_simulator.cli.shell.breaks import Breaks
from payment_simulator.cli.shell.differences import difference_lines
from payment_simulator.cli.shell.manual import help_lines
from payment_simulator.cli.shell.parser import parse
from payment_simulator.cli.shell.running import run_ticks
from payment_simulator.cli.shell.words import LineError
from payment_simulator.config import nearest
from payment_simulator.errors import SimulationFinishedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from payment_simulator.cli.shell.commands import Command
    from payment_simulator.cli.shell.target import Target

Row = dict[str, Any]


class Interpreter:
    """Carries out commands on a target, and shows what comes of them.

    Attributes:
        target: The simulation.
        breaks: The conditions that stop a run.
        lines: What was asked so far.
    """

    def __init__(self, target: Target, show: Callable[[str], None]) -> None:
        self.target = target
        self.breaks = Breaks()
        self.lines: list[str] = []
        self._show = show

    def run_line(self, line: str) -> bool:
        """Carry out a line; return whether the shell goes on.

        Raises:
            LineError: The line cannot be understood, or asks for what cannot be.
            PaymentSimulatorError: The simulation refuses.
        """
        command = parse(line, self.target.config.currency.minor_digits)
        if command is None:
            return True
        self.lines.append(line.strip())
        for shown in self.carry_out(command):
            self._show(shown)
        return not isinstance(command, commands.Quit)

    @singledispatchmethod
    def carry_out(self, command: Command) -> Iterable[str]:
        """Carry out a command, and yield what it shows."""
        raise NotImplementedError(command)

    # --- what changes the simulation ---

    @carry_out.register(commands.Tick)
    def _tick(self, command: commands.Tick) -> Iterable[str]:
        self._need_ticks()
        return run_ticks(
            self.target, self.breaks, self.target.current_tick + command.count, self._money, tells=True
        )

    @carry_out.register(commands.Run)
    def _run(self, command: commands.Run) -> Iterable[str]:
        now, until = self.target.current_tick, command.until
        if until is not None and until <= now:
            message = f"tick {now} is next already; `back` goes to earlier ones"
            raise LineError(message)
        self._need_ticks()
        return run_ticks(
            self.target,
            self.breaks,
            self.target.num_ticks if until is None else until,
            self._money,
            tells=False,
        )

    @carry_out.register(commands.Submit)
    def _submit(self, command: commands.Submit) -> Iterable[str]:
        for agent_id in (command.sender, command.receiver):
            self._check_agent(agent_id)
        deadline = command.deadline_tick
        if command.deadline_in is not None:
            deadline = self.target.current_tick + command.deadline_in
        transaction_id = self.target.submit(
            command.sender,
            command.receiver,
            command.amount,
            deadline,
            command.priority,
            divisible=command.divisible,
            link=command.link,
            link_legs=command.link_legs,
            debit_ticks=(command.earliest_debit_tick, command.latest_debit_tick),
        )
        until = "" if deadline is None else f", deadline tick {deadline}"
        amount = self._money.named(command.amount)
        linked = "" if command.link is None else f", link {command.link}"
        yield f"{transaction_id}: {command.sender} pays {command.receiver} {amount}{until}{linked}"

    @carry_out.register(commands.Priority)
    def _priority(self, command: commands.Priority) -> Iterable[str]:
        changed = self.target.change_priority(command.transaction_id, command.priority)
        has = "has priority" if changed else "has this priority already:"
        yield f"{command.transaction_id} {has} {command.priority}"

    @carry_out.register(commands.Move)
    def _move(self, command: commands.Move) -> Iterable[str]:
        moved = self.target.move_in_queue(command.transaction_id, command.to)
        yield f"{command.transaction_id} is {'' if moved else 'already '}at the {command.to} of its band"

    @carry_out.register(commands.Revoke)
    def _revoke(self, command: commands.Revoke) -> Iterable[str]:
        self.target.revoke(command.transaction_id)
        yield f"{command.transaction_id} is taken back; `resubmit {command.transaction_id}` submits it again"

    @carry_out.register(commands.Resubmit)
    def _resubmit(self, command: commands.Resubmit) -> Iterable[str]:
        self.target.resubmit(command.transaction_id)
        yield f"{command.transaction_id} is submitted again"

    @carry_out.register(commands.Split)
    def _split(self, command: commands.Split) -> Iterable[str]:
        parts = self.target.split(command.transaction_id, command.parts)
        yield f"{command.transaction_id} is split into {', '.join(parts)}"

    @carry_out.register(commands.Back)
    def _back(self, command: commands.Back) -> Iterable[str]:
        first, tick = self.target.first_tick, self.target.current_tick - command.count
        if tick < first:
            message = (
                f"there is nothing before the start of tick {first}; tick {self.target.current_tick} is next"
            )
            raise LineError(message)
        self.target.back(tick)
        self.breaks.look(self.target)
        return [views.where(self.target)]

    @carry_out.register(commands.Save)
    def _save(self, command: commands.Save) -> Iterable[str]:
        if command.path.exists() and not command.force:
            message = f"{command.path} exists already; `save {command.path} force` replaces it"
            raise LineError(message)
        self.target.save(command.path)
        return [f"saved in {command.path}; {views.where(self.target)}"]

    @carry_out.register(commands.Load)
    def _load(self, command: commands.Load) -> Iterable[str]:
        loaded = self.target.load(command.path)
        self.target.close()
        self.target = loaded
        self.breaks = Breaks()
        return [f"loaded {command.path}; {views.where(self.target)}"]

    # --- what shows it ---

    @carry_out.register(commands.State)
    def _state(self, _command: commands.State) -> Iterable[str]:
        return views.state_lines(self.target.state(), self._money)

    @carry_out.register(commands.Agent)
    def _agent(self, command: commands.Agent) -> Iterable[str]:
        return views.agent_lines(self.target.agent(command.agent_id), self._money)

    @carry_out.register(commands.Queue)
    def _queue(self, command: commands.Queue) -> Iterable[str]:
        if command.agent_id is not None:
            self._check_agent(command.agent_id)
            return views.queue_lines(self.target, [command.agent_id], self._money)
        state = self.target.state()
        waiting = [agent.agent_id for agent in state.agents if agent.queue1_size or agent.queue2_size]
        return views.queue_lines(self.target, waiting, self._money)

    @carry_out.register(commands.ShowTransaction)
    def _transaction(self, command: commands.ShowTransaction) -> Iterable[str]:
        return views.transaction_lines(self.target.transaction(command.transaction_id), self._money)

    @carry_out.register(commands.Why)
    def _why(self, command: commands.Why) -> Iterable[str]:
        return self.target.why(command.transaction_id).sentences

    @carry_out.register(commands.Costs)
    def _costs(self, _command: commands.Costs) -> Iterable[str]:
        return views.cost_lines(self.target.state(), self.target.total_cost(), self._money)

    @carry_out.register(commands.Events)
    def _events(self, command: commands.Events) -> Iterable[str]:
        if self.target.config.output.events != "full":
            message = (
                f"this simulation records no events: output.events is {self.target.config.output.events}"
            )
            raise LineError(message)
        if command.tick is not None:
            rows: list[Row] = self.target.events_between(command.tick, command.tick + 1).to_pylist()
        else:
            rows = self._last_events(command.count)
        return views.event_lines(rows, self._money)

    @carry_out.register(commands.Diff)
    def _diff(self, command: commands.Diff) -> Iterable[str]:
        first, second = sorted((command.first, command.second))
        if first < self.target.first_tick or second > self.target.current_tick:
            message = (
                f"the ticks from {self.target.first_tick} to {self.target.current_tick} can be compared, "
                f"not {command.first} and {command.second}"
            )
            raise LineError(message)
        rows: list[Row] = []
        if self.target.config.output.events == "full":
            rows = self.target.events_between(first, second).to_pylist()
        before, after = self.target.state(first), self.target.state(second)
        return difference_lines(before, after, rows, self._money)

    # --- breaks, and the shell itself ---

    @carry_out.register(commands.Break)
    def _break(self, command: commands.Break) -> Iterable[str]:
        number = self.breaks.add(command.condition, self.target)
        return self._listed(number)

    @carry_out.register(commands.Breaks)
    def _breaks(self, _command: commands.Breaks) -> Iterable[str]:
        return self._listed() if len(self.breaks) else ["no breaks"]

    @carry_out.register(commands.Delete)
    def _delete(self, command: commands.Delete) -> Iterable[str]:
        self.breaks.delete(command.number)
        return []

    @carry_out.register(commands.History)
    def _history(self, _command: commands.History) -> Iterable[str]:
        return [f"{number}  {line}" for number, line in enumerate(self.lines, start=1)]

    @carry_out.register(commands.Help)
    def _help(self, command: commands.Help) -> Iterable[str]:
        return help_lines(command.command)

    @carry_out.register(commands.Quit)
    def _quit(self, _command: commands.Quit) -> Iterable[str]:
        return []

    # --- what several of them need ---

    @property
    def _money(self) -> Money:
        currency = self.target.config.currency
        return Money(currency.code, currency.minor_digits)

    def _need_ticks(self) -> None:
        if self.target.current_tick == self.target.num_ticks:
            message = f"all {self.target.num_ticks:,} ticks have run; `back` goes to earlier ones"
            raise SimulationFinishedError(message)

    def _check_agent(self, agent_id: str) -> None:
        known = self.target.agent_ids
        if agent_id not in known:
            meant = nearest(agent_id, known)
            hint = f"; did you mean {meant!r}?" if meant else ""
            message = f"there is no agent {agent_id!r}{hint}"
            raise LineError(message)

    def _last_events(self, count: int) -> list[Row]:
        """The last events: more and more ticks are looked at until there are enough."""
        end, ticks = self.target.current_tick + 1, 1
        while True:
            first = max(0, end - ticks)
            table = self.target.events_between(first, end)
            if table.num_rows >= count or first == 0:
                rows: list[Row] = table.slice(max(0, table.num_rows - count)).to_pylist()
                return rows
            ticks *= 2

    def _listed(self, number: int | None = None) -> list[str]:
        return [
            f"break {each}: {condition.text}{' (true now)' if is_true else ''}"
            for each, condition, is_true in self.breaks
            if number in {None, each}
        ]
