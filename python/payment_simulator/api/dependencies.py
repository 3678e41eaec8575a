"""What routes ask for: the sessions, the right to use them, and what stands in the path."""

# No `from __future__ import annotations`: FastAPI reads the annotations.

import asyncio
from typing import Annotated, Any, Final

from fastapi import Depends, Path
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from starlette.requests import HTTPConnection, Request

from payment_simulator.api.access import Access  # noqa: TC001
from payment_simulator.api.errors import InvalidRequestError
from payment_simulator.api.opening import OpenedSessions  # noqa: TC001
from payment_simulator.config import nearest
from payment_simulator.sessions import Role, Sessions

SAFE_METHODS: Final = frozenset({"GET", "HEAD"})


async def opened_sessions(connection: HTTPConnection) -> Sessions:
    """Return the sessions, which the first request opens."""
    opened: OpenedSessions = connection.app.state.opened
    sessions = opened.current
    return await asyncio.to_thread(opened.open) if sessions is None else sessions


async def sessions_for_user(request: Request) -> Sessions:
    """Return the sessions to a request that may use them: reading takes the role read, all else the role run.

    All that must be right before a route does anything is checked here, and not in a dependency for each
    thing: every one of them costs as much as the whole check.

    Raises:
        NotAuthenticatedError: A key is needed, and there is none, or it is unknown.
        NotAllowedError: The key's role does not suffice.
        RequestError: The query has a parameter that the route does not have.
    """
    return await _checked(request, Role.READ if request.method in SAFE_METHODS else Role.RUN)


async def sessions_for_administrator(request: Request) -> Sessions:
    """Return the sessions to a request with the role admin."""
    return await _checked(request, Role.ADMIN)


SessionsHere = Annotated[Sessions, Depends(sessions_for_user)]
"""Stands before all that reads a body: nobody's body is read who may not send one."""
AdministratorsSessions = Annotated[Sessions, Depends(sessions_for_administrator)]


async def _checked(request: Request, needed: Role) -> Sessions:
    sessions = await opened_sessions(request)
    access: Access = request.app.state.access
    request.state.key_name = await access.check(request.headers, needed, sessions)
    if request.scope["query_string"]:
        _check_query(request)
    return sessions


def _check_query(request: Request) -> None:
    """Refuse a query parameter that the route does not have, or that stands there twice.

    Raises:
        RequestError: There is one; the message has the nearest name.
    """
    known = query_names(request.scope["route"])
    given = [name for name, _ in request.query_params.multi_items()]
    problems = [(name, _unknown(name, known)) for name in dict.fromkeys(given) if name not in known]
    problems += [(name, "stands there twice") for name in known if given.count(name) > 1]
    if problems:
        raise InvalidRequestError("the query", problems)


def query_names(route: Any) -> list[str]:  # noqa: ANN401  (a route of FastAPI's)
    """Return the names of a route's query parameters."""
    names: list[str] | None = getattr(route, "known_query_names", None)
    if names is None:
        names = [
            field.alias for field in get_flat_params(route.dependant) if isinstance(field.field_info, Query)
        ]
        route.known_query_names = names
    return names


def _unknown(name: str, known: list[str]) -> str:
    if not known:
        return "is unknown; this takes no parameters"
    candidate = nearest(name, known)
    return (
        f"is unknown; did you mean {candidate}?" if candidate else f"is unknown; there are {', '.join(known)}"
    )


_SIMULATION_ID: Final = "The simulation's id."
_SIMULATION_ID_EXAMPLE: Final = "97c3f2a4b87d0e9c"
SimulationId = Annotated[str, Path(description=_SIMULATION_ID, examples=[_SIMULATION_ID_EXAMPLE])]
SIMULATION_ID_PARAMETER: Final = {
    "name": "simulation_id",
    "in": "path",
    "required": True,
    "description": _SIMULATION_ID,
    "schema": {"type": "string", "examples": [_SIMULATION_ID_EXAMPLE]},
}
"""The description of the id for a route that reads it by itself."""
AgentId = Annotated[str, Path(description="The agent's id.", examples=["BANK_A"])]
TransactionId = Annotated[str, Path(description="The transaction's id.", examples=["BANK_A:s1"])]
