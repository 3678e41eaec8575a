"""Calls are repeated when that may help, done once all the same, and refusals are our own errors."""

from __future__ import annotations

import io
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from uuid import UUID

import pytest

from payment_simulator import errors
from payment_simulator.client.address import Address
from payment_simulator.client.answers import ServiceError, document
from payment_simulator.client.retries import RetryLimits, retry_after_seconds
from payment_simulator.client.transport import Transport
from tests.client.misbehaving import CUT, DROP, HANG, Answer, Misbehaving, misbehaving, refuses, says
from tests.machine import free_port

LATER = refuses(503, "store_unavailable", "the database is away")
TOKEN = "a-key-that-nobody-may-read"


def connected(
    server: Misbehaving,
    *,
    times: int = 3,
    seconds: float = 20.0,
    timeout: float = 30.0,
    token: str | None = None,
) -> Transport:
    return Transport(Address.parse(server.url), token, RetryLimits(times, seconds), timeout)


@pytest.mark.parametrize("first", [DROP, LATER, refuses(429, "too_many_requests", "slowly")])
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_change_is_repeated_with_the_same_key(first: Answer, method: str) -> None:
    with misbehaving(first, says({"done": True})) as server:
        transport = connected(server)
        answer = transport.send(
            method, "simulations", json={"amount": 2**63 - 1} if method == "POST" else None
        )
        assert document(answer) == {"done": True}
        transport.close()
    first_key, second_key = server.keys
    assert first_key is not None
    assert first_key == second_key == str(UUID(first_key))
    assert server.received[0].body == server.received[1].body


def test_a_service_may_be_below_a_path() -> None:
    with misbehaving(says({"done": True})) as server:
        transport = Transport(Address.parse(f"{server.url}/team/a/"), None, RetryLimits(0, 0), 5.0)
        transport.get("agents", "A/B", params={"limit": 5})
        transport.close()
    assert server.received[0].path == "/team/a/agents/A%2FB?limit=5"


def test_each_change_has_its_own_key() -> None:
    with misbehaving(says({})) as server:
        transport = connected(server)
        for _ in range(2):
            transport.send("POST", "simulations")
        transport.close()
    assert len(set(server.keys)) == 2


def test_a_timeout_is_repeated_with_the_same_key() -> None:
    with misbehaving(HANG, says({"done": True})) as server:
        transport = connected(server, timeout=2.0)
        assert document(transport.send("POST", "tick")) == {"done": True}
        transport.close()
    assert len(server.received) == 2
    assert len(set(server.keys)) == 1


def test_a_read_is_repeated_and_has_no_key() -> None:
    with misbehaving(DROP, DROP, says({"healthy": True})) as server:
        transport = connected(server)
        assert document(transport.get("health")) == {"healthy": True}
        transport.close()
    assert server.keys == [None, None, None]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422, 500, 502, 504])
def test_what_would_not_be_different_the_next_time_is_not_repeated(status: int) -> None:
    with misbehaving(refuses(status, "anything", "no")) as server:
        transport = connected(server)
        with pytest.raises(errors.PaymentSimulatorError):
            transport.send("POST", "simulations")
        transport.close()
    assert len(server.received) == 1


def test_the_last_refusal_is_told_when_patience_ends() -> None:
    with misbehaving(LATER) as server:
        transport = connected(server, times=2)
        with pytest.raises(errors.StoreUnavailableError, match=r"^the database is away$"):
            transport.send("POST", "tick")
        transport.close()
    assert len(server.received) == 3


def test_retry_after_is_honoured() -> None:
    with misbehaving(refuses(503, "store_unavailable", "wait", Retry_After="1"), says({})) as server:
        transport = connected(server)
        begin = time.monotonic()
        transport.send("POST", "tick")
        assert time.monotonic() - begin >= 1.0
        transport.close()


def test_a_wait_beyond_the_time_is_not_begun() -> None:
    with misbehaving(refuses(503, "store_unavailable", "away", Retry_After="3600")) as server:
        transport = connected(server)
        begin = time.monotonic()
        with pytest.raises(errors.StoreUnavailableError):
            transport.send("POST", "simulations")
        assert time.monotonic() - begin < 10.0
        transport.close()
    assert len(server.received) == 1


