"""For each key of the configuration two values, and a day on which it matters which of them it is."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.proof.cases import BATCHES, agents, config
from tests.proof.event_keys import CONDITIONS, EVENTS, OTHER_VALUES, OUT, secured, with_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

Data = dict[str, Any]

FILES = {
    "day.csv": """\
sender,payer,receiver,payee,amount,total,submit_tick,tick,deadline_tick,late,priority,rank,divisible,cut,transaction_id,ref
A,C,B,C,100,70,1,2,9,5,1,9,true,false,a1,b1
B,C,A,C,300,30,2,3,9,5,5,2,false,true,a2,b2
A,C,B,C,250,20,3,4,7,6,9,1,true,false,a3,b3
""",
    "linked.csv": """\
sender,receiver,amount,submit_tick,link,bond,link_legs,legs
A,B,40,0,x,u,2,3
B,A,30,2,x,v,2,3
C,A,20,4,,u,,3
C,B,20,6,,v,,3
""",
    "debited.csv": """\
sender,receiver,amount,submit_tick,earliest_debit_tick,begins,latest_debit_tick,ends
A,B,40,0,2,4,,
C,A,600,1,,,3,6
""",
    "debited_times.csv": """\
sender,receiver,amount,submit_time,earliest_debit_time,begins,latest_debit_time,ends
A,B,40,2026-03-03T10:00:00Z,2026-03-03T12:00:00Z,2026-03-03T13:00:00Z,,
C,A,600,2026-03-03T10:00:00Z,,,2026-03-03T12:00:00Z,2026-03-03T13:00:00Z
""",
    "other.csv": "sender,receiver,amount,submit_tick\nA,B,40,0\n",
    "times.csv": """\
sender,receiver,amount,submit_time,entered,deadline_time,cutoff
A,B,100,2026-03-03T10:00:00Z,2026-03-03T11:00:00Z,2026-03-03T12:00:00Z,2026-03-03T13:00:00Z
B,A,90,2026-03-09T10:30:00Z,2026-03-09T11:30:00Z,2026-03-09T12:30:00Z,2026-03-09T13:30:00Z
""",
}
"""Payments with every column twice, under our name and under another."""


def busy() -> Data:
    """Six agents, each with another policy and another distribution of amounts, on three busy days."""
    given = config("bypass, immediate")
    lengths = ("ticks_per_day", "num_days", "rng_seed")
    length = {name: given.pop(name) for name in lengths}
    return {"simulation": length, "agents": given.pop("agent_configs"), **given}


def from_file(path: str = "day.csv") -> Data:
    """Agents whose payments come from a file; A splits what may be split."""
    splitting = {"type": "MockSplitting", "num_splits": 2}
    return {
        "simulation": {"ticks_per_day": 10, "num_days": 1, "rng_seed": 1},
        "agents": [
            {"id": "A", "opening_balance": 120, "policy": splitting},
            {"id": "B", "opening_balance": 20, "policy": {"type": "Fifo"}},
            {"id": "C", "opening_balance": 500, "policy": {"type": "Fifo"}},
        ],
        "transactions": {"path": path},
    }


def from_times(path: str = "times.csv") -> Data:
    """The same with times instead of ticks: eight days from a Monday on, ten hours each."""
    data = from_file(path)
    data["simulation"] = {"ticks_per_day": 10, "num_days": 8, "rng_seed": 1}
    data["clock"] = {"date": "2026-03-02", "opens_at": "08:00", "tick_seconds": 3_600, "timezone": "UTC"}
    return data


def by_priority() -> Data:
    return {**busy(), "settlement": {"queue_discipline": "priority"}}


def gridlock() -> Data:
    """Seven agents with next to nothing who pay each other what they have not got."""
    data = busy()
    data["agents"] = agents("ABCDEFG")
    for bank in data["agents"]:
        bank.update(opening_balance=20, credit_limit=0, policy={"type": "Fifo"})
        bank["arrival_config"]["amount_distribution"] = {"type": "Uniform", "min": 90, "max": 110}
    return data


def spare() -> Data:
    """One agent that nobody pays, so that it may have any name."""
    data = busy()
    data["agents"].append({"id": "SPARE", "opening_balance": 5, "policy": {"type": "Fifo"}})
    return data


def on_the_clock() -> Data:
    """The busy day with an outage at a time of day."""
    clock = {"date": "2026-03-02", "opens_at": "08:00", "tick_seconds": 900, "timezone": "UTC"}
    at = {"time": "09:30", "day": 1}
    return {**busy(), "clock": clock, "scenario_events": [{**OUT, "at": at, "duration_ticks": 3}]}


def listed(**step: object) -> Data:
    """The gridlock with one step of offsetting."""
    return {**gridlock(), "settlement": {"offsetting": [step]}}


def guided() -> Data:
    """The busy day with throughput guidelines, of which the first only measures."""
    return {**busy(), "throughput": [{"by": 9, "share": 0.2}, {"by": 25, "share": 0.6, "penalty": "0.001"}]}


def escalating() -> Data:
    """The busy day by priority, on which one agent's priorities change as deadlines come near."""
    data = by_priority()
    data["agents"][0]["escalation"] = [{"within_ticks": 6, "priority": 9}]
    return data


