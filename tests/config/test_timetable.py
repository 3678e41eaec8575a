"""Moments of the day: as ticks, as times, and what is wrong with them."""

from copy import deepcopy
from typing import Any

import pytest

from payment_simulator.config import SimulationConfig, ValidationError
from tests.config.cases import MINIMAL

CLOCK = {"date": "2026-03-02", "opens_at": "22:00", "tick_seconds": 1800}


def made(**sections: Any) -> SimulationConfig:  # noqa: ANN401
    plain = deepcopy(MINIMAL)
    plain["simulation"] = {"ticks_per_day": 40, "num_days": 2, "rng_seed": 1}
    return SimulationConfig.from_dict({**plain, **sections})


def problems(**sections: Any) -> list[tuple[str, str]]:  # noqa: ANN401
    with pytest.raises(ValidationError) as caught:
        made(**sections)
    return [(".".join(map(str, one["loc"])), one["msg"]) for one in caught.value.errors()]


def test_a_time_is_the_last_tick_that_has_ended_by_then_also_after_midnight() -> None:
    config = made(
        clock=CLOCK,
        throughput=[
            {"by": "22:59:59", "share": 0.25},
            {"by": "12:00", "share": "0.5"},
            {"by": 39, "share": 1},
        ],
        settlement={
            "cut_offs": [{"after": "18:00", "priorities": [0, 4]}],
            "offsetting": [
                {"algorithm": "partial", "when": "times", "at": [0, "12:00", "17:30"]},
                {"algorithm": "balanced_release", "closes_at": "18:00"},
                {"algorithm": "entry_disposition"},
            ],
        },
    )
    plain = config.to_ffi_dict()
    assert [guideline["by"] for guideline in plain["throughput"]] == [0, 27, 39]
    assert plain["settlement"]["cut_offs"] == [{"after": 39, "priorities": [0, 4], "action": "reject"}]
    steps = plain["settlement"]["offsetting"]
    assert (steps[0]["at"], steps[1]["closes_at"]) == ([0, 27, 38], 39)
    again = SimulationConfig.from_dict(config.model_dump(mode="json", exclude_none=True))
    assert again == config


def test_all_problems_are_named_at_once() -> None:
    found = problems(
        throughput=[
            {"by": 40, "share": 2},
            {"by": "12:00", "share": 0.5},
            {"by": "noon", "share": 0.33333},
            {"by": 3, "share": 0.5},
            {"by": 3, "share": 0.5, "penalty": -1},
        ],
        settlement={"cut_offs": [{"after": 41}, {"after": 1, "priorities": [3, 2]}]},
    )
    assert dict(found).keys() == {
        "settlement.cut_offs.1.priorities",
        "throughput.0.share",
        "throughput.2.by",
        "throughput.2.share",
        "throughput.4.penalty",
        "throughput.0.by",
        "throughput.1.by",
        "throughput.3.by",
        "throughput.4.by",
        "settlement.cut_offs.0.after",
    }
    said = dict(found)
    assert said["throughput.0.by"] == "must be at most 39: a day has 40 ticks"
    assert said["throughput.1.by"] == "needs a `clock` section, which says when the ticks are"
    assert said["throughput.4.by"] == "must be after the one of the guideline before, by at least a tick"


def test_a_time_must_lie_within_the_day() -> None:
    ((where, what),) = problems(clock=CLOCK, throughput=[{"by": "18:30", "share": 1}])
    assert where == "throughput.0.by"
    assert what == "must lie within the day, which begins at 22:00 and lasts 72000 seconds"
    ((where, what),) = problems(clock=CLOCK, throughput=[{"by": "22:29:59", "share": 1}])
    assert what == "must be at least a tick (1800 seconds) after the day begins at 22:00"


def test_no_priority_stands_in_two_cut_offs() -> None:
    ((where, what),) = problems(settlement={"cut_offs": [{"after": 1, "priorities": [0, 4]}, {"after": 2}]})
    assert where == "settlement.cut_offs"
    assert what == "must have priorities apart, unlike [0, 4] and [0, 10]"


def test_the_digest_of_a_run_without_them_is_as_it_was() -> None:
    assert made().digest() == made(throughput=[]).digest()
    assert made().digest() != made(throughput=[{"by": 1, "share": 1}]).digest()
    assert made().digest() != made(settlement={"cut_offs": [{"after": 1}]}).digest()
