"""How much memory a transaction takes, open and closed: each case in a process of its own.

`python benchmarks/memory.py` prints a line of JSON, and a sentence for people. The peak is what the operating
system says of the process less what it held before, with the table of input already in memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa

from payment_simulator._core import Orchestrator

TRANSACTIONS = 1_000_000
AGENTS = 100
TICKS = 1_000
CASES = {
    "scheduled": "open: scheduled",
    "queued": "open: waiting for liquidity, events full",
    "closed": "closed, events full",
    "closed_none": "closed, events none",
    "closed_given_ids": "closed, events full, with ids of 16 characters of their own",
}


def memory(key: str) -> int:
    """What the kernel says of this process, in bytes: `VmRSS` now, `VmHWM` at most."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) * 1024
    message = f"/proc/self/status has no {key}"
    raise RuntimeError(message)


def table(*, given_ids: bool) -> pa.Table:
    """A day of payments around a ring, so that everyone is paid what it pays."""
    number = np.arange(TRANSACTIONS)
    names = np.array([f"BANK_{agent:03}" for agent in range(AGENTS)])
    columns = {
        "sender": pa.array(names[number % AGENTS]).dictionary_encode(),
        "receiver": pa.array(names[(number + 1) % AGENTS]).dictionary_encode(),
        "amount": pa.array(np.full(TRANSACTIONS, 1_000)),
        "submit_tick": pa.array(number * TICKS // TRANSACTIONS),
    }
    if given_ids:
        columns["transaction_id"] = pa.array([f"{row:016}" for row in range(TRANSACTIONS)])
    return pa.table(columns)


def measure(case: str) -> dict[str, float]:
    """Run one case in this process; bytes per transaction."""
    simulation = Orchestrator(
        {
            "ticks_per_day": TICKS,
            "num_days": 1,
            "rng_seed": 1,
            "agent_configs": [
                {
                    "id": f"BANK_{agent:03}",
                    "opening_balance": 0 if case == "queued" else 10**9,
                    "policy": {"type": "Fifo"},
                }
                for agent in range(AGENTS)
            ],
            "lsm_config": {"enabled": False},
            "output": {"events": "none" if case == "closed_none" else "full"},
        }
    )
    payments = table(given_ids=case == "closed_given_ids")
    before = memory("VmRSS")
    simulation.submit_transactions_batch(payments)
    if case != "scheduled":
        simulation.run()
    queued = simulation.get_queue2_size()
    assert queued == (TRANSACTIONS if case == "queued" else 0), queued
    return {
        "bytes_at_peak": round((memory("VmHWM") - before) / TRANSACTIONS, 1),
        "bytes_held": round((memory("VmRSS") - before) / TRANSACTIONS, 1),
    }


def main() -> None:
    """Measure every case, or with an argument the one that it names."""
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1])))
        return
    found = {}
    for case in CASES:
        ran = subprocess.run([sys.executable, __file__, case], capture_output=True, text=True, check=True)
        found[case] = json.loads(ran.stdout)
    print(json.dumps({"transactions": TRANSACTIONS, "bytes_per_transaction": found}))
    parts = [f"{found[case]['bytes_at_peak']:.0f} bytes {text}" for case, text in CASES.items()]
    print(f"A transaction takes at the peak of a run of {TRANSACTIONS:,}: " + "; ".join(parts) + ".")


if __name__ == "__main__":
    main()
