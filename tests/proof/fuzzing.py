"""Bad bytes and bad tables through the Python door, in a process of its own, so that a crash is seen.

`python -m tests.proof.fuzzing snapshots|sweep|batches SEED ROUNDS` ends with 0 when every refusal was
ours; for `sweep` the last number is that of bytes to pass over.
"""

from __future__ import annotations

import hashlib
import random
import struct
import sys
from itertools import product
from typing import Any

import pyarrow as pa

from payment_simulator._core import Orchestrator
from payment_simulator.errors import PaymentSimulatorError
from tests.proof.cases import begun, config, submit_due

HEADER_BYTES = 52  # name 8, version 4, length 8, SHA-256 32
EDGES = (0, 1, -1, 2**31 - 1, -(2**31), 2**32 - 1, 2**62, 2**63 - 1, -(2**63), -(2**63) + 1)


def saved_states(dice: random.Random) -> list[bytes]:
    """Saved states from a few moments of a day."""
    states = []
    for name in (
        "bypass, immediate",
        "priority, deferred, cancelled",
        "fifo, immediate",
        "priority, deferred, list of steps, limits",
    ):
        simulation = begun(config(name, num_days=1))
        for _ in range(dice.randrange(40)):
            submit_due(simulation)
            simulation.tick()
        states.append(simulation.save_state())
    return states


def damaged(state: bytes, dice: random.Random) -> bytes:
    """A saved state with flipped bits, cut short, noisy, or lengthened; now and then noise alone."""
    data = bytearray(state)
    match dice.randrange(6):
        case 0:
            for _ in range(dice.randint(1, 20)):
                data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        case 1:
            del data[dice.randrange(len(data)) :]
        case 2:
            start = dice.randrange(len(data))
            data[start : start + 64] = dice.randbytes(dice.randrange(128))
        case 3:
            data += dice.randbytes(dice.randint(1, 99))
        case 4:
            data = bytearray(dice.randbytes(dice.randrange(4_000)))
        case _:
            width, value = dice.choice((("<I", 2**32 - 1), ("<Q", 2**64 - 1), ("<Q", 2**63), ("<I", 0)))
            start = dice.randrange(HEADER_BYTES, len(data) - 8)
            struct.pack_into(width, data, start, value)
    return bytes(data)


def repaired(data: bytes) -> bytes:
    """The same with a header that agrees, so that the content itself must be looked at."""
    payload = data[HEADER_BYTES:]
    length = struct.pack("<Q", len(payload))
    return data[:12].ljust(12, b"\0") + length + hashlib.sha256(payload).digest() + payload


def small_state() -> bytes:
    """A short saved state with something of everything but arrivals."""
    given = config("bypass, immediate", ticks_per_day=4, num_days=2)
    given["agent_configs"] = given["agent_configs"][:4]
    for agent in given["agent_configs"]:
        agent.pop("arrival_config")
    simulation = Orchestrator(given)
    for place, amount in enumerate((90, 600, 40, 800)):
        sender, receiver = f"BANK_{'ABCD'[place]}", f"BANK_{'BCDA'[place]}"
        simulation.submit_transaction(sender, receiver, amount, 2 + place, place, divisible=True)
    simulation.run(2)
    return simulation.save_state()


def sweep_snapshots(_: random.Random, step: int) -> None:
    """Put large and small numbers everywhere (or at every so many bytes) into a saved state."""
    state = small_state()
    for at in range(HEADER_BYTES, len(state) - 8, step):
        for width, number in product(("<I", "<Q"), (0, 1, 2**31, 2**32 - 1, 2**47, 2**63, 2**64 - 1)):
            data = bytearray(state)
            struct.pack_into(width, data, at, number & (2 ** (8 * struct.calcsize(width)) - 1))
            try_state(repaired(bytes(data)))


def try_state(data: bytes) -> None:
    """Load and use it; only the project's own errors are expected."""
    try:
        simulation = Orchestrator.load_state(data)
        for _ in range(5):
            simulation.tick()
        simulation.state_hash()
        for table in (
            simulation.transactions(),
            simulation.events(),
            simulation.agents(),
            simulation.costs(),
        ):
            pa.table(table).validate(full=True)
        simulation.drain_transactions()
        simulation.drain_events()
        simulation.save_state()
    except PaymentSimulatorError:
        pass


