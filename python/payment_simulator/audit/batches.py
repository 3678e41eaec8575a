"""Batches of clearing houses: whether each settled as a whole, in its time, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from payment_simulator.audit.arrays import NONE
from payment_simulator.audit.events import BATCH, DEFAULTED, DROPPED, FILE, METHODS, SETTLED, Events

if TYPE_CHECKING:
    from payment_simulator.audit.findings import Findings
    from payment_simulator.audit.lives import Lives
    from payment_simulator.audit.rules import Rules
    from payment_simulator.config import SimulationConfig


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch by the configuration.

    Attributes:
        name: Its name.
        at: The tick in which its payments arrive.
        until: The last tick in which it may settle.
        payments: Sender, receiver and amount of each payment, by id.
    """

    name: str
    at: int
    until: int
    payments: dict[str, tuple[int, int, int]]


def batches_of(config: SimulationConfig) -> tuple[Batch, ...]:
    """The batches that a configuration plans."""
    place = {agent.id: number for number, agent in enumerate(config.agents)}
    length = config.simulation.ticks_per_day
    found = []
    for given in config.batches_for_engine():
        at, house = given["at"]["tick"], place[given["account"]]
        period = given.get("settlement_period_ticks")
        until = (at // length + 1) * length - 1 if period is None else at + period - 1
        payments = {
            f"{given['id']}:{name}": (place[name], house, -cents)
            if cents < 0
            else (house, place[name], cents)
            for name, cents in given["positions"].items()
        }
        found.append(Batch(given["id"], at, until, payments))
    return tuple(found)


def check_batches(lives: Lives, rules: Rules, findings: Findings) -> None:
    """Checks that each batch came as planned, and settled or was rejected as a whole."""
    if not rules.batches:
        return
    number = {name: place for place, name in enumerate(lives.events.ids.to_pylist())}
    for batch in rules.batches:
        if batch.at < rules.num_ticks:
            for text in _problems(batch, number, lives, rules):
                findings.add(FILE, None, f"the batch '{batch.name}' {text}")
    events = lives.events
    by_batch = events.rows(SETTLED)
    by_batch = by_batch[(events.method[by_batch] == BATCH) & (events.transaction[by_batch] >= 0)]
    findings.add_rows(
        FILE,
        by_batch[~events.in_batch[events.transaction[by_batch]]],
        lambda row: f"{events.id_at(row)} settled by '{METHODS[BATCH]}' and is of none",
    )


def _problems(batch: Batch, number: dict[str, int], lives: Lives, rules: Rules) -> list[str]:
    missing = [name for name in batch.payments if name not in number]
    if missing:
        return [f"has no payment '{missing[0]}' in the events"]
    legs = np.array([number[name] for name in batch.payments])
    given = zip(
        *(column[legs].tolist() for column in (lives.sender, lives.receiver, lives.amount)), strict=True
    )
    texts = []
    if list(given) != list(batch.payments.values()) or (lives.created[legs] != batch.at).any():
        texts.append(f"did not arrive in tick {batch.at:,} with the positions of the configuration")
    if len(set(lives.settled[legs].tolist())) > 1:
        return [*texts, "settled in part, or not at one instant"]
    dropped = lives.tick_of(DROPPED)[legs]
    if len(set(dropped.tolist())) > 1:
        return [*texts, "was rejected in part, or not at one instant"]
    settled, rejected = int(lives.settled[legs[0]]), int(dropped[0])
    if settled != NONE and not batch.at <= settled <= batch.until:
        texts.append(f"settled in tick {settled:,}, after its last, {batch.until:,}")
    if settled != NONE and (lives.events.method[lives.row_of[SETTLED][legs]] != BATCH).any():
        texts.append("settled by another method than its own")
    parties = {agent for sender, receiver, _ in batch.payments.values() for agent in (sender, receiver)}
    if rejected not in {NONE, batch.until} and not failed_by(rejected, parties, lives.events):
        texts.append(
            f"was rejected in tick {rejected:,}; its last is {batch.until:,}, and nobody in it failed"
        )
    if settled == rejected == NONE and batch.until < rules.num_ticks:
        texts.append(f"neither settled nor was rejected by tick {batch.until:,}")
    return texts


def failed_by(tick: int, agents: set[int], events: Events) -> bool:
    """Whether the account of one of these agents was closed by a tick."""
    rows = events.rows(DEFAULTED)
    return not agents.isdisjoint(events.agent[rows[events.tick[rows] <= tick]].tolist())
