"""Writes `config.yaml` of this folder: 10 core banks, 190 others, and who pays whom.

python scenarios/scarce_day/make_scarce_day.py [FILE]
"""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

GROUPS = 10
CLIENTS = 19
TICKS_PER_DAY = 120
CORE_RATE = 6.0
CLIENT_RATE = 0.25
CORE_AMOUNT, CLIENT_AMOUNT = 400_000_000, 100_000_000
CORE_BALANCE_PART, CLIENT_BALANCE_PART = 40, 16

HEAD = """\
# A day of 200 banks with scarce liquidity. `make_scarce_day.py` writes this file.
#   payment-sim run --config scenarios/scarce_day/config.yaml
# Amounts are whole cents; 100_000_000 is EUR 1 million.

# How long the day is: 120 ticks of, say, five minutes. Another seed draws another day.
simulation: {ticks_per_day: 120, num_days: 1, rng_seed: 20260302}

# What things cost: a negative balance 0.002 basis points a tick, waiting 0.005 basis points a tick,
# a missed deadline EUR 500, a payment still unsettled at the end of the day EUR 1,000, a split EUR 10 a part.
cost_rates:
  overdraft_bps_per_tick: 0.002
  delay_cost_per_tick_per_cent: 0.0000005
  deadline_penalty: 50000
  eod_penalty_per_transaction: 100000
  split_friction_cost: 1000

# Which offsetting runs in each tick: pairs of banks, then circles of three or four.
lsm_config: {bilateral_enabled: true, cycle_detection_enabled: true, max_cycle_length: 4}

# How the central queue settles: whatever fits, in the order in which it came.
settlement: {queue_discipline: bypass}

# What becomes of payments that are unsettled when the day ends: they stay for a next day.
end_of_day: {unsettled: carry_over}

# In which currency; this only names it in results.
currency: {code: EUR}

# Who takes part, how it manages its payments, and what it pays. The ten CORE banks pay each other and their
# own clients. The 190 others pay the core only, most of all the core bank whose clients they are (`&pays_...`
# names a list of weights, `*pays_...` repeats it). Opening balances are a fortieth of what a core bank pays
# on an average day, and a sixteenth of what any other bank pays.
agents:
"""

CORE_POLICIES = ("{type: Fifo}", "{type: LiquidityAware, target_buffer: 100_000_000, urgency_threshold: 12}")
"""How core banks behave, in turn."""

POLICIES = (
    ("{type: Fifo}", False),
    ("{type: Deadline, urgency_threshold: 12}", False),
    ("{type: LiquidityAware, target_buffer: 20_000_000, urgency_threshold: 12}", False),
    ("{type: LiquiditySplitting, max_splits: 4, min_split_amount: 1_000_000, urgency_threshold: 12}", True),
)
"""How the banks of the periphery behave, in turn; and whether what they pay may be split."""


def core(group: int) -> str:
    """The name of a core bank."""
    return f"CORE_{group:02}"


def client(group: int, number: int) -> str:
    """The name of a client of a core bank."""
    return f"BANK_{(group - 1) * CLIENTS + number:03}"


def weights(pairs: list[tuple[str, int]]) -> str:
    """Counterparties with their weights, over several lines."""
    text = ", ".join(f"{name}: {weight}" for name, weight in pairs)
    return textwrap.fill("{" + text + "}", 108, initial_indent=" " * 8, subsequent_indent=" " * 9)


def amounts(mean: int) -> str:
    """Lognormal amounts that are far apart: half of them are below 45 % of the mean."""
    return f"{{type: LogNormal, mean: {mean}, std_dev: {2 * mean}}}"


def core_bank(group: int) -> str:
    """The lines of a core bank, which pays its peers and its clients."""
    peers = [(core(other), 8) for other in range(1, GROUPS + 1) if other != group]
    clients = [(client(group, number), 1) for number in range(1, CLIENTS + 1)]
    balance = int(CORE_AMOUNT * CORE_RATE * TICKS_PER_DAY / CORE_BALANCE_PART)
    return f"""\
  - id: {core(group)}
    opening_balance: {balance}
    credit_limit: {balance // 2}
    policy: {CORE_POLICIES[group % 2]}
    arrival_config:
      rate_per_tick: {CORE_RATE}
      amount_distribution: {amounts(CORE_AMOUNT)}
      deadline_range: [6, 48]
      counterparty_weights:
{weights(peers + clients)}
"""


def client_bank(group: int, number: int) -> str:
    """The lines of any other bank."""
    policy, divisible = POLICIES[((group - 1) * CLIENTS + number) % len(POLICIES)]
    whom = [(core(other), 20 if other == group else 1) for other in range(1, GROUPS + 1)]
    listed = f" &pays_{core(group)}\n{weights(whom)}" if number == 1 else f" *pays_{core(group)}"
    return f"""\
  - id: {client(group, number)}
    opening_balance: {int(CLIENT_AMOUNT * CLIENT_RATE * TICKS_PER_DAY / CLIENT_BALANCE_PART)}
    policy: {policy}
    arrival_config:
      rate_per_tick: {CLIENT_RATE}
      amount_distribution: {amounts(CLIENT_AMOUNT)}
      deadline_range: [6, 48]
      divisible: {str(divisible).lower()}
      counterparty_weights:{listed}
"""


def config() -> str:
    """The whole file."""
    groups = range(1, GROUPS + 1)
    clients = [client_bank(group, number) for group in groups for number in range(1, CLIENTS + 1)]
    return HEAD + "".join([*map(core_bank, groups), *clients])


if __name__ == "__main__":
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("config.yaml")
    path.write_text(config(), encoding="utf-8")
