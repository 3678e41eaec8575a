"""The description of the service (OpenAPI 3.1), the same for the same program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from payment_simulator.api.models.runs import RunOrder
from payment_simulator.api.models.service import KeyOrder
from payment_simulator.api.models.simulations import RewindOrder
from payment_simulator.api.models.transactions import (
    BatchOrder,
    PositionOrder,
    PriorityOrder,
    SplitOrder,
    TransactionOrder,
)
from payment_simulator.api.openapi_texts import DESCRIPTION, SCHEMAS, TAGS, TITLE
from payment_simulator.config import json_schema
from payment_simulator.version import package_version

if TYPE_CHECKING:
    from fastapi import FastAPI

_BODIES: Final = (
    BatchOrder,
    KeyOrder,
    PositionOrder,
    PriorityOrder,
    RewindOrder,
    RunOrder,
    SplitOrder,
    TransactionOrder,
)
_WITHOUT_KEY: Final = ("/", "/health")


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the description of an application; it is made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=TITLE,
            version=package_version(),
            summary="Large-value payment systems, exact to the cent",
            description=DESCRIPTION,
            license_info={"name": "MIT", "identifier": "MIT"},
            routes=app.routes,
            tags=TAGS,
        )
        components = document["components"]
        components["schemas"] = dict(sorted({**components["schemas"], **_body_schemas()}.items()))
        components["securitySchemes"] = {
            "key": {
                "type": "http",
                "scheme": "bearer",
                "description": "The operator's token, or an API key. Needed only where there is one.",
            }
        }
        for path, operations in document["paths"].items():
            for operation in operations.values():
                if path not in _WITHOUT_KEY:
                    operation["security"] = [{}, {"key": []}]
        app.openapi_schema = document
    return app.openapi_schema


def _body_schemas() -> dict[str, Any]:
    """Return the schemas of bodies, which the routes read themselves."""
    _, bodies = models_json_schema(
        [(body, "validation") for body in _BODIES], ref_template=SCHEMAS + "{model}"
    )
    config = json_schema()
    sections = config.pop("$defs")
    config.pop("$schema")
    config = {**config, "title": "SimulationConfig"}
    return {**bodies["$defs"], **_moved({**sections, "SimulationConfig": config})}


def _moved(value: Any) -> Any:  # noqa: ANN401  (JSON is anything)
    """Return a schema whose references point to where the description has its schemas."""
    match value:
        case dict():
            return {key: _moved(inner) for key, inner in value.items()}
        case list():
            return [_moved(inner) for inner in value]
        case str() if value.startswith("#/$defs/"):
            return SCHEMAS + value.removeprefix("#/$defs/")
    return value
