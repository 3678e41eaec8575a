"""The result of a simulation on the service: its figures at once, its tables when they are asked for.

A result does not change when the simulation goes on. So what it has not fetched yet is fetched before its
own simulation is changed through this client; and if somebody else has changed it, the result says so.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2

from payment_simulator.client.answers import document
from payment_simulator.client.transport import PARQUET
from payment_simulator.errors import PaymentSimulatorError, ResultsError
from payment_simulator.results import LINKS, TABLES, SimulationResult
from payment_simulator.results.directory import table_file
from payment_simulator.results.documents import Documents
from payment_simulator.results.sources import DirectoryTables

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from payment_simulator.client.service import Service
    from payment_simulator.client.transport import Transport
    from payment_simulator.config import SimulationConfig


@dataclass(frozen=True)
class Origin:
    """Where a simulation comes from, as far as the service does not know.

    Attributes:
        config: Its configuration, with the payments file that was read here.
        config_file: The file of it, as the user wrote it.
        payments_digest: The SHA-256 of the payments file.
    """

    config: SimulationConfig
    config_file: str | None = None
    payments_digest: str | None = None

    def documents(self, answer: dict[str, Any]) -> Documents:
        """Return what the service says of a run, as a simulation in this process would say it."""
        manifest, summary = answer["manifest"], answer["summary"]
        if self.config_file is not None:
            summary["simulation"]["config_file"] = self.config_file
        if self.payments_digest is not None:
            manifest["config_digest"] = self.config.digest()
            manifest["payments_digest"] = self.payments_digest
        return Documents(self.config, manifest, summary)


class RemoteTables:
    """The tables of a simulation on the service, each fetched once, into a folder that goes with this object.

    Attributes:
        simulation_id: The simulation.
    """

    def __init__(self, transport: Transport, simulation_id: str, documents: Documents) -> None:
        self.simulation_id = simulation_id
        self._transport = transport
        self._state_hash = documents.manifest["state_hash"]
        self._tables = [name for name in (*TABLES, LINKS) if name in documents.manifest["rows"]]
        self._folder = Path(tempfile.mkdtemp(prefix="payment_simulator_"))
        self._files = DirectoryTables(self._folder, documents.config)
        self._fetched: set[str] = set()
        self._lost: PaymentSimulatorError | None = None
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    def parts(self, table: str) -> Iterator[pa.Table]:
        """Yield the rows of a table, a bounded number at a time.

        Raises:
            ResultsError: The simulation has been changed by somebody else since.
            ServiceUnreachableError: The service cannot be reached.
        """
        if table not in self._tables:
            return
        if table not in self._fetched:
            if self._lost is not None:
                raise self._lost
            self._fetch(table)
        yield from self._files.parts(table)

    def hold(self) -> None:
        """Fetch everything that is missing, for the simulation is about to change."""
        try:
            for table in self._tables:
                if table not in self._fetched and self._lost is None:
                    self._fetch(table)
        except PaymentSimulatorError as error:  # which concerns whoever asks for the table, if anybody does
            self._lost = error

    def _fetch(self, table: str) -> None:
        with (self._folder / table_file(table)).open("wb") as file:
            path = ("simulations", self.simulation_id, "results", table)
            self._transport.download(file, *path, accept=PARQUET)
        if not self._is_as_it_was():
            message = (
                f"simulation {self.simulation_id} has been changed since this result was made, and before "
                f"its table `{table}` was fetched; ask it for its result again"
            )
            raise ResultsError(message)
        self._fetched.add(table)

    def _is_as_it_was(self) -> bool:
        answer = self._transport.get(
            *("simulations", self.simulation_id, "state"), unless=f'"{self._state_hash}"'
        )
        if answer.status_code == httpx2.codes.NOT_MODIFIED:
            return True
        return bool(document(answer)["state_hash"] == self._state_hash)


def remote_result(service: Service, simulation_id: str, origin: Origin) -> SimulationResult:
    """Return what came out of a simulation so far."""
    answer = document(service.transport.get("simulations", simulation_id, "results"))
    documents = origin.documents(answer)
    tables = RemoteTables(service.transport, simulation_id, documents)
    service.lent.add(tables)
    return SimulationResult(origin.config, tables, documents)
