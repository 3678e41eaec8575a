"""Some rows of the long tables of a simulation on the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from payment_simulator.client.answers import document
from payment_simulator.client.submissions import read_table
from payment_simulator.client.transport import ARROW_STREAM
from payment_simulator.results import schemas

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payment_simulator.client.transport import Transport
    from payment_simulator.config import SimulationConfig

_PAGE = 1000


def transactions_between(transport: Transport, simulation_id: str, first: int, end: int) -> pa.Table:
    """Return rows of the table `transactions` by their places; the service only gives all of them."""
    answer = transport.get("simulations", simulation_id, "results", "transactions", accept=ARROW_STREAM)
    return read_table(answer.content).slice(first, max(end - first, 0))


def events_between(
    transport: Transport, simulation_id: str, config: SimulationConfig, first_tick: int, end_tick: int
) -> pa.Table:
    """Return the rows of the table `events` of some ticks, page by page."""
    schema = schemas(config)["events"]
    pages = _pages(transport, simulation_id, first_tick, end_tick) if first_tick < end_tick else iter(())
    tables = [pa.Table.from_pylist(page, schema=schema) for page in pages]
    return pa.concat_tables([schema.empty_table(), *tables]).unify_dictionaries()


def _pages(
    transport: Transport, simulation_id: str, first_tick: int, end_tick: int
) -> Iterator[list[dict[str, Any]]]:
    params: dict[str, str | int] = {"from_tick": first_tick, "to_tick": end_tick - 1, "limit": _PAGE}
    while True:
        page = document(transport.get("simulations", simulation_id, "events", params=params))
        yield page["events"]
        if page["next_cursor"] is None:
            return
        params["cursor"] = page["next_cursor"]
