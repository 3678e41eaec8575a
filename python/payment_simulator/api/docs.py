"""The page `/docs`: all calls, with forms to try them. Its scripts come from the service itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastapi.openapi.docs import get_swagger_ui_html
from starlette.staticfiles import StaticFiles

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import HTMLResponse

_PAGE: Final = "/docs"
_STATIC: Final = "/docs/static"
_PACKAGE: Final = ("fastapi_offline", "static")
"""Where Swagger UI comes from: a package that holds its files."""


def add_docs(app: FastAPI) -> None:
    """Add the page and what it loads."""

    async def show(request: Request) -> HTMLResponse:
        root = str(request.scope.get("root_path", "")).rstrip("/")
        return get_swagger_ui_html(
            openapi_url=f"{root}{app.openapi_url}",
            title=app.title,
            swagger_js_url=f"{root}{_STATIC}/swagger-ui-bundle.js",
            swagger_css_url=f"{root}{_STATIC}/swagger-ui.css",
            swagger_favicon_url=f"{root}{_STATIC}/favicon.png",
            # Swagger UI would ask a public service whether the description is valid.
            swagger_ui_parameters={"validatorUrl": None},
        )

    app.add_route(_PAGE, show, include_in_schema=False)
    app.mount(_STATIC, StaticFiles(packages=[_PACKAGE]))
