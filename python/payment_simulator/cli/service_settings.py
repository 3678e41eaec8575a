"""The settings of the service: from the environment, and options before them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from payment_simulator.api.settings import Settings, variable_of
from payment_simulator.cli.exit_codes import UsageError
from payment_simulator.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping


def settings_of(given: Mapping[str, object]) -> Settings:
    """Return the settings.

    Args:
        given: The options by the names of settings; None for one that was not given.

    Raises:
        UsageError: A value cannot be; the message names the option or the variable that has it.
    """
    texts = {variable_of(name): str(value) for name, value in given.items() if value is not None}
    try:
        return Settings.from_environment({**os.environ, **texts})
    except ConfigError as error:
        message = str(error).replace("Value error, ", "")  # Pydantic's own words
        for name in given:
            if variable_of(name) in texts:
                message = message.replace(f"{variable_of(name)}:", f"--{name.replace('_', '-')}:")
        raise UsageError(message) from error
