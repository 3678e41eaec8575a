from __future__ import annotations

import copy
import pickle
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payment_simulator.config import CostRates, Rate, SimulationConfig
from payment_simulator.config.written import WrittenFloat
from payment_simulator.config.yaml_file import read_yaml
from tests.config.cases import changed

RATES = st.decimals(min_value=0, max_value=Decimal(999999999999999), places=18, allow_nan=False)


def test_reads_back_as_the_float_that_was_written() -> None:
    config = SimulationConfig.from_dict(changed("cost_rates.delay_cost_per_tick_per_cent", 0.0001))
    assert config.cost_rates.delay_cost_per_tick_per_cent == 0.0001
    assert config.cost_rates.delay_cost_per_tick_per_cent.exact == Decimal("0.0001")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (10000, "10000"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (0.1 + 0.2, "0.30000000000000004"),
        (-0.0, "0.0"),
        ("0.00010", "0.00010"),
        ("+1.", "1"),
        (".5", "0.5"),
        ("1e3", "1000"),
        ("0e99", "0"),
        ("0." + "1" * 18 + "0" * 5, "0." + "1" * 18),
        (Decimal("0.123456789012345678"), "0.123456789012345678"),
        (Decimal("1E+2"), "100"),
        (WrittenFloat("1_000.5"), "1000.5"),
        (WrittenFloat("123456789012345.123456789012345678"), "123456789012345.123456789012345678"),
        (Rate("0.5"), "0.5"),
    ],
)
def test_text_is_the_decimal_as_written(value: float | str | Decimal, text: str) -> None:
    assert Rate(value).text == text


@pytest.mark.parametrize(
    ("value", "error"),
    [(True, TypeError), (None, TypeError), (Decimal("NaN"), ValueError), (Decimal(-1), ValueError)],
)
def test_refuses(value: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        Rate(value)  # type: ignore[arg-type]


def test_rates_that_share_a_float_still_differ() -> None:
    near, nearer = Rate("0.1"), Rate("0.100000000000000001")
    assert float(near) == float(nearer)
    assert near != nearer
    assert Rate("0.10") == Rate("0.1")
    assert hash(Rate("0.10")) == hash(Rate("0.1")) == hash(0.1)
    assert near != "0.1"


@given(RATES)
def test_any_decimal_survives_every_door(exact: Decimal) -> None:
    rate = Rate(exact)
    assert rate.exact == exact
    assert Rate(rate.text).exact == Rate(rate.canonical_text).exact == exact
    assert float(rate) == float(exact)
    for twin in (pickle.loads(pickle.dumps(rate)), copy.copy(rate), copy.deepcopy(rate)):
        assert twin.exact == exact
    document = read_yaml(f"rate: {rate.text}", "rates.yaml").value
    assert isinstance(document, dict)
    assert Rate(document["rate"]).exact == exact


@given(st.floats(min_value=0, max_value=1e14, allow_subnormal=False).filter(lambda x: x == 0 or x > 1e-2))
def test_a_float_is_read_as_its_shortest_decimal(number: float) -> None:
    assert Rate(number) == number
    assert Rate(number).exact == Decimal(repr(number))


def test_json_has_the_exact_text() -> None:
    assert CostRates(deadline_penalty=Rate("0.10")).model_dump(mode="json")["deadline_penalty"] == "0.10"


def test_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Rate("1").exact = Decimal(2)  # type: ignore[misc]
