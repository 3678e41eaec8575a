"""Each scenario runs, tells its story, is audited, and goes on from any snapshot."""

from __future__ import annotations

import subprocess
import sys
from statistics import mean
from typing import TYPE_CHECKING, Any

import pytest

from payment_simulator import Simulation, SimulationConfig, SimulationResult, load_config
from payment_simulator.audit import audit
from payment_simulator.results.summary import reproducible
from tests.scenarios.stories import ROOT, STORIES, Story, figures, kept_of

if TYPE_CHECKING:
    from pathlib import Path

SNAPSHOTS_MAX = 40
each_story = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
STORY = {story.name: story for story in STORIES}


def changed(story: Story, **sections: dict[str, object]) -> SimulationConfig:
    """The configuration of a story with some keys of its sections set otherwise."""
    config = load_config(story.config)
    models = {name: getattr(config, name).model_copy(update=keys) for name, keys in sections.items()}
    return config.model_copy(update=models)


def with_liquidity(story: Story, factor: int) -> SimulationConfig:
    config = load_config(story.config)
    agents = [
        agent.model_copy(
            update={
                "opening_balance": agent.opening_balance * factor,
                "credit_limit": agent.credit_limit * factor,
            }
        )
        for agent in config.agents
    ]
    return config.model_copy(update={"agents": tuple(agents)})


def summary_of(config: SimulationConfig) -> dict[str, Any]:
    return dict(Simulation(config).run().summary)


def methods_of(summary: dict[str, Any]) -> dict[str, int]:
    return {method: by["count"] for method, by in summary["indicators"]["settled_by"].items()}


@each_story
def test_the_summary_is_the_golden_one(story: Story) -> None:
    assert kept_of(Simulation(story.config).run().summary) == story.expected()


@each_story
def test_streaming_to_a_directory_gives_the_golden_summary_and_the_auditor_agrees(
    story: Story, tmp_path: Path
) -> None:
    Simulation(story.config).run(output_dir=tmp_path / "streamed")
    assert kept_of(SimulationResult.read(tmp_path / "streamed").summary) == story.expected()
    report = audit(tmp_path / "streamed")
    assert report.differences == ()
    assert report.num_transactions >= story.expected()["indicators"]["submitted"]["count"]


@each_story
def test_a_written_result_reads_back_and_the_auditor_agrees(story: Story, tmp_path: Path) -> None:
    result = Simulation(story.config).run()
    result.write(tmp_path / "written")
    read = SimulationResult.read(tmp_path / "written")
    assert reproducible(read.summary) == reproducible(result.summary)
    assert audit(tmp_path / "written").differences == ()


@each_story
def test_the_page_shows_the_golden_figures(story: Story) -> None:
    together = [other for other in STORIES if other.page == story.page]
    assert figures(together, [other.expected() for other in together]) in story.page.read_text("utf-8")


@each_story
def test_the_config_explains_each_of_its_sections(story: Story) -> None:
    lines = story.config.read_text(encoding="utf-8").splitlines()
    sections = [at for at, line in enumerate(lines) if line[:1].isalpha()]
    unexplained = [lines[at] for at in sections if not lines[at - 1].startswith("# ")]
    assert unexplained == []


