"""A run on the service, which goes on there whatever becomes of this program, and is followed from here."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from payment_simulator.client.answers import document
from payment_simulator.errors import PaymentSimulatorError, SimulationError

if TYPE_CHECKING:
    import threading

    from payment_simulator.client.transport import Transport
    from payment_simulator.simulation.progress import Progress

_FIRST_SECONDS: Final = 0.005
_LONGEST_SECONDS: Final = 0.5
_CANCEL_SECONDS: Final = 10.0


class RemoteRun:
    """Runs a simulation on the service, up to a tick."""

    def __init__(self, transport: Transport, simulation_id: str, stop: threading.Event) -> None:
        self._transport = transport
        self._path = ("simulations", simulation_id, "run")
        self._stop = stop

    def to(self, tick: int, first: int, shown: Progress) -> None:
        """Run from the tick `first` to the tick `tick`, exclusive, or until somebody asks for a stop.

        Raises:
            SimulationError: The simulation refuses to go on; it is at the tick before.
        """
        try:
            answer = document(self._transport.send("POST", *self._path, json={"until": tick}))
            run = self._follow(answer["run"], first, shown)
        except KeyboardInterrupt:
            self._end()
            raise
        if run["status"] == "failed":
            raise SimulationError(str(run.get("message") or "the run failed"))

    def _follow(self, run: dict[str, Any], first: int, shown: Progress) -> dict[str, Any]:
        """Ask how far the run is until it has ended, more and more rarely."""
        seconds = _FIRST_SECONDS
        while run["status"] == "running":
            if self._stop.wait(seconds):
                return self._end() or run
            seconds = min(2 * seconds, _LONGEST_SECONDS)
            now = self._now()
            if now["run_id"] != run["run_id"]:  # somebody has begun another one, so this one has ended
                break
            run = now
            shown.ticks(run["current_tick"] - first, run["until"] - first)
        return run

    def _end(self) -> dict[str, Any] | None:
        """Cancel the run and wait until it stands still; None if nobody knows of one."""
        with suppress(PaymentSimulatorError):
            run: dict[str, Any] | None = document(self._transport.send("DELETE", *self._path))["run"]
            begin = time.monotonic()
            while run is not None and run["status"] == "running":
                if time.monotonic() - begin > _CANCEL_SECONDS:
                    break
                time.sleep(_FIRST_SECONDS)
                run = self._now()
            return run
        return None

    def _now(self) -> dict[str, Any]:
        run: dict[str, Any] = document(self._transport.get(*self._path))["run"]
        return run
