"""Each command of the shell, through a pipe."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from payment_simulator import Simulation
from payment_simulator.cli.shell.syntax import FORMS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.shell.conftest import Shell


def test_a_tick_tells_what_happens_as_a_run_does(shell: Shell) -> None:
    ended = shell("tick")
    assert ended == (
        0,
        """\
═══ Tick 0
  rent arrives: BANK_A pays BANK_B 120.00
  loan arrives: BANK_B pays BANK_A 300.00
  rent settles at once: BANK_A pays BANK_B 120.00 and has -20.00
  loan waits in the central queue
  2 arrivals, 1 settlement, cost 0.03
""",
        "",
    )


def test_several_ticks_and_the_rest_of_the_run(shell: Shell) -> None:
    ended = shell("tick 2", "run")
    assert [line for line in ended.stdout.splitlines() if "═══" in line] == ["═══ Tick 0", "═══ Tick 1"]
    assert ended.stdout.endswith("\nran tick 2: nothing happened\n")


def test_a_run_sums_up(shell: Shell) -> None:
    ended = shell("run until 2", "run")
    assert ended.stdout == (
        "ran ticks 0 to 1: 3 arrivals, 3 settlements (2 by offsetting), cost 0.03\n"
        "ran tick 2: nothing happened\n"
    )


def test_a_submission_in_whole_units_with_a_deadline(shell: Shell) -> None:
    ended = shell(
        "submit BANK_A BANK_B 1,000.50 in 2 ticks priority 9 divisible",
        "submit BANK_B BANK_A 7 at deadline 3",
        "transaction BANK_A:s1",
        "transaction BANK_B:s1",
    )
    assert ended.code == 0
    assert "BANK_A:s1: BANK_A pays BANK_B 1,000.50 EUR, deadline tick 2\n" in ended.stdout
    assert "BANK_B:s1: BANK_B pays BANK_A 7.00 EUR, deadline tick 3\n" in ended.stdout
    shown = dict(re.findall(r"(?m)^(\w+) +(.*)$", ended.stdout.split("deadline tick 3\n")[1]))
    assert (shown["amount"], shown["priority"], shown["divisible"]) == ("7.00", "5", "no")
    assert "amount             1,000.50\n" in ended.stdout
    assert "divisible          yes\n" in ended.stdout


def test_a_link_of_two_submissions_settles_with_the_second(shell: Shell) -> None:
    ended = shell(
        "submit BANK_A BANK_B 7 link FX of 2",
        "tick",
        "why BANK_A:s1",
        "submit BANK_B BANK_A 4 priority 9 link FX",
        "tick",
        "transaction BANK_A:s1",
    )
    assert ended.code == 0
    assert "BANK_A:s1: BANK_A pays BANK_B 7.00 EUR, link FX\n" in ended.stdout
    assert "It settles only together with the 1 other of the link FX.\n" in ended.stdout
    assert re.search(r"(?m)^settlement_method +linked$", ended.stdout)


def test_the_state_and_an_agent(shell: Shell) -> None:
    ended = shell("tick", "state", "agent BANK_A")
    assert "tick 1 of 3, day 0; 1 transaction in the central queue\n" in ended.stdout
    assert "BANK_A    -20.00    50.00         0    0.00         0     0.00   0.00\n" in ended.stdout
    assert "BANK_B    120.00     0.00         0    0.00         1   300.00   0.03\n" in ended.stdout
    assert re.search(r"(?m)^credit_limit +50\.00$", ended.stdout)


def test_what_waits(shell: Shell) -> None:
    ended = shell("queue", "tick", "submit BANK_A BANK_B 1", "queue", "queue BANK_A", "queue BANK_B")
    heading = "queue   transaction   sender   receiver   amount   since   deadline   priority"
    assert ended.stdout.startswith("nothing waits\n")
    assert ended.stdout.count(heading) == 3
    rows = [line.split() for line in ended.stdout.splitlines() if re.match("[12] ", line)]
    own = ["1", "BANK_A:s1", "BANK_A", "BANK_B", "1.00", "1", "-", "5"]
    central = ["2", "loan", "BANK_B", "BANK_A", "300.00", "0", "1", "5"]
    assert rows == [own, central, own, central]


def test_events_by_number_and_by_tick(shell: Shell) -> None:
    ended = shell("events", "run", "events 1", "events 2", "events tick 0")
    lines = ended.stdout.splitlines()
    assert lines[0] == "no events"
    assert lines[2] == "tick 2: The day ends"
    assert lines[3].startswith("tick 1: loan settles in a bilateral offset")
    assert [line.split(":")[1].split()[0] for line in lines[5:]] == ["rent", "loan", "rent", "loan", "loan"]
    assert lines[-2:] == ["tick 0: loan is released", "tick 0: loan waits in the central queue"]


def test_why_says_the_sentences_of_the_facade(shell: Shell) -> None:
    simulation = Simulation("two.yaml")
    simulation.tick()
    ended = shell("tick", "why loan")
    told = "\n".join(simulation.why("loan").sentences)
    assert ended.stdout.endswith(f"{told}\n")
    assert "180.00 is missing." in told


def test_costs_by_agent_and_kind(shell: Shell) -> None:
    ended = shell("run", "costs")
    assert (
        "BANK_B        0.00    0.03               0.00          0.00             0.00   0.03\n"
        in ended.stdout
    )
    assert ended.stdout.endswith("total cost 0.03 EUR\n")


def test_what_is_different_between_two_ticks(shell: Shell) -> None:
    ended = shell("tick 2", "diff 2 0")
    assert ended.stdout.endswith("""\
