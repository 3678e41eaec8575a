"""Small whole days for the engine and the model: tight liquidity, small amounts, few agents.

Small numbers make ties, gridlocks and shortfalls frequent. Hypothesis draws a seed, and decides what is left
out of agents, payments, sections and policies, so that a failing day shrinks to what matters. The values come
from the seed: days that Hypothesis draws value by value are mostly empty or repeat themselves.
"""

from dataclasses import dataclass
from decimal import Decimal
from pprint import pformat
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.differential.credit import make_collateral, make_overdraft, make_own_price, make_pool, make_posted
from tests.differential.events import make_events, may_reserve
from tests.differential.timetable import make_cut_offs, make_debit_times, make_escalation, make_guidelines

DISCIPLINES = ("bypass", "fifo", "priority")
CREDITINGS = ("immediate", "deferred")
AGENT_NAMES = "ABCDEF"
BANDS: tuple[list[list[int]], ...] = (
    [[8, 10], [4, 7], [0, 3]],
    [[5, 10], [0, 4]],
    [[0, 10]],
    [[0, 3], [4, 10]],
    [[5, 5], [0, 2], [8, 10]],
    [[10, 10], [9, 9], [1, 8], [0, 0]],
)
RATES: tuple[Any, ...] = (
    0,
    1,
    3,
    "0.5",
    0.001,
    0.25,
    1e-05,
    Decimal("0.0001"),
    "12.5",
    "0.000000000000000001",
    Decimal("7.123456789012345678"),
    "0.333333333333333333",
)
RATE_NAMES = (
    "overdraft_bps_per_tick",
    "delay_cost_per_tick_per_cent",
    "eod_penalty_per_transaction",
    "deadline_penalty",
    "split_friction_cost",
)
ALIASES = (
    ("bilateral_enabled", "bilateral_offsetting", "enable_bilateral"),
    ("cycle_detection_enabled", "cycle_detection", "enable_cycles"),
)
ALGORITHMS = (
    "bilateral",
    *("cycles",) * 3,
    *("gridlock_resolution",) * 3,
    *("all_or_nothing",) * 6,  # The others find something more often.
    "partial",
    "multiple",
    "target2_sequence",
    "entry_disposition",
    *("balanced_release",) * 4,
)
DISTRIBUTIONS: tuple[dict[str, Any], ...] = (
    {"type": "Uniform", "min": 1, "max": 12},
    {"type": "Normal", "mean": 6.0, "std_dev": 3.0},
    {"type": "LogNormal", "mean_log": 1.5, "std_dev_log": 0.6},
    {"type": "LogNormal", "mean": 6.0, "std_dev": 3.0},
    {"type": "Exponential", "lambda": 0.2},
)

Row = dict[str, Any]


@dataclass(frozen=True)
class Mood:
    """What kind of trouble a scenario is after: values to draw from, and shares of ten."""

    opening_balances: tuple[int, ...]
    rich_balances: tuple[int, ...]  # of one of the agents
    credit_limits: tuple[int | None, ...]
    amounts: tuple[int, ...]
    ring_share: int  # payments that go to the next agent
    fifo_share: int  # agents that release everything
    offsetting_share: int  # scenarios with offsetting
    rich_pays_late: bool = False  # when the others' queues are full


GRIDLOCK = Mood(
    opening_balances=(0, 0, 0, 1, 2),
    rich_balances=(0, 3),
    credit_limits=(0, 0, None, 1),
    amounts=(5, 5, 4, 6, 5, 3, 10),
    ring_share=4,
    fifo_share=3,
    offsetting_share=10,
)
RING = Mood(
    opening_balances=(0, 1, 2, 3),
    rich_balances=(2, 1, 4),
    credit_limits=(None, 1, 0),
    amounts=(5, 5, 5, 4, 5, 5, 6),
    ring_share=9,
    fifo_share=9,
    offsetting_share=10,
)
CASCADE = Mood(
    opening_balances=(0, 0, 0, 1),
    rich_balances=(20, 35, 60),
    credit_limits=(0, 0, None, 1),
    amounts=(2, 3, 4, 5, 3, 6, 1),
    ring_share=0,
    fifo_share=8,
    offsetting_share=1,
    rich_pays_late=True,
)
MIXED = Mood(
    opening_balances=(0, 0, 0, 1, 3, 5, 8, 12, 20),
    rich_balances=(0, 10, 30),
    credit_limits=(0, None, 0, 1, 4, 10),
    amounts=(1, 2, 3, 3, 4, 5, 5, 6, 7, 8, 10, 11, 15, 23),
    ring_share=3,
    fifo_share=1,
    offsetting_share=9,
)
MOODS = (GRIDLOCK,) + (RING,) * 5 + (CASCADE,) * 4 + (MIXED,) * 2
STEPS_MOODS = (GRIDLOCK,) * 3 + (RING,) * 3 + (CASCADE, MIXED, MIXED)


