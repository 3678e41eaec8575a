"""Days worked out by hand for each step of offsetting and for sender limits, on engine and model.

The right side of each table is the outcome by the words of `docs/concepts`; the arithmetic stands above it.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.differential.playing import Playable, PlayableModel
from tests.differential.test_differential import PlayableEngine
from tests.reference.test_reference import (
    DEFERRED,
    FIFO,
    PRIORITY,
    expected_outcomes,
    make_config,
    outcome,
    read_payments,
)

Settings = dict[str, Any]


def play(
    kind: type[Any],
    table: str,
    agents: str,
    *steps: Settings,
    limits: dict[str, Settings] | None = None,
    reservations: dict[str, Settings] | None = None,
    events: list[Settings] | None = None,
    **options: Any,  # noqa: ANN401 - passed through
) -> Playable:
    """Run a table to its end and hold each transaction against what it says."""
    options["settlement"] = {**options.get("settlement", {}), "offsetting": list(steps)}
    config = make_config(agents, **options)
    config["scenario_events"] = events or []
    for agent in config["agent_configs"]:
        if agent["id"] in (limits or {}):
            agent["sender_limits"] = (limits or {})[agent["id"]]
        if agent["id"] in (reservations or {}):
            agent["reservations"] = (reservations or {})[agent["id"]]
    simulation: Playable = kind(config)
    simulation.submit_rows(read_payments(table))
    simulation.run()
    became = {row["transaction_id"]: outcome(row) for row in simulation.table("transactions")}
    assert became == expected_outcomes(table)
    return simulation


@pytest.fixture(params=[PlayableModel, PlayableEngine], ids=["model", "engine"])
def kind(request: pytest.FixtureRequest) -> type[Any]:
    found: type[Any] = request.param
    return found


def step(algorithm: str, **keys: Any) -> Settings:  # noqa: ANN401 - passed through
    return {"algorithm": algorithm, **keys}


# --- sender limits ---


def test_a_bilateral_limit_lets_through_what_it_leaves(kind: type[Any]) -> None:
    # Position of A towards B: 0 + 40 <= 50; 40 + 30 > 50, so x2 waits; B pays 25: 15 + 30 <= 50.
    play(
        kind,
        """
        x1 0 A>B 40 => settled@0 immediate
        x2 0 A>B 30 => settled@1 queue
        x3 0 A>C 20 => settled@0 immediate
        y  1 B>A 25 => settled@1 immediate
        """,
        "A 100, B 0, C 0",
        limits={"A": {"bilateral": {"B": 50}}},
    )


def test_a_multilateral_limit_covers_all_without_one_of_their_own(kind: type[Any]) -> None:
    # B has its own limit of 10; C and D share 30: 20 + 15 > 30. What B pays does not lower that position,
    # what D does.
    play(
        kind,
        """
        x1 0 A>C 20 => settled@0 immediate
        x2 0 A>D 15 => settled@2 queue
        x3 0 A>B 10 => settled@0 immediate
        x4 0 A>B 1  => settled@1 queue
        y  1 B>A 10 => settled@1 immediate
        z  2 D>A 5  => settled@2 immediate
        """,
        "A 100, B 0, C 0, D 5",
        limits={"A": {"bilateral": {"B": 10}, "multilateral": 30}},
    )


def test_under_fifo_what_a_limit_holds_back_holds_up_the_rest(kind: type[Any]) -> None:
    play(
        kind,
        """
        x1 0 A>B 40 => queued
        x2 0 A>C 20 => queued
        """,
        "A 100, B 0, C 0",
        limits={"A": {"bilateral": {"B": 39}}},
        settlement=FIFO,
    )


def test_positions_begin_anew_with_the_day(kind: type[Any]) -> None:
    # Two days of two ticks: 30 on the first, 30 at the start of the second, though no money came.
    play(
        kind,
        """
        x1 0 A>B 30 => settled@0 immediate
        x2 1 A>B 30 => settled@2 queue
        x3 1 A>B 30 => queued
        """,
        "A 100, B 0",
        ticks=2,
        days=2,
        limits={"A": {"bilateral": {"B": 30}}},
    )


def test_a_pair_keeps_to_a_limit(kind: type[Any]) -> None:
    # A would pay 51 - 30 = 21 net; its limit towards B leaves 10, so that it lacks 11. The 11 cures that,
    # as 40 - 30 = 10 remain.
    play(
        kind,
        """
        x1 0 A>B 40 => settled@0 bilateral
        x2 0 A>B 11 => queued
        y  0 B>A 30 => settled@0 bilateral
        """,
        "A 100, B 0",
        step("bilateral"),
        limits={"A": {"bilateral": {"B": 10}}},
    )


def test_a_cycle_keeps_to_a_multilateral_limit_by_its_net(kind: type[Any]) -> None:
    # A pays 30 and gets 20, both within its multilateral limit: 10 net. With 9 it stands still.
    table = """
        x 0 A>B 30 => {0}
        y 0 B>C 25 => {0}
        z 0 C>A 20 => {0}
        """
    cycle = step("cycles")
    play(kind, table.format("settled@0 cycle"), "A 10, B 0, C 0", cycle, limits={"A": {"multilateral": 10}})
    play(kind, table.format("queued"), "A 10, B 0, C 0", cycle, limits={"A": {"multilateral": 9}})


def test_a_limit_towards_one_counts_in_a_cycle_as_a_whole(kind: type[Any]) -> None:
    # What A gets from C does not count towards its limit for B: 30 > 29.
    play(
        kind,
        """
        x 0 A>B 30 => queued
        y 0 B>C 25 => queued
        z 0 C>A 20 => queued
        """,
        "A 10, B 0, C 0",
        step("cycles"),
        limits={"A": {"bilateral": {"B": 29}}},
    )


def test_a_set_that_pays_a_limited_agent_has_its_queue_tried(kind: type[Any]) -> None:
    # A has 20. x1 against y1, 20 each, takes A's position towards B from 0 over +20 - 20 to 0 and raises no
    # balance. x2, held back by the limit of 0, is in no equal pair. Then C pays A 1, and the position
    # stays: x2 waits on.
    play(
        kind,
        """
        x1 0 A>B 20 => settled@0 bilateral
        x2 0 A>B 5  => settled@1 queue
        y1 0 B>A 20 => settled@0 bilateral
        y2 1 B>A 5  => settled@1 immediate
        """,
        "A 0, B 5",
        step("bilateral", amounts="equal"),
        limits={"A": {"bilateral": {"B": 0}}},
        settlement=FIFO,
    )


# --- reservations ---


def test_lower_classes_leave_what_is_reserved_for_higher_ones(kind: type[Any]) -> None:
    # n1: 40 > 100 - 70. u: 45 <= 100 - 50; nothing is left of 20, 55 of the balance. h: 60 > 55. With 10
    # more: 60 <= 65; nothing is left of 50, 5 of the balance: n1 waits, n2 settles.
    play(
        kind,
        """
        n1 0 A>B 40 priority=2 => queued
        u  0 A>B 45 priority=6 => settled@0 immediate
        h  0 A>B 60 priority=9 => settled@1 queue
        n2 0 A>B 5  priority=2 => settled@1 queue
        y  1 C>A 10 => settled@1 immediate
        """,
        "A 100, B 0, C 10",
        reservations={"A": {"highly_urgent": 50, "urgent": 20}},
        settlement=PRIORITY,
    )


def test_an_account_that_holds_less_keeps_what_comes(kind: type[Any]) -> None:
    # 10, then 40, then 60 against a reservation of 50: 5 fit into 10.
    play(
        kind,
        """
        n  0 A>B 5  priority=2 => settled@2 queue
        y1 1 B>A 30 => settled@1 immediate
        y2 2 B>A 20 => settled@2 immediate
        """,
        "A 10, B 50",
        reservations={"A": {"highly_urgent": 50}},
        settlement=PRIORITY,
    )


def test_credit_is_reserved_like_money(kind: type[Any]) -> None:
    play(
        kind,
        """
        n1 0 A>B 5 priority=2 => settled@0 immediate
        n2 0 A>B 1 priority=2 => queued
        """,
        "A 0 credit 8, B 0",
        reservations={"A": {"urgent": 3}},
        settlement=PRIORITY,
    )


def test_what_was_used_up_is_reserved_again_on_the_next_day(kind: type[Any]) -> None:
    # On the first day 60 highly urgent use all that is reserved, and 40 normal the rest. On the second day 50
    # come, all of them for the 60 that are reserved.
    play(
        kind,
        """
        h  0 A>B 60 priority=9 => settled@0 immediate
        n1 0 A>B 40 priority=2 => settled@0 immediate
        y  2 B>A 50 => settled@2 immediate
        n2 3 A>B 5  priority=2 => queued
        """,
        "A 100, B 0",
        ticks=2,
        days=2,
        reservations={"A": {"highly_urgent": 60}},
        settlement=PRIORITY,
    )


@pytest.mark.parametrize(("balance", "became"), [(44, "queued"), (45, "settled@0 bilateral")])
def test_a_pair_leaves_what_is_reserved(kind: type[Any], balance: int, became: str) -> None:
    # A pays 50 - 35 = 15 net and keeps 30.
    play(
        kind,
        f"""
        x 0 A>B 50 priority=2 => {became}
        y 0 B>A 35 priority=2 => {became}
        """,
        f"A {balance}, B 0",
        step("bilateral"),
        reservations={"A": {"highly_urgent": 30}},
        settlement=PRIORITY,
    )


def test_in_a_set_the_highly_urgent_use_up_what_is_reserved_for_them(kind: type[Any]) -> None:
    # A pays 40 + 10 - 30 = 20 net. It holds 30 for the highly urgent, which send 40: nothing must remain.
    play(
        kind,
        """
        h 0 A>B 40 priority=9 => settled@0 bilateral
        n 0 A>B 10 priority=2 => settled@0 bilateral
        y 0 B>A 30 priority=2 => settled@0 bilateral
        """,
        "A 30, B 0",
        step("bilateral"),
        reservations={"A": {"highly_urgent": 30}},
        settlement=PRIORITY,
    )


def test_a_set_that_uses_a_reservation_up_has_the_queue_tried(kind: type[Any]) -> None:
    # The pair of 25 leaves A its 20, and nothing reserved: the 5 behind settle.
    play(
        kind,
        """
        h 0 A>B 25 priority=9 => settled@0 bilateral
        n 0 A>C 5  priority=2 => settled@0 queue
        y 0 B>A 25 priority=2 => settled@0 bilateral
        """,
        "A 20, B 0, C 0",
        step("bilateral", amounts="equal"),
        reservations={"A": {"highly_urgent": 20}},
        settlement=PRIORITY,
    )


@pytest.mark.parametrize("crediting", ["immediate", "deferred"])
@pytest.mark.parametrize(
    ("algorithm", "method"),
    [
        ("cycles", "cycle"),
        ("gridlock_resolution", "gridlock_resolution"),
        ("all_or_nothing", "all_or_nothing"),
        ("partial", "partial"),
        ("multiple", "multiple"),
        ("target2_sequence", "all_or_nothing"),
    ],
)
def test_every_step_leaves_what_is_reserved(
    kind: type[Any], algorithm: str, method: str, crediting: str
) -> None:
    # A pays 30 - 20 = 10 net and has 15: it may keep 5, and not 6.
    for kept, became in ((5, f"settled@0 {method}"), (6, "queued")):
        play(
            kind,
            f"""
            x 0 A>B 30 priority=2 => {became}
            y 0 B>C 25 priority=2 => {became}
            z 0 C>A 20 priority=2 => {became}
            """,
            "A 15, B 0, C 0",
            step(algorithm),
            reservations={"A": {"highly_urgent": 2, "urgent": kept - 2}},
            settlement={**PRIORITY, "crediting": crediting},
        )


def test_entry_disposition_leaves_what_is_reserved(kind: type[Any]) -> None:
    # A would pay 50 - 35 = 15 net: with 30 reserved of 44 it has 14. The highly urgent 50 may use all.
    for priority, became in ((2, "queued"), (9, "settled@1 entry_disposition")):
        play(
            kind,
            f"""
            y 0 B>A 35 priority=2 => {became}
            x 1 A>B 50 priority={priority} => {became}
            """,
            "A 44, B 0",
            step("entry_disposition"),
            reservations={"A": {"highly_urgent": 30}},
            settlement=PRIORITY,
        )


def test_a_lower_reservation_lets_go_what_waits(kind: type[Any]) -> None:
    # 20 less in tick 1: 80 <= 100 - 10 - 10. In tick 3 the urgent one is 15 of the 20 that are left.
    play(
        kind,
        """
        n1 0 A>B 80 priority=2 => settled@1 queue
        n2 3 A>B 1  priority=2 => queued
        """,
        "A 100, B 0",
        reservations={"A": {"highly_urgent": 30, "urgent": 10}},
        events=[
            {"type": "reservation", "at": {"tick": 1}, "agent": "A", "highly_urgent": 10},
            {"type": "reservation", "at": {"tick": 3}, "agent": "A", "urgent": 10},
        ],
        settlement=PRIORITY,
    )


# --- balanced release ---

RELEASE = step("balanced_release")
NO_CLOSE = step("balanced_release", final_settlement=False)


def test_nobody_gets_more_than_twice_what_it_began_with(kind: type[Any]) -> None:
    # B may have 20: 10 + 10 fit, and no cent more. Without credit nobody goes below 0.
    play(
        kind,
        """
        x1 0 A>B 10 => settled@0 immediate
        x2 0 A>B 1  => queued
        x3 0 A>C 90 => queued
        """,
        "A 100, B 10, C 44",
        NO_CLOSE,
    )


def test_what_waits_for_its_receiver_to_pay_is_released_by_the_step(kind: type[Any]) -> None:
    # B is full until it pays C 5 in tick 1. B's payment has no queue of A's tried; the step does.
    table = """
        x1 0 A>B 10 => settled@0 immediate
        x2 0 A>B 5  => settled@{0} queue
        y  1 B>C 5  => settled@1 immediate
        """
    play(kind, table.format(1), "A 100, B 10, C 10", NO_CLOSE)
    play(kind, table.format(2), "A 100, B 10, C 10", {**NO_CLOSE, "every_ticks": 3})


def test_other_caps_for_single_agents(kind: type[Any]) -> None:
    play(
        kind,
        """
        x1 0 A>B 11 => settled@0 immediate
        x2 0 A>C 1  => queued
        """,
        "A 100, B 10, C 10",
        {**NO_CLOSE, "cap_multiple": 3, "caps": {"C": 10}},
    )


def test_what_was_promised_counts_towards_the_band(kind: type[Any]) -> None:
    # With deferred crediting B has 10 in tick 0, and is promised 8: 5 more are too many.
    play(
        kind,
        """
        x1 0 A>B 8 => settled@0 immediate
        x2 0 A>B 5 => queued
        """,
        "A 100, B 10",
        NO_CLOSE,
        settlement=DEFERRED,
    )


def test_a_pair_drops_what_its_receiver_may_not_have(kind: type[Any]) -> None:
    # A would pay 30 + 12 - 25 = 17 net; B may gain 10. The 12 cures the 7 too much.
    play(
        kind,
        """
        x1 0 A>B 30 => settled@0 balanced_release
        x2 0 A>B 12 => queued
        y  0 B>A 25 => settled@0 balanced_release
        """,
        "A 20, B 10",
        NO_CLOSE,
    )


def test_a_cycle_keeps_to_the_bands(kind: type[Any]) -> None:
    # B would gain 30 - 25 = 5: with 5 it may have 10, with 4 only 8.
    for balance, became in ((5, "settled@0 cycle"), (4, "queued")):
        play(
            kind,
            f"""
            x 0 A>B 30 => {became}
            y 0 B>C 25 => {became}
            z 0 C>A 25 => {became}
            """,
            f"A 5, B {balance}, C 0",
            step("cycles"),
            NO_CLOSE,
        )


def test_together_the_last_to_enter_is_given_up_for_who_is_above_its_band(kind: type[Any]) -> None:
    # A pays 30 + 16 - 25 = 21 of its 25. C would gain 16 and may gain nothing: of y and x2, x2 entered last.
    # Without it A pays 5, and B gains the 5 that it may.
    play(
        kind,
        """
        x1 0 A>B 30 => settled@0 balanced_release
        y  0 B>C 25 => settled@0 balanced_release
        x2 0 A>C 16 => queued
        z  0 C>A 25 => settled@0 balanced_release
        """,
        "A 25, B 5, C 0",
        NO_CLOSE,
    )


@pytest.mark.parametrize("algorithm", ["gridlock_resolution", "all_or_nothing", "partial"])
def test_algorithms_for_all_queues_settle_nothing_above_a_band(kind: type[Any], algorithm: str) -> None:
    # The ring of 30, 25, 25 costs A 5; B would gain 5, and may gain 4.
    play(
        kind,
        """
        x 0 A>B 30 => queued
        y 0 B>C 25 => queued
        z 0 C>A 25 => queued
        """,
        "A 5, B 4, C 0",
        step(algorithm),
        {**NO_CLOSE, "when": "times", "at": [3]},
    )


def test_at_the_close_what_waits_settles_by_net_with_funding(kind: type[Any]) -> None:
    # x1 settles: B 190 of 200. C would have 250, A has 10 of 110; z settles: A 40, C 70. At the close of
    # tick 1 A pays 110 and lacks 70. C ends with 330, above its band.
    day = play(
        kind,
        """
        y  0 B>C 150 => settled@1 final_settlement
        x1 0 A>B 90  => settled@0 immediate
        x2 0 A>C 110 => settled@1 final_settlement
        z  0 C>A 30  => settled@0 immediate
        """,
        "A 100, B 100, C 100",
        {**RELEASE, "closes_at": 1, "supplemental_funding": 70},
    )
    assert [agent["balance"] for agent in day.table("agents")] == [0, 40, 330]
    funded = [row for row in day.table("events") if row["kind"] == "funded"]
    assert [(row["tick"], row["agent"], row["amount"], row["balance_after"]) for row in funded] == [
        (1, "A", 70, 110)
    ]


def test_whoever_cannot_be_funded_keeps_its_last_and_those_whom_it_would_have_paid_with_it(
    kind: type[Any],
) -> None:
    # With 69 A gives up x2. B pays 150 of its 190 all the same.
    play(
        kind,
        """
        y  0 B>C 150 => settled@1 final_settlement
        x1 0 A>B 90  => settled@0 immediate
        x2 0 A>C 110 => queued
        z  0 C>A 30  => settled@0 immediate
        """,
        "A 100, B 100, C 100",
        {**RELEASE, "closes_at": 1, "supplemental_funding": 69},
    )


def test_at_the_close_sender_limits_bind_and_reservations_do_not(kind: type[Any]) -> None:
    # A keeps 10 for the highly urgent: its 5 settle at the close only. C's limit towards A holds back its 6.
    play(
        kind,
        """
        x 0 A>B 5 priority=1 => settled@3 final_settlement
        z 0 C>A 6 priority=1 => queued
        """,
        "A 10, B 10, C 10",
        RELEASE,
        limits={"C": {"bilateral": {"A": 5}}},
        reservations={"A": {"highly_urgent": 10}},
        settlement=PRIORITY,
    )


def test_each_day_has_its_close(kind: type[Any]) -> None:
    # The close of the first day is the last tick of it, 1; of the second, 3.
    play(
        kind,
        """
        x 0 A>B 5 => settled@1 final_settlement
        y 2 A>B 7 => settled@3 final_settlement
        """,
        "A 12, B 0",
        RELEASE,
        ticks=2,
        days=2,
    )


# --- when steps run ---


@pytest.mark.parametrize(
    ("timing", "tick"),
    [
        ({}, 1),
        ({"every_ticks": 3}, 2),
        ({"when": "times", "at": [0, 3]}, 3),
        ({"when": "times", "at": [0]}, 4),
        ({"when": "entry"}, 1),
        ({"when": "change"}, 1),
    ],
)
def test_a_step_runs_when_it_says(kind: type[Any], timing: Settings, tick: int) -> None:
    # Two days of four ticks; the second of the two enters in tick 1.
    play(
        kind,
        f"""
        x 0 A>B 5 => settled@{tick} bilateral
        y 1 B>A 5 => settled@{tick} bilateral
        """,
        "A 0, B 0",
        step("bilateral", **timing),
        days=2,
    )


def test_a_step_at_entry_comes_before_the_next_entry(kind: type[Any]) -> None:
    # At the end of the tick x, y and z together would be a pair with z in it: 5 + 3 against 8. At entry x
    # and y1 settle first.
    play(
        kind,
        """
        x  0 A>B 5 => settled@0 bilateral
        y1 0 B>A 5 => settled@0 bilateral
        y2 0 B>A 3 => queued
        """,
        "A 0, B 0",
        step("bilateral", when="entry"),
    )


def test_a_list_switches_the_short_form_off_unless_it_is_given(kind: type[Any]) -> None:
    table = """
        x 0 A>B 5 => {0}
        y 0 B>A 5 => {0}
        """
    config = make_config("A 0, B 0", settlement={"offsetting": [step("cycles")]}, offsetting={})
    for given, became in ((True, "settled"), (False, "queued")):
        plain = {key: value for key, value in config.items() if given or key != "lsm_config"}
        simulation = kind(plain)
        simulation.submit_rows(read_payments(table))
        simulation.run()
        assert [row["status"] for row in simulation.table("transactions")] == [became] * 2


# --- pairs and cycles ---


def test_fronts_go_to_each_other_or_nothing_is_offset(kind: type[Any]) -> None:
    # The front of A goes to C, so that A and B have no fronts for each other; under bypass they would be
    # found anywhere.
    table = """
        x1 0 A>C 9 => queued
        x2 0 A>B 5 => {0}
        y  0 B>A 5 => {0}
        """
    play(kind, table.format("queued"), "A 0, B 0, C 0", step("bilateral", queue="fronts"))
    play(kind, table.format("settled@0 bilateral"), "A 0, B 0, C 0", step("bilateral"))


def test_fronts_are_runs_and_lose_their_end(kind: type[Any]) -> None:
    # 5 + 6 against 5: A lacks 6 and drops its last, though anything may go.
    play(
        kind,
        """
        x1 0 A>B 5 => settled@0 bilateral
        x2 0 A>B 6 => queued
        y  0 B>A 5 => settled@0 bilateral
        """,
        "A 0, B 0",
        step("bilateral", queue="fronts"),
    )


def test_equals_find_each_other_anywhere_under_bypass_and_in_order_under_fifo(kind: type[Any]) -> None:
    # Under fifo: y1 and y3 are matched, y2 is not; B ends before it. Then x1 finds none: A ends before x1.
    table = """
        x1 0 A>B 5 => {0}
        x2 0 A>B 7 => {0}
        y1 0 B>A 7 => {0}
        y2 0 B>A 6 => queued
        y3 0 B>A 5 => {0}
        """
    equal = step("bilateral", amounts="equal")
    play(kind, table.format("settled@0 bilateral"), "A 0, B 0", equal)
    play(kind, table.format("queued"), "A 0, B 0", equal, settlement=FIFO)


@pytest.mark.parametrize(
    ("prefer", "settled"),
    [
        # By order: the pair of rings ABC (60 + 70 + 60), then none: A's other payment goes to D.
        ("order", "ab bc ca"),
        # ABC is worth 190, ADE 180, ABCD 60 + 70 + 80 + 60 = 270.
        ("value", "ab bc cd da"),
        ("count", "ab bc cd da"),
        # Not paid out of their own: ABC 60 + 60 + 60 = 180; ADE 60 x 3 = 180, equal, later; ABCD 60 + 60 +
        # 70 + 60 = 250.
        ("liquidity", "ab bc cd da"),
    ],
)
def test_the_best_cycle_goes_first(kind: type[Any], prefer: str, settled: str) -> None:
    payments = {"ab": 60, "bc": 70, "ca": 60, "cd": 80, "da": 60, "ad": 60, "de": 60, "ea": 60}
    lines = [
        f"{name} 0 {name[0].upper()}>{name[1].upper()} {amount} => "
        + ("settled@0 cycle" if name in settled.split() else "queued")
        for name, amount in payments.items()
    ]
    cycles = step("cycles", prefer=prefer, max_cycles=1)
    play(kind, "\n".join(lines), "A 0, B 10, C 10, D 0, E 0", cycles, ticks=1)


# --- whole queues ---

QUEUES = """
    x1 0 A>B 50 => {0}
    x2 0 A>C 30 => {1}
    y  0 B>C 60 => {0}
    z1 0 C>A 45 => {0}
    z2 0 C>B 20 => {1}
    """


def test_gridlock_resolution_settles_the_largest_beginnings(kind: type[Any]) -> None:
    # Everything: A pays 80 - 45 = 35, B 60 - 70, C 65 - 90. A lacks 25, drops 30; C then lacks 65 - 60 = 5,
    # drops 20; B pays 60 - 50 = 10 net, which it has if it has 10.
    gridlock = step("gridlock_resolution")
    play(
        kind,
        QUEUES.format("settled@0 gridlock_resolution", "queued"),
        "A 10, B 10, C 0",
        gridlock,
        settlement=FIFO,
        ticks=1,
    )
    play(kind, QUEUES.format("queued", "queued"), "A 10, B 9, C 0", gridlock, settlement=FIFO)


def test_gridlock_resolution_gives_up_for_a_limit_too(kind: type[Any]) -> None:
    # With money enough nothing would be given up, but A's limit towards C is 0: 30 - 45 < 0 is within it;
    # towards B, with 29, 50 - 20 = 30 is not. A gives up its last, the 30 to C, and then the 50 to B. Then
    # C lacks 65 - 60 = 5: z2; then B lacks 60: y; then C lacks 45: z1.
    play(
        kind,
        QUEUES.format("queued", "queued"),
        "A 49, B 0, C 0",
        step("gridlock_resolution"),
        limits={"A": {"bilateral": {"B": 29, "C": 0}}},
        settlement=FIFO,
    )


def test_all_or_nothing(kind: type[Any]) -> None:
    # A pays 35 net.
    everything = step("all_or_nothing")
    done = "settled@0 all_or_nothing"
    play(kind, QUEUES.format(done, done), "A 35, B 0, C 0", everything, settlement=FIFO)
    play(kind, QUEUES.format("queued", "queued"), "A 34, B 0, C 0", everything, settlement=FIFO)


def test_partial_takes_from_whom_lacks_most(kind: type[Any]) -> None:
    # C pays 20 of z against 12: lacks 8; A pays 21 - 12: lacks 9, which is more. A drops its last, x2: it
    # pays 10 against 12. C then gets 1 and pays 20: lacks 8 + 11 = 19 and drops z. A lacks 10 and drops x1.
    play(
        kind,
        """
        x1 0 A>B 10 => queued
        x2 0 A>C 11 => queued
        y  0 B>C 1  => queued
        z  0 C>A 20 => queued
        """,
        "A 0, B 0, C 0",
        step("partial"),
    )
    # A has 5 more than the two rows of B and C need: x1 and y1 settle, the rest is given up.
    play(
        kind,
        """
        x1 0 A>B 10 => settled@0 partial
        x2 0 A>B 90 => queued
        y1 0 B>A 10 => settled@0 partial
        y2 0 B>C 70 => queued
        """,
        "A 0, B 0, C 0",
        step("partial"),
    )


def test_partial_under_bypass_gives_up_what_its_limit_covers(kind: type[Any]) -> None:
    # Nobody lacks money: A pays and gets 20, B 10, C 20. But A may not pay B more than it gets: of A's two
    # the one to B goes, though it is not its last. B then lacks 10 and gives up y. C pays 20 - 10, which it
    # has.
    play(
        kind,
        """
        x1 0 A>B 10 => queued
        x2 0 A>C 10 => settled@0 partial
        y  0 B>C 10 => queued
        z  0 C>A 20 => settled@0 partial
        """,
        "A 0, B 0, C 10",
        step("partial"),
        limits={"A": {"bilateral": {"B": 0}}},
    )


def test_multiple_takes_the_most_equal_pair_first(kind: type[Any]) -> None:
    # B's 10 would be spent with C (80 against 90), had config order been followed from C; A and B differ by
    # 10, B and C by 9. B and C come first: B pays 9 net and has 1. A and B then need 10 of B.
    play(
        kind,
        """
        x 0 A>B 50 => queued
        y 0 B>A 60 => queued
        u 0 B>C 39 => settled@0 multiple
        v 0 C>B 30 => settled@0 multiple
        """,
        "A 0, B 10, C 0",
        step("multiple"),
        ticks=1,
    )


def test_multiple_goes_on_with_what_is_left(kind: type[Any]) -> None:
    # No pair has anything for each other; the ring settles in the second part.
    play(
        kind,
        """
        x 0 A>B 5 => settled@0 multiple
        y 0 B>C 5 => settled@0 multiple
        z 0 C>A 5 => settled@0 multiple
        """,
        "A 0, B 0, C 0",
        step("multiple"),
    )


def test_the_sequence_goes_on_until_one_settles_something(kind: type[Any]) -> None:
    # Tick 0: everything settles. Tick 1: A lacks 4 (9 - 5), gives up x3, and x2 and y2 settle as partial.
    play(
        kind,
        """
        x1 0 A>B 5 => settled@0 all_or_nothing
        y1 0 B>A 5 => settled@0 all_or_nothing
        x2 1 A>B 5 => settled@1 partial
        y2 1 B>A 5 => settled@1 partial
        x3 1 A>B 4 => queued
        """,
        "A 0, B 0",
        step("target2_sequence"),
    )


# --- entry ---


def test_what_enters_is_offset_against_its_payees_queue(kind: type[Any]) -> None:
    # y1 and y2 wait. x brings B 70: y1 alone leaves A 70 - 30 - 5 = 35 short, both leave it nothing to pay.
    play(
        kind,
        """
        y1 0 B>A 30 => settled@1 entry_disposition
        y2 0 B>A 40 => settled@1 entry_disposition
        y3 0 B>A 50 => queued
        x  1 A>B 70 => settled@1 entry_disposition
        """,
        "A 5, B 0",
        step("entry_disposition"),
    )


def test_what_enters_takes_the_fewest_it_needs(kind: type[Any]) -> None:
    # A has 40: x against y1 is 70 - 30 = 40, which it has; y2 is left, and B then has 40 and pays it from
    # its queue.
    play(
        kind,
        """
        y1 0 B>A 30 => settled@1 entry_disposition
        y2 0 B>A 41 => queued
        x  1 A>B 70 => settled@1 entry_disposition
        """,
        "A 40, B 0",
        step("entry_disposition"),
    )


def test_what_enters_does_not_overtake(kind: type[Any]) -> None:
    play(
        kind,
        """
        x1 0 A>C 90 => queued
        y1 0 B>A 30 => queued
        x2 1 A>B 30 => queued
        """,
        "A 0, B 0, C 0",
        step("entry_disposition"),
        settlement=FIFO,
    )


def test_what_enters_needs_the_front_of_the_payee_under_fifo(kind: type[Any]) -> None:
    # B's front goes to C: the 30 behind it may not go.
    play(
        kind,
        """
        y1 0 B>C 90 => queued
        y2 0 B>A 30 => queued
        x  1 A>B 30 => queued
        """,
        "A 0, B 0, C 0",
        step("entry_disposition"),
        settlement=FIFO,
    )


def test_a_set_at_entry_under_deferred_crediting(kind: type[Any]) -> None:
    # B gets 50 - 30 = 20 net, usable from tick 2 on.
    play(
        kind,
        """
        y1 0 B>A 30 => settled@1 entry_disposition
        y2 0 B>C 20 => settled@2 queue
        x  1 A>B 50 => settled@1 entry_disposition
        """,
        "A 20, B 0, C 0",
        step("entry_disposition"),
        settlement=DEFERRED,
    )
