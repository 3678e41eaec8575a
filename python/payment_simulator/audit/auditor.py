"""The audit of a results directory, step by step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from payment_simulator.audit import events as log
from payment_simulator.audit.batches import check_batches
from payment_simulator.audit.compare_agents import (
    agent_columns,
    compare_agents,
    compare_balances,
    compare_costs,
)
from payment_simulator.audit.compare_transactions import compare_transactions
from payment_simulator.audit.costs import costs_of, in_cents
from payment_simulator.audit.cut_offs import check_cut_offs
from payment_simulator.audit.deadlines import check_deadlines
from payment_simulator.audit.documents import (
    MANIFEST,
    SUMMARY,
    compare_manifest,
    compare_summary,
    read_json,
    summary_figures,
)
from payment_simulator.audit.findings import Findings
from payment_simulator.audit.happenings import check_silence
from payment_simulator.audit.interventions import check_stays
from payment_simulator.audit.life_checks import check_lives
from payment_simulator.audit.links import LINKS, check_links, links_of
from payment_simulator.audit.lives import lives_of
from payment_simulator.audit.order import check_order
from payment_simulator.audit.outcome import outcome_of
from payment_simulator.audit.plan import check_plan
from payment_simulator.audit.report import AuditReport
from payment_simulator.audit.reservations import classes_by_row
from payment_simulator.audit.rules import Rules, rules_of
from payment_simulator.audit.settlement import replay
from payment_simulator.audit.splits import check_splits
from payment_simulator.audit.tables import Table
from payment_simulator.config import SimulationConfig, load_config
from payment_simulator.errors import ConfigError, ConfigNotFoundError, ResultsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from payment_simulator.audit.accounts import Accounts
    from payment_simulator.audit.lives import Lives

CONFIG = "config.yaml"
_TABLES = ("transactions", "events", "agents", "balances", "costs")
STEPS = ("Reading events", "Following transactions", "Settling again", "Comparing tables")


def audit(directory: str | Path, *, on_step: Callable[[str], None] = lambda _step: None) -> AuditReport:
    """Derives a run's results again from its events and its configuration, and compares.

    Args:
        directory: A results directory, with events of level `full`.
        on_step: Is told the name of each of STEPS as it begins.

    Returns:
        What differs, if anything.

    Raises:
        ResultsError: It cannot be audited: a file is missing or unreadable, or there are no full events.
    """
    folder = Path(directory)
    config, manifest = _config(folder), read_json(folder / MANIFEST)
    _check_auditable(folder, config)
    rules = rules_of(config, _ticks_executed(manifest, config))
    tables = _tables(folder)
    findings = Findings()
    on_step(STEPS[0])
    batch_ids = [name for batch in rules.batches for name in batch.payments]
    links = links_of(tables.get(LINKS))
    events = log.read_events(folder / log.FILE, rules.agent_ids, batch_ids, links.ids)
    check_order(events, rules, findings)
    check_plan(events, rules, findings)
    check_silence(events, rules, findings)
    on_step(STEPS[1])
    lives = lives_of(events)
    check_lives(lives, rules, findings)
    check_stays(lives, findings)
    check_splits(lives, rules, findings)
    check_batches(lives, rules, findings)
    on_step(STEPS[2])
    classes = classes_by_row(events, tables["transactions"], rules)
    accounts = replay(events, rules, classes, findings)
    on_step(STEPS[3])
    compare_manifest(manifest, config, {name: table.num_rows for name, table in tables.items()}, findings)
    _compare(folder, lives, accounts, rules, findings)
    return _report(folder, lives, rules, findings)


def _config(folder: Path) -> SimulationConfig:
    if not folder.is_dir():
        message = f"there is no results directory {folder}"
        raise ResultsError(message)
    try:
        return load_config(folder / CONFIG)
    except (ConfigError, ConfigNotFoundError) as error:
        message = f"{folder} cannot be audited: {error}"
        raise ResultsError(message) from error


def _tables(folder: Path) -> dict[str, Table]:
    return {name: Table(folder / f"{name}.parquet") for name in _names(folder)}


def _names(folder: Path) -> tuple[str, ...]:
    """The tables that there are: links only where there are any."""
    return (*_TABLES, LINKS) if (folder / f"{LINKS}.parquet").exists() else _TABLES


def _check_auditable(folder: Path, config: SimulationConfig) -> None:
    if config.output.events != "full":
        message = (
            f"{folder} cannot be audited: its run kept events at level `{config.output.events}`, and "
            "an audit needs every event; run it with `output: {events: full}`"
        )
        raise ResultsError(message)


def _ticks_executed(manifest: dict[str, Any], config: SimulationConfig) -> int:
    """How much of the configuration was run: of quiet ticks at its end the events say nothing."""
    ticks = manifest.get("ticks_executed", config.num_ticks)
    return ticks if isinstance(ticks, int) and 0 <= ticks <= config.num_ticks else config.num_ticks


def _compare(folder: Path, lives: Lives, accounts: Accounts, rules: Rules, findings: Findings) -> None:
    """Compares the tables and the summary with what was derived."""
    tables = _tables(folder)
    outcome = outcome_of(lives)
    listed = compare_transactions(tables["transactions"], lives, outcome, rules, findings)
    check_cut_offs(tables["transactions"], listed, (lives, outcome, rules), findings)
    check_deadlines(tables["transactions"], listed, lives, rules, findings)
    check_links(links_of(tables.get(LINKS)), tables["transactions"], lives, findings)
    costs = costs_of(lives, accounts, rules)
    columns = agent_columns(lives, outcome, accounts, costs, rules)
    compare_agents(tables["agents"], columns, accounts, rules, findings)
    compare_balances(tables["balances"], accounts, rules, findings)
    compare_costs(tables["costs"], costs, rules, findings)
    total_cost = in_cents(sum(sum(of_agent) for of_agent in costs))
    figures = summary_figures(lives, outcome, columns, total_cost, rules)
    compare_summary(read_json(folder / SUMMARY), figures, findings)


def _report(folder: Path, lives: Lives, rules: Rules, findings: Findings) -> AuditReport:
    return AuditReport(
        differences=tuple(findings.kept),
        total=findings.total,
        num_agents=len(rules.agent_ids),
        num_ticks=rules.num_ticks,
        num_events=len(lives.events),
        num_transactions=len(set(lives.events.first_stay.tolist())),
        num_settlements=len(lives.events.rows(log.SETTLED)),
        files=(CONFIG, MANIFEST, SUMMARY, *(f"{name}.parquet" for name in _names(folder))),
    )
