"""Loading a configuration file, and saying everything that is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from payment_simulator.config.configuration import SimulationConfig
from payment_simulator.config.yaml_file import Document, read_yaml
from payment_simulator.errors import ConfigError, ConfigNotFoundError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from payment_simulator.config.problems import Location

_BYTES_MAX = 256 * 1024 * 1024
_VALUE_CHARACTERS_MAX = 60


def load_config(path: str | Path) -> SimulationConfig:
    """Return the configuration that a YAML file describes.

    Args:
        path: The file. Relative paths in it count from its folder.

    Raises:
        ConfigNotFoundError: There is no such file (a FileNotFoundError).
        ConfigError: The file cannot be read or is wrong; the message has a line for every problem.
    """
    file = Path(path)
    document = read_yaml(_read_text(file), file.name)
    if not isinstance(document.value, dict):
        message = (
            f"{file.name}: a configuration has sections such as `simulation:`, not {_kind(document.value)}"
        )
        raise ConfigError(message)
    problems = [_duplicate(document, *duplicate) for duplicate in document.duplicates]
    cause: ValidationError | None = None
    try:
        config = SimulationConfig.model_validate(document.value, context={"folder": file.parent})
    except ValidationError as error:
        cause = error
        problems.extend(_described(details, document) for details in error.errors(include_url=False))
    else:
        if not problems:
            return config
    raise ConfigError(_report(file.name, problems)) from cause


def _read_text(file: Path) -> str:
    """Return the text of a file in UTF-8."""
    data = _read_bytes(file)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"{file.name}: line {line}: the file is not in UTF-8; save it in that encoding"
        raise ConfigError(message) from None


def _read_bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            data = stream.read(_BYTES_MAX + 1)
    except FileNotFoundError:
        message = f"there is no configuration file {file}"
        raise ConfigNotFoundError(message) from None
    except (OSError, ValueError) as error:
        message = f"{file} cannot be read: {getattr(error, 'strerror', None) or error}"
        raise ConfigError(message) from error
    if len(data) > _BYTES_MAX:
        message = f"{file.name} has more than {_BYTES_MAX:,} bytes, too many for a configuration"
        raise ConfigError(message)
    return data


def _kind(value: object) -> str:
    if value is None:
        return "an empty file"
    return "a list" if isinstance(value, list) else f"{value!r:.{_VALUE_CHARACTERS_MAX}}"


def _duplicate(document: Document, location: Location, line: int, first: int) -> tuple[int, str]:
    where = f"{path_text(location)}{_agent_text(location, document.value)}"
    return line, f"{where}: stands twice; it is on line {first} already"


def _described(details: ErrorDetails, document: Document) -> tuple[int, str]:
    location = details["loc"]
    text = f"{path_text(location)}{_agent_text(location, document.value)}: {details['msg']}"
    return document.line_of(location), text + _found(details)


def path_text(location: Location) -> str:
    """Return a location as a user would write it: `agents[2].policy.urgency_threshold`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return text.removeprefix(".")


def _agent_text(location: Location, value: object) -> str:
    match location, value:
        case ("agents", int() as number, *_), {"agents": [*agents]} if number < len(agents):
            match agents[number]:
                case {"id": str() as name}:
                    return f" (agent {name})"
    return ""


def _found(details: ErrorDetails) -> str:
    """Return the value that was found, where the message says what it must be instead."""
    value = details["input"]
    if not details["msg"].startswith("must") or isinstance(value, dict | list | tuple):
        return ""
    written = "nothing" if value is None else repr(value)
    if len(written) > _VALUE_CHARACTERS_MAX:
        written = f"{written[:_VALUE_CHARACTERS_MAX]}..."
    return f" (found {written})"


def _report(name: str, problems: list[tuple[int, str]]) -> str:
    lines = [f"  line {line}: {text}" for line, text in sorted(problems, key=lambda problem: problem[0])]
    heading = f"{name} has {len(lines)} problem{'s' if len(lines) > 1 else ''}:"
    return "\n".join([heading, *lines])
