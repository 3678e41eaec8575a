"""The soak runs only when it is asked for: by `-m soak`, or by naming its size in SOAK_EXAMPLES."""

import os

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "soak" in config.getoption("markexpr") or "SOAK_EXAMPLES" in os.environ:
        return
    soaks = [item for item in items if item.get_closest_marker("soak")]
    if soaks:
        config.hook.pytest_deselected(items=soaks)
        items[:] = [item for item in items if item not in soaks]
