from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from payment_simulator import Simulation, SimulationResult
from payment_simulator.errors import ResultsError, ResultsExistError
from payment_simulator.results import TABLES, schemas
from payment_simulator.results.directory import FILES, StagedDirectory
from tests.simulation.cases import busy


@pytest.fixture
def result() -> SimulationResult:
    return Simulation(busy()).run()


@pytest.mark.parametrize("events", ["full", "summary", "none"])
def test_tables_have_their_schema_in_memory_and_on_disk(tmp_path: Path, events: str) -> None:
    result = Simulation(busy(output={"events": events})).run()
    read = SimulationResult.read(result.write(tmp_path / "run"))
    for name, schema in schemas(result.config).items():
        assert getattr(result, name).schema.equals(schema), name
        assert getattr(read, name).schema.equals(schema), name
        assert getattr(read, name).equals(getattr(result, name)), name
    rows = result.events.num_rows
    assert {"full": rows > 1000, "summary": rows == 40, "none": rows == 0}[events]


def test_what_is_written_is_read(tmp_path: Path, result: SimulationResult) -> None:
    path = result.write(tmp_path / "deep" / "run")
    read = SimulationResult.read(path)
    assert read.manifest == result.manifest
    assert read.summary == result.summary
    assert read.config == result.config
    again = SimulationResult.read(read.write(tmp_path / "copy"))
    assert again.transactions.equals(result.transactions)


