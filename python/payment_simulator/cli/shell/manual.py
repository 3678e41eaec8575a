"""What `help` says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from payment_simulator.cli.shell.parser import form_of
from payment_simulator.cli.shell.syntax import FORMS

if TYPE_CHECKING:
    from payment_simulator.cli.shell.syntax import Form

_USAGE_WIDTH: Final = 20


def help_lines(command: str | None) -> list[str]:
    """Return what there is to say of all commands, or of one.

    Raises:
        LineError: There is no such command.
    """
    if command is None:
        return [line for form in FORMS.values() for line in _entry(form)]
    form = form_of(command)
    lines = [form.usage, f"  {form.help}"]
    return [*lines, f"  {form.more}"] if form.more else lines


def _entry(form: Form) -> list[str]:
    """A line for a short form, two for a long one."""
    if len(form.usage) > _USAGE_WIDTH:
        return [form.usage, f"{'':<{_USAGE_WIDTH}}  {form.help}"]
    return [f"{form.usage:<{_USAGE_WIDTH}}  {form.help}"]
