"""The engine and the reference model agree, to the last row of every table, on small random days.

A failure shows the first difference and the scenario; `compare` takes that scenario as it is printed.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from payment_simulator._core import Orchestrator
from tests.differential.playing import PlayableModel, Rows, explain, play
from tests.differential.scenarios import CREDITINGS, DISCIPLINES, Scenario, scenarios
from tests.reference import RefusedError

SOAK_EXAMPLES = int(os.environ.get("SOAK_EXAMPLES", "50000"))
GENERATED_ID = re.compile(r"(?P<sender>.+):g(?P<number>[0-9]+)")
GENERATED_COLUMNS = (
    "transaction_id",
    "sender",
    "receiver",
    "amount",
    "deadline_tick",
    "priority",
    "divisible",
)
COLUMN_TYPES = {
    "transaction_id": pa.string(),
    "sender": pa.string(),
    "receiver": pa.string(),
    "amount": pa.int64(),
    "deadline_tick": pa.int64(),
    "submit_tick": pa.int64(),
    "priority": pa.int64(),
    "divisible": pa.bool_(),
    "link": pa.string(),
    "link_legs": pa.int64(),
    "earliest_debit_tick": pa.int64(),
    "latest_debit_tick": pa.int64(),
}


@dataclass(frozen=True)
class Family:
    """A part of the examples that a worker takes as a whole."""

    disciplines: tuple[str, ...]
    creditings: tuple[str, ...]
    examples: int
    arrivals: bool = False
    by_tick: bool = True
    saved: bool = False
    steps: bool = False

    def __str__(self) -> str:
        rules = self.disciplines + self.creditings if len(self.disciplines) == 1 else ("all",)
        marks = {
            "arrivals": self.arrivals,
            "steps": self.steps,
            "run": not self.by_tick,
            "saved": self.saved,
        }
        return "_".join([*rules, *(mark for mark, is_so in marks.items() if is_so)])


FAMILIES = (
    *(Family((discipline,), (crediting,), 250) for discipline in DISCIPLINES for crediting in CREDITINGS),
    *(Family((discipline,), CREDITINGS, 300, steps=True) for discipline in DISCIPLINES),
    Family(DISCIPLINES, CREDITINGS, 150, arrivals=True, by_tick=False, steps=True),
    Family(DISCIPLINES, CREDITINGS, 300, arrivals=True),
    Family(DISCIPLINES, CREDITINGS, 200, arrivals=True, by_tick=False),
    Family(DISCIPLINES, CREDITINGS, 150, arrivals=True, saved=True),
    Family(DISCIPLINES, CREDITINGS, 150, arrivals=True, steps=True, saved=True),
)
ALL_EXAMPLES = sum(family.examples for family in FAMILIES)


class PlayableEngine:
    """The engine, with rows in and tables out; what is not here is the Orchestrator's own."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._orchestrator = Orchestrator(config)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the Orchestrator has
        return getattr(self._orchestrator, name)

    def submit_row(self, row: Mapping[str, Any]) -> str:
        transaction_id: str = self._orchestrator.submit_transaction(**row)
        return transaction_id

    def submit_rows(self, rows: Rows) -> list[str]:
        """Scheduled rows go in as an Arrow table, others as a dict of columns."""
        columns = {
            name: [row[name] for row in rows] for name in COLUMN_TYPES if all(name in row for row in rows)
        }
        if not any(columns.get("transaction_id", [])):
            columns.pop("transaction_id", None)
        if "submit_tick" not in columns:
            return list(self._orchestrator.submit_transactions_batch(columns))
        schema = pa.schema([(name, COLUMN_TYPES[name]) for name in columns])
        table = pa.table(columns, schema=schema)
        return list(self._orchestrator.submit_transactions_batch(table))

    def table(self, name: str) -> Rows:
        rows: Rows = pa.table(getattr(self._orchestrator, name)()).to_pylist()
        return rows


class SavedEngine(PlayableEngine):
    """The engine, saved and loaded again before each tick."""

    def tick(self) -> Any:  # noqa: ANN401 - a TickResult is a dict of ints
        self._orchestrator = Orchestrator.load_state(self._orchestrator.save_state())
        return self._orchestrator.tick()