def cut_off() -> Data:
    """The busy day with a cut-off of all priorities but the highest."""
    return {**busy(), "settlement": {"cut_offs": [{"after": 30, "priorities": [0, 9]}]}}


def limited() -> Data:
    """Busy days on which each agent has both kinds of sender limits."""
    data = busy()
    ids = [bank["id"] for bank in data["agents"]]
    for place, bank in enumerate(data["agents"]):
        bank["sender_limits"] = {"bilateral": {ids[place - 1]: 400}, "multilateral": 900}
    return data


def reserving() -> Data:
    """Busy days with priorities on which each agent keeps something for what is more urgent."""
    data = by_priority()
    for place, bank in enumerate(data["agents"]):
        bank["reservations"] = {"highly_urgent": 80 + place, "urgent": 60}
    return data


def released(**keys: object) -> Data:
    """The gridlock in narrow bands, with some money and a close."""
    data = listed(algorithm="balanced_release", **keys)
    for bank in data["agents"]:
        bank["opening_balance"] = 150
    return data


def pooled(**size: object) -> Data:
    """The busy days with liquidity that comes in the morning and returns at night."""
    data = busy()
    data["agents"][0]["liquidity_pool"] = {"amount": 400, **size}
    return data


def averaged() -> Data:
    """The busy days with overdrafts of which a part is free on average."""
    data = busy()
    data["agents"][1]["overdraft_deductible"] = 10
    return {
        **data,
        "cost_rates": {"overdraft_bps_per_tick": 20},
        "overdraft": {"pricing": "daily_average"},
    }


def held() -> Data:
    """Collateral that is posted, and taken back three ticks later."""
    change = {"agent": "BANK_C", "asset": "BONDS", "value": 90}
    events = [
        {"type": "collateral_posting", "at": {"tick": 20}, **change},
        {"type": "collateral_withdrawal", "at": {"tick": 23}, **change},
    ]
    return {**secured(busy()), "scenario_events": events}


def cleared(**keys: object) -> Data:
    """Busy days on which a clearing house settles; without keys in a tick that comes again."""
    data = busy()
    data["ancillary_batches"] = [{**BATCHES[0], **keys}]
    return data


