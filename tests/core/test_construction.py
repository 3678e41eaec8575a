"""`Orchestrator.new(config)`: what it accepts, and what its errors say."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from payment_simulator._core import Orchestrator
from payment_simulator.errors import ConfigError, ConfigOverflowError, ConfigTypeError, PaymentSimulatorError
from tests.core.support import agent, busy_config, config


def test_both_constructors_read_the_same_config() -> None:
    assert Orchestrator(busy_config()).state_hash() == Orchestrator.new(busy_config()).state_hash()


def test_a_missing_section_means_its_defaults() -> None:
    written = config(
        cost_rates={
            "overdraft_bps_per_tick": 0.001,
            "delay_cost_per_tick_per_cent": "0.0001",
            "eod_penalty_per_transaction": 10_000,
            "deadline_penalty": Decimal("5e4"),
            "split_friction_cost": 1_000,
        },
        lsm_config={"bilateral_enabled": True, "cycle_detection_enabled": True, "max_iterations": 3},
        settlement={"queue_discipline": "bypass", "crediting": "immediate"},
        end_of_day={"unsettled": "carry_over"},
        output={"events": "full"},
    )
    absent = config(cost_rates=None, lsm_config=None, settlement=None, end_of_day=None, output=None)
    hashes = {Orchestrator(dict(given)).state_hash() for given in (config(), written, absent)}
    assert len(hashes) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ticks_per_day": 0}, "ticks_per_day must be positive, not 0"),
        ({"agent_configs": []}, "agent_configs has no agents"),
        ({"agent_configs": [agent("A"), agent("A")]}, "duplicate agent id 'A'"),
        (
            {"agent_configs": [agent("A", policy={"type": "Fido"})]},
            "unknown policy 'Fido'; did you mean 'Fifo'?",
        ),
        ({"tick_per_day": 5}, "unknown key 'tick_per_day'; did you mean 'ticks_per_day'?"),
        ({3: 5}, "unknown key '3 (of type int)'"),
        ({"settlement": {"crediting": "defered"}}, "did you mean 'deferred'?"),
        ({"cost_rates": {"deadline_penalty": float("nan")}}, "must be a decimal number, not NaN"),
    ],
)
def test_constructor_errors_are_config_errors(changes: dict[Any, Any], message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        Orchestrator.new({**config(), **changes})
    assert message in str(raised.value)
    assert isinstance(raised.value, ValueError)
    assert raised.value.code == "config_invalid"


def test_a_missing_seed_is_named() -> None:
    given = config()
    del given["rng_seed"]
    with pytest.raises(ConfigError, match="Missing 'rng_seed'"):
        Orchestrator.new(given)


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(ConfigError) as raised:
        Orchestrator.new(config(agent("A"), agent("A"), ticks_per_day=0, rng_seed=-1, outptu={}))
    for part in (
        "ticks_per_day must be positive",
        "duplicate agent id 'A'",
        "rng_seed",
        "did you mean 'output'?",
    ):
        assert part in str(raised.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"ticks_per_day": "10"},
        {"ticks_per_day": 10.0},
        {"ticks_per_day": True},
        {"num_days": None},
        {"agent_configs": [agent("A", 1.5)]},
        {"agent_configs": [agent("A", Decimal(1))]},
        {"agent_configs": {"A": 1}},
        {"cost_rates": {"deadline_penalty": True}},
        {"rng_seed": {1}},
    ],
)
def test_wrong_types_are_type_errors(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigTypeError) as raised:
        Orchestrator.new({**config(), **changes})
    assert isinstance(raised.value, TypeError)
    assert isinstance(raised.value, PaymentSimulatorError)


@pytest.mark.parametrize("number", [2**64, -(2**70), 10**5_000], ids=["2^64", "-2^70", "10^5000"])
def test_too_large_integers_are_overflow_errors(number: int) -> None:
    with pytest.raises(ConfigOverflowError) as raised:
        Orchestrator.new(config(agent("A", number), agent("B")))
    assert isinstance(raised.value, OverflowError)


def test_something_else_than_a_dict_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="config must be a dict, not a list of 0 items"):
        Orchestrator.new([])  # type: ignore[arg-type]


class Mine(Mapping[str, Any]):
    """A mapping that is no dict."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content

    def __getitem__(self, key: str) -> object:
        return self.content[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.content)

    def __len__(self) -> int:
        return len(self.content)


@pytest.mark.parametrize("kind", [OrderedDict, MappingProxyType, Mine])
def test_any_mapping_will_do(kind: type[Any]) -> None:
    assert Orchestrator.new(kind(config())).state_hash() == Orchestrator.new(config()).state_hash()


def test_scalars_of_numpy_are_numbers() -> None:
    plain = config(
        agent("A", 5), agent("B"), cost_rates={"deadline_penalty": 0.1}, lsm_config={"enabled": False}
    )
    others = config(
        agent("A", np.int32(5)),
        agent("B"),
        ticks_per_day=np.uint8(10),
        cost_rates={"deadline_penalty": np.float32(0.1)},
        lsm_config={"enabled": np.bool_(False)},
    )
    assert Orchestrator.new(others).state_hash() == Orchestrator.new(plain).state_hash()


def test_a_rate_is_the_decimal_that_was_written() -> None:
    hashes = {
        Orchestrator.new(config(cost_rates={"overdraft_bps_per_tick": rate})).state_hash()
        for rate in (0.1, "0.1", Decimal("0.1"), Decimal("1E-1"))
    }
    assert len(hashes) == 1


def test_a_dict_that_holds_itself_is_refused() -> None:
    endless = config()
    endless["agent_configs"] = [endless]
    with pytest.raises(ConfigError, match="nested more than"):
        Orchestrator.new(endless)


def test_an_error_while_reading_comes_through() -> None:
    class Broken(Mine):
        def __getitem__(self, key: str) -> object:
            raise LookupError(key)

    with pytest.raises(LookupError):
        Orchestrator.new(Broken(config()))
