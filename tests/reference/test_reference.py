"""The model itself, by cases computed by hand.

A day is a table with a line per transaction: its name, tick, who pays whom, the amount, options; after the
arrow what must become of it. For example, `settled@1 queue` is settled in tick 1 from Queue 2.
"""

from decimal import Decimal
from typing import Any

import pytest

from tests.reference import ReferenceSimulation, RefusedError

FREE = dict.fromkeys(
    (
        "overdraft_bps_per_tick",
        "delay_cost_per_tick_per_cent",
        "eod_penalty_per_transaction",
        "deadline_penalty",
        "split_friction_cost",
    ),
    0,
)
NO_OFFSETTING = {"enabled": False}
FIFO = {"queue_discipline": "fifo"}
PRIORITY = {"queue_discipline": "priority"}
DEFERRED = {"crediting": "deferred"}


def make_config(
    agents: str,
    *,
    ticks: int = 4,
    days: int = 1,
    policy: dict[str, Any] | None = None,
    rates: dict[str, Any] | None = None,
    offsetting: dict[str, Any] | None = None,
    settlement: dict[str, Any] | None = None,
    unsettled: str = "carry_over",
) -> dict[str, Any]:
    """A config from `A 10, B 0 credit 5`; nothing costs anything and nothing is offset unless it is said."""
    agent_configs = []
    for words in (text.split() for text in agents.split(",")):
        credit_limit = int(words[3]) if len(words) > 2 else 0
        agent = {"id": words[0], "opening_balance": int(words[1]), "credit_limit": credit_limit}
        agent_configs.append({**agent, "policy": policy or {"type": "Fifo"}})
    return {
        "ticks_per_day": ticks,
        "num_days": days,
        "rng_seed": 1,
        "agent_configs": agent_configs,
        "cost_rates": {**FREE, **(rates or {})},
        "lsm_config": NO_OFFSETTING if offsetting is None else offsetting,
        "settlement": settlement or {},
        "end_of_day": {"unsettled": unsettled},
    }


def read_payments(table: str) -> list[dict[str, Any]]:
    """The rows of a batch from the left side of a table; words without `=` are switches."""
    rows = []
    for line in table.strip().splitlines():
        name, tick, way, amount, *options = line.split("=>")[0].split()
        sender, receiver = way.split(">")
        row: dict[str, Any] = {"deadline": None, "priority": 5, "divisible": False}
        for option in options:
            key, _, value = option.partition("=")
            row[key] = int(value) if value else True
        row["deadline_tick"] = row.pop("deadline")
        rows.append(
            {
                "transaction_id": name,
                "sender": sender,
                "receiver": receiver,
                "amount": int(amount),
                "submit_tick": int(tick),
                **row,
            }
        )
    return rows


def expected_outcomes(table: str) -> dict[str, str]:
    """The right side of a table."""
    return {line.split()[0]: line.partition("=>")[2].strip() for line in table.strip().splitlines()}


def outcomes(simulation: ReferenceSimulation) -> dict[str, str]:
    """What became of each transaction, in the words of the tables."""
    return {row["transaction_id"]: outcome(row) for row in simulation.transactions()}


def outcome(row: dict[str, Any]) -> str:
    if row["status"] != "settled":
        return str(row["status"])
    return f"settled@{row['settle_tick']} {row['settlement_method'] or ''}".strip()


def start(table: str, agents: str, **options: Any) -> ReferenceSimulation:  # noqa: ANN401 - passed through
    simulation = ReferenceSimulation(make_config(agents, **options))
    simulation.submit_transactions_batch(read_payments(table))
    return simulation


def run_day(table: str, agents: str, **options: Any) -> ReferenceSimulation:  # noqa: ANN401 - passed through
    """Run a table to the end and hold every transaction that it names against it."""
    simulation = start(table, agents, **options)
    simulation.run()
    expected = expected_outcomes(table)
    assert {name: became for name, became in outcomes(simulation).items() if name in expected} == expected
    return simulation


def balances(simulation: ReferenceSimulation) -> str:
    return ", ".join(f"{agent['agent_id']} {agent['balance']}" for agent in simulation.agents())


def event_lines(simulation: ReferenceSimulation) -> list[str]:
    """An event as `tick kind transaction`, and for a settlement the method and the sender's balance."""
    lines = []
    for row in simulation.events():
        words = (
            row["tick"],
            row["kind"],
            row["transaction_id"],
            row["method"],
            row["balance_after"],
        )
        lines.append(" ".join(str(word) for word in words if word is not None))
    return lines