@dataclass(frozen=True)
class Submit:
    """One `submit_transaction`; it may be one that must be refused."""

    row: Row


@dataclass(frozen=True)
class SubmitBatch:
    """One `submit_transactions_batch`: rows of the same columns, with `submit_tick` if they are scheduled."""

    rows: list[Row]


@dataclass(frozen=True)
class Intervene:
    """What a sender does to a transaction of its own: a method, which transaction, the other arguments.

    The transaction is the one at a place, counted round, among those that are open, or among all.
    """

    method: str
    place: int
    values: Row
    among_all: bool = False


Action = Submit | SubmitBatch | Intervene


@dataclass(frozen=True)
class Scenario:
    """A config, and what is submitted before which tick."""

    config: dict[str, Any]
    actions: dict[int, list[Action]]

    @property
    def num_ticks(self) -> int:
        return int(self.config["ticks_per_day"] * self.config["num_days"])

    @property
    def agent_ids(self) -> list[str]:
        return [agent["id"] for agent in self.config["agent_configs"]]

    @property
    def richest(self) -> str:
        agents = self.config["agent_configs"]
        return str(max(agents, key=lambda agent: agent["opening_balance"])["id"])

    @property
    def priorities(self) -> list[int]:
        """All that some band holds."""
        bands = self.config.get("settlement", {}).get("priority_bands", BANDS[0])
        return sorted(priority for low, high in bands for priority in range(low, high + 1))

    def __str__(self) -> str:
        config, actions = (pformat(part, width=240, sort_dicts=False) for part in (self.config, self.actions))
        return f"config = {config}\nactions = {actions}"


# --- drawing ---


class Drawing:
    """What Hypothesis decides: the seed of all values, and what is there at all.

    It is drawn as one number and one string of bytes: Hypothesis repeats what is drawn in many small pieces.
    """

    def __init__(self, draw: st.DrawFn, decisions: int = 96) -> None:
        self._seed = draw(st.integers(0, 2**62 - 1))
        self._decisions = iter(draw(st.binary(min_size=decisions, max_size=decisions)))

    def dice(self, name: str) -> Random:
        """Values for one thing, the same whatever else is left out."""
        return Random(f"{self._seed}/{name}")

    def keeps(self, percent: int = 90) -> bool:
        """Whether something is there; a failing example shrinks towards absence."""
        return next(self._decisions) >= 256 * (100 - percent) // 100


def is_chance(dice: Random, share: int) -> bool:
    """Yes, so many times of ten."""
    return dice.randrange(10) < share


# --- the config ---


def make_policy(dice: Random) -> Row:
    """Any policy with its parameters."""
    threshold = dice.randint(0, 4)
    splitting = {"type": "LiquiditySplitting", "max_splits": dice.randint(2, 10)}
    policies: tuple[Row, ...] = (
        {"type": "Fifo"},
        {"type": "Deadline", "urgency_threshold": threshold},
        {"type": "LiquidityAware", "target_buffer": dice.randint(0, 8), "urgency_threshold": threshold},
        {**splitting, "min_split_amount": dice.randint(1, 4), "urgency_threshold": threshold},
        {**splitting, "min_split_amount": 1},
        {"type": "MockSplitting", "num_splits": dice.randint(2, 4)},
        {"type": "FixedSplitting", "num_splits": dice.randint(2, 10)},
    )
    return dice.choice(policies)


def make_arrivals(dice: Random, others: list[str], priorities: list[int]) -> Row:
    """One agent's random arrivals."""
    weights = {other: dice.choice((0.0, 1.0, 2.5)) for other in others}
    weights[dice.choice(others)] = 1.0
    soonest = dice.randint(1, 3)
    return {
        "rate_per_tick": dice.choice((0.0, 0.5, 0.5, 1.5)),
        "amount_distribution": dice.choice(DISTRIBUTIONS),
        "counterparty_weights": weights,
        "deadline_range": [soonest, soonest + dice.randint(0, 4)],
        "priority": dice.choice(priorities),
        "divisible": is_chance(dice, 5),
    }