@each_story
def test_going_on_from_a_snapshot_ends_as_if_it_had_never_stopped(story: Story, tmp_path: Path) -> None:
    simulation = Simulation(story.config)
    step = -(-simulation.num_ticks // SNAPSHOTS_MAX)
    expected = story.expected()["simulation"]["state_hash"]
    while not simulation.finished:
        simulation.save(tmp_path / "snapshot")
        resumed = Simulation.load(tmp_path / "snapshot")
        resumed.run()
        assert resumed.state_hash == expected, f"resumed before tick {simulation.current_tick}"
        simulation.run(step)
    assert simulation.state_hash == expected


def test_a_snapshot_has_the_whole_result(tmp_path: Path) -> None:
    simulation = Simulation(STORY["payments_day"].config)
    simulation.run(200)
    simulation.save(tmp_path / "snapshot")
    whole, resumed = simulation.run(), Simulation.load(tmp_path / "snapshot").run()
    assert reproducible(resumed.summary) == reproducible(whole.summary)
    for table in ("transactions", "events", "balances", "agents", "costs"):
        assert getattr(resumed, table).equals(getattr(whole, table)), table


@pytest.mark.parametrize(
    ("folder", "files"), [("scarce_day", ["config.yaml"]), ("payments_day", ["config.yaml", "payments.csv"])]
)
def test_what_is_committed_is_what_its_maker_writes(folder: str, files: list[str], tmp_path: Path) -> None:
    maker = ROOT / "scenarios" / folder / f"make_{folder}.py"
    target = tmp_path if len(files) > 1 else tmp_path / files[0]
    subprocess.run([sys.executable, str(maker), str(target)], check=True)
    for file in files:
        assert (tmp_path / file).read_bytes() == maker.with_name(file).read_bytes()


def test_two_banks_money_moves_and_the_overdraft_costs_by_the_tick() -> None:
    simulation = Simulation(STORY["two_banks"].config)
    simulation.run(3)
    assert [simulation.agent(bank).balance for bank in ("BANK_A", "BANK_B")] == [-150_000, 250_000]
    assert simulation.agent("BANK_A").cost_overdraft == 15
    simulation.run()
    assert simulation.agent("BANK_A").cost_overdraft == 8 * 15


def test_two_banks_without_credit_the_payment_waits_and_is_late() -> None:
    config = load_config(STORY["two_banks"].config)
    poor = [agent.model_copy(update={"credit_limit": 0}) for agent in config.agents]
    indicators = summary_of(config.model_copy(update={"agents": tuple(poor)}))["indicators"]
    assert [indicators[name]["count"] for name in ("settled", "late", "unsettled")] == [0, 1, 1]


def test_gridlock_stays_stuck_under_plain_rtgs() -> None:
    summary = summary_of(load_config(STORY["gridlock_plain"].config))
    assert sum(methods_of(summary).values()) == 0
    waited = 10 * 5000 + 9 * 4800 + 8 * 5100 + 7 * 4900 + 6 * 3000 + 5 * 3100
    by_kind = {"delay": waited // 100, "deadline_penalty": 6 * 50_000, "eod_penalty": 6 * 10_000}
    assert summary["costs"]["by_kind"] == {"overdraft": 0, "split_friction": 0, **by_kind}


def test_gridlock_is_resolved_by_offsetting_at_the_cost_of_waiting_for_the_last_payment() -> None:
    simulation = Simulation(STORY["gridlock"].config)
    ticks = [simulation.tick() for _ in range(10)]
    assert [tick["num_lsm_releases"] for tick in ticks] == [0, 0, 0, 4, 0, 2, 0, 0, 0, 0]
    assert sum(tick["total_cost"] for tick in ticks) == (3 * 5000 + 2 * 4800 + 5100 + 3000) // 100
    assert methods_of(dict(simulation.result().summary)) == {
        "immediate": 0,
        "queue": 0,
        "bilateral": 2,
        "cycle": 4,
    }


@pytest.mark.parametrize(
    ("switch", "settled"),
    [("bilateral_enabled", {"cycle": 4}), ("cycle_detection_enabled", {"bilateral": 2})],
)
def test_gridlock_needs_each_of_the_two_steps_for_its_part(switch: str, settled: dict[str, int]) -> None:
    summary = summary_of(changed(STORY["gridlock"], lsm_config={switch: False}))
    assert {method: count for method, count in methods_of(summary).items() if count} == settled


def test_scarce_day_settles_more_for_less_with_more_liquidity() -> None:
    scarce = STORY["scarce_day"].expected()
    ample = summary_of(with_liquidity(STORY["scarce_day"], 4))
    assert ample["costs"]["total_cost"] < scarce["costs"]["total_cost"] / 2
    assert ample["metrics"]["settlement_rate"] > scarce["metrics"]["settlement_rate"]
    for bound in ("lower_bound", "upper_bound"):
        of_scarce, of_ample = (one["indicators"]["liquidity"][bound] for one in (scarce, ample))
        assert of_ample == of_scarce, "the payments do not depend on the liquidity"


def test_scarce_day_uses_every_method_and_every_policy() -> None:
    scarce = STORY["scarce_day"].expected()
    assert all(methods_of(scarce).values())
    assert scarce["costs"]["by_kind"]["split_friction"] > 0
    policies = {agent.policy.type for agent in load_config(STORY["scarce_day"].config).agents}
    assert policies == {"Fifo", "Deadline", "LiquidityAware", "LiquiditySplitting"}


def test_payments_day_offsetting_saves_payments_and_cost() -> None:
    day = STORY["payments_day"].expected()
    plain = summary_of(changed(STORY["payments_day"], lsm_config={"enabled": False}))
    dropped, dropped_plain = (one["indicators"]["dropped"]["count"] for one in (day, plain))
    cost, cost_plain = (one["costs"]["total_cost"] for one in (day, plain))
    assert round(dropped_plain / dropped, 1) == 1.3
    assert round(cost_plain / cost, 1) == 1.2
    assert all(methods_of(day).values())


def test_payments_day_higher_priorities_wait_less_and_settle_more() -> None:
    transactions = Simulation(STORY["payments_day"].config).run().transactions.to_pylist()
    settled, waited = [], []
    for priority in (9, 5, 2):
        rows = [row for row in transactions if row["priority"] == priority]
        waits = [row["settle_tick"] - row["submit_tick"] for row in rows if row["status"] == "settled"]
        settled.append(round(len(waits) / len(rows), 2))
        waited.append(round(mean(waits)))
    assert settled == [1.0, 0.96, 0.8]
    assert waited == [3, 15, 36]


def test_another_seed_is_another_scarce_day_and_the_same_payments_day() -> None:
    def hash_of(name: str, seed: int) -> str:
        simulation = Simulation(STORY[name].config, seed=seed)
        simulation.run()
        return simulation.state_hash

    assert hash_of("scarce_day", 7) != STORY["scarce_day"].expected()["simulation"]["state_hash"]
    plain = Simulation(STORY["payments_day"].config, seed=7).run().summary
    assert plain["costs"] == STORY["payments_day"].expected()["costs"]


def test_a_treasurer_gets_through_what_is_urgent() -> None:
    """From 3,000: 1,500 out and 2,500 in (tick 2), 1,200 out (3), two of four times 1,000 out (6)."""
    plain, helped = (Simulation(STORY[name].config).run() for name in ("treasurer_plain", "treasurer"))
    assert set(plain.transactions["settle_tick"].to_pylist()) == {None}
    settled = {
        row["transaction_id"]: row["settle_tick"]
        for row in helped.transactions.to_pylist()
        if row["status"] == "settled"
    }
    assert settled == {"margin": 2, "refund": 2, "wages": 3, "supplier/1": 6, "supplier/2": 6}
    balances = dict(zip(*(helped.agents[name].to_pylist() for name in ("agent_id", "balance")), strict=True))
    assert balances == {"NORTH": 80_000, "EAST": 120_000, "SOUTH": 200_000}


def test_outage_leaves_the_payments_alone_and_lets_one_bank_draw_in_the_others_money() -> None:
    calm, outage = (Simulation(STORY[name].config).run() for name in ("outage_calm", "outage"))
    asked = ("transaction_id", "sender", "receiver", "amount", "submit_tick", "deadline_tick")
    assert outage.transactions.select(asked).equals(calm.transactions.select(asked))
    rows = [row for row in outage.balances.to_pylist() if row["agent_id"] == "CENTRAL"]
    during = [row["balance"] for row in rows if 24 <= row["tick"] < 48]
    assert during == sorted(during)
    assert next(row["balance"] for row in rows if row["tick"] == 48) < during[-1]
    late = [result.summary["indicators"]["late"]["count"] for result in (calm, outage)]
    assert late[1] > 2 * late[0]
