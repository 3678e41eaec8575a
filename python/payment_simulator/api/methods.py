"""Which methods a path has, for whoever tried another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Match, Route

if TYPE_CHECKING:
    from starlette.requests import Request


def allowed_methods(request: Request) -> list[str]:
    """Return the methods of the path of a request: of the one that says most, if several fit."""
    matching = [
        route
        for route in request.app.routes
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE
    ]
    closest = max((route.path_format for route in matching), key=lambda path: (-path.count("{"), len(path)))
    found = (route.methods or () for route in matching if route.path_format == closest)
    return sorted({method for methods in found for method in methods})
