"""The service as a process: where it listens, what it refuses, how it stops, what it logs."""

from __future__ import annotations

import signal
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from payment_simulator.api.server import _listen, _serve_alone, _Server, serve
from payment_simulator.api.settings import Settings
from payment_simulator.errors import NotAllowedError, RequestError, StoreUnavailableError
from payment_simulator.sessions import Role, Sessions
from tests.api.configs import busy_banks, two_banks
from tests.api.running import RunningService

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "a-token-that-is-long-enough"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "sim.example.org"])
def test_a_public_address_without_a_key_is_refused(tmp_path: Path, host: str) -> None:
    with pytest.raises(NotAllowedError, match="give a --token, make a key, or listen on 127"):
        serve(Settings(data=tmp_path), host=host, port=0)


def test_a_public_address_with_a_token_or_a_key(tmp_path: Path) -> None:
    with RunningService(tmp_path / "a", PAYMENT_SIM_HOST="0.0.0.0", PAYMENT_SIM_TOKEN=TOKEN) as service:
        assert service.url.startswith("http://0.0.0.0:")
        assert service.http.get("/simulations").status_code == 401
    settings = Settings(data=tmp_path / "b")
    sessions = Sessions.open(settings.open_url())
    key, _ = sessions.keys.create("somebody", Role.READ)
    sessions.close()
    with RunningService(tmp_path / "b", PAYMENT_SIM_HOST="0.0.0.0") as service:
        assert service.http.get("/simulations").status_code == 401
        assert service.http.get("/simulations", headers={"Authorization": f"Bearer {key}"}).status_code == 200


def test_workers_need_postgresql(tmp_path: Path) -> None:
    with pytest.raises(NotAllowedError, match="2 workers need PostgreSQL"):
        serve(Settings(data=tmp_path), port=0, workers=2)


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StoreUnavailableError, match=f"port {port} of 127.0.0.1 cannot be used"):
            serve(Settings(data=tmp_path), port=port)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody else can have bound it")
def test_a_port_that_is_taken_while_it_starts(tmp_path: Path) -> None:
    """As when two start at once: both can have the port until one of them listens."""
    with _listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with _listen("127.0.0.1", port) as second:
            first.listen()
            with pytest.raises(StoreUnavailableError, match=f"port {port} of 127.0.0.1 cannot be used: Addr"):
                _serve_alone(Settings(data=tmp_path), second)


def test_it_ends_when_it_is_told_to_while_it_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The server listens to signals a moment later; one that came before was lost."""
    run = _Server.run

    def run_a_moment_later(server: _Server, sockets: list[socket.socket]) -> None:
        signal.raise_signal(signal.SIGTERM)
        assert server.should_exit, "it would serve for ever"
        run(server, sockets)

    monkeypatch.setattr(_Server, "run", run_a_moment_later)
    before = signal.getsignal(signal.SIGTERM)
    with _listen("127.0.0.1", 0) as listener:
        _serve_alone(Settings(data=tmp_path), listener)
    assert signal.getsignal(signal.SIGTERM) is before
    assert "Listening" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(StoreUnavailableError, match="data folder"):
        serve(Settings(data=file / "data"), port=0)


def test_a_database_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no database URL"):
        serve(Settings.model_validate({"database_url": "mysql://host/name"}), port=0)


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    service = RunningService(tmp_path / "data").start()
    url = service.create(busy_banks())
    service.http.post(f"{url}/tick?count=20")
    before = service.http.get(f"{url}/state").json()
    assert service.stop() == 0
    with service:
        assert service.http.get(f"{url}/state").json() == before


def test_requests_under_way_are_answered_before_it_stops(tmp_path: Path) -> None:
    service = RunningService(tmp_path / "data").start()
    url = service.create(busy_banks(ticks=1000, rate=300.0, count=20))
    found: list[int] = []
    asking = threading.Thread(
        target=lambda: found.append(service.http.post(f"{url}/tick?count=200").status_code)
    )
    asking.start()
    # Listed is where it goes as soon as that is in the journal; a look would wait until it is there.
    while service.http.get("/simulations").json()["simulations"][0]["current_tick"] != 200:
        time.sleep(0.01)
    service.process.terminate()
    asking.join(timeout=60)
    assert found == [200]
    assert service.ended() == 0
    with service:
        assert service.http.get(f"{url}/state").json()["current_tick"] == 200


def test_logs_are_lines_of_json_with_the_request_id(tmp_path: Path) -> None:
    with RunningService(tmp_path / "data") as service:
        url = service.create(two_banks())
        answer = service.http.get(f"{url}/state?tick=0", headers={"X-Request-ID": "mine"})
        assert answer.headers["X-Request-ID"] == "mine"
    logged = next(line for line in service.log() if line.get("request_id") == "mine")
    assert logged.pop("milliseconds") > 0
    assert logged.pop("time").endswith("+00:00")
    assert logged == {
        "level": "info",
        "logger": "payment_simulator.api",
        "message": "request",
        "request_id": "mine",
        "method": "GET",
        "route": "/simulations/{simulation_id}/state",
        "path": f"{url}/state",
        "client": "127.0.0.1",
        "status": 200,
        "key": None,
    }
    others = [line for line in service.lines if not line.startswith("{")]
    assert others == [f"Listening on {service.url}"]


def test_the_log_can_be_turned_off(tmp_path: Path) -> None:
    with RunningService(tmp_path / "data", PAYMENT_SIM_LOG_REQUESTS="false") as service:
        service.http.get("/simulations")
    assert service.log() == []
