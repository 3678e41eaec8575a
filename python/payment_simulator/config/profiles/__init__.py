"""Profiles: the published rules of real systems as settings.

Each is a YAML file in this folder, a whole configuration that runs as it is. Its agents are an example, and
so are the number of days and the seed; all else is what `system: NAME` stands for.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import BaseModel

from payment_simulator.config.yaml_file import read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

SystemName = Literal["t2", "target2_2008", "chaps", "fedwire", "chips", "rits", "lynx", "sic"]
SYSTEMS: tuple[str, ...] = get_args(SystemName)
_OF_THE_USER = ("agents",)
_OF_THE_SYSTEM_IN_SIMULATION = ("ticks_per_day",)


@cache
def profile_text(name: str) -> str:
    """Return the profile of a system as YAML with comments, which runs as it is.

    Raises:
        KeyError: There is no profile of this name.
    """
    if name not in SYSTEMS:
        raise KeyError(name)
    return files(__name__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")


def profile_title(name: str) -> str:
    """Return what a profile is of: the first line of its text."""
    return profile_text(name).splitlines()[0].removeprefix("# ")


def profile_settings(name: str) -> dict[str, Any]:
    """Return what `system: NAME` stands for: the profile without what is its user's."""
    document: Any = read_yaml(profile_text(name), f"{name}.yaml").value
    simulation = document["simulation"]
    of_the_system = {key: simulation[key] for key in _OF_THE_SYSTEM_IN_SIMULATION}
    settings = {key: value for key, value in document.items() if key not in _OF_THE_USER}
    return {**settings, "simulation": of_the_system}


def merged(defaults: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return `given` with what it does not say from `defaults`, block by block; a list is taken whole."""
    both = dict(defaults)
    for key, value in given.items():
        default, block = both.get(key), _block(value)
        both[key] = merged(default, block) if isinstance(default, dict) and block is not None else value
    return both


def _block(value: object) -> Mapping[str, Any] | None:
    """Return the keys that a block says, or None for what is no block."""
    if isinstance(value, BaseModel):
        return {name: getattr(value, name) for name in value.model_fields_set}
    return value if isinstance(value, dict) else None


def says(block: Any, location: tuple[str | int, ...]) -> bool:  # noqa: ANN401
    """Return whether nested blocks and lists have something at this place."""
    for part in location:
        try:
            block = block[part]
        except (KeyError, IndexError, TypeError):
            return False
    return True
