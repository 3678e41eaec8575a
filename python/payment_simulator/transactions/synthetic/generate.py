"""Puts a synthetic day together, a block of payments at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from payment_simulator.transactions.synthetic.amounts import draw_amounts
from payment_simulator.transactions.synthetic.network import agent_weights, draw_pairs
from payment_simulator.transactions.synthetic.streams import Purpose, block_bounds, stream
from payment_simulator.transactions.synthetic.timing import instants_of, payments_before_tick, ticks_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payment_simulator.transactions.synthetic.spec import DaySpec

_MICROSECONDS = 1_000_000


class Block(NamedTuple):
    """Some payments, as numbers.

    Attributes:
        start: How many payments come before.
        senders: Places of the senders among the agents.
        receivers: Places of the receivers.
        amounts: Minor units.
        submit_ticks: Ticks of submission, in order.
        deadline_ticks: Deadlines; meaningless where there is none.
        has_deadline: Which ones have a deadline.
        priorities: Priorities.
        divisible: Which ones may be split.
    """

    start: int
    senders: npt.NDArray[np.int64]
    receivers: npt.NDArray[np.int64]
    amounts: npt.NDArray[np.int64]
    submit_ticks: npt.NDArray[np.int64]
    deadline_ticks: npt.NDArray[np.int64]
    has_deadline: npt.NDArray[np.bool_]
    priorities: npt.NDArray[np.int64]
    divisible: npt.NDArray[np.bool_]


def generate(spec: DaySpec) -> pa.Table:
    """All payments of a specification, as they would stand in a Parquet file.

    Args:
        spec: What the day looks like.

    Returns:
        A table in order of submission. Ten million payments take about a gigabyte; `write_day` does not.
    """
    return pa.Table.from_batches(
        [as_columns(spec, number, block) for number, block in enumerate(blocks(spec))]
    )


def blocks(spec: DaySpec) -> Iterator[Block]:
    """Yields the payments in order of submission."""
    weights = agent_weights(spec)
    before = payments_before_tick(spec)
    bounds = block_bounds(spec.num_payments)
    for number, ((start, end), amounts) in enumerate(zip(bounds, draw_amounts(spec), strict=True)):
        senders, receivers = draw_pairs(spec, weights, number, end - start)
        ticks = ticks_of(before, start, end)
        yield Block(start, senders, receivers, amounts, ticks, *_attributes(spec, number, ticks))


def as_columns(spec: DaySpec, number: int, block: Block) -> pa.RecordBatch:
    """A block as the columns of a file."""
    agents = pa.array(spec.agent_ids)
    columns = {
        "transaction_id": _ids(spec, block),
        "sender": _named(block.senders, agents),
        "receiver": _named(block.receivers, agents),
        "amount": _amounts(spec, block),
        **_times(spec, number, block),
        "priority": pa.array(block.priorities.astype(np.uint8)),
        "divisible": pa.array(block.divisible),
    }
    return pa.RecordBatch.from_pydict(columns)


def _attributes(
    spec: DaySpec, number: int, ticks: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    random = stream(spec.seed, Purpose.ATTRIBUTES, number)
    size = len(ticks)
    closing = (ticks // spec.ticks_per_day + 1) * spec.ticks_per_day - 1
    deadlines = np.minimum(
        ticks + random.integers(spec.deadline_ticks[0], spec.deadline_ticks[1] + 1, size), closing
    )
    has_deadline = (random.random(size) < spec.deadline_part) & (deadlines > ticks)
    shares = np.array(list(spec.priorities.values()), dtype=np.float64)
    priorities = random.choice(np.array(list(spec.priorities), dtype=np.int64), size, p=shares / shares.sum())
    return deadlines, has_deadline, priorities, random.random(size) < spec.divisible_part


def _ids(spec: DaySpec, block: Block) -> pa.Array:
    numbers = pa.array(np.arange(block.start + 1, block.start + len(block.amounts) + 1)).cast(pa.string())
    return _joined("", pa.scalar("P"), _padded(numbers, len(str(spec.num_payments))))


def _named(places: npt.NDArray[np.int64], agents: pa.Array) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), agents)


def _amounts(spec: DaySpec, block: Block) -> pa.Array:
    if spec.amounts == "minor_units":
        return pa.array(block.amounts)
    unit = 10**spec.minor_digits
    whole = pa.array(block.amounts // unit).cast(pa.string())
    if not spec.minor_digits:
        return whole.cast(pa.decimal128(20, 0))
    rest = _padded(pa.array(block.amounts % unit).cast(pa.string()), spec.minor_digits)
    return _joined(".", whole, rest).cast(pa.decimal128(20, spec.minor_digits))


def _padded(numbers: pa.Array, width: int) -> pa.Array:
    return pc.call_function("utf8_lpad", [numbers], pc.PadOptions(width, "0"))


def _joined(separator: str, first: pa.Array | pa.Scalar, second: pa.Array) -> pa.Array:
    return pc.call_function("binary_join_element_wise", [first, second, pa.scalar(separator)])


def _times(spec: DaySpec, number: int, block: Block) -> dict[str, pa.Array]:
    none = ~block.has_deadline
    if spec.times == "ticks":
        deadlines = pa.array(block.deadline_ticks.astype(np.uint32), mask=none)
        return {"submit_tick": pa.array(block.submit_ticks.astype(np.uint32)), "deadline_tick": deadlines}
    within = stream(spec.seed, Purpose.MOMENTS, number).integers(0, spec.tick_seconds, len(none))
    moments = np.sort(
        instants_of(spec, block.submit_ticks) + within
    )  # stays within ticks, which are in order
    kind = pa.timestamp("us", tz="UTC")
    ends = pa.array(instants_of(spec, block.deadline_ticks) * _MICROSECONDS, mask=none).cast(kind)
    return {"submit_time": pa.array(moments * _MICROSECONDS).cast(kind), "deadline_time": ends}
