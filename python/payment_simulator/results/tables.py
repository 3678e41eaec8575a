"""The tables of a run: their names and Arrow schemas, in memory and on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from payment_simulator.config import SimulationConfig

TABLES = ("transactions", "events", "agents", "balances", "costs")
"""The tables, by name; each is a file `NAME.parquet` of a results directory."""

LINKS = "links"
"""The table of what settles together; a results directory has it only where something does."""

PLAIN_COST_KINDS = ("overdraft", "delay", "deadline_penalty", "eod_penalty", "split_friction")
"""The kinds of cost that every run may have."""

COST_KINDS = (*PLAIN_COST_KINDS, "throughput_penalty", "allocation", "overnight")
"""The kinds of cost, in the order of their columns."""

PLAIN_METHODS = ("immediate", "queue", "bilateral", "cycle")
"""How a transaction can settle without a list of offsetting steps."""

METHODS = (
    *PLAIN_METHODS,
    "gridlock_resolution",
    "all_or_nothing",
    "partial",
    "multiple",
    "entry_disposition",
    "balanced_release",
    "final_settlement",
    "linked",
    "batch",
)
"""How a transaction can settle."""

OFFSETTING_METHODS = tuple(
    method for method in METHODS if method not in ("immediate", "queue", "linked", "batch")
)
"""Those of them that settle in offset sets."""

_METHODS_OF_SEQUENCE = ("all_or_nothing", "partial", "multiple")

_AGENT = pa.dictionary(pa.int32(), pa.string())
_CHOICE = pa.dictionary(pa.int8(), pa.string())
_COUNT, _MONEY, _TICK, _TEXT = pa.uint64(), pa.int64(), pa.uint32(), pa.string()


def _schema(**columns: pa.DataType | tuple[pa.DataType]) -> pa.Schema:
    """Return a schema with these columns; the type of one that may be absent stands in a tuple."""
    return pa.schema(
        [
            pa.field(name, kind[0]) if isinstance(kind, tuple) else pa.field(name, kind, nullable=False)
            for name, kind in columns.items()
        ]
    )


TRANSACTIONS = _schema(
    transaction_id=_TEXT,
    sender=_AGENT,
    receiver=_AGENT,
    amount=_MONEY,
    submit_tick=_TICK,
    release_tick=(_TICK,),
    settle_tick=(_TICK,),
    deadline_tick=(_TICK,),
    priority=pa.uint8(),
    divisible=pa.bool_(),
    status=_CHOICE,
    settlement_method=(_CHOICE,),
    parent_id=(_TEXT,),
)
EVENTS = _schema(
    sequence=_COUNT,
    tick=_TICK,
    kind=_CHOICE,
    transaction_id=(_TEXT,),
    agent=(_AGENT,),
    counterparty=(_AGENT,),
    amount=(_MONEY,),
    balance_after=(_MONEY,),
    method=(_CHOICE,),
)
TICK_TOTALS = _schema(
    tick=_TICK,
    num_arrivals=_COUNT,
    arrived_value=_MONEY,
    num_settlements=_COUNT,
    settled_value=_MONEY,
    num_lsm_releases=_COUNT,
    lsm_value=_MONEY,
    total_cost=_MONEY,
)
AGENTS = _schema(
    agent_id=_AGENT,
    balance=_MONEY,
    credit_limit=_MONEY,
    queue1_size=_COUNT,
    queue1_value=_MONEY,
    queue2_size=_COUNT,
    queue2_value=_MONEY,
    sent_value=_MONEY,
    received_value=_MONEY,
    least_balance=_MONEY,
    **{f"cost_{kind}": _MONEY for kind in COST_KINDS},
)
BALANCES = _schema(agent_id=_AGENT, tick=_TICK, balance=_MONEY)
LINKS_SCHEMA = _schema(transaction_id=_TEXT, link=_TEXT, link_legs=pa.uint32())
COSTS = _schema(agent_id=_AGENT, kind=_CHOICE, cents=_MONEY, exact=pa.decimal128(38, 22))


def methods_of(config: SimulationConfig) -> tuple[str, ...]:
    """Return the methods that a run's summary lists: the plain ones, and those of its offsetting steps."""
    steps = config.settlement.offsetting or ()
    named: set[str] = {step.algorithm for step in steps}
    if "target2_sequence" in named:
        named.update(_METHODS_OF_SEQUENCE)
    if any(step.algorithm == "balanced_release" and step.final_settlement for step in steps):
        named.add("final_settlement")
    if config.ancillary_batches:
        named.add("batch")
    return tuple(method for method in METHODS if method in PLAIN_METHODS or method in named)


def cost_kinds_of(config: SimulationConfig) -> tuple[str, ...]:
    """Return the kinds of cost that a run's summary lists: the plain ones, and those of rules that it has."""
    rules = {
        "throughput_penalty": bool(config.throughput),
        "allocation": any(agent.liquidity_pool is not None for agent in config.agents),
        "overnight": config.overnight_facility is not None,
    }
    return tuple(kind for kind in COST_KINDS if rules.get(kind, True))


def schemas(config: SimulationConfig) -> dict[str, pa.Schema]:
    """Return the schema of each table of a run; that of `events` depends on how much the run records."""
    events = TICK_TOTALS if config.output.events == "summary" else EVENTS
    plain = dict(zip(TABLES, (TRANSACTIONS, events, AGENTS, BALANCES, COSTS), strict=True))
    return {**plain, LINKS: LINKS_SCHEMA}
