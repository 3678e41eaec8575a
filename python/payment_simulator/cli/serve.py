"""`payment-sim serve`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payment_simulator.api.server import serve
from payment_simulator.cli.exit_codes import ExitCode, UsageError
from payment_simulator.cli.service_settings import settings_of
from payment_simulator.errors import NotAllowedError

if TYPE_CHECKING:
    from collections.abc import Mapping


def serve_simulations(given: Mapping[str, object], workers: int) -> int:
    """Serves until it is told to stop.

    Args:
        given: The options by the names of settings.
        workers: How many processes serve.
    """
    settings = settings_of(given)
    try:
        serve(settings, workers=workers)
    except NotAllowedError as error:  # an address or a number of workers that would not be safe
        raise UsageError(str(error)) from error
    return ExitCode.DONE
