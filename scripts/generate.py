"""Makes what is made from the program: JSON Schema of configurations, OpenAPI, and the reference pages.

With `--check` it writes nothing, and fails if a file is not what it would be.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from payment_simulator.api.reference import openapi_document, rest_reference
from payment_simulator.cli import cli_reference
from payment_simulator.config import json_schema

if TYPE_CHECKING:
    from collections.abc import Sequence

ANY_NUMBER = 2**53
"""A bound so far out says only that numbers have an end."""

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"


def main(arguments: list[str]) -> int:
    """Writes the files, or checks them; returns the exit code."""
    schema = json_schema()
    files = {
        "cli.md": cli_reference(),
        "config.md": config_reference(schema),
        "openapi.json": json.dumps(openapi_document(), indent=2, ensure_ascii=False) + "\n",
        "rest.md": rest_reference(),
        "config.schema.json": json.dumps(schema, indent=2, ensure_ascii=False) + "\n",
    }
    stale = [name for name, text in files.items() if _read(REFERENCE / name) != text]
    if arguments == ["--check"]:
        for name in stale:
            sys.stderr.write(f"docs/reference/{name} is stale; `make generate` makes it anew\n")
        return 1 if stale else 0
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (REFERENCE / name).write_text(files[name], encoding="utf-8")
        sys.stdout.write(f"wrote docs/reference/{name}\n")
    return 0


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def config_reference(schema: dict[str, Any]) -> str:
    """Returns the page on configurations: a heading for each section, a row for each key."""
    sections = ["# Configuration", _INTRODUCTION, _keys(schema, schema)]
    without_system = schema["else"]["properties"]
    for title, section in _sections(schema):
        asked = without_system.get(title, {}).get("required", [])
        sections += [f"## {title}", section.get("description", ""), _keys(section, schema, asked)]
    return "\n\n".join(part.strip() for part in sections) + "\n"


_INTRODUCTION = """
<!-- Made by scripts/generate.py from the schema; change the descriptions there, not this page. -->

A configuration is a YAML file. Editors complete and check it with
[config.schema.json](config.schema.json): put `# yaml-language-server: $schema=` and its path into the first
line. `payment-sim validate FILE` names every problem of a file with its line. A key that is not listed here
is an error. Money is in whole minor units of the currency (cents).
"""


def _sections(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Every section that the file can have, by where it first stands, in the order of the keys."""
    found: list[tuple[str, dict[str, Any]]] = []
    waiting = [(name, inner) for name, inner in _inner(schema, schema)]
    while waiting:
        title, section = waiting.pop(0)
        if any(section is known for _, known in found):
            continue
        found.append((title, section))
        waiting = [(f"{title}.{name}", inner) for name, inner in _inner(section, schema)] + waiting
    return found


def _inner(section: dict[str, Any], schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The sections directly under one; of a block that comes in kinds, each kind."""
    inner = []
    for name, key in section.get("properties", {}).items():
        if key.get("deprecated"):
            continue
        for variant in _variants(key, schema):
            kind = _kind(variant["properties"])
            inner.append((f"{name} {kind}" if kind else name, variant))
    return inner


def _kind(keys: dict[str, Any]) -> str | None:
    """What the key that tells kinds apart says of one of them."""
    known = keys.get("algorithm", keys.get("type", {}))
    if "algorithm" in keys and "enum" in known:
        return ", ".join(known["enum"])
    kind: str | None = known.get("const") or known.get("default")
    return kind


def _variants(key: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The sections that a key can hold, references followed."""
    resolved = _resolved(key, schema)
    choices = [*key.get("anyOf", []), *key.get("oneOf", []), *filter(None, [key.get("items")])]
    within = [variant for choice in choices for variant in _variants(choice, schema)]
    return [resolved, *within] if "properties" in resolved else within


def _resolved(key: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    reference = key.get("$ref")
    if reference is None:
        return key
    resolved: dict[str, Any] = schema["$defs"][reference.removeprefix("#/$defs/")]
    return resolved


def _keys(section: dict[str, Any], schema: dict[str, Any], asked: Sequence[str] = ()) -> str:
    """A row for each key; those asked for are needed where no `system` gives them."""
    required = section.get("required", [])
    rows = ["| key | | default | example |", "|---|---|---|---|"]
    for name, key in section.get("properties", {}).items():
        default = "required" if name in required else _default(key, schema)
        default = "required without a `system`" if name in asked else default
        example = _code(key["examples"][0]) if key.get("examples") else ""
        rows.append(f"| `{name}` | {_cell(_described(key, schema))}{_range(key)} | {default} | {example} |")
    return "\n".join(rows)


def _described(key: dict[str, Any], schema: dict[str, Any]) -> str:
    """What a key means; a section that is used once is described where it is defined."""
    described: str = key.get("description") or _resolved(key, schema).get("description", "")
    return described


def _default(key: dict[str, Any], schema: dict[str, Any]) -> str:
    default = key.get("default")
    if default is None:
        return ""
    return "see below" if isinstance(default, dict) and _variants(key, schema) else _code(default)


def _range(key: dict[str, Any]) -> str:
    """What a key's value must be, as far as the schema says it in few words."""
    if "enum" in key:
        return f" One of {', '.join(_code(value) for value in key['enum'])}."
    least, above, most = key.get("minimum"), key.get("exclusiveMinimum"), key.get("maximum")
    least = None if least is not None and abs(least) >= ANY_NUMBER else least
    most = None if most is not None and most >= ANY_NUMBER else most
    if least is not None and most is not None:
        return f" From {least:,} to {most:,}."
    if above is not None:
        return f" Greater than {above:,}."
    return f" At least {least:,}." if least is not None else ""


def _code(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value
    return f"`{_cell(text)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
