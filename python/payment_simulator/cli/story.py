"""What happened in each tick, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from payment_simulator.cli.money import Money, percent, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from payment_simulator import SimulationResult, TickResult
    from payment_simulator.cli.printer import Printer

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
}
_WITH_PARTIES = {"arrived": "arrives", "submitted": "is submitted", "part": "is a part"}
_WITHOUT = {
    "queued": "waits in the central queue",
    "split": "is split",
    "overdue": "is overdue",
    "penalised": "is unsettled at the end of the day",
    "dropped": "is cancelled",
}

Row = dict[str, Any]


def tell(result: SimulationResult, ticks: Sequence[TickResult], printer: Printer) -> None:
    """Tells a run tick by tick, as far as its events say, and sums it up.

    Args:
        result: The run.
        ticks: What each tick returned.
        printer: Where to.
    """
    currency = result.config.currency
    money = Money(currency.code, currency.minor_digits)
    rows = _rows(result) if result.config.output.events == "full" else iter(())
    row = next(rows, None)
    for tick in ticks:
        printer.say(f"═══ Tick {tick['tick']}")
        while row is not None and row["tick"] == tick["tick"]:
            if (sentence := sentence_of(row, money)) is not None:
                printer.say(f"  {sentence}")
            row = next(rows, None)
        if (totals := _totals(tick, money)) is not None:
            printer.say(f"  {totals}")
    printer.say(_summary(result.summary, money))


def _rows(result: SimulationResult) -> Iterator[Row]:
    for batch in result.events.to_batches():
        yield from batch.to_pylist()


def sentence_of(row: Row, money: Money) -> str | None:
    """An event in words; None for one that another one tells, too."""
    kind, name = row["kind"], row["transaction_id"]
    if kind == "day_ended":
        return "The day ends"
    if kind in _WITHOUT:
        return f"{name} {_WITHOUT[kind]}"
    parties = f"{row['agent']} pays {row['counterparty']} {money.amount(row['amount'] or 0)}"
    if kind == "settled":
        how = _METHODS.get(row["method"], row["method"])
        return f"{name} settles {how}: {parties} and has {money.amount(row['balance_after'])}"
    return f"{name} {_WITH_PARTIES[kind]}: {parties}" if kind in _WITH_PARTIES else None


def _totals(tick: TickResult, money: Money) -> str | None:
    said = []
    if tick["num_arrivals"]:
        said.append(plural(tick["num_arrivals"], "arrival"))
    if tick["num_settlements"]:
        offset = f" ({tick['num_lsm_releases']:,} by offsetting)" if tick["num_lsm_releases"] else ""
        said.append(f"{plural(tick['num_settlements'], 'settlement')}{offset}")
    if tick["total_cost"]:
        said.append(f"cost {money.amount(tick['total_cost'])}")
    return ", ".join(said) or None


def _summary(summary: Row, money: Money) -> str:
    metrics = summary["metrics"]
    arrivals, settlements = metrics["total_arrivals"], metrics["total_settlements"]
    return (
        "Summary:\n"
        f"  {plural(arrivals, 'arrival')}, {plural(settlements, 'settlement')} "
        f"({metrics['total_lsm_releases']:,} by offsetting)\n"
        f"  {percent(metrics['settlement_rate'])} of the transactions settled\n"
        f"  total cost {money.named(summary['costs']['total_cost'])}"
    )
