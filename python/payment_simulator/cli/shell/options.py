"""What `payment-sim shell` is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class ShellOptions:
    """What the user asked for; see the help of the command."""

    config: Path | None
    load: Path | None
    url: str | None
    token: str | None
    simulation: str | None
