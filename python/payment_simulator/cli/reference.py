"""The reference page of the command line, made from the commands themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
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
    return "\n".join([_INTRODUCTION, *_pages("payment-sim", group, context)])


def _pages(title: str, command: Any, context: Any) -> Iterator[str]:  # noqa: ANN401
    """The help of a command, then that of each command in it."""
    yield _help(title, command, context)
    for name in getattr(command, "list_commands", lambda _context: ())(context):
        inner = command.get_command(context, name)
        yield from _pages(f"{title} {name}", inner, _context(inner, name, context))


def _context(command: Any, name: str, parent: Any) -> Any:  # noqa: ANN401
    return command.context_class(command, info_name=name, parent=parent, terminal_width=_WIDTH)


def _help(title: str, command: Any, context: Any) -> str:  # noqa: ANN401
    text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    return f"## {title}\n\n```text\n{text}\n```\n"
