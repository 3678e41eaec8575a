"""The service as its users run it: a process of its own, which can be killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Self

import httpx2
import psutil

from tests.machine import free_port

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

PROGRAM = (sys.executable, "-c", "from payment_simulator.cli import main; main()", "serve")
READY_WITHIN = 120.0
ENDED_WITHIN = 120.0
"""More than the service itself allows requests that are under way."""


class Service:
    """`payment-sim serve` on a port of loopback that stays the same when it is started again.

    Args:
        folder: Where it is started and where its log is written.
        options: What follows `payment-sim serve`, besides host and port.
        environment: Settings besides those of the tests' own environment.
        before: A command that runs it, such as one that limits it.
    """

    def __init__(
        self,
        folder: Path,
        *options: str,
        environment: Mapping[str, str] | None = None,
        before: tuple[str, ...] = (),
    ) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._command = [*before, *PROGRAM, "--port", str(self.port), *options]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PAYMENT_SIM_")}
        self._environment = {**inherited, **(environment or {})}
        self._log = folder / f"service-{self.port}.log"
        self._log_begins = 0
        self._process: subprocess.Popen[bytes] | None = None

    def launch(self) -> None:
        """Start it, and do not wait for it."""
        with self._log.open("ab") as log:
            self._log_begins = log.tell()
            self._process = subprocess.Popen(
                self._command,
                cwd=self.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start(self) -> Self:
        """Start it, and return when it answers."""
        self.launch()
        self.wait_until_ready()
        return self

    def wait_until_ready(self) -> None:
        ends = time.monotonic() + READY_WITHIN
        while time.monotonic() < ends:
            if self.is_healthy():
                return
            if self._process is None or self._process.poll() is not None:
                break
            time.sleep(0.02)
        raise RuntimeError("The service did not start:\n" + self.log()[-4_000:])

    def is_healthy(self) -> bool:
        """Whether it answers, and reaches its store."""
        try:
            answer = httpx2.get(f"{self.url}/health", timeout=5)
        except httpx2.TransportError:
            return False
        return answer.status_code == 200 and answer.json().get("store") == "ok"

    def kill(self) -> None:
        """End it and all that it started, with no chance to do anything more."""
        self._end(signal.SIGKILL)

    def terminate(self) -> int:
        """Ask it to end, and return its exit code."""
        return self._end(signal.SIGTERM)

    def stop(self) -> None:
        """End it if it still runs."""
        if self._process is not None:
            self._end(signal.SIGTERM)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def memory_bytes(self) -> int:
        """What it and its children hold in memory."""
        process = psutil.Process(self.pid)
        family = [process, *process.children(recursive=True)]
        return sum(member.memory_info().rss for member in family)

    def log(self) -> str:
        """What it has written since it was last started."""
        return self._log.read_bytes()[self._log_begins :].decode(errors="replace")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _end(self, how: signal.Signals) -> int:
        process, self._process = self._process, None
        assert process is not None
        if how is signal.SIGKILL:
            os.killpg(process.pid, how)
        else:
            process.send_signal(how)
        try:
            return process.wait(ENDED_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
