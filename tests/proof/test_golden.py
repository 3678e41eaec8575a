"""Golden hashes: the same inputs give the same bits, today as at the last release, on every platform."""

import json

import pyarrow as pa
import pytest

from tests.proof import golden
from tests.proof.cases import RULES, begun, config, end_of, finish


def test_every_case_has_its_hash() -> None:
    assert list(golden.read()) == list(RULES)


@pytest.mark.parametrize("name", RULES)
def test_the_end_is_the_golden_one(name: str) -> None:
    found = end_of(config(name))
    assert found == golden.read()[name], (
        f"the results of '{name}' have changed: if that is meant, write tests/proof/golden_hashes.json anew "
        "(python -m tests.proof.golden) and say in CHANGELOG.md what changed and why"
    )


@pytest.mark.parametrize("name", RULES)
def test_the_cases_are_worth_guarding(name: str) -> None:
    """In each of them transactions settle in every way that its rules know, are split, and cost something."""
    given = config(name)
    simulation = finish(begun(given))
    transactions = pa.table(simulation.transactions())
    methods = set(transactions["settlement_method"].to_pylist())
    lsm = given.get("lsm_config", {})
    expected = {"immediate", "queue", None}
    if lsm.get("enabled", True):
        expected |= {"cycle"} if "enable_bilateral" in lsm else {"bilateral"}
    assert expected <= methods
    assert transactions.num_rows > 300
    plain = {"overdraft", "delay", "deadline_penalty", "eod_penalty", "split_friction"}
    rules = {
        "throughput_penalty": "throughput" in given,
        "allocation": any("liquidity_pool" in agent for agent in given["agent_configs"]),
        "overnight": "overnight_facility" in given,
    }
    kinds = {row["kind"] for row in pa.table(simulation.costs()).to_pylist() if row["exact"] > 0}
    assert kinds == plain | {kind for kind, is_on in rules.items() if is_on}


def test_all_policies_distributions_disciplines_and_creditings_are_there() -> None:
    text = json.dumps([config(name) for name in RULES])
    for word in (
        *("Fifo", "Deadline", "LiquidityAware", "LiquiditySplitting", "MockSplitting", "FixedSplitting"),
        *("Normal", "Uniform", "LogNormal", "Exponential", "mean_log", '"mean"'),
        *("fifo", "priority", "deferred", "cancel"),
    ):
        assert word in text
