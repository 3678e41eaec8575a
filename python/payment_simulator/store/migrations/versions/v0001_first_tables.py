"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "simulations",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("program_version", sa.Text, nullable=False),
        sa.Column("config", sa.Text, nullable=False),
        sa.Column("from_config", sa.Boolean, nullable=False),
        sa.Column("num_ticks", sa.BigInteger, nullable=False),
        sa.Column("ticks_per_day", sa.BigInteger, nullable=False),
        sa.Column("head", sa.BigInteger, nullable=False),
        sa.Column("tick", sa.BigInteger, nullable=False),
    )
    op.create_index("simulations_by_age", "simulations", ["created_at", "id"])
    op.create_table(
        "commands",
        sa.Column("simulation_id", sa.Text, primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("parts", sa.Integer, nullable=False),
    )
    op.create_table(
        "command_parts",
        sa.Column("simulation_id", sa.Text, primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True),
        sa.Column("part", sa.Integer, primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "requests",
        sa.Column("scope", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("simulation_id", sa.Text, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("answer", sa.LargeBinary),
    )
    op.create_index("requests_by_command", "requests", ["simulation_id", "sequence"])
    op.create_table(
        "snapshots",
        sa.Column("simulation_id", sa.Text, primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True),
        sa.Column("tick", sa.BigInteger, nullable=False),
        sa.Column("state_hash", sa.Text, nullable=False),
        sa.Column("is_turn", sa.Boolean, nullable=False),
        sa.Column("parts", sa.Integer, nullable=False),
    )
    op.create_table(
        "snapshot_parts",
        sa.Column("simulation_id", sa.Text, primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True),
        sa.Column("part", sa.Integer, primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("simulation_id", sa.Text, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("started_tick", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("leased_until", sa.Float, nullable=False),
    )
    op.create_index("runs_of_simulation", "runs", ["simulation_id", "created_at"])
    op.create_index("runs_by_status", "runs", ["status"])
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("revoked_at", sa.Float),
    )


def downgrade() -> None:
    """Remove all tables."""
    for table in (
        "api_keys",
        "runs",
        "snapshot_parts",
        "snapshots",
        "requests",
        "command_parts",
        "commands",
        "simulations",
    ):
        op.drop_table(table)
