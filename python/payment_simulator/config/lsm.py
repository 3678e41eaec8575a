"""Liquidity saving: settling sets of queued transactions that offset one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import AliasChoices, ConfigDict, Field

from payment_simulator.config.section import Section

if TYPE_CHECKING:
    from pydantic.config import JsonDict, JsonValue

_ALIASES = {
    "bilateral_enabled": ("bilateral_offsetting", "enable_bilateral"),
    "cycle_detection_enabled": ("cycle_detection", "enable_cycles"),
}


def _with_aliases(schema: JsonDict) -> None:
    """Add the aliases to a JSON Schema, each with a note, and allow one name of each group only."""
    properties = schema["properties"]
    assert isinstance(properties, dict), "pydantic writes the properties of a model"
    one_name: list[JsonValue] = []
    for name, aliases in _ALIASES.items():
        described = properties[name]
        assert isinstance(described, dict), "a property is a schema"
        for alias in aliases:
            properties[alias] = {
                **described,
                "description": f"Another name for `{name}`.",
                "deprecated": True,
            }
        names = (name, *aliases)
        one_name.extend(
            {"not": {"required": [first, second]}}
            for place, first in enumerate(names)
            for second in names[place + 1 :]
        )
    schema["allOf"] = one_name


class LsmConfig(Section):
    """Which offsetting steps run in each tick, and how far they go."""

    model_config = ConfigDict(json_schema_extra=_with_aliases)

    enabled: bool = Field(default=True, description="Whether any offsetting happens.", examples=[True])
    bilateral_enabled: bool = Field(
        default=True,
        validation_alias=AliasChoices("bilateral_enabled", *_ALIASES["bilateral_enabled"]),
        description="Whether pairs of agents are offset.",
        examples=[True],
    )
    cycle_detection_enabled: bool = Field(
        default=True,
        validation_alias=AliasChoices("cycle_detection_enabled", *_ALIASES["cycle_detection_enabled"]),
        description="Whether cycles of three and more agents are offset.",
        examples=[True],
    )
    max_iterations: Annotated[int, Field(ge=1, le=10)] = Field(
        default=3, description="How often pairs, then cycles, are tried in a tick.", examples=[3]
    )
    max_cycle_length: Annotated[int, Field(ge=3, le=10)] = Field(
        default=4, description="The most agents in a cycle.", examples=[4]
    )
    max_cycles_per_tick: Annotated[int, Field(ge=0, le=2**32 - 1)] = Field(
        default=10, description="The most cycles settled in a tick.", examples=[10]
    )