def settled_order(simulation: ReferenceSimulation) -> str:
    return " ".join(row["transaction_id"] for row in simulation.events() if row["kind"] == "settled")


def cost_per_tick(simulation: ReferenceSimulation) -> list[int]:
    rules = simulation.state.rules
    return [simulation.tick()["total_cost"] for _ in range(rules.num_ticks)]


# --- policies ---


def test_fifo_policy_releases_everything_at_once() -> None:
    simulation = run_day(
        """
        x 0 A>B 4   => settled@0 immediate
        y 1 A>B 7   => queued
        z 1 A>B 6   => settled@1 immediate
        """,
        "A 10, B 0",
    )
    assert balances(simulation) == "A 0, B 10"


def test_deadline_policy_holds_what_is_not_urgent_and_for_ever_what_has_no_deadline() -> None:
    run_day(
        """
        x 0 A>B 1 deadline=3   => settled@2 immediate
        y 0 A>B 1              => pending
        z 0 A>B 1 deadline=1   => settled@0 immediate
        """,
        "A 10, B 0",
        policy={"type": "Deadline", "urgency_threshold": 1},
    )


def test_liquidity_aware_keeps_its_buffer_and_judges_each_by_itself() -> None:
    # Tick 0: 10 - 4 leaves 6; 6 - 4 would leave 2; 6 - 1 leaves 5. Tick 1: u is urgent and fits into 5.
    run_day(
        """
        x 0 A>B 4              => settled@0 immediate
        y 0 A>B 4              => pending
        z 0 A>B 1              => settled@0 immediate
        u 0 A>B 5 deadline=1   => settled@1 immediate
        """,
        "A 10, B 0",
        policy={"type": "LiquidityAware", "target_buffer": 5, "urgency_threshold": 0},
    )


def test_liquidity_aware_holds_an_urgent_one_that_does_not_fit() -> None:
    run_day(
        "x 0 A>B 6 deadline=1   => pending",
        "A 3 credit 2, B 0",
        policy={"type": "LiquidityAware", "target_buffer": 0, "urgency_threshold": 5},
    )


def test_liquidity_splitting_takes_the_fewest_parts_of_which_the_first_fits() -> None:
    # Halves are 5 and do not fit into 4; thirds are 4, 3, 3.
    simulation = run_day(
        "x 0 A>B 10 divisible   => queued",
        "A 4, B 0",
        policy={"type": "LiquiditySplitting", "max_splits": 4, "min_split_amount": 1},
    )
    parts = {row["transaction_id"]: (row["amount"], row["status"]) for row in simulation.transactions()[1:]}
    assert parts == {"x/1": (4, "settled"), "x/2": (3, "queued"), "x/3": (3, "queued")}


def test_liquidity_splitting_holds_what_it_cannot_divide_and_releases_it_whole_when_urgent() -> None:
    # Halves (5) do not fit into 4 and thirds (3) are below the least part.
    simulation = run_day(
        """
        x 0 A>B 10 divisible deadline=2   => queued
        y 0 A>B 10 deadline=3             => queued
        z 0 A>B 10                        => pending
        """,
        "A 4, B 0",
        policy={
            "type": "LiquiditySplitting",
            "max_splits": 4,
            "min_split_amount": 4,
            "urgency_threshold": 1,
        },
    )
    assert [row["release_tick"] for row in simulation.transactions()] == [1, 2, None]


def test_liquidity_splitting_commits_what_it_released_earlier_in_the_walk() -> None:
    # 10 - 8 = 2 are left for y: halves of 2. Both are committed, so that nothing is left for z.
    run_day(
        """
        x 0 A>B 8 divisible   => settled@0 immediate
        y 0 A>B 4 divisible   => queued
        z 0 A>B 2 divisible   => pending
        """,
        "A 10, B 0",
        policy={"type": "LiquiditySplitting", "max_splits": 2, "min_split_amount": 1},
    )


def test_mock_splitting_divides_what_is_divisible_and_has_enough_cents() -> None:
    simulation = run_day(
        """
        x 0 A>B 11 divisible   => settled@0
        y 0 A>B 2 divisible    => settled@0 immediate
        z 0 A>B 9              => settled@0 immediate
        """,
        "A 100, B 0",
        policy={"type": "MockSplitting", "num_splits": 3},
    )
    assert [row["amount"] for row in simulation.transactions()] == [11, 2, 9, 5, 3, 3]


