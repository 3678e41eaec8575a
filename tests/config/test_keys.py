"""Every key: what it accepts, its bounds, and what it says to a wrong value."""

from __future__ import annotations

from typing import Any

import pytest

from payment_simulator.config import SimulationConfig
from tests.config.cases import ARRIVALS, REMOVED, changed, problems, short

INT64_MAX = 2**63 - 1
A, ARR = "agents.0", "agents.0.arrival_config"
AMOUNT = f"{ARR}.amount_distribution"
WHOLE, NUMBER, SWITCH, TEXT = (
    "must be a whole number",
    "must be a number",
    "must be true or false",
    "must be text",
)

ACCEPTED: list[tuple[str, list[Any]]] = [
    ("format_version", [1]),
    ("simulation.ticks_per_day", [1, 1020]),
    ("simulation.num_days", [1, 365]),
    ("simulation.rng_seed", [0, 2**64 - 1]),
    (f"{A}.id", ["A", "NO", "Ünïcode bank", "a" * 256]),
    (f"{A}.opening_balance", [0, -5, INT64_MAX - 1_000_000]),
    (f"{A}.credit_limit", [0, 5]),
    (f"{A}.policy", [{"type": "Deadline", "urgency_threshold": 0}]),
    (f"{A}.policy", [{"type": "LiquidityAware", "target_buffer": 0, "urgency_threshold": 3}]),
    (
        f"{A}.policy",
        [{"type": "LiquiditySplitting", "max_splits": n, "min_split_amount": 0} for n in (2, 10)],
    ),
    (f"{A}.policy", [{"type": name, "num_splits": 2} for name in ("MockSplitting", "FixedSplitting")]),
    (f"{ARR}", [None, ARRIVALS]),
    (f"{ARR}.rate_per_tick", [0, 0.0, 25, 1_000_000]),
    (AMOUNT, [{"type": "Normal", "mean": 0, "std_dev": 0}]),
    (AMOUNT, [{"type": "Uniform", "min": 1, "max": 1}, {"type": "Uniform", "min": 1, "max": 2**53}]),
    (AMOUNT, [{"type": "LogNormal", "mean_log": -1.5, "std_dev_log": 0}]),
    (AMOUNT, [{"type": "LogNormal", "mean": 0.5, "std_dev": 0}]),
    (AMOUNT, [{"type": "Exponential", "lambda": 1e-9}]),
    (f"{ARR}.counterparty_weights", [{"BANK_B": 1}, {"BANK_B": 1e-300}]),
    (f"{ARR}.deadline_range", [[1, 1], (1, 2**31)]),
    (f"{ARR}.priority", [0, 10]),
    (f"{ARR}.divisible", [True, False]),
    ("cost_rates.overdraft_bps_per_tick", [0, 0.001, "0.001", "1e-18"]),
    ("cost_rates.delay_cost_per_tick_per_cent", [0, 1]),
    ("cost_rates.eod_penalty_per_transaction", [0, 10**15 - 1]),
    ("cost_rates.deadline_penalty", [0.5]),
    ("cost_rates.split_friction_cost", ["999999999999999.999999999999999999"]),
    ("lsm_config.enabled", [True, False]),
    ("lsm_config.bilateral_enabled", [True, False]),
    ("lsm_config.bilateral_offsetting", [True, False]),
    ("lsm_config.enable_bilateral", [True, False]),
    ("lsm_config.cycle_detection_enabled", [True, False]),
    ("lsm_config.cycle_detection", [True, False]),
    ("lsm_config.enable_cycles", [True, False]),
    ("lsm_config.max_iterations", [1, 10]),
    ("lsm_config.max_cycle_length", [3, 10]),
    ("lsm_config.max_cycles_per_tick", [0, 2**32 - 1]),
    ("settlement.queue_discipline", ["bypass", "fifo", "priority"]),
    ("settlement.crediting", ["immediate", "deferred"]),
    ("settlement.priority_bands", [[[0, 10]], [[5, 5]], [[0, 3], [8, 10]]]),
    ("end_of_day.unsettled", ["carry_over", "cancel"]),
    ("output.events", ["full", "summary", "none"]),
    ("transactions", [None]),
    ("transactions.path", ["a.csv", "b/C.PARQUET", "/abs/x.csv"]),
    ("transactions.columns", [{"sender": "payer", "submit_time": "at"}, {"amount": None}]),
    ("transactions.amounts", ["minor_units", "decimal"]),
    ("clock", [None]),
    ("clock.date", ["2026-03-02"]),
    ("clock.opens_at", ["00:00", "22:20", "22:20:00"]),
    ("clock.tick_seconds", [1, 612]),
    ("clock.timezone", ["UTC", "Europe/Berlin", "Asia/Kathmandu"]),
    ("clock.days", ["calendar", "business"]),
    ("currency.code", ["EUR", "XXX"]),
    ("currency.minor_digits", [0, 8]),
]


