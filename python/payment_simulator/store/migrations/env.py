"""Alembic reads this file: migrations run on the connection that `store.migration` hands over."""

from __future__ import annotations

from alembic import context

from payment_simulator.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True
)
context.run_migrations()
