"""Settings and the environment variables that set them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from payment_simulator.api.settings import Settings, variable_of
from payment_simulator.errors import ConfigError
from payment_simulator.sessions import Limits

TOKEN = "a-token-that-is-long-enough"


def test_defaults_are_safe() -> None:
    settings = Settings.from_environment({})
    assert settings == Settings()
    assert (settings.host, settings.cors_origins, settings.token) == ("127.0.0.1", (), None)
    assert settings.limits() == Limits()


def test_every_setting_is_described() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_every_setting_can_be_set_and_handed_on() -> None:
    given = {
        "PAYMENT_SIM_DATA": "/srv/data",
        "PAYMENT_SIM_DATABASE_URL": "postgresql://sim:secret@db/sim",
        "PAYMENT_SIM_TOKEN": TOKEN,
        "PAYMENT_SIM_HOST": "0.0.0.0",
        "PAYMENT_SIM_PORT": "9000",
        "PAYMENT_SIM_CORS_ORIGINS": "https://a.example/, https://b.example",
        "PAYMENT_SIM_MAX_SIMULATIONS": "1",
        "PAYMENT_SIM_MAX_AGENTS": "2",
        "PAYMENT_SIM_MAX_TICKS": "3",
        "PAYMENT_SIM_MAX_MEMORY_BYTES": "4",
        "PAYMENT_SIM_MAX_JSON_BYTES": "5",
        "PAYMENT_SIM_MAX_BODY_BYTES": "6",
        "PAYMENT_SIM_MAX_BATCH_ROWS": "7",
        "PAYMENT_SIM_SHUTDOWN_SECONDS": "8",
        "PAYMENT_SIM_LOG_REQUESTS": "false",
    }
    assert given.keys() == {variable_of(name) for name in Settings.model_fields}
    settings = Settings.from_environment(given)
    assert settings.data == Path("/srv/data")
    assert settings.cors_origins == ("https://a.example", "https://b.example")
    assert settings.limits() == Limits(max_simulations=1, max_agents=2, max_ticks=3, max_memory_bytes=4)
    assert Settings.from_environment(settings.to_environment()) == settings


def test_secrets_are_not_shown() -> None:
    settings = Settings.model_validate({"token": TOKEN, "database_url": "postgresql://sim:secret@db/sim"})
    assert TOKEN not in repr(settings)
    assert "secret" not in repr(settings)


def test_what_cannot_be_names_its_variable() -> None:
    with pytest.raises(ConfigError, match=r"PAYMENT_SIM_PORT: .*\nPAYMENT_SIM_MAX_AGENTS: "):
        Settings.from_environment({"PAYMENT_SIM_PORT": "http", "PAYMENT_SIM_MAX_AGENTS": "0"})


@pytest.mark.parametrize("token", ["", "short", "ümlaute-are-not-taken-here", "line\nbreaks-are-not-taken"])
def test_a_token_that_is_too_easy(token: str) -> None:
    with pytest.raises(ValidationError, match="at least 16 characters"):
        Settings.model_validate({"token": token})


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings().port = 1  # type: ignore[misc]  # that it is refused is what is tested
