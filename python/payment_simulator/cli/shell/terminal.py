"""The shell at a terminal: a prompt with editing, history and completion."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import Completer, Completion, PathCompleter
from prompt_toolkit.history import FileHistory, InMemoryHistory
from prompt_toolkit.output import create_output

from payment_simulator.cli.exit_codes import ExitCode
from payment_simulator.cli.shell.completion import completions
from payment_simulator.cli.shell.lines import said
from payment_simulator.cli.shell.views import where
from payment_simulator.cli.shell.words import LineError
from payment_simulator.errors import PaymentSimulatorError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document
    from prompt_toolkit.history import History

    from payment_simulator.cli.printer import Printer
    from payment_simulator.cli.shell.interpreter import Interpreter

_FILES: Final = ("save", "load")


def run_prompt(interpreter: Interpreter, printer: Printer) -> ExitCode:
    """Ask for lines and carry them out, until `quit` or Ctrl-D. Ctrl-C ends a run, not the shell."""
    asker: PromptSession[str] = PromptSession(
        history=_history(),
        completer=_Completer(interpreter),
        complete_while_typing=False,
        output=create_output(always_prefer_tty=True),
    )
    printer.say(f"{where(interpreter.target)}. `help` lists the commands, Ctrl-D ends.")
    goes_on = True
    while goes_on:
        try:
            line = asker.prompt(f"tick {interpreter.target.current_tick}> ")
        except KeyboardInterrupt:
            continue
        except EOFError:
            break
        goes_on = _carry_out(line, interpreter, printer)
    return ExitCode.DONE


def _carry_out(line: str, interpreter: Interpreter, printer: Printer) -> bool:
    try:
        return interpreter.run_line(line)
    except KeyboardInterrupt:
        printer.error(where(interpreter.target), label="Stopped")
    except (LineError, PaymentSimulatorError, OSError) as error:
        printer.error(said(error))
    return True


def _history() -> History:
    """The lines of earlier shells, where there is a place for them."""
    try:
        path = history_file()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with path.open("ab"):
            pass
    except (OSError, RuntimeError):
        return InMemoryHistory()
    return FileHistory(path)


def history_file() -> Path:
    """Return the file for the history: in the user's folder for state, by the XDG rules."""
    folder = os.environ.get("XDG_STATE_HOME", "")
    base = Path(folder) if folder.startswith("/") else Path.home() / ".local" / "state"
    return base / "payment-sim" / "shell-history"


class _Completer(Completer):
    """Offers what may come next; files after `save` and `load`."""

    def __init__(self, interpreter: Interpreter) -> None:
        self._interpreter = interpreter
        self._paths = PathCompleter(expanduser=True)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        """Yield what begins like the word at the cursor."""
        before = document.text_before_cursor
        begun = "" if not before or before[-1].isspace() else before.split()[-1]
        words = before.removesuffix(begun).split()
        if words and words[0] in _FILES:
            rest = document.__class__(begun, len(begun))
            yield from self._paths.get_completions(rest, complete_event)
            return
        for word in completions(words, self._interpreter.target):
            if word.casefold().startswith(begun.casefold()):
                yield Completion(word, start_position=-len(begun))
