"""The service in a process of its own, on a free port of the loopback."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any, Self

import httpx2

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = """
import sys
from payment_simulator.api.server import serve
from payment_simulator.api.settings import Settings
serve(Settings.from_environment(), port=0, workers=int(sys.argv[1]))
"""


class RunningService:
    """A process that serves; `with` starts and stops it.

    Attributes:
        url: Where it listens.
        lines: What it wrote to stderr so far.
        http: A client for it.
    """

    def __init__(self, data: Path, workers: int = 1, **variables: str) -> None:
        self._arguments = [sys.executable, "-c", SCRIPT, str(workers)]
        self._environment = {**os.environ, "PAYMENT_SIM_DATA": str(data), **variables}
        self.lines: list[str] = []
        self.url = ""

    def start(self) -> Self:
        """Start it, and wait until it listens."""
        self.process = subprocess.Popen(
            self._arguments, env=self._environment, stderr=subprocess.PIPE, text=True
        )
        found: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, args=(found,), daemon=True)
        self._reader.start()
        self.url = found.get(timeout=60)
        assert self.url, f"it did not start: {self.lines}"
        self.http = httpx2.Client(base_url=self.url, timeout=60)
        return self

    def stop(self) -> int:
        """Stop it as an operator would, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.ended()

    def ended(self) -> int:
        """Wait until it has ended, and return its exit code."""
        try:
            return self.process.wait(timeout=60)
        finally:
            self._end()

    def kill(self) -> None:
        """Kill it."""
        self.process.kill()
        self._end()

    def create(self, config: dict[str, Any]) -> str:
        """Make a simulation, and return its path."""
        answer = self.http.post("/simulations", json=config)
        assert answer.status_code == 200, answer.text
        return f"/simulations/{answer.json()['simulation_id']}"

    def log(self) -> list[dict[str, Any]]:
        """Return what it has logged."""
        return [json.loads(line) for line in self.lines if line.startswith("{")]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()

    def _end(self) -> None:
        self.http.close()
        self.process.wait(timeout=60)
        self._reader.join(timeout=60)
        if self.process.stderr is not None:
            self.process.stderr.close()

    def _read(self, found: queue.Queue[str]) -> None:
        assert self.process.stderr is not None, "it was asked for"
        for line in self.process.stderr:
            self.lines.append(line.rstrip("\n"))
            if line.startswith("Listening on "):
                found.put(line.removeprefix("Listening on ").strip())
        found.put("")