SCENES: dict[str, Callable[[], Data]] = {
    "cleared": cleared,
    "cleared in vain": partial(cleared, positions={"BANK_A": 9_000, "BANK_C": -9_000}),
    "busy": busy,
    "by priority": by_priority,
    "gridlock": gridlock,
    "spare": spare,
    "file": from_file,
    "times": from_times,
    "debited": lambda: from_file("debited.csv"),
    "debited at times": lambda: from_times("debited_times.csv"),
    "linked file": lambda: from_file("linked.csv"),
    "file with legs": lambda: {
        **from_file("linked.csv"),
        "transactions": {"path": "linked.csv", "columns": {"link": "bond"}},
    },
    "on the clock": on_the_clock,
    "a factor": lambda: with_event(busy(), "ArrivalRate", at={"tick": 20}, rate_per_tick=None, factor=2),
    **{f"at: {name}": partial(with_event, busy(), name, at={"tick": 20}) for name in EVENTS},
    **{f"when: {name}": partial(with_event, busy(), name, when={}) for name in EVENTS},
    **{
        f"condition: {key}": partial(with_event, busy(), "Injection", when=also)
        for key, (also, _, _) in CONDITIONS.items()
    },
    "limited": limited,
    "reserving": reserving,
    "released": partial(released, closes_at=20, supplemental_funding=60),
    "released at times": partial(released, when="times", at=[9]),
    "released with caps": partial(released, caps={"BANK_A": 100}),
    "guided": guided,
    "cut off": cut_off,
    "secured": lambda: secured(busy()),
    "held": held,
    "pooled": lambda: pooled(allocation=350),
    "pooled by share": lambda: pooled(share=0.5),
    "priced": lambda: {**secured(busy()), "overdraft": {}},
    "averaged": averaged,
    "escalating": escalating,
    **{
        f"{name}{suffix}": partial(listed, algorithm=algorithm, **timing)
        for name, algorithm in (("bilateral", "bilateral"), ("cycles", "cycles"), ("whole queues", "partial"))
        for suffix, timing in (("", {}), (" at times", {"when": "times", "at": [9]}))
    },
}


@dataclass(frozen=True)
class Row:
    """A key of the schema, where it stands in a scene, and two values that make a difference there."""

    key: str
    values: tuple[Any, Any]
    scene: str = "busy"
    place: str | None = None

    def made(self, value: object, folder: Path) -> Data:
        """The scene with this value; files are looked for in a folder."""
        data = deepcopy(SCENES[self.scene]())
        *parents, last = (
            int(part) if part.isdigit() else part for part in (self.place or self.key).split(".")
        )
        target: Any = data
        for part in parents:
            target = target[part] if isinstance(part, int) else target.setdefault(part, {})
        target[last] = value
        if data.get("transactions"):
            data["transactions"]["path"] = str(folder / data["transactions"]["path"])
        return data


def agent(place: int, key: str, *values: object, scene: str = "busy") -> Row:
    """A key of an agent."""
    first, second = values
    return Row(f"agents.{key}", (first, second), scene, f"agents.{place}.{key}")


def policy(place: int, kind: str, key: str, *values: object) -> Row:
    """A key of the policy that the agent at this place has."""
    first, second = values
    return Row(f"agents.policy.{kind}.{key}", (first, second), place=f"agents.{place}.policy.{key}")


def amounts(place: int, kind: str, key: str, *values: object) -> Row:
    """A key of the distribution that the agent at this place has."""
    first, second = values
    path = "arrival_config.amount_distribution"
    return Row(f"agents.{path}.{kind}.{key}", (first, second), place=f"agents.{place}.{path}.{key}")


def column(name: str, ours: str | None, other: str, scene: str = "file") -> Row:
    return Row(f"transactions.columns.{name}", (ours, other), scene)


def event(name: str, key: str, *values: object, scene: str | None = None) -> Row:
    """A key of the event of this type."""
    first, second = values
    return Row(
        f"scenario_events.{name}.{key}", (first, second), scene or f"at: {name}", f"scenario_events.0.{key}"
    )