def make_agent(dice: Random, mood: Mood, agent_id: str, *, is_rich: bool, is_plain: bool) -> Row:
    """An agent with next to no money; an overdrawn opening balance lies within the limit."""
    balances = mood.rich_balances if is_rich else mood.opening_balances
    agent: Row = {"id": agent_id, "opening_balance": dice.choice(balances)}
    credit_limit = dice.choice(mood.credit_limits)
    if credit_limit is not None:
        agent["credit_limit"] = credit_limit
    if credit_limit and is_chance(dice, 2):
        agent["opening_balance"] = -dice.randint(1, credit_limit)
    policy = {"type": "Fifo"} if is_chance(dice, mood.fifo_share) else make_policy(dice)
    agent["policy"] = {"type": "Fifo"} if is_plain else policy
    return agent


def make_rates(dice: Random) -> Row:
    return {name: dice.choice(RATES) for name in RATE_NAMES if is_chance(dice, 8)}


def make_offsetting(dice: Random, mood: Mood) -> Row:
    """Switches under one of their names, and limits; each key is left out at times."""
    section: Row = {}
    if not is_chance(dice, mood.offsetting_share):
        section["enabled"] = False
    elif is_chance(dice, 3):
        section["enabled"] = True
    for names in ALIASES:
        if is_chance(dice, 5):
            section[dice.choice(names)] = is_chance(dice, 8)
    limits = {
        "max_iterations": dice.randint(1, 5),
        "max_cycle_length": dice.randint(3, 6),
        "max_cycles_per_tick": dice.choice((10, 5, 4, 3, 2, 2, 1, 1, 0)),
    }
    section.update({name: limit for name, limit in limits.items() if is_chance(dice, 4)})
    return section


def make_bands(dice: Random, agents: list[str], ticks_per_day: int) -> Row:
    """The options of balanced release: bands that a few payments fill, and a close."""
    capped = dice.sample(agents, dice.randint(0, len(agents)))
    options: Row = {
        "cap_multiple": dice.randint(1, 4),
        "caps": {agent: dice.choice((0, 2, 5, 8, 12, 30)) for agent in capped},
    }
    if is_chance(dice, 2):
        return {**options, "final_settlement": False}
    closing = {
        "final_settlement": True,
        "closes_at": dice.randrange(ticks_per_day),
        "supplemental_funding": dice.choice((0, 1, 4, 10)),
    }
    return {**options, **{key: value for key, value in closing.items() if is_chance(dice, 6)}}


def make_step(dice: Random, ticks_per_day: int, agents: list[str]) -> Row:
    """One step of the list of offsetting."""
    algorithm = dice.choice(ALGORITHMS)
    if algorithm == "entry_disposition":
        return {"algorithm": algorithm}
    step: Row = {"algorithm": algorithm}
    match dice.choice(("", "tick", "tick", "entry", "change", "times")):
        case "tick":
            step.update(when="tick", every_ticks=dice.randint(1, 3))
        case "times":
            step.update(when="times", at=sorted(dice.sample(range(ticks_per_day), min(2, ticks_per_day))))
        case "":
            pass
        case when:
            step["when"] = when
    options: dict[str, Row] = {
        "bilateral": {
            "queue": dice.choice(("anywhere", "fronts")),
            "amounts": dice.choice(("unequal", "equal")),
        },
        "cycles": {
            "max_length": dice.choice((3, 4)),
            "max_cycles": dice.randint(1, 4),
            "prefer": dice.choice(("order", "value", "count", "liquidity")),
        },
    }
    step.update({key: value for key, value in options.get(algorithm, {}).items() if is_chance(dice, 7)})
    if algorithm == "balanced_release" and is_chance(dice, 9):
        step.update(make_bands(dice, agents, ticks_per_day))
    return step


def released_once(steps: list[Row]) -> list[Row]:
    """The steps without a second one of balanced release."""
    places = [place for place, step in enumerate(steps) if step["algorithm"] == "balanced_release"]
    return [step for place, step in enumerate(steps) if place not in places[1:]]


