"""Runs PSSimPy on the file of the benchmark; its own environment's Python executes this, without our package.

python peer_pssimpy.py PAYMENTS.csv AGENTS.csv WINDOW_MINUTES
"""

import csv
import json
import sys
import time
from pathlib import Path
from typing import Any

NUMBERS = ("amount", "priority", "balance", "day")


def columns_of(file_name: str) -> dict[str, list[Any]]:
    """The columns of a CSV; numbers as int. Its user may take pandas for this, which is slower."""
    with Path(file_name).open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    columns = dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))
    numbers = {name: [int(text) for text in columns[name]] for name in NUMBERS if name in columns}
    return {**columns, **numbers}


def main(payments_file: str, agents_file: str, window: str) -> None:
    """Settles the day of a file, lets PSSimPy log into the working directory, and prints what came out."""
    start = time.perf_counter()
    from PSSimPy.simulator import BasicSim  # noqa: PLC0415

    imported = time.perf_counter()
    agents, payments = columns_of(agents_file), columns_of(payments_file)
    del payments["entered_at"]
    day = BasicSim(
        "peer",
        {"name": agents["id"]},
        {"id": agents["id"], "owner": agents["id"], "balance": agents["balance"]},
        payments,
        open_time="08:00",
        close_time="17:00",
        processing_window=int(window),
    )
    day.run()
    ended = time.perf_counter()
    settled = columns_of("peer-processed_transactions.csv")["status"].count("Success")
    balances = {account.id: int(account.balance) for account in day.accounts.values()}
    answer = {"importing": imported - start, "running": ended - imported, "settled": settled}
    print(json.dumps({**answer, "balances": balances}))


if __name__ == "__main__":
    main(*sys.argv[1:])
