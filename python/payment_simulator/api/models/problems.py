"""The one shape of all errors."""

from typing import Any, Final

from pydantic import Field

from payment_simulator.api.models.base import Answer


class Problem(Answer):
    """One thing that is wrong with a request."""

    field: str = Field(description="Where it is.", examples=["agents[0].opening_balance"])
    message: str = Field(description="What would be right.", examples=["must be a whole number"])


class Refusal(Answer):
    """An error, for people and for programs."""

    detail: str = Field(
        description="What went wrong, in a sentence.",
        examples=["there is no simulation '97c3f2a4b87d0e9c'"],
    )
    code: str = Field(
        description="The error's name, which does not change: programs branch on it.",
        examples=["simulation_unknown"],
    )
    problems: list[Problem] = Field(
        default=[], description="All that is wrong with the request, when its parts can be named."
    )


_MEANINGS: Final = {
    400: "The engine refuses this; nothing was changed.",
    401: "A key is needed, and there is none, or it is unknown or revoked.",
    403: "The key's role does not suffice; or a web page elsewhere asked.",
    404: "There is no such simulation, agent or transaction.",
    405: "This path has no such method.",
    409: "A run is under way already; or the simulation was made by another version of the program.",
    413: "The body is too large.",
    415: "The body is of a media type that is not taken here.",
    422: "Path, query, headers or body are not as described here, or more is asked for than is allowed.",
    429: "There are too many simulations; delete one, or try again later.",
    500: "The service failed; its log says more.",
    503: "The database cannot be used at the moment; nothing was changed, unless it broke off in the very "
    "moment of writing. Try again, with the same idempotency key.",
}
_ALWAYS: Final = (401, 403, 404, 409, 422, 500, 503)


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the description of a route's errors: those that it names, and those that any may have."""
    return {
        status: {"model": Refusal, "description": _MEANINGS[status]}
        for status in sorted({*_ALWAYS, *statuses})
    }
