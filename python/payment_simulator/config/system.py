"""The key `system`: the published rules of a real system as defaults."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationError
from pydantic_core import PydanticCustomError

from payment_simulator.config.problems import problem
from payment_simulator.config.profiles import SYSTEMS, SystemName, merged, profile_settings, says
from payment_simulator.config.suggestions import hint


def _known(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, str) and value not in SYSTEMS:
        message = f"unknown system {value!r}{hint(value, SYSTEMS, 'there are')}"
        raise PydanticCustomError("unknown_system", message.replace("{", "("))  # type: ignore[arg-type, unused-ignore]
    return value


System = Annotated[SystemName, BeforeValidator(_known)]


def with_profile(data: Any) -> Any:  # noqa: ANN401
    """Return a configuration as given, with the rules of the system that it names in the place of its name.

    What it says itself stands, block by block. A name that is none stays, to be refused where it is.
    """
    if not isinstance(data, dict) or data.get("system") not in SYSTEMS:
        return data
    given = {key: value for key, value in data.items() if key != "system"}
    return merged(profile_settings(data["system"]), given)


def explained(title: str, error: ValidationError, data: dict[str, Any]) -> ValidationError:
    """Return the same problems, those with a rule of the system with its name.

    Args:
        title: The name of the model.
        error: What is wrong with the configuration and the rules of its system together.
        data: The configuration as given, which names a system.
    """
    name, settings = data["system"], profile_settings(data["system"])
    problems = []
    for details in error.errors(include_url=False):
        location, message = details["loc"], details["msg"]
        if says(settings, location) and not says(data, location):
            message += f"; `system: {name}` says so"
        problems.append(problem(location, details["type"], message, details["input"]))
    return ValidationError.from_exception_data(title, problems)
