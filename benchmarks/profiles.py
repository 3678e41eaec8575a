"""The rules of real systems: a T2-sized day under its profile, and what each way of offsetting takes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from benchmarks.days import t2_day
from benchmarks.measuring import Spread, interleaved, seconds_of
from benchmarks.rows import Part, Row
from payment_simulator import SimulationConfig
from payment_simulator._core import Orchestrator
from payment_simulator.config import profile_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from payment_simulator._core import TickResult

Step = dict[str, Any]

_ABOUT = """In the engine, called from Python; submitting is not counted. The day is the T2-sized one of the
engine, under `system: t2`; each of the 100 largest participants limits what it sends to the next one and to
all others, and reserves a tenth of its funds. Below it the same day with one step of offsetting in each tick,
or none; and under balanced release alone, with a two-hundredth of the funds and no credit, so that nearly
everything waits to the end. Then one call of each algorithm on 10,000 transactions of 500 agents that all
wait."""
_LARGEST = 100
DAY_SECONDS_MAX: Final = 1.0
CALL_SECONDS_MAX: Final = 0.05
BANDS_SECONDS_MAX: Final = 5.0
_BANDS_SHARE = 200
_QUEUED, _AGENTS = 10_000, 500
_MILLI = 1e3
_WHOLE_QUEUES = ("gridlock_resolution", "all_or_nothing", "partial", "multiple", "target2_sequence")
_PREFERENCES = ("order", "value", "count", "liquidity")
CALLED_STEPS: tuple[Step, ...] = (
    {"algorithm": "bilateral"},
    {"algorithm": "bilateral", "queue": "fronts", "amounts": "equal"},
    *({"algorithm": "cycles", "prefer": preference} for preference in _PREFERENCES),
    *({"algorithm": name} for name in _WHOLE_QUEUES),
    {"algorithm": "balanced_release", "cap_multiple": 100},
)


def measure(repeats: int) -> Part:
    """Measures the whole profile, its parts, and single calls."""
    plain, payments = t2_day()
    agents = with_limits(plain["agents"])
    day = partial(run_day, plain["simulation"], agents, payments)
    in_bands = _in_bands(partial(run_in_bands, plain["simulation"], plain["agents"], payments), repeats)
    rows = [
        *_whole(day, repeats),
        *_alone(day, repeats),
        in_bands,
        *(_call(step, repeats) for step in CALLED_STEPS),
    ]
    return Part("Rules of real systems", _ABOUT, rows)


def with_limits(agents: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The agents, of which the largest have limits and reservations in proportion to what they have."""
    limited = [dict(agent) for agent in agents]
    for place, agent in enumerate(limited[:_LARGEST]):
        funds = agent["opening_balance"] + agent["credit_limit"]
        after = limited[(place + 1) % _LARGEST]["id"]
        agent["sender_limits"] = {"bilateral": {after: funds}, "multilateral": 3 * funds}
        agent["reservations"] = {"highly_urgent": funds // 20, "urgent": funds // 20}
    return limited


def run_day(
    simulation: dict[str, int],
    agents: list[dict[str, Any]],
    payments: pa.RecordBatch,
    offsetting: list[Step] | None,
) -> tuple[float, TickResult, int]:
    """Runs the day, with these steps instead of the profile's if there are any.

    Returns:
        How many seconds it takes, what it did, and how many still wait in Queue 2.
    """
    data: dict[str, Any] = {"system": "t2", "simulation": simulation, "agents": agents}
    if offsetting is not None:
        data["settlement"] = {"offsetting": offsetting}
    return _run(data, payments)


def run_in_bands(
    simulation: dict[str, int], agents: Sequence[dict[str, Any]], payments: pa.RecordBatch
) -> tuple[float, TickResult, int]:
    """Runs the day under balanced release in each tick, with so little money that nearly everything waits.

    Returns:
        As `run_day`.
    """
    poor = [
        {**agent, "opening_balance": agent["opening_balance"] // _BANDS_SHARE, "credit_limit": 0}
        for agent in agents
    ]
    release = {"algorithm": "balanced_release", "final_settlement": False}
    settlement = {"queue_discipline": "priority", "offsetting": [release]}
    return _run({"simulation": simulation, "agents": poor, "settlement": settlement}, payments)


def _run(data: dict[str, Any], payments: pa.RecordBatch) -> tuple[float, TickResult, int]:
    orchestrator = Orchestrator.new(SimulationConfig.from_dict(data).to_ffi_dict())
    orchestrator.submit_transactions_batch(payments)
    totals: list[TickResult] = []
    seconds = seconds_of(lambda: totals.append(orchestrator.run()))
    return seconds, totals[0], orchestrator.get_queue2_size()


Day = partial["tuple[float, TickResult, int]"]


def every_step() -> list[Step]:
    """The steps of the profile `t2`, and the algorithms that it has not."""
    steps: list[Step] = profile_settings("t2")["settlement"]["offsetting"]
    known = {step["algorithm"] for step in steps}
    return [*steps, *({"algorithm": name} for name in ("cycles", *_WHOLE_QUEUES) if name not in known)]


def _whole(day: Day, repeats: int) -> list[Row]:
    """The day under the profile, and with the algorithms that the profile has not besides."""
    work = "T2-sized day under the whole profile `t2`: 1,000 agents, 400k payments, limits, reservations"
    return [
        _timed(day, repeats, ("t2_profile", work), None),
        _timed(day, repeats, ("t2_all", "the same with every other algorithm besides"), every_step()),
    ]


def _timed(day: Day, repeats: int, named: tuple[str, str], offsetting: list[Step] | None) -> Row:
    days = [day(offsetting) for _ in range(repeats)]
    seconds, (_, totals, waiting) = Spread(tuple(each[0] for each in days)), days[0]
    note = (
        f"{totals['num_settlements']:,} settle, {totals['num_lsm_releases']:,} of them in offset sets; "
        f"{waiting:,} still wait in Queue 2."
    )
    return Row(*named, "<= 1 s", seconds.text("s"), "", seconds.middle <= DAY_SECONDS_MAX, note)


def _in_bands(day: Callable[[], tuple[float, TickResult, int]], repeats: int) -> Row:
    days = [day() for _ in range(repeats)]
    seconds, (_, totals, waiting) = Spread(tuple(each[0] for each in days)), days[0]
    return Row(
        "t2_in_bands",
        "the same under balanced release alone, with a two-hundredth of the funds",
        f"<= {BANDS_SECONDS_MAX:.0f} s",
        seconds.text("s"),
        "",
        seconds.middle <= BANDS_SECONDS_MAX,
        f"{totals['num_settlements']:,} settle; {waiting:,} still wait in Queue 2.",
    )


def _alone(day: Day, repeats: int) -> list[Row]:
    """The day with each step of the profile alone, measured in turn with none."""
    steps: list[list[Step]] = [[], *([step] for step in profile_settings("t2")["settlement"]["offsetting"])]

    def seconds(offsetting: list[Step]) -> float:
        return day(offsetting)[0]

    works: list[Callable[[], float]] = [partial(seconds, offsetting) for offsetting in steps]
    none, *spreads = interleaved(repeats, *works)
    return [
        Row(
            f"t2_{name_of(step)}",
            f"the same with `{name_of(step)}` alone",
            "",
            spread.text("s"),
            f"no step: {none.text('s')}",
        )
        for (step,), spread in zip(steps[1:], spreads, strict=True)
    ]


def name_of(step: Step) -> str:
    """A step as one would say it."""
    options = [f"{value}" for key, value in step.items() if key != "algorithm"]
    return " ".join([step["algorithm"], *options])


def _call(step: Step, repeats: int) -> Row:
    ticks: list[TickResult] = []

    def once() -> float:
        orchestrator = all_waiting(step)
        return seconds_of(lambda: ticks.append(orchestrator.tick()))

    (spread,) = interleaved(repeats, once)
    return Row(
        f"call_{name_of(step)}",
        f"one call of `{name_of(step)}`, 10,000 queued, 500 agents",
        "<= 50 ms",
        spread.times(_MILLI).text("ms"),
        "",
        spread.middle <= CALL_SECONDS_MAX,
        f"{ticks[0]['num_lsm_releases']:,} settle.",
    )


def all_waiting(step: Step) -> Orchestrator:
    """A simulation in which everything waits, before the tick whose step it is.

    Amounts are round, and everyone has a little less than the least of them.
    """
    random = np.random.default_rng(1)
    senders = random.integers(0, _AGENTS, _QUEUED)
    receivers = (senders + random.integers(1, _AGENTS, _QUEUED)) % _AGENTS
    names = pa.array([f"BANK_{number:03}" for number in range(_AGENTS)])
    agents = [{"id": name, "opening_balance": 99, "policy": {"type": "Fifo"}} for name in names.to_pylist()]
    orchestrator = Orchestrator.new(
        {
            "ticks_per_day": 2,
            "num_days": 1,
            "rng_seed": 1,
            "agent_configs": agents,
            "settlement": {"offsetting": [{**step, "when": "times", "at": [1]}]},
            "lsm_config": {"enabled": False},
        }
    )
    orchestrator.submit_transactions_batch(
        pa.table(
            {
                "sender": pa.DictionaryArray.from_arrays(pa.array(senders.astype(np.int32)), names),
                "receiver": pa.DictionaryArray.from_arrays(pa.array(receivers.astype(np.int32)), names),
                "amount": pa.array(random.integers(10, 200, _QUEUED) * 10),
            }
        )
    )
    orchestrator.tick()
    assert orchestrator.get_queue2_size() == _QUEUED, "nothing settles by itself"
    return orchestrator
