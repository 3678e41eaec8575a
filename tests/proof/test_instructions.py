"""Rules that are off cost next to nothing, in instructions: a count is the same from run to run."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest
from scripts.count_instructions import RECORD, build, compiler, executed

_record: dict[str, Any] = json.loads(RECORD.read_text())


@pytest.mark.skipif(
    shutil.which("valgrind") is None, reason="valgrind is not installed, which counts instructions"
)
def test_rules_that_are_off_cost_next_to_nothing() -> None:
    """Each workload takes at most 2% more than before there were any rules to switch off."""
    if compiler() != _record["compiler"]:
        pytest.skip(f"counts are of rustc {_record['compiler']}; this is {compiler()}")
    assert _record["limit"] <= 1.02
    program = build()
    more = {name: executed(program, name) / before for name, before in _record["instructions"].items()}
    assert {name: ratio for name, ratio in more.items() if ratio > _record["limit"]} == {}
