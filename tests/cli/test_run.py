"""`payment-sim run`: contract section 4, line by line."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from payment_simulator import SimulationResult
from payment_simulator.audit import audit

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Command


def settled(text: str) -> str:
    """Replaces what is never the same."""
    return re.sub(r"[0-9]+\.[0-9]+ s\b", "0.00 s", text)


def test_stdout_is_the_summary_as_json(command: Command) -> None:
    ended = command("run", "--config", "two.yaml")
    summary = json.loads(ended.stdout)
    assert ended.code == 0
    assert settled(ended.stderr) == "Loading configuration two.yaml\nCompleted 3 ticks in 0.00 s\n"
    simulation = summary["simulation"]
    assert (simulation["config_file"], simulation["seed"], simulation["ticks_executed"]) == ("two.yaml", 7, 3)
    assert {"duration_seconds", "ticks_per_second"} <= simulation.keys()
    assert "ticks_per_second" in summary["performance"]
    metrics = summary["metrics"]
    assert metrics["total_arrivals"] == metrics["total_settlements"] == 3
    assert metrics["total_lsm_releases"] == 2
    assert metrics["settlement_rate"] == 1
    agents = [(agent["id"], agent["final_balance"], agent["queue1_size"]) for agent in summary["agents"]]
    assert agents == [("BANK_A", 8_000, 0), ("BANK_B", 2_000, 0)]
    assert summary["costs"]["total_cost"] == 3


def test_quiet_says_nothing(command: Command) -> None:
    ended = command("run", "--config", "two.yaml", "--quiet")
    assert ended.stderr == ""
    assert json.loads(ended.stdout)["metrics"]["total_arrivals"] == 3


def test_output_json_is_the_same(command: Command) -> None:
    ended = command("run", "--config", "two.yaml", "--output", "json")
    assert json.loads(ended.stdout)["costs"]["total_cost"] == 3


def test_stream_is_a_line_for_each_tick_and_no_summary(command: Command) -> None:
    ended = command("run", "--config", "two.yaml", "--stream")
    assert ended.stdout == (
        '{"tick": 0, "arrivals": 2, "settlements": 1, "lsm_releases": 0, "costs": 3}\n'
        '{"tick": 1, "arrivals": 1, "settlements": 2, "lsm_releases": 2, "costs": 0}\n'
        '{"tick": 2, "arrivals": 0, "settlements": 0, "lsm_releases": 0, "costs": 0}\n'
    )


def test_verbose_tells_what_happens_in_each_tick(command: Command) -> None:
    ended = command("run", "--config", "two.yaml", "--verbose")
    assert json.loads(ended.stdout)["costs"]["total_cost"] == 3
    assert (
        settled(ended.stderr)
        == """\
Loading configuration two.yaml
═══ Tick 0
  rent arrives: BANK_A pays BANK_B 120.00
  loan arrives: BANK_B pays BANK_A 300.00
  rent settles at once: BANK_A pays BANK_B 120.00 and has -20.00
  loan waits in the central queue
  2 arrivals, 1 settlement, cost 0.03
═══ Tick 1
  tax arrives: BANK_A pays BANK_B 200.00
  tax settles in a bilateral offset: BANK_A pays BANK_B 200.00 and has 80.00
  loan settles in a bilateral offset: BANK_B pays BANK_A 300.00 and has 20.00
  1 arrival, 2 settlements (2 by offsetting)
═══ Tick 2
  The day ends
Summary:
  3 arrivals, 3 settlements (2 by offsetting)
  100.0 % of the transactions settled
  total cost 0.03 EUR
