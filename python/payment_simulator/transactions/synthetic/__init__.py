"""Synthetic days: payments as they might have been, for trying things out and for measuring.

A day has a core and a periphery of agents, heavy-tailed amounts that sum to a given total, and an intraday
profile. The same specification gives the same payments. Needs numpy.
"""

from __future__ import annotations

from payment_simulator.transactions.synthetic.generate import generate
from payment_simulator.transactions.synthetic.presets import PRESETS, Preset, preset
from payment_simulator.transactions.synthetic.spec import DaySpec
from payment_simulator.transactions.synthetic.write import WrittenDay, write_day

__all__ = ["PRESETS", "DaySpec", "Preset", "WrittenDay", "generate", "preset", "write_day"]
