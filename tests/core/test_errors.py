"""The native module raises the classes of the catalogue, which keep their codes."""

import inspect

from payment_simulator import errors
from payment_simulator._core import Orchestrator


def test_every_error_has_its_own_code() -> None:
    classes = [
        found
        for _, found in inspect.getmembers(errors, inspect.isclass)
        if issubclass(found, errors.PaymentSimulatorError)
    ]
    codes = [found.code for found in classes]
    assert len(set(codes)) == len(codes)


def test_every_error_has_a_built_in_base() -> None:
    for _, found in inspect.getmembers(errors, inspect.isclass):
        if found is not errors.PaymentSimulatorError:
            assert any(
                base.__module__ == "builtins" and base is not Exception for base in found.__mro__[1:-2]
            )


def test_classes_are_final_and_documented() -> None:
    for name, member in inspect.getmembers(Orchestrator):
        if not name.startswith("_"):
            assert inspect.getdoc(member), name
