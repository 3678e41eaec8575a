"""Creating, finding, listing and loading simulations on a real service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from payment_simulator import Simulation, SimulationConfig, errors
from payment_simulator.client import Client
from tests.client.misbehaving import misbehaving, refuses, says
from tests.simulation.cases import TWO_BANKS, busy, day_of_payments

if TYPE_CHECKING:
    from pathlib import Path

    from tests.service.process import Service

SCENARIO = "scenarios/payments_day/config.yaml"


def test_the_service_says_how_it_is(client: Client) -> None:
    health = client.health()
    assert (health["status"], health["store"]) == ("healthy", "ok")
    assert health["active_simulations"] >= 0


def test_a_simulation_is_made_of_an_object_a_dict_or_a_path(client: Client, tmp_path: Path) -> None:
    config = SimulationConfig.from_dict(busy())
    path = tmp_path / "config.yaml"
    path.write_text(config.to_yaml(), encoding="utf-8")
    for given in (config, busy(), path, str(path)):
        simulation = client.simulation(given)
        assert simulation.config == config
        assert simulation.state_hash == Simulation(config).state_hash
    seeded = client.simulation(path, seed=2**64 - 1)
    assert seeded.config.seed == 2**64 - 1
    assert seeded.ticks(5) == Simulation(path, seed=2**64 - 1).ticks(5)


def test_the_service_has_the_same_configuration(client: Client) -> None:
    simulation = client.simulation(busy())
    found = client.open(simulation.simulation_id)
    assert found.config == simulation.config
    assert found.config.digest() == simulation.config.digest()


def test_what_is_wrong_with_a_configuration_is_told_as_here(client: Client, tmp_path: Path) -> None:
    before = len(client.simulations())
    with pytest.raises(ValidationError):
        client.simulation({"simulation": {}})
    with pytest.raises(ValidationError):
        client.simulation(TWO_BANKS, seed=-1)
    with pytest.raises(errors.ConfigNotFoundError):
        client.simulation(tmp_path / "nothing.yaml")
    assert len(client.simulations()) == before


def test_a_payments_file_is_read_here_and_scheduled_there(client: Client) -> None:
    here, there = Simulation(SCENARIO), client.simulation(SCENARIO)
    assert there.state_hash == here.state_hash
    assert there.config == here.config
    ran, ran_there = here.run(), there.run()
    assert there.state_hash == here.state_hash
    assert ran_there.transactions.equals(ran.transactions)
    assert without_speed(ran_there.manifest) == without_speed(ran.manifest)
    assert ran_there.summary["simulation"]["config_file"] == SCENARIO


def without_speed(manifest: Any) -> dict[str, Any]:  # noqa: ANN401
    return {name: value for name, value in manifest.items() if name != "performance"}


def test_many_payments_take_several_calls(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payment_simulator.client.payments._ROWS_PER_CALL", 2_048)
    config = day_of_payments(tmp_path, rows=5_000)
    here, there = Simulation(config), client.simulation(config)
    assert there.run().transactions.equals(here.run().transactions)
    assert there.state_hash == here.state_hash


def test_the_beginning_has_its_payments_again(client: Client, tmp_path: Path) -> None:
    config = day_of_payments(tmp_path)
    here, there = Simulation(config), client.simulation(config)
    there.ticks(20)
    there.rewind(0)
    assert there.state_hash == here.state_hash
    there.ticks(10)
    (tmp_path / "payments.csv").write_text("sender,receiver,amount,submit_tick\nBANK_A,BANK_B,1,0\n")
    with pytest.raises(errors.TransactionsFileError, match=r"payments\.csv has changed"):
        there.rewind(0)
    assert there.current_tick == 10
    there.rewind(5)
    assert there.current_tick == 5


def test_a_bad_payments_file_leaves_no_simulation(client: Client, tmp_path: Path) -> None:
    config = day_of_payments(tmp_path, rows=50)
    (tmp_path / "payments.csv").write_text("sender,receiver,amount,submit_tick\nBANK_A,BANK_X,1,0\n")
    before = len(client.simulations())
    with pytest.raises(errors.TransactionsFileError) as there:
        client.simulation(config)
    with pytest.raises(errors.TransactionsFileError) as here:
        Simulation(config).tick()
    assert str(there.value) == str(here.value)
    assert len(client.simulations()) == before


def test_payments_that_do_not_arrive_leave_no_simulation(tmp_path: Path) -> None:
    config = day_of_payments(tmp_path, rows=50)
    refused = refuses(422, "limit_exceeded", "a batch may have at most 10 transactions")
    answers = (says({"simulation_id": "one"}), refused, says({"message": "deleted"}))
    with (
        misbehaving(*answers) as server,
        Client(server.url) as there,
        pytest.raises(errors.LimitExceededError, match="at most 10"),
    ):
        there.simulation(config)
    asked = [(request.method, request.path) for request in server.received]
    assert asked == [
        ("POST", "/simulations"),
        ("POST", "/simulations/one/transactions/batch"),
        ("DELETE", "/simulations/one"),
    ]
    assert b"payments.csv" not in server.received[0].body


def test_simulations_are_listed(client: Client) -> None:
    first, second = client.simulation(busy()), client.simulation(TWO_BANKS)
    first.ticks(25)
    entries = {entry.simulation_id: entry for entry in client.simulations()}
    entry = entries[first.simulation_id]
    assert (entry.current_tick, entry.current_day, entry.num_ticks) == (25, 1, 40)
    assert abs(datetime.now(UTC) - entry.created_at) < timedelta(minutes=5)
    assert entries[second.simulation_id].num_ticks == 10
    first.delete()
    assert first.simulation_id not in {entry.simulation_id for entry in client.simulations()}


def test_a_simulation_that_is_not_there_is_unknown(client: Client) -> None:
    with pytest.raises(errors.UnknownSimulationError, match="nowhere"):
        client.open("nowhere")
    simulation = client.simulation(TWO_BANKS)
    simulation.delete()
    with pytest.raises(errors.UnknownSimulationError):
        simulation.tick()
    with pytest.raises(errors.UnknownSimulationError):
        simulation.delete()


def test_what_is_saved_here_is_loaded_there_and_back(client: Client, tmp_path: Path) -> None:
    here = Simulation(busy())
    here.run(15)
    here.save(tmp_path / "here.state")
    there = client.load(tmp_path / "here.state")
    assert there.state_hash == here.state_hash
    there.run(10)
    there.save(tmp_path / "there.state")
    back = Simulation.load(tmp_path / "there.state")
    here.run(10)
    assert back.state_hash == here.state_hash
    assert client.from_bytes(there.to_bytes()).state_hash == here.state_hash


def test_a_file_that_is_no_saved_simulation_is_refused(client: Client, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"something else")
    with pytest.raises(errors.SnapshotError):
        client.load(tmp_path / "other")
    with pytest.raises(FileNotFoundError):
        client.load(tmp_path / "nothing")


def test_without_the_key_nothing_is_possible(service: Service) -> None:
    with Client(service.url) as nobody, pytest.raises(errors.NotAuthenticatedError, match="key"):
        nobody.simulations()
    with Client(service.url, "another-key-of-somebody") as stranger:
        with pytest.raises(errors.NotAuthenticatedError) as caught:
            stranger.simulations()
        assert stranger.health()["status"] == "healthy"
    assert "another-key" not in f"{caught.value}{stranger!r}"
