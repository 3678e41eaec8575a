"""One stream of random numbers per agent, keyed by seed and id: what others do leaves its arrivals alone."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from tests.proof.cases import agents, begun, config, finish

NAME = "bypass, immediate"
DRAWN = ("transaction_id", "receiver", "amount", "submit_tick", "deadline_tick", "priority", "divisible")


def generated(given: dict[str, Any]) -> dict[str, list[tuple[object, ...]]]:
    """What each agent generates in the whole run."""
    rows = pa.table(finish(begun(given)).transactions()).to_pylist()
    found: dict[str, list[tuple[object, ...]]] = {}
    for row in rows:
        if ":g" in row["transaction_id"] and row["parent_id"] is None:
            found.setdefault(row["sender"], []).append(tuple(row[column] for column in DRAWN))
    return found


def with_an_agent_more(given: dict[str, Any]) -> None:
    newcomer = agents("GA")[0]
    newcomer["arrival_config"]["counterparty_weights"] = {"BANK_A": 1}
    given["agent_configs"].insert(0, newcomer)


def with_another_policy(given: dict[str, Any]) -> None:
    given["agent_configs"][0]["policy"] = {"type": "Deadline", "urgency_threshold": 1}


def with_another_rate(given: dict[str, Any]) -> None:
    given["agent_configs"][0]["arrival_config"]["rate_per_tick"] = 5.0


def with_other_rules(given: dict[str, Any]) -> None:
    given["settlement"] = {"queue_discipline": "fifo", "crediting": "deferred"}
    given["lsm_config"] = {"enabled": False}


def in_another_order(given: dict[str, Any]) -> None:
    given["agent_configs"].reverse()


def without_one(given: dict[str, Any]) -> None:
    del given["agent_configs"][0]["arrival_config"]


@pytest.mark.parametrize(
    "change",
    [
        with_an_agent_more,
        with_another_policy,
        with_another_rate,
        with_other_rules,
        in_another_order,
        without_one,
    ],
    ids=lambda change: change.__name__,
)
def test_the_others_arrivals_stay(change: Callable[[dict[str, Any]], None]) -> None:
    before = generated(config(NAME))
    changed = config(NAME)
    change(changed)
    after = generated(changed)
    others = [f"BANK_{name}" for name in "BCDEF"]
    assert {agent: after[agent] for agent in others} == {agent: before[agent] for agent in others}
    assert all(len(before[agent]) > 20 for agent in others)


def test_a_longer_run_begins_like_a_shorter_one() -> None:
    short, long = (generated(config(NAME, num_days=days)) for days in (1, 3))
    assert all(long[agent][: len(rows)] == rows for agent, rows in short.items())


def test_another_name_is_another_stream() -> None:
    given = config(NAME, agent_configs=agents("ABCDEF"))
    for agent in given["agent_configs"]:
        same = given["agent_configs"][0]["arrival_config"]
        agent["arrival_config"] = {**same, "counterparty_weights": {"BANK_A": 1}}
    given["agent_configs"][0].pop("arrival_config")
    streams = [[row[2:] for row in rows] for rows in generated(given).values()]
    assert len({str(stream) for stream in streams}) == 5
