"""A store that fails: calls say so, nothing changes, and all goes on when it is back, without a restart."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.service.calls import Calls
from tests.service.commands import Command, Submit, SubmitBatch, Tick
from tests.service.configs import quiet
from tests.service.crowd import crowd
from tests.service.places import SizeLimit, SmallDisk
from tests.service.postgres import NOT_INSTALLED, PostgreSQL, find_binaries
from tests.service.process import Service
from tests.service.stores import Store
from tests.service.storm import Storm, Victim, Weather
from tests.service.twin import Twin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.service.calls import Answer

ROWS = tuple(Submit("BANK_A", "BANK_B", 100 + row) for row in range(50))
WITHIN = 30.0
STRIKES = 8


class Fillable(Protocol):
    """A place that can be full."""

    def fill(self) -> None: ...
    def empty(self) -> None: ...


class PostgresDisk:
    """The disk of a PostgreSQL, which ends when it cannot even write its log, and is started again."""

    def __init__(self, server: PostgreSQL, disk: SmallDisk) -> None:
        self._server = server
        self._disk = disk

    def fill(self) -> None:
        self._disk.fill()

    def empty(self) -> None:
        self._disk.empty()
        self._server.revive()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A disk that can be filled."""
    if not SmallDisk.possible(tmp_path):
        pytest.skip("only root may mount a small disk; the test with a file size limit stands in for it")
    disk = SmallDisk(tmp_path / "disk", megabytes=8)
    yield disk
    disk.unmount()


@pytest.fixture
def postgres_on_small_disk() -> Iterator[tuple[PostgreSQL, SmallDisk]]:
    """A PostgreSQL of its own whose disk can be filled."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip(NOT_INSTALLED)
    folder = Path(tempfile.mkdtemp(prefix="payment-sim-disk-"))
    folder.chmod(0o711)  # PostgreSQL is another user
    if not SmallDisk.possible(folder):
        folder.rmdir()
        pytest.skip("only root may mount a small disk")
    disk = SmallDisk(folder / "disk", megabytes=160)
    server = PostgreSQL(binaries, disk.folder)
    try:
        server.start()
        yield server, disk
    finally:
        server.remove()
        disk.unmount()
        shutil.rmtree(folder)


@pytest.fixture(params=["full disk", "file size limit", "full disk of PostgreSQL"])
def full_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Service, Fillable]]:
    """A running service whose store cannot grow when told so."""
    if request.param == "full disk of PostgreSQL":
        server, its_disk = request.getfixturevalue("postgres_on_small_disk")
        with Store("PostgreSQL", tmp_path, server.new_database()).service() as service:
            yield service, PostgresDisk(server, its_disk)
    elif request.param == "full disk":
        disk: SmallDisk = request.getfixturevalue("small_disk")
        with Service(tmp_path, "--data", str(disk.folder)) as service:
            yield service, disk
    else:
        with Service(tmp_path, "--data", str(tmp_path)) as service:
            yield service, SizeLimit(service.pid)


def calls_that_change(calls: Calls, twin: Twin, keys: list[str]) -> Iterator[Answer]:
    """Each kind of call that changes something, always with the same keys."""
    path = f"/simulations/{twin.simulation_id}"
    row = {"sender": "BANK_A", "receiver": "BANK_B", "amount": 7}
    yield calls.answer("POST", f"{path}/transactions", json=row, key=keys[0])
    yield calls.answer("POST", f"{path}/transactions/batch", json={"transactions": [row] * 50}, key=keys[1])
    yield calls.answer("POST", f"{path}/tick", params={"count": 3}, key=keys[2])
    yield calls.answer("POST", f"{path}/run", params={"until": 500}, key=keys[3])
    yield calls.answer("POST", f"{path}/rewind", json={"tick": 0}, key=keys[4])
    yield calls.answer("POST", f"{path}/clone", key=keys[5])
    yield calls.answer("POST", "/simulations", json=quiet(), key=keys[6])
    yield calls.answer("DELETE", path, key=keys[7])


def assert_unavailable(answer: Answer) -> None:
    assert answer.status == 503, answer
    assert answer.body["code"] == "store_unavailable"
    assert len(answer.body["detail"].split()) > 3, "a reason is a sentence"


def assert_same_or_unavailable(calls: Calls, twin: Twin) -> None:
    """Looking needs no room, but opening a database anew may."""
    answer = calls.answer("GET", f"/simulations/{twin.simulation_id}/state")
    if answer.status == 200:
        twin.compare(calls)
    else:
        assert_unavailable(answer)


def prepared(calls: Calls) -> Twin:
    """A simulation in the midst of its run."""
    config = quiet()
    twin = Twin.of_config(calls.create(config), config)
    for command in (Submit("BANK_A", "BANK_B", 30_000), SubmitBatch(ROWS), Tick(5)):
        assert command.send(calls, twin.simulation_id, None).status_code == 200
        twin.apply(command)
    twin.compare(calls)
    return twin


def go_on(calls: Calls, twin: Twin, keys: list[str]) -> None:
    """What failed has not happened; with the keys that it had it is done now, once."""
    twin.compare(calls)
    submit = Submit("BANK_A", "BANK_B", 7)
    commands: list[Command] = [submit, SubmitBatch((submit,) * 50), Tick(3)]
    for key, command in zip(keys, commands, strict=False):
        foreseen = twin.apply(command)
        for _ in range(2):
            response = command.send(calls, twin.simulation_id, key)
            assert response.status_code == 200, response.text
            assert foreseen.body.items() <= response.json().items()
    twin.compare(calls)


def keep_busy(service: Service, victim: Victim, seed: int) -> None:
    """Let clients work while their service's store fails now and then."""
    weather = Weather(service.url)
    storm = Storm(weather, random.Random(seed))
    with crowd(weather, seed) as clients:
        while weather.kills < STRIKES and not weather.over.is_set():
            storm.strike(victim)
            service.wait_until_ready()
            weather.calm.set()
            clients.verify()