def event_rows() -> Iterator[Row]:
    """Every key of every type of event; moments and conditions, the same for all, stand with the first."""
    for name in EVENTS:
        yield event(name, "at", {"tick": 20}, {"tick": 25})
        condition = {"queue2_size_above": 0, "from_tick": 12}
        yield event(name, "when", condition, {**condition, "from_tick": 25}, scene=f"when: {name}")
    for key, values in OTHER_VALUES.items():
        name, own_key = key.split(".")
        yield event(name, own_key, *values)
    yield event("ArrivalRate", "factor", 2, 3, scene="a factor")
    yield event("Outage", "at.tick", 20, 21)
    yield event("Outage", "at.time", "09:30", "09:45", scene="on the clock")
    yield event("Outage", "at.day", 1, None, scene="on the clock")
    for key, (_, first, second) in CONDITIONS.items():
        place = f"scenario_events.0.when.{key}"
        yield Row(f"scenario_events.Outage.when.{key}", (first, second), f"condition: {key}", place)


def step(kind: str, key: str, *values: object, scene: str) -> Row:
    """A key of the one step of a list."""
    first, second = values
    return Row(
        f"settlement.offsetting.{kind}.{key}", (first, second), scene, f"settlement.offsetting.0.{key}"
    )


def cleared_row(key: str, *values: object, scene: str = "cleared") -> Row:
    """A key of the one batch of a clearing house."""
    first, second = values
    return Row(f"ancillary_batches.{key}", (first, second), scene, f"ancillary_batches.0.{key}")


