"""`payment-sim replay`: byte for byte what the run wrote."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payment_simulator import Simulation, SimulationConfig
from payment_simulator.cli.past_ticks import past_ticks
from tests.simulation.cases import busy

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from tests.cli.conftest import Command

ROOT = Path(__file__).parents[2]
SCENARIOS = sorted((ROOT / "scenarios").glob("*/*.yaml"))


def told(stderr: str) -> str:
    """The story of a run, as it stands on stderr."""
    return stderr[stderr.index("═══ Tick") : stderr.index("Completed ")]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_scenario_is_told_again_as_it_was(command: Command, scenario: Path) -> None:
    live = command("run", "--config", str(scenario), "--output-dir", "out", "--verbose", "--stream")
    assert live.code == 0
    assert command("replay", "out") == (0, told(live.stderr), "")
    assert command("replay", "out", "--stream") == (0, live.stdout, "")


@pytest.mark.parametrize("extra", [(), ("--ticks", "2")])
def test_what_was_written_while_running_is_told_as_well(command: Command, extra: tuple[str, ...]) -> None:
    live = command("run", "--config", "two.yaml", "--verbose", "--stream", *extra)
    assert command("run", "--config", "two.yaml", "--output-dir", "out", *extra).code == 0
    assert command("replay", "out") == (0, told(live.stderr), "")
    assert command("replay", "out", "--stream").stdout == live.stdout


def test_a_part_of_it(command: Command) -> None:
    live = command("run", "--config", "two.yaml", "--output-dir", "out", "--verbose", "--stream")
    lines = live.stdout.splitlines(keepends=True)
    assert command("replay", "out", "--stream", "--from", "1").stdout == "".join(lines[1:])
    assert command("replay", "out", "--stream", "--to", "1").stdout == "".join(lines[:2])
    part = command("replay", "out", "--from", "1", "--to", "1").stdout
    assert part.startswith("═══ Tick 1\n  tax arrives")
    assert part.endswith("  1 arrival, 2 settlements (2 by offsetting)\n")
    assert part in live.stderr


def test_a_delay_waits_after_each_tick(command: Command) -> None:
    command("run", "--config", "two.yaml", "--output-dir", "out")
    begin = time.monotonic()
    assert command("replay", "out", "--delay", "0.1").code == 0
    assert time.monotonic() - begin >= 0.3


def test_the_totals_of_each_tick_suffice(folder: Path, command: Command) -> None:
    text = (folder / "two.yaml").read_text(encoding="utf-8") + "output: {events: summary}\n"
    (folder / "two.yaml").write_text(text, encoding="utf-8")
    live = command("run", "--config", "two.yaml", "--output-dir", "out", "--verbose", "--stream")
    assert command("replay", "out") == (0, told(live.stderr), "")
    assert command("replay", "out", "--stream").stdout == live.stdout


def test_without_events_it_says_what_would_help(folder: Path, command: Command) -> None:
    text = (folder / "two.yaml").read_text(encoding="utf-8") + "output: {events: none}\n"
    (folder / "two.yaml").write_text(text, encoding="utf-8")
    command("run", "--config", "two.yaml", "--output-dir", "out")
    ended = command("replay", "out")
    assert (ended.code, ended.stdout) == (1, "")
    assert "Error: out has no events, for the run recorded none (output.events: none)" in ended.stderr


REFUSED = {
    ("nowhere",): (1, "nowhere"),
    ("out", "--from", "3"): (2, "--from 3 is after the end: out has the ticks 0 to 2"),
    ("out", "--to", "9"): (2, "--to 9 is after the end: out has the ticks 0 to 2"),
    ("out", "--from", "2", "--to", "1"): (2, "--from 2 is after --to 1"),
    ("out", "--delay", "-1"): (2, "--delay"),
}


def test_wrong_usage(command: Command) -> None:
    command("run", "--config", "two.yaml", "--output-dir", "out")
    for arguments, (code, expected) in REFUSED.items():
        ended = command("replay", *arguments)
        assert (ended.code, ended.stdout) == (code, "")
        assert expected in ended.stderr


RATES: list[dict[str, Any]] = [
    {},
    {
        "overdraft_bps_per_tick": "0.000000000000000001",
        "delay_cost_per_tick_per_cent": "0.333333333333333333",
    },
    {
        "overdraft_bps_per_tick": "999999999.123456789012345678",
        "deadline_penalty": "0.5",
        "split_friction_cost": "2.5",
    },
]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 1_000),
    rates=st.sampled_from(RATES),
    settlement=st.sampled_from([{}, {"queue_discipline": "fifo"}, {"crediting": "deferred"}]),
    unsettled=st.sampled_from(["carry_over", "cancel"]),
    level=st.sampled_from(["full", "summary"]),
)
def test_each_tick_is_derived_as_it_was(
    seed: int, rates: dict[str, Any], settlement: dict[str, Any], unsettled: str, level: str
) -> None:
    """With overdrafts, splits, penalties, cancelled payments and submissions by hand."""
    length = {"ticks_per_day": 10, "num_days": 2, "rng_seed": seed}
    plain = busy(
        simulation=length, cost_rates=rates, settlement=settlement, end_of_day={"unsettled": unsettled}
    )
    for agent in plain["agents"]:
        agent["credit_limit"] = 5_000
    simulation = Simulation({**plain, "output": {"events": level}})
    live = []
    while not simulation.finished:
        simulation.submit("BANK_A", "BANK_B", 20_000, divisible=True)
        live.append(simulation.tick())
    config = SimulationConfig.from_dict({**plain, "output": {"events": level}})
    assert [past.result for past in past_ticks([simulation.result().events], config, len(live))] == live


CREDIT: list[dict[str, Any]] = [
    {"collateral": {"haircuts": {"BONDS": "0.07"}}, "overdraft": {"secured_bps_per_tick": "0.3"}},
    {"collateral": {"haircuts": {"BONDS": 1}}, "overdraft": {"pricing": "daily_average", "waiver": 2}},
    {"overnight_facility": {"lending_bps": "1.25"}, "overdraft": {"pricing": "daily_average"}},
    {"overnight_facility": {"lending_bps": 3}},
]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 1_000),
    credit=st.sampled_from(CREDIT),
    pool=st.sampled_from([None, {"amount": 50_000, "share": "0.5", "cost_bps_per_day": "0.7"}]),
    own=st.sampled_from([{}, {"overdraft_bps_per_tick": 2, "overdraft_deductible": 700}]),
)
def test_each_tick_is_derived_with_the_price_of_credit(
    seed: int, credit: dict[str, Any], pool: dict[str, Any] | None, own: dict[str, Any]
) -> None:
    length = {"ticks_per_day": 10, "num_days": 2, "rng_seed": seed}
    plain = busy(simulation=length, cost_rates={"overdraft_bps_per_tick": 7}, **credit)
    for place, agent in enumerate(plain["agents"]):
        agent.update(credit_limit=5_000, liquidity_pool=pool, **own)
        if "collateral" in credit:
            agent["collateral"] = {"BONDS": 3_000 * place}
    if "collateral" in credit:
        change = {"agent": "BANK_B", "asset": "BONDS", "value": 4_000}
        plain["scenario_events"] = [
            {"type": "collateral_posting", "at": {"tick": 3}, **change},
            {"type": "collateral_withdrawal", "at": {"tick": 9}, **change},
            {"type": "collateral_shock", "at": {"tick": 12}, "asset": "BONDS", "share": 0.5},
        ]
    simulation = Simulation(plain)
    live = []
    while not simulation.finished:
        simulation.submit("BANK_A", "BANK_B", 9_000)
        live.append(simulation.tick())
    config = SimulationConfig.from_dict(plain)
    assert [past.result for past in past_ticks([simulation.result().events], config, len(live))] == live


HAPPENINGS: list[dict[str, Any]] = [
    {"type": "outage", "at": {"tick": 2}, "agent": "BANK_A", "duration_ticks": 4},
    {"type": "injection", "at": {"tick": 3}, "agent": "BANK_B", "amount": 7_000},
    {"type": "withdrawal", "at": {"tick": 4}, "agent": "BANK_C", "amount": 40_000},
    {
        "type": "withdrawal",
        "when": {"agent": "BANK_D", "balance_above": 0},
        "agent": "BANK_D",
        "amount": 90_000,
    },
    {"type": "credit_limit", "at": {"tick": 5}, "agent": "BANK_E", "credit_limit": 60_000},
    {"type": "system_outage", "at": {"tick": 7}, "duration_ticks": 2},
    {"type": "opening_hours", "at": {"tick": 10}, "opens_tick": 2, "closes_tick": 9},
    {"type": "default", "at": {"tick": 9}, "agent": "BANK_F"},
    {"type": "default", "at": {"tick": 19}, "agent": "BANK_E"},
]


STEPS: list[dict[str, Any]] = [
    {"algorithm": "entry_disposition"},
    {"algorithm": "bilateral"},
    {"algorithm": "gridlock_resolution", "when": "change"},
    {"algorithm": "target2_sequence", "every_ticks": 3},
]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 1_000),
    rates=st.sampled_from(RATES),
    unsettled=st.sampled_from(["carry_over", "cancel"]),
    steps=st.lists(st.sampled_from(STEPS), max_size=3),
    events=st.lists(st.sampled_from(HAPPENINGS), unique_by=str, max_size=len(HAPPENINGS)),
)
def test_each_tick_is_derived_as_it_was_whatever_happens_besides(
    seed: int,
    rates: dict[str, Any],
    unsettled: str,
    steps: list[dict[str, Any]],
    events: list[dict[str, Any]],
) -> None:
    """What a default cancels costs no more from that tick on; what the day cancels does in its last."""
    length = {"ticks_per_day": 10, "num_days": 2, "rng_seed": seed}
    plain = busy(
        simulation=length,
        cost_rates=rates,
        end_of_day={"unsettled": unsettled},
        settlement={"offsetting": steps},
        scenario_events=events,
    )
    for agent in plain["agents"]:
        agent["credit_limit"] = 5_000
    simulation = Simulation(plain)
    live = []
    while not simulation.finished:
        simulation.submit("BANK_F", "BANK_B", 20_000)
        live.append(simulation.tick())
    found = past_ticks([simulation.result().events], SimulationConfig.from_dict(plain), len(live))
    assert [past.result for past in found] == live


def test_a_large_directory_takes_no_more_memory_than_its_pieces() -> None:
    """Ticks are yielded as the pieces come: nothing is read ahead."""
    simulation = Simulation(busy())
    simulation.run()
    events = simulation.result().events
    given_out = []

    def pieces() -> Iterator[pa.Table]:
        for start in range(0, events.num_rows, 50):
            given_out.append(start)
            yield events.slice(start, 50)

    ticks = past_ticks(pieces(), simulation.config, simulation.num_ticks)
    next(ticks)
    assert len(given_out) < events.num_rows / 50 / 4
