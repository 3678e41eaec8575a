"""Finding out why a transaction has not settled, from the rules of `docs/concepts` and the state of now.

What the queues hold now is what the next tick begins with: policies see the balances of now, and Queue 2 is
looked at again as soon as its owner's liquidity grows. So every number is that of the next tick.
"""

from payment_simulator.simulation.explaining.explain import explain

__all__ = ["explain"]