# --- splitting ---


def test_parts_inherit_and_the_parent_settles_with_the_last() -> None:
    simulation = start(
        """
        x 0 A>B 5 divisible deadline=3 priority=7
        y 1 B>A 3
        """,
        "A 0 credit 3, B 9",
        policy={"type": "FixedSplitting", "num_splits": 2},
    )
    simulation.tick()
    assert outcomes(simulation) == {
        "x": "queued",
        "y": "pending",
        "x/1": "settled@0 immediate",
        "x/2": "queued",
    }
    simulation.tick()
    assert outcomes(simulation)["x"] == "settled@1"
    part = simulation.get_transaction("x/2")
    assert part == {
        "transaction_id": "x/2",
        "sender": "A",
        "receiver": "B",
        "amount": 2,
        "submit_tick": 0,
        "release_tick": 0,
        "settle_tick": 1,
        "deadline_tick": 3,
        "priority": 7,
        "divisible": False,
        "status": "settled",
        "settlement_method": "queue",
        "parent_id": "x",
    }


def test_parts_enter_after_what_was_not_split() -> None:
    # The parts have later numbers than y, which brings the liquidity for both.
    simulation = run_day(
        """
        x 0 A>B 4 divisible   => settled@0
        y 0 B>A 4             => settled@0 immediate
        """,
        "A 0, B 4",
        policy={"type": "MockSplitting", "num_splits": 2},
    )
    assert settled_order(simulation) == "y x/1 x/2"


def test_splitting_costs_friction_for_each_part_but_one() -> None:
    simulation = start(
        "x 0 A>B 10 divisible",
        "A 10, B 0",
        policy={"type": "MockSplitting", "num_splits": 4},
        rates={"split_friction_cost": "1.5"},
    )
    # 3 x 1.5 = 4.5, half-even 4.
    assert cost_per_tick(simulation) == [4, 0, 0, 0]


# --- entry and disciplines ---


def test_bypass_lets_a_smaller_one_overtake() -> None:
    run_day(
        """
        x 0 A>B 6   => queued
        y 0 A>B 5   => settled@0 immediate
        """,
        "A 5, B 0",
    )


def test_fifo_lets_nothing_overtake() -> None:
    run_day(
        """
        x 0 A>B 6              => queued
        y 0 A>B 5 priority=9   => queued
        """,
        "A 5, B 0",
        settlement=FIFO,
    )


def test_priority_settles_nothing_before_a_higher_band_or_an_earlier_one_of_its_own() -> None:
    run_day(
        """
        m 0 A>B 9 priority=5    => queued
        h 0 A>B 3 priority=10   => settled@0 immediate
        n 0 A>B 1 priority=7    => queued
        l 0 A>B 1 priority=0    => queued
        """,
        "A 5, B 0",
        settlement=PRIORITY,
    )


def test_priority_lets_the_lowest_band_bypass_itself() -> None:
    run_day(
        """
        k 0 A>B 9 priority=0   => queued
        l 0 A>B 5 priority=3   => settled@0 immediate
        """,
        "A 5, B 0",
        settlement=PRIORITY,
    )


def test_a_priority_scan_goes_by_band_and_stops_at_a_higher_one_that_does_not_fit() -> None:
    run_day(
        """
        l 0 A>B 3 priority=0   => queued
        m 0 A>B 4 priority=5   => queued
        h 0 A>B 2 priority=9   => settled@1 queue
        c 1 B>A 5              => settled@1 immediate
        """,
        "A 0, B 5",
        settlement=PRIORITY,
    )


def test_a_priority_scan_tries_the_lowest_band_first_fit() -> None:
    simulation = run_day(
        """
        k 0 A>B 9 priority=1   => queued
        l 0 A>B 3 priority=0   => settled@1 queue
        h 0 A>B 2 priority=9   => settled@1 queue
        c 1 B>A 5              => settled@1 immediate
        """,
        "A 0, B 5",
        settlement=PRIORITY,
    )
    assert settled_order(simulation) == "c h l"


def test_the_first_band_that_is_written_settles_first() -> None:
    run_day(
        """
        h 0 A>B 5 priority=9   => queued
        l 0 A>B 5 priority=2   => settled@1 queue
        c 1 B>A 5 priority=9   => settled@1 immediate
        """,
        "A 0, B 5",
        settlement={**PRIORITY, "priority_bands": [[0, 3], [4, 10]]},
    )


