"""Results directories for the auditor: made by the reference model, or changed by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as untyped_parquet

from payment_simulator.config import SimulationConfig, describe_rules
from tests.reference import ReferenceSimulation, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

pq: Any = untyped_parquet
TICK, MONEY, TEXT = pa.uint32(), pa.int64(), pa.string()
CHOICE, AGENT = pa.dictionary(pa.int8(), TEXT), pa.dictionary(pa.int32(), TEXT)
COST_KINDS = (
    "overdraft",
    "delay",
    "deadline_penalty",
    "eod_penalty",
    "split_friction",
    "throughput_penalty",
    "allocation",
    "overnight",
)
TYPES: dict[str, dict[str, Any]] = {
    "transactions": {
        "transaction_id": TEXT,
        "sender": AGENT,
        "receiver": AGENT,
        "amount": MONEY,
        "submit_tick": TICK,
        "release_tick": TICK,
        "settle_tick": TICK,
        "deadline_tick": TICK,
        "priority": pa.uint8(),
        "divisible": pa.bool_(),
        "status": CHOICE,
        "settlement_method": CHOICE,
        "parent_id": TEXT,
    },
    "events": {
        "sequence": pa.uint64(),
        "tick": TICK,
        "kind": CHOICE,
        "transaction_id": TEXT,
        "agent": AGENT,
        "counterparty": AGENT,
        "amount": MONEY,
        "balance_after": MONEY,
        "method": CHOICE,
    },
    "agents": {
        "agent_id": AGENT,
        "balance": MONEY,
        "credit_limit": MONEY,
        "queue1_size": pa.uint64(),
        "queue1_value": MONEY,
        "queue2_size": pa.uint64(),
        "queue2_value": MONEY,
        "sent_value": MONEY,
        "received_value": MONEY,
        "least_balance": MONEY,
        **{f"cost_{kind}": MONEY for kind in COST_KINDS},
    },
    "balances": {"agent_id": AGENT, "tick": TICK, "balance": MONEY},
    "links": {"transaction_id": TEXT, "link": TEXT, "link_legs": pa.uint32()},
    "costs": {"agent_id": AGENT, "kind": CHOICE, "cents": MONEY, "exact": pa.decimal128(38, 22)},
}

Rows = list[dict[str, Any]]


def config_of(plain: Mapping[str, Any]) -> SimulationConfig:
    """The configuration that a dict for the engine describes."""
    length = ("ticks_per_day", "num_days", "rng_seed")
    sections = {key: value for key, value in plain.items() if key not in (*length, "agent_configs")}
    simulation = {key: plain[key] for key in length}
    return SimulationConfig.from_dict(
        {"simulation": simulation, "agents": plain["agent_configs"], **sections}
    )


def run_reference(
    plain: Mapping[str, Any], actions: Mapping[int, list[Callable[[ReferenceSimulation], object]]], ticks: int
) -> ReferenceSimulation:
    """Runs the reference model; what it refuses is left out."""
    model = ReferenceSimulation(plain)
    for tick in range(ticks):
        for action in actions.get(tick, []):
            try:
                action(model)
            except RefusedError:
                continue
        model.tick()
    return model


def write_directory(folder: Path, config: SimulationConfig, model: ReferenceSimulation) -> Path:
    """Writes what a run by the reference model leaves behind."""
    folder.mkdir(parents=True, exist_ok=True)
    tables: dict[str, Rows] = {name: getattr(model, name)() for name in TYPES}
    if not tables["links"]:
        del tables["links"]
    for name, rows in tables.items():
        write_rows(folder, name, rows)
    ticks = model.current_tick()
    (folder / "config.yaml").write_text(config.to_yaml(), encoding="utf-8")
    manifest = {
        "config_digest": config.digest(),
        "seed": config.seed,
        "ticks_executed": ticks,
        "num_ticks": config.num_ticks,
        "rules": describe_rules(config),
        "rows": {name: len(rows) for name, rows in tables.items()},
    }
    write_json(folder / "manifest.json", manifest)
    write_json(folder / "summary.json", _summary(tables, ticks, round(model.state.costs.total())))
    return folder


def _summary(tables: dict[str, Rows], ticks: int, total_cost: int) -> dict[str, Any]:
    settled = [row for row in tables["events"] if row["kind"] == "settled"]
    born = {row["transaction_id"] for row in tables["events"] if row["kind"] in {"arrived", "submitted"}}
    done = [
        row for row in tables["transactions"] if row["transaction_id"] in born and row["status"] == "settled"
    ]
    return {
        "simulation": {"ticks_executed": ticks},
        "metrics": {
            "total_arrivals": sum(row["kind"] == "arrived" for row in tables["events"]),
            "total_settlements": len(settled),
            "total_lsm_releases": sum(
                row["method"] not in {"immediate", "queue", "linked", "batch"} for row in settled
            ),
            "settlement_rate": len(done) / len(born) if born else 0,
        },
        "agents": [
            {"id": row["agent_id"], "final_balance": row["balance"], "queue1_size": row["queue1_size"]}
            for row in tables["agents"]
        ],
        "costs": {"total_cost": total_cost},
    }


def read_rows(folder: Path, name: str) -> Rows:
    rows: Rows = pq.read_table(folder / f"{name}.parquet").to_pylist()
    return rows


def write_rows(folder: Path, name: str, rows: Rows) -> None:
    types = TYPES[name]
    columns = {
        column: pa.array([row[column] for row in rows], _plain(kind)) for column, kind in types.items()
    }
    encoded = [
        values.dictionary_encode() if pa.types.is_dictionary(types[column]) else values
        for column, values in columns.items()
    ]
    pq.write_table(pa.table(encoded, names=list(columns)), folder / f"{name}.parquet")


def _plain(kind: Any) -> Any:  # noqa: ANN401 (pyarrow has no types)
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(value), encoding="utf-8")


def change(folder: Path, name: str, edit: Callable[[Rows], None]) -> None:
    """Changes the rows of a table in place; events are numbered anew: no gap gives the change away."""
    rows = read_rows(folder, name)
    edit(rows)
    if name == "events":
        for number, row in enumerate(rows):
            row["sequence"] = number
    write_rows(folder, name, rows)
