"""The paths of the service, one module for each noun, in reading order."""

from payment_simulator.api.routes import (
    agents,
    events,
    interventions,
    keys,
    results,
    runs,
    service,
    simulations,
    stream,
    ticks,
    transactions,
)

ROUTERS = (
    transactions.router,
    interventions.router,
    ticks.router,
    simulations.router,
    agents.router,
    runs.router,
    events.router,
    results.router,
    stream.router,
    service.router,
    keys.router,
)
"""What is asked for most often first: paths are tried in this order."""