def test_credits_are_passed_on_breadth_first_and_an_agent_is_scanned_again() -> None:
    # c pays A; A pays a1; B pays b1 and b2; b1 lets A pay a2 in its second scan.
    simulation = run_day(
        """
        a1 0 A>B 5   => settled@1 queue
        a2 0 A>C 3   => settled@1 queue
        b1 0 B>A 3   => settled@1 queue
        b2 0 B>C 2   => settled@1 queue
        c  1 C>A 5   => settled@1 immediate
        """,
        "A 0, B 0, C 5",
    )
    assert settled_order(simulation) == "c a1 b1 b2 a2"
    assert simulation.state.settlements_in_repeated_scans == 1
    assert balances(simulation) == "A 0, B 0, C 5"


def test_a_credit_serves_the_queue_before_the_next_entry() -> None:
    simulation = run_day(
        """
        a 0 A>C 5   => settled@1 queue
        b 1 B>A 5   => settled@1 immediate
        n 1 A>C 5   => queued
        """,
        "A 0, B 5, C 0",
    )
    assert settled_order(simulation) == "b a"


def test_deferred_credits_can_be_used_in_the_next_tick() -> None:
    simulation = start(
        """
        x 0 A>B 5
        y 0 B>A 5
        """,
        "A 5, B 0",
        settlement=DEFERRED,
    )
    simulation.tick()
    assert outcomes(simulation) == {"x": "settled@0 immediate", "y": "queued"}
    assert balances(simulation) == "A 0, B 5"
    simulation.tick()
    assert outcomes(simulation)["y"] == "settled@1 queue"
    assert balances(simulation) == "A 5, B 0"


def test_deferred_credits_serve_waiting_ones_before_new_ones() -> None:
    run_day(
        """
        x 0 A>B 5   => settled@0 immediate
        y 0 B>A 4   => settled@1 queue
        z 1 B>A 5   => queued
        """,
        "A 5, B 0",
        ticks=2,
        settlement=DEFERRED,
    )


# --- offsetting ---


def test_a_pair_without_money_settles_together() -> None:
    simulation = run_day(
        """
        x 0 A>B 5   => settled@0 bilateral
        y 0 B>A 5   => settled@0 bilateral
        """,
        "A 0, B 0",
        offsetting={},
    )
    assert event_lines(simulation)[2:4] == ["0 settled x bilateral 0", "0 settled y bilateral 0"]


def test_a_pair_drops_the_latest_that_cures_the_shortfall_alone() -> None:
    # A sends 9 and receives 5 with 1 in hand: short of 3. y (3) is the latest that is enough.
    simulation = run_day(
        """
        x 0 A>B 4   => settled@0 bilateral
        y 0 A>B 3   => queued
        z 0 A>B 2   => settled@0 bilateral
        w 0 B>A 5   => settled@0 bilateral
        """,
        "A 1, B 0",
        ticks=1,
        offsetting={},
    )
    assert balances(simulation) == "A 0, B 1"


def test_a_pair_drops_the_latest_of_the_largest_when_none_is_enough() -> None:
    # Short of 6: y goes, as the later 3. Then short of 3: x is enough, z is not.
    run_day(
        """
        x 0 A>B 3   => queued
        y 0 A>B 3   => queued
        z 0 A>B 2   => settled@0 bilateral
        w 0 B>A 2   => settled@0 bilateral
        """,
        "A 0, B 0",
        offsetting={},
    )


def test_a_pair_under_fifo_takes_the_prefix_and_then_tries_the_raised_queue() -> None:
    # y stands behind c, which goes elsewhere. B pays net 3; with them A's queue settles c and stops at y.
    simulation = run_day(
        """
        x 0 A>B 2   => settled@0 bilateral
        c 0 A>C 1   => settled@0 queue
        y 0 A>B 3   => queued
        w 0 B>A 5   => settled@0 bilateral
        """,
        "A 0, B 3, C 0",
        settlement=FIFO,
        offsetting={},
    )
    assert balances(simulation) == "A 2, B 0, C 1"


def test_a_pair_under_fifo_drops_its_last() -> None:
    # Short of 5: under bypass y (5) would go; here z goes, then y. B pays the 1 that remains.
    run_day(
        """
        x 0 A>B 2   => settled@0 bilateral
        y 0 A>B 5   => queued
        z 0 A>B 1   => queued
        w 0 B>A 3   => settled@0 bilateral
        """,
        "A 0, B 1",
        settlement=FIFO,
        offsetting={},
    )


