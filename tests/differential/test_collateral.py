"""Collateral worked by hand, on the engine and on the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.differential.test_happenings import both, day, pay

if TYPE_CHECKING:
    from tests.differential.test_happenings import Made, Row


def collateral_day(*events: Row, haircut: object = "0.1", holding: int = 0, **sections: Any) -> Row:  # noqa: ANN401
    """A has nothing but 50 unsecured and bonds of 100: credit of 50 + 90."""
    config = day(*events, balances=(0, 0), **sections)
    config["collateral"] = {"haircuts": {"BONDS": haircut, "SHARES": 0.5}, "minimum_holding_ticks": holding}
    config["agent_configs"][0].update(credit_limit=50, collateral={"BONDS": 100})
    return config


def change(kind: str, tick: int, **keys: object) -> Row:
    keys = {"agent": "A", **keys} if kind != "haircut" else keys
    return {"type": kind, "at": {"tick": tick}, "asset": "BONDS", **keys}


def play(
    simulation: Any,  # noqa: ANN401
    *payments: tuple[str, str, int, int],
) -> tuple[list[Any], list[tuple[int, str, int]]]:
    """When each payment settled, and the rows about collateral that have an amount: tick, kind, amount."""
    if payments:
        simulation.submit_rows(pay(*payments))
    simulation.run()
    settled = [row["settle_tick"] for row in simulation.table("transactions")]
    rows = [row for row in simulation.table("events") if "collateral" in row["kind"]]
    return settled, [(row["tick"], row["kind"], row["amount"]) for row in rows if row["amount"] is not None]


@both
def test_credit_is_the_limit_and_what_collateral_secures(make: Made) -> None:
    """50 + 100 * 0.9 = 140: 141 waits, 140 goes past it."""
    simulation = make(collateral_day())
    assert simulation.get_agent("A")["credit_limit"] == 140
    settled, _ = play(simulation, ("A", "B", 141, 0), ("A", "B", 140, 0))
    assert settled == [None, 0]
    assert simulation.get_agent("A")["balance"] == -140


@both
@pytest.mark.parametrize(
    ("haircut", "secured"),
    # 100 * (1 - 1/3) = 66.67; all; nothing; 99.99 and a little.
    [("0.333333333333333333", 66), (0, 100), (1, 0), ("0.000000000000000001", 99)],
)
def test_what_an_asset_secures_is_rounded_down(make: Made, haircut: object, secured: int) -> None:
    assert make(collateral_day(haircut=haircut)).get_agent("A")["credit_limit"] == 50 + secured


@both
def test_a_posting_lets_what_waits_settle_in_its_tick(make: Made) -> None:
    """Shares of 41 secure 20: 140 + 20 = 160."""
    config = collateral_day(change("collateral_posting", 2, asset="SHARES", value=41))
    settled, rows = play(make(config), ("A", "B", 160, 0))
    assert settled == [2]
    assert rows == [(2, "collateral_posted", 90 + 20)]


@both
def test_a_withdrawal_leaves_what_is_drawn_covered(make: Made) -> None:
    """A has drawn 120. 25 less would leave 50 + 67 = 117; 20 less leave 50 + 72 = 122, all needed.

    B pays 120 back in tick 4: then more than there is can be asked for, and all of it comes.
    """
    config = collateral_day(
        change("collateral_withdrawal", 1, value=25),
        change("collateral_withdrawal", 2, value=20),
        change("collateral_withdrawal", 3, value=500),
        change("collateral_withdrawal", 5, value=500),
        change("collateral_withdrawal", 5, value=1),
    )
    simulation = make(config)
    _, rows = play(simulation, ("A", "B", 120, 0), ("B", "A", 120, 4))
    assert rows == [
        (1, "collateral_refused", 90),
        (2, "collateral_withdrawn", 72),
        (3, "collateral_refused", 72),
        (5, "collateral_withdrawn", 0),
        (5, "collateral_refused", 0),
    ]
    assert simulation.get_agent("A")["credit_limit"] == 50


@both
def test_none_of_an_asset_may_go_until_it_was_held(make: Made) -> None:
    """Posted in tick 1, to be held for two ticks: given back in 3. What was there before is free."""
    config = collateral_day(
        change("collateral_withdrawal", 0, value=10),
        change("collateral_posting", 1, value=10),
        change("collateral_withdrawal", 1, value=1),
        change("collateral_withdrawal", 2, value=1),
        change("collateral_withdrawal", 3, value=10),
        holding=2,
    )
    _, rows = play(make(config))
    kinds = ["withdrawn", "posted", "refused", "refused", "withdrawn"]
    assert rows == [
        (tick, f"collateral_{kind}", secured)
        for tick, kind, secured in zip((0, 1, 1, 2, 3), kinds, (81, 90, 90, 90, 81), strict=True)
    ]


@both
def test_a_shock_and_a_haircut_recall_nothing(make: Made) -> None:
    """A has drawn 120. Bonds of 75 at 0.1 secure 67, at 0.6 only 30: credit of 117, then 80.

    In tick 3 B has 120 and cannot pay its 125 alone; they settle with A's 6, since A gets net.
    Its 200 wait.
    """
    config = collateral_day(
        change("collateral_shock", 1, share="0.25"),
        change("haircut", 2, haircut="0.6"),
        lsm_config={"enabled": True},
    )
    simulation = make(config)
    settled, rows = play(
        simulation, ("A", "B", 120, 0), ("B", "A", 125, 3), ("A", "B", 6, 3), ("A", "B", 200, 3)
    )
    assert rows == [(1, "collateral_revalued", 67), (2, "collateral_revalued", 30)]
    assert settled == [0, 3, 3, None]
    assert simulation.get_agent("A")["least_balance"] == -120


@both
def test_a_shock_of_all_has_a_row_for_each_whose_credit_changed(make: Made) -> None:
    """B has too little for its credit to change: 1 * 0.9 and 0.9 * 0.9 are both less than a cent."""
    config = collateral_day(change("collateral_shock", 1, agent=None, share="0.1"))
    del config["scenario_events"][0]["agent"]
    config["agent_configs"][1]["collateral"] = {"BONDS": 1}
    simulation = make(config)
    _, rows = play(simulation)
    assert rows == [(1, "collateral_revalued", 81)]
    shocks = [row for row in simulation.table("events") if row["kind"] == "collateral_shocked"]
    assert [row["agent"] for row in shocks] == [None]


@both
def test_another_limit_leaves_what_collateral_secures(make: Made) -> None:
    config = collateral_day({"type": "credit_limit", "at": {"tick": 1}, "agent": "A", "credit_limit": 7})
    simulation = make(config)
    play(simulation)
    assert simulation.get_agent("A")["credit_limit"] == 97