def make_limits(dice: Random, others: list[str]) -> Row:
    """Sender limits that a few payments reach."""
    some = dice.sample(others, dice.randint(0, min(2, len(others))))
    limits: Row = {"bilateral": {other: dice.choice((0, 3, 5, 8)) for other in some}}
    if is_chance(dice, 6):
        limits["multilateral"] = dice.choice((0, 3, 6, 10, 15))
    return limits


def add_reservations(drawing: Drawing, config: Row) -> None:
    """Let agents keep a little for what is more urgent, where there are bands for it."""
    dice = drawing.dice("reservations")
    if not may_reserve(config) or not is_chance(dice, 5):
        return
    for agent in config["agent_configs"]:
        if drawing.keeps(60):
            amounts = {"highly_urgent": dice.choice((1, 2, 5, 8)), "urgent": dice.choice((0, 1, 3, 6))}
            agent["reservations"] = {key: amount for key, amount in amounts.items() if is_chance(dice, 8)}


def add_steps_and_limits(drawing: Drawing, config: Row) -> None:
    """Give a config a list of offsetting steps, and some agents sender limits."""
    dice = drawing.dice("steps")
    ids = [agent["id"] for agent in config["agent_configs"]]
    steps = [make_step(dice, config["ticks_per_day"], ids) for _ in range(dice.choice((1, 1, 1, 2, 3)))]
    config["settlement"]["offsetting"] = released_once([step for step in steps if drawing.keeps(95)])
    if is_chance(dice, 8):
        config.pop("lsm_config", None)
    limited = is_chance(dice, 5)
    for agent in config["agent_configs"]:
        if limited and drawing.keeps(50):
            others = [other for other in ids if other != agent["id"]]
            agent["sender_limits"] = make_limits(drawing.dice(f"limits {agent['id']}"), others)


def make_agents(drawing: Drawing, mood: Mood) -> list[Row]:
    """One to six agents in any order; one of them may have some money."""
    dice = drawing.dice("agents")
    kept = {name for name in AGENT_NAMES if drawing.keeps(98)}
    plain = {name for name in AGENT_NAMES if not drawing.keeps()}
    count = dice.choice((1, 2) + (3,) * 9 + (4,) * 9 + (5,) * 4 + (6,) * 3)
    ids = [name for name in dice.sample(AGENT_NAMES, count) if name in kept] or ["A"]
    rich = dice.choice(ids)
    return [
        make_agent(drawing.dice(name), mood, name, is_rich=name == rich, is_plain=name in plain)
        for name in ids
    ]


def make_config(drawing: Drawing, mood: Mood, discipline: str, crediting: str) -> Row:
    """A whole config without arrivals; sections are left out at times."""
    dice = drawing.dice("config")
    settlement: Row = {"queue_discipline": discipline, "crediting": crediting}
    bands = dice.choice((None, *BANDS))
    if bands and drawing.keeps():
        settlement["priority_bands"] = bands
    sections = {
        "cost_rates": make_rates(dice),
        "lsm_config": make_offsetting(dice, mood),
        "end_of_day": {"unsettled": dice.choice(("cancel", "carry_over"))},
    }
    return {
        "ticks_per_day": dice.choice((1, 2, 3, 4, 5, 6, 8, 12)),
        "num_days": dice.choice((1, 2, 3)),
        "rng_seed": dice.randrange(2**64),
        "agent_configs": make_agents(drawing, mood),
        "settlement": settlement,
        **{name: section for name, section in sections.items() if drawing.keeps()},
    }


def add_arrivals(drawing: Drawing, scenario: Scenario) -> None:
    """Give some agents random arrivals."""
    for agent in scenario.config["agent_configs"]:
        others = [other for other in scenario.agent_ids if other != agent["id"]]
        if others and drawing.keeps(60):
            dice = drawing.dice(f"arrivals {agent['id']}")
            agent["arrival_config"] = make_arrivals(dice, others, scenario.priorities)


def add_events(drawing: Drawing, scenario: Scenario) -> None:
    """Let a few things happen apart from payments, on some days."""
    dice = drawing.dice("scenario events")
    if is_chance(dice, 5):
        events = make_events(dice, scenario.config, make_policy)
        scenario.config["scenario_events"] = [event for event in events if drawing.keeps()]


