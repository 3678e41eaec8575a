"""The tables of results: their columns, and the libraries that read them."""

import gc

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from payment_simulator._core import ArrowTable, Orchestrator
from tests.core.support import agent, busy_config, config, rows

AGENT = pa.dictionary(pa.int32(), pa.string())
CHOICE = pa.dictionary(pa.int8(), pa.string())
SCHEMAS = {
    "transactions": [
        ("transaction_id", pa.string()),
        ("sender", AGENT),
        ("receiver", AGENT),
        ("amount", pa.int64()),
        ("submit_tick", pa.uint32()),
        ("release_tick", pa.uint32()),
        ("settle_tick", pa.uint32()),
        ("deadline_tick", pa.uint32()),
        ("priority", pa.uint8()),
        ("divisible", pa.bool_()),
        ("status", CHOICE),
        ("settlement_method", CHOICE),
        ("parent_id", pa.string()),
    ],
    "events": [
        ("sequence", pa.uint64()),
        ("tick", pa.uint32()),
        ("kind", CHOICE),
        ("transaction_id", pa.string()),
        ("agent", AGENT),
        ("counterparty", AGENT),
        ("amount", pa.int64()),
        ("balance_after", pa.int64()),
        ("method", CHOICE),
    ],
    "balances": [("agent_id", AGENT), ("tick", pa.uint32()), ("balance", pa.int64())],
    "agents": [
        ("agent_id", AGENT),
        ("balance", pa.int64()),
        ("credit_limit", pa.int64()),
        ("queue1_size", pa.uint64()),
        ("queue1_value", pa.int64()),
        ("queue2_size", pa.uint64()),
        ("queue2_value", pa.int64()),
        ("sent_value", pa.int64()),
        ("received_value", pa.int64()),
        ("least_balance", pa.int64()),
        ("cost_overdraft", pa.int64()),
        ("cost_delay", pa.int64()),
        ("cost_deadline_penalty", pa.int64()),
        ("cost_eod_penalty", pa.int64()),
        ("cost_split_friction", pa.int64()),
        ("cost_throughput_penalty", pa.int64()),
        ("cost_allocation", pa.int64()),
        ("cost_overnight", pa.int64()),
    ],
    "links": [("transaction_id", pa.string()), ("link", pa.string()), ("link_legs", pa.uint32())],
    "costs": [("agent_id", AGENT), ("kind", CHOICE), ("cents", pa.int64()), ("exact", pa.decimal128(38, 22))],
}
NAMES = list(SCHEMAS)


def table_of(simulation: Orchestrator, name: str) -> ArrowTable:
    table = getattr(simulation, name)()
    assert isinstance(table, ArrowTable)
    return table


@pytest.fixture
def simulation() -> Orchestrator:
    ran = Orchestrator.new(busy_config())
    ran.submit_transaction("A", "B", 5, link="FX")
    ran.run(25)
    return ran


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ticks", [0, 25])
def test_columns_and_types(name: str, ticks: int) -> None:
    simulation = Orchestrator.new(busy_config())
    simulation.run(ticks)
    table = table_of(simulation, name)
    read = pa.table(table)
    assert [(field.name, field.type) for field in read.schema] == SCHEMAS[name]
    assert pa.schema(table) == read.schema
    assert table.column_names == read.column_names
    assert len(table) == read.num_rows
    read.validate(full=True)


@pytest.mark.parametrize("name", NAMES)
def test_a_table_may_be_read_any_number_of_times(simulation: Orchestrator, name: str) -> None:
    table = table_of(simulation, name)
    first = pa.table(table)
    assert first.num_rows > 0
    assert first == pa.table(table) == pa.RecordBatchReader.from_stream(table).read_all()


@pytest.mark.parametrize("name", NAMES)
def test_polars_pandas_and_duckdb_read_the_same(simulation: Orchestrator, name: str) -> None:
    table = table_of(simulation, name)
    expected = rows(table)
    assert pl.DataFrame(table).to_dicts() == expected
    assert len(pd.DataFrame.from_arrow(table)) == len(expected)
    found = duckdb.connect().from_arrow(table).to_arrow_table()
    plain = pa.schema(
        [
            (field.name, pa.string() if pa.types.is_dictionary(field.type) else field.type)
            for field in pa.schema(table)
        ]
    )
    assert found.cast(plain).to_pylist() == expected


def test_tables_do_not_change_afterwards() -> None:
    simulation = Orchestrator.new(busy_config())
    simulation.run(5)
    table = simulation.transactions()
    before = rows(table)
    simulation.run()
    del simulation
    gc.collect()
    assert rows(table) == before


