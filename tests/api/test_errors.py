"""One shape for every error, and a status for each exception."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from payment_simulator import errors
from payment_simulator.api.errors import STATUSES, status_of
from tests.api.configs import two_banks

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi.testclient import TestClient

CATALOGUE = [
    value
    for value in vars(errors).values()
    if isinstance(value, type)
    and issubclass(value, errors.PaymentSimulatorError)
    and value is not errors.PaymentSimulatorError
]


@pytest.mark.parametrize("kind", CATALOGUE)
def test_every_error_of_the_catalogue_has_a_status(kind: type[errors.PaymentSimulatorError]) -> None:
    assert kind in STATUSES
    assert 400 <= status_of(kind("why")) <= 503


def test_an_error_that_is_nobodys_is_an_internal_one() -> None:
    assert status_of(RuntimeError("why")) == 500


def test_a_path_that_is_not_there(client: TestClient) -> None:
    answer = client.get("/simulatoins")
    assert answer.status_code == 404
    assert answer.json() == {"detail": "there is nothing at /simulatoins; see /docs", "code": "not_found"}


def test_a_method_that_is_not_there(client: TestClient, url: str) -> None:
    answer = client.put(url)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "DELETE, GET"
    assert answer.json()["detail"] == "PUT is not possible here, only DELETE, GET"


def test_every_problem_of_a_configuration_is_named(client: TestClient) -> None:
    config = two_banks()
    config["simulation"]["ticks_per_day"] = 0
    config["agents"][0]["opening_balance"] = 1.5
    config["agents"][1]["polcy"] = config["agents"][1].pop("policy")
    answer = client.post("/simulations", json=config)
    body = answer.json()
    assert (answer.status_code, body["code"]) == (422, "config_invalid")
    fields = [problem["field"] for problem in body["problems"]]
    assert fields == [
        "simulation.ticks_per_day",
        "agents[0].opening_balance",
        "agents[1].policy",
        "agents[1].polcy",
    ]
    assert all(field in body["detail"] for field in fields)
    assert "did you mean 'policy'?" in body["detail"]


def test_a_thousand_problems_are_listed_up_to_a_hundred(client: TestClient) -> None:
    config = {**two_banks(), "agents": [{"id": f"BANK_{number}"} for number in range(1000)]}
    body = client.post("/simulations", json=config).json()
    assert len(body["problems"]) == 100
    assert "2000 problems" in body["detail"]
    assert "and 1900 more" in body["detail"]


def test_a_failure_of_the_program_is_answered_and_logged(
    make_client: Callable[..., TestClient], caplog: pytest.LogCaptureFixture
) -> None:
    client = make_client()

    async def broken() -> None:
        raise ZeroDivisionError("a secret")

    client.app.add_api_route("/broken", broken)  # type: ignore[attr-defined]  # it is a FastAPI application
    with caplog.at_level(logging.ERROR, "payment_simulator.api"):
        answer = client.get("/broken", headers={"X-Request-ID": "my-request"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "my-request" in answer.json()["detail"]
    assert "secret" not in answer.text
    assert answer.headers["X-Request-ID"] == "my-request"
    assert "ZeroDivisionError: a secret" in caplog.text


@pytest.mark.parametrize("given", ["", "two words", "x" * 129, 'quo"te', "ümlaut"])
def test_a_request_id_that_is_not_sane_is_replaced(client: TestClient, given: str) -> None:
    answer = client.get("/health", headers={b"X-Request-ID": given.encode()})
    assert answer.headers["X-Request-ID"] != given
    assert len(answer.headers["X-Request-ID"]) == 16
