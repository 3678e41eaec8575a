"""The service's description: complete, readable, and the same each time."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator

from payment_simulator.api import create_app
from payment_simulator.api.reference import openapi_document, rest_reference
from tests.api.configs import busy_banks, payment, two_banks

DOCUMENT = openapi_document()
OPERATIONS = [
    (method, path, operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]


def test_it_is_the_same_each_time() -> None:
    assert json.dumps(openapi_document()) == json.dumps(DOCUMENT) == json.dumps(create_app().openapi())


def test_every_call_reads_well() -> None:
    names = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(set(names)) == len(names)
    for _, path, operation in OPERATIONS:
        assert operation["operationId"].replace("_", "").isalpha()
        assert operation["summary"]
        assert operation["description"].endswith((".", "?"))
        assert [tag["name"] for tag in DOCUMENT["tags"]].count(operation["tags"][0]) == 1
        assert all(parameter.get("description") for parameter in operation.get("parameters", ())), path


def test_every_field_is_described() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for field, inner in schema.get("properties", {}).items():
            assert inner.get("description") or "$ref" in inner or "const" in inner, f"{name}.{field}"


def test_every_reference_leads_somewhere() -> None:
    text = json.dumps(DOCUMENT)
    schemas = DOCUMENT["components"]["schemas"]
    for part in text.split('"$ref": "')[1:]:
        prefix, _, name = part.split('"')[0].rpartition("/")
        assert prefix == "#/components/schemas"
        assert name in schemas


def test_every_call_that_changes_something_can_be_repeated() -> None:
    for method, path, operation in OPERATIONS:
        names = {parameter["name"] for parameter in operation.get("parameters", ())}
        is_repeatable = "Idempotency-Key" in names
        is_already_safe = path.startswith("/keys") or (method, path.endswith("/run")) == ("delete", True)
        assert is_repeatable == (method != "get" and not is_already_safe), path


def test_every_error_has_the_one_shape() -> None:
    for _, _, operation in OPERATIONS:
        for status, answer in operation["responses"].items():
            if status >= "400":
                schema = answer["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Refusal"}


def valid(schema: str, value: Any) -> bool:  # noqa: ANN401
    whole = {"$ref": f"#/components/schemas/{schema}", "components": DOCUMENT["components"]}
    return bool(Draft202012Validator(whole).is_valid(value))


def test_bodies_are_described() -> None:
    assert valid("SimulationConfig", two_banks())
    assert valid("SimulationConfig", busy_banks())
    assert not valid("SimulationConfig", {"simulation": {}})
    assert valid("TransactionOrder", payment())
    assert not valid("TransactionOrder", payment(amount=1.5))
    assert valid("BatchOrder", {"transactions": [payment(submit_tick=3)]})


def test_examples_are_valid() -> None:
    for _, _, operation in OPERATIONS:
        for media in operation.get("requestBody", {}).get("content", {}).values():
            if "example" in media:
                assert valid(media["schema"]["$ref"].rpartition("/")[2], media["example"])


def test_the_reference_has_every_call_and_every_body() -> None:
    page = rest_reference()
    for method, path, _ in OPERATIONS:
        assert page.count(f"### `{method.upper()} {path}`\n") == 1
    for target in {part.split(")")[0] for part in page.split("](#")[1:]}:
        assert f"\n### {target}\n".lower() in page.lower()
