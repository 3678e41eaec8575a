"""The page `/docs` works without the Internet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fastapi.testclient import TestClient

from payment_simulator.api import create_app

if TYPE_CHECKING:
    from collections.abc import Callable


def test_whatever_the_page_loads_comes_from_the_service(make_client: Callable[..., TestClient]) -> None:
    client = make_client(token="a long token that nobody guesses")
    page = client.get("/docs")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "://" not in page.text
    loaded = re.findall(r"""(?:src|href)="([^"]+)"|url: '([^']+)'""", page.text)
    names = sorted(one or other for one, other in loaded)
    assert names == [
        "/docs/static/favicon.png",
        "/docs/static/swagger-ui-bundle.js",
        "/docs/static/swagger-ui.css",
        "/openapi.json",
    ]
    for name in names:
        assert client.get(name).status_code == 200
    assert client.get("/docs/static/nothing.js").status_code == 404


def test_behind_a_proxy_with_a_prefix_the_page_says_so() -> None:
    client = TestClient(create_app(), root_path="/simulator")
    page = client.get("/docs").text
    assert 'src="/simulator/docs/static/swagger-ui-bundle.js"' in page
    assert "url: '/simulator/openapi.json'" in page
