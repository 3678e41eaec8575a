"""What happened in each tick, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from payment_simulator.cli.money import Money, percent, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from payment_simulator import TickResult

_METHODS = {
    "immediate": "at once",
    "queue": "from the queue",
    "bilateral": "in a bilateral offset",
    "cycle": "in a cycle",
    "gridlock_resolution": "by gridlock resolution",
    "all_or_nothing": "with all that waited",
    "partial": "by partial optimisation",
    "multiple": "by multiple optimisation",
    "entry_disposition": "by entry disposition",
    "balanced_release": "by balanced release",
    "final_settlement": "in the final settlement",
    "linked": "with its link",
    "batch": "with its batch",
}
_WITH_PARTIES = {"arrived": "arrives", "submitted": "is submitted", "part": "is a part"}
_WITHOUT = {
    "queued": "waits in the central queue",
    "split": "is split",
    "overdue": "is overdue",
    "penalised": "is unsettled at the end of the day",
    "dropped": "is cancelled",
    "priority_changed": "gets another priority",
    "moved": "is moved within its band",
    "revoked": "is taken back by its sender",
    "resubmitted": "is submitted again",
    "rejected": "is refused: its cut-off has passed",
    "stored": "waits for its earliest debit tick",
    "expired": "is cancelled: its latest debit tick has passed",
}

_HAPPENINGS = {
    "outage_began": "{agent} cannot send",
    "outage_ended": "{agent} can send again",
    "system_stopped": "The system stands still",
    "system_resumed": "The system works again",
    "hours_changed": "The opening hours change",
    "closed": "The system closes",
    "opened": "The system opens",
    "injected": "{agent} is credited {amount} by the central bank and has {balance}",
    "withdrawn": "{agent} is debited {amount} by the central bank and has {balance}",
    "limit_changed": "The credit limit of {agent} is {amount} from now on",
    "sender_limit_changed": "{agent} sends {counterparty} at most {amount} net from now on",
    "cap_changed": "{agent} may have at most {amount} from now on",
    "allocated": "{agent} gets {amount} from its pool and has {balance}",
    "returned": "{agent} gives {amount} back to its pool and has {balance}",
    "borrowed": "{agent} borrows {amount} over night and has {balance}",
    "repaid": "{agent} repays {amount} and has {balance}",
    "collateral_posted": "{agent} posts collateral, which now secures {amount}",
    "collateral_withdrawn": "{agent} takes collateral back; what stays secures {amount}",
    "collateral_refused": "{agent} may not take collateral back, which secures {amount}",
    "collateral_shocked": "{agent} has collateral that loses value",
    "haircut_changed": "A haircut changes",
    "collateral_revalued": "The collateral of {agent} secures {amount} from now on",
    "policy_changed": "{agent} has another policy from now on",
    "rate_changed": "{agent} generates payments at another rate from now on",
    "counterparties_changed": "{agent} pays others from now on",
    "defaulted": "{agent} defaults; its account is closed",
    "highly_urgent_reserved": "{agent} keeps {amount} for highly urgent payments from now on",
    "urgent_reserved": "{agent} keeps {amount} for urgent payments from now on",
    "funded": "{agent} is funded with {amount} for the final settlement and has {balance}",
    "intervention_refused": "What is planned for {name} is not possible now, or there is no {name}",
    "day_ended": "The day ends",
}

Row = dict[str, Any]


def story_of(tick: TickResult, rows: Iterable[Row], money: Money) -> Iterator[str]:
    """Yield the lines that tell a tick: a heading, its events, its totals.

    Args:
        tick: What the tick returned.
        rows: Its events, at level `full`.
        money: How amounts are written.
    """
    yield f"═══ Tick {tick['tick']}"
    for row in rows:
        if (sentence := sentence_of(row, money)) is not None:
            yield f"  {sentence}"
    if (said := totals(tick, money)) is not None:
        yield f"  {said}"


def sentence_of(row: Row, money: Money) -> str | None:
    """An event in words; None for one that another one tells, too."""
    kind, name = row["kind"], row["transaction_id"]
    if kind in _HAPPENINGS:
        amount, balance = (money.amount(row[key] or 0) for key in ("amount", "balance_after"))
        return _HAPPENINGS[kind].format(
            name=name,
            agent=row["agent"] or "Everyone",
            counterparty=row["counterparty"] or "those without a limit of their own",
            amount=amount,
            balance=balance,
        )
    if kind in _WITHOUT:
        return f"{name} {_WITHOUT[kind]}"
    parties = f"{row['agent']} pays {row['counterparty']} {money.amount(row['amount'] or 0)}"
    if kind == "settled":
        how = _METHODS.get(row["method"], row["method"])
        return f"{name} settles {how}: {parties} and has {money.amount(row['balance_after'])}"
    return f"{name} {_WITH_PARTIES[kind]}: {parties}" if kind in _WITH_PARTIES else None


def totals(tick: TickResult, money: Money) -> str | None:
    """What a tick, or several, added up to; None for nothing."""
    said = []
    if tick["num_arrivals"]:
        said.append(plural(tick["num_arrivals"], "arrival"))
    if tick["num_settlements"]:
        offset = f" ({tick['num_lsm_releases']:,} by offsetting)" if tick["num_lsm_releases"] else ""
        said.append(f"{plural(tick['num_settlements'], 'settlement')}{offset}")
    if tick["total_cost"]:
        said.append(f"cost {money.amount(tick['total_cost'])}")
    return ", ".join(said) or None


def closing_words(summary: Row, money: Money) -> str:
    """What a run added up to."""
    metrics = summary["metrics"]
    arrivals, settlements = metrics["total_arrivals"], metrics["total_settlements"]
    return (
        "Summary:\n"
        f"  {plural(arrivals, 'arrival')}, {plural(settlements, 'settlement')} "
        f"({metrics['total_lsm_releases']:,} by offsetting)\n"
        f"  {percent(metrics['settlement_rate'])} of the transactions settled\n"
        f"  total cost {money.named(summary['costs']['total_cost'])}"
    )
