"""The other commands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest
import yaml

from payment_simulator import load_config
from payment_simulator.config import SYSTEMS, json_schema
from payment_simulator.transactions.synthetic import PRESETS
from tests.audit.directories import change

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Command


def test_schema_is_the_schema(command: Command) -> None:
    ended = command("schema")
    assert json.loads(ended.stdout) == json_schema()
    assert ended.stderr == ""


def test_all_profiles_are_listed_with_a_line_each(command: Command) -> None:
    ended = command("profile")
    assert [line.split()[0] for line in ended.stdout.splitlines()] == list(SYSTEMS)
    assert "the Eurosystem" in ended.stdout.splitlines()[0]
    assert ended.stderr == ""


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_profile_is_written_and_runs_as_it_is(folder: Path, command: Command, system: str) -> None:
    ended = command("profile", system)
    assert (ended.code, ended.stderr) == (0, "")
    (folder / "day.yaml").write_text(ended.stdout, encoding="utf-8")
    ran = command("run", "--config", "day.yaml", "--ticks", "5")
    assert ran.code == 0
    assert json.loads(ran.stdout)["simulation"]["ticks_executed"] == 5


@pytest.mark.parametrize(
    ("name", "hint"), [("fedwires", "; did you mean 'fedwire'?"), ("bojnet", "; there are: t2, ")]
)
def test_an_unknown_profile_is_wrong_usage(command: Command, name: str, hint: str) -> None:
    ended = command("profile", name)
    assert (ended.code, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"Error: unknown profile {name!r}{hint}")


def test_a_valid_file_is_said_to_be_valid(command: Command) -> None:
    ended = command("validate", "two.yaml")
    expected = "two.yaml is valid: 2 agents, 3 ticks, 3 payments of 620.00 EUR in all in payments.csv\n"
    assert ended == (0, "", expected)


def test_validate_names_every_problem_with_its_line(folder: Path, command: Command) -> None:
    text = (folder / "two.yaml").read_text(encoding="utf-8")
    text = text.replace("num_days: 1", "num_days: -1").replace("type: Fifo", "type: Fifi")
    (folder / "two.yaml").write_text(text, encoding="utf-8")
    ended = command("validate", "two.yaml")
    assert ended.code == 2
    assert ended.stderr.splitlines() == [
        "Error: two.yaml has 3 problems:",
        "  line 1: simulation.num_days: must be greater than 0 (found -1)",
        "  line 3: agents[0].policy.type (agent BANK_A): unknown policy 'Fifi'; did you mean 'Fifo'?",
        "  line 4: agents[1].policy.type (agent BANK_B): unknown policy 'Fifi'; did you mean 'Fifo'?",
    ]


def test_validate_reads_the_payments_too(folder: Path, command: Command) -> None:
    with (folder / "payments.csv").open("a", encoding="utf-8") as file:
        file.write("gift,BANK_A,BANK_C,0,1,\n")
    ended = command("validate", "two.yaml")
    assert ended.code == 2
    assert "row 4 (line 5): receiver 'BANK_C' is not an agent of the configuration" in ended.stderr
    assert "row 4 (line 5): amount '0' is not positive" in ended.stderr


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_what_is_generated_runs(folder: Path, command: Command, ending: str) -> None:
    path = f"day.{ending}"
    made = command("generate", "--path", path, "--agents", "5", "--payments", "200", "--seed", "3")
    assert made.code == 0
    assert made.stdout == "day.yaml\n"
    assert f"Wrote 200 payments of 20,000,000.00 EUR in all between 5 agents to {path}" in made.stderr
    jsonschema.validate(yaml.safe_load((folder / "day.yaml").read_text(encoding="utf-8")), json_schema())
    ended = command("run", "--config", "day.yaml")
    assert json.loads(ended.stdout)["metrics"]["total_arrivals"] == 200
    assert load_config("day.yaml").seed == 3


def test_a_preset_can_be_made_smaller(command: Command) -> None:
    arguments = (
        "--preset",
        "rits_2019",
        "--payments",
        "100",
        "--timestamps",
        "--decimals",
        "--format",
        "csv",
    )
    made = command("generate", "--path", "rits", *arguments)
    assert made.stdout == "rits.yaml\n"
    assert "Wrote 100 payments of 385,569,105.69 AUD in all between 59 agents to rits.csv" in made.stderr
    assert json.loads(command("run", "-c", "rits.yaml").stdout)["metrics"]["total_arrivals"] == 100


def test_the_presets_are_listed_with_their_sources(command: Command) -> None:
    text = command("generate", "--list").stdout
    assert all(row.name in text and row.source in text for row in PRESETS)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), "say with --path where"),
        (("--path", "a.csv"), "give a --preset (see --list), or --agents and --payments"),
        (("--path", "a.csv", "--preset", "rits"), "there is no preset 'rits'; did you mean 'rits_2019'?"),
        (("--path", "a.txt", "--agents", "3", "--payments", "9"), "written as .csv or .parquet"),
        (
            ("--path", "a.csv", "--format", "parquet", "--agents", "3", "--payments", "9"),
            "does not end in .parquet",
        ),
        (("--path", "payments.csv", "--agents", "3", "--payments", "9"), "payments.csv would be replaced"),
        (("--path", "a.csv", "--agents", "1", "--payments", "9"), "Invalid value for '--agents'"),
    ],
)
def test_what_cannot_be_generated_is_exit_2(
    command: Command, arguments: tuple[str, ...], expected: str
) -> None:
    ended = command("generate", *arguments)
    assert ended.code == 2
    assert expected in ended.stderr


@pytest.fixture
def results(folder: Path, command: Command) -> Path:
    assert command("run", "--config", "two.yaml", "--output-dir", "out").code == 0
    return folder / "out"


def test_inspect_shows_the_run_and_its_rules(results: Path, command: Command) -> None:
    ended = command("inspect", "out")
    assert ended.code == 0
    assert ended.stdout.startswith("Results in out\n")
    for word in (
        "Queue discipline",
        "bypass",
        "Offsetting",
        "bilateral, cycles",
        "State hash",
        "BANK_B",
        "620.00",
    ):
        assert word in ended.stdout


def test_inspect_gives_json_to_programs(results: Path, command: Command) -> None:
    found = json.loads(command("inspect", "out", "--output", "json").stdout)
    assert found["manifest"]["seed"] == 7
    assert found["summary"]["costs"]["total_cost"] == 3


def test_audit_agrees(results: Path, command: Command) -> None:
    ended = command("audit", "out")
    assert ended.code == 0
    assert ended.stdout.startswith(
        "out agrees: 9 events of 3 transactions and 2 agents in 3 ticks give the same"
    )
    assert json.loads(command("audit", "out", "--output", "json").stdout)["agrees"] is True


def test_audit_says_what_differs(results: Path, command: Command) -> None:
    change(results, "agents", lambda rows: rows[0].update(balance=8_001))
    ended = command("audit", "out")
    assert ended.code == 1
    assert ended.stdout == (
        "out does not agree: 2 differences (rows count from 0)\n"
        "  agents.parquet, row 0: balance of BANK_A is 8,001 there, 8,000 by the events\n"
        "  agents.parquet: its balances sum to 10,001; the opening balances sum to 10,000\n"
    )
    found = json.loads(command("audit", "out", "--output", "json").stdout)
    assert found["first"][0]["table"] == "agents.parquet"
    assert found["differences"] == 2


@pytest.mark.parametrize("name", ["audit", "inspect"])
def test_what_is_no_results_directory_is_exit_1(command: Command, name: str) -> None:
    ended = command(name, "nowhere")
    assert ended.code == 1
    assert ended.stderr.startswith("Error: there is no results directory")


def test_help_begins_with_the_name(command: Command) -> None:
    for arguments in (("--help",), ()):
        ended = command(*arguments)
        assert ended.code == 0
        assert ended.stdout.startswith("Payment Simulator\n\nUsage: payment-sim")


def test_an_unknown_command_is_exit_2(command: Command) -> None:
    ended = command("rum")
    assert ended == (2, "", "Error: No such command 'rum'. Did you mean 'run'?\nTry 'payment-sim --help'.\n")


def test_version_is_bare_on_stdout(command: Command) -> None:
    ended = command("--version")
    assert ended.code == 0
    assert ended.stderr == "Payment Simulator\n"
    assert ended.stdout.count("\n") == 1
    assert ended.stdout[0].isdigit()