def add_timetable(drawing: Drawing, scenario: Scenario) -> None:
    """Let the tick of the day matter, on some days."""
    dice = drawing.dice("timetable")
    if is_chance(dice, 4):
        guidelines = make_guidelines(dice, scenario.config["ticks_per_day"], RATES)
        scenario.config["throughput"] = [guideline for guideline in guidelines if drawing.keeps()]
    if is_chance(dice, 4):
        for agent in scenario.config["agent_configs"]:
            steps = make_escalation(drawing.dice(f"escalation {agent['id']}"), scenario.priorities)
            if drawing.keeps(60):
                agent["escalation"] = steps
    if is_chance(dice, 4):
        cut_offs = make_cut_offs(dice, scenario.config["ticks_per_day"])
        settlement = {"cut_offs": [cut_off for cut_off in cut_offs if drawing.keeps()]}
        scenario.config["settlement"] = {**scenario.config["settlement"], **settlement}


def add_credit(drawing: Drawing, config: Row) -> None:
    """On some days let collateral secure credit, or overdrafts have another price."""
    dice = drawing.dice("credit")
    if is_chance(dice, 3):
        config["collateral"] = make_collateral(dice)
        for agent in config["agent_configs"]:
            if drawing.keeps(70):
                agent["collateral"] = make_posted(drawing.dice(f"collateral {agent['id']}"))
    if is_chance(dice, 3):
        config["overdraft"] = make_overdraft(dice, RATES)
    if is_chance(dice, 2):
        for agent in config["agent_configs"]:
            agent.update(make_own_price(drawing.dice(f"overdraft {agent['id']}"), RATES))


def add_daily(drawing: Drawing, config: Row) -> None:
    """On some days let liquidity come in the morning, or be lent over night."""
    dice = drawing.dice("daily")
    if is_chance(dice, 2):
        for agent in config["agent_configs"]:
            if drawing.keeps(60):
                agent["liquidity_pool"] = make_pool(drawing.dice(f"pool {agent['id']}"), RATES)
    if is_chance(dice, 2):
        config["overnight_facility"] = {"lending_bps": dice.choice(RATES)}


def make_batch(dice: Random, config: Row, number: int) -> Row:
    """Net positions of some agents, of which one or another may lack what it has to pay."""
    agents = [agent["id"] for agent in config["agent_configs"]]
    account, *others = dice.sample(agents, dice.randint(3, len(agents)))
    positions = {agent: dice.choice((-1, -2, -3, -5, -8, 1, 2, 4, 6)) for agent in others[1:]}
    rest = -sum(positions.values())
    if rest:
        positions[others[0]] = rest
    per_day = config["ticks_per_day"]
    tick = dice.randrange(per_day * config["num_days"])
    period = dice.choice((None, None, 1, 2, 3, 5))
    batch: Row = {"id": f"N{number}", "account": account, "at": {"tick": tick}, "positions": positions}
    if period is not None:
        batch["settlement_period_ticks"] = min(period, per_day - tick % per_day)
    return batch


def add_batches(drawing: Drawing, config: Row) -> None:
    """Let clearing houses settle net positions, on some days."""
    dice = drawing.dice("batches")
    if len(config["agent_configs"]) < 3 or not is_chance(dice, 4):
        return
    batches = [make_batch(dice, config, number) for number in range(dice.choice((1, 1, 2, 3)))]
    batches = [batch for batch in batches if len(batch["positions"]) > 1 and drawing.keeps()]
    if batches:
        config["ancillary_batches"] = batches


# --- the transactions ---


@dataclass(frozen=True)
class Market:
    """Who may pay whom in a scenario, and in which mood."""

    mood: Mood
    ids: list[str]
    priorities: list[int]
    rich: str


def choose_way(dice: Random, market: Market) -> tuple[str, str]:
    """Sender and receiver: rather round a ring of the first four, rather not the rich one that pays late."""
    sender, receiver = dice.sample(market.ids, 2)
    ring = market.ids[:4]
    if sender in ring and is_chance(dice, market.mood.ring_share):
        receiver = ring[(ring.index(sender) + 1) % len(ring)]
    if market.mood.rich_pays_late and market.rich in {sender, receiver}:
        sender, receiver = dice.sample(market.ids, 2)
    return sender, receiver


