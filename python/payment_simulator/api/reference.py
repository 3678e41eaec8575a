"""The reference page of the service, made from its own description."""

from __future__ import annotations

import json
from typing import Any, Final

from payment_simulator.api.app import create_app
from payment_simulator.api.idempotency import HEADER
from payment_simulator.api.openapi_texts import SCHEMAS

_CONFIG: Final = "SimulationConfig"
_INTRODUCTION: Final = """\
# REST service

<!-- Made by scripts/generate.py from the service's description; change that, not this page. -->

The same as data is [openapi.json](openapi.json), which clients can be generated from; a running service shows
it at `/docs`. The service guide says how to start, secure and back it up.

{description}
## Errors

| status | meaning |
|---|---|
{statuses}

A path that is not there is answered with 404 `not_found`, a method that a path does not have with 405
`method_not_allowed`. The codes of all other errors are those of the exceptions in
`payment_simulator.errors`.
"""


def openapi_document() -> dict[str, Any]:
    """Return the description of the service as it is by default."""
    return create_app().openapi()


def rest_reference() -> str:
    """Return the page as Markdown: a heading for each tag, a section for each call, a table for each body."""
    document = openapi_document()
    pages = [_INTRODUCTION.format(description=document["info"]["description"], statuses=_statuses(document))]
    for tag in document["tags"]:
        pages.append(f"## {_capital(tag['name'])}\n\n{tag['description']}\n")
        pages += [
            _call(method, path, operation)
            for path, operations in document["paths"].items()
            for method, operation in operations.items()
            if tag["name"] in operation["tags"]
        ]
    pages.append("## Bodies\n")
    pages += [
        _body(name, schema)
        for name, schema in document["components"]["schemas"].items()
        if name == _CONFIG or not _is_part_of_config(name, document)
    ]
    return "\n".join(pages)


def _statuses(document: dict[str, Any]) -> str:
    found = {
        status: answer["description"]
        for operations in document["paths"].values()
        for operation in operations.values()
        for status, answer in operation["responses"].items()
        if status >= "400"
    }
    return "\n".join(f"| {status} | {_cell(found[status])} |" for status in sorted(found))


def _call(method: str, path: str, operation: dict[str, Any]) -> str:
    lines = [f"### `{method.upper()} {path}`", "", operation["description"], ""]
    if parameters := operation.get("parameters"):
        lines += ["| parameter | | |", "|---|---|---|", *map(_parameter, parameters), ""]
    if body := operation.get("requestBody"):
        lines += [f"Body{'' if body['required'] else ' (optional)'}: {_contents(body['content'])}", ""]
        if example := body["content"].get("application/json", {}).get("example"):
            lines += ["```json", json.dumps(example), "```", ""]
    answers = [
        f"{status}: {_contents(answer.get('content', {})) or _cell(answer['description'])}"
        for status, answer in operation["responses"].items()
        if status < "400"
    ]
    errors = ", ".join(status for status in operation["responses"] if status >= "400")
    lines += [f"Answers {'; '.join(answers)}." + (f" Errors: {errors}." if errors else ""), ""]
    return "\n".join(lines)


def _parameter(parameter: dict[str, Any]) -> str:
    schema = parameter["schema"]
    required = "required" if parameter["required"] else _default(schema)
    text = _cell(parameter.get("description", ""))
    if parameter["name"] == HEADER:
        text = "Makes the call safe to repeat; see above."
    return f"| `{parameter['name']}` ({parameter['in']}) | {text}{_bounds(schema)} | {required} |"


def _bounds(schema: dict[str, Any]) -> str:
    bounded = next((choice for choice in (schema, *schema.get("anyOf", [])) if "maximum" in choice), None)
    if "enum" in schema:
        return f" One of {', '.join(schema['enum'])}."
    return "" if bounded is None else f" From {bounded['minimum']:,} to {bounded['maximum']:,}."


def _default(schema: dict[str, Any]) -> str:
    default = schema.get("default")
    return "" if default is None else f"`{json.dumps(default)}`"


def _contents(content: dict[str, Any]) -> str:
    return " or ".join(
        f"[{name}](#{name.lower()})" if (name := _name(media.get("schema", {}))) else f"`{kind}`"
        for kind, media in content.items()
    )


def _body(name: str, schema: dict[str, Any]) -> str:
    if name == _CONFIG:
        return (
            f"### {name}\n\nThe same as in YAML; see [configuration](config.md). No section `transactions`.\n"
        )
    lines = [f"### {name}", "", schema.get("description", ""), ""]
    if "enum" in schema:
        return "\n".join([*lines, f"One of {', '.join(f'`{value}`' for value in schema['enum'])}.", ""])
    lines += ["| field | type | |", "|---|---|---|"]
    lines += [
        f"| `{field}` | {_type(inner)} | {_cell(inner.get('description', ''))} |"
        for field, inner in schema.get("properties", {}).items()
    ]
    return "\n".join([*lines, ""])


def _type(schema: dict[str, Any]) -> str:
    if name := _name(schema):
        return f"[{name}](#{name.lower()})"
    if choices := schema.get("anyOf"):
        return " or ".join(map(_type, choices))
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_type(schema['additionalProperties'])}"
    return str(schema.get("type", "anything"))


def _name(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).removeprefix(SCHEMAS)


def _is_part_of_config(name: str, document: dict[str, Any]) -> bool:
    """Return whether a schema is described on the page on configurations."""
    schemas = document["components"]["schemas"]
    found, waiting = set(), [_CONFIG]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting += _references(schemas[current])
    return name in found


def _references(value: object) -> list[str]:
    match value:
        case {"$ref": str() as reference}:
            return [reference.removeprefix(SCHEMAS)]
        case dict():
            return [name for inner in value.values() for name in _references(inner)]
        case list():
            return [name for inner in value for name in _references(inner)]
    return []


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