def test_arrow_data_outlives_everything(simulation: Orchestrator) -> None:
    read = pa.table(simulation.events())
    expected = read.to_pylist()
    del simulation
    gc.collect()
    assert read.to_pylist() == expected


def test_a_stream_that_nobody_reads_is_released(simulation: Orchestrator) -> None:
    for _ in range(100):
        simulation.transactions().__arrow_c_stream__(None)
    gc.collect()


def test_repr_names_the_columns(simulation: Orchestrator) -> None:
    assert repr(simulation.costs()) == "<ArrowTable: 16 rows of agent_id, kind, cents, exact>"


def test_two_rows_for_what_settles_at_once() -> None:
    simulation = Orchestrator.new(config())
    simulation.submit_transaction("A", "B", 400)
    simulation.tick()
    common = {"tick": 0, "transaction_id": "A:s1", "agent": "A", "counterparty": "B", "amount": 400}
    assert rows(simulation.events()) == [
        {"sequence": 0, "kind": "submitted", "balance_after": None, "method": None, **common},
        {"sequence": 1, "kind": "settled", "balance_after": 600, "method": "immediate", **common},
    ]


def test_the_end_of_a_day_names_no_transaction() -> None:
    simulation = Orchestrator.new(config())
    simulation.run()
    nothing = dict.fromkeys(("transaction_id", "agent", "counterparty", "amount", "balance_after", "method"))
    assert rows(simulation.events()) == [{"sequence": 0, "tick": 9, "kind": "day_ended", **nothing}]


def test_parts_name_their_parent() -> None:
    splitting = {"type": "MockSplitting", "num_splits": 2}
    simulation = Orchestrator.new(config(agent("A", policy=splitting), agent("B")))
    simulation.submit_transaction("A", "B", 401, divisible=True)
    simulation.tick()
    found = [
        (row["transaction_id"], row["parent_id"], row["amount"]) for row in rows(simulation.transactions())
    ]
    assert found == [("A:s1", None, 401), ("A:s1/1", "A:s1", 201), ("A:s1/2", "A:s1", 200)]


def test_level_summary_has_a_row_per_tick() -> None:
    simulation = Orchestrator.new(busy_config(output={"events": "summary"}))
    ticks = [simulation.tick() for _ in range(30)]
    totals = rows(simulation.events())
    assert [{key: row[key] for key in ticks[0]} for row in totals] == ticks
    extra = ["arrived_value", "settled_value", "lsm_value"]
    assert sorted(totals[0]) == sorted([*ticks[0], *extra])
    assert rows(simulation.drain_events()) == totals
    assert rows(simulation.events()) == []


def test_level_none_has_no_rows() -> None:
    simulation = Orchestrator.new(busy_config(output={"events": "none"}))
    simulation.run()
    assert rows(simulation.events()) == rows(simulation.drain_events()) == []


def test_the_state_hash_is_independent_of_output() -> None:
    hashes = set()
    for level in ("full", "summary", "none"):
        simulation = Orchestrator.new(busy_config(output={"events": level}))
        simulation.run()
        hashes.add(simulation.state_hash())
    assert len(hashes) == 1


def test_drained_events_leave_memory() -> None:
    whole, drained = Orchestrator.new(busy_config()), Orchestrator.new(busy_config())
    whole.run()
    pieces = []
    while drained.current_tick() < drained.num_ticks():
        drained.run(7)
        pieces += rows(drained.drain_events())
    assert pieces == rows(whole.events())
    assert rows(drained.events()) == []


def test_drained_transactions_are_the_closed_ones() -> None:
    whole, drained = Orchestrator.new(busy_config()), Orchestrator.new(busy_config())
    whole.run()
    closed = []
    while drained.current_tick() < drained.num_ticks():
        drained.run(7)
        closed += rows(drained.drain_transactions())
    assert {row["status"] for row in closed} == {"settled"}
    left = rows(drained.transactions())
    assert all(row["status"] != "settled" for row in left)

    def by_id(row: dict[str, object]) -> str:
        return str(row["transaction_id"])

    assert sorted(closed + left, key=by_id) == sorted(rows(whole.transactions()), key=by_id)


def test_drained_balances_leave_memory(simulation: Orchestrator) -> None:
    balances = rows(simulation.balances())
    assert rows(simulation.drain_balances()) == balances
    assert rows(simulation.balances()) == []


def test_costs_in_cents_are_the_exact_ones_rounded(simulation: Orchestrator) -> None:
    for row in rows(simulation.costs()):
        assert row["cents"] == int(round(row["exact"]))  # noqa: RUF046
        owner = simulation.get_agent(row["agent_id"])
        assert owner is not None
        assert owner[f"cost_{row['kind']}"] == row["cents"]  # type: ignore[literal-required]
