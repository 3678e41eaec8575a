"""Addresses of services, with and without a path, and what is none."""

from __future__ import annotations

import pytest

from payment_simulator.client.address import Address
from payment_simulator.errors import RequestError


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
        ("https://sim.example.org/team/a//", "https://sim.example.org/team/a"),
        ("HTTP://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_a_slash_at_the_end_does_not_matter(given: str, url: str) -> None:
    assert Address.parse(given).url == url


def test_what_is_below_keeps_its_characters() -> None:
    address = Address.parse("http://host/prefix/")
    assert address.path("agents", "A/B ?#é%") == "http://host/prefix/agents/A%2FB%20%3F%23%C3%A9%25"
    assert address.path() == "http://host/prefix"


def test_websockets_are_as_safe_as_the_calls() -> None:
    assert Address.parse("http://host:1").websocket("stream") == "ws://host:1/stream"
    assert Address.parse("https://host/p").websocket("stream") == "wss://host/p/stream"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("127.0.0.1:8000", "begins with http"),
        ("ftp://host", "begins with http"),
        ("http://", "names a host"),
        ("http://host:port", "is not the address"),
        ("http://host:99999", "is not the address"),
        ("http://user:secret@host", "no user and no password"),
        ("http://host/?tenant=1", "no `\\?`"),
    ],
)
def test_what_is_no_address_is_refused(given: str, reason: str) -> None:
    with pytest.raises(RequestError, match=reason) as caught:
        Address.parse(given)
    assert "secret" not in str(caught.value)
