"""A script moves from here to there by changing one line: both classes have the same methods."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest

from payment_simulator import Simulation
from payment_simulator.client import Client, RemoteSimulation, __all__

if TYPE_CHECKING:
    from collections.abc import Callable

NOT_THERE: Final = {
    "load": "`Client.load` makes the simulation, for it must know where",
    "from_bytes": "`Client.from_bytes` does",
    "memory_bytes": "that is the service's memory, and its operator's business",
}
"""What a simulation on a service does not have, and why."""

MORE: Final = {"state": ["tick"]}
"""Which arguments it has besides."""


def public(kind: type) -> dict[str, Any]:
    return {name: value for name, value in vars(kind).items() if not name.startswith("_")}


@pytest.mark.parametrize("name", sorted(public(Simulation).keys() - NOT_THERE))
def test_each_name_of_the_facade_is_there_with_its_signature(name: str) -> None:
    here, there = vars(Simulation)[name], public(RemoteSimulation).get(name)
    assert there is not None
    assert type(there) is type(here)
    if not isinstance(here, property):
        wanted = list(inspect.signature(here).parameters.values())
        given = list(inspect.signature(there).parameters.values())
        assert given[: len(wanted)] == wanted
        assert [parameter.name for parameter in given[len(wanted) :]] == MORE.get(name, [])


def returned(function: Callable[..., object]) -> str:
    annotation = inspect.signature(function).return_annotation
    assert isinstance(annotation, str)
    return annotation


@pytest.mark.parametrize("name", sorted(public(Simulation).keys() - NOT_THERE))
def test_each_name_of_the_facade_gives_the_same(name: str) -> None:
    here, there = vars(Simulation)[name], vars(RemoteSimulation)[name]
    if isinstance(here, property):
        here, there = here.fget, there.fget
    like = {"TransactionIds": "SubmittedIds", "Self": "RemoteSimulation"}
    assert returned(there) == like.get(returned(here), returned(here))


def test_what_is_not_there_is_in_the_facade_or_gone_from_this_list() -> None:
    assert public(Simulation).keys() >= NOT_THERE.keys()
    assert hasattr(Client, "load")
    assert hasattr(Client, "from_bytes")


def test_a_client_makes_simulations_as_the_facade_does() -> None:
    wanted = list(inspect.signature(Simulation.__init__).parameters.values())
    assert list(inspect.signature(Client.simulation).parameters.values()) == wanted


def test_each_public_name_is_found() -> None:
    for name in __all__:
        assert getattr(sys.modules["payment_simulator.client"], name).__name__ == name
    assert set(__all__) <= set(dir(sys.modules["payment_simulator.client"]))
    with pytest.raises(AttributeError, match="no attribute 'Server'"):
        _ = sys.modules["payment_simulator.client"].Server


@pytest.mark.parametrize(
    ("line", "unneeded"),
    [
        ("import payment_simulator", "httpx2"),
        ("from payment_simulator.client import Client; Client('http://127.0.0.1:1').close()", "pyarrow"),
        ("from payment_simulator.client import Client", "payment_simulator._core"),
        ("from payment_simulator.client import RemoteSimulation", "fastapi"),
        ("from payment_simulator.client import RemoteSimulation", "sqlalchemy"),
    ],
)
def test_what_is_not_needed_is_not_loaded(line: str, unneeded: str) -> None:
    check = f"{line}; import sys; sys.exit({unneeded!r} in sys.modules)"
    done = subprocess.run([sys.executable, "-c", check], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