TIMED = (("Bilateral", "bilateral"), ("Cycles", "cycles"), ("WholeQueues", "whole queues"))
LSM_SWITCHES = (
    "enabled",
    "bilateral_enabled",
    "bilateral_offsetting",
    "enable_bilateral",
    "cycle_detection_enabled",
    "cycle_detection",
    "enable_cycles",
)
UNIFORM: Mapping[str, Any] = {"type": "Uniform", "min": 1, "max": 9}
ROWS = (
    Row("system", ("sic", None)),
    Row("simulation.ticks_per_day", (40, 35)),
    Row("simulation.num_days", (3, 2)),
    Row("simulation.rng_seed", (1, 2)),
    agent(6, "id", "SPARE", "OTHER", scene="spare"),
    agent(0, "opening_balance", 300, 301),
    agent(1, "credit_limit", 150, 0),
    agent(0, "policy", {"type": "Fifo"}, {"type": "Deadline", "urgency_threshold": 2}),
    policy(1, "Deadline", "urgency_threshold", 3, 8),
    policy(2, "LiquidityAware", "target_buffer", 200, 0),
    policy(2, "LiquidityAware", "urgency_threshold", 2, 7),
    policy(3, "LiquiditySplitting", "max_splits", 5, 2),
    policy(3, "LiquiditySplitting", "min_split_amount", 20, 90),
    policy(3, "LiquiditySplitting", "urgency_threshold", 0, 6),
    policy(4, "MockSplitting", "num_splits", 3, 4),
    agent(0, "arrival_config", busy()["agents"][0]["arrival_config"], None),
    agent(0, "arrival_config.rate_per_tick", 0.6, 0.7),
    agent(0, "arrival_config.amount_distribution", UNIFORM, {"type": "Exponential", "lambda": 0.1}),
    amounts(0, "Normal", "mean", 250, 200),
    amounts(0, "Normal", "std_dev", 120.5, 60),
    amounts(1, "Uniform", "min", 10, 300),
    amounts(1, "Uniform", "max", 500, 300),
    amounts(2, "LogNormal", "mean_log", 5.2, 4.9),
    amounts(2, "LogNormal", "std_dev_log", 0.8, 0.4),
    amounts(3, "LogNormal", "mean", 250.0, 200.0),
    amounts(3, "LogNormal", "std_dev", 200.0, 10.0),
    amounts(4, "Exponential", "lambda", 0.004, 0.006),
    agent(0, "arrival_config.counterparty_weights", {"BANK_B": 1}, {"BANK_C": 1}),
    agent(0, "arrival_config.deadline_range", [2, 12], [2, 13]),
    agent(0, "arrival_config.priority", 0, 10, scene="by priority"),
    agent(4, "arrival_config.divisible", True, False),
    Row("cost_rates.overdraft_bps_per_tick", (0.37, 0.38)),
    Row("cost_rates.delay_cost_per_tick_per_cent", (0.0013, "0.001300000000000001")),
    Row("cost_rates.eod_penalty_per_transaction", (700, 701)),
    Row("cost_rates.deadline_penalty", (55, 56)),
    Row("cost_rates.split_friction_cost", (11, 12)),
    agent(2, "collateral", {"BONDS": 120}, {"BONDS": 130}, scene="secured"),
    agent(1, "overdraft_bps_per_tick", "0.37", "0.38"),
    agent(1, "overdraft_deductible", 0, 20),
    Row("agents.liquidity_pool.amount", (400, 300), "pooled", "agents.0.liquidity_pool.amount"),
    Row("agents.liquidity_pool.allocation", (350, 340), "pooled", "agents.0.liquidity_pool.allocation"),
    Row("agents.liquidity_pool.share", (0.5, 0.6), "pooled by share", "agents.0.liquidity_pool.share"),
    Row(
        "agents.liquidity_pool.cost_bps_per_day",
        (0, 70),
        "pooled",
        "agents.0.liquidity_pool.cost_bps_per_day",
    ),
    agent(0, "liquidity_pool", None, {"amount": 400, "allocation": 350}),
    Row("overnight_facility", (None, {"lending_bps": 1})),
    Row("overnight_facility.lending_bps", (70, 80)),
    Row("overdraft.pricing", ("per_tick", "daily_average"), "averaged"),
    Row("overdraft.secured_bps_per_tick", (0, "0.3"), "priced"),
    Row("overdraft.waiver", (0, 1), "averaged"),
    Row("collateral.haircuts", ({"BONDS": 0.1, "SHARES": 0.3}, {"BONDS": 0.2, "SHARES": 0.3}), "secured"),
    Row("collateral.minimum_holding_ticks", (0, 5), "held"),
    *(Row(f"lsm_config.{name}", (True, False), "gridlock") for name in LSM_SWITCHES),
    Row("lsm_config.max_iterations", (3, 1), "gridlock"),
    Row("lsm_config.max_cycle_length", (3, 6), "gridlock"),
    Row("lsm_config.max_cycles_per_tick", (10, 1), "gridlock"),
    Row("settlement.queue_discipline", ("bypass", "fifo")),
    Row("settlement.crediting", ("immediate", "deferred")),
    Row("settlement.priority_bands", ([[8, 10], [4, 7], [0, 3]], [[0, 3], [4, 10]]), "by priority"),
    agent(0, "sender_limits", {"multilateral": 0}, None),
    agent(0, "sender_limits.bilateral", {"BANK_B": 1}, {"BANK_B": 700}, scene="limited"),
    agent(0, "sender_limits.multilateral", 1, 700, scene="limited"),
    agent(0, "reservations", {"highly_urgent": 100}, None, scene="by priority"),
    agent(1, "reservations.highly_urgent", 90, 0, scene="reserving"),
    agent(0, "reservations.urgent", 60, 0, scene="reserving"),
    *(
        Row(f"agents.escalation.{key}", values, "escalating", f"agents.0.escalation.0.{key}")
        for key, values in (("within_ticks", (6, 2)), ("priority", (9, 4)))
    ),
    Row("settlement.offsetting", ([], None), "gridlock"),
    *(step(kind, "when", "tick", "entry", scene=scene) for kind, scene in TIMED),
    *(step(kind, "every_ticks", 1, 7, scene=scene) for kind, scene in TIMED),
    *(step(kind, "at", [9], [8, 30], scene=f"{scene} at times") for kind, scene in TIMED),
    step("Bilateral", "queue", "anywhere", "fronts", scene="bilateral"),
    step("Bilateral", "amounts", "unequal", "equal", scene="bilateral"),
    step("Cycles", "max_length", 3, 4, scene="cycles"),
    step("Cycles", "max_cycles", 1, 10, scene="cycles"),
    step("Cycles", "prefer", "order", "value", scene="cycles"),
    step("BalancedRelease", "when", "tick", "entry", scene="released"),
    step("BalancedRelease", "every_ticks", 1, 7, scene="released"),
    step("BalancedRelease", "at", [9], [8, 30], scene="released at times"),
    step("BalancedRelease", "cap_multiple", 2, 3, scene="released"),
    step("BalancedRelease", "caps", {"BANK_A": 100}, {"BANK_A": 500}, scene="released with caps"),
    step("BalancedRelease", "final_settlement", True, False, scene="released with caps"),
    step("BalancedRelease", "closes_at", 20, 30, scene="released"),
    step("BalancedRelease", "supplemental_funding", 60, 0, scene="released"),
    step("WholeQueues", "algorithm", "partial", "gridlock_resolution", scene="whole queues"),
    *(
        Row(f"settlement.cut_offs.{key}", values, "cut off", f"settlement.cut_offs.0.{key}")
        for key, values in (
            ("after", (30, 28)),
            ("priorities", ([0, 9], [0, 5])),
            ("action", ("reject", "next_day")),
        )
    ),
    Row("end_of_day.unsettled", ("carry_over", "cancel")),
    Row("output.events", ("full", "summary")),
    Row("transactions", ({"path": "day.csv"}, None), "file"),
    Row("transactions.path", ("day.csv", "other.csv"), "file"),
    Row("transactions.amounts", ("minor_units", "decimal"), "file"),
    column("transaction_id", None, "ref"),
    column("sender", "sender", "payer"),
    column("receiver", "receiver", "payee"),
    column("amount", "amount", "total"),
    column("submit_tick", "submit_tick", "tick"),
    column("deadline_tick", None, "late"),
    column("priority", None, "rank"),
    column("divisible", None, "cut"),
    column("link", None, "bond", "linked file"),
    column("link_legs", "legs", "link_legs", "file with legs"),
    column("earliest_debit_tick", None, "begins", "debited"),
    column("latest_debit_tick", None, "ends", "debited"),
    column("earliest_debit_time", None, "begins", "debited at times"),
    column("latest_debit_time", None, "ends", "debited at times"),
    column("submit_time", None, "entered", "times"),
    column("deadline_time", None, "cutoff", "times"),
    Row("clock.date", ("2026-03-02", "2026-03-03"), "times"),
    Row("clock.opens_at", ("08:00", "09:00"), "times"),
    Row("clock.tick_seconds", (3_600, 1_800), "times"),
    Row("clock.timezone", ("UTC", "Europe/Berlin"), "times"),
    Row("clock.days", ("calendar", "business"), "times"),
    Row("scenario_events", ([], [OUT])),
    *event_rows(),
    *(
        Row(f"throughput.{key}", values, "guided", f"throughput.1.{key}")
        for key, values in (("by", (25, 26)), ("share", (0.6, "0.6001")), ("penalty", (0, "0.001")))
    ),
    cleared_row("id", "ACH", "OTHER"),
    cleared_row("account", "BANK_F", "BANK_E"),
    cleared_row("every_day", False, True),
    cleared_row("settlement_period_ticks", None, 2, scene="cleared in vain"),
    cleared_row("positions", {"BANK_A": -60, "BANK_B": 60}, {"BANK_A": -61, "BANK_B": 61}),
    Row("currency.code", ("EUR", "SEK"), "file"),
    Row("currency.minor_digits", (2, 3), "file"),
)

SAME_BY_CONTRACT = {
    "agents.policy.MockSplitting.type": Row(
        "agents.policy.MockSplitting.type", ("MockSplitting", "FixedSplitting"), place="agents.4.policy.type"
    ),
}
"""Keys of which all values mean the same."""