from the start of tick 0 to that of tick 2
agent    what         before   after   change
BANK_A   balance      100.00   80.00   -20.00
BANK_B   balance        0.00   20.00   +20.00
BANK_B   cost delay     0.00    0.03    +0.03
3 transactions arrived: rent, loan, tax
3 transactions settled: rent, tax, loan
1 transaction began to wait in the central queue: loan
""")
    assert shell("tick 3", "diff 2 2").stdout.endswith("of tick 2\nnothing changed\n")


def test_save_and_load(folder: Path, shell: Shell) -> None:
    ended = shell("tick", "save half.state", "run", "load half.state", "state")
    assert ended.code == 0
    assert "saved in half.state; tick 1 of 3 is next\n" in ended.stdout
    assert "loaded half.state; tick 1 of 3 is next\ntick 1 of 3, day 0; " in ended.stdout
    assert Simulation.load(folder / "half.state").current_tick == 1
    ended = shell("save half.state", "save half.state force", "back", options=("--load", "half.state"))
    assert ended.stdout == "saved in half.state; tick 1 of 3 is next\n"
    assert ended.stderr == (
        "Error: line 1: half.state exists already; `save half.state force` replaces it\n"
        "Error: line 3: there is nothing before the start of tick 1; tick 1 is next\n"
    )


def test_help_names_every_command(shell: Shell) -> None:
    ended = shell("help", "help submit", "help tick")
    for name, form in FORMS.items():
        assert re.search(rf"(?m)^{name}\b", ended.stdout)
        assert form.help in ended.stdout
    assert "  AMOUNT is in whole units of the currency" in ended.stdout


def test_history_is_what_was_asked(shell: Shell) -> None:
    ended = shell("tick", "", "# nothing", "state  # the agents", "history")
    assert ended.stdout.endswith("1  tick\n2  state  # the agents\n3  history\n")


def test_quit_ends(shell: Shell) -> None:
    assert shell("quit", "tick") == (0, "", "")


REFUSED = {
    "tik": "there is no command 'tik'; did you mean 'tick'?",
    "zzz": "there is no command 'zzz'; `help` lists the commands",
    "tick 0": "N must be a whole number from 1, not '0'; usage: tick [N]",
    "tick -1": "N must be a whole number from 1, not '-1'; usage: tick [N]",
    "tick 1 2": "'2' is too much; usage: tick [N]",
    "run to 5": "'until' is missing before 'to'; usage: run [until T]",
    "run until 0": "tick 0 is next already; `back` goes to earlier ones",
    "agent": "ID is missing; usage: agent ID",
    "agent BANK_C": "there is no agent 'BANK_C'; did you mean 'BANK_",
    "queue BANKA": "there is no agent 'BANKA'; did you mean 'BANK_A'?",
    "why rnt": "there is no transaction 'rnt'",
    "submit BANK_A BANX_B 1": "there is no agent 'BANX_B'; did you mean 'BANK_B'?",
    "submit BANK_A BANK_B 1.005": "the amount '1.005' has more decimals than the currency, which has 2",
    "submit BANK_A BANK_B 1.5e3": "the amount must be an amount such as 1000.00, not '1.5e3'",
    "submit BANK_A BANK_B 1 in 2 at 3": "a transaction has one deadline",
    "submit BANK_A BANK_B 1 soon": "'soon' is no part of a submission",
    "submit BANK_A BANK_A 1": "sender",
    "submit BANK_A BANK_B 1 at 0": "deadline",
    "delete 3": "there is no break 3; there are: none",
    "break when balance < 0": "a balance is that of an agent",
    "break when queu2 > 1": "'queu2' is nothing to break on; did you mean 'queue2'?",
    "break when queue2 1": "one of < <= > >= = == != is missing",
    "break when queue2 BANK_X > 1": "there is no agent 'BANK_X'",
    "break when": "what to compare is missing",
    "back": "there is nothing before the start of tick 0; tick 0 is next",
    "diff 0 1": "the ticks from 0 to 0 can be compared, not 0 and 1",
    "load none.state": "none.state: No such file or directory",
    "load two.yaml": "two.yaml is not a saved simulation",
    "save no/where.state": "No such file or directory",
    'agent "BANK': "the line has no closing quotation",
    "help me": "there is no command 'me'",
}


def test_bad_lines_are_said_and_change_nothing(shell: Shell) -> None:
    before = shell("state").stdout
    ended = shell(*REFUSED, "state")
    assert (ended.code, ended.stdout) == (1, before)
    said = ended.stderr.splitlines()
    assert len(said) == len(REFUSED)
    for number, (told, expected) in enumerate(zip(said, REFUSED.values(), strict=True), start=1):
        assert told.startswith(f"Error: line {number}: ")
        assert expected in told


def test_after_the_end_nothing_runs(shell: Shell) -> None:
    ended = shell("run", "tick", "run")
    assert ended.stderr.splitlines() == [
        f"Error: line {line}: all 3 ticks have run; `back` goes to earlier ones" for line in (2, 3)
    ]


@pytest.mark.parametrize("level", ["summary", "none"])
def test_it_works_without_events(folder: Path, shell: Shell, level: str) -> None:
    text = (folder / "two.yaml").read_text(encoding="utf-8") + f"output: {{events: {level}}}\n"
    (folder / "two.yaml").write_text(text, encoding="utf-8")
    ended = shell("tick", "diff 0 1", "events", "why loan")
    assert ended.stdout.startswith(
        "═══ Tick 0\n  2 arrivals, 1 settlement, cost 0.03\nfrom the start of tick 0"
    )
    assert ended.stderr == f"Error: line 3: this simulation records no events: output.events is {level}\n"


OPTIONS = {
    (): "give a simulation: --config FILE, --load FILE, or --url of a service",
    ("--config", "two.yaml", "--load", "x"): "--config and --load exclude each other",
    ("--config", "two.yaml", "--simulation", "x"): "--token and --simulation are for a service",
    (
        "--url",
        "http://x",
        "--simulation",
        "x",
        "--config",
        "y",
    ): "--simulation names one that the service has",
    ("--config", "no.yaml"): "there is no configuration file no.yaml",
}


@pytest.mark.parametrize("options", OPTIONS)
def test_wrong_options_are_exit_2(shell: Shell, options: tuple[str, ...]) -> None:
    ended = shell("state", options=options)
    assert (ended.code, ended.stdout) == (2, "")
    assert OPTIONS[options] in ended.stderr


def test_a_sender_changes_its_mind(shell: Shell) -> None:
    ended = shell(
        "tick",
        "priority loan 9",
        "priority loan 9",
        "transaction loan",
        "move loan end",
        "revoke loan",
        "why loan",
        "resubmit loan",
        "submit BANK_A BANK_B 900 divisible",
        "tick",
        "split BANK_A:s1 3",
        "priority BANK_A:s1/2 0",
    )
    assert "loan has priority 9\nloan has this priority already: 9\n" in ended.stdout
    assert "priority           9\n" in ended.stdout
    assert "loan is already at the end of its band\n" in ended.stdout
    assert "loan is taken back; `resubmit loan` submits it again\n" in ended.stdout
    assert "loan was taken back by its sender: " in ended.stdout


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("priority loan", "P is missing"),
        ("priority loan high", "'high'"),
        ("priority loan 11", "priority 11 must be from 0 to 10"),
        ("move loan top", "'top' is neither `front` nor `end`"),
        ("revoke lone", "there is no transaction 'lone'"),
        ("resubmit loan", "'loan' is pending; only what was revoked can be resubmitted"),
        ("split loan 1", "N"),
        ("split loan 2", "'loan' is scheduled"),
    ],
)
def test_an_intervention_that_cannot_be_is_said(shell: Shell, line: str, said: str) -> None:
    ended = shell(line)
    assert said in ended.stderr
