"""The keys of scenario events: for each type one that happens on a busy day, and other values of its keys."""

from __future__ import annotations

from typing import Any

from tests.proof.cases import POLICIES

Data = dict[str, Any]

OUT: Data = {"type": "outage", "at": {"tick": 5}, "agent": "BANK_A"}
STOPPED: Data = {"type": "system_outage", "at": {"tick": 5}}
EVENTS: dict[str, Data] = {
    "Outage": {"type": "outage", "agent": "BANK_A", "duration_ticks": 20},
    "Recovery": {"type": "recovery", "agent": "BANK_A"},
    "SystemOutage": {"type": "system_outage", "duration_ticks": 9},
    "SystemRecovery": {"type": "system_recovery"},
    "OpeningHours": {"type": "opening_hours", "opens_tick": 4, "closes_tick": 30, "days": 1},
    "Injection": {"type": "injection", "agent": "BANK_A", "amount": 400},
    "Withdrawal": {"type": "withdrawal", "agent": "BANK_F", "amount": 4},
    "CreditLimit": {"type": "credit_limit", "agent": "BANK_B", "credit_limit": 20},
    "Reservation": {"type": "reservation", "agent": "BANK_A", "highly_urgent": 60, "urgent": 40},
    "SenderLimitChange": {
        "type": "sender_limit",
        "agent": "BANK_A",
        "counterparty": "BANK_C",
        "limit": 10,
    },
    "CapChange": {"type": "cap", "agent": "BANK_A", "cap": 600},
    "PolicyChange": {"type": "policy", "agent": "BANK_A", "policy": POLICIES["Deadline"]},
    "ArrivalRate": {"type": "arrival_rate", "agent": "BANK_A", "rate_per_tick": 2},
    "CounterpartyWeightsChange": {
        "type": "counterparty_weights",
        "agent": "BANK_A",
        "counterparty_weights": {"BANK_B": 1},
    },
    "CollateralPosting": {"type": "collateral_posting", "agent": "BANK_A", "asset": "BONDS", "value": 300},
    "CollateralWithdrawal": {
        "type": "collateral_withdrawal",
        "agent": "BANK_C",
        "asset": "BONDS",
        "value": 9,
    },
    "CollateralShock": {"type": "collateral_shock", "agent": "BANK_C", "asset": "BONDS", "share": 0.5},
    "HaircutChange": {"type": "haircut", "asset": "BONDS", "haircut": 0.5},
    "Default": {"type": "default", "agent": "BANK_A"},
    "PriorityChange": {"type": "priority", "transaction_id": "BANK_A:g9", "priority": 10},
    "Revocation": {"type": "revocation", "transaction_id": "BANK_A:g9"},
    "Resubmission": {"type": "resubmission", "transaction_id": "BANK_A:g13"},
    "Move": {"type": "move", "transaction_id": "BANK_A:g14", "to": "front"},
    "Split": {"type": "split", "transaction_id": "BANK_A:g9", "parts": 2},
}
OTHER_VALUES: dict[str, tuple[Any, Any]] = {
    "Outage.agent": ("BANK_A", "BANK_B"),
    "Outage.duration_ticks": (20, 8),
    "Recovery.agent": ("BANK_A", "BANK_B"),
    "SystemOutage.duration_ticks": (9, 10),
    "OpeningHours.opens_tick": (4, 7),
    "OpeningHours.closes_tick": (30, 31),
    "OpeningHours.days": (1, 2),
    "Injection.agent": ("BANK_A", "BANK_B"),
    "Injection.amount": (400, 401),
    "Withdrawal.agent": ("BANK_F", "BANK_E"),
    "Withdrawal.amount": (4, 5),
    "CreditLimit.agent": ("BANK_B", "BANK_D"),
    "CreditLimit.credit_limit": (20, 21),
    "Reservation.agent": ("BANK_A", "BANK_B"),
    "Reservation.highly_urgent": (60, 61),
    "Reservation.urgent": (40, None),
    "SenderLimitChange.agent": ("BANK_A", "BANK_B"),
    "SenderLimitChange.counterparty": ("BANK_C", None),
    "SenderLimitChange.limit": (10, 11),
    "CapChange.agent": ("BANK_A", "BANK_B"),
    "CapChange.cap": (600, 601),
    "PolicyChange.agent": ("BANK_A", "BANK_C"),
    "PolicyChange.policy": (POLICIES["Deadline"], POLICIES["MockSplitting"]),
    "ArrivalRate.agent": ("BANK_A", None),
    "ArrivalRate.rate_per_tick": (2, 1),
    "CounterpartyWeightsChange.agent": ("BANK_A", "BANK_C"),
    "CounterpartyWeightsChange.counterparty_weights": ({"BANK_B": 1}, {"BANK_C": 1}),
    "CollateralPosting.agent": ("BANK_A", "BANK_B"),
    "CollateralPosting.asset": ("BONDS", "SHARES"),
    "CollateralPosting.value": (300, 200),
    "CollateralWithdrawal.agent": ("BANK_C", "BANK_D"),
    "CollateralWithdrawal.asset": ("BONDS", "SHARES"),
    "CollateralWithdrawal.value": (9, 30),
    "CollateralShock.agent": ("BANK_C", None),
    "CollateralShock.asset": ("BONDS", "SHARES"),
    "CollateralShock.share": (0.5, 0.25),
    "HaircutChange.asset": ("BONDS", "SHARES"),
    "HaircutChange.haircut": (0.5, 0.75),
    "Default.agent": ("BANK_A", "BANK_B"),
    "PriorityChange.transaction_id": ("BANK_A:g9", "BANK_A:g14"),
    "PriorityChange.priority": (10, 9),
    "Revocation.transaction_id": ("BANK_A:g9", "BANK_A:g14"),
    "Resubmission.transaction_id": ("BANK_A:g13", "BANK_A:g14"),
    "Move.transaction_id": ("BANK_A:g14", "BANK_A:g13"),
    "Move.to": ("front", "end"),
    "Split.transaction_id": ("BANK_A:g9", "BANK_A:g14"),
    "Split.parts": (2, 3),
}
"""By the type of event and the key."""

