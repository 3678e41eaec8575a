"""What tests need of the machine: ports that nobody else gets, and processes that are really at work."""

from __future__ import annotations

import socket
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil


def free_port() -> int:
    """A port of loopback on which nobody listens.

    On Linux it stays bound as long as this process lives, so that nobody else is given it before somebody
    listens there, or while who listens there is started again: who listens sets SO_REUSEADDR.
    """
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.bind(("127.0.0.1", 0))
    port: int = found.getsockname()[1]
    if sys.platform == "linux":
        found.detach()
    else:
        found.close()
    return port


def wait_until_it_has_worked(process: psutil.Process, seconds: float = 0.2, patience: float = 60) -> None:
    """Wait until a process has taken so much more of the processor's time, however slow the machine is."""

    def worked() -> float:
        times = process.cpu_times()
        return float(times.user + times.system)

    enough, ends = worked() + seconds, time.monotonic() + patience
    while worked() < enough:
        assert time.monotonic() < ends, f"{process} does nothing"
        time.sleep(0.01)
