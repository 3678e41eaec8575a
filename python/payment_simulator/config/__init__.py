"""The configuration of a run: the one public schema, YAML in, exact dict out.

`load_config` reads a file and names all that is wrong with it; `SimulationConfig` is the checked,
unchangeable result, and can be made from a dict or from the sections below as well.
"""

from __future__ import annotations

from pydantic import ValidationError

from payment_simulator.config.agents import AgentConfig
from payment_simulator.config.amounts import AmountDistribution, Exponential, LogNormal, Normal, Uniform
from payment_simulator.config.ancillary import AncillaryBatch
from payment_simulator.config.arrivals import ArrivalConfig
from payment_simulator.config.clock import Clock
from payment_simulator.config.collateral import Collateral
from payment_simulator.config.configuration import FORMAT_VERSION, SimulationConfig
from payment_simulator.config.costs import CostRates
from payment_simulator.config.currency import Currency
from payment_simulator.config.cut_offs import CutOff
from payment_simulator.config.day_ticks import tick_of_day
from payment_simulator.config.escalation import Escalation
from payment_simulator.config.length import SimulationLength
from payment_simulator.config.limits import Reservations, SenderLimits
from payment_simulator.config.liquidity import LiquidityPool, OvernightFacility
from payment_simulator.config.loading import load_config
from payment_simulator.config.lsm import LsmConfig
from payment_simulator.config.offsetting import (
    BalancedRelease,
    Bilateral,
    Cycles,
    EntryDisposition,
    OffsettingStep,
    WholeQueues,
)
from payment_simulator.config.output import Output
from payment_simulator.config.overdraft import Overdraft
from payment_simulator.config.policies import (
    Deadline,
    Fifo,
    LiquidityAware,
    LiquiditySplitting,
    MockSplitting,
    Policy,
)
from payment_simulator.config.profiles import SYSTEMS, profile_settings, profile_text, profile_title
from payment_simulator.config.rates import Rate, Share
from payment_simulator.config.rules import Offsetting, Rules, describe_rules
from payment_simulator.config.schema import json_schema
from payment_simulator.config.section import Section
from payment_simulator.config.settlement import EndOfDay, Settlement
from payment_simulator.config.suggestions import nearest
from payment_simulator.config.throughput import Guideline
from payment_simulator.config.transactions_file import Columns, TransactionsFile
from payment_simulator.errors import ConfigError, ConfigNotFoundError

__all__ = [
    "FORMAT_VERSION",
    "SYSTEMS",
    "AgentConfig",
    "AmountDistribution",
    "AncillaryBatch",
    "ArrivalConfig",
    "BalancedRelease",
    "Bilateral",
    "Clock",
    "Collateral",
    "Columns",
    "ConfigError",
    "ConfigNotFoundError",
    "CostRates",
    "Currency",
    "CutOff",
    "Cycles",
    "Deadline",
    "EndOfDay",
    "EntryDisposition",
    "Escalation",
    "Exponential",
    "Fifo",
    "Guideline",
    "LiquidityAware",
    "LiquidityPool",
    "LiquiditySplitting",
    "LogNormal",
    "LsmConfig",
    "MockSplitting",
    "Normal",
    "Offsetting",
    "OffsettingStep",
    "Output",
    "Overdraft",
    "OvernightFacility",
    "Policy",
    "Rate",
    "Reservations",
    "Rules",
    "Section",
    "SenderLimits",
    "Settlement",
    "Share",
    "SimulationConfig",
    "SimulationLength",
    "TransactionsFile",
    "Uniform",
    "ValidationError",
    "WholeQueues",
    "describe_rules",
    "json_schema",
    "load_config",
    "nearest",
    "profile_settings",
    "profile_text",
    "profile_title",
    "tick_of_day",
]
