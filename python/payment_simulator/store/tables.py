"""The tables of the database. A change here needs a migration in `migrations/versions`."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, Table, Text

METADATA: Final = MetaData()
PART_BYTES: Final = 1 << 20
"""Longer data is stored in parts: the driver lets no other thread run while it takes one in."""

simulations: Final = Table(
    "simulations",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("created_at", Float, nullable=False, doc="seconds since 1970"),
    Column("program_version", Text, nullable=False, doc="of the program that made it"),
    Column("config", Text, nullable=False, doc="JSON, with all defaults"),
    Column("from_config", Boolean, nullable=False, doc="else its first snapshot is where it begins"),
    Column("num_ticks", BigInteger, nullable=False),
    Column("ticks_per_day", BigInteger, nullable=False),
    Column("head", BigInteger, nullable=False, doc="the sequence number of the last command"),
    Column("tick", BigInteger, nullable=False, doc="the tick that runs next after that command"),
)
Index("simulations_by_age", simulations.c.created_at, simulations.c.id)

commands: Final = Table(
    "commands",
    METADATA,
    Column("simulation_id", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, doc="from 1, without gaps"),
    Column("kind", Text, nullable=False),
    Column("body", LargeBinary, nullable=False, doc="or its beginning"),
    Column("parts", Integer, nullable=False, doc="how many more there are in `command_parts`"),
)

command_parts: Final = Table(
    "command_parts",
    METADATA,
    Column("simulation_id", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

requests: Final = Table(
    "requests",
    METADATA,
    Column("scope", Text, primary_key=True, doc="the simulation, or empty for what makes or removes one"),
    Column("key", Text, primary_key=True, doc="the request's idempotency key"),
    Column("fingerprint", Text, nullable=False, doc="a digest of what was asked"),
    Column("simulation_id", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False, doc="the command, or 0"),
    Column("answer", LargeBinary, doc="null as long as replaying from the last snapshot gives it"),
)
Index("requests_by_command", requests.c.simulation_id, requests.c.sequence)

snapshots: Final = Table(
    "snapshots",
    METADATA,
    Column("simulation_id", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, doc="the last command that it includes"),
    Column("tick", BigInteger, nullable=False),
    Column("state_hash", Text, nullable=False),
    Column("is_turn", Boolean, nullable=False, doc="made by a command that a replay cannot repeat"),
    Column("parts", Integer, nullable=False),
)

snapshot_parts: Final = Table(
    "snapshot_parts",
    METADATA,
    Column("simulation_id", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

runs: Final = Table(
    "runs",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("simulation_id", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("status", Text, nullable=False),
    Column("started_tick", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("message", Text, nullable=False),
    Column("worker", Text, nullable=False, doc="who carries it out; empty for nobody"),
    Column("leased_until", Float, nullable=False, doc="after this, any worker may take it over"),
)
Index("runs_of_simulation", runs.c.simulation_id, runs.c.created_at)
Index("runs_by_status", runs.c.status)

api_keys: Final = Table(
    "api_keys",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("digest", Text, nullable=False, doc="SHA-256 of the secret part, which is random"),
    Column("created_at", Float, nullable=False),
    Column("revoked_at", Float),
)