def test_a_full_disk(full_place: tuple[Service, Fillable]) -> None:
    service, place = full_place
    keys = [str(uuid.uuid4()) for _ in range(8)]
    with Calls(service.url) as calls:
        twin, other_id = prepared(calls), calls.create(quiet(2))
        place.fill()
        _use_up_what_room_the_database_has(calls, other_id)
        for answer in calls_that_change(calls, twin, keys):
            assert_unavailable(answer)
        assert_same_or_unavailable(calls, twin)
        assert calls.done("GET", "/health")["status"] == "healthy"
        place.empty()
        go_on(calls, twin, keys)
        service.kill()
        service.start()
        twin.compare(calls)


def _use_up_what_room_the_database_has(calls: Calls, other_id: str) -> None:
    """Submit to another simulation until nothing fits any more: a database has room within its files."""
    failed = 0
    commands: list[Command] = [*[SubmitBatch(ROWS)] * 500, *[ROWS[0]] * 500]
    for command in commands:
        failed = failed + 1 if command.send(calls, other_id, None).status_code == 503 else 0
        if failed > 5 and isinstance(command, Submit):
            return
    pytest.fail("nothing fails, although nothing can be written")


def test_a_full_disk_in_the_midst_of_everything(full_place: tuple[Service, Fillable]) -> None:
    """Clients whose calls fail now and then lose nothing."""
    service, place = full_place

    class Filling:
        """Full for a while, then empty again."""

        def kill(self) -> None:
            place.fill()

        def launch(self) -> None:
            place.empty()

        def start(self) -> None:
            time.sleep(0.3)
            place.empty()

    keep_busy(service, Filling(), seed=3)


def test_a_read_only_folder(small_disk: SmallDisk, tmp_path: Path) -> None:
    """It does not start, and says why; when the folder is writable again all is there."""
    service = Service(tmp_path, "--data", str(small_disk.folder))
    with service, Calls(service.url) as calls:
        twin = prepared(calls)
    small_disk.set_read_only(True)
    with pytest.raises(RuntimeError) as failure, service:
        pass
    said = str(failure.value)
    assert str(small_disk.folder) in said
    assert any(reason in said.lower() for reason in ("read-only", "readonly", "not writable", "be written"))
    assert "Traceback" not in said
    small_disk.set_read_only(False)
    with service, Calls(service.url) as calls:
        twin.compare(calls)


def test_a_database_that_goes_away(postgres: PostgreSQL, tmp_path: Path) -> None:
    store = Store("PostgreSQL", tmp_path, postgres.new_database())
    keys = [str(uuid.uuid4()) for _ in range(8)]
    with store.service() as service, Calls(service.url) as calls:
        twin = prepared(calls)
        postgres.stop()
        begun = time.monotonic()
        for answer in calls_that_change(calls, twin, keys):
            assert_unavailable(answer)
        assert_unavailable(calls.answer("GET", f"/simulations/{twin.simulation_id}/state"))
        assert time.monotonic() - begun < WITHIN, "it takes too long to say so"
        health = calls.done("GET", "/health")
        assert (health["status"], health["store"]) == ("healthy", "unavailable")
        postgres.start()
        go_on(calls, twin, keys)
        assert calls.done("GET", "/health")["store"] == "ok"
        service.kill()
        service.start()
        twin.compare(calls)


def test_a_database_that_comes_and_goes(postgres: PostgreSQL, tmp_path: Path) -> None:
    """A commit of which nobody knows whether it happened is done once when it is retried."""
    store = Store("PostgreSQL", tmp_path, postgres.new_database())
    with store.service() as service:
        keep_busy(service, postgres, seed=4)


def test_a_service_without_its_database_does_not_start(postgres: PostgreSQL, tmp_path: Path) -> None:
    store = Store("PostgreSQL", tmp_path, postgres.new_database())
    postgres.stop()
    with pytest.raises(RuntimeError) as failure, store.service():
        pass
    said = str(failure.value)
    assert str(postgres.port) in said
    assert "Traceback" not in said
    assert postgres.password not in said
