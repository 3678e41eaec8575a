"""What the days worked out by hand are run on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.differential.playing import PlayableModel
from tests.differential.test_differential import PlayableEngine


@pytest.fixture(params=[PlayableModel, PlayableEngine], ids=["model", "engine"])
def kind(request: pytest.FixtureRequest) -> type[Any]:
    found: type[Any] = request.param
    return found
