"""Terms of credit for the random days: collateral that is worth a few payments."""

from random import Random
from typing import Any

Row = dict[str, Any]

ASSETS = ("BONDS", "SHARES")
HAIRCUTS = (0, "0.05", 0.25, "0.333333333333333333", 0.5, 1)
SHARES = (0, 0.1, "0.5", "0.666666666666666667", 1)
VALUES = (1, 2, 3, 5, 8, 13)


def make_collateral(dice: Random) -> Row:
    """What may secure credit."""
    section: Row = {"haircuts": {asset: dice.choice(HAIRCUTS) for asset in ASSETS}}
    if dice.randrange(10) < 5:
        section["minimum_holding_ticks"] = dice.choice((0, 1, 2, 4))
    return section


def make_posted(dice: Random) -> Row:
    """What an agent has posted."""
    return {asset: dice.choice(VALUES) for asset in ASSETS if dice.randrange(10) < 6}


def make_overdraft(dice: Random, rates: tuple[Any, ...]) -> Row:
    """How overdrafts are priced; each key is left out at times."""
    keys: Row = {
        "pricing": dice.choice(("per_tick", "daily_average")),
        "secured_bps_per_tick": dice.choice(rates),
    }
    section = {name: value for name, value in keys.items() if dice.randrange(10) < 7}
    if section.get("pricing") == "daily_average" and dice.randrange(10) < 4:
        section["waiver"] = dice.choice((0, 1, 5))
    return section


def make_own_price(dice: Random, rates: tuple[Any, ...]) -> Row:
    """What an agent's overdrafts cost otherwise."""
    keys: Row = {
        "overdraft_bps_per_tick": dice.choice(rates),
        "overdraft_deductible": dice.choice((0, 1, 2, 5)),
    }
    return {name: value for name, value in keys.items() if dice.randrange(10) < 4}


def make_pool(dice: Random, rates: tuple[Any, ...]) -> Row:
    """A liquidity pool of a few payments."""
    size: Row = dice.choice(({"allocation": dice.choice(VALUES)}, {"share": dice.choice(SHARES)}))
    cost = {"cost_bps_per_day": dice.choice(rates)} if dice.randrange(10) < 6 else {}
    return {"amount": dice.choice((0, 3, 8, 13, 30)), **size, **cost}


def make_collateral_event(dice: Random, agents: list[str]) -> Row:
    """Something that happens to collateral."""
    agent, asset = {"agent": dice.choice(agents)}, {"asset": dice.choice(ASSETS)}
    value = {"value": dice.choice(VALUES)}
    events: tuple[Row, ...] = (
        {"type": "collateral_posting", **agent, **asset, **value},
        {"type": "collateral_posting", **agent, **asset, **value},
        {"type": "collateral_withdrawal", **agent, **asset, **value},
        {"type": "collateral_withdrawal", **agent, **asset, **value},
        {"type": "collateral_shock", **agent, **asset, "share": dice.choice(SHARES)},
        {"type": "collateral_shock", **asset, "share": dice.choice(SHARES)},
        {"type": "haircut", **asset, "haircut": dice.choice(HAIRCUTS)},
    )
    return dict(dice.choice(events))
