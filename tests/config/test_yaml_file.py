from __future__ import annotations

import pytest

from payment_simulator.config.yaml_file import DEPTH_MAX, Document, read_yaml
from payment_simulator.errors import ConfigError


def read(text: str) -> Document:
    return read_yaml(text, "x.yaml")


def test_keys_are_always_text_and_quotes_make_text() -> None:
    assert read("NO: 'NO'\n12: \"12\"\ntrue: !!str 5\nnull: yes").value == {
        "NO": "NO",
        "12": "12",
        "true": "5",
        "null": "yes",
    }


def test_lines_of_keys_items_and_missing_keys() -> None:
    document = read("a: 1\n\nb:\n  - x: 1\n    y: {p: 1,\n      q: 2}\n  - - 1\n    - 2\n")
    lines = {
        (): 1,
        ("a",): 1,
        ("b",): 3,
        ("b", 0): 4,
        ("b", 0, "x"): 4,
        ("b", 0, "y", "q"): 6,
        ("b", 1, 1): 8,
        ("b", 1, 7): 7,
        ("b", "x"): 3,
        ("nowhere",): 1,
        ("a", "deeper"): 1,
    }
    assert {location: document.line_of(location) for location in lines} == lines


def test_a_key_that_stands_twice_keeps_its_first_value() -> None:
    document = read("a:\n  b: 1\n  c: 2\n  b: 3\na: 5\n")
    assert document.value == {"a": {"b": 1, "c": 2}}
    assert document.duplicates == ((("a", "b"), 4, 2), (("a",), 5, 1))


def test_aliases_and_merge_keys() -> None:
    document = read("a: &base {x: 1, y: 2}\nb: {<<: *base, y: 3}\nc: *base\nd: {<<: [*base, {z: 4}]}\n")
    assert document.value == {
        "a": {"x": 1, "y": 2},
        "b": {"x": 1, "y": 3},
        "c": {"x": 1, "y": 2},
        "d": {"x": 1, "y": 2, "z": 4},
    }
    assert document.line_of(("b", "x")) == 2
    assert document.line_of(("c", "x")) == 1


BOMB = (
    "a0: &a0 ["
    + ",".join("x" * 10)
    + "]\n"
    + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "x.yaml: line 1: the file is empty"),
        ("# only a comment\n", "the file is empty"),
        ("a: b: c", "x.yaml: line 1: not YAML: mapping values are not allowed"),
        ("a:\n\t- b", "line 2: not YAML: .*indent with spaces, not with tabs"),
        ("a: 'x", "line 1: not YAML"),
        ("a: [1, 2\nb: 3", "line 2: not YAML"),
        ("a: \x01", "x.yaml is not YAML"),
        ("a: 1\n---\nb: 2", "line 2: a second document begins here"),
        ("a: *nothing", r"line 1: \*nothing stands for nothing"),
        ("a: &a [*a]", r"\*a stands for nothing: no &a was completed before it"),
        ("a: !python/object:os.system x", "line 1: the tag !python/object:os.system has no meaning"),
        ("a: !!python/name:os.system x", "the tag .* has no meaning"),
        ("a: !!set {x}", "the tag .* has no meaning"),
        ("? [1, 2]\n: x", "line 1: a key must be plain text"),
        ("x: &k a\n*k : 1", "line 2: a key must be plain text"),
        ("a: {<<: 5}", "line 1: << must be followed by a mapping"),
        ("[" * 60 + "]" * 60, f"nested more than {DEPTH_MAX} levels"),
        ("[" * 100_000, "x.yaml: line 1: the file is nested more than"),
        (BOMB, "holds more than 20,000,000 values"),
    ],
    ids=lambda value: value[:20],
)
def test_refuses(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read(text)


def test_deep_enough() -> None:
    assert read("[" * DEPTH_MAX + "]" * DEPTH_MAX).value is not None
