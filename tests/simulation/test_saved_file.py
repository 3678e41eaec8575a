from __future__ import annotations

import hashlib
import json
import struct
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payment_simulator import Simulation
from payment_simulator.errors import ConfigError, SnapshotError
from payment_simulator.results import reproducible
from payment_simulator.simulation.saved_file import read_saved
from tests.simulation.cases import TWO_BANKS, busy, day_of_payments

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from payment_simulator import SimulationConfig

START = struct.Struct("<11sI32sQ")


@pytest.mark.parametrize("ticks", [0, 1, 17, 39, 40])
def test_going_on_after_loading_is_never_having_stopped(tmp_path: Path, ticks: int) -> None:
    simulation = Simulation(busy())
    simulation.run(ticks)
    simulation.save(tmp_path / "saved")
    loaded = Simulation.load(tmp_path / "saved")
    assert loaded.config == simulation.config
    there, here = loaded.run(), simulation.run()
    assert loaded.state_hash == simulation.state_hash
    assert there.events.equals(here.events)
    assert reproducible(there.summary) == reproducible(here.summary)


def test_a_saved_simulation_needs_no_payments_file(tmp_path: Path) -> None:
    simulation = Simulation(day_of_payments(tmp_path))
    simulation.save(tmp_path / "saved")
    expected = simulation.run()
    (tmp_path / "payments.csv").unlink()
    result = Simulation.load(tmp_path / "saved").run()
    assert result.transactions.equals(expected.transactions)
    assert result.manifest["payments_digest"] == expected.manifest["payments_digest"] is not None


def test_what_was_streamed_is_found_again(tmp_path: Path) -> None:
    simulation = Simulation(day_of_payments(tmp_path))
    simulation.run(20, output_dir=tmp_path / "run")
    simulation.save(tmp_path / "saved")
    loaded = Simulation.load(tmp_path / "saved")
    assert loaded.transaction("BANK_A:s1") == simulation.transaction("BANK_A:s1")
    assert reproducible(loaded.run().summary) == reproducible(simulation.run().summary)


def test_submissions_are_counted_on(tmp_path: Path) -> None:
    simulation = Simulation(TWO_BANKS)
    simulation.submit("BANK_A", "BANK_B", 1)
    simulation.tick()
    simulation.submit("BANK_A", "BANK_B", 1)
    simulation.save(tmp_path / "saved")
    loaded = Simulation.load(tmp_path / "saved")
    assert loaded.result().summary["metrics"]["total_submissions"] == 1
    assert loaded.run().summary["metrics"]["total_submissions"] == 2


