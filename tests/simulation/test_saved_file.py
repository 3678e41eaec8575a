from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payment_simulator import Simulation
from payment_simulator.errors import SnapshotError
from payment_simulator.results import reproducible
from tests.simulation.cases import TWO_BANKS, busy, day_of_payments

if TYPE_CHECKING:
    from pathlib import Path


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
