"""`payment-sim run --save` and `--resume`."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from payment_simulator import Simulation, SimulationResult
from payment_simulator.audit import audit
from payment_simulator.results.summary import reproducible
from tests.cli.test_process import LONG_RUN, start
from tests.cli.test_run import settled

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Command


def test_a_resumed_run_ends_as_if_it_had_never_stopped(folder: Path, command: Command) -> None:
    whole = json.loads(command("run", "--config", "two.yaml").stdout)
    half = command("run", "--config", "two.yaml", "--ticks", "1", "--save", "half.state")
    assert half.code == 0
    assert settled(half.stderr) == (
        "Loading configuration two.yaml\n"
        "Completed 1 tick in 0.00 s\n"
        "The state before tick 1 is in half.state\n"
    )
    assert json.loads(half.stdout)["simulation"]["ticks_executed"] == 1
    (folder / "payments.csv").unlink()  # which is not read again
    rest = command("run", "--resume", "half.state")
    assert settled(rest.stderr) == "Loading saved run half.state\nCompleted 2 ticks in 0.00 s\n"
    assert reproducible(json.loads(rest.stdout)) == reproducible(whole)


def test_ticks_count_from_the_beginning_of_the_run(folder: Path, command: Command) -> None:
    command("run", "--config", "two.yaml", "--ticks", "1", "--save", "a.state")
    ended = command("run", "--resume", "a.state", "--ticks", "2", "--save", "b.state")
    assert json.loads(ended.stdout)["simulation"]["ticks_executed"] == 2
    assert Simulation.load(folder / "b.state").current_tick == 2


def test_streams_and_stories_of_two_halves_are_those_of_the_whole(command: Command) -> None:
    arguments = ("--verbose", "--stream")
    whole = command("run", "--config", "two.yaml", *arguments)
    first = command("run", "--config", "two.yaml", *arguments, "--ticks", "1", "--save", "half.state")
    rest = command("run", "--resume", "half.state", *arguments)
    assert first.stdout + rest.stdout == whole.stdout
    told = [
        text[text.index("═══") : text.index("Summary:")] for text in (whole.stderr, first.stderr, rest.stderr)
    ]
    assert told[1] + told[2] == told[0]
    assert rest.stderr.split("Summary:")[1].split("Completed")[0] in whole.stderr


@pytest.mark.parametrize("extra", [(), ("--stream",), ("--verbose",)])
def test_the_directory_of_a_resumed_run_holds_all_of_it(
    folder: Path, command: Command, extra: tuple[str, ...]
) -> None:
    first = (
        "run",
        "--config",
        "two.yaml",
        "--ticks",
        "1",
        "--save",
        "half.state",
        "--output-dir",
        "first",
        *extra,
    )
    assert command(*first).code == 0
    assert command("run", "--resume", "half.state", "--output-dir", "all", *extra).code == 0
    assert audit(folder / "all").agrees
    whole = SimulationResult.read(folder / "all")
    assert whole.summary["metrics"]["total_arrivals"] == 3
    assert whole.manifest["ticks_executed"] == 3
    assert SimulationResult.read(folder / "first").manifest["ticks_executed"] == 1


def test_a_file_is_replaced_with_force_only(folder: Path, command: Command) -> None:
    arguments = ("run", "--config", "two.yaml", "--save", "x.state")
    assert command(*arguments, "--ticks", "1").code == 0
    again = command(*arguments)
    assert (again.code, again.stdout) == (2, "")
    assert "Error: x.state exists already; choose another name, or replace it with --force" in again.stderr
    assert Simulation.load(folder / "x.state").current_tick == 1
    assert command(*arguments, "--force").code == 0
    assert Simulation.load(folder / "x.state").current_tick == 3


REFUSED = {
    "both": (("--config", "two.yaml", "--resume", "x"), "--config and --resume exclude each other"),
    "a seed": (("--resume", "one.state", "--seed", "2"), "--seed is for a run from its beginning"),
    "nothing left": (("--resume", "all.state"), "all.state has run 3 ticks already, which is all"),
    "ticks before": (
        ("--resume", "one.state", "--ticks", "1"),
        "one.state has run 1 tick already; --ticks counts from the beginning of the run, and 1 is not more",
    ),
    "too many ticks": (
        ("--resume", "one.state", "--ticks", "4"),
        "--ticks 4 is more than the 3 ticks of one.state",
    ),
    "no folder": (
        ("--config", "two.yaml", "--save", "no/x.state"),
        "--save no/x.state: there is no folder no",
    ),
    "a folder": (("--config", "two.yaml", "--save", "sub", "--force"), "--save sub: is a folder"),
}


def test_wrong_usage_is_exit_2(folder: Path, command: Command) -> None:
    (folder / "sub").mkdir()
    command("run", "--config", "two.yaml", "--ticks", "1", "--save", "one.state")
    command("run", "--config", "two.yaml", "--save", "all.state")
    for arguments, expected in REFUSED.values():
        ended = command("run", *arguments)
        assert (ended.code, ended.stdout) == (2, "")
        assert expected in ended.stderr


def test_what_is_no_saved_run_is_said(command: Command) -> None:
    ended = command("run", "--resume", "two.yaml")
    assert (ended.code, ended.stderr.splitlines()[1]) == (1, "Error: two.yaml is not a saved simulation")
    assert command("run", "--resume", "none.state").stderr.endswith(
        "Error: none.state: No such file or directory\n"
    )


@pytest.mark.parametrize("extra", [("--stream",), ("--stream", "--output-dir", "out")])
def test_an_interrupt_saves_the_last_whole_tick(folder: Path, extra: tuple[str, ...]) -> None:
    (folder / "long.yaml").write_text(LONG_RUN, encoding="utf-8")
    arguments = ("run", "--config", "long.yaml", "--save", "long.state", *extra)
    with start(*arguments, folder=folder) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out = first + process.stdout.read()  # `communicate` would lose what was read ahead with the first
        said = process.stderr.read()
    assert process.returncode == 130
    stopped = Simulation.load(folder / "long.state")
    shown = [json.loads(line)["tick"] for line in out.splitlines()]
    assert stopped.current_tick == max(shown, default=0) + 1
    assert f"Stopped: interrupted before tick {stopped.current_tick}\n" in said
    assert said.endswith("Go on with: payment-sim run --resume long.state\n")
    other = Simulation(folder / "long.yaml")
    other.run(stopped.current_tick)
    assert stopped.state_hash == other.state_hash


def test_an_interrupt_while_writing_a_directory_keeps_both(folder: Path) -> None:
    (folder / "long.yaml").write_text(LONG_RUN, encoding="utf-8")
    arguments = ("run", "--config", "long.yaml", "--save", "long.state", "--output-dir", "out")
    process = start(*arguments, folder=folder)
    while not list(folder.glob(".out.*")):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, said = process.communicate(timeout=120)
    assert (process.returncode, out) == (130, "")
    stopped = Simulation.load(folder / "long.state")
    assert SimulationResult.read(folder / "out").manifest["ticks_executed"] == stopped.current_tick
    assert "Results so far are in out\n" in said
    assert {path.name for path in folder.glob(".*")} == set()