def test_saving_replaces_a_file_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "saved"
    simulation = Simulation(TWO_BANKS)
    simulation.save(file)
    before = file.read_bytes()

    def fail(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("os.fsync", fail)
    simulation.run()
    with pytest.raises(OSError, match="Input/output"):
        simulation.save(file)
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["saved"]


def test_other_files_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "saved"
    with pytest.raises(FileNotFoundError):
        Simulation.load(file)
    file.write_text("simulation:\n")
    with pytest.raises(SnapshotError, match="not a saved simulation"):
        Simulation.load(file)
    Simulation(TWO_BANKS).save(file)
    data = bytearray(file.read_bytes())
    data[11] += 1
    file.write_bytes(data)
    with pytest.raises(SnapshotError, match="format version 2"):
        Simulation.load(file)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    simulation = Simulation(busy())
    simulation.run(5)
    path = tmp_path_factory.mktemp("saved") / "saved"
    simulation.save(path)
    return path


@given(data=st.data())
def test_damage_is_always_noticed(saved: Path, data: st.DataObject) -> None:
    content = bytearray(saved.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content[place] ^= data.draw(st.integers(1, 255))
    else:
        del content[place:]
    damaged = saved.with_name("damaged")
    damaged.write_bytes(content)
    with pytest.raises(SnapshotError):
        Simulation.load(damaged)


def test_bytes_are_what_a_file_holds(saved: Path) -> None:
    data = saved.read_bytes()
    assert Simulation.load(saved).to_bytes() == data
    for given_as in (data, bytearray(data), memoryview(data)):
        assert Simulation.from_bytes(given_as).state_hash == Simulation.load(saved).state_hash


def test_bytes_do_not_carry_a_directory(tmp_path: Path) -> None:
    simulation = Simulation(busy())
    simulation.run(20, output_dir=tmp_path / "run")
    with pytest.raises(SnapshotError, match="save it into a file instead"):
        simulation.to_bytes()
    simulation.save(tmp_path / "saved")
    assert read_saved(tmp_path / "saved")[0].streamed == str(tmp_path / "run")
    with pytest.raises(SnapshotError, match="lies in a directory, which bytes do not carry"):
        Simulation.from_bytes((tmp_path / "saved").read_bytes())


def test_a_configuration_can_be_refused_before_room_is_made_for_it(saved: Path) -> None:
    def at_most_five_agents(config: SimulationConfig) -> None:
        if len(config.agents) > 5:
            message = f"{len(config.agents)} agents are too many"
            raise ConfigError(message)

    with pytest.raises(ConfigError, match="6 agents are too many"):
        Simulation.from_bytes(saved.read_bytes(), check=at_most_five_agents)
    Simulation.from_bytes(saved.read_bytes(), check=lambda config: config.agents)


def forged(data: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """Return a saved simulation with another header, under a checksum that agrees."""
    *_, length = START.unpack_from(data)
    header = json.loads(data[START.size : START.size + length])
    change(header)
    return dressed(json.dumps(header).encode(), data[START.size + length :])


def dressed(header: bytes, engine: bytes, length: int | None = None) -> bytes:
    length = len(header) if length is None else length
    rest = struct.pack("<Q", length) + header + engine
    return START.pack(b"PAYSIMRUN\r\n", 1, hashlib.sha256(rest).digest(), length) + header + engine


def engine_of(data: bytes) -> bytes:
    return data[START.size + START.unpack_from(data)[3] :]


def put(key: str, value: object) -> Callable[[dict[str, Any]], object]:
    return lambda header: header.update({key: value})


def put_config(*path: str | int, value: object) -> Callable[[dict[str, Any]], object]:
    def change(header: dict[str, Any]) -> None:
        place = header["config"]
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return change


FORGERIES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "another key": (put("callback", "x"), "callback: Extra inputs"),
    "a config that is a list": (put("config", []), "config: Input should be an object"),
    "an empty config": (put("config", {}), "configuration is not right: simulation"),
    "a config that is wrong": (put_config("agents", 0, "opening_balance", value="much"), "opening_balance"),
    "fewer agents": (lambda header: header["config"]["agents"].pop(), "configuration"),
    "another length": (put_config("simulation", "num_days", value=3), "not the one that it came with"),
    "another agent": (put_config("agents", 0, "credit_limit", value=7), "not the one that it came with"),
    "another level": (put_config("output", value={"events": "summary"}), "not the one that it came with"),
    "a file of another type": (put("config_file", 3), "config_file"),
    "a digest that is none": (put("payments_digest", "00"), "payments_digest"),
    "too few submissions": (put("submissions", [0, 0]), "submissions"),
    "a negative submission": (put("submissions", [0, 0, -1]), "submissions.2"),
    "submissions without end": (put("submissions", [10**40, 0, 0]), "submissions.0"),
    "a submission in the future": (put("submissions", [0, 6, 1]), "tick 6, of the last submission"),
    "a directory": (put("streamed", "/etc"), "lies in a directory"),
    "a directory that is none": (put("streamed", ""), "streamed"),
    "a directory with a null": (put("streamed", "/etc\0"), "streamed"),
    "time that is text": (put("seconds", "1"), "seconds"),
    "negative time": (put("seconds", -1.0), "seconds"),
    "time that is no number": (put("seconds", float("nan")), "seconds"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_header_is_refused(saved: Path, forgery: str) -> None:
    change, message = FORGERIES[forgery]
    with pytest.raises(SnapshotError, match=message):
        Simulation.from_bytes(forged(saved.read_bytes(), change))


@pytest.mark.parametrize(
    "key", ["config", "config_file", "payments_digest", "submissions", "streamed", "seconds"]
)
def test_a_header_must_be_whole(saved: Path, key: str) -> None:
    with pytest.raises(SnapshotError, match=f"its header is not right: {key}: Field required"):
        Simulation.from_bytes(forged(saved.read_bytes(), lambda header: header.pop(key)))


@pytest.mark.parametrize(
    "header",
    [b"", b"{", b"null", b"[]", b"\xff\xfe", b'"\\ud800"', b"[" * 100_000, b'{"config":' * 50_000, b"1e999"],
)
def test_what_is_no_header_is_refused(saved: Path, header: bytes) -> None:
    with pytest.raises(SnapshotError, match="its header is not right"):
        Simulation.from_bytes(dressed(header, engine_of(saved.read_bytes())))


@pytest.mark.parametrize("length", [1 << 20, (1 << 63) - 1, (1 << 64) - 1])
def test_a_header_beyond_the_end_is_refused(saved: Path, length: int) -> None:
    with pytest.raises(SnapshotError, match=f"its header is to have {length} bytes"):
        Simulation.from_bytes(dressed(b"{}", b"", length))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=5), values, max_size=3),
    max_leaves=6,
)


@settings(deadline=None)
@given(data=st.data())
def test_any_value_anywhere_in_a_header_is_refused_or_means_what_it_says(
    saved: Path, data: st.DataObject
) -> None:
    def change(header: dict[str, Any]) -> None:
        place: Any = header
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = data.draw(st.sampled_from(keys))
            if not (isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans())):
                break
            place = place[key]
        if isinstance(place, dict) and data.draw(st.booleans()):
            del place[key]
        else:
            place[key] = data.draw(JSON)

    content = forged(saved.read_bytes(), change)
    try:
        simulation = Simulation.from_bytes(content)
    except SnapshotError:
        return
    simulation.run(3)
    assert Simulation.from_bytes(simulation.to_bytes()).state_hash == simulation.state_hash
    assert simulation.result().summary["simulation"]["ticks_executed"] == 8


@settings(deadline=None)
@given(length=st.integers(0, 5_000), header=st.binary(max_size=80))
def test_any_bytes_as_a_header_are_refused(saved: Path, length: int, header: bytes) -> None:
    with pytest.raises(SnapshotError):
        Simulation.from_bytes(dressed(header, engine_of(saved.read_bytes()), length))
    with pytest.raises(SnapshotError):
        Simulation.from_bytes(header)
