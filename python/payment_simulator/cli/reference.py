"""The reference page of the command line, made from the commands themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

_WIDTH = 100
_INTRODUCTION = """\
# Command line

<!-- Made by scripts/generate.py from the commands themselves; change them, not this page. -->

`payment-sim` writes results to stdout and everything else to stderr: `payment-sim run ... | jq` works.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | the work failed; `audit`: the results do not agree |
| 2 | wrong usage, configuration or payments file; nothing was run |
| 130 | interrupted |

With the environment variable `PAYMENT_SIM_DEBUG=1` an error shows where in the program it arose.
"""


def cli_reference() -> str:
    """Returns the page as Markdown."""
    import typer  # noqa: PLC0415

    from payment_simulator.cli.app import app  # noqa: PLC0415

    group: Any = typer.main.get_command(app)
    context = _context(group, "payment-sim", None)
    pages = [_INTRODUCTION, _help("payment-sim", group, context)]
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        pages.append(_help(f"payment-sim {name}", command, _context(command, name, context)))
    return "\n".join(pages)


def _context(command: Any, name: str, parent: Any) -> Any:  # noqa: ANN401
    return command.context_class(command, info_name=name, parent=parent, terminal_width=_WIDTH)


def _help(title: str, command: Any, context: Any) -> str:  # noqa: ANN401
    text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    return f"## {title}\n\n```text\n{text}\n```\n"
