"""Checks of what is said of collateral against the section that names the assets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payment_simulator.config.lookups import at
from payment_simulator.config.problems import problem
from payment_simulator.config.suggestions import hint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic_core import InitErrorDetails

    from payment_simulator.config.problems import Location


def collateral_checks(data: Mapping[str, object]) -> Iterator[InitErrorDetails]:
    """Yield every asset that an agent or a scenario event names and the section `collateral` does not."""
    known = at(data, "collateral", "haircuts")
    assets: dict[str, object] = known if isinstance(known, dict) else {}
    for where, name in _named(data):
        if name not in assets:
            listed = hint(name, assets, "the assets are") if assets else "; `collateral.haircuts` names them"
            yield problem(where, "unknown_asset", f"unknown asset {name!r}{listed}", name)


def _named(data: Mapping[str, object]) -> Iterator[tuple[Location, str]]:
    """Yield each name of an asset, and where it stands."""
    agents, events = data.get("agents"), data.get("scenario_events")
    for number, agent in enumerate(agents if isinstance(agents, list | tuple) else ()):
        posted = at(agent, "collateral")
        for name in posted if isinstance(posted, dict) else ():
            yield ("agents", number, "collateral", str(name)), str(name)
    for number, event in enumerate(events if isinstance(events, list | tuple) else ()):
        name = at(event, "asset")
        if isinstance(name, str):
            yield ("scenario_events", number, "asset"), name
