"""The manifest of a run: what was run, by which program, under which rules, and how much came out."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from payment_simulator.config.rules import Rules, describe_rules
from payment_simulator.version import package_version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from payment_simulator.results.facts import RunFacts

FORMAT_VERSION = 1
"""The version of the layout of results directories; another one is not read."""


class Manifest(TypedDict):
    """What `manifest.json` says. All but `performance` is the same for every run of the same inputs.

    `payments_digest` is the SHA-256 of the payments file's bytes, or null without one; `rows` counts the rows
    of each table; `performance` has wall-clock figures.
    """

    format_version: int
    program_version: str
    config_digest: str
    payments_digest: str | None
    seed: int
    ticks_executed: int
    num_ticks: int
    state_hash: str
    rules: Rules
    rows: dict[str, int]
    performance: Performance


class Performance(TypedDict):
    """How fast a run was, in wall-clock time."""

    duration_seconds: float
    ticks_per_second: float


def describe_run(facts: RunFacts, rows: Mapping[str, int]) -> Manifest:
    """Return the manifest of a run whose tables have so many rows."""
    return Manifest(
        format_version=FORMAT_VERSION,
        program_version=package_version(),
        config_digest=facts.config.digest(),
        payments_digest=facts.payments_digest,
        seed=facts.config.seed,
        ticks_executed=facts.ticks_executed,
        num_ticks=facts.config.num_ticks,
        state_hash=facts.state_hash,
        rules=describe_rules(facts.config),
        rows=dict(rows),
        performance=describe_speed(facts),
    )


def describe_speed(facts: RunFacts) -> Performance:
    """Return how fast a run was."""
    seconds = facts.duration_seconds
    return Performance(
        duration_seconds=round(seconds, 6),
        ticks_per_second=round(facts.ticks_executed / seconds, 3) if seconds > 0 else 0.0,
    )
