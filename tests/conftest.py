"""What all tests share. The soak runs only when it is asked for: by `-m soak`, or by naming its size."""

import os
import signal

import pytest

# Where tests run in the background of a shell, Ctrl-C is ignored, and what they start ignores it too. Tests
# that send it need it heard; a handler of our own is reset to the default in what is started.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "soak" in config.getoption("markexpr") or "SOAK_EXAMPLES" in os.environ:
        return
    soaks = [item for item in items if item.get_closest_marker("soak")]
    if soaks:
        config.hook.pytest_deselected(items=soaks)
        items[:] = [item for item in items if item not in soaks]