def test_a_pair_under_priority_may_pick_from_the_lowest_band_once_the_higher_are_in() -> None:
    run_day(
        """
        h  0 A>B 2 priority=9   => settled@0 bilateral
        l1 0 A>C 9 priority=0   => queued
        l2 0 A>B 3 priority=0   => settled@0 bilateral
        w  0 B>A 5              => settled@0 bilateral
        """,
        "A 0, B 0, C 0",
        settlement=PRIORITY,
        offsetting={},
    )


def test_a_pair_under_priority_stops_at_a_higher_one_that_goes_elsewhere() -> None:
    run_day(
        """
        h  0 A>C 2 priority=9   => queued
        l2 0 A>B 3 priority=0   => queued
        w  0 B>A 3              => queued
        """,
        "A 0, B 0, C 0",
        settlement=PRIORITY,
        offsetting={},
    )


def test_a_cycle_of_unequal_amounts_needs_its_net_payer_covered() -> None:
    table = """
        a 0 A>B 4   => {0}
        b 0 B>C 3   => {0}
        c 0 C>A 3   => {0}
        """
    covered = run_day(table.format("settled@0 cycle"), "A 1, B 0, C 0", offsetting={})
    assert balances(covered) == "A 0, B 1, C 0"
    run_day(table.format("queued"), "A 0, B 0, C 0", offsetting={})


def test_a_cycle_takes_the_earliest_of_each_edge_only() -> None:
    # The earliest from A is 4, which is not covered; the later 3 is not looked at.
    run_day(
        """
        a1 0 A>B 4   => queued
        a2 0 A>B 3   => queued
        b  0 B>C 3   => queued
        c  0 C>A 3   => queued
        """,
        "A 0, B 0, C 0",
        offsetting={},
    )


def test_cycles_under_priority_take_the_head_of_the_highest_band() -> None:
    table = """
        e 0 A>D 1 priority={0}
        a 0 A>B 3 priority=0
        b 0 B>C 3
        c 0 C>A 3
        """
    agents = "A 0, B 0, C 0, D 0"
    for priority, became in ((9, "queued"), (0, "settled@0 cycle")):
        simulation = start(table.format(priority), agents, settlement=PRIORITY, offsetting={})
        simulation.run()
        assert outcomes(simulation)["a"] == became


def test_cycles_are_found_by_config_order() -> None:
    # C-A-B and D-A-B both go through a; D stands first in the config.
    run_day(
        """
        a  0 A>B 2   => settled@0 cycle
        b1 0 B>C 2   => queued
        b2 0 B>D 2   => settled@0 cycle
        c  0 C>A 2   => queued
        d  0 D>A 2   => settled@0 cycle
        """,
        "D 0, C 0, A 0, B 0",
        offsetting={},
    )


def test_shorter_cycles_are_found_first() -> None:
    run_day(
        """
        a  0 A>B 2   => queued
        b  0 B>C 2   => settled@0 cycle
        c  0 C>D 2   => settled@0 cycle
        d1 0 D>A 2   => queued
        d2 0 D>B 2   => settled@0 cycle
        """,
        "A 0, B 0, C 0, D 0",
        offsetting={},
    )


def test_max_cycles_per_tick_is_kept() -> None:
    run_day(
        """
        a1 0 A>B 2   => settled@0 cycle
        b1 0 B>C 2   => settled@0 cycle
        c1 0 C>A 2   => settled@0 cycle
        a2 0 A>B 3   => settled@1 cycle
        b2 0 B>C 3   => settled@1 cycle
        c2 0 C>A 3   => settled@1 cycle
        """,
        "A 0, B 0, C 0",
        offsetting={"max_cycles_per_tick": 1},
    )


@pytest.mark.parametrize(("length", "became"), [(3, "queued"), (4, "settled@0 cycle")])
def test_max_cycle_length_is_kept(length: int, became: str) -> None:
    run_day(
        f"""
        a 0 A>B 2   => {became}
        b 0 B>C 2   => {became}
        c 0 C>D 2   => {became}
        d 0 D>A 2   => {became}
        """,
        "A 0, B 0, C 0, D 0",
        offsetting={"max_cycle_length": length},
    )


