"""A service in a process of its own, as scripts find it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from payment_simulator.client import Client
from tests.service.process import Service

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "the-key-of-the-client-tests"


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    environment = {"PAYMENT_SIM_DATA": str(folder / "data"), "PAYMENT_SIM_TOKEN": KEY}
    with Service(folder, environment=environment) as running:
        yield running


@pytest.fixture
def client(service: Service) -> Iterator[Client]:
    with Client(service.url, KEY) as connected:
        yield connected
