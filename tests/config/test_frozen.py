from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from payment_simulator.config.frozen import FrozenDict

if TYPE_CHECKING:
    from collections.abc import Callable

CHANGES: list[Callable[[dict[str, Any]], object]] = [
    lambda d: d.update(b=2),
    lambda d: d.pop("a"),
    lambda d: d.popitem(),
    lambda d: d.clear(),
    lambda d: d.setdefault("b", 2),
    lambda d: d.__setitem__("a", 2),
    lambda d: d.__delitem__("a"),
    lambda d: d.__ior__({"b": 2}),
]


@pytest.mark.parametrize("change", CHANGES)
def test_refuses_every_change(change: Callable[[dict[str, Any]], object]) -> None:
    fixed = FrozenDict({"a": 1})
    with pytest.raises(TypeError, match="cannot be changed"):
        change(fixed)
    assert fixed == {"a": 1}


def test_copies_are_equal_and_hash_alike() -> None:
    fixed = FrozenDict({"a": 1})
    for twin in (pickle.loads(pickle.dumps(fixed)), copy.copy(fixed), copy.deepcopy(fixed)):
        assert twin == fixed
        assert hash(twin) == hash(fixed)
        assert isinstance(twin, FrozenDict)