def test_retry_after_may_be_a_date_or_nonsense() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert 30 < retry_after_seconds(soon) <= 90
    assert retry_after_seconds("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert retry_after_seconds("when it is ready") == 0
    assert retry_after_seconds(None) == 0


def test_nobody_there_is_an_error_of_ours() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    transport = Transport(Address.parse(url), TOKEN, RetryLimits(1, 20.0), 10.0)
    with pytest.raises(
        errors.ServiceUnreachableError, match=f"{url} cannot be reached: .*tried 2 times"
    ) as caught:
        transport.get("health")
    assert isinstance(caught.value, ConnectionError)
    transport.close()


def test_no_answer_in_time_is_an_error_of_ours() -> None:
    with misbehaving(HANG) as server:
        transport = connected(server, times=0, timeout=0.2)
        with pytest.raises(errors.ServiceUnreachableError, match="tried once"):
            transport.get("health")
        transport.close()


def test_a_broken_download_is_begun_again() -> None:
    with misbehaving(CUT, DROP, Answer(body=b"whole")) as server:
        transport = connected(server)
        file = io.BytesIO(b"before ")
        file.seek(0, io.SEEK_END)
        transport.download(file, "results", "events")
        assert file.getvalue() == b"before whole"
        transport.close()
    assert len(server.received) == 3


def test_a_refused_download_is_an_error_of_ours() -> None:
    with misbehaving(refuses(404, "simulation_unknown", "there is no simulation 'x'")) as server:
        transport = connected(server)
        with pytest.raises(errors.UnknownSimulationError, match=r"^there is no simulation 'x'$"):
            transport.download(io.BytesIO(), "results", "events")
        transport.close()


def catalogue() -> list[type[errors.PaymentSimulatorError]]:
    known = [value for value in vars(errors).values() if isinstance(value, type)]
    return [one for one in known if issubclass(one, errors.PaymentSimulatorError)]


@pytest.mark.parametrize("kind", catalogue(), ids=lambda kind: kind.__name__)
def test_each_code_becomes_its_class_again(kind: type[errors.PaymentSimulatorError]) -> None:
    with misbehaving(refuses(400, kind.code, "what was wrong, and what would be right")) as server:
        transport = connected(server)
        with pytest.raises(errors.PaymentSimulatorError) as caught:
            transport.get("simulations")
        transport.close()
    assert type(caught.value) is kind
    assert str(caught.value) == "what was wrong, and what would be right"


def test_problems_are_told_that_the_detail_leaves_out() -> None:
    problems = [
        {"field": "seed", "message": "must be positive"},
        {"field": "agents", "message": "are missing"},
    ]
    answer = says({"code": "config_invalid", "detail": "agents: are missing", "problems": problems}, 422)
    with misbehaving(answer) as server:
        transport = connected(server)
        with pytest.raises(errors.ConfigError) as caught:
            transport.send("POST", "simulations")
        transport.close()
    assert str(caught.value) == "agents: are missing\n  seed: must be positive"


def test_a_code_of_a_later_version_is_a_general_error() -> None:
    with misbehaving(refuses(418, "teapot", "short and stout")) as server:
        transport = connected(server)
        with pytest.raises(ServiceError, match=r"^short and stout$") as caught:
            transport.get("tea")
        transport.close()
    assert (caught.value.code, caught.value.service_code, caught.value.status) == (
        "service_error",
        "teapot",
        418,
    )


@pytest.mark.parametrize(
    "answer",
    [
        Answer(502, b"<html>Bad Gateway</html>"),
        Answer(404, b'["not", "ours"]'),
        Answer(307, b"", {"Location": "/elsewhere"}),
        Answer(500, b'{"detail": "no code"}'),
    ],
)
def test_an_answer_of_somebody_else_is_a_general_error(answer: Answer) -> None:
    with misbehaving(answer) as server:
        transport = connected(server)
        with pytest.raises(
            ServiceError, match=f"{server.url}/simulations answered {answer.status} "
        ) as caught:
            transport.get("simulations")
        transport.close()
    assert caught.value.service_code is None


def test_a_page_is_not_taken_for_an_answer() -> None:
    with misbehaving(Answer(200, b"<html>Welcome</html>")) as server:
        transport = connected(server)
        with pytest.raises(ServiceError, match="is this the address of a payment-sim service"):
            document(transport.get("health"))
        transport.close()


def test_the_token_is_shown_to_the_service_and_to_nobody_else() -> None:
    with misbehaving(
        says({}), refuses(401, "not_authenticated", "the key is unknown or revoked"), DROP
    ) as server:
        transport = connected(server, token=TOKEN, times=1)
        transport.get("simulations")
        shown = [repr(transport), repr(vars(transport))]
        for _ in range(2):
            with pytest.raises(errors.PaymentSimulatorError) as caught:
                transport.get("simulations")
            error: BaseException | None = caught.value
            while error is not None:
                shown += [str(error), repr(error), repr(error.args)]
                error = error.__cause__ or error.__context__
        transport.close()
    assert server.received[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in "".join(shown)


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "schlüssel"])
def test_what_is_no_token_is_refused_without_repeating_it(token: str) -> None:
    with pytest.raises(errors.RequestError, match="token") as caught:
        Transport(Address.parse("http://127.0.0.1:1"), token, RetryLimits(0, 0), 1.0)
    assert not token or token not in str(caught.value)
    assert caught.value.__context__ is None


def test_limits_are_from_0() -> None:
    with pytest.raises(ValueError, match="must be from 0"):
        RetryLimits(-1, 5.0)


def test_too_many_simulations_is_said_at_once() -> None:
    """Somebody must delete one: waiting alone does not help."""
    with misbehaving(refuses(429, "too_many_simulations", "delete one first"), says({})) as server:
        transport = connected(server)
        with pytest.raises(errors.TooManySimulationsError, match="delete one first"):
            transport.send("POST", "simulations")
        transport.close()
    assert len(server.received) == 1