def test_two_runs_write_the_same_summary(tmp_path: Path) -> None:
    for name in ("one", "two"):
        Simulation(busy()).run(output_dir=tmp_path / name)
    one, two = (tmp_path / name / "summary.json" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_the_manifest_says_what_was_run(result: SimulationResult) -> None:
    manifest = result.manifest
    assert manifest["format_version"] == 1
    assert manifest["seed"] == 11
    assert manifest["config_digest"] == result.config.digest()
    assert manifest["rules"]["queue_discipline"] == "bypass"
    assert manifest["rows"] == {name: getattr(result, name).num_rows for name in TABLES}
    assert manifest["payments_digest"] is None


def test_other_libraries_read_the_files(tmp_path: Path, result: SimulationResult) -> None:
    path = result.write(tmp_path / "run")
    frame = pl.read_parquet(path / "transactions.parquet")
    assert frame["amount"].sum() == sum(result.transactions["amount"].to_pylist())
    assert frame["sender"].cast(pl.String).to_list() == result.transactions["sender"].to_pylist()


def test_a_run_without_any_rows(tmp_path: Path) -> None:
    config = busy(output={"events": "none"})
    for agent in config["agents"]:
        del agent["arrival_config"]
    streamed = Simulation(config).run(output_dir=tmp_path / "run")
    assert streamed.transactions.num_rows == streamed.events.num_rows == 0
    assert SimulationResult.read(tmp_path / "run").summary["metrics"]["total_settlements"] == 0


def test_an_existing_directory_is_replaced_with_force_only(tmp_path: Path, result: SimulationResult) -> None:
    path = result.write(tmp_path / "run")
    with pytest.raises(ResultsExistError, match="force"):
        result.write(path)
    result.write(path, force=True)
    assert [entry.name for entry in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("content", ["a file", "other files", "a run and notes"])
def test_what_is_not_a_run_is_never_replaced(tmp_path: Path, result: SimulationResult, content: str) -> None:
    target = tmp_path / "target"
    if content == "a file":
        target.write_text("mine")
    elif content == "other files":
        target.mkdir()
        (target / "thesis.doc").write_text("mine")
    else:
        result.write(target)
        (target / "notes.txt").write_text("mine")
    with pytest.raises(ResultsExistError, match="not replaced, even with"):
        result.write(target, force=True)
    assert target.exists()
    assert [entry.name for entry in tmp_path.iterdir()] == ["target"]


def test_a_replaced_directory_comes_back_when_replacing_fails(
    tmp_path: Path, result: SimulationResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = result.write(tmp_path / "run")
    rename = type(path).rename

    def failing(self: Path, target: Path) -> Path:
        if self.suffix == ".partial":
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(type(path), "rename", failing)
    with pytest.raises(OSError, match="Input/output"):
        result.write(path, force=True)
    assert SimulationResult.read(path).manifest == result.manifest
    assert [entry.name for entry in tmp_path.iterdir()] == ["run"]


def staged(result: SimulationResult, target: Path, *, force: bool = False) -> StagedDirectory:
    """A directory that is ready to be published."""
    directory = StagedDirectory(target, force=force)
    result.write(directory.path, force=True)
    return directory


def test_of_two_who_publish_at_once_the_second_is_refused(
    tmp_path: Path, result: SimulationResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (staged(result, tmp_path / "run") for _ in range(2))
    rename = Path.rename

    def rename_a_moment_later(self: Path, target: Path) -> Path:
        monkeypatch.setattr(Path, "rename", rename)
        other.publish()
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", rename_a_moment_later)
    with pytest.raises(ResultsExistError, match="exists already"), one:
        one.publish()
    assert SimulationResult.read(tmp_path / "run").manifest == result.manifest
    assert [entry.name for entry in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("moment", ["before the old one is moved away", "after that"])
def test_of_two_who_replace_at_once_the_last_one_stays(
    tmp_path: Path, result: SimulationResult, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    later = Simulation(busy()).run(5)
    result.write(tmp_path / "run")
    one, other = staged(later, tmp_path / "run", force=True), staged(result, tmp_path / "run", force=True)
    rename = Path.rename

    def rename_beside_the_other(self: Path, target: Path) -> Path:
        monkeypatch.setattr(Path, "rename", rename)
        if moment == "after that":
            renamed = rename(self, target)
            other.publish()
            return renamed
        (tmp_path / "elsewhere").mkdir()
        rename(tmp_path / "run", tmp_path / "elsewhere" / "run")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", rename_beside_the_other)
    with one, other:
        assert one.publish() == tmp_path / "run"
    assert SimulationResult.read(tmp_path / "run").manifest == later.manifest
    assert {entry.name for entry in tmp_path.iterdir()} - {"elsewhere"} == {"run"}


def test_a_place_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ResultsError, match="cannot be made"):
        StagedDirectory(tmp_path / "file" / "run")


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(tmp_path: Path, result: SimulationResult, name: str) -> None:
    path = result.write(tmp_path / "run")
    (path / name).unlink()
    with pytest.raises(ResultsError, match=name):
        SimulationResult.read(path)


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_named(tmp_path: Path, result: SimulationResult, name: str) -> None:
    path = result.write(tmp_path / "run")
    (path / name).write_bytes(b"\x00 nonsense")
    with pytest.raises(ResultsError, match=name):
        SimulationResult.read(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format_version": 2}, "format version 2"),
        ({"rows": {}}, "manifest says None"),
        ({"state_hash": None}, "lacks state_hash"),
    ],
    ids=str,
)
def test_a_manifest_of_something_else(
    tmp_path: Path, result: SimulationResult, change: dict[str, Any], message: str
) -> None:
    path = result.write(tmp_path / "run")
    manifest = {**json.loads((path / "manifest.json").read_text()), **change}
    kept = {name: value for name, value in manifest.items() if value is not None}
    (path / "manifest.json").write_text(json.dumps(kept | ({"payments_digest": None})))
    with pytest.raises(ResultsError, match=message):
        SimulationResult.read(path)


def test_there_is_no_such_directory(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="there is no results directory"):
        SimulationResult.read(tmp_path / "none")
    with pytest.raises(ResultsError, match="not a results directory"):
        SimulationResult.read(tmp_path)


def test_a_table_of_another_run(tmp_path: Path, result: SimulationResult) -> None:
    path = result.write(tmp_path / "run")
    shutil.copy(path / "costs.parquet", path / "balances.parquet")
    with pytest.raises(ResultsError, match="not those of `balances`"):
        SimulationResult.read(path)


def test_costs_are_exact_decimals(result: SimulationResult) -> None:
    assert result.costs.schema.field("exact").type == pa.decimal128(38, 22)
    assert result.agents["agent_id"].to_pylist() == [agent.id for agent in result.config.agents]
