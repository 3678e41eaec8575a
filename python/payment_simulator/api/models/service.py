"""The service itself, its keys, and results."""

from typing import Any, Literal

from pydantic import Field

from payment_simulator.api.models.base import Answer
from payment_simulator.config import Section
from payment_simulator.sessions import Role


class WelcomeAnswer(Answer):
    """What this is, and where to go on."""

    name: str = Field(description="The program's name.", examples=["Payment Simulator"])
    version: str = Field(description="Its version.", examples=["0.1.0"])
    docs: str = Field(description="Where the description of the service is.", examples=["/docs"])
    health: str = Field(description="Where its health is.", examples=["/health"])


class HealthAnswer(Answer):
    """How the service is."""

    status: Literal["healthy"] = Field(description="That it answers.")
    active_simulations: int = Field(description="How many simulations there are.", examples=[3])
    store: Literal["ok", "unavailable"] = Field(description="Whether the database can be used.")


class KeyAnswer(Answer):
    """A key, without its secret."""

    key_id: str = Field(description="Its id.", examples=["4f1c9d2ab37e"])
    name: str = Field(description="Who or what has it.", examples=["dashboard"])
    role: Role = Field(description="What it is good for.")
    created_at: float = Field(description="When it was made, in seconds since 1970.")
    revoked_at: float | None = Field(
        description="When it was revoked, in seconds since 1970; null if it works."
    )


class KeysAnswer(Answer):
    """All keys."""

    keys: list[KeyAnswer] = Field(description="The keys, the oldest first.")


class NewKeyAnswer(Answer):
    """A key that was just made."""

    key: str = Field(description="The key. It is shown this once, and stored nowhere.")
    entry: KeyAnswer = Field(description="Its entry.")


class ResultsAnswer(Answer):
    """What came out so far; the tables are under `/results/{table}`."""

    summary: dict[str, Any] = Field(description="What happened, in figures.")
    manifest: dict[str, Any] = Field(description="What was run, by which program and under which rules.")


class KeyOrder(Section):
    """A key to make."""

    name: str = Field(
        min_length=1, max_length=100, description="Who or what will have it.", examples=["dashboard"]
    )
    role: Role = Field(
        description="`read` may look, `run` may also change simulations, `admin` may also manage keys.",
        examples=["read"],
        strict=False,
    )
