"""A small, slow, obviously right model of the rules, to compare the engine with.

It is written from `docs/decisions/0001-readings-of-the-rules.md` and the contract, never from the engine.
Everything is a plain list that is scanned from its beginning; money is `int`, cost is `Fraction`.
"""

from tests.reference.model import ReferenceSimulation
from tests.reference.state import RefusedError

__all__ = ["ReferenceSimulation", "RefusedError"]