@pytest.mark.parametrize(("iterations", "tick"), [(1, 1), (2, 0)])
def test_a_pair_behind_a_cycle_needs_another_iteration(iterations: int, tick: int) -> None:
    run_day(
        f"""
        a1 0 A>B 2   => settled@0 cycle
        b1 0 B>C 2   => settled@0 cycle
        c1 0 C>A 2   => settled@0 cycle
        a2 0 A>B 5   => settled@{tick} bilateral
        b2 0 B>A 5   => settled@{tick} bilateral
        """,
        "A 0, B 0, C 0",
        settlement=FIFO,
        offsetting={"max_iterations": iterations},
    )


def test_a_set_under_deferred_crediting_nets_at_once_and_its_gain_waits() -> None:
    simulation = start(
        """
        x 0 A>B 5
        y 0 B>A 3
        z 0 B>C 2
        """,
        "A 2, B 0, C 0",
        settlement=DEFERRED,
        offsetting={},
    )
    result = simulation.tick()
    assert outcomes(simulation) == {"x": "settled@0 bilateral", "y": "settled@0 bilateral", "z": "queued"}
    assert event_lines(simulation)[3:] == [
        "0 settled x bilateral 0",
        "0 settled y bilateral 0",
        "0 released z",
        "0 queued z",
    ]
    assert balances(simulation) == "A 0, B 2, C 0"
    assert (result["num_settlements"], result["num_lsm_releases"]) == (2, 2)
    simulation.tick()
    assert outcomes(simulation)["z"] == "settled@1 queue"


@pytest.mark.parametrize(
    "switch", ["bilateral_enabled", "bilateral_offsetting", "enable_bilateral", "enabled"]
)
def test_offsetting_can_be_switched_off_under_each_of_its_names(switch: str) -> None:
    run_day(
        """
        x 0 A>B 5   => queued
        y 0 B>A 5   => queued
        """,
        "A 0, B 0",
        offsetting={switch: False},
    )


# --- time, costs, the end of the day ---


def test_costs_are_exact_and_rounded_half_even_when_they_are_read() -> None:
    # 0.5 a tick: 0.5, 1.0, 1.5, 2.0 round to 0, 1, 2, 2.
    simulation = start(
        "x 0 A>B 100",
        "A 0, B 0",
        rates={"delay_cost_per_tick_per_cent": 0.005},
    )
    assert cost_per_tick(simulation) == [0, 1, 1, 0]


def test_what_settles_in_its_arrival_tick_has_no_delay() -> None:
    simulation = start(
        """
        x 0 A>B 100
        y 0 A>B 100
        z 1 B>A 100
        """,
        "A 100, B 0",
        rates={"delay_cost_per_tick_per_cent": 1},
    )
    assert cost_per_tick(simulation) == [100, 0, 0, 0]


def test_overdraft_is_in_ten_thousandths_of_a_negative_balance() -> None:
    simulation = start("x 1 A>B 50", "A 0 credit 60, B 0", rates={"overdraft_bps_per_tick": 200})
    assert cost_per_tick(simulation) == [0, 1, 1, 1]


def test_rates_are_read_as_the_decimals_that_were_written() -> None:
    rates = {
        "delay_cost_per_tick_per_cent": Decimal("0.000000000000000001"),
        "overdraft_bps_per_tick": 1e-05,
        "eod_penalty_per_transaction": "0.1",
    }
    simulation = start("x 0 A>B 3\ny 0 A>B 7", "A 0 credit 7, B 0", ticks=2, rates=rates)
    simulation.run()
    exact = {row["kind"]: row["exact"] for row in simulation.costs() if row["agent_id"] == "A"}
    assert exact == {
        "overdraft": Decimal("0.000000006"),  # x settled: 3 x 0.00001 / 10,000 in two ticks
        "delay": Decimal("0.000000000000000014"),
        "deadline_penalty": Decimal(0),
        "eod_penalty": Decimal("0.1"),
        "split_friction": Decimal(0),
        "throughput_penalty": Decimal(0),
        "allocation": Decimal(0),
        "overnight": Decimal(0),
    }


def test_settled_at_the_deadline_is_in_time_and_late_is_penalised_once() -> None:
    simulation = start(
        """
        x 0 A>B 5 deadline=1
        y 0 A>B 9 deadline=1
        z 1 B>A 5
        """,
        "A 0, B 5",
        rates={"deadline_penalty": 7},
    )
    assert cost_per_tick(simulation) == [0, 7, 0, 0]
    assert outcomes(simulation)["x"] == "settled@1 queue"


