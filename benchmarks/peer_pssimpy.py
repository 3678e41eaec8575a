"""Runs PSSimPy on the file of the benchmark; its own environment's Python executes this, without our package.

python peer_pssimpy.py PAYMENTS.csv AGENTS.csv WINDOW_MINUTES
"""

import csv
import json
import sys
import time


def main(payments_file: str, agents_file: str, window: str) -> None:
    """Reads the payments, settles the day, writes PSSimPy's logs into the working directory, says what came out."""
    start = time.perf_counter()
    import pandas as pd  # noqa: PLC0415
    from PSSimPy.simulator import BasicSim  # noqa: PLC0415

    imported = time.perf_counter()
    agents = pd.read_csv(agents_file)
    payments = pd.read_csv(payments_file)
    columns = ["sender_account", "recipient_account", "amount", "priority", "day", "time"]
    day = BasicSim(
        "peer",
        {"name": list(agents["id"])},
        {"id": list(agents["id"]), "owner": list(agents["id"]), "balance": list(agents["balance"])},
        {name: payments[name].tolist() for name in columns},
        open_time="08:00",
        close_time="17:00",
        processing_window=int(window),
    )
    day.run()
    ended = time.perf_counter()
    with open("peer-processed_transactions.csv", newline="", encoding="utf-8") as file:  # noqa: PTH123
        settled = sum(row["status"] == "Success" for row in csv.DictReader(file))
    balances = {account.id: int(account.balance) for account in day.accounts.values()}
    answer = {"importing": imported - start, "running": ended - imported, "settled": settled}
    print(json.dumps({**answer, "balances": balances}))


if __name__ == "__main__":
    main(*sys.argv[1:])
