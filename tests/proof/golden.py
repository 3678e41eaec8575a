"""The state hashes that releases of one minor version have in common.

`python -m tests.proof.golden` writes them anew. A hash that changes is a change of results: say in
CHANGELOG.md what changed and why.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.proof.cases import RULES, config, end_of

PATH = Path(__file__).with_name("golden_hashes.json")


def read() -> dict[str, str]:
    """The hashes as they were when they were last written."""
    hashes: dict[str, str] = json.loads(PATH.read_text(encoding="utf-8"))
    return hashes


def made() -> dict[str, str]:
    """The hashes as they are now."""
    return {name: end_of(config(name)) for name in RULES}


if __name__ == "__main__":
    PATH.write_text(json.dumps(made(), indent=2) + "\n", encoding="utf-8")
