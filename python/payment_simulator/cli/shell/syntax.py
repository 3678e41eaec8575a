"""The commands of the shell: how each is written, what it does, and how its words are read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from payment_simulator.cli.shell import commands
from payment_simulator.cli.shell.conditions import parse_condition
from payment_simulator.cli.shell.words import LineError

if TYPE_CHECKING:
    from collections.abc import Callable

    from payment_simulator.cli.shell.commands import Command
    from payment_simulator.cli.shell.words import Words

EVENTS_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Form:
    """How a command is written.

    Attributes:
        usage: Its form.
        help: What it does, in one line.
        read: Makes the command of the words after its name.
        more: What else there is to say.
    """

    usage: str
    help: str
    read: Callable[[Words], Command]
    more: str = ""


def _tick(words: Words) -> Command:
    return commands.Tick(words.number("N", 1) if words.left else 1)


def _run(words: Words) -> Command:
    if not words.left:
        return commands.Run(None)
    if words.take_if("until") is None:
        message = f"'until' is missing before {words.left[0]!r}; usage: {words.usage}"
        raise LineError(message)
    return commands.Run(words.number("T"))


def _submit(words: Words) -> Command:
    sender, receiver = words.take("the sender"), words.take("the receiver")
    amount = words.amount("the amount")
    deadline_tick: int | None = None
    deadline_in: int | None = None
    priority, divisible = 5, False
    link: str | None = None
    link_legs: int | None = None
    earliest: int | None = None
    latest: int | None = None
    while words.left:
        word = words.take("an option")
        if word == "in":
            deadline_in = words.number("N", 1)
            words.take_if("tick", "ticks")
        elif word in {"at", "deadline"}:
            words.take_if("deadline")
            deadline_tick = words.number("T")
        elif word == "priority":
            priority = words.number("P")
        elif word == "divisible":
            divisible = True
        elif word == "link":
            link = words.take("the link")
            link_legs = words.number("N", 2) if words.take_if("of") else None
        elif word == "from":
            earliest = words.number("T")
        elif word == "until":
            latest = words.number("T")
        else:
            message = f"{word!r} is no part of a submission; usage: {words.usage}"
            raise LineError(message)
    if deadline_in is not None and deadline_tick is not None:
        raise LineError("a transaction has one deadline: say either `in N` or `at deadline T`")
    deadline = (deadline_tick, deadline_in)
    return commands.Submit(
        sender, receiver, amount, *deadline, priority, divisible, link, link_legs, earliest, latest
    )


def _move(words: Words) -> Command:
    transaction_id, to = words.take("TX"), words.take("front or end")
    if to == "front":
        return commands.Move(transaction_id, "front")
    if to == "end":
        return commands.Move(transaction_id, "end")
    message = f"{to!r} is neither `front` nor `end`; usage: {words.usage}"
    raise LineError(message)


def _events(words: Words) -> Command:
    if words.take_if("tick"):
        return commands.Events(0, words.number("T"))
    return commands.Events(words.number("N", 1) if words.left else EVENTS_SHOWN, None)


def _break(words: Words) -> Command:
    words.take_if("when")
    condition = parse_condition(words.left, words.minor_digits)
    words.left.clear()
    return commands.Break(condition)


def _save(words: Words) -> Command:
    return commands.Save(Path(words.take("FILE")), words.take_if("force") is not None)


FORMS: Final[dict[str, Form]] = {
    "tick": Form("tick [N]", "run one tick, or N, and tell what happens in each", _tick),
    "run": Form("run [until T]", "run to the end, or until tick T is next", _run),
    "submit": Form(
        "submit SENDER RECEIVER AMOUNT [in N | at deadline T] [priority P] [divisible] [link L [of N]] "
        "[from T] [until T]",
        "put a transaction into its sender's queue",
        _submit,
        "AMOUNT is in whole units of the currency: 1000, 1,000.00. `in N`: the deadline is N ticks from now. "
        "`link L`: it settles only together with the N transactions of the link L, 2 without N. "
        "`from T`, `until T`: the earliest and the latest debit tick.",
    ),
    "priority": Form(
        "priority TX P",
        "give a transaction that waits another priority, 0 to 10",
        lambda words: commands.Priority(words.take("TX"), words.number("P")),
    ),
    "move": Form("move TX front|end", "move a queued transaction to the front or the end of its band", _move),
    "revoke": Form(
        "revoke TX",
        "take a transaction back that waits",
        lambda words: commands.Revoke(words.take("TX")),
        "It is dropped, costs nothing, and may be submitted again: `resubmit TX`.",
    ),
    "resubmit": Form(
        "resubmit TX",
        "submit a transaction again that was taken back",
        lambda words: commands.Resubmit(words.take("TX")),
        "It stands at the end of its sender's queue. Its deadline must be to come.",
    ),
    "split": Form(
        "split TX N",
        "divide a transaction that is queued into N parts, 2 to 10",
        lambda words: commands.Split(words.take("TX"), words.number("N", 2)),
        "It must be divisible. The parts stand at the end of the queue; the sender pays the friction.",
    ),
    "state": Form("state", "show all agents", lambda _words: commands.State()),
    "agent": Form("agent ID", "show one agent", lambda words: commands.Agent(words.take("ID"))),
    "queue": Form(
        "queue [ID]",
        "show what waits, for all agents or for one",
        lambda words: commands.Queue(words.take("ID") if words.left else None),
    ),
    "transaction": Form(
        "transaction TX",
        "show a transaction",
        lambda words: commands.ShowTransaction(words.take("TX")),
    ),
    "events": Form(
        "events [N | tick T]", f"show the last {EVENTS_SHOWN} events, or N, or those of tick T", _events
    ),
    "why": Form(
        "why TX",
        "say why a transaction has not settled, or how it did",
        lambda words: commands.Why(words.take("TX")),
    ),
    "costs": Form("costs", "show costs by agent and kind", lambda _words: commands.Costs()),
    "break": Form(
        "break when CONDITION",
        "stop `tick` and `run` where a condition becomes true",
        _break,
        "Conditions: `tick >= 5`, `queue1 > 10`, `queue2 BANK_A > 10`, `balance BANK_A < -100.00`, "
        "`cost > 1000.00`, `settled TX`, `queued TX`, `dropped TX`. Operators: < <= > >= = !=",
    ),
    "breaks": Form("breaks", "list the breaks", lambda _words: commands.Breaks()),
    "delete": Form("delete N", "forget break N", lambda words: commands.Delete(words.number("N", 1))),
    "back": Form(
        "back [N]",
        "go back one tick, or N; what was submitted or changed since is undone",
        lambda words: commands.Back(words.number("N", 1) if words.left else 1),
        "The state is that of the start of the tick, before anything was submitted in it.",
    ),
    "save": Form("save FILE [force]", "write the simulation into a file; `force` replaces one", _save),
    "load": Form(
        "load FILE", "go on with a saved simulation", lambda words: commands.Load(Path(words.take("FILE")))
    ),
    "diff": Form(
        "diff T1 T2",
        "show what changed from the start of tick T1 to the start of tick T2",
        lambda words: commands.Diff(words.number("T1"), words.number("T2")),
    ),
    "history": Form("history", "list the lines so far", lambda _words: commands.History()),
    "help": Form(
        "help [COMMAND]",
        "list the commands, or explain one",
        lambda words: commands.Help(words.take("COMMAND") if words.left else None),
    ),
    "quit": Form("quit", "end", lambda _words: commands.Quit()),
}
"""All commands, in the order of the help."""
