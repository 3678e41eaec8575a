"""The rows of the table of results, and the page that they make."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from benchmarks.measuring import run_process

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EXPLANATIONS = Path(__file__).with_name("explanations.yaml")
_ABOUT = "Written by `make bench`. Figures are medians, with least and most where there are several."
_PACKAGES = ("payment-simulator", "pyarrow", "duckdb", "numpy", "pydantic")


@dataclass(frozen=True)
class Row:
    """One line of results.

    Attributes:
        key: What `explanations.yaml` calls it.
        work: What was done.
        aim: What was aimed at; empty where nothing was.
        measured: What came out.
        yardstick: What it stands beside, measured in the same run.
        met: Whether the aim was met; None where there is none.
        note: What else a reader should know.
    """

    key: str
    work: str
    aim: str
    measured: str
    yardstick: str = ""
    met: bool | None = None
    note: str = ""


@dataclass(frozen=True)
class Part:
    """Some rows that belong together.

    Attributes:
        title: The heading.
        about: How it was measured, in a sentence or two.
        rows: The rows.
    """

    title: str
    about: str
    rows: Sequence[Row]


def page(parts: Sequence[Part], load_before: float) -> str:
    """The whole page of results."""
    explanations: Mapping[str, str] = yaml.safe_load(EXPLANATIONS.read_text(encoding="utf-8")) or {}
    lines = ["# Benchmarks", _ABOUT, "", _machine(load_before), ""]
    for part in parts:
        lines += [f"## {part.title}", part.about, "", *_table(part.rows), ""]
        lines += _notes(part.rows, explanations)
    return "\n".join(lines).rstrip() + "\n"


def _table(rows: Sequence[Row]) -> list[str]:
    verdicts = {True: "met", False: "**not met**", None: ""}
    head = ["| work | aim | measured | beside it | |", "|---|---|---|---|---|"]
    cells = ([row.work, row.aim, row.measured, row.yardstick, verdicts[row.met]] for row in rows)
    return head + [f"| {' | '.join(line)} |" for line in cells]


def _notes(rows: Sequence[Row], explanations: Mapping[str, str]) -> list[str]:
    notes = [f"- {row.work}: {row.note}" for row in rows if row.note]
    unmet = [
        f"- **{row.work}, not met**: {explanations.get(row.key, f'to be explained in {EXPLANATIONS.name}.')}"
        for row in rows
        if row.met is False
    ]
    return [*notes, *unmet, ""] if notes or unmet else []


def _machine(load_before: float) -> str:
    rust = run_process(["rustc", "--version"]).output.strip()
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    now = datetime.now(UTC)
    parts = (
        f"{now:%Y-%m-%d}",
        f"{_processor()}, {os.cpu_count()} cores, {_memory_gib():.0f} GiB",
        platform.system(),
        f"Python {platform.python_version()}",
        rust,
        versions,
        f"load before the run: {load_before:.1f} (what others do blurs the figures)",
    )
    return " · ".join(parts)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown processor"


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
