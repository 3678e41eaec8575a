from __future__ import annotations

import signal
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from payment_simulator import Simulation, SimulationResult
from payment_simulator.errors import (
    ResultsError,
    ResultsExistError,
    TransactionsFileError,
    UnknownTransactionError,
)
from payment_simulator.results import TABLES, reproducible
from payment_simulator.results.writer import TableWriter
from payment_simulator.simulation import payments, streaming
from payment_simulator.transactions import open_transactions
from tests.simulation.cases import TWO_BANKS, busy, day_of_payments

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from payment_simulator._core import Orchestrator
    from payment_simulator.results.writer import TablesWriter
    from payment_simulator.transactions import FileRules
    from payment_simulator.transactions.file import TransactionsFile

OFFSETS: dict[str, Any] = {"lsm_config": {"enabled": True}}
NO_OFFSETS: dict[str, Any] = {"lsm_config": {"enabled": False}}


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make small runs go through many batches and pieces."""
    opened = open_transactions

    def with_small_batches(rules: FileRules) -> TransactionsFile:
        file = opened(rules)
        monkeypatch.setattr(file, "batches", partial(file.batches, 100))
        return file

    monkeypatch.setattr(payments, "open_transactions", with_small_batches)
    monkeypatch.setattr(streaming, "_ROWS_PER_PIECE", 150)


def same(left: SimulationResult, right: SimulationResult) -> None:
    """Assert that two results say the same, whatever the order of their transactions."""
    assert reproducible(left.summary) == reproducible(right.summary)
    for name in ("agents", "balances", "costs"):
        assert getattr(left, name).equals(getattr(right, name)), name
    assert by_id(left.transactions).equals(by_id(right.transactions))
    assert by_content(left.events).equals(by_content(right.events))


def by_id(table: pa.Table) -> pa.Table:
    return table.sort_by("transaction_id").combine_chunks()


def by_content(events: pa.Table) -> pa.Table:
    """Sort within ticks: rows in table order follow another one where transactions were submitted later."""
    if "kind" not in events.column_names:
        return events
    kinds = events["kind"].cast("string")
    plain = events.drop_columns(["sequence", "kind"]).append_column("kind", kinds)
    keys = [(name, "ascending") for name in ("tick", "kind", "transaction_id", "amount")]
    return plain.sort_by(keys).combine_chunks()


@pytest.mark.parametrize("changes", [OFFSETS, NO_OFFSETS, {"end_of_day": {"unsettled": "cancel"}}], ids=str)
@pytest.mark.parametrize("events", ["full", "summary", "none"])
def test_a_day_from_a_file_is_the_same_streamed_or_in_memory(
    tmp_path: Path, changes: dict[str, Any], events: str
) -> None:
    config = day_of_payments(tmp_path, **changes, output={"events": events})
    whole, piecewise = Simulation(config), Simulation(config)
    in_memory, streamed = whole.run(), piecewise.run(output_dir=tmp_path / "run")
    assert whole.state_hash == piecewise.state_hash == streamed.manifest["state_hash"]
    assert in_memory.events.equals(streamed.events), "to the last row where nothing is split or generated"
    same(in_memory, streamed)
    same(SimulationResult.read(tmp_path / "run"), streamed)
    statuses = streamed.transactions["status"].to_pylist()
    closed = [status in {"settled", "dropped"} for status in statuses]
    assert closed == sorted(closed, reverse=True), "what is open comes last"


def test_generated_and_split_payments_beside_a_file(tmp_path: Path) -> None:
    config = {**busy(), "transactions": day_of_payments(tmp_path, 1_000)["transactions"]}
    whole, piecewise = Simulation(config), Simulation(config)
    same(whole.run(), piecewise.run(output_dir=tmp_path / "run"))
    assert whole.state_hash == piecewise.state_hash


@pytest.mark.parametrize("from_file", [True, False])
def test_one_run_in_several_calls_is_one_run(tmp_path: Path, from_file: bool) -> None:  # noqa: FBT001
    config = day_of_payments(tmp_path) if from_file else busy()
    expected = Simulation(config)
    simulation = Simulation(config)
    for number, ticks in enumerate((7, 0, 10)):
        here = simulation.run(ticks, output_dir=tmp_path / f"run{number}")
        same(expected.run(ticks), here)
        assert simulation.state_hash == expected.state_hash
    same(expected.run(8), simulation.run(8))
    same(expected.run(), simulation.run(output_dir=tmp_path / "last"))
    assert simulation.state_hash == expected.state_hash


def test_a_refused_intervention_names_what_has_left_memory(tmp_path: Path) -> None:
    """By then what it was planned for has settled, and stands in the directory only; the other never was."""
    names = ("BANK_A:s1", "nothing")
    events = [{"type": "revocation", "at": {"tick": 6}, "transaction_id": name} for name in names]
    whole, piecewise = (Simulation({**TWO_BANKS, "scenario_events": events}) for _ in range(2))
    for simulation in (whole, piecewise):
        simulation.submit("BANK_A", "BANK_B", 5)
    piecewise.run(4, output_dir=tmp_path / "first")
    rows = piecewise.run(output_dir=tmp_path / "run").events
    same(whole.run(), piecewise.result())
    refused = [row["transaction_id"] for row in rows.to_pylist() if row["kind"] == "intervention_refused"]
    assert refused == list(names)


def test_closed_transactions_are_found_in_the_directory(tmp_path: Path) -> None:
    config = day_of_payments(tmp_path)
    simulation, expected = Simulation(config), Simulation(config)
    simulation.run(20, output_dir=tmp_path / "run")
    expected.run(20)
    for transaction_id in ("BANK_A:s1", "BANK_B:s200", "BANK_F:s400"):
        assert simulation.transaction(transaction_id) == expected.transaction(transaction_id)
    with pytest.raises(UnknownTransactionError, match=r"did you mean 'BANK_A:s\d+'"):
        simulation.transaction("BANK_A:s01")


def test_memory_holds_what_is_open(tmp_path: Path) -> None:
    simulation = Simulation(day_of_payments(tmp_path, **OFFSETS))
    result = simulation.run(output_dir=tmp_path / "run")
    unsettled = result.summary["indicators"]["unsettled"]["count"]
    assert len(simulation._session.engine.transactions()) == unsettled > 0
    assert len(simulation._session.engine.events()) == 0


def test_a_stop_leaves_a_whole_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    simulation = Simulation(busy())
    drain = streaming._drain

    def stopping(engine: Orchestrator, writer: TablesWriter) -> int:
        if simulation.current_tick > 10:
            simulation.request_stop()
        return drain(engine, writer)

    monkeypatch.setattr(streaming, "_drain", stopping)
    streamed = simulation.run(output_dir=tmp_path / "run")
    ticks = streamed.manifest["ticks_executed"]
    assert 10 < ticks < 40
    same(Simulation(busy()).run(ticks), streamed)


@pytest.mark.parametrize("failure", [KeyboardInterrupt, MemoryError])
def test_after_a_failure_nothing_has_happened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: type[BaseException]
) -> None:
    config = day_of_payments(tmp_path)
    simulation = Simulation(config)
    drain = streaming._drain

    def failing(engine: Orchestrator, writer: TablesWriter) -> int:
        if engine.current_tick() > 10:
            raise failure
        return drain(engine, writer)

    monkeypatch.setattr(streaming, "_drain", failing)
    with pytest.raises(failure):
        simulation.run(output_dir=tmp_path / "run")
    assert simulation.current_tick == 0
    assert [path.name for path in tmp_path.iterdir()] == ["payments.csv"]
    monkeypatch.setattr(streaming, "_drain", drain)
    same(Simulation(config).run(), simulation.run(output_dir=tmp_path / "run"))


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="sends a signal to this process")
def test_ctrl_c_leaves_no_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    simulation = Simulation(busy(simulation={"ticks_per_day": 1_000, "num_days": 5_000, "rng_seed": 1}))
    main = threading.main_thread().ident
    assert main is not None
    timer = threading.Timer(0.5, signal.pthread_kill, (main, signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        simulation.run(output_dir=tmp_path / "run")
    timer.join()
    assert list(tmp_path.iterdir()) == []
    assert simulation.current_tick == 0
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("write ")]


def test_a_table_that_cannot_be_written_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(TableWriter, "_write_rows", full)
    with pytest.raises(ResultsError, match="No space left"):
        Simulation(busy()).run(output_dir=tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_directory_is_refused_before_anything_runs(tmp_path: Path) -> None:
    first = Simulation(busy()).run(output_dir=tmp_path / "run")
    simulation = Simulation(busy(), seed=3)
    with pytest.raises(ResultsExistError, match="exists already"):
        simulation.run(output_dir=tmp_path / "run")
    assert simulation.current_tick == 0
    assert SimulationResult.read(tmp_path / "run").manifest == first.manifest
    simulation.run(output_dir=tmp_path / "run", force=True)
    assert SimulationResult.read(tmp_path / "run").manifest["seed"] == 3


@pytest.mark.parametrize("streamed", [True, False])
def test_a_bad_file_runs_nothing(tmp_path: Path, streamed: bool) -> None:  # noqa: FBT001
    config = day_of_payments(tmp_path)
    (tmp_path / "payments.csv").write_text("sender,receiver,amount,submit_tick\nBANK_A,BANK_X,1,0\n")
    simulation = Simulation(config)
    with pytest.raises(TransactionsFileError, match="BANK_X"):
        simulation.run(output_dir=tmp_path / "run" if streamed else None)
    assert simulation.current_tick == 0
    assert not (tmp_path / "run").exists()


def test_every_table_is_a_file_and_nothing_else_is_there(tmp_path: Path) -> None:
    Simulation(busy()).run(output_dir=tmp_path / "deep" / "run")
    files = {path.name for path in (tmp_path / "deep" / "run").iterdir()}
    assert files == {"manifest.json", "config.yaml", "summary.json", *(f"{name}.parquet" for name in TABLES)}
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["run"]
