"""The version of the installed package."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def package_version() -> str:
    """Return the version, such as "0.1.0"; of a source tree that is not installed, "0+unknown"."""
    try:
        return version("payment-simulator")
    except PackageNotFoundError:
        return "0+unknown"
