"""The service under load, through HTTP, with its clients in a process of their own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from benchmarks.load_client import Load
from benchmarks.measuring import Spread, interleaved
from benchmarks.rows import Part, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

_ipc: Any = pa.ipc  # its functions have no types

HOST: Final = "127.0.0.1"
AGENTS: Final = [f"BANK_{number:02}" for number in range(20)]
ARROW: Final = "application/vnd.apache.arrow.stream"
BATCH_ROWS: Final = 1_000_000
SESSIONS: Final = 1_000
SESSIONS_AIM_MIB: Final = 2048
_ROOT: Final = Path(__file__).parents[1]


@dataclass
class Server:
    """The service, and the process from which clients call it."""

    process: subprocess.Popen[bytes]
    clients: subprocess.Popen[str]
    port: int

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  (JSON)
        """Call it once, from here."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://{HOST}:{self.port}{path}", data, {"Content-Type": "application/json"}, method=method
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def put(self, load: Load) -> dict[str, float]:
        """Put a load on it, from the other process."""
        assert self.clients.stdin is not None, "made with pipes"
        assert self.clients.stdout is not None, "made with pipes"
        self.clients.stdin.write(json.dumps(asdict(load)) + "\n")
        self.clients.stdin.flush()
        measured: dict[str, float] = json.loads(self.clients.stdout.readline())
        return measured

    def create(self) -> str:
        """Make a simulation of 20 banks."""
        banks = [{"id": name, "opening_balance": 10**12, "policy": {"type": "Fifo"}} for name in AGENTS]
        length = {"ticks_per_day": 100_000_000, "num_days": 1, "rng_seed": 1}
        return str(
            self.call("POST", "/simulations", {"simulation": length, "agents": banks})["simulation_id"]
        )

    @property
    def memory_mib(self) -> float:
        """What it holds in memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None, "Linux says so"
        return int(found[1]) / 1024


@contextmanager
def serving() -> Iterator[Server]:
    """Start the service on an empty SQLite database, and stop it."""
    with tempfile.TemporaryDirectory(dir=_ROOT / ".cache") as folder:
        environment = {**os.environ, "PAYMENT_SIM_DATA": folder, "PAYMENT_SIM_LOG_REQUESTS": "false"}
        environment["PYTHONPATH"] = str(_ROOT)
        serve = "import uvicorn; uvicorn.run('benchmarks.service_app:app', port=0, access_log=False)"
        process = subprocess.Popen(
            [sys.executable, "-c", serve], env=environment, stderr=subprocess.PIPE, cwd=_ROOT
        )
        try:
            port = _port_of(process)
            load_client = [sys.executable, str(_ROOT / "benchmarks" / "load_client.py"), HOST, str(port)]
            with subprocess.Popen(
                load_client, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            ) as clients:
                yield Server(process, clients, port)
                assert clients.stdin is not None, "made with a pipe"
                clients.stdin.close()
        finally:
            process.terminate()
            process.communicate()


def measure(repeats: int) -> Part:
    """Measures everything; takes some minutes."""
    with serving() as server:
        rows = [row for clients in (1, 8, 64) for row in _many_clients(server, clients, min(repeats, 3))]
        rows.append(_batches(server, repeats))
    with serving() as server:
        rows.append(_sessions(server))
    about = (
        "`payment-sim serve` with SQLite, each answer durable before it is given; clients in a process of "
        "their own, a connection each. Client and service share two cores. The yardstick is an endpoint that "
        "does nothing, in the same application, in turn with the others."
    )
    return Part("The service", about, rows)


def _many_clients(server: Server, clients: int, repeats: int) -> list[Row]:
    one = server.create()
    each = [server.create() for _ in range(clients)]
    payment = {"sender": AGENTS[0], "receiver": AGENTS[1], "amount": 100}
    nothing = Load(
        "POST", ["/nothing"], json.dumps(payment), "application/json", "application/json", clients, 2.0, 0
    )
    loads = {
        "nothing": nothing,
        "submissions to one simulation": replace(nothing, paths=[f"/simulations/{one}/transactions"]),
        "submissions, a simulation for each client": replace(
            nothing, paths=[f"/simulations/{name}/transactions" for name in each]
        ),
        "ticks, a simulation for each client": replace(
            nothing, paths=[f"/simulations/{name}/tick" for name in each], body=""
        ),
    }
    measured: dict[str, list[dict[str, float]]] = {name: [] for name in loads}

    def work(name: str) -> float:
        measured[name].append(server.put(loads[name]))
        return measured[name][-1]["per_second"]

    spreads = interleaved(repeats, *(lambda name=name: work(name) for name in loads))
    empty = spreads[0]
    rows = []
    for name, spread in list(zip(loads, spreads, strict=True))[1:]:
        ratio = Spread(tuple(a / b for a, b in zip(spread.values, empty.values, strict=True)))
        has_aim = clients == 64 and name.startswith("submissions")
        rows.append(
            Row(
                key=f"service_{name.split(',')[0].replace(' ', '_')}_{clients}",
                work=f"{name}, {clients} client{'s' if clients > 1 else ''}",
                aim=">= 0.5x the endpoint that does nothing" if has_aim else "",
                measured=f"{ratio.text('x', 2)}; {spread.text('/s')}; {_latency(measured[name])}",
                yardstick=f"{empty.text('/s')}; {_latency(measured['nothing'])}",
                met=ratio.middle >= 0.5 if has_aim else None,
            )
        )
    return rows


def _latency(measured: list[dict[str, float]]) -> str:
    p50, p99 = (Spread(tuple(one[key] for one in measured)).middle for key in ("p50_ms", "p99_ms"))
    return f"p50 {p50:.1f} ms, p99 {p99:.1f} ms"


def _batches(server: Server, repeats: int) -> Row:
    random = np.random.default_rng(1)
    senders = random.integers(0, len(AGENTS), BATCH_ROWS)
    names = pa.array(AGENTS)
    columns = {
        "sender": pa.DictionaryArray.from_arrays(pa.array(senders.astype(np.int32)), names),
        "receiver": pa.DictionaryArray.from_arrays(
            pa.array(((senders + 1) % len(AGENTS)).astype(np.int32)), names
        ),
        "amount": pa.array(random.integers(1, 100_000, BATCH_ROWS)),
    }
    table = pa.table(columns)
    sink = pa.BufferOutputStream()
    with _ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    body = bytes(sink.getvalue()).decode("latin-1")
    rates = []
    for _ in range(repeats):
        path = f"/simulations/{server.create()}/transactions/batch"
        load = Load("POST", [path], body, ARROW, ARROW, 1, 60.0, 1)
        rates.append(BATCH_ROWS * server.put(load)["per_second"])
    spread = Spread(tuple(rates))
    return Row(
        key="service_batch",
        work=f"a batch of {BATCH_ROWS:,} transactions as Arrow, ids back as Arrow, durable",
        aim=">= 500,000 transactions/s",
        measured=spread.times(1e-6).text("M/s"),
        met=spread.middle >= 500_000,
    )


def _sessions(server: Server) -> Row:
    before = server.memory_mib
    names = [server.create() for _ in range(SESSIONS)]
    for name in names:
        server.call("POST", f"/simulations/{name}/tick?count=10")
        pairs = pairwise(AGENTS)
        payments = [{"sender": payer, "receiver": payee, "amount": 100} for payer, payee in pairs]
        server.call("POST", f"/simulations/{name}/transactions/batch", {"transactions": payments})
    held = server.memory_mib
    return Row(
        key="service_sessions",
        work=f"{SESSIONS:,} simulations of {len(AGENTS)} banks at once, all in memory",
        aim="within 2 GiB",
        measured=f"{held:.0f} MiB, of which {before:.0f} MiB before the first",
        met=held <= SESSIONS_AIM_MIB,
    )


def _port_of(process: subprocess.Popen[bytes]) -> int:
    assert process.stderr is not None, "made with a pipe"
    said = b""
    for line in process.stderr:
        said += line
        if (found := re.search(rb"running on http://[^:]+:(\d+)", line)) is not None:
            return int(found[1])
    message = f"the service did not start: {said.decode()}"
    raise RuntimeError(message)
