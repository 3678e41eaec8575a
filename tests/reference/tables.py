"""Days as tables: a line per transaction, and after the arrow what must become of it.

A line has its name, tick, who pays whom, the amount, options. For example, `settled@1 queue` is settled in
tick 1 from Queue 2.
"""

from typing import Any

from tests.reference import ReferenceSimulation

FREE = dict.fromkeys(
    (
        "overdraft_bps_per_tick",
        "delay_cost_per_tick_per_cent",
        "eod_penalty_per_transaction",
        "deadline_penalty",
        "split_friction_cost",
    ),
    0,
)
NO_OFFSETTING = {"enabled": False}
FIFO = {"queue_discipline": "fifo"}
PRIORITY = {"queue_discipline": "priority"}
DEFERRED = {"crediting": "deferred"}


def make_config(
    agents: str,
    *,
    ticks: int = 4,
    days: int = 1,
    policy: dict[str, Any] | None = None,
    rates: dict[str, Any] | None = None,
    offsetting: dict[str, Any] | None = None,
    settlement: dict[str, Any] | None = None,
    unsettled: str = "carry_over",
) -> dict[str, Any]:
    """A config from `A 10, B 0 credit 5`; nothing costs anything and nothing is offset unless it is said."""
    agent_configs = []
    for words in (text.split() for text in agents.split(",")):
        credit_limit = int(words[3]) if len(words) > 2 else 0
        agent = {"id": words[0], "opening_balance": int(words[1]), "credit_limit": credit_limit}
        agent_configs.append({**agent, "policy": policy or {"type": "Fifo"}})
    return {
        "ticks_per_day": ticks,
        "num_days": days,
        "rng_seed": 1,
        "agent_configs": agent_configs,
        "cost_rates": {**FREE, **(rates or {})},
        "lsm_config": NO_OFFSETTING if offsetting is None else offsetting,
        "settlement": settlement or {},
        "end_of_day": {"unsettled": unsettled},
    }


def read_payments(table: str) -> list[dict[str, Any]]:
    """The rows of a batch from the left side of a table; words without `=` are switches."""
    rows = []
    for line in table.strip().splitlines():
        name, tick, way, amount, *options = line.split("=>")[0].split()
        sender, receiver = way.split(">")
        row: dict[str, Any] = {"deadline": None, "priority": 5, "divisible": False}
        for option in options:
            key, _, value = option.partition("=")
            row[key] = int(value) if value else True
        row["deadline_tick"] = row.pop("deadline")
        rows.append(
            {
                "transaction_id": name,
                "sender": sender,
                "receiver": receiver,
                "amount": int(amount),
                "submit_tick": int(tick),
                **row,
            }
        )
    return rows


def expected_outcomes(table: str) -> dict[str, str]:
    """The right side of a table."""
    return {line.split()[0]: line.partition("=>")[2].strip() for line in table.strip().splitlines()}


def outcomes(simulation: ReferenceSimulation) -> dict[str, str]:
    """What became of each transaction, in the words of the tables."""
    return {row["transaction_id"]: outcome(row) for row in simulation.transactions()}


def outcome(row: dict[str, Any]) -> str:
    if row["status"] != "settled":
        return str(row["status"])
    return f"settled@{row['settle_tick']} {row['settlement_method'] or ''}".strip()


def start(table: str, agents: str, **options: Any) -> ReferenceSimulation:  # noqa: ANN401 - passed through
    simulation = ReferenceSimulation(make_config(agents, **options))
    simulation.submit_transactions_batch(read_payments(table))
    return simulation


def run_day(table: str, agents: str, **options: Any) -> ReferenceSimulation:  # noqa: ANN401 - passed through
    """Run a table to the end and hold every transaction that it names against it."""
    simulation = start(table, agents, **options)
    simulation.run()
    expected = expected_outcomes(table)
    assert {name: became for name, became in outcomes(simulation).items() if name in expected} == expected
    return simulation


def balances(simulation: ReferenceSimulation) -> str:
    return ", ".join(f"{agent['agent_id']} {agent['balance']}" for agent in simulation.agents())


def event_lines(simulation: ReferenceSimulation) -> list[str]:
    """An event as `tick kind transaction`, and for a settlement the method and the sender's balance."""
    lines = []
    for row in simulation.events():
        words = (
            row["tick"],
            row["kind"],
            row["transaction_id"],
            row["method"],
            row["balance_after"],
        )
        lines.append(" ".join(str(word) for word in words if word is not None))
    return lines


def settled_order(simulation: ReferenceSimulation) -> str:
    return " ".join(row["transaction_id"] for row in simulation.events() if row["kind"] == "settled")


def cost_per_tick(simulation: ReferenceSimulation) -> list[int]:
    rules = simulation.state.rules
    return [simulation.tick()["total_cost"] for _ in range(rules.num_ticks)]
