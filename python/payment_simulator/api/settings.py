"""What an operator can set, each with its default and the environment variable that sets it."""

# No `from __future__ import annotations`: Pydantic reads the annotations.

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from payment_simulator.errors import ConfigError
from payment_simulator.sessions import Limits
from payment_simulator.store.database import sqlite_url

PREFIX: Final = "PAYMENT_SIM_"
_DEFAULTS: Final = Limits()
_TOKEN_CHARACTERS_MIN: Final = 16

Count = Annotated[int, Field(ge=1)]


class Settings(BaseModel):
    """How the service runs. The environment variable of a setting is its name with PAYMENT_SIM_ before it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path = Field(
        default=Path("payment-sim-data"),
        description="The folder of the embedded database; it is made if it is not there.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="A database to use instead, such as postgresql://user:password@host/name.",
    )
    token: SecretStr | None = Field(
        default=None,
        description="A bearer token with the role admin. With it, or with any key in the store, every "
        "request needs one.",
    )
    host: str = Field(default="127.0.0.1", min_length=1, description="The address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    cors_origins: tuple[str, ...] = Field(
        default=(),
        description="Web origins whose pages may use the service, such as https://sim.example.org, "
        "separated by commas.",
    )
    max_simulations: Count = Field(
        default=_DEFAULTS.max_simulations, description="How many simulations the service keeps."
    )
    max_agents: Count = Field(
        default=_DEFAULTS.max_agents, description="How many agents a simulation may have."
    )
    max_ticks: Count = Field(
        default=_DEFAULTS.max_ticks, description="How many ticks the run of a simulation may have."
    )
    max_memory_bytes: Count = Field(
        default=_DEFAULTS.max_memory_bytes,
        description="How much memory simulations may take; beyond it, those that were not used for the "
        "longest time go to disk.",
    )
    max_json_bytes: Count = Field(default=16 << 20, description="The largest body in JSON.")
    max_body_bytes: Count = Field(
        default=256 << 20,
        description="The largest other body: a saved simulation, an Arrow or Parquet batch.",
    )
    max_batch_rows: Count = Field(default=5_000_000, description="The most transactions in one batch.")
    shutdown_seconds: Count = Field(
        default=30, description="How long requests that are under way may take to end when the service stops."
    )
    log_requests: bool = Field(default=True, description="Whether to log a line for each request.")

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _separated(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(origin.strip().rstrip("/") for origin in value.split(",") if origin.strip())

    @field_validator("token")
    @classmethod
    def _long_enough(cls, token: SecretStr | None) -> SecretStr | None:
        text = None if token is None else token.get_secret_value()
        if text is None or (len(text) >= _TOKEN_CHARACTERS_MIN and text.isascii() and text.isprintable()):
            return token
        message = f"must have at least {_TOKEN_CHARACTERS_MIN} characters, printable ASCII only"
        raise ValueError(message)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Return the settings that environment variables give; an empty variable counts as none.

        Raises:
            ConfigError: A variable has a value that cannot be.
        """
        given = os.environ if environment is None else environment
        values = {name: given.get(variable_of(name)) for name in cls.model_fields}
        try:
            return cls.model_validate({name: value for name, value in values.items() if value})
        except ValidationError as error:
            raise ConfigError(_report(error)) from None

    def to_environment(self) -> dict[str, str]:
        """Return the variables that give these settings to another process."""
        values = {name: _text(value) for name, value in self}
        return {variable_of(name): value for name, value in values.items() if value}

    def open_url(self) -> str:
        """Return the database's URL; the data folder of the embedded one is made.

        Raises:
            StoreUnavailableError: The folder cannot be made.
        """
        return sqlite_url(self.data) if self.database_url is None else self.database_url.get_secret_value()

    def limits(self) -> Limits:
        """Return what simulations may take."""
        return Limits(
            max_simulations=self.max_simulations,
            max_agents=self.max_agents,
            max_ticks=self.max_ticks,
            max_memory_bytes=self.max_memory_bytes,
        )


def variable_of(name: str) -> str:
    """Return the environment variable of a setting."""
    return PREFIX + name.upper()


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _report(error: ValidationError) -> str:
    lines = (f"{variable_of(str(problem['loc'][0]))}: {problem['msg']}" for problem in error.errors())
    return "\n".join(lines)