@pytest.mark.parametrize(
    ("path", "value"), [(path, value) for path, values in ACCEPTED for value in values], ids=short
)
def test_accepts(path: str, value: object) -> None:
    assert problems(changed(path, value)) == []


REFUSED: list[tuple[str, list[Any], str]] = [
    ("format_version", [2, 0], "must be 1, the only format that this program reads"),
    ("format_version", ["1", True], WHOLE),
    ("simulation", [REMOVED], "is missing"),
    ("simulation", [None, 5, []], "must be a block of keys"),
    ("simulation.ticks_per_day", [0, -1], "must be greater than 0"),
    ("simulation.ticks_per_day", [2**32], "must be at most 4294967294"),
    ("simulation.ticks_per_day", [1.0, "100", True, None], WHOLE),
    ("simulation.ticks_per_day", [REMOVED], "is missing: the number of ticks in a day"),
    ("simulation.num_days", [0], "must be greater than 0"),
    ("simulation.num_days", [2.5], WHOLE),
    ("simulation.rng_seed", [-1], "must be at least 0"),
    ("simulation.rng_seed", [2**64], "must be at most 18446744073709551615"),
    ("simulation.rng_seed", ["x", 1.0, False], WHOLE),
    ("simulation.rng_seed", [REMOVED], "is missing"),
    ("agents", [REMOVED], "is missing"),
    ("agents", [[], ()], "must name at least one agent"),
    ("agents", [{}, "x", None], "must be a list"),
    (A, ["BANK", None], "must be a block of keys"),
    (f"{A}.id", [""], "must not be empty"),
    (f"{A}.id", [12, None], f"{TEXT}; write it in quotes"),
    (f"{A}.id", ["a\nb", " a", "a\x00"], "must have no line breaks"),
    (f"{A}.id", ["a" * 257], "must have at most 256 characters"),
    (f"{A}.id", [REMOVED], "is missing"),
    (f"{A}.opening_balance", [1.0, 1000.5, "1000", True, None], WHOLE),
    (f"{A}.opening_balance", [2**63], "must be at most 9223372036854775807"),
    (f"{A}.opening_balance", [-(2**63) - 1], "must be at least -9223372036854775808"),
    (f"{A}.credit_limit", [-1], "must be at least 0"),
    (f"{A}.credit_limit", [2**63], "must be at most"),
    (f"{A}.policy", [REMOVED], "is missing"),
    (f"{A}.policy", ["Fifo"], "must be a block of keys, such as {type: Fifo}"),
    (f"{A}.policy", [{}], "is missing: the kind of policy, one of Fifo, Deadline"),
    (f"{A}.policy", [{"type": "Fifoo"}, {"type": "fifo"}], "did you mean 'Fifo'?"),
    (f"{A}.policy", [{"type": "xyz"}, {"type": 5}], "there are: Fifo, Deadline"),
    (f"{A}.policy", [{"type": "Fifo", "urgency_threshold": 1}], "unknown key 'urgency_threshold'"),
    (f"{A}.policy", [{"type": "Deadline"}], "is missing"),
    (f"{A}.policy", [{"type": "Deadline", "urgency_threshold": -1}], "must be at least 0"),
    (f"{A}.policy", [{"type": "MockSplitting", "num_splits": 1}], "must be at least 2"),
    (f"{A}.policy", [{"type": "MockSplitting", "num_splits": 11}], "must be at most 10"),
    (
        f"{A}.policy",
        [{"type": "LiquidityAware", "target_buffer": -1, "urgency_threshold": 3}],
        "must be at least 0",
    ),
    (
        f"{A}.policy",
        [{"type": "LiquiditySplitting", "max_splits": 11, "min_split_amount": 1}],
        "must be at most 10",
    ),
    (
        f"{A}.policy",
        [{"type": "LiquiditySplitting", "max_splits": 2, "min_split_amount": 1.5}],
        WHOLE,
    ),
    (f"{ARR}.rate_per_tick", [-0.1], "must be at least 0"),
    (f"{ARR}.rate_per_tick", [float("nan"), float("inf")], "must be a finite number"),
    (f"{ARR}.rate_per_tick", [1_000_001], "must be at most 1000000"),
    (f"{ARR}.rate_per_tick", ["0.5", True, None], NUMBER),
    (AMOUNT, [{"type": "Gauss"}], "unknown amount distribution 'Gauss'"),
    (AMOUNT, [{"type": "Lognormal"}], "did you mean 'LogNormal'?"),
    (AMOUNT, [{"type": "Normal", "mean": 1, "std_dev": -1}], "must be at least 0"),
    (AMOUNT, [{"type": "Uniform", "min": 0, "max": 5}], "must be at least 1"),
    (AMOUNT, [{"type": "Uniform", "min": 6, "max": 5}], "must be at least min, which is 6"),
    (AMOUNT, [{"type": "Uniform", "min": 1.0, "max": 5}], WHOLE),
    (AMOUNT, [{"type": "Uniform", "min": 1, "max": 2**53 + 1}], "must be at most 9007199254740992"),
    (AMOUNT, [{"type": "LogNormal"}], "either mean_log and std_dev_log, or mean and std_dev"),
    (AMOUNT, [{"type": "LogNormal", "mean": 1, "std_dev_log": 1}], "no mix"),
    (AMOUNT, [{"type": "LogNormal", "mean": 1, "std_dev": 1, "mean_log": 1}], "no mix"),
    (AMOUNT, [{"type": "LogNormal", "mean": 0, "std_dev": 1}], "must be greater than 0"),
    (AMOUNT, [{"type": "LogNormal", "mean_log": 0, "std_dev_log": -1}], "must be at least 0"),
    (AMOUNT, [{"type": "Exponential", "lambda": 0}], "must be greater than 0"),
    (AMOUNT, [{"type": "Exponential", "lambda": 1, "lambda_": 1}], "did you mean 'lambda'?"),
    (f"{ARR}.counterparty_weights", [{}], "must name at least one other agent"),
    (f"{ARR}.counterparty_weights", [{"BANK_B": 0}], "must have a sum greater than 0"),
    (f"{ARR}.counterparty_weights", [{"BANK_B": -1}], "must be at least 0"),
    (f"{ARR}.counterparty_weights", [{"BANK_B": "1"}], NUMBER),
    (f"{ARR}.counterparty_weights", [["BANK_B"], None], "must be a block of keys"),
    (f"{ARR}.counterparty_weights", [{"BANKB": 1}], "unknown agent 'BANKB'; did you mean 'BANK_B'?"),
    (f"{ARR}.counterparty_weights", [{"BANK_A": 1}], "must be another agent"),
    (f"{ARR}.deadline_range", [[0, 5]], "must be greater than 0"),
    (f"{ARR}.deadline_range", [[6, 5]], "must be [least, most]"),
    (f"{ARR}.deadline_range", [[5]], "is missing"),
    (f"{ARR}.deadline_range", [[1, 2, 3]], "must have 2 entries, but has 3"),
    (f"{ARR}.deadline_range", [5, None, "5-10"], "must be a list"),
    (f"{ARR}.deadline_range", [[1, 2**32 - 50]], "must end so that no deadline is after"),
    (f"{ARR}.priority", [-1], "must be at least 0"),
    (f"{ARR}.priority", [11], "must be at most 10"),
    (f"{ARR}.divisible", [1, "yes", None], SWITCH),
    ("cost_rates.deadline_penalty", [-1, "-0.5"], "must be at least 0"),
    ("cost_rates.deadline_penalty", [float("nan"), float("inf"), "NaN"], "must be a finite number"),
    ("cost_rates.deadline_penalty", [1e-19, "0.0000000000000000001"], "must have at most 18 decimals"),
    ("cost_rates.deadline_penalty", [10**15, 1e15, "1e300"], "must have at most 15 digits before"),
    ("cost_rates.deadline_penalty", [True, None, [1]], "must be a number or a decimal text"),
    ("cost_rates.deadline_penalty", ["", "1_0", "0x1", " 1", "\u0661"], "must be a decimal number"),
    ("cost_rates.deadlin_penalty", [1], "did you mean 'deadline_penalty'?"),
    ("lsm_config.enabled", [1, "true", "yes"], SWITCH),
    ("lsm_config.max_iterations", [0], "must be at least 1"),
    ("lsm_config.max_iterations", [11], "must be at most 10"),
    ("lsm_config.max_cycle_length", [2], "must be at least 3"),
    ("lsm_config.max_cycle_length", [11], "must be at most 10"),
    ("lsm_config.max_cycles_per_tick", [-1], "must be at least 0"),
    ("lsm_config", [{"bilateral_enabled": True, "enable_bilateral": True}], "give only one of them"),
    ("lsm_config", [{"cycle_detection": True, "enable_cycles": True}], "give only one of them"),
    ("settlement.queue_discipline", ["random", None, "FIFO"], "must be 'bypass', 'fifo' or 'priority'"),
    ("settlement.crediting", ["later"], "must be 'immediate' or 'deferred'"),
    ("settlement.priority_bands", [[]], "must have at least one band"),
    ("settlement.priority_bands", [[[3, 1]]], "low at most as large as high, unlike [3, 1]"),
    ("settlement.priority_bands", [[[0, 5], [5, 10]]], "must have bands apart, unlike [0, 5] and [5, 10]"),
    ("settlement.priority_bands", [[[0, 11]]], "must be at most 10"),
    ("settlement.priority_bands", [[[0, 1, 2]]], "must have 2 entries"),
    ("settlement.priority_bands", [[5], "all"], "must be a list"),
    ("end_of_day.unsettled", ["drop"], "must be 'carry_over' or 'cancel'"),
    ("output.events", ["some"], "must be 'full', 'summary' or 'none'"),
    ("transactions", ["payments.csv", {}], ""),
    ("transactions.path", ["a.xlsx", "", "csv"], "must end in .csv, .csv.gz, .csv.zst or .parquet"),
    ("transactions.path", [5, None], TEXT),
    ("transactions.path", ["a\n.csv"], "must have printable characters only"),
    ("transactions.columns", [{"sendr": "x"}], "did you mean 'sender'?"),
    ("transactions.columns", [{"sender": ""}], "must not be empty"),
    ("transactions.columns", [{"sender": 3}], TEXT),
    ("transactions.columns", [{"sender": "x", "receiver": "x"}], "is the column of 'sender' already"),
    ("transactions.columns", [{"submit_tick": "x", "submit_time": "y"}], "give only one of them"),
    ("transactions.columns", [{"deadline_tick": "x", "deadline_time": "y"}], "give only one of them"),
    ("transactions.amounts", ["cents"], "must be 'minor_units' or 'decimal'"),
    ("clock.date", ["02.03.2026", "2026-02-30", "20260302", 20260302, REMOVED], ""),
    ("clock.opens_at", ["7:00", "24:00", 420, "07:00:00.5", "07:00Z"], "must be a time of day in quotes"),
    ("clock.tick_seconds", [0], "must be greater than 0"),
    ("clock.tick_seconds", [0.5, "60"], WHOLE),
    ("clock.tick_seconds", [865], "must be such that ticks_per_day x tick_seconds is at most 86400"),
    ("clock.timezone", ["Europe/Berln"], "must be an IANA time zone; did you mean 'Europe/Berlin'?"),
    ("clock.timezone", ["", "../etc/passwd", "Europe", "CEST+1"], "must be an IANA time zone"),
    ("clock.days", ["target"], "must be 'calendar' or 'business'"),
    ("currency.code", ["eur", "EURO", ""], ""),
    ("currency.minor_digits", [-1], "must be at least 0"),
    ("currency.minor_digits", [9], "must be at most 8"),
    ("ticks_per_day", [100], "unknown key 'ticks_per_day'; it belongs under 'simulation'"),
    ("agent_configs", [[]], "unknown key 'agent_configs'"),
    ("lsm", [{}], "unknown key 'lsm'"),
]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [(path, value, message) for path, values, message in REFUSED for value in values],
    ids=short,
)
def test_refuses(path: str, value: object, message: str) -> None:
    found = problems(changed(path, value))
    assert len(found) == 1 or not message, found
    assert any(line.startswith(path) and message in line for line in found), found


def test_every_key_is_in_the_tables() -> None:
    tried = {path for path, _ in ACCEPTED}
    for name, field in SimulationConfig.model_fields.items():
        inner = getattr(field.annotation, "model_fields", {})
        assert all(f"{name}.{key}" in tried for key in inner) if inner else True