def make_payment(dice: Random, market: Market, tick: int, latest: int | None = None) -> Row:
    """One transaction of `tick`; the rich agent pays much in `latest`, if the mood wants that."""
    sender, receiver = choose_way(dice, market)
    amount = dice.choice(market.mood.amounts)
    if market.mood.rich_pays_late and sender == market.rich:
        tick, amount = tick if latest is None else latest, 3 * amount
    patience = dice.choice((None, 1, 2, 3, 5, 20))
    return {
        "sender": sender,
        "receiver": receiver,
        "amount": amount,
        "submit_tick": tick,
        "deadline_tick": None if patience is None else tick + patience,
        "priority": dice.choice(market.priorities),
        "divisible": is_chance(dice, 5),
    }


def without_tick(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "submit_tick"}


def make_scheduled(dice: Random, market: Market, ticks: range, name: str, size: int) -> SubmitBatch:
    """Rows for a few of these ticks that are near each other; some bring an id of their own."""
    start, width = dice.choice(ticks), dice.choice((1, 2, 5))
    some_ticks = dice.choices(ticks[start - ticks.start :][:width], k=3)
    rows = []
    for number in range(size):
        row = make_payment(dice, market, dice.choice(some_ticks), latest=max(some_ticks))
        row["transaction_id"] = f"{name}-{number}" if is_chance(dice, 2) else None
        rows.append(row)
    return SubmitBatch(rows)


def make_submit(dice: Random, market: Market, tick: int) -> Submit:
    """One transaction now; one in ten is spoilt so that it must be refused."""
    row = without_tick(make_payment(dice, market, tick))
    spoilt: tuple[Row, ...] = (
        {"receiver": "NOBODY"},
        {"sender": "NOBODY"},
        {"receiver": row["sender"]},
        {"amount": 0},
        {"amount": -1},
        {"deadline_tick": tick},
    )
    if is_chance(dice, 1):
        row.update(dice.choice(spoilt))
    return Submit(row)


def make_later_action(dice: Random, market: Market, tick: int, num_ticks: int, name: str) -> Action:
    """One call before `tick`: a submission, or a batch for now or for later."""
    match dice.choice(("submit", "submit", "now", "scheduled")):
        case "submit":
            return make_submit(dice, market, tick)
        case "now":
            rows = [make_payment(dice, market, tick) for _ in range(dice.randint(1, 4))]
            return SubmitBatch([without_tick(row) for row in rows])
        case _:
            return make_scheduled(dice, market, range(tick, num_ticks), name, dice.randint(1, 4))


def make_intervention(dice: Random, market: Market) -> Intervene:
    """What a sender does to one of its transactions; one in ten may concern one that is closed."""
    place, among_all = dice.randrange(10**6), is_chance(dice, 1)
    match dice.choice(("change_priority",) * 4 + ("revoke", "resubmit", "split", "move_in_queue") * 2):
        case "change_priority":
            priority = dice.choice(market.priorities) if is_chance(dice, 9) else dice.choice((-1, 3, 11))
            return Intervene("change_priority", place, {"priority": priority}, among_all)
        case "split":
            return Intervene("split", place, {"parts": dice.choice((2, 2, 3, 4, 10, 11, 1))}, among_all)
        case "move_in_queue":
            return Intervene("move_in_queue", place, {"to": dice.choice(("front", "end"))}, among_all)
        case method:
            return Intervene(method, place, {}, among_all)


def add_interventions(drawing: Drawing, market: Market, scenario: Scenario) -> None:
    """Let senders change their minds on most days, after what is submitted before the same tick."""
    dice = drawing.dice("interventions")
    for _ in range(dice.choice((0, 0, 1, 2, 4, 8, 12))):
        tick, action = dice.randrange(scenario.num_ticks), make_intervention(dice, market)
        if not drawing.keeps():
            continue
        scenario.actions.setdefault(tick, []).append(action)
        if action.method == "revoke" and is_chance(dice, 7):
            later = Intervene("resubmit", dice.randrange(10**6), {}, among_all=False)
            scenario.actions.setdefault(dice.randrange(tick, scenario.num_ticks), []).append(later)


