from __future__ import annotations

import math

import pytest

from payment_simulator.config.yaml_scalars import read_plain


@pytest.mark.parametrize("word", ["", "~", "null", "Null", "NULL"])
def test_nothing(word: str) -> None:
    assert read_plain(word) is None


@pytest.mark.parametrize(
    "word",
    [
        "NO", "no", "yes", "Yes", "on", "OFF", "y", "n", "tRUE", "nULL", "2026-03-02", "07:00", "10:00",
        "1:30:00", "2026-03-02T07:00:00Z", "007", "08", "-01", "1__0", "_1", "1_", "0b1", "0x", "1e",
        "e5", ".", "-", "+", "1.2.3", "\u0663", "1,000", "inf", "nan", "0o8", "1_000_", "9" * 5000, "=", "<",
    ],
)  # fmt: skip
def test_text(word: str) -> None:
    assert read_plain(word) == word


@pytest.mark.parametrize(
    ("word", "value"), [("true", True), ("True", True), ("TRUE", True), ("false", False)]
)
def test_switch(word: str, *, value: bool) -> None:
    assert read_plain(word) is value


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("0", 0),
        ("-5", -5),
        ("+5", 5),
        ("1_000_000", 1_000_000),
        ("18446744073709551615", 2**64 - 1),
        ("0xff", 255),
        ("0o17", 15),
    ],
)
def test_whole_number(word: str, value: int) -> None:
    assert read_plain(word) == value
    assert type(read_plain(word)) is int


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("0.5", 0.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e5", 1e5),
        ("1E-7", 1e-7),
        ("1_000.25", 1000.25),
        ("-0.0", 0.0),
        (".inf", math.inf),
        ("-.Inf", -math.inf),
        ("1e999", math.inf),
    ],
)
def test_number(word: str, value: float) -> None:
    assert read_plain(word) == value
    assert isinstance(read_plain(word), float)


def test_not_a_number() -> None:
    number = read_plain(".nan")
    assert isinstance(number, float)
    assert math.isnan(number)


def test_a_number_keeps_its_text() -> None:
    assert repr(read_plain("0.00010000000000000000001")) == "0.00010000000000000000001"
