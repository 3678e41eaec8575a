"""The application: routes, middleware, errors and the opening of the store, put together."""

from __future__ import annotations

import asyncio
import gc
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from payment_simulator.api.access import Access
from payment_simulator.api.docs import add_docs
from payment_simulator.api.errors import add_error_handlers
from payment_simulator.api.idempotency import HEADER
from payment_simulator.api.middleware import BodyLimit, Replays, RequestLog
from payment_simulator.api.middleware.replays import REPLAYED
from payment_simulator.api.middleware.request_log import REQUEST_ID
from payment_simulator.api.openapi import describe
from payment_simulator.api.openapi_texts import TITLE
from payment_simulator.api.opening import OpenedSessions
from payment_simulator.api.routes import ROUTERS
from payment_simulator.api.settings import Settings
from payment_simulator.api.streams import Streams
from payment_simulator.version import package_version

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_EXPOSED: Final = ("ETag", "Location", "Retry-After", REPLAYED, REQUEST_ID)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the service as an ASGI application.

    Nothing is opened until it starts or gets its first request.

    Args:
        settings: How it runs; without them, as it does by default.
    """
    chosen = Settings() if settings is None else settings
    app = FastAPI(
        title=TITLE,
        version=package_version(),
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.settings = chosen
    app.state.opened = OpenedSessions(chosen)
    app.state.access = Access(chosen)
    app.state.streams = Streams()
    for router in ROUTERS:
        # Included routers are asked one after the other; a plain list of routes takes half the time.
        app.router.routes.extend(router.routes)
    add_docs(app)
    add_error_handlers(app)
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]  # FastAPI's own way
    _add_middleware(app, chosen)
    return app


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    """Add what wraps every request; what is added last comes first."""
    app.add_middleware(Replays)
    app.add_middleware(
        BodyLimit, max_json_bytes=settings.max_json_bytes, max_body_bytes=settings.max_body_bytes
    )
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "If-None-Match", "Prefer", HEADER, REQUEST_ID],
            expose_headers=_EXPOSED,
        )
    app.add_middleware(RequestLog)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    opened: OpenedSessions = app.state.opened
    streams: Streams = app.state.streams
    await asyncio.to_thread(opened.open)
    # What is loaded by now stays: with 64 clients, looking at it again and again took a third of all time.
    gc.collect()
    gc.freeze()
    try:
        with streams.ended_by_signals():
            yield
    finally:
        gc.unfreeze()
        await asyncio.to_thread(opened.close)
