"""The results of runs: tables, indicators, and directories that hold both.

`SimulationResult` is what a run returns and what a results directory is read into. `reproducible` strips a
summary of what differs between two runs of the same inputs.
"""

from payment_simulator.results.manifest import FORMAT_VERSION, Manifest
from payment_simulator.results.result import SimulationResult
from payment_simulator.results.summary import Summary, reproducible
from payment_simulator.results.tables import COST_KINDS, LINKS, METHODS, TABLES, schemas

__all__ = [
    "COST_KINDS",
    "FORMAT_VERSION",
    "LINKS",
    "METHODS",
    "TABLES",
    "Manifest",
    "SimulationResult",
    "Summary",
    "reproducible",
    "schemas",
]
