"""The service, in this process and in one of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from payment_simulator.api import Settings, create_app
from tests.api.configs import two_banks
from tests.api.running import RunningService

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Made = Callable[..., TestClient]


@pytest.fixture
def make_client(tmp_path: Path) -> Iterator[Made]:
    """Make a client of an application with other settings; used without `with`, so that no lifespan runs."""
    clients: list[TestClient] = []

    def make(**settings: object) -> TestClient:
        app = create_app(Settings.model_validate({"data": tmp_path / "data", **settings}))
        clients.append(TestClient(app))
        return clients[-1]

    yield make
    for client in clients:
        client.app.state.opened.close()  # type: ignore[attr-defined]  # it is a FastAPI application


@pytest.fixture
def client(make_client: Made) -> TestClient:
    return make_client()


@pytest.fixture
def url(client: TestClient) -> str:
    """Make a simulation of two banks, and return its path."""
    answer = client.post("/simulations", json=two_banks())
    assert answer.status_code == 200, answer.text
    return f"/simulations/{answer.json()['simulation_id']}"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """Run the service in a process of its own."""
    with RunningService(tmp_path_factory.mktemp("service") / "data") as running:
        yield running