def test_a_part_made_at_the_deadline_can_still_be_late() -> None:
    # C pays after A's policy ran in tick 0. In tick 1 halves fit; the second one stays and is late.
    simulation = start(
        """
        x 0 A>B 10 divisible deadline=1
        c 0 C>A 5
        """,
        "A 0, B 0, C 5",
        policy={"type": "LiquiditySplitting", "max_splits": 2, "min_split_amount": 1},
        rates={"deadline_penalty": 7},
    )
    assert cost_per_tick(simulation) == [0, 7, 0, 0]
    assert outcomes(simulation)["x/1"] == "settled@1 immediate"


def test_carried_over_ones_are_penalised_each_day() -> None:
    simulation = start(
        """
        x 0 A>B 5
        y 3 A>B 5
        """,
        "A 0, B 0",
        ticks=2,
        days=2,
        rates={"eod_penalty_per_transaction": 10},
    )
    assert cost_per_tick(simulation) == [0, 10, 0, 20]
    assert outcomes(simulation) == {"x": "queued", "y": "queued"}


def test_cancelled_ones_are_penalised_once_and_the_next_day_is_left_alone() -> None:
    simulation = start(
        """
        x 0 A>B 5 deadline=3
        y 3 A>B 5
        z 0 B>A 1
        """,
        "A 0, B 0",
        ticks=2,
        days=2,
        rates={"eod_penalty_per_transaction": 10},
        policy={"type": "Deadline", "urgency_threshold": 0},
        unsettled="cancel",
    )
    assert [simulation.tick()["total_cost"] for _ in range(2)] == [0, 20]
    assert outcomes(simulation) == {"x": "dropped", "y": "pending", "z": "dropped"}
    assert [simulation.tick()["total_cost"] for _ in range(2)] == [0, 10]
    assert outcomes(simulation)["y"] == "dropped"


def test_a_parent_is_dropped_with_its_parts_and_settled_parts_stay() -> None:
    simulation = run_day(
        "x 0 A>B 5 divisible   => dropped",
        "A 3, B 0",
        policy={"type": "MockSplitting", "num_splits": 2},
        rates={"eod_penalty_per_transaction": 10},
        unsettled="cancel",
    )
    assert outcomes(simulation) == {"x": "dropped", "x/1": "settled@0 immediate", "x/2": "dropped"}
    assert [row["cents"] for row in simulation.costs() if row["kind"] == "eod_penalty"] == [10, 0]


# --- arrivals and events ---


def test_submitted_ones_come_before_scheduled_ones_of_the_same_tick() -> None:
    simulation = start("x 0 A>B 5", "A 5, B 0", ticks=1)
    assert simulation.submit_transaction("A", "B", 5) == "A:s1"
    assert simulation.tick() == {
        "tick": 0,
        "num_arrivals": 1,
        "num_settlements": 1,
        "num_lsm_releases": 0,
        "total_cost": 0,
    }
    assert event_lines(simulation) == [
        "0 submitted A:s1",
        "0 arrived x",
        "0 settled A:s1 immediate 0",
        "0 released x",
        "0 queued x",
        "0 penalised x",
        "0 day_ended",
    ]


def test_scheduled_ones_arrive_in_the_order_of_their_submission() -> None:
    simulation = start("x 1 A>B 5\ny 0 A>B 1", "A 6, B 0")
    simulation.tick()
    simulation.submit_transactions_batch(read_payments("z 1 A>B 1"))
    simulation.run()
    assert settled_order(simulation) == "y x"


def test_ids_are_numbered_by_sender() -> None:
    simulation = ReferenceSimulation(make_config("A 0, B 0"))
    columns: dict[str, list[Any]] = {
        "sender": ["A", "B", "A", "A"],
        "receiver": ["B", "A", "B", "B"],
        "amount": [1, 1, 1, 1],
        "transaction_id": [None, None, "given", None],
    }
    assert simulation.submit_transactions_batch(columns) == ["A:s1", "B:s1", "given", "A:s2"]


def test_generated_ones_are_given_and_come_after_scheduled_ones() -> None:
    config = make_config("A 5, B 0", ticks=2)
    generated = {
        "transaction_id": "A:g1",
        "sender": "A",
        "receiver": "B",
        "amount": 5,
        "deadline_tick": 3,
        "priority": 5,
        "divisible": False,
    }
    simulation = ReferenceSimulation(config, generated={1: [generated]})
    simulation.submit_transactions_batch(read_payments("x 1 A>B 1"))
    assert [simulation.tick()["num_arrivals"] for _ in range(2)] == [0, 2]
    assert outcomes(simulation) == {"x": "settled@1 immediate", "A:g1": "queued"}