def make_actions(drawing: Drawing, market: Market, num_ticks: int) -> dict[int, list[Action]]:
    """A batch before the first tick, and a few submissions and batches on the way."""
    dice = drawing.dice("actions")
    first = make_scheduled(dice, market, range(num_ticks), "first", dice.randint(8, 48))
    planned: dict[int, list[Action]] = {0: [SubmitBatch([row for row in first.rows if drawing.keeps()])]}
    for number in range(dice.randint(0, 6)):
        tick = dice.randrange(num_ticks)
        action = make_later_action(dice, market, tick, num_ticks, f"later{number}")
        if drawing.keeps():
            planned.setdefault(tick, []).append(action)
    return planned


def add_links(drawing: Drawing, scenario: Scenario) -> None:
    """Link some payments, rather such as go both ways; here and there a leg is missing, or one too many."""
    dice = drawing.dice("links")
    if not is_chance(dice, 4):
        return
    rows = [row for actions in scenario.actions.values() for action in actions for row in rows_of(action)]
    dice.shuffle(rows)
    for number in range(dice.choice((1, 2, 3, 5, 8))):
        size = dice.choice((2, 2, 2, 2, 3, 4))
        legs = [rows.pop() for _ in range(min(len(rows), size + dice.choice((0,) * 12 + (-1, -1, 1))))]
        if drawing.keeps():
            link_together(dice, legs, f"L{number}", size)
    for action in (action for actions in scenario.actions.values() for action in actions):
        if isinstance(action, SubmitBatch) and any("link" in row for row in action.rows):
            for row in action.rows:
                row.setdefault("link", None)
                row.setdefault("link_legs", None)


def rows_of(action: Action) -> list[Row]:
    match action:
        case Submit():
            return [action.row]
        case SubmitBatch():
            return action.rows
        case _:
            return []


def link_together(dice: Random, legs: list[Row], name: str, size: int) -> None:
    """Make these legs of a link; the second pays back the first, and so on."""
    for place, row in enumerate(legs):
        row.update(link=name, link_legs=size if size > 2 or is_chance(dice, 3) else None)
        row["divisible"] = row["divisible"] and is_chance(dice, 1)
        if place % 2 and is_chance(dice, 7):
            other = legs[place - 1]
            row.update(sender=other["receiver"], receiver=other["sender"])


def add_debit_times(drawing: Drawing, scenario: Scenario) -> None:
    """On some days let transactions be debited not before a tick, or not after one."""
    dice = drawing.dice("debit times")
    if not is_chance(dice, 3):
        return
    for tick, actions in sorted(scenario.actions.items()):
        for place, action in enumerate(actions):
            if isinstance(action, SubmitBatch):
                rows = [make_debit_times(dice, row, row.get("submit_tick", tick)) for row in action.rows]
                # What settles together has no debit times of its own.
                legs = [row for row in rows if row.get("link") is not None]
                for row in legs:
                    row.update(earliest_debit_tick=None, latest_debit_tick=None)
                actions[place] = SubmitBatch(rows)
            elif isinstance(action, Submit):
                # Some of them could not be debited any more.
                actions[place] = Submit(make_debit_times(dice, action.row, tick - is_chance(dice, 1)))


@st.composite
def scenarios(
    draw: st.DrawFn,
    disciplines: tuple[str, ...],
    creditings: tuple[str, ...],
    *,
    arrivals: bool = False,
    steps: bool = False,
) -> Scenario:
    """A whole small run under one of these disciplines and creditings; with a list of steps if wanted."""
    drawing = Drawing(draw, decisions=188 if steps else 172)
    dice = drawing.dice("scenario")
    mood = dice.choice(STEPS_MOODS if steps else MOODS)
    config = make_config(drawing, mood, dice.choice(disciplines), dice.choice(creditings))
    if steps:
        add_steps_and_limits(drawing, config)
    add_reservations(drawing, config)
    add_credit(drawing, config)
    add_daily(drawing, config)
    add_batches(drawing, config)
    scenario = Scenario(config, {})
    if arrivals:
        add_arrivals(drawing, scenario)
    add_events(drawing, scenario)
    add_timetable(drawing, scenario)
    if len(scenario.agent_ids) > 1:
        market = Market(mood, scenario.agent_ids, scenario.priorities, scenario.richest)
        scenario.actions.update(make_actions(drawing, market, scenario.num_ticks))
        add_interventions(drawing, market, scenario)
        add_links(drawing, scenario)
        add_debit_times(drawing, scenario)
    return scenario