def compare(scenario: Scenario, *, by_tick: bool = True, saved: bool = False) -> None:
    """Play the scenario on both, the engine first, because the model is given what the engine generated."""
    engine = (SavedEngine if saved else PlayableEngine)(scenario.config)
    engine_seen = play(engine, scenario, RuntimeError, by_tick=by_tick)
    generated = generated_rows(engine.table("transactions"))
    check_generated(scenario, generated)
    model = PlayableModel(scenario.config, generated=by_arrival_tick(scenario, generated))
    model_seen = play(model, scenario, RefusedError, by_tick=by_tick)
    explanation = explain(model_seen, engine_seen, scenario)
    if explanation:
        pytest.fail(explanation)


def generated_rows(transactions: Rows) -> Rows:
    """The generated ones of a table, parts left out."""
    return [row for row in transactions if GENERATED_ID.fullmatch(row["transaction_id"])]


def by_arrival_tick(scenario: Scenario, rows: Rows) -> dict[int, Rows]:
    """What the model wants to be given: as it arrived, with the priority of its agent's config."""
    agents = {agent["id"]: agent for agent in scenario.config["agent_configs"]}
    arrivals: dict[int, Rows] = {}
    for row in rows:
        given_columns = {name: row[name] for name in GENERATED_COLUMNS}
        given_columns["priority"] = agents[row["sender"]]["arrival_config"]["priority"]
        arrivals.setdefault(row["submit_tick"], []).append(given_columns)
    return arrivals


def check_generated(scenario: Scenario, rows: Rows) -> None:
    """Generated ones are what their agent's config allows, numbered, and in the order of ticks and agents."""
    agents = {agent["id"]: agent for agent in scenario.config["agent_configs"]}
    numbers = dict.fromkeys(agents, 0)
    for row in rows:
        config = agents[row["sender"]]["arrival_config"]
        numbers[row["sender"]] += 1
        assert row["transaction_id"] == f"{row['sender']}:g{numbers[row['sender']]}"
        assert row["receiver"] in counterparties(scenario, row["sender"]), row
        least, most = config["deadline_range"]
        assert least <= row["deadline_tick"] - row["submit_tick"] <= most, row
        assert row["divisible"] == config["divisible"], row
        if not changes_priorities(scenario):
            assert row["priority"] == config["priority"], row
        assert_amount(config["amount_distribution"], row)
    order = [(row["submit_tick"], scenario.agent_ids.index(row["sender"])) for row in rows]
    assert order == sorted(order)


def changes_priorities(scenario: Scenario) -> bool:
    """Whether a sender gives anything another priority, by a call, by plan or as a deadline comes near."""
    called = {getattr(one, "method", "") for one in chain(*scenario.actions.values())}
    planned = {event["type"] for event in scenario.config.get("scenario_events", [])}
    escalated = any(agent.get("escalation") for agent in scenario.config["agent_configs"])
    return escalated or "change_priority" in called or "priority" in planned


def counterparties(scenario: Scenario, sender: str) -> set[str]:
    """To whom an agent's generated transactions may go, by its config or by an event."""
    agents = [agent for agent in scenario.config["agent_configs"] if agent["id"] == sender]
    events = [event for event in scenario.config.get("scenario_events", []) if event.get("agent") == sender]
    given = [agent["arrival_config"] for agent in agents] + events
    weights = [one["counterparty_weights"] for one in given if "counterparty_weights" in one]
    return {receiver for one in weights for receiver, weight in one.items() if weight > 0}


def assert_amount(distribution: Mapping[str, Any], row: Mapping[str, Any]) -> None:
    """An amount is at least 1; a uniform one keeps its bounds."""
    assert row["amount"] >= 1, row
    if distribution["type"] == "Uniform":
        assert distribution["min"] <= row["amount"] <= distribution["max"], row


def compare_many(family: Family, examples: int) -> None:
    """Compare on so many random scenarios of the family."""

    def check(scenario: Scenario) -> None:
        compare(scenario, by_tick=family.by_tick, saved=family.saved)

    # Hypothesis keeps failures in its database by the name of the function.
    check.__name__ = check.__qualname__ = f"check_{family}"
    strategy = scenarios(family.disciplines, family.creditings, arrivals=family.arrivals, steps=family.steps)
    in_earnest = settings(
        max_examples=examples,
        deadline=None,
        derandomize=False,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow],
        phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    )
    in_earnest(given(strategy)(check))()


@pytest.mark.parametrize("family", FAMILIES, ids=str)
def test_engine_agrees_with_the_model(family: Family) -> None:
    compare_many(family, family.examples)


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("family", FAMILIES, ids=str)
def test_soak(family: Family) -> None:
    compare_many(family, SOAK_EXAMPLES * family.examples // ALL_EXAMPLES)
