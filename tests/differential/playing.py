"""Playing a scenario on the engine or on the model, and finding the first difference between two plays."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Protocol

from tests.differential.scenarios import Action, Intervene, Scenario, Submit, SubmitBatch
from tests.reference import ReferenceSimulation

TABLES = ("transactions", "links", "events", "agents", "balances", "costs")
ABSENT = "<absent>"

Rows = list[dict[str, Any]]


class Playable(Protocol):
    """What the engine and the model have in common here; tables are lists of rows."""

    def tick(self) -> dict[str, int]: ...
    def run(self, num_ticks: int | None = None) -> dict[str, int]: ...
    def current_tick(self) -> int: ...
    def current_day(self) -> int: ...
    def get_agent_ids(self) -> list[str]: ...
    def get_agent_balance(self, agent_id: str) -> int | None: ...
    def get_queue1_size(self, agent_id: str) -> int | None: ...
    def get_queue2_size(self) -> int: ...
    def get_agent(self, agent_id: str) -> dict[str, Any] | None: ...
    def get_transaction(self, transaction_id: str) -> dict[str, Any] | None: ...
    def submit_row(self, row: Mapping[str, Any]) -> str: ...
    def submit_rows(self, rows: Rows) -> list[str]: ...
    def table(self, name: str) -> Rows: ...


class PlayableModel(ReferenceSimulation):
    """The model, with rows in and tables out."""

    def submit_row(self, row: Mapping[str, Any]) -> str:
        return self.submit_transaction(**row)

    def submit_rows(self, rows: Rows) -> list[str]:
        return self.submit_transactions_batch(rows)

    def table(self, name: str) -> Rows:
        rows: Rows = getattr(self, name)()
        return rows


Recording = dict[str, Any]
"""What was seen, by where it was seen, in the order of seeing."""


def play(simulation: Playable, scenario: Scenario, refusal: type[Exception], *, by_tick: bool) -> Recording:
    """Run the scenario to its end, by `tick` or in stretches by `run`; write down all that can be seen."""
    seen: Recording = {}
    end, middle = scenario.num_ticks, scenario.num_ticks // 2
    stops = list(range(end + 1)) if by_tick else sorted({0, middle, end, *scenario.actions})
    for start, stop in pairwise(stops):
        for number, action in enumerate(scenario.actions.get(start, []), start=1):
            seen[f"call {number} before tick {start}"] = _submit(simulation, action, refusal)
        seen[f"result of tick {stop - 1}"] = simulation.tick() if by_tick else simulation.run(stop - start)
        _note_state(seen, simulation, f"after tick {stop - 1}")
        if stop == middle:
            _note_tables(seen, simulation, f"after tick {stop - 1}")
    _note_tables(seen, simulation, "at the end")
    _note_look_ups(seen, simulation)
    _note_calls_after_the_end(seen, simulation, refusal)
    return seen


def first_difference(model: Recording, engine: Recording) -> str | None:
    """Where the two differ first, and how; None if they agree."""
    for where in [*model, *(where for where in engine if where not in model)]:
        expected, actual = model.get(where, ABSENT), engine.get(where, ABSENT)
        if expected != actual:
            return f"{where}\n{_contrast(expected, actual)}"
    return None


def explain(model: Recording, engine: Recording, scenario: Scenario) -> str | None:
    """The first difference, the first one in the events, and the scenario; None if there is none."""
    difference = first_difference(model, engine)
    if difference is None:
        return None
    lines = ["", f"First difference: {difference}"]
    in_events = first_difference(_events_of(model), _events_of(engine))
    if in_events and in_events != difference:
        lines += ["", f"First difference in the events: {in_events}"]
    return "\n".join([*lines, "", "Scenario:", str(scenario)])


def _submit(simulation: Playable, action: Action, refusal: type[Exception]) -> object:
    """The ids that were given, or what else was answered, or that it was refused."""
    try:
        match action:
            case Submit(row):
                return simulation.submit_row(row)
            case SubmitBatch(rows):
                return simulation.submit_rows(rows)
            case Intervene():
                return intervene(simulation, action, simulation.table("transactions"))
    except refusal:
        return "refused"


def intervene(simulation: Any, action: Intervene, rows: Rows) -> object:  # noqa: ANN401 - engine, model, façade
    """What a sender's intervention was answered, where the table `transactions` has these rows."""
    wanted = {"split": {"queued"}, "move_in_queue": {"queued"}, "resubmit": {"dropped"}}.get(
        action.method, {"pending", "queued"}
    )
    chosen = [row for row in rows if action.among_all or row["status"] in wanted] or rows
    transaction_id = chosen[action.place % len(chosen)]["transaction_id"] if chosen else "NOTHING"
    try:
        return getattr(simulation, action.method)(transaction_id, **action.values)
    except KeyError:
        return "unknown"


def _note_state(seen: Recording, simulation: Playable, when: str) -> None:
    seen[f"{when}: current tick"] = simulation.current_tick()
    seen[f"{when}: current day"] = simulation.current_day()
    for agent_id in simulation.get_agent_ids():
        seen[f"{when}: balance of {agent_id}"] = simulation.get_agent_balance(agent_id)
        seen[f"{when}: Queue 1 of {agent_id}"] = simulation.get_queue1_size(agent_id)
    seen[f"{when}: Queue 2"] = simulation.get_queue2_size()
    for agent_id in simulation.get_agent_ids():
        seen[f"{when}: agent {agent_id}"] = simulation.get_agent(agent_id)


def _note_tables(seen: Recording, simulation: Playable, when: str) -> None:
    for name in TABLES:
        for number, row in enumerate(simulation.table(name)):
            seen[f"{when}: table {name}, row {number}"] = row


def _note_look_ups(seen: Recording, simulation: Playable) -> None:
    for row in simulation.table("transactions"):
        transaction_id = row["transaction_id"]
        seen[f"transaction {transaction_id}"] = simulation.get_transaction(transaction_id)
    seen["an unknown transaction"] = simulation.get_transaction("NOTHING")
    seen["an unknown agent"] = simulation.get_agent("NOBODY")
    seen["the balance of an unknown agent"] = simulation.get_agent_balance("NOBODY")
    seen["the queue of an unknown agent"] = simulation.get_queue1_size("NOBODY")


def _note_calls_after_the_end(seen: Recording, simulation: Playable, refusal: type[Exception]) -> None:
    seen["run after the end"] = simulation.run()
    try:
        seen["tick after the end"] = simulation.tick()
    except refusal:
        seen["tick after the end"] = "refused"


def _events_of(recording: Recording) -> Recording:
    return {where: value for where, value in recording.items() if ": table events" in where}


def _contrast(expected: object, actual: object) -> str:
    """Both values; of two rows also the columns in which they differ."""
    lines = [f"  model:  {expected}", f"  engine: {actual}"]
    if isinstance(expected, dict) and isinstance(actual, dict):
        for column in [*expected, *(column for column in actual if column not in expected)]:
            left, right = expected.get(column, ABSENT), actual.get(column, ABSENT)
            if left != right:
                lines.append(f"  differs in {column}: model {left!r}, engine {right!r}")
    return "\n".join(lines)
