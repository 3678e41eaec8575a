"""The scenarios of the repository, what is kept of their summaries, and the figures that their pages show."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
BEGIN, END = "<!-- figures: scripts/golden.py -->", "<!-- end of figures -->"
METHODS = {
    "immediate": "at once",
    "queue": "from the queue",
    "bilateral": "in bilateral offsets",
    "cycle": "in cycles",
}
"""Methods that every page has a line for."""
OTHER_METHODS = {
    "all_or_nothing": "all together",
    "partial": "all together, less some",
    "multiple": "in pairs, then together",
    "entry_disposition": "at entry against what waited",
    "final_settlement": "by net at the close",
    "linked": "in links",
    "batch": "in batches",
}
"""What other methods are called, of which a page has a line where they settled something."""
SYSTEMS = ("t2", "target2_2008", "chaps", "fedwire", "chips", "rits", "lynx", "sic")


@dataclass(frozen=True)
class Story:
    """A scenario: a folder with a configuration, which may be one of several there."""

    name: str
    folder: str
    file: str = "config.yaml"

    @property
    def config(self) -> Path:
        return ROOT / "scenarios" / self.folder / self.file

    @property
    def page(self) -> Path:
        return self.config.with_name("README.md")

    @property
    def golden(self) -> Path:
        return Path(__file__).parent / "golden" / f"{self.name}.json"

    def expected(self) -> dict[str, Any]:
        """What the golden file says."""
        kept: dict[str, Any] = json.loads(self.golden.read_text(encoding="utf-8"))
        return kept


STORIES = (
    Story("two_banks", "two_banks"),
    Story("gridlock", "gridlock"),
    Story("gridlock_plain", "gridlock", "plain.yaml"),
    Story("outage", "outage"),
    Story("outage_calm", "outage", "calm.yaml"),
    Story("treasurer", "treasurer"),
    Story("treasurer_plain", "treasurer", "plain.yaml"),
    Story("throughput", "throughput"),
    Story("throughput_prompt", "throughput", "prompt.yaml"),
    Story("debit_times", "debit_times"),
    Story("debit_times_plain", "debit_times", "plain.yaml"),
    Story("credit", "credit"),
    Story("credit_calm", "credit", "calm.yaml"),
    Story("scarce_day", "scarce_day"),
    Story("ancillary", "ancillary"),
    Story("ancillary_alone", "ancillary", "alone.yaml"),
    Story("payments_day", "payments_day"),
    *(Story(name, name) for name in SYSTEMS),
)


def kept_of(summary: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a summary that golden files hold: no wall-clock figures, no paths, agents only in sum."""
    simulation = {key: summary["simulation"][key] for key in ("seed", "ticks_executed", "state_hash")}
    return {
        "simulation": simulation,
        **{key: summary[key] for key in ("metrics", "indicators", "costs", "rules")},
    }


def figures(stories: list[Story], kept: list[Mapping[str, Any]]) -> str:
    """The table of a scenario's page: a column for each of its configurations."""
    lines = [_line("", [f"`{story.file}`" for story in stories]), "|---|" + "---:|" * len(stories)]
    others = [method for one in kept for method, share in _other_shares(one) if share["count"]]
    words = {method: OTHER_METHODS.get(method, f"by {method.replace('_', ' ')}") for method in others}
    columns = [_figures(one, {**METHODS, **words}) for one in kept]
    lines += [_line(label, [column[label] for column in columns]) for label in columns[0]]
    return "\n".join([BEGIN, *lines, END])


def _other_shares(kept: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return [each for each in kept["indicators"]["settled_by"].items() if each[0] not in METHODS]


def _line(label: str, values: list[str]) -> str:
    return f"| {' | '.join([label, *values])} |"


def _figures(kept: Mapping[str, Any], methods: Mapping[str, str]) -> dict[str, str]:
    indicators, costs = kept["indicators"], kept["costs"]
    counted = {
        name.capitalize(): _counted(indicators[name])
        for name in ("submitted", "settled", "late", "unsettled", "dropped")
    }
    shares = {
        f"Settled {words}": _counted(indicators["settled_by"].get(method, {"count": 0, "value": 0}))
        for method, words in methods.items()
    }
    kinds = {f"Cost: {kind.replace('_', ' ')}": _money(cents) for kind, cents in costs["by_kind"].items()}
    return {
        **counted,
        **shares,
        "Largest central queue": _counted(indicators["largest_queue"]),
        "Liquidity used": _money(indicators["liquidity"]["used"]),
        "Lower and upper bound": " and ".join(
            _money(indicators["liquidity"][bound]) for bound in ("lower_bound", "upper_bound")
        ),
        **kinds,
        "Total cost": _money(costs["total_cost"]),
    }


def _counted(counted: Mapping[str, int]) -> str:
    return f"{counted['count']:,} ({_money(counted['value'])})"


def _money(cents: int) -> str:
    return f"{cents // 100:,}.{cents % 100:02}" if cents >= 0 else f"-{_money(-cents)}"
