"""`payment-sim audit`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from payment_simulator.audit import audit
from payment_simulator.cli.exit_codes import ExitCode
from payment_simulator.cli.money import plural
from payment_simulator.cli.printer import Printer
from payment_simulator.cli.waiting import waiting

if TYPE_CHECKING:
    from pathlib import Path

    from payment_simulator.audit import AuditReport
    from payment_simulator.cli.formats import Output

_SHOWN_MAX = 20


def audit_directory(directory: Path, output: Output | None) -> int:
    """Audits a results directory and says what differs."""
    printer = Printer()
    with waiting("Reading events", printer) as show:
        report = audit(directory, on_step=show)
    printer.data(_as_json(report) if output == "json" else _as_text(report, directory))
    return ExitCode.DONE if report.agrees else ExitCode.FAILED


def _as_text(report: AuditReport, directory: Path) -> str:
    if report.agrees:
        return (
            f"{directory} agrees: {plural(report.num_events, 'event')} of "
            f"{plural(report.num_transactions, 'transaction')} and {plural(report.num_agents, 'agent')} in "
            f"{plural(report.num_ticks, 'tick')} give the same balances, statuses, queues and costs "
            f"({', '.join(report.files)})"
        )
    shown = report.differences[:_SHOWN_MAX]
    lines = [f"{directory} does not agree: {plural(report.total, 'difference')} (rows count from 0)"]
    lines += [f"  {difference}" for difference in shown]
    if report.total > len(shown):
        lines.append(f"  ... and {report.total - len(shown):,} more")
    return "\n".join(lines)


def _as_json(report: AuditReport) -> str:
    found = {
        "agrees": report.agrees,
        "differences": report.total,
        "first": [
            {"table": difference.table, "row": difference.row, "text": difference.text}
            for difference in report.differences
        ],
        "agents": report.num_agents,
        "ticks": report.num_ticks,
        "events": report.num_events,
        "transactions": report.num_transactions,
        "settlements": report.num_settlements,
        "files": list(report.files),
    }
    return json.dumps(found, indent=2)
