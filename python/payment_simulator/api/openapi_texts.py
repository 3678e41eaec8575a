"""Words and examples of the service's description, and the pieces that routes put into it."""

from __future__ import annotations

from typing import Any, Final

TITLE: Final = "Payment Simulator"
DESCRIPTION: Final = """\
Simulate large-value payment systems over HTTP: create a simulation, submit transactions, run ticks, look at
balances, queues, events and costs.

- **Money** is a whole number of the currency's minor unit (cents) everywhere.
- **Errors** all have one shape: `detail` for people, `code` for programs, and `problems` when the parts of a
  request can be named. Codes do not change.
- **Nothing acknowledged is lost**: an answer is sent when what it says is on disk.
- **Safe repetition**: a call that changes something may carry the header `Idempotency-Key`, any text of 1 to
  255 visible ASCII characters. Sent again with the same key it is done once, and answered as the first time,
  with the header `Idempotency-Replayed: true`.
- **Keys**: where the service has a token or keys, send `Authorization: Bearer KEY`.
- **Watching**: `GET /simulations/{simulation_id}/stream` is a stream of server-sent events, and a WebSocket
  under the same path.
- Every answer has an `X-Request-ID`, which is in the service's log as well.
"""
TAGS: Final = [
    {"name": "service", "description": "What this is, and how it is."},
    {"name": "simulations", "description": "Making, finding, copying, saving and removing simulations."},
    {"name": "ticks and runs", "description": "Letting time pass, tick by tick or in the background."},
    {"name": "transactions", "description": "Submitting payments, and what became of them."},
    {"name": "agents", "description": "Balances and queues of the participants."},
    {"name": "events and costs", "description": "What happened, and what it cost."},
    {"name": "results", "description": "Summary and tables for analysis."},
    {"name": "stream", "description": "Following a simulation as it runs."},
    {"name": "keys", "description": "Who may use the service."},
]
SCHEMAS: Final = "#/components/schemas/"
BINARY: Final = {"type": "string", "format": "binary"}
EXAMPLE_CONFIG: Final = {
    "simulation": {"ticks_per_day": 100, "num_days": 1, "rng_seed": 12345},
    "agents": [
        {"id": "BANK_A", "opening_balance": 1_000_000, "credit_limit": 500_000, "policy": {"type": "Fifo"}},
        {"id": "BANK_B", "opening_balance": 1_000_000, "policy": {"type": "Fifo"}},
    ],
}


def reference_to(schema: str) -> dict[str, str]:
    """Return a reference to a schema of the description."""
    return {"$ref": f"{SCHEMAS}{schema}"}


def json_content(schema: str, example: object, *, required: bool = True) -> dict[str, Any]:
    """Return the description of a body in JSON."""
    content = {"schema": reference_to(schema), "example": example}
    return {"requestBody": {"required": required, "content": {"application/json": content}}}


def binary_body(*media_types: str) -> dict[str, Any]:
    """Return the description of a body that is a file."""
    return {"requestBody": {"required": True, "content": {kind: {"schema": BINARY} for kind in media_types}}}
