"""The credit that collateral secures, again: from what was posted, and what the plan may have done to it.

The log says what an agent's collateral secures after an event, and not which of the planned events it was.
So an agent has as many states as the plan leaves possible, and each row leaves those that agree with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from payment_simulator.audit.events import (
    COLLATERAL_POSTED,
    COLLATERAL_REFUSED,
    COLLATERAL_SHOCKED,
    COLLATERAL_WITHDRAWN,
    HAIRCUT_CHANGED,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from payment_simulator.config import SimulationConfig

_STATES_AT_MOST = 256
_TYPES = {
    COLLATERAL_POSTED: "collateral_posting",
    COLLATERAL_WITHDRAWN: "collateral_withdrawal",
    COLLATERAL_REFUSED: "collateral_withdrawal",
    COLLATERAL_SHOCKED: "collateral_shock",
    HAIRCUT_CHANGED: "haircut",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What a configuration says of collateral.

    Attributes:
        haircuts: By asset, in the order of their names.
        holding_ticks: How long none of an asset may be withdrawn after some of it was posted.
        posted: For each agent the value of each asset.
    """

    haircuts: tuple[Fraction, ...]
    assets: tuple[str, ...]
    holding_ticks: int
    posted: tuple[tuple[int, ...], ...]

    @property
    def secured(self) -> tuple[int, ...]:
        """What each agent's collateral secures before the run."""
        return tuple(State(values, self.haircuts, ()).secured for values in self.posted)


@dataclass(frozen=True, slots=True)
class State:
    """What an agent may have posted, by asset; the haircuts; and when it posted what last."""

    values: tuple[int, ...]
    haircuts: tuple[Fraction, ...]
    posted_in: tuple[int | None, ...]

    @property
    def secured(self) -> int:
        """What it secures: each asset what its haircut leaves, rounded down."""
        return sum(_left(value, haircut) for value, haircut in zip(self.values, self.haircuts, strict=True))


def terms_of(config: SimulationConfig) -> Terms:
    """Returns the terms of a configuration."""
    rules = config.collateral
    haircuts = dict(rules.haircuts) if rules else {}
    assets = tuple(sorted(haircuts))
    return Terms(
        haircuts=tuple(Fraction(haircuts[asset].exact) for asset in assets),
        assets=assets,
        holding_ticks=rules.minimum_holding_ticks if rules else 0,
        posted=tuple(
            tuple((agent.collateral or {}).get(asset, 0) for asset in assets) for agent in config.agents
        ),
    )


class Collateral:
    """Goes along with the rows about collateral.

    Attributes:
        secured: What each agent's collateral secures by the rows so far.
    """

    def __init__(self, terms: Terms, plan: tuple[dict[str, Any], ...], agent_ids: tuple[str, ...]) -> None:
        self.secured = list(terms.secured)
        self._terms = terms
        self._plan = plan
        self._agent_ids = agent_ids
        none = (None,) * len(terms.assets)
        self._states = [{State(values, terms.haircuts, none)} for values in terms.posted]
        self._unsettled: set[int] = set()

    def follow(self, kind: int, agent: int, tick: int, amount: int, needed: int) -> str | None:
        """Takes a row about one agent's collateral.

        Args:
            kind: What the row says.
            agent: Whose collateral.
            tick: When.
            amount: What it secures by the row.
            needed: What the agent had drawn beyond its unsecured limit.

        Returns:
            What is wrong with it, if anything.
        """
        before = self._states[agent]
        if kind in _TYPES:
            events = list(self._events(_TYPES[kind], agent, tick))
            before = {
                after
                for state in before
                for event in events
                if (after := self._after(state, kind, event, tick, needed)) is not None
            }
        states = {state for state in before if state.secured == amount}
        self._unsettled.discard(agent)
        self.secured[agent] = amount
        if states:
            self._states[agent] = _some(states)
            return None
        expected = " or ".join(f"{secured:,}" for secured in sorted({state.secured for state in before}))
        name = self._agent_ids[agent]
        text = f"the collateral of {name} secures {amount:,} there; by the configuration it is"
        return f"{text} {expected or 'nothing that this event could do'}"

    def shock(self, kind: int, agent: int, tick: int) -> None:
        """Takes the row of an event that may concern several agents; more follow for those it changes."""
        for concerned in range(len(self._states)) if agent < 0 else (agent,):
            events = list(self._events(_TYPES[kind], agent, tick))
            states = self._states[concerned]
            changed = {self._revalued(state, event) for state in states for event in events}
            self._states[concerned] = _some(changed or states)
            self._unsettled.add(concerned)

    def settle(self) -> Iterator[str]:
        """Yields whose row is missing after such an event: no state agrees with what was secured before."""
        for agent in sorted(self._unsettled):
            states = {state for state in self._states[agent] if state.secured == self.secured[agent]}
            if states:
                self._states[agent] = states
            else:
                name = self._agent_ids[agent]
                yield f"the collateral of {name} secures another credit now, but no row says so"
        self._unsettled.clear()

    def _events(self, name: str, agent: int, tick: int) -> Iterator[dict[str, Any]]:
        """The planned events that a row in this tick may be about."""
        own = self._agent_ids[agent] if agent >= 0 else None
        for event in self._plan:
            is_due = "when" in event or event["at"]["tick"] == tick
            if event["type"] == name and event.get("agent") == own and is_due:
                yield event

    def _after(self, state: State, kind: int, event: dict[str, Any], tick: int, needed: int) -> State | None:
        """The state after posting or withdrawing; None if it did not come out as the row says."""
        asset = self._terms.assets.index(event["asset"])
        if kind == COLLATERAL_POSTED:
            value = state.values[asset] + event["value"]
            return replace(
                state, values=_with(state.values, asset, value), posted_in=_with(state.posted_in, asset, tick)
            )
        there, posted_in = state.values[asset], state.posted_in[asset]
        left = replace(state, values=_with(state.values, asset, max(0, there - event["value"])))
        is_held = posted_in is not None and tick < posted_in + self._terms.holding_ticks
        is_refused = there == 0 or is_held or left.secured < needed
        if is_refused != (kind == COLLATERAL_REFUSED):
            return None
        return state if is_refused else left

    def _revalued(self, state: State, event: dict[str, Any]) -> State:
        asset = self._terms.assets.index(event["asset"])
        if event["type"] == "haircut":
            return replace(state, haircuts=_with(state.haircuts, asset, Fraction(str(event["haircut"]))))
        left = _left(state.values[asset], Fraction(str(event["share"])))
        return replace(state, values=_with(state.values, asset, left))


def _left(value: int, share: Fraction) -> int:
    """What is left when a share is taken away, rounded down."""
    left = value * (1 - share)
    return left.numerator // left.denominator


def _with(values: tuple[Any, ...], place: int, value: object) -> tuple[Any, ...]:
    return (*values[:place], value, *values[place + 1 :])


def _some(states: set[State]) -> set[State]:
    """No more states than can be followed in no time; the first ones in an order of their own."""
    if len(states) <= _STATES_AT_MOST:
        return states
    return set(sorted(states, key=repr)[:_STATES_AT_MOST])