CONDITIONS: dict[str, tuple[Data, Any, Any]] = {
    "agent": ({"queue2_size_above": 0}, "BANK_B", "BANK_F"),
    "balance_below": ({"agent": "BANK_A"}, 40, -9_999_999),
    "balance_above": ({"agent": "BANK_A"}, 40, 9_999_999),
    "queue1_size_above": ({}, 0, 9_999),
    "queue2_size_above": ({}, 0, 9_999),
    "queue2_value_above": ({}, 0, 999_999_999),
    "from_tick": ({"queue2_size_above": 0}, 0, 50),
    "to_tick": ({"queue2_size_above": 0}, None, 0),
    "each_time": ({"agent": "BANK_A", "balance_below": 100}, False, True),
}
"""For each key of a condition what else is named, and two values."""


def secured(busy: Data) -> Data:
    """The busy day with collateral that some agents have posted."""
    haircuts = {"BONDS": 0.1, "SHARES": 0.3}
    for bank in busy["agents"][2:4]:
        bank["collateral"] = {"BONDS": 120, "SHARES": 60}
    return {**busy, "collateral": {"haircuts": haircuts}}


def limited(busy: Data) -> Data:
    """The busy day with sender limits of two agents."""
    for bank in busy["agents"][:2]:
        bank["sender_limits"] = {"bilateral": {"BANK_C": 300}, "multilateral": 900}
    return busy


def before(name: str) -> list[Data]:
    """What must have happened before an event can do anything."""
    if name == "Resubmission":
        return [{"type": "revocation", "at": {"tick": 19}, "transaction_id": "BANK_A:g13"}]
    return [OUT, {**OUT, "agent": "BANK_B"}, STOPPED] if "Recovery" in name else []


def with_event(busy: Data, name: str, **keys: object) -> Data:
    """The busy day with an event of this type, some of whose keys are these."""
    if name == "Reservation":
        busy = {**busy, "settlement": {"queue_discipline": "priority"}}
    if name == "SenderLimitChange":
        busy = limited(busy)
    if name == "CapChange":
        busy = {**busy, "settlement": {"offsetting": [{"algorithm": "balanced_release"}]}}
    if name.startswith(("Collateral", "Haircut")):
        busy = secured(busy)
    return {**busy, "scenario_events": [{**EVENTS[name], **keys}, *before(name)]}