def test_a_day_of_events() -> None:
    simulation = run_day(
        """
        x 0 A>B 5 divisible deadline=1   => dropped
        y 0 B>C 2                        => settled@0 queue
        z 1 C>B 9                        => dropped
        """,
        "A 3, B 0, C 0",
        ticks=2,
        policy={"type": "MockSplitting", "num_splits": 2},
        unsettled="cancel",
    )
    assert event_lines(simulation) == [
        "0 arrived x",
        "0 arrived y",
        "0 split x",
        "0 part x/1",
        "0 part x/2",
        "0 settled x/1 immediate 0",
        "0 settled y queue 1",
        "0 released x/2",
        "0 queued x/2",
        "1 arrived z",
        "1 released z",
        "1 queued z",
        "1 overdue x/2",
        "1 penalised x/2",
        "1 penalised z",
        "1 dropped x/2",
        "1 dropped z",
        "1 day_ended",
    ]
    assert simulation.events()[3] == {
        "sequence": 3,
        "tick": 0,
        "kind": "part",
        "transaction_id": "x/1",
        "agent": "A",
        "counterparty": "B",
        "amount": 3,
        "balance_after": None,
        "method": None,
    }


def test_balances_are_listed_where_they_changed() -> None:
    simulation = run_day(
        """
        x 0 A>B 4   => settled@0 immediate
        y 2 A>B 1   => settled@2 immediate
        z 2 B>C 1   => settled@2 immediate
        """,
        "A 5, B 0, C 0",
    )
    listed = [(row["tick"], row["agent_id"], row["balance"]) for row in simulation.balances()]
    assert listed == [(0, "A", 1), (0, "B", 4), (2, "A", 0), (2, "C", 1)]


def test_an_agents_row() -> None:
    simulation = run_day(
        """
        x 0 A>B 6   => settled@0 immediate
        y 0 A>B 9   => queued
        z 1 B>A 4   => settled@1 immediate
        """,
        "A 5 credit 2, B 0",
        rates={"delay_cost_per_tick_per_cent": 1},
    )
    assert simulation.get_agent("A") == {
        "agent_id": "A",
        "balance": 3,
        "credit_limit": 2,
        "queue1_size": 0,
        "queue1_value": 0,
        "queue2_size": 1,
        "queue2_value": 9,
        "sent_value": 6,
        "received_value": 4,
        "least_balance": -1,
        "cost_overdraft": 0,
        "cost_delay": 36,
        "cost_deadline_penalty": 0,
        "cost_eod_penalty": 0,
        "cost_split_friction": 0,
        "cost_throughput_penalty": 0,
        "cost_allocation": 0,
        "cost_overnight": 0,
    }
    assert simulation.get_agent("Z") is None


# --- calls ---


def test_run_sums_its_ticks_and_stops_at_the_end() -> None:
    simulation = start("x 0 A>B 5\ny 2 A>B 5", "A 10, B 0")
    totals = {"num_lsm_releases": 0, "total_cost": 0}
    assert simulation.run(2) == {"tick": 1, "num_arrivals": 1, "num_settlements": 1, **totals}
    assert simulation.run() == {"tick": 3, "num_arrivals": 1, "num_settlements": 1, **totals}
    assert simulation.run() == {"tick": 0, "num_arrivals": 0, "num_settlements": 0, **totals}
    with pytest.raises(RefusedError, match="ended"):
        simulation.tick()


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"receiver": "Z"}, "not found"),
        ({"receiver": "A"}, "sender is receiver"),
        ({"amount": 0}, "amount"),
        ({"deadline_tick": 0}, "deadline"),
        ({"submit_tick": 4}, "submit_tick"),
        ({"priority": 11}, "priority"),
        ({"transaction_id": "A:s7"}, "transaction_id"),
        ({"transaction_id": "ok/2"}, "transaction_id"),
        ({"transaction_id": "taken"}, "transaction_id"),
    ],
)
def test_what_is_refused_changes_nothing(row: dict[str, Any], problem: str) -> None:
    simulation = start("taken 0 A>B 5", "A 10, B 0")
    good = {"sender": "A", "receiver": "B", "amount": 1}
    with pytest.raises(RefusedError, match=problem):
        simulation.submit_transactions_batch([good, {**good, **row}])
    assert len(simulation.transactions()) == 1
    assert simulation.submit_transaction("A", "B", 1) == "A:s1"