def fuzz_snapshots(dice: random.Random, rounds: int) -> None:
    """Damage saved states, with the checksum as it was and repaired."""
    states = saved_states(dice)
    for _ in range(rounds):
        data = damaged(dice.choice(states), dice)
        try_state(data)
        if dice.random() < 0.5:
            try_state(repaired(data))


KINDS: tuple[tuple[pa.DataType | None, tuple[Any, ...]], ...] = (
    (pa.int64(), (*EDGES[:4], *EDGES[6:], None)),
    (pa.uint64(), (0, 1, 2**64 - 1, 2**63, None)),
    (pa.float64(), (0.5, 1.0, float("nan"), float("inf"), 1e300)),
    (pa.string(), ("BANK_A", "", "BANK_B", "é" * 40, None)),
    (pa.binary(), (b"\xff\xfe", b"", None)),
    (pa.bool_(), (True, False, None)),
    (pa.null(), (None,)),
    (pa.list_(pa.int64()), ([1],)),
    (None, (1, 2**70, "x", None, 1.5, object())),
)
"""Columns of Arrow and, last, a list of anything: a type and the values that it draws from."""


def column(dice: random.Random, rows: int) -> pa.Array | list[Any]:
    """A column of any type, of sensible or extreme values, with or without nulls."""
    kind, values = dice.choice(KINDS)
    drawn = [dice.choice(values) for _ in range(rows)]
    return drawn if kind is None else pa.array(drawn, kind)


def table(dice: random.Random) -> dict[str, Any]:
    """A batch of which most columns are sensible."""
    rows = dice.randrange(12)
    sensible: dict[str, Any] = {
        "sender": [dice.choice(("BANK_A", "BANK_B")) for _ in range(rows)],
        "receiver": [dice.choice(("BANK_C", "BANK_D")) for _ in range(rows)],
        "amount": [dice.randint(1, 500) for _ in range(rows)],
        "submit_tick": [dice.randrange(40) for _ in range(rows)],
        "deadline_tick": [dice.choice((None, 60)) for _ in range(rows)],
        "priority": [dice.randrange(11) for _ in range(rows)],
        "divisible": [dice.random() < 0.5 for _ in range(rows)],
        "transaction_id": [f"{dice.randrange(10**9)}" for _ in range(rows)],
    }
    kept = {
        name: values
        for name, values in sensible.items()
        if name in "sender receiver amount" or dice.random() < 0.5
    }
    for name in list(kept):
        if dice.random() < 0.15:
            kept[name] = column(dice, dice.choice((rows, rows, rows + 1)))
    if dice.random() < 0.05:
        kept.pop(dice.choice(list(kept)))
    return kept


def as_arrow(columns: dict[str, Any]) -> Any:  # noqa: ANN401
    """As a table of Arrow, cut out of a longer one and in pieces, where it can be one."""
    try:
        whole = pa.table(columns)
    except (pa.ArrowException, OverflowError, TypeError, ValueError):
        return columns
    return pa.concat_tables([whole.slice(0, 3), whole.slice(3, 4), whole.slice(7)])


def fuzz_batches(dice: random.Random, rounds: int) -> None:
    """Submit tables of anything; what is refused leaves nothing behind."""
    simulation = begun(config("bypass, immediate", num_days=1))
    for number in range(rounds):
        columns = table(dice)
        given = as_arrow(columns) if number % 2 else columns
        before = simulation.state_hash()
        try:
            ids = simulation.submit_transactions_batch(given)
            assert len(set(ids)) == len(ids)
        except (PaymentSimulatorError, TypeError):
            # A value that is no integer at all is a TypeError, as everywhere in Python.
            assert simulation.state_hash() == before
        if number % 50 == 0:
            simulation.tick() if simulation.current_tick() < 39 else None
    simulation.run()


def main() -> None:
    """Run from the command line."""
    what, seed, rounds = sys.argv[1:]
    ways = {"snapshots": fuzz_snapshots, "sweep": sweep_snapshots, "batches": fuzz_batches}
    ways[what](random.Random(int(seed)), int(rounds))
    sys.stdout.write("survived\n")


if __name__ == "__main__":
    main()
