"""Arrow columns as numpy arrays: missing values and unknown names become numbers that nothing else has."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Rows = npt.NDArray[np.int64]
    Codes = npt.NDArray[np.int32]
    Mask = npt.NDArray[np.bool_]

pa: Any = import_module("pyarrow")
pc: Any = import_module("pyarrow.compute")
pq: Any = import_module("pyarrow.parquet")
"""pyarrow, without the types that it does not declare."""

NONE = -1
"""No value, in a column of codes, ticks or row numbers."""

UNKNOWN = -2
"""A name that is not in the list."""

ABSENT = -(2**63)
"""No value, in a column of money: the one number that no balance can have."""


def integers(column: Any, absent: int = ABSENT) -> Rows:  # noqa: ANN401
    """A column of whole numbers; `absent` where there is none."""
    values = pc.fill_null(pc.cast(column, pa.int64()), absent)
    return np.ascontiguousarray(values.to_numpy(), dtype=np.int64)


def codes(column: Any, names: Sequence[str]) -> Codes:  # noqa: ANN401
    """A column of names as places in `names`."""
    place = {name: number for number, name in enumerate(names)}
    chunks = [_codes_of(chunk, place) for chunk in _encoded(column).chunks]
    return np.concatenate(chunks) if chunks else np.zeros(0, dtype=np.int32)


def _encoded(column: Any) -> Any:  # noqa: ANN401
    return column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)


def _codes_of(chunk: Any, place: dict[str, int]) -> Codes:  # noqa: ANN401
    known = [place.get(name, UNKNOWN) if name is not None else NONE for name in chunk.dictionary.to_pylist()]
    table = np.array([*known, NONE], dtype=np.int32)
    indices = pc.fill_null(chunk.indices.cast(pa.int32()), len(known)).to_numpy(zero_copy_only=False)
    found: Codes = table[indices]
    return found


def first_rows(rows: Rows, keys: Codes, count: int) -> Rows:
    """For each key from 0 the first of `rows` that has it, or NONE."""
    first = np.full(count, NONE, dtype=np.int64)
    first[keys[::-1]] = rows[::-1]
    return first


def at(values: Rows, places: Rows) -> Rows:
    """The values at these places, NONE where the place is NONE."""
    if not len(values):
        return np.full(len(places), NONE, dtype=np.int64)
    return np.where(places >= 0, values[places], NONE)
