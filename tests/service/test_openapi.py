"""Every call of the service, with every kind of input: no server error, and no answer that is not documented.

Schemathesis reads the service's OpenAPI and makes the calls; it looks at status, content type, headers and
schema of each answer, at methods that are not there, and at what is refused.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.service.calls import Calls
from tests.service.commands import Submit, Tick
from tests.service.configs import lively

if TYPE_CHECKING:
    from pathlib import Path

    from tests.service.process import Service
    from tests.service.stores import Store

TOKEN = "a-token-of-the-tests"
SHORT = {"ticks_per_day": 40, "num_days": 1, "rng_seed": 1}


def explore(service: Service, folder: Path, *options: str, settings: str = "") -> None:
    """Run Schemathesis over the service's OpenAPI; it must find nothing."""
    configuration = folder / "schemathesis.toml"
    configuration.write_text(settings, encoding="utf-8")
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(configuration)),
        *("run", f"{service.url}/openapi.json", "--generation-deterministic", "--no-shrink"),
        *("--continue-on-failure", "--no-color", "--request-timeout", "60", "--suppress-health-check", "all"),
        # A call of the right form may be refused: for the state of a simulation, or a key that is used.
        *("--exclude-checks", "positive_data_acceptance"),
        *options,
    ]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=850)
    if ended.returncode != 0:
        pytest.fail(ended.stdout[-20_000:] + ended.stderr[-2_000:], pytrace=False)
    assert "Traceback" not in service.log()


def prepared(calls: Calls, ticks: int) -> str:
    """A simulation that has run for some ticks, with a transaction that waits."""
    simulation_id = calls.create({**lively(1), "simulation": SHORT})
    Submit("BANK_A", "BANK_B", 900_000).send(calls, simulation_id, None)
    Tick(ticks).send(calls, simulation_id, None)
    return simulation_id


def settings_for(calls: Calls) -> str:
    """Simulations that are there: one in the midst of its run, one for the end, one to be deleted."""
    return f"""\
[parameters]
simulation_id = "{prepared(calls, 10)}"
agent_id = "BANK_A"
transaction_id = "BANK_A:s1"

[[operations]]
include-path = "/simulations/{{simulation_id}}/stream"
parameters = {{ simulation_id = "{prepared(calls, 40)}" }}

[[operations]]
include-method = "DELETE"
parameters = {{ simulation_id = "{prepared(calls, 1)}" }}
"""


def test_calls_of_a_simulation(store: Store, service: Service, tmp_path: Path) -> None:
    """All operations on simulations that are there, so that more than the first check of each is reached."""
    with Calls(service.url) as calls:
        settings = settings_for(calls)
    # Each value at its bounds once, in some thousand calls; the other store gets fewer.
    phases = "examples,coverage" if store.name == "SQLite" else "examples,fuzzing"
    options = ("--phases", phases, "--max-examples", "10")
    # The first key would close the service to who has none.
    explore(service, tmp_path, *options, "--exclude-path", "/keys", settings=settings)


def test_calls_in_sequence(service: Service, tmp_path: Path) -> None:
    """What one call made is used by the next: simulations, transactions, cursors, until they are deleted."""
    options = ("--phases", "stateful", "--max-examples", "25", "--exclude-path", "/keys")
    explore(service, tmp_path, *options, "--exclude-path-regex", "/stream$")


def test_calls_with_a_key(store: Store, tmp_path: Path) -> None:
    """Where a key is needed, no operation answers without it; with it all do as documented."""
    with (
        store.service(environment={"PAYMENT_SIM_TOKEN": TOKEN}) as service,
        Calls(service.url, token=TOKEN) as calls,
    ):
        options = (
            "-H",
            f"Authorization: Bearer {TOKEN}",
            "--phases",
            "examples,fuzzing",
            "--max-examples",
            "8",
        )
        explore(service, tmp_path, *options, settings=settings_for(calls))
