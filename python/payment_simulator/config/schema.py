"""The JSON Schema of a configuration file: editors check with it, the reference is made from it."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from payment_simulator.config.configuration import SimulationConfig
from payment_simulator.config.rates import Rate


class _Generator(GenerateJsonSchema):
    """Pydantic's generator, with rates as the numbers that users write and without invented titles."""

    def encode_default(self, dft: Any) -> Any:  # noqa: ANN401
        """Return a default as it stands in a file."""
        encoded = super().encode_default(dft)
        if isinstance(dft, Rate):
            return _number(dft)
        if isinstance(encoded, dict) and hasattr(dft, "model_fields_set"):
            return {
                name: _number(value) if isinstance(value, Rate) else encoded[name]
                for name, value in dft
                if name in encoded
            }
        return encoded

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401
        """Return False: a key needs no title besides its name."""
        del schema
        return False


def _number(rate: Rate) -> float | int:
    return int(rate) if rate.is_integer() else float(rate)


_GIVEN_BY_A_SYSTEM = {
    "simulation": ("SimulationLength", ["ticks_per_day"]),
    "clock": ("Clock", ["date", "tick_seconds"]),
}
"""What every profile gives of blocks in which it is needed, and the name of their definitions."""


def _not_required_of_a_system(schema: dict[str, Any]) -> None:
    """Ask for these keys only of who names no system."""
    asked: dict[str, Any] = {}
    for section, (definition, keys) in _GIVEN_BY_A_SYSTEM.items():
        described = schema["$defs"][definition]
        described["required"] = [key for key in described["required"] if key not in keys]
        asked[section] = {"required": keys}
    schema["if"] = {"properties": {"system": {"type": "string"}}, "required": ["system"]}
    schema["else"] = {"properties": asked}


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a configuration file, with a description for every key."""
    generated = SimulationConfig.model_json_schema(
        by_alias=True, schema_generator=_Generator, mode="validation"
    )
    _not_required_of_a_system(generated)
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "title": "Payment Simulator configuration",
        **{key: value for key, value in generated.items() if key != "title"},
    }
