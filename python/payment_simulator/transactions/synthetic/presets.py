"""Days in the size of published systems: the figures are daily averages, everything else is drawn."""

from __future__ import annotations

from dataclasses import dataclass

from payment_simulator.transactions.problems import did_you_mean
from payment_simulator.transactions.synthetic.spec import DaySpec


@dataclass(frozen=True)
class Preset:
    """The size of a system.

    Attributes:
        name: What it is called here.
        agents: How many agents take part.
        payments: Payments a day.
        value: Their value a day, in units of the currency.
        currency: The currency's code.
        timezone: Where the system's clock hangs.
        source: Where the figures are published.
        assumed: Which of them are not in that source; empty when all are.
    """

    name: str
    agents: int
    payments: int
    value: int
    currency: str
    timezone: str
    source: str
    assumed: str = ""


PRESETS = (
    Preset(
        "rits_2011",
        59,
        35_500,
        171_000_000_000,
        "AUD",
        "Australia/Sydney",
        "Reserve Bank of Australia, RDP 2012-05, section 3: averages of 2011, participants in the sample",
    ),
    Preset(
        "rits_2019",
        59,
        49_200,
        189_700_000_000,
        "AUD",
        "Australia/Sydney",
        "Reserve Bank of Australia, 2019 Assessment of RITS, appendix A, table A.1: April 2018 to March 2019",
        "agents: as in RDP 2012-05",
    ),
    Preset(
        "chaps_2016",
        25,
        154_006,
        299_000_000_000,
        "GBP",
        "Europe/London",
        "CHAPS Co, CHAPS statistics: averages of 2016; Bank of England, CHAPS: over 25 direct participants",
    ),
    Preset(
        "target2_2020",
        1_000,
        345_006,
        1_812_400_000_000,
        "EUR",
        "Europe/Berlin",
        "European Central Bank, Payment instructions 2020, tables 1, 2: RTGS related payments, by 257 days",
        "agents: of this order",
    ),
    Preset(
        "fedwire_2007",
        9_289,
        537_000,
        2_700_000_000_000,
        "USD",
        "America/New_York",
        "Wikipedia, Fedwire, after the Federal Reserve: averages of 2007, participants in March 2009",
    ),
    Preset(
        "sic_2022",
        300,
        3_746_000,
        201_200_000_000,
        "CHF",
        "Europe/Zurich",
        "Swiss National Bank, SIC disclosure report 2022: 944 million payments of CHF 50,710 billion a year",
        "agents: of this order; 252 business days",
    ),
)


def preset(name: str, *, seed: int = 1, scale: float = 1.0) -> DaySpec:
    """A day in the size of a published system.

    Args:
        name: One of `PRESETS`.
        seed: Chooses the day.
        scale: Multiplies payments and value, for something quicker.

    Raises:
        ValueError: There is no such preset.
    """
    by_name = {row.name: row for row in PRESETS}
    row = by_name.get(name)
    if row is None:
        message = f"there is no preset '{name}'{did_you_mean(name, by_name)} (there are {', '.join(by_name)})"
        raise ValueError(message)
    return DaySpec(
        num_agents=row.agents,
        num_payments=max(1, round(row.payments * scale)),
        total_value=max(1, round(row.value * scale)) * 100,
        seed=seed,
        timezone=row.timezone,
        currency=row.currency,
    )
