"""The JSON Schema agrees with the models: editors neither refuse what runs nor accept what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from payment_simulator.config import SimulationConfig, json_schema
from payment_simulator.config.problems import names_of
from tests.config.cases import FULL, MINIMAL, REMOVED, changed, problems, short
from tests.config.test_configuration import EVERYTHING
from tests.config.test_keys import ACCEPTED, REFUSED

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
BEYOND_A_SCHEMA = (
    "must be another agent", "unknown agent", "must have bands apart", "low at most", "sum greater than 0",
    "is the column of", "give only one of them", "must be such that", "or earlier", "must end so",
    "must end in", "at least min", "must be [least", "IANA time zone", "line breaks", "printable",
    "15 digits", "18 decimals", "must be a finite number", "unknown asset", "and not both", "goes with the",
    "a day has", "must name moments", "must name at least one tick", "must lie within",
)  # fmt: skip
PASSES_ANYWAY = ["2026-02-30", {"type": "Uniform", "min": 1.0, "max": 5}]


def listed(value: Any) -> Any:  # noqa: ANN401
    """Return the value as JSON has it: lists in place of tuples."""
    if isinstance(value, dict):
        return {key: listed(inner) for key, inner in value.items()}
    return [listed(inner) for inner in value] if isinstance(value, list | tuple) else value


def keys() -> Iterator[tuple[str, dict[str, Any]]]:
    yield from SCHEMA["properties"].items()
    for definition in SCHEMA["$defs"].values():
        yield from definition["properties"].items()


def test_is_a_schema_of_the_dialect_that_it_names() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("data", [MINIMAL, FULL, EVERYTHING], ids=["minimal", "full", "everything"])
def test_accepts_whole_configurations(data: dict[str, Any]) -> None:
    VALIDATOR.validate(listed(data))
    VALIDATOR.validate(SimulationConfig.from_dict(data).model_dump(mode="json", exclude_none=True))


@pytest.mark.parametrize("path_and_values", ACCEPTED, ids=short)
def test_accepts_what_the_models_accept(path_and_values: tuple[str, list[Any]]) -> None:
    path, values = path_and_values
    for value in values:
        VALIDATOR.validate(listed(changed(path, value)))


@pytest.mark.parametrize("case", REFUSED, ids=short)
def test_refuses_what_the_models_refuse(case: tuple[str, list[Any], str]) -> None:
    path, values, message = case
    for value in values:
        if any(beyond in message for beyond in BEYOND_A_SCHEMA) or (
            isinstance(value, float) and value.is_integer()
        ):
            continue
        data = changed(path, value)
        if not VALIDATOR.is_valid(listed(data)):
            continue
        assert value in PASSES_ANYWAY, f"{path} = {value!r} passes the schema: {problems(data)}"


def test_every_key_is_described() -> None:
    for name, schema in keys():
        described = (
            schema.get("description") or SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]["description"]
        )
        assert described.endswith("."), name


def test_every_value_has_an_example_or_is_a_choice() -> None:
    for name, schema in keys():
        a_section = "$ref" in str(schema.get("anyOf", schema)) and "discriminator" not in schema
        assert schema.get("examples") or "enum" in schema or "const" in schema or a_section, name


def test_every_example_is_valid() -> None:
    for name, schema in keys():
        validator = Draft202012Validator({**schema, "$defs": SCHEMA["$defs"]})
        for example in schema.get("examples", []):
            assert validator.is_valid(example), f"{name}: {example}"


def test_no_section_takes_unknown_keys_and_all_names_are_there() -> None:
    assert SCHEMA["additionalProperties"] is False
    assert all(definition["additionalProperties"] is False for definition in SCHEMA["$defs"].values())
    lsm = SimulationConfig.model_fields["lsm_config"].annotation
    assert isinstance(lsm, type)
    assert set(SCHEMA["$defs"]["LsmConfig"]["properties"]) == set(names_of(lsm))


def test_defaults_are_those_of_the_models() -> None:
    defaults = {
        name: schema["default"] for name, schema in SCHEMA["properties"].items() if "default" in schema
    }
    assert SimulationConfig(**MINIMAL, **defaults) == SimulationConfig(**MINIMAL)
    assert defaults["cost_rates"]["overdraft_bps_per_tick"] == 0.001
    assert SCHEMA["$defs"]["CostRates"]["properties"]["deadline_penalty"]["default"] == 50000


def test_required_keys() -> None:
    assert SCHEMA["required"] == ["simulation", "agents"]
    assert SCHEMA["$defs"]["Deadline"]["required"] == ["type", "urgency_threshold"]
    assert not VALIDATOR.is_valid(changed("agents.0.id", REMOVED, MINIMAL))
