from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from payment_simulator.config import Rate
from payment_simulator.config.yaml_file import read_yaml
from payment_simulator.config.yaml_text import yaml_text

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    [
        "NO",
        "y",
        "1e5",
        "0x1",
        "1_0",
        "07:00",
        "2026-01-01",
        "~",
        "",
        "null",
        "-",
        "?",
        "a: b",
        "#",
        "=",
        "<<",
        "007",
    ]
)
SCALARS = st.booleans() | st.integers() | TEXTS | st.floats(allow_nan=False, allow_infinity=False)
TREES = st.dictionaries(
    TEXTS.filter(lambda key: key != "<<"),
    SCALARS
    | st.lists(SCALARS)
    | st.dictionaries(TEXTS, SCALARS)
    | st.lists(st.dictionaries(TEXTS, SCALARS, min_size=1)),
    min_size=1,
)


@given(TREES)
def test_our_reader_reads_what_we_write(tree: dict[str, Any]) -> None:
    assert read_yaml(yaml_text(tree), "x.yaml").value == tree


@given(st.dictionaries(TEXTS, SCALARS, min_size=1))
def test_a_yaml_1_1_reader_reads_the_same(tree: dict[str, Any]) -> None:
    assert yaml.safe_load(yaml_text(tree)) == tree


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        ({"a": Rate("0.00010")}, "a: 0.00010\n"),
        ({"a": 1e-7, "b": 1e16, "c": 100000.0}, "a: 1.0e-07\nb: 1.0e+16\nc: 100000.0\n"),
        ({"bands": ((8, 10), (0, 3))}, "bands: [[8, 10], [0, 3]]\n"),
        ({"l": [{"a": 1, "b": {"c": True}}, {"a": 2}]}, "l:\n  - a: 1\n    b:\n      c: true\n  - a: 2\n"),
        ({"a": {}, "b": []}, "a: {}\nb: []\n"),
        ({"a": "NO", "b": "BANK_A", "c": "Europe/Berlin"}, 'a: "NO"\nb: BANK_A\nc: Europe/Berlin\n'),
    ],
)
def test_form(tree: dict[str, Any], text: str) -> None:
    assert yaml_text(tree) == text
