"""Writes `payments.csv` and `config.yaml` of this folder: a synthetic day in the shape of Australia's RITS.

python scenarios/payments_day/make_payments_day.py [FOLDER]

RITS settled 49,200 payments worth A$189.7 billion on an average day of 2018-19 (Reserve Bank of Australia,
2019 Assessment of RITS, appendix A); this is an eighth of its payments at the same average size.
"""

from __future__ import annotations

import sys
from datetime import date, time
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from payment_simulator.transactions.synthetic import DaySpec, generate

SPEC = DaySpec(
    num_agents=59,
    num_payments=49_200 // 8,
    total_value=18_970_000_000_000 // 8,
    seed=20190331,
    ticks_per_day=435,
    tick_seconds=60,
    date=date(2026, 3, 2),
    opens_at=time(9, 15),
    timezone="Australia/Sydney",
    currency="AUD",
    core_agents=4,
    core_traffic=0.92,
    log_sigma=1.8,
    tail_part=0.03,
    tail_exponent=1.8,
    priorities={9: 0.08, 5: 0.45, 2: 0.47},
    deadline_part=0.35,
    deadline_ticks=(60, 240),
    times="timestamps",
    amounts="decimal",
)
LIQUIDITY_PART, CREDIT_PART = 20, 40
HUNDRED_THOUSANDS = 10_000_000

HEAD = """\
# A day of payments from a file: Australia's RITS in shape, an eighth of it in size. `make run` runs it, or
#   payment-sim run --config scenarios/payments_day/config.yaml
# Amounts in this file are whole cents; 100_000_000 is AUD 1 million. `make_payments_day.py`
# writes this file.

# How long the day is: 435 ticks, one for each minute from 09:15 to 16:30. Nothing is drawn by chance.
simulation: {ticks_per_day: 435, num_days: 1, rng_seed: 1}

# When the ticks are, so that times in the file find theirs.
clock: {date: 2026-03-02, opens_at: "09:15", tick_seconds: 60, timezone: Australia/Sydney, days: business}

# In which currency, with how many decimals.
currency: {code: AUD, minor_digits: 2}

# Where the payments are, what that file calls our columns, and that its amounts are decimals (1234.50).
transactions:
  path: payments.csv
  amounts: decimal
  columns:
    transaction_id: reference
    sender: payer
    receiver: payee
    amount: amount_aud
    submit_time: entered_at
    deadline_time: needed_by

# How the central queue settles: high priorities first (8 to 10), then the normal ones (4 to 7), and nothing
# before what waits above it; the low ones (0 to 3) use what liquidity is left, in any order that fits.
settlement:
  queue_discipline: priority
  priority_bands: [[8, 10], [4, 7], [0, 3]]
  crediting: immediate

# Which offsetting runs every minute: pairs of banks, then circles of three or four.
lsm_config:
  bilateral_enabled: true
  cycle_detection_enabled: true
  max_cycle_length: 4
  max_cycles_per_tick: 50

# What things cost: intraday credit 1 % a year (0.00063 basis points a minute), waiting ten times as much,
# a missed deadline AUD 500, a payment that is still unsettled at 16:30 AUD 1,000.
cost_rates:
  overdraft_bps_per_tick: 0.00063
  delay_cost_per_tick_per_cent: 0.00000063
  deadline_penalty: 50000
  eod_penalty_per_transaction: 100000

# What becomes of what is unsettled at 16:30: the system drops it, and the bank enters it again another day.
end_of_day: {unsettled: cancel}

# Who takes part. Each bank starts with a twentieth of what it pays on this day, may be overdrawn by half as
# much, and sends its payments to the central queue as they come.
agents:
"""


def payments() -> pa.Table:
    """The day's payments as a bank's own export would name them, in local time."""
    day = generate(SPEC)
    return pa.table(
        {
            "reference": day["transaction_id"],
            "payer": day["sender"].cast(pa.string()),
            "payee": day["receiver"].cast(pa.string()),
            "amount_aud": day["amount"],
            "entered_at": _local(day["submit_time"]),
            "needed_by": _local(day["deadline_time"]),
            "priority": day["priority"],
        }
    )


def _local(moments: pa.ChunkedArray) -> pa.ChunkedArray:
    seconds = moments.cast(pa.timestamp("s", tz=SPEC.timezone))
    return pc.call_function("strftime", [seconds], pc.StrftimeOptions("%Y-%m-%d %H:%M:%S"))


def agents(day: pa.Table) -> list[str]:
    """A line of the configuration for each bank."""
    paid = {row["payer"]: int(row["amount_aud_sum"] * 100) for row in _outflows(day).to_pylist()}
    return [_agent(bank, paid.get(bank, 0)) for bank in SPEC.agent_ids]


def _outflows(day: pa.Table) -> pa.Table:
    return day.group_by("payer").aggregate([("amount_aud", "sum")])


def _agent(bank: str, outflow: int) -> str:
    balance, credit = (_rounded(outflow / part) for part in (LIQUIDITY_PART, CREDIT_PART))
    money = f"opening_balance: {balance:_}, credit_limit: {credit:_}"
    return f"  - {{id: {bank}, {money}, policy: {{type: Fifo}}}}\n"


def _rounded(cents: float) -> int:
    """Whole hundreds of thousands of dollars, at least one."""
    return max(1, round(cents / HUNDRED_THOUSANDS)) * HUNDRED_THOUSANDS


def write(folder: Path) -> None:
    """Writes both files."""
    day = payments()
    pa_csv.write_csv(
        day, folder / "payments.csv", pa_csv.WriteOptions(quoting_style="none", quoting_header="none")
    )
    (folder / "config.yaml").write_text(HEAD + "".join(agents(day)), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