Completed 3 ticks in 0.00 s
"""
    )


@pytest.mark.parametrize("level", ["summary", "none"])
def test_verbose_works_without_events(folder: Path, command: Command, level: str) -> None:
    text = (folder / "two.yaml").read_text(encoding="utf-8") + f"output: {{events: {level}}}\n"
    (folder / "two.yaml").write_text(text, encoding="utf-8")
    ended = command("run", "--config", "two.yaml", "--verbose", "--stream")
    assert "═══ Tick 1\n  1 arrival, 2 settlements (2 by offsetting)\n═══ Tick 2\nSummary:" in ended.stderr
    assert len(ended.stdout.splitlines()) == 3


def test_output_table_is_for_people(command: Command) -> None:
    ended = command("run", "--config", "two.yaml", "--output", "table")
    lines = [line.rstrip() for line in settled(ended.stdout).splitlines()]
    assert lines[0] == "two.yaml: 3 ticks, 2 agents, seed 7, 0.00 s"
    assert "  bilateral offsets       2        500.00     80.6 %" in lines
    assert "Total cost                                                   0.03" in lines
    assert (
        "BANK_A    100.00   80.00   -20.00   320.00     300.00         2      0             0   0.00" in lines
    )


def test_ticks_runs_the_first_ones(command: Command) -> None:
    ended = command("run", "--config", "two.yaml", "--ticks", "1")
    assert json.loads(ended.stdout)["metrics"]["total_arrivals"] == 2


def test_seed_replaces_the_seed(command: Command) -> None:
    ended = command("run", "--config", "two.yaml", "--seed", "8")
    assert json.loads(ended.stdout)["simulation"]["seed"] == 8


@pytest.mark.parametrize("extra", [(), ("--stream",), ("--verbose",), ("--ticks", "2")])
def test_output_dir_holds_the_results(folder: Path, command: Command, extra: tuple[str, ...]) -> None:
    ended = command("run", "--config", "two.yaml", "--output-dir", "out", *extra)
    assert ended.stderr.endswith("Results are in out\n")
    assert audit(folder / "out").agrees
    if not extra:
        kept = SimulationResult.read(folder / "out").summary["metrics"]
        assert kept == json.loads(ended.stdout)["metrics"]


def test_an_existing_directory_is_replaced_with_force_only(folder: Path, command: Command) -> None:
    arguments = ("run", "--config", "two.yaml", "--output-dir", "out")
    assert command(*arguments).code == 0
    again = command(*arguments, "--ticks", "1")
    assert again.code == 2
    assert again.stdout == ""
    assert "Error: out exists already; choose another name, or replace it with --force" in again.stderr
    assert command(*arguments, "--ticks", "1", "--force").code == 0
    assert SimulationResult.read(folder / "out").summary["simulation"]["ticks_executed"] == 1


REFUSED = {
    "a missing file": (("--config", "no.yaml"), "Error: there is no configuration file no.yaml\n"),
    "no configuration": ((), "give what to run: --config FILE, or --resume FILE for a saved run"),
    "too many ticks": (
        ("-c", "two.yaml", "--ticks", "4"),
        "Error: --ticks 4 is more than the 3 ticks of two.yaml",
    ),
    "no ticks": (("-c", "two.yaml", "--ticks", "0"), "Error: Invalid value for '--ticks'"),
    "a bad seed": (("-c", "two.yaml", "--seed", "-1"), "Error: --seed -1: must be at least 0"),
    "quiet and verbose": (("-c", "two.yaml", "--quiet", "--verbose"), "contradict each other"),
    "stream and output": (("-c", "two.yaml", "--stream", "--output", "json"), "--output has no use"),
    "force alone": (
        ("-c", "two.yaml", "--force"),
        "--force replaces what is in --output-dir or --save, neither of which is given",
    ),
    "an unknown option": (("-c", "two.yaml", "--tick", "1"), "No such option"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_wrong_usage_is_exit_2(command: Command, name: str) -> None:
    arguments, expected = REFUSED[name]
    ended = command("run", *arguments)
    assert ended.code == 2
    assert expected in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


def test_a_bad_configuration_is_exit_2_and_names_every_problem(folder: Path, command: Command) -> None:
    (folder / "bad.yaml").write_text(
        "simulation: {ticks_per_day: 0, num_days: 1}\nagents: []\n", encoding="utf-8"
    )
    ended = command("run", "--config", "bad.yaml")
    assert ended.code == 2
    assert "Error: bad.yaml has 3 problems:\n  line 1: " in ended.stderr


def test_a_bad_payments_file_is_exit_2(folder: Path, command: Command) -> None:
    (folder / "payments.csv").write_text(
        "sender,receiver,amount,submit_tick\nX,BANK_A,0,9\n", encoding="utf-8"
    )
    ended = command("run", "--config", "two.yaml", "--output-dir", "out")
    assert ended.code == 2
    assert "payments.csv has 3 problems" in ended.stderr
    assert "nothing was run" in ended.stderr
    assert not (folder / "out").exists()


def test_an_unexpected_error_is_one_message(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_named: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr("payment_simulator.simulation.Simulation.run", fail)
    ended = command("run", "--config", "two.yaml")
    assert ended.code == 1
    assert "Error: something went wrong that should not: ZeroDivisionError: by nothing\n" in ended.stderr
    assert "Traceback" not in ended.stderr
    monkeypatch.setenv("PAYMENT_SIM_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        command("run", "--config", "two.yaml")
