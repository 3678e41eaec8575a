"""The small files of a results directory: manifest, configuration and summary."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, cast

from payment_simulator.config import SimulationConfig, load_config
from payment_simulator.errors import ConfigError, ConfigNotFoundError, ResultsError
from payment_simulator.results.directory import CONFIG, FILES, MANIFEST, SUMMARY
from payment_simulator.results.manifest import FORMAT_VERSION, Manifest
from payment_simulator.results.summary import Summary, reproducible, with_timings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Documents:
    """What a results directory says in words and figures.

    Attributes:
        config: The configuration, as resolved.
        manifest: What was run.
        summary: What happened.
    """

    config: SimulationConfig
    manifest: Manifest
    summary: Summary

    def write(self, directory: Path) -> None:
        """Write the files; those of two runs of the same inputs differ in `performance` only."""
        (directory / CONFIG).write_text(self.config.to_yaml(), encoding="utf-8")
        _write_json(directory / SUMMARY, reproducible(self.summary))
        _write_json(directory / MANIFEST, self.manifest)

    @classmethod
    def read(cls, directory: Path) -> Self:
        """Read the files.

        Raises:
            ResultsError: One is missing or damaged, or the directory has another format.
        """
        manifest = read_manifest(directory)
        _check_files(directory)
        try:
            config = load_config(directory / CONFIG)
        except (ConfigError, ConfigNotFoundError) as error:
            message = f"{directory} has a damaged {CONFIG}: {error}"
            raise ResultsError(message) from error
        summary = with_timings(_read_json(directory / SUMMARY), manifest["performance"])
        return cls(config, manifest, summary)


def read_manifest(directory: Path) -> Manifest:
    """Return what a results directory says of itself.

    Raises:
        ResultsError: The directory is missing, is none of ours, or has another format.
    """
    if not directory.is_dir():
        message = f"there is no results directory {directory}"
        raise ResultsError(message)
    if not (directory / MANIFEST).is_file():
        message = f"{directory} is not a results directory: it has no {MANIFEST}"
        raise ResultsError(message)
    manifest = _read_json(directory / MANIFEST)
    found = manifest.get("format_version")
    if found != FORMAT_VERSION:
        message = f"{directory} has format version {found!r}; this program reads {FORMAT_VERSION}"
        raise ResultsError(message)
    if missing := sorted(Manifest.__required_keys__ - manifest.keys()):
        message = f"{directory / MANIFEST} lacks {', '.join(missing)}"
        raise ResultsError(message)
    return cast("Manifest", manifest)


def _check_files(directory: Path) -> None:
    if missing := [name for name in FILES if not (directory / name).is_file()]:
        message = (
            f"{directory} is incomplete: {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
        )
        raise ResultsError(message)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        message = f"{path} cannot be read: {error}"
        raise ResultsError(message) from error
    if not isinstance(content, dict):
        message = f"{path} holds no JSON object"
        raise ResultsError(message)
    return content


def _write_json(path: Path, content: Mapping[str, object]) -> None:
    """Write a line for each section, and for each agent in a list of them."""
    sections = (f"  {_json(name)}: {_lines(value)}" for name, value in content.items())
    path.write_text("{\n" + ",\n".join(sections) + "\n}\n", encoding="utf-8")


def _lines(value: object) -> str:
    if isinstance(value, list) and value:
        return "[\n    " + ",\n    ".join(map(_json, value)) + "\n  ]"
    return _json(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
