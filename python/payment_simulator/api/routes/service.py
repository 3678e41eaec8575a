"""The service itself: what it is, and how it is."""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request

from payment_simulator.api.dependencies import opened_sessions
from payment_simulator.api.models.service import HealthAnswer, WelcomeAnswer
from payment_simulator.api.openapi_texts import TITLE
from payment_simulator.errors import PaymentSimulatorError
from payment_simulator.version import package_version

router = APIRouter(tags=["service"])

_WELCOME: Final = WelcomeAnswer(name=TITLE, version=package_version(), docs="/docs", health="/health")


@router.get("/", operation_id="get_service", summary="What this is")
async def get_service() -> WelcomeAnswer:
    """Return name and version, and where to go on. Needs no key."""
    return _WELCOME


@router.get("/health", operation_id="get_health", summary="Whether the service works")
async def get_health(request: Request) -> HealthAnswer:
    """Return that the service answers, and whether its database can be used. Needs no key."""
    try:
        sessions = await opened_sessions(request)
    except PaymentSimulatorError:
        return HealthAnswer(status="healthy", active_simulations=0, store="unavailable")
    store = "ok" if sessions.store_is_there else "unavailable"
    return HealthAnswer(status="healthy", active_simulations=sessions.count(), store=store)
